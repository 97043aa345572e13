"""One order divided into several, piece by piece and fen by fen; pure.

What was said of goods in other units (12.5 tons) holds for the whole alone and goes where these are cut; pieces, prices and
fen stay. The first keeps the number, and with it what no share names: a line that went away wholly stays there with no piece,
for a pick that is still on its way to be seen. The others begin as an order does: nothing picked, nothing sent.
"""

from collections.abc import Mapping, Sequence

import msgspec

from api.orders.model import Check, Line, Order

replace = msgspec.structs.replace
Share = Mapping[int, int]  # pieces by line number


def divided(order: Order, shares: Sequence[Share], numbers: Sequence[str], now: int) -> list[Order]:
    """The order with what `shares` leave it, then one order a share under these numbers. Every share takes pieces that
    the order has; sums of pieces, amounts and money stay as they were."""
    left, parts = order, []
    for share, order_no in zip(shares, numbers, strict=True):
        left, part = _cut(left, share, order_no, now)
        parts.append(part)
    return [left, *parts]


def _cut(order: Order, share: Share, order_no: str, now: int) -> tuple[Order, Order]:
    kept = tuple(replace(line, qty=line.qty - share.get(line.line_no, 0)) for line in order.lines)
    lines = tuple(_begun(line, share[line.line_no]) for line in order.lines if share.get(line.line_no))
    amount = sum(line.amount_fen for line in lines)
    cut = {line.sku for line in lines}
    said = {line.line_no: line.sku for line in order.lines}
    paid = order.paid_fen * amount // order.amount_fen if order.amount_fen else 0
    rest = replace(
        order.rest, held=None, exceptions=(), checklist=tuple(Check(c.item) for c in order.rest.checklist),
        parcels=(), evidence="", bins=(), part_of=order.order_no, has_parts=False, sold=(),
    )  # fmt: skip
    part = replace(
        order, order_no=order_no, version=1, state="awaiting_payment", picker="", lines=lines, amount_fen=amount,
        paid_fen=paid, rest=rest, snapshot="", moved_at=now, created_at=now, updated_at=now,
    )  # fmt: skip
    left = replace(
        order, lines=kept, amount_fen=order.amount_fen - amount, paid_fen=order.paid_fen - paid,
        rest=replace(order.rest, has_parts=True, sold=tuple(s for s in order.rest.sold if said.get(s.line_no) not in cut)),
    )  # fmt: skip
    return left, part


def together(parts: Sequence[Order]) -> Order:
    """What was divided as one again: the first, with the goods and the money of all."""
    first, lines = parts[0], {line.line_no: line for line in parts[0].lines}
    for line in (line for part in parts[1:] for line in part.lines):
        had = lines.get(line.line_no)
        lines[line.line_no] = line if had is None else replace(had, qty=had.qty + line.qty)
    return replace(
        first, lines=tuple(lines[line_no] for line_no in sorted(lines)), amount_fen=sum(p.amount_fen for p in parts),
        paid_fen=sum(p.paid_fen for p in parts),
    )  # fmt: skip


def _begun(line: Line, qty: int) -> Line:
    return replace(
        line, qty=qty, warehouse="", reserved=0, picked=0, short=0, carried=0, kept=0, consumed=0, returned=0
    )
