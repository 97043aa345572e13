"""The laws of merge, versions, clock and fold, over generated sets of ops; each has a twin test that an empty result fails."""

import random
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sync_kit import AT, ORDER, Case, facts_of, ops_of, settlements_of

from sync.facts import OrderFacts, Projection, Settlement, conflict_id, split_conflict_id
from sync.hlc import Clock, hear, stamp, tick
from sync.merge import Merged, everything, gather, merge
from sync.ops import Op, is_hlc
from sync.project import project
from sync.versions import Reach, have, holes, missing, take

FAST = settings(derandomize=True, max_examples=60, deadline=None, database=None)

DEVICES = ("AAAAAAAA", "BBBBBBBB", "0C0C0C0C")
BINS = {
    "OK-1": {"warehouse": "SH", "sku": "X"},
    "OK-2": {"warehouse": "SH", "sku": "Y"},
    "BJ-1": {"warehouse": "BJ", "sku": "X"},
}
LINES = [
    {"line_no": 1, "sku": "X", "qty": 4, "warehouse": "SH"},
    {"line_no": 2, "sku": "Y", "qty": 2, "warehouse": "SH"},
]
PLACES = (
    "-/held",
    "-/cancelled",
    "-/amended",
    "-/already_shipped",
    "1/over_picked",
    "2/over_picked",
    "1/wrong_bin",
    "2/wrong_bin",
    "1/wrong_warehouse",
)

ids = st.builds("{}:{}".format, st.sampled_from(DEVICES), st.integers(1, 6))


@st.composite
def rows(draw: Any) -> Case:
    kind = draw(st.sampled_from(("pick", "pick", "pick", "short", "void", "void", "wrong")))
    return {
        "id": draw(ids),
        "kind": kind,
        "line_no": draw(st.sampled_from((1, 1, 1, 2, 9))),
        "qty": draw(st.integers(1, 4)) if kind in ("pick", "short") else 0,
        "bin": draw(st.sampled_from(("", "", "OK-1", "OK-2", "BJ-1", "NO-1"))),
        "target": draw(ids) if kind == "void" else "",
        "order_no": draw(st.sampled_from((ORDER, ORDER, ORDER, ORDER, "HD261122-00002"))),
    }


any_ops = st.lists(rows(), max_size=14).map(ops_of)
# A record as a server has it: one body per id.
record_ops = st.lists(rows(), max_size=14, unique_by=lambda row: row["id"]).map(ops_of)


@st.composite
def answers(draw: Any) -> list[Settlement]:
    count = draw(st.integers(0, 5))
    places = [draw(st.sampled_from(PLACES)) for _ in range(count)]
    return settlements_of(
        [
            [n + 1, place, draw(st.sampled_from(("keep", "undo"))), draw(st.lists(ids, max_size=6))]
            for n, place in enumerate(places)
        ]
    )


@st.composite
def orders(draw: Any) -> OrderFacts:
    state = draw(
        st.sampled_from(("to_pick", "picking", "packed", "cancelled", "amended", "shipped", "delivered"))
    )
    shipped = state in ("shipped", "delivered")
    consumed = {"1": draw(st.integers(0, 6)), "2": draw(st.integers(0, 3))} if shipped else {}
    held = draw(st.booleans())
    return facts_of({"lines": LINES, "state": state, "held": held, "bins": BINS, "consumed": consumed})


def rich() -> tuple[OrderFacts, list[Op], list[Settlement]]:
    """One history in which every part of a projection is filled."""
    facts = facts_of({"lines": LINES, "state": "shipped", "held": True, "bins": BINS, "consumed": {"1": 3}})
    ops = ops_of(
        [
            ["AAAAAAAA:1", "pick", 1, 3, "OK-1"],
            ["BBBBBBBB:1", "pick", 1, 3, "OK-2"],
            ["BBBBBBBB:2", "pick", 2, 2],
            ["BBBBBBBB:3", "void", 2, 0, "", "BBBBBBBB:2"],
            ["BBBBBBBB:4", "void", 2, 0, "", "0C0C0C0C:9"],
            ["AAAAAAAA:2", "short", 2, 1],
            ["AAAAAAAA:3", "pick", 9, 1],
            ["AAAAAAAA:4", "pick", 2, 1],
        ]
    )
    settled = settlements_of(
        [[1, "1/over_picked", "undo", ["AAAAAAAA:1", "BBBBBBBB:1"]], [2, "-/held", "undo", ["AAAAAAAA:4"]]]
    )
    return facts, ops, settled


@FAST
@given(any_ops, any_ops, any_ops)
def test_merge_is_commutative_associative_and_idempotent(a: list[Op], b: list[Op], c: list[Op]) -> None:
    x, y, z = gather(a), gather(b), gather(c)
    assert merge(x, y) == merge(y, x)
    assert merge(merge(x, y), z) == merge(x, merge(y, z))
    assert merge(x, x) == x == merge(x, Merged())
    assert merge(merge(x, y), y) == merge(x, y)


@FAST
@given(any_ops, any_ops)
def test_merge_loses_nothing_and_adds_nothing(a: list[Op], b: list[Op]) -> None:
    merged = merge(gather(a), gather(b))
    assert set(everything(merged)) == {*a, *b}
    assert [op.id for op in merged.ops] == sorted({op.id for op in (*a, *b)})
    for clash in merged.clashes:
        assert len(set(clash.bodies)) >= 2
        assert {op.id for op in clash.bodies} == {clash.id}


def test_merge_of_something_is_something() -> None:
    a, b = (
        ops_of([["AAAAAAAA:1", "pick", 1, 1]]),
        ops_of([["AAAAAAAA:1", "pick", 1, 2], ["BBBBBBBB:1", "pick", 1, 1]]),
    )
    merged = merge(gather(a), gather(b))
    assert [op.id for op in merged.ops] == ["AAAAAAAA:1", "BBBBBBBB:1"]
    assert [clash.id for clash in merged.clashes] == ["AAAAAAAA:1"]


@FAST
@given(orders(), any_ops, answers(), st.randoms(use_true_random=False))
def test_the_fold_knows_no_order_batch_or_repetition(
    facts: OrderFacts, ops: list[Op], settled: list[Settlement], rng: random.Random
) -> None:
    expected = project(facts, ops, settled)
    shuffled = [*ops, *rng.choices(ops, k=len(ops))] if ops else []
    rng.shuffle(shuffled)
    again = [*settled, *settled]
    rng.shuffle(again)
    assert project(facts, shuffled, again) == expected
    cut = rng.randint(0, len(ops))
    batches = merge(gather(ops[cut:]), gather(ops[:cut]))
    assert project(facts, everything(batches), settled) == expected


@FAST
@given(orders(), record_ops, answers())
def test_pieces_are_conserved(facts: OrderFacts, ops: list[Op], settled: list[Settlement]) -> None:
    """What is picked and what is put away are together the live picks, line by line; nothing is negative or twice away."""
    found = project(facts, ops, settled)
    live = live_picks(ops)
    for count, line in zip(found.lines, facts.lines, strict=True):
        picks = {op.id: op.qty for op in live if op.line_no == count.line_no}
        away = [task for task in found.put_away if task.line_no == count.line_no]
        assert count.picked + sum(task.qty for task in away) == sum(picks.values())
        assert min(count.picked, count.short, count.extra, count.late) >= 0
        whole = [task.op for task in away if task.op]
        assert len(whole) == len(set(whole))
        assert set(whole) <= set(picks)
        if any(not task.op for task in away):
            # A surplus taken out leaves what is needed, or what the parcel took, in place.
            assert count.picked >= min(line.qty, facts.consumed.get(line.line_no, line.qty))
        assert count.extra <= max(0, count.picked - line.qty)


@FAST
@given(orders(), record_ops)
def test_without_answers_picked_is_the_sum_of_live_picks(facts: OrderFacts, ops: list[Op]) -> None:
    found = project(facts, ops, ())
    live = live_picks(ops)
    for count, line in zip(found.lines, facts.lines, strict=True):
        total = sum(op.qty for op in live if op.line_no == count.line_no)
        assert count.picked == total
        over = conflict_id(ORDER, count.line_no, "over_picked")
        assert (over in {c.id for c in found.conflicts}) == (total > line.qty)
    assert found.put_away == ()
    held = {c.id: c.ops for c in found.conflicts}.get(conflict_id(ORDER, None, "held"), ())
    assert held == (tuple(sorted(op.id for op in live if op.line_no in (1, 2))) if facts.held else ())


@FAST
@given(orders(), record_ops, answers(), st.sampled_from(("keep", "undo")))
def test_answering_every_open_conflict_leaves_none_open(
    facts: OrderFacts, ops: list[Op], settled: list[Settlement], choice: str
) -> None:
    seq = 100
    for _ in range(3):
        opened = [c for c in project(facts, ops, settled).conflicts if c.settled is None]
        for conflict in opened:
            seq += 1
            settled = [*settled, answer(seq, conflict.id, choice, conflict.ops)]
    final = project(facts, ops, settled)
    assert all(c.settled is not None for c in final.conflicts)


@FAST
@given(orders(), record_ops, answers(), rows())
def test_a_later_pick_is_never_settled_by_earlier_answers(
    facts: OrderFacts, ops: list[Op], settled: list[Settlement], row: Case
) -> None:
    fresh = ops_of(
        [{**row, "id": "NEWNEWNE:1", "kind": "pick", "qty": 2, "line_no": 1, "target": "", "order_no": ORDER}]
    )
    before, after = project(facts, ops, settled), project(facts, [*ops, *fresh], settled)
    assert after.lines[0].picked == before.lines[0].picked + 2
    assert after.put_away == before.put_away
    if facts.held:
        assert any(c.kind == "held" and c.settled is None and "NEWNEWNE:1" in c.ops for c in after.conflicts)


@FAST
@given(orders(), record_ops, answers())
def test_late_pieces_once_consumed_are_not_late_again(
    facts: OrderFacts, ops: list[Op], settled: list[Settlement]
) -> None:
    found = project(facts, ops, settled)
    consumed = {line.line_no: facts.consumed.get(line.line_no, 0) + line.late for line in found.lines}
    told = OrderFacts(facts.order_no, facts.state, facts.held, facts.lines, consumed, facts.bins)
    after = project(told, ops, settled)
    if any(line.late for line in found.lines):
        assert [line.picked for line in after.lines] == [line.picked for line in found.lines]
        assert all(line.late == 0 for line in after.lines)
        for line, was in zip(after.lines, found.lines, strict=True):
            assert was.late == 0 or consumed[line.line_no] <= line.picked


def test_the_fold_of_something_fills_every_part() -> None:
    """The laws above would hold for a fold that returns nothing; this one would not."""
    facts, ops, settled = rich()
    found = project(facts, ops, settled)
    assert [(line.picked, line.short) for line in found.lines] == [(4, 0), (0, 1)]
    assert {c.kind for c in found.conflicts} == {"held", "over_picked", "already_shipped", "wrong_bin"}
    assert [(task.op, task.qty) for task in found.put_away] == [("", 2), ("AAAAAAAA:4", 1)]
    assert found.unmatched == ("BBBBBBBB:4",)
    assert found.unknown_lines == ("AAAAAAAA:3",)
    for name in Projection.__struct_fields__:
        assert getattr(found, name) or name == "clashes", name


@FAST
@given(st.lists(ids, max_size=40), st.randoms(use_true_random=False))
def test_versions_say_exactly_what_came(came: list[str], rng: random.Random) -> None:
    whole, gaps = have(came), holes(came)
    for device in DEVICES:
        numbers = {int(i.split(":")[1]) for i in came if i.startswith(device)}
        if not numbers:
            assert device not in whole
            assert device not in gaps
            continue
        top = whole[device]
        assert set(range(1, top + 1)) <= numbers
        assert top + 1 not in numbers
        assert gaps.get(device, []) == [n for n in range(1, max(numbers)) if n not in numbers]
    shuffled = rng.sample(came, len(came))
    assert have([*shuffled, *came]) == whole


@FAST
@given(st.lists(st.lists(st.integers(1, 30), max_size=8), max_size=8))
def test_reach_grows_by_batches_as_if_all_came_at_once(batches: list[list[int]]) -> None:
    step = Reach()
    for batch in batches:
        step = take(step, batch)
    numbers = {n for batch in batches for n in batch}
    assert step == take(Reach(), sorted(numbers, reverse=True))
    covered = set(range(1, step.have + 1)) | {n for lo, hi in step.islands for n in range(lo, hi + 1)}
    assert covered == numbers
    assert set(missing(step)) == set(range(1, max(numbers, default=0))) - numbers
    tops = [step.have, *(hi for _, hi in step.islands)]
    assert all(top + 1 < lo <= hi for top, (lo, hi) in zip(tops[:-1], step.islands, strict=True))


def test_reach_refuses_a_number_below_one() -> None:
    with pytest.raises(ValueError, match="start at 1"):
        take(Reach(), [0])
    with pytest.raises(ValueError, match="not an op id"):
        have(["AAAAAAAA:0"])


@FAST
@given(
    st.lists(st.tuples(st.integers(-10, 40), st.integers(0, 60), st.integers(0, 3)), min_size=1, max_size=20)
)
def test_stamps_only_grow_and_sort_as_text(steps: list[tuple[int, int, int]]) -> None:
    clock, stamps = Clock("AAAAAAAA"), [stamp(Clock("AAAAAAAA"))]
    for now, remote_ms, count in steps:
        if count:
            remote = stamp(Clock("BBBBBBBB", remote_ms, count))
            clock = hear(clock, remote, now)
            assert stamp(clock)[:20] > remote[:20]
        else:
            clock = tick(clock, now)
        stamps.append(stamp(clock))
    assert stamps == sorted(set(stamps))
    assert all(is_hlc(text) for text in stamps)
    assert len(stamps) == len(steps) + 1


def test_conflict_ids_read_back() -> None:
    for order_no in (ORDER, "A/B", "单/1/-"):
        for line_no, kind in ((None, "held"), (7, "over_picked"), (999_999, "wrong_bin")):
            assert split_conflict_id(conflict_id(order_no, line_no, kind)) == (order_no, line_no, kind)


def live_picks(ops: Sequence[Op]) -> list[Op]:
    """By the contract's words, written a second time."""
    mine = [op for op in ops if op.order_no == ORDER and op.line_no in (1, 2)]
    gone = {(op.target, op.line_no) for op in mine if op.kind == "void"}
    return [op for op in mine if op.kind == "pick" and (op.id, op.line_no) not in gone]


def answer(seq: int, conflict: str, choice: str, ops: Sequence[str]) -> Settlement:
    return Settlement(
        id=f"S{seq}", seq=seq, conflict=conflict, choice=choice, by="liu", at=AT, ops=tuple(ops)
    )
