"""`/`, `/app/*`, `/s/*` give the shell; `/pwa/*` its files; health, metrics and docs beside them."""

import html
from typing import Any

import msgspec
from litestar import get
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest

from api.journal.service import Q as J
from api.kernel.errors import REASONS, Refused
from api.people import rights
from api.people.guards import actor_of
from api.shell.assets import is_fresh
from api.shell.openapi import describe
from api.web.answer import ok
from api.web.edge import Req
from api.web.head import Head
from api.web.hub import Hub


def _asset(request: Req, path: str, cache: str) -> Response[bytes]:
    asset = request.app.state.assets.get(path)
    if asset is None:
        raise Refused("no_such_path")
    headers = {"etag": asset.etag, "cache-control": cache, "vary": "accept-encoding"}
    if is_fresh(asset, request.headers.get("if-none-match", "")):
        return Response(b"", status_code=304, headers=headers)
    if asset.packed and "gzip" in request.headers.get("accept-encoding", ""):
        headers["content-encoding"] = "gzip"
        return Response(asset.packed, media_type=asset.media, headers=headers)
    return Response(asset.body, media_type=asset.media, headers=headers)


@get(
    ["/", "/app", "/app/{rest:path}", "/s/{code:str}", "/S/{code:str}"],
    opt={"public": True},
    include_in_schema=False,
)
async def shell(request: Req) -> Response[bytes]:
    """The app signs in by itself; a scanned code's place is found by the app."""
    return _asset(request, "index.html", "no-cache")


@get("/pwa/{path:path}", opt={"public": True}, include_in_schema=False)
async def files(request: Req, path: FromPath[str]) -> Response[bytes]:
    return _asset(request, str(path).lstrip("/"), "no-cache")


@get("/healthz", opt={"public": True})
async def healthz() -> Response[bytes]:
    """Alive."""
    return ok({"ok": True}).response()


@get("/readyz", opt={"public": True})
async def readyz(hub: NamedDependency[Hub]) -> Response[bytes]:
    """The database answers."""
    try:
        row = await hub.db.reader.run(lambda tx: tx.one(J.last_pos))
    except Exception as error:
        raise Refused("not_ready") from error
    return ok({"ok": row is not None}).response()


@get("/metrics", opt={"public": True}, include_in_schema=False)
async def metrics(request: Req, hub: NamedDependency[Hub], head: NamedDependency[Head]) -> Response[bytes]:
    """For Prometheus; from this machine, or the owner."""
    if not head.is_loopback:
        rights.allow(await actor_of(head, hub, request.app.state.sessions), "metrics")
    totals = await hub.db.reader.run(lambda tx: tx.must(J.last_pos))
    registry = CollectorRegistry()
    Gauge("huodaona_journal_entries", "Entries in the journal", registry=registry).set(totals["pos"])
    Gauge("huodaona_writer_waiting", "Commands that wait", registry=registry).set(hub.db.writer.waiting)
    commits = hub.db.writer.commits
    Gauge("huodaona_commits_total", "Groups committed", registry=registry).set(commits)
    return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)


@get("/openapi.json", opt={"public": True}, include_in_schema=False)
async def openapi(request: Req) -> Response[bytes]:
    return Response(_described(request), media_type="application/json")


def _described(request: Req) -> bytes:
    found: bytes | None = request.app.state.get("openapi")
    if found is None:
        found = request.app.state["openapi"] = msgspec.json.encode(describe(request.app))
    return found


@get("/docs", opt={"public": True}, include_in_schema=False)
async def docs(request: Req) -> Response[bytes]:
    """The API on one page, from the same description; no script, no outside host."""
    doc = msgspec.json.decode(_described(request))
    return Response(_page(doc).encode(), media_type="text/html")


def _page(doc: dict[str, Any]) -> str:
    rows = []
    for path, operations in sorted(doc["paths"].items()):
        for method, operation in operations.items():
            said = operation.get("description") or operation.get("summary", "")
            rows.append(
                f"<tr><td><code>{method.upper()}</code></td><td><code>{html.escape(path)}</code></td>"
                f"<td>{html.escape(said)}</td></tr>"
            )
    codes = "".join(
        f'<tr id="{code}"><td><code>{code}</code></td><td>{reason.status}</td><td>{html.escape(reason.zh)}</td>'
        f"<td>{html.escape(reason.en)}</td></tr>"
        for code, reason in REASONS.items()
    )
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>货到哪 API</title>'
        '<meta name="viewport" content="width=device-width">'
        '<link rel="icon" href="/pwa/icons/icon.svg" type="image/svg+xml">'
        '<link rel="stylesheet" href="/pwa/styles/docs.css"><main><h1>货到哪 API</h1>'
        '<p>Machine-readable: <a href="/openapi.json">/openapi.json</a></p>'
        f"<table><thead><tr><th>Method<th>Path<th>Does</thead>{''.join(rows)}</table>"
        f"<h2>Refusals</h2><table><thead><tr><th>Code<th>Status<th>中文<th>English</thead>{codes}</table></main></html>"
    )


HANDLERS = [shell, files, healthz, readyz, metrics, openapi, docs]
