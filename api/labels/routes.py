"""Label sheets, papers, and the place of a scanned label."""

import asyncio

import msgspec
from litestar import get
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from litestar.response import Response

from api.kernel.actor import Actor
from api.kernel.errors import Refused, Why, wrong_field
from api.labels import service
from api.people import rights
from api.stock.service import Q as stock
from api.web.answer import ok
from api.web.edge import clean, page
from api.web.hub import Hub
from qr import codes
from qr.codes import LabelError
from qr.papers import PAPERS
from qr.sheet import FORMATS, sheet


@get("/qr/papers")
async def papers(actor: NamedDependency[Actor]) -> Response[bytes]:
    """Sizes in 1/100 mm."""
    rights.allow(actor, "labels")
    return ok(page(msgspec.to_builtins(list(PAPERS.values())), None)).response()


@get("/qr/areas")
async def areas(hub: NamedDependency[Hub], actor: NamedDependency[Actor]) -> Response[bytes]:
    """`[{warehouse, name, area, bins}]`: what shelf codes there are, by warehouse and aisle."""
    rights.allow(actor, "labels")
    return ok(page(await hub.db.reader.run(service.areas), None)).response()


@get("/qr/{name:str}")
async def labels(
    hub: NamedDependency[Hub],
    actor: NamedDependency[Actor],
    name: FromPath[str],
    paper: FromQuery[str] = "",
    ids: FromQuery[str] = "",
    skip: FromQuery[int] = 0,
    copies: FromQuery[int] = 1,
    content: FromQuery[str] = "address",
    warehouse: FromQuery[str] = "",
    area: FromQuery[str] = "",
    pages: FromQuery[int] = 0,
) -> Response[bytes]:
    """`bins.pdf` alone: A4 with 24 a page, all bins. `ids` are parted by commas; `area`: one aisle's bins; `pages`: only so
    many, to look at before printing."""
    rights.allow(actor, "labels")
    kind, _, fmt = name.rpartition(".")
    wanted = [one.strip() for one in clean(ids, "ids", 100_000).split(",") if one.strip()]
    place = clean(warehouse, "warehouse")
    if fmt not in FORMATS:
        names = "、".join(FORMATS)
        raise Refused("unsupported_media", Why(f"只有 {names}。", f"One of: {names}."), what=fmt)
    aisle = clean(area, "area")
    found = await hub.db.reader.run(lambda tx: service.items(tx, kind, wanted, place, aisle))
    try:
        if pages > 0:
            found = service.first(found, kind, paper or None, pages, skip, copies)
        drawn = await asyncio.to_thread(
            sheet, kind, found, paper or None, skip=skip, copies=copies, content=content,
            public_url=hub.public_url, fmt=fmt,
        )  # fmt: skip
    except LabelError as error:
        raise wrong_field(_FIELDS.get(error.code, "query"), error.zh, error.en) from None
    return Response(
        drawn, media_type=FORMATS[fmt], headers={"content-disposition": f'inline; filename="{name}"'}
    )


_FIELDS = {
    "unknown_paper": "query.paper",
    "bad_skip": "query.skip",
    "bad_copies": "query.copies",
    "unknown_content": "query.content",
    "paper_too_small": "query.paper",
    "code_too_small": "query.paper",
}


@get("/api/codes/{text:str}")
async def what_is(
    hub: NamedDependency[Hub], actor: NamedDependency[Actor], text: FromPath[str]
) -> Response[bytes]:
    """What a scanned code stands for: `{kind, code, bin?|…}`."""
    rights.allow(actor, "read")
    read = codes.read(clean(text, "text"))
    if isinstance(read, codes.Refused):
        raise wrong_field("path.text", read.zh, read.en)
    found = {"kind": codes.KINDS[read.kind], "code": read.text, "body": read.body}
    if read.kind == "L":
        row = await hub.db.reader.run(lambda tx: tx.one(stock.bin_by_body, body=read.body))
        if row is None:
            raise Refused("not_found", what=read.text)
        found |= {"bin": row["code"], "warehouse": row["warehouse"], "sku": row["sku"]}
    return ok(found).response()


HANDLERS = [papers, areas, labels, what_is]
