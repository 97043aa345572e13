"""What a client of a platform is: whom it asks, what it needs for that, and how it is told that an order is paid."""

import secrets as randomness
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import msgspec

from api.channels.payload import Message, decode
from api.channels.schemes.base import Secrets
from api.outbound import sending
from api.outbound.guard import PUBLIC_ONLY, Allowed
from api.outbound.model import Ask

TIMEOUT_S = 10.0
ANSWER_BYTES = 1_000_000


class Unanswered(Exception):
    """The platform has not said how the order stands; the reason holds no secret and no address."""


class Answered(NamedTuple):
    status: int
    headers: dict[str, str]
    body: bytes

    def value(self) -> dict[str, Any]:
        found = decode(self.body)
        if self.status != 200 or not isinstance(found, dict):
            raise Unanswered(f"status {self.status}")
        return found


class Paid(NamedTuple):
    """What the platform said, raw, and the message that it amounts to."""

    raw: bytes
    message: Message


class Line:
    """HTTP to one platform: ten seconds, a bounded answer. `now_s` and `nonce` belong to this conversation."""

    def __init__(self, base: str, now_s: int, allowed: Allowed = PUBLIC_ONLY) -> None:
        self._base, self.now_s, self._allowed = base, now_s, allowed

    def nonce(self) -> str:
        return randomness.token_hex(16)

    def send(
        self, method: str, path: str, headers: Mapping[str, str] | None = None, body: bytes = b""
    ) -> Answered:
        ask = Ask(method, self._base + path, headers or {}, body)
        try:
            return Answered(*sending.send(ask, self._allowed, TIMEOUT_S, ANSWER_BYTES))
        except sending.Failed as error:
            raise Unanswered(str(error)) from None


class Client(NamedTuple):
    """`ask(line, external_no, secrets)`: what was paid, or None where it is not. Raises Unanswered."""

    scheme: str
    base: str
    needs: tuple[str, ...]
    ask: Callable[[Line, str, Secrets], Paid | None]

    def can(self, secrets: Secrets) -> bool:
        return all(secrets.get(name) for name in self.needs)


def compact(value: Any) -> str:
    """JSON with sorted keys and no blanks, as signatures want it."""
    return msgspec.json.encode(value, order="sorted").decode()
