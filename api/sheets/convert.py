"""One value from outside becomes one value of ours, exactly or not at all.

Numbers go through `Decimal` and `Fraction`, never float; full-width digits, thousands separators and
currency signs are understood. `CONVERSIONS` is the registry; `int`, `fen` and `yuan` take a unit, `int*12`
(boxes of twelve to pieces) or `yuan/500` (price of a ton to price of a piece), and a quotient that does not
come out even is refused. `date` refuses dates that two countries read differently: `date_mdy` and
`date_dmy` say which is meant.
"""

import re
import unicodedata
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from decimal import Decimal
from fractions import Fraction
from typing import Any, NamedTuple

from api.kernel.errors import Why

# What a 64-bit column holds; beyond it a number is no quantity and no sum.
LARGEST = 2**63 - 1
LONGEST = 10_000


class Fault(NamedTuple):
    """Why a value cannot be converted. The value itself stays out: it may be a phone number."""

    code: str
    why: Why


FAULTS: dict[str, Why] = {
    "not_text": Why("这里要文字，来的是列表或对象。", "Text is wanted here, this is a list or an object."),
    "not_number": Why("不是数字。", "Not a number."),
    "not_whole": Why("要整数，来的带小数。", "A whole number is wanted, this has a fraction."),
    "not_exact": Why("换算后除不尽，会差一分或一件。", "The conversion does not come out even."),
    "no_piece": Why("不到一件。", "Less than one piece."),
    "no_piece_rule": Why("没写这个货号每件多重。", "Nobody has said what a piece of this SKU weighs."),
    "out_of_range": Why(
        "数字不合理：太大，或是零、负数。", "Not a number that can be right: too large, zero or negative."
    ),
    "not_date": Why("看不懂这个时间。", "This is no time that can be read."),
    "ambiguous_date": Why(
        "日和月分不清，请选 date_mdy 或 date_dmy。", "Day and month are unclear: choose date_mdy or date_dmy."
    ),
    "not_computed": Why("这条消息上算不出这个路径。", "The path cannot be computed on this message."),
    "too_long": Why("文字太长。", "The text is too long."),
}

Converted = Any  # str, int, list[str] or Fault
Conversion = Callable[[Any, tzinfo], Converted]

_CURRENCY = re.compile(r"^(?:CNY|RMB|¥|￥)|(?:元|圆|CNY|RMB)$", re.IGNORECASE)
_GROUPED = re.compile(r"[+-]?\d{1,3}(?:,\d{3})+(?:\.\d+)?")
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?")


def fault(code: str) -> Fault:
    return Fault(code, FAULTS[code])


def plain(value: str) -> str:
    """Half-width, trimmed; U+2212 and its like become a hyphen."""
    return unicodedata.normalize("NFKC", value).strip().replace("−", "-")


def _unfloated(value: Any) -> Any:
    """A float (a payload decoded elsewhere) counts as the shortest text that writes it, as its sender wrote
    it."""
    return Decimal(repr(value)) if isinstance(value, float) else value


def number(value: Any) -> Fraction | Fault:
    """The exact number, from int, Decimal or text such as `１，２３４．５０` or `¥1,234.50元`."""
    value = _unfloated(value)
    if isinstance(value, bool) or not isinstance(value, int | Decimal | str):
        return fault("not_number")
    if isinstance(value, int):
        return Fraction(value) if abs(value) <= LARGEST else fault("out_of_range")
    if isinstance(value, str):
        text = _CURRENCY.sub("", plain(value)).strip() if len(value) <= 100 else ""
        text = text.replace(",", "") if _GROUPED.fullmatch(text) else text
        if not _NUMBER.fullmatch(text) or not text.isascii():
            return fault("not_number")
        value = Decimal(text)
    # A huge exponent would make an integer of a million digits.
    if not value.is_finite() or abs(value.adjusted()) > 30:
        return Fraction(0) if value.is_finite() and not value else fault("out_of_range")
    return Fraction(value)


def _whole(value: Fraction | Fault, code: str) -> int | Fault:
    if isinstance(value, Fault):
        return value
    if value.denominator != 1:
        return fault(code)
    return int(value) if abs(value) <= LARGEST else fault("out_of_range")


def to_text(value: Any, _tz: tzinfo) -> str | Fault:
    """Trimmed text; numbers in full (`370…928`, `12.80`), never in scientific notation."""
    if isinstance(value, str):
        return value.strip() if len(value) <= LONGEST else fault("too_long")
    value = _unfloated(value)
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return fault("not_text")
    if isinstance(value, Decimal):
        if not value.is_finite() or abs(value.adjusted()) > 100:
            return fault("out_of_range")
        return format(value, "f")
    # str() of a huge int raises; nobody's number has more digits than this.
    return str(value) if value.bit_length() < 4096 else fault("out_of_range")


def to_list(value: Any, tz: tzinfo) -> list[str] | Fault:
    """A list of texts; one scalar is a list of one (XML knows no other), blanks are left out."""
    texts = [
        to_text(item, tz) for item in (value if isinstance(value, list) else [value]) if item is not None
    ]
    wrong = next((t for t in texts if isinstance(t, Fault)), None)
    return wrong or [t for t in texts if isinstance(t, str) and t]


def to_int(value: Any, _tz: tzinfo) -> int | Fault:
    found = to_number(value)
    return found if isinstance(found, int | Fault) else _whole(found, "not_whole")


def to_fen(value: Any, tz: tzinfo) -> int | Fault:
    return to_int(value, tz)


def to_yuan(value: Any, _tz: tzinfo) -> int | Fault:
    """Yuan as written, into fen: `12.80` is 1280. A third decimal other than 0 is refused."""
    return scaled(value, Fraction(100))


def scaled(value: Any, by: Fraction) -> int | Fault:
    found = number(value)
    return found if isinstance(found, Fault) else _whole(found * by, "not_exact")


def to_micro(value: Any, _tz: tzinfo) -> int | Fault:
    """Degrees into micro-degrees; digits beyond the sixth (10 cm) are cut off, no receiver knows them."""
    found = number(value)
    if isinstance(found, Fault):
        return found
    return int(found * 1_000_000) if abs(found) <= 180 else fault("out_of_range")


def to_epoch_s(value: Any, _tz: tzinfo) -> int | Fault:
    found = to_number(value)
    return found if isinstance(found, Fault) else _instant(found * 1000)


def to_epoch_ms(value: Any, _tz: tzinfo) -> int | Fault:
    found = to_number(value)
    return found if isinstance(found, Fault) else _instant(found)


def to_number(value: Any) -> Fraction | int | Fault:
    """`number`, without a fraction of what is whole already."""
    return value if type(value) is int and -LARGEST <= value <= LARGEST else number(value)


def _instant(ms: Fraction | int) -> int | Fault:
    """Milliseconds of the years 1970 … 2199; anything else is a unit mistaken for another."""
    return int(ms) if 0 <= ms < 7_258_118_400_000 else fault("not_date")


_YMD = re.compile(
    r"(\d{4})(?:([-/.年])(\d{1,2})(?:[-/.月])(\d{1,2})日?|(\d{2})(\d{2}))"
    r"(?:[T ]*(\d{1,2})[:时点](\d{1,2})分?(?::?(\d{1,2})(?:[.,](\d{1,9}))?秒?)?|[T ]?(\d{2})(\d{2})(\d{2})?)?"
    r" ?(Z|z|UTC|GMT|[+-]\d{2}:?\d{2})?"
)
_DMY = re.compile(
    r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4}|\d{2})(?: +(\d{1,2}):(\d{2})(?::(\d{2}))?(?: ?([AaPp])\.?[Mm]\.?)?)?"
)
_SERIAL = re.compile(r"\d{5}(?:\.\d+)?")


def to_date(value: Any, tz: tzinfo) -> int | Fault:
    """Milliseconds since 1970. A time without offset is local in `tz`; a bare date is its midnight.

    Digits alone are told apart by their count: 5 = Excel's day number, 8 = 20260122, 10 = seconds,
    12 and 14 = 202601221005(00), 13 = milliseconds.
    """
    text = to_text(value, tz)
    if isinstance(text, Fault) or len(text) > 60:
        return fault("not_date")
    text = re.sub(r"\s+", " ", plain(text))
    if _SERIAL.fullmatch(text):
        return _excel(Fraction(text), tz)
    if text.isascii() and text.isdigit() and len(text) in (10, 13):
        return _instant(Fraction(int(text) * (1000 if len(text) == 10 else 1)))
    found = _YMD.fullmatch(text)
    if found is None:
        return fault("ambiguous_date" if _DMY.fullmatch(text) else "not_date")
    year, _, month, day, month2, day2, hour, minute, second, part, hour2, minute2, second2, offset = (
        found.groups()
    )
    try:
        moment = datetime(
            int(year), int(month or month2), int(day or day2),
            int(hour or hour2 or 0), int(minute or minute2 or 0), int(second or second2 or 0),
            int((part or "0")[:6].ljust(6, "0")), tzinfo=_offset(offset) if offset else tz,
        )  # fmt: skip
    except (ValueError, OverflowError):
        return fault("not_date")
    return _at(moment)


def _offset(text: str) -> tzinfo:
    if text[0] not in "+-":
        return UTC
    sign, digits = (-1 if text[0] == "-" else 1), text[1:].replace(":", "")
    return timezone(sign * timedelta(hours=int(digits[:2]), minutes=int(digits[2:])))


def _at(moment: datetime) -> int | Fault:
    try:
        since = moment - datetime(1970, 1, 1, tzinfo=UTC)
    except OverflowError:
        return fault("not_date")
    return _instant(Fraction(since // timedelta(milliseconds=1)))


def _excel(serial: Fraction, tz: tzinfo) -> int | Fault:
    """Days since 1899-12-30, as Excel for Windows counts; rounded to the second, as its cells show."""
    if not 20_000 <= serial < 80_000:
        return fault("not_date")
    return _at(datetime(1899, 12, 30, tzinfo=tz) + timedelta(seconds=round(serial * 86_400)))


def _short_date(value: Any, tz: tzinfo, month: int, day: int) -> int | Fault:
    found = (
        _DMY.fullmatch(re.sub(r"\s+", " ", plain(value)))
        if isinstance(value, str) and len(value) < 60
        else None
    )
    if found is None:
        return to_date(value, tz)
    year = int(found[3]) + (2000 if len(found[3]) == 2 else 0)
    hour, half = int(found[4] or 0), (found[7] or "").lower()
    if half:
        if not 1 <= hour <= 12:
            return fault("not_date")
        hour = hour % 12 + (12 if half == "p" else 0)
    try:
        clock = (hour, int(found[5] or 0), int(found[6] or 0))
        moment = datetime(year, int(found[month]), int(found[day]), *clock, tzinfo=tz)
    except ValueError:
        return fault("not_date")
    return _at(moment)


def to_date_mdy(value: Any, tz: tzinfo) -> int | Fault:
    """Month first, as in the United States: `2/20/11 11:39`, `12/06/2010 10:08 PM`; all that `date` reads,
    too."""
    return _short_date(value, tz, 1, 2)


def to_date_dmy(value: Any, tz: tzinfo) -> int | Fault:
    return _short_date(value, tz, 2, 1)


def _by(factor: int) -> Conversion:
    return lambda value, _tz: scaled(value, Fraction(factor))


CONVERSIONS: dict[str, Conversion] = {
    "text": to_text,
    "int": to_int,
    "epoch_s": to_epoch_s,
    "epoch_ms": to_epoch_ms,
    "date": to_date,
    "date_mdy": to_date_mdy,
    "date_dmy": to_date_dmy,
    "fen": to_fen,
    "yuan": to_yuan,
    "list": to_list,
    "micro": to_micro,
    # counts and weights into base units: pieces, grams
    "dozen": _by(12),
    "wan": _by(10_000),
    "g": _by(1),
    "jin": _by(500),
    "kg": _by(1_000),
    "ton": _by(1_000_000),
}

_UNIT = re.compile(r"(int|fen|yuan)([*/])([1-9]\d{0,8})")


def conversion(name: str) -> Conversion | None:
    """The conversion of that name, with or without a unit; None where there is none."""
    if name in CONVERSIONS:
        return CONVERSIONS[name]
    found = _UNIT.fullmatch(name)
    if found is None:
        return None
    factor = Fraction(int(found[3])) if found[2] == "*" else Fraction(1, int(found[3]))
    factor *= 100 if found[1] == "yuan" else 1
    return lambda value, _tz: scaled(value, factor)
