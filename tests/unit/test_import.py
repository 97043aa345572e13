"""Sheets taken in through a channel: over HTTP and as a service, twice without doubles, no row without a word."""

import base64
import csv
import io
import os
from pathlib import Path

import pytest

from api.channels import importing, store
from api.channels.importing import Report
from api.channels.inbox import Gate
from api.sheets.sheet import opened
from tests.support import grids
from tests.support.company import SECRET

HEAD = (
    "订单号",
    "下单时间",
    "付款时间",
    "客户",
    "电话",
    "收货地址",
    "货号",
    "数量",
    "单价(元)",
    "备注",
    "业务员",
)
ROWS = (
    (
        "A1",
        "2026-01-22 10:05",
        "2026-01-22 10:06",
        "宝诚",
        "138",
        "上海市浦东新区张江路1号",
        "BP-1023",
        "4",
        "128",
        "加急",
        "李",
    ),
    ("", "", "", "", "", "", "OF-3001", "2", "25", "", ""),
    ("A2", "2026/1/22", "", "恒达", "139", "苏州市姑苏区人民路2号", "BD-2001", "1", "338.00", "", ""),
    ("A3", "2026/1/22", "", "恒达", "139", "苏州", "BD-2001", "一打", "338", "", ""),
    ("A4", "2026/1/22", "", "恒达", "139", "苏州", "", "1", "3.999", "", ""),
    ("A5", "2026/1/22", "", "恒达", "139", "苏州", "NEW-9", "1", "3", "", ""),
    ("合计", "", "", "", "", "", "", "9", "", "", ""),
)


def as_csv(rows=ROWS, head=HEAD, encoding="utf-8-sig"):
    return grids.as_csv([head, *rows], encoding)


def as_xlsx(rows=ROWS, head=HEAD):
    return grids.as_xlsx([("三月订单",), head, *rows])


def send(company, data, name="订单.csv", channel="pos", who="supervisor"):
    return getattr(company, who).post(f"/api/channels/{channel}/import", files={"file": (name, data)})


def refused_rows(report):
    return sorted(row for one in report["refused"] for row in one["rows"])


@pytest.mark.parametrize(
    ("data", "name", "shift"),
    [
        (as_csv(), "订单.csv", 0),
        (as_csv(encoding="gb18030"), "订单.txt", 0),
        (as_xlsx(), "订单.xlsx", 1),
        (as_xlsx(), "订单.csv", 1),
    ],
)
def test_a_sheet_becomes_orders_and_a_report(company, data, name, shift):
    answer = send(company, data, name)
    assert answer.status_code == 200, answer.text
    report = answer.json()
    assert (report["orders"], report["duplicates"], report["changed"]) == (3, 0, 0)
    assert refused_rows(report) == [5 + shift, 6 + shift]
    assert all(one["why"] and one["why_en"] for one in report["refused"])
    said = {one["rows"][0] - shift: one["why"] for one in report["refused"]}
    assert "数量（数量）" in said[5]
    assert "货号" in said[6]
    found = {one["external_no"]: one for one in company.supervisor.get("/api/orders").json()["items"]}
    assert set(found) == {"A1", "A2", "A5"}
    first = found["A1"]
    assert [(n["sku"], n["qty"], n["price_fen"]) for n in first["lines"]] == [
        ("BP-1023", 4, 12800),
        ("OF-3001", 2, 2500),
    ]
    assert (first["state"], first["paid_fen"], first["channel"]) == ("to_pick", 56200, "pos")
    assert first["created_at"].startswith("2026-01-22T10:05:00")
    assert "加急" in [tag["tag"] for tag in first["tags"]]
    assert first["extra"] == {"业务员": "李"}
    assert found["A2"]["state"] == "awaiting_payment"
    assert [one["code"] for one in found["A5"]["exceptions"]] == ["unknown_sku"]


def test_twice_makes_no_doubles_and_the_refused_come_back_mended(company):
    first = send(company, as_csv()).json()
    again = send(company, as_csv()).json()
    assert (again["orders"], again["duplicates"], refused_rows(again)) == (0, 3, refused_rows(first))
    assert len(company.supervisor.get("/api/orders").json()["items"]) == 3
    text = base64.b64decode(first["refused_csv"]).decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["订单号"] for row in rows] == ["A3", "A4"]
    assert all(row["原因"] for row in rows)
    mended = text.replace("一打", "12").replace(",1,3.999", "WP-4001,1,39")
    done = send(company, mended.encode()).json()
    assert (done["orders"], refused_rows(done)) == (2, [])
    assert send(company, b"\xef\xbb\xbf" + mended.encode()).json()["duplicates"] == 2


def test_several_payments_of_one_order_are_its_sum_and_a_part_counts_once(company):
    send(company, as_csv())  # A2: 338 yuan, unpaid
    assert company.supervisor.get("/api/orders?q=A2").json()["items"][0]["state"] == "awaiting_payment"
    for rows, paid, state in (
        ("A2,100\n", 10_000, "awaiting_payment"),
        ("A2,100\n", 10_000, "awaiting_payment"),  # the same sheet again
        ("A2,119\nA2,119\n", 33_800, "to_pick"),
    ):
        company.clock.forward(60_000)
        report = send(company, f"订单号,付款金额\n{rows}".encode()).json()
        assert (report["refused"], report["changed"] + report["duplicates"]) == ([], 1)
        found = company.supervisor.get("/api/orders?q=A2").json()["items"][0]
        assert (found["paid_fen"], found["state"]) == (paid, state)


def test_a_row_that_differs_is_an_exception_and_told(company):
    send(company, as_csv())
    other = [
        tuple("5" if n == 7 and row[0] == "A1" else cell for n, cell in enumerate(row)) for row in ROWS[:2]
    ]
    report = send(company, as_csv(other)).json()
    assert (report["orders"], report["duplicates"], refused_rows(report)) == (0, 0, [2, 3])
    order = company.supervisor.get("/api/orders?q=A1").json()["items"][0]
    assert [one["code"] for one in order["exceptions"]] == ["differs"]
    paid = [tuple("2026-01-22 11:00" if n == 2 else cell for n, cell in enumerate(row)) for row in ROWS[2:3]]
    report = send(company, as_csv(paid)).json()
    assert (report["orders"], report["changed"], report["refused"]) == (0, 1, [])
    assert company.supervisor.get("/api/orders?q=A2").json()["items"][0]["state"] == "to_pick"


def test_the_channels_own_mapping_reads_its_own_columns(company):
    mapping = {
        "event": {"path": "status", "is": {"ok": "pay", "gone": "cancel"}},
        "external_no": "no",
        "lines": {"sku": "what", "qty": {"path": "how", "as": "dozen"}, "price_fen": {"const": 100}},
    }
    body = {"label": "表", "scheme": "none", "mapping": mapping}
    assert company.supervisor.put("/api/channels/sheet", body).status_code == 200
    rows = [("S1", "ok", "BP-1023", "1"), ("S2", "gone", "BP-1023", "1"), ("S1", "gone", "BP-1023", "1")]
    report = send(company, as_csv(rows[:2], ("no", "status", "what", "how")), channel="sheet").json()
    assert (report["orders"], refused_rows(report)) == (1, [3])
    (order,) = company.supervisor.get("/api/orders").json()["items"]
    assert (order["lines"][0]["qty"], order["channel"], order["state"]) == (12, "sheet", "to_pick")
    report = send(company, as_csv(rows[2:], ("no", "status", "what", "how")), channel="sheet").json()
    assert (report["changed"], report["refused"]) == (1, [])
    # A sheet whose columns are named as a webhook's fields is still a sheet.
    named = [("W1", "BP-1023", "2", "12800")]
    report = send(company, as_csv(named, ("order_id", "sku", "qty", "price_fen"))).json()
    assert (report["orders"], report["refused"]) == (1, [])


def test_what_is_no_sheet_is_refused(company):
    for data, name in (
        (b"", "a.csv"),
        (b"\x00\x01\x02", "a.bin"),
        (b"<html><table>", "a.xls"),
        (b"PK\x03\x04", "a.xlsx"),
    ):
        answer = send(company, data, name)
        assert (answer.status_code, answer.json()["code"]) == (422, "bad_sheet"), data
        assert answer.json()["why"]
    assert send(company, as_csv(), channel="nowhere").status_code == 404
    assert send(company, as_csv(), who="sales").status_code == 403
    assert company.supervisor.post("/api/channels/pos/import", {}).status_code == 415
    assert company.supervisor.post("/api/channels/pos/import", files={"other": b"x"}).status_code == 400
    assert company.supervisor.get("/api/orders").json()["items"] == []


# --- as a service, on what others wrote -------------------------------------------------------------------


def taken_in(company, name, data):
    """The whole file, chunk by chunk, as the command line does it."""
    gate = Gate(store.sealing_key(SECRET), "Asia/Shanghai")
    sheet, report = opened(name, data), Report()
    channel = company.db.reader.now(lambda tx: store.channel(tx, "pos", gate.key))
    for part in importing.chunks(sheet, importing.mapping_for(sheet, channel), gate.tz, company.clock()):
        company.db.writer.now(
            lambda tx, part=part: importing.take_in(tx, channel, part, report, company.clock(), gate)
        )
    return sheet, report


def data_file(name):
    path = Path(os.environ.get("TEST_DATA", "missing")) / name
    if not path.exists():
        pytest.skip("not run: no data")
    return path


def test_real_orders_of_a_marketplace_come_in_whole(company):
    """The orders' and the items' files joined, as a shop would export them."""
    with data_file("olist/orders.csv").open(encoding="utf-8") as file:
        orders = {row["order_id"]: row for row in csv.DictReader(file)}
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(
        ("order_id", "order_purchase_timestamp", "order_approved_at", "customer_id", "sku", "qty", "price")
    )
    wanted = dict.fromkeys(list(orders)[:400])
    rows = 0
    with data_file("olist/order_items.csv").open(encoding="utf-8") as file:
        for item in csv.DictReader(file):
            order = orders.get(item["order_id"])
            if order is None or item["order_id"] not in wanted:
                continue
            times = order["order_purchase_timestamp"], order["order_approved_at"]
            writer.writerow(
                (item["order_id"], *times, order["customer_id"], item["product_id"], 1, item["price"])
            )
            wanted[item["order_id"]] = order["order_approved_at"]
            rows += 1
    sheet, report = taken_in(company, "orders.csv", out.getvalue().encode())
    with_items = {no for no, approved in wanted.items() if approved is not None}
    assert (report.orders, report.refused, len(sheet.rows)) == (len(with_items), [], rows)
    assert len(with_items) > 300
    stored = stored_orders(company)
    assert set(stored) == with_items
    for no in with_items:
        assert stored[no] == ("paid" if wanted[no] else "awaiting_payment"), no
    _, again = taken_in(company, "orders.csv", out.getvalue().encode())
    assert (again.orders, again.duplicates, again.refused) == (0, len(with_items), [])


def stored_orders(company):
    sql = "SELECT external_no, state FROM orders"
    return {row[0]: row[1] for row in company.db.reader.now(lambda tx: tx.connection.execute(sql).fetchall())}


def test_a_dirty_export_loses_no_row(company):
    data = data_file("dirty/online_retail_semicolon.csv").read_bytes()
    data = b"\n".join(data.splitlines()[:1500])
    sheet, report = taken_in(company, "online_retail_semicolon.csv", data)
    stored = stored_orders(company)
    refused = {row for one in report.refused for row in one["rows"]}
    assert len(stored) == report.orders > 0
    assert set(report.why) == refused
    assert refused < {row.number for row in sheet.rows}
    lines = company.db.reader.now(
        lambda tx: tx.connection.execute("SELECT COUNT(*) FROM lines").fetchone()[0]
    )
    assert lines + len(refused) == len(sheet.rows)
    _, again = taken_in(company, "online_retail_semicolon.csv", data)
    assert (again.orders, again.duplicates) == (0, report.orders)
    assert stored_orders(company) == stored
