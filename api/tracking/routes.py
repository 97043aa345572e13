"""The tracking link for staff, and the page behind it for the customer."""

from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from litestar import delete, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Response

from api.db.tx import Tx
from api.kernel.actor import Actor
from api.orders import view
from api.orders.store import Q as O
from api.people import rights
from api.tracking import page, service
from api.web.answer import ok
from api.web.edge import shown_time
from api.web.head import Head
from api.web.hub import Hub

_pages = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"), autoescape=True, undefined=StrictUndefined
)
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


@get(["/t/{token:str}", "/T/{token:str}"], opt={"public": True})
async def track(
    hub: NamedDependency[Hub], head: NamedDependency[Head], token: FromPath[str]
) -> Response[bytes]:
    """The customer's page; unknown, revoked and lapsed look the same."""
    now = hub.clock()
    found = await hub.db.reader.run(lambda tx: _values(tx, token.upper(), hub, head, now))
    name = "track.html" if found is not None else "gone.html"
    html = _pages.get_template(name).render(**(found or {}), lang=head.lang)
    return Response(
        html.encode(),
        media_type="text/html; charset=utf-8",
        status_code=200 if found else 404,
        headers=HEADERS,
    )


def _values(tx: Tx, token: str, hub: Hub, head: Head, now: int) -> dict[str, Any] | None:
    order = service.opened(tx, token, now)
    if order is None:
        return None
    zh, en = page.SENTENCES[order.state]
    reached: list[tuple[str, int]] = []
    for version in tx.all(O.versions, root_no=order.root_no):
        reached += [(row["state"], row["at"]) for row in tx.all(O.snapshots, order_no=version["order_no"])]
    handler = view.handler(tx, order)
    return {
        "order_no": order.order_no,
        "sentence": en if head.lang == "en" else zh,
        "shape": page.SHAPES[order.state],
        "stages": page.stages(order, head.lang),
        "timeline": [
            (m.en if head.lang == "en" else m.zh, page.when(m.at, hub.timezone, head.lang))
            for m in page.timeline(order, reached)
        ],
        "lines": [(line.name, line.qty, line.uom) for line in order.lines],
        "parcels": [(p.carrier, p.waybill) for p in order.rest.parcels],
        "handler": handler,
        "place": order.address.text,
        "at": page.when(now, hub.timezone, head.lang),
    }


HANDLERS = [make_link, revoke_link, track]
