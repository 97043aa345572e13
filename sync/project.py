"""The fold: the only place with a policy. It reads the set of ops, the settlements and the order's present facts.

A void takes back a whole pick or short of the same order and line, whichever came first. A settlement answers for the
ops it names; per conflict and op the first answer in the server's order (`seq`, then id) stands. `undo` takes pieces out
of `picked` for good, also when the order no longer stands so; it never takes a surplus line below its limit. Hence always:
picked + put away = live picks. An arrival order, a batch, a clock or a carrier has no way in.
"""

from collections.abc import Iterable, Mapping

from sync.facts import (
    CHOICES,
    SURPLUS_KINDS,
    Conflict,
    Line,
    LineCount,
    LineQty,
    OrderFacts,
    Projection,
    PutAway,
    Settled,
    Settlement,
    conflict_id,
    split_conflict_id,
)
from sync.merge import gather
from sync.ops import COUNTED, Op
from sync.surplus import Surplus, weigh

SHIPPED = ("shipped", "delivered", "returned")

_Place = tuple[str, int | None]  # kind and line of a conflict


def project(facts: OrderFacts, ops: Iterable[Op], settlements: Iterable[Settlement]) -> Projection:
    """Ops and settlements of other orders are passed over. Never raises on readable ops."""
    lines = {line.line_no: line for line in facts.lines}
    merged = gather(op for op in ops if op.order_no == facts.order_no)
    known = {op.id: op for op in merged.ops if op.line_no in lines}
    taken_back, unmatched = _voids(known)
    live = {op.id: op for op in known.values() if op.kind in COUNTED and op.id not in taken_back}
    picks = {op.id: op for op in live.values() if op.kind == "pick"}
    answers = _answers(facts.order_no, settlements)
    decided = _decided(answers, picks)
    undone = _undone(decided)
    remaining = {op_id: op for op_id, op in picks.items() if op_id not in undone}
    piles: dict[int, dict[str, int]] = {number: {} for number in lines}
    for op in remaining.values():
        piles[op.line_no][op.id] = op.qty
    surplus = {number: _surplus(facts, lines[number], piles[number], answers) for number in sorted(lines)}
    shorts = dict.fromkeys(lines, 0)
    for op in live.values():
        shorts[op.line_no] += op.qty if op.kind == "short" else 0
    conflicts = [
        *_pick_conflicts(facts, lines, remaining, decided),
        *_surplus_conflicts(facts, picks, remaining, surplus, answers),
    ]
    return Projection(
        order_no=facts.order_no,
        started=bool(known),
        lines=tuple(LineCount(n, w.picked, shorts[n], w.extra, w.late) for n, w in surplus.items()),
        conflicts=tuple(sorted(conflicts, key=lambda c: (c.line_no or 0, c.kind))),
        put_away=tuple(_put_away(facts, lines, picks, undone, surplus)),
        unmatched=unmatched,
        unknown_lines=tuple(op.id for op in merged.ops if op.line_no not in lines),
        clashes=tuple(clash.id for clash in merged.clashes),
    )


def _voids(known: Mapping[str, Op]) -> tuple[set[str], tuple[str, ...]]:
    taken_back: set[str] = set()
    unmatched: list[str] = []
    for op in known.values():
        if op.kind != "void":
            continue
        target = known.get(op.target)
        if target is not None and target.kind in COUNTED and target.line_no == op.line_no:
            taken_back.add(target.id)
        else:
            unmatched.append(op.id)
    return taken_back, tuple(unmatched)


def _answers(order_no: str, settlements: Iterable[Settlement]) -> list[tuple[_Place, Settlement]]:
    """In the server's order; each settlement id once, with the place that it speaks of."""
    seen: set[str] = set()
    found: list[tuple[_Place, Settlement]] = []
    for s in sorted(settlements, key=lambda s: (s.seq, s.id, s.conflict, s.choice, s.by, s.at, s.ops)):
        place = split_conflict_id(s.conflict)
        if place is None or place[0] != order_no or s.choice not in CHOICES or s.id in seen:
            continue
        seen.add(s.id)
        found.append(((place[2], place[1]), s))
    return found


def _decided(
    answers: Iterable[tuple[_Place, Settlement]], picks: Mapping[str, Op]
) -> dict[_Place, dict[str, Settlement]]:
    """For the kinds that speak of whole picks: which settlement stands for each live pick."""
    decided: dict[_Place, dict[str, Settlement]] = {}
    for (kind, line_no), s in answers:
        if kind in SURPLUS_KINDS:
            continue
        for op_id in s.ops:
            if op_id in picks and line_no in (None, picks[op_id].line_no):
                decided.setdefault((kind, line_no), {}).setdefault(op_id, s)
    return decided


def _undone(decided: Mapping[_Place, Mapping[str, Settlement]]) -> dict[str, Settlement]:
    undone: dict[str, Settlement] = {}
    for standing in decided.values():
        for op_id, s in standing.items():
            if s.choice != "undo":
                continue
            first = undone.setdefault(op_id, s)
            if (s.seq, s.id) < (first.seq, first.id):
                undone[op_id] = s
    return undone


def _surplus(
    facts: OrderFacts, line: Line, pile: Mapping[str, int], answers: Iterable[tuple[_Place, Settlement]]
) -> Surplus:
    limits = {"over_picked": line.qty}
    if facts.state in SHIPPED:
        limits["already_shipped"] = facts.consumed.get(line.line_no, 0)
    spoken = [(kind, s) for (kind, at), s in answers if kind in limits and at in (None, line.line_no)]
    return weigh(pile, limits, spoken)


def _pick_conflicts(
    facts: OrderFacts,
    lines: Mapping[int, Line],
    remaining: Mapping[str, Op],
    decided: Mapping[_Place, Mapping[str, Settlement]],
) -> list[Conflict]:
    met: dict[_Place, list[str]] = {place: [] for place in decided}
    order_kinds = [facts.state] if facts.state in ("cancelled", "amended") else []
    if facts.held:
        order_kinds.append("held")
    for op in remaining.values():
        places: list[_Place] = [(kind, None) for kind in order_kinds]
        places += [(kind, op.line_no) for kind in _bin_kinds(facts, lines[op.line_no], op)]
        for place in places:
            if op.id not in decided.get(place, {}):
                met.setdefault(place, []).append(op.id)
    found: list[Conflict] = []
    for (kind, line_no), ids in met.items():
        standing = decided.get((kind, line_no), {})
        settled = None if ids else _settled(standing.values())
        ops = tuple(sorted(ids or standing))
        found.append(Conflict(conflict_id(facts.order_no, line_no, kind), kind, line_no, ops, (), settled))
    return found


def _bin_kinds(facts: OrderFacts, line: Line, op: Op) -> list[str]:
    if not op.bin:
        return []
    place = facts.bins.get(op.bin)
    if place is None:
        return ["wrong_bin"]
    kinds = [] if place.sku == line.sku else ["wrong_bin"]
    # A line without a warehouse cannot be picked in the wrong one.
    return kinds if line.warehouse in ("", place.warehouse) else [*kinds, "wrong_warehouse"]


def _surplus_conflicts(
    facts: OrderFacts,
    picks: Mapping[str, Op],
    remaining: Mapping[str, Op],
    surplus: Mapping[int, Surplus],
    answers: Iterable[tuple[_Place, Settlement]],
) -> list[Conflict]:
    spoken: dict[_Place, list[Settlement]] = {}
    for place, s in answers:
        if place[0] in SURPLUS_KINDS:
            spoken.setdefault(place, []).append(s)
    opened: dict[_Place, list[LineQty]] = {}
    for number, weighed in surplus.items():
        for kind, qty in weighed.open.items():
            if qty:
                opened.setdefault((kind, None if kind == "already_shipped" else number), []).append(
                    LineQty(number, qty)
                )
    found: list[Conflict] = []
    for place in {**spoken, **opened}:
        kind, line_no = place
        named = conflict_id(facts.order_no, line_no, kind)
        if place in opened:
            numbers = {part.line_no for part in opened[place]}
            ops = tuple(sorted(op.id for op in remaining.values() if op.line_no in numbers))
            found.append(Conflict(named, kind, line_no, ops, tuple(opened[place]), None))
            continue
        answered = {
            op_id
            for s in spoken[place]
            for op_id in s.ops
            if op_id in picks and line_no in (None, picks[op_id].line_no)
        }
        if answered:
            acted = {s_id for weighed in surplus.values() for s_id, _ in weighed.acted}
            naming = [s for s in spoken[place] if answered.intersection(s.ops)]
            settled = _settled([s for s in naming if s.id in acted] or naming[:1])
            found.append(Conflict(named, kind, line_no, tuple(sorted(answered)), (), settled))
    return found


def _settled(settlements: Iterable[Settlement]) -> Settled:
    last = max(settlements, key=lambda s: (s.seq, s.id))
    return Settled(last.choice, last.by, last.at)


def _put_away(
    facts: OrderFacts,
    lines: Mapping[int, Line],
    picks: Mapping[str, Op],
    undone: Mapping[str, Settlement],
    surplus: Mapping[int, Surplus],
) -> list[PutAway]:
    tasks: list[PutAway] = []
    for op_id, s in undone.items():
        op = picks[op_id]
        line = lines[op.line_no]
        place = facts.bins.get(op.bin) if op.bin else None
        warehouse = place.warehouse if place else line.warehouse
        tasks.append(PutAway(s.conflict, s.id, op.line_no, op_id, line.sku, warehouse, op.bin, op.qty))
    for number, weighed in surplus.items():
        line = lines[number]
        for s, qty in weighed.removed:
            tasks.append(PutAway(s.conflict, s.id, number, "", line.sku, line.warehouse, "", qty))
    return sorted(tasks, key=lambda task: (task.settlement, task.line_no, task.op))
