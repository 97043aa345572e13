"""Orders that stay unpaid are asked for, behind real signatures; the answer is one with the notification that comes late."""

import hashlib
import json

import pytest

from api.channels import store
from api.channels.asking import CLIENTS, doudian
from api.channels.asking.rounds import Asking
from api.outbound.guard import ANYWHERE
from bench.platforms import Event, Push, pay_body, pay_headers, pay_secrets
from tests.support.company import SECRET
from tests.support.loopback import serving
from tests.support.senders import inbox, last, only, put_channel, send
from tests.support.shops import MERCHANT_PEM, Shops
from tests.support.vectors import KNOWN

MINUTE = 60_000


@pytest.fixture
def shops(clock):
    app = Shops(clock)
    with serving(app) as server:
        app.url = server.url
        yield app


@pytest.fixture
def asking(company, clock, shops):
    bases = dict.fromkeys(CLIENTS, shops.url)
    return Asking(company.db, clock, store.sealing_key(SECRET), "Asia/Shanghai", 10 * MINUTE, bases, ANYWHERE)


def ordered(company, channel, number="4867612908000345678"):
    """An order that waits for its money, put in by hand under its channel's number."""
    body = {
        "channel": channel, "external_no": number, "customer": {"name": "宝诚", "phone": "13800000000"},
        "address": "上海市浦东新区张江路1号", "lines": [{"sku": "BP-1023", "qty": 4, "price_fen": 12800}],
    }  # fmt: skip
    answer = company.supervisor.post("/api/orders", body)
    assert answer.status_code == 201, answer.text
    return number


MERCHANT = {"mchid": "1900000001", "serial_no": "ABC123", "private_key": MERCHANT_PEM}


def pay_channel(company, **secrets):
    put_channel(
        company, "wechat_pay_v3", {**pay_secrets(), **MERCHANT, **secrets}, code="pay", **{"for": "pos"}
    )


def transaction(number, total=51200):
    return {
        "out_trade_no": number, "transaction_id": f"42{number}", "trade_state": "SUCCESS",
        "success_time": "2026-01-22T10:06:00+08:00", "amount": {"total": total},
    }  # fmt: skip


def test_wechat_pay_is_asked_and_the_late_notice_is_a_duplicate(company, clock, shops, asking):
    pay_channel(company)
    number = ordered(company, "pos")
    shops.paid[number] = transaction(number)
    assert asking.round() == 0  # too young
    assert shops.asked == []
    clock.forward(11 * MINUTE)
    assert asking.round() == 1
    assert (only(company)["state"], only(company)["paid_fen"]) == ("to_pick", 51200)
    row = last(company)
    assert (row["status"], row["channel"], json.loads(row["raw"])["out_trade_no"]) == ("done", "pay", number)
    body = pay_body(Event("pay", {}, "late"), transaction(number), "TRANSACTION.SUCCESS")
    push = Push("/in/pay", body, pay_headers(clock.now // 1000, "late", body))
    assert (send(company, push).status_code, last(company)["status"]) == (200, "duplicate")
    assert asking.round() == 0
    assert len(shops.asked) == 1


def test_what_is_not_paid_is_asked_again_after_twice_the_time(company, clock, shops, asking):
    pay_channel(company)
    number = ordered(company, "pos")
    clock.forward(10 * MINUTE + 1)
    counts = []
    for _ in range(8):
        asking.round()
        counts.append(len(shops.asked))
        clock.forward(10 * MINUTE)
    assert counts == [1, 2, 2, 3, 3, 3, 3, 4]
    assert (only(company)["state"], inbox(company)) == ("awaiting_payment", [])
    shops.paid[number] = transaction(number, 50000)
    clock.forward(160 * MINUTE)
    assert asking.round() == 1
    assert [one["code"] for one in only(company)["exceptions"]] == ["amount_mismatch"]


def test_an_answer_that_is_not_proven_pays_nothing(company, clock, shops, asking):
    pay_channel(company)
    number = ordered(company, "pos")
    shops.paid[number] = transaction(number)
    shops.break_ = lambda body: body.replace(b"51200", b"51201")
    clock.forward(11 * MINUTE)
    assert (asking.round(), shops.asked != []) == (0, True)
    shops.break_ = lambda body: body
    shops.paid[number] = transaction("another")
    clock.forward(11 * MINUTE)
    assert (asking.round(), inbox(company), only(company)["state"]) == (0, [], "awaiting_payment")


@pytest.mark.parametrize("change", [{"mchid": "1"}, {"private_key": "none"}, {"serial_no": "X"}])
def test_a_wrong_merchant_is_refused_by_the_platform(company, clock, shops, asking, change):
    pay_channel(company, **change)
    number = ordered(company, "pos")
    shops.paid[number] = transaction(number)
    clock.forward(11 * MINUTE)
    assert (asking.round(), only(company)["state"]) == (0, "awaiting_payment")


def test_a_channel_without_credentials_is_never_asked_for(company, clock, shops, asking):
    pay_channel(company, private_key=None)
    ordered(company, "pos")
    clock.forward(11 * MINUTE)
    assert (asking.round(), shops.asked) == (0, [])
    pay_channel(company)
    company.supervisor.put("/api/channels/pay", {"enabled": False})
    assert (asking.round(), shops.asked) == (0, [])


def test_doudian_is_asked_with_a_signed_call(company, clock, shops, asking):
    put_channel(company, "doudian", {"app_key": "k", "app_secret": "shop secret", "shop_id": "4463798"})
    number = ordered(company, "mine")
    clock.forward(11 * MINUTE)
    assert asking.round() == 0
    shops.paid[number] = {"order_status": 2, "pay_time": 1769047560, "pay_amount": 51200}
    clock.forward(11 * MINUTE)
    assert asking.round() == 1
    assert (only(company)["state"], only(company)["paid_fen"]) == ("to_pick", 51200)
    assert shops.asked == ["/token/create", "/order/orderDetail"] * 2


def test_doudian_refuses_another_secret(company, clock, shops, asking):
    put_channel(company, "doudian", {"app_key": "k", "app_secret": "wrong", "shop_id": "4463798"})
    shops.paid[ordered(company, "mine")] = {"pay_time": 1769047560, "pay_amount": 51200}
    clock.forward(11 * MINUTE)
    assert (asking.round(), shops.asked) == (0, ["/token/create"])


def test_the_published_signature_of_a_call():
    vector = KNOWN["doudian-api-sign"]
    inputs = {k: vector["inputs"][k] for k in ("app_key", "app_secret", "method", "param_json", "timestamp")}
    assert doudian.pattern(**inputs) == vector["expected"]["sign_pattern"]
    assert doudian.sign(**inputs) == vector["expected"]["sign_hmac_sha256"]
    older = hashlib.md5(doudian.pattern(**inputs).encode())
    assert older.hexdigest() == vector["expected"]["sign_md5"]
    for name, value in inputs.items():
        assert doudian.sign(**{**inputs, name: value + "0"}) != vector["expected"]["sign_hmac_sha256"]


def test_the_shop_is_asked_under_its_token(company, clock, shops, asking):
    known = {"token": "t", "app_id": "wx1", "app_secret": "app secret"}
    company.supervisor.put("/api/channels/miniprogram", {"secrets": known, "enabled": True})
    number = ordered(company, "miniprogram")
    shops.paid[number] = {"pay_info": {"pay_time": 1769047560}, "price_info": {"order_price": 51200}}
    clock.forward(11 * MINUTE)
    assert asking.round() == 1
    assert (only(company)["state"], only(company)["paid_fen"]) == ("to_pick", 51200)
    assert shops.asked == ["/cgi-bin/stable_token", "/channels/ec/order/get"]


def test_a_platform_that_is_not_there_stops_nobody(company, clock, asking):
    asking._bases = dict.fromkeys(CLIENTS, "http://127.0.0.1:9")
    pay_channel(company)
    ordered(company, "pos")
    clock.forward(11 * MINUTE)
    assert asking.round() == 0
