"""The back-test reads Olist-shaped folders as they come and counts as it says; on the real one its promises hold."""

import csv
import os
from datetime import date, timedelta
from pathlib import Path

import pytest

from api.promise.model import DAY_MS, UNKNOWN_KM
from bench import promise_backtest as bench

TABLES = {
    "customers": "customer_id,customer_zip_code_prefix,customer_state\nc,01000,SP\n",
    "sellers": "seller_id,seller_zip_code_prefix,seller_state\ns,02000,RJ\n",
    "products": "product_id,product_weight_g\np,500\nq,\n",
    "zip_latlng": "zip_code_prefix,lat,lng\n01000,-23.5,-46.6\n02000,-22.9,-43.2\n",
}
HEAD = (
    "order_id,customer_id,order_status,order_purchase_timestamp,order_delivered_customer_date,"
    "order_estimated_delivery_date\n"
)


def folder(place: Path, count: int) -> Path:
    """One order a day, six days on its way; every tenth eight; the shop says ten days."""
    for name, text in TABLES.items():
        (place / f"{name}.csv").write_text(text)
    dates = [(date(2018, 1, 1) + timedelta(n)).isoformat() for n in range(count + 12)]
    orders, items = [HEAD], ["order_id,product_id,seller_id,shipping_limit_date\n"]
    for n in range(count):
        arrived = dates[n + (8 if n % 10 == 9 else 6)]
        status = "canceled" if n == 3 else "delivered"
        orders.append(f"o{n},c,{status},{dates[n]} 10:00:00,{arrived} 10:00:00,{dates[n + 10]} 00:00:00\n")
        items.append(f"o{n},{'pq'[n % 2]},s,{dates[n + 2]} 10:00:00\n")
    (place / "orders.csv").write_text("".join(orders))
    (place / "order_items.csv").write_text("".join(items))
    return place


def test_orders_are_read_as_trips(tmp_path: Path) -> None:
    every = bench.cases(folder(tmp_path, 40))
    assert len(every) == 39  # the cancelled one is none
    first = every[0]
    assert first.days == pytest.approx(6)
    assert 340 < first.trip.km < 370
    assert first.trip.facts["lane"] == "RJ>SP"
    assert (first.shop_at - first.trip.ordered_at) / DAY_MS == pytest.approx(10 + 14 / 24)
    (tmp_path / "zip_latlng.csv").write_text("zip_code_prefix,lat,lng\n")
    assert {case.trip.km for case in bench.cases(tmp_path)} == {UNKNOWN_KM}


def test_the_report_says_what_was_kept(tmp_path: Path) -> None:
    every = bench.cases(folder(tmp_path, 160))
    found = bench.promised(every, 119, 0.9, is_frozen=False)
    said: list[str] = []
    bench.report(found, 0.9, said.append)
    assert said[0] == "orders promised 40, real days 6.2"
    assert said[1] == "shop: kept 100.0%, days promised 10.6"
    assert 0.85 <= bench.covered(found) <= 1
    shares = [part for line in said if " orders, covers " in line for part in [int(line.split()[-4])]]
    assert sum(shares) == 2 * 40  # by quarter, and by distance


def test_the_real_folders_promises_hold() -> None:
    place = Path(os.environ.get("TEST_DATA", ""), "olist")
    if not os.environ.get("TEST_DATA") or not place.exists():
        pytest.skip("not run: no data")
    every = bench.cases(place)
    first = int(0.7 * len(every))
    found = bench.promised(every[first - 900 : first + 100], 900, 0.9, is_frozen=False)
    late = sum(one.window.late for one in found) / len(found)
    shop = sum((one.case.shop_at - one.case.trip.ordered_at) / DAY_MS for one in found) / len(found)
    assert 0.8 <= bench.covered(found) <= 0.97
    assert late < 0.9 * shop


def test_columns_are_found_by_name(tmp_path: Path) -> None:
    place = folder(tmp_path, 20)
    with (place / "orders.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    with (place / "orders.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, [*reversed(HEAD.strip().split(",")), "more"])
        writer.writeheader()
        writer.writerows(rows)
    assert len(bench.cases(place)) == 19
