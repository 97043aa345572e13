"""What somebody asks while an order is still a draft: what the company knows of this customer, and where an address lies.

Reads only. An address comes in a body, never in an address line: those are logged on the way.
"""

from typing import Annotated, Any

import msgspec
from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Response
from msgspec import Meta

from api.db.tx import Tx
from api.kernel.actor import Actor
from api.kernel.errors import Refused
from api.kernel.time import text as shown
from api.orders.model import LineIn, Text
from api.orders.placing import read_place
from api.orders.pricing import priced
from api.orders.reserving import nearest_first
from api.orders.store import Q
from api.orders.view import goods
from api.people import customers, rights
from api.people.routes import customer_shown
from api.places import place_of
from api.web.answer import ok
from api.web.body import decode
from api.web.edge import Req
from api.web.hub import Hub

LOOKED_AT, SHOWN = 40, 3  # of a customer's newest orders; different addresses of them


class Lines(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    lines: Annotated[list[LineIn], Meta(max_length=500)]


class PlaceText(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    text: Annotated[Text, Meta(min_length=1)]


@get("/api/customers/{customer:str}")
async def read_customer(
    hub: NamedDependency[Hub], actor: NamedDependency[Actor], customer: FromPath[str]
) -> Response[bytes]:
    """One customer; for who sees prices also `owed_fen` (on account), the kept `addresses` `[{text, label, default}]`
    and the `recent` ones of orders `[{text, at}]`."""
    rights.allow(actor, "read")

    def work(tx: Tx) -> dict[str, Any]:
        known = customers.by_id(tx, customer)
        names = ("id", "name", "phone", "tier", "terms", "credit_fen", "salesperson")
        found = customer_shown({name: getattr(known, name) for name in names}, actor)
        if actor.role in rights.SEES_PRICES:
            found["owed_fen"] = tx.value(Q.owed, customer=known.id)
            found["addresses"] = customers.addresses(tx, known.id)
            found["recent"] = _recent(tx, known.id, hub.timezone)
        return found

    try:
        return ok(await hub.db.reader.run(work)).response()
    except Refused as refused:
        if refused.code == "unknown_customer":
            raise Refused("not_found", what=customer) from None
        raise


def _recent(tx: Tx, customer: str, tz: str) -> list[dict[str, Any]]:
    last: dict[str, int] = {}
    for row in tx.all(Q.addresses_of, customer=customer, count=LOOKED_AT):
        last.setdefault(row["text"], row["at"])
    return [{"text": text, "at": shown(at, tz)} for text, at in list(last.items())[:SHOWN]]


@post("/api/places/read", status_code=200, opt={"body": PlaceText})
async def read_text(
    request: Req, hub: NamedDependency[Hub], actor: NamedDependency[Actor]
) -> Response[bytes]:
    """Where an address lies: `{place: {adcode, names, level} or null, warehouses}`, the nearest warehouse first."""
    rights.allow(actor, "create")
    given = decode(PlaceText, await request.body())
    where = read_place(given.text)
    houses = await hub.db.reader.run(lambda tx: [house.code for house in nearest_first(tx, where)])
    found = place_of(where.adcode) if where.adcode else None
    place = found and {"adcode": found.adcode, "names": list(found.path), "level": found.level}
    return ok({"place": place, "warehouses": houses}).response()


@post("/api/lines/price", status_code=200, opt={"body": Lines})
async def price_lines(
    request: Req, hub: NamedDependency[Hub], actor: NamedDependency[Actor]
) -> Response[bytes]:
    """What these would be as an order's lines: `{lines, amount_fen}`; a quantity of another unit says what it comes to."""
    rights.allow(actor, "create")
    given = decode(Lines, await request.body())
    found = await hub.db.reader.run(
        lambda tx: priced(tx, given.lines, had=[line.sku for line in given.lines])
    )
    said = {one.line_no: one for one in found.sold}
    lines = [goods(line, said.get(line.line_no)) for line in found.lines]
    return ok({"lines": lines, "amount_fen": sum(line.amount_fen for line in found.lines)}).response()


HANDLERS = [read_customer, read_text, price_lines]
