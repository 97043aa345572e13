"""Moves by hand with what they do to orders, and master data saved one by one."""

import re
from typing import Any

import msgspec
from msgspec import UNSET

from api.db.tx import Tx
from api.journal import service as journal
from api.kernel.actor import Actor
from api.kernel.errors import Invalid, Refused, Why, WrongField, wrong_field
from api.orders.saving import fall_back, retry, sku_known
from api.places import place_of
from api.stock import gtin, moving, outside, units
from api.stock import service as stock
from api.stock.ledger import is_by_lots, switch_lots
from api.stock.model import BinIn, MoveIn, Sku, SkuIn, UnitIn, WarehouseIn
from api.stock.service import Q
from api.stock.units import Unit
from qr.codes import bin_body, opaque_body

replace = msgspec.structs.replace
MOST = 10**9
_WORDS = {
    "count": Why("盘点少了", "a count found fewer"),
    "damage": Why("货损", "pieces were damaged"),
    "adjust": Why("库存调整", "stock was adjusted"),
    "receive": Why("收货", "stock was received"),
    "transfer": Why("移库", "stock was moved"),
}


_CODE = re.compile(r"^[^\s/\x00-\x1f](?:[^/\x00-\x1f]{0,38}[^\s/\x00-\x1f])?$")


def checked_code(code: str) -> str:
    """What a SKU, bin or warehouse may be called: it stands in addresses and on labels."""
    if not _CODE.match(code):
        raise wrong_field(
            "path.code", "编号 1 到 40 个字符，没有“/”。", "A code has 1 to 40 characters, no “/”."
        )
    return code


def move(tx: Tx, given: MoveIn, actor: Actor, now: int) -> set[str]:
    """Returns the orders and promises that lost what they held."""
    for place in (given.warehouse, given.to_warehouse):
        outside.must_be_own(place, stock.is_outside(tx, place))
    lost = moving.move(tx, _in_pieces(tx, given), actor, now)
    fall_back(tx, lost, _WORDS[given.kind], now)
    if not lost:  # else there were fewer pieces than promised: nothing came
        retry(tx, {given.sku}, now)
    return lost


def _in_pieces(tx: Tx, given: MoveIn) -> MoveIn:
    """Boxes as pieces; refuses what does not come out even: half a piece is never booked."""
    sku = stock.sku(tx, given.sku)
    if not given.uom or sku is None:
        return given
    size = units.size(stock.unit(tx, sku, given.uom), sku.weight_g)
    if size is None:
        raise wrong_field(
            "$.uom", f"{sku.code} 没有单位“{given.uom}”。", f"{sku.code} has no unit “{given.uom}”."
        )
    pieces = given.qty * size
    if pieces.denominator != 1 or abs(pieces) > MOST:
        told = f"{given.qty} {given.uom} = {units.decimal(pieces)} {sku.uom}"
        raise wrong_field("$.qty", f"{told}，要按{sku.uom}记。", f"{told}: book it in {sku.uom}.")
    return replace(given, qty=int(pieces), uom="")


def save_sku(tx: Tx, code: str, given: SkuIn, actor: Actor, now: int) -> None:
    known = stock.sku(tx, code)
    why = gtin.fault(given.gtin) if given.gtin else None
    if why is not None:
        raise Invalid([WrongField("$.gtin", why)])
    _check_twins(tx, code, given, known)
    if known is not None and given.uom != known.uom and tx.one(Q.sku_in_use, sku=code) is not None:
        raise Refused("uom_in_use", sku=code, uom=known.uom)
    active = given.active if given.active is not UNSET else known is None or known.active
    stated = stock.units_of(tx, code) if given.units is UNSET else _units(given.units)
    _check_units(given, stated)
    tx.run(
        Q.save_sku,
        code=code, name=given.name, gtin=given.gtin, uom=given.uom, weight_g=given.weight_g,
        price_fen=given.price_fen, price_uom=given.price_uom, active=int(active),
    )  # fmt: skip
    if given.units is not UNSET:
        tx.run(Q.drop_units, sku=code)
        tx.many(Q.add_unit, [{"sku": code, **msgspec.structs.asdict(one)} for one in stated])
    if given.lots is not UNSET and given.lots != is_by_lots(tx, code):
        lies = tx.one(Q.lot_lies, sku=code)
        if lies is not None:  # the record would no longer know where a lot lies
            raise Refused("lots_lie", sku=code, **dict(lies))
        switch_lots(tx, code, given.lots)
    tx.forget()
    body: dict[str, Any] = {"sku": code, "name": given.name, "price_fen": given.price_fen}
    if given.price_uom:
        body["price_uom"] = given.price_uom
    if not active:
        body["active"] = False
    if stated:
        body["units"] = [f"{one.uom}={one.pieces}/{one.per} {one.round}" for one in stated]
    journal.record(tx, "system", "sku.saved", body, actor, now)
    if known is None:
        sku_known(tx, code, now)


def _check_twins(tx: Tx, code: str, given: SkuIn, known: Sku | None) -> None:
    """Refuses a new code that is another's but for the case of its letters (`path.code`), and another SKU's barcode: whoever
    scans would not know which. What stands already is left to stand."""
    twin = tx.one(Q.sku_alike, code=code) if known is None else None
    if twin is not None:
        raise only_case(twin["code"])
    is_kept = known is not None and known.gtin == given.gtin
    other = None if is_kept or not given.gtin else tx.one(Q.sku_by_gtin, gtin=given.gtin, code=code)
    if other is not None:
        raise wrong_field(
            "$.gtin", f"这个条码是 {other['code']} 的。", f"This is the barcode of {other['code']}."
        )


def only_case(code: str) -> Invalid:
    return wrong_field("path.code", f"和 {code} 只差大小写。", f"Only letter case parts it from {code}.")


def _units(given: list[UnitIn]) -> tuple[Unit, ...]:
    return tuple(Unit(one.uom, one.pieces, one.per, one.round) for one in given)


def _check_units(given: SkuIn, stated: tuple[Unit, ...]) -> None:
    """Refuses a unit that is stated twice or is the base unit, one that nobody can count, a price for none of them."""
    known = {given.uom}
    for i, one in enumerate(stated):
        path = f"$.units[{i}]" if given.units is not UNSET else "$.uom"
        if one.uom in known:
            raise wrong_field(
                f"{path}.uom", f"单位“{one.uom}”写了两次。", f"The unit “{one.uom}” stands twice."
            )
        known.add(one.uom)
        if units.size(one, given.weight_g) is None:
            raise wrong_field(
                f"{path}.pieces",
                f"一{one.uom}是几{given.uom}？按重量要先写每{given.uom}多重（weight_g）。",
                f"How many {given.uom} is one {one.uom}? By weight needs weight_g.",
            )
    price = next((one for one in stated if one.uom == given.price_uom), Unit(given.price_uom))
    if given.price_uom not in ("", given.uom) and units.size(price, given.weight_g) is None:
        raise wrong_field("$.price_uom", "没有这个单位。", "There is no such unit.")


def save_picture(tx: Tx, code: str, digest: str, media: str, content: bytes, actor: Actor, now: int) -> None:
    """Refuses `not_found`; the one before goes where no other SKU has it."""
    tx.run(Q.keep_picture, digest=digest, media=media, content=content, at=now)
    _give_picture(tx, code, digest, actor, now)


def drop_picture(tx: Tx, code: str, actor: Actor, now: int) -> None:
    _give_picture(tx, code, "", actor, now)


def _give_picture(tx: Tx, code: str, digest: str, actor: Actor, now: int) -> None:
    known = stock.sku(tx, code)
    if known is None:
        raise Refused("not_found", what=code)
    if known.picture == digest:
        return
    tx.run(Q.give_picture, code=code, digest=digest)
    tx.run(Q.drop_picture, digest=known.picture)
    tx.forget()
    journal.record(tx, "system", "sku.pictured", {"sku": code, "picture": digest}, actor, now)


def save_bin(tx: Tx, code: str, given: BinIn, actor: Actor, now: int) -> None:
    stock.warehouse(tx, given.warehouse)
    if given.sku and stock.sku(tx, given.sku) is None:
        raise Refused("unknown_sku", sku=given.sku)
    before = tx.one(Q.bin, code=code)
    twin = tx.one(Q.bin_alike, code=code) if before is None else None
    if twin is not None:
        raise only_case(twin["code"])
    if before is not None and before["warehouse"] != given.warehouse:
        raise wrong_field(
            "$.warehouse", "库位不能换仓库，另建一个。", "A bin stays in its warehouse; make another."
        )
    if before is not None and before["sku"] != given.sku:
        lies = tx.one(Q.lies_beside, warehouse=given.warehouse, bin=code, sku=given.sku)
        if lies is not None:
            raise Refused("bin_not_empty", bin=code, sku=lies["sku"], have=lies["qty"])
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
    lng_e6, lat_e6 = _position(given)
    tx.run(
        Q.save_warehouse,
        code=code, name=given.name, adcode=given.adcode, cutoff=given.cutoff,
        lng_e6=lng_e6, lat_e6=lat_e6,
    )  # fmt: skip
    tx.forget()
    journal.record(tx, "system", "warehouse.saved", {"warehouse": code, "name": given.name}, actor, now)


def _position(given: WarehouseIn) -> tuple[int | None, int | None]:
    """As given, else the seat of its district. Refuses a district that does not exist, and half a position."""
    place = place_of(given.adcode) if given.adcode else None
    if given.adcode and place is None:
        raise wrong_field("$.adcode", "没有这个区划代码。", "There is no such district.")
    if (given.lng is None) != (given.lat is None):
        raise wrong_field("$.lat", "经度和纬度要一起写。", "Longitude and latitude come together.")
    if given.lng is not None and given.lat is not None:
        return round(given.lng * 1e6), round(given.lat * 1e6)
    return (place.lng_e6, place.lat_e6) if place else (None, None)
