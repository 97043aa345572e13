"""Stock and master data over HTTP: moves, holds, tasks, and what a PUT takes (contract §5)."""

import pytest

from api.kernel.time import MINUTE
from tests.support.company import draft
from tests.support.desk import does, look, place, problem, shipped


def stock(company, sku: str = "BP-1023", warehouse: str = "SH") -> tuple[int, int, int]:
    (row,) = company.sales.get("/api/stock", params={"sku": sku, "warehouse": warehouse}).json()["items"]
    assert row["name"]
    return row["on_hand"], row["reserved"], row["available"]


def move(
    company,
    kind: str,
    qty: int,
    bin_code: str = "",
    warehouse: str = "SH",
    sku: str = "BP-1023",
    why: str = "",
):
    body = {"kind": kind, "warehouse": warehouse, "sku": sku, "qty": qty, "bin": bin_code, "why": why}
    return company.supervisor.post("/api/stock/moves", body)


def test_stock_is_listed_by_sku_and_warehouse(house):
    items = house.picker.get("/api/stock", params={"sku": "WP-4001"}).json()["items"]
    assert [(i["warehouse"], i["sku"], i["name"]) for i in items] == [
        ("HZ", "WP-4001", "雨刮片"), ("SH", "WP-4001", "雨刮片"), ("SZ", "WP-4001", "雨刮片"),
    ]  # fmt: skip
    assert all(i["available"] == i["on_hand"] - i["reserved"] for i in items)
    assert house.sales.get("/api/stock", params={"sku": "NOPE"}).json() == {"items": [], "next": None}


def test_each_kind_of_move(company):
    assert stock(company) == (100, 0, 100)
    answer = move(company, "receive", 5)
    assert (answer.status_code, answer.json()["on_hand"], answer.json()["available"]) == (201, 105, 105)
    move(company, "adjust", -3)
    move(company, "adjust", 1)
    assert stock(company)[0] == 103
    move(company, "damage", 2, "A-01-01")
    assert stock(company)[0] == 101
    move(company, "count", 50, "A-01-01")  # 48 lay there
    assert stock(company)[0] == 103
    move(company, "count", 0)  # 53 lay in no bin
    assert stock(company) == (50, 0, 50)


@pytest.mark.parametrize(
    ("kind", "qty", "bin_code", "status", "code"),
    [
        ("receive", 0, "", 400, "invalid"),
        ("receive", -1, "", 400, "invalid"),
        ("adjust", 0, "", 400, "invalid"),
        ("damage", 0, "", 400, "invalid"),
        ("damage", -1, "", 400, "invalid"),
        ("count", -1, "", 400, "invalid"),
        ("steal", 1, "", 400, "invalid"),
        ("receive", 10**10, "", 400, "invalid"),
        ("damage", 50_001, "A-01-01", 409, "below_zero"),
        ("adjust", -50_001, "A-01-01", 409, "below_zero"),
        ("receive", 1, "Z-99-99", 422, "unknown_bin"),
        ("receive", 1, "F-01-01", 422, "unknown_bin"),  # stands in another warehouse
        ("receive", 1, "A-01-02", 409, "bin_taken"),
    ],
)
def test_a_wrong_move_moves_nothing(house, kind, qty, bin_code, status, code):
    before = stock(house)
    problem(move(house, kind, qty, bin_code), status, code)
    assert stock(house) == before


def test_a_move_names_a_known_place_and_sku(house):
    problem(move(house, "receive", 1, warehouse="XX"), 422, "unknown_warehouse")
    problem(move(house, "receive", 1, sku="NOPE"), 422, "unknown_sku")


def test_an_empty_bin_takes_the_first_sku_that_is_put_there(company):
    assert company.supervisor.put("/api/bins/A-09-01", {"warehouse": "SH"}).status_code == 200
    assert move(company, "receive", 3, "A-09-01").status_code == 201
    bins = company.picker.get("/api/bins", params={"warehouse": "SH", "limit": 200}).json()["items"]
    assert {"code": "A-09-01", "warehouse": "SH", "sku": "BP-1023"} in bins
    problem(move(company, "receive", 1, "A-09-01", sku="OF-3001"), 409, "bin_taken")


def test_who_holds_a_sku(company):
    first = place(company)
    company.clock.forward(MINUTE)
    second = place(company, customer={"name": "路人", "phone": "13000000000"})
    items = company.sales.get("/api/stock/BP-1023/holds").json()["items"]
    assert [(i["order_no"], i["qty"], i["by"], i["release_when"]) for i in items] == [
        (second, 4, "supervisor", "shipped"), (first, 4, "supervisor", "shipped"),  # who gives way first stands first
    ]  # fmt: skip
    assert items[0].keys() >= {"reservation", "order_no", "qty", "by", "at", "release_when", "expires_at"}
    assert len({i["reservation"] for i in items}) == 2
    does(company, "owner", first, "cancel", reason="不要")
    assert [i["order_no"] for i in company.sales.get("/api/stock/BP-1023/holds").json()["items"]] == [second]
    assert company.sales.get("/api/stock/NOPE/holds").json()["items"] == []


def test_a_count_below_reserved_sends_an_order_back_red(company):
    for house in ("SZ", "HZ"):
        move(company, "count", 0, warehouse=house)
        move(company, "count", 0, {"SZ": "F-01-01", "HZ": "M-01-01"}[house], warehouse=house)
    no = place(company, lines=[{"sku": "BP-1023", "qty": 60}])
    move(company, "count", 0)
    assert stock(company) == (50, 0, 50)
    order = look(company, no)
    assert (order["state"], order["colour"]["code"]) == ("paid", "red")
    assert [one["code"] for one in order["exceptions"]] == ["short_stock"]
    assert order["owner"]["user"] == "sales"
    assert [n["reserved"] for n in order["lines"]] == [0]
    kinds = [one["kind"] for one in company.sales.get(f"/api/orders/{no}/journal").json()["items"]]
    assert kinds[:2] == ["order.placed", "order.fell_back"]
    move(company, "receive", 10)
    assert (look(company, no)["state"], stock(company)) == ("to_pick", (60, 60, 0))


def test_a_parcel_leaves_the_stock_and_the_ledger_says_so(company):
    shipped(company)
    assert stock(company) == (96, 0, 96)
    rows = company.db.reader.now(lambda tx: [tuple(r) for r in tx.connection.execute("SELECT kind, SUM(qty) FROM moves WHERE sku = 'BP-1023' AND warehouse = 'SH' GROUP BY kind ORDER BY kind")])  # fmt: skip
    assert rows == [("consume", -4), ("receive", 100)]


# Master data -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/api/skus/N-1", {"name": "新货", "gtin": "6901234567892", "uom": "盒", "weight_g": 120, "price_fen": 990}),
        ("/api/bins/N-01-01", {"warehouse": "SH", "sku": "BP-1023"}),
        ("/api/warehouses/NB", {"name": "宁波仓", "adcode": "330200", "lng": 121.55, "lat": 29.87, "cutoff": "16:00"}),
        ("/api/customers/N0001", {"name": "新客", "phone": "13000001111", "tier": "vip", "terms": "monthly", "credit_fen": 5, "salesperson": "sales"}),
        ("/api/users/newone", {"display": "新人", "role": "picker", "phone": "13000002222", "warehouse": "SH", "password": "long enough"}),
    ],
)  # fmt: skip
def test_a_put_makes_or_changes_one_and_takes_back_what_get_gave(house, path, body):
    made = house.owner.put(path, body)
    assert made.status_code == 200, made.text
    collection, _, code = path.rpartition("/")
    cursor, found = "", None
    while found is None:
        page = house.owner.get(collection, params={"limit": 200, "cursor": cursor}).json()
        found = next((i for i in page["items"] if code in (i.get("code"), i.get("id"), i.get("name"))), None)
        cursor = page["next"]
        assert found is not None or cursor is not None
    shown = {k: v for k, v in body.items() if k != "password"}
    assert {k: found[k] for k in shown} == shown
    again = house.owner.put(path, found)
    assert again.status_code == 200, again.text
    assert {k: again.json()[k] for k in shown} == shown


@pytest.mark.parametrize(
    ("path", "body", "status", "code"),
    [
        ("/api/skus/N-1", {"name": ""}, 400, "invalid"),
        ("/api/skus/N-1", {"name": "x", "code": "N-2"}, 400, "invalid"),
        ("/api/skus/%20", {"name": "x"}, 400, "invalid"),
        ("/api/skus/" + "x" * 41, {"name": "x"}, 400, "invalid"),
        ("/api/skus/N-1", {"name": "x", "price_fen": -1}, 400, "invalid"),
        ("/api/skus/N-1", {"name": "x", "weight_g": 2**63}, 400, "invalid"),
        ("/api/bins/N-1", {"warehouse": "XX"}, 422, "unknown_warehouse"),
        ("/api/bins/N-1", {"warehouse": "SH", "sku": "NOPE"}, 422, "unknown_sku"),
        ("/api/bins/A-01-01", {"warehouse": "SZ"}, 400, "invalid"),
        ("/api/warehouses/NB", {"name": "x", "cutoff": "25:00"}, 400, "invalid"),
        ("/api/warehouses/NB", {"name": "x", "lat": 91}, 400, "invalid"),
        ("/api/customers/N 1", {"name": "x"}, 400, "invalid"),
        ("/api/customers/N1", {"name": "x", "tier": "gold"}, 400, "invalid"),
        ("/api/customers/N1", {"name": "浦东宝诚4S店", "phone": "13800000000"}, 409, "duplicate"),
        ("/api/users/n1", {"display": "x", "role": "boss", "password": "long enough"}, 400, "invalid"),
        ("/api/users/.x", {"display": "x", "role": "sales", "password": "long enough"}, 400, "invalid"),
    ],
)
def test_wrong_master_data_is_told(house, path, body, status, code):
    problem(house.owner.put(path, body), status, code)


def test_a_sku_that_is_known_at_last_feeds_the_orders_of_channels_that_wait_for_it(company):
    from api.kernel.actor import channel_actor
    from api.orders import placing
    from api.orders.model import CustomerIn, Draft, LineIn

    given = Draft(
        CustomerIn("渠道客", "13000000000"),
        [LineIn("LATER", 2, 500)],
        "上海市浦东新区张江路1号",
        "pos",
        "P-7",
    )

    def send(tx):
        how = placing.From(lenient=True, paid_at=company.clock())
        return placing.place(tx, given, channel_actor("pos"), company.clock(), how)

    no = company.db.writer.now(send).order_no
    order = look(company, no)
    assert (order["state"], [one["code"] for one in order["exceptions"]]) == ("paid", ["unknown_sku"])
    assert company.owner.put("/api/skus/LATER", {"name": "后来的货"}).status_code == 200
    order = look(company, no)
    assert (order["state"], [one["code"] for one in order["exceptions"]]) == ("paid", ["short_stock"])
    assert order["lines"][0]["name"] == "后来的货"
    assert move(company, "receive", 2, sku="LATER").status_code == 201
    order = look(company, no)
    assert (order["state"], order["exceptions"], order["lines"][0]["reserved"]) == ("to_pick", [], 2)


def test_a_new_warehouse_is_tried_when_stock_comes_there(company):
    no = place(company, lines=[{"sku": "BP-1023", "qty": 150}])
    assert look(company, no)["state"] == "paid"
    body = {"name": "宁波仓", "adcode": "330200", "lng": 121.55, "lat": 29.87}
    assert company.owner.put("/api/warehouses/NB", body).status_code == 200
    move(company, "receive", 150, warehouse="NB")
    order = look(company, no)
    assert (order["state"], order["warehouse"]) == ("to_pick", "NB")


def test_an_order_may_name_a_price_that_the_list_has_not(house):
    answer = house.owner.post("/api/orders", draft(lines=[{"sku": "BP-1023", "qty": 1, "price_fen": 1}]))
    assert answer.json()["amount_fen"] == 1
