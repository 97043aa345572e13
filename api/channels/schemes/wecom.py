"""企业微信 callbacks: XML (some products JSON) around a signed ciphertext.

The handshake answers the opened `echostr`; a message is answered with nothing at all. Messages are told apart by MsgId,
events by sender, time and what they are about. Facts: developer.work.weixin.qq.com, "回调配置" and "加解密方案说明".
"""

from typing import Any

from api.channels.payload import Message, decode, joined
from api.channels.schemes import sealed
from api.channels.schemes.base import (
    Answer,
    Incoming,
    Received,
    Rejected,
    Scheme,
    Secret,
    Secrets,
    rejected,
)
from api.kernel.errors import Why

# Events of one sender within one second differ in these.
ABOUT = ("ChangeType", "UserID", "ExternalUserID", "State", "EventKey", "AgentID")


def handshake(incoming: Incoming, secrets: Secrets) -> Answer | Rejected:
    # Base64 has no blanks: one is a plus that somebody sent without escaping it.
    echo = incoming.query.get("echostr", "").replace(" ", "+")
    message = sealed.opened(sealed.signed_by(incoming), echo, secrets, "receive_id")
    return message if isinstance(message, Rejected) else Answer(200, message, "text/plain; charset=utf-8")


def receive(incoming: Incoming, secrets: Secrets, _now_s: int) -> Received | Rejected:
    ciphertext = sealed.in_envelope(incoming.body, "Encrypt")
    message = sealed.opened(sealed.signed_by(incoming), ciphertext, secrets, "receive_id")
    if isinstance(message, Rejected):
        return message
    payload = decode(message)
    if not isinstance(payload, dict):
        return rejected("payload_unreadable", is_proven=True)
    return Received((Message(key_for(payload), payload),))


def key_for(payload: dict[str, Any]) -> str:
    if payload.get("MsgId"):
        return joined(["MsgId", payload["MsgId"]])
    named = [payload.get(name, "") for name in ("Event", "FromUserName", "CreateTime", *ABOUT)]
    return joined([payload.get("InfoType", ""), *named])


SCHEME = Scheme(
    name="wecom",
    label=Why("企业微信回调", "WeCom callback"),
    secrets=(
        Secret("token", True, Why("Token（令牌）", "Token")),
        Secret("encoding_aes_key", True, Why("EncodingAESKey，43 位", "EncodingAESKey, 43 characters")),
        Secret(
            "receive_id", True, Why("企业 ID（第三方应用填 SuiteID）", "CorpID (a suite's id for suites)")
        ),
    ),
    check=sealed.check,
    receive=receive,
    handshake=handshake,
    answer=Answer(200, b"", "text/plain; charset=utf-8"),
    marks=("ToUserName", "FromUserName", "AgentID"),
)
