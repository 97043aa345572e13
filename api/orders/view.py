"""An order as the contract shows it, within the sight of who asks: pickers see no prices and a masked phone."""

from typing import Any, NamedTuple

import msgspec

from api.db.tx import Row, Tx
from api.kernel import time as times
from api.kernel.actor import Actor
from api.kernel.errors import Why
from api.orders import store
from api.orders.colour import Colour, colour
from api.orders.model import Held, Line, Order, Promised, Sold
from api.people import rights, service
from api.promise import moving
from api.promise.moving import Moved

PRICES = ("amount_fen", "paid_fen", "terms")
# Exceptions whose sentence names money, and what is said to those who see none.
ABOUT_MONEY = {
    "amount_mismatch": Why("金额不符，找财务", "The amount differs: ask finance"),
    "refunded": Why("已退款，货已发出", "Refunded after the goods left"),
}

LOCKS = {
    "asked": Why("仓库的 WMS 还没确认锁货", "The warehouse's WMS has not confirmed yet"),
    "locked": Why("仓库的 WMS 已锁货", "The warehouse's WMS has locked the goods"),
}


class People(NamedTuple):
    """Whose order it is, who has the goods, and the parts that it and others are."""

    owner: dict[str, str] | None
    handler: dict[str, str] | None
    parts: list[dict[str, str]]


def people(tx: Tx, order: Order) -> People:
    is_alone = not order.rest.has_parts and not order.rest.part_of
    parts = [] if is_alone else [_part(row) for row in store.family_rows(tx, order)]
    return People(_person(tx, order.owner), handler(tx, order), parts)


def _part(row: Row) -> dict[str, str]:
    return {name: row[name] for name in ("order_no", "state", "warehouse")}


def show(tx: Tx, order: Order, actor: Actor, now: int, tz: str, sla_ms: int, lang: str) -> dict[str, Any]:
    """The contract's order; `extra` as it was received, decoded where it is JSON."""
    return shape(order, people(tx, order), actor, now, tz, sla_ms, lang)


def shape(
    order: Order, whose: People, actor: Actor, now: int, tz: str, sla_ms: int, lang: str
) -> dict[str, Any]:
    """The same without a database: an answer can be written while the next group is."""
    sees_prices = actor.role in rights.SEES_PRICES
    sees_phones = actor.role in rights.SEES_PHONES
    order = order if sees_prices else _without_money(order)
    rest = order.rest
    sold = {one.line_no: one for one in rest.sold}
    shown: dict[str, Any] = {
        "order_no": order.order_no,
        "version": order.version,
        "state": order.state,
        "held": _held(rest.held, tz),
        "exceptions": [
            {"code": t.code, "why": t.en if lang == "en" else t.zh, "at": times.text(t.at, tz)}
            for t in rest.exceptions
        ],
        "colour": _colour(colour(order, now, sla_ms), tz, lang),
        "channel": order.channel,
        "external_no": order.external_no,
        "customer": _customer(order, sees_phones),
        "address": _address(order),
        "owner": whose.owner,
        "handler": whose.handler,
        "warehouse": order.warehouse,
        "lines": [_line(n, sold.get(n.line_no), sees_prices) for n in order.lines if n.qty or n.picked],
        "parts": whose.parts,
        "part_of": rest.part_of or None,
        "amount_fen": order.amount_fen,
        "paid_fen": order.paid_fen,
        "terms": order.terms,
        "priority": order.priority,
        "note": order.note,
        "options": list(rest.options),
        "tags": [{"tag": tag.tag, "from": tag.source, "why": tag.why} for tag in rest.tags],
        "promise": None if rest.promise is None else _promise(order, rest.promise, tz, lang),
        "wms": _wms(order, lang),
        "checklist": [{"item": check.item, "done": check.done} for check in rest.checklist],
        "shipments": [
            {"carrier": p.carrier, "waybill": p.waybill, "at": times.text(p.at, tz)} for p in rest.parcels
        ],
        "paid_at": times.maybe(order.paid_at, tz),
        "created_at": times.text(order.created_at, tz),
        "updated_at": times.text(order.updated_at, tz),
        "snapshot": order.snapshot,
        "extra": _extra(order.extra),
    }
    if not sees_prices:
        for name in (*PRICES, "extra"):
            shown.pop(name)
    return shown


def _colour(found: Colour, tz: str, lang: str) -> dict[str, str]:
    return {
        "code": found.code,
        "shape": found.shape,
        "why": found.why.text(lang),
        "since": times.text(found.since, tz),
    }


def _held(held: Held | None, tz: str) -> dict[str, str] | None:
    return None if held is None else {"reason": held.reason, "by": held.by, "at": times.text(held.at, tz)}


def _promise(order: Order, made: Promised, tz: str, lang: str) -> dict[str, Any]:
    """`expires_at`: until when an unpaid order's pieces are kept; not there where nothing ends. `moved`: what is expected
    instead, null while the promise can be kept."""
    is_kept = order.state == "awaiting_payment" and order.is_reserved
    return (
        dates(made, tz, lang)
        | {"id": made.id, "moved": made.moved and _moved(made.moved, tz, lang)}
        | ({"expires_at": times.text(made.expires_at, tz)} if is_kept else {})
    )


def _moved(moved: Moved, tz: str, lang: str) -> dict[str, Any]:
    return {
        "eta_from": times.text(moved.eta_from, tz),
        "eta_to": times.text(moved.eta_to, tz),
        "why": moving.said(moved).text(lang),
        "at": times.text(moved.at, tz),
    }


def dates(made: Promised, tz: str, lang: str) -> dict[str, Any]:
    return {
        "ship_by": times.text(made.ship_by, tz),
        "eta_from": times.text(made.eta_from, tz),
        "eta_to": times.text(made.eta_to, tz),
        "confidence": made.confidence,
        "because": [why.text(lang) for why in made.because],
    }


def _wms(order: Order, lang: str) -> dict[str, str] | None:
    """Of an order in a warehouse that a WMS keeps: has it confirmed what is reserved?"""
    if not order.rest.outside:
        return None
    return {"state": order.rest.outside, "why": LOCKS[order.rest.outside].text(lang)}


def _customer(order: Order, sees_phones: bool) -> dict[str, str]:
    known = order.customer
    phone = known.phone if sees_phones else rights.masked(known.phone)
    return {"id": known.id, "name": known.name, "phone": phone, "tier": known.tier}


def _address(order: Order) -> dict[str, Any]:
    where = order.address
    return {
        "text": where.text,
        "adcode": where.adcode,
        "lng": degrees(where.lng_e6),
        "lat": degrees(where.lat_e6),
        "datum": "gcj02",
    }


def _without_money(order: Order) -> Order:
    told = tuple(
        msgspec.structs.replace(t, zh=ABOUT_MONEY[t.code].zh, en=ABOUT_MONEY[t.code].en)
        if t.code in ABOUT_MONEY
        else t
        for t in order.rest.exceptions
    )
    return msgspec.structs.replace(order, rest=msgspec.structs.replace(order.rest, exceptions=told))


def degrees(e6: int | None) -> float | None:
    return None if e6 is None else e6 / 1e6


def _line(line: Line, sold: Sold | None, sees_prices: bool) -> dict[str, Any]:
    shown = {
        **goods(line, sold),
        "warehouse": line.warehouse,
        "reserved": line.reserved,
        "picked": line.picked,
        "short": line.short,
    }
    if not sees_prices:
        shown.pop("price_fen")
        shown.pop("sold", None)
    return shown


def goods(line: Line, sold: Sold | None) -> dict[str, Any]:
    """What a line is and costs, wherever it stands."""
    names = ("line_no", "sku", "name", "qty", "uom", "price_fen")
    shown = {name: getattr(line, name) for name in names}
    return shown if sold is None else shown | {"sold": msgspec.structs.asdict(sold)}


def _extra(text: str) -> Any:
    if not text:
        return {}
    try:
        return msgspec.json.decode(text)
    except msgspec.DecodeError:
        return {"text": text}


def _person(tx: Tx, name: str) -> dict[str, str] | None:
    found = service.user(tx, name) if name else None
    return None if found is None else {"user": found.name, "name": found.display, "phone": found.phone}


def handler(tx: Tx, order: Order) -> dict[str, str] | None:
    """Who has the goods: the owner until `to_pick`, the last picker until shipped, then the carrier."""
    if order.rest.parcels:
        return {"role": "carrier", "name": order.rest.parcels[-1].carrier, "phone": ""}
    if order.picker and order.state in ("picking", "packed"):
        found = service.user(tx, order.picker)
        if found is None:
            return {"role": "picker", "name": order.picker, "phone": ""}
        return {"role": "picker", "name": found.display, "phone": found.phone}
    owner = service.user(tx, order.owner) if order.owner else None
    return None if owner is None else {"role": owner.role, "name": owner.display, "phone": owner.phone}
