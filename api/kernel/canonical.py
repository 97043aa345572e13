"""Canonical JSON: the one text of a value that is hashed.

Sorted ASCII keys, no spaces, UTF-8; text, booleans, null, lists and integers below 2^53 in magnitude. Floats
are refused (coordinates travel as micro-degrees), so that Python, JavaScript and anyone with a shell agree.
"""

import hashlib
from typing import Any

import msgspec

_encoder = msgspec.json.Encoder(order="sorted")
LARGEST = 2**53 - 1


def canonical(value: Any) -> bytes:
    """The bytes to hash. The caller vouches for the domain; `check` proves it (tests do, for every kind)."""
    return _encoder.encode(value)


def check(value: Any, path: str = "$") -> None:
    """Raise ValueError naming the first thing outside the closed domain."""
    if value is None or isinstance(value, bool | str):
        return
    if isinstance(value, int):
        if abs(value) > LARGEST:
            raise ValueError(f"{path}: {value} is beyond 2^53")
    elif isinstance(value, list | tuple):
        for i, item in enumerate(value):
            check(item, f"{path}[{i}]")
    elif isinstance(value, dict):
        for key, item in value.items():
            if not (isinstance(key, str) and key.isascii()):
                raise ValueError(f"{path}: key {key!r} is not ASCII text")
            check(item, f"{path}.{key}")
    else:
        raise ValueError(f"{path}: {type(value).__name__} has no canonical form")


def digest(value: Any) -> str:
    """`sha256:<hex>` over the canonical bytes."""
    return "sha256:" + hashlib.sha256(canonical(value)).hexdigest()
