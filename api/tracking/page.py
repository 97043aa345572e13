"""What a customer may see of an order, as plain values for the page; pure.

Only the customer's own goods and their way, who has them now with a phone to call, the carrier's number and the
district they go to. It refuses the rest: no prices, no notes, no tags, no reasons of a hold, no proof's own text.
"""

from typing import Protocol

import msgspec

from api.kernel import time as times
from api.kernel.errors import Why
from api.orders.dividing import together
from api.orders.model import ENDS, Line, Order
from api.orders.moving import CODE
from api.promise import moving
from api.promise.dates import Window
from api.tracking import sketch
from api.tracking.carriers import hotline
from api.tracking.words import FACES, LABELS, MONTHS, PLACED, SIGNERS, STAGES, TOLD, WEEKDAYS, singular

# Once the parcel has left, where it is matters more than what somebody inside still has to settle.
_OUTSIDE = frozenset({"shipped", "delivered", "cancelled", "returned", "amended"})
_PACKED = frozenset({"packed", "shipped", "delivered", "returned"})
_BY_STATE = {
    "awaiting_payment": 0,
    "paid": 1,
    "to_pick": 1,
    "picking": 2,
    "packed": 2,
    "shipped": 3,
    "delivered": 4,
}


class Spanning(Protocol):
    @property
    def eta_from(self) -> int: ...
    @property
    def eta_to(self) -> int: ...


class Person(msgspec.Struct, frozen=True):
    """`role` is a label's name: owner, picker, carrier."""

    role: str
    name: str
    phone: str = ""

    @property
    def dial(self) -> str:
        return "".join(c for c in self.phone if c.isdigit() or c == "+")

    @property
    def shown(self) -> str:
        """`139 0000 0003`; other lengths as they are."""
        p = self.phone
        return f"{p[:3]} {p[3:7]} {p[7:]}" if len(p) == 11 and p.isdigit() else p


class Road(msgspec.Struct, frozen=True):
    """Where it starts and what lies between there and the customer, as far as the addresses tell."""

    name: str
    code: str
    via: tuple[str, ...] = ()


class Known(msgspec.Struct, frozen=True):
    """What the page is made of. `reached`: (state, ms) of all versions' snapshots, oldest first; `placed_at`: when
    the first version came; `estimate`: of an order that nothing was promised of; times in ms."""

    order: Order
    reached: tuple[tuple[str, int], ...]
    placed_at: int
    handler: Person | None
    owner: Person | None
    district: str
    expires_at: int
    now: int
    tz: str
    lang: str
    road: Road | None = None
    family: tuple[Order, ...] = ()
    estimate: Window | None = None

    def say(self, why: Why, **given: object) -> str:
        return singular(why.text(self.lang).format(**given))

    def label(self, name: str, **given: object) -> str:
        return self.say(LABELS[name], **given)


class Station(msgspec.Struct, frozen=True):
    """`kind`: done, now, ahead."""

    name: str
    kind: str


class Moment(msgspec.Struct, frozen=True):
    mark: str
    text: str
    at: str


class Good(msgspec.Struct, frozen=True):
    """`note` is empty or says what is missing or came back."""

    name: str
    sku: str
    qty: str
    note: str


class Sent(msgspec.Struct, frozen=True):
    """A parcel; `phone` is the carrier's published hotline, or empty."""

    carrier: str
    waybill: str
    phone: str


class Part(msgspec.Struct, frozen=True):
    """One of several orders that came out of one: where it is, when it will be there, its parcels, what is in it."""

    name: str
    mark: str
    word: str
    second: str
    arrival: tuple[str, ...]
    parcels: tuple[Sent, ...]
    goods: tuple[Good, ...]


class Page(msgspec.Struct, frozen=True):
    mark: str
    word: str
    sentence: str
    second: str
    arrival: tuple[str, ...]
    stations: tuple[Station, ...]
    holder: Person | None
    owner: Person | None
    parcels: tuple[Sent, ...]
    parts: tuple[Part, ...]
    route: sketch.Sketch | None
    moments: tuple[Moment, ...]
    goods: tuple[Good, ...]
    total: str
    district: str
    order_no: str
    tail: str
    changed: str
    updated: str
    until: str


def build(known: Known) -> Page:
    order, face = known.order, FACES[seen_as(known.order)]
    facts = _facts(known)
    whole = together(known.family) if known.family else order
    holder = holding(known)
    return Page(
        mark=face.mark,
        word=known.say(face.word),
        sentence=known.say(face.sentence, **facts),
        second=known.say(face.second, **facts),
        arrival=() if known.family else arrival(known),
        stations=stations(known),
        holder=holder,
        owner=None if holder is not None and holder.role == "owner" else known.owner,
        parcels=_sent(order),
        parts=tuple(_part(known, n, one) for n, one in enumerate(known.family, 1)),
        route=route(known),
        moments=timeline(known),
        goods=_goods(known, whole),
        total=known.label("sum", kinds=len(whole.lines), all=sum(line.qty for line in whole.lines)),
        district=known.district,
        order_no=order.order_no,
        tail=order.root_no[-5:],
        changed=_changed(known),
        updated=known.label("updated", at=when(known.now, known, inside=True)),
        until=known.label("until", at=day(known.expires_at, known)),
    )


def seen_as(order: Order) -> str:
    """The face an order turns to its customer: its state, `checking` or `restocking`."""
    if order.state in _OUTSIDE:
        return order.state
    if order.held is not None or any(t.code not in ("short_stock", CODE) for t in order.rest.exceptions):
        return "checking"
    return "restocking" if order.has("short_stock") else order.state


def arrival(known: Known) -> tuple[str, ...]:
    """When it will be there: what was promised, or what it has become and why; else an estimate, worded as one."""
    order, told = known.order, known.order.rest.promise
    if order.state in ENDS:
        return ()
    if told is None:
        is_usual = seen_as(order) == order.state and order.state != "awaiting_payment"
        return (
            (known.label("expected", span=_span(known.estimate, known)),)
            if is_usual and known.estimate
            else ()
        )
    if told.moved is None:
        return (known.label("promised", span=_span(told, known)),)
    why = known.say(moving.said(told.moved, to_customer=True))
    was = known.label("promised_before", span=_span(told, known))
    return known.label("moved", span=_span(told.moved, known), cause=why), was


def _span(window: Spanning, known: Known) -> str:
    first, last = day(window.eta_from, known), day(window.eta_to, known)
    return first if first == last else known.label("span", first=first, last=last)


def stations(known: Known) -> tuple[Station, ...]:
    """The five stations of the line; an order that ended otherwise stays where it had got to."""
    order, now = known.order, _station(known)
    names = [known.say(stage) for stage in STAGES]
    if order.terms == "monthly":
        names[0] = known.say(PLACED)
    if order.state in ("packed", "cancelled", "returned"):
        names[now] = known.say(FACES[order.state].word)
    return tuple(
        Station(name, "done" if n < now else "now" if n == now else "ahead") for n, name in enumerate(names)
    )


def _station(known: Known) -> int:
    state = known.order.state
    if state in _BY_STATE:
        return _BY_STATE[state]
    came = [_BY_STATE[s] for s, _ in known.reached if s in _BY_STATE]
    return came[-1] if came else 0


def route(known: Known) -> sketch.Sketch | None:
    """None where nothing will move, or nobody knows from where."""
    order, road, face = known.order, known.road, seen_as(known.order)
    if road is None or order.state in ("awaiting_payment", "cancelled", "returned", "amended"):
        return None
    left = order.rest.parcels[0].at if order.rest.parcels else None
    there = order.moved_at if order.state == "delivered" else None
    start = known.label("house", house=road.name, code=road.code)
    stops = (
        sketch.Stop(start, "" if left is None else when(left, known)),
        *(sketch.Stop(name) for name in road.via),
        sketch.Stop(known.label("you"), "" if there is None else when(there, known)),
    )
    kind = "arrived" if there is not None else "moving" if left is not None else "still"
    kind, now = (
        ("waiting", known.say(FACES[face].word)) if face != order.state else (kind, known.label("moving"))
    )
    said = known.label("not_left")
    if there is not None:
        said = known.label("is_there", at=when(there, known, inside=True))
    elif left is not None:
        said = known.label("is_moving", at=when(left, known, inside=True))
    return sketch.draw(
        sketch.folded(stops, LABELS["via"].text(known.lang)), 0, kind, FACES[face].mark, now, known.district,
        known.label("route", start=start, end=known.district or known.label("you"), now=said),
    )  # fmt: skip


def holding(known: Known) -> Person | None:
    """Who has it now; nobody once it is over, the salesperson while something is being settled."""
    if known.order.state in ("delivered", "cancelled", "returned", "amended"):
        return None
    if seen_as(known.order) in ("checking", "restocking"):
        return known.owner
    return known.handler


def timeline(known: Known) -> tuple[Moment, ...]:
    """Newest first. A hold and a lift leave no trace; a reservation that was lost says that stock is on its way."""
    order, last = known.order, ""
    paid_at = order.paid_at if order.paid_at is not None and order.paid_fen else None
    told: list[tuple[int, str]] = [(min(known.placed_at, paid_at or known.placed_at), "placed")]
    if paid_at is not None:
        told.append((paid_at, "money"))
    for state, at in known.reached:
        is_fallen = state == "paid" and last in ("to_pick", "picking", "packed")
        if state != last and (is_fallen or state not in ("paid", "awaiting_payment")):
            told.append((at, state))
        last = state
    carrier = order.rest.parcels[0].carrier if order.rest.parcels else ""
    told.sort(key=lambda one: one[0])  # stable, so that of two at one moment the later one stays later
    return tuple(
        Moment(TOLD[name][0], known.say(TOLD[name][1], carrier=carrier), when(at, known))
        for at, name in reversed(told)
        if name in TOLD
    )


def signer(evidence: str, known: Known) -> str:
    """Who took it, by the words that we know; the first named wins. Empty where none is known."""
    hits = [(evidence.find(word), why) for word, why in SIGNERS if word in evidence]
    return known.say(min(hits, key=lambda hit: hit[0])[1]) if hits else ""


def when(at: int, known: Known, *, inside: bool = False) -> str:
    """`今天 10:18`, `昨天 …`, `周三 …` within the week, `1 月 15 日 …` beyond; `inside` a sentence English is small."""
    moment, today = times.local(at, known.tz), times.local(known.now, known.tz)
    days, clock = (today.date() - moment.date()).days, f"{moment:%H:%M}"
    near = {0: Why("今天", "Today"), 1: Why("昨天", "Yesterday")}
    if days in near:
        name = known.say(near[days])
        return f"{name.lower() if inside else name} {clock}"
    return f"{known.say(WEEKDAYS[moment.weekday()]) if 1 < days < 7 else day(at, known)} {clock}"


def day(at: int, known: Known) -> str:
    moment, today = times.local(at, known.tz), times.local(known.now, known.tz)
    other = moment.year != today.year
    if known.lang == "en":
        return f"{moment.day} {MONTHS[moment.month - 1]}" + (f" {moment.year}" if other else "")
    return (f"{moment.year} 年 " if other else "") + f"{moment.month} 月 {moment.day} 日"


def _facts(known: Known) -> dict[str, object]:
    order = known.order
    parcel = order.rest.parcels[-1] if order.rest.parcels else None
    return {
        "all": sum(line.qty for line in order.lines),
        "picked": sum(min(line.picked, line.qty) for line in order.lines),
        "sent": sum(max(0, line.qty - line.short) for line in order.lines),
        "carrier": parcel.carrier if parcel else "",
        "shipped_at": when(parcel.at, known, inside=True) if parcel else "",
        "moved_at": when(order.moved_at, known, inside=True),
        "signer": signer(order.rest.evidence, known),
    }


def _part(known: Known, n: int, order: Order) -> Part:
    face, alone = FACES[seen_as(order)], msgspec.structs.replace(known, order=order, estimate=None)
    return Part(
        known.label("part", n=n),
        face.mark,
        known.say(face.word),
        alone.say(face.second, **_facts(alone)),
        arrival(alone),
        _sent(order),
        _goods(alone, order),
    )


def _sent(order: Order) -> tuple[Sent, ...]:
    return tuple(Sent(p.carrier, p.waybill, hotline(p.carrier)) for p in order.rest.parcels)


def _goods(known: Known, order: Order) -> tuple[Good, ...]:
    return tuple(_good(known, line) for line in order.lines if line.qty)


def _good(known: Known, line: Line) -> Good:
    notes = []
    if line.short and known.order.state in _PACKED:
        notes.append(known.label("missing", n=line.short))
    if line.returned:
        notes.append(known.label("back", n=line.returned))
    qty = f"{line.qty} {line.uom}" if known.lang == "zh" else f"× {line.qty}"
    return Good(line.name, line.sku, qty, " · ".join(notes))


def _changed(known: Known) -> str:
    times_changed = known.order.version - 1
    if times_changed < 1:
        return ""
    return known.label("once") if times_changed == 1 else known.label("changed", n=times_changed)
