"""WeChat Pay APIv3 notifications: RSA-SHA256 over time, nonce and raw body; what is said lies sealed in `resource`.

The serial names the key: `PUB_KEY_ID_…` the platform's public key, any other one a platform certificate; both kinds may come
during a switch. 300 s apart is too old. Trial signatures (`WECHATPAY/SIGNTEST/…`) must fail, and worry nobody. Source:
wechatpay-apiv3/wechatpay-go, core/auth and core/notify.
"""

import base64
import binascii
from functools import lru_cache
from typing import Any

import msgspec
from cryptography.exceptions import InvalidSignature, InvalidTag, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from api.channels.payload import Message, decode, hashed, joined
from api.channels.schemes.base import (
    Answer,
    Incoming,
    Received,
    Rejected,
    Scheme,
    Secret,
    Secrets,
    json_answer,
    rejected,
    unix_seconds,
    wrong_secret,
)
from api.kernel.errors import Why, WrongField

TOLERANCE_S = 300
PROBE = "WECHATPAY/SIGNTEST/"
ALGORITHM = "AEAD_AES_256_GCM"
# Real APIv3 keys have 32 characters; the platform's own published samples have 16.
KEY_LENGTHS = (16, 32)


@lru_cache(64)
def public_key(pem: str) -> tuple[RSAPublicKey, str] | None:
    """The key and, of a certificate, its own serial in upper-case hex; None where the text is neither."""
    key: Any
    serial, text = "", pem.strip().encode("utf-8", "replace")
    try:
        if b"CERTIFICATE" in text:
            from cryptography.x509 import load_pem_x509_certificate

            certificate = load_pem_x509_certificate(text)
            key, serial = certificate.public_key(), f"{certificate.serial_number:X}"
        else:
            key = load_pem_public_key(text)
    except (ValueError, UnsupportedAlgorithm):
        return None
    return (key, serial) if isinstance(key, RSAPublicKey) else None


@lru_cache(64)
def keys_of(text: str) -> dict[str, str]:
    """`keys` as it is kept: JSON of serials and PEMs. Empty where it is not that."""
    try:
        return msgspec.json.decode(text, type=dict[str, str]) if text else {}
    except msgspec.MsgspecError:
        return {}


def check(secrets: Secrets) -> list[WrongField]:
    wrong = []
    if secrets.get("api_v3_key") and len(secrets["api_v3_key"].encode()) not in KEY_LENGTHS:
        wrong.append(wrong_secret("api_v3_key", "APIv3 密钥是 32 位。", "An APIv3 key has 32 characters."))
    given = secrets.get("keys", "")
    if given and not keys_of(given):
        why = ("写成 {序列号: PEM}，至少一把。", "Give {serial: PEM}, at least one.")
        wrong.append(wrong_secret("keys", *why))
    wrong += [
        wrong_secret(f"keys.{serial}", "不是公钥或证书的 PEM。", "No PEM of a public key or a certificate.")
        for serial, pem in keys_of(given).items()
        if public_key(pem) is None
    ]
    return wrong


def find_key(serial: str, secrets: Secrets) -> RSAPublicKey | None:
    """By the name it was given, else by a certificate's own serial."""
    known = {name.strip().upper(): public_key(pem) for name, pem in keys_of(secrets.get("keys", "")).items()}
    wanted = serial.upper()
    found = known.get(wanted)
    if found is None and not wanted.startswith("PUB_KEY_ID_"):
        found = next((one for one in known.values() if one and one[1] == wanted.lstrip("0") and one[1]), None)
    return found[0] if found else None


def is_signed(key: RSAPublicKey, text: bytes, signature: str) -> bool:
    try:
        key.verify(base64.b64decode(signature, validate=True), text, PKCS1v15(), SHA256())
    except (InvalidSignature, binascii.Error, ValueError):
        return False
    return True


def opened(resource: dict[str, Any], api_v3_key: str) -> bytes | None:
    """What lies sealed in a `resource` or an `encrypt_certificate`; None for whatever is wrong."""
    sealed, nonce, data = (resource.get(name) for name in ("ciphertext", "nonce", "associated_data"))
    if resource.get("algorithm") != ALGORITHM or not isinstance(sealed, str) or not isinstance(nonce, str):
        return None
    associated = data.encode("utf-8", "surrogatepass") if isinstance(data, str) else b""
    try:
        gcm = AESGCM(api_v3_key.encode("utf-8", "surrogatepass"))
        return gcm.decrypt(nonce.encode(), base64.b64decode(sealed, validate=True), associated)
    except (InvalidTag, binascii.Error, ValueError):
        return None


def proof(incoming: Incoming, secrets: Secrets, now_s: int) -> Rejected | None:
    """Why these headers do not prove this body, if they do not: of a notification, and of an answer to a question."""
    head = {name: value.strip() for name, value in incoming.headers.items() if name.startswith("wechatpay-")}
    signature, stamp = head.get("wechatpay-signature", ""), head.get("wechatpay-timestamp", "")
    if not signature:
        return rejected("signature_missing")
    if signature.startswith(PROBE):
        return rejected("signature_probe", is_quiet=True)
    at = unix_seconds(stamp)
    if at is None:
        return rejected("timestamp_malformed")
    key = find_key(head.get("wechatpay-serial", ""), secrets)
    if key is None:
        return rejected("serial_unknown")
    signed = f"{stamp}\n{head.get('wechatpay-nonce', '')}\n".encode("utf-8", "surrogatepass")
    if not is_signed(key, signed + incoming.body + b"\n", signature):
        return rejected("signature_wrong")
    if at <= now_s - TOLERANCE_S:
        return rejected("timestamp_old")
    return rejected("timestamp_early") if at >= now_s + TOLERANCE_S else None


def receive(incoming: Incoming, secrets: Secrets, now_s: int) -> Received | Rejected:
    api_v3_key = secrets.get("api_v3_key", "")
    if len(api_v3_key.encode("utf-8", "surrogatepass")) not in KEY_LENGTHS or not keys_of(
        secrets.get("keys", "")
    ):
        return rejected("not_configured")
    refusal = proof(incoming, secrets, now_s)
    if refusal:
        return refusal
    envelope = decode(incoming.body)
    resource = envelope.get("resource") if isinstance(envelope, dict) else None
    if not isinstance(resource, dict):
        return rejected("payload_unreadable", is_proven=True)
    inner = opened(resource, api_v3_key)
    if inner is None:
        return rejected("cannot_decrypt", is_proven=True)
    said = decode(inner)
    if not isinstance(said, dict):
        return rejected("payload_unreadable", is_proven=True)
    # A mapping may name a field of the opened resource with `resource.` before it, or without.
    payload = {**said, **envelope, "resource": said}
    return Received((Message(key_for(payload), payload, is_whole=True),))


def key_for(payload: dict[str, Any]) -> str:
    """The same news comes several times, each time under a new id: it is told by what it is about and its state."""
    said = payload["resource"]
    names = ("out_trade_no", "transaction_id", "refund_id", "trade_state", "refund_status")
    about = [said.get(name, "") for name in names]
    return joined([payload.get("event_type", ""), *(about if about[0] else [hashed(said)])])


def refuse(_incoming: Incoming, found: Rejected) -> Answer:
    return json_answer({"code": "FAIL", "message": found.why.zh, "why": found.code}, found.status)


SCHEME = Scheme(
    name="wechat_pay_v3",
    label=Why("微信支付 APIv3 通知", "WeChat Pay APIv3 notification"),
    secrets=(
        Secret("api_v3_key", True, Why("APIv3 密钥，32 位", "APIv3 key, 32 characters")),
        Secret(
            "keys",
            True,
            Why("公钥或平台证书：{序列号: PEM}", "Public keys or platform certificates: {serial: PEM}"),
            "map",
        ),
        Secret("mchid", False, Why("商户号，查单用", "Merchant id, to ask for orders")),
        Secret("serial_no", False, Why("商户证书序列号，查单用", "Merchant certificate's serial, to ask")),
        Secret("private_key", False, Why("商户私钥 PEM，查单用", "Merchant's private key (PEM), to ask")),
    ),
    check=check,
    receive=receive,
    answer=json_answer({"code": "SUCCESS", "message": "成功"}),
    refuse=refuse,
    mapping={
        "event": {
            "path": "event_type",
            "is": {"TRANSACTION.SUCCESS": "pay", "REFUND.SUCCESS": "refund"},
        },
        "external_no": "resource.out_trade_no",
        "paid_at": {"path": "resource.success_time", "as": "date"},
        "paid_fen": {"first": ["resource.amount.refund", "resource.amount.total"]},
    },
    marks=("event_type", "resource"),
)
