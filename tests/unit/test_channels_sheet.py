"""Sheets as people have them: encodings, titles, merged cells, orders over several rows, refused rows."""

import csv
import io
import os
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from api.channels.drafts import RefusedRows, drafts, reason_text
from api.channels.mapping import FIELDS, LABELS, LINE_FIELDS, Mapped, read_mapping
from api.channels.suggest import suggest_sheet
from api.sheets.grid import REFUSALS, NoSheet
from api.sheets.sheet import Sheet, harmless, read_sheet, refused_csv

SHANGHAI = ZoneInfo("Asia/Shanghai")
TABLE = "订单号,下单时间,客户,电话,货号,数量,单价(元)\nA1,2026-01-22 10:05,宝诚,138,BP-1,4,12.80\nA2,2026/1/22,宝诚,138,BP-2,1,3\n"
MAPPING: dict[str, Any] = {
    "external_no": "订单号",
    "created_at": {"path": "下单时间", "as": "date"},
    "customer": {"name": "客户", "phone": "电话"},
    "lines": {"sku": "货号", "qty": "数量", "price_fen": {"path": '"单价(元)"', "as": "yuan"}},
}


def sheet(data: bytes | str) -> Sheet:
    found = read_sheet("orders", data.encode() if isinstance(data, str) else data)
    assert isinstance(found, Sheet), found
    return found


def made(found: Sheet, mapping: Any = MAPPING) -> list[tuple[tuple[int, ...], Mapped | RefusedRows]]:
    return list(drafts(found, read_mapping(mapping), tz=SHANGHAI, received_at=1))


def book(rows: list[list[Any]], merges: list[tuple[int, int, int, int, Any]] | None = None) -> bytes:
    out = io.BytesIO()
    workbook = xlsxwriter.Workbook(out, {"default_date_format": "yyyy-mm-dd hh:mm:ss"})
    page = workbook.add_worksheet("订单")
    for y, row in enumerate(rows):
        for x, value in enumerate(row):
            page.write(y, x, value)
    for merge in merges or []:
        page.merge_range(*merge)
    workbook.close()
    return out.getvalue()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("between", [",", ";", "\t"])
def test_encodings_and_delimiters(encoding: str, between: str) -> None:
    found = sheet(TABLE.replace(",", between).encode(encoding))
    assert found.header == ("订单号", "下单时间", "客户", "电话", "货号", "数量", "单价(元)")
    assert [r.number for r in found.rows] == [2, 3]
    drafts_made = made(found)
    assert [numbers for numbers, _ in drafts_made] == [(2,), (3,)]
    first = drafts_made[0][1]
    assert isinstance(first, Mapped)
    assert first.draft == {
        "external_no": "A1",
        "created_at": 1769047500000,
        "customer": {"name": "宝诚", "phone": "138"},
        "lines": [{"sku": "BP-1", "qty": 4, "price_fen": 1280}],
    }
    assert first.event == "create"


def test_titles_blanks_repeated_headers_rules_and_totals_are_skipped() -> None:
    head, a1, a2 = TABLE.splitlines()
    text = f"订单导出\n时间：2026-01-22,操作员：张三,门店：宝诚,仓：SH,电话：138\n\n{head}\n{a1}\n,,,,,,\n-----,,,,,,\n{head}\n{a2}\n合计,,,,,5,\n"
    found = sheet(text)
    assert [r.number for r in found.rows] == [5, 9]
    assert [n.en for n in found.notes] == ["Row 10 is a total, skipped."]


def test_odd_headers_get_names_of_their_own() -> None:
    found = sheet("号,数量,,数量\nA,1,x,2\n")
    assert found.header == ("号", "数量", "列 3", "数量 (2)")
    assert found.rows[0].cells == {"号": "A", "数量": "1", "列 3": "x", "数量 (2)": "2"}


def test_marks_that_keep_a_text_a_text_are_taken_off() -> None:
    found = sheet("号,码\n=\"007\",'008\n`009,\t010 \n'tis,`x\n")
    assert [tuple(r.cells.values()) for r in found.rows] == [("007", "008"), ("009", "010"), ("'tis", "x")]


def test_rows_of_one_order_become_one_draft_wherever_they_stand() -> None:
    text = (
        "订单号,下单时间,客户,电话,货号,数量,备注,色\n"
        "A1,2026-01-22 10:05,宝诚,138,BP-1,4,急,红\n"
        "A2,2026-01-22,宝诚,138,BP-9,1,,\n"
        "A1,2026-01-22 10:04,,138,BP-2,2,小心,蓝\n"
        ",,,,BP-3,1,,\n"
    )
    mapping = MAPPING | {"note": "备注", "lines": {"sku": "货号", "qty": "数量"}}
    (rows1, one), (rows2, two) = made(sheet(text), mapping)
    assert (rows1, rows2) == ((2, 4, 5), (3,))
    assert isinstance(one, Mapped)
    assert isinstance(two, Mapped)
    assert [(line["sku"], line["qty"]) for line in one.draft["lines"]] == [
        ("BP-1", 4),
        ("BP-2", 2),
        ("BP-3", 1),
    ]
    assert one.draft["note"] == "急；小心"
    assert one.draft["created_at"] == 1769047440000
    assert one.unmapped == {"色": ["红", "蓝"]}
    assert one.sources["lines[2].sku"] == '"货号"'
    assert one.is_ok


def test_a_bare_row_goes_with_the_row_above_it_even_when_that_is_refused() -> None:
    text = "订单号,客户,货号,数量\nA1,甲,BP-1,1\n,乙,BP-2,1\n,,BP-3,1\n"
    mapping = {"external_no": "订单号", "customer": {"name": "客户"}, "lines": {"sku": "货号", "qty": "数量"}}
    (_, one), (rows, two) = made(sheet(text), mapping)
    assert isinstance(one, Mapped)
    assert len(one.draft["lines"]) == 1
    assert isinstance(two, RefusedRows)
    assert rows == (3, 4)
    assert [p[0].code for p in two.reasons.values()] == ["missing", "order_refused"]


def test_an_order_of_too_many_rows_is_refused_whole() -> None:
    found = sheet("订单号,货号,数量\n" + "A,b,1\n" * 1001)
    ((rows, refused),) = made(found, {"external_no": "订单号", "lines": {"sku": "货号", "qty": "数量"}})
    assert isinstance(refused, RefusedRows)
    assert len(refused.reasons) == len(rows) == 1001


def test_a_bad_row_refuses_its_whole_order_and_no_other() -> None:
    text = (
        "订单号,下单时间,客户,电话,货号,数量,单价(元)\n"
        "A1,2026-01-22,宝诚,138,BP-1,4,1\n"
        "A1,2026-01-22,宝诚,138,BP-2,两个,1\n"
        "A2,2026-01-22,宝诚,138,BP-2,1,1\n"
        "A3,2026-01-22,宝诚,138,BP-2,1,1\n"
        "A3,2026-01-22,别家,138,BP-2,1,1\n"
        ",2026-01-22,宝诚,138,BP-2,1,1\n"
    )
    found = sheet(text)
    by_rows = dict(made(found))
    assert isinstance(by_rows[(4,)], Mapped)
    refused = {n: p for m in by_rows.values() if isinstance(m, RefusedRows) for n, p in m.reasons.items()}
    assert {n: p[0].code for n, p in refused.items()} == {
        2: "order_refused",
        3: "not_number",
        5: "order_refused",
        6: "differs",
        7: "missing",
    }
    assert reason_text(refused[3]) == "数量（数量）: 不是数字。"
    assert reason_text(refused[3], "en") == "quantity (数量): Not a number."
    assert sorted(n for rows in by_rows for n in rows) == [2, 3, 4, 5, 6, 7]
    report = refused_csv(found, {n: reason_text(p) for n, p in refused.items()})
    back = sheet(report)
    assert back.header[:3] == ("行号", "原因", "订单号")
    assert [r.cells["行号"] for r in back.rows] == ["2", "3", "5", "6", "7"]
    assert back.rows[1].cells["数量"] == "两个"


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", "=cmd|' /C calc'!A0"])
def test_no_cell_of_the_report_is_a_formula(cell: str) -> None:
    text = io.StringIO()
    csv.writer(text).writerows([["号", "货号", cell + "x"], ["A", cell, "7"]])
    found = sheet(text.getvalue())
    report = refused_csv(found, {2: cell}).decode("utf-8-sig")
    cells = [c for row in csv.reader(io.StringIO(report)) for c in row]
    assert "'" + cell in cells
    assert not [c for c in cells if c.startswith(("=", "+", "-", "@", "\t", "\r"))]
    assert sheet(report).rows[0].cells["货号"] == cell


@settings(max_examples=100, derandomize=True)
@given(st.text(max_size=20))
def test_harmless_changes_nothing_else(cell: str) -> None:
    safe = harmless(cell)
    assert safe in (cell, "'" + cell)
    assert safe[:1] not in ("=", "+", "-", "@", "\t", "\r") or not safe


def test_a_workbook_with_numbers_dates_and_merged_cells() -> None:
    rows: list[list[Any]] = [
        ["一月订单"],
        ["订单号", "下单时间", "客户", "电话", "货号", "数量", "单价(元)"],
        ["A1", datetime(2026, 1, 22, 10, 5), "宝诚", 13800000000, "BP-1", 4, 12.8],  # noqa: DTZ001
        ["", "", "", "", "BP-2", 2, 0.1 + 0.2],
        [370511505, date(2026, 1, 22), "宝诚", 13800000000, "BP-2", 1, 1234567.89],
    ]
    merges = [(0, 0, 0, 6, "一月订单"), (2, 0, 3, 0, "A1"), (2, 2, 3, 2, "宝诚")]
    found = sheet(book(rows, merges))
    (rows1, one), (rows2, two) = made(found)
    assert (rows1, rows2) == ((3, 4), (5,))
    assert isinstance(one, Mapped)
    assert isinstance(two, Mapped)
    assert one.draft["created_at"] == 1769047500000
    assert one.draft["customer"] == {"name": "宝诚", "phone": "13800000000"}
    assert [line["price_fen"] for line in one.draft["lines"]] == [1280, 30]
    assert two.draft["external_no"] == "370511505"
    assert two.draft["lines"] == [{"sku": "BP-2", "qty": 1, "price_fen": 123456789}]


def test_a_number_that_excel_has_rounded_is_no_order_number() -> None:
    head = ["订单号", "货号", "数量"]
    mapping = {"external_no": "订单号", "lines": {"sku": "货号", "qty": "数量"}}
    for data in (
        book([head, [3705115058471208928, "BP-1", 1]]),
        b"\xe8\xae\xa2\xe5\x8d\x95\xe5\x8f\xb7,\xe8\xb4\xa7\xe5\x8f\xb7,\xe6\x95\xb0\xe9\x87\x8f\n3.70512E+18,BP-1,1\n",
    ):
        ((_, refused),) = made(sheet(data), mapping)
        assert isinstance(refused, RefusedRows)
        assert [p.code for problems in refused.reasons.values() for p in problems] == ["rounded_number"]
    ((_, taken),) = made(sheet("订单号,货号,数量\n3705115058471208928,BP-1,1\n"), mapping)
    assert isinstance(taken, Mapped)
    assert taken.draft["external_no"] == "3705115058471208928"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "sheet_empty"),
        (b" \n\n", "sheet_empty"),
        (b",,\n,,\n", "sheet_empty"),
        (b"1,2\n3,4\n", "sheet_no_header"),
        (b"<html><table><tr><td>a</td></tr></table></html>", "sheet_is_page"),
        (b"a,b\n\xff\xff\xff,1\n", "sheet_encoding"),
        (b"PK\x03\x04 not a zip", "sheet_broken"),
        (b"\xd0\xcf\x11\xe0 not a book", "sheet_broken"),
        (b"a" * 20_000_001, "sheet_too_large"),
        (b"a," * 400 + b"\n1\n", "sheet_too_large"),
    ],
)
def test_what_is_no_sheet_is_refused_as_a_whole(data: bytes, code: str) -> None:
    found = read_sheet("x.csv", data)
    assert isinstance(found, NoSheet)
    assert found.code == code
    assert found.why.zh
    assert set(REFUSALS) >= {code}


@settings(max_examples=150, derandomize=True)
@given(st.binary(max_size=60) | st.text(alphabet="ab,;\n\"'1=|\t订", max_size=60).map(str.encode))
def test_no_bytes_make_a_sheet_raise(data: bytes) -> None:
    for head in (b"", b"PK\x03\x04"):
        found = read_sheet("x", head + data)
        if isinstance(found, Sheet):
            mapping = suggest_sheet(found)
            rows = [n for numbers, _ in made(found, mapping) for n in numbers]
            assert sorted(rows) == [r.number for r in found.rows]


def test_every_field_has_a_label() -> None:
    assert set(LABELS) == {*FIELDS, *LINE_FIELDS, "lines"}


def data(name: str) -> bytes:
    path = Path(os.environ.get("TEST_DATA", "missing")) / name
    if not path.exists():
        pytest.skip("not run: no data")
    return path.read_bytes()


@pytest.mark.parametrize(
    ("name", "header", "count"),
    [
        ("bank/alipay-example-alipay-records.csv", "交易时间", 10),
        ("bank/cmb-example-cmb-records.csv", "记账日期", 5),
        ("bank/icbc-example-icbc-debit-v2-records.csv", "交易日期", 12),
        ("bank/wechat-example-wechat-records.xlsx", "交易时间", 27),
        ("olist/orders.csv", "order_id", 4067),
        ("dirty/online_retail_semicolon.csv", "X.1", 5000),
    ],
)
def test_sheets_that_nobody_here_wrote(name: str, header: str, count: int) -> None:
    found = sheet(data(name))
    assert found.header[0] == header
    assert len(found.rows) == count


def test_the_retail_export_becomes_orders_by_the_suggested_mapping() -> None:
    found = sheet(data("dirty/online_retail_semicolon.csv"))
    mapping = suggest_sheet(found)
    assert mapping["external_no"] == "InvoiceNo"
    assert mapping["created_at"] == {"path": "InvoiceDate", "as": "date_mdy"}
    results = made(found, mapping)
    taken = [m for _, m in results if isinstance(m, Mapped)]
    refused = [n for _, m in results if isinstance(m, RefusedRows) for n in m.reasons]
    assert sum(len(m.draft["lines"]) for m in taken) + len(refused) == 5000
    assert len(taken) > 1500
