"""A SKU's picture: JPEG, PNG or WebP by its first bytes, at most 2 MB, kept under its SHA-256.

Its address names its content, so a browser keeps it for ever; only who may see stock gets it.
"""

import hashlib
import re
from typing import Any

from litestar import delete, get, put
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Response

from api.db.tx import Tx
from api.inventory import service, showing
from api.kernel.actor import Actor
from api.kernel.errors import Refused
from api.people import rights
from api.stock.service import Q
from api.web.answer import ok
from api.web.edge import Req
from api.web.hub import Hub

LIMIT = 2 * 1024 * 1024
_KINDS = (
    ("image/jpeg", re.compile(rb"\xff\xd8\xff")),
    ("image/png", re.compile(rb"\x89PNG\r\n\x1a\n")),
    ("image/webp", re.compile(rb"RIFF....WEBP", re.DOTALL)),
)
_DIGEST = re.compile(r"[0-9a-f]{64}")


def media_of(content: bytes) -> str:
    """Refuses `unsupported_media`: what a name or a header says of it does not count."""
    for media, first in _KINDS:
        if first.match(content):
            return media
    raise Refused("unsupported_media", what="JPEG, PNG, WebP")


@put("/api/skus/{code:str}/picture", opt={"body": "picture"}, request_max_body_size=LIMIT)
async def put_picture(
    request: Req, hub: NamedDependency[Hub], actor: NamedDependency[Actor], code: FromPath[str]
) -> Response[bytes]:
    """The bytes of a JPEG, PNG or WebP; 200 the SKU, whose `picture` is where it lies."""
    rights.allow(actor, "master")
    content, now = await request.body(), hub.clock()
    media = media_of(content)

    def work(tx: Tx) -> Any:
        service.save_picture(tx, code, hashlib.sha256(content).hexdigest(), media, content, actor, now)
        return showing.sku(tx, code, actor)

    return ok(await hub.db.writer.run(work)).response()


@delete("/api/skus/{code:str}/picture", status_code=200)
async def drop_picture(
    hub: NamedDependency[Hub], actor: NamedDependency[Actor], code: FromPath[str]
) -> Response[bytes]:
    """The SKU without one."""
    rights.allow(actor, "master")
    now = hub.clock()

    def work(tx: Tx) -> Any:
        service.drop_picture(tx, code, actor, now)
        return showing.sku(tx, code, actor)

    return ok(await hub.db.writer.run(work)).response()


@get("/api/pictures/{digest:str}")
async def read_picture(
    hub: NamedDependency[Hub], actor: NamedDependency[Actor], digest: FromPath[str]
) -> Response[bytes]:
    rights.allow(actor, "stock")
    row = (
        await hub.db.reader.run(lambda tx: tx.one(Q.picture, digest=digest))
        if _DIGEST.fullmatch(digest)
        else None
    )
    if row is None:
        raise Refused("not_found", what=digest[:64])
    headers = {"cache-control": "private, max-age=31536000, immutable", "x-content-type-options": "nosniff"}
    return Response(row["content"], media_type=row["media"], headers=headers)


HANDLERS = [put_picture, drop_picture, read_picture]
