"""What a supervisor does at a channel before and beside its messages: sees its health, pastes a sample, tries a mapping on
it and on the last messages, looks at what it was. Nothing here changes an order or a channel.
"""

import asyncio
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from litestar.response import Response
from msgspec import UNSET

from api.channels import history, store, tree
from api.channels.catalogue import catalogue
from api.channels.gate import gate_of
from api.channels.keywords import Keyword, keyword_hits
from api.channels.mapping import Mapped, Mapping, apply, read_mapping
from api.channels.model import Rehearsal, Sample, Try
from api.channels.payload import decode as read_payload
from api.channels.payload import encode
from api.channels.rehearsing import Difference, Side, differ
from api.channels.schemes import scheme_of
from api.channels.schemes.base import REJECTIONS
from api.channels.store import Q
from api.channels.suggest import suggest
from api.db.tx import Row, Tx
from api.kernel.actor import Actor
from api.kernel.errors import Refused, wrong_field
from api.kernel.time import text
from api.people import rights
from api.tags.reading import Keyword as Raised
from api.tags.reading import tags_of
from api.web.answer import ok
from api.web.body import decode
from api.web.edge import Req, page, shown_time
from api.web.head import Head
from api.web.hub import Hub

UNPROVEN = frozenset(code for code, reason in REJECTIONS.items() if reason.status in (401, 403))
LAST = 100


@get("/api/channels")
async def list_channels(hub: NamedDependency[Hub], actor: NamedDependency[Actor]) -> Response[bytes]:
    """Every channel, secrets shown as set or not, with its health."""
    rights.allow(actor, "channels")

    def work(tx: Tx) -> list[dict[str, Any]]:
        troubled = tx.all(Q.troubled)
        return [
            store.shown(tx, row["code"], lambda at: shown_time(at, hub))
            | {"health": _health(tx, row["code"], troubled, hub)}
            for row in tx.all(Q.channels_all)
        ]

    return ok(page(await hub.db.reader.run(work), None)).response()


def _health(tx: Tx, code: str, troubled: list[Row], hub: Hub) -> dict[str, Any]:
    """`dead`: proven, yet not understood or not applied; `unproven`: whoever sent it could not prove it."""
    mine = [row for row in troubled if row["channel"] == code]
    last = tx.one(Q.last_message, channel=code)
    return {
        "last_at": shown_time(last["at"], hub) if last else None,
        "waiting": sum(row["n"] for row in mine if row["status"] == "waiting"),
        "dead": sum(row["n"] for row in mine if row["status"] == "dead" and row["code"] not in UNPROVEN),
        "unproven": sum(row["n"] for row in mine if row["status"] == "dead" and row["code"] in UNPROVEN),
    }


@get("/api/channels/catalogue")
async def read_catalogue(actor: NamedDependency[Actor]) -> Response[bytes]:
    """Schemes with their secrets, fields, conversions, in both languages."""
    rights.allow(actor, "channels")
    return ok(catalogue()).response()


def _sample(given: Sample) -> Any:
    """The message that somebody pasted; refuses what is neither JSON nor XML."""
    if isinstance(given.text, str):
        raw = given.text.encode("utf-8", "surrogatepass")
    elif isinstance(given.payload, msgspec.Raw):
        raw = bytes(given.payload)
    else:
        raise wrong_field("$.payload", "要有 payload 或 text。", "payload or text is wanted.")
    payload = read_payload(raw)
    if isinstance(given.text, str) and isinstance(payload, list) and payload:
        payload = payload[0]  # a push of several, copied whole: they look alike
    if isinstance(given.text, str) and not isinstance(payload, dict):
        raise wrong_field("$.text", "这不是一条 JSON 或 XML 消息。", "This is no message in JSON or XML.")
    return payload


@post("/api/channels/suggest", status_code=200, opt={"body": Sample})
async def suggest_mapping(request: Req, actor: NamedDependency[Actor]) -> Response[bytes]:
    """A proposed mapping from one pasted sample, the scheme whose message it looks like (or an empty text), and the sample
    as rows to point at."""
    rights.allow(actor, "channels")
    payload = _sample(decode(Sample, await request.body()))
    return ok(
        {
            "mapping": suggest(payload),
            "scheme": scheme_of(payload),
            "payload": msgspec.Raw(encode(payload).encode()),
            "tree": tree.rows(payload),
        }
    ).response()


@post("/api/channels/{code:str}/try", status_code=200, opt={"body": Try})
async def try_channel(
    request: Req,
    hub: NamedDependency[Hub],
    head: NamedDependency[Head],
    actor: NamedDependency[Actor],
    code: FromPath[str],
) -> Response[bytes]:
    """The draft that a payload would make, each field with its source, by the channel's mapping or by one that is not
    saved yet; stores nothing."""
    rights.allow(actor, "channels")
    given, gate = decode(Try, await request.body()), gate_of(hub)
    channel = await hub.db.reader.run(lambda tx: store.channel(tx, code, gate.key))
    if given.mapping is not UNSET:
        mapping: Mapping | None = read_mapping(given.mapping)
    elif channel is None:
        raise Refused("no_such_channel")
    else:
        mapping = channel.mapping
    if mapping is None:
        raise wrong_field("$.mapping", "渠道还没有字段对应。", "The channel has no mapping yet.")
    words = given.keywords if given.keywords is not UNSET else channel.body.keywords if channel else []
    payload = (
        _sample(given)
        if given.message is UNSET
        else await hub.db.reader.run(lambda tx: _came(tx, code, given))
    )
    mapped = apply(mapping, payload, tz=ZoneInfo(hub.timezone), received_at=hub.clock())
    return ok(_tried(mapped, words, hub.timezone, head.lang)).response()


def _came(tx: Tx, code: str, given: Try) -> Any:
    row = tx.one(Q.message, id=int(given.message or 0))
    if row is None or row["channel"] != code or row["payload"] is None:
        raise Refused("not_found", what=str(given.message))
    return read_payload(bytes(row["payload"]))


def _tried(mapped: Mapped, words: list[Keyword], tz: str, lang: str) -> dict[str, Any]:
    draft = dict(mapped.draft)
    for name in ("paid_at", "created_at"):
        if isinstance(draft.get(name), int):
            draft[name] = text(draft[name], tz)
    hits = keyword_hits(words, mapped.texts)
    raised = [Raised(tag.tag, tag.why) for tag in hits.tags]
    tags = tags_of(mapped.draft.get("note", ""), mapped.draft.get("options", []), raised)
    lines = mapped.draft.get("lines", [])
    return {
        "event": mapped.event,
        "draft": draft,
        "amount_fen": sum(line.get("qty", 0) * (line.get("price_fen") or 0) for line in lines),
        "sources": mapped.sources,
        "unmapped": msgspec.Raw(encode(mapped.unmapped).encode()),
        "weights": mapped.weights,
        "problems": [
            {"path": p.path, "source": p.source, "code": p.code, "why": p.why.text(lang), "blocks": p.blocks}
            for p in mapped.problems
        ],
        "tags": [{"tag": tag.tag, "from": tag.source, "why": tag.why} for tag in tags],
        "priority": hits.priority,
    }


@get("/api/channels/{code:str}/versions")
async def read_versions(
    hub: NamedDependency[Hub], actor: NamedDependency[Actor], code: FromPath[str]
) -> Response[bytes]:
    """What the mapping was, newest first, with who and when. PUT one of them to go back to it."""
    rights.allow(actor, "channels")

    def work(tx: Tx) -> list[dict[str, Any]]:
        if tx.one(Q.channel, code=code) is None:
            raise Refused("no_such_channel")
        return history.versions(tx, code, lambda at: shown_time(at, hub))

    return ok(page(await hub.db.reader.run(work), None)).response()


@get("/api/channels/{code:str}/samples")
async def read_samples(
    hub: NamedDependency[Hub], actor: NamedDependency[Actor], code: FromPath[str], limit: FromQuery[int] = 20
) -> Response[bytes]:
    """A channel's last messages that proved their origin, as rows to point at."""
    rights.allow(actor, "channels")
    count = max(1, min(limit, LAST))
    found = await hub.db.reader.run(lambda tx: tx.all(Q.last_payloads, channel=code, count=count))
    items = []
    for row in found:
        payload = read_payload(bytes(row["payload"]))
        items.append(
            {
                "id": str(row["id"]), "at": shown_time(row["at"], hub), "status": row["status"],
                "external_no": row["external_no"], "order_no": row["order_no"],
                "payload": msgspec.Raw(bytes(row["payload"])), "tree": tree.rows(payload),
            }
        )  # fmt: skip
    return ok(page(items, None)).response()


@post("/api/channels/{code:str}/rehearse", status_code=200, opt={"body": Rehearsal})
async def rehearse(
    request: Req, hub: NamedDependency[Hub], actor: NamedDependency[Actor], code: FromPath[str]
) -> Response[bytes]:
    """A change of the mapping or the keywords, tried on the last 100 messages: what would differ, field by field. Nothing
    is applied."""
    rights.allow(actor, "channels")
    given, gate, tz = decode(Rehearsal, await request.body()), gate_of(hub), ZoneInfo(hub.timezone)
    channel = await hub.db.reader.run(lambda tx: store.channel(tx, code, gate.key))
    if channel is None:
        raise Refused("no_such_channel")
    live = Side(channel.mapping, channel.body.keywords)
    wanted = Side(
        live.mapping if given.mapping is UNSET else read_mapping(given.mapping),
        live.keywords if given.keywords is UNSET else given.keywords,
    )
    rows = await hub.db.reader.run(lambda tx: tx.all(Q.last_payloads, channel=code, count=LAST))
    # A hundred large messages take their time: on a thread of their own, so that nobody else waits.
    found = await asyncio.to_thread(
        lambda: [
            (row, differ(live, wanted, read_payload(bytes(row["payload"])), tz, row["at"])) for row in rows
        ]
    )
    differing = [(row, one) for row, one in found if one is not None]
    return ok(
        {
            "count": len(found),
            "same": len(found) - len(differing),
            "mended": sum(one.was != "order" and one.would == "order" for _, one in differing),
            "broken": sum(one.was == "order" and one.would != "order" for _, one in differing),
            "items": [_shown(row, one, hub) for row, one in differing],
        }
    ).response()


def _shown(row: Row, one: Difference, hub: Hub) -> dict[str, Any]:
    return {
        "id": str(row["id"]), "at": shown_time(row["at"], hub), "external_no": row["external_no"],
        "order_no": row["order_no"], "was": one.was, "would": one.would, "changes": one.changes,
    }  # fmt: skip


HANDLERS = [
    list_channels, read_catalogue, suggest_mapping, try_channel, read_versions, read_samples, rehearse,
]  # fmt: skip
