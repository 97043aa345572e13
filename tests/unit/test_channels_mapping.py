"""Payload to draft: the demo channels' bodies, the laws of the mapping, and no payload that makes it raise."""

from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.channels.demo import KEYWORDS, MINIPROGRAM, POS
from api.channels.mapping import FIELDS, LINE_FIELDS, Mapped, apply, read_mapping
from api.channels.paths import column, compiled, leftover, reach, written
from api.channels.payload import decode, encode
from api.kernel.errors import Invalid

SAMPLES = Path(__file__).parents[1] / "samples"
SHANGHAI = ZoneInfo("Asia/Shanghai")
DRAFT = {
    "external_no": "P-1001",
    "paid_at": 1769047500000,
    "paid_fen": 51200,
    "customer": {"name": "浦东宝诚4S店", "phone": "13800000000"},
    "address": {"text": "上海市浦东新区张江路1号"},
    "note": "请避开周一送货",
    "options": ["需加装防震泡沫"],
    "lines": [{"sku": "BP-1023", "qty": 4, "price_fen": 12800}],
}


def mapped(mapping: dict[str, Any], payload: Any, received_at: int = 5) -> Mapped:
    return apply(read_mapping(mapping), payload, tz=SHANGHAI, received_at=received_at)


def sample(name: str) -> Any:
    return decode((SAMPLES / name).read_bytes())


def told(result: Mapped) -> list[tuple[str, str]]:
    return [(p.path, p.code) for p in result.problems]


def test_the_till_sample() -> None:
    result = mapped(POS, sample("pos/order.paid.json"))
    assert (result.event, result.draft, result.problems) == ("pay", DRAFT, ())
    assert result.unmapped == {}
    assert result.sources["external_no"] == "data.order_id"
    assert result.sources["lines[0].sku"] == "data.items[0].sku"
    assert result.texts == ("请避开周一送货", "需加装防震泡沫")
    assert result.is_ok


@pytest.mark.parametrize("name", ["miniprogram/order_pay.json", "miniprogram/order_pay.xml"])
def test_the_mini_program_sample_in_both_formats(name: str) -> None:
    result = mapped(MINIPROGRAM, sample(name))
    assert result.event == "pay"
    assert result.draft == DRAFT | {"external_no": "3705115058471208928"}
    assert result.unmapped.keys() == {"ToUserName", "FromUserName", "CreateTime", "MsgType"}


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        ("order.created", "create"),
        ("order.cancelled", "cancel"),
        ("order.refunded", "refund"),
        ("order.shipped", None),
        (None, None),
        (["order.paid"], None),
    ],
)
def test_events_by_name(event: Any, expected: str | None) -> None:
    body = sample("pos/order.paid.json")
    del body["data"]["pay_time"], body["data"]["amount_fen"]
    result = mapped(POS, body | {"type": event})
    assert result.event == expected
    assert "paid_at" not in result.draft
    assert result.is_ok is (expected is not None)


def test_without_an_event_the_time_of_payment_decides() -> None:
    mapping = {k: v for k, v in POS.items() if k != "event"}
    body = sample("pos/order.paid.json")
    assert mapped(mapping, body).event == "pay"
    body["data"]["pay_time"] = None
    assert mapped(mapping, body).event == "create"


def test_a_payment_that_names_no_time_was_made_when_it_came() -> None:
    body = {"type": "order.paid", "data": {"order_id": 7}}
    result = mapped(POS, body, received_at=1234)
    assert result.draft == {"external_no": "7", "paid_at": 1234}
    assert result.is_ok
    assert told(mapped(POS, body | {"type": "order.created"})) == [("lines", "no_lines")]
    assert mapped(POS, body | {"type": "order.cancelled"}).is_ok
    assert told(mapped(POS, {"type": "order.cancelled"})) == [("external_no", "missing")]


def test_xml_lists_of_none_one_and_two() -> None:
    def lines(xml: str) -> list[Any]:
        body = f"<xml><Event>channels_ec_order_new</Event><order_info>{xml}</order_info></xml>"
        draft = mapped(MINIPROGRAM, decode(body.encode())).draft
        return [draft.get("lines", []), draft.get("options", [])]

    item = "<items><sku>A</sku><qty>1</qty></items>"
    line = {"sku": "A", "qty": 1}
    assert lines("") == lines("<items/><options> </options>") == [[], []]
    assert lines(item + "<options>x</options>") == [[line], ["x"]]
    assert lines(item * 2 + "<options>x</options><options>y</options>") == [[line, line], ["x", "y"]]
    each_flat = MINIPROGRAM | {"lines": MINIPROGRAM["lines"] | {"each": "order_info.items[]"}}
    payload = {"Event": "channels_ec_order_new", "order_info": {"items": {"sku": "A", "qty": "1"}}}
    assert mapped(each_flat, payload).draft["lines"] == [line]


def test_values_first_join_const_is_and_time_zone() -> None:
    mapping = {
        "external_no": {"first": ["missing", "blank", "no"]},
        "address": {"join": ["province", {"const": "·"}, "streets"], "with": ""},
        "note": {"path": "gift", "is": {"true": "礼品装", "false": ""}},
        "created_at": {"path": "at", "as": "date", "tz": "+00:00"},
        "lines": {"each": "rows", "sku": "@", "qty": {"const": 2}},
    }
    body = decode(
        b'{"blank":" ","no":3705115058471208928,"gift":true,"at":"1970-01-01 00:00:01",'
        b'"province":"S","streets":["a","b"],"rows":["X","Y"]}'
    )
    result = mapped(mapping, body)
    assert result.draft == {
        "external_no": "3705115058471208928",
        "address": {"text": "S·ab"},
        "note": "礼品装",
        "created_at": 1000,
        "lines": [{"sku": "X", "qty": 2}, {"sku": "Y", "qty": 2}],
    }
    assert result.sources["address.text"] == "province + const + streets"
    assert result.sources["external_no"] == "no"
    assert result.unmapped == {}
    assert mapped(mapping, body | {"gift": "perhaps"}).unmapped == {"gift": "perhaps"}


def test_a_bad_value_is_a_problem_and_stays_in_unmapped() -> None:
    body = sample("pos/order.paid.json")
    data = body["data"]
    data["pay_time"], data["customer"]["phone"] = "soon", {"mobile": 1}
    data["items"] = [{"sku": "A", "qty": Decimal("1.5")}, {"qty": 0}, "rubbish"]
    result = mapped(POS, body)
    assert told(result) == [
        ("paid_at", "not_number"),
        ("customer.phone", "not_text"),
        ("lines[0].qty", "not_whole"),
        ("lines[1].qty", "out_of_range"),
        ("lines[1].sku", "missing"),
        ("lines[2].sku", "missing"),
        ("lines[2].qty", "missing"),
    ]
    assert not result.is_ok
    assert [p.blocks for p in result.problems][:2] == [True, False]
    assert result.problems[2].source == "data.items[0].qty"
    assert result.unmapped["data"]["pay_time"] == "soon"
    assert result.unmapped["data"]["customer"] == {"phone": {"mobile": 1}}
    assert result.unmapped["data"]["items"] == [{"qty": Decimal("1.5")}, {"qty": 0}, "rubbish"]


def test_what_no_path_used_is_kept_nested_and_in_place() -> None:
    body = sample("pos/order.paid.json")
    body["data"]["items"] = [{"sku": "A", "qty": 1}, {"sku": "B", "qty": 1, "batch": {"no": Decimal("1.50")}}]
    body["data"]["coupon"], body["big"] = None, 2**70
    rest = mapped(POS, body).unmapped
    assert rest == {
        "data": {"items": [{}, {"batch": {"no": Decimal("1.50")}}], "coupon": None},
        "big": 2**70,
    }
    assert '"no":1.50' in encode(rest)
    assert decode(encode(rest).encode()) == rest


@pytest.mark.parametrize(
    ("path", "places"),
    [
        ("a.b", ["a.b"]),
        ("l[0].x", ["l[0].x"]),
        ("l[-2].x", ["l[1].x"]),
        ("l[].x | [-1]", ["l[1].x"]),
        ("l[9].x", []),
        ("l[].x", ["l[0].x", "l[1].x"]),
        ("l[*].x", ["l[0].x", "l[1].x"]),
        ("l[1:]", ["l[1]", "l[2]"]),
        ("l[?x==`2`].x | [0]", ["l[1].x"]),
        ("a.*", ["a.b", "a.c"]),
        ("a.none || a.b", ["a.b"]),
        ("a.b || a.c", ["a.b"]),
        ("join('', [a.b, a.c])", ["a.b", "a.c"]),
        ("deep[].l[].x", ["deep[0].l[0].x", "deep[1].l[0].x"]),
        ("'text'", []),
        ("订单.编号", ['"订单"."编号"']),
        ('"单价(元)"', ['"单价(元)"']),
    ],
)
def test_the_places_that_a_path_touches(path: str, places: list[str]) -> None:
    root: dict[str, Any] = {
        "a": {"b": "1", "c": "2"},
        "l": [{"x": 1}, {"x": 2}, {"y": 3}],
        "deep": [{"l": [{"x": 1}]}, {"l": {"x": 0}}, {"l": [{"x": 2}]}],
        "订单": {"编号": "N"},
        "单价(元)": "1",
    }
    del root["deep"][1]
    expression = compiled(path)
    assert expression
    assert [written(p) for p in reach(expression.node, root, [()])] == places


def test_computed_lines_are_read_too() -> None:
    mapping = {"external_no": "no", "lines": {"each": "sort_by(items, &qty)", "sku": "sku", "qty": "qty"}}
    result = mapped(mapping, {"no": "1", "items": [{"sku": "A", "qty": 2}, {"sku": "B", "qty": 1}]})
    assert [line["sku"] for line in result.draft["lines"]] == ["B", "A"]
    assert result.unmapped == {}
    chosen = mapping | {"lines": {"each": "items[?qty>`1`]", "sku": "sku", "qty": "qty"}}
    result = mapped(chosen, {"no": "1", "items": [{"sku": "A", "qty": 2}, {"sku": "B", "qty": 1}]})
    assert result.draft["lines"] == [{"sku": "A", "qty": 2}]
    assert result.unmapped == {"items": [{}, {"sku": "B", "qty": 1}]}
    assert result.sources["lines[0].sku"] == "items[0].sku"


@pytest.mark.parametrize(
    ("mapping", "paths"),
    [
        ([], ["$.mapping"]),
        ({"shop": "a"}, ["$.mapping.shop"]),
        ({"external_no": "a["}, ["$.mapping.external_no.path"]),
        ({"external_no": ""}, ["$.mapping.external_no.path"]),
        ({"external_no": 7}, ["$.mapping.external_no"]),
        ({"external_no": {"path": "a", "as": "float"}}, ["$.mapping.external_no.as"]),
        ({"external_no": {"path": "a", "ass": "int"}}, ["$.mapping.external_no.ass"]),
        ({"external_no": {"path": "a", "as": "int"}}, ["$.mapping.external_no.as"]),
        ({"paid_at": {"path": "a", "tz": "Mars/Base"}}, ["$.mapping.paid_at.tz"]),
        ({"paid_at": {"path": "a", "as": "text"}}, ["$.mapping.paid_at.as"]),
        ({"note": {"first": []}}, ["$.mapping.note.first"]),
        ({"note": {"join": ["a"], "with": 1}}, ["$.mapping.note.with"]),
        ({"note": {"join": ["a", {"path": "("}]}}, ["$.mapping.note.join[1].path"]),
        ({"event": {"path": "t", "is": {"x": "ship"}}}, ["$.mapping.event"]),
        ({"event": {"path": "t", "is": {}}}, ["$.mapping.event.is"]),
        ({"lines": {"each": "(", "colour": "x"}}, ["$.mapping.lines.each", "$.mapping.lines.colour"]),
        ({"lines": {"qty": {"const": "many"}}}, ["$.mapping.lines.qty.const"]),
        ({"lines": {"qty": {"first": [{"path": "q", "as": "text"}]}}}, ["$.mapping.lines.qty.first[0].as"]),
        ({"customer": {"name": "a"}, "customer.name": "b"}, ["$.mapping.customer.name"]),
        ({"customer": "name"}, ["$.mapping.customer"]),
    ],
)
def test_a_bad_mapping_is_refused_with_its_place(mapping: Any, paths: list[str]) -> None:
    with pytest.raises(Invalid) as refusal:
        read_mapping(mapping)
    assert [w.path for w in refusal.value.wrong] == paths
    assert all(w.why.zh and w.why.en for w in refusal.value.wrong)


def test_groups_may_be_nested_or_dotted() -> None:
    nested = {"customer": {"name": "n"}, "address": "a", "lines": {"each": "i", "sku": "s"}}
    dotted = {"customer.name": "n", "address.text": "a", "lines.each": "i", "lines.sku": "s"}
    assert read_mapping(nested) == read_mapping(dotted)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=12,
)
NAMES = st.sampled_from(["type", "data", "order_id", "pay_time", "items", "sku", "qty", "address", "options"])
SHAPED = st.recursive(
    JSON | st.just("order.paid"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=6),
    max_leaves=20,
)


def leaves(value: Any, place: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """Places of scalars that say something."""
    if isinstance(value, dict):
        return [p for k, v in value.items() for p in leaves(v, (*place, k))]
    if isinstance(value, list):
        return [p for i, v in enumerate(value) for p in leaves(v, (*place, i))]
    return [place] if value is not None and str(value).strip() else []


def at(root: Any, place: tuple[str | int, ...]) -> Any:
    for key in place:
        root = root[key]
    return root


@settings(max_examples=200, derandomize=True)
@given(SHAPED, st.booleans())
def test_no_payload_makes_a_mapping_raise_and_every_leaf_is_used_or_kept(data: Any, has_event: bool) -> None:
    payload = {"type": "order.paid", "data": data, "more": data}
    mapping = {k: v for k, v in POS.items() if has_event or k != "event"}
    result = mapped(mapping, payload)
    used = {*result.sources.values(), *(["type"] if has_event else [])}
    for place in leaves(payload):
        if not any(written(place[: n + 1]) in used for n in range(len(place))):
            assert repr(at(result.unmapped, place)) == repr(at(payload, place))
    assert isinstance(mapped(mapping, data), Mapped)


def test_the_law_above_has_something_to_hold_on_to() -> None:
    payload = sample("pos/order.paid.json")
    assert len(leaves(payload)) == 12
    assert leaves(mapped(POS, payload).unmapped) == []


def test_more_lines_than_any_order_has_are_refused() -> None:
    body = {"type": "order.created", "data": {"order_id": 1, "items": [{"sku": "A", "qty": 1}] * 1001}}
    assert told(mapped(POS, body)) == [("lines", "out_of_range")]


@settings(max_examples=150, derandomize=True)
@given(JSON, st.sampled_from([*FIELDS, "event", "lines", "customer", "address", "x"]))
def test_no_mapping_makes_reading_raise_anything_but_invalid(raw: Any, name: str) -> None:
    for mapping in (raw, {name: raw}, {name: {"path": raw}}, {name: {"first": raw}}, {name: {"const": raw}}):
        try:
            read = read_mapping(mapping)
        except Invalid:
            continue
        assert isinstance(apply(read, {"a": 1}, tz=SHANGHAI, received_at=0), Mapped)


@settings(max_examples=100, derandomize=True)
@given(st.dictionaries(st.text(max_size=4), JSON, max_size=4))
def test_leftover_of_nothing_used_is_everything(payload: dict[str, Any]) -> None:
    # Compared as text, because a NaN is not equal to itself.
    assert repr(leftover(payload, set())) == repr(payload)
    assert leftover(payload, {(key,) for key in payload}) == {}


@settings(max_examples=100, derandomize=True)
@given(st.text(min_size=1, max_size=12))
def test_any_column_name_can_be_a_path(name: str) -> None:
    expression = compiled(column(name))
    assert expression
    result = mapped(
        {"external_no": column(name), "lines": {"sku": {"const": "A"}, "qty": {"const": 1}}}, {name: "7"}
    )
    assert result.draft["external_no"] == "7"


def test_every_field_of_the_contract_is_there() -> None:
    assert set(FIELDS) == {
        *("external_no", "paid_at", "created_at", "paid_fen", "customer.name", "customer.phone"),
        *("address.text", "address.lng", "address.lat", "note", "options"),
    }
    assert set(LINE_FIELDS) == {"sku", "qty", "price_fen", "name", "uom"}
    assert KEYWORDS
    where = mapped(
        {
            "external_no": "n",
            "address": {"lng": "x", "lat": "y"},
            "lines": {"each": "l", "sku": "s", "qty": "q"},
        },
        {"n": 1, "x": Decimal("121.54"), "y": "31.22", "l": {"s": "A", "q": 1}},
    )
    assert where.draft["address"] == {"lng_e6": 121540000, "lat_e6": 31220000}
