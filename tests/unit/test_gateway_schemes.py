"""Every scheme over HTTP: WeChat Pay's published notifications and what is wrong with them, an order by each platform."""

import hashlib
import json

import pytest

from api.channels.asking import wechat_pay as asking
from api.channels.schemes import wechat_pay
from bench.platforms import (
    PLATFORMS,
    Event,
    pay_secrets,
)  # fmt: skip
from tests.support.senders import last, only, order_data, put_channel, raws, send
from tests.support.vectors import KNOWN

# --- WeChat Pay -------------------------------------------------------------------------------------------

PAY, REFUND = KNOWN["wxpay-notify-go-e2e"]["inputs"], KNOWN["wxpay-refund-success-pubkey"]["inputs"]


def put_pay(company, inputs, **change):
    pem = inputs.get("public_key_pem") or inputs["platform_certificate_pem"]
    keys = {inputs["headers"]["Wechatpay-Serial"]: pem}
    return put_channel(company, "wechat_pay_v3", {"api_v3_key": inputs["apiv3_key"], "keys": keys}, **change)


def notify(company, inputs, body=None, **headers):
    body = inputs["raw_body"] if body is None else body
    return company.client.post("/in/mine", content=body.encode(), headers={**inputs["headers"], **headers})


@pytest.mark.parametrize("inputs", [PAY, REFUND], ids=["certificate", "public key"])
def test_the_published_notification_is_taken(company, clock, inputs):
    clock.now = inputs["now_unix"] * 1000
    put_pay(company, inputs)
    for status in ("ignored" if inputs is PAY else "waiting", "duplicate"):
        answer = notify(company, inputs)
        assert (answer.status_code, answer.json()["code"]) == (200, "SUCCESS")
        assert last(company)["status"] == status
    assert notify(company, inputs, inputs["raw_body"] + " ").status_code == 401
    assert notify(company, inputs, **{"Wechatpay-Nonce": "another"}).status_code == 401
    assert raws(company) == [inputs["raw_body"].encode() + end for end in (b"", b"", b" ", b"")]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"body": REFUND["raw_body"] + " "}, "signature_wrong"),
        ({"Wechatpay-Nonce": "another"}, "signature_wrong"),
        ({"Wechatpay-Signature": "not base64"}, "signature_wrong"),
        ({"Wechatpay-Signature": ""}, "signature_missing"),
        ({"Wechatpay-Serial": "PUB_KEY_ID_0"}, "serial_unknown"),
        ({"Wechatpay-Serial": ""}, "serial_unknown"),
        ({"Wechatpay-Timestamp": "soon"}, "timestamp_malformed"),
        (
            {"Wechatpay-Signature": "WECHATPAY/SIGNTEST/" + REFUND["headers"]["Wechatpay-Signature"]},
            "signature_probe",
        ),
    ],
)
def test_what_is_wrong_with_a_notification(company, clock, change, code):
    clock.now = REFUND["now_unix"] * 1000
    put_pay(company, REFUND)
    answer = notify(company, REFUND, **change)
    assert (answer.status_code, answer.json()["code"]) == (401, "FAIL")
    # The platform's own trial is refused and kept, and stands on nobody's list of troubles.
    assert (last(company)["code"], last(company)["status"]) == (
        code,
        "ignored" if code.endswith("probe") else "dead",
    )
    assert raws(company) == [change.get("body", REFUND["raw_body"]).encode()]


@pytest.mark.parametrize(("shift", "status"), [(299, 200), (-299, 200), (300, 401), (-300, 401)])
def test_a_notification_lives_less_than_five_minutes(company, clock, shift, status):
    clock.now = (PAY["now_unix"] + shift) * 1000
    put_pay(company, PAY)
    assert notify(company, PAY).status_code == status


def test_a_certificate_is_found_by_its_own_serial_and_both_kinds_live_side_by_side(company, clock):
    clock.now = PAY["now_unix"] * 1000
    keys = {"the old one": PAY["platform_certificate_pem"], "PUB_KEY_ID_1": REFUND["public_key_pem"]}
    put_channel(company, "wechat_pay_v3", {"api_v3_key": PAY["apiv3_key"], "keys": keys})
    assert notify(company, PAY).status_code == 200
    # The wrong key opens nothing, whatever the signature says.
    put_channel(company, "wechat_pay_v3", {"api_v3_key": "0" * 32})
    assert (notify(company, PAY).status_code, last(company)["code"]) == (400, "cannot_decrypt")


def test_keys_are_given_as_a_map_shown_as_set_and_taken_back(company):
    shown = put_pay(company, REFUND)
    assert shown["secrets"]["keys"]["set"] is True
    assert shown["mapping"]["external_no"] == "resource.out_trade_no"
    assert "BEGIN" not in json.dumps(shown)
    again = company.supervisor.put("/api/channels/mine", shown)
    assert (again.status_code, again.json()["secrets"]) == (200, shown["secrets"])
    for keys in ({"1": "no PEM"}, "text", {}, [], ["x"]):
        assert company.supervisor.put("/api/channels/mine", {"secrets": {"keys": keys}}).status_code in (
            400,
            422,
        )
    short = {"api_v3_key": "short"}
    assert company.supervisor.put("/api/channels/mine", {"secrets": short}).status_code == 400
    text = json.dumps({"PUB_KEY_ID_2": REFUND["public_key_pem"]})
    assert company.supervisor.put("/api/channels/mine", {"secrets": {"keys": text}}).status_code == 200


def test_the_published_resources_open():
    vector = KNOWN["wxpay-certificates-download"]
    (entry,) = vector["inputs"]["response"]["data"]
    pem = wechat_pay.opened(entry["encrypt_certificate"], vector["inputs"]["apiv3_key"])
    assert hashlib.sha256(pem).hexdigest() == vector["expected"]["plaintext_sha256"]
    assert wechat_pay.public_key(pem.decode())[1] == vector["expected"]["serial_hex"]
    for one in (KNOWN["wxpay-notify-go-e2e"], KNOWN["wxpay-refund-success-pubkey"]):
        resource = json.loads(one["inputs"]["raw_body"])["resource"]
        found = wechat_pay.opened(resource, one["inputs"]["apiv3_key"])
        expected = one["expected"]["resource_plaintext"]
        assert json.loads(found) == (json.loads(expected) if isinstance(expected, str) else expected)
        assert wechat_pay.opened({**resource, "associated_data": "x"}, one["inputs"]["apiv3_key"]) is None
        assert wechat_pay.opened({**resource, "algorithm": "none"}, one["inputs"]["apiv3_key"]) is None


def test_the_published_signature_of_a_text():
    vector = KNOWN["wxpay-rsa-sha256"]
    key = wechat_pay.public_key(vector["inputs"]["public_key_pem"])[0]
    given = vector["expected"]["signature_b64"]
    assert wechat_pay.is_signed(key, vector["inputs"]["message"].encode(), given)
    assert not wechat_pay.is_signed(
        key, vector["expected"]["verify_other_message"]["message"].encode(), given
    )
    for wrong in ("", "%", given[:-8]):
        assert not wechat_pay.is_signed(key, vector["inputs"]["message"].encode(), wrong)
    pem = vector["inputs"]["testing_private_key_pem"].replace("TESTING KEY", "PRIVATE KEY")
    assert asking.sign(asking.private_key(pem), vector["inputs"]["message"].encode()) == given


def test_a_payment_channel_pays_and_refunds_the_orders_of_another(company, clock):
    put_channel(company, "wechat_pay_v3", pay_secrets(), code="pay", **{"for": "pos"})
    pos = PLATFORMS["standard_webhooks"]

    def send_pay(kind, n):
        return send(
            company, PLATFORMS["wechat_pay_v3"].push("pay", Event(kind, order_data(), n), clock.now // 1000)
        )

    assert send_pay("pay", "1").status_code == 200
    assert last(company)["status"] == "waiting"
    created = Event("order.created", order_data(pay_time=None), "m1")
    assert send(company, pos.push("pos", created, clock.now // 1000)).status_code == 200
    assert (only(company)["state"], only(company)["paid_fen"]) == ("to_pick", 51200)
    # The same news under a new id is the same news.
    assert (send_pay("pay", "2").status_code, last(company)["status"]) == (200, "duplicate")
    assert send_pay("refund", "3").status_code == 200
    assert (only(company)["state"], only(company)["paid_fen"]) == ("cancelled", 0)
    assert (send_pay("refund", "4").status_code, last(company)["status"]) == (200, "duplicate")


# --- all of them --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("scheme", sorted(set(PLATFORMS) - {"wechat_pay_v3"}))
def test_an_order_by_every_platform(company, clock, scheme):
    platform = PLATFORMS[scheme]
    put_channel(company, scheme, platform.secrets(), mapping=platform.mapping())

    def push(kind, number, **change):
        answer = send(
            company, platform.push("mine", Event(kind, order_data(**change), number), clock.now // 1000)
        )
        assert answer.status_code == 200, answer.text
        return last(company)["status"]

    assert push("pay", "1", items=None, address=None) == "waiting"
    assert push("create", "2", pay_time=None) == "done"
    assert (only(company)["state"], only(company)["paid_fen"]) == ("to_pick", 51200)
    assert push("create", "2", pay_time=None) == "duplicate"
    assert push("refund", "3") == "done"
    assert only(company)["state"] == "cancelled"
    assert push("cancel", "4") == "duplicate"


@pytest.mark.parametrize("scheme", sorted(PLATFORMS))
def test_one_changed_letter_is_refused_and_listed(company, clock, scheme):
    platform = PLATFORMS[scheme]
    put_channel(company, scheme, platform.secrets(), mapping=platform.mapping())
    push = platform.push("mine", Event("pay", order_data(), "1"), clock.now // 1000)
    changed = push._replace(body=push.body[:-9] + bytes([push.body[-9] ^ 1]) + push.body[-8:])
    if scheme in ("none", "sf_route"):  # only the path proves these
        changed = push._replace(path=push.path[:-1] + "x")
    assert 400 <= send(company, changed).status_code < 500
    assert (last(company)["status"], raws(company)) == ("dead", [changed.body])
    assert send(company, push).status_code == 200


def test_a_channel_that_is_off_is_told_so_in_every_platforms_words(company, clock):
    for scheme, platform in PLATFORMS.items():
        put_channel(company, scheme, platform.secrets(), mapping=platform.mapping(), code=scheme)
        assert company.supervisor.put(f"/api/channels/{scheme}", {"enabled": False}).status_code == 200
        push = platform.push(scheme, Event("pay", order_data(), "1"), clock.now // 1000)
        assert (send(company, push).status_code, last(company)["code"]) == (503, "channel_off")


@pytest.mark.parametrize("scheme", ["wecom", "dingtalk"])
def test_sealed_schemes_need_sound_secrets(company, scheme):
    platform = PLATFORMS[scheme]
    put_channel(company, scheme, platform.secrets())
    for secrets, status in (
        ({"encoding_aes_key": "short"}, 400),
        ({"receive_id": None}, 422),
        ({"nothing": "x"}, 400),
    ):
        assert company.supervisor.put("/api/channels/mine", {"secrets": secrets}).status_code == status
