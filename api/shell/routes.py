"""`/`, `/app/*`, `/s/*` give the shell; `/pwa/<build>/*` its files, kept for good; `/sw.js` the worker that opens it
without the server; health, metrics and docs beside them.
"""

import asyncio
import html
from typing import Any

import msgspec
from litestar import get
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Response

from api.db.siblings import AFAR, BEHIND, COMMITS, MISSED, READERS, WAITING
from api.journal.service import Q as J
from api.kernel.errors import REASONS, Refused
from api.people import rights
from api.people.guards import actor_of
from api.shell.assets import INDEX, Asset, Build, is_fresh
from api.shell.openapi import describe
from api.stock.outside import Q as S
from api.web.answer import ok
from api.web.edge import Req
from api.web.head import Head
from api.web.hub import Hub

ASK_FIRST = {"cache-control": "no-cache"}
FOR_GOOD = {"cache-control": "public, max-age=31536000, immutable"}


def _build(request: Req) -> Build:
    found: Build = request.app.state.build
    return found


def _send(request: Req, asset: Asset, kept: dict[str, str]) -> Response[bytes]:
    headers = {"etag": asset.etag, "vary": "accept-encoding", **kept}
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
    return _send(request, _build(request).files[INDEX], ASK_FIRST)


@get("/pwa/{build:str}/{path:path}", opt={"public": True}, include_in_schema=False)
async def files(request: Req, build: FromPath[str], path: FromPath[str]) -> Response[bytes]:
    """The app's files under their build's id, kept for good; another build's are not here."""
    mine = _build(request)
    asset = mine.files.get(str(path).lstrip("/")) if build == mine.id else None
    if asset is None:
        raise Refused("no_such_path")
    return _send(request, asset, FOR_GOOD)


@get("/sw.js", opt={"public": True}, include_in_schema=False)
async def worker(request: Req) -> Response[bytes]:
    """The service worker; where HUODAONA_SHELL_OFFLINE is off, one that removes itself."""
    made = await asyncio.to_thread(lambda: _build(request).worker)  # the first time it makes all files ready
    return _send(request, made, ASK_FIRST)


@get("/manifest.webmanifest", opt={"public": True}, include_in_schema=False)
async def manifest(request: Req) -> Response[bytes]:
    """What a phone needs to put the app on its home screen."""
    return _send(request, _build(request).manifest, ASK_FIRST)


@get("/favicon.ico", opt={"public": True}, include_in_schema=False)
async def favicon(request: Req) -> Response[bytes]:
    """For tabs that show no page of ours."""
    return _send(request, _build(request).files["icons/app-32.png"], ASK_FIRST)


@get("/healthz", opt={"public": True})
async def healthz() -> Response[bytes]:
    """Alive."""
    return ok({"ok": True}).response()


@get("/readyz", opt={"public": True})
async def readyz(hub: NamedDependency[Hub]) -> Response[bytes]:
    """The database answers and takes what is written; each of the server's processes has begun to serve."""
    return ok({"ok": await must_be_ready(hub)}).response()


async def must_be_ready(hub: Hub) -> bool:
    """Raises `not_ready`, or why nothing can be stored."""
    if not hub.db.siblings.are_up():
        raise Refused("not_ready")
    try:
        row = await hub.db.reader.run(lambda tx: tx.one(J.last_pos))
        await hub.db.must_store()
    except Refused:
        raise
    except Exception as error:
        raise Refused("not_ready") from error
    return row is not None


@get("/metrics", opt={"public": True}, include_in_schema=False)
async def metrics(request: Req, hub: NamedDependency[Hub], head: NamedDependency[Head]) -> Response[bytes]:
    """For Prometheus; from this machine, or the owner."""
    if not head.is_loopback:
        rights.allow(await actor_of(head, hub, request.app.state.sessions), "metrics")
    text, media = await asyncio.to_thread(exposition, {"": await figures(hub)})
    return Response(text, media_type=media)


Figures = dict[str, tuple[str, int]]


async def figures(hub: Hub) -> Figures:
    """By name: what it means, and what it is now."""
    totals, wms = await hub.db.reader.run(lambda tx: (tx.must(J.last_pos), tx.must(S.wms_figures)))
    hub.db.publish()
    siblings = hub.db.siblings
    return {
        "journal_entries": ("Entries in the journal", totals["pos"]),
        "writer_waiting": ("Commands that wait", siblings.total(WAITING)),
        "commits_total": ("Groups committed", siblings.total(COMMITS)),
        "board_readers": ("Streams that are open", siblings.total(READERS)),
        "storage_refusing": ("Could its last group not be stored", int(hub.db.writer.trouble is not None)),
        "replica_readings_total": ("Lists that came from the replica", siblings.total(AFAR)),
        "replica_misses_total": ("Lists that the primary gave in its place", siblings.total(MISSED)),
        "replica_behind": ("Groups that it lacked when it was last asked", siblings.total(BEHIND)),
        "wms_left_alone": ("Warehouses whose WMS is not called for now (breaker open)", wms["broken"]),
        "wms_calls_waiting": ("Calls to warehouses' WMS that wait", wms["waiting"]),
        "wms_calls_stuck": ("Calls that a person has to look at", wms["stuck"]),
        "processes": ("Processes of this server", siblings.count),
        "process": ("Which of them answered", siblings.mine),
    }


def exposition(companies: dict[str, Figures]) -> tuple[bytes, str]:
    """(text, media type), of each company by its name; of a server's only one without. The library is loaded by the
    first who asks, on a thread."""
    from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest

    registry = CollectorRegistry()
    labels = [] if set(companies) == {""} else ["company"]
    gauges: dict[str, Gauge] = {}

    def put(company: str, name: str, meaning: str, value: int) -> None:
        if name not in gauges:
            gauges[name] = Gauge(f"huodaona_{name}", meaning, labels, registry=registry)
        (gauges[name].labels(company) if labels else gauges[name]).set(value)

    for company, told in companies.items():
        for name, (meaning, value) in told.items():
            put(company, name, meaning, value)
        if labels:
            put(company, "company_open", "Is it served", int(bool(told)))
    return generate_latest(registry), CONTENT_TYPE_LATEST


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
    return Response(_page(doc, _build(request).base).encode(), media_type="text/html", headers=ASK_FIRST)


def _page(doc: dict[str, Any], base: str) -> str:
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
        f'<link rel="icon" href="{base}/icons/icon.svg" type="image/svg+xml">'
        f'<link rel="stylesheet" href="{base}/styles/docs.css"><main><h1>货到哪 API</h1>'
        '<p>Machine-readable: <a href="/openapi.json">/openapi.json</a></p>'
        f"<table><thead><tr><th>Method<th>Path<th>Does</thead>{''.join(rows)}</table>"
        f"<h2>Refusals</h2><table><thead><tr><th>Code<th>Status<th>中文<th>English</thead>{codes}</table></main></html>"
    )


HANDLERS = [shell, files, worker, manifest, favicon, healthz, readyz, metrics, openapi, docs]
