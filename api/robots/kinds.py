"""The robots that the hub knows, and how each wants a message (facts: the platforms' pages on group robots).

企业微信: the key in the address is the whole credential, a text has at most 2,048 bytes. 钉钉: with a secret the address
is signed anew for each message. `webhook`: Standard Webhooks, for mail, other chats and programs of one's own.
"""

import base64
import hashlib
import hmac
import re
from typing import Any
from urllib.parse import urlencode

import msgspec

from api.kernel import standard_webhooks
from api.kernel.time import text as instant
from api.robots.model import Kind, Message, Post, Robot

WECOM_BYTES = 2_048
# DingTalk allows 20,000; a checkpoint or an alert is never near it.
DINGTALK_BYTES = 16_000
_JSON = {"content-type": "application/json; charset=utf-8"}


class _Answer(msgspec.Struct):
    errcode: int


def _is_errcode_0(body: bytes) -> bool | None:
    """Both platforms answer 200 whatever happened; the code inside tells."""
    try:
        return msgspec.json.decode(body, type=_Answer).errcode == 0
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None


def cut(text: str, most: int) -> str:
    """At most so many bytes of UTF-8, between two letters."""
    return text.encode()[:most].decode(errors="ignore")


def _said(text: str) -> bytes:
    value: dict[str, Any] = {"msgtype": "text", "text": {"content": text}}
    return msgspec.json.encode(value)


def _wecom(robot: Robot, message: Message, _: int) -> Post:
    return Post(robot.address, _said(cut(message.text, WECOM_BYTES)), _JSON)


def dingtalk_mark(secret: str, text: str) -> str:
    """HMAC-SHA256 in base64, as all of 钉钉's interfaces have it; a login by scan signs its timestamp alone."""
    return base64.b64encode(hmac.digest(secret.encode(), text.encode(), hashlib.sha256)).decode()


def dingtalk_sign(secret: str, timestamp: str) -> str:
    """What a robot's address carries: the mark of `timestamp LF secret`. Milliseconds."""
    return dingtalk_mark(secret, f"{timestamp}\n{secret}")


def _dingtalk(robot: Robot, message: Message, now: int) -> Post:
    address = robot.address
    if robot.secret:
        signed = {"timestamp": str(now), "sign": dingtalk_sign(robot.secret, str(now))}
        address += ("&" if "?" in address else "?") + urlencode(signed)
    return Post(address, _said(cut(message.text, DINGTALK_BYTES)), _JSON)


def _webhook(robot: Robot, message: Message, now: int) -> Post:
    said = {"type": message.topic, "timestamp": instant(now, "UTC"), "data": {"text": message.text}}
    body, at = msgspec.json.encode(said), str(now // 1000)
    headers = {**_JSON, "webhook-id": message.id, "webhook-timestamp": at}
    if robot.secret:
        key = standard_webhooks.key_of(robot.secret) or b""
        headers["webhook-signature"] = standard_webhooks.sign(key, message.id, at, body)
    return Post(robot.address, body, headers)


def _is_key(secret: str) -> bool:
    return not secret or standard_webhooks.key_of(secret) is not None


KINDS: dict[str, Kind] = {
    "wecom": Kind(_wecom, _is_errcode_0, lambda secret: not secret),
    "dingtalk": Kind(_dingtalk, _is_errcode_0, lambda _: True),
    "webhook": Kind(_webhook, lambda _: True, _is_key),
}


def read(line: str) -> Robot:
    """`KIND ADDRESS [SECRET]`. Raises ValueError that says what is wrong and quotes nothing."""
    words = line.split()
    if words[0] not in KINDS:
        raise ValueError(f"begins with one of {', '.join(KINDS)}")
    if not 2 <= len(words) <= 3 or not re.match(r"https?://[^\s/?#@]", words[1]):
        raise ValueError("is KIND ADDRESS [SECRET], the address https://…")
    robot = Robot(*words)
    if not KINDS[robot.kind].is_secret(robot.secret):
        raise ValueError(f"{robot.kind} takes no such secret")
    return robot
