"""History and journal of an order over HTTP."""

from typing import Any

import msgspec
from litestar import get
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from litestar.response import Response

from api.db.tx import Row, Tx
from api.journal.chain import START
from api.journal.service import Q as J
from api.journal.service import origin_of
from api.kernel.actor import Actor
from api.orders import snapshots, store
from api.people import rights, service
from api.versions.compare import compare
from api.web.answer import ok
from api.web.edge import page, page_limit, shown_time, sliced, whole_cursor
from api.web.hub import Hub

PRICE_FIELDS = frozenset({"price_fen", "amount_fen", "paid_fen", "terms", "extra", "sold"})


@get("/api/orders/{order_no:str}/history")
async def history(
    hub: NamedDependency[Hub],
    actor: NamedDependency[Actor],
    order_no: FromPath[str],
    limit: FromQuery[int] = 200,
    cursor: FromQuery[str] = "",
) -> Response[bytes]:
    """Snapshots of this version, oldest first: `[{hash, at, state, by}]`."""
    rights.allow(actor, "history")

    def work(tx: Tx) -> list[dict[str, Any]]:
        store.get(tx, order_no)
        return [
            {"hash": one.hash, "at": shown_time(one.at, hub), "state": one.state, "by": one.actor}
            for one in snapshots.whole(tx, order_no)
        ]

    return ok(sliced(await hub.db.reader.run(work), limit, cursor)).response()


@get("/api/orders/{order_no:str}/history/{which:str}")
async def one_or_two(
    hub: NamedDependency[Hub], actor: NamedDependency[Actor], order_no: FromPath[str], which: FromPath[str]
) -> Response[bytes]:
    """`{hash}`: that snapshot whole, with the canonical text that was hashed; `{a}..{b}`: what differs."""
    rights.allow(actor, "history")

    def work(tx: Tx) -> dict[str, Any]:
        store.get(tx, order_no)
        a, dots, b = which.partition("..")
        if not dots:
            taken, text = snapshots.of_versions(tx, order_no, a)
            order = _seen(snapshots.unfold(tx, msgspec.json.decode(text)), actor)
            whole: dict[str, Any] = {
                "hash": taken.hash,
                "at": shown_time(taken.at, hub),
                "state": taken.state,
                "by": taken.actor,
                "order": order,
            }
            if actor.role in rights.SEES_PRICES:
                whole["canonical"] = text
            return whole
        was, now = (
            _seen(snapshots.unfold(tx, msgspec.json.decode(snapshots.of_versions(tx, order_no, h)[1])), actor)
            for h in (a, b)
        )
        return {"from": a, "to": b, "differences": [msgspec.structs.asdict(d) for d in compare(was, now)]}

    return ok(await hub.db.reader.run(work)).response()


def _seen(value: Any, actor: Actor) -> Any:
    """The same sights as on the order itself."""
    if actor.role in rights.SEES_PRICES:
        return value

    def walk(item: Any) -> Any:
        if isinstance(item, dict):
            return {
                key: rights.masked(one) if key == "phone" and isinstance(one, str) else walk(one)
                for key, one in item.items()
                if key not in PRICE_FIELDS
            }
        return [walk(one) for one in item] if isinstance(item, list) else item

    return walk(value)


@get("/api/orders/{order_no:str}/journal")
async def order_journal(
    hub: NamedDependency[Hub],
    actor: NamedDependency[Actor],
    order_no: FromPath[str],
    limit: FromQuery[int] = 200,
    cursor: FromQuery[str] = "",
) -> Response[bytes]:
    """Who did what, when, from where; oldest first. `body` is the text that was hashed, `said` the same with
    the personal values joined in."""
    rights.allow(actor, "journal")
    count, after = page_limit(limit), whole_cursor(cursor) or 0

    def work(tx: Tx) -> tuple[list[dict[str, Any]], int | None]:
        store.get(tx, order_no)
        rows = tx.all(J.entries_of, subject=f"order:{order_no}")
        before = [START, *(row["hash"] for row in rows)]
        linked = [(row, prev) for row, prev in zip(rows, before, strict=False) if row["seq"] > after]
        more = len(linked) > count
        items = [_entry(tx, row, prev, hub) for row, prev in linked[:count]]
        return items, items[-1]["seq"] if more else None

    items, following = await hub.db.reader.run(work)
    return ok(page(items, following)).response()


def _entry(tx: Tx, row: Row, prev: bytes, hub: Hub) -> dict[str, Any]:
    said = msgspec.json.decode(row["body"])
    where = origin_of(tx, said.pop("origin")) if "origin" in said else {}
    said = snapshots.unfold(tx, {**where, **said})
    person = service.user(tx, row["actor"])
    return {
        "pos": row["pos"],
        "seq": row["seq"],
        "at": shown_time(row["at"], hub),
        "at_ms": row["at"],
        "kind": row["kind"],
        "actor": row["actor"],
        "display": person.display if person else row["actor"],
        "ip": said.pop("ip", None),
        "device": said.pop("device", None),
        "body": row["body"],
        "said": said,
        "prev": prev.hex(),
        "hash": row["hash"].hex(),
    }


HANDLERS = [history, one_or_two, order_journal]
