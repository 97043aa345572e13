"""The board at one moment: every order in the one column of its colour, by sight, by filter, in order of need."""

from itertools import product

import msgspec
import pytest

from api.board import service
from api.board.model import Filter, Sight
from api.board.service import Judge
from api.kernel.time import DAY, HOUR, MINUTE
from api.orders.model import ENDS, STATES, Held, Rest, Trouble
from tests.support.bench import Bench
from tests.support.company import START, draft
from tests.support.floor import Device

SLA = 2 * HOUR
TZ = "Asia/Shanghai"
SEES = Sight(prices=True, lang="zh")
EVERYTHING = Filter()


# every case, straight into the table -------------------------------------------------------------------------


@pytest.fixture
def bench():
    made = Bench(0)
    yield made
    made.close()


def stand(bench, order_no, state, moved_at, *, held=None, troubled=None, warehouse="SH", priority="", **more):
    """An order that stands so, whatever way may have led there."""
    rest = Rest(
        held=None if held is None else Held("税号有误", "finance", held),
        exceptions=()
        if troubled is None
        else (Trouble("differs", "两处对不上", "Two things differ", troubled),),
    )
    row = {
        "order_no": order_no, "root_no": order_no, "version": 1, "state": state, "held": int(held is not None),
        "troubled": int(troubled is not None), "channel": "manual", "customer": "C0042", "tier": "vip",
        "terms": "prepaid", "name_ref": 1, "phone_ref": 2, "owner": "sales", "warehouse": warehouse,
        "amount_fen": 100, "paid_fen": 100, "priority": priority, "rest": msgspec.json.encode(rest).decode(),
        "moved_at": moved_at, "created_at": moved_at, "updated_at": max(moved_at, held or 0, troubled or 0), **more,
    }  # fmt: skip
    names, marks = ", ".join(row), ", ".join(f":{name}" for name in row)
    bench.tx.connection.execute(f"INSERT INTO orders ({names}) VALUES ({marks})", row)
    return row


def columns(bench, now=START, filter_=EVERYTHING, limit=200):
    """{column: [order_no…]}, and the counts; each column's count is checked against them."""
    board = service.board(bench.tx, filter_, limit, SEES, Judge(now, SLA, TZ))
    by = board.columns
    found = {
        "red": by.red, "green": by.green, "yellow": by.yellow, "hollow": by.blue.hollow, "solid": by.blue.solid,
    }  # fmt: skip
    for name, column in found.items():
        assert column.count == getattr(board.counts, name)
        assert all(
            one.colour.code == {"hollow": "blue", "solid": "blue"}.get(name, name) for one in column.items
        )
    assert by.blue.count == board.counts.blue == board.counts.hollow + board.counts.solid
    return {name: [one.order_no for one in column.items] for name, column in found.items()}, board


def expected(state, held, troubled, age, moved_at, today):
    """The contract's colours, said once more in other words."""
    if state in ENDS:
        return "solid" if state == "delivered" and moved_at >= today else None
    is_stalled = state in ("paid", "to_pick", "picking", "packed") and age >= SLA
    if held or troubled or is_stalled:
        return "red"
    names = {
        "paid": "green",
        "to_pick": "green",
        "picking": "yellow",
        "packed": "yellow",
        "shipped": "hollow",
    }
    return names.get(state)


def test_every_order_stands_in_the_one_column_of_its_colour(bench):
    today = START - 10 * HOUR - 5 * MINUTE  # START is 10:05 there
    ages = (0, SLA - 1, SLA, START - today, START - today + 1, DAY * 3)
    want = {name: set() for name in ("red", "green", "yellow", "hollow", "solid")}
    unpaid = 0
    for n, (state, held, troubled, age) in enumerate(product(STATES, (0, 1), (0, 1), ages)):
        no, moved_at = f"T-{n:05d}", START - age
        stand(
            bench, no, state, moved_at, held=START if held else None, troubled=START if troubled else None,
            warehouse=("SH", "SZ")[n % 2],
        )  # fmt: skip
        column = expected(state, held, troubled, age, moved_at, today)
        if column is not None:
            want[column].add(no)
        unpaid += state == "awaiting_payment" and column is None
    found, board = columns(bench)
    assert {name: set(nos) for name, nos in found.items()} == want
    assert all(want.values()), "a column that nothing reaches proves nothing"
    assert board.counts.unpaid == unpaid > 0
    parts = [columns(bench, filter_=Filter(warehouse=house)) for house in ("SH", "SZ")]
    for name, nos in want.items():
        assert set(parts[0][0][name]) | set(parts[1][0][name]) == nos
    total = sum(len(nos) for nos in want.values())
    for _, part in parts:
        assert part.counts.warehouses == board.counts.warehouses, "the tabs do not depend on the one chosen"
    assert sum(board.counts.warehouses.values()) == total


def test_the_most_urgent_stand_first(bench):
    stand(bench, "S-2H30", "to_pick", START - SLA - 30 * MINUTE)
    stand(bench, "S-3H", "picking", START - SLA - HOUR)
    stand(bench, "HELD", "paid", START - 4 * HOUR, held=START - 11 * MINUTE)
    stand(bench, "SHORT", "paid", START - 170 * MINUTE, troubled=START - 170 * MINUTE)
    for state, column in (("to_pick", "green"), ("packed", "yellow"), ("shipped", "hollow")):
        stand(bench, f"{column}-old", state, START - 90 * MINUTE)
        stand(bench, f"{column}-new", state, START - 5 * MINUTE)
        stand(bench, f"{column}-rush", state, START - 1 * MINUTE, priority="urgent")
    stand(bench, "D-early", "delivered", START - HOUR)
    stand(bench, "D-late", "delivered", START - MINUTE)
    found, board = columns(bench)
    assert found["red"] == ["S-3H", "SHORT", "S-2H30", "HELD"]
    for column in ("green", "yellow", "hollow"):
        assert found[column] == [f"{column}-rush", f"{column}-old", f"{column}-new"]
    assert found["solid"] == ["D-late", "D-early"]
    by = board.columns
    assert (by.red.items[0].waiting_since, by.red.oldest) == ("2026-01-22T07:05:00+08:00",) * 2
    assert by.green.oldest == "2026-01-22T08:35:00+08:00"
    assert by.red.items[0].colour.since == "2026-01-22T09:05:00+08:00"
    assert board.counts.urgent == 3
    few, cut = columns(bench, limit=2)
    assert few["red"] == ["S-3H", "SHORT"]
    assert cut.counts == board.counts


def test_the_day_ends_at_midnight_where_the_company_is(bench):
    midnight = START + 14 * HOUR - 5 * MINUTE
    stand(bench, "D", "delivered", midnight - 1)
    assert columns(bench, now=midnight - 1)[0]["solid"] == ["D"]
    stand(bench, "E", "delivered", midnight)
    found, board = columns(bench, now=midnight)
    assert (found["solid"], board.day) == (["E"], "2026-01-23")


def test_what_ended_long_ago_costs_nothing(bench):
    """Delivered ones are walked from today on, the others by their state: never over all orders."""
    given = dict.fromkeys(("one", "other", "warehouse", "customer", "tag", "priority"), "") | dict.fromkeys(
        ("stalled", "after", "count", "today"), 1
    )
    for query, index in (
        (service.Q.delivered, "orders_updated"),
        (service.Q.delivered_counts, "orders_updated"),
        (service.Q.counts, "orders_state"),
        (service.Q.waiting, "orders_state"),
        (service.Q.stalled, "orders_state"),
        (service.Q.flagged, "orders_flagged"),
        (service.Q.homes, "orders_state"),
    ):
        plan = bench.tx.connection.execute(f"EXPLAIN QUERY PLAN {query.sql}", given).fetchall()
        assert any(index in step["detail"] for step in plan), query.name


# over HTTP -----------------------------------------------------------------------------------------------------


def place_of(company, order_no, role="supervisor", **query):
    """(column, row) of one order; None where it is not on the board."""
    answer = company.call(role, "GET", "/api/board", params=query)
    assert answer.status_code == 200, answer.text
    by = answer.json()["columns"]
    found = {**by, "hollow": by["blue"]["hollow"], "solid": by["blue"]["solid"]}
    del found["blue"]
    places = [
        (name, row)
        for name, column in found.items()
        for row in column["items"]
        if row["order_no"] == order_no
    ]
    assert len(places) <= 1
    return places[0] if places else (None, None)


def test_an_order_walks_over_the_board(company):
    no = company.sales.post("/api/orders", draft(paid_at=None, options=["需加装防震泡沫"])).json()["order_no"]
    assert place_of(company, no) == (None, None)
    company.finance.post(f"/api/orders/{no}/pay", {"amount_fen": 51200, "method": "cash"})
    column, row = place_of(company, no)
    assert (column, row["place"], row["qty"], row["lines"]) == ("green", "上海仓", 4, {"closed": 0, "of": 1})
    assert row["customer"] == {"id": "C0042", "name": "浦东宝诚4S店", "tier": "vip"}
    assert row["owner"] == {"user": "sales", "name": "Sales"}
    assert row["tags"] == ["防震泡沫"]
    assert (row["amount_fen"], row["priority"], row["updated_at"]) == (
        51200,
        "normal",
        "2026-01-22T10:05:00+08:00",
    )
    held = company.finance.post(f"/api/orders/{no}/hold", {"reason": "税号有误"})
    assert held.status_code == 200
    column, row = place_of(company, no)
    assert (column, row["colour"]["why"], row["colour"]["shape"]) == ("red", "挂起：税号有误", "solid")
    company.finance.post(f"/api/orders/{no}/lift")
    device = Device(company)
    device.push(device.pick(no, 1, 3))
    column, row = place_of(company, no)
    assert (column, row["place"], row["lines"]) == ("yellow", "Picker", {"closed": 0, "of": 1})
    device.push(device.pick(no, 1, 1))
    company.supervisor.post(f"/api/orders/{no}/check", {"item": "防震泡沫"})
    for item in company.supervisor.get(f"/api/orders/{no}").json()["checklist"]:
        company.supervisor.post(f"/api/orders/{no}/check", {"item": item["item"]})
    assert company.supervisor.post(f"/api/orders/{no}/pack").status_code == 200
    column, row = place_of(company, no)
    assert (column, row["lines"]) == ("yellow", {"closed": 1, "of": 1})
    company.supervisor.post(f"/api/orders/{no}/ship", {"carrier": "顺丰", "waybill": "SF1"})
    column, row = place_of(company, no)
    assert (column, row["place"], row["colour"]["shape"]) == ("hollow", "顺丰", "hollow")
    company.clock.forward(DAY)  # in transit is never stalled
    assert place_of(company, no)[0] == "hollow"
    company.supervisor.post(f"/api/orders/{no}/deliver")
    column, row = place_of(company, no)
    assert (column, row["colour"]["shape"]) == ("solid", "solid")
    company.clock.forward(DAY)
    assert place_of(company, no) == (None, None)


def test_red_by_age_is_judged_when_it_is_read(company):
    no = company.sales.post("/api/orders", draft(paid_at=None)).json()["order_no"]
    company.finance.post(f"/api/orders/{no}/pay", {"amount_fen": 51200, "method": "cash"})
    company.clock.forward(SLA - 1)
    assert place_of(company, no)[0] == "green"
    company.clock.forward(1)
    column, row = place_of(company, no)
    assert (column, row["colour"]["why"]) == ("red", "卡住 2 小时 0 分：已支付，待分拣")
    assert row["waiting_since"] == "2026-01-22T10:05:00+08:00"


def test_each_sees_the_board_within_its_sight(company):
    no = company.supervisor.post("/api/orders", draft()).json()["order_no"]
    for role in ("owner", "supervisor", "sales", "finance"):
        assert place_of(company, no, role)[1]["amount_fen"] == 51200
    answer = company.picker.get("/api/board")
    assert "amount_fen" not in answer.text
    assert no in answer.text
    assert "13800000000" not in company.owner.get("/api/board").text, (
        "no phone is on a board that hangs on a wall"
    )
    english = company.picker.get("/api/board", headers={"Accept-Language": "en"}).json()
    assert english["columns"]["green"]["items"][0]["colour"]["why"] == "Paid, waiting to be picked"
    assert company.client.get("/api/board").json()["code"] == "signed_out"
    device = Device(company)
    for path in ("/api/board", "/api/board/events"):
        refused = company.client.get(path, headers=device.head)
        assert (refused.status_code, refused.json()["code"]) == (403, "not_yours")
        assert company.client.get(path).status_code == 401


def test_filters_and_limits(company):
    first = company.supervisor.post("/api/orders", draft(note="加急")).json()
    second = company.supervisor.post("/api/orders", draft(customer={"id": "C0043"}, warehouse="SZ")).json()[
        "order_no"
    ]
    no, tag = first["order_no"], first["tags"][0]["tag"]
    for query, has_first, has_second in (
        ({}, True, True),
        ({"warehouse": "SH"}, True, False),
        ({"warehouse": "SZ"}, False, True),
        ({"warehouse": "nowhere"}, False, False),
        ({"customer": "C0043"}, False, True),
        ({"tag": tag}, True, False),
        ({"tag": tag, "warehouse": "SZ"}, False, False),
        ({"priority": "urgent"}, True, False),
        ({"priority": "urgent", "warehouse": "SZ"}, False, False),
    ):
        assert (place_of(company, no, **query)[0] is not None) == has_first, query
        assert (place_of(company, second, **query)[0] is not None) == has_second, query
        counts = company.owner.get("/api/board", params=query).json()["counts"]
        assert counts["green"] == has_first + has_second
        assert counts["urgent"] == has_first
    one = company.owner.get("/api/board", params={"limit": 1}).json()["columns"]["green"]
    assert (one["count"], [row["order_no"] for row in one["items"]]) == (2, [no])
    for query in ({"limit": 0}, {"limit": 201}, {"tag": "a\0"}, {"warehouse": "x" * 201}):
        assert company.owner.get("/api/board", params=query).json()["code"] == "invalid"


def test_the_figures_of_each_warehouse_are_its_own_board(bench):
    """One stream of all warehouses serves readers of one."""
    for n, (state, house, held) in enumerate(product(STATES, ("SH", "SZ"), (None, START - HOUR))):
        priority = "urgent" if n % 3 == 0 else ""
        stand(bench, f"T-{n:03d}", state, START - n * MINUTE, held=held, warehouse=house, priority=priority)
    whole = columns(bench)[1].counts
    assert set(whole.by_warehouse) == {"SH", "SZ"}
    for house, told in whole.by_warehouse.items():
        own = columns(bench, filter_=Filter(house))[1].counts
        for name in told.__struct_fields__:
            assert getattr(told, name) == getattr(own, name), (house, name)
        assert min(told.red, told.green, told.yellow, told.hollow, told.solid, told.unpaid, told.urgent) > 0
        assert set(told.oldest) == {"green", "yellow", "hollow"}


def test_red_names_its_cause(bench):
    stand(bench, "HELD", "paid", START, held=START, troubled=START)
    stand(bench, "TROUBLED", "picking", START - 3 * HOUR, troubled=START)
    stand(bench, "STALLED", "packed", START - 3 * HOUR)
    stand(bench, "FINE", "shipped", START - 3 * HOUR)
    by = columns(bench)[1].columns
    assert {one.order_no: one.cause for one in by.red.items} == {
        "HELD": "held",
        "TROUBLED": "differs",
        "STALLED": "stalled",
    }
    assert [one.cause for one in by.blue.hollow.items] == [""]


def test_short_of_stock_is_red_and_its_wait_began_then(company):
    order = company.supervisor.post("/api/orders", draft(lines=[{"sku": "BP-1023", "qty": 999}])).json()
    company.clock.forward(5 * MINUTE)
    column, row = place_of(company, order["order_no"])
    assert (column, row["state"], row["waiting_since"]) == ("red", "paid", "2026-01-22T10:05:00+08:00")
    assert row["colour"]["why"]


def test_ends_leave_the_board(company):
    no = company.supervisor.post("/api/orders", draft()).json()["order_no"]
    amended = company.supervisor.post(f"/api/orders/{no}/amend", {"changes": {"note": "换一句"}}).json()[
        "order_no"
    ]
    assert place_of(company, no) == (None, None)
    assert place_of(company, amended)[0] == "green"
    company.supervisor.post(f"/api/orders/{amended}/cancel", {"reason": "客户不要了"})
    assert place_of(company, amended) == (None, None)
