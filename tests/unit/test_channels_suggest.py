"""Suggested mappings: the demo bodies map as the demo mappings do, and others that were never seen, too."""

from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.channels.demo import MINIPROGRAM, POS
from api.channels.drafts import RefusedRows, drafts
from api.channels.mapping import Mapped, apply, read_mapping
from api.channels.payload import decode
from api.channels.schemes import scheme_of
from api.channels.suggest import suggest, suggest_sheet
from api.sheets.sheet import Sheet, read_sheet

SAMPLES = Path(__file__).parents[1] / "samples"
SHANGHAI = ZoneInfo("Asia/Shanghai")


def mapped(mapping: dict[str, Any], payload: Any) -> Mapped:
    return apply(read_mapping(mapping), payload, tz=SHANGHAI, received_at=1)


@pytest.mark.parametrize(
    ("name", "mapping"),
    [
        ("pos/order.paid.json", POS),
        ("miniprogram/order_pay.json", MINIPROGRAM),
        ("miniprogram/order_pay.xml", MINIPROGRAM),
    ],
)
def test_the_demo_bodies(name: str, mapping: dict[str, Any]) -> None:
    payload = decode((SAMPLES / name).read_bytes())
    found, known = mapped(suggest(payload), payload), mapped(mapping, payload)
    assert found.event == known.event
    assert {k: v for k, v in found.draft.items() if k != "created_at"} == known.draft


def test_a_shop_in_camel_case() -> None:
    payload = decode(
        b'{"eventType":"OrderPaid","order":{"id":998,"createdAt":"2026-01-22T10:05:00+08:00","totalAmount":25.60,'
        b'"shipping":{"receiver":"Li","mobile":"139","fullAddress":"Hefei 1"},"buyerMessage":"ASAP",'
        b'"orderItems":[{"skuCode":"X1","productName":"Pad","quantity":"2","unitPrice":12.80}]}}'
    )
    mapping = suggest(payload)
    result = mapped(mapping, payload)
    assert mapping["event"]["is"]["OrderCancelled"] == "cancel"
    assert result.is_ok
    assert result.draft == {
        "external_no": "998",
        "created_at": 1769047500000,
        "paid_at": 1,
        "paid_fen": 2560,
        "customer": {"name": "Li", "phone": "139"},
        "address": {"text": "Hefei 1"},
        "note": "ASAP",
        "lines": [{"sku": "X1", "name": "Pad", "qty": 2, "price_fen": 1280}],
    }


def test_a_chinese_order_system() -> None:
    payload = {
        "单号": "XS-1",
        "付款时间": "20260122100500",
        "实付金额": "51.2",
        "客户": {"名称": "宝诚", "电话": "138"},
        "收货地址": "合肥市",
        "备注": "",
        "明细": [{"货号": "BP-1", "品名": "片", "数量": 4, "单价": "12.8", "单位": "件"}],
    }
    result = mapped(suggest(payload), payload)
    assert result.event == "pay"
    assert result.is_ok
    assert result.draft == {
        "external_no": "XS-1",
        "paid_at": 1769047500000,
        "paid_fen": 5120,
        "customer": {"name": "宝诚", "phone": "138"},
        "address": {"text": "合肥市"},
        "lines": [{"sku": "BP-1", "name": "片", "qty": 4, "price_fen": 1280, "uom": "件"}],
    }


def test_a_sheet_with_dates_that_only_some_rows_decide() -> None:
    def mapping(*dates: str) -> dict[str, Any]:
        rows = "".join(f"N{i},{d},A,1,2.5\n" for i, d in enumerate(dates))
        found = read_sheet("x", f"Order No,Order Date,SKU,Qty,Unit Price\n{rows}".encode())
        assert isinstance(found, Sheet)
        return suggest_sheet(found)

    assert mapping("02/08/2011", "2/20/11")["created_at"]["as"] == "date_mdy"
    assert mapping("02/08/2011", "20/2/11")["created_at"]["as"] == "date_dmy"
    assert mapping("02/08/2011")["created_at"]["as"] == "date"
    assert mapping("2026-01-22") == {
        "external_no": '"Order No"',
        "created_at": {"path": '"Order Date"', "as": "date"},
        "lines": {"sku": "SKU", "qty": "Qty", "price_fen": {"path": '"Unit Price"', "as": "yuan"}},
    }


NAMES = st.sampled_from(
    ["order_id", "event", "items", "sku", "qty", "price", "金额", "备注", "options", "", "a.b"]
)
SHAPED = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6) | st.just("order.paid"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=6),
    max_leaves=25,
)


@settings(max_examples=150, derandomize=True)
@given(SHAPED)
def test_whatever_is_suggested_can_be_saved_and_applied(payload: Any) -> None:
    assert isinstance(mapped(suggest(payload), payload), Mapped)


def test_a_statement_is_payments_and_a_row_that_counts_nothing_is_a_piece() -> None:
    text = "交易时间,商户单号,商品,金额(元)\n2026-01-22 10:05:00,P-1,刹车片,128.00\n"
    statement = suggest_sheet(sheet_of(text))
    assert (statement["event"], statement["lines"]) == ({"const": "pay"}, {})
    assert statement["paid_at"] == {"path": '"交易时间"', "as": "date"}
    assert "created_at" not in statement
    assert suggest_sheet(sheet_of("order_id,product_id,price\nA,B,1.00\n"))["lines"]["qty"] == {"const": 1}


def sheet_of(text: str) -> Sheet:
    found = read_sheet("x.csv", text.encode())
    assert isinstance(found, Sheet)
    return found


def test_a_chats_order_is_found_inside_its_envelope() -> None:
    order = {
        "text": "ASAP",
        "product_items": [{"product_retailer_id": "A", "quantity": 1, "item_price": 128}],
    }
    chat = {"from": "861", "id": "w1", "timestamp": "1769047500", "type": "order", "order": order}
    found = suggest({"entry": [{"changes": [{"value": {"messages": [chat]}}]}]})
    at = "entry[0].changes[0].value.messages[0]"
    assert found["event"] == {"path": f"{at}.type", "is": {"order": "create"}}
    assert (found["external_no"], found["note"]) == (f"{at}.id", f"{at}.order.text")
    assert found["lines"]["each"] == f"{at}.order.product_items"
    assert found["lines"]["price_fen"] == {"path": "item_price", "as": "yuan"}
    paid = suggest({"type": "order", "no": "1", "paid_at": 1769047500, "items": [{"sku": "A", "qty": 1}]})
    assert "event" not in paid


@pytest.mark.parametrize("header", ["数量(件)", "数量（个）", "Qty [pcs]", "采购数量", "qty ordered"])
def test_a_count_is_known_with_its_unit_in_brackets(header: str) -> None:
    lines = suggest_sheet(sheet_of(f"订单号,货号,{header},单价(元)\nA,BP-1,200,5\n"))["lines"]
    assert lines["qty"] == f'"{header}"'
    assert lines["price_fen"] == {"path": '"单价(元)"', "as": "yuan"}


@pytest.mark.parametrize(
    ("header", "first", "second"),
    [("箱数", "200", "40"), ("Menge", "200件", "12 pcs"), ("要多少", "200", "x")],
)
def test_two_hundred_under_an_unknown_name_are_not_taken_for_one(
    header: str, first: str, second: str
) -> None:
    found = sheet_of(f"订单号,货号,{header},单价\nA,BP-1,{first},5\nA,BP-2,{second},5\n")
    mapping = suggest_sheet(found)
    assert "qty" not in mapping["lines"]
    [(rows, refused)] = drafts(found, read_mapping(mapping), tz=SHANGHAI, received_at=1)
    assert isinstance(refused, RefusedRows)
    assert {row: [p.code for p in why] for row, why in refused.reasons.items()} == {
        row: ["missing"] for row in rows
    }


@pytest.mark.parametrize("header", ["行号", "order_item_id", "备用序号", "批次年月"])
def test_a_column_that_only_numbers_rows_does_not_count_pieces(header: str) -> None:
    found = sheet_of(f"订单号,货号,{header},单价\nA,BP-1,2,5\n")
    assert suggest_sheet(found)["lines"]["qty"] == {"const": 1}


def suggested(text: str) -> Any:
    sheet = read_sheet("a.csv", text.encode())
    assert isinstance(sheet, Sheet)
    return suggest_sheet(sheet)


def test_what_is_cancelled_or_over_in_a_sheet_is_not_picked() -> None:
    head = "订单号,状态,货号,数量,单价\n"
    found = suggested(head + "A,待发货,X,1,2\nB,已取消,X,1,2\nC,已完成,X,1,2\n")
    assert found["event"] == {"path": '"状态"', "is": {"待发货": "pay", "已取消": "cancel"}}
    assert suggested(head + "C,已完成,X,1,2\n")["event"]["is"].keys().isdisjoint({"已完成"})
    news = suggested("订单号,状态,付款时间\nA,已完成,2026-01-22\nB,已取消,\n")  # of orders that are there
    assert news["event"]["is"] == {"已完成": "pay", "已取消": "cancel"}
    assert "event" not in suggested(head + "A,正常,X,1,2\n")  # whose words nobody knows here
    assert "event" not in suggested(head + "A,待发货,X,1,2\n,,Y,1,2\n")  # a row below its order says nothing


def test_a_lines_own_sum_is_not_what_was_paid() -> None:
    head = "订单号,付款时间,货号,数量,金额\n"
    assert "paid_fen" not in suggested(head + "A,2026-01-22,X,2,10.00\nA,2026-01-22,Y,1,3.00\n")
    assert suggested(head + "A,2026-01-22,X,2,13.00\nA,2026-01-22,Y,1,13.00\n")["paid_fen"]["as"] == "yuan"


@pytest.mark.parametrize(
    ("payload", "scheme"),
    [
        ({"object": "whatsapp_business_account", "entry": []}, "whatsapp"),
        ({"ToUserName": "a", "FromUserName": "b", "Event": "c"}, "wechat_push"),
        ({"ToUserName": "a", "FromUserName": "b", "AgentID": "1"}, "wecom"),
        ({"event_type": "TRANSACTION.SUCCESS", "resource": {}}, "wechat_pay_v3"),
        ({"tag": "101", "msg_id": "1", "data": {}}, "doudian"),
        ({"type": "order.paid", "data": {}}, ""),
        ([1], ""),
        (7, ""),
    ],
)
def test_a_platforms_message_is_known_by_its_names(payload: Any, scheme: str) -> None:
    assert scheme_of(payload) == scheme
