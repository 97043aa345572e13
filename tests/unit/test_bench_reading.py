"""The benches of reading, of bytes and of starts work at tiny sizes; no speed is asserted."""

import random
import sqlite3
from typing import Any

import pytest

from api.db.database import FILE, Database
from bench import company, dates, growth, many, server, start
from bench import list as reading

SMALL = 200


@pytest.fixture(scope="module")
def thousand(tmp_path_factory):
    """A base of 200 orders, four times over."""
    folder = tmp_path_factory.mktemp("many")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(many, "BASE", SMALL)
        patch.setattr(many, "SKUS", 20)
        patch.setattr(many, "USUAL_SKU", "BP-00021")
        patch.setattr(many, "OPEN_COPIES", 2)
        return folder, many.build(folder, 4 * SMALL)


def test_a_multiplied_company_is_whole_and_each_order_its_own(thousand):
    folder, _ = thousand
    found = company.check(folder)
    assert (found.fault, found.drift, found.orders) == ("", [], SMALL)
    db = sqlite3.connect(folder / FILE)

    def one(sql: str) -> Any:
        return db.execute(sql).fetchone()[0]

    for what in ("id", "order_no"):
        assert one(f"SELECT COUNT(DISTINCT {what}) FROM orders") == 4 * SMALL
    assert one("SELECT COUNT(*) FROM lines") == 3 * 4 * SMALL
    assert one("SELECT COUNT(*) FROM externals e JOIN orders o USING (channel, external_no)") == one(
        "SELECT COUNT(*) FROM externals"
    )
    assert (
        one("SELECT COUNT(*) FROM orders o LEFT JOIN customers c ON c.id = o.customer WHERE c.id IS NULL")
        == 0
    )
    assert (
        one(
            "SELECT COUNT(*) FROM orders o LEFT JOIN private p ON p.id = o.note_ref WHERE o.note_ref > 0 AND p.id IS NULL"
        )
        == 0
    )
    for rare in (f"channel = '{many.RARE_CHANNEL}'", f"warehouse = '{many.RARE_HOUSE}'"):
        assert one(f"SELECT COUNT(*) FROM orders WHERE {rare} AND id <= {SMALL}") > 0
        assert one(f"SELECT COUNT(*) FROM orders WHERE {rare} AND id > {SMALL}") == 0
    db.close()


def test_every_question_of_the_bench_is_answered(thousand):
    folder, token = thousand
    with server.hub(folder) as port:
        reader = reading.Reader(folder, port, token)
        asks = {**reading.lists(), **reading.finds()}
        took = reading.measure(reader, reader, asks, 1, 1)
        reader.connection.close()
    came = {name for name, one in took.items() if one.came}
    assert came >= {
        "no filter",
        "state=delivered",
        "colour=blue",
        "channel=pos",
        "order number",
        "phone, first 3",
    }
    assert "nothing there" not in came
    assert all(len(one.small) == len(one.large) == 1 for one in took.values())
    slow = {"a": reading.Took([1.0], [1.3], 50)}
    assert reading.faults([], slow, {}) == ["a: 1.30 times the time at 10 k"]
    assert reading.faults([], {}, {"b": reading.Took([1.0], [20.5], 1)}) == ["b: p99 20.5 ms"]


def test_growth_walks_orders_through_five_states(tmp_path):
    data = tmp_path / "data"
    token = company.build(data, growth.SKUS)
    before = growth.size(data / FILE)
    with server.hub(data) as port:
        with growth.Hand(port, token) as hand:
            orders = [hand.post("/api/orders", growth.example(n, 2, 3)) for n in range(6)]
        growth.walk(port, token, orders[:4])
    db = sqlite3.connect(data / FILE)
    states = dict(db.execute("SELECT state, COUNT(*) FROM orders GROUP BY state").fetchall())
    counts = db.execute("SELECT COUNT(*) FROM snapshots GROUP BY order_no ORDER BY order_no").fetchall()
    db.close()
    assert states == {"delivered": 4, "to_pick": 2}
    assert [count for (count,) in counts] == [5, 5, 5, 5, 1, 1]
    assert growth.report("t", before, growth.size(data / FILE), 6) > 0
    assert growth.bare(tmp_path, 50) > 1_000


def test_a_cold_start_is_timed_and_the_server_stopped(tmp_path):
    start.build(tmp_path, 10)
    hubs, bares = start.measure(tmp_path, 1)
    assert len(hubs) == len(bares) == 1
    for one in (*hubs, *bares):
        assert one.cpu > 0
        assert one.wall > 0
    assert list(start.steps(tmp_path)) == ["interpreter", "imports", "folder", "files of the app", "routes"]
    assert company.check(tmp_path).orders == 10


def test_samples_are_of_the_company_that_is_asked(thousand):
    folder, token = thousand
    reader = reading.Reader(folder, server.free_port(), token)
    asked = reading.finds()["order number"](reader, random.Random(1))
    assert asked.startswith("/api/orders?q=HD")


def test_a_night_is_learnt_and_dates_are_asked_and_promised(thousand):
    db = Database(thousand[0])
    _, _, kept, deliveries = dates.night(db)
    assert kept > 1_000
    assert 2 * SMALL < deliveries <= 4 * SMALL
    assert dates.asked(db, 5).median > 0
    assert dates.promised(db, 5).p99 > 0
    db.stop()
