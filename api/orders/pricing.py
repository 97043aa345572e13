"""What lines are and cost: from what somebody asked for, in whatever unit, to whole pieces at whole fen.

A line named in its SKU's own unit and priced by it is taken as it is. Another unit, or a price for another one, goes through
`api.stock.units`: the sum is exact to the fen, may make two lines whose prices differ by one, and what was said is kept.
"""

from collections.abc import Container, Sequence
from fractions import Fraction
from typing import NamedTuple

from api.db.tx import Tx
from api.kernel.errors import Invalid, Why, WrongField
from api.orders.model import Line, LineIn, LineUnit, Sold
from api.stock import service as stock
from api.stock import units
from api.stock.model import Sku
from api.stock.units import Part, Price

MOST_FEN = 10**15  # below 2^53, the largest integer of a hashed text


class Priced(NamedTuple):
    """`unknown`: SKUs that nobody knows. `sold`: what was said of lines that were not in base units."""

    lines: tuple[Line, ...]
    unknown: list[str]
    sold: tuple[Sold, ...] = ()


def priced(
    tx: Tx,
    wanted: Sequence[LineIn],
    *,
    lenient: bool = False,
    names: Sequence[tuple[str, str]] = (),
    had: Container[str] = (),
) -> Priced:
    """Lines with names and prices. `lenient`: an unknown SKU, one out of use or without a price, is no refusal; `names`: (name,
    uom) of such, by line; `had`: SKUs that may be out of use, since they were ordered or promised before. Refuses `no_lines`,
    `unknown_sku`, `inactive_sku`, `no_price`, `unknown_unit` and quantities that come out uneven."""
    if not wanted:
        raise Invalid([WrongField("$.lines", Why("至少一行。", "At least one line."))], code="no_lines")
    lines: list[Line] = []
    unknown, sold = [], []
    for i, line in enumerate(wanted):
        sku = stock.sku(tx, line.sku)
        if sku is None:
            if not lenient:
                raise no_such_sku(i, line.sku)
            unknown.append(line.sku)
        elif not (lenient or line.sku in had):
            check_active(sku, i)
        parts: tuple[Part, ...]
        if sku is None or (line.unit is None and (line.price_fen is not None or not sku.price_uom)):
            parts = (Part(_pieces(line, i), _fen(line, sku, i, lenient)),)
        else:
            parts, said = _settled(tx, sku, line, i, len(lines) + 1)
            sold.append(said)
        name, uom = names[i] if i < len(names) else ("", "")
        for part in parts:
            lines.append(
                Line(
                    line_no=len(lines) + 1,
                    sku=line.sku,
                    name=sku.name if sku else name or line.sku,
                    qty=part.qty,
                    uom=sku.uom if sku else uom or "件",
                    price_fen=part.price_fen or 0,
                    warehouse="",
                )
            )
    if sum(line.amount_fen for line in lines) > MOST_FEN:
        why = Why("金额太大，不能记账。", "The amount is too large to be booked.")
        raise Invalid([WrongField("$.lines", why)])
    return Priced(tuple(lines), unknown, tuple(sold))


def no_such_sku(i: int, sku: str) -> Invalid:
    """Of line `i`."""
    why = Why(f"没有这个货号：{sku}。", f"Unknown SKU: {sku}.")
    return Invalid([WrongField(f"$.lines[{i}].sku", why)], code="unknown_sku", sku=sku)


def check_active(sku: Sku, i: int) -> None:
    """Refuses `inactive_sku`."""
    if not sku.active:
        why = Why(f"{sku.code} 已停用，不能再下单。", f"{sku.code} is not in use any more.")
        raise Invalid([WrongField(f"$.lines[{i}].sku", why)], code="inactive_sku", sku=sku.code)


def _pieces(line: LineIn, i: int) -> int:
    if not line.qty:
        why = Why("写 qty（件数），或 unit（单位和数量）。", "Give qty in pieces, or unit.")
        raise Invalid([WrongField(f"$.lines[{i}].qty", why)])
    return line.qty


def _fen(line: LineIn, sku: Sku | None, i: int, lenient: bool) -> int:
    price = line.price_fen if line.price_fen is not None else (sku.price_fen if sku else 0)
    if price is None and not lenient:
        raise _no_price(line, i)
    return price or 0


def _no_price(line: LineIn, i: int) -> Invalid:
    why = Why("价目表里没有价格，要写 price_fen。", "Not in the price list: give price_fen.")
    return Invalid([WrongField(f"$.lines[{i}].price_fen", why)], code="no_price", sku=line.sku)


def _settled(tx: Tx, sku: Sku, line: LineIn, i: int, line_no: int) -> tuple[tuple[Part, ...], Sold]:
    at = f"$.lines[{i}].unit"
    if line.unit is not None and line.qty:
        why = Why("qty 和 unit 只写一个。", "Either qty or unit, not both.")
        raise Invalid([WrongField(f"$.lines[{i}].qty", why)])
    unit = line.unit or LineUnit(sku.uom, _pieces(line, i))
    qty = units.amount(unit.qty)
    if qty is None:
        why = Why("要大于 0 的数，最多 9 位小数。", "A number above 0 with at most nine decimals.")
        raise Invalid([WrongField(f"{at}.qty", why)])
    step = _size(tx, sku, unit.uom, f"{at}.uom")
    fen, per = _price(sku, line, unit, i)
    price = Price(fen / _size(tx, sku, per, f"{at}.per"), unit.charge)
    way = unit.round or stock.unit(tx, sku, unit.uom).round
    found = units.settle(qty * step, way, price)
    if isinstance(found, str):
        raise Invalid([WrongField(f"{at}.qty", _uneven(found, unit, qty * step, sku))])
    rest = units.decimal(found.rest)
    return found.parts, Sold(
        line_no, units.decimal(qty), unit.uom, int(fen), per, way, found.qty, rest, found.sum_fen or 0, units.decimal(found.rest_fen)
    )  # fmt: skip


def _size(tx: Tx, sku: Sku, uom: str, path: str) -> Fraction:
    found = stock.unit(tx, sku, uom)
    size = units.size(found, sku.weight_g)
    if size is None:
        why = Why(
            f"{sku.code} 没有单位“{uom}”；按重量卖要先写每件多重。",
            f"{sku.code} has no unit “{uom}”; by weight needs what a piece weighs.",
        )
        raise Invalid([WrongField(path, why)], code="unknown_unit", sku=sku.code, uom=uom)
    return size


def _price(sku: Sku, line: LineIn, unit: LineUnit, i: int) -> tuple[Fraction, str]:
    """Fen, and the unit that they are for: the line's own, else the price list's."""
    if unit.price_fen is not None:
        return Fraction(unit.price_fen), unit.per or unit.uom
    if line.price_fen is not None:
        return Fraction(line.price_fen), sku.uom
    if sku.price_fen is None:
        raise _no_price(line, i)
    return Fraction(sku.price_fen), sku.price_uom or sku.uom


def _uneven(code: str, unit: LineUnit, pieces: Fraction, sku: Sku) -> Why:
    told = units.decimal(pieces)
    asked = f"{unit.qty} {unit.uom} = {told} {sku.uom}"
    if code == "not_exact":
        return Why(
            f"{asked}，不是整数：在 round 里写 up、down 或 near。",
            f"{asked}, not whole: say round up, down or near.",
        )
    if code == "no_piece":
        return Why(f"{asked}，不到一{sku.uom}。", f"{asked}, less than one.")
    return Why(f"{asked}，太多了，分成几单。", f"{asked} is too many for one line.")
