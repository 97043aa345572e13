"""Reading a body strictly: unknown fields by name, U+0000 and integers beyond ±2^63 refused, every reason in
both languages with the field's path.
"""

import re
import threading
from collections.abc import Hashable
from functools import lru_cache
from typing import Any, TypeVar, cast

import msgspec

from api.kernel.errors import Invalid, Refused, Why, WrongField

T = TypeVar("T")


class OfParts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A body whose parts are decoded later, one by one: each is looked into then, and refused alone."""


_PATH = re.compile(r" - at `(.+)`$")
_LONG = re.compile(rb"[0-9]{19}")
# msgspec's sentences, and what a person is told instead.
_SENTENCES: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"^Object contains unknown field `(.+)`$"), "没有 {0} 这个字段。"),
    (re.compile(r"^Object missing required field `(.+)`$"), "缺少 {0}。"),
    (re.compile(r"^Expected `(.+)`, got `(.+)`$"), "要 {0}，给的是 {1}。"),
    (re.compile(r"^Expected `(.+)` of length >= (\d+)$"), "太短，至少 {1}。"),
    (re.compile(r"^Expected `(.+)` of length <= (\d+)$"), "太长，最多 {1}。"),
    (re.compile(r"^Expected `(.+)` >= (.+)$"), "要大于等于 {1}。"),
    (re.compile(r"^Expected `(.+)` <= (.+)$"), "要小于等于 {1}。"),
    (re.compile(r"^Expected `str` matching regex (.+)$"), "格式不对，要符合 {0}。"),
    (re.compile(r"^Invalid enum value (.+)$"), "没有 {0} 这个取值。"),
)


# Two threads that meet a struct for the first time together end the process (msgspec 0.22 shows one of them what the
# other has half made): a kind is made ready by one at a time, and elsewhere decoders are made on import.
_making = threading.Lock()


@lru_cache(256)
def _decoder(kind: Hashable) -> msgspec.json.Decoder[Any]:
    with _making:
        return msgspec.json.Decoder(cast(Any, kind))


def decode(kind: type[T], raw: bytes) -> T:
    """The body as `kind`, or `Invalid` / `not_json`."""
    try:
        found: T = _decoder(cast("Hashable", kind)).decode(raw)
    except msgspec.ValidationError as error:
        raise Invalid([_told(str(error))]) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise Refused("not_json") from None
    if not issubclass(kind, OfParts) and (b"\\u0000" in raw or b"\x00" in raw or _LONG.search(raw)):
        _look_closer(raw)
    return found


def _told(sentence: str) -> WrongField:
    place = _PATH.search(sentence)
    path = place[1] if place else "$"
    if place:
        sentence = sentence[: place.start()]
    for pattern, zh in _SENTENCES:
        match = pattern.match(sentence)
        if match:
            if "field `" in sentence:
                path = f"{path}.{match[1]}"
            return WrongField(path, Why(zh.format(*match.groups()), sentence + "."))
    return WrongField(path, Why(f"不对：{sentence}。", sentence + "."))


def _look_closer(raw: bytes) -> None:
    """Into places that take any value. Bytes alone do not tell: a backslash may itself be escaped before u0000,
    a long number may stand in a text. A list of work, no recursion: a body may be nested deeply."""
    waiting: list[tuple[str, Any]] = [("$", msgspec.json.decode(raw))]
    while waiting:
        path, value = waiting.pop()
        if isinstance(value, str) and "\0" in value:
            raise Invalid([WrongField(path, Why("文字里不能有 U+0000。", "Text must not hold U+0000."))])
        if isinstance(value, int) and not -(2**63) <= value < 2**63:
            raise Invalid([WrongField(path, Why("整数超出 ±2^63。", "The integer is beyond ±2^63."))])
        if isinstance(value, dict):
            waiting += [(f"{path}.{key!r}", key) for key in value if "\0" in key]
            waiting += [(f"{path}.{key}", item) for key, item in value.items()]
        elif isinstance(value, list):
            waiting += [(f"{path}[{i}]", item) for i, item in enumerate(value)]


def size(limit: int) -> str:
    """Bytes as people say them."""
    for unit, bytes_ in (("MB", 1024 * 1024), ("kB", 1024)):
        if limit >= bytes_:
            return f"{limit / bytes_:.3g} {unit}"
    return f"{limit} B"
