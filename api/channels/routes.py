"""The gateway over HTTP: what platforms send, and what a supervisor sets up."""

import asyncio
import re
from base64 import b64encode
from typing import Any
from urllib.parse import parse_qsl
from zoneinfo import ZoneInfo

import msgspec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from litestar import get, post, put
from litestar.datastructures import UploadFile
from litestar.di import NamedDependency
from litestar.enums import RequestEncodingType
from litestar.params import FromPath, FromQuery
from litestar.response import Response

from api.channels import importing, service, store
from api.channels.inbox import Gate, wake
from api.channels.keywords import keyword_hits
from api.channels.mapping import apply
from api.channels.model import Channel, ChannelIn, Try
from api.channels.payload import decode as read_payload
from api.channels.payload import encode
from api.channels.schemes.base import Incoming, Rejected
from api.channels.sheet import Sheet
from api.channels.store import Q
from api.channels.suggest import suggest
from api.db.tx import Tx
from api.kernel.actor import Actor
from api.kernel.errors import Refused, wrong_field
from api.kernel.time import text
from api.people import rights
from api.tags.reading import Keyword, tags_of
from api.web.answer import Answer, ok
from api.web.body import decode
from api.web.commands import execute
from api.web.edge import Req, clean, page, page_limit, shown_time, whole_cursor
from api.web.head import Head
from api.web.hub import Arrived, Hub

_CODE = re.compile(r"^[a-z0-9][a-z0-9_-]{0,39}$")
SHEET_LIMIT = 20 * 1024 * 1024
_sealing: dict[bytes, AESGCM] = {}


def gate_of(hub: Hub) -> Gate:
    key = _sealing.get(hub.secret)
    if key is None:
        key = _sealing[hub.secret] = store.sealing_key(hub.secret)
    return Gate(key, hub.timezone)


def arrivals(hub: Hub) -> Arrived:
    """What the order API tells of new orders: messages that waited for them are applied."""
    gate = gate_of(hub)
    return lambda tx, channel, external_no, now: wake(tx, channel, external_no, gate, now)


async def _received(request: Req, hub: Hub, head: Head, code: str, path_key: str) -> Response[bytes]:
    incoming = Incoming(
        method=head.method,
        body=await request.body(),
        received_at_ms=hub.clock(),
        path_key=path_key,
        query=dict(parse_qsl(head.query.decode("latin-1"), keep_blank_values=True)),
        headers=head.headers,
        ip=head.ip,
    )
    gate = gate_of(hub)
    if head.method == "GET":
        channel = await hub.db.reader.run(lambda tx: store.channel(tx, code, gate.key))
        if channel is None:
            raise Refused("no_such_channel")
        found: Any = service.shake(channel, incoming)
    else:
        found = await hub.db.writer.run(
            lambda tx: service.take_in(tx, code, incoming, gate), source=f"channel:{code}"
        )
    if found is None:
        raise Refused("no_such_channel")
    if isinstance(found, Rejected):
        why = found.why.text(head.lang)
        body = {
            "type": f"/docs#{found.code}", "title": found.code.replace("_", " "), "status": found.status,
            "code": found.code, "detail": why, "why": why, "instance": head.path,
        }  # fmt: skip
        return Answer(found.status, msgspec.json.encode(body), "application/problem+json").response()
    return Answer(found.status, found.body, found.content_type).response()


@post("/in/{code:str}", status_code=200, opt={"body": "raw", "public": True})
async def receive(
    request: Req, hub: NamedDependency[Hub], head: NamedDependency[Head], code: FromPath[str]
) -> Response[bytes]:
    """A platform's message: stored before it is understood, answered as that platform expects."""
    return await _received(request, hub, head, code, "")


@post("/in/{code:str}/{path_key:str}", status_code=200, opt={"body": "raw", "public": True})
async def receive_by_path(
    request: Req,
    hub: NamedDependency[Hub],
    head: NamedDependency[Head],
    code: FromPath[str],
    path_key: FromPath[str],
) -> Response[bytes]:
    """The same for schemes whose only proof is a secret path."""
    return await _received(request, hub, head, code, path_key)


@get("/in/{code:str}", opt={"public": True})
async def handshake(
    request: Req, hub: NamedDependency[Hub], head: NamedDependency[Head], code: FromPath[str]
) -> Response[bytes]:
    """A platform's proof that this address is ours."""
    return await _received(request, hub, head, code, "")


@get("/api/channels")
async def list_channels(hub: NamedDependency[Hub], actor: NamedDependency[Actor]) -> Response[bytes]:
    rights.allow(actor, "channels")

    def work(tx: Tx) -> list[dict[str, Any]]:
        return [
            store.shown(tx, row["code"], lambda at: shown_time(at, hub)) for row in tx.all(Q.channels_all)
        ]

    return ok(page(await hub.db.reader.run(work), None)).response()


@get("/api/channels/{code:str}")
async def read_channel(
    hub: NamedDependency[Hub], actor: NamedDependency[Actor], code: FromPath[str]
) -> Response[bytes]:
    rights.allow(actor, "channels")
    found = await hub.db.reader.run(lambda tx: store.shown(tx, code, lambda at: shown_time(at, hub)))
    return ok(found).response()


@put("/api/channels/{code:str}", opt={"body": ChannelIn})
async def put_channel(
    request: Req,
    hub: NamedDependency[Hub],
    head: NamedDependency[Head],
    actor: NamedDependency[Actor],
    code: FromPath[str],
) -> Response[bytes]:
    """Takes back what GET gave; a secret absent or in GET's form stays, text replaces, null removes."""
    rights.allow(actor, "channels")
    if not _CODE.match(code):
        raise wrong_field(
            "path.code", "小写字母、数字和 _ -，最多 40。", "Lower-case letters, digits, _ and -, up to 40."
        )

    def work(tx: Tx, given: ChannelIn) -> Answer:
        store.save(tx, code, given, gate_of(hub).key, actor, hub.clock())
        return ok(store.shown(tx, code, lambda at: shown_time(at, hub)))

    return (await execute(hub, head, actor, await request.body(), ChannelIn, work)).response()


@post("/api/channels/{code:str}/try", status_code=200, opt={"body": Try})
async def try_channel(
    request: Req, hub: NamedDependency[Hub], actor: NamedDependency[Actor], code: FromPath[str]
) -> Response[bytes]:
    """The draft that a payload would make, each field with its source; stores nothing."""
    rights.allow(actor, "channels")
    given, gate, now = decode(Try, await request.body()), gate_of(hub), hub.clock()
    channel = await hub.db.reader.run(lambda tx: store.channel(tx, code, gate.key))
    if channel is None:
        raise Refused("no_such_channel")
    if channel.mapping is None:
        raise wrong_field("$.mapping", "渠道还没有字段对应。", "The channel has no mapping yet.")
    payload = read_payload(bytes(given.payload))
    mapped = apply(channel.mapping, payload, tz=ZoneInfo(hub.timezone), received_at=now)
    draft = dict(mapped.draft)
    for name in ("paid_at", "created_at"):
        if isinstance(draft.get(name), int):
            draft[name] = text(draft[name], hub.timezone)
    hits = keyword_hits(channel.body.keywords, mapped.texts)
    words = [Keyword(tag.tag, tag.why) for tag in hits.tags]
    tags = tags_of(mapped.draft.get("note", ""), mapped.draft.get("options", []), words)
    return ok(
        {
            "event": mapped.event,
            "draft": draft,
            "sources": mapped.sources,
            "unmapped": msgspec.Raw(encode(mapped.unmapped).encode()),
            "problems": [
                {"path": p.path, "source": p.source, "code": p.code, "why": p.why.zh, "blocks": p.blocks}
                for p in mapped.problems
            ],
            "tags": [{"tag": tag.tag, "from": tag.source, "why": tag.why} for tag in tags],
            "priority": hits.priority,
        }
    ).response()


@post("/api/channels/suggest", status_code=200, opt={"body": Try})
async def suggest_mapping(request: Req, actor: NamedDependency[Actor]) -> Response[bytes]:
    """A proposed mapping from one pasted sample."""
    rights.allow(actor, "channels")
    given = decode(Try, await request.body())
    return ok({"mapping": suggest(read_payload(bytes(given.payload)))}).response()


@post(
    "/api/channels/{code:str}/import",
    status_code=200,
    opt={"body": "multipart"},
    request_max_body_size=SHEET_LIMIT,
)
async def import_sheet(
    request: Req, hub: NamedDependency[Hub], actor: NamedDependency[Actor], code: FromPath[str]
) -> Response[bytes]:
    """CSV or Excel through the channel's mapping; refused rows with their reasons, also as a sheet to mend."""
    rights.allow(actor, "channels")
    if request.content_type[0] != RequestEncodingType.MULTI_PART:
        raise Refused("unsupported_media", what=request.content_type[0] or "-")
    file = (await request.form()).get("file")
    if not isinstance(file, UploadFile):
        raise wrong_field("$.file", "没有文件。", "No file.")
    data, gate, now = await file.read(), gate_of(hub), hub.clock()
    channel = await hub.db.reader.run(lambda tx: store.channel(tx, code, gate.key))
    if channel is None:
        raise Refused("no_such_channel")
    name = file.filename
    # Reading a large sheet takes seconds: on a thread of its own, so that nobody else waits.
    report, sheet = await asyncio.to_thread(lambda: _imported(hub, channel, name, data, gate, now))
    refused = importing.refused_sheet(sheet, report) if report.refused else b""
    return ok(
        {
            "orders": report.orders,
            "changed": report.changed,
            "duplicates": report.duplicates,
            "refused": report.refused,
            "refused_csv": b64encode(refused).decode(),
        }
    ).response()


def _imported(
    hub: Hub, channel: Channel, name: str, data: bytes, gate: Gate, now: int
) -> tuple[importing.Report, Sheet]:
    sheet, report = importing.opened(name, data), importing.Report()
    for part in importing.chunks(sheet, importing.mapping_for(sheet, channel), hub.timezone, now):

        def work(tx: Tx, part: importing.Part = part) -> None:
            importing.take_in(tx, channel, part, report, now, gate)

        hub.db.writer.now(work)
    return report, sheet


@get("/api/inbox")
async def inbox(
    hub: NamedDependency[Hub],
    head: NamedDependency[Head],
    actor: NamedDependency[Actor],
    status: FromQuery[str] = "",
    channel: FromQuery[str] = "",
    limit: FromQuery[int] = 50,
    cursor: FromQuery[str] = "",
) -> Response[bytes]:
    """Raw messages, newest first, each with what became of it and why."""
    rights.allow(actor, "channels")
    if status not in ("", "done", "duplicate", "ignored", "waiting", "dead"):
        raise wrong_field("query.status", "没有这种状态。", "One of done, duplicate, ignored, waiting, dead.")
    count, before, code = page_limit(limit), whole_cursor(cursor), clean(channel, "channel")
    rows = await hub.db.reader.run(
        lambda tx: tx.all(Q.inbox, before=before or 2**62, status=status, channel=code, count=count)
    )
    items = [
        {
            "id": str(row["id"]),
            "channel": row["channel"],
            "at": shown_time(row["at"], hub),
            "ip": row["ip"],
            "status": row["status"],
            "code": row["code"],
            "why": row["en"] if head.lang == "en" else row["zh"],
            "event": row["event"],
            "external_no": row["external_no"],
            "order_no": row["order_no"],
            "raw": masked(bytes(row["raw"])),
        }
        for row in rows
    ]
    return ok(page(items, rows[-1]["id"] if len(rows) == count else None)).response()


# Mobile numbers, also as 138-0000-0000, 138 0000 0000 and +86 138…; and lines such as 021-58888888.
_PHONE = re.compile(r"(?<!\d)((?:86)?1[3-9]\d)([ -]?)\d{4}([ -]?)(\d{4})(?!\d)")
_LINE = re.compile(r"(?<![\d-])(0\d{2,3}-)\d{3,4}(\d{4})(?![\d-])")


def masked(raw: bytes) -> str:
    """The message as text, phones masked."""
    text = _PHONE.sub(r"\1\2****\3\4", raw[:20_000].decode("utf-8", "replace"))
    return _LINE.sub(r"\1****\2", text)


@post("/api/inbox/{number:int}/replay", status_code=200, opt={"body": None})
async def replay(
    hub: NamedDependency[Hub],
    head: NamedDependency[Head],
    actor: NamedDependency[Actor],
    number: FromPath[int],
) -> Response[bytes]:
    """Judge a dead or waiting message again."""
    rights.allow(actor, "channels")
    if not 0 < number < 2**62:
        raise Refused("not_found", what=str(number))
    gate, now = gate_of(hub), hub.clock()
    outcome = await hub.db.writer.run(lambda tx: service.replay(tx, number, gate, now))
    return ok(
        {
            "id": str(number),
            "status": outcome.status,
            "code": outcome.code,
            "why": outcome.why.text(head.lang),
            "order_no": outcome.order_no,
        }
    ).response()


HANDLERS = [
    receive, receive_by_path, handshake, list_channels, read_channel, put_channel, try_channel, suggest_mapping,
    import_sheet, inbox, replay,
]  # fmt: skip
