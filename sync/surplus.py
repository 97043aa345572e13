"""Pieces beyond a limit, and what people decided about them.

A line's picks stand in one pile; what lies above `qty` is over-picked, what lies above the parcel's share is already
shipped, and both may mean the same pieces. A settlement decides the pieces that were surplus among the ops it saw and are
not decided yet; it never speaks for picks that came later, nor for a piece that is gone.
"""

from collections.abc import Mapping, Sequence

import msgspec

from sync.facts import Settlement


class Surplus(msgspec.Struct, frozen=True):
    """One line: `picked` after removals, open pieces by kind, pieces removed by settlement, settlements that decided any.

    `extra` and `late` are those of `LineCount`.
    """

    picked: int
    extra: int
    late: int
    open: Mapping[str, int]
    removed: tuple[tuple[Settlement, int], ...]
    acted: tuple[tuple[str, int], ...]


def weigh(
    quantities: Mapping[str, int], limits: Mapping[str, int], spoken: Sequence[tuple[str, Settlement]]
) -> Surplus:
    """`quantities`: pieces by op; `limits`: by kind, `over_picked` always; `spoken`: settlements in the server's order."""
    total = sum(quantities.values())
    seen: dict[str, set[str]] = {kind: set() for kind in limits}
    kept = dict.fromkeys(limits, 0)
    gone = 0
    removed: list[tuple[Settlement, int]] = []
    acted: list[tuple[str, int]] = []
    for kind, s in spoken:
        seen[kind].update(op_id for op_id in s.ops if op_id in quantities)
        covered = sum(quantities[op_id] for op_id in seen[kind])
        pieces = covered - limits[kind] - gone - kept[kind]
        if pieces <= 0:
            continue
        acted.append((s.id, pieces))
        if s.choice == "keep":
            kept[kind] += pieces
            continue
        gone += pieces
        removed.append((s, pieces))
        # The pile shrank: what was kept of it cannot be more than what is left, or later picks would hide behind it.
        left = sum(quantities[op_id] for op_id in set().union(*seen.values())) - gone
        kept = {name: min(kept[name], max(0, left - limits[name])) for name in kept}
    picked = total - gone
    extra = kept["over_picked"]
    late = 0
    if "already_shipped" in limits:
        consumed = limits["already_shipped"]
        allowed = min(consumed + kept["already_shipped"], limits["over_picked"] + extra)
        late = max(0, allowed - consumed)
    opened = {kind: max(0, picked - limits[kind] - kept[kind]) for kind in limits}
    return Surplus(picked, extra, late, opened, tuple(removed), tuple(acted))
