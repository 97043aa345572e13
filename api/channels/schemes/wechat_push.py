"""WeChat's server message push: mini programs, official accounts and 微信小店.

Secure mode: `msg_signature` covers the ciphertext, which is opened and must end in this channel's app id;
the URL's `signature` proves nothing there. Plain mode, only while no EncodingAESKey is set: the URL is
signed, the body is not. No tolerance is published for timestamps, so `receive` reports timestamp and nonce
and the service remembers them for `replay_window`. Source: WeChat mini program documentation, "消息推送".
"""

from typing import Any

from api.channels.payload import Message, decode, hashed, joined
from api.channels.schemes import sealed as sealing
from api.channels.schemes.base import (
    Answer,
    Incoming,
    Received,
    Rejected,
    Scheme,
    Secret,
    Secrets,
    rejected,
    same,
    unix_seconds,
    wrong_secret,
)
from api.channels.schemes.wechat_crypto import signature
from api.kernel.errors import Why, WrongField

# Two pushes of one event about one order differ in these (a part delivery is followed by a full one).
STATE_FIELDS = ("finish_delivery", "confirm_type", "cancel_type", "status", "after_sale_order_id")


def check(secrets: Secrets) -> list[WrongField]:
    wrong = sealing.check(secrets)
    if secrets.get("encoding_aes_key") and not secrets.get("app_id"):
        wrong.append(wrong_secret("app_id", "安全模式要填 AppID。", "Secure mode needs the app id."))
    return wrong


def handshake(incoming: Incoming, secrets: Secrets) -> Answer | Rejected:
    """GET with `echostr`: returned unchanged when the signature is right."""
    refusal = _url(incoming, secrets)
    if refusal:
        return refusal
    return Answer(
        200, incoming.query.get("echostr", "").encode("utf-8", "replace"), "text/plain; charset=utf-8"
    )


def _url(incoming: Incoming, secrets: Secrets) -> Rejected | None:
    """The URL's own signature: token, timestamp and nonce."""
    token, query = secrets.get("token", ""), incoming.query
    if not token:
        return rejected("not_configured")
    if not query.get("signature"):
        return rejected("signature_missing")
    expected = signature(token, query.get("timestamp", ""), query.get("nonce", ""))
    return None if same(query["signature"], expected) else rejected("signature_wrong")


def receive(incoming: Incoming, secrets: Secrets, _now_s: int) -> Received | Rejected:
    timestamp = unix_seconds(incoming.query.get("timestamp", ""))
    is_secure = bool(secrets.get("encoding_aes_key"))
    payload = _secure(incoming, secrets) if is_secure else _plain(incoming, secrets)
    if isinstance(payload, Rejected):
        return payload
    if timestamp is None:
        return rejected("timestamp_malformed")
    return Received((message_of(payload),), timestamp, incoming.query.get("nonce", ""))


def _plain(incoming: Incoming, secrets: Secrets) -> dict[str, Any] | Rejected:
    refusal = _url(incoming, secrets)
    if refusal:
        return refusal
    payload = decode(incoming.body)
    if not isinstance(payload, dict):
        return rejected("payload_unreadable", is_proven=True)
    return rejected("encrypted_body", is_proven=True) if "Encrypt" in payload else payload


def _secure(incoming: Incoming, secrets: Secrets) -> dict[str, Any] | Rejected:
    sealed = sealing.in_envelope(incoming.body, "Encrypt")
    message = sealing.opened(sealing.signed_by(incoming), sealed, secrets, "app_id")
    if isinstance(message, Rejected):
        return message
    payload = decode(message)
    return payload if isinstance(payload, dict) else rejected("payload_unreadable", is_proven=True)


def message_of(payload: dict[str, Any]) -> Message:
    """What is said of an order lies in the key: the same again, written at another second, is the same."""
    is_whole = bool(payload.get("Event")) and bool(_orders(payload))
    return Message(key_for(payload), payload, is_whole)


def _orders(payload: dict[str, Any]) -> list[dict[str, Any]]:
    return [v for v in payload.values() if isinstance(v, dict) and v.get("order_id")]


def key_for(payload: dict[str, Any]) -> str:
    """Idempotency key: `Event`, order id, state and what is said of the order; messages without an order by
    MsgId, else sender and time. The same event with other goods is news, and must be seen to differ."""
    event = payload.get("Event", "")
    orders = _orders(payload)
    if event and orders:
        parts = [
            event,
            orders[0]["order_id"],
            *(orders[0].get(name, "") for name in STATE_FIELDS),
            hashed(orders),
        ]
        # An `…_update` may come many times for one order, each with news of its own.
        return joined([*parts, payload.get("CreateTime", "") if str(event).endswith("_update") else ""])
    if payload.get("MsgId"):
        return joined(["MsgId", payload["MsgId"]])
    return joined([event, payload.get("FromUserName", ""), payload.get("CreateTime", "")])


def secure_reply(text: str, secrets: Secrets, timestamp: int, nonce: str, random16: bytes) -> dict[str, Any]:
    """The four fields of an encrypted reply, for events whose page asks for content. The secrets must be
    sound."""
    made = sealing.reply(text, secrets, "app_id", str(timestamp), nonce, random16)
    return {
        "Encrypt": made.sealed,
        "MsgSignature": made.signature,
        "TimeStamp": timestamp,
        "Nonce": nonce,
    }


SCHEME = Scheme(
    name="wechat_push",
    label=Why("微信消息推送（小程序、微信小店）", "WeChat message push (mini program, shop)"),
    secrets=(
        Secret("token", True, Why("Token（令牌）", "Token")),
        Secret(
            "encoding_aes_key",
            False,
            Why("EncodingAESKey，空着就是明文模式", "EncodingAESKey, empty = plain mode"),
        ),
        Secret("app_id", False, Why("AppID，安全模式要填", "App id, needed in secure mode")),
        Secret("app_secret", False, Why("AppSecret，查单用", "App secret, to ask for orders")),
    ),
    check=check,
    receive=receive,
    handshake=handshake,
    answer=Answer(200, b"success", "text/plain; charset=utf-8"),
    replay_window=300,
    marks=("ToUserName", "FromUserName"),
)
