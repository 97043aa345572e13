"""Moves by hand with what they do to orders, and master data saved one by one."""

from api.db.tx import Tx
from api.journal import service as journal
from api.kernel.actor import Actor
from api.kernel.errors import Refused, Why, wrong_field
from api.orders.saving import fall_back, retry, sku_known
from api.stock import service as stock
from api.stock.model import BinIn, MoveIn, SkuIn, WarehouseIn
from api.stock.service import Q
from qr.codes import bin_body, opaque_body

_WORDS = {
    "count": Why("盘点少了", "a count found fewer"),
    "damage": Why("货损", "pieces were damaged"),
    "adjust": Why("库存调整", "stock was adjusted"),
    "receive": Why("收货", "stock was received"),
}


def move(tx: Tx, given: MoveIn, actor: Actor, now: int) -> None:
    lost = stock.move(tx, given, actor, now)
    fall_back(tx, lost, _WORDS[given.kind], now)
    if not lost:  # else there were fewer pieces than promised: nothing came
        retry(tx, {given.sku}, now)


def save_sku(tx: Tx, code: str, given: SkuIn, actor: Actor, now: int) -> None:
    is_new = stock.sku(tx, code) is None
    tx.run(
        Q.save_sku,
        code=code, name=given.name, gtin=given.gtin, uom=given.uom, weight_g=given.weight_g,
        price_fen=given.price_fen,
    )  # fmt: skip
    tx.forget()
    body = {"sku": code, "name": given.name, "price_fen": given.price_fen}
    journal.record(tx, "system", "sku.saved", body, actor, now)
    if is_new:
        sku_known(tx, code, now)


def save_bin(tx: Tx, code: str, given: BinIn, actor: Actor, now: int) -> None:
    stock.warehouse(tx, given.warehouse)
    if given.sku and stock.sku(tx, given.sku) is None:
        raise Refused("unknown_sku", sku=given.sku)
    before = tx.one(Q.bin, code=code)
    if before is not None and before["warehouse"] != given.warehouse:
        raise wrong_field(
            "$.warehouse", "库位不能换仓库，另建一个。", "A bin stays in its warehouse; make another."
        )
    tx.run(
        Q.save_bin, code=code, warehouse=given.warehouse, sku=given.sku, body=_body(tx, code, given.warehouse)
    )
    journal.record(
        tx, "system", "bin.saved", {"bin": code, "warehouse": given.warehouse, "sku": given.sku}, actor, now
    )


def _body(tx: Tx, code: str, warehouse: str) -> str:
    """The code's printed body: readable where the name allows it, opaque where that is taken."""
    plain = bin_body(code)
    return plain if tx.one(Q.bin_by_body, body=plain) is None else opaque_body(warehouse, code)


def save_warehouse(tx: Tx, code: str, given: WarehouseIn, actor: Actor, now: int) -> None:
    tx.run(
        Q.save_warehouse,
        code=code, name=given.name, adcode=given.adcode, cutoff=given.cutoff,
        lng_e6=None if given.lng is None else round(given.lng * 1e6),
        lat_e6=None if given.lat is None else round(given.lat * 1e6),
    )  # fmt: skip
    tx.forget()
    journal.record(tx, "system", "warehouse.saved", {"warehouse": code, "name": given.name}, actor, now)
