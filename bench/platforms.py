"""What every platform would send: one event of an order, sealed and signed as its scheme has it, with invented secrets.

For the chaos sender and the tests. Nothing here is a copy of the receiving side but the ciphers: a signature is made from
what the platform's page says.
"""

import base64
import hashlib
import hmac
from collections.abc import Callable, Mapping
from functools import cache
from types import MappingProxyType
from typing import Any, NamedTuple
from urllib.parse import quote_plus, urlencode

import msgspec
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from api.channels.demo import mapping_under
from api.channels.schemes.wechat_crypto import key_of, seal, signature
from api.kernel import standard_webhooks

TOKEN, OWNER = "a token", "wx0123456789abcdef"
AES_KEY = base64.b64encode(bytes(range(32))).decode().rstrip("=")
HOOK_SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
WORD, PATH_KEY = "a word of the tests", "p4th"
PAY_KEY, PAY_SERIAL = "0123456789abcdefghijklmnopqrstuv", "PUB_KEY_ID_0114232134912410000000000000000000"
_json = msgspec.json.encode


class Event(NamedTuple):
    """`kind`: create, pay, cancel or refund; `data`: the order as the contract's sample has it; `id`: the message's own."""

    kind: str
    data: dict[str, Any]
    id: str


class Push(NamedTuple):
    path: str
    body: bytes
    headers: Mapping[str, str] = MappingProxyType({})
    query: Mapping[str, str] = MappingProxyType({})

    @property
    def address(self) -> str:
        return self.path + (f"?{urlencode(self.query)}" if self.query else "")


class Platform(NamedTuple):
    """`push(channel, event, now_s)`. `under`: where the order lies in the payload; `at`: the word for the event."""

    secrets: Callable[[], dict[str, Any]]
    push: Callable[[str, Event, int], Push]
    under: str = "data"
    at: str = "type"

    def mapping(self) -> dict[str, Any]:
        return mapping_under(self.under, {"path": self.at, "is": {k: k for k in KINDS}})


# When a message says that it was written: the same whenever it is sent again.
WRITTEN_S = 1_795_400_000
KINDS = ("create", "pay", "cancel", "refund")


def _plain(event: Event) -> bytes:
    return _json({"type": event.kind, "data": event.data})


def _hook(channel: str, event: Event, now_s: int) -> Push:
    body, key = _plain(event), standard_webhooks.key_of(HOOK_SECRET) or b""
    given = standard_webhooks.sign(key, event.id, str(now_s), body)
    headers = {"webhook-id": event.id, "webhook-timestamp": str(now_s), "webhook-signature": given}
    return Push(f"/in/{channel}", body, headers)


def _stripe(channel: str, event: Event, now_s: int) -> Push:
    body = _plain(event)
    made = hmac.new(WORD.encode(), f"{now_s}.".encode() + body, hashlib.sha256).hexdigest()
    return Push(f"/in/{channel}", body, {"stripe-signature": f"t={now_s},v1={made}"})


def _unsigned(channel: str, event: Event, _now_s: int) -> Push:
    return Push(f"/in/{channel}/{PATH_KEY}", _plain(event))


def sealed(text: bytes, nonce: str, now_s: int) -> tuple[str, str]:
    """(ciphertext, signature) as WeChat, 企业微信 and 钉钉 have them."""
    made = seal(text, OWNER, key_of(AES_KEY) or b"", hashlib.md5(nonce.encode()).digest())
    return made, signature(TOKEN, str(now_s), nonce, made)


def _wechat(channel: str, event: Event, now_s: int) -> Push:
    said = {"ToUserName": "gh_1", "CreateTime": WRITTEN_S, "Event": event.kind, "order_info": event.data}
    made, given = sealed(_json(said), event.id, now_s)
    query = {"timestamp": str(now_s), "nonce": event.id, "msg_signature": given, "encrypt_type": "aes"}
    return Push(f"/in/{channel}", _json({"ToUserName": "gh_1", "Encrypt": made}), {}, query)


def xml_of(value: Any, name: str = "xml") -> str:
    """A list is its element repeated; texts stand in CDATA as WeChat writes them."""
    if isinstance(value, dict):
        return f"<{name}>{''.join(xml_of(v, k) for k, v in value.items())}</{name}>"
    if isinstance(value, list):
        return "".join(xml_of(one, name) for one in value)
    return f"<{name}>{value}</{name}>" if isinstance(value, int) else f"<{name}><![CDATA[{value}]]></{name}>"


def _wecom(channel: str, event: Event, now_s: int) -> Push:
    said = {
        "MsgId": event.id,
        "FromUserName": "u",
        "CreateTime": WRITTEN_S,
        "Event": event.kind,
        "order_info": event.data,
    }
    made, given = sealed(xml_of(said).encode(), event.id, now_s)
    query = {"timestamp": str(now_s), "nonce": event.id, "msg_signature": given}
    return Push(f"/in/{channel}", xml_of({"ToUserName": OWNER, "Encrypt": made}).encode(), {}, query)


def _dingtalk(channel: str, event: Event, now_s: int) -> Push:
    said = {"EventType": event.kind, "TimeStamp": str(WRITTEN_S), "data": event.data}
    made, given = sealed(_json(said), event.id, now_s)
    return Push(
        f"/in/{channel}",
        _json({"encrypt": made}),
        {},
        {"signature": given, "timestamp": str(now_s), "nonce": event.id},
    )


def _doudian(channel: str, event: Event, _now_s: int) -> Push:
    body = _json([{"tag": event.kind, "msg_id": event.id, "data": _json(event.data).decode()}])
    made = hashlib.md5(b"a key" + body + WORD.encode()).hexdigest()
    return Push(f"/in/{channel}", body, {"app-id": "a key", "event-sign": made})


_WHATSAPP = "entry[0].changes[0].value.messages[0]"


def _whatsapp(channel: str, event: Event, _now_s: int) -> Push:
    one = {
        "from": "8613800000000",
        "id": event.id,
        "timestamp": str(WRITTEN_S),
        "type": event.kind,
        "order": event.data,
    }
    value = {"messaging_product": "whatsapp", "messages": [one]}
    entry = [{"id": "1", "changes": [{"field": "messages", "value": value}]}]
    body = _json({"object": "whatsapp_business_account", "entry": entry})
    made = hmac.new(WORD.encode(), body, hashlib.sha256).hexdigest()
    return Push(f"/in/{channel}", body, {"x-hub-signature-256": f"sha256={made}"})


def _kuaidi(channel: str, event: Event, _now_s: int) -> Push:
    param = _plain(event).decode()
    made = hashlib.md5((param + WORD).encode()).hexdigest().upper()
    body = f"sign={made}&param={quote_plus(param)}".encode()
    return Push(f"/in/{channel}", body, {"content-type": "application/x-www-form-urlencoded"})


def _sf(channel: str, event: Event, _now_s: int) -> Push:
    route = {"id": event.id, "type": event.kind, "data": event.data}
    return Push(f"/in/{channel}/{PATH_KEY}", _json({"Body": {"WaybillRoute": [route]}}))


@cache
def pay_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


def pay_secrets() -> dict[str, Any]:
    pem = pay_key().public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    return {"api_v3_key": PAY_KEY, "keys": {PAY_SERIAL: pem}}


def pay_signed(now_s: int, nonce: str, body: bytes) -> str:
    text = f"{now_s}\n{nonce}\n".encode() + body + b"\n"
    return base64.b64encode(pay_key().sign(text, PKCS1v15(), SHA256())).decode()


def pay_headers(now_s: int, nonce: str, body: bytes, serial: str = PAY_SERIAL) -> dict[str, str]:
    return {
        "wechatpay-serial": serial,
        "wechatpay-timestamp": str(now_s),
        "wechatpay-nonce": nonce,
        "wechatpay-signature": pay_signed(now_s, nonce, body),
    }


def pay_body(event: Event, said: dict[str, Any], event_type: str) -> bytes:
    nonce = hashlib.md5(event.id.encode()).hexdigest()[:12]
    text = AESGCM(PAY_KEY.encode()).encrypt(nonce.encode(), _json(said), b"transaction")
    resource = {
        "algorithm": "AEAD_AES_256_GCM", "ciphertext": base64.b64encode(text).decode(),
        "nonce": nonce, "associated_data": "transaction",
    }  # fmt: skip
    return _json({"id": event.id, "event_type": event_type, "resource": resource})


def _pay(channel: str, event: Event, now_s: int) -> Push:
    """Only pays and refunds; what it says of the order is its number and the money."""
    total, number = event.data.get("amount_fen", 0), str(event.data["order_id"])
    said: dict[str, Any] = {
        "out_trade_no": number,
        "transaction_id": f"42{number}",
        "success_time": "2026-11-22T10:15:30+08:00",
    }
    if event.kind == "refund":
        said |= {
            "refund_id": f"50{number}",
            "refund_status": "SUCCESS",
            "amount": {"total": total, "refund": total},
        }
    else:
        said |= {"trade_state": "SUCCESS", "amount": {"total": total}}
    body = pay_body(event, said, "REFUND.SUCCESS" if event.kind == "refund" else "TRANSACTION.SUCCESS")
    return Push(f"/in/{channel}", body, pay_headers(now_s, event.id, body))


def _known(**secrets: Any) -> Callable[[], dict[str, Any]]:
    return lambda: secrets


_AES = {"token": TOKEN, "encoding_aes_key": AES_KEY}
PLATFORMS: dict[str, Platform] = {
    "standard_webhooks": Platform(_known(secret=HOOK_SECRET), _hook),
    "stripe_like": Platform(_known(secret=WORD), _stripe),
    "wechat_pay_v3": Platform(pay_secrets, _pay),
    "wechat_push": Platform(_known(**_AES, app_id=OWNER), _wechat, "order_info", "Event"),
    "wecom": Platform(_known(**_AES, receive_id=OWNER), _wecom, "order_info", "Event"),
    "doudian": Platform(_known(app_key="a key", app_secret=WORD), _doudian, "data", "tag"),
    "dingtalk": Platform(_known(**_AES, receive_id=OWNER), _dingtalk, "data", "EventType"),
    "whatsapp": Platform(
        _known(app_secret=WORD, verify_token=TOKEN), _whatsapp, f"{_WHATSAPP}.order", f"{_WHATSAPP}.type"
    ),
    "kuaidi100": Platform(_known(salt=WORD), _kuaidi),
    "sf_route": Platform(_known(path_key=PATH_KEY, ip_allow=[]), _sf),
    "none": Platform(_known(path_key=PATH_KEY), _unsigned),
}
