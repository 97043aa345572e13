"""A channel knows one order: what its message about money means for each of the parts that it became; pure.

Money that comes fills the parts in their order; what is beyond all of them goes to the first, which then shows the difference.
Money that goes back is taken from what is cancelled first, then from what has not left, the latest part first: what waits is
what a shop refunds.
"""

from collections.abc import Sequence

from api.orders.commands import owes
from api.orders.model import Order


def paid_shares(parts: Sequence[Order], fen: int | None) -> list[int | None]:
    """Fen for each part; None as in the message: all that is due."""
    if len(parts) == 1:
        return [fen]
    due = [part.amount_fen - part.paid_fen if owes(part) else 0 for part in parts]
    left = sum(due) if fen is None else fen
    shares = []
    for one in due:
        shares.append(min(one, left))
        left -= shares[-1]
    return [shares[0] + left, *shares[1:]]


def refund_shares(parts: Sequence[Order], fen: int | None) -> list[int | None]:
    """Fen back for each part; None: it is left alone."""
    if len(parts) == 1:
        return [parts[0].paid_fen if fen is None else fen]
    paid = sum(part.paid_fen for part in parts)
    left = paid if fen is None else fen
    shares: list[int | None] = [None] * len(parts)
    for n in sorted(range(len(parts)), key=lambda n: (_gone(parts[n]), -n)):
        take = min(left, parts[n].paid_fen)
        left -= take
        if take or not paid:  # nothing was paid (月结): the message takes the whole order back
            shares[n] = take
    return shares


def _gone(part: Order) -> int:
    return 0 if part.state == "cancelled" else 2 if part.state in ("shipped", "delivered", "returned") else 1
