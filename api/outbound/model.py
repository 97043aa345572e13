"""A request and its answer. Plain values: nothing here opens anything."""

from collections.abc import Mapping
from typing import NamedTuple


class Ask(NamedTuple):
    method: str
    address: str
    headers: Mapping[str, str] = {}
    body: bytes = b""


class Answered(NamedTuple):
    """`headers` by their lower-case names."""

    status: int
    headers: dict[str, str]
    body: bytes
