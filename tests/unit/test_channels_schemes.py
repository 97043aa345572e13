"""Proof of origin: every published vector, positive and negative, and no bytes that make a scheme raise."""

import base64
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.channels.schemes import SCHEMES
from api.channels.schemes.base import REJECTIONS, Answer, Incoming, Received, Rejected
from api.channels.schemes.wechat_crypto import key_of as aes_key_of
from api.channels.schemes.wechat_crypto import seal, signature, unseal
from api.channels.schemes.wechat_push import key_for, secure_reply
from api.kernel.standard_webhooks import key_of, sign
from bench.platforms import PLATFORMS
from tests.support.vectors import KNOWN

HOOK, STRIPE = KNOWN["stdwh-sign-1"], KNOWN["stripe-like-header"]
SECURE = KNOWN["wxpush-secure-post"]
NOW = int(HOOK["inputs"]["webhook_timestamp"])


def hook(**changes: Any) -> Received | Rejected:
    """The published webhook with some of its parts changed."""
    inputs = HOOK["inputs"]
    headers = {
        "webhook-id": inputs["webhook_id"],
        "webhook-timestamp": inputs["webhook_timestamp"],
        "webhook-signature": HOOK["expected"]["webhook_signature"],
    } | changes.get("headers", {})
    incoming = Incoming("POST", changes.get("body", inputs["raw_body"].encode()), 0, headers=headers)
    secrets = {"secret": changes.get("secret", inputs["secret"])}
    return SCHEMES["standard_webhooks"].receive(incoming, secrets, changes.get("now", NOW))


def code(outcome: object) -> str:
    return outcome.code if isinstance(outcome, Rejected) else "taken"


def test_published_webhook_is_taken() -> None:
    taken = hook()
    assert isinstance(taken, Received)
    assert taken.messages[0].key == HOOK["inputs"]["webhook_id"]
    assert taken.messages[0].payload == {"test": 2432232314}
    assert taken.timestamp == NOW
    assert SCHEMES["standard_webhooks"].answer.status == 200


GOOD = HOOK["expected"]["webhook_signature"]
OTHER = "v1,Ceo5qEr07ixe2NLpvHk3FH9bwy/WavXrAFQ/9tdO6mc="


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OA=", "signature_wrong"),
        ("v1,", "signature_wrong"),
        (GOOD[:8], "signature_wrong"),
        (GOOD.replace("v1,", "v2,"), "signature_wrong"),
        (GOOD.replace("v1,", "v1a,"), "signature_wrong"),
        (GOOD.removeprefix("v1,"), "signature_wrong"),
        ("v1,中文", "signature_wrong"),
        (f"{GOOD},{GOOD}", "signature_wrong"),
        ("", "signature_missing"),
        ("   ", "signature_missing"),
        (f"{OTHER} {OTHER.replace('v1', 'v2')} {GOOD} {OTHER}", "taken"),
        (f"{OTHER} {OTHER}", "signature_wrong"),
    ],
)
def test_signature_header(header: str, expected: str) -> None:
    assert code(hook(headers={"webhook-signature": header})) == expected


@pytest.mark.parametrize(
    ("shift", "expected"),
    [(300, "taken"), (-300, "taken"), (301, "timestamp_old"), (-301, "timestamp_early")],
)
def test_clock_may_differ_by_five_minutes(shift: int, expected: str) -> None:
    assert code(hook(now=NOW + shift)) == expected


@pytest.mark.parametrize(
    ("secret", "expected"),
    [
        (HOOK["inputs"]["secret"].removeprefix("whsec_"), "taken"),
        ("whsec_" + base64.b64encode(b"k" * 25).decode().rstrip("="), "signature_wrong"),
        ("", "not_configured"),
        ("whsec_", "not_configured"),
        ("whsec_not base64", "not_configured"),
        ("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSx", "signature_wrong"),
    ],
)
def test_secret_forms(secret: str, expected: str) -> None:
    assert code(hook(secret=secret)) == expected


@pytest.mark.parametrize("length", range(24, 29))
def test_unpadded_secret_is_the_same_key(length: int) -> None:
    padded = base64.b64encode(bytes(range(length))).decode()
    assert key_of("whsec_" + padded) == key_of(padded.rstrip("=")) == bytes(range(length))


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"webhook-id": "msg.1"}, "id_malformed"),
        ({"webhook-id": ""}, "id_malformed"),
        ({"webhook-timestamp": "16142653.30"}, "timestamp_malformed"),
        ({"webhook-timestamp": "+1614265330"}, "timestamp_malformed"),
        ({"webhook-timestamp": "１６１４２６５３３０"}, "timestamp_malformed"),
        ({"webhook-timestamp": ""}, "timestamp_malformed"),
        ({"webhook-id": "msg_other"}, "signature_wrong"),
        ({"webhook-timestamp": str(NOW + 1)}, "signature_wrong"),
    ],
)
def test_id_and_timestamp_are_signed_and_formed(headers: dict[str, str], expected: str) -> None:
    assert code(hook(headers=headers)) == expected


def test_body_is_proven_raw_before_it_is_read() -> None:
    assert code(hook(body=b'{"test":2432232314}')) == "signature_wrong"
    key = key_of(HOOK["inputs"]["secret"])
    assert key
    for body in (b"not json", b"7", b"[1]", b"\xff", b""):
        good = sign(key, "msg_1", str(NOW), body)
        outcome = hook(body=body, headers={"webhook-id": "msg_1", "webhook-signature": good})
        assert isinstance(outcome, Rejected)
        assert (outcome.code, outcome.is_proven) == ("payload_unreadable", True)
    several = b'[{"a":1},{"a":2}]'
    outcome = hook(
        body=several,
        headers={"webhook-id": "msg_1", "webhook-signature": sign(key, "msg_1", str(NOW), several)},
    )
    assert isinstance(outcome, Received)
    assert [m.key for m in outcome.messages] == ["msg_1/0", "msg_1/1"]


def stripe(header: str, now: int, secret: str = STRIPE["inputs"]["secret"]) -> str:
    body = STRIPE["inputs"]["raw_body"].encode()
    incoming = Incoming("POST", body, 0, headers={"stripe-signature": header})
    return code(SCHEMES["stripe_like"].receive(incoming, {"secret": secret}, now))


def test_stripe_like_header() -> None:
    header, at = STRIPE["expected"]["stripe_signature"], int(STRIPE["inputs"]["timestamp"])
    stamp, good = header.split(",")
    assert stripe(header, at) == "taken"
    assert stripe(f"{stamp},v1=00,{good},v0=1", at + 300) == "taken"
    assert stripe(header, at - 9999) == "taken"
    assert stripe(header, at + 301) == "timestamp_old"
    assert stripe(f"{stamp},v0={good[3:]}", at) == "signature_missing"
    assert stripe(f"t={at + 1},{good}", at) == "signature_wrong"
    assert stripe(f"{stamp},{stamp},{good}", at) == "timestamp_malformed"
    assert stripe(header, at, secret="whsec_hub_test_secret ") == "signature_wrong"
    assert stripe(header, at, secret="") == "not_configured"


def test_unsigned_needs_the_key_and_an_allowed_sender() -> None:
    def outcome(given_key: str, ip: str, **secrets: str) -> str:
        incoming = Incoming("POST", b'{"a":1}', 0, path_key=given_key, ip=ip)
        return code(SCHEMES["none"].receive(incoming, secrets, 0))

    allow = "10.0.0.0/8, 2001:db8::1"
    assert outcome("k", "9.9.9.9", path_key="k") == "taken"
    assert outcome("K", "9.9.9.9", path_key="k") == "path_key_wrong"
    assert outcome("", "9.9.9.9", path_key="") == "not_configured"
    assert outcome("k", "10.1.2.3", path_key="k", ip_allow=allow) == "taken"
    assert outcome("k", "::ffff:10.1.2.3", path_key="k", ip_allow=allow) == "taken"
    assert outcome("k", "2001:db8::1", path_key="k", ip_allow=allow) == "taken"
    assert outcome("k", "11.1.2.3", path_key="k", ip_allow=allow) == "ip_refused"
    assert outcome("k", "", path_key="k", ip_allow=allow) == "ip_refused"
    assert outcome("k", "10.1.2.3", path_key="k", ip_allow="ten") == "not_configured"


# --- WeChat message push


def wechat(inputs: dict[str, Any], body: bytes, query: dict[str, str], **secrets: str) -> Received | Rejected:
    query = {"timestamp": inputs["timestamp"], "nonce": inputs["nonce"]} | query
    incoming = Incoming("POST", body, 0, query=query)
    return SCHEMES["wechat_push"].receive(incoming, {"token": inputs["token"]} | secrets, 0)


def test_wechat_handshake() -> None:
    vector = KNOWN["wxpush-url-verify"]
    inputs, scheme = vector["inputs"], SCHEMES["wechat_push"]
    query = {k: inputs[k] for k in ("timestamp", "nonce", "echostr")}

    def shake(given: str, token: str = inputs["token"]) -> Answer | Rejected:
        return scheme.handshake(Incoming("GET", b"", 0, query=query | {"signature": given}), {"token": token})

    answer = shake(vector["expected"]["signature"])
    assert isinstance(answer, Answer)
    assert answer.body.decode() == vector["expected"]["response_body"]
    assert code(shake(vector["expected"]["signature"][:-1] + "7")) == "signature_wrong"
    assert code(shake("")) == "signature_missing"
    assert code(shake(signature("", inputs["timestamp"], inputs["nonce"]), "")) == "not_configured"
    assert code(SCHEMES["none"].handshake(Incoming("GET", b"", 0), {})) == "no_handshake"


@pytest.mark.parametrize("vector_id", ["wxpush-wechatpy-signature", "wxpush-url-verify", "wxpush-plain-post"])
def test_url_signatures(vector_id: str) -> None:
    vector = KNOWN[vector_id]
    inputs = vector["inputs"]
    assert signature(inputs["token"], inputs["timestamp"], inputs["nonce"]) == vector["expected"]["signature"]


def test_wechat_plain_mode_only_without_a_key() -> None:
    vector = KNOWN["wxpush-plain-post"]
    inputs, good = vector["inputs"], {"signature": vector["expected"]["signature"]}
    body = json.dumps(inputs["json_body"]).encode()
    taken = wechat(inputs, body, good)
    assert isinstance(taken, Received)
    assert taken.messages[0].payload == inputs["json_body"]
    assert (taken.timestamp, taken.nonce) == (int(inputs["timestamp"]), inputs["nonce"])
    assert SCHEMES["wechat_push"].answer.body.decode() == vector["expected"]["response_body"]
    assert code(wechat(inputs, body, {"signature": good["signature"][:-1] + "9"})) == "signature_wrong"
    assert code(wechat(inputs, body, {})) == "signature_missing"
    assert code(wechat(inputs, b'{"Encrypt":"x"}', good)) == "encrypted_body"
    aes = {"encoding_aes_key": "A" * 43, "app_id": "wx1"}
    assert code(wechat(inputs, body, good, **aes)) == "signature_missing"
    assert code(wechat(inputs, body, good | {"msg_signature": good["signature"]}, **aes)) == "not_encrypted"


def secure(
    body: bytes | None = None, query: dict[str, str] | None = None, **secrets: str
) -> Received | Rejected:
    inputs = SECURE["inputs"]
    envelope = {"ToUserName": "gh_97417a04a28d", "Encrypt": inputs["encrypt"]}
    known = {"encoding_aes_key": inputs["encoding_aes_key"], "app_id": inputs["appid"]}
    query = {"msg_signature": SECURE["expected"]["msg_signature"]} if query is None else query
    return wechat(inputs, json.dumps(envelope).encode() if body is None else body, query, **(known | secrets))


def test_wechat_secure_mode_in_json_and_xml() -> None:
    encrypted = SECURE["inputs"]["encrypt"]
    xml = f"<xml><ToUserName><![CDATA[gh]]></ToUserName><Encrypt><![CDATA[{encrypted}]]></Encrypt></xml>"
    both = {"ToUserName": "gh", "Event": "forged", "Encrypt": encrypted}
    for body in (None, xml.encode(), json.dumps(both).encode()):
        taken = secure(body)
        assert isinstance(taken, Received)
        assert taken.messages[0].payload == json.loads(SECURE["expected"]["plaintext"])


def test_wechat_secure_mode_negatives() -> None:
    inputs = SECURE["inputs"]
    url_only = {"signature": inputs["url_signature"]}
    assert code(secure(query=url_only)) == "signature_missing"
    assert code(secure(query={"msg_signature": inputs["url_signature"]})) == "signature_wrong"
    torn = json.dumps({"Encrypt": "AAAAAAAA" + inputs["encrypt"][8:]}).encode()
    assert code(secure(torn)) == "signature_wrong"
    assert code(secure(app_id="wx_other")) == "app_id_wrong"
    assert code(secure(app_id="")) == "not_configured"
    assert code(secure(encoding_aes_key="A" * 42)) == "not_configured"
    assert code(secure(encoding_aes_key="B" * 43)) == "cannot_decrypt"
    assert code(secure(b'{"Encrypt":7}')) == "not_encrypted"
    for xml in (
        b'<!DOCTYPE x [<!ENTITY a "b">]><xml><Encrypt>&a;</Encrypt></xml>',
        b'<!DOCTYPE x SYSTEM "file:///etc/passwd"><xml><Encrypt>x</Encrypt></xml>',
    ):
        assert code(secure(xml)) == "not_encrypted"


def test_wechat_frames_that_are_signed_but_broken() -> None:
    inputs = SECURE["inputs"]
    key = aes_key_of(inputs["encoding_aes_key"])
    assert key
    for sealed in (
        "",
        "AAAA",
        "%%%",
        base64.b64encode(b"x" * 32).decode(),
        base64.b64encode(b"x" * 31).decode(),
    ):
        body = json.dumps({"Encrypt": sealed}).encode()
        good = signature(inputs["token"], inputs["timestamp"], inputs["nonce"], sealed)
        assert code(secure(body, {"msg_signature": good})) in ("cannot_decrypt", "not_encrypted")


def test_wechat_encryption_vectors() -> None:
    reply = KNOWN["wxpush-secure-reply"]
    inputs = reply["inputs"]
    secrets = {k: inputs[k] for k in ("token", "encoding_aes_key")} | {"app_id": inputs["appid"]}
    made = secure_reply(
        inputs["plaintext"], secrets, inputs["timestamp"], inputs["nonce"], inputs["random16"].encode()
    )
    assert made == reply["expected"] | {"TimeStamp": inputs["timestamp"], "Nonce": inputs["nonce"]}
    other = KNOWN["wxpush-wxjava-encrypt-1"]
    inputs = other["inputs"]
    key = aes_key_of(inputs["encoding_aes_key"])
    assert key
    sealed = seal(inputs["plaintext"].encode(), inputs["appid"], key, inputs["random16"].encode())
    assert sealed == other["expected"]["encrypt"]
    assert unseal(sealed, key) == (inputs["plaintext"].encode(), inputs["appid"].encode())


@settings(max_examples=60, derandomize=True)
@given(
    st.binary(max_size=200),
    st.text(max_size=20),
    st.binary(min_size=32, max_size=32),
    st.binary(min_size=16, max_size=16),
)
def test_what_is_sealed_comes_out(message: bytes, receiver: str, key: bytes, random16: bytes) -> None:
    sealed = seal(message, receiver, key, random16)
    assert unseal(sealed, key) == (message, receiver.encode())


def test_wechat_keys_tell_messages_apart() -> None:
    def event(name: str, at: int = 1, **info: Any) -> str:
        return key_for(
            {"Event": name, "CreateTime": at, "FromUserName": "o", "order_info": {"order_id": 7} | info}
        )

    assert event("pay") == event("pay", at=2)
    assert event("pay") != event("cancel")
    assert event("deliver", finish_delivery=0) != event("deliver", finish_delivery=1)
    assert event("ext_info_update", 1) != event("ext_info_update", 2)
    assert key_for({"MsgId": 5, "FromUserName": "o"}) != key_for({"MsgId": 6, "FromUserName": "o"})
    assert key_for({"Event": "a", "FromUserName": "o", "CreateTime": 1}) != key_for(
        {"Event": "a", "FromUserName": "p", "CreateTime": 1}
    )


def test_secrets_are_checked_when_saved_and_never_shown() -> None:
    push, hooks = SCHEMES["wechat_push"], SCHEMES["standard_webhooks"]
    assert push.missing({}) == ["token"]
    assert not push.check({"token": "t"})
    assert [w.path for w in push.check({"encoding_aes_key": "short"})] == [
        "$.secrets.encoding_aes_key",
        "$.secrets.app_id",
    ]
    assert hooks.missing({"secret": ""}) == ["secret"]
    wrong = hooks.check({"secret": "whsec_geheim!"})
    assert len(wrong) == 1
    assert "geheim" not in wrong[0].why.zh + wrong[0].why.en
    assert SCHEMES["none"].check({"ip_allow": "nowhere"})
    assert SCHEMES["none"].check({"path_key": "a/b"})
    assert all(r.zh and r.en and 400 <= r.status < 600 for r in REJECTIONS.values())
    assert set(SCHEMES) == set(PLATFORMS)


TEXTS = st.text(max_size=20)
# As they are kept: a map as JSON, a list with commas.
SECRETS = {
    name: {
        k: json.dumps(v) if isinstance(v, dict) else ", ".join(v) if isinstance(v, list) else v
        for k, v in platform.secrets().items()
    }
    for name, platform in PLATFORMS.items()
}
NAMES = sorted({name for scheme in SCHEMES.values() for name in (secret.name for secret in scheme.secrets)})
HEADERS = [
    "webhook-id", "webhook-timestamp", "webhook-signature", "stripe-signature", "event-sign", "app-id",
    "x-hub-signature-256", "wechatpay-serial", "wechatpay-timestamp", "wechatpay-nonce", "wechatpay-signature",
]  # fmt: skip
QUERY = [
    "signature",
    "msg_signature",
    "timestamp",
    "nonce",
    "echostr",
    "hub.mode",
    "hub.verify_token",
    "timeStamp",
]


@settings(max_examples=150, derandomize=True)
@given(
    st.sampled_from(sorted(SCHEMES)),
    st.binary(max_size=80) | TEXTS.map(str.encode),
    st.dictionaries(st.sampled_from(HEADERS), TEXTS | st.just("1614265330") | st.just("t=1,v1=é")),
    st.dictionaries(st.sampled_from(QUERY), TEXTS),
    TEXTS,
    st.booleans(),
)
def test_no_request_makes_a_scheme_raise(
    name: str, body: bytes, headers: dict[str, str], query: dict[str, str], text: str, is_odd: bool
) -> None:
    secrets = dict.fromkeys(NAMES, text)
    incoming = Incoming("POST", body, 0, path_key=text, query=query, headers=headers, ip=text)
    outcome = SCHEMES[name].receive(incoming, secrets if is_odd else SECRETS[name], NOW)
    assert isinstance(outcome, Received | Rejected)
    assert isinstance(SCHEMES[name].handshake(incoming, secrets), Answer | Rejected)
    assert isinstance(SCHEMES[name].check(secrets), list)
    if isinstance(outcome, Rejected):
        assert isinstance(SCHEMES[name].told(incoming, outcome), Answer | Rejected)


@settings(max_examples=80, derandomize=True)
@given(st.binary(max_size=120))
def test_no_body_that_is_rightly_signed_makes_a_scheme_raise(body: bytes) -> None:
    key = key_of(HOOK["inputs"]["secret"])
    assert key
    headers = {"webhook-id": "m", "webhook-signature": sign(key, "m", str(NOW), body)}
    assert code(hook(body=body, headers=headers)) in ("taken", "payload_unreadable")
