"""顺丰 route push (RoutePushService): stations of parcels, in JSON or as XML inside a form.

No signature is described, so the proof is a secret path and, where given, a list of senders' addresses. Both forms bring up
to ten stations, each a message of its own under its id; a refusal makes 顺丰 send the whole batch again. Facts: copies of
the "路由推送接口" page, zeevin/sf-express.
"""

import base64
import hashlib
from typing import Any
from urllib.parse import quote_plus, unquote_plus

from api.channels.payload import MOST, Message, decode, hashed, joined
from api.channels.schemes import unsigned
from api.channels.schemes.base import (
    Answer,
    Fresh,
    Incoming,
    Received,
    Rejected,
    Scheme,
    Secrets,
    form_of,
    json_answer,
    rejected,
)
from api.kernel.errors import Why


def receive(incoming: Incoming, secrets: Secrets, _now_s: int) -> Received | Rejected:
    refusal = unsigned.stranger(incoming, secrets)
    if refusal:
        return refusal
    found = routes(incoming.body)
    if found is None:
        return rejected("payload_unreadable", is_proven=True)
    return Received(tuple(Message(key_for(one), one) for one in found))


def routes(body: bytes) -> list[dict[str, Any]] | None:
    """The stations, with or without `Body` around them, one or several."""
    value = decode(_content(body), with_attributes=True)
    inner = value.get("Body", value) if isinstance(value, dict) else value
    found = inner.get("WaybillRoute") if isinstance(inner, dict) else inner
    found = [found] if isinstance(found, dict) else found
    if not isinstance(found, list) or not 0 < len(found) <= MOST:
        return None
    return found if all(isinstance(one, dict) for one in found) else None


def _content(body: bytes) -> bytes:
    if body.lstrip()[:1] in (b"{", b"[", b"<"):
        return body
    content = form_of(body).get("content", "")
    # Escaped twice by some: XML never begins with a percent sign.
    content = unquote_plus(content) if content.startswith("%") else content
    return content.encode("utf-8", "surrogatepass")


def key_for(route: dict[str, Any]) -> str:
    return joined([route.get("id") or hashed(route)])


def url_encoded(text: str) -> str:
    """As Java's URLEncoder writes it: a blank is a plus, `*-._` stay."""
    return quote_plus(text, safe="*").replace("~", "%7E")


def msg_digest(data: str, timestamp: str, check_word: str) -> str:
    """What signs a call to 顺丰: base64 of the MD5 bytes."""
    text = url_encoded(data + timestamp + check_word).encode()
    return base64.b64encode(hashlib.md5(text, usedforsecurity=False).digest()).decode()


def _is_form(incoming: Incoming) -> bool:
    return incoming.body.lstrip()[:1] not in (b"{", b"[")


def _told(incoming: Incoming, is_taken: bool, why: str, status: int = 200) -> Answer:
    if _is_form(incoming):
        head = "OK" if is_taken else "ERR"
        text = f'<Response service="RoutePushService"><Head>{head}</Head></Response>'
        return Answer(status, text.encode(), "application/xml; charset=utf-8")
    return json_answer({"return_code": "0000" if is_taken else "1000", "return_msg": why}, status)


def reply(incoming: Incoming, _secrets: Secrets, _fresh: Fresh) -> Answer:
    return _told(incoming, True, "成功")


def refuse(incoming: Incoming, found: Rejected) -> Answer:
    return _told(incoming, False, found.why.zh, found.status)


SCHEME = Scheme(
    name="sf_route",
    label=Why("顺丰路由推送", "SF route push"),
    secrets=unsigned.SCHEME.secrets,
    check=unsigned.check,
    receive=receive,
    reply=reply,
    refuse=refuse,
    marks=("Body",),
)
