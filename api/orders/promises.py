"""Promises over HTTP: make one, see them, give one back. An order takes one over by its `promise_id`."""

from typing import Annotated, Any

from litestar import delete, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, QueryParameter
from litestar.response import Response

from api.db.tx import Tx
from api.journal import service as journal
from api.kernel import time as times
from api.kernel.actor import Actor
from api.orders import frozen, promising, view
from api.orders.frozen import STANDS, Promise
from api.orders.promising import PromiseIn
from api.orders.store import Q
from api.people import rights
from api.people import service as people
from api.people.service import Q as P
from api.web.answer import Answer, ok
from api.web.commands import execute
from api.web.edge import Req, clean, cut, one_of, page, page_limit, whole_cursor
from api.web.head import Head
from api.web.hub import Hub


def shown(tx: Tx, promise: Promise, hub: Hub, head: Head) -> dict[str, Any]:
    """As its maker sees it; `why` only where it holds nothing any more for a reason."""
    said, tz = promise.said, hub.timezone
    wish, lost = said.wish, said.lost
    customer = tx.one(P.customer, id=promise.customer) if promise.customer else None
    place = journal.kept(tx, promise.address_ref) if promise.address_ref is not None else None
    maker = people.user(tx, promise.actor)
    found = {
        "id": promise.id,
        "state": promise.stands(hub.clock()),
        "warehouse": promise.warehouse,
        **view.dates(said.dates, tz, head.lang),
        "expires_at": times.text(promise.expires_at, tz),
        "at": times.text(promise.at, tz),
        "by": {"user": promise.actor, "name": maker.display if maker else promise.actor},
        "customer": customer and {"id": customer["id"], "name": customer["name"]},
        "address": {"text": place[1] if place else "", "adcode": said.adcode},
        "lines": [{"sku": sku, "qty": qty} for sku, qty in said.lines],
        "order_no": promise.order_no or None,
    }
    if wish is not None:
        answer = "yes" if wish.is_kept else "no"
        found["want_by"] = {
            "by": times.text(wish.by, tz), "answer": answer, "earliest": times.text(wish.earliest, tz),
        }  # fmt: skip
    if lost is not None:
        found["why"] = lost.text(head.lang)
    return found


@post("/api/promises", opt={"body": PromiseIn})
async def post_promise(
    request: Req, hub: NamedDependency[Hub], head: NamedDependency[Head], actor: NamedDependency[Actor]
) -> Response[bytes]:
    """201 the dates with their reasons, the pieces frozen until `expires_at`; 409 `short_stock` says what each warehouse lacks."""
    rights.allow(actor, "promise")
    now, terms = hub.clock(), promising.Terms(hub.timezone, hub.promise_ms)

    def work(tx: Tx, given: PromiseIn) -> Answer:
        return ok(shown(tx, promising.create(tx, given, actor, now, terms), hub, head), 201)

    raw = await request.body()
    answer = await execute(hub, head, actor, raw, PromiseIn, work, is_pure=True, ahead=promising.ahead)
    return answer.response()


@get("/api/promises", opt={"among": {"state": STANDS}})
async def list_promises(
    hub: NamedDependency[Hub],
    head: NamedDependency[Head],
    actor: NamedDependency[Actor],
    in_state: Annotated[str, QueryParameter(name="state")] = "",
    by: FromQuery[str] = "",
    limit: FromQuery[int] = 50,
    cursor: FromQuery[str] = "",
) -> Response[bytes]:
    """Newest first; `state` open, used, returned, lapsed or lost as they stand now, `by` a user's name."""
    rights.allow(actor, "promise")
    one_of("state", in_state, STANDS)
    count, who = page_limit(limit), clean(by, "by")
    at, _, number = clean(cursor, "cursor").partition("|")
    before = whole_cursor(at)

    def work(tx: Tx) -> dict[str, Any]:
        asked = {
            "now": hub.clock(), "before_at": times.LATEST if before is None else before, "before_id": number,
            "actor": who, "count": count + 1,
        }  # fmt: skip
        if in_state == "open":
            rows = tx.all(Q.promises_open, **asked)
        else:
            rows = tx.all(Q.promises, **asked, state=in_state)
        rows, last = cut(rows, count)
        items = [shown(tx, frozen.of(row), hub, head) for row in rows]
        return page(items, last and f"{last['at']}|{last['id']}")

    return ok(await hub.db.lists.run(work)).response()


@get("/api/promises/{number:str}")
async def read_promise(
    hub: NamedDependency[Hub],
    head: NamedDependency[Head],
    actor: NamedDependency[Actor],
    number: FromPath[str],
) -> Response[bytes]:
    """One promise as it stands now."""
    rights.allow(actor, "promise")
    return ok(await hub.db.reader.run(lambda tx: shown(tx, frozen.get(tx, number), hub, head))).response()


@delete("/api/promises/{number:str}", status_code=200)
async def delete_promise(
    hub: NamedDependency[Hub],
    head: NamedDependency[Head],
    actor: NamedDependency[Actor],
    number: FromPath[str],
) -> Response[bytes]:
    """Gives the pieces back; a second time changes nothing. Who made it may, and who leads."""
    rights.allow(actor, "promise")
    now = hub.clock()

    def work(tx: Tx) -> dict[str, Any]:
        return shown(tx, promising.give_back(tx, number, actor, now), hub, head)

    return ok(await hub.db.writer.run(work)).response()


HANDLERS = [post_promise, list_promises, read_promise, delete_promise]
