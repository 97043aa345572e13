"""The gateway over HTTP: what platforms send, and what a supervisor sets up."""

import re
from urllib.parse import parse_qsl

import msgspec
from litestar import get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from litestar.response import Response

from api.channels import service, store
from api.channels.gate import gate_of
from api.channels.masking import masked
from api.channels.model import ChannelIn, ReplayAll
from api.channels.schemes.base import Incoming, Rejected
from api.channels.store import Q
from api.db.tx import Tx
from api.kernel.actor import Actor
from api.kernel.errors import Refused, wrong_field
from api.people import rights
from api.web.answer import Answer, ok
from api.web.body import decode
from api.web.commands import execute
from api.web.edge import Req, clean, page, page_limit, shown_time, whole_cursor
from api.web.head import Head
from api.web.hub import Hub
from api.web.outer import Lane

_CODE = re.compile(r"^[a-z0-9][a-z0-9_-]{0,39}$")


async def taken_in(hub: Hub, head: Head, raw: bytes, code: str, path_key: str = "") -> Answer:
    """A platform's message, or its handshake; the hot path."""
    incoming = Incoming(
        method=head.method,
        body=raw,
        received_at_ms=hub.clock(),
        path_key=path_key,
        query=dict(parse_qsl(head.query.decode("latin-1"), keep_blank_values=True)) if head.query else {},
        headers=head.headers,
        ip=head.ip,
    )
    gate = gate_of(hub)
    if head.method == "GET":
        channel = await hub.db.reader.run(lambda tx: store.channel(tx, code, gate.key))
        found = None if channel is None else service.shake(channel, incoming)
    else:
        found = await hub.db.writer.run(
            lambda tx: service.take_in(tx, code, incoming, gate), is_pure=True, source=f"channel:{code}",
            ahead=lambda tx: service.ahead(tx, code, incoming, gate),
        )  # fmt: skip
    if found is None:
        raise Refused("no_such_channel")
    if isinstance(found, Rejected):
        why = found.why.text(head.lang)
        body = {
            "type": f"/docs#{found.code}", "title": found.code.replace("_", " "), "status": found.status,
            "code": found.code, "detail": why, "why": why, "instance": head.path,
        }  # fmt: skip
        return Answer(found.status, msgspec.json.encode(body), "application/problem+json")
    return Answer(found.status, found.body, found.content_type)


async def by_lane(hub: Hub, head: Head, _actor: Actor, raw: bytes) -> Answer:
    """The same without the router: `/in/{code}` and `/in/{code}/{path_key}`."""
    code, _, path_key = head.path.removeprefix("/in/").rstrip("/").partition("/")
    if not code or "/" in path_key:
        raise Refused("no_such_path")
    return await taken_in(hub, head, raw, code, path_key)


@post("/in/{code:str}", status_code=200, opt={"body": "raw", "public": True})
async def receive(
    request: Req, hub: NamedDependency[Hub], head: NamedDependency[Head], code: FromPath[str]
) -> Response[bytes]:
    """A platform's message: stored before it is understood, answered as that platform expects."""
    return (await taken_in(hub, head, await request.body(), code)).response()


@post("/in/{code:str}/{path_key:str}", status_code=200, opt={"body": "raw", "public": True})
async def receive_by_path(
    request: Req,
    hub: NamedDependency[Hub],
    head: NamedDependency[Head],
    code: FromPath[str],
    path_key: FromPath[str],
) -> Response[bytes]:
    """The same for schemes whose only proof is a secret path."""
    return (await taken_in(hub, head, await request.body(), code, path_key)).response()


@get("/in/{code:str}", opt={"public": True})
async def handshake(
    hub: NamedDependency[Hub], head: NamedDependency[Head], code: FromPath[str]
) -> Response[bytes]:
    """A platform's proof that this address is ours."""
    return (await taken_in(hub, head, b"", code)).response()


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
    rows = await hub.db.lists.run(
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


@post("/api/inbox/replay", status_code=200, opt={"body": ReplayAll})
async def replay_dead(
    request: Req, hub: NamedDependency[Hub], actor: NamedDependency[Actor]
) -> Response[bytes]:
    """Judge dead messages again, oldest first, a channel's or all; `after` goes on where the last answer's `next` says."""
    rights.allow(actor, "channels")
    given, gate, now = decode(ReplayAll, await request.body()), gate_of(hub), hub.clock()
    code, after = clean(given.channel, "channel"), whole_cursor(given.after) or 0
    found = await hub.db.writer.run(
        lambda tx: service.replay_dead(tx, code, after, gate, now), source=actor.name, weight=service.AT_ONCE
    )
    return ok(
        {"replayed": found.replayed, "became": found.became, "next": str(found.next) if found.next else None}
    ).response()


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
    receive, receive_by_path, handshake, read_channel, put_channel, inbox, replay, replay_dead,
]  # fmt: skip
FAST = {("POST", "/in/"): Lane(by_lane, is_public=True)}
