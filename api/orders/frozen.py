"""What a promise has frozen, and how that ends: an order takes it over, its time is over, or a count takes it away.

A promise holds reservations under its own id until `expires_at`, then its order does, under the order's number: without
an end once the order is paid, until the same moment while it is not. What has lapsed is free at once: who finds too few
pieces takes them away first (`reserve`, `shortage`); the sweep only tidies up behind. Making a promise and giving it
back: `promising`.
"""

from collections import Counter
from collections.abc import Sequence

import msgspec

from api.db.tx import Row, Tx
from api.journal import service as journal
from api.kernel.actor import SYSTEM, Actor
from api.kernel.errors import Invalid, Refused, Why, WrongField
from api.kernel.ids import PROMISE
from api.orders import store
from api.orders.model import LineIn, Order, Promised, unreserved
from api.orders.store import Q
from api.people.model import Customer
from api.promise.dates import Answer
from api.stock import service as stock
from api.stock.model import Shortage, Want

replace = msgspec.structs.replace
# How a promise stands for those who look at it.
STANDS = ("open", "used", "returned", "lapsed", "lost")
GONE = {
    "used": Why("这个承诺已经变成订单了。", "An order has this promise already."),
    "returned": Why("这个承诺已经退回了。", "This promise was given back."),
    "lapsed": Why("这个承诺过期了，货放开了。", "This promise has lapsed, its goods are free."),
    "lost": Why("这个承诺的货被收回了。", "This promise's goods were taken back."),
}


class Said(msgspec.Struct, frozen=True):
    """What was asked and answered: `lines` as (sku, qty), the place's district, the dates. `lost`: why it holds nothing."""

    lines: tuple[tuple[str, int], ...]
    adcode: str
    dates: Promised
    wish: Answer | None = None
    lost: Why | None = None


class Promise(msgspec.Struct, frozen=True):
    """`state`: open, taken (by an order that was not paid then), used, returned, lapsed, lost. Times in ms."""

    id: str
    at: int
    expires_at: int
    state: str
    actor: str
    customer: str
    address_ref: int | None
    warehouse: str
    order_no: str
    said: Said

    def stands(self, now: int) -> str:
        """As people see it: what has lapsed is so at once, swept or not."""
        if self.state == "open" and self.expires_at <= now:
            return "lapsed"
        return "used" if self.state == "taken" else self.state

    def check_open(self, now: int) -> None:
        """Refuses `promise_gone`, saying what became of it."""
        stands = self.stands(now)
        if stands != "open":
            raise Refused("promise_gone", GONE[stands])


_said_in = msgspec.json.Decoder(Said).decode
_said_out = msgspec.json.Encoder().encode


def of(row: Row) -> Promise:
    return Promise(**{**dict(row), "said": _said_in(row["said"])})


def find(tx: Tx, number: str) -> Promise | None:
    row = tx.one(Q.promise, id=number)
    return None if row is None else of(row)


def get(tx: Tx, number: str) -> Promise:
    """Refuses `not_found`."""
    found = find(tx, number)
    if found is None:
        raise Refused("not_found", what=number)
    return found


def add(tx: Tx, made: Promise) -> None:
    row = msgspec.structs.asdict(made)
    tx.later(Q.make_promise, **{**row, "said": _said_out(made.said).decode()})


def end(
    tx: Tx,
    promise: Promise,
    state: str,
    actor: Actor,
    now: int,
    *,
    order_no: str = "",
    lost: Why | None = None,
) -> None:
    """How it stands from here on, and its entry in the journal."""
    said = replace(promise.said, lost=lost)
    number = order_no or promise.order_no
    tx.run(Q.change_promise, id=promise.id, state=state, order_no=number, said=_said_out(said).decode())
    kind = "used" if state == "taken" else state
    body = {"order_no": number} if number else {}
    if lost is not None:
        body["cause"] = lost.en
    journal.record(tx, f"promise:{promise.id}", f"promise.{kind}", body, actor, now)


# Reserving where something may have lapsed -----------------------------------------------------------------


def shortage(tx: Tx, place: str, wants: list[Want], now: int) -> Shortage | None:
    """What a warehouse lacks once everything that has lapsed there is free."""
    while True:
        short = stock.shortage(tx, place, wants)
        if short is None or not _lapse(tx, place, short.sku, now):
            return short


def reserve(
    tx: Tx,
    place: str,
    wants: list[Want],
    order_no: str,
    tier: str,
    actor: Actor,
    now: int,
    expires_at: int | None = None,
) -> Shortage | None:
    """`stock.reserve`, before which what has lapsed makes way."""
    while True:
        short = stock.reserve(tx, place, wants, order_no, tier, actor, now, expires_at)
        if short is None or not _lapse(tx, place, short.sku, now):
            return short


def _lapse(tx: Tx, place: str, code: str, now: int) -> bool:
    """Who holds this SKU there beyond the time holds nothing any more; False where nobody did. What waits for their other
    SKUs is fed by the sweep, which finds their promises still not ended."""
    holders = stock.lapsed(tx, place, code, now)
    for holder in holders:
        stock.release(tx, holder, "lapsed", SYSTEM, now)
        if not holder.startswith(PROMISE):
            _let_go(tx, store.get(tx, holder), now)
    return bool(holders)


def _let_go(tx: Tx, before: Order, now: int) -> None:
    """An unpaid order's time is over: paid later, it is reserved as any other, wherever that can be."""
    rest = replace(before.rest, pinned=False)
    after = replace(before, lines=unreserved(before.lines), rest=rest, updated_at=now)
    store.update(tx, before, after)
    body = {"promise": before.rest.promise.id} if before.rest.promise else {}
    journal.record(tx, f"order:{before.order_no}", "order.lapsed", body, SYSTEM, now)


def lapse(tx: Tx, promise: Promise, now: int) -> set[str]:
    """The sweep's part of it: what is still held becomes free, the promise has ended. Returns its SKUs."""
    if promise.state == "taken":
        order = store.get(tx, promise.order_no)
        if order.state != "awaiting_payment":  # paid in time, or given back as orders do
            tx.run(
                Q.change_promise,
                id=promise.id, state="used", order_no=order.order_no, said=_said_out(promise.said).decode(),
            )  # fmt: skip
            return set()
        if stock.release(tx, order.order_no, "lapsed", SYSTEM, now):
            _let_go(tx, order, now)
    else:
        stock.release(tx, promise.id, "lapsed", SYSTEM, now)
    end(tx, promise, "lapsed", SYSTEM, now)
    return {sku for sku, _ in promise.said.lines}


# An order takes it over ------------------------------------------------------------------------------------


def usable(tx: Tx, number: str, lines: Sequence[LineIn], now: int) -> Promise:
    """The promise, open and with these SKUs. Refuses `promise_gone`, `not_promised`."""
    promise = find(tx, number)
    if promise is None:
        raise Refused("promise_gone")
    promise.check_open(now)
    known = {sku for sku, _ in promise.said.lines}
    wrong = [
        WrongField(
            f"$.lines[{i}].sku", Why(f"承诺里没有 {line.sku}。", f"The promise does not hold {line.sku}.")
        )
        for i, line in enumerate(lines)
        if line.sku not in known
    ]
    if wrong:
        sku = next(line.sku for line in lines if line.sku not in known)
        raise Invalid(wrong, code="not_promised", sku=sku)
    return promise


def check_owner(promise: Promise, customer: Customer) -> None:
    """A promise to a customer is that customer's alone."""
    if promise.customer not in ("", customer.id):
        raise Refused("promise_gone")


def take_over(tx: Tx, promise: Promise, order: Order, actor: Actor, now: int) -> tuple[Order, set[str]]:
    """What the promise held is the order's: fewer pieces free the rest, more reserve the difference or are refused
    `short_stock`. Returns the SKUs of which pieces became free, too."""
    stock.release(tx, promise.id, "taken_over", actor, now)
    order = _held(tx, order, promise, actor, now)
    order = replace(order, rest=replace(order.rest, promise=promise.said.dates))
    is_paid = order.state == "paid"
    end(tx, promise, "used" if is_paid else "taken", actor, now, order_no=order.order_no)
    had, has = Counter[str](), Counter[str]()
    for sku, qty in promise.said.lines:
        had[sku] += qty
    for line in order.lines:
        has[line.sku] += line.qty
    return order, set(had - has)


def _held(tx: Tx, order: Order, promise: Promise, actor: Actor, now: int) -> Order:
    """Every line reserved in the promise's warehouse, until the promise's end. Refuses `short_stock`."""
    wants = [Want(line.line_no, line.sku, line.qty) for line in order.lines if line.qty]
    place, tier = promise.warehouse, order.customer.tier
    short = reserve(tx, place, wants, order.order_no, tier, actor, now, promise.expires_at)
    if short is not None:
        raise Refused("short_stock", sku=short.sku, asked=short.asked, available=short.available)
    lines = tuple(replace(line, warehouse=place, reserved=line.qty) for line in order.lines)
    return replace(order, warehouse=place, lines=lines)


def carry_on(tx: Tx, order: Order, new: Order, actor: Actor, now: int) -> Order:
    """The next version of an order, which holds nothing yet, keeps the dates while goods and place are those of the promise;
    what the order held for want of money is held on. Refuses `short_stock` where it asks for more than there is."""
    if order.rest.promise is None:
        return new
    promise = get(tx, order.rest.promise.id)
    known = {sku for sku, _ in promise.said.lines}
    if new.address != order.address or any(line.sku not in known for line in new.lines):
        return replace(new, rest=replace(new.rest, promise=None, pinned=False))
    if order.state != "awaiting_payment":
        return new
    if not order.is_reserved:
        return replace(new, rest=replace(new.rest, pinned=False))
    end(tx, promise, "taken", actor, now, order_no=new.order_no)
    return _held(tx, new, promise, actor, now)


# A count takes it away -------------------------------------------------------------------------------------


def lose(tx: Tx, number: str, cause: Why, now: int) -> set[str]:
    """Its pieces are not there: who made it is told why. Returns its SKUs."""
    promise = find(tx, number)
    if promise is None:
        return set()
    if promise.stands(now) == "lapsed":
        end(tx, promise, "lapsed", SYSTEM, now)
    else:
        end(tx, promise, "lost", SYSTEM, now, lost=cause)
    return {sku for sku, _ in promise.said.lines}
