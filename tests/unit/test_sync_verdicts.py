"""A verdict says what one op met on arrival; it never decides anything."""

from collections.abc import Sequence

import pytest
from sync_kit import ORDER, Case, facts_of, ops_of, settlements_of

from sync.facts import Projection
from sync.project import project
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
    return verdict(fold(facts, known, settled), fold(facts, [*known, row], settled), op)


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
    found = verdicts(fold(FREE, []), fold(FREE, rows), ops_of(rows))
    assert [v.verdict for v in found] == ["applied", "applied", "conflict", "refused"]
    assert [v.id for v in found] == [str(row[0]) for row in rows]
    assert verdicts(fold(FREE, []), fold(FREE, []), ()) == ()


def test_the_most_urgent_kind_is_told_first() -> None:
    assert arrive(HELD, [], [f"{A}:1", "pick", 1, 9, "NO-1"]).kind == "held"
    assert sorted(URGENCY) == sorted(set(URGENCY))
    assert len(URGENCY) == 7
