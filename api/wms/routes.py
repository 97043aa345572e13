"""Warehouses' WMS over HTTP: how each is spoken to, tried before it is on, how its lane stands, calls that are stuck."""

import asyncio
from typing import Any
from urllib.parse import urlsplit

import msgspec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from litestar import get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from litestar.response import Response
from msgspec import UNSET

from api.db.tx import Row, Tx
from api.kernel.actor import Actor
from api.kernel.errors import Refused, wrong_field
from api.orders.model import Command
from api.outbound import guard
from api.outbound.guard import Allowed
from api.outbound.sending import Failed
from api.people import rights
from api.web.answer import Answer, ok
from api.web.body import decode
from api.web.commands import execute
from api.web.edge import Req, clean, cut, page, page_limit, shown_time, sliced, whole_cursor
from api.web.head import Head
from api.web.hub import Hub
from api.wms import protocol, service, store
from api.wms.client import Client
from api.wms.model import House, State, WmsIn
from api.wms.store import Q

NEWEST = 2**62
SHOWN = 20
_keys: dict[bytes, AESGCM] = {}


def _key(hub: Hub) -> AESGCM:
    """Deriving it takes longer than most answers."""
    if hub.secret not in _keys:
        _keys[hub.secret] = store.sealing_key(hub.secret)
    return _keys[hub.secret]


@get("/api/warehouses/{code:str}/wms")
async def read_wms(
    hub: NamedDependency[Hub], actor: NamedDependency[Actor], code: FromPath[str]
) -> Response[bytes]:
    """How the warehouse's WMS is spoken to; its key is shown as set or not."""
    rights.allow(actor, "wms")
    found = await hub.db.reader.run(lambda tx: store.shown(tx, code, lambda at: shown_time(at, hub)))
    return ok(found).response()


@put("/api/warehouses/{code:str}/wms", opt={"body": WmsIn})
async def put_wms(
    request: Req,
    hub: NamedDependency[Hub],
    head: NamedDependency[Head],
    actor: NamedDependency[Actor],
    code: FromPath[str],
) -> Response[bytes]:
    """Takes back what GET gave; what is not named stays. Once it is on, what is reserved there is locked there too."""
    rights.allow(actor, "wms")

    def work(tx: Tx, given: WmsIn) -> Answer:
        _check_reach(given, hub.private)
        store.save(tx, code, given, _key(hub), actor, hub.clock())
        return ok(store.shown(tx, code, lambda at: shown_time(at, hub)))

    return (await execute(hub, head, actor, await request.body(), WmsIn, work)).response()


def _check_reach(given: WmsIn, private: Allowed) -> None:
    """An address that no call would ever reach is refused at once; a name is judged by what it leads to, at each call."""
    if given.url is UNSET:
        return
    host = urlsplit(given.url).hostname or ""
    if guard.is_address(host) and not guard.may_reach(host, host, private):
        raise wrong_field(
            "$.url",
            "这是内网地址：先把它写进 HUODAONA_PRIVATE_OUTBOUND。",
            "A private address: name it in HUODAONA_PRIVATE_OUTBOUND first.",
        )


@post("/api/warehouses/{code:str}/wms/try", status_code=200, opt={"body": WmsIn})
async def try_wms(
    request: Req, hub: NamedDependency[Hub], actor: NamedDependency[Actor], code: FromPath[str]
) -> Response[bytes]:
    """Asks once for the first page of the stock, by what is saved or by what is given here; shows what came and how it is
    read. Saves and locks nothing."""
    rights.allow(actor, "wms")
    given = decode(WmsIn, await request.body())
    house = await hub.db.reader.run(lambda tx: store.wanted(tx, code, given, _key(hub)))
    return ok(await asyncio.to_thread(lambda: _tried(house, hub))).response()


def _tried(house: House, hub: Hub) -> dict[str, Any]:
    told: dict[str, Any] = {"ok": False, "status": None, "why": "", "raw": "", "items": []}
    try:
        answer = Client(house, hub.private).first()
    except Failed as error:
        return {**told, "why": str(error)}
    raw = answer.body[:2_000].decode(errors="replace").replace("\0", " ")
    told |= {"status": answer.status, "raw": raw}
    try:
        found = protocol.lying(house.wms, protocol.page(house.wms, answer).items)
    except protocol.Unreadable as error:
        return {**told, "why": str(error)}
    return {**told, "ok": True, "items": [one._asdict() for one in found[:SHOWN]]}


@post("/api/warehouses/{code:str}/wms/reconcile", status_code=202, opt={"body": Command})
async def reconcile(
    request: Req,
    hub: NamedDependency[Hub],
    head: NamedDependency[Head],
    actor: NamedDependency[Actor],
    code: FromPath[str],
) -> Response[bytes]:
    """Both ledgers are compared with the lane's next round; the report stands in GET /api/wms."""
    rights.allow(actor, "wms")

    def work(tx: Tx, _: Command) -> Answer:
        store.must(tx, code, _key(hub))
        tx.run(Q.ask_reconcile, warehouse=code, at=hub.clock())
        return ok({"warehouse": code, "asked": True}, 202)

    return (await execute(hub, head, actor, await request.body(), Command, work)).response()


@get("/api/wms")
async def lanes(
    hub: NamedDependency[Hub],
    actor: NamedDependency[Actor],
    limit: FromQuery[int] = 50,
    cursor: FromQuery[str] = "",
) -> Response[bytes]:
    """Each warehouse that a WMS keeps: its breaker, what waits and sticks, the last look and the last comparison."""
    rights.allow(actor, "wms")

    def work(tx: Tx) -> list[dict[str, Any]]:
        counts = tx.all(Q.counts)
        return [
            _lane(row, [one for one in counts if one["warehouse"] == row["warehouse"]], hub)
            for row in tx.all(Q.houses)
        ]

    return ok(sliced(await hub.db.reader.run(work), limit, cursor)).response()


def _lane(row: Row, counts: list[Row], hub: Hub) -> dict[str, Any]:
    state: State = store.state_of(row)
    by_state = {one["state"]: one for one in counts}
    waiting, stuck = by_state.get("waiting"), by_state.get("stuck")
    report: dict[str, Any] | None = None if state.report is None else msgspec.to_builtins(state.report)
    if report is not None:
        report["at"] = shown_time(report["at"], hub)
    return {
        "warehouse": row["warehouse"],
        "enabled": bool(row["enabled"]),
        "breaker": {
            "state": state.breaker.state,
            "failures": state.breaker.failures,
            "since": shown_time(state.breaker.since or None, hub),
            "until": shown_time(state.breaker.until or None, hub),
            "why": state.breaker.why,
        },
        "waiting": waiting["n"] if waiting else 0,
        "in_doubt": waiting["doubted"] if waiting else 0,
        "oldest_at": shown_time(waiting["oldest"], hub) if waiting else None,
        "stuck": stuck["n"] if stuck else 0,
        "mirrored_at": shown_time(state.mirrored_at or None, hub),
        "unknown_skus": list(state.unknown),
        "report": report,
    }


@get("/api/wms/calls")
async def calls(
    hub: NamedDependency[Hub],
    actor: NamedDependency[Actor],
    warehouse: FromQuery[str] = "",
    call_state: FromQuery[str] = "",
    limit: FromQuery[int] = 50,
    cursor: FromQuery[str] = "",
) -> Response[bytes]:
    """What WMS are told, the newest first; `call_state` is waiting, stuck, done, refused or dropped."""
    rights.allow(actor, "wms")
    count, before = page_limit(limit), whole_cursor(cursor) or NEWEST
    place, wanted = clean(warehouse, "warehouse"), clean(call_state, "call_state")
    rows = await hub.db.lists.run(
        lambda tx: tx.all(Q.calls, warehouse=place, state=wanted, before=before, count=count + 1)
    )
    rows, last = cut(rows, count)
    return ok(page([_shown(row, hub) for row in rows], last and last["id"])).response()


def _shown(row: Row, hub: Hub) -> dict[str, Any]:
    times = {name: shown_time(row[name], hub) for name in ("at", "sent_at", "next_at", "done_at")}
    return {**dict(row), "id": str(row["id"]), **times}


@post("/api/wms/calls/{number:int}/{choice:str}", status_code=200, opt={"body": Command})
async def settle(
    request: Req,
    hub: NamedDependency[Hub],
    head: NamedDependency[Head],
    actor: NamedDependency[Actor],
    number: FromPath[int],
    choice: FromPath[str],
) -> Response[bytes]:
    """`retry` or `give_up` of a call that is stuck. A lock that is given up counts as refused."""
    rights.allow(actor, "wms")
    run = {"retry": service.again, "give_up": service.give_up}.get(choice)
    if run is None:
        raise Refused("no_such_path")

    def work(tx: Tx, _: Command) -> Answer:
        run(tx, number, actor, hub.clock())
        return ok(_shown(tx.must(Q.call_shown, id=number), hub))

    return (await execute(hub, head, actor, await request.body(), Command, work)).response()


HANDLERS = [read_wms, put_wms, try_wms, reconcile, lanes, calls, settle]
