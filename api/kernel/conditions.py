"""The one condition language: tags, SLA, alerts, pools, prompts and routing all ask through it.

A condition is data (`all`, `any`, `not`, `is fact op value`), never code. `check` refuses a bad one when
it is saved, with the path of each fault; `evaluate` judges any decoded condition over any facts, never
raises, and says in both languages which parts decided. A fact that is missing, null or of another type
leaves its part unknown: unknown is never true, and the `not` of it is not true either, so that a rule
does not fire on what nobody knows. Text is matched by RE2 only, over its first `MAX_TEXT` characters.
"""

from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import Literal, NamedTuple

import msgspec
import re2

from api.kernel.errors import Why, WrongField

Op = Literal["eq", "ne", "in", "ge", "le", "gt", "lt", "has", "contains", "matches"]
Kind = Literal["text", "int", "bool", "list"]
Value = str | int | bool | tuple[str | int, ...]

MAX_DEPTH, MAX_NODES, MAX_CHOICES, MAX_PATTERN, MAX_TEXT = 8, 200, 200, 500, 4000


class _Node(msgspec.Struct, frozen=True, tag_field="kind", forbid_unknown_fields=True):
    pass


class All(_Node, frozen=True, tag="all"):
    """True when every part is; of no parts: true (`check` refuses it)."""

    of: tuple["Condition", ...]


class AnyOf(_Node, frozen=True, tag="any"):
    """True when one part is; of no parts: false (`check` refuses it)."""

    of: tuple["Condition", ...]


class Not(_Node, frozen=True, tag="not"):
    of: "Condition"


class Is(_Node, frozen=True, tag="is"):
    """One question. `value` is a list for `in`, a pattern for `matches`; `has`, `contains` and `matches` on
    a list ask whether any element is, contains or matches it."""

    fact: str
    op: Op
    value: Value


Condition = All | AnyOf | Not | Is


class Verdict(msgspec.Struct, frozen=True):
    ok: bool
    why: Why


class Fact(NamedTuple):
    """What may be asked. `unit` is `fen`, `min` or nothing; `choices` are all values there can be."""

    type: Kind
    zh: str
    en: str
    unit: str = ""
    choices: tuple[str, ...] = ()


FACTS: dict[str, Fact] = {
    "order_no": Fact("text", "订单号", "order number"),
    "state": Fact(
        "text",
        "状态",
        "state",
        choices=(
            "awaiting_payment",
            "paid",
            "to_pick",
            "picking",
            "packed",
            "shipped",
            "delivered",
            "cancelled",
            "returned",
            "amended",
        ),
    ),
    "colour": Fact("text", "颜色", "colour", choices=("green", "yellow", "blue", "red", "grey")),
    "held": Fact("bool", "挂起", "on hold"),
    "exceptions": Fact("list", "异常", "exceptions"),
    "channel": Fact("text", "渠道", "channel"),
    "warehouse": Fact("text", "仓库", "warehouse"),
    "owner": Fact("text", "负责人", "owner"),
    "customer.id": Fact("text", "客户号", "customer id"),
    "customer.name": Fact("text", "客户名", "customer name"),
    "customer.tier": Fact("text", "客户等级", "customer tier"),
    "terms": Fact("text", "付款条件", "terms", choices=("prepaid", "on_account")),
    "address": Fact("text", "地址", "address"),
    "adcode": Fact("text", "行政区划码", "adcode"),
    "priority": Fact("text", "优先级", "priority", choices=("normal", "urgent")),
    "amount_fen": Fact("int", "金额", "amount", unit="fen"),
    "paid_fen": Fact("int", "已付", "paid amount", unit="fen"),
    "note": Fact("text", "备注", "note"),
    "options": Fact("list", "选项", "options"),
    "tags": Fact("list", "标签", "tags"),
    "checklist_open": Fact("int", "未勾清单项数", "open checklist items"),
    "skus": Fact("list", "货号", "SKUs"),
    "line_count": Fact("int", "行数", "lines"),
    "piece_count": Fact("int", "件数", "pieces"),
    "short_count": Fact("int", "缺货件数", "short pieces"),
    "carrier": Fact("text", "快递", "carrier"),
    "age_minutes": Fact("int", "下单至今", "age", unit="min"),
    "still_minutes": Fact("int", "没动静", "time without a move", unit="min"),
}

OPS: dict[Kind, tuple[Op, ...]] = {
    "text": ("eq", "ne", "in", "contains", "matches"),
    "int": ("eq", "ne", "in", "ge", "le", "gt", "lt"),
    "bool": ("eq", "ne"),
    "list": ("has", "contains", "matches"),
}
_KINDS = {"text": ("文字", "text"), "int": ("整数", "a whole number"), "bool": ("是或否", "true or false")}
# (said when true, said when false): the text always states what is the case, so `not` need not rewrite it
_SAID: dict[str, tuple[tuple[str, str], tuple[str, str]]] = {
    "eq": (("是", "is"), ("不是", "is not")),
    "ne": (("不是", "is not"), ("是", "is")),
    "in": (("属于", "is one of"), ("不属于", "is none of")),
    "ge": (("≥", "≥"), ("<", "<")),
    "le": (("≤", "≤"), (">", ">")),
    "gt": ((">", ">"), ("≤", "≤")),
    "lt": (("<", "<"), ("≥", "≥")),
    "has": (("有", "have"), ("没有", "lack")),
    "contains": (("含", "contains"), ("不含", "does not contain")),
    "matches": (("符合", "matches"), ("不符合", "does not match")),
}
_ORDERED: dict[str, Callable[[int, int], bool]] = {
    "ge": int.__ge__,
    "le": int.__le__,
    "gt": int.__gt__,
    "lt": int.__lt__,
}


class Pattern(NamedTuple):
    """A compiled RE2 pattern (`search` is None when refused, `fault` says why in RE2's words)."""

    search: Callable[[str], object] | None
    fault: str


@lru_cache(maxsize=1024)
def pattern(text: str) -> Pattern:
    if len(text) > MAX_PATTERN:
        return Pattern(None, f"longer than {MAX_PATTERN} characters")
    options = re2.Options()
    options.log_errors = False
    try:
        return Pattern(re2.compile(text, options).search, "")
    except re2.error as fault:
        first = fault.args[0] if fault.args else "refused"
        return Pattern(None, first.decode(errors="replace") if isinstance(first, bytes) else str(first))
    except UnicodeError:
        return Pattern(None, "not valid text")


# --- judging ---------------------------------------------------------------------------------------


class _Judged(NamedTuple):
    ok: bool | None  # None: unknown
    why: Why


def evaluate(cond: Condition, facts: Mapping[str, object]) -> Verdict:
    """Total: for every condition that decodes and any facts there is a verdict with a reason."""
    judged = _judge(cond, facts, 0)
    return Verdict(judged.ok is True, judged.why)


def _judge(cond: Condition, facts: Mapping[str, object], depth: int) -> _Judged:
    if depth > MAX_DEPTH:
        return _Judged(None, Why("条件套得太深", "the condition is nested too deeply"))
    if isinstance(cond, Is):
        return _ask(cond, facts)
    if isinstance(cond, Not):
        inner = _judge(cond.of, facts, depth + 1)
        return _Judged(None if inner.ok is None else not inner.ok, inner.why)
    parts = [_judge(part, facts, depth + 1) for part in cond.of]
    if not parts:
        return _Judged(isinstance(cond, All), Why("没有条件", "no conditions"))
    # `all` is decided by its first false part, `any` by its first true one; else by an unknown; else by all
    ends = isinstance(cond, AnyOf)
    for decided in (ends, None):
        for part in parts:
            if part.ok is decided:
                return part
    return _Judged(not ends, _joined([part.why for part in parts]))


def _joined(whys: list[Why]) -> Why:
    return Why("，".join(why.zh for why in whys), ", ".join(why.en for why in whys))


def _ask(cond: Is, facts: Mapping[str, object]) -> _Judged:
    fact = FACTS.get(cond.fact)
    if fact is None:
        return _Judged(None, Why(f"没有“{cond.fact}”这个事实", f"there is no fact “{cond.fact}”"))
    have = facts.get(cond.fact)
    if have is None:
        return _Judged(None, Why(f"{fact.zh}未知", f"{fact.en} unknown"))
    if not _is_a(have, fact.type) or _wrong_value(fact, cond) is not None:
        return _Judged(None, Why(f"{fact.zh}没法这样比", f"{fact.en} cannot be compared like this"))
    ok, shown = _compare(cond, have)
    zh, en = _SAID[cond.op][0 if ok else 1]
    if fact.type == "bool":
        yes = bool(have)
        return _Judged(ok, Why(fact.zh if yes else f"没有{fact.zh}", fact.en if yes else f"not {fact.en}"))
    if cond.op in _ORDERED and isinstance(have, int) and isinstance(cond.value, int):
        a, b = _amount(have, fact.unit), _amount(cond.value, fact.unit)
        return _Judged(ok, Why(f"{fact.zh} {a[0]} {zh} {b[0]}", f"{fact.en} {a[1]} {en} {b[1]}"))
    return _Judged(
        ok, Why(f"{fact.zh}{zh}{_quoted(shown, fact)[0]}", f"{fact.en} {en} {_quoted(shown, fact)[1]}")
    )


def _compare(cond: Is, have: object) -> tuple[bool, Value]:
    """The answer, and the value to show: for a pattern that matched, the words it met."""
    op, value = cond.op, cond.value
    if op in _ORDERED:
        return _ORDERED[op](have, value), value  # type: ignore[arg-type]
    if op in ("eq", "ne"):
        return (have == value) is (op == "eq"), value
    if op == "in":
        hit = isinstance(value, tuple) and have in value
        return hit, (have if hit else value)  # type: ignore[return-value]
    texts = [have] if isinstance(have, str) else have
    assert isinstance(texts, Iterable)
    if op == "has":
        return value in texts, value
    for text in texts:
        if op == "contains" and str(value) in text:
            return True, value
        if op == "matches" and (words := _met(str(value), text)) is not None:
            return True, words or value
    return False, value


def _met(wanted: str, text: str) -> str | None:
    search = pattern(wanted).search
    try:
        hit = search(text[:MAX_TEXT]) if search else None
    except UnicodeError:  # a lone surrogate: no such text can come through JSON, but facts are anything
        return None
    return None if hit is None else str(hit[0])  # type: ignore[index]


def _is_a(value: object, kind: Kind) -> bool:
    if kind == "list":
        return isinstance(value, list | tuple | set | frozenset) and all(isinstance(v, str) for v in value)
    if kind == "int":
        return isinstance(value, int) and not isinstance(value, bool)
    return isinstance(value, str if kind == "text" else bool)


def _amount(number: int, unit: str) -> tuple[str, str]:
    if unit == "fen":
        text = f"{'-' if number < 0 else ''}{abs(number) // 100}.{abs(number) % 100:02d}"
        return f"{text} 元", f"¥{text}"
    return (f"{number} 分钟", f"{number} min") if unit == "min" else (str(number), str(number))


def _quoted(value: Value, fact: Fact) -> tuple[str, str]:
    if isinstance(value, tuple):
        both = [_quoted(v, fact) for v in value[:5]]
        more = ("……", " …") if len(value) > 5 else ("", "")
        return "、".join(b[0] for b in both) + more[0], ", ".join(b[1] for b in both) + more[1]
    if isinstance(value, int):
        zh, en = _amount(value, fact.unit)
        return f" {zh}", en
    text = value if len(value) <= 40 else value[:40] + "…"
    return f"“{text}”", f"“{text}”"


# --- checking --------------------------------------------------------------------------------------


def check(cond: Condition, at: str = "") -> list[WrongField]:
    """What is wrong with a condition, each with its path under `at`; an empty list: it may be saved."""
    if _size(cond, 0) > MAX_NODES:
        return [
            _fault(at, f"条件太多或套得太深，上限 {MAX_NODES} 个、{MAX_DEPTH} 层", "too many or too deep")
        ]
    return list(_faults(cond, at, 0))


def _size(cond: Condition, depth: int) -> int:
    if depth > MAX_DEPTH:
        return MAX_NODES + 1
    if isinstance(cond, Is):
        return 1
    parts = (cond.of,) if isinstance(cond, Not) else cond.of
    return 1 + sum(_size(part, depth + 1) for part in parts)


def _fault(path: str, zh: str, en: str) -> WrongField:
    return WrongField(path, Why(zh, en))


def _faults(cond: Condition, at: str, depth: int) -> Iterable[WrongField]:
    under = f"{at}." if at else ""
    if isinstance(cond, Not):
        yield from _faults(cond.of, f"{under}of", depth + 1)
        return
    if not isinstance(cond, Is):
        if not cond.of:
            yield _fault(f"{under}of", "至少要有一个条件", "at least one condition is needed")
        for n, part in enumerate(cond.of):
            yield from _faults(part, f"{under}of[{n}]", depth + 1)
        return
    fact = FACTS.get(cond.fact)
    if fact is None:
        yield _fault(f"{under}fact", f"没有“{cond.fact}”这个事实", f"there is no fact “{cond.fact}”")
    elif cond.op not in OPS[fact.type]:
        can = "、".join(OPS[fact.type])
        yield _fault(
            f"{under}op", f"{fact.zh}只能用 {can}", f"{fact.en} takes {can.replace('、', ', ')} only"
        )
    elif (wrong := _wrong_value(fact, cond)) is not None:
        yield WrongField(f"{under}value", wrong)


def _wrong_value(fact: Fact, cond: Is) -> Why | None:
    op, value = cond.op, cond.value
    kind: Kind = "text" if fact.type == "list" else fact.type
    zh, en = _KINDS[kind]
    if op not in OPS[fact.type]:
        return Why(f"{fact.zh}不能用 {op}", f"{fact.en} does not take {op}")
    if op == "in":
        if not isinstance(value, tuple) or not 1 <= len(value) <= MAX_CHOICES:
            return Why(f"要一个列表，1 到 {MAX_CHOICES} 项", f"a list of 1 to {MAX_CHOICES} is needed")
    elif isinstance(value, tuple):
        return Why("只能填一个值", "one value only")
    for one in value if isinstance(value, tuple) else (value,):
        if not _is_a(one, kind):
            return Why(f"要填{zh}", f"{en} is needed")
        if fact.choices and op in ("eq", "ne", "in") and one not in fact.choices:
            known = "、".join(fact.choices)
            return Why(f"没有“{one}”，只有 {known}", f"no “{one}”, only {known.replace('、', ', ')}")
    if op in ("has", "contains", "matches") and not value:
        return Why("不能空着", "it may not be empty")
    if op == "matches" and (fault := pattern(str(value)).fault):
        return Why(f"表达式不能用：{fault}", f"the pattern is refused: {fault}")
    return None
