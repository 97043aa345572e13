"""Where one field of an order comes from: a path, a constant, the first of several, several joined.

`read_value` turns the contract's JSON into structs and refuses what it does not know, naming the place;
`resolve` finds the value in a payload, converts it exactly and says which places it used. Null and blank
text count as absent, so that the next of a `first` is tried.
"""

from datetime import UTC, timedelta, timezone, tzinfo
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfoNotFoundError

import msgspec

from api.channels.paths import ABSENT, Expression, Path, below, compiled, evaluate, written
from api.kernel.errors import Why, WrongField
from api.kernel.time import zone
from api.sheets.convert import Conversion, Fault, conversion, fault, to_list


class Pick(msgspec.Struct, frozen=True):
    """One path; `is_` translates known values (others count as absent), `as_` names a conversion."""

    path: str
    as_: str = ""
    is_: dict[str, Any] | None = None
    tz: str = ""
    # What these texts say, found once: a till's message is read by some twenty of them.
    expression: Expression | None = None
    convert: Conversion | None = None
    zone: tzinfo | None = None


class Const(msgspec.Struct, frozen=True):
    const: Any


class First(msgspec.Struct, frozen=True):
    first: tuple["Value", ...]


class Join(msgspec.Struct, frozen=True):
    join: tuple["Value", ...]
    between: str = " "


Value = Pick | Const | First | Join

KEYS = {"path": {"path", "as", "is", "tz"}, "const": {"const"}, "first": {"first"}, "join": {"join", "with"}}
DEEPEST = 4


class Found(msgspec.Struct, frozen=True):
    """A converted value. `source` is what people read, `places` are the leaves used."""

    value: Any
    source: str
    places: tuple[Path, ...]


class Nothing(msgspec.Struct, frozen=True):
    """No value; `fault` says so where there was one that cannot be converted. `places` are the blanks met."""

    fault: Fault | None = None
    source: str = ""
    places: tuple[Path, ...] = ()


NOTHING = Nothing()


def wrong(at: str, zh: str, en: str) -> WrongField:
    return WrongField(at, Why(zh, en))


def is_value(raw: Any) -> bool:
    """Text, or an object that holds one of the four forms."""
    return isinstance(raw, str) or (isinstance(raw, dict) and any(key in raw for key in KEYS))


def read_value(raw: Any, at: str, bad: list[WrongField], depth: int = 0) -> Value:
    """The value as structs; what is wrong is added to `bad`, and something harmless returned."""
    if isinstance(raw, str):
        raw = {"path": raw}
    form = next((f for f in KEYS if f in raw), None) if isinstance(raw, dict) else None
    if form is None or depth > DEEPEST:
        bad.append(
            wrong(
                at, "要写路径，或 path、const、first、join 之一。", "A path, or path, const, first or join."
            )
        )
        return Const(None)
    bad += [
        wrong(f"{at}.{key}", "没有这个选项。", "There is no such option.")
        for key in raw
        if key not in KEYS[form]
    ]
    if form == "path":
        return _pick(raw, at, bad)
    if form == "const":
        if isinstance(raw["const"], dict):
            bad.append(wrong(f"{at}.const", "不能是对象。", "No object here."))
        return Const(raw["const"])
    parts = raw[form] if isinstance(raw[form], list) else []
    if not 1 <= len(parts) <= 20:
        bad.append(wrong(f"{at}.{form}", "要 1 到 20 个值的列表。", "A list of 1 to 20 values."))
    values = tuple(read_value(p, f"{at}.{form}[{i}]", bad, depth + 1) for i, p in enumerate(parts[:20]))
    if form == "first":
        return First(values)
    between = raw.get("with", " ")
    if not isinstance(between, str) or len(between) > 20:
        bad.append(wrong(f"{at}.with", "要短文字。", "A short text."))
        between = " "
    return Join(values, between)


def _pick(raw: dict[str, Any], at: str, bad: list[WrongField]) -> Pick:
    path, name, table, tz = raw["path"], raw.get("as", ""), raw.get("is"), raw.get("tz", "")
    if not isinstance(path, str) or compiled(path) is None:
        bad.append(wrong(f"{at}.path", "不是合法的 JMESPath。", "This is not JMESPath."))
        path = "@"
    if not isinstance(name, str) or ("as" in raw and conversion(name) is None):
        bad.append(wrong(f"{at}.as", "没有这种换算。", "There is no such conversion."))
        name = ""
    if "is" in raw and (not isinstance(table, dict) or not 1 <= len(table) <= 500 or _nests(table)):
        bad.append(wrong(f"{at}.is", "要“来的值: 我们的值”的对照表。", "A table of their value to ours."))
        table = None
    if not isinstance(tz, str) or ("tz" in raw and time_zone(tz) is None):
        bad.append(wrong(f"{at}.tz", "没有这个时区。", "There is no such time zone."))
        tz = ""
    convert, place = conversion(name) if name else None, time_zone(tz) if tz else None
    return Pick(path, name, table, tz, compiled(path), convert, place)


def _nests(table: dict[str, Any]) -> bool:
    return any(isinstance(value, dict | list) for value in table.values())


def time_zone(text: str) -> tzinfo | None:
    """`Asia/Shanghai`, `UTC`, `+08:00`; None where there is none of that name."""
    if len(text) == 6 and text[0] in "+-" and text[3] == ":" and (text[1:3] + text[4:]).isdecimal():
        offset = timedelta(hours=int(text[1:3]), minutes=int(text[4:]))
        return timezone(offset if text[0] == "+" else -offset) if offset < timedelta(hours=15) else None
    try:
        return zone(text)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def resolve(value: Value, root: Any, base: Path, default: Conversion, tz: tzinfo) -> Found | Nothing:
    """The field's value, seen from `base` (a line's place). Raises nothing, whatever the payload holds."""
    if isinstance(value, Pick):  # nearly all are
        return _picked(value, root, base, default, tz)
    if isinstance(value, Const):
        return _converted(value.const, default, tz, "const", ())
    if isinstance(value, First):
        blanks: tuple[Path, ...] = ()
        for part in value.first:
            found = resolve(part, root, base, default, tz)
            blanks += found.places
            if isinstance(found, Found):
                return Found(found.value, found.source, blanks)
            if found.fault:
                return found
        return Nothing(places=blanks)
    return _joined(value, root, base, default, tz)


def _picked(pick: Pick, root: Any, base: Path, default: Conversion, tz: tzinfo) -> Found | Nothing:
    expression = pick.expression
    if expression is None:
        return Nothing(fault("not_computed"), pick.path)
    if expression.names is not None:
        place = (*base, *expression.names)
        raw = below(root, place)
        if raw is ABSENT:
            return NOTHING
        source, places = written(place), [place]
    else:
        reached = evaluate(expression, root, base)
        if reached is None:
            return Nothing(fault("not_computed"), pick.path)
        raw, places = reached.value, reached.places
        source = written(places[0]) if len(places) == 1 else pick.path
    if pick.is_ is not None and not _is_blank(raw):
        name = _key(raw)
        if name not in pick.is_:
            return NOTHING
        raw = pick.is_[name]
    return _converted(raw, pick.convert or default, pick.zone or tz, source, tuple(places))


def _converted(
    raw: Any, convert: Conversion, tz: tzinfo, source: str, places: tuple[Path, ...]
) -> Found | Nothing:
    value = None if _is_blank(raw) else convert(raw, tz)
    if type(value) is int:
        return Found(value, source, places)
    if isinstance(value, Fault):
        return Nothing(value, source)
    return Nothing(None, source, places) if _is_blank(value) else Found(value, source, places)


def _joined(value: Join, root: Any, base: Path, default: Conversion, tz: tzinfo) -> Found | Nothing:
    texts: list[str] = []
    sources: list[str] = []
    places: tuple[Path, ...] = ()
    for part in value.join:
        found = resolve(part, root, base, to_list, tz)
        if isinstance(found, Nothing) and found.fault:
            return found
        places += found.places
        if isinstance(found, Found):
            texts += [str(t) for t in found.value] if isinstance(found.value, list) else [str(found.value)]
            sources.append(found.source)
    return _converted(value.between.join(texts), default, tz, " + ".join(sources), places)


def _is_blank(value: Any) -> bool:
    if isinstance(value, str):
        return not value or value.isspace()
    return value is None or value == []


def _key(raw: Any) -> str:
    """How a value is written in an `is` table: true and false as in JSON."""
    if isinstance(raw, bool):
        return "true" if raw else "false"
    return str(raw).strip() if isinstance(raw, str | int | Decimal) else ""


def const_fault(value: Value, default: Conversion) -> Fault | None:
    """A constant that its field cannot hold is found when the mapping is saved."""
    found = resolve(value, None, (), default, UTC) if isinstance(value, Const) else Nothing()
    return found.fault if isinstance(found, Nothing) else None
