"""What an op met on arrival: a word for the device that sent it, and nothing that anybody counts by.

Counts and conflicts are the fold's alone; a verdict is read off two projections, before and after a batch, and stored
with the op so that a repeated push gets its first answer.
"""

from collections.abc import Iterable, Sequence

import msgspec

from sync.facts import Projection
from sync.ops import Op

# The one named first is the one a picker has to hear first.
URGENCY = ("cancelled", "amended", "held", "already_shipped", "wrong_warehouse", "wrong_bin", "over_picked")


class Verdict(msgspec.Struct, frozen=True):
    """`verdict` ∈ applied, conflict, refused; `code` is a key of REASONS (only for refused); `conflict` an id, `kind` its kind."""

    id: str
    verdict: str
    code: str
    kind: str
    conflict: str


def verdicts(before: Projection, after: Projection, arriving: Sequence[Op]) -> tuple[Verdict, ...]:
    """One verdict per arriving op, in order; `after` is the fold of the record with all of them in it."""
    lost = set(after.unknown_lines)
    met: dict[str, list[tuple[str, str]]] = {}
    for conflict in after.conflicts:
        if conflict.settled is not None:
            continue
        ids = set(conflict.ops)
        if conflict.surplus:
            ids &= _newly_over(before, after, conflict.id, arriving)
        for op_id in ids:
            met.setdefault(op_id, []).append((conflict.kind, conflict.id))
    return tuple(_verdict(op, lost, met.get(op.id, ())) for op in arriving)


def verdict(before: Projection, after: Projection, op: Op) -> Verdict:
    return verdicts(before, after, (op,))[0]


def _verdict(op: Op, lost: set[str], met: Iterable[tuple[str, str]]) -> Verdict:
    if op.id in lost:
        return Verdict(op.id, "refused", "unknown_line", "", "")
    worst = min(met, key=lambda pair: URGENCY.index(pair[0]), default=None)
    if worst is None:
        return Verdict(op.id, "applied", "", "", "")
    return Verdict(op.id, "conflict", "", worst[0], worst[1])


def _newly_over(before: Projection, after: Projection, conflict: str, arriving: Sequence[Op]) -> set[str]:
    """The latest arriving picks that account for the growth of a surplus, line by line."""
    growth = _open_pieces(after, conflict)
    for line_no, qty in _open_pieces(before, conflict).items():
        growth[line_no] = growth.get(line_no, 0) - qty
    counted = {op_id for found in after.conflicts if found.id == conflict for op_id in found.ops}
    over: set[str] = set()
    for op in reversed(arriving):
        if op.id in counted and op.id not in over and growth.get(op.line_no, 0) > 0:
            over.add(op.id)
            growth[op.line_no] -= op.qty
    return over


def _open_pieces(projection: Projection, conflict: str) -> dict[int, int]:
    return {
        part.line_no: part.qty
        for found in projection.conflicts
        if found.id == conflict and found.settled is None
        for part in found.surplus
    }
