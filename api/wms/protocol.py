"""From a call to a request and from an answer to what it means: pure, and data of the warehouse's configuration.

The default protocol is docs/wms.md's; another WMS is other paths, bodies and JMESPaths. What a WMS writes is cut short
before people see it, and the key appears in nothing but its header.
"""

import re
from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import quote, urlsplit

import jmespath
import msgspec
from jmespath.exceptions import JMESPathError

from api.kernel.errors import Why, WrongField
from api.outbound.model import Answered, Ask
from api.wms.model import CallAs, Done, Held, Lying, No, Odd, Outcome, Unwell, Wms

NAMES = frozenset({"lock", "sku", "qty", "order", "call", "after", "limit", "since", "prefix"})
LIMIT = 500
LONGEST = 2_000
_HOLE = re.compile(r"\{(\w+)\}")
_ODD = (JMESPathError, TypeError, ValueError, ArithmeticError, RecursionError, AttributeError, LookupError)
# It is not well, or does not know us: nothing is wrong with this one call.
UNWELL = frozenset({401, 403, 407, 408, 425, 429})
GONE = frozenset({404, 410})
REFUSED = frozenset({409, 422})


class Unreadable(Exception):
    """A page that is none; the reason is for people."""


class Page(NamedTuple):
    items: list[Any]
    next: str
    mark: str


def faults(wms: Wms) -> list[WrongField]:
    """What cannot be spoken: each with its path."""
    wrong = []
    to = urlsplit(wms.url)
    if to.scheme not in ("http", "https") or not to.hostname or to.query or to.fragment or "@" in to.netloc:
        why = Why("写成 https://主机/路径，不带用户名和参数。", "Write https://host/path, no user, no query.")
        wrong.append(WrongField("$.url", why))
    for name in wms.calls.__struct_fields__:
        call = getattr(wms.calls, name)
        if len(msgspec.json.encode(call.body)) > LONGEST:
            why = Why(f"最多 {LONGEST} 个字节。", f"At most {LONGEST} bytes.")
            wrong.append(WrongField(f"$.calls.{name}.body", why))
        unknown = _holes(call) - NAMES
        if unknown:
            said = ", ".join(sorted(unknown))
            wrong.append(
                WrongField(f"$.calls.{name}", Why(f"没有这个占位：{said}。", f"No such placeholder: {said}."))
            )
    for name in wms.read.__struct_fields__:
        path = getattr(wms.read, name)
        try:
            jmespath.compile(path or "x")
        except _ODD:
            wrong.append(WrongField(f"$.read.{name}", Why("不是合法的 JMESPath。", "Not JMESPath.")))
    return wrong


def _holes(call: CallAs) -> set[str]:
    return set(_HOLE.findall(call.path + msgspec.json.encode(call.body).decode()))


def request(wms: Wms, key: str, call: CallAs, values: Mapping[str, str | int], once: str = "") -> Ask:
    """`once`: the key under which it counts once, however often it is sent."""
    headers = {"accept": "application/json", "user-agent": "huodaona"}
    if key:
        headers[wms.header] = wms.value.replace("{key}", key)
    if once:
        headers["idempotency-key"] = once
    body = b""
    if call.body is not None:
        body = msgspec.json.encode(_filled(call.body, values))
        headers["content-type"] = "application/json"
    path = _HOLE.sub(lambda m: quote(str(values.get(m[1], "")), safe=""), call.path)
    return Ask(call.method, wms.url.rstrip("/") + path, headers, body)


def _filled(body: Any, values: Mapping[str, str | int]) -> Any:
    if isinstance(body, dict):
        return {name: _filled(value, values) for name, value in body.items()}
    if isinstance(body, list):
        return [_filled(value, values) for value in body]
    if not isinstance(body, str):
        return body
    whole = _HOLE.fullmatch(body)
    return values.get(whole[1], "") if whole else _HOLE.sub(lambda m: str(values.get(m[1], "")), body)


def pick(path: str, value: Any) -> Any:
    """None where nothing is there, or the path meets what its author did not expect."""
    if not path:
        return None
    try:
        return jmespath.search(path, value)
    except _ODD:
        return None


def outcome(wms: Wms, kind: str, answer: Answered) -> Outcome:
    """What an answer to lock, release or confirm means."""
    status, body = answer.status, _json(answer.body)
    if 200 <= status < 300:
        if answer.body.strip() and body is None:
            return Unwell("no JSON")
        is_no = bool(pick(wms.read.refused, body))
        return _no(wms, body) if is_no else Done()
    if kind == "release" and status in GONE:
        return Done()  # what is not there is free
    if kind == "lock" and status in REFUSED:
        return _no(wms, body)
    if status < 400 or status >= 500 or status in UNWELL:
        return Unwell(f"status {status}")
    return Odd(f"status {status} {_words(wms, body)}".strip())


def _no(wms: Wms, body: Any) -> No:
    return No(_words(wms, body), whole(pick(wms.read.available, body)))


def _words(wms: Wms, body: Any) -> str:
    found = pick(wms.read.why, body)
    return " ".join(str(found).split())[:200] if isinstance(found, str | int) else ""


def whole(value: Any) -> int | None:
    """A count of pieces as a WMS may write it: 4, 4.0, "4"; None where it is none."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, str) and not re.fullmatch(r"\d{1,12}(\.0*)?", value.strip()):
        return None
    try:
        found = int(float(value))
    except (TypeError, ValueError, OverflowError):
        return None
    return found if 0 <= found <= 10**9 and found == float(value) else None


def page(wms: Wms, answer: Answered) -> Page:
    body = _json(answer.body)
    if not 200 <= answer.status < 300:
        raise Unreadable(f"status {answer.status}")
    items = pick(wms.read.items, body)
    if not isinstance(items, list):
        raise Unreadable("no list of items")
    following, mark = pick(wms.read.next, body), pick(wms.read.mark, body)
    return Page(items, _mark(following), _mark(mark))


def _mark(value: Any) -> str:
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""


def lying(wms: Wms, items: list[Any]) -> list[Lying]:
    """Raises Unreadable where an item is none: half a stock is no stock."""
    found = []
    for item in items:
        sku, read = pick(wms.read.sku, item), wms.read
        counts = whole(pick(read.on_hand, item)), whole(pick(read.available, item))
        if not isinstance(sku, str | int) or counts == (None, None):
            raise Unreadable("an item without SKU or pieces")
        found.append(Lying(str(sku), *counts))
    return found


def held(wms: Wms, items: list[Any]) -> list[Held]:
    """Those that are ours, by their prefix."""
    found, head = [], f"{wms.prefix}-"
    for item in items:
        name, qty = pick(wms.read.lock, item), whole(pick(wms.read.qty, item))
        if not isinstance(name, str) or qty is None:
            raise Unreadable("a lock without name or pieces")
        if name.startswith(head) and qty:
            found.append(Held(name.removeprefix(head), str(pick(wms.read.sku, item) or ""), qty))
    return found


def _json(body: bytes) -> Any:
    try:
        return msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
