"""From a draft to an order, in one unit of work: number, customer, place, tags, money, stock, snapshot, journal.

Everything a person may type wrong is refused here by name. From a channel (`lenient`) an unknown SKU is no
reason to lose an order: it is stored with that exception and nothing reserved.
"""

from functools import lru_cache
from typing import Any, NamedTuple

import msgspec

from api.db.counting import take
from api.db.lookups import Lookup, Wanted
from api.db.tx import Tx
from api.journal import service as journal
from api.kernel import time as times
from api.kernel.actor import Actor
from api.kernel.bounded import Bounded, held
from api.kernel.errors import Invalid, Refused, Why, WrongField
from api.kernel.time import DAY
from api.orders import frozen, machine, picks, snapshots, store
from api.orders.model import (
    Address,
    AddressIn,
    Check,
    Customer,
    CustomerIn,
    Draft,
    Order,
    Refs,
    Rest,
    Trouble,
)
from api.orders.pricing import Priced, priced
from api.orders.reserving import nearest_first, ranked, reserve, with_lock_state, with_trouble
from api.orders.saving import retry
from api.orders.store import Q
from api.people import customers, rights
from api.people import model as people
from api.places import convert, read_address
from api.stock import service as stock
from api.tags.model import Tag
from api.tags.reading import Keyword, checklist_of, is_urgent, tags_of

replace = msgspec.structs.replace
PREFIX = "HD"
EXTERNALS = Lookup(Q.external)


class From(NamedTuple):
    """How a draft came, beyond what it says itself.

    `paid_fen` None: paid in full (where `paid_at` is set). `extra`: unmapped source fields, JSON as received.
    """

    tz: str = "Asia/Shanghai"
    owner: str = ""
    lenient: bool = False
    paid_at: int | None = None
    paid_fen: int | None = None
    created_at: int | None = None
    extra: str = ""
    keywords: tuple[Keyword, ...] = ()
    priority: str = ""
    names: tuple[tuple[str, str], ...] = ()  # (name, uom) by line, for SKUs that are unknown


def place(tx: Tx, draft: Draft, actor: Actor, now: int, how: From) -> Order:
    """The order, stored. Refuses `duplicate`, `no_lines`, `unknown_sku`, `inactive_sku`, `no_price`, `unknown_customer`, …"""
    paid_at = how.paid_at
    if draft.paid_at is not None:
        rights.allow(actor, "pay")
        paid_at = times.read(draft.paid_at, "$.paid_at")
    # What may be refused comes before what is written: a refusal then costs its neighbours in the group nothing.
    _unclaimed(tx, draft)
    promise = None if draft.promise_id is None else frozen.usable(tx, draft.promise_id, draft.lines, now)
    had = () if promise is None else [sku for sku, _ in promise.said.lines]
    goods = priced(tx, draft.lines, lenient=how.lenient, names=how.names, had=had)
    if promise is not None:
        draft = _as_promised(tx, draft, promise)
    elif draft.warehouse is not None:
        stock.warehouse(tx, draft.warehouse)
    customer = named(tx, draft.customer, actor, now, "$.customer")
    if promise is not None:
        frozen.check_owner(promise, customer)
    order_no = number(tx, now, how.tz)
    _claim(tx, draft, order_no)
    order, known = _drafted(tx, draft, order_no, customer, goods, now, how, actor)
    if goods.unknown:
        order = with_trouble(order, unknown_sku(goods.unknown, now))
    if paid_at is not None:
        order = receive_money(order, how.paid_fen, paid_at, now)
    freed: set[str] = set()
    if promise is not None:
        order, freed = frozen.take_over(tx, promise, order, actor, now)
    if order.state == "paid":
        order = reserve(tx, order, actor, now)
    order = picks.awaited(tx, order, now)
    order = snapshots.take(tx, with_lock_state(tx, order), actor, now, known)
    store.insert(tx, order)
    body: dict[str, Any] = {
        "channel": order.channel,
        "external_no": order.external_no,
        "snapshot": order.snapshot,
        "to": order.state,
        "warehouse": order.warehouse,
    }
    if promise is not None:
        body["promise"] = promise.id
    journal.record(tx, f"order:{order_no}", "order.placed", body, actor, now, is_first=True)
    if freed:
        retry(tx, freed, now)
    return order


def _as_promised(tx: Tx, draft: Draft, promise: frozen.Promise) -> Draft:
    """It ships from where the promise holds the goods, and to where they were promised unless it says otherwise."""
    kept = None if draft.address or promise.address_ref is None else journal.kept(tx, promise.address_ref)
    return replace(draft, warehouse=promise.warehouse, address=kept[1] if kept else draft.address)


def number(tx: Tx, now: int, tz: str) -> str:
    """`HD260122-00017`: the day's tail has at least five digits and is never given twice."""
    day = _day(now // (DAY // 96), tz)
    return f"{PREFIX}{day}-{take(tx, day):05d}"


@lru_cache(256)
def _day(quarter_hour: int, tz: str) -> str:
    """Every zone's midnight falls on a quarter of an hour."""
    return times.local(quarter_hour * (DAY // 96), tz).strftime("%y%m%d")


def known_as(tx: Tx, channel: str, external_no: str) -> str | None:
    """The order that has this number of its channel, also one that has not gone to the tables yet."""
    found: str | None = EXTERNALS.get(tx, channel, external_no)
    return found


def ahead(tx: Tx, draft: Draft) -> Wanted:
    """What its placing will look up, so far as the draft tells."""
    if draft.external_no is not None:
        yield EXTERNALS, (draft.channel, draft.external_no)
    if not draft.customer.id:
        yield from customers.ahead(tx, draft.customer.name, draft.customer.phone)
    houses = nearest_first(tx, read_place(draft.address))
    place = draft.warehouse or (houses[0].code if houses else "")
    for line in draft.lines:
        yield stock.FREE, (place, line.sku)


def _unclaimed(tx: Tx, draft: Draft) -> None:
    """Refuses `duplicate` where the channel's number is an order already."""
    if draft.external_no is None:
        return
    known = known_as(tx, draft.channel, draft.external_no)
    if known is not None:
        raise Refused("duplicate", order_no=known)


def _claim(tx: Tx, draft: Draft, order_no: str) -> None:
    if draft.external_no is not None:
        tx.later(Q.claim_external, channel=draft.channel, external_no=draft.external_no, order_no=order_no)
        EXTERNALS.put(tx, (draft.channel, draft.external_no), order_no)


def named(tx: Tx, given: CustomerIn, actor: Actor, now: int, path: str) -> people.Customer:
    """By id (with a name: the order's own copy of it), else by phone and name, else new."""
    if given.id:
        found = customers.by_id(tx, given.id)
        if not given.name or (given.name, given.phone) == (found.name, found.phone):
            return found
        name, phone = journal.keep(tx, found.id, given.name), journal.keep(tx, found.id, given.phone)
        return replace(found, name=given.name, phone=given.phone, name_ref=name, phone_ref=phone)
    if not given.name.strip():
        why = Why("客户要有姓名，或者给 id。", "A customer needs a name, or an id.")
        raise Invalid([WrongField(f"{path}.name", why)])
    return customers.matched(tx, given.name, given.phone, actor, now)


def unknown_sku(skus: list[str], now: int) -> Trouble:
    names = "、".join(dict.fromkeys(skus))
    return Trouble("unknown_sku", f"没有这个货号：{names}", f"Unknown SKU: {names}", now, {"skus": skus})


# Customers order to the same few addresses; reading one measured a seventh of an order's cost.
_read_address = lru_cache(8_192)(read_address)


def located(text: str, given: AddressIn | None) -> Address:
    """What a text and a position tell: adcode, and GCJ-02 micro-degrees."""
    place = _read_address(text) if text else None
    adcode = place.adcode if place else ""
    if given is not None and given.lng is not None and given.lat is not None:
        lng, lat = convert(round(given.lng * 1e6), round(given.lat * 1e6), given.datum, "gcj02")
        return Address(text, adcode, lng, lat)
    return Address(text, adcode)


def read_place(address: str | AddressIn) -> Address:
    return located(address, None) if isinstance(address, str) else located(address.text, address)


def _drafted(
    tx: Tx, draft: Draft, order_no: str, customer: people.Customer, goods: Priced, now: int, how: From,
    actor: Actor,
) -> tuple[Order, snapshots.Known]:  # fmt: skip
    address = read_place(_where(tx, draft))
    known = {customer.name_ref.id: customer.name_ref, customer.phone_ref.id: customer.phone_ref}

    refs = Refs(
        customer.name_ref.id, customer.phone_ref.id, usual(tx, customer, address.text, known),
        usual(tx, customer, draft.note, known), _kept(tx, customer, how.extra, known),
    )  # fmt: skip
    tags, checklist = read_tags(draft.note, draft.options, how.keywords, address)
    owner = customer.salesperson or how.owner or (actor.name if actor.is_staff else "")
    order = Order(
        order_no=order_no, root_no=order_no, version=1, state="awaiting_payment", channel=draft.channel,
        external_no=draft.external_no,
        customer=Customer(customer.id, customer.name, customer.phone, customer.tier),
        refs=refs, address=address, owner=owner, picker="", warehouse=draft.warehouse or "", lines=goods.lines,
        amount_fen=sum(line.amount_fen for line in goods.lines), paid_fen=0, terms=customer.terms,
        note=draft.note, extra=how.extra, priority=how.priority or ("urgent" if is_urgent(tags) else ""),
        rest=Rest(
            tags=tags, options=tuple(draft.options), checklist=checklist, pinned=draft.warehouse is not None,
            sold=goods.sold,
        ),
        snapshot="", paid_at=None, moved_at=now, created_at=how.created_at or now, updated_at=now,
    )  # fmt: skip
    return _settle_place(tx, order), known


def _where(tx: Tx, draft: Draft) -> str | AddressIn:
    """A known customer's goods go to the usual place where the draft names none."""
    if draft.address or not draft.customer.id:
        return draft.address
    return customers.default_address(tx, draft.customer.id)


def _settle_place(tx: Tx, order: Order) -> Order:
    """Before stock decides, an order belongs to the nearest warehouse."""
    houses = ranked(tx, order)
    code = order.warehouse or (houses[0].code if houses else "")
    return replace(order, warehouse=code, lines=tuple(replace(line, warehouse=code) for line in order.lines))


def _kept(tx: Tx, customer: people.Customer, text: str, known: snapshots.Known) -> int | None:
    if not text:
        return None
    ref = journal.keep(tx, customer.id, text)
    known[ref.id] = ref
    return ref.id


def usual(tx: Tx, customer: people.Customer, text: str, known: snapshots.Known) -> int | None:
    """A customer's usual address and standing wish are kept once."""
    if not text:
        return None
    usual: Bounded[tuple[str, str], journal.Ref] = held(tx.slow, "usual")
    ref = usual.get((customer.id, text))
    if ref is None:
        ref = usual[customer.id, text] = journal.keep(tx, customer.id, text)
    known[ref.id] = ref
    return ref.id


def read_tags(
    note: str, options: list[str], keywords: tuple[Keyword, ...], where: Address
) -> tuple[tuple[Tag, ...], tuple[Check, ...]]:
    """What is written for an address and names no district may be a wish: 自提."""
    said = f"{note}\n{where.text}" if where.text and not where.adcode else note
    return _read_tags(said, tuple(options), keywords)


@lru_cache(4_096)
def _read_tags(
    note: str, options: tuple[str, ...], keywords: tuple[Keyword, ...]
) -> tuple[tuple[Tag, ...], tuple[Check, ...]]:
    """Remarks recur: most are a customer's standing wish, or none."""
    tags = tags_of(note, options, keywords)
    return tags, tuple(Check(item) for item in checklist_of(tags))


def priority_of(order: Order, tags: tuple[Tag, ...]) -> str:
    """Urgent by its tags, no more urgent without them; what a channel said stays."""
    if is_urgent(tags):
        return "urgent"
    return "" if is_urgent(order.rest.tags) else order.priority


def receive_money(order: Order, paid_fen: int | None, paid_at: int, now: int) -> Order:
    """Money against the amount: enough clears the order, a difference is an exception, never silent."""
    paid = order.paid_fen + (order.amount_fen - order.paid_fen if paid_fen is None else paid_fen)
    order = replace(order, paid_fen=paid, paid_at=order.paid_at or paid_at)
    if paid != order.amount_fen:
        order = with_trouble(order, mismatch(order, now))
    if paid < order.amount_fen or order.state != "awaiting_payment":
        return order
    return machine.step(order, "pay", now).order


def mismatch(order: Order, now: int) -> Trouble:
    paid, due = yuan(order.paid_fen), yuan(order.amount_fen)
    return Trouble("amount_mismatch", f"收到 {paid}，应收 {due}", f"Received {paid}, due {due}", now)


def yuan(fen: int) -> str:
    return f"¥{fen // 100:,}.{fen % 100:02d}"
