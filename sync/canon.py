"""Canonical JSON as the contract fixes it, so that two languages agree on a body byte for byte.

Sorted ASCII keys, no spaces, UTF-8; values are text, booleans, null, lists, objects and integers within ±(2^53 - 1).
Refused with `NotCanonical`: floats, larger integers, keys that are not ASCII, text that is not Unicode, other types.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

MAX_INTEGER = 2**53 - 1
MAX_DEPTH = 64

_encoder = msgspec.json.Encoder(order="sorted")


class NotCanonical(ValueError):
    """The value lies outside the closed domain; `args[0]` says where and why."""


def canonical_json(value: Any) -> bytes:
    """UTF-8 bytes; structs count as objects of their fields, dates as their text. Raises `NotCanonical`."""
    plain = msgspec.to_builtins(value, order="sorted", str_keys=False)
    _check(plain, "$", 0)
    try:
        return _encoder.encode(plain)
    except UnicodeEncodeError:
        raise NotCanonical("text holds half a character pair") from None


def _check(value: Any, path: str, depth: int) -> None:
    if value is None or isinstance(value, str | bool):
        return
    if isinstance(value, int):
        if not -MAX_INTEGER <= value <= MAX_INTEGER:
            raise NotCanonical(f"{path}: integer beyond 2^53 - 1")
    elif depth >= MAX_DEPTH:
        raise NotCanonical(f"{path}: deeper than {MAX_DEPTH}")
    elif isinstance(value, list | tuple):
        for index, part in enumerate(value):
            _check(part, f"{path}[{index}]", depth + 1)
    elif isinstance(value, Mapping):
        for key, part in value.items():
            if not isinstance(key, str) or not key.isascii():
                raise NotCanonical(f"{path}: key {key!r} is not ASCII text")
            _check(part, f"{path}.{key}", depth + 1)
    else:
        raise NotCanonical(f"{path}: {type(value).__name__} is not allowed")
