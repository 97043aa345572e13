"""Bytes to a value and back: JSON or XML, without losing a digit.

JSON integers stay integers of any length (order ids of shops exceed 2^53), decimals become `Decimal`, never
float. XML becomes a dict: a leaf is its text, a repeated element is a list, attributes are left out.
Refused (None): DTDs and entities, U+0000, lone surrogates, more than 2 MB, deeper than 64 levels, anything
with trailing rubbish.
"""

import hashlib
from decimal import Decimal, InvalidOperation
from typing import Any
from xml.etree.ElementTree import Element, ParseError

import msgspec
from defusedxml.ElementTree import fromstring

LARGEST = 2_000_000
DEEPEST = 64
MOST = 1_000


class Message(msgspec.Struct, frozen=True):
    """One payload out of a push. `key` is its idempotency key within the channel; `is_whole`: it tells what the message
    says, so that an equal key is an equal message, whatever else the sender wrote anew."""

    key: str
    payload: dict[str, Any]
    is_whole: bool = False


_json = msgspec.json.Decoder(float_hook=Decimal)
_text = msgspec.json.Encoder(decimal_format="number")


def decode(body: bytes, *, with_attributes: bool = False) -> Any:
    """The value, or None where the bytes cannot be read (JSON `null` is no message either). `with_attributes`: those of
    XML elements stand beside their children, for platforms that write everything into them."""
    if len(body) > LARGEST:
        return None
    body = body.removeprefix(b"\xef\xbb\xbf")
    head = body.lstrip()[:1]
    try:
        if head == b"<":
            value = _element(fromstring(body, forbid_dtd=True), 0, with_attributes)
        else:
            value = _json.decode(body)
        return value if _is_plain(body) or _is_sound(value, 0) else None
    except (ValueError, ParseError, LookupError, InvalidOperation, RecursionError, OverflowError):
        return None


def encode(value: Any) -> str:
    """JSON text of what `decode` gave; numbers keep every digit, so `extra` says what the sender said."""
    return _text.encode(value).decode()


def short(key: str) -> str:
    """A key that fits a column: a sender's long one stands as its hash."""
    return (
        key
        if len(key) <= 200
        else "sha256:" + hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()
    )


def hashed(value: Any) -> str:
    """A short mark of what a value says."""
    return hashlib.sha256(encode(value).encode("utf-8", "surrogatepass")).hexdigest()[:16]


def joined(parts: list[Any]) -> str:
    """A key made of several parts, each part's own bars doubled."""
    return short("|".join(str(part).replace("|", "||") for part in parts).rstrip("|"))


def messages(body: bytes, key: str = "") -> tuple[Message, ...] | None:
    """An object is one message, a list of up to 1,000 objects several. Without a key the body's hash is it."""
    value = decode(body)
    key = short(key) if key else "sha256:" + hashlib.sha256(body).hexdigest()
    if isinstance(value, dict):
        return (Message(key, value),)
    if isinstance(value, list) and len(value) <= MOST and all(isinstance(item, dict) for item in value):
        return tuple(Message(f"{key}/{i}", item) for i, item in enumerate(value))
    return None


def _element(element: Element, depth: int, with_attributes: bool) -> Any:
    if depth > DEEPEST:
        raise ValueError("too deep")
    found: dict[str, Any] = dict(element.attrib) if with_attributes else {}
    if len(element) == 0:
        return found or element.text or ""
    repeated: set[str] = set()
    for child in element:
        name = child.tag.rpartition("}")[2]
        value = _element(child, depth + 1, with_attributes)
        if name not in found:
            found[name] = value
        elif name in repeated:
            found[name].append(value)
        else:
            found[name] = [found[name], value]
            repeated.add(name)
    return found


def _is_plain(body: bytes) -> bool:
    """JSON without an escaped U+0000 and with too few brackets to lie deep, as nearly all is: no need to walk through it."""
    return (
        b"\\u0000" not in body
        and body.count(b"{") + body.count(b"[") <= DEEPEST
        and body.lstrip()[:1] != b"<"
    )


def _is_sound(value: Any, depth: int) -> bool:
    if depth > DEEPEST:
        return False
    if isinstance(value, str):
        return "\0" not in value
    if isinstance(value, dict):
        return all("\0" not in k and _is_sound(v, depth + 1) for k, v in value.items())
    if isinstance(value, list):
        return all(_is_sound(item, depth + 1) for item in value)
    return True
