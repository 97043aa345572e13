"""Sheets of master data: recognised by how people name their columns, each row on its own, twice without a change."""

import json

import pytest

from tests.support.grids import as_csv, as_xlsx

SKUS = [
    ("商品编码", "品名", "条码", "单位", "重量(kg)", "单价（元）"),
    ("NEW-1", "火花塞", "6901234567892", "只", "0.06", "1,280.00"),
    ("NEW-2", "空调滤芯", "", "个", "320g", "￥35"),
    ("BP-1023", "前刹车片", "", "件", "0.5", "128"),
]


def send(company, kind, rows, who="supervisor", **query):
    data = rows if isinstance(rows, bytes) else as_csv(rows)
    params = {"columns": json.dumps(query.pop("columns"))} if "columns" in query else {}
    files = {"file": ("表.csv", data)}
    return getattr(company, who).post(f"/api/{kind}/import", files=files, params={**query, **params})


def counts(report):
    return report["taken"], report["changed"], report["same"], len(report["refused"])


@pytest.mark.parametrize("data", [as_csv(SKUS), as_csv(SKUS, "gb18030"), as_xlsx(SKUS)])
def test_goods_come_from_a_sheet(company, data):
    report = send(company, "skus", data).json()
    assert counts(report) == (2, 0, 1, 0), report
    first = company.sales.get("/api/skus/NEW-1").json()
    assert (first["name"], first["gtin"], first["uom"], first["weight_g"], first["price_fen"]) == (
        "火花塞", "6901234567892", "只", 60, 128_000,
    )  # fmt: skip
    assert company.sales.get("/api/skus/NEW-2").json()["weight_g"] == 320
    again = send(company, "skus", data).json()
    assert counts(again) == (0, 0, 3, 0)
