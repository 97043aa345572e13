"""A draft becomes an order, or a refusal that names what is wrong: contract §2 and §3, sentence by sentence."""

import itertools
import json

import pytest

from tests.support.company import draft
from tests.support.desk import problem

numbers = itertools.count(1)


def post(house, role="supervisor", **change):
    return house.call(role, "POST", "/api/orders", json=draft(**change))


def made(house, role="supervisor", **change):
    answer = post(house, role, **change)
    assert answer.status_code == 201, answer.text
    return answer.json()


def sent(house, body: bytes, role="supervisor", path="/api/orders"):
    return house.call(role, "POST", path, content=body, headers={"content-type": "application/json"})


def test_an_order_has_every_field_of_the_contract(house):
    order = made(house, note="请避开周一送货，需附出厂检验报告", options=["需加装防震泡沫"], external_no="MP1", channel="miniprogram")  # fmt: skip
    assert {
        "order_no", "version", "state", "held", "exceptions", "colour", "channel", "external_no", "customer",
        "address", "owner", "handler", "warehouse", "lines", "amount_fen", "paid_fen", "terms", "note", "options",
        "tags", "promise", "checklist", "shipments", "paid_at", "created_at", "updated_at", "snapshot", "extra",
    } <= order.keys()  # fmt: skip
    assert order["colour"].keys() == {"code", "shape", "why", "since"}
    assert order["lines"][0] == {
        "line_no": 1, "sku": "BP-1023", "name": "前刹车片", "qty": 4, "uom": "件", "price_fen": 12800,
        "warehouse": "SH", "reserved": 4, "picked": 0, "short": 0,
    }  # fmt: skip
    assert (order["version"], order["state"], order["held"], order["exceptions"]) == (1, "to_pick", None, [])
    assert (order["amount_fen"], order["paid_fen"], order["terms"]) == (51200, 51200, "prepaid")
    assert order["owner"]["user"] == "sales"  # the customer's salesperson
    assert order["snapshot"].startswith("sha256:")
    assert order["paid_at"] == "2026-01-22T10:05:00+08:00"
    assert order["address"]["adcode"] == "310115"
    assert {"避周一", "附检验报告", "防震泡沫"} <= {tag["tag"] for tag in order["tags"]}
    assert {tag["from"] for tag in order["tags"]} == {"rule", "option"}
    assert {"item": "附检验报告", "done": False} in order["checklist"]


def test_order_numbers_have_prefix_date_and_five_digits(house):
    found = [made(house)["order_no"] for _ in range(3)]
    assert all(no.startswith("HD260122-") and len(no) >= 14 and no[9:].isdigit() for no in found)
    assert len(set(found)) == 3


def test_a_customer_is_matched_by_phone_and_name(house):
    assert made(house)["customer"]["id"] == "C0042"
    other = made(house, customer={"name": "浦东宝诚4S店", "phone": "13899990000"})["customer"]
    assert other["id"] != "C0042"
    assert made(house, customer={"name": "浦东宝诚4S店", "phone": "13899990000"})["customer"] == other


def test_a_customer_is_named_by_id_and_the_order_keeps_its_own_copy(house):
    assert made(house, customer={"id": "C0042"})["customer"]["name"] == "浦东宝诚4S店"
    order = made(house, customer={"id": "C0042", "name": "宝诚（老王收）", "phone": "13500000000"})
    assert (order["customer"]["id"], order["customer"]["name"]) == ("C0042", "宝诚（老王收）")
    again = house.supervisor.get(f"/api/orders/{order['order_no']}").json()["customer"]
    assert (again["name"], again["phone"]) == ("宝诚（老王收）", "13500000000")
    problem(post(house, customer={"id": "C9999"}), 422, "unknown_customer")


def test_a_later_change_of_the_customer_leaves_the_order_as_it_was(house):
    first = made(house, customer={"name": "改名前", "phone": "13411110000"})
    code = first["customer"]["id"]
    assert house.owner.put(f"/api/customers/{code}", {"name": "改名后", "phone": "13411110000"}).status_code == 200  # fmt: skip
    assert house.owner.get(f"/api/orders/{first['order_no']}").json()["customer"]["name"] == "改名前"


def test_no_price_means_the_price_list(house):
    order = made(house, lines=[{"sku": "OF-3001", "qty": 2}])
    assert (order["lines"][0]["price_fen"], order["amount_fen"]) == (2500, 5000)
    assert house.owner.put("/api/skus/FREE-1", {"name": "没标价"}).status_code == 200
    found = problem(post(house, lines=[{"sku": "FREE-1", "qty": 1}]), 422, "no_price")
    assert found["errors"][0]["path"] == "$.lines[0].price_fen"
    assert made(house, lines=[{"sku": "FREE-1", "qty": 1, "price_fen": 0}])["amount_fen"] == 0


def test_an_unknown_sku_is_refused_with_its_path(house):
    lines = [{"sku": "BP-1023", "qty": 1}, {"sku": "NOPE", "qty": 1}]
    found = problem(post(house, lines=lines), 422, "unknown_sku")
    assert (found["errors"][0]["path"], found["sku"]) == ("$.lines[1].sku", "NOPE")


def test_no_lines_no_order(house):
    problem(post(house, lines=[]), 422, "no_lines")


def test_the_same_channel_and_number_again_is_a_duplicate_with_the_order(house):
    first = made(house, channel="pos", external_no="P-1")
    found = problem(post(house, channel="pos", external_no="P-1"), 409, "duplicate")
    assert found["order_no"] == first["order_no"]
    assert made(house, channel="miniprogram", external_no="P-1")["order_no"] != first["order_no"]


def test_a_refused_draft_takes_no_external_number(house):
    problem(post(house, external_no="X-1", lines=[{"sku": "NOPE", "qty": 1}]), 422, "unknown_sku")
    assert made(house, external_no="X-1")["external_no"] == "X-1"


def test_paid_at_needs_the_right_to_pay(house):
    problem(post(house, "sales"), 403, "not_yours")
    assert made(house, "sales", paid_at=None)["state"] == "awaiting_payment"
    assert made(house, "owner")["state"] == "to_pick"


@pytest.mark.parametrize("role", ["finance", "picker"])
def test_who_may_not_create(house, role):
    problem(post(house, role), 403, "not_yours")


def test_an_unknown_warehouse_or_promise_is_refused(house):
    problem(post(house, warehouse="XX"), 422, "unknown_warehouse")
    problem(post(house, promise_id="P-NOPE"), 409, "promise_gone")


def test_an_address_may_carry_a_position(house):
    place = {"text": "没有区划的地址", "lng": 120.5853, "lat": 31.2989, "datum": "gcj02"}
    order = made(house, address=place)
    assert (order["warehouse"], order["address"]["lng"], order["address"]["datum"]) == (
        "SZ",
        120.5853,
        "gcj02",
    )
    found = problem(post(house, address={"text": "x", "lng": 181, "lat": 0}), 400, "invalid")
    assert found["errors"][0]["path"] == "$.address.lng"


# What a body may not be ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"colour": "red"}, "$.colour"),
        ({"customer": {"name": "A", "fax": "1"}}, "$.customer.fax"),
        (
            {"lines": [{"sku": "BP-1023", "qty": 1}, {"sku": "BP-1023", "qty": 1, "price": 1}]},
            "$.lines[1].price",
        ),
        ({"address": {"text": "a", "zip": "1"}}, "$.address.zip"),
    ],
)
def test_an_unknown_field_is_refused_by_name(house, change, path):
    found = problem(post(house, **change), 400, "invalid")
    assert [one["path"] for one in found["errors"]] == [path]
    assert path.rpartition(".")[2] in found["errors"][0]["why"]


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"lines": [{"sku": "BP-1023", "qty": "4"}]}, "$.lines[0].qty"),
        ({"lines": [{"sku": "BP-1023", "qty": 1.5}]}, "$.lines[0].qty"),
        ({"lines": [{"sku": "BP-1023", "qty": 0}]}, "$.lines[0].qty"),
        ({"lines": [{"sku": "BP-1023", "qty": -1}]}, "$.lines[0].qty"),
        ({"lines": [{"sku": "BP-1023", "qty": True}]}, "$.lines[0].qty"),
        ({"lines": [{"sku": "BP-1023", "qty": 2**63}]}, "$.lines[0].qty"),
        ({"lines": [{"sku": "BP-1023", "qty": -(2**63) - 1}]}, "$.lines[0].qty"),
        ({"lines": [{"sku": "BP-1023", "qty": 1, "price_fen": 10**30}]}, "$.lines[0].price_fen"),
        ({"lines": [{"qty": 1}]}, "$.lines[0].sku"),
        ({"lines": {}}, "$.lines"),
        ({"lines": [{"sku": "BP-1023", "qty": 1}] * 501}, "$.lines"),
        ({"lines": [{"sku": "BP-1023", "qty": 1_000_000, "price_fen": 10**12}] * 20}, "$.lines"),
        ({"customer": "宝诚"}, "$.customer"),
        ({"customer": {}}, "$.customer.name"),
        ({"customer": {"name": "  "}}, "$.customer.name"),
        ({"note": 7}, "$.note"),
        ({"note": "x" * 2001}, "$.note"),
        ({"options": "泡沫"}, "$.options"),
        ({"options": [None]}, "$.options[0]"),
        ({"paid_at": "2026-01-22 10:05"}, "$.paid_at"),
        ({"paid_at": "yesterday"}, "$.paid_at"),
        ({"paid_at": 1769047500}, "$.paid_at"),
        ({"external_no": ""}, "$.external_no"),
        ({"address": {"text": "a", "datum": "mars"}}, "$.address.datum"),
        ({"note": "a\0b"}, "$.note"),
        ({"lines": [{"sku": "BP\0", "qty": 1}]}, "$.lines[0].sku"),
        ({"options": ["好", "a\0"]}, "$.options[1]"),
    ],
)  # fmt: skip
def test_a_wrong_field_is_named_with_its_path(house, change, path):
    found = problem(post(house, **change), 400, "invalid")
    assert [one["path"] for one in found["errors"]] == [path]
    assert found["errors"][0]["why"]


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b"null", b"1e999", b'"x"', b'{"lines":}', b"\xff\xfe", b'{"note":"\\ud800"}', b"{}" * 2,
     b"[" * 100_000, b'{"customer":' * 5_000, b"9" * 5_000, b'{"lines":[{"qty":1e400}]}', b"\x00", b"NaN"],
)  # fmt: skip
def test_bad_json_is_an_answer_not_a_fault(house, body):
    answer = sent(house, body)
    assert answer.status_code == 400, answer.text[:300]
    assert answer.json()["code"] in ("not_json", "invalid")


def test_text_may_hold_what_only_looks_like_a_nul(house):
    body = json.dumps(draft(note="C:\\u0000x")).encode()
    assert b"\\\\u0000" in body
    assert sent(house, body).status_code == 201


def test_a_duplicate_key_or_odd_text_makes_no_fault(house):
    body = json.dumps(draft(note="\U0001f69a\u202e\ufeff" + "é" * 10)).encode()
    order = sent(house, body)
    assert order.status_code == 201
    again = house.supervisor.get(f"/api/orders/{order.json()['order_no']}")
    assert again.json()["note"] == order.json()["note"]


# Many at once ----------------------------------------------------------------------------------------------


def test_a_batch_takes_each_draft_on_its_own(house):
    drafts = [
        draft(external_no="B-1"),
        draft(external_no="B-1"),
        draft(lines=[{"sku": "NOPE", "qty": 1}]),
        draft(colour="red"),
        draft(lines=[]),
        draft(external_no="B-2"),
    ]
    answer = house.supervisor.post("/api/orders/batch", {"orders": drafts})
    assert answer.status_code == 200
    results = answer.json()["results"]
    assert [one["status"] for one in results] == [201, 409, 422, 400, 422, 201]
    assert results[0]["order_no"] != results[5]["order_no"]
    assert results[1]["problem"]["order_no"] == results[0]["order_no"]
    assert [one["problem"]["code"] for one in results if "problem" in one] == [
        "duplicate", "unknown_sku", "invalid", "no_lines",
    ]  # fmt: skip
    for one in (results[0], results[5]):
        assert house.sales.get(f"/api/orders/{one['order_no']}").status_code == 200


@pytest.mark.parametrize(
    "wrong",
    [{"note": "a\0"}, {"external_no": 2**63}, {"a\0": 1}, {"customer": {"name": "\0"}}],
)
def test_what_no_text_may_hold_refuses_its_own_draft_and_no_other(house, wrong):
    body = json.dumps({"orders": [draft(), draft(**wrong), draft()]}).encode()
    answer = sent(house, body, path="/api/orders/batch")
    assert [one["status"] for one in answer.json()["results"]] == [201, 400, 201]


def test_a_batch_has_at_most_two_hundred(house):
    problem(house.supervisor.post("/api/orders/batch", {"orders": [{}] * 201}), 400, "invalid")
    problem(house.supervisor.post("/api/orders/batch", {"orders": []}), 400, "invalid")
    problem(house.supervisor.post("/api/orders/batch", {"orders": {}}), 400, "invalid")
    problem(house.picker.post("/api/orders/batch", {"orders": [draft()]}), 403, "not_yours")
    drafts = [draft(lines=[{"sku": "WP-4001", "qty": 1}]) for _ in range(200)]
    results = house.supervisor.post("/api/orders/batch", {"orders": drafts}).json()["results"]
    assert len({one["order_no"] for one in results}) == 200


def test_in_a_batch_paid_at_needs_the_right_too(house):
    results = house.sales.post("/api/orders/batch", {"orders": [draft(), draft(paid_at=None)]}).json()[
        "results"
    ]
    assert [one["status"] for one in results] == [403, 201]


# Languages, sizes, headers ----------------------------------------------------------------------------------


def test_a_refusal_speaks_the_language_that_is_asked_for(house):
    for accept, lang in (("", "zh"), ("en", "en"), ("zh-CN,en;q=0.5", "zh"), ("en-GB,zh;q=0.9", "en"), ("fr", "zh"), ("*", "zh")):  # fmt: skip
        answer = house.call("supervisor", "POST", "/api/orders", json=draft(lines=[]), headers={"Accept-Language": accept})  # fmt: skip
        detail = problem(answer, 422, "no_lines")["detail"]
        assert detail == {"zh": "订单没有货品行。", "en": "The order has no lines."}[lang], accept


def test_an_order_speaks_it_too(house):
    no = made(house)["order_no"]
    english = house.call("sales", "GET", f"/api/orders/{no}", headers={"Accept-Language": "en"}).json()
    chinese = house.sales.get(f"/api/orders/{no}").json()
    assert (chinese["colour"]["why"], english["colour"]["why"]) == (
        "已支付，待分拣",
        "Paid, waiting to be picked",
    )


def test_a_body_that_is_too_large_is_refused(house):
    for path in ("/api/orders", "/api/orders/batch", "/api/stock/moves"):
        answer = sent(house, b" " * 1_100_000, path=path)
        assert answer.status_code == 413, path
        assert answer.json()["code"] == "too_large"


def test_every_answer_carries_the_security_headers(house):
    for answer in (post(house), house.client.get("/"), house.client.get("/api/orders"), house.client.get("/nowhere")):  # fmt: skip
        csp = answer.headers["content-security-policy"]
        assert "unsafe-inline" not in csp
        assert "default-src 'self'" in csp
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert "server" not in answer.headers
    assert house.client.get("/api/orders").headers["cache-control"] == "no-store"


def test_what_is_out_of_use_is_no_longer_promised_or_ordered_by_people(company):
    def use(is_active):
        body = {"name": "前刹车片", "price_fen": 12_800, "active": is_active}
        assert company.owner.put("/api/skus/BP-1023", body).status_code == 200

    lines = [{"sku": "BP-1023", "qty": 2}]
    asked = {"address": "上海市松江区荣乐中路88号", "lines": lines}
    promise = company.supervisor.post("/api/promises", asked).json()["id"]
    no = company.supervisor.post("/api/orders", draft(lines=lines)).json()["order_no"]
    use(is_active=False)
    for path, body in (("/api/orders", draft(lines=lines)), ("/api/promises", asked)):
        wrong = problem(company.supervisor.post(path, body), 422, "inactive_sku")
        assert (wrong["sku"], wrong["errors"][0]["path"]) == ("BP-1023", "$.lines[0].sku")
    assert (
        company.supervisor.post("/api/lines/price", {"lines": lines}).status_code == 200
    )  # reckoning orders nothing
    assert company.supervisor.post("/api/orders", draft(lines=lines, promise_id=promise)).status_code == 201
    kept = {"changes": {"lines": [{"sku": "BP-1023", "qty": 1}]}}
    assert company.supervisor.post(f"/api/orders/{no}/amend", kept).status_code < 300
    other = company.supervisor.post("/api/orders", draft(lines=[{"sku": "BD-2001", "qty": 1}])).json()[
        "order_no"
    ]
    problem(company.supervisor.post(f"/api/orders/{other}/amend", kept), 422, "inactive_sku")
