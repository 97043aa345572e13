"""The shapes of a robot. Its address and secret open a company's chat: they stand in no log, table or refusal."""

import hashlib
from collections.abc import Callable
from typing import NamedTuple


class Robot(NamedTuple):
    """One configured robot; `name` tells it apart from others without telling its address."""

    kind: str
    address: str
    secret: str = ""

    @property
    def name(self) -> str:
        return f"{self.kind}-{hashlib.sha256(self.address.encode()).hexdigest()[:8]}"

    def __repr__(self) -> str:
        return f"Robot({self.name})"


class Message(NamedTuple):
    """`id` stays the same when it is sent again; `topic` is a dotted word, for receivers that are programs."""

    id: str
    topic: str
    text: str


class Post(NamedTuple):
    address: str
    body: bytes
    headers: dict[str, str]


class Kind(NamedTuple):
    """`build(robot, message, now)`: what goes over the wire. `is_taken(body)`: does an answer with status 2xx mean
    that the message was taken (None: it is no answer of the platform's)? `is_secret`: can this secret be used (empty: none)?"""

    build: Callable[[Robot, Message, int], Post]
    is_taken: Callable[[bytes], bool | None]
    is_secret: Callable[[str], bool]


class Undelivered(Exception):
    """The chat has not taken the message; the reason holds neither address nor answer."""


class Unheard(Undelivered):
    """Whether it has taken the message is not known: the answer was lost, or never came."""
