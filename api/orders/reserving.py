"""Finding a warehouse for an order and reserving all of its lines there, or saying what is short.

Nearest to the address first (an unknown address: the company's default first), a pinned warehouse alone. A
paid order is never refused for stock: it stays `paid` with `short_stock`, red, and is tried again.
"""

from typing import Literal, NamedTuple

import msgspec

from api.db.tx import Tx
from api.kernel.actor import Actor
from api.orders import frozen, machine
from api.orders.model import Address, Order, Trouble
from api.places import nearest, place_of
from api.stock import outside
from api.stock import service as stock
from api.stock.model import Shortage, Want, Warehouse

replace = msgspec.structs.replace
HOLDS = ("to_pick", "picking", "packed")


class _Spot(NamedTuple):
    code: str
    lng_e6: int
    lat_e6: int


def ranked(tx: Tx, order: Order) -> list[Warehouse]:
    """The warehouses to try, in order."""
    if order.rest.pinned:
        return [house for house in stock.warehouses(tx) if house.code == order.warehouse]
    return nearest_first(tx, order.address)


def nearest_first(tx: Tx, where: Address) -> list[Warehouse]:
    """All warehouses by their way to the address; an unknown one: the company's default, then by the way from it."""
    houses = stock.warehouses(tx)
    known: dict[tuple[str, int | None, int | None], list[Warehouse]] = tx.slow.setdefault("ranked", {})
    key = (where.adcode, where.lng_e6, where.lat_e6)
    found = known.get(key)
    if found is None:
        spot = (where.lng_e6, where.lat_e6) if where.lng_e6 is not None and where.lat_e6 is not None else None
        place = spot or (place_of(where.adcode) if where.adcode else None)
        if place is None and houses and houses[0].lng_e6 is not None and houses[0].lat_e6 is not None:
            place = (houses[0].lng_e6, houses[0].lat_e6)  # the default, then what is nearest to it
        spots = [
            _Spot(house.code, house.lng_e6, house.lat_e6)
            for house in houses
            if house.lng_e6 is not None and house.lat_e6 is not None
        ]
        order_of = {spot.code: n for n, spot in enumerate(nearest(place, spots))}
        found = sorted(houses, key=lambda house: order_of.get(house.code, len(houses)))
        if place is None:
            found = list(houses)
        if len(known) > 5_000:
            known.clear()
        known[key] = found
    return found


def reserve(tx: Tx, order: Order, actor: Actor, now: int) -> Order:
    """Reserve every line in one warehouse and go on to `to_pick`, or keep it paid with `short_stock`. What it took over
    from a promise stays its own."""
    if order.has("unknown_sku"):
        return order
    if order.is_reserved:
        stock.keep(tx, order.order_no)
        return _reserved(order, order.warehouse, now)
    houses = ranked(tx, order)
    first: Shortage | None = None
    for house in houses:
        found = reserve_in(tx, order, house.code, actor, now)
        if isinstance(found, Order):
            return found
        first = first or found
    there = order.warehouse or (houses[0].code if houses else "")
    lines = tuple(replace(line, warehouse=there, reserved=0) for line in order.lines)
    return with_trouble(replace(order, warehouse=there, lines=lines), _short(first, now))


def reserve_in(tx: Tx, order: Order, house: str, actor: Actor, now: int) -> Order | Shortage:
    """Every line in this warehouse and on to `to_pick`, or the first shortage and nothing."""
    wants = [Want(line.line_no, line.sku, line.qty) for line in order.lines if line.qty]
    shortage = frozen.reserve(tx, house, wants, order.order_no, order.customer.tier, actor, now)
    return _reserved(order, house, now) if shortage is None else shortage


def _reserved(order: Order, house: str, now: int) -> Order:
    lines = tuple(replace(line, warehouse=house, reserved=line.qty) for line in order.lines)
    order = without_trouble(order, "short_stock")
    return machine.step(order, "reserve", now, warehouse=house, lines=lines).order


def _short(shortage: Shortage | None, now: int) -> Trouble:
    if shortage is None:
        return Trouble("short_stock", "没有能发货的仓库", "No warehouse can ship this", now)
    zh = f"缺货：{shortage.sku} 可用 {shortage.available} 件，要 {shortage.asked} 件"
    en = f"Short: {shortage.sku} has {shortage.available} available, {shortage.asked} asked"
    return Trouble("short_stock", zh, en, now)


def with_lock_state(tx: Tx, order: Order) -> Order:
    """Where a WMS keeps the warehouse: has it confirmed what is reserved there?"""
    stands: Literal["", "asked", "locked"] = ""
    if order.state in HOLDS and stock.is_outside(tx, order.warehouse):
        stands = "asked" if outside.is_unconfirmed(tx, order.order_no) else "locked"
    if stands == order.rest.outside:
        return order
    return replace(order, rest=replace(order.rest, outside=stands))


def is_waiting(tx: Tx, order: Order) -> bool:
    """Must it not be picked before its warehouse's WMS has confirmed?"""
    if order.rest.outside != "asked":
        return False
    return any(one.code == order.warehouse and one.waits_for_lock for one in stock.warehouses(tx))


def with_trouble(order: Order, trouble: Trouble) -> Order:
    """The order with this exception; its first `at` stays."""
    kept = []
    for known in order.rest.exceptions:
        if known.code == trouble.code:
            trouble = replace(trouble, at=known.at)
        else:
            kept.append(known)
    return replace(order, rest=replace(order.rest, exceptions=(*kept, trouble)))


def without_trouble(order: Order, code: str) -> Order:
    if not order.has(code):
        return order
    left = tuple(trouble for trouble in order.rest.exceptions if trouble.code != code)
    return replace(order, rest=replace(order.rest, exceptions=left))
