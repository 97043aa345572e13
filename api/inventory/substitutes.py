"""Which SKUs may take the place of one that is short: master data, asked by what an order that waits is offered."""

from typing import Annotated

import msgspec
from litestar import get, put
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Response
from msgspec import Meta

from api.db.tx import Tx
from api.journal import service as journal
from api.kernel.actor import Actor
from api.kernel.errors import Refused, wrong_field
from api.people import rights
from api.stock import service as stock
from api.stock.service import Q
from api.web.answer import Answer, ok
from api.web.commands import execute
from api.web.edge import Req
from api.web.head import Head
from api.web.hub import Hub


class SubstitutesIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The first choice first."""

    others: Annotated[list[Annotated[str, Meta(min_length=1, max_length=40)]], Meta(max_length=20)]


def read(tx: Tx, code: str) -> dict[str, object]:
    """Refuses `not_found`."""
    if stock.sku(tx, code) is None:
        raise Refused("not_found", what=code)
    return {"sku": code, "others": [row["other"] for row in tx.all(Q.substitutes, sku=code)]}


def save(tx: Tx, code: str, given: SubstitutesIn, actor: Actor, now: int) -> dict[str, object]:
    """Refuses an unknown SKU, the SKU itself, one twice."""
    if read(tx, code)["others"] == given.others:
        return read(tx, code)
    for i, other in enumerate(given.others):
        if stock.sku(tx, other) is None:
            raise wrong_field(f"$.others[{i}]", f"没有这个货号：{other}。", f"Unknown SKU: {other}.")
        if other in (code, *given.others[:i]):
            raise wrong_field(f"$.others[{i}]", "不能是它自己，也不能重复。", "Not itself, and none twice.")
    tx.run(Q.drop_substitutes, sku=code)
    rows = [{"sku": code, "rank": rank, "other": other} for rank, other in enumerate(given.others)]
    tx.many(Q.add_substitute, rows)
    journal.record(tx, "system", "sku.substituted", {"sku": code, "others": given.others}, actor, now)
    return read(tx, code)


@get("/api/skus/{code:str}/substitutes")
async def read_substitutes(
    hub: NamedDependency[Hub], actor: NamedDependency[Actor], code: FromPath[str]
) -> Response[bytes]:
    """`{sku, others}`, the first choice first."""
    rights.allow(actor, "stock")
    return ok(await hub.db.reader.run(lambda tx: read(tx, code))).response()


@put("/api/skus/{code:str}/substitutes", opt={"body": SubstitutesIn})
async def put_substitutes(
    request: Req,
    hub: NamedDependency[Hub],
    head: NamedDependency[Head],
    actor: NamedDependency[Actor],
    code: FromPath[str],
) -> Response[bytes]:
    """All of them anew."""
    rights.allow(actor, "master")

    def work(tx: Tx, given: SubstitutesIn) -> Answer:
        return ok(save(tx, code, given, actor, hub.clock()))

    return (await execute(hub, head, actor, await request.body(), SubstitutesIn, work)).response()


HANDLERS = [read_substitutes, put_substitutes]
