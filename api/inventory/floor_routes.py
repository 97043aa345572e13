"""The ledger, lots, tasks of the floor and orders to count, over HTTP."""

from typing import Any

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from litestar.response import Response

from api.db.tx import Tx
from api.inventory import floor, reading
from api.kernel.actor import Actor
from api.kernel.errors import Refused
from api.people import rights
from api.stock.service import Q
from api.web.answer import Answer, ok
from api.web.body import decode
from api.web.commands import execute
from api.web.edge import Req, clean, page, page_limit, shown_time, sliced
from api.web.head import Head
from api.web.hub import Hub

_TIMES = ("at", "held_at", "expires_at")


def _timed(row: dict[str, Any], hub: Hub) -> dict[str, Any]:
    return {name: shown_time(value, hub) if name in _TIMES else value for name, value in row.items()}


@get("/api/stock/{sku:str}/ledger")
async def ledger(
    hub: NamedDependency[Hub],
    head: NamedDependency[Head],
    actor: NamedDependency[Actor],
    sku: FromPath[str],
    warehouse: FromQuery[str] = "",
    limit: FromQuery[int] = 50,
    cursor: FromQuery[str] = "",
) -> Response[bytes]:
    """Newest first: moves with `on_hand` after each; `reserve` (stands) and `release` (ended; `held_at`, `held_by`, `why`)."""
    rights.allow(actor, "stock")
    count, place, at = page_limit(limit), clean(warehouse, "warehouse"), clean(cursor, "cursor")
    items, following = await hub.db.lists.run(lambda tx: reading.ledger(tx, sku, place, at, count))
    shown = []
    for item in items:
        why = item.get("why", "")
        told = why[head.lang] if isinstance(why, dict) else why
        plain = {name: value for name, value in item.items() if name not in ("id", "actor")}
        shown.append({**_timed(plain, hub), "by": item["actor"], "why": told})
    return ok(page(shown, following)).response()


@get("/api/stock/{sku:str}/bins")
async def lies(
    hub: NamedDependency[Hub],
    actor: NamedDependency[Actor],
    sku: FromPath[str],
    warehouse: FromQuery[str] = "",
    limit: FromQuery[int] = 50,
    cursor: FromQuery[str] = "",
) -> Response[bytes]:
    """Where it lies: by bin (empty: in hand, or in none), and by lot with its last day where it is kept so."""
    rights.allow(actor, "stock")
    place = clean(warehouse, "warehouse")
    rows = await hub.db.lists.run(lambda tx: tx.all(Q.lies, sku=sku, warehouse=place))
    return ok(sliced([dict(row) for row in rows], limit, cursor)).response()


@get("/api/lots/{sku:str}/{lot:str}")
async def one_lot(
    hub: NamedDependency[Hub], actor: NamedDependency[Actor], sku: FromPath[str], lot: FromPath[str]
) -> Response[bytes]:
    """Where pieces of a lot lie, and which orders got some: the question of a recall."""
    rights.allow(actor, "stock")
    found = await hub.db.lists.run(lambda tx: reading.lot(tx, sku, lot))
    found["orders"] = [_timed(one, hub) for one in found["orders"]]
    return ok(_timed(found, hub)).response()


@post("/api/todos/{number:str}/finish", status_code=200, opt={"body": floor.Finish})
async def finish(
    request: Req,
    hub: NamedDependency[Hub],
    head: NamedDependency[Head],
    actor: NamedDependency[Actor],
    number: FromPath[str],
) -> Response[bytes]:
    """A task is done: so many good pieces, so many bad ones, where they are now. Says which orders were `served`, or `lost`
    theirs."""
    rights.allow(actor, "floor")
    if not (number.isascii() and number.isdigit() and len(number) < 19):
        raise Refused("not_found", what=f"todo {number}")

    def work(tx: Tx, given: floor.Finish) -> Answer:
        return ok({"id": number, **floor.finish(tx, int(number), given, actor, hub.clock())})

    return (await execute(hub, head, actor, await request.body(), floor.Finish, work)).response()


@post("/api/counts/plan", opt={"body": floor.Plan})
async def plan(
    request: Req, hub: NamedDependency[Hub], head: NamedDependency[Head], actor: NamedDependency[Actor]
) -> Response[bytes]:
    """201 the bins that are to be counted now. The bins are looked for beside the writer: it walks the ledger."""
    rights.allow(actor, "move_stock")
    raw, now = await request.body(), hub.clock()
    wanted = decode(floor.Plan, raw)
    bins = await hub.db.lists.run(lambda tx: floor.due(tx, wanted, now))

    def work(tx: Tx, given: floor.Plan) -> Answer:
        floor.order_counts(tx, given.warehouse, bins, actor, now)
        return ok({"warehouse": given.warehouse, "bins": sorted(bins)}, 201)

    return (await execute(hub, head, actor, raw, floor.Plan, work)).response()


HANDLERS = [ledger, lies, one_lot, finish, plan]
