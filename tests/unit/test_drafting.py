"""What a draft asks before it is an order: customers and SKUs while they are typed, stock, addresses; and who sees what."""

import pytest

from api.kernel.actor import SYSTEM
from api.people import customers
from api.people.model import CustomerIn
from tests.support.company import draft
from tests.support.desk import place, problem

PEOPLE = (
    ("K1", "昆山鸿驰汽修", "13966661111"), ("K2", "昆山宝诚4S店", "13966662222"), ("K3", "苏州昆山路快修", "13812345678"),
    ("K4", "100%汽配", "021-50001234"), ("K5", "Kunshan Motors", "+86 137-0000-5555"),
)  # fmt: skip


@pytest.fixture(scope="module")
def full(house):
    def work(tx) -> None:
        for code, name, phone in PEOPLE:
            customers.save(
                tx, code, CustomerIn(name, phone, "vip", "monthly", 500_000), SYSTEM, house.clock()
            )

    house.db.writer.now(work)
    return house


def ask(full, path: str, role: str = "sales", **query) -> list[dict]:
    answer = full.call(role, "GET", path, params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()["items"]


def ids(full, role: str = "sales", **query) -> list[str]:
    return [one["id"] for one in ask(full, "/api/customers", role, **query)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("昆山", ["K2", "K1", "K3"]),  # beginnings by name, then parts
        ("鸿驰", ["K1"]),
        ("1396666", ["K1", "K2"]),
        ("139 6666 1", ["K1"]),
        ("+86 1370000", ["K5"]),
        ("021 5000", ["K4"]),
        ("100%", ["K4"]),
        ("0%", ["K4"]),
        ("kunshan", ["K5"]),
        ("motors", ["K5"]),
        ("没有这家", []),
        ("_", []),
    ],
)
def test_a_customer_is_found_while_being_typed(full, text: str, found: list[str]) -> None:
    assert ids(full, q=text) == found


def test_hits_come_in_pages(full) -> None:
    first = full.sales.get("/api/customers", params={"q": "昆山", "limit": 2}).json()
    assert [one["id"] for one in first["items"]] == ["K2", "K1"]
    rest = full.sales.get("/api/customers", params={"q": "昆山", "limit": 2, "cursor": first["next"]}).json()
    assert ([one["id"] for one in rest["items"]], rest["next"]) == (["K3"], None)
    problem(full.sales.get("/api/customers", params={"q": "昆山", "limit": 201}), 400, "invalid")
    problem(full.sales.get("/api/customers", params={"q": "昆山", "cursor": "x"}), 400, "invalid")
    problem(full.sales.get("/api/customers", params={"q": "昆" * 101}), 400, "invalid")


def test_a_picker_finds_by_name_alone_and_sees_no_phone_nor_terms(full) -> None:
    assert ids(full, "picker", q="1396666") == []
    (seen,) = ask(full, "/api/customers", "picker", q="昆山鸿驰")
    assert seen["phone"] == "139****1111"
    assert not seen.keys() & {"terms", "credit_fen"}
    (whole,) = ask(full, "/api/customers", "finance", q="昆山鸿驰")
    assert (whole["phone"], whole["terms"], whole["credit_fen"], whole["tier"]) == (
        "13966661111", "monthly", 500_000, "vip",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("BP-1", ["BP-1023"]),
        ("bp", ["BP-1023"]),
        ("ｂｐ－１", ["BP-1023"]),
        ("前刹", ["BD-2001", "BP-1023"]),
        ("刹车", ["BD-2001", "BP-1023"]),
        ("1023", ["BP-1023"]),
        ("6901234567892", ["OF-3001"]),
        ("P-", ["BP-1023", "WP-4001"]),
        ("没有", []),
        ("%", []),
    ],
)
def test_a_sku_is_found_by_code_name_or_barcode(full, text: str, found: list[str]) -> None:
    given = {"name": "机油滤清器", "gtin": "6901234567892", "price_fen": 2500}
    assert full.owner.put("/api/skus/OF-3001", given).status_code == 200
    assert [one["code"] for one in ask(full, "/api/skus", q=text)] == found


def test_whose_code_is_typed_stands_first(full) -> None:
    for code, name in (("A", "甲 B"), ("B", "乙"), ("BA", "丙"), ("C", "B 丁")):
        full.owner.put(f"/api/skus/ZZ{code}", {"name": name.replace("B", "ZZB")})
    assert [one["code"] for one in ask(full, "/api/skus", q="zzb")] == ["ZZB", "ZZBA", "ZZC", "ZZA"]


def test_prices_are_for_those_who_see_them(full) -> None:
    (seen,) = ask(full, "/api/skus", q="BP-1023")
    assert seen["price_fen"] == 12800
    (masked,) = ask(full, "/api/skus", "picker", q="BP-1023")
    assert "price_fen" not in masked
    assert masked["name"] == "前刹车片"


def test_stock_of_several_skus_at_once(full) -> None:
    rows = ask(full, "/api/stock", sku="WP-4001,OF-3001,NOPE")
    assert [(row["sku"], row["warehouse"]) for row in rows] == [
        (sku, house) for sku in ("OF-3001", "WP-4001") for house in ("HZ", "SH", "SZ")
    ]
    assert all(row["available"] == row["on_hand"] - row["reserved"] and row["name"] for row in rows)
    only = ask(full, "/api/stock", sku="WP-4001,OF-3001", warehouse="SH")
    assert [(row["sku"], row["warehouse"]) for row in only] == [("OF-3001", "SH"), ("WP-4001", "SH")]


def test_stock_of_several_comes_in_pages_too(full) -> None:
    seen, cursor = [], ""
    while cursor is not None:
        part = full.sales.get(
            "/api/stock", params={"sku": "WP-4001,OF-3001", "limit": 4, "cursor": cursor}
        ).json()
        seen += [(row["sku"], row["warehouse"]) for row in part["items"]]
        cursor = part["next"]
    assert len(seen) == len(set(seen)) == 6
    problem(full.sales.get("/api/stock", params={"sku": ",".join(["X"] * 51)}), 400, "invalid")


def test_a_code_with_a_comma_is_one_code(full) -> None:
    full.owner.put("/api/skus/M6,5", {"name": "螺丝"})
    move = {"kind": "receive", "warehouse": "SH", "sku": "M6,5", "qty": 3}
    assert full.supervisor.post("/api/stock/moves", move).status_code == 201
    assert [row["available"] for row in ask(full, "/api/stock", sku="M6,5")] == [3]


def test_one_customer_with_what_they_owe_and_where_they_took_goods(full) -> None:
    here, there = "江苏省昆山市花桥镇光明路88号", "上海市浦东新区张江路1号"
    for address in (here, there, here):
        no = place(full, customer={"id": "K1"}, address=address, paid_at=None)
    assert full.sales.post(f"/api/orders/{no}/pay", {"method": "on_account"}).status_code == 200
    seen = full.sales.get("/api/customers/K1").json()
    assert [one["text"] for one in seen["recent"]] == [here, there]
    assert seen["owed_fen"] == full.sales.get(f"/api/orders/{no}").json()["amount_fen"] > 0
    assert (seen["name"], seen["terms"], seen["credit_fen"]) == ("昆山鸿驰汽修", "monthly", 500_000)
    masked = full.picker.get("/api/customers/K1").json()
    assert masked["phone"] == "139****1111"
    assert not masked.keys() & {"addresses", "recent", "owed_fen", "credit_fen", "terms"}
    problem(full.sales.get("/api/customers/NOBODY"), 404, "not_found")


def test_an_address_is_read_back_with_the_nearest_warehouse_first(full) -> None:
    read = full.sales.post("/api/places/read", {"text": "昆山市花桥镇光明路 88 号"}).json()
    assert read["place"] == {"adcode": "320583", "names": ["江苏省", "苏州市", "昆山市"], "level": "district"}
    assert read["warehouses"] == ["SZ", "SH", "HZ"]
    unknown = full.sales.post("/api/places/read", {"text": "老地方"}).json()
    assert unknown["place"] is None
    assert unknown["warehouses"][0] == "SH"
    problem(full.sales.post("/api/places/read", {"text": ""}), 400, "invalid")
    problem(full.picker.post("/api/places/read", {"text": "上海"}), 403, "not_yours")


def test_the_nearest_warehouse_is_where_the_order_goes(full) -> None:
    address = "昆山市花桥镇光明路 88 号"
    first = full.sales.post("/api/places/read", {"text": address}).json()["warehouses"][0]
    order = full.sales.post("/api/orders", draft(address=address, paid_at=None)).json()
    assert order["warehouse"] == first
