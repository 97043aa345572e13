"""What an op met on arrival: a word for the device that sent it, and nothing that anybody counts by.

Counts and conflicts are the fold's alone; a verdict is read off the projection that holds the op, and stored with it so
that a repeated push gets its first answer.
"""

from collections.abc import Iterable, Sequence

import msgspec

from sync.facts import Conflict, Projection
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


def verdicts(after: Projection, arriving: Sequence[Op]) -> tuple[Verdict, ...]:
    """One verdict per arriving op, in order; `after` is the fold of the record with all of them in it, none known before."""
    lost = set(after.unknown_lines)
    met: dict[str, list[tuple[str, str]]] = {}
    for conflict in after.conflicts:
        if conflict.settled is None:
            for op_id in _on_top(conflict, arriving) if conflict.surplus else conflict.ops:
                met.setdefault(op_id, []).append((conflict.kind, conflict.id))
    return tuple(_verdict(op, lost, met.get(op.id, ())) for op in arriving)


def verdict(after: Projection, op: Op) -> Verdict:
    return verdicts(after, (op,))[0]


def _verdict(op: Op, lost: set[str], met: Iterable[tuple[str, str]]) -> Verdict:
    if op.id in lost:
        return Verdict(op.id, "refused", "unknown_line", "", "")
    worst = min(met, key=lambda pair: URGENCY.index(pair[0]), default=None)
    if worst is None:
        return Verdict(op.id, "applied", "", "", "")
    return Verdict(op.id, "conflict", "", worst[0], worst[1])


def _on_top(conflict: Conflict, arriving: Sequence[Op]) -> set[str]:
    """Which arriving picks are the surplus, line by line: what came last lies on top of the pile."""
    pieces = {part.line_no: part.qty for part in conflict.surplus}
    counted = set(conflict.ops)
    over: set[str] = set()
    for op in reversed(arriving):
        if op.id in counted and op.id not in over and pieces[op.line_no] > 0:
            over.add(op.id)
            pieces[op.line_no] -= op.qty
    return over
