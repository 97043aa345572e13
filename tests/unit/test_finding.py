"""A list is what a walk over all orders would give, for every mix of filters, page by page; and it walks nothing."""

import random
import re
import sqlite3
from collections.abc import Callable
from typing import Any, NamedTuple

import msgspec
import pytest

from api.db.database import Database
from api.db.queries import Queries
from api.db.tx import Tx
from api.kernel.actor import Actor
from api.orders import finding, placing, store
from api.orders.colour import colour
from api.orders.commands import COMMANDS, command
from api.orders.finding import ALL, Filter
from api.orders.model import Changes, Draft, Order
from api.people import service as people
from tests.support import company, engines
from tests.support.company import START

HOUR = 3_600_000
SLA = 2 * HOUR
NOW = START + 30 * HOUR
LEAD = Actor("owner", "owner")
NAMES = ("宝诚一店", "宝诚二店", "德众", "宝诚一店")
PHONES = ("13900000001", "13900000002", "13800000003", "13700000004")


class House(NamedTuple):
    """The orders with what they are found by, newest first, as a walk reads them."""

    db: Database
    orders: list[tuple[int, Order, tuple[str, ...]]]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory):
    db, rnd = engines.opened(tmp_path_factory.mktemp("finding")), random.Random(11)
    db.writer.now(lambda tx: company.build(tx, START))
    for n in range(90):
        db.writer.now(lambda tx, n=n: _order(tx, n, rnd))
    yield House(db, db.reader.now(_walk))
    db.stop()


def _order(tx: Tx, n: int, rnd: random.Random) -> None:
    now, who, channel = START + n * HOUR // 4, rnd.randrange(4), rnd.choice(("manual", "pos", "fair"))
    given = {
        "channel": channel,
        "customer": {"name": NAMES[who], "phone": PHONES[who]},
        "note": rnd.choice(("", "请避开周一送货", "加急")),
        "lines": [
            {"sku": sku, "qty": 1}
            for sku in rnd.sample([code for code, *_ in company.SKUS], rnd.randint(1, 2))
        ],
        "warehouse": rnd.choice(("SH", "SZ", "HZ")),
        **({} if channel == "manual" else {"external_no": f"{channel[:2]}-{n:03d}"}),
    }
    how = placing.From(paid_at=rnd.choice((None, now, now)))
    number = placing.place(tx, msgspec.convert(given, Draft), LEAD, now, how).order_no

    def do(name: str, **body: object) -> None:
        command(tx, number, name, COMMANDS[name].body(**body), LEAD, now + HOUR)

    if n % 7 == 3:
        do("cancel", reason="不要")
    elif n % 7 == 4:
        do("hold", reason="等")
    elif n % 7 == 5:
        do("tag", add=["大客户"], remove=["加急"])
    elif n % 7 == 6:
        do("amend", changes=Changes(note="改过"))


def _walk(tx: Tx) -> list[tuple[int, Order, tuple[str, ...]]]:
    found = []
    rows = tx.connection.execute("SELECT id, order_no FROM orders ORDER BY id DESC").fetchall()
    for number, order_no in rows:
        order = store.get(tx, order_no)
        words = [order_no, *(line.sku for line in order.lines), order.customer.name]
        if order.external_no is not None and order.state != "amended":
            words.append(order.external_no)
        found.append((number, order, tuple(words)))
    return found


def _wanted(house: House, asked: Filter) -> list[int]:
    def fits(order: Order, words: tuple[str, ...]) -> bool:
        by_text = any(word.startswith(asked.text) for word in words)
        by_phone = asked.sees_phones and order.customer.phone.startswith(asked.text)
        return (
            asked.state in ("", order.state)
            and asked.colour in ("", colour(order, NOW, SLA).code)
            and (not asked.tag or asked.tag in [tag.tag for tag in order.rest.tags])
            and asked.warehouse in ("", order.warehouse)
            and asked.channel in ("", order.channel)
            and asked.customer in ("", order.customer.id, order.customer.name)
            and order.updated_at >= asked.since
            and (not asked.text or by_text or by_phone)
        )

    return [number for number, order, words in house.orders if fits(order, words)]


def _asked(rnd: random.Random) -> Filter:
    """One or two filters, among them values that nobody has."""
    choices: dict[str, Callable[[], Any]] = {
        "state": lambda: rnd.choice(("paid", "to_pick", "cancelled", "awaiting_payment", "amended", "returned")),
        "colour": lambda: rnd.choice(("green", "yellow", "red", "blue", "grey")),
        "tag": lambda: rnd.choice(("避周一", "加急", "大客户", "没有")),
        "warehouse": lambda: rnd.choice(("SH", "SZ", "XX")),
        "channel": lambda: rnd.choice(("manual", "pos", "fair", "none")),
        "customer": lambda: rnd.choice((NAMES[0], NAMES[2], "C0001", "C9999")),
        "since": lambda: START + rnd.randrange(30) * HOUR,
        "text": lambda: rnd.choice(
            ("HD", "HD26", "HD260122-0", "HD260123-00001", "-", "po-0", "fa-01", "BP", "BP-1023", "B", "宝诚", "宝诚一店", "139", "1",
             "13800000003", "QQ", "HD260122-00007-V")
        ),
    }  # fmt: skip
    names = rnd.sample(sorted(choices), rnd.choice((1, 1, 2, 3)))
    chosen = {name: choices[name]() for name in names}
    return Filter(**chosen, stalled=NOW - SLA, sees_phones=rnd.random() < 0.8)


@pytest.mark.parametrize("sizes", [(2_000, 100, 2_000), (3, 1, 4)], ids=["as it is", "everything is much"])
def test_a_list_is_what_a_walk_over_all_orders_gives(house, sizes, monkeypatch):
    for name, size in zip(("NUMBERS", "NAMES", "NEWEST"), sizes, strict=True):
        monkeypatch.setattr(finding, name, size)
    rnd, came = random.Random(str(sizes)), 0
    for _ in range(400):
        asked, count, got, before = _asked(rnd), rnd.choice((1, 3, 10, 51)), [], ALL
        while True:
            rows = house.db.reader.now(lambda tx, a=asked, b=before, c=count: finding.page(tx, a, b, c))
            got += [row["id"] for row in rows]
            if len(rows) < count:
                break
            before = got[-1]
        assert got == _wanted(house, asked), asked
        came += len(got)
    assert came > 2_000  # the choices above do meet something


def test_the_house_has_all_that_lists_ask_for(house):
    """Else the law above would hold of nothing."""
    colours = {colour(order, NOW, SLA).code for _, order, _ in house.orders}
    assert {"red", "grey"} <= colours
    assert {order.state for _, order, _ in house.orders} >= {
        "to_pick",
        "cancelled",
        "amended",
        "awaiting_payment",
    }
    assert any("-V2" in words[0] for _, _, words in house.orders)


# Statements that choose orders, customers or SKUs for a list or a search.
CHOOSING = re.compile(
    r"orders\.(list_|places|skus_from|customers_|number_|has_tag|order$|lines$|external$|orders_of$)"
)
DERIVED = {"f", "p", "place", "found", "w", "CONSTANT"}  # rows of a statement's own, not of a table


def plans(connection: sqlite3.Connection, rooms: list[Queries]) -> dict[str, list[str]]:
    found = {}
    for room in rooms:
        for query in room.named.values():
            if CHOOSING.match(query.name.removeprefix("api.")):
                empty = [""] * len(set(re.findall(r"\?(\d+)", query.numbered)))
                rows = connection.execute(f"EXPLAIN QUERY PLAN {query.numbered}", empty).fetchall()
                found[query.name] = [row["detail"] for row in rows]
    return found


def test_no_statement_of_a_list_walks_a_table_or_sorts_one(house):
    found = house.db.reader.now(lambda tx: plans(tx.connection, [store.Q, people.Q]))
    assert len(found) > 20
    for name, steps in found.items():
        walked = [step for step in steps if step.startswith("SCAN") and step.split()[1] not in DERIVED]
        assert walked == [], name
        assert [step for step in steps if "TEMP B-TREE" in step] == [], name


def test_the_versions_of_an_order_are_found_without_walking_all_orders(house):
    for query in (store.Q.versions, store.Q.family):
        text = f"EXPLAIN QUERY PLAN {query.numbered}"
        plan = house.db.reader.now(lambda tx, text=text: tx.connection.execute(text, ["HD1"]).fetchall())
        assert [row["detail"] for row in plan if "SCAN" in row["detail"]] == []


def test_the_check_above_sees_a_walk_and_a_sort(house):
    bad = "-- name: list_bad\n-- Bad.\nSELECT id FROM orders WHERE note_ref > :x ORDER BY amount_fen;\n"
    steps = house.db.reader.now(lambda tx: plans(tx.connection, [Queries("api.orders", bad)]))[
        "api.orders.list_bad"
    ]
    assert any(step.startswith("SCAN") for step in steps)
    assert any("TEMP B-TREE" in step for step in steps)
