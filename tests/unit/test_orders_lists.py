"""Lists of orders: limits, cursors, filters, and the search that finds by the beginning of a word."""

import pytest

from tests.conftest import Company
from tests.support.company import draft
from tests.support.desk import problem
from tests.unit.test_orders_drafts import made


@pytest.fixture(scope="module")
def full(house: Company) -> Company:
    """Orders of every colour, each findable by something of its own."""
    house.say = {}
    one = lambda name, **change: house.say.__setitem__(name, made(house, **change)["order_no"])  # noqa: E731
    one("unpaid", paid_at=None, customer={"name": "未付款", "phone": "13100000001"})
    one("plain", channel="pos", external_no="POS-77", lines=[{"sku": "WP-4001", "qty": 1}])
    one("held")
    one("picking", note="请避开周一送货")
    one("cancelled")
    one("suzhou", address="江苏省苏州市姑苏区人民路2号")
    one("short", lines=[{"sku": "BD-2001", "qty": 900_000}])
    do = lambda name, verb, body: house.owner.post(f"/api/orders/{house.say[name]}/{verb}", body)  # noqa: E731
    assert do("held", "hold", {"reason": "等"}).status_code == 200
    assert do("picking", "start_picking", {}).status_code == 200
    assert do("cancelled", "cancel", {"reason": "不要"}).status_code == 200
    return house


def found(full, **query) -> list[str]:
    answer = full.sales.get("/api/orders", params=query)
    assert answer.status_code == 200, answer.text
    return [item["order_no"] for item in answer.json()["items"]]


def named(full, *names: str) -> list[str]:
    """Newest first."""
    return sorted((full.say[name] for name in names), reverse=True)


def test_a_list_is_items_and_next_newest_first(full):
    body = full.sales.get("/api/orders").json()
    assert body.keys() == {"items", "next"}
    assert [one["order_no"] for one in body["items"]] == named(full, *full.say)
    assert body["next"] is None


@pytest.mark.parametrize("limit", [0, -1, 201, 10**9, 2**70, "x", "1.5", ""])
def test_a_limit_is_from_1_to_200(full, limit):
    problem(full.sales.get("/api/orders", params={"limit": limit}), 400, "invalid")


@pytest.mark.parametrize("cursor", ["x", "-1", "1.5", "9" * 30, "²", "1 OR 1=1"])
def test_a_cursor_that_is_none_of_ours_is_refused(full, cursor):
    problem(full.sales.get("/api/orders", params={"cursor": cursor}), 400, "invalid")


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 200])
def test_pages_follow_each_other_without_gap_or_repetition(full, limit):
    seen, cursor = [], ""
    for _ in range(50):
        body = full.sales.get("/api/orders", params={"limit": limit, "cursor": cursor}).json()
        assert 0 < len(body["items"]) <= limit
        seen += [one["order_no"] for one in body["items"]]
        if body["next"] is None:
            break
        cursor = body["next"]
    assert seen == named(full, *full.say)


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({"state": "awaiting_payment"}, ["unpaid"]),
        ({"state": "paid"}, ["short"]),
        ({"state": "to_pick"}, ["plain", "held", "suzhou"]),
        ({"state": "picking"}, ["picking"]),
        ({"state": "delivered"}, []),
        ({"colour": "red"}, ["held", "short"]),
        ({"colour": "green"}, ["plain", "suzhou"]),
        ({"colour": "yellow"}, ["picking"]),
        ({"colour": "grey"}, ["unpaid", "cancelled"]),
        ({"colour": "blue"}, []),
        ({"tag": "避周一"}, ["picking"]),
        ({"tag": "避"}, []),
        ({"warehouse": "SZ"}, ["suzhou"]),
        ({"channel": "pos"}, ["plain"]),
        ({"channel": "manual", "state": "cancelled"}, ["cancelled"]),
        ({"q": "POS-7"}, ["plain"]),
        ({"q": "POS-78"}, []),
        ({"q": "WP-4"}, ["plain"]),
        ({"q": "未付"}, ["unpaid"]),
        ({"q": "1310000"}, ["unpaid"]),
        ({"q": "未付", "state": "paid"}, []),
        ({"q": "'; DROP TABLE orders; --"}, []),
        ({"q": "%"}, []),
        ({"q": "_"}, []),
    ],
)  # fmt: skip
def test_filters(full, query, names):
    assert found(full, **query) == named(full, *names)


def test_a_search_by_order_number_takes_its_beginning(full):
    assert found(full, q=full.say["picking"]) == [full.say["picking"]]
    assert len(found(full, q="HD2601")) == len(full.say)


def test_the_customer_filter_takes_an_id_or_a_whole_name(full):
    assert found(full, customer="未付款") == [full.say["unpaid"]]
    assert found(full, customer="未付") == []
    code = full.sales.get(f"/api/orders/{full.say['unpaid']}").json()["customer"]["id"]
    assert found(full, customer=code) == [full.say["unpaid"]]
    assert len(found(full, customer="C0042")) == len(full.say) - 1


def test_the_colour_filter_agrees_with_the_colour_shown(full):
    everything = full.sales.get("/api/orders").json()["items"]
    for colour in ("green", "yellow", "red", "blue", "grey"):
        shown = [one["order_no"] for one in everything if one["colour"]["code"] == colour]
        assert found(full, colour=colour) == shown


def test_stalled_orders_are_red_in_the_list_and_in_the_filter(company):
    order = company.supervisor.post("/api/orders", draft()).json()
    gone = company.supervisor.post("/api/orders", draft()).json()
    company.owner.post(f"/api/orders/{gone['order_no']}/cancel", {"reason": "不要"})
    assert found(company, colour="red") == []
    company.clock.forward(7_200_000)
    assert found(company, colour="red") == [order["order_no"]]
    assert found(company, colour="green") == []
    assert found(company, colour="grey") == [gone["order_no"]]
    assert company.sales.get(f"/api/orders/{order['order_no']}").json()["colour"]["code"] == "red"


def test_since_is_on_the_last_change(company):
    first = company.supervisor.post("/api/orders", draft()).json()
    company.clock.forward(60_000)
    second = company.supervisor.post("/api/orders", draft()).json()
    at = second["updated_at"]
    assert found(company, since=at) == [second["order_no"]]
    company.clock.forward(60_000)
    company.sales.post(f"/api/orders/{first['order_no']}/comment", {"text": "已电话"})
    assert found(company, since=at) == [second["order_no"], first["order_no"]]
    assert found(company, since="2026-01-22T02:06:30Z") == [first["order_no"]]


@pytest.mark.parametrize(
    "query",
    [{"state": "lost"}, {"colour": "pink"}, {"since": "today"}, {"since": "2026-01-22"}, {"q": "a\0"},
     {"tag": "x" * 300}, {"q": "x" * 101}],
)  # fmt: skip
def test_a_wrong_filter_is_told(full, query):
    wrong = problem(full.sales.get("/api/orders", params=query), 400, "invalid")
    assert wrong["errors"][0]["path"] == f"query.{next(iter(query))}"


def test_a_picker_does_not_find_by_the_phone_that_is_masked(full):
    assert full.picker.get("/api/orders", params={"q": "1310000"}).json()["items"] == []
    assert len(full.picker.get("/api/orders", params={"q": "未付"}).json()["items"]) == 1


@pytest.mark.parametrize(
    "path",
    ["/api/orders", "/api/stock", "/api/skus", "/api/bins", "/api/warehouses", "/api/customers", "/api/users",
     "/api/devices", "/api/todos", "/api/stock/BP-1023/holds", "/api/orders/{}/history", "/api/orders/{}/journal",
     "/api/orders/{}/attachments"],
)  # fmt: skip
def test_every_list_has_a_limit_a_cursor_and_an_end(full, path):
    path = path.format(full.say["picking"])
    problem(full.owner.get(path, params={"limit": 201}), 400, "invalid")
    problem(full.owner.get(path, params={"limit": 0}), 400, "invalid")
    whole = full.owner.get(path, params={"limit": 200}).json()
    assert whole.keys() == {"items", "next"}
    seen, cursor = [], ""
    for _ in range(300):
        body = full.owner.get(path, params={"limit": 2, "cursor": cursor}).json()
        assert len(body["items"]) <= 2
        assert body["items"] or cursor == ""  # no page is empty but that of an empty list
        seen += body["items"]
        cursor = body["next"]
        if cursor is None:
            break
    assert seen == whole["items"]
    assert whole["next"] is None
