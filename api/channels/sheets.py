"""Sheets of orders over HTTP: looked at before anything is taken, read by columns that a person joined once, taken in with
its progress told, refused rows given back with the reason in a column.

The upload itself is kept nowhere: what an import leaves is orders, counts and reasons without the values.
"""

import asyncio
from base64 import b64encode
from itertools import islice
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import msgspec
from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Response

from api.channels import importing, store, tree
from api.channels.drafts import drafts, reason_text
from api.channels.gate import gate_of
from api.channels.importing import Columns, Part, Report
from api.channels.mapping import Mapped, Problem, read_mapping
from api.channels.model import Channel
from api.db.tx import Tx
from api.kernel.actor import Actor
from api.kernel.errors import Refused, wrong_field
from api.people import rights
from api.sheets.sheet import Sheet, opened
from api.web import imports
from api.web.answer import ok
from api.web.edge import Req, page
from api.web.head import Head
from api.web.hub import Hub
from api.web.uploads import SHEET, uploaded

SHOWN, TRIED, REASONS = 20, 2_000, 20


class Upload(NamedTuple):
    name: str
    data: bytes
    mapping: dict[str, Any] | None
    id: str


async def _uploaded(request: Req) -> Upload:
    file, form = await uploaded(request)
    written, number = form.get("mapping"), form.get("id")
    mapping = None
    if written:
        try:
            mapping = msgspec.json.decode(str(written), type=dict[str, Any])
        except (msgspec.DecodeError, UnicodeEncodeError):
            raise wrong_field("$.mapping", "要一个 JSON 对象。", "A JSON object is wanted.") from None
    if number and not imports.ID.match(str(number)):
        raise wrong_field("$.id", "字母、数字和 _ -，最多 40。", "Letters, digits, _ and -, up to 40.")
    return Upload(file.filename, await file.read(), mapping, str(number or ""))


async def _channel(hub: Hub, code: str) -> Channel:
    gate = gate_of(hub)
    channel = await hub.db.reader.run(lambda tx: store.channel(tx, code, gate.key))
    if channel is None:
        raise Refused("no_such_channel")
    return channel


def _columns(hub: Hub, channel: Channel, sheet: Sheet, given: dict[str, Any] | None) -> Columns:
    kept = hub.db.reader.now(lambda tx: importing.kept(tx, channel.code, sheet))
    return importing.columns_for(sheet, channel, given, kept)


@post(
    "/api/channels/{code:str}/preview",
    status_code=200,
    opt={"body": "multipart"},
    request_max_body_size=SHEET,
)
async def preview_sheet(
    request: Req,
    hub: NamedDependency[Hub],
    head: NamedDependency[Head],
    actor: NamedDependency[Actor],
    code: FromPath[str],
) -> Response[bytes]:
    """What a sheet holds and what it would become by `mapping` (else by what is remembered, the channel's own, or what
    the header suggests); stores nothing."""
    rights.allow(actor, "channels")
    upload, channel, now = await _uploaded(request), await _channel(hub, code), hub.clock()

    def look() -> dict[str, Any]:
        sheet = opened(upload.name, upload.data)
        columns = _columns(hub, channel, sheet, upload.mapping)
        return _looked(sheet, columns, hub.timezone, now, head.lang)

    return ok(await asyncio.to_thread(look)).response()


def _looked(sheet: Sheet, columns: Columns, tz: str, now: int, lang: str) -> dict[str, Any]:
    part = msgspec.structs.replace(sheet, rows=sheet.rows[:TRIED])
    mapping = read_mapping(columns.raw)
    orders, others, lines, refused, first = 0, 0, 0, {}, None
    stops: tuple[Problem, ...] = ()
    for numbers, found in drafts(part, mapping, tz=ZoneInfo(tz), received_at=now):
        if isinstance(found, Mapped) and found.is_ok:
            goods = len(found.draft.get("lines", [])) if found.event in ("create", "pay") else 0
            orders, others, lines = orders + (goods > 0), others + (goods == 0), lines + goods
            first = first or found
            continue
        for number in numbers:
            problems = found.problems if isinstance(found, Mapped) else found.reasons.get(number, ())
            blocking = tuple(p for p in problems if p.blocks)
            refused[number], stops = reason_text(blocking, lang), stops or blocking
    return {
        "name": sheet.name, "header": sheet.header, "total": len(sheet.rows), "tried": len(part.rows),
        "rows": [
            {"row": row.number, "cells": [row.cells.get(name, "") for name in sheet.header]}
            for row in sheet.rows[:SHOWN]
        ],
        "notes": [note.text(lang) for note in sheet.notes],
        "tree": tree.columns(sheet), "mapping": columns.raw, "from": columns.origin,
        "orders": orders, "changes": others, "lines": lines, "refused": len(refused),
        "reasons": [{"row": row, "why": why} for row, why in islice(sorted(refused.items()), REASONS)],
        # What stops the first row that is refused, for its fields; an order that comes through says more.
        "problems": [] if first else [{"path": p.path, "why": p.why.text(lang), "blocks": True} for p in stops],
        "first": first.draft if first else None, "event": first.event if first else None,
    }  # fmt: skip


@post(
    "/api/channels/{code:str}/import", status_code=200, opt={"body": "multipart"}, request_max_body_size=SHEET
)
async def import_sheet(
    request: Req, hub: NamedDependency[Hub], actor: NamedDependency[Actor], code: FromPath[str]
) -> Response[bytes]:
    """CSV or Excel through the channel's mapping, or through `mapping`, which is remembered for sheets of this header.
    With an `id` its progress can be read meanwhile. Refused rows with their reasons, also as a sheet to mend."""
    rights.allow(actor, "channels")
    upload, channel, now = await _uploaded(request), await _channel(hub, code), hub.clock()
    # Reading a large sheet takes seconds: on a thread of its own, so that nobody else waits.
    report, sheet = await asyncio.to_thread(lambda: _imported(hub, channel, upload, actor, now))
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


def _imported(hub: Hub, channel: Channel, upload: Upload, actor: Actor, now: int) -> tuple[Report, Sheet]:
    gate, sheet, report = gate_of(hub), opened(upload.name, upload.data), Report()
    mapping = read_mapping(_columns(hub, channel, sheet, upload.mapping).raw)
    number = upload.id or f"{channel.code}-{now}"

    def begin(tx: Tx) -> None:
        if upload.mapping is not None:
            importing.keep(tx, channel.code, sheet, upload.mapping, actor, now)
        imports.begin(tx, number, channel.code, upload.name, len(sheet.rows), actor, now)

    def count(tx: Tx, status: str) -> None:
        imports.count(tx, number, done, status, _told(report), hub.clock())

    hub.db.writer.now(begin)
    done, status = 0, "cut"
    try:
        for part in importing.chunks(sheet, mapping, hub.timezone, now):
            done += sum(len(rows) for rows, _ in part)

            def work(tx: Tx, part: Part = part) -> None:
                importing.take_in(tx, channel, part, report, now, gate)
                count(tx, "running")

            hub.db.writer.now(work)
        status = "done"
    finally:
        hub.db.writer.now(lambda tx: count(tx, status))
    return report, sheet


def _told(report: Report) -> dict[str, int]:
    """The counts; reasons are given with the answer and lie nowhere."""
    return {
        "orders": report.orders, "changed": report.changed, "duplicates": report.duplicates,
        "refused": len(report.why),
    }  # fmt: skip


@get("/api/channels/{code:str}/imports")
async def list_imports(
    hub: NamedDependency[Hub], actor: NamedDependency[Actor], code: FromPath[str]
) -> Response[bytes]:
    """A channel's sheets, newest first, with what became of them."""
    rights.allow(actor, "channels")
    rows = await hub.db.reader.run(lambda tx: imports.last(tx, code))
    return ok(page([imports.shown(row, hub) for row in rows], None)).response()


HANDLERS = [preview_sheet, import_sheet, list_imports]
