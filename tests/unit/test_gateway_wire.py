"""The gateway on the wire: every published vector, raw bytes kept before they are judged, and 50 at once."""

import json

import pytest

from tests.support.senders import MiniProgram, Till, inbox, order_data, raws, xml_of
from tests.support.vectors import KNOWN

# --- Standard Webhooks ------------------------------------------------------------------------------------

HOOK = KNOWN["stdwh-sign-1"]
GOOD = HOOK["expected"]["webhook_signature"]
OTHER = "v1,Ceo5qEr07ixe2NLpvHk3FH9bwy/WavXrAFQ/9tdO6mc="


@pytest.fixture
def hooked(company, clock):
    """At the vector's own moment; `hooked(signature, shift_s)` sends its body."""
    inputs = HOOK["inputs"]
    clock.now = int(inputs["webhook_timestamp"]) * 1000

    def send(given=GOOD, body=inputs["raw_body"], secret=inputs["secret"], **headers):
        put = company.supervisor.put("/api/channels/pos", {"secrets": {"secret": secret}})
        assert put.status_code == 200, put.text
        head = {
            "webhook-id": inputs["webhook_id"],
            "webhook-timestamp": inputs["webhook_timestamp"],
            "webhook-signature": given,
        }
        return company.client.post("/in/pos", content=body.encode(), headers={**head, **headers})

    return send


def test_the_published_webhook_is_taken(company, hooked):
    assert (hooked().status_code, hooked().status_code) == (200, 200)
    assert [one["status"] for one in inbox(company)] == ["duplicate", "ignored"]
    assert raws(company) == [HOOK["inputs"]["raw_body"].encode()] * 2


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OA=", "signature_wrong"),
        ("v1,", "signature_wrong"),
        (GOOD[:8], "signature_wrong"),
        (GOOD.replace("v1,", "v2,"), "signature_wrong"),
        ("", "signature_missing"),
    ],
)
def test_a_bad_signature_is_refused_kept_and_listed(company, hooked, given, code):
    answer = hooked(given)
    assert (answer.status_code, answer.json()["code"]) == (401, code)
    (row,) = inbox(company, status="dead")
    assert (row["code"], row["channel"], row["raw"]) == (code, "pos", HOOK["inputs"]["raw_body"])
    assert row["why"]
    assert raws(company) == [HOOK["inputs"]["raw_body"].encode()]


@pytest.mark.parametrize(
    "secret", [HOOK["inputs"]["secret"], HOOK["inputs"]["secret"].removeprefix("whsec_")]
)
def test_any_entry_may_match_and_secrets_have_several_forms(hooked, secret):
    assert hooked(f"{OTHER} {OTHER.replace('v1', 'v2')} {GOOD} {OTHER}", secret=secret).status_code == 200


@pytest.mark.parametrize(
    ("shift", "status", "code"),
    [(300, 200, ""), (-300, 200, ""), (301, 401, "timestamp_old"), (-301, 401, "timestamp_early")],
)
def test_five_minutes_either_way(company, hooked, clock, shift, status, code):
    clock.now += shift * 1000
    answer = hooked()
    assert (answer.status_code, inbox(company)[0]["code"]) == (status, code or "ignored")


def test_the_published_stripe_like_header_is_taken(company, clock):
    vector = KNOWN["stripe-like-header"]
    inputs, given = vector["inputs"], vector["expected"]["stripe_signature"]
    clock.now = int(inputs["timestamp"]) * 1000
    body = {
        "label": "Stripe",
        "scheme": "stripe_like",
        "secrets": {"secret": inputs["secret"]},
        "enabled": True,
    }
    assert company.supervisor.put("/api/channels/stripe", body).status_code == 200

    def send(header):
        head = {"stripe-signature": header}
        return company.client.post(
            "/in/stripe", content=inputs["raw_body"].encode(), headers=head
        ).status_code

    assert send(given) == 200
    assert inbox(company)[0]["code"] == "no_mapping"
    assert send(given[:-1] + "1") == 401
    clock.forward(301_000)
    assert send(given) == 401
    assert len(raws(company)) == 3


# --- WeChat -----------------------------------------------------------------------------------------------


def put_wechat(company, **secrets):
    return company.supervisor.put("/api/channels/miniprogram", {"secrets": secrets, "enabled": True})


@pytest.mark.parametrize("vector_id", ["wxpush-url-verify", "wxpush-wechatpy-signature"])
def test_the_handshake_returns_echostr(company, vector_id):
    vector = KNOWN[vector_id]
    inputs, good = vector["inputs"], vector["expected"]["signature"]
    assert put_wechat(company, token=inputs["token"]).status_code == 200
    query = {
        "timestamp": inputs["timestamp"],
        "nonce": inputs["nonce"],
        "echostr": inputs.get("echostr", "42"),
    }
    answer = company.client.get("/in/miniprogram", params={**query, "signature": good})
    assert (answer.status_code, answer.text) == (200, query["echostr"])
    assert answer.headers["content-type"].startswith("text/plain")
    wrong = company.client.get("/in/miniprogram", params={**query, "signature": good[:-1] + "e"})
    assert wrong.status_code == 401
    assert company.client.get("/in/nowhere", params=query).status_code == 404
    assert company.client.get("/in/pos", params=query).status_code == 405


def test_the_published_plain_push_is_taken(company, clock):
    vector = KNOWN["wxpush-plain-post"]
    inputs, good = vector["inputs"], vector["expected"]["signature"]
    clock.now = int(inputs["timestamp"]) * 1000
    assert put_wechat(company, token=inputs["token"]).status_code == 200
    query = {"timestamp": inputs["timestamp"], "nonce": inputs["nonce"], "signature": good}

    def send(body, **change):
        return company.client.post("/in/miniprogram", json=body, params={**query, **change})

    answer = send(inputs["json_body"])
    assert (answer.status_code, answer.text) == (200, vector["expected"]["response_body"])
    assert inbox(company)[0]["status"] == "ignored"
    assert send(inputs["json_body"]).text == "success"
    assert inbox(company)[0]["status"] == "duplicate"
    assert send(inputs["json_body"], signature=good[:-1] + "0").status_code == 401
    other = {**inputs["json_body"], "FromUserName": "somebody"}
    assert (send(other).status_code, inbox(company)[0]["code"]) == (401, "nonce_used")
    clock.forward(301_000)
    assert (send(inputs["json_body"]).status_code, inbox(company)[0]["code"]) == (401, "timestamp_old")


def test_the_published_secure_push_is_taken_in_both_formats(company, clock):
    vector = KNOWN["wxpush-secure-post"]
    inputs, good = vector["inputs"], vector["expected"]["msg_signature"]
    clock.now = int(inputs["timestamp"]) * 1000
    aes = {"encoding_aes_key": inputs["encoding_aes_key"], "app_id": inputs["appid"]}
    assert put_wechat(company, token=inputs["token"], **aes).status_code == 200
    query = {"timestamp": inputs["timestamp"], "nonce": inputs["nonce"], "msg_signature": good}
    query["signature"] = inputs["url_signature"]

    def send(encrypt=inputs["encrypt"], *, is_xml=False, **change):
        envelope = {"ToUserName": "gh_97417a04a28d", "Encrypt": encrypt}
        body = xml_of(envelope) if is_xml else json.dumps(envelope)
        return company.client.post("/in/miniprogram", content=body, params={**query, **change})

    assert send().text == "success"
    assert send(is_xml=True).text == "success"
    assert [one["status"] for one in inbox(company)] == ["duplicate", "ignored"]
    assert send(msg_signature=inputs["url_signature"]).status_code == 401
    assert send(msg_signature="").status_code == 401
    assert send("AAAAAAAA" + inputs["encrypt"][8:]).status_code == 401
    put_wechat(company, app_id="wx_other")
    assert (send().status_code, inbox(company)[0]["code"]) == (401, "app_id_wrong")
    assert len(inbox(company, status="dead")) == 4


@pytest.mark.parametrize("is_secure", [False, True])
@pytest.mark.parametrize("is_xml", [False, True])
def test_an_order_of_the_mini_program_in_every_form(company, is_secure, is_xml):
    mini = MiniProgram(company, is_secure=is_secure, is_xml=is_xml)
    assert mini.set_up().status_code == 200
    number = 3705115058471208928
    goods = [{"sku": "BP-1023", "qty": 4, "price_fen": 12800}, {"sku": "OF-3001", "qty": 1, "price_fen": 0}]
    assert mini("channels_ec_order_new", order_id=number, pay_time=None, items=goods).text == "success"
    assert mini("channels_ec_order_pay", order_id=number, items=goods).text == "success"
    (order,) = company.supervisor.get("/api/orders").json()["items"]
    assert (order["state"], order["external_no"], order["paid_fen"]) == ("to_pick", str(number), 51200)
    assert [line["sku"] for line in order["lines"]] == ["BP-1023", "OF-3001"]
    assert order["options"] == ["需加装防震泡沫"]
    assert mini("channels_ec_order_new", order_id=number, pay_time=None).text == "success"  # other goods
    told = inbox(company)[0]
    assert (told["status"], told["code"]) == ("done", "differs")
    assert mini("channels_ec_order_cancel", order_id=number).text == "success"
    assert company.sales.get(f"/api/orders/{order['order_no']}").json()["state"] == "cancelled"
    assert mini("channels_ec_order_new", order_id="one", pay_time=None).text == "success"
    assert company.supervisor.get("/api/orders?q=one").json()["items"][0]["options"] == ["需加装防震泡沫"]


# --- what cannot be taken, and many at once ---------------------------------------------------------------


def test_an_unknown_channel_is_no_place(company):
    for code in ("nowhere", "POS", "..", "%00", "pos/x"):
        assert company.client.post(f"/in/{code}", content=b"{}").status_code in (401, 404, 405), code


def test_a_channel_that_is_off_keeps_what_comes(company):
    till = Till(company)
    assert company.supervisor.put("/api/channels/pos", {"enabled": False}).status_code == 200
    assert till("order.paid").status_code == 503
    (row,) = inbox(company, status="dead")
    assert row["code"] == "channel_off"
    assert company.supervisor.post(f"/api/inbox/{row['id']}/replay").json()["code"] == "channel_off"
    company.supervisor.put("/api/channels/pos", {"enabled": True})
    done = company.supervisor.post(f"/api/inbox/{row['id']}/replay").json()
    assert (done["status"], bool(done["order_no"])) == ("done", True)
    assert company.supervisor.post(f"/api/inbox/{row['id']}/replay").json()["code"] == "not_waiting"


def test_a_platform_that_tries_again_with_the_same_url_is_heard(company, clock):
    mini = MiniProgram(company, is_secure=False, is_xml=False)
    assert mini.set_up().status_code == 200
    company.supervisor.put("/api/channels/miniprogram", {"enabled": False})
    assert mini("channels_ec_order_pay", nonce="the-same").status_code == 503
    company.supervisor.put("/api/channels/miniprogram", {"enabled": True})
    for status in ("done", "duplicate"):
        assert mini("channels_ec_order_pay", nonce="the-same").text == "success"
        assert inbox(company)[0]["status"] == status
    assert mini("channels_ec_order_pay", nonce="the-same", order_id="another").status_code == 401


def test_several_messages_in_one_push(company):
    till = Till(company)
    parts = [
        {"type": "order.paid", "data": order_data(order_id="A")},
        {"type": "order.created", "data": order_data(order_id="B", items=[])},
        {"type": "order.cancelled", "data": {"order_id": "A"}},
        {"type": "weather"},
    ]
    body = json.dumps(parts, ensure_ascii=False).encode()
    for _ in range(2):
        assert till.raw(body, "msg_several").status_code == 200
    rows = inbox(company)
    assert [row["status"] for row in rows] == ["duplicate"] * 4 + ["ignored", "done", "dead", "done"]
    assert raws(company)[0] == body
    assert sum(map(len, raws(company))) < 6 * len(body)
    assert till.raw(b"[]").status_code == 200
    assert (inbox(company)[0]["status"], raws(company)[-1]) == ("ignored", b"[]")
    assert till.raw(b"[" + b"{}," * 1000 + b"{}]").status_code == 400
