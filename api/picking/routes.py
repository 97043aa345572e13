"""Push, carry, pull, settle and the conflict list over HTTP."""

import binascii
import zlib
from base64 import b64decode
from typing import Annotated, Literal

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.hazmat.primitives.serialization import load_der_public_key
from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from litestar.response import Response
from msgspec import Meta

from api.db.tx import Tx
from api.kernel.actor import Actor
from api.kernel.errors import Invalid, Refused, Why, WrongField, wrong_field
from api.kernel.time import text
from api.people import rights
from api.people.service import Q as P
from api.picking import counting, pulling, pushing, settling, telling
from api.picking.counting import COUNTS, Counts
from api.picking.pushing import Q
from api.web.answer import Answer, ok
from api.web.body import decode
from api.web.commands import execute
from api.web.edge import Req, clean, cut, page, page_limit, shown_time, sliced, whole_cursor
from api.web.head import Head
from api.web.hub import Hub
from api.web.outer import Lane
from sync.ops import is_device
from sync.reasons import Malformed
from sync.wire import read_push

UNPACKED = 8 * 1024 * 1024
REACHES = 8
CARRIED = UNPACKED * 3 // 2  # a push in base64, and its signature


class Carry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`bundle`: base64 of the exact push body; `sig`: base64 of r‖s over it."""

    bundle: Annotated[str, Meta(min_length=1, max_length=12_000_000)]
    sig: Annotated[str, Meta(min_length=1, max_length=200)]


class Settle(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    choice: Literal["keep", "undo"]


class SyncSettle(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`ops`: what the person saw; without it the answer covers the conflict as it stands open on arrival."""

    id: Annotated[str, Meta(min_length=1, max_length=120)]
    choice: Literal["keep", "undo"]
    actor: Annotated[str, Meta(max_length=64)] = ""
    ops: Annotated[list[Annotated[str, Meta(max_length=32)]], Meta(max_length=500)] = []


async def push(hub: Hub, head: Head, actor: Actor, raw: bytes) -> Answer:
    """200 with one result per op, in order; anything else means that nothing was decided."""
    rights.allow(actor, "sync")
    body, now = unpacked(raw, head), hub.clock()
    device = _device(body)

    def work(tx: Tx) -> dict[str, object]:
        if actor.role == "device" and device != actor.name:
            why = Why("这不是这台设备的队列，用 /sync/carry。", "Not this device's queue: use /sync/carry.")
            raise Refused("not_yours", why, what="push")
        row = tx.one(P.device, device=device)
        if row is None or row["enrolled_at"] is None:
            raise wrong_field("$.device", "没有登记过这台设备。", "This device is not enrolled.")
        return {
            **pushing.push(tx, body, actor, now),
            "server_time": text(now, hub.timezone),
            "epoch": tx.value(Q.epoch),
        }

    return ok(await hub.db.writer.run(work, source=actor.name))


def _device(body: bytes) -> str:
    read = read_push(body)
    if isinstance(read, Malformed):
        raise Invalid([WrongField(f"$.{read.path}" if read.path else "$", Why(read.zh, read.en))])
    return read.device


def unpacked(raw: bytes, head: Head, limit: int = UNPACKED) -> bytes:
    """gzip where the head says so, never more than the limit."""
    coding = head.headers.get("content-encoding", "identity").strip().lower()
    if coding in ("identity", ""):
        if len(raw) > limit:
            raise Refused("too_large", limit=f"{limit >> 20} MB")
        return raw
    if coding != "gzip":
        raise Refused("unsupported_media", what=coding)
    try:
        opened = zlib.decompressobj(wbits=31)
        body = opened.decompress(raw, limit + 1)
    except zlib.error:
        raise wrong_field("$", "gzip 解不开。", "Not a gzip stream.") from None
    if len(body) > limit:
        raise Refused("too_large", limit=f"{limit >> 20} MB")
    if not opened.eof:
        raise wrong_field("$", "gzip 没传完。", "The gzip stream is cut off.")
    return body


@post("/sync/push", status_code=200, opt={"body": "push"}, request_max_body_size=UNPACKED)
async def post_push(
    request: Req, hub: NamedDependency[Hub], head: NamedDependency[Head], actor: NamedDependency[Actor]
) -> Response[bytes]:
    return (await push(hub, head, actor, await request.body())).response()


@post("/sync/carry", status_code=200, opt={"body": Carry}, request_max_body_size=CARRIED)
async def post_carry(
    request: Req, hub: NamedDependency[Hub], head: NamedDependency[Head], actor: NamedDependency[Actor]
) -> Response[bytes]:
    """Another device's queue, proven by that device's key; the answer is push's."""
    rights.allow(actor, "sync")
    raw = unpacked(await request.body(), head, CARRIED)
    given, now = decode(Carry, raw), hub.clock()
    key, body = await hub.db.reader.run(lambda tx: _opened(tx, given))
    if key is None or not is_signed(key, given.sig, body):
        zh, en = "签名不对，原文已存。", "Wrong signature; the raw bytes are kept."
        await hub.db.writer.run(
            lambda tx: tx.run(
                Q.park, carrier=actor.name, op_id="", raw=raw, code="bad_signature", zh=zh, en=en, at=now
            )
        )
        raise Refused("bad_signature")

    def work(tx: Tx) -> dict[str, object]:
        return {
            **pushing.push(tx, body, actor, now),
            "server_time": text(now, hub.timezone),
            "epoch": tx.value(Q.epoch),
        }

    return ok(await hub.db.writer.run(work, source=actor.name)).response()


def _opened(tx: Tx, given: Carry) -> tuple[str | None, bytes]:
    """The queue's device's public key, and the body; no key where nothing can be proven."""
    try:
        body = b64decode(given.bundle, validate=True)
    except (binascii.Error, ValueError):
        return None, b""
    read = read_push(body)
    if isinstance(read, Malformed) or len(body) > UNPACKED:
        return None, body
    row = tx.one(P.device, device=read.device)
    return (row["public_key"] or None if row is not None else None), body


def is_signed(spki: str, sig: str, body: bytes) -> bool:
    """ECDSA P-256 with SHA-256, the signature as r‖s."""
    try:
        raw = b64decode(sig, validate=True)
        key = load_der_public_key(b64decode(spki, validate=True))
    except (binascii.Error, ValueError):
        return False
    if len(raw) != 64 or not isinstance(key, ec.EllipticCurvePublicKey):
        return False
    r, s = int.from_bytes(raw[:32]), int.from_bytes(raw[32:])
    try:
        key.verify(utils.encode_dss_signature(r, s), body, ec.ECDSA(hashes.SHA256()))
    except InvalidSignature:
        return False
    return True


@post("/sync/counts", status_code=200, opt={"body": Counts}, request_max_body_size=UNPACKED)
async def post_counts(
    request: Req, hub: NamedDependency[Hub], head: NamedDependency[Head], actor: NamedDependency[Actor]
) -> Response[bytes]:
    """What lay in bins, as a device counted it, offline or not: one result each, in order; sent again, the same."""
    rights.allow(actor, "sync")
    given, now = decode(Counts, unpacked(await request.body(), head)), hub.clock()

    def work(tx: Tx) -> dict[str, object]:
        row = tx.one(P.device, device=given.device)
        if (
            row is None
            or row["enrolled_at"] is None
            or (actor.role == "device" and row["warehouse"] != actor.warehouse)
        ):
            raise wrong_field("$.device", "没有登记过这台设备。", "This device is not enrolled.")
        carrier = msgspec.structs.replace(actor, warehouse=row["warehouse"])
        return {
            "results": counting.take(tx, given, carrier, now),
            "server_time": text(now, hub.timezone),
            "epoch": tx.value(Q.epoch),
        }

    return ok(await hub.db.writer.run(work, source=actor.name)).response()


@get("/api/counts")
async def counts(
    hub: NamedDependency[Hub],
    head: NamedDependency[Head],
    actor: NamedDependency[Actor],
    warehouse: FromQuery[str] = "",
    limit: FromQuery[int] = 50,
    cursor: FromQuery[str] = "",
) -> Response[bytes]:
    """Counts from devices that were not applied and whose bin nobody has counted again: why, who, when; `holds`,
    `name` and `lies`: the SKU that belongs there now, and its pieces by the record."""
    rights.allow(actor, "stock")
    place = clean(warehouse, "warehouse")
    rows = await hub.db.reader.run(lambda tx: tx.all(Q.counts_care, warehouse=place))
    items = [
        {
            **dict(row),
            "at": shown_time(row["at"], hub),
            "received_at": shown_time(row["received_at"], hub),
            "why": COUNTS[row["code"]].text(head.lang),
        }
        for row in rows
    ]
    return ok(sliced(items, limit, cursor)).response()


@get("/sync/pull")
async def pull(
    hub: NamedDependency[Hub],
    actor: NamedDependency[Actor],
    warehouse: FromQuery[str] = "",
    cursor: FromQuery[str] = "",
    devices: FromQuery[str] = "",
) -> Response[bytes]:
    """`devices`: up to 8 ids, by commas, whose `reach` is asked; a device that says nothing hears its own."""
    rights.allow(actor, "sync")
    place = clean(warehouse, "warehouse") or actor.warehouse
    if actor.role == "device" and place != actor.warehouse:
        raise Refused("not_yours", what=f"pull {place}")
    if not place:
        raise wrong_field("query.warehouse", "要写哪个仓库。", "Say which warehouse.")
    clean(cursor, "cursor")
    asked = [name for name in clean(devices, "devices").split(",") if name]
    if len(asked) > REACHES or not all(map(is_device, asked)):
        raise wrong_field("query.devices", "最多 8 个设备号，用逗号分开。", "Up to 8 device ids, by commas.")
    now = hub.clock()

    def work(tx: Tx) -> Answer:
        if tx.one(P.warehouse_known, code=place) is None:
            raise Refused("unknown_warehouse", warehouse=place)
        found = pulling.pull(tx, place, cursor, now, hub.timezone)
        if actor.role != "device":
            return ok({**found, "reach": pulling.reach(tx, asked)})
        return ok({**found, "reach": pulling.reach(tx, asked or [actor.name]), "label": actor.display})

    return (await hub.db.reader.run(work)).response()


@get("/api/conflicts")
async def conflicts(
    hub: NamedDependency[Hub],
    actor: NamedDependency[Actor],
    status: FromQuery[str] = "open",
    limit: FromQuery[int] = 50,
    cursor: FromQuery[str] = "",
) -> Response[bytes]:
    """Open ones by default; `status=settled` or `all`. Each with names: whose order, who picked, who may settle it."""
    rights.allow(actor, "read")
    wanted = {"open": 1, "settled": 0, "all": -1}.get(status)
    if wanted is None:
        raise Invalid(
            [WrongField("query.status", Why("只能是 open、settled、all。", "One of open, settled, all."))]
        )
    count, after = page_limit(limit), clean(cursor, "cursor")

    def work(tx: Tx) -> tuple[list[dict[str, object]], str | None]:
        rows, last = cut(tx.all(Q.conflicts_page, after=after, count=count + 1, is_open=wanted), count)
        items = [
            {**telling.told(tx, row, actor, hub.timezone), "changed_at": shown_time(row["changed_at"], hub)}
            for row in rows
        ]
        return items, None if last is None else last["id"]

    return ok(page(*await hub.db.reader.run(work))).response()


@post("/api/conflicts/{order_no:str}/{line:str}/{kind:str}/settle", status_code=200, opt={"body": Settle})
async def settle(
    request: Req,
    hub: NamedDependency[Hub],
    head: NamedDependency[Head],
    actor: NamedDependency[Actor],
    order_no: FromPath[str],
    line: FromPath[str],
    kind: FromPath[str],
) -> Response[bytes]:
    """A conflict's id has three parts, and so has its address."""
    rights.allow(actor, "settle")
    conflict, now = f"{order_no}/{line}/{kind}", hub.clock()

    def work(tx: Tx, given: Settle) -> Answer:
        return ok(settling.settle(tx, conflict, given.choice, actor, now))

    return (await execute(hub, head, actor, await request.body(), Settle, work)).response()


@post("/sync/settle", status_code=200, opt={"body": SyncSettle})
async def sync_settle(
    request: Req, hub: NamedDependency[Hub], head: NamedDependency[Head], actor: NamedDependency[Actor]
) -> Response[bytes]:
    """From a device, queued offline like an op: sent again it gets the same answer."""
    rights.allow(actor, "sync")
    now = hub.clock()

    def work(tx: Tx, given: SyncSettle) -> Answer:
        done = settling.settle(
            tx, given.id, given.choice, actor, now, said_by=given.actor, seen=given.ops or None
        )
        return ok(done)

    return (await execute(hub, head, actor, await request.body(), SyncSettle, work)).response()


@get("/api/parked")
async def parked(
    hub: NamedDependency[Hub],
    head: NamedDependency[Head],
    actor: NamedDependency[Actor],
    limit: FromQuery[int] = 50,
    cursor: FromQuery[str] = "",
) -> Response[bytes]:
    """What devices sent that could not be taken, as it came."""
    rights.allow(actor, "settle")
    count, before = page_limit(limit), whole_cursor(cursor)
    rows = await hub.db.reader.run(lambda tx: tx.all(Q.parked, before=before or 2**62, count=count))
    items = [
        {
            "id": str(row["id"]),
            "carrier": row["carrier"],
            "op_id": row["op_id"],
            "code": row["code"],
            "why": row["en"] if head.lang == "en" else row["zh"],
            "raw": bytes(row["raw"]).decode("utf-8", "replace"),
            "at": shown_time(row["at"], hub),
        }
        for row in rows
    ]
    return ok(page(items, rows[-1]["id"] if len(rows) == count else None)).response()


HANDLERS = [post_push, post_carry, post_counts, pull, counts, conflicts, settle, sync_settle, parked]
FAST = {("POST", "/sync/push"): Lane(push, UNPACKED)}
