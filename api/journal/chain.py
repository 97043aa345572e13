"""The chain of one subject, pure: what an entry's hash covers, and how a chain is checked.

hash = SHA-256(prev ‖ canonical JSON of {actor, at, body, kind, seq, subject}), `body` being the stored
text itself, so that a checker needs nothing but the table and SHA-256. `prev` is the hash of the entry before in
the chain, which the table does not write down twice; the first is 32 zero bytes.
"""

import hashlib
from typing import NamedTuple

import msgspec

START = bytes(32)


class Entry(msgspec.Struct, frozen=True):
    """One row of the journal. `at` in ms; `hash` is 32 bytes; `pos` is global. `prev`: what a bundle says that the hash
    before is; None where nothing repeats it."""

    pos: int
    subject: str
    seq: int
    at: int
    kind: str
    actor: str
    body: str
    hash: bytes
    prev: bytes | None = None


class _Covered(msgspec.Struct):
    # The fields stand in sorted order: encoding a struct is then canonical without sorting.
    actor: str
    at: int
    body: str
    kind: str
    seq: int
    subject: str


_encode = msgspec.json.Encoder().encode


def link(prev: bytes, subject: str, seq: int, at: int, kind: str, actor: str, body: str) -> bytes:
    covered = _encode(_Covered(actor, at, body, kind, seq, subject))
    return hashlib.sha256(prev + covered).digest()


class Fault(NamedTuple):
    """The first bad place: the global position where known, the subject, and what is wrong with it."""

    pos: int | None
    subject: str
    seq: int
    what: str

    def __str__(self) -> str:
        at = f"pos {self.pos}, " if self.pos is not None else ""
        return f"{at}{self.subject} entry {self.seq}: {self.what}"


def check_entry(entry: Entry, seq: int, prev: bytes) -> Fault | None:
    """Is this the entry that must follow `prev` as number `seq` of its subject?"""
    if entry.seq != seq:
        return Fault(entry.pos, entry.subject, seq, f"missing or out of order; entry {entry.seq} stands here")
    if entry.prev is not None and entry.prev != prev:
        return Fault(entry.pos, entry.subject, seq, "does not link to the entry before it")
    try:
        mark = link(prev, entry.subject, entry.seq, entry.at, entry.kind, entry.actor, entry.body)
    except (TypeError, ValueError):  # edited into something that is no entry at all, such as broken UTF-8
        mark = b""
    if mark != entry.hash:
        return Fault(entry.pos, entry.subject, seq, "its text does not give its hash")
    return None
