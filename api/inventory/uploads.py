"""Sheets of master data over HTTP: looked at first, then taken, the report kept and read again.

The file itself is kept nowhere. First passwords of new users stand in the one answer and never again.
"""

import asyncio
from base64 import b64encode
from typing import Annotated, Any

import msgspec
from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, QueryParameter
from litestar.response import Response

from api.db.tx import Row, Tx
from api.inventory import importing
from api.inventory.importing import Report, Work
from api.inventory.kinds import KINDS
from api.kernel import ids
from api.kernel.actor import Actor
from api.kernel.errors import Refused, wrong_field
from api.people import rights
from api.sheets.sheet import opened, refused_csv
from api.web import imports
from api.web.answer import ok
from api.web.edge import Req, cut, page, page_limit, whole_cursor
from api.web.head import Head
from api.web.hub import Hub
from api.web.uploads import SHEET, uploaded

SHOWN, TRIED = 20, 2_000


@post(
    [f"/api/{kind}/import" for kind in KINDS],
    status_code=200,
    opt={"body": "multipart"},
    request_max_body_size=SHEET,
)
async def import_master(
    request: Req,
    hub: NamedDependency[Hub],
    head: NamedDependency[Head],
    actor: NamedDependency[Actor],
    columns: FromQuery[str] = "",
    id: FromQuery[str] = "",
    is_try: Annotated[bool, QueryParameter(name="try")] = False,
) -> Response[bytes]:
    """CSV or Excel, each row on its own: `{taken, changed, same, refused: [{row, path, column, why}], refused_csv}`.
    `?try=1` looks only, at the first 2,000 rows, and tells which column is what; `?columns=` says it otherwise."""
    kind = request.url.path.split("/")[2]
    rights.allow(actor, KINDS[kind].right)
    file, _ = await uploaded(request)
    data, said, number = await file.read(), columns_of(columns), _number(id, kind)

    def run() -> dict[str, Any]:
        work = importing.prepared(kind, opened(file.filename, data), said, actor)
        if is_try:
            return _looked(work, importing.looked(hub.db, work, TRIED, hub.clock), head.lang)
        return _taken(work, importing.taken(hub.db, work, number, hub.clock), number, head.lang)

    # Reading a large sheet takes seconds: on a thread of its own, so that nobody else waits.
    return ok(await asyncio.to_thread(run)).response()


def columns_of(text: str) -> dict[str, Any] | None:
    """Field names to column names, as JSON; nothing said: None."""
    if not text:
        return None
    try:
        return msgspec.json.decode(text, type=dict[str, str | None])
    except (msgspec.DecodeError, UnicodeEncodeError, RecursionError):
        raise wrong_field(
            "query.columns", "要一个 JSON 对象：字段到列名。", "A JSON object: fields to columns."
        ) from None


def _number(id: str, kind: str) -> str:
    if id and not imports.ID.match(id):
        raise wrong_field("query.id", "字母、数字和 _ -，最多 40。", "Letters, digits, _ and -, up to 40.")
    return id or f"{kind}-{ids.device_id()}{ids.device_id()}"


def _looked(work: Work, report: Report, lang: str) -> dict[str, Any]:
    sheet, joined = work.sheet, work.joined.columns
    return {
        "name": sheet.name, "header": sheet.header, "total": len(sheet.rows), "tried": min(TRIED, len(sheet.rows)),
        "columns": [
            {"field": field.name, "label": field.en if lang == "en" else field.zh, "column": joined.get(field.name),
             "is_key": field.target in work.kind.keys}
            for field in work.kind.fields
        ],
        "from": work.joined.origin,
        "rows": [
            {"row": row.number, "cells": [row.cells.get(name, "") for name in sheet.header]}
            for row in sheet.rows[:SHOWN]
        ],
        **_counted(work, report, lang),
    }  # fmt: skip


def _taken(work: Work, report: Report, number: str, lang: str) -> dict[str, Any]:
    rows = {one.row: one.why.text(lang) for one in report.refused}
    starts = [{"name": name, "password": password} for name, password in report.starts.items()]
    return {
        "id": number, **_counted(work, report, lang),
        "refused_csv": b64encode(refused_csv(work.sheet, rows, lang)).decode() if rows else "",
        **({"passwords": starts} if starts else {}),
    }  # fmt: skip


def _counted(work: Work, report: Report, lang: str) -> dict[str, Any]:
    return {
        **report.counts,
        "refused": [
            {"row": one.row, "path": one.path, "column": work.column(one.path), "why": one.why.text(lang)}
            for one in report.refused
        ],
        "notes": [note.text(lang) for note in work.sheet.notes],
    }


@get("/api/imports")
async def list_master_imports(
    hub: NamedDependency[Hub], actor: NamedDependency[Actor], kind: FromQuery[str] = ""
) -> Response[bytes]:
    """The last sheets of one kind of master data, newest first."""
    if kind not in KINDS:
        raise wrong_field("query.kind", f"只能是：{'、'.join(KINDS)}。", f"One of: {', '.join(KINDS)}.")
    rights.allow(actor, KINDS[kind].right)
    rows = await hub.db.reader.run(lambda tx: imports.last(tx, f"kind:{kind}"))
    return ok(page([imports.shown(row, hub) for row in rows], None)).response()


@get("/api/imports/{number:str}")
async def read_import(
    hub: NamedDependency[Hub], actor: NamedDependency[Actor], number: FromPath[str]
) -> Response[bytes]:
    """How far an import has come, of orders or of master data."""
    row = await hub.db.reader.run(lambda tx: _one(tx, number, actor))
    return ok(imports.shown(row, hub)).response()


def _one(tx: Tx, number: str, actor: Actor) -> Row:
    """Refuses `not_found`, and who may not bring such a sheet."""
    row = imports.one(tx, number)
    if row is None:
        rights.allow(actor, "master")
        raise Refused("not_found", what=number)
    of, _, kind = row["channel"].rpartition(":")
    rights.allow(actor, KINDS[kind].right if of else "channels")
    return row


@get("/api/imports/{number:str}/refused")
async def list_refused(
    hub: NamedDependency[Hub],
    head: NamedDependency[Head],
    actor: NamedDependency[Actor],
    number: FromPath[str],
    limit: FromQuery[int] = 50,
    cursor: FromQuery[str] = "",
) -> Response[bytes]:
    """The rows that an import did not take `[{row, path, why}]`, also of one that was cut off."""
    count, after = page_limit(limit), whole_cursor(cursor) or 0

    def work(tx: Tx) -> list[imports.Refusal]:
        return imports.refused(tx, _one(tx, number, actor)["id"], after, count + 1)

    rows, last = cut(await hub.db.reader.run(work), count)
    items = [{"row": one.row, "path": one.path, "why": one.why.text(head.lang)} for one in rows]
    return ok(page(items, last and last.row)).response()


HANDLERS = [import_master, list_master_imports, read_import, list_refused]
