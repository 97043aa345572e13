"""A verdict says what one op met on arrival; it never decides anything."""

from collections.abc import Sequence

import pytest
from sync_kit import AT, ORDER, Case, facts_of, ops_of, settlements_of

from sync.answers import answer
from sync.facts import Projection, Settlement
from sync.project import project
from sync.reasons import Malformed
from sync.verdicts import URGENCY, Verdict, verdict, verdicts

LINE = {"line_no": 1, "sku": "X", "qty": 4, "warehouse": "SH"}
FREE = {
    "lines": [LINE],
    "bins": {"OK-1": {"warehouse": "SH", "sku": "X"}, "BJ-1": {"warehouse": "BJ", "sku": "X"}},
}
HELD = {**FREE, "held": True}
A = "AAAAAAAA"

Row = list[object]


def arrive(facts: Case, known: list[Row], row: Row, settled: Sequence[list[object]] = ()) -> Verdict:
    (op,) = ops_of([row])
    return verdict(fold(facts, [*known, row], settled), op)


def fold(facts: Case, rows: list[Row], settled: Sequence[list[object]] = ()) -> Projection:
    return project(facts_of(facts), ops_of(rows), settlements_of(settled))


@pytest.mark.parametrize(
    ("facts", "row", "kind"),
    [
        (FREE, [f"{A}:1", "pick", 1, 4, "OK-1"], ""),
        (HELD, [f"{A}:1", "pick", 1, 1], "held"),
        (HELD, [f"{A}:1", "short", 1, 1], ""),
        (HELD, [f"{A}:1", "wrong", 1, 0], ""),
        ({**FREE, "state": "cancelled"}, [f"{A}:1", "pick", 1, 1], "cancelled"),
        ({**FREE, "state": "amended"}, [f"{A}:1", "pick", 1, 1], "amended"),
        ({**HELD, "state": "cancelled"}, [f"{A}:1", "pick", 1, 1], "cancelled"),
        (FREE, [f"{A}:1", "pick", 1, 5], "over_picked"),
        (FREE, [f"{A}:1", "pick", 1, 1, "NO-1"], "wrong_bin"),
        (FREE, [f"{A}:1", "pick", 1, 1, "BJ-1"], "wrong_warehouse"),
        ({**FREE, "state": "shipped", "consumed": {"1": 0}}, [f"{A}:1", "pick", 1, 1], "already_shipped"),
    ],
)
def test_what_an_op_meets(facts: Case, row: Row, kind: str) -> None:
    found = arrive(facts, [], row)
    place = "1" if kind in ("over_picked", "wrong_bin", "wrong_warehouse") else "-"
    assert (found.verdict, found.kind) == (("conflict", kind) if kind else ("applied", ""))
    assert found.conflict == (f"{ORDER}/{place}/{kind}" if kind else "")
    assert (found.id, found.code) == (f"{A}:1", "")


def test_an_unknown_line_is_refused_with_a_code() -> None:
    found = arrive(FREE, [], [f"{A}:1", "pick", 8, 1])
    assert (found.verdict, found.code, found.conflict) == ("refused", "unknown_line", "")


def test_a_pick_within_the_rest_is_applied_though_the_line_is_over_already() -> None:
    over: list[Row] = [[f"{A}:1", "pick", 1, 6]]
    assert arrive(FREE, over, [f"{A}:2", "short", 1, 1]).verdict == "applied"
    assert arrive(FREE, over, [f"{A}:2", "pick", 1, 1]).kind == "over_picked"
    kept = [[1, "1/over_picked", "keep", [f"{A}:1"]]]
    assert arrive(FREE, over, [f"{A}:2", "pick", 1, 1], kept).kind == "over_picked"
    assert (
        arrive(FREE, [*over, [f"{A}:2", "void", 1, 0, "", f"{A}:1"]], [f"{A}:3", "pick", 1, 4]).verdict
        == "applied"
    )


def test_a_void_is_applied_and_so_is_the_pick_that_comes_after_it() -> None:
    void: Row = [f"{A}:2", "void", 1, 0, "", f"{A}:1"]
    assert arrive(HELD, [[f"{A}:1", "pick", 1, 1]], void).verdict == "applied"
    assert arrive(HELD, [void], [f"{A}:1", "pick", 1, 1]).verdict == "applied"


def test_in_a_batch_only_the_picks_that_go_beyond_are_told_so() -> None:
    rows: list[Row] = [
        [f"{A}:1", "pick", 1, 3],
        [f"{A}:2", "pick", 1, 1],
        [f"{A}:3", "pick", 1, 1],
        [f"{A}:4", "pick", 8, 1],
    ]
    found = verdicts(fold(FREE, rows), ops_of(rows))
    assert [v.verdict for v in found] == ["applied", "applied", "conflict", "refused"]
    assert [v.id for v in found] == [str(row[0]) for row in rows]
    assert verdicts(fold(FREE, []), ()) == ()


def test_the_most_urgent_kind_is_told_first() -> None:
    assert arrive(HELD, [], [f"{A}:1", "pick", 1, 9, "NO-1"]).kind == "held"
    assert sorted(URGENCY) == sorted(set(URGENCY))
    assert len(URGENCY) == 7


def test_a_repetition_inside_a_batch_is_one_op() -> None:
    known: list[Row] = [[f"{A}:1", "pick", 1, 3]]
    batch: list[Row] = [[f"{A}:2", "pick", 1, 2], [f"{A}:3", "pick", 1, 3], [f"{A}:3", "pick", 1, 3]]
    found = verdicts(fold(FREE, [*known, *batch]), ops_of(batch))
    assert [v.kind for v in found] == ["over_picked"] * 3


def test_a_void_in_the_batch_makes_room() -> None:
    known: list[Row] = [[f"{A}:1", "pick", 1, 6]]
    batch: list[Row] = [
        [f"{A}:2", "void", 1, 0, "", f"{A}:1"],
        [f"{A}:3", "pick", 1, 2],
        [f"{A}:4", "pick", 1, 3],
    ]
    found = verdicts(fold(FREE, [*known, *batch]), ops_of(batch))
    assert [v.kind for v in found] == ["", "", "over_picked"]


def test_an_op_that_was_answered_for_ahead_is_applied() -> None:
    """Its device settled it while the op was still on its way."""
    ahead: list[list[object]] = [[1, "-/held", "keep", [f"{A}:1"]]]
    assert arrive(HELD, [], [f"{A}:1", "pick", 1, 1], ahead).verdict == "applied"
    assert arrive(HELD, [], [f"{A}:2", "pick", 1, 1], ahead).kind == "held"


def settle(
    projection: Projection, conflict: str, choice: str, seen: list[str] | None = None
) -> Settlement | str:
    found = answer(
        projection, f"{ORDER}/{conflict}", choice, settlement="S1", seq=1, by="liu", at=AT, seen=seen
    )
    return found.code if isinstance(found, Malformed) else found


def test_an_answer_covers_the_open_conflict_and_closes_it() -> None:
    rows: list[Row] = [[f"{A}:2", "pick", 1, 1], [f"{A}:1", "pick", 1, 1]]
    found = settle(fold(HELD, rows), "-/held", "undo")
    assert isinstance(found, Settlement)
    assert (found.conflict, found.choice, found.by) == (f"{ORDER}/-/held", "undo", "liu")
    assert found.ops == (f"{A}:1", f"{A}:2")
    after = project(facts_of(HELD), ops_of(rows), [found])
    assert after.lines[0].picked == 0
    assert [c.settled is not None for c in after.conflicts] == [True]
    assert settle(after, "-/held", "keep") == "already_settled"
    assert settle(after, "-/held", "keep", [f"{A}:1"]) == "already_settled"
    ahead = settle(after, "-/held", "keep", [f"{A}:1", f"{A}:9"])
    assert isinstance(ahead, Settlement)
    assert ahead.ops == (f"{A}:1", f"{A}:9")


def test_an_answer_from_a_device_covers_what_it_saw_also_after_the_lift() -> None:
    rows: list[Row] = [[f"{A}:1", "pick", 1, 1], [f"{A}:2", "pick", 1, 1]]
    for facts in (HELD, FREE):
        found = settle(fold(facts, rows), "-/held", "undo", [f"{A}:1"])
        assert isinstance(found, Settlement)
        assert found.ops == (f"{A}:1",)
        assert project(facts_of(facts), ops_of(rows), [found]).lines[0].picked == 1


@pytest.mark.parametrize(
    ("conflict", "choice", "code"),
    [
        ("-/held", "burn", "bad_choice"),
        ("-/cancelled", "keep", "no_conflict"),
        ("1/over_picked", "keep", "no_conflict"),
        ("1/held", "keep", "no_conflict"),
    ],
)
def test_what_cannot_be_answered(conflict: str, choice: str, code: str) -> None:
    assert settle(fold(HELD, [[f"{A}:1", "pick", 1, 1]]), conflict, choice) == code


def test_an_answer_to_another_order_is_none_here() -> None:
    found = answer(
        fold(HELD, []), "X/-/held", "keep", settlement="S", seq=1, by="liu", at=AT, seen=[f"{A}:1"]
    )
    assert isinstance(found, Malformed)
    assert found.code == "no_conflict"
