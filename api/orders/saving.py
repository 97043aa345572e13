"""Writing an order after a change, and what a change does to other orders: reservations lost, stock freed.

Everything happens in the unit of work of the command that caused it.
"""

from typing import Any

import msgspec

from api.db.tx import Tx
from api.journal import service as journal
from api.kernel.actor import SYSTEM, Actor
from api.kernel.errors import Why
from api.orders import frozen, machine, picks, queue, snapshots, store
from api.orders.model import Line, Order, Trouble, unreserved
from api.orders.reserving import reserve, with_lock_state, with_trouble, without_trouble
from api.orders.store import Q
from api.stock import service as stock

replace = msgspec.structs.replace


def save(
    tx: Tx,
    before: Order,
    order: Order,
    actor: Actor,
    now: int,
    kind: str,
    body: dict[str, Any],
    *,
    whole: bool = False,
) -> Order:
    """Row, lines and journal; at a change of state or hold also the picks' fold and a snapshot. `whole`: a snapshot in
    any case, its goods being others now."""
    order = replace(order, updated_at=now)
    lost: set[str] = set()
    is_new = order.state != before.state or order.held != before.held
    if is_new or whole:
        order = with_lock_state(tx, order)
    if is_new:
        order, lost = picks.refolded(tx, order, now)
    if is_new or whole:
        order = snapshots.take(tx, order, actor, now)
        body = {**body, "from": before.state, "snapshot": order.snapshot, "to": order.state}
    store.update(tx, before, order)
    journal.record(tx, f"order:{order.order_no}", kind, body, actor, now)
    fall_back(tx, lost, Why(f"{order.order_no} 多拿了", f"{order.order_no} took more"), now)
    return order


def fall_back(tx: Tx, lost: set[str], cause: Why, now: int) -> None:
    """Orders whose reservation was taken: back to `paid` + `short_stock`, red. They wait until stock comes; an unpaid one
    that a promise held for is red as it stands. A promise is lost. What else they held feeds the others that wait."""
    freed: set[str] = set()
    for order_no in sorted(lost):
        before = store.find(tx, order_no)
        if before is None:
            freed |= frozen.lose(tx, order_no, cause, now)
            continue
        is_unpaid = before.state == "awaiting_payment"  # and had taken over what a promise held
        if not is_unpaid and before.state not in machine.BY_COMMAND["fall_back"].origins:
            continue
        zh, en = f"占用被收回：{cause.zh}", f"The reservation was taken back: {cause.en}"
        freed |= {line.sku for line in before.lines if line.reserved}
        order = replace(before, lines=unreserved(before.lines))
        order = order if is_unpaid else machine.step(order, "fall_back", now).order
        order = with_trouble(order, Trouble("short_stock", zh, en, now))
        save(tx, before, order, SYSTEM, now, "order.fell_back", {"cause": cause.en})
    retry(tx, freed, now, but=lost)


def retry(tx: Tx, skus: set[str], now: int, *, but: set[str] | frozenset[str] = frozenset()) -> list[str]:
    """Stock came or became free: those who wait for it are tried again, in the order of `queue`. Returns who got theirs."""
    served = []
    free = {sku for sku in skus if stock.is_free(tx, sku)}
    for one in queue.waiting(tx, sorted(free)) if free else ():
        if one.order_no in but or not free:
            continue
        before = store.get(tx, one.order_no)
        wanted = {line.sku for line in before.lines if line.qty}
        if not before.has("short_stock") or free.isdisjoint(wanted):
            continue
        if _try_again(tx, before, now):
            served.append(one.order_no)
            free = {sku for sku in free if sku not in wanted or stock.is_free(tx, sku)}
    return served


def _try_again(tx: Tx, before: Order, now: int) -> bool:
    order = reserve(tx, before, SYSTEM, now)
    if order.state == before.state:
        return False
    save(tx, before, order, SYSTEM, now, "order.reserved", {"warehouse": order.warehouse})
    return True


def try_elsewhere(tx: Tx, order_no: str, now: int) -> None:
    """An order that has just lost its pieces, where another warehouse may have all of it; else its reason stays."""
    before = store.find(tx, order_no)
    if before is not None and before.state == "paid" and before.has("short_stock"):
        _try_again(tx, before, now)


def confirmed(tx: Tx, order_no: str, place: str, actor: Actor, now: int) -> None:
    """The warehouse's own system holds all that is reserved there: the order may be picked. Nothing for who is no order."""
    before = store.find(tx, order_no)
    if before is not None and before.rest.outside == "asked":
        order = with_lock_state(tx, before)
        save(tx, before, order, actor, now, "order.locked", {"warehouse": place})


def sku_known(tx: Tx, sku: str, now: int) -> None:
    """A SKU exists at last: orders that waited for nothing else go on."""
    for row in tx.all(Q.troubled_by, sku=sku):
        before = store.get(tx, row["order_no"])
        if not before.has("unknown_sku"):
            continue
        lines = tuple(_named(tx, line) for line in before.lines)
        order = replace(before, lines=lines)
        still = [line.sku for line in lines if stock.sku(tx, line.sku) is None]
        if not still:
            order = without_trouble(order, "unknown_sku")
            order = reserve(tx, order, SYSTEM, now) if order.state == "paid" else order
        if order != before:
            save(tx, before, order, SYSTEM, now, "order.sku_known", {"sku": sku})


def _named(tx: Tx, line: Line) -> Line:
    known = stock.sku(tx, line.sku)
    return line if known is None or line.name != line.sku else replace(line, name=known.name)
