"""WhatsApp Business Cloud API: HMAC-SHA256 of the raw body under the app's secret.

One POST may carry several messages and statuses. Each becomes one, in the same envelope with nothing beside it, so that
a mapping made from a pasted sample fits every one of them. There is no time in the signature: only the message's id stops
a replay. Facts: WhatsApp/WhatsApp-Nodejs-SDK, Meta's webhook pages.
"""

import hashlib
import hmac
from collections.abc import Iterator
from typing import Any

from api.channels.payload import MOST, Message, decode, hashed, joined
from api.channels.schemes.base import (
    OK_JSON,
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


def header(app_secret: str, body: bytes) -> str:
    """What `X-Hub-Signature-256` must say."""
    return "sha256=" + hmac.new(app_secret.encode("utf-8", "surrogatepass"), body, hashlib.sha256).hexdigest()


def check(_secrets: Secrets) -> list[WrongField]:
    """Any text is a key here."""
    return []


def handshake(incoming: Incoming, secrets: Secrets) -> Answer | Rejected:
    query, token = incoming.query, secrets.get("verify_token", "")
    if not token:
        return rejected("not_configured")
    if query.get("hub.mode") != "subscribe" or not same(query.get("hub.verify_token", ""), token):
        return rejected("verify_token_wrong")
    return Answer(200, query.get("hub.challenge", "").encode("utf-8", "replace"), "text/plain; charset=utf-8")


def receive(incoming: Incoming, secrets: Secrets, _now_s: int) -> Received | Rejected:
    app_secret = secrets.get("app_secret", "")
    if not app_secret:
        return rejected("not_configured")
    given = incoming.headers.get("x-hub-signature-256", "").strip()
    if not given:
        return rejected("signature_missing")
    if not same(given, header(app_secret, incoming.body)):
        return rejected("signature_wrong")
    body = decode(incoming.body)
    if not isinstance(body, dict):
        return rejected("payload_unreadable", is_proven=True)
    found = tuple(_messages(body))
    return Received(found) if len(found) <= MOST else rejected("payload_unreadable", is_proven=True)


def _messages(body: dict[str, Any]) -> Iterator[Message]:
    for entry in _objects(body.get("entry")):
        for change in _objects(entry.get("changes")):
            value = change.get("value")
            parts = list(_parts(value)) if isinstance(value, dict) else []
            if not parts:  # another field of the subscription: news of a template, of the account
                mark = hashed([entry.get("id"), value])
                yield Message(joined([change.get("field", ""), mark]), _alone(body, entry, change))
            for key, part in parts:
                yield Message(key, _alone(body, entry, {**change, "value": part}))


def _alone(body: dict[str, Any], entry: dict[str, Any], change: dict[str, Any]) -> dict[str, Any]:
    return {**body, "entry": [{**entry, "changes": [change]}]}


def _parts(value: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """(key, the value with this one message or status alone)."""
    rest = {k: v for k, v in value.items() if k not in ("messages", "statuses")}
    for one in _objects(value.get("messages")):
        people = [c for c in _objects(value.get("contacts")) if c.get("wa_id") == one.get("from")]
        known = {"contacts": people} if people else {}
        yield joined([one.get("id") or hashed(one)]), {**rest, **known, "messages": [one]}
    for one in _objects(value.get("statuses")):
        yield joined([one.get("id") or hashed(one), one.get("status", "")]), {**rest, "statuses": [one]}


def _objects(value: Any) -> list[dict[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def refuse(_incoming: Incoming, found: Rejected) -> Answer:
    """A body of theirs that is kept but not understood is not asked for again, for seven days."""
    return (
        OK_JSON if found.is_proven else json_answer({"code": found.code, "why": found.why.en}, found.status)
    )


SCHEME = Scheme(
    name="whatsapp",
    label=Why("WhatsApp", "WhatsApp"),
    secrets=(
        Secret("app_secret", True, Why("应用密钥（App Secret）", "App secret")),
        Secret("verify_token", True, Why("握手口令，自己定", "Verify token, your own word")),
    ),
    check=check,
    receive=receive,
    handshake=handshake,
    refuse=refuse,
    marks=("object", "entry"),
)
