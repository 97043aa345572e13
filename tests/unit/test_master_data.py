"""Master data one by one: pictures, barcodes, places of warehouses, customers' addresses, people who leave."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.kernel.actor import SYSTEM
from api.setup import proof
from api.setup.forgetting import forget
from api.stock.gtin import check_digit, fault
from tests.support.company import draft
from tests.support.desk import problem

JPEG, PNG = b"\xff\xd8\xff\xe0" + bytes(60), b"\x89PNG\r\n\x1a\n" + bytes(50)
WEBP = b"RIFF\x24\0\0\0WEBPVP8 " + bytes(40)


def picture(company, content, code="BP-1023", who="supervisor"):
    return company.call(
        who, "PUT", f"/api/skus/{code}/picture", content=content, headers={"content-type": "image/jpeg"}
    )


@pytest.mark.parametrize(
    ("content", "media"),
    [(JPEG, "image/jpeg"), (PNG, "image/png"), (WEBP, "image/webp")],
    ids=["jpeg", "png", "webp"],
)
def test_a_picture_is_kept_under_what_it_holds(company, content, media):
    where = f"/api/pictures/{hashlib.sha256(content).hexdigest()}"
    assert picture(company, content).json()["picture"] == where
    seen = company.picker.get(where)
    assert (seen.status_code, seen.content, seen.headers["content-type"]) == (200, content, media)
    assert seen.headers["cache-control"] == "private, max-age=31536000, immutable"
    assert seen.headers["x-content-type-options"] == "nosniff"
    assert company.client.get(where).status_code == 401
    shown = company.supervisor.get("/api/skus/BP-1023").json()
    assert company.supervisor.put("/api/skus/BP-1023", shown).json()["picture"] == where


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [(b"<svg onload=alert(1)>", 415, "unsupported_media"), (b"", 415, "unsupported_media"),
     (JPEG + bytes(2 * 1024 * 1024), 413, "too_large")],
    ids=["script", "nothing", "large"],
)  # fmt: skip
def test_what_is_no_picture_is_not_kept(company, content, status, code):
    problem(picture(company, content), status, code)
    assert company.sales.get("/api/skus/BP-1023").json()["picture"] == ""


def test_a_picture_goes_with_its_last_sku(company):
    where = picture(company, JPEG).json()["picture"]
    assert picture(company, JPEG, "BD-2001").json()["picture"] == where
    assert picture(company, PNG).json()["picture"] != where
    assert company.sales.get(where).status_code == 200
    assert company.supervisor.delete("/api/skus/BD-2001/picture").json()["picture"] == ""
    assert company.sales.get(where).status_code == 404
    problem(picture(company, JPEG, "NOPE"), 404, "not_found")
    problem(picture(company, JPEG, who="sales"), 403, "not_yours")


@given(st.sampled_from([7, 11, 12, 13]), st.integers(0, 10**13 - 1), st.integers(1, 9), st.data())
def test_one_wrong_digit_is_noticed(length, number, by, data):
    body = f"{number:013d}"[-length:]
    gtin = body + check_digit(body)
    assert fault(gtin) is None
    at = data.draw(st.integers(0, length))
    assert fault(gtin[:at] + str((int(gtin[at]) + by) % 10) + gtin[at + 1 :]) is not None


def test_known_barcodes_and_what_is_none():
    for good in ("96385074", "036000291452", "4006381333931", "10012345678902"):
        assert fault(good) is None
    for bad in ("1", "69012345", "4006381333930", "400638133393", "٤٠٠٦٣٨١٣٣٣٩٣١", "4006-381333931"):
        assert fault(bad) is not None


@pytest.mark.parametrize(
    ("given", "path"),
    [({"adcode": "999999"}, "$.adcode"), ({"adcode": "31011"}, "$.adcode"), ({"lng": 121.5}, "$.lat"), ({"lat": 31.2}, "$.lat")],
)  # fmt: skip
def test_a_warehouse_stands_where_there_is_such_a_place(company, given, path):
    answer = company.owner.put("/api/warehouses/NB", {"name": "宁波仓", **given})
    assert answer.json()["errors"][0]["path"] == path


def test_a_warehouse_stands_at_its_districts_seat_where_nothing_closer_is_said(company):
    made = company.owner.put("/api/warehouses/NB", {"name": "宁波仓", "adcode": "330212"}).json()
    assert (round(made["lng"]), round(made["lat"])) == (122, 30)
    assert company.owner.get("/api/warehouses/NB").json() == made


PLACES = [
    {"text": "上海市松江区荣乐中路88号", "label": "老厂"},
    {"text": "江苏省昆山市前进西路12号", "label": "新厂", "default": True},
    {"text": "上海市松江区荣乐中路88号", "label": "又写了一次"},
]


def test_a_customer_has_addresses_and_an_order_without_one_goes_to_the_default(company):
    body = {"name": "松江顺达", "phone": "13800001234", "addresses": PLACES}
    saved = company.owner.put("/api/customers/K1", body).json()
    assert [(one["label"], one["default"]) for one in saved["addresses"]] == [("新厂", True), ("老厂", False)]
    assert company.owner.put("/api/customers/K1", {**body, "addresses": saved["addresses"]}).json() == saved
    no_word = {"name": "松江顺达", "phone": "13800001234", "tier": "vip"}
    assert company.owner.put("/api/customers/K1", no_word).json()["addresses"] == saved["addresses"]
    made = company.sales.post("/api/orders", draft(customer={"id": "K1"}, address="", paid_at=None)).json()
    assert (made["address"]["text"], made["address"]["adcode"]) == ("江苏省昆山市前进西路12号", "320583")
    asked = {"customer": {"id": "K1"}, "lines": [{"sku": "BP-1023", "qty": 1}]}
    assert company.sales.post("/api/promises", asked).json()["address"]["text"] == "江苏省昆山市前进西路12号"
    elsewhere = draft(customer={"id": "K1"}, address="杭州市余杭区", paid_at=None)
    assert company.sales.post("/api/orders", elsewhere).json()["address"]["text"] == "杭州市余杭区"
    assert "addresses" not in company.picker.get("/api/customers/K1").json()


def test_addresses_are_forgotten_with_the_person(company):
    company.owner.put("/api/customers/K1", {"name": "松江顺达", "phone": "1", "addresses": PLACES})
    company.db.writer.now(lambda tx: forget(tx, "K1", SYSTEM, company.clock()))
    for table in ("private", "customer_addresses"):
        rows = company.db.reader.now(
            lambda tx, table=table: tx.connection.execute(f"SELECT * FROM {table}").fetchall()
        )
        assert "荣乐中路" not in str([tuple(row) for row in rows])
    assert rows == []
    points = company.app.state.hub.db.folder / "checkpoints"
    assert company.db.reader.now(lambda tx: proof.whole(tx, points, None)).fault is None
    entries = company.db.reader.now(lambda tx: tx.connection.execute("SELECT body FROM journal").fetchall())
    assert "荣乐中路" not in str([tuple(row) for row in entries])


def test_who_leaves_is_out_at_once_and_may_come_back(company):
    given = {"display": "王建军", "role": "picker", "password": "long enough"}
    company.owner.put("/api/users/wang", given)
    entry = {"user": "wang", "password": "long enough"}
    token = company.client.post("/api/login", json=entry).json()["token"]
    head = {"Authorization": f"Bearer {token}"}
    assert company.client.get("/api/me", headers=head).status_code == 200
    gone = company.owner.put(
        "/api/users/wang", {"display": "王建军", "role": "picker", "active": False}
    ).json()
    assert gone["active"] is False
    assert company.client.get("/api/me", headers=head).status_code == 401
    problem(company.client.post("/api/login", json=entry), 403, "retired")
    problem(company.client.post("/api/login", json={**entry, "password": "wrong"}), 401, "wrong_password")
    assert "wang" not in str(company.client.get("/sync/pull", headers=head).text)
    problem(
        company.owner.put("/api/users/owner", {"display": "老板", "role": "owner", "active": False}),
        409,
        "last_owner",
    )
    company.owner.put("/api/users/wang", {"display": "王建军", "role": "picker", "active": True})
    assert company.client.post("/api/login", json=entry).status_code == 200


def test_who_is_new_gets_a_password_to_start_with_once(company):
    body = {"display": "王建军", "role": "picker"}
    first = company.owner.put("/api/users/wang", body).json()
    entry = {"user": "wang", "password": first["start_password"]}
    assert company.client.post("/api/login", json=entry).status_code == 200
    again = company.owner.put("/api/users/wang", body | {"phone": "138"})
    assert (again.status_code, again.json().get("start_password")) == (200, None)
    assert company.client.post("/api/login", json=entry).status_code == 200
    assert first["start_password"] not in company.owner.get("/api/users?limit=200").text


def test_a_person_changes_the_own_password_and_the_other_sessions_end(company):
    company.owner.put("/api/users/wang", {"display": "王", "role": "picker", "password": "first one here"})

    def enter(password):
        answer = company.client.post("/api/login", json={"user": "wang", "password": password})
        return {"Authorization": f"Bearer {answer.json()['token']}"} if answer.status_code < 300 else None

    mine, other = enter("first one here"), enter("first one here")

    def change(current, password):
        body = {"current": current, "password": password}
        return company.client.post("/api/me/password", json=body, headers=mine)

    problem(change("not it", "second one here"), 401, "wrong_password")
    problem(change("first one here", "short"), 400, "invalid")
    assert change("first one here", "second one here").status_code == 200
    assert company.client.get("/api/me", headers=mine).status_code == 200
    assert company.client.get("/api/me", headers=other).status_code == 401
    assert enter("first one here") is None
    assert enter("second one here") is not None


def test_people_and_bins_are_found_by_how_they_begin(company):
    assert [one["name"] for one in company.owner.get("/api/users", params={"q": "Sal"}).json()["items"]] == [
        "sales"
    ]
    found = company.picker.get("/api/bins", params={"q": "A-01", "limit": 3}).json()
    assert [one["code"] for one in found["items"]] == ["A-01-01", "A-01-02", "A-01-03"]
    assert [one["sku"] for one in company.picker.get("/api/bins", params={"q": "WP-4"}).json()["items"]] == [
        "WP-4001"
    ] * 3
    people = company.supervisor.get("/api/salespeople").json()["items"]
    assert [one["name"] for one in people] == ["sales", "owner", "supervisor"]
    assert company.sales.get("/api/salespeople").status_code == 403
    lies, cursor = [], ""
    while cursor is not None:
        page = company.picker.get(
            "/api/stock/bins", params={"warehouse": "SH", "limit": 3, "cursor": cursor}
        ).json()
        lies, cursor = lies + page["items"], page["next"]
    assert [(one["bin"], one["qty"]) for one in lies] == [("", 50)] * 4 + [
        (f"A-01-0{n}", 50) for n in range(1, 5)
    ]


def test_what_is_retired_is_found_last_and_stays_on_its_orders(company):
    no = company.sales.post("/api/orders", draft(paid_at=None)).json()["order_no"]
    shown = company.supervisor.get("/api/skus/BP-1023").json()
    assert company.supervisor.put("/api/skus/BP-1023", {**shown, "active": False}).json()["active"] is False
    found = company.sales.get("/api/skus", params={"q": "前刹车"}).json()["items"]
    assert [one["code"] for one in found] == ["BD-2001", "BP-1023"]
    assert company.sales.get(f"/api/orders/{no}").json()["lines"][0]["sku"] == "BP-1023"
    problem(company.sales.post("/api/orders", draft(paid_at=None)), 422, "inactive_sku")


def test_the_unit_of_what_lies_there_or_is_ordered_stays(company):
    boxes = {"name": "前刹车片", "uom": "箱", "price_fen": 12_800}
    problem(company.owner.put("/api/skus/BP-1023", boxes), 409, "uom_in_use")
    assert company.owner.put("/api/skus/U-1", {"name": "角钢", "price_fen": 1}).status_code == 200
    no = company.sales.post("/api/orders", draft(lines=[{"sku": "U-1", "qty": 10}], paid_at=None)).json()[
        "order_no"
    ]
    problem(company.owner.put("/api/skus/U-1", boxes), 409, "uom_in_use")
    assert company.owner.put("/api/skus/U-1", {"name": "角钢 2", "price_fen": 2}).status_code == 200
    assert company.sales.post(f"/api/orders/{no}/cancel", {"reason": "x"}).status_code == 200
    assert company.owner.put("/api/skus/U-1", boxes).json()["uom"] == "箱"


def test_a_barcode_is_one_skus_and_what_has_two_is_mended(company):
    code = {"name": "x", "gtin": "6901234567892"}
    assert company.owner.put("/api/skus/G-1", code).status_code == 200
    wrong = problem(company.owner.put("/api/skus/G-2", code), 400, "invalid")
    assert (wrong["errors"][0]["path"], "G-1" in wrong["errors"][0]["why"]) == ("$.gtin", True)
    assert company.owner.put("/api/skus/G-2", {"name": "y"}).status_code == 200
    raw = "UPDATE skus SET gtin = '6901234567892' WHERE code = 'G-2'"  # as it could be before
    company.db.writer.now(lambda tx: (tx.connection.execute(raw), tx.forget()))
    assert company.owner.get("/api/skus/G-2").json()["gtin"] == "6901234567892"
    assert company.owner.put("/api/skus/G-2", {**code, "name": "z"}).json()["name"] == "z"
    assert company.owner.put("/api/skus/G-2", {"name": "z"}).json()["gtin"] == ""
    assert company.owner.put("/api/skus/G-1", code).status_code == 200


@pytest.mark.parametrize(("room", "body"), [("skus", {"name": "x"}), ("bins", {"warehouse": "SH"})])
def test_codes_that_only_case_parts_are_one_code(company, room, body):
    assert company.owner.put(f"/api/{room}/K-001", body).status_code == 200
    wrong = problem(company.owner.put(f"/api/{room}/k-001", body), 400, "invalid")
    assert (wrong["errors"][0]["path"], "K-001" in wrong["errors"][0]["why"]) == ("path.code", True)
    assert company.owner.put(f"/api/{room}/K-001", body).status_code == 200
