"""Sheets of master data: recognised by how people name their columns, each row on its own, twice without a change."""

import base64
import csv
import io
import json
import os
from itertools import islice
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api.inventory import cells, importing
from api.inventory.columns import normal
from api.inventory.kinds import KINDS
from api.shell import answers
from api.stock import service as stock
from tests.support.company import draft
from tests.support.grids import as_csv, as_xlsx

SKUS = [
    ("商品编码", "品名", "条码", "单位", "重量(kg)", "单价（元）"),
    ("NEW-1", "火花塞", "6901234567892", "只", "0.06", "1,280.00"),
    ("NEW-2", "空调滤芯", "", "个", "320g", "￥３５"),
    ("BP-1023", "前刹车片", "", "件", "0.5", "128"),
]
STOCK = [
    ("仓库", "库位", "货号", "数量"),
    ("上海仓", "A-01-05", "BP-1023", "1,000"),
    ("SH", "", "WP-4001", "7"),
]


def send(company, kind, rows, who="owner", columns=None, **query):
    data = rows if isinstance(rows, bytes) else as_csv(rows)
    params = {**query, **({"columns": json.dumps(columns)} if columns is not None else {})}
    return getattr(company, who).post(f"/api/{kind}/import", files={"file": ("表.csv", data)}, params=params)


def taken(company, kind, rows, **query):
    answer = send(company, kind, rows, **query)
    assert answer.status_code == 200, answer.text
    return answer.json()


def counts(report):
    return report["taken"], report["changed"], report["same"], [one["row"] for one in report["refused"]]


def state(company):
    names = ("skus", "bins", "warehouses", "customers", "users", "stock", "stock/bins")
    return [company.owner.get(f"/api/{name}", params={"limit": 200}).json() for name in names]


@pytest.mark.parametrize(
    "data", [as_csv(SKUS), as_csv(SKUS, "gb18030"), as_csv(SKUS, "utf-16"), as_xlsx(SKUS)]
)
def test_goods_come_from_a_sheet(company, data):
    assert counts(taken(company, "skus", data)) == (2, 0, 1, [])
    first = company.sales.get("/api/skus/NEW-1").json()
    assert (first["name"], first["gtin"], first["uom"], first["weight_g"], first["price_fen"]) == (
        "火花塞", "6901234567892", "只", 60, 128_000,
    )  # fmt: skip
    second = company.sales.get("/api/skus/NEW-2").json()
    assert (second["weight_g"], second["price_fen"], second["active"], second["picture"]) == (
        320,
        3_500,
        True,
        "",
    )
    assert counts(taken(company, "skus", data)) == (0, 0, 3, [])


def test_to_look_changes_nothing_and_tells_what_it_would_do(company):
    before = state(company)
    looked = taken(company, "skus", SKUS, **{"try": "1"})
    assert counts(looked) == (2, 0, 1, [])
    assert state(company) == before
    joined = {one["field"]: one["column"] for one in looked["columns"] if one["column"]}
    assert joined == {
        "code": "商品编码", "name": "品名", "gtin": "条码", "uom": "单位", "weight_kg": "重量(kg)", "price_yuan": "单价（元）",
    }  # fmt: skip
    assert (looked["total"], looked["tried"], looked["from"]) == (3, 3, "header")
    assert looked["rows"][0] == {"row": 2, "cells": list(SKUS[1])}


def test_a_blank_cell_leaves_what_stands_and_units_stay(company):
    units = [{"uom": "箱", "pieces": 12, "per": 1, "round": "even"}]
    body = {"name": "机油滤清器", "price_fen": 2500, "weight_g": 500, "price_uom": "箱", "units": units}
    assert company.owner.put("/api/skus/OF-3001", body).status_code == 200
    rows = [("SKU", "Name", "Price"), ("OF-3001", "", "26"), ("BP-1023", "刹车片（前）", "")]
    assert counts(taken(company, "skus", rows)) == (0, 2, 0, [])
    kept = company.owner.get("/api/skus/OF-3001").json()
    assert (kept["name"], kept["price_fen"], kept["price_uom"], kept["units"]) == (
        "机油滤清器",
        2600,
        "箱",
        units,
    )
    assert company.owner.get("/api/skus/BP-1023").json()["price_fen"] == 12800


WRONG = [
    ("货号", "名称", "条码", "单价(元)", "重量(g)"),
    ("W-1", "校验位错", "6901234567891", "", ""),
    ("W-2", "科学计数", "6.90123E+12", "", ""),
    ("W-3", "一分五厘", "", "0.015", ""),
    ("W-4", "面议", "", "面议", ""),
    ("W-5", "", "", "1", ""),
    ("", "没有货号", "", "1", ""),
    ("W/7", "斜线", "", "1", ""),
    ("W-8", "半克", "", "", "0.5"),
    ("W-9", "好的", "", "9", "1"),
]


def test_each_row_is_refused_alone_with_its_field_column_and_reason(company):
    report = taken(company, "skus", WRONG)
    assert counts(report) == (1, 0, 0, [2, 3, 4, 5, 6, 7, 8, 9])
    told = {one["row"]: (one["path"], one["column"]) for one in report["refused"]}
    assert told == {
        2: ("gtin", "条码"), 3: ("gtin", "条码"), 4: ("price_yuan", "单价(元)"), 5: ("price_yuan", "单价(元)"),
        6: ("name", "名称"), 7: ("code", "货号"), 8: ("code", "货号"), 9: ("weight_g", "重量(g)"),
    }  # fmt: skip
    assert "校验位" in report["refused"][0]["why"]
    assert "Excel" in report["refused"][1]["why"]
    back = list(csv.DictReader(io.StringIO(base64.b64decode(report["refused_csv"]).decode("utf-8-sig"))))
    assert [one["货号"] for one in back] == ["W-1", "W-2", "W-3", "W-4", "W-5", "", "W/7", "W-8"]
    kept = company.owner.get(f"/api/imports/{report['id']}").json()
    assert (kept["kind"], kept["status"], kept["done"], kept["refused"]) == ("skus", "done", 9, 8)
    shown = company.owner.get(f"/api/imports/{report['id']}/refused", params={"limit": 3}).json()
    assert [one["row"] for one in shown["items"]] == [2, 3, 4]
    following = company.owner.get(
        f"/api/imports/{report['id']}/refused", params={"cursor": shown["next"]}
    ).json()
    assert [one["row"] for one in following["items"]] == [5, 6, 7, 8, 9]
    english = company.owner.get(
        f"/api/imports/{report['id']}/refused", headers={"accept-language": "en"}
    ).json()
    assert "check digit" in english["items"][0]["why"]


def test_columns_may_be_said_otherwise(company):
    rows = [("A", "B", "单价"), ("C-1", "曲轴", "8")]
    assert send(company, "skus", rows).json()["code"] == "bad_sheet"
    assert counts(taken(company, "skus", rows, columns={"code": "A", "name": "B", "price_yuan": None})) == (
        1,
        0,
        0,
        [],
    )
    assert company.owner.get("/api/skus/C-1").json()["price_fen"] is None
    for wrong in ({"code": "Z"}, {"nothing": "A"}):
        assert send(company, "skus", rows, columns=wrong).json()["errors"][0]["path"].startswith("$.columns.")
    bad = company.owner.post(
        "/api/skus/import", files={"file": ("x", as_csv(rows))}, params={"columns": "[1]"}
    )
    assert bad.json()["code"] == "invalid"


def test_a_price_of_a_ton_is_not_taken_for_one_of_a_piece(company):
    looked = taken(
        company, "skus", [("货号", "名称", "单价（元/吨）"), ("T-1", "角钢", "4380")], **{"try": "1"}
    )
    assert [one["column"] for one in looked["columns"] if one["field"].startswith("price")] == [None, None]


def test_the_names_that_the_api_gives_are_known(company):
    for kind in KINDS.values():
        for field in kind.fields:
            assert {normal(field.name), normal(field.zh), normal(field.en)} <= {*field.names} | {
                "区划代码或地址", "districtcodeoraddress",
            }  # fmt: skip
    assert set(answers.KINDS) == set(KINDS)


def test_opening_stock_is_what_lies_there_and_twice_is_once(company):
    company.owner.put("/api/bins/A-01-05", {"warehouse": "SH"})
    assert counts(taken(company, "stock", STOCK)) == (
        1,
        0,
        0,
        [3],
    )  # 50 lie in no bin since they were received
    lies = company.owner.get("/api/stock/bins", params={"q": "A-01-05"}).json()["items"]
    assert [(one["sku"], one["qty"]) for one in lies] == [("BP-1023", 1_000)]
    assert counts(taken(company, "stock", STOCK)) == (0, 0, 1, [3])
    more = [STOCK[0], ("SH", "A-01-05", "BP-1023", "900")]
    assert counts(taken(company, "stock", more)) == (0, 1, 0, [])  # nothing has moved but its opening number
    move = {"kind": "damage", "warehouse": "SH", "sku": "BP-1023", "qty": 1, "bin": "A-01-05"}
    assert company.supervisor.post("/api/stock/moves", move).status_code == 201
    late = taken(company, "stock", more)
    assert counts(late) == (0, 0, 0, [2])
    assert "盘点" in late["refused"][0]["why"]
    assert company.db.reader.now(stock.drift) == []


def test_opening_stock_of_lots_has_their_last_day(company):
    goods = [("货号", "名称", "批次管理"), ("GL-1", "玻璃胶", "是"), ("GL-2", "胶枪", "否")]
    assert counts(taken(company, "skus", goods)) == (2, 0, 0, [])
    assert counts(taken(company, "skus", goods)) == (0, 0, 2, [])
    rows = [("仓库", "货号", "批号", "数量", "有效期至"), ("SH", "GL-1", "B2601", "30", "2027/1/31"),
            ("SH", "GL-1", "B2602", "20", "2027年2月28日"), ("SH", "GL-2", "B1", "5", "")]  # fmt: skip
    assert counts(taken(company, "stock", rows)) == (2, 0, 0, [4])
    assert counts(taken(company, "stock", rows)) == (0, 0, 2, [4])
    other = [*rows[:1], ("SH", "GL-1", "B2601", "30", "2029/1/31"), ("SZ", "GL-1", "B2601", "8", "2029/1/31")]
    report = taken(company, "stock", other)
    assert counts(report) == (0, 0, 0, [2, 3])
    assert all("2027-01-31" in one["why"] and one["path"] == "expires" for one in report["refused"]), report
    undated, dated = (("SZ", "GL-1", "B2603", "8", day) for day in ("", "2027/3/31"))
    assert counts(taken(company, "stock", [rows[0], undated])) == (1, 0, 0, [])
    assert counts(taken(company, "stock", [rows[0], dated])) == (0, 1, 0, [])
    lots = company.db.reader.now(
        lambda tx: tx.connection.execute("SELECT lot, expires FROM lots ORDER BY lot").fetchall()
    )
    assert [tuple(row) for row in lots] == [
        ("B2601", "2027-01-31"),
        ("B2602", "2027-02-28"),
        ("B2603", "2027-03-31"),
    ]
    assert company.db.reader.now(stock.drift) == []


def test_opening_stock_names_what_is_there_and_feeds_who_waits(company):
    rows = [("仓库", "库位", "货号", "数量"), ("XX", "", "BP-1023", "1"), ("SH", "Z-9", "BP-1023", "1"), ("SH", "", "NO", "1"),
            ("SH", "A-01-02", "BP-1023", "1"), ("SH", "A-01-05", "BP-1023", "-1"), ("", "", "BP-1023", "1")]  # fmt: skip
    codes = ("没有这个仓库", "没有库位", "没有这个货号", "放的是", "没有库位", "没写仓库")
    report = taken(company, "stock", rows)
    assert counts(report)[:3] == (0, 0, 0)
    assert all(code in one["why"] for code, one in zip(codes, report["refused"], strict=True)), report[
        "refused"
    ]
    no = company.sales.post(
        "/api/orders", draft(lines=[{"sku": "BP-1023", "qty": 500}], paid_at=None)
    ).json()["order_no"]
    company.finance.post(f"/api/orders/{no}/pay", {"method": "transfer", "amount_fen": 500 * 12800})
    company.owner.put("/api/bins/A-01-05", {"warehouse": "SH"})
    taken(company, "stock", STOCK)
    assert company.sales.get(f"/api/orders/{no}").json()["state"] == "to_pick"


CUSTOMERS = [
    ("客户名称", "联系电话", "结算方式", "信用额度（元）", "业务员", "客户等级", "送货地址"),
    ("松江顺达", "138 0000-1234", "月结", "50,000", "Sales", "VIP", "上海市松江区荣乐中路88号"),
    ("昆山恒信", "0512-57001234", "现结", "", "", "普通", ""),
    ("谁的客户", "", "月结", "", "没这个人", "", ""),
    ("怎么结", "", "看情况", "", "", "", ""),
]


def test_customers_are_known_by_phone_and_name_where_no_id_stands(company):
    report = taken(company, "customers", CUSTOMERS)
    assert counts(report) == (2, 0, 0, [4, 5])
    (found,) = company.owner.get("/api/customers", params={"q": "松江顺达"}).json()["items"]
    whole = company.owner.get(f"/api/customers/{found['id']}").json()
    assert (whole["phone"], whole["terms"], whole["credit_fen"], whole["salesperson"], whole["tier"]) == (
        "13800001234", "monthly", 5_000_000, "sales", "vip",
    )  # fmt: skip
    assert whole["addresses"] == [{"text": "上海市松江区荣乐中路88号", "label": "", "default": True}]
    assert counts(taken(company, "customers", CUSTOMERS)) == (0, 0, 2, [4, 5])


def test_people_get_a_password_to_start_with_once(company):
    rows = [("登录名", "姓名", "岗位", "电话", "仓库"), ("wang", "王建军", "拣货员", "139 0000 0004", "苏州仓"),
            ("li", "李静", "业务员", "", ""), ("boss2", "谁", "皇帝", "", ""), ("sales", "陈静", "", "", "")]  # fmt: skip
    report = taken(company, "users", rows)
    assert counts(report) == (2, 1, 0, [4])
    starts = {one["name"]: one["password"] for one in report["passwords"]}
    assert set(starts) == {"wang", "li"}
    entered = company.client.post("/api/login", json={"user": "wang", "password": starts["wang"]})
    assert entered.json()["user"]["warehouse"] == "SZ"
    again = taken(company, "users", rows)
    assert counts(again) == (0, 0, 3, [4])
    assert "passwords" not in again
    assert starts["wang"] not in json.dumps(company.owner.get(f"/api/imports/{report['id']}").json())


def test_who_may_not_is_told_so(company):
    assert send(company, "skus", SKUS, who="sales").status_code == 403
    assert send(company, "users", [("登录名",), ("x",)], who="supervisor").status_code == 403
    assert company.supervisor.get("/api/imports", params={"kind": "users"}).status_code == 403
    number = taken(company, "users", [("登录名", "岗位"), ("x", "无")])["id"]
    assert company.supervisor.get(f"/api/imports/{number}/refused").status_code == 403
    assert company.supervisor.get(f"/api/imports/{number}").status_code == 403


def test_an_import_that_is_cut_keeps_what_it_had_told(company, monkeypatch):
    def broken(*_):
        raise RuntimeError("the disk is gone")

    rows = [("货号", "名称"), *((f"N-{n}", "" if n == 7 else "x") for n in range(250))]
    monkeypatch.setattr(importing, "_starts", broken)
    done = importing._group

    def cut(db, work, part, told, clock):
        if told.done > 200:
            raise RuntimeError("the process is gone")
        return done(db, work, part, told, clock)

    monkeypatch.setattr(importing, "_group", cut)
    answer = send(company, "skus", rows, id="cut-1")
    assert answer.status_code == 500
    told = company.owner.get("/api/imports/cut-1").json()
    assert (told["status"], told["taken"], told["refused"]) == ("cut", 199, 1)
    assert [one["row"] for one in company.owner.get("/api/imports/cut-1/refused").json()["items"]] == [9]
    monkeypatch.undo()
    assert counts(taken(company, "skus", rows, id="cut-1")) == (50, 0, 199, [9])
    items = company.owner.get("/api/imports", params={"kind": "skus"}).json()["items"]
    assert [(one["id"], one["status"]) for one in items] == [("cut-1", "done")]


@pytest.fixture(scope="module")
def olist() -> Path:
    place = Path(os.environ.get("TEST_DATA", "")) / "olist"
    if not os.environ.get("TEST_DATA") or not place.is_dir():
        pytest.skip("not run: no data")
    return place


@pytest.mark.parametrize(
    ("kind", "file", "columns"),
    [
        ("skus", "products.csv", None),
        (
            "customers",
            "customers.csv",
            {"id": "customer_id", "name": "customer_unique_id", "address": "customer_city"},
        ),
        ("warehouses", "sellers.csv", {"code": "seller_id", "name": "seller_city"}),
    ],
)
def test_sheets_that_nobody_has_seen_come_in(company, olist, kind, file, columns):
    with (olist / file).open(encoding="utf-8") as lines:
        data = "".join(islice(lines, 301)).encode()
    report = taken(company, kind, data, columns=columns)
    assert report["taken"] > 290, report["refused"][:3]
    assert all(one["why"] for one in report["refused"])
    again = taken(company, kind, data, columns=columns)
    assert (again["taken"], again["changed"], again["same"]) == (0, 0, report["taken"])


CELLS = st.one_of(
    st.text(max_size=12),
    st.sampled_from(["BP-1023", "SH", "1", "-1", "1e400", "NaN", "月结", "6901234567892", "9" * 40, "=1+1"]),
)


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_no_sheet_is_a_fault_and_twice_changes_nothing(house, kind):
    """Any bytes, and any cells under headers that are known; what is the same the second time stays so."""
    names = [field.zh for field in KINDS[kind].fields]

    @settings(
        max_examples=12,
        derandomize=True,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(
        st.one_of(
            st.binary(max_size=400),
            st.lists(st.lists(CELLS, min_size=len(names), max_size=len(names)), max_size=4).map(
                lambda rows: as_csv([names, *rows], "utf-8")
            ),
        )
    )
    def run(data):
        looked = send(house, kind, data, **{"try": "1"})
        first, again = send(house, kind, data), send(house, kind, data)
        assert {one.status_code for one in (looked, first, again)} in ({200}, {400}, {422}), first.text
        if first.status_code == 200:
            was, now = first.json(), again.json()
            assert now["taken"] == 0
            assert now["taken"] + now["changed"] + now["same"] + len(now["refused"]) == sum(
                (was["taken"], was["changed"], was["same"], len(was["refused"]))
            )

    run()
    assert house.db.reader.now(stock.drift) == []


# A sheet that says one thing twice: the second row (3) differs, the third (4) is the first again.
TWICE = {
    "skus": [("货号", "名称", "单价(元)"), ("T-1", "角钢", "4"), ("T-1", "角钢", "5"), ("T-1", "角钢", "4")],
    "stock": [("仓库", "库位", "货号", "数量"), ("SH", "A-09", "BD-2001", "4"), ("上海仓", "A-09", "BD-2001", "5"),
              ("SH", "A-09", "BD-2001", "4")],
    "customers": [("客户名称", "电话", "地址"), ("顺达", "13800001234", "上海市松江区荣乐中路88号"),
                  ("顺达", "138 0000 1234", "上海市松江区荣乐中路99号"), ("顺达", "13800001234", "上海市松江区荣乐中路88号")],
    "users": [("登录名", "姓名", "岗位"), ("wang", "王建军", "销售"), ("wang", "王建军", "财务"), ("wang", "王建军", "销售")],
    "bins": [("库位", "仓库", "货号"), ("B-1", "SH", "BD-2001"), ("B-1", "SH", "BP-1023"), ("B-1", "SH", "BD-2001")],
}  # fmt: skip


@pytest.mark.parametrize("kind", sorted(TWICE))
def test_of_two_rows_about_one_thing_the_second_is_the_same_or_refused(company, kind):
    company.owner.put("/api/bins/A-09", {"warehouse": "SH"})
    looked = taken(company, kind, TWICE[kind], **{"try": "1"})
    assert counts(looked) == (1, 0, 1, [3])
    assert "第 2 行" in looked["refused"][0]["why"]
    assert counts(taken(company, kind, TWICE[kind])) == (1, 0, 1, [3])
    before = state(company)
    assert counts(taken(company, kind, TWICE[kind])) == (0, 0, 2, [3])
    assert state(company) == before


def test_rows_that_are_far_apart_are_compared_too(company):
    many = [
        ("货号", "名称"),
        ("F-0", "first"),
        *((f"F-{n}", "x") for n in range(1, 150)),
        ("F-0", "last"),
        ("F-0", "first"),
    ]
    for query in ({"try": "1"}, {}):
        report = taken(company, "skus", many, **query)
        assert counts(report) == (150, 0, 1, [152])
        assert "第 2 行" in report["refused"][0]["why"]


def test_twins_of_a_code_or_a_barcode_are_refused_by_column(company):
    rows = [("货号", "名称", "条码"), ("A-001", "x", "6901234567892"), ("a-001", "y", ""), ("A-002", "z", "6901234567892"),
            ("bp-1023", "w", "")]  # fmt: skip
    report = taken(company, "skus", rows)
    assert counts(report) == (1, 0, 0, [3, 4, 5])
    told = [(one["column"], one["why"]) for one in report["refused"]]
    assert [column for column, _ in told] == ["货号", "条码", "货号"]
    assert all(name in why for name, (_, why) in zip(("A-001", "A-001", "BP-1023"), told, strict=True))


def test_a_day_that_can_mean_one_thing_only_is_read_and_half_a_piece_is_told_as_such():
    assert [cells.day(one) for one in ("31.12.2029", "12/31/2029", "05.05.2029", "2029-12-31")] == [
        "2029-12-31", "2029-12-31", "2029-05-05", "2029-12-31",
    ]  # fmt: skip
    unclear = cells.day("03.04.2029")
    assert "2029-12-31" in unclear.en
    assert "date_" not in unclear.zh
    assert cells.day("31.13.2029") == cells.day("never")
    assert cells.pieces("2.0") == 2
    assert "整件" in cells.pieces("2.5").zh
    assert "whole pieces" in cells.pieces("2.5").en.lower()
    assert cells.pieces("x").en == "Not a number."
