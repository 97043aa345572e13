"""Pieces of an order go on under a number of their own, or the whole of it from another warehouse: only because a
person said so, never by itself.

A part is an order like any other: picked, packed, shipped, held, amended, cancelled and taken back by itself. What
binds it to the others is the root number: the customer's one link and the channel's number.
"""

from typing import Any

import msgspec

from api.db.tx import Tx
from api.journal import service as journal
from api.kernel.actor import Actor
from api.kernel.errors import Refused, wrong_field
from api.orders import machine, model, numbers, picks, planning, shelves, snapshots, store
from api.orders.dividing import Share, divided
from api.orders.model import Order, unreserved
from api.orders.reserving import reserve, reserve_in, with_lock_state
from api.orders.saving import retry, save
from api.stock import service as stock

replace = msgspec.structs.replace


def split(tx: Tx, order: Order, given: model.Split, actor: Actor, now: int) -> Order:
    """Each part in the warehouse that is named, whole, or nothing at all is split."""
    after = machine.step(order, "split", now).order
    shares = _shares(order, given)
    freed = _freed(tx, order, "split", actor, now)
    after = replace(after, lines=unreserved(after.lines))
    left, *parts = divided(after, shares[1:], _numbers(tx, order, len(shares) - 1), now)
    left = _placed(tx, left, given.parts[0].warehouse, actor, now)
    made = []
    for part, said in zip(parts, given.parts[1:], strict=True):
        part = _placed(tx, machine.step(part, "carry_on", now).order, said.warehouse, actor, now)
        made.append(_made(tx, part, actor, now))
    body = {"parts": [[one.order_no, one.warehouse, one.state] for one in made], "warehouse": left.warehouse}
    left = save(tx, order, left, actor, now, "order.split", body, whole=True)
    retry(tx, freed, now, but={left.order_no, *(one.order_no for one in made)})
    return left


def move(tx: Tx, order: Order, given: model.MoveTo, actor: Actor, now: int) -> Order:
    """All of it from another warehouse; refuses where that cannot ship it whole."""
    after = machine.step(order, "move", now).order
    if order.state == "to_pick" and given.warehouse == order.warehouse:
        raise Refused("nothing_changed")
    freed = _freed(tx, order, "moved", actor, now)
    after = _placed(tx, replace(after, lines=unreserved(after.lines)), given.warehouse, actor, now)
    body = {"was": order.warehouse, "warehouse": after.warehouse}
    after = save(tx, order, after, actor, now, "order.moved", body, whole=True)
    retry(tx, freed, now, but={order.order_no})
    return after


def backorder(tx: Tx, order: Order, _: model.Command, actor: Actor, now: int) -> Order:
    """What is there goes now, from the warehouse that has most of it; what is missing becomes a part that waits.
    Of a packed or shipped order: what was picked short."""
    after = machine.step(order, "backorder", now).order
    if order.state == "paid":
        return _part_shipment(tx, order, actor, now)
    missing = {line.line_no: gone for line in order.lines if (gone := line.qty - _went(order, line)) > 0}
    if not missing:
        raise Refused("nothing_short")
    left, part = divided(after, [missing], _numbers(tx, order, 1), now)
    part = reserve(tx, machine.step(part, "carry_on", now).order, actor, now)
    made = _made(tx, part, actor, now)
    lines = tuple(replace(n, short=min(n.short, max(0, n.qty - n.picked))) for n in left.lines)
    body = {"parts": [[made.order_no, made.warehouse, made.state]], "lines": sorted(missing.items())}
    return save(tx, order, replace(left, lines=lines), actor, now, "order.backordered", body, whole=True)


def _went(order: Order, line: model.Line) -> int:
    return line.picked if order.state == "packed" else line.consumed


def _part_shipment(tx: Tx, order: Order, actor: Actor, now: int) -> Order:
    found = planning.most(shelves.of(tx, order, now), order.lines)
    if found is None:
        raise Refused("nothing_there")
    place, share = found
    waits = {n.line_no: n.qty - share.get(n.line_no, 0) for n in order.lines}
    if not any(waits.values()):
        raise Refused("nothing_short")
    parts = [
        model.PartIn([model.PieceIn(line_no, qty) for line_no, qty in one.items() if qty], warehouse)
        for one, warehouse in ((share, place), (waits, ""))
    ]
    return split(tx, order, model.Split(parts), actor, now)


def _shares(order: Order, given: model.Split) -> list[Share]:
    """Pieces by line of each part; refuses a line that is not the order's, and parts that are not just the order."""
    left = {line.line_no: line.qty for line in order.lines if line.qty}
    shares: list[Share] = []
    for i, part in enumerate(given.parts):
        share: dict[int, int] = {}
        for j, piece in enumerate(part.lines):
            if piece.qty > left.get(piece.line_no, 0):
                path = f"$.parts[{i}].lines[{j}]"
                raise wrong_field(path, "订单这一行没有这么多件。", "The line has not so many pieces.")
            left[piece.line_no] -= piece.qty
            share[piece.line_no] = share.get(piece.line_no, 0) + piece.qty
        shares.append(share)
    if any(left.values()):
        raise wrong_field("$.parts", "每一行都要正好分完。", "The parts together must be the whole order.")
    return shares


def _numbers(tx: Tx, order: Order, count: int) -> list[str]:
    """Free numbers among the parts of a root."""
    last = max(numbers.part(row["order_no"]) for row in store.family_rows(tx, order))
    return [f"{order.root_no}-P{last + n}" for n in range(1, count + 1)]


def _placed(tx: Tx, order: Order, warehouse: str, actor: Actor, now: int) -> Order:
    if not warehouse:
        return reserve(tx, order, actor, now)
    stock.warehouse(tx, warehouse)
    order = replace(order, warehouse=warehouse, rest=replace(order.rest, pinned=True))
    found = reserve_in(tx, order, warehouse, actor, now)
    if isinstance(found, Order):
        return found
    raise Refused(
        "short_stock", sku=found.sku, asked=found.asked, available=found.available, warehouse=warehouse
    )


def _freed(tx: Tx, order: Order, how: str, actor: Actor, now: int) -> set[str]:
    freed = stock.release(tx, order.order_no, how, actor, now)
    return {line.sku for line in order.lines if freed.get(line.line_no)}


def _made(tx: Tx, part: Order, actor: Actor, now: int) -> Order:
    part = snapshots.take(tx, with_lock_state(tx, picks.awaited(tx, part, now)), actor, now)
    store.insert(tx, part)
    body: dict[str, Any] = {
        "part_of": part.rest.part_of, "snapshot": part.snapshot, "to": part.state, "warehouse": part.warehouse,
    }  # fmt: skip
    journal.record(tx, f"order:{part.order_no}", "order.placed", body, actor, now, is_first=True)
    return part
