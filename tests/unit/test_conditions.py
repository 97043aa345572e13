"""The condition language: truth tables, reasons, refusals, and that judging never raises."""

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.kernel.conditions import (
    FACTS,
    MAX_DEPTH,
    OPS,
    All,
    AnyOf,
    Condition,
    Is,
    Not,
    check,
    evaluate,
)

FACTS_NOW: dict[str, object] = {
    "state": "to_pick",
    "channel": "pos",
    "amount_fen": 51200,
    "note": "加急，发顺丰",
    "options": ["需加装防震泡沫"],
    "tags": ["加急", "顺丰"],
    "held": False,
    "adcode": "310115",
    "age_minutes": 130,
    "customer.tier": "vip",
    "terms": None,
}
NODES = st.recursive(
    st.builds(
        Is,
        fact=st.sampled_from([*FACTS, "nothing"]),
        op=st.sampled_from(sorted({op for ops in OPS.values() for op in ops})),
        value=st.one_of(
            st.text(max_size=5),
            st.integers(),
            st.booleans(),
            st.sampled_from(["(", "a{1,2000}", "(?=x)", "^31", "加急"]),
            st.lists(st.one_of(st.text(max_size=3), st.integers()), max_size=3).map(tuple),
        ),
    ),
    lambda of: st.one_of(
        st.builds(All, st.lists(of, max_size=3).map(tuple)),
        st.builds(AnyOf, st.lists(of, max_size=3).map(tuple)),
        st.builds(Not, of),
    ),
    max_leaves=8,
)
ANY_FACTS = st.dictionaries(
    st.sampled_from(sorted(FACTS)),
    st.one_of(
        st.none(),
        st.text(),
        st.integers(),
        st.booleans(),
        st.floats(),
        st.lists(st.text()),
        st.just("\ud800"),
    ),
    max_size=8,
)


@pytest.mark.parametrize(
    ("cond", "ok", "zh", "en"),
    [
        (Is("note", "contains", "加急"), True, "备注含“加急”", "note contains “加急”"),
        (Is("note", "contains", "木架"), False, "备注不含“木架”", "note does not contain “木架”"),
        (Is("note", "matches", "顺.|德邦"), True, "备注符合“顺丰”", "note matches “顺丰”"),
        (Is("amount_fen", "ge", 50000), True, "金额 512.00 元 ≥ 500.00 元", "amount ¥512.00 ≥ ¥500.00"),
        (Is("age_minutes", "lt", 120), False, "下单至今 130 分钟 ≥ 120 分钟", "age 130 min ≥ 120 min"),
        (Is("tags", "has", "顺丰"), True, "标签有“顺丰”", "tags have “顺丰”"),
        (Is("options", "contains", "泡沫"), True, "选项含“泡沫”", "options contains “泡沫”"),
        (Is("channel", "in", ("pos", "phone")), True, "渠道属于“pos”", "channel is one of “pos”"),
        (
            Is("channel", "in", ("web", "phone")),
            False,
            "渠道不属于“web”、“phone”",
            "channel is none of “web”, “phone”",
        ),
        (Is("held", "eq", True), False, "没有挂起", "not on hold"),
        (Is("held", "ne", True), True, "没有挂起", "not on hold"),
        (Not(Is("channel", "eq", "web")), True, "渠道不是“web”", "channel is not “web”"),
        (Is("terms", "eq", "prepaid"), False, "付款条件未知", "terms unknown"),
        (Not(Is("terms", "eq", "prepaid")), False, "付款条件未知", "terms unknown"),
        (Is("carrier", "eq", "顺丰"), False, "快递未知", "carrier unknown"),
        (
            All((Is("customer.tier", "eq", "vip"), Is("note", "contains", "加急"))),
            True,
            "客户等级是“vip”，备注含“加急”",
            "customer tier is “vip”, note contains “加急”",
        ),
        (
            All((Is("customer.tier", "eq", "vip"), Is("held", "eq", True))),
            False,
            "没有挂起",
            "not on hold",
        ),
        (
            AnyOf((Is("carrier", "eq", "顺丰"), Is("tags", "has", "加急"))),
            True,
            "标签有“加急”",
            "tags have “加急”",
        ),
    ],
)
def test_a_verdict_says_which_part_decided(cond: Condition, ok: bool, zh: str, en: str) -> None:
    verdict = evaluate(cond, FACTS_NOW)
    assert (verdict.ok, verdict.why.zh, verdict.why.en) == (ok, zh, en)
    assert check(cond) == []


@pytest.mark.parametrize(
    ("cond", "path"),
    [
        (Is("weather", "eq", "rain"), "fact"),
        (Is("note", "ge", 3), "op"),
        (Is("amount_fen", "contains", "5"), "op"),
        (Is("held", "in", ("a",)), "op"),
        (Is("amount_fen", "ge", "5"), "value"),
        (Is("amount_fen", "ge", True), "value"),
        (Is("held", "eq", 1), "value"),
        (Is("note", "eq", 5), "value"),
        (Is("note", "contains", ""), "value"),
        (Is("channel", "in", ()), "value"),
        (Is("channel", "in", "pos"), "value"),
        (Is("channel", "in", ("pos", 3)), "value"),
        (Is("channel", "eq", ("pos",)), "value"),
        (Is("state", "eq", "topick"), "value"),
        (Is("note", "matches", "("), "value"),
        (Is("note", "matches", "(?=a)"), "value"),
        (Is("note", "matches", r"(a)\1"), "value"),
        (Is("note", "matches", "a{1,2000}"), "value"),
        (Is("note", "matches", "a" * 501), "value"),
        (All(()), "of"),
        (AnyOf((Is("held", "eq", True), Not(All((Is("x", "eq", 1),))))), "of[1].of.of[0].fact"),
    ],
)
def test_a_bad_condition_is_refused_at_its_path(cond: Condition, path: str) -> None:
    faults = check(cond)
    assert [fault.path for fault in faults] == [path]
    assert faults[0].why.zh
    assert faults[0].why.en
    assert check(cond, "rules[2].when")[0].path == f"rules[2].when.{path}"


def test_every_fault_is_named_at_once() -> None:
    cond = All((Is("x", "eq", 1), Is("held", "eq", True), Is("note", "lt", 1)))
    assert [fault.path for fault in check(cond)] == ["of[0].fact", "of[2].op"]


def test_a_condition_travels_as_json() -> None:
    text = (
        b'{"kind":"all","of":[{"kind":"not","of":{"kind":"is","fact":"held","op":"eq","value":true}},'
        b'{"kind":"any","of":[{"kind":"is","fact":"channel","op":"in","value":["pos","web"]}]}]}'
    )
    cond = msgspec.json.decode(text, type=Condition)
    assert cond == All((Not(Is("held", "eq", True)), AnyOf((Is("channel", "in", ("pos", "web")),))))
    assert msgspec.json.encode(cond) == text
    for bad in (
        b'{"kind":"is","fact":"a","op":"like","value":1}',
        b'{"kind":"is","fact":"a","op":"eq","value":1.5}',
        b'{"kind":"all","of":[],"x":1}',
        b'{"kind":"never"}',
    ):
        with pytest.raises(msgspec.ValidationError):
            msgspec.json.decode(bad, type=Condition)


def test_too_deep_and_too_many_are_refused_and_still_judged() -> None:
    deep: Condition = Is("held", "eq", False)
    for _ in range(MAX_DEPTH + 1):
        deep = Not(deep)
    assert check(deep)
    assert not evaluate(deep, FACTS_NOW).ok
    assert isinstance(deep, Not)
    assert check(deep.of) == []
    wide = All(tuple(Is("held", "eq", False) for _ in range(201)))
    assert check(wide)
    assert evaluate(wide, FACTS_NOW).ok
    decoded = msgspec.json.decode(
        b'{"kind":"not","of":' * 300 + msgspec.json.encode(deep) + b"}" * 300, type=Condition
    )
    assert not evaluate(decoded, FACTS_NOW).ok
    assert check(decoded)


@settings(max_examples=300, derandomize=True, deadline=None)
@given(NODES, ANY_FACTS)
def test_judging_never_raises_and_always_says_why(cond: Condition, facts: dict[str, object]) -> None:
    verdict = evaluate(cond, facts)
    assert verdict.why.zh
    assert verdict.why.en
    check(cond)


@settings(max_examples=200, derandomize=True, deadline=None)
@given(st.lists(NODES, min_size=1, max_size=4))
def test_not_all_any_are_boolean_where_the_facts_are_known(parts: list[Condition]) -> None:
    facts: dict[str, object] = dict.fromkeys(FACTS, "x")
    facts |= {k: 7 for k, f in FACTS.items() if f.type == "int"} | {
        k: ["x"] for k, f in FACTS.items() if f.type == "list"
    }
    facts["held"] = True
    parts = [part for part in parts if not check(part)]
    for part in parts:
        assert evaluate(Not(part), facts).ok is not evaluate(part, facts).ok
    if parts:
        each = [evaluate(part, facts).ok for part in parts]
        assert evaluate(All(tuple(parts)), facts).ok is all(each)
        assert evaluate(AnyOf(tuple(parts)), facts).ok is any(each)


def test_a_hostile_pattern_costs_nothing() -> None:
    # A backtracking engine would not come back from this one in a lifetime.
    assert not evaluate(Is("note", "matches", "(a+a*)+$"), {"note": "a" * 3_000 + "b"}).ok


def test_the_facts_are_whole() -> None:
    assert len(FACTS) >= 20
    assert all(fact.zh and fact.en and fact.type in OPS for fact in FACTS.values())
