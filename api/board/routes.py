"""The board over HTTP: once as a whole, and as a stream of what changes (server-sent events).

The stream is for `EventSource`: it sends the session cookie by itself and comes back with `Last-Event-ID`. Events:
`ready` first; `order` a row as in the board (grey: it left the board); `elsewhere` an order that left the warehouse
asked for; `counts` at most once a second; `beat` each 15 seconds; `reset` read the board anew; `signed_out` the
session is over.
"""

import asyncio
import contextlib

from litestar import get
from litestar.di import NamedDependency
from litestar.params import FromQuery
from litestar.response import Response
from litestar.types import ASGIApp, Receive, Scope, Send

from api.board import service
from api.board.client import Client
from api.board.feed import Feed
from api.board.model import Filter, Sight
from api.board.service import Judge
from api.kernel.actor import Actor
from api.people import guards, rights
from api.web.answer import ok
from api.web.edge import Req, clean, page_limit
from api.web.head import Head
from api.web.hub import Hub

HEADERS = (
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store, no-transform"),
    # nginx gathers an answer before it passes it on unless told not to.
    (b"x-accel-buffering", b"no"),
)


def sight_of(actor: Actor, head: Head, lang: str = "") -> Sight:
    """`lang`: `EventSource` cannot set headers, and a page may speak otherwise than its browser."""
    return Sight(actor.role in rights.SEES_PRICES, lang if lang in ("zh", "en") else head.lang)


@get("/api/board")
async def read_board(
    hub: NamedDependency[Hub],
    head: NamedDependency[Head],
    actor: NamedDependency[Actor],
    warehouse: FromQuery[str] = "",
    customer: FromQuery[str] = "",
    tag: FromQuery[str] = "",
    priority: FromQuery[str] = "",
    limit: FromQuery[int] = 50,
) -> Response[bytes]:
    """Four colours with their counts; of each the most urgent rows, at most `limit`. Filters: warehouse,
    customer id, tag, `priority=urgent`."""
    rights.allow(actor, "read")
    most = page_limit(limit)
    asked = {"warehouse": warehouse, "customer": customer, "tag": tag, "priority": priority}
    by = Filter(**{name: clean(value, name) for name, value in asked.items()})
    judge = Judge(hub.clock(), hub.sla_ms, hub.timezone)
    return ok(
        await hub.db.lists.run(lambda tx: service.board(tx, by, most, sight_of(actor, head), judge))
    ).response()


@get("/api/board/events", media_type="text/event-stream")
async def stream_board(
    request: Req,
    head: NamedDependency[Head],
    actor: NamedDependency[Actor],
    warehouse: FromQuery[str] = "",
    cursor: FromQuery[str] = "",
    lang: FromQuery[str] = "",
) -> ASGIApp:
    """Changes as server-sent events, from `Last-Event-ID` or the board's `cursor` on; without either from now.
    `lang` (`zh`, `en`): of the reasons in words; else the browser's."""
    rights.allow(actor, "read")
    feed: Feed = request.app.state.board
    house = clean(warehouse, "warehouse")
    since = head.headers.get("last-event-id", "")[:200] or clean(cursor, "cursor")
    mark = guards.mark_of(head)

    async def stream(_: Scope, receive: Receive, send: Send) -> None:
        client = await feed.join(sight_of(actor, head, lang), house, mark, since)
        watcher = asyncio.create_task(_until_gone(receive, client))
        try:
            await send({"type": "http.response.start", "status": 200, "headers": list(HEADERS)})
            while text := await client.next():
                await send({"type": "http.response.body", "body": text, "more_body": True})
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        finally:
            feed.leave(client)
            watcher.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await watcher

    return stream


async def _until_gone(receive: Receive, client: Client) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    client.close()


HANDLERS = [read_board, stream_board]
