"""抖店 push: a JSON array of messages, proven by MD5 over app key, raw body and secret.

`data` is JSON text inside JSON (an object in some versions): it is opened, so that a mapping can walk into it. The
signature has no time, so only `msg_id` stops a replay. Tag 0 is the trial when an address is saved and holds no message.
Facts: packages doudian 0.6, zsmhub/doudian-sdk.
"""

import hashlib
from typing import Any

from api.channels.payload import MOST, Message, decode, hashed, joined
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
    same,
)
from api.kernel.errors import Why, WrongField

# What the published SDKs answer: not readable, and not taken.
UNREADABLE, NOT_TAKEN = 40041, 40044


def event_sign(app_key: str, body: bytes, app_secret: str) -> str:
    """Lower-case hex; the platform's algorithm."""
    return hashlib.md5(app_key.encode() + body + app_secret.encode(), usedforsecurity=False).hexdigest()


def check(_secrets: Secrets) -> list[WrongField]:
    """Any text is a key here."""
    return []


def receive(incoming: Incoming, secrets: Secrets, _now_s: int) -> Received | Rejected:
    app_key, app_secret = secrets.get("app_key", ""), secrets.get("app_secret", "")
    if not app_key or not app_secret:
        return rejected("not_configured")
    given = incoming.headers.get("event-sign", "").strip().lower()
    if not given:
        return rejected("signature_missing")
    if not same(given, event_sign(app_key, incoming.body, app_secret)):
        return rejected("signature_wrong")
    if not same(incoming.headers.get("app-id", "").strip() or app_key, app_key):
        return rejected("sender_unknown")
    found = decode(incoming.body)
    items = [found] if isinstance(found, dict) else found
    if not isinstance(items, list) or len(items) > MOST or not all(isinstance(one, dict) for one in items):
        return rejected("payload_unreadable", is_proven=True)
    return Received(tuple(_message(one) for one in items if str(one.get("tag")) != "0"))


def _message(item: dict[str, Any]) -> Message:
    data = item.get("data")
    inner = decode(data.encode("utf-8", "surrogatepass")) if isinstance(data, str) else data
    payload = {**item, "data": inner} if isinstance(inner, dict | list) else item
    number = item.get("msg_id")
    return Message(joined([number]) if number else joined([item.get("tag", ""), hashed(item)]), payload)


def refuse(_incoming: Incoming, found: Rejected) -> Answer:
    code = UNREADABLE if found.is_proven else NOT_TAKEN
    return json_answer({"code": code, "msg": found.why.zh}, found.status)


SCHEME = Scheme(
    name="doudian",
    label=Why("抖店消息推送", "Doudian push"),
    secrets=(
        Secret("app_key", True, Why("App Key", "App key")),
        Secret("app_secret", True, Why("App Secret", "App secret")),
        Secret("shop_id", False, Why("店铺 ID，查单用", "Shop id, to ask for orders")),
    ),
    check=check,
    receive=receive,
    answer=json_answer({"code": 0, "msg": "success"}),
    refuse=refuse,
    mapping={
        "event": {"path": "tag", "is": {"101": "pay", "106": "cancel", "206": "refund"}},
        "external_no": "data.p_id",
        "paid_at": {"path": "data.pay_time", "as": "epoch_s"},
        "paid_fen": {"first": ["data.refund_amount", "data.pay_amount"]},
    },
    marks=("tag", "msg_id"),
)
