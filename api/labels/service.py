"""Which labels there are: items for `qr.sheet` from the company's bins, orders and devices."""

import re

from api.db.queries import load
from api.db.tx import Tx
from api.kernel.errors import Refused, Why
from api.orders import store
from api.places import place_of
from api.stock import service as stock
from qr import papers
from qr.codes import bin_body, make
from qr.items import BinLabel, CartonLabel, DeviceLabel, Item, OrderLabel, RegisterLabel
from qr.sheet import KINDS

Q = load(__package__)
_NAME = re.compile(r"^([A-Z]+)-?(\d+)-?(\d+)$")
MOST = 20_000


def items(tx: Tx, kind: str, ids: list[str], warehouse: str = "", area: str = "") -> list[Item]:
    """All of a kind, or those named in `ids`; refuses what does not exist by name. `area`: bins of one aisle."""
    if kind not in KINDS:
        raise Refused("not_found", what=f"/qr/{kind}")
    if kind == "bins":
        return [one for one in _bins(tx, ids, warehouse) if not area or one.aisle == area]
    if kind == "orders":
        return [_order(tx, order_no) for order_no in _named(ids)]
    if kind == "cartons":
        return [_carton(tx, order_no) for order_no in _named(ids)]
    if kind == "devices":
        return list(_devices(tx, ids))
    return [RegisterLabel(make("R", "1"), "货到哪", "门店负责人")]


def first(found: list[Item], kind: str, paper: str | None, pages: int, skip: int, copies: int) -> list[Item]:
    """As many as begin on the first pages. Raises LabelError for an unknown paper."""
    room = papers.find(KINDS[kind].paper if paper is None else paper).per_page * pages - max(0, skip)
    return found[: max(1, room // max(1, copies))]


def areas(tx: Tx) -> list[dict[str, str | int]]:
    """Warehouses and their aisles with how many bins each has; a bin of another pattern is in no aisle ("")."""
    counts: dict[tuple[str, str], int] = {}
    for row in tx.all(stock.Q.bins_all, warehouse="", after="", count=MOST):
        key = (row["warehouse"], _area(row["code"]))
        counts[key] = counts.get(key, 0) + 1
    names = {house.code: house.name for house in stock.warehouses(tx)}
    return [
        {"warehouse": house, "name": names.get(house, house), "area": area, "bins": count}
        for (house, area), count in sorted(counts.items())
    ]


def _area(code: str) -> str:
    return _parts(code)[0]


def _named(ids: list[str]) -> list[str]:
    if not ids:
        why = Why("要写哪几单：ids=单号,单号。", "Say which orders: ids=number,number.")
        raise Refused("invalid", why)
    return ids


def _bins(tx: Tx, ids: list[str], warehouse: str) -> list[BinLabel]:
    if warehouse:
        stock.warehouse(tx, warehouse)
    names = {house.code: house.name for house in stock.warehouses(tx)}
    rows = {row["code"]: row for row in tx.all(stock.Q.bins_all, warehouse=warehouse, after="", count=MOST)}
    missing = [code for code in ids if code not in rows]
    if missing:
        raise Refused("not_found", what=missing[0])
    levels: dict[str, int] = {}
    for code in rows:
        rack, level = code.rpartition("-")[0], _level(code)
        levels[rack] = max(levels.get(rack, 0), level)
    chosen = [rows[code] for code in ids] if ids else list(rows.values())
    return [
        BinLabel(
            make("L", row["body"]), row["code"], names.get(row["warehouse"], row["warehouse"]),
            *_parts(row["code"]), _level(row["code"]), levels[row["code"].rpartition("-")[0]],
        )
        for row in chosen
    ]  # fmt: skip


def _parts(code: str) -> tuple[str, str]:
    match = _NAME.match(code)
    return (match[1], match[2]) if match else ("", "")


def _level(code: str) -> int:
    match = _NAME.match(code)
    return int(match[3]) if match else 0


def _order(tx: Tx, order_no: str) -> OrderLabel:
    order = store.get(tx, order_no)
    pieces = sum(line.qty for line in order.lines)
    tags = tuple(tag.tag for tag in order.rest.tags)
    code = make("D", bin_body(order.order_no))
    return OrderLabel(
        code, order.order_no, order.customer.name, order.warehouse, len(order.lines), pieces, tags
    )


def _carton(tx: Tx, order_no: str) -> CartonLabel:
    order = store.get(tx, order_no)
    place = place_of(order.address.adcode) if order.address.adcode else None
    weight = sum((stock.sku(tx, n.sku) or _WEIGHTLESS).weight_g * n.picked for n in order.lines)
    return CartonLabel(
        make("C", bin_body(order.order_no)), place.path[-1] if place else "", 1, 1, order.customer.name,
        order.order_no, order.warehouse, sum(line.picked for line in order.lines), weight,
        tuple(tag.tag for tag in order.rest.tags),
    )  # fmt: skip


class _Weightless:
    weight_g = 0


_WEIGHTLESS = _Weightless()


def _devices(tx: Tx, ids: list[str]) -> list[DeviceLabel]:
    rows = {row["device"]: row for row in tx.all(Q.devices)}
    missing = [device for device in ids if device not in rows]
    if missing:
        raise Refused("not_found", what=missing[0])
    chosen = [rows[device] for device in ids] if ids else list(rows.values())
    return [
        DeviceLabel(make("V", row["device"]), row["label"], row["warehouse"], row["device"]) for row in chosen
    ]
