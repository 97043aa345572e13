"""The gateway over HTTP: what a message does to its order, in whatever order messages come."""

import pytest

from tests.support.floor import Device
from tests.support.senders import MiniProgram, Till, codes, inbox, last, only, orders, ship, taken


@pytest.fixture
def till(company):
    return Till(company)


def test_a_paid_order_comes_whole(company, till):
    taken(till("order.paid", unheard="of"))
    order = only(company)
    assert (order["state"], order["channel"], order["external_no"]) == ("to_pick", "pos", "P-1001")
    assert (order["amount_fen"], order["paid_fen"]) == (51200, 51200)
    assert order["paid_at"] == "2026-01-22T10:05:00+08:00"
    assert order["customer"]["id"] == "C0042"
    assert order["lines"][0]["reserved"] == 4
    assert {"避周一", "防震泡沫"} <= {tag["tag"] for tag in order["tags"]}
    assert order["extra"] == {"data": {"unheard": "of"}}
    assert order["owner"]["user"] == "sales"
    found = last(company)
    assert (found["status"], found["event"], found["external_no"], found["order_no"]) == (
        "done",
        "pay",
        "P-1001",
        order["order_no"],
    )


def test_created_then_paid_is_one_order(company, till):
    taken(till("order.created"))
    assert only(company)["state"] == "awaiting_payment"
    taken(till("order.paid"))
    assert only(company)["state"] == "to_pick"
    assert [one["status"] for one in inbox(company)] == ["done", "done"]


def test_paid_first_makes_a_later_created_a_duplicate(company, till):
    taken(till("order.paid"))
    before = only(company)
    taken(till("order.created"))
    assert only(company) == before
    assert last(company)["status"] == "duplicate"


def test_the_same_message_again_does_nothing(company, till):
    for _ in range(3):
        taken(till("order.paid", "msg_same"))
    before = only(company)
    assert [one["status"] for one in inbox(company)] == ["duplicate", "duplicate", "done"]
    taken(till("order.paid", "msg_same", order_id="P-other"))  # the id is the message
    assert only(company) == before


@pytest.mark.parametrize("is_packed", [False, True])
def test_a_channel_cancels_while_picking_and_packed(company, till, is_packed):
    taken(till("order.paid", options=None))
    no = only(company)["order_no"]
    device = Device(company)
    device.push(device.pick(no, 1, 4))
    if is_packed:
        assert company.supervisor.post(f"/api/orders/{no}/pack").status_code == 200
    taken(till("order.cancelled"))
    order = only(company)
    assert (order["state"], codes(order), order["lines"][0]["reserved"]) == ("cancelled", [], 0)
    assert [one["id"] for one in company.supervisor.get("/api/conflicts").json()["items"]] == [
        f"{no}/-/cancelled"
    ]


@pytest.mark.parametrize("first", ["order.created", "order.paid"])
@pytest.mark.parametrize("second", ["order.created", "order.paid"])
@pytest.mark.parametrize(
    "change",
    [
        {"items": [{"sku": "BP-1023", "qty": 5, "price_fen": 12800}]},
        {"items": [{"sku": "BP-1023", "qty": 4, "price_fen": 12000}]},
        {"items": [{"sku": "BD-2001", "qty": 4, "price_fen": 12800}]},
        {"address": "苏州市姑苏区人民路2号"},
    ],
)
def test_what_differs_is_kept_and_not_applied(company, till, first, second, change):
    taken(till(first))
    before = only(company)
    taken(till(second, **change))
    order = only(company)
    assert "differs" in codes(order)
    assert order["address"] == before["address"]
    same = ("sku", "qty", "price_fen")
    assert [[line[k] for k in same] for line in order["lines"]] == [
        [line[k] for k in same] for line in before["lines"]
    ]
    told = last(company)
    assert (told["status"], told["code"]) == ("done", "differs")
    assert order["colour"]["code"] == "red"
    is_paid = "order.paid" in (first, second)
    assert order["state"] == ("to_pick" if is_paid else "awaiting_payment")


def test_people_keep_or_apply_what_differs(company, till):
    taken(till("order.paid"))
    other = {"items": [{"sku": "BD-2001", "qty": 1, "price_fen": 51200}], "address": "苏州市姑苏区人民路2号"}
    taken(till("order.created", **other))
    no = only(company)["order_no"]
    body = {"exception": "differs", "choice": "keep", "why": "问过了"}
    kept = company.supervisor.post(f"/api/orders/{no}/resolve", body).json()
    assert (kept["order_no"], codes(kept), kept["lines"][0]["sku"]) == (no, [], "BP-1023")
    taken(till("order.created", remark="再说一次", **other))
    new = company.supervisor.post(f"/api/orders/{no}/resolve", {**body, "choice": "apply"}).json()
    assert (new["order_no"], new["lines"][0]["sku"], codes(new)) == (f"{no}-V2", "BD-2001", [])
    assert new["address"]["text"] == "苏州市姑苏区人民路2号"
    taken(till("order.cancelled"))
    assert company.sales.get(f"/api/orders/{no}-V2").json()["state"] == "cancelled"


def test_a_long_sku_that_differs_can_be_applied(company, till):
    taken(till("order.paid"))
    odd = [{"sku": "X" * 64, "qty": 1, "price_fen": 51200}]
    taken(till("order.created", items=odd))
    no = only(company)["order_no"]
    company.supervisor.put(f"/api/skus/{'X' * 64}", {"name": "长货号"})
    body = {"exception": "differs", "choice": "apply", "why": "问过了"}
    assert company.supervisor.post(f"/api/orders/{no}/resolve", body).status_code < 500


def test_cancelled_until_packed_and_late_after_shipping(company, till):
    for no in ("early", "late"):
        taken(till("order.paid", order_id=no))
    taken(till("order.cancelled", order_id="early"))
    assert only(company, q="early")["state"] == "cancelled"
    assert only(company, q="early")["lines"][0]["reserved"] == 0
    ship(company, only(company, q="late")["order_no"])
    taken(till("order.cancelled", order_id="late"))
    order = only(company, q="late")
    assert (order["state"], codes(order)) == ("shipped", ["cancel_late"])
    taken(till("order.cancelled", order_id="early"))
    assert last(company)["status"] == "duplicate"


@pytest.mark.parametrize(
    ("event", "state"), [("order.cancelled", "cancelled"), ("order.refunded", "cancelled")]
)
def test_what_comes_before_its_order_waits(company, till, event, state):
    taken(till(event, "msg_early", amount_fen=51200))
    assert orders(company) == []
    assert (last(company)["status"], last(company)["external_no"]) == ("waiting", "P-1001")
    taken(till("order.paid"))
    assert only(company)["state"] == state
    assert [one["status"] for one in inbox(company)] == ["done", "done"]
    taken(till(event, "msg_early"))
    assert last(company)["status"] == "duplicate"


def test_a_payment_without_goods_waits_for_any_way_in(company, till):
    bare = {"items": None, "address": None, "options": None, "remark": None}
    ways = {
        "by-webhook": lambda no: taken(till("order.created", order_id=no)),
        "by-api": lambda no: by_api(company, no),
        "by-batch": lambda no: by_batch(company, no),
        "by-sheet": lambda no: by_sheet(company, no),
    }
    for no in ways:
        taken(till("order.paid", order_id=no, **bare))
        assert last(company)["status"] == "waiting"
    assert orders(company) == []
    for no, come in ways.items():
        come(no)
        order = only(company, q=no)
        assert (order["state"], order["paid_fen"]) == ("to_pick", 51200), no
    assert {one["status"] for one in inbox(company)} == {"done"}


DRAFT = {
    "channel": "pos",
    "customer": {"name": "浦东宝诚4S店", "phone": "13800000000"},
    "address": "上海市浦东新区张江路1号",
    "lines": [{"sku": "BP-1023", "qty": 4, "price_fen": 12800}],
}


def by_api(company, no):
    made = company.sales.post("/api/orders", {**DRAFT, "external_no": no})
    assert (made.status_code, made.json()["state"]) == (201, "to_pick"), made.text


def by_batch(company, no):
    made = company.sales.post("/api/orders/batch", {"orders": [{**DRAFT, "external_no": no}]})
    assert made.json()["results"][0]["status"] == 201, made.text


def by_sheet(company, no):
    sheet = f"订单号,客户,电话,货号,数量,单价(元)\n{no},浦东宝诚4S店,13800000000,BP-1023,4,128\n"
    made = company.supervisor.post("/api/channels/pos/import", files={"file": ("a.csv", sheet.encode())})
    assert made.json()["orders"] == 1, made.text


def test_an_unknown_sku_makes_an_order_that_waits_for_it(company, till):
    taken(till("order.paid", items=[{"sku": "NEW-1", "qty": 4, "price_fen": 12800}]))
    order = only(company)
    assert (order["state"], codes(order), order["lines"][0]["reserved"]) == ("paid", ["unknown_sku"], 0)
    assert company.supervisor.put("/api/skus/NEW-1", {"name": "新货"}).status_code == 200
    order = only(company)
    assert (codes(order), order["lines"][0]["name"]) == (["short_stock"], "新货")
    move = {"kind": "receive", "warehouse": "SH", "sku": "NEW-1", "qty": 9, "bin": "", "why": ""}
    assert company.supervisor.post("/api/stock/moves", move).status_code in (200, 201)
    order = only(company)
    assert (order["state"], codes(order)) == ("to_pick", [])


def test_keywords_raise_tag_and_priority(company, till):
    words = [{"words": ["老客户"], "tag": "关照", "priority": "high"}]
    assert company.supervisor.put("/api/channels/pos", {"keywords": words}).status_code == 200
    taken(till("order.paid", remark="老客户，慢慢来"))
    order = only(company)
    assert ("关照", "keyword") in {(tag["tag"], tag["from"]) for tag in order["tags"]}
    assert order["priority"] == "high"
    taken(till("order.paid", order_id="other", remark="不是老客户"))
    assert only(company, q="other")["priority"] == ""


def test_two_channels_may_use_the_same_number(company, till):
    mini = MiniProgram(company, is_secure=False, is_xml=False)
    assert mini.set_up().status_code == 200
    taken(till("order.paid"))
    assert mini("channels_ec_order_pay").text == "success"
    assert {order["channel"] for order in orders(company)} == {"pos", "miniprogram"}


def test_goods_that_cannot_be_read_are_dead_not_waiting(company, till):
    for items in ([{"sku": "BP-1023", "qty": "many"}], [{"qty": 1}], [{"sku": "BP-1023", "qty": 1}] * 1001):
        taken(till("order.paid", items=items))
        assert last(company)["status"] == "dead", items[:1]
    taken(till("order.paid", items=[]))
    assert last(company)["status"] == "waiting"
    assert orders(company) == []
