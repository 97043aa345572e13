"""What a client of a platform is: whom it asks, what it needs for that, and how it is told that an order is paid."""

import secrets as randomness
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import httpx
import msgspec

from api.channels.payload import Message, decode
from api.channels.schemes.base import Secrets

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
    """HTTP to one platform: no redirects, ten seconds, a bounded answer. `now_s` and `nonce` belong to this conversation."""

    def __init__(self, client: httpx.Client, base: str, now_s: int) -> None:
        self._client, self._base, self.now_s = client, base, now_s

    def nonce(self) -> str:
        return randomness.token_hex(16)

    def send(
        self, method: str, path: str, headers: Mapping[str, str] | None = None, body: bytes = b""
    ) -> Answered:
        try:
            with self._client.stream(
                method, self._base + path, headers=dict(headers or {}), content=body, timeout=TIMEOUT_S
            ) as answer:
                found = b""
                for part in answer.iter_bytes():
                    found += part
                    if len(found) > ANSWER_BYTES:
                        raise Unanswered("too long an answer")
        except httpx.HTTPError as error:
            # The type alone: some of these quote the address, which may hold a token.
            raise Unanswered(type(error).__name__) from None
        return Answered(answer.status_code, {k.lower(): v for k, v in answer.headers.items()}, found)


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
