"""What a row of each kind does to the company: the same functions as a PUT of one, over what stands.

A blank cell or a column that is not there leaves what stands as it is. A row that says nothing new is the same and
writes nothing, so a sheet may come twice. Refusals are those of the PUT.
"""

from collections.abc import Callable
from typing import Any, Literal, NamedTuple, TypeVar

import msgspec

from api.db.tx import Tx
from api.inventory import fields, service, showing
from api.inventory.columns import Field
from api.kernel.actor import Actor
from api.kernel.errors import Refused, Why, wrong_field
from api.people import customers
from api.people import service as people
from api.people.model import CustomerIn, UserIn
from api.stock import moving
from api.stock import service as stock
from api.stock.model import BinIn, MoveIn, SkuIn, WarehouseIn
from api.stock.service import Q
from api.web.body import decode

T = TypeVar("T")
Outcome = Literal["taken", "changed", "same"]
SKU = ("name", "gtin", "uom", "weight_g", "price_fen", "price_uom")
NOBODY = Why("没有这个业务员。", "There is no such salesperson.")
OPENING = "期初库存"


class Row(NamedTuple):
    """What one row says, and with what: `marks` are the first passwords' hashes by
    user, for those who are new (none where rows are only looked at)."""

    said: dict[str, Any]
    actor: Actor
    now: int
    marks: dict[str, str]


class Kind(NamedTuple):
    """`keys`: the fields without which no sheet is read; `about`: what a row speaks of,
    the same however it is named."""

    right: str
    fields: tuple[Field, ...]
    keys: tuple[str, ...]
    take: Callable[[Tx, Row], Outcome]
    about: Callable[[Tx, dict[str, Any]], tuple[str, ...]]


def _as(kind: type[T], said: dict[str, Any]) -> T:
    """Checked as a PUT's body is."""
    return decode(kind, msgspec.json.encode(said))


def _changes(before: dict[str, Any], said: dict[str, Any]) -> bool:
    return any(before[name] != value for name, value in said.items())


def _key(row: Row, name: str) -> str:
    value = row.said.get(name, "")
    if not value:
        raise wrong_field(f"$.{name}", "没写。", "Missing.")
    return str(value)


def _house(tx: Tx, said: dict[str, Any]) -> str:
    """By code or by name; where there is one warehouse, nobody has to name it."""
    houses, named = stock.warehouses(tx), said.get("warehouse", "")
    if not named and len(houses) == 1:
        return houses[0].code
    if not named:
        raise wrong_field("$.warehouse", "没写仓库。", "No warehouse is named.")
    found = [house.code for house in houses if house.code == named] or [
        h.code for h in houses if h.name == named
    ]
    if len(found) != 1:
        raise Refused("unknown_warehouse", warehouse=named)
    return found[0]


def _sku(tx: Tx, row: Row) -> Outcome:
    code, known = service.checked_code(_key(row, "code")), stock.sku(tx, row.said.get("code", ""))
    said = {name: value for name, value in row.said.items() if name != "code"}
    before = {} if known is None else {n: getattr(known, n) for n in SKU} | {"lots": bool(known.lots)}
    if known is not None and not _changes(before, said):
        return "same"
    service.save_sku(tx, code, _as(SkuIn, {**before, **said}), row.actor, row.now)
    return "taken" if known is None else "changed"


def _bin(tx: Tx, row: Row) -> Outcome:
    code = service.checked_code(_key(row, "code"))
    known = tx.one(Q.bin, code=code)
    before = {} if known is None else {"warehouse": known["warehouse"], "sku": known["sku"]}
    said = {name: value for name, value in row.said.items() if name != "code"}
    if known is None or "warehouse" in said:
        said["warehouse"] = _house(tx, said)
    if known is not None and not _changes(before, said):
        return "same"
    service.save_bin(tx, code, _as(BinIn, {**before, **said}), row.actor, row.now)
    return "taken" if known is None else "changed"


def _warehouse(tx: Tx, row: Row) -> Outcome:
    code = service.checked_code(_key(row, "code"))
    said = {name: value for name, value in row.said.items() if name != "code"}
    known = next((house for house in stock.warehouses(tx) if house.code == code), None)
    before: dict[str, Any] = {"name": code}
    if known is not None:
        before = {name: getattr(known, name) for name in ("name", "adcode", "cutoff")}
        before |= {"lng": showing.degrees(known.lng_e6), "lat": showing.degrees(known.lat_e6)}
        if not _changes(before, said):
            return "same"
    service.save_warehouse(tx, code, _as(WarehouseIn, {**before, **said}), row.actor, row.now)
    return "taken" if known is None else "changed"


def _customer(tx: Tx, row: Row) -> Outcome:
    """By its id; without one by phone and name, as an order finds its customer."""
    said = dict(row.said)
    seller, address = said.pop("salesperson", ""), said.pop("address", "")
    if seller:
        said["salesperson"] = _seller(tx, seller)
    id = said.pop("id", "") or customers.called(tx, _key(row, "name"), said.get("phone", ""))
    known = customers.standing(tx, customers.checked_id(id)) if id else None
    before = {} if known is None else known
    if address:
        said["addresses"] = customers.with_default(before.get("addresses", []), address)
    if known is not None and not _changes(before, said):
        return "same"
    given = _as(CustomerIn, {**before, **said})
    customers.save(tx, id or customers.fresh(tx), given, row.actor, row.now)
    return "taken" if known is None else "changed"


def _seller(tx: Tx, named: str) -> str:
    """A user by name, or by the name that people call them where one is called so."""
    if people.user(tx, named) is not None:
        return named
    found = people.called(tx, named)
    if len(found) != 1:
        raise Refused("unknown_user", NOBODY, user="")  # whatever stands there, a phone may be
    return found[0]


def _user(tx: Tx, row: Row) -> Outcome:
    """Never with a password: who is new gets one to start with, told once."""
    name, known = people.checked_name(_key(row, "name")), people.user(tx, row.said["name"])
    said = {field: value for field, value in row.said.items() if field != "name"}
    before: dict[str, Any] = {"display": name}
    if known is not None:
        before = {field: getattr(known, field) for field in ("display", "role", "phone", "warehouse")}
    if said.get("warehouse"):
        said["warehouse"] = _house(tx, said)
    if known is not None and not _changes(before, said):
        return "same"
    given = _as(UserIn, {**before, **said})
    people.save_user(tx, name, given, "" if known else row.marks.get(name, ""), row.actor, row.now)
    return "taken" if known is None else "changed"


def _stock(tx: Tx, row: Row) -> Outcome:
    """The number that lies in a place when the company starts; where anything has moved since, a count says it."""
    if "qty" not in row.said:
        raise wrong_field("$.qty", "没写。", "Missing.")
    said = {"sku": _key(row, "sku"), "bin": "", "lot": "", **row.said, "warehouse": _house(tx, row.said)}
    place = {name: said[name] for name in ("warehouse", "sku", "bin")}
    stands = tx.value(Q.lot_qty, lot=said["lot"], **place) if said["lot"] else tx.value(Q.bin_qty, **place)
    given = _as(MoveIn, {"kind": "count", "why": OPENING, **said})
    dated = bool(given.lot) and moving.know_day(tx, given, row.now)
    if stands == said["qty"]:
        return "changed" if dated else "same"
    if stands is not None and tx.one(Q.moved_since, lot=said["lot"], **place, why=OPENING) is not None:
        raise Refused("has_moved", have=stands)
    service.move(tx, given, row.actor, row.now)
    return "taken" if stands is None else "changed"


def _code(_tx: Tx, said: dict[str, Any]) -> tuple[str, ...]:
    return (said.get("code", ""),)


def _named(_tx: Tx, said: dict[str, Any]) -> tuple[str, ...]:
    return (said.get("name", ""),)


def _whose(tx: Tx, said: dict[str, Any]) -> tuple[str, ...]:
    """By the id where the sheet or the company has one, so that one of two rows may leave it out."""
    name, phone = said.get("name", ""), said.get("phone", "")
    id = said.get("id", "") or (customers.called(tx, name, phone) if name else "")
    return (id,) if id else (name, phone)


def _where(tx: Tx, said: dict[str, Any]) -> tuple[str, ...]:
    return _house(tx, said), *(said.get(name, "") for name in ("bin", "sku", "lot"))


KINDS: dict[str, Kind] = {
    "skus": Kind("master", fields.SKU, ("code",), _sku, _code),
    "bins": Kind("master", fields.BIN, ("code",), _bin, _code),
    "warehouses": Kind("master", fields.WAREHOUSE, ("code",), _warehouse, _code),
    "customers": Kind("master", fields.CUSTOMER, ("name",), _customer, _whose),
    "users": Kind("users", fields.USER, ("name",), _user, _named),
    "stock": Kind("move_stock", fields.STOCK, ("sku", "qty"), _stock, _where),
}
