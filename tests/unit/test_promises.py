"""Promises over HTTP: what freezes, for how long, who may take it over or give it back, and what everybody sees of it."""

import pytest

from api.journal import guard
from api.journal import service as journal
from api.journal.service import ERASED
from api.kernel.actor import SYSTEM
from api.kernel.time import DAY, HOUR
from api.orders import promising
from api.setup import forgetting
from api.stock import service as stock
from tests.support.company import draft

PLACE = "上海市浦东新区张江路1号"
CUSTOMER = {"id": "C0042"}


def promise(company, qty=4, role="sales", **change):
    body = {"customer": CUSTOMER, "address": PLACE, "lines": [{"sku": "BP-1023", "qty": qty}], **change}
    return getattr(company, role).post("/api/promises", {k: v for k, v in body.items() if v is not None})


def made(company, qty=4, **change):
    answer = promise(company, qty, **change)
    assert answer.status_code == 201, answer.text
    return answer.json()


def order(company, number, qty=4, role="supervisor", **change):
    body = draft(promise_id=number, lines=[{"sku": "BP-1023", "qty": qty}], **change)
    return getattr(company, role).post("/api/orders", {k: v for k, v in body.items() if v is not None})


def free(company, sku="BP-1023", house="SH"):
    row = company.sales.get(f"/api/stock?sku={sku}&warehouse={house}").json()["items"][0]
    assert row["available"] == row["on_hand"] - row["reserved"]
    return row["on_hand"], row["reserved"]


def holds(company, sku="BP-1023"):
    return [
        (one["order_no"], one["qty"]) for one in company.sales.get(f"/api/stock/{sku}/holds").json()["items"]
    ]


def code(answer):
    return answer.status_code, answer.json()["code"]


def sweep(company):
    return company.db.writer.now(lambda tx: promising.sweep(tx, company.clock()))


def sound(company):
    assert company.db.reader.now(stock.drift) == []


def test_a_promise_says_its_dates_and_freezes_its_pieces(company):
    found = made(company, want_by="2026-02-20")
    assert found["warehouse"] == "SH"
    assert (found["state"], found["order_no"], found["by"]["user"]) == ("open", None, "sales")
    assert found["ship_by"] <= found["eta_to"]
    assert found["eta_from"] <= found["eta_to"]
    assert 0.5 <= found["confidence"] <= 1
    assert all(isinstance(line, str) and line for line in found["because"])
    assert found["want_by"] == {
        "by": "2026-02-20T23:59:59+08:00", "answer": "yes", "earliest": found["eta_to"],
    }  # fmt: skip
    assert found["expires_at"] == "2026-01-23T10:05:00+08:00"
    assert free(company) == (100, 4)
    assert holds(company) == [(found["id"], 4)]
    assert company.supervisor.get(f"/api/promises/{found['id']}").json() == found
    sound(company)


def test_too_few_everywhere_says_how_many_there_are(company):
    answer = promise(company, 101)
    assert code(answer) == (409, "short_stock")
    said = answer.json()
    assert (said["sku"], said["asked"], said["available"]) == ("BP-1023", 101, 100)
    assert [(one["warehouse"], one["available"]) for one in said["warehouses"]] == [("SH", 100), ("SZ", 100), ("HZ", 100)]  # fmt: skip
    assert free(company) == (100, 0)


def test_the_same_sku_on_two_lines_counts_together(company):
    lines = [{"sku": "BP-1023", "qty": 60}, {"sku": "BP-1023", "qty": 41}]
    assert code(promise(company, lines=lines)) == (409, "short_stock")
    found = made(company, lines=[{"sku": "BP-1023", "qty": 60}, {"sku": "BP-1023", "qty": 40}])
    assert free(company) == (100, 100)
    assert order(company, found["id"], 100).json()["lines"][0]["reserved"] == 100
    assert free(company) == (100, 100)


def test_the_nearest_warehouse_that_has_everything_is_taken(company):
    made(company, 100, lines=[{"sku": "OF-3001", "qty": 100}])
    found = made(company, lines=[{"sku": "BP-1023", "qty": 1}, {"sku": "OF-3001", "qty": 1}])
    assert found["warehouse"] == "SZ"
    assert free(company) == (100, 0)


def test_a_customer_without_an_address_has_that_of_the_newest_order(company):
    company.supervisor.post("/api/orders", draft(address="浙江省杭州市西湖区文三路3号"))
    assert made(company, address=None)["warehouse"] == "HZ"
    assert code(promise(company, address=None, customer=None)) == (400, "invalid")
    assert made(company, address="江苏省苏州市姑苏区人民路2号", customer=None)["address"] == {
        "text": "",
        "adcode": "320508",
    }


def test_a_line_may_say_another_unit(company):
    found = made(company, lines=[{"sku": "BP-1023", "unit": {"uom": "kg", "qty": "2"}}])  # of 500 g a piece
    assert found["lines"] == [{"sku": "BP-1023", "qty": 4}]
    assert code(promise(company, lines=[{"sku": "BP-1023"}])) == (400, "invalid")


@pytest.mark.parametrize(
    ("change", "status", "what"),
    [
        ({"lines": [{"sku": "XX", "qty": 1}]}, 422, "unknown_sku"),
        ({"customer": {"id": "C9999"}}, 422, "unknown_customer"),
        ({"lines": []}, 400, "invalid"),
        ({"want_by": "morgen"}, 400, "invalid"),
        ({"want_by": "2026-13-01"}, 400, "invalid"),
        ({"state": "open"}, 400, "invalid"),
    ],
)
def test_what_cannot_be_promised_is_refused(company, change, status, what):
    assert code(promise(company, **change)) == (status, what)
    assert company.sales.get("/api/promises").json()["items"] == []


def test_an_order_takes_it_over_in_its_warehouse_with_its_dates(company):
    company.supervisor.post(
        "/api/stock/moves", {"kind": "damage", "warehouse": "SH", "sku": "BP-1023", "qty": 50, "bin": ""}
    )
    found = made(company, 60)
    assert found["warehouse"] == "SZ"
    company.supervisor.post(
        "/api/stock/moves", {"kind": "receive", "warehouse": "SH", "sku": "BP-1023", "qty": 50, "bin": ""}
    )
    taken = order(company, found["id"], 60).json()
    assert (taken["state"], taken["warehouse"]) == ("to_pick", "SZ")
    assert {
        name: taken["promise"][name] for name in ("ship_by", "eta_from", "eta_to", "confidence", "because")
    } == {name: found[name] for name in ("ship_by", "eta_from", "eta_to", "confidence", "because")}
    assert holds(company) == [(taken["order_no"], 60)]
    seen = company.sales.get(f"/api/promises/{found['id']}").json()
    assert (seen["state"], seen["order_no"]) == ("used", taken["order_no"])
    assert code(order(company, found["id"], 1)) == (409, "promise_gone")
    company.clock.forward(3 * DAY)
    sweep(company)
    assert free(company, house="SZ") == (100, 60)
    sound(company)


def test_fewer_pieces_free_the_rest_and_feed_who_waits(company):
    found = made(company, 100)
    waits = company.supervisor.post(
        "/api/orders", draft(warehouse="SH", lines=[{"sku": "BP-1023", "qty": 30}])
    ).json()
    assert waits["state"] == "paid"
    assert order(company, found["id"], 70).status_code == 201
    assert company.sales.get(f"/api/orders/{waits['order_no']}").json()["state"] == "to_pick"
    assert free(company) == (100, 100)
    sound(company)


def test_more_pieces_reserve_the_difference_or_are_refused(company):
    found = made(company, 60)
    other = made(company, 30)
    refused = order(company, found["id"], 71)
    assert code(refused) == (409, "short_stock")
    assert (refused.json()["asked"], refused.json()["available"]) == (71, 70)
    assert free(company) == (100, 90)
    assert order(company, found["id"], 70).status_code == 201
    assert free(company) == (100, 100)
    assert company.sales.get(f"/api/promises/{other['id']}").json()["state"] == "open"


def test_other_goods_and_strangers_are_refused(company):
    found = made(company)
    lines = [{"sku": "BP-1023", "qty": 1}, {"sku": "OF-3001", "qty": 1}]
    other = company.sales.post("/api/orders", draft(promise_id=found["id"], lines=lines, paid_at=None))
    assert code(other) == (422, "not_promised")
    assert other.json()["errors"][0]["path"] == "$.lines[1].sku"
    assert code(order(company, found["id"], customer={"id": "C0043"})) == (409, "promise_gone")
    assert code(order(company, "P0000")) == (409, "promise_gone")
    assert holds(company) == [(found["id"], 4)]
    assert order(company, found["id"], customer=CUSTOMER).status_code == 201


def test_each_of_a_batch_takes_its_own_once(company):
    found = made(company)
    one = draft(promise_id=found["id"], lines=[{"sku": "BP-1023", "qty": 4}])
    results = company.supervisor.post("/api/orders/batch", {"orders": [one, one, draft()]}).json()["results"]
    assert [result["status"] for result in results] == [201, 409, 201]
    assert results[1]["problem"]["code"] == "promise_gone"
    assert free(company) == (100, 8)
    sound(company)


def test_the_same_request_again_makes_one_promise(company):
    body, key = {"customer": CUSTOMER, "lines": [{"sku": "BP-1023", "qty": 4}]}, {"Idempotency-Key": "k"}
    first, again = (company.sales.post("/api/promises", body, headers=key) for _ in range(2))
    assert first.json() == again.json()
    assert free(company) == (100, 4)


def test_given_back_it_feeds_who_waits(company):
    found = made(company, 100)
    waits = company.supervisor.post("/api/orders", draft(warehouse="SH")).json()
    answer = company.sales.delete(f"/api/promises/{found['id']}")
    assert (answer.status_code, answer.json()["state"]) == (200, "returned")
    assert company.sales.delete(f"/api/promises/{found['id']}").json() == answer.json()
    assert company.sales.get(f"/api/orders/{waits['order_no']}").json()["state"] == "to_pick"
    assert code(order(company, found["id"])) == (409, "promise_gone")
    assert code(company.sales.delete("/api/promises/P0")) == (404, "not_found")
    sound(company)


def test_only_who_made_it_or_leads_gives_it_back(company):
    mine, theirs = made(company), made(company, role="owner")
    assert code(company.sales.delete(f"/api/promises/{theirs['id']}")) == (403, "not_yours")
    assert company.supervisor.delete(f"/api/promises/{mine['id']}").status_code == 200
    for role in ("picker", "finance"):
        assert code(promise(company, role=role)) == (403, "not_yours")
        assert code(getattr(company, role).get("/api/promises")) == (403, "not_yours")


def test_what_has_lapsed_is_free_at_once_without_any_sweep(company):
    found = made(company, 100)
    company.clock.forward(DAY)
    assert free(company) == (100, 0)
    assert holds(company) == []
    assert company.sales.get(f"/api/promises/{found['id']}").json()["state"] == "lapsed"
    assert company.sales.get("/api/promises?state=open").json()["items"] == []
    assert code(order(company, found["id"])) == (409, "promise_gone")
    assert code(company.sales.delete(f"/api/promises/{found['id']}")) == (409, "promise_gone")
    assert order(company, None, 100, warehouse="SH").json()["state"] == "to_pick"
    assert free(company) == (100, 100)
    assert sweep(company) is False
    assert free(company) == (100, 100)
    sound(company)


def test_a_promise_takes_the_place_of_one_that_lapsed(company):
    first = made(company, 100)
    company.clock.forward(DAY)
    second = made(company, 100)
    assert second["warehouse"] == "SH"
    sweep(company)
    states = [company.sales.get(f"/api/promises/{one['id']}").json()["state"] for one in (first, second)]
    assert states == ["lapsed", "open"]
    sound(company)


def test_the_sweep_feeds_who_waits_for_any_of_its_goods(company):
    lines = [{"sku": "BP-1023", "qty": 100}, {"sku": "OF-3001", "qty": 100}]
    found = made(company, lines=lines)
    waits = company.supervisor.post(
        "/api/orders", draft(warehouse="SH", lines=[{"sku": "OF-3001", "qty": 1, "price_fen": 1}])
    ).json()
    company.clock.forward(DAY)
    assert (
        order(company, None, 1, warehouse="SH").json()["state"] == "to_pick"
    )  # took what had lapsed of BP-1023
    sweep(company)
    assert company.sales.get(f"/api/orders/{waits['order_no']}").json()["state"] == "to_pick"
    assert kinds(company, f"promise:{found['id']}") == ["promise.made", "promise.lapsed"]
    sound(company)


def kinds(company, subject):
    rows = company.db.reader.now(lambda tx: tx.all(journal.Q.entries_of, subject=subject))
    return [row["kind"] for row in rows]


def test_an_unpaid_order_keeps_what_it_took_until_the_end_and_paying_keeps_it_for_good(company):
    found = made(company, 100)
    taken = order(company, found["id"], 100, role="sales", paid_at=None).json()
    assert (taken["state"], taken["lines"][0]["reserved"]) == ("awaiting_payment", 100)
    assert taken["promise"]["expires_at"] == found["expires_at"]
    assert holds(company) == [(taken["order_no"], 100)]
    company.clock.forward(HOUR)
    paid = company.finance.post(f"/api/orders/{taken['order_no']}/pay", {"method": "transfer"}).json()
    assert (paid["state"], paid["warehouse"]) == ("to_pick", "SH")
    assert "expires_at" not in paid["promise"]
    company.clock.forward(2 * DAY)
    sweep(company)
    assert free(company) == (100, 100)
    assert company.sales.get(f"/api/promises/{found['id']}").json()["state"] == "used"
    sound(company)


@pytest.mark.parametrize("is_swept", [True, False])
def test_an_order_that_is_not_paid_in_time_holds_nothing_and_is_reserved_anew(company, is_swept):
    found = made(company, 100)
    taken = order(company, found["id"], 100, role="sales", paid_at=None).json()
    company.clock.forward(DAY)
    assert free(company) == (100, 0)
    if is_swept:
        sweep(company)
    other = order(company, None, 50, warehouse="SH").json()
    assert other["state"] == "to_pick"
    seen = company.sales.get(f"/api/orders/{taken['order_no']}").json()
    assert (seen["state"], seen["lines"][0]["reserved"]) == ("awaiting_payment", 0)
    paid = company.finance.post(f"/api/orders/{taken['order_no']}/pay", {"method": "transfer"}).json()
    assert (paid["state"], paid["warehouse"]) == ("to_pick", "SZ")
    sweep(company)
    sound(company)


def test_paid_late_but_before_anybody_else_came_it_keeps_its_own(company):
    found = made(company, 100)
    taken = order(company, found["id"], 100, role="sales", paid_at=None).json()
    company.clock.forward(DAY)
    paid = company.finance.post(f"/api/orders/{taken['order_no']}/pay", {"method": "transfer"}).json()
    assert (paid["state"], paid["warehouse"]) == ("to_pick", "SH")
    sweep(company)
    assert free(company) == (100, 100)
    sound(company)


def test_a_cancelled_order_gives_back_what_it_took_over(company):
    found = made(company, 100)
    taken = order(company, found["id"], 100, role="sales", paid_at=None).json()
    assert (
        company.sales.post(f"/api/orders/{taken['order_no']}/cancel", {"reason": "不要了"}).status_code == 200
    )
    assert free(company) == (100, 0)
    company.clock.forward(DAY)
    sweep(company)
    assert company.sales.get(f"/api/promises/{found['id']}").json()["state"] == "used"
    sound(company)


def test_a_next_version_that_asks_for_more_than_there_is_changes_nothing(company):
    found = made(company, 60)
    taken = order(company, found["id"], 60, role="supervisor", paid_at=None).json()
    more = {"changes": {"lines": [{"sku": "BP-1023", "qty": 101}]}}
    refused = company.sales.post(f"/api/orders/{taken['order_no']}/amend", more)
    assert (refused.status_code, refused.json()["code"]) == (409, "short_stock")
    assert holds(company) == [(taken["order_no"], 60)]
    sound(company)


def test_goods_that_are_collected_have_no_way_before_them(company):
    lines = [{"sku": "BP-1023", "qty": 1}]
    collected = company.sales.post("/api/promises", {"address": "自提", "lines": lines}).json()
    assert collected["eta_from"] == collected["eta_to"] == collected["ship_by"]
    assert (
        company.sales.post("/api/orders", draft(address="自提", paid_at=None)).json()["tags"][0]["tag"]
        == "自提"
    )


def test_a_promise_that_is_gone_says_what_became_of_it(company):
    found = made(company, 1)
    company.sales.delete(f"/api/promises/{found['id']}")
    refused = order(company, found["id"], 1)
    assert (refused.status_code, refused.json()["code"]) == (409, "promise_gone")
    assert "退回" in refused.json()["detail"]


@pytest.mark.parametrize("is_paid", [True, False])
def test_the_next_version_keeps_dates_and_pieces_where_the_lines_fit(company, is_paid):
    found = made(company, 60)
    change = {} if is_paid else {"paid_at": None}
    taken = order(company, found["id"], 60, role="supervisor", **change).json()
    said = taken["promise"]
    new = company.sales.post(
        f"/api/orders/{taken['order_no']}/amend",
        {"changes": {"lines": [{"sku": "BP-1023", "qty": 50}], "note": "x"}},
    ).json()
    assert (new["promise"], new["warehouse"], new["lines"][0]["reserved"]) == (said, "SH", 50)
    assert holds(company) == [(new["order_no"], 50)]
    other = company.sales.post(
        f"/api/orders/{new['order_no']}/amend", {"changes": {"lines": [{"sku": "OF-3001", "qty": 1}]}}
    ).json()
    assert other["promise"] is None
    assert other["lines"][0]["reserved"] == int(is_paid)
    company.clock.forward(DAY)
    sweep(company)
    sound(company)


def test_a_promise_whose_pieces_are_gone_says_so_and_gives_the_rest_to_others(company):
    lines = [{"sku": "BP-1023", "qty": 100}, {"sku": "OF-3001", "qty": 100}]
    found = made(company, lines=lines)
    waits = company.supervisor.post(
        "/api/orders", draft(warehouse="SH", lines=[{"sku": "OF-3001", "qty": 1, "price_fen": 1}])
    ).json()
    count = {"kind": "count", "warehouse": "SH", "sku": "BP-1023", "qty": 40, "bin": "A-01-01"}
    assert company.supervisor.post("/api/stock/moves", count).status_code == 201
    seen = company.sales.get(f"/api/promises/{found['id']}").json()
    assert (seen["state"], seen["why"]) == ("lost", "盘点少了")
    assert [one["id"] for one in company.sales.get("/api/promises?state=lost&by=sales").json()["items"]] == [
        found["id"]
    ]
    assert code(order(company, found["id"])) == (409, "promise_gone")
    assert company.sales.get(f"/api/orders/{waits['order_no']}").json()["state"] == "to_pick"
    assert kinds(company, f"promise:{found['id']}") == ["promise.made", "promise.lost"]
    sound(company)


def test_an_unpaid_orders_pieces_that_are_gone_make_it_red(company):
    found = made(company, 100)
    taken = order(company, found["id"], 100, role="sales", paid_at=None).json()
    count = {"kind": "count", "warehouse": "SH", "sku": "BP-1023", "qty": 40, "bin": "A-01-01"}
    company.supervisor.post("/api/stock/moves", count)
    seen = company.sales.get(f"/api/orders/{taken['order_no']}").json()
    assert (seen["state"], seen["colour"]["code"], seen["lines"][0]["reserved"]) == (
        "awaiting_payment",
        "red",
        0,
    )
    company.supervisor.post("/api/stock/moves", {**count, "qty": 50})
    paid = company.finance.post(f"/api/orders/{taken['order_no']}/pay", {"method": "transfer"}).json()
    assert (paid["state"], paid["exceptions"]) == ("to_pick", [])
    sound(company)


def test_a_better_customer_keeps_what_another_gives_way_with(company):
    vip = made(company, 50)
    common = made(company, 50, customer={"name": "新客户", "phone": "13700000002"})
    count = {"kind": "count", "warehouse": "SH", "sku": "BP-1023", "qty": 40, "bin": "A-01-01"}
    company.supervisor.post("/api/stock/moves", count)
    states = [company.sales.get(f"/api/promises/{one['id']}").json()["state"] for one in (vip, common)]
    assert states == ["open", "lost"]


def test_who_is_forgotten_leaves_no_address_behind_and_the_journal_whole(company):
    found = made(company)
    taken = order(company, found["id"]).json()
    assert found["address"]["text"] == PLACE
    company.db.writer.now(lambda tx: forgetting.forget(tx, "C0042", SYSTEM, company.clock()))
    seen = company.sales.get(f"/api/promises/{found['id']}").json()
    assert (seen["address"]["text"], seen["customer"]) == ("", {"id": "C0042", "name": ERASED})
    assert (
        company.sales.get(f"/api/orders/{taken['order_no']}").json()["promise"]["ship_by"] == found["ship_by"]
    )
    _, _, fault = company.db.reader.now(lambda tx: guard.verify(tx, company.db.folder / "none", None))
    assert fault is None


def test_the_list_is_newest_first_in_pages(company):
    ids = [made(company, 1)["id"] for _ in range(5)]
    company.clock.forward(HOUR)
    ids.append(made(company, 1)["id"])
    found, cursor = [], ""
    while cursor is not None:
        answer = company.sales.get(f"/api/promises?limit=2&cursor={cursor}").json()
        found += [one["id"] for one in answer["items"]]
        cursor = answer["next"]
    assert found[0] == ids[-1]
    assert sorted(found) == sorted(ids)
    assert code(company.sales.get("/api/promises?state=taken")) == (400, "invalid")
    assert company.sales.get("/api/promises?by=owner").json()["items"] == []
