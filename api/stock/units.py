"""Units that goods are bought and sold in, and what so much of one is in pieces and in fen.

A SKU's own unit is its base: stock, picking and orders count whole pieces of it. Another unit is a fixed number of pieces (a
box of 12), or a weight (a ton), of which a piece's weight makes pieces. All of it is fractions of whole numbers, never float.
A count that does not come out even follows the rule that somebody stated, or is refused; the sum owed is rounded once, half
up to the fen, and laid on the pieces so that qty x price adds up to it (decision 18).
"""

import re
import unicodedata
from fractions import Fraction
from math import ceil, floor
from typing import Literal, NamedTuple

import msgspec

Round = Literal["even", "up", "down", "near"]
Charge = Literal["ordered", "pieces"]
GRAMS = {
    "g": 1, "克": 1, "jin": 500, "斤": 500, "kg": 1_000, "公斤": 1_000, "千克": 1_000,
    "t": 1_000_000, "ton": 1_000_000, "吨": 1_000_000,
}  # fmt: skip
MOST_PIECES = 1_000_000
_AMOUNT = re.compile(r"\d{1,9}(?:\.\d{1,9})?")


class Unit(msgspec.Struct, frozen=True):
    """One `uom` is `pieces` / `per` of the base unit; `pieces` 0: by weight. `round`: which way a count of pieces goes
    that does not come out even; `even`: it is refused."""

    uom: str
    pieces: int = 0
    per: int = 1
    round: Round = "even"


class Part(msgspec.Struct, frozen=True):
    """So many pieces at this price each."""

    qty: int
    price_fen: int | None


class Settled(NamedTuple):
    """`rest`: pieces asked less those taken. `sum_fen` None: nobody named a price. `rest_fen`: owed less the sum."""

    parts: tuple[Part, ...]
    qty: int
    rest: Fraction
    sum_fen: int | None
    rest_fen: Fraction


class Price(NamedTuple):
    """So many fen a base unit, exactly."""

    fen: Fraction
    charge: Charge = "ordered"


def amount(text: str | int) -> Fraction | None:
    """A quantity as people write it (`12.5`, `１２`, `1,200`): above nothing, at most nine digits on either side; else None."""
    plain = unicodedata.normalize("NFKC", str(text)).strip().replace(",", "")
    if not _AMOUNT.fullmatch(plain):
        return None
    return Fraction(plain) or None


def size(unit: Unit, weight_g: int) -> Fraction | None:
    """How many base units one of it is; None: by weight, and nobody said what a piece weighs."""
    if unit.pieces:
        return Fraction(unit.pieces, unit.per)
    grams = GRAMS.get(unit.uom)
    return Fraction(grams, weight_g) if grams and weight_g else None


def settle(
    asked: Fraction, way: Round, price: Price | None
) -> Settled | Literal["not_exact", "no_piece", "out_of_range"]:
    """Whole pieces for `asked` base units, and what they cost: for all that was `ordered`, or for the `pieces` given."""
    if way == "even" and asked.denominator != 1:
        return "not_exact"
    count = half_up(asked) if way == "near" else ceil(asked) if way == "up" else floor(asked)
    if not 1 <= count <= MOST_PIECES:
        return "no_piece" if count < 1 else "out_of_range"
    if price is None:
        return Settled((Part(count, None),), count, asked - count, None, Fraction(0))
    owed = (asked if price.charge == "ordered" else count) * price.fen
    total = half_up(owed)
    return Settled(laid(total, count), count, asked - count, total, owed - total)


def half_up(value: Fraction) -> int:
    return floor(value + Fraction(1, 2))


def laid(total: int, count: int) -> tuple[Part, ...]:
    """A sum on so many pieces, to the fen: prices differ by one fen at most."""
    low, more = divmod(total, count)
    parts = (Part(more, low + 1), Part(count - more, low))
    return tuple(part for part in parts if part.qty)


def decimal(value: Fraction) -> str:
    """A fraction of tens and fives in full: `-0.375`. Others are cut off behind the ninth digit."""
    sign, scaled = "-" if value < 0 else "", abs(value) * 10**9
    whole, part = divmod(int(scaled), 10**9)
    return f"{sign}{whole}" + (f".{part:09d}".rstrip("0") if part else "")
