"""Stock and master data over HTTP."""

from collections.abc import Callable
from typing import Any, TypeVar

from litestar import get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from litestar.response import Response

from api.db.queries import LAST
from api.db.tx import Row, Tx
from api.inventory import service, showing
from api.inventory.floor import TODO_KINDS
from api.kernel.actor import Actor
from api.kernel.errors import wrong_field
from api.people import rights
from api.stock import service as stock
from api.stock.model import BinIn, MoveIn, SkuIn, WarehouseIn
from api.stock.service import Q
from api.web.answer import Answer, ok
from api.web.commands import execute
from api.web.edge import Req, clean, cut, page, page_limit, ranked, shown_time, sliced, whole_cursor
from api.web.head import Head
from api.web.hub import Hub

T = TypeVar("T")
MANY = 50  # SKUs whose stock is asked at once


@get("/api/stock")
async def list_stock(
    hub: NamedDependency[Hub],
    actor: NamedDependency[Actor],
    sku: FromQuery[str] = "",
    warehouse: FromQuery[str] = "",
    most: FromQuery[int] = -1,
    limit: FromQuery[int] = 50,
    cursor: FromQuery[str] = "",
) -> Response[bytes]:
    """By SKU and warehouse; the cursor is `sku|warehouse`. `sku` may name up to 50, parted by commas; without it, `most`: only
    those of which so many are free at most."""
    rights.allow(actor, "stock")
    if sku:
        named, place = _skus_named(sku), clean(warehouse, "warehouse")
        found = await hub.db.lists.run(lambda tx: stock.stock_of(tx, named, place, hub.clock()))
        return ok(_after(found, page_limit(limit), clean(cursor, "cursor"))).response()
    count = page_limit(limit)
    after_sku, _, after_warehouse = clean(cursor, "cursor").rpartition("|")
    rows = await hub.db.lists.run(
        lambda tx: tx.all(
            Q.stock_list,
            warehouse=clean(warehouse, "warehouse"),
            most=max(-1, min(most, 10**9)),
            after_sku=after_sku,
            after_warehouse=after_warehouse,
            now=hub.clock(),
            count=count + 1,
        )
    )
    rows, last = cut(rows, count)
    following = None if last is None else f"{last['sku']}|{last['warehouse']}"
    return ok(page([dict(row) for row in rows], following)).response()


def _skus_named(text: str) -> list[str]:
    """A code may hold a comma itself, so the whole text is one of the names."""
    parts = clean(text, "sku", 2_100).split(",")
    if len(parts) > MANY:
        raise wrong_field("query.sku", f"一次最多 {MANY} 个货号。", f"At most {MANY} SKUs at once.")
    return sorted({text, *parts} - {""})


def _after(rows: list[Row], count: int, cursor: str) -> dict[str, Any]:
    after_sku, _, after_warehouse = cursor.rpartition("|")
    rows = [row for row in rows if (row["sku"], row["warehouse"]) > (after_sku, after_warehouse)]
    rows, last = cut(rows, count)
    return page([dict(row) for row in rows], last and f"{last['sku']}|{last['warehouse']}")


@post("/api/stock/moves", opt={"body": MoveIn})
async def post_move(
    request: Req, hub: NamedDependency[Hub], head: NamedDependency[Head], actor: NamedDependency[Actor]
) -> Response[bytes]:
    """201 the place's stock after the move; `lost`: the orders and promises that hold nothing there any more."""
    rights.allow(actor, "move_stock")

    def work(tx: Tx, given: MoveIn) -> Answer:
        lost = sorted(service.move(tx, given, actor, hub.clock()))
        row = tx.must(Q.stock, warehouse=given.warehouse, sku=given.sku)
        free = row["on_hand"] - row["reserved"]
        known = {"warehouse": given.warehouse, "sku": given.sku, **dict(row), "available": free, "lost": lost}
        return ok(known, 201)

    return (await execute(hub, head, actor, await request.body(), MoveIn, work)).response()


@get("/api/stock/{sku:str}/holds")
async def holds(
    hub: NamedDependency[Hub],
    actor: NamedDependency[Actor],
    sku: FromPath[str],
    warehouse: FromQuery[str] = "",
    limit: FromQuery[int] = 50,
    cursor: FromQuery[str] = "",
) -> Response[bytes]:
    """Who holds it: the first to give way stands first; `order_no` is a promise's id where it begins with P. What has lapsed holds nothing."""
    rights.allow(actor, "stock")
    place, now = clean(warehouse, "warehouse"), hub.clock()
    rows = await hub.db.reader.run(lambda tx: tx.all(Q.holders, sku=sku, warehouse=place, now=now))
    items = [
        {
            "reservation": f"{row['order_no']}/{row['line_no']}/{row['warehouse']}",
            "order_no": row["order_no"],
            "line_no": row["line_no"],
            "warehouse": row["warehouse"],
            "qty": row["qty"],
            "by": row["actor"],
            "at": shown_time(row["at"], hub),
            "release_when": row["release_when"],
            "expires_at": shown_time(row["expires_at"], hub),
        }
        for row in rows
        if row["expires_at"] is None or row["expires_at"] > now
    ]
    return ok(sliced(items, limit, cursor)).response()


@get("/api/stock/bins")
async def stock_by_bin(
    hub: NamedDependency[Hub],
    actor: NamedDependency[Actor],
    warehouse: FromQuery[str] = "",
    q: FromQuery[str] = "",
    limit: FromQuery[int] = 50,
    cursor: FromQuery[str] = "",
) -> Response[bytes]:
    """What lies in which bin (`bin` empty: in none), by warehouse and bin; with `q` where bin or SKU begins so."""
    rights.allow(actor, "stock")
    count, text = page_limit(limit), clean(q, "q", 100).strip()
    after = [*clean(cursor, "cursor").split("/"), "", ""][:3]  # no code holds a slash
    words = {"warehouse": clean(warehouse, "warehouse"), "text": text, "beyond": text + LAST}
    places = dict(zip(("after_warehouse", "after_bin", "after_sku"), after, strict=True))
    rows = await hub.db.lists.run(lambda tx: tx.all(Q.bin_stock_list, **words, **places, count=count + 1))
    rows, last = cut(rows, count)
    following = last and f"{last['warehouse']}/{last['bin']}/{last['sku']}"
    return ok(page([dict(row) for row in rows], following)).response()


@get("/api/todos")
async def todos(
    hub: NamedDependency[Hub],
    actor: NamedDependency[Actor],
    warehouse: FromQuery[str] = "",
    kind: FromQuery[str] = "",
    limit: FromQuery[int] = 50,
    cursor: FromQuery[str] = "",
) -> Response[bytes]:
    """Open tasks of the floor: `inspect`, `put_away`, `count`, or all."""
    rights.allow(actor, "stock")
    count, after, place = page_limit(limit), whole_cursor(cursor) or 0, clean(warehouse, "warehouse")
    if kind not in ("", *TODO_KINDS):
        raise wrong_field(
            "query.kind", f"只能是：{'、'.join(TODO_KINDS)}。", f"One of: {', '.join(TODO_KINDS)}."
        )
    rows = await hub.db.reader.run(
        lambda tx: tx.all(Q.todos_open, warehouse=place, kind=kind, after=after, count=count + 1)
    )
    rows, last = cut(rows, count)
    items = [{**dict(row), "id": str(row["id"]), "at": shown_time(row["at"], hub)} for row in rows]
    return ok(page(items, last and last["id"])).response()


@get("/api/skus")
async def skus(
    hub: NamedDependency[Hub],
    actor: NamedDependency[Actor],
    q: FromQuery[str] = "",
    limit: FromQuery[int] = 50,
    cursor: FromQuery[str] = "",
) -> Response[bytes]:
    """By code; with `q` best first: the code or barcode itself, whose code or name begins so, then who hold it."""
    rights.allow(actor, "stock")
    text = clean(q, "q", 100).strip()
    count, after = page_limit(limit), clean(cursor, "cursor")

    def work(tx: Tx) -> dict[str, Any]:
        if text:
            best = ranked(lambda most: stock.found(tx, text, most), limit, cursor)
            units = {row["code"]: stock.units_of(tx, row["code"]) for row in best["items"]}
            return {**best, "items": showing.skus(best["items"], units, actor)}
        rows, last = cut(tx.all(Q.skus_all, after=after, count=count + 1), count)
        return page(showing.skus(rows, stock.units_between(tx, rows), actor), last and last["code"])

    return ok(await hub.db.lists.run(work)).response()


@get("/api/bins")
async def bins(
    hub: NamedDependency[Hub],
    actor: NamedDependency[Actor],
    warehouse: FromQuery[str] = "",
    q: FromQuery[str] = "",
    limit: FromQuery[int] = 50,
    cursor: FromQuery[str] = "",
) -> Response[bytes]:
    """By code; with `q` those whose code or SKU begins so."""
    rights.allow(actor, "stock")
    count, after, place = page_limit(limit), clean(cursor, "cursor"), clean(warehouse, "warehouse")
    text = clean(q, "q", 100).strip()
    words = {"text": text, "beyond": text + LAST} if text else {}
    asked = Q.bins_found if text else Q.bins_all
    rows = await hub.db.lists.run(
        lambda tx: tx.all(asked, warehouse=place, after=after, count=count + 1, **words)
    )
    rows, last = cut(rows, count)
    return ok(page([showing.a_bin(row) for row in rows], last and last["code"])).response()


@get("/api/warehouses")
async def warehouses(
    hub: NamedDependency[Hub],
    actor: NamedDependency[Actor],
    limit: FromQuery[int] = 50,
    cursor: FromQuery[str] = "",
) -> Response[bytes]:
    """The company's default first."""
    rights.allow(actor, "stock")
    rows = await hub.db.reader.run(lambda tx: tx.all(Q.warehouses))
    return ok(sliced([showing.a_warehouse(row) for row in rows], limit, cursor)).response()


@get("/api/skus/{code:str}")
async def read_sku(
    hub: NamedDependency[Hub], actor: NamedDependency[Actor], code: FromPath[str]
) -> Response[bytes]:
    """One SKU."""
    rights.allow(actor, "stock")
    return ok(await hub.db.reader.run(lambda tx: showing.sku(tx, code, actor))).response()


@get("/api/bins/{code:str}")
async def read_bin(
    hub: NamedDependency[Hub], actor: NamedDependency[Actor], code: FromPath[str]
) -> Response[bytes]:
    """One bin."""
    rights.allow(actor, "stock")
    return ok(await hub.db.reader.run(lambda tx: showing.bin_(tx, code))).response()


@get("/api/warehouses/{code:str}")
async def read_warehouse(
    hub: NamedDependency[Hub], actor: NamedDependency[Actor], code: FromPath[str]
) -> Response[bytes]:
    """One warehouse."""
    rights.allow(actor, "stock")
    return ok(await hub.db.reader.run(lambda tx: showing.warehouse(tx, code))).response()


@put("/api/skus/{code:str}", opt={"body": SkuIn})
async def put_sku(
    request: Req,
    hub: NamedDependency[Hub],
    head: NamedDependency[Head],
    actor: NamedDependency[Actor],
    code: FromPath[str],
) -> Response[bytes]:
    def save(tx: Tx, given: SkuIn) -> Any:
        service.save_sku(tx, code, given, actor, hub.clock())
        return showing.sku(tx, code, actor)

    return await _put(request, hub, head, actor, code, SkuIn, save)


@put("/api/bins/{code:str}", opt={"body": BinIn})
async def put_bin(
    request: Req,
    hub: NamedDependency[Hub],
    head: NamedDependency[Head],
    actor: NamedDependency[Actor],
    code: FromPath[str],
) -> Response[bytes]:
    def save(tx: Tx, given: BinIn) -> Any:
        service.save_bin(tx, code, given, actor, hub.clock())
        return showing.bin_(tx, code)

    return await _put(request, hub, head, actor, code, BinIn, save)


@put("/api/warehouses/{code:str}", opt={"body": WarehouseIn})
async def put_warehouse(
    request: Req,
    hub: NamedDependency[Hub],
    head: NamedDependency[Head],
    actor: NamedDependency[Actor],
    code: FromPath[str],
) -> Response[bytes]:
    def save(tx: Tx, given: WarehouseIn) -> Any:
        service.save_warehouse(tx, code, given, actor, hub.clock())
        return showing.warehouse(tx, code)

    return await _put(request, hub, head, actor, code, WarehouseIn, save)


async def _put(
    request: Req, hub: Hub, head: Head, actor: Actor, code: str, kind: type[T], save: Callable[[Tx, T], Any]
) -> Response[bytes]:
    rights.allow(actor, "master")
    service.checked_code(code)

    def work(tx: Tx, given: T) -> Answer:
        said = getattr(given, "code", "")
        if said not in ("", code):
            raise wrong_field("$.code", f"和地址里的 {code} 不一样。", f"Differs from {code} in the path.")
        return ok(save(tx, given))

    return (await execute(hub, head, actor, await request.body(), kind, work)).response()


HANDLERS = [
    list_stock, post_move, holds, stock_by_bin, todos, skus, bins, warehouses, read_sku, read_bin, read_warehouse, put_sku, put_bin,
    put_warehouse,
]  # fmt: skip
