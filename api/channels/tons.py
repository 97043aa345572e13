"""Goods sold by weight and picked in pieces: so many tons at a price per ton become pieces at a price each.

Everything is whole grams, whole fen and fractions of them, never float. A rule per SKU says what a piece weighs and
which way its count is rounded; what rounding leaves over is told, in grams and in fen, never dropped. The sum owed is
rounded once, half up, and laid on the pieces so that their prices add up to it to the fen: where it does not divide,
some pieces cost one fen more and are a line of their own.
"""

from datetime import tzinfo
from fractions import Fraction
from typing import Any, get_args

import msgspec

from api.channels.values import Value, read_value, wrong
from api.kernel.errors import WrongField
from api.sheets.convert import Conversion, Fault, fault, number
from api.stock import units
from api.stock.units import Charge, Part, Price, Round, decimal, settle

ROUNDS: tuple[Round, ...] = get_args(Round)
CHARGES: tuple[Charge, ...] = get_args(Charge)
GRAMS = {name: units.GRAMS[name] for name in ("g", "jin", "kg", "ton")}
ANY = "*"
MOST_GRAMS = 10**12


class Piece(msgspec.Struct, frozen=True):
    """What one piece of a SKU weighs, and which way its count goes. `even`: refused where it leaves anything over."""

    g: int
    round: Round = "even"


class Pieces(msgspec.Struct, frozen=True):
    """`rest_g`: asked less taken, below zero where more is given than asked. `sum_fen` None: nobody named a price.
    `rest_fen`: what rounding the sum to whole fen left over, exact, as text."""

    parts: tuple[Part, ...]
    asked_g: int
    taken_g: int
    sum_fen: int | None
    rest_fen: str

    @property
    def rest_g(self) -> int:
        return self.asked_g - self.taken_g

    @property
    def qty(self) -> int:
        return sum(part.qty for part in self.parts)

    def told(self, sku: str) -> dict[str, Any]:
        """As an order keeps it and people read it."""
        return {
            "sku": sku, "asked_g": self.asked_g, "taken_g": self.taken_g, "rest_g": self.rest_g,
            "sum_fen": self.sum_fen, "rest_fen": self.rest_fen,
        }  # fmt: skip


def in_grams(per: str) -> Conversion:
    """A conversion: so many of a unit to whole grams, above nothing."""

    def convert(value: Any, _tz: tzinfo) -> int | Fault:
        found = number(value)
        if isinstance(found, Fault):
            return found
        grams = found * GRAMS[per]
        if not 0 < grams <= MOST_GRAMS:
            return fault("out_of_range")
        return int(grams) if grams.denominator == 1 else fault("not_exact")

    return convert


def into_pieces(asked_g: int, fen: int | None, per: str, rule: Piece, charge: Charge) -> Pieces | Fault:
    """`fen` is the price of one `per`. `charge`: the money is for the weight `ordered`, or for that of the `pieces`."""
    price = None if fen is None else Price(Fraction(fen * rule.g, GRAMS[per]), charge)
    found = settle(Fraction(asked_g, rule.g), rule.round, price)
    if isinstance(found, str):
        return fault(found)
    rest = "" if fen is None else decimal(found.rest_fen)
    return Pieces(found.parts, asked_g, found.qty * rule.g, found.sum_fen, rest)


class ByWeight(msgspec.Struct, frozen=True):
    """A mapping's rule: where the weight and its price stand, in which unit, and the SKUs' pieces (`*`: all others)."""

    weight: Value
    price: Value | None
    per: str
    charge: Charge
    pieces: dict[str, Piece]

    def piece(self, sku: str) -> Piece | None:
        return self.pieces.get(sku) or self.pieces.get(ANY)


KEYS = {"weight", "price", "per", "charge", "pieces"}


def read_rule(raw: Any, at: str, bad: list[WrongField]) -> ByWeight | None:
    """The rule as it is written, its two values still unread; what is wrong is added to `bad`."""
    if not isinstance(raw, dict) or "weight" not in raw:
        bad.append(wrong(at, "要一个对象，写 weight 在哪。", "An object that says where the weight is."))
        return None
    bad += [
        wrong(f"{at}.{key}", "没有这个选项。", "There is no such option.") for key in raw if key not in KEYS
    ]
    per, charge, pieces = raw.get("per", "ton"), raw.get("charge", "ordered"), raw.get("pieces")
    if per not in GRAMS:
        bad.append(wrong(f"{at}.per", f"只能是：{', '.join(GRAMS)}。", f"One of: {', '.join(GRAMS)}."))
    if charge not in CHARGES:
        bad.append(wrong(f"{at}.charge", "只能是 ordered 或 pieces。", "ordered or pieces."))
    if not isinstance(pieces, dict) or not 1 <= len(pieces) <= 2_000:
        bad.append(
            wrong(
                f"{at}.pieces",
                "要写每件多重，1 到 2000 个货号。",
                "What a piece weighs, for 1 to 2,000 SKUs.",
            )
        )
        return None
    read = {sku: _piece(one, f"{at}.pieces.{sku}", bad) for sku, one in pieces.items()}
    price = None if raw.get("price") is None else read_value(raw["price"], f"{at}.price", bad)
    return ByWeight(read_value(raw["weight"], f"{at}.weight", bad), price, str(per), charge, read)


def _piece(raw: Any, at: str, bad: list[WrongField]) -> Piece:
    try:
        piece = msgspec.convert(raw, Piece)
    except msgspec.ValidationError:
        piece = Piece(0)
    if not 1 <= piece.g <= 10**9:
        bad.append(
            wrong(
                at,
                '要 {"g": 克数, "round": even、up、down 或 near}。',
                '{"g": grams, "round": even, up, down or near}.',
            )
        )
        return Piece(1)
    return piece
