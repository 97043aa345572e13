"""A channel's mapping: a value that a user edits, and the pure function from payload to draft.

`read_mapping` decodes the contract's JSON and refuses unknown keys, bad paths and conversions that do not
fit their field, each with its place. `apply` raises nothing: what cannot be read becomes a problem with a
path and a reason, what no path used stays in `unmapped`, nested as it came, for the order's `extra`.
"""

from datetime import tzinfo
from typing import Any, Literal, NamedTuple

import msgspec

from api.channels.paths import Path, compiled, evaluate, items, leftover
from api.channels.tons import ByWeight, Pieces, in_grams, into_pieces, read_rule
from api.channels.values import (
    Const,
    First,
    Found,
    Join,
    Nothing,
    Pick,
    Value,
    const_fault,
    is_value,
    read_value,
    resolve,
    wrong,
)
from api.kernel.errors import Invalid, Why, WrongField
from api.sheets.convert import CONVERSIONS, FAULTS, Conversion, Fault

Event = Literal["create", "pay", "cancel", "refund"]
EVENTS: tuple[Event, ...] = ("create", "pay", "cancel", "refund")
MOST_LINES = 1_000


class Field(NamedTuple):
    """How a field is read by default. `most` bounds the number or the text's length; a field that blocks
    stops the draft, another one only loses itself (and stays in `unmapped`)."""

    kind: Literal["text", "int", "list"]
    default: str
    blocks: bool
    least: int
    most: int
    as_name: str = ""


_SUM = 10**13

FIELDS: dict[str, Field] = {
    "external_no": Field("text", "text", True, 1, 128),
    "paid_at": Field("int", "date", True, 0, 2**53),
    "created_at": Field("int", "date", False, 0, 2**53),
    "paid_fen": Field("int", "fen", True, 0, _SUM),
    "customer.name": Field("text", "text", False, 1, 200),
    "customer.phone": Field("text", "text", False, 1, 40),
    "address.text": Field("text", "text", False, 1, 500),
    "address.lng": Field("int", "micro", False, -180_000_000, 180_000_000, "address.lng_e6"),
    "address.lat": Field("int", "micro", False, -90_000_000, 90_000_000, "address.lat_e6"),
    "note": Field("text", "text", False, 1, 4_000),
    "options": Field("list", "list", False, 1, 4_000),
}
LINE_FIELDS: dict[str, Field] = {
    "sku": Field("text", "text", True, 1, 64),
    "qty": Field("int", "int", True, 1, 1_000_000),
    "price_fen": Field("int", "fen", True, 0, _SUM),
    "name": Field("text", "text", False, 1, 200),
    "uom": Field("text", "text", False, 1, 20),
}
_LOOSE_FIELDS = {name: field._replace(blocks=False) for name, field in LINE_FIELDS.items()}
_GRAMS = Field("int", "g", True, 1, 10**12)
LABELS: dict[str, Why] = {
    "external_no": Why("渠道单号", "external number"),
    "paid_at": Why("付款时间", "paid at"),
    "created_at": Why("下单时间", "ordered at"),
    "paid_fen": Why("实付金额", "amount paid"),
    "customer.name": Why("客户", "customer"),
    "customer.phone": Why("电话", "phone"),
    "address.text": Why("地址", "address"),
    "address.lng": Why("经度", "longitude"),
    "address.lat": Why("纬度", "latitude"),
    "note": Why("备注", "note"),
    "options": Why("选项", "options"),
    "lines": Why("货品行", "lines"),
    "sku": Why("货号", "SKU"),
    "qty": Why("数量", "quantity"),
    "price_fen": Why("单价", "price"),
    "name": Why("品名", "name"),
    "uom": Why("单位", "unit"),
}
GROUPS = ("customer", "address", "lines")
MISSING = Why("没有值。", "No value.")
NO_LINES = Why("没有货品行。", "No lines.")


class Mapping(msgspec.Struct, frozen=True):
    fields: dict[str, Value]
    event: Value | None = None
    each: str = "@"
    lines: dict[str, Value] = {}
    by_weight: ByWeight | None = None


class Problem(msgspec.Struct, frozen=True):
    """`path` is the draft's (`lines[0].qty`), `source` the payload's. The value itself is not repeated."""

    path: str
    code: str
    why: Why
    blocks: bool
    source: str = ""


class Mapped(msgspec.Struct, frozen=True):
    """`event` None: not a message about an order, ignored. Times are ms, money fen, coordinates 1e-6
    degrees. `weights`: what became of each line that was sold by weight, with what rounding left over."""

    event: Event | None
    draft: dict[str, Any]
    sources: dict[str, str]
    unmapped: dict[str, Any]
    problems: tuple[Problem, ...]
    weights: tuple[dict[str, Any], ...] = ()

    @property
    def extra(self) -> dict[str, Any]:
        """What the order keeps beside its fields."""
        return self.unmapped | ({"by_weight": list(self.weights)} if self.weights else {})

    @property
    def is_ok(self) -> bool:
        return self.event is not None and not any(p.blocks for p in self.problems)

    @property
    def texts(self) -> tuple[str, ...]:
        """What keywords are looked for in."""
        return (self.draft.get("note", ""), *self.draft.get("options", ()))


def read_mapping(raw: Any, at: str = "$.mapping") -> Mapping:
    """The mapping as structs, or `Invalid` naming every wrong place. Groups may be nested or dotted."""
    bad: list[WrongField] = []
    if not isinstance(raw, dict):
        raise Invalid([wrong(at, "要一个对象。", "An object is wanted.")])
    flat = _flat(raw, at, bad)
    fields: dict[str, Value] = {}
    lines: dict[str, Value] = {}
    event: Value | None = None
    each, by_weight = "@", None
    for name, value in flat.items():
        place, line = f"{at}.{name}", name.removeprefix("lines.")
        if name == "event":
            event = _event(value, place, bad)
        elif name == "lines.each":
            each = value if isinstance(value, str) else ""
            if compiled(each) is None:
                bad.append(wrong(place, "不是合法的 JMESPath。", "This is not JMESPath."))
        elif name == "lines.by_weight":
            by_weight = _rule(value, place, bad)
        elif name in FIELDS:
            fields[name] = _field(value, FIELDS[name], place, bad)
        elif name.startswith("lines.") and line in LINE_FIELDS:
            lines[line] = _field(value, LINE_FIELDS[line], place, bad)
        else:
            bad.append(wrong(place, "没有这个字段。", "There is no such field."))
    if bad:
        raise Invalid(bad)
    return Mapping(fields, event, each, lines, by_weight)


def _rule(raw: Any, at: str, bad: list[WrongField]) -> ByWeight | None:
    rule = read_rule(raw, at, bad)
    if rule is not None:
        _fits(rule.weight, _GRAMS, f"{at}.weight", bad)
        if rule.price is not None:
            _fits(rule.price, LINE_FIELDS["price_fen"], f"{at}.price", bad)
    return rule


def _flat(raw: dict[str, Any], at: str, bad: list[WrongField]) -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for name, value in raw.items():
        if name == "address" and is_value(value):
            pairs = {"address.text": value}
        elif name in GROUPS and isinstance(value, dict):
            pairs = {f"{name}.{inner}": v for inner, v in value.items()}
        else:
            pairs = {name: value}
        bad += [wrong(f"{at}.{key}", "写了两遍。", "Written twice.") for key in pairs if key in flat]
        flat |= pairs
    return flat


def _field(raw: Any, field: Field, at: str, bad: list[WrongField]) -> Value:
    value = read_value(raw, at, bad)
    _fits(value, field, at, bad)
    return value


def _fits(value: Value, field: Field, at: str, bad: list[WrongField]) -> None:
    """A conversion gives what its field holds: text for texts, whole numbers for numbers."""
    if isinstance(value, First):
        for i, part in enumerate(value.first):
            _fits(part, field, f"{at}.first[{i}]", bad)
    elif isinstance(value, Pick) and value.as_ and _kind(value.as_) not in (field.kind, _alike(field)):
        bad.append(
            wrong(f"{at}.as", "这种换算的结果放不进这个字段。", "This conversion does not fit the field.")
        )
    elif isinstance(value, Const) and (found := const_fault(value, CONVERSIONS[field.default])):
        bad.append(WrongField(f"{at}.const", found.why))


def _kind(name: str) -> str:
    return name if name in ("text", "list") else "int"


def _alike(field: Field) -> str:
    """Options take one text as a list of one."""
    return "text" if field.kind == "list" else ""


def _event(raw: Any, at: str, bad: list[WrongField]) -> Value:
    value = read_value(raw, at, bad)
    for part in _leaves(value):
        names = list(part.is_.values()) if isinstance(part, Pick) and part.is_ else []
        if isinstance(part, Const):
            names = [part.const]
        if any(name not in EVENTS for name in names):
            bad.append(
                wrong(at, "事件只有 create、pay、cancel、refund。", "Events are create, pay, cancel, refund.")
            )
    return value


def _leaves(value: Value) -> list[Value]:
    parts = value.first if isinstance(value, First) else value.join if isinstance(value, Join) else None
    return [value] if parts is None else [leaf for part in parts for leaf in _leaves(part)]


class _Work:
    """What one `apply` gathers."""

    def __init__(self, root: Any, tz: tzinfo) -> None:
        self.root, self.tz = root, tz
        self.used: set[Path] = set()
        self.sources: dict[str, str] = {}
        self.problems: list[Problem] = []
        self.weights: list[dict[str, Any]] = []

    def read(
        self, value: Value, field: Field, name: str, base: Path = (), default: Conversion | None = None
    ) -> Any:
        found = resolve(value, self.root, base, default or CONVERSIONS[field.default], self.tz)
        if isinstance(found, Nothing):
            self.used.update(found.places)
            if found.fault:
                self.refuse(name, found.fault.code, found.fault.why, field.blocks, found.source)
            return None
        kept = [found.value] if field.kind == "list" and isinstance(found.value, str) else found.value
        if code := _beyond(kept, field):
            self.refuse(name, code, FAULTS[code], field.blocks, found.source)
            return None
        self.used.update(found.places)
        self.sources[name] = found.source
        return kept

    def refuse(self, name: str, code: str, why: Why, blocks: bool, source: str = "") -> None:
        self.problems.append(Problem(name, code, why, blocks, source))


def _beyond(value: Any, field: Field) -> str:
    if isinstance(value, int):
        return "" if field.least <= value <= field.most else "out_of_range"
    if isinstance(value, str):
        return "" if len(value) <= field.most else "too_long"
    size = max(map(len, value), default=0)
    return "" if size <= field.most and len(value) <= field.most else "too_long"


def apply(mapping: Mapping, payload: Any, *, tz: tzinfo, received_at: int) -> Mapped:
    """The draft that a payload makes. `received_at` (ms) stands in where a payment names no time."""
    work = _Work(payload, tz)
    event = _read_event(mapping, work)
    if mapping.event is not None and event is None:
        return Mapped(None, {}, {}, payload if isinstance(payload, dict) else {}, ())
    draft: dict[str, Any] = {}
    for name, value in mapping.fields.items():
        found = work.read(value, FIELDS[name], name)
        if found is not None:
            _put(draft, FIELDS[name].as_name or name, found)
    event = event or ("pay" if "paid_at" in draft else "create")
    if event == "pay" and "paid_at" not in draft and not any(p.path == "paid_at" for p in work.problems):
        draft["paid_at"], work.sources["paid_at"] = received_at, "received_at"
    if (mapping.lines or mapping.by_weight) and (
        lines := _lines(mapping, work, blocks=event in ("create", "pay"))
    ):
        draft["lines"] = lines
    if "external_no" not in draft and not any(p.path == "external_no" for p in work.problems):
        work.refuse("external_no", "missing", MISSING, True)
    # A pay that names its event may come for an order that stands already; one without must bring the goods.
    is_told = any(p.path == "lines" for p in work.problems)
    if (
        not draft.get("lines")
        and not is_told
        and (event == "create" or (event == "pay" and mapping.event is None))
    ):
        work.refuse("lines", "no_lines", NO_LINES, True)
    rest = leftover(payload, work.used) if isinstance(payload, dict) else {}
    return Mapped(event, draft, work.sources, rest, tuple(work.problems), tuple(work.weights))


def _read_event(mapping: Mapping, work: _Work) -> Event | None:
    if mapping.event is None:
        return None
    found = resolve(mapping.event, work.root, (), CONVERSIONS["text"], work.tz)
    name = next((e for e in EVENTS if isinstance(found, Found) and e == found.value), None)
    if name:
        work.used.update(found.places)
    return name


def _put(draft: dict[str, Any], name: str, value: Any) -> None:
    group, _, inner = name.partition(".")
    if inner:
        draft.setdefault(group, {})[inner] = value
    else:
        draft[name] = value


def _lines(mapping: Mapping, work: _Work, *, blocks: bool) -> list[dict[str, Any]]:
    expression = compiled(mapping.each)
    found = items(expression, work.root) if expression else None
    if found is None or len(found) > MOST_LINES:
        code = "not_computed" if found is None else "out_of_range"
        work.refuse("lines", code, FAULTS[code], blocks, mapping.each)
        return []
    lines: list[dict[str, Any]] = []
    for item, place in found:
        # An element that a function made has no place of its own: it is read by itself.
        inner = work if place is not None else _Work(item, work.tz)
        lines += _line(mapping, inner, place or (), f"lines[{len(lines)}]", blocks)
        if inner is not work:
            work.problems += inner.problems
            work.weights += inner.weights
            work.sources |= dict.fromkeys(inner.sources, mapping.each)
    if any(place is None for _, place in found) and expression is not None:
        work.used.update(reach_all(mapping.each, work.root))
    return lines


def reach_all(each: str, root: Any) -> list[Path]:
    """Every place that a computed list of lines was made from."""
    expression = compiled(each)
    reached = evaluate(expression, root, ()) if expression else None
    return reached.places if reached else []


def _line(mapping: Mapping, work: _Work, base: Path, at: str, blocks: bool) -> list[dict[str, Any]]:
    """One line; goods sold by weight may make two of one SKU, whose prices differ by a fen."""
    line: dict[str, Any] = {}
    before = len(work.problems)
    fields = LINE_FIELDS if blocks else _LOOSE_FIELDS
    for name, value in mapping.lines.items():
        field = fields[name]
        found = work.read(value, field, f"{at}.{name}", base)
        if found is not None:
            line[name] = found
    pieces = _pieces(mapping.by_weight, line.get("sku", ""), work, base, at, blocks)
    if pieces is not None:
        work.weights.append(pieces.told(line["sku"]))
        if pieces.sum_fen is None:
            return [line | {"qty": pieces.qty}]
        return [line | {"qty": part.qty, "price_fen": part.price_fen} for part in pieces.parts]
    for name in ("sku", "qty"):
        if name not in line and not any(p.path == f"{at}.{name}" for p in work.problems[before:]):
            work.refuse(f"{at}.{name}", "missing", MISSING, blocks)
    return [line]


def _pieces(rule: ByWeight | None, sku: str, work: _Work, base: Path, at: str, blocks: bool) -> Pieces | None:
    """The pieces of a line that names a weight; None where it names none, or has no sound one (told then)."""
    if rule is None:
        return None
    grams = work.read(rule.weight, _GRAMS._replace(blocks=blocks), f"{at}.qty", base, in_grams(rule.per))
    if grams is None or not sku:
        return None
    piece, fen = rule.piece(sku), None
    if rule.price is not None:
        fen = work.read(rule.price, LINE_FIELDS["price_fen"], f"{at}.price_fen", base)
    found = (
        into_pieces(grams, fen, rule.per, piece, rule.charge)
        if piece
        else Fault("no_piece_rule", FAULTS["no_piece_rule"])
    )
    if isinstance(found, Fault):
        work.refuse(f"{at}.qty", found.code, found.why, blocks, work.sources.get(f"{at}.qty", ""))
        return None
    return found
