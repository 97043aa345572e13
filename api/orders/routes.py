"""Orders over HTTP: list, create, batch, read, command, attachments.

Creating is also served by the fast lane (`create`), which the app mounts before Litestar's router.
"""

import contextlib
import hashlib
from typing import Annotated, Any

import msgspec
from litestar import get, post
from litestar.datastructures import UploadFile
from litestar.di import NamedDependency
from litestar.enums import RequestEncodingType
from litestar.params import FromPath, FromQuery, QueryParameter
from litestar.response import Response
from msgspec import Meta

from api.db.lookups import Wanted
from api.db.tx import Tx
from api.journal import service as journal
from api.kernel import time as times
from api.kernel.actor import Actor
from api.kernel.errors import Invalid, Refused, wrong_field
from api.kernel.time import MINUTE
from api.orders import finding, placing, store, view, ways
from api.orders.commands import COMMANDS, command
from api.orders.model import STATES, Draft, Order
from api.orders.store import Q
from api.people import rights
from api.web.answer import Answer, ok
from api.web.body import OfParts, decode
from api.web.commands import answered, execute
from api.web.edge import Req, clean, one_of, page, page_limit, sliced, whole_cursor
from api.web.head import Head
from api.web.hub import Hub
from api.web.outer import Lane

COLOURS = ("green", "yellow", "red", "blue", "grey")
LOOK = 10 * MINUTE
FILE_LIMIT = 10 * 1024 * 1024
LAST = finding.ALL


class Batch(OfParts, frozen=True):
    orders: Annotated[list[msgspec.Raw], Meta(min_length=1, max_length=200)]


def shown(tx: Tx, order: Order, hub: Hub, head: Head, actor: Actor) -> dict[str, Any]:
    return view.show(tx, order, actor, hub.clock(), hub.timezone, hub.sla_ms, head.lang)


async def create(hub: Hub, head: Head, actor: Actor, raw: bytes) -> Answer:
    """201 the order; the hot path."""
    rights.allow(actor, "create")
    now = hub.clock()

    def work(tx: Tx, draft: Draft) -> tuple[Order, view.People]:
        order = placing.place(tx, draft, actor, now, placing.From(hub.timezone))
        if hub.arrived(tx, order.channel, order.external_no, now):
            order = store.get(tx, order.order_no)
        return order, view.people(tx, order)

    def tell(made: tuple[Order, view.People]) -> Answer:
        return ok(view.shape(*made, actor, now, hub.timezone, hub.sla_ms, head.lang), 201)

    return await answered(hub, head, actor, raw, Draft, work, tell, is_pure=True, ahead=placing.ahead)


@post("/api/orders", opt={"body": Draft})
async def post_order(
    request: Req, hub: NamedDependency[Hub], head: NamedDependency[Head], actor: NamedDependency[Actor]
) -> Response[bytes]:
    """Create an order; `paid_at` needs the right to pay."""
    return (await create(hub, head, actor, await request.body())).response()


@post("/api/orders/batch", status_code=200, opt={"body": Batch})
async def post_batch(
    request: Req, hub: NamedDependency[Hub], head: NamedDependency[Head], actor: NamedDependency[Actor]
) -> Response[bytes]:
    """Up to 200 drafts, each on its own: one result each, in order."""
    rights.allow(actor, "create")
    now = hub.clock()

    def one(tx: Tx, raw: bytes) -> dict[str, Any]:
        try:
            with tx.part():
                draft = decode(Draft, raw)
                order = placing.place(tx, draft, actor, now, placing.From(hub.timezone))
                hub.arrived(tx, order.channel, order.external_no, now)
        except Refused as refused:
            return {"status": refused.status, "problem": refused.problem(head.lang, head.path)}
        return {"status": 201, "order_no": order.order_no}

    def work(tx: Tx, batch: Batch) -> Answer:
        return ok({"results": [one(tx, bytes(raw)) for raw in batch.orders]})

    def ahead(tx: Tx, batch: Batch) -> Wanted:
        for raw in batch.orders:
            with contextlib.suppress(Refused):
                yield from placing.ahead(tx, decode(Draft, bytes(raw)))

    raw = await request.body()
    answer = await execute(
        hub, head, actor, raw, Batch, work, is_pure=True, weigh=lambda batch: len(batch.orders), ahead=ahead
    )
    return answer.response()


@get("/api/orders")
async def list_orders(
    hub: NamedDependency[Hub],
    head: NamedDependency[Head],
    actor: NamedDependency[Actor],
    in_state: Annotated[str, QueryParameter(name="state")] = "",
    colour: FromQuery[str] = "",
    tag: FromQuery[str] = "",
    warehouse: FromQuery[str] = "",
    channel: FromQuery[str] = "",
    customer: FromQuery[str] = "",
    q: FromQuery[str] = "",
    since: FromQuery[str] = "",
    limit: FromQuery[int] = 50,
    cursor: FromQuery[str] = "",
) -> Response[bytes]:
    """Newest first; `q` finds by the beginning of a number, customer, phone or SKU."""
    rights.allow(actor, "read")
    count, before = page_limit(limit), whole_cursor(cursor)
    one_of("state", in_state, tuple(STATES))
    one_of("colour", colour, COLOURS)
    words = clean(q, "q", 100).strip()
    asked = finding.Filter(
        state=in_state,
        colour=colour,
        tag=clean(tag, "tag"),
        warehouse=clean(warehouse, "warehouse"),
        channel=clean(channel, "channel"),
        customer=clean(customer, "customer"),
        since=times.read(_plus(since), "query.since") if since else -1,
        stalled=hub.clock() - hub.sla_ms,
        text=words,
        sees_phones=actor.role in rights.SEES_PHONES,
    )

    def work(tx: Tx) -> dict[str, Any]:
        rows = finding.page(tx, asked, LAST if before is None else before, count + 1)
        more = len(rows) > count
        rows = rows[:count]
        items = [shown(tx, store.get(tx, row["order_no"]), hub, head, actor) for row in rows]
        return page(items, rows[-1]["id"] if more else None)

    return ok(await hub.db.lists.run(work)).response()


def _plus(text: str) -> str:
    """A plus sign in a query arrives as a space."""
    return text.replace(" ", "+")


@get("/api/orders/{order_no:str}")
async def read_order(
    hub: NamedDependency[Hub],
    head: NamedDependency[Head],
    actor: NamedDependency[Actor],
    order_no: FromPath[str],
) -> Response[bytes]:
    """One order; the look is journalled without making anybody wait."""
    rights.allow(actor, "read")
    now = hub.clock()
    answer = await hub.db.reader.run(lambda tx: ok(shown(tx, store.get(tx, order_no), hub, head, actor)))
    hub.db.writer.later(lambda tx: journal.looked(tx, order_no, actor, now, LOOK))
    return answer.response()


@get("/api/orders/{order_no:str}/ways")
async def read_ways(
    hub: NamedDependency[Hub],
    head: NamedDependency[Head],
    actor: NamedDependency[Actor],
    order_no: FromPath[str],
) -> Response[bytes]:
    """What can be done about stock that is short, the best first: each way with its reason and the command that takes it."""
    rights.allow(actor, "read")
    now = hub.clock()

    def work(tx: Tx) -> dict[str, Any]:
        found = ways.ways(tx, store.get(tx, order_no), actor, now)
        return page([way.shown(head.lang) for way in found], None)

    return ok(await hub.db.reader.run(work)).response()


@post("/api/orders/{order_no:str}/{name:str}", status_code=200, opt={"body": "command"})
async def post_command(
    request: Req,
    hub: NamedDependency[Hub],
    head: NamedDependency[Head],
    actor: NamedDependency[Actor],
    order_no: FromPath[str],
    name: FromPath[str],
) -> Response[bytes]:
    """A command; answers the order as it is then (for amend and restore: the new version)."""
    spec = COMMANDS.get(name)
    if spec is None:
        raise Refused("no_such_path")
    rights.allow(actor, spec.right)
    raw, now = await request.body(), hub.clock()

    def work(tx: Tx, given: Any) -> Answer:
        order = command(tx, order_no, name, given, actor, now)
        return ok(shown(tx, order, hub, head, actor))

    return (await execute(hub, head, actor, raw or b"{}", spec.body, work)).response()


@post(
    "/api/orders/{order_no:str}/attachments",
    opt={"body": "multipart"},
    request_max_body_size=FILE_LIMIT + 64 * 1024,  # and the form around the file
)
async def post_attachment(
    request: Req,
    hub: NamedDependency[Hub],
    actor: NamedDependency[Actor],
    order_no: FromPath[str],
) -> Response[bytes]:
    """multipart: `file`, `kind` receipt|photo|document; a receipt also `paid_on`, `amount_fen`."""
    rights.allow(actor, "attach")
    if request.content_type[0] != RequestEncodingType.MULTI_PART:
        raise Refused("unsupported_media", what=request.content_type[0] or "-")
    form = await request.form()
    file, kind = form.get("file"), form.get("kind", "document")
    if not isinstance(file, UploadFile):
        raise wrong_field("$.file", "没有文件。", "No file.")
    if kind not in ("receipt", "photo", "document"):
        raise wrong_field("$.kind", "只能是 receipt、photo、document。", "One of receipt, photo, document.")
    paid_on, amount = _receipt(form) if kind == "receipt" else (None, None)
    content = await file.read()
    if len(content) > FILE_LIMIT:
        raise Refused("too_large", limit="10 MB")
    media, now = (file.content_type or "application/octet-stream")[:100], hub.clock()
    mark = hashlib.sha256(content).hexdigest()

    def work(tx: Tx) -> dict[str, Any]:
        order = store.get(tx, order_no)
        name = journal.keep(tx, order.customer.id, clean(file.filename or "file", "file"))
        row = tx.must(
            Q.attach,
            order_no=order_no, kind=kind, name_ref=name.id, media=media, size=len(content), digest=mark,
            content=content, paid_on=paid_on, amount_fen=amount, actor=actor.name, at=now,
        )  # fmt: skip
        body = {"id": row[0], "kind": kind, "file": name.plain, "size": len(content), "digest": mark}
        journal.record(tx, f"order:{order_no}", "order.attached", body, actor, now)
        return {"id": str(row[0]), "kind": kind, "size": len(content), "digest": f"sha256:{mark}"}

    return ok(await hub.db.writer.run(work), 201).response()


def _receipt(form: Any) -> tuple[str, int]:
    paid_on, amount = str(form.get("paid_on", "")), str(form.get("amount_fen", ""))
    try:
        times.read(f"{paid_on}T00:00:00+00:00")
    except Invalid:
        raise wrong_field("$.paid_on", "要写成 YYYY-MM-DD。", "Written YYYY-MM-DD.") from None
    if not (amount.isascii() and amount.isdigit() and len(amount) <= 12):
        raise wrong_field("$.amount_fen", "要整数分。", "Whole fen.")
    return paid_on, int(amount)


@get("/api/orders/{order_no:str}/attachments")
async def list_attachments(
    hub: NamedDependency[Hub],
    actor: NamedDependency[Actor],
    order_no: FromPath[str],
    limit: FromQuery[int] = 50,
    cursor: FromQuery[str] = "",
) -> Response[bytes]:
    """Receipts only for those who see prices."""
    rights.allow(actor, "read")

    def work(tx: Tx) -> list[dict[str, Any]]:
        store.get(tx, order_no)
        found = [dict(row) for row in tx.all(Q.attachments, order_no=order_no)]
        for one in found:
            one["id"], one["at"] = str(one["id"]), times.text(one["at"], hub.timezone)
        return [one for one in found if _may_open(actor, one["kind"])]

    return ok(sliced(await hub.db.reader.run(work), limit, cursor)).response()


def _may_open(actor: Actor, kind: str) -> bool:
    return kind != "receipt" or actor.role in rights.SEES_PRICES


@get("/api/orders/{order_no:str}/attachments/{number:int}")
async def read_attachment(
    hub: NamedDependency[Hub], actor: NamedDependency[Actor], order_no: FromPath[str], number: FromPath[int]
) -> Response[bytes]:
    """The bytes as they came; never rendered in place."""
    rights.allow(actor, "read")
    if abs(number) > LAST:
        raise Refused("not_found", what=str(number))
    row = await hub.db.reader.run(lambda tx: tx.one(Q.attachment, id=number, order_no=order_no))
    if row is None or not _may_open(actor, row["kind"]):
        raise Refused("not_found", what=str(number))
    headers = {"content-disposition": "attachment", "x-content-type-options": "nosniff"}
    return Response(row["content"], media_type="application/octet-stream", headers=headers)


HANDLERS = [
    post_order,
    post_batch,
    list_orders,
    read_order,
    read_ways,
    post_command,
    post_attachment,
    list_attachments,
    read_attachment,
]
FAST = {("POST", "/api/orders"): Lane(create)}
