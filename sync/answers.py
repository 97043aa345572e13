"""From a person's "keep" or "undo" to a settlement, or to the reason why there is nothing to settle.

Who may settle what is not asked here (`PICKER_KINDS` names the picker's share). An answer covers what the person saw: a
device sends the ops that it showed, and then the answer holds also when the hold has been lifted on the way; without them
it covers the conflict as it stands open now.
"""

from collections.abc import Collection

from sync.facts import CHOICES, Projection, Settlement, split_conflict_id
from sync.reasons import Malformed, malformed


def answer(
    projection: Projection,
    conflict: str,
    choice: str,
    *,
    settlement: str,
    seq: int,
    by: str,
    at: str,
    seen: Collection[str] | None = None,
) -> Settlement | Malformed:
    """`settlement` is the new id, `seq` the server's number. A no is `bad_choice`, `no_conflict` or `already_settled`."""
    if choice not in CHOICES:
        return malformed("bad_choice", "choice")
    place = split_conflict_id(conflict)
    if place is None or place[0] != projection.order_no:
        return malformed("no_conflict", "id")
    standing = next((found for found in projection.conflicts if found.id == conflict), None)
    # A device may answer for a pick of its own that has not arrived yet: that one is not settled.
    if standing is not None and standing.settled is not None and set(seen or ()) <= set(standing.ops):
        return malformed("already_settled", "id")
    if standing is None and not seen:
        return malformed("no_conflict", "id")
    ops = standing.ops if standing is not None and seen is None else seen or ()
    return Settlement(settlement, seq, conflict, choice, by, at, tuple(sorted(set(ops))))
