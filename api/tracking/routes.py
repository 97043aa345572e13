"""The tracking link for staff, and the page behind it for the customer."""

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from litestar import delete, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from litestar.response import Response

from api.db.tx import Tx
from api.kernel.actor import Actor
from api.orders import dating, store, view
from api.orders.model import ENDS, Order
from api.orders.numbers import stem
from api.orders.store import Q as O
from api.people import rights
from api.people import service as people
from api.places import Place, place_of
from api.promise.dates import Window, window
from api.stock.service import Q as stock
from api.tracking import page, service
from api.tracking.carriers import hotline
from api.tracking.words import labels
from api.web.answer import ok
from api.web.edge import shown_time
from api.web.head import Head
from api.web.hub import Hub

if TYPE_CHECKING:
    from jinja2 import Environment

HEADERS = {"referrer-policy": "no-referrer", "x-robots-tag": "noindex", "cache-control": "no-store"}


@post("/api/orders/{order_no:str}/tracking-link", status_code=200, opt={"body": None})
async def make_link(
    hub: NamedDependency[Hub], actor: NamedDependency[Actor], order_no: FromPath[str]
) -> Response[bytes]:
    """`{url, expires_at}`: the same link each time."""
    rights.allow(actor, "link")
    now = hub.clock()
    link = await hub.db.writer.run(lambda tx: service.link(tx, order_no, hub.secret, hub.link_ms, actor, now))
    return ok(
        {"url": f"{hub.public_url}/t/{link.token}", "expires_at": shown_time(link.expires_at, hub)}
    ).response()


@delete("/api/orders/{order_no:str}/tracking-link", status_code=200)
async def revoke_link(
    hub: NamedDependency[Hub], actor: NamedDependency[Actor], order_no: FromPath[str]
) -> Response[bytes]:
    """The link given out opens nothing any more."""
    rights.allow(actor, "link")
    now = hub.clock()
    await hub.db.writer.run(lambda tx: service.revoke(tx, order_no, hub.secret, actor, now))
    return ok({"revoked": True}).response()


@get("/t/{token:str}", opt={"public": True})
async def track(
    hub: NamedDependency[Hub],
    head: NamedDependency[Head],
    token: FromPath[str],
    lang: FromQuery[str] = "",
) -> Response[bytes]:
    """The customer's page; unknown, revoked and lapsed look the same. `lang` wins over the browser's."""
    return await _page(hub, head, token, lang)


@get("/T/{token:str}", opt={"public": True}, include_in_schema=False)
async def track_printed(
    hub: NamedDependency[Hub],
    head: NamedDependency[Head],
    token: FromPath[str],
    lang: FromQuery[str] = "",
) -> Response[bytes]:
    """The same under an address in capitals, which makes a smaller code on paper."""
    return await _page(hub, head, token, lang)


async def _page(hub: Hub, head: Head, token: str, lang: str) -> Response[bytes]:
    now, spoken = hub.clock(), lang if lang in ("zh", "en") else head.lang
    html, status = await hub.db.reader.run(
        lambda tx: _drawn(_known(tx, token.upper(), hub, spoken, now), hub, spoken)
    )
    return Response(
        html,
        media_type="text/html",
        status_code=status,
        headers={**HEADERS, "content-language": "en" if spoken == "en" else "zh-CN"},
    )


def _drawn(known: page.Known | None, hub: Hub, lang: str) -> tuple[bytes, int]:
    """On a reader's thread: no other request waits for a page, nor for the first one's templates."""
    name, values = ("gone.html", {}) if known is None else ("track.html", {"page": page.build(known)})
    html = _pages().get_template(name).render(L=labels(lang), lang=lang, files=hub.files, **values)
    return html.encode(), 404 if known is None else 200


@cache
def _pages() -> "Environment":
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    return Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _known(tx: Tx, token: str, hub: Hub, lang: str, now: int) -> page.Known | None:
    family = service.opened(tx, token, now)
    if not family:
        return None
    # What is still to come tells most; once all is over, what was sent.
    order = min(family, key=lambda one: (one.state in ENDS, one.state == "cancelled"))
    versions = [row["order_no"] for row in tx.all(O.versions, stem=stem(order.order_no))]
    first = order if order.order_no == order.root_no else store.get(tx, order.root_no)
    seller = people.user(tx, order.owner) if order.owner else None
    owner = None if seller is None else page.Person("owner", seller.display, seller.phone)
    place = place_of(order.address.adcode)
    return page.Known(
        order=order,
        reached=tuple(
            (row["state"], row["at"]) for one in versions for row in tx.all(O.snapshots, order_no=one)
        ),
        placed_at=first.created_at,
        handler=_handler(tx, order, owner),
        owner=owner,
        district="" if place is None else place.name,
        expires_at=tx.must(service.Q.link, root_no=order.root_no)["expires_at"],
        now=now,
        tz=hub.timezone,
        lang=lang,
        road=_road(tx, order, place),
        family=tuple(family) if len(family) > 1 else (),
        estimate=_estimate(tx, order, now, hub.timezone),
    )


def _estimate(tx: Tx, order: Order, now: int, tz: str) -> Window | None:
    """None where something was promised, or nobody knows from where to where."""
    if order.rest.promise is not None or order.state in ENDS or not order.warehouse:
        return None
    asked = dating.of_order(tx, order, now, tz)
    return None if asked.origin.lng_e6 is None or asked.goal.lng_e6 is None else window(asked)


def _road(tx: Tx, order: Order, place: Place | None) -> page.Road | None:
    """The warehouse, and the customer's city where that is another and not the whole address."""
    row = next((row for row in tx.all(stock.warehouses) if row["code"] == order.warehouse), None)
    if row is None:
        return None
    house = place_of(row["adcode"])
    city = None if place is None or place.level != "district" else place.city
    is_far = city is not None and (house is None or house.city != city)
    return page.Road(row["name"], row["code"], (city,) if city is not None and is_far else ())


def _handler(tx: Tx, order: Order, owner: page.Person | None) -> page.Person | None:
    found = view.handler(tx, order)
    if found is None:
        return None
    role = found["role"] if found["role"] in ("picker", "carrier") else "owner"
    if role == "picker" and people.user(tx, order.picker) is None:
        return owner  # a name that only a device claims is not told to customers
    phone = hotline(found["name"]) if role == "carrier" else found["phone"]
    return page.Person(role, found["name"], phone)


HANDLERS = [make_link, revoke_link, track, track_printed]
