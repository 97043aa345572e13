"""Money that channels tell of: receipts in part, in full and too much, refunds, a channel that only pays."""

import pytest

from tests.support.senders import Till, codes, last, only, orders, ship, taken


@pytest.fixture
def till(company):
    return Till(company)


def test_an_absent_amount_is_paid_in_full(company, till):
    taken(till("order.paid", amount_fen=None))
    order = only(company)
    assert (order["state"], order["paid_fen"], codes(order)) == ("to_pick", 51200, [])


@pytest.mark.parametrize("is_first_created", [True, False])
def test_paid_less_keeps_the_receipt_and_waits(company, till, is_first_created):
    if is_first_created:
        taken(till("order.created"))
    taken(till("order.paid", amount_fen=50000))
    order = only(company)
    assert (order["state"], order["paid_fen"], codes(order)) == (
        "awaiting_payment",
        50000,
        ["amount_mismatch"],
    )
    assert order["lines"][0]["reserved"] == 0
    taken(till("order.paid", amount_fen=50000))  # the same receipt told twice
    assert only(company)["paid_fen"] == 50000
    taken(till("order.paid", amount_fen=1200, pay_time=1769047600))
    order = only(company)
    assert (order["state"], order["paid_fen"], codes(order)) == ("to_pick", 51200, [])


def test_the_rest_of_an_accepted_part_is_received(company, till):
    taken(till("order.paid", amount_fen=50000))
    no = only(company)["order_no"]
    body = {"exception": "amount_mismatch", "choice": "apply", "why": "抹零"}
    assert company.finance.post(f"/api/orders/{no}/resolve", body).status_code == 200
    taken(till("order.paid", amount_fen=50000))
    assert (only(company)["paid_fen"], last(company)["status"]) == (50000, "duplicate")
    taken(till("order.paid", amount_fen=1200, pay_time=1769050000))
    order = only(company)
    assert (order["paid_fen"], order["state"], codes(order)) == (51200, "to_pick", [])


def test_a_monthly_customer_pays_after_delivery(company, till):
    who = {"name": "苏州恒达修理厂", "phone": "13900000001"}
    taken(till("order.created", customer=who))
    no = only(company)["order_no"]
    cleared = company.sales.post(f"/api/orders/{no}/pay", {"method": "on_account"})
    assert (cleared.json()["state"], cleared.json()["paid_fen"]) == ("to_pick", 0)
    ship(company, no)
    company.supervisor.post(f"/api/orders/{no}/deliver", {"evidence": "前台"})
    taken(till("order.paid", customer=who, pay_time=1769990000))
    order = only(company)
    assert (order["state"], order["paid_fen"], codes(order)) == ("delivered", 51200, [])
    assert last(company)["status"] == "done"


def test_a_payment_after_the_cancellation_is_told(company, till):
    taken(till("order.created"))
    taken(till("order.cancelled"))
    taken(till("order.paid"))
    order = only(company)
    assert (order["state"], codes(order), last(company)["code"]) == ("cancelled", ["refunded"], "paid_late")


@pytest.mark.parametrize("is_first_created", [True, False])
def test_paid_more_is_paid_and_told(company, till, is_first_created):
    if is_first_created:
        taken(till("order.created"))
    taken(till("order.paid", amount_fen=60000))
    order = only(company)
    assert (order["state"], order["paid_fen"], codes(order)) == ("to_pick", 60000, ["amount_mismatch"])


def test_a_second_payment_of_a_paid_order_is_told_and_not_added(company, till):
    taken(till("order.paid"))
    taken(till("order.paid", pay_time=1769990000))  # the same sum: the same money, by another clock
    taken(till("order.paid", amount_fen=None, pay_time=1769990000))
    assert (last(company)["status"], codes(only(company))) == ("duplicate", [])
    taken(till("order.paid", amount_fen=5000, pay_time=1769990000))
    order = only(company)
    assert (order["state"], order["paid_fen"], codes(order)) == ("to_pick", 51200, ["amount_mismatch"])
    assert "¥50.00" in order["exceptions"][0]["why"]
    assert (last(company)["status"], last(company)["code"]) == ("done", "amount_mismatch")
    assert last(company)["order_no"] == order["order_no"]


@pytest.mark.parametrize("is_first_created", [True, False])
def test_a_payment_far_in_the_future_is_recorded_and_told(company, till, is_first_created):
    if is_first_created:
        taken(till("order.created"))
    ahead = company.clock() // 1000 + 32 * 86_400
    taken(till("order.paid", pay_time=ahead))
    order = only(company)
    assert (order["state"], order["paid_fen"], codes(order)) == ("to_pick", 51200, ["paid_ahead"])
    taken(till("order.paid", pay_time=ahead))
    assert last(company)["status"] == "duplicate"
    done = company.finance.post(
        f"/api/orders/{order['order_no']}/resolve",
        {"exception": "paid_ahead", "choice": "keep", "why": "时区"},
    )
    assert (done.status_code, codes(only(company))) == (200, [])
    taken(till("order.paid", order_id="P-2", pay_time=company.clock() // 1000 + 86_400))
    assert codes(only(company, q="P-2")) == []


def test_an_accepted_shortfall_clears_the_order(company, till):
    taken(till("order.paid", amount_fen=50000))
    no = only(company)["order_no"]
    body = {"exception": "amount_mismatch", "choice": "apply", "why": "抹零"}
    assert company.sales.post(f"/api/orders/{no}/resolve", body).status_code == 403
    done = company.finance.post(f"/api/orders/{no}/resolve", body).json()
    assert (done["state"], done["paid_fen"], codes(done)) == ("to_pick", 50000, [])


def test_refunds_in_part_in_full_and_late(company, till):
    for no in ("part", "full", "late"):
        taken(till("order.paid", order_id=no))
    taken(till("order.refunded", order_id="part", amount_fen=1200))
    order = only(company, q="part")
    assert (order["state"], order["paid_fen"], codes(order)) == ("to_pick", 50000, ["amount_mismatch"])
    taken(till("order.refunded", order_id="full", amount_fen=None))
    order = only(company, q="full")
    assert (order["state"], order["paid_fen"], codes(order)) == ("cancelled", 0, [])
    ship(company, only(company, q="late")["order_no"])
    taken(till("order.refunded", order_id="late", amount_fen=51200))
    order = only(company, q="late")
    assert (order["state"], order["paid_fen"], codes(order)) == ("shipped", 0, ["refunded"])


def test_a_payment_channel_speaks_of_another_channels_orders(company, till):
    body = {
        "label": "收款",
        "scheme": "standard_webhooks",
        "secrets": {"secret": "whsec_" + "QUJD" * 8},
        "mapping": {
            "event": {"path": "kind", "is": {"SUCCESS": "pay", "REFUND": "refund"}},
            "external_no": "out_trade_no",
            "paid_at": "success_time",
            "paid_fen": {"path": "amount.total", "as": "fen"},
        },
        "for": "pos",
        "enabled": True,
    }
    assert company.supervisor.put("/api/channels/till-pay", body).status_code == 200
    assert company.supervisor.get("/api/channels/till-pay").json()["for"] == "pos"
    paying = Till(company, "till-pay", "whsec_" + "QUJD" * 8)
    paid = b'{"kind":"SUCCESS","out_trade_no":"%s","success_time":"2026-01-22T10:04:00+08:00","amount":{"total":51200}}'
    taken(paying.raw(paid % b"P-1001"))
    assert (last(company)["status"], orders(company)) == ("waiting", [])
    taken(till("order.created"))
    order = only(company)
    assert (order["state"], order["paid_fen"], order["channel"]) == ("to_pick", 51200, "pos")
    taken(paying.raw(paid % b"P-1001"))
    assert last(company)["status"] == "duplicate"
    taken(till("order.created", order_id="P-2"))
    taken(paying.raw(paid % b"P-2"))
    assert only(company, q="P-2")["state"] == "to_pick"


def test_a_payment_that_cannot_be_read_is_dead_not_full(company, till):
    taken(till("order.created"))
    taken(till("order.paid", amount_fen="viel"))
    assert (last(company)["status"], only(company)["state"]) == ("dead", "awaiting_payment")
    taken(till("order.refunded", amount_fen="viel"))
    assert (last(company)["status"], only(company)["state"]) == ("dead", "awaiting_payment")
    taken(till("order.cancelled", pay_time="gestern"))
    assert only(company)["state"] == "cancelled"
