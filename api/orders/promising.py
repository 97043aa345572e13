"""Promising goods and a date: the nearest warehouse that has everything freezes it, and says when it will be there.

A promise that cannot hold all of its lines in one warehouse is refused with how many there are. Given back, lapsed
or taken away by a count, what it held feeds the orders that wait. How an order takes it over: `frozen`.
"""

from typing import Annotated, NamedTuple

import msgspec
from msgspec import Meta

from api.db.lookups import Wanted
from api.db.tx import Tx
from api.journal import service as journal
from api.kernel import ids
from api.kernel import time as times
from api.kernel.actor import Actor
from api.kernel.errors import Refused, Why, wrong_field
from api.kernel.time import HOUR
from api.orders import dating, frozen, placing
from api.orders.frozen import Promise, Said
from api.orders.model import Address, AddressIn, CustomerIn, LineIn, Promised, Text
from api.orders.pricing import check_active, no_such_sku, priced
from api.orders.reserving import nearest_first
from api.orders.saving import retry
from api.orders.store import Q
from api.people import customers, rights
from api.people import model as people
from api.promise import dates
from api.stock import service as stock
from api.stock.model import Shortage, Want, Warehouse

PART = 50  # lapsed promises that are swept in one unit of work


class PromiseIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """To whom or where: one of both at least; a customer without an address has that of the newest order. `want_by`:
    YYYY-MM-DD or RFC 3339. Lines as an order's, prices not needed. `note`: read for days that the customer takes nothing on, and not kept."""

    lines: Annotated[list[LineIn], Meta(min_length=1, max_length=500)]
    customer: CustomerIn | None = None
    address: Text | AddressIn = ""
    want_by: Annotated[str, Meta(max_length=40)] | None = None
    note: Text = ""


OUTSIDE = Why("仓库的 WMS 还要确认锁货", "The warehouse's WMS has yet to confirm the lock")


class Terms(NamedTuple):
    """The company's own: its zone, and how long a promise holds."""

    tz: str
    hold_ms: int = 24 * HOUR


def create(tx: Tx, given: PromiseIn, actor: Actor, now: int, terms: Terms) -> Promise:
    """The promise, its pieces reserved. Refuses `short_stock`, `unknown_sku`, `unknown_customer`."""
    rights.allow(actor, "promise")
    want_by = None if given.want_by is None else _moment(given.want_by, terms.tz)
    wants = _wanted(tx, given.lines)
    where = _place(tx, given)
    tags, _ = placing.read_tags(given.note, [], (), where)
    ask = Asked(where, wants, tuple(tag.tag for tag in tags), want_by)
    house, found = _house(tx, ask, now, terms.tz)  # refused before anything is written
    customer = None if given.customer is None else placing.named(tx, given.customer, actor, now, "$.customer")
    expires_at = now + terms.hold_ms
    goods = ask.goods
    number = ids.promise_id()
    because = (*found.because, OUTSIDE) if house.is_outside else found.because
    told = Promised(
        number, found.ship_by, found.eta_from, found.eta_to, found.confidence, because, expires_at
    )
    tier = customer.tier if customer else ""
    short = frozen.reserve(tx, house.code, wants, number, tier, actor, now, expires_at)
    if short is not None:
        raise _short([short])
    made = Promise(
        number, now, expires_at, "open", actor.name, customer.id if customer else "",
        _kept(tx, customer, where), house.code, "",
        Said(tuple(goods), where.adcode, told, found.answer),
    )  # fmt: skip
    frozen.add(tx, made)
    body = {
        "customer": made.customer, "warehouse": made.warehouse, "expires_at": expires_at,
        "lines": [list(one) for one in goods],
        "ship_by": told.ship_by, "eta_from": told.eta_from, "eta_to": told.eta_to,
    }  # fmt: skip
    journal.record(tx, f"promise:{number}", "promise.made", body, actor, now, is_first=True)
    return made


def ahead(tx: Tx, given: PromiseIn) -> Wanted:
    """What creating it will look up, so far as it tells."""
    houses = nearest_first(tx, placing.read_place(given.address))
    for line in given.lines if houses else ():
        yield stock.FREE, (houses[0].code, line.sku)


def give_back(tx: Tx, number: str, actor: Actor, now: int) -> Promise:
    """The pieces are free. A second time changes nothing; refuses `promise_gone` once an order has them."""
    rights.allow(actor, "promise")
    promise = frozen.get(tx, number)
    if promise.actor != actor.name:
        rights.allow(actor, "others_promises")
    if promise.state == "returned":
        return promise
    promise.check_open(now)
    stock.release(tx, promise.id, "given_back", actor, now)
    frozen.end(tx, promise, "returned", actor, now)
    retry(tx, {sku for sku, _ in promise.said.lines}, now)
    return frozen.get(tx, number)


def sweep(tx: Tx, now: int) -> bool:
    """A part of what has lapsed ends; what waits for its pieces is tried again. True while there may be more."""
    due = tx.all(Q.promises_due, now=now, count=PART)
    freed: set[str] = set()
    for row in due:
        freed |= frozen.lapse(tx, frozen.of(row), now)
    retry(tx, freed, now)
    return len(due) == PART


def is_due(tx: Tx, now: int) -> bool:
    return tx.one(Q.promises_due, now=now, count=1) is not None


# What it takes ---------------------------------------------------------------------------------------------


def _moment(text: str, tz: str) -> int:
    """A day is meant to its end."""
    if len(text) > len("2026-01-22"):
        return times.read(text, "$.want_by")
    return times.read(
        f"{text}T23:59:59{times.local(times.read(f'{text}T12:00:00Z', '$.want_by'), tz):%z}", "$.want_by"
    )


def _wanted(tx: Tx, lines: list[LineIn]) -> list[Want]:
    """In pieces, whatever the unit. Refuses `unknown_sku`, `inactive_sku`, and what a line's unit may be refused for."""
    for i, line in enumerate(lines):
        sku = stock.sku(tx, line.sku)
        if sku is None:
            raise no_such_sku(i, line.sku)
        check_active(sku, i)
    return [Want(line.line_no, line.sku, line.qty) for line in priced(tx, lines, lenient=True).lines]


def _place(tx: Tx, given: PromiseIn) -> Address:
    where = placing.read_place(given.address)
    if where != Address():
        return where
    if given.customer is None:
        raise wrong_field("$.address", "要有客户，或者地址。", "A customer or an address is needed.")
    if not given.customer.id:
        return where
    rows = tx.all(Q.addresses_of, customer=given.customer.id, count=1)
    usual = customers.default_address(tx, given.customer.id) or (rows[0]["text"] if rows else "")
    return placing.read_place(usual) if usual else where


class Asked(NamedTuple):
    where: Address
    wants: list[Want]
    tags: tuple[str, ...]
    want_by: int | None

    @property
    def goods(self) -> list[tuple[str, int]]:
        return [(want.sku, want.qty) for want in self.wants]


def _house(tx: Tx, ask: Asked, now: int, tz: str) -> tuple[Warehouse, dates.Window]:
    """The nearest warehouse that can reserve all lines and keeps the wish (cut-offs differ); where none keeps it, the one that is
    there first. Refuses `short_stock`, saying what each one lacks."""
    shorts: list[Shortage] = []
    late: list[tuple[int, int, Warehouse, dates.Window]] = []
    for house in nearest_first(tx, ask.where):
        short = frozen.shortage(tx, house.code, ask.wants, now)
        if short is not None:
            shorts.append(short)
            continue
        asked = dating.ask(tx, house.code, ask.where, ask.goods, ask.tags, now, tz, want_by=ask.want_by)
        found = dates.window(asked)
        if found.answer is None or found.answer.is_kept:
            return house, found
        late.append((found.answer.earliest, len(late), house, found))
    if late:
        _, _, house, found = min(late, key=lambda one: one[:2])
        return house, found
    raise _short(shorts or [Shortage("", ask.wants[0].sku, ask.wants[0].qty, 0)])


def _short(shorts: list[Shortage]) -> Refused:
    first = shorts[0]
    return Refused(
        "short_stock", sku=first.sku, asked=first.asked, available=first.available,
        warehouses=[short._asdict() for short in shorts],
    )  # fmt: skip


def _kept(tx: Tx, customer: people.Customer | None, where: Address) -> int | None:
    """An address is kept for a customer, who may ask to be forgotten; nobody's address is not kept."""
    return None if customer is None else placing.usual(tx, customer, where.text, {})
