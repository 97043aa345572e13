"""The benches' pieces work, at tiny sizes; no speed is asserted. What they call right must be able to be wrong."""

import csv
import hashlib
import random
import sqlite3
from pathlib import Path

import msgspec
import pytest

from api.db.database import FILE
from api.orders.model import Draft
from api.web.body import decode
from bench import batch, company, ingest, limit, load, masters, move, olist, replay_olist, server, sheets
from bench.olist import End, Moment
from tests.support import engines, postgres

DAY1, DAY2, DAY3, DAY9 = (f"2018-01-0{n} 10:00:00" for n in (1, 2, 3, 9))
AT1, AT2, AT3, AT9 = (olist.at(day) for day in (DAY1, DAY2, DAY3, DAY9))


def test_the_bare_limit_stores_whole_orders_in_one_chain(tmp_path):
    db, rnd, heads = limit.open_bare(tmp_path / "bare.db"), random.Random(3), [bytes(32)]
    for n in range(5):
        heads.append(limit.store_bare(db, limit.bare_order(rnd), f"W{n}", heads[-1]))
    rows = db.execute(
        "SELECT prev, hash, body FROM audit a JOIN snapshot s ON s.order_id = a.order_id"
    ).fetchall()
    assert [row[0] for row in rows] == heads[:-1]
    assert all(hashlib.sha256(prev + body.encode()).digest() == mark for prev, mark, body in rows)
    assert {1_000 < len(body) < 1_400 for _, _, body in rows} == {True}
    lines = db.execute("SELECT COUNT(*), SUM(qty) FROM line").fetchone()
    assert lines == (15, db.execute("SELECT SUM(reserved) FROM sku").fetchone()[0])
    assert db.execute("PRAGMA synchronous").fetchone() == (2,)  # FULL
    db.close()
    assert limit.sqlite_limit(0.01, tmp_path, group=5) > 0


def test_the_loads_orders_are_drafts_of_three_lines_each_with_its_own_number():
    rnd = random.Random(1)
    drafts = [decode(Draft, load.draft(rnd, "r", n, 20)) for n in range(50)]
    assert {len(draft.lines) for draft in drafts} == {3}
    assert len({draft.external_no for draft in drafts}) == 50
    assert all(draft.paid_at for draft in drafts)


@pytest.mark.parametrize("engine", [engines.SQLITE, engines.POSTGRES], indirect=True)
def test_ingest_counts_what_a_real_server_stored(tmp_path, engine):
    data = tmp_path / "data"
    url = engines.url(data)
    token = company.build(data, 5, url)
    with server.hub(data, url=url) as port:
        done = load.own(load.Target(port, token, 5), "t", 8, 40)
    assert (done.requests, done.refused, done.stored) == (40, 0, 40)
    assert 0 < done.p50_ms <= done.p99_ms
    assert ingest.faults(tmp_path, [], done, 8, False, url) == []
    short = msgspec.structs.replace(done, requests=41)
    assert ingest.faults(tmp_path, [], short, 8, False, url) == ["41 acknowledged, 40 stored"]


def row(status: str, approved: str = "", carrier: str = "", delivered: str = "") -> dict[str, str]:
    return {
        "order_id": f"{status}-{approved[9:10]}{carrier[9:10]}{delivered[9:10]}",
        "customer_id": "c1",
        "order_status": status,
        "order_purchase_timestamp": DAY1,
        "order_approved_at": approved,
        "order_delivered_carrier_date": carrier,
        "order_delivered_customer_date": delivered,
    }


ROWS = [
    row("created"),
    row("approved", DAY2),
    row("invoiced", DAY2),
    row("processing", DAY2),
    row("shipped", DAY2, DAY3),
    row("shipped", DAY3, DAY2),  # the carrier before the approval
    row("delivered", DAY2, DAY3, DAY9),
    row("delivered", DAY2, DAY3),  # no date of delivery
    row("delivered"),  # nothing but the word
    row("canceled"),
    row("canceled", DAY2),
    row("canceled", DAY2, DAY3),
    row("canceled", DAY2, DAY3, DAY9),
    row("unavailable"),
    row("unavailable", DAY2),
]
ENDS = [
    End("awaiting_payment"), End("to_pick"), End("to_pick"), End("picking"), End("shipped"), End("shipped"),
    End("delivered"), End("delivered"), End("delivered"), End("cancelled"), End("cancelled"),
    End("shipped", ("cancel_late",)), End("delivered", ("cancel_late",)), End("cancelled"), End("cancelled"),
]  # fmt: skip
BUYER = olist.Buyer("Cliente", "+55900000001", "ituiutaba - MG, CEP 38300", None, None)
ITEMS = (olist.Item("P1", 2, 14_400),)


@pytest.mark.parametrize(("given", "end"), list(zip(ROWS, ENDS, strict=True)), ids=lambda one: str(one)[:40])
def test_a_status_says_where_an_order_must_end(given, end):
    life = olist.life(given, BUYER, "SP", ITEMS)
    assert life.end == end
    assert life.moments[0] == Moment(AT1, "created")
    assert [moment.at for moment in life.moments] == sorted(moment.at for moment in life.moments)
    without = olist.life(given, BUYER, "", ())
    assert without.end.refused == "no_lines"
    assert {moment.kind for moment in without.moments} <= {"created", "paid"}


def test_a_parcel_that_went_before_its_approval_is_tried_then_and_leaves_after():
    life = olist.life(row("shipped", DAY3, DAY2), BUYER, "SP", ITEMS)
    assert [tuple(moment) for moment in life.moments] == [
        (AT1, "created"), (AT2, "early"), (AT3, "paid"), (AT3, "parcel"),
    ]  # fmt: skip


def test_equal_products_are_one_line_and_cents_are_exact():
    rows = [
        {"product_id": "P1", "price": "19.99"},
        {"product_id": "P2", "price": "0.1"},
        {"product_id": "P1", "price": "19.99"},
    ]
    assert olist.lines(rows) == (olist.Item("P1", 2, 1999), olist.Item("P2", 1, 10))


def write(folder: Path, name: str, rows: list[dict[str, str]]) -> None:
    with (folder / f"{name}.csv").open("w", newline="") as file:
        out = csv.DictWriter(file, list(rows[0]))
        out.writeheader()
        out.writerows(rows)


@pytest.fixture
def small(tmp_path):
    """Every way once, and one order without items."""
    folder = tmp_path / "small"
    folder.mkdir()
    write(folder, "orders", [*ROWS, {**row("created", DAY2), "order_id": "empty"}])
    items = [
        {
            "order_id": given["order_id"],
            "order_item_id": str(n),
            "product_id": f"P{n}",
            "seller_id": f"s{n}",
            "price": "12.50",
        }
        for given in ROWS
        for n in (1, 2)
    ]
    items[1]["seller_id"] = "s1"
    write(folder, "order_items", items)
    write(folder, "customers", [
        {"customer_id": "c1", "customer_unique_id": "u1", "customer_zip_code_prefix": "01005", "customer_city": "sao paulo", "customer_state": "SP"},
    ])  # fmt: skip
    write(folder, "sellers", [
        {"seller_id": "s1", "seller_zip_code_prefix": "01005", "seller_state": "SP"},
        {"seller_id": "s2", "seller_zip_code_prefix": "99999", "seller_state": "MG"},
    ])  # fmt: skip
    write(folder, "zip_latlng", [{"zip_code_prefix": "01005", "lat": "-23.54958", "lng": "-46.6365"}])
    return folder


def test_a_small_folder_is_replayed_to_the_end_that_is_stated(small, tmp_path, capsys):
    assert replay_olist.run(small, tmp_path / "data") == []
    told = capsys.readouterr().out
    assert "sent 16 − stored 15 − refused with a reason 1 = 0; doubled 0" in told
    assert "1 × 409 wrong_state" in told
    assert "journal: whole" in told


def test_a_small_folder_moves_to_postgresql_and_back(small, tmp_path, capsys):
    name = postgres.server().database()
    place = tmp_path / "place"
    assert (
        move.run(small, place, postgres.server().url(name), postgres.server().url(name, postgres.OWNER)) == []
    )
    postgres.server().drop(name)
    told = capsys.readouterr().out
    assert told.count("tables is the same") == 2
    assert told.count("\n  whole: ") == 2
    assert (place / "last" / "secret").read_bytes() == (place / "first" / "secret").read_bytes()
    file = sqlite3.connect(place / "last" / FILE)
    file.execute("UPDATE skus SET name = 'another' WHERE code = 'P1'")
    file.commit()
    file.close()
    assert len(move.unlike(place / "first" / FILE, place / "last" / FILE)) == 2


def test_a_wrong_end_is_named(small, tmp_path, monkeypatch, capsys):
    right = olist.read(small)
    lives = [
        life._replace(end=End("delivered")) if life.status == "invoiced" else life for life in right.lives
    ]
    monkeypatch.setattr(olist, "read", lambda _: right._replace(lives=tuple(lives)))
    wrong = replay_olist.run(small, tmp_path / "data")
    assert wrong == ["invoiced-2 (invoiced) is to_pick, must be delivered"]
    capsys.readouterr()


def test_a_batch_counts_by_its_orders_and_a_lost_one_is_found(tmp_path):
    rounds = [load.Load(4, 0, 0, 1.0, 10.0, 20.0, 50), load.Load(2, 0, 0, 1.0, 10.0, 20.0, 50)]
    assert [one.stored for one in rounds] == [200, 100]
    assert batch.report(rounds, [200.0, 200.0]) == pytest.approx(0.5)
    company.build(tmp_path / "data", 2)
    wrong = batch.faults(tmp_path, rounds, 1, 50)
    assert wrong == ["300 acknowledged, 0 stored"]


def test_whole_sheets_leave_no_row_without_an_order_or_a_reason(tmp_path):
    (tmp_path / "olist").mkdir()
    (tmp_path / "bank").mkdir()
    (tmp_path / "olist" / "order_items.csv").write_text("order_id,product_id,price\nA,X,1.50\nA,Y,2\nB,X,z\n")
    (tmp_path / "olist" / "orders.csv").write_text("order_id,order_status\nA,delivered\nC,shipped\n")
    (tmp_path / "bank" / "one.csv").write_text("交易时间,摘要,金额\n2026-01-22 10:00,转账,12.00\n")
    items, news, bank = sheets.run(tmp_path, tmp_path)
    assert (items.first["orders"], items.refused.keys(), news.first["changed"], news.refused.keys()) == (
        1,
        {4},
        1,
        {3},
    )
    assert bank.refused.keys() == {2}
    assert [one.wrong for one in (items, news, bank)] == [[], [], []]
    lost = items._replace(first={**items.first, "refused": [{"rows": [4], "why": ""}]}, again={"orders": 1})
    assert len(lost.wrong) == 2


def test_master_data_comes_in_between_orders_and_the_second_time_changes_nothing(tmp_path):
    done = list(masters.rounds(tmp_path / "data", 250))
    assert [(one.kind, one.report.taken, one.report.same) for one in done] == [
        (kind, *counts) for kind in masters.ROWS for counts in ((250, 0), (0, 250))
    ]
    assert all(one.waits and one.kind in one.line() for one in done)
