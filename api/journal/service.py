"""Writing the journal and the personal values beside it."""

import hashlib
import os
from typing import Any, NamedTuple

import msgspec

from api.db.counting import take
from api.db.queries import load
from api.db.tx import Tx
from api.journal import chain
from api.kernel.actor import Actor
from api.kernel.bounded import Bounded, held
from api.kernel.canonical import canonical

Q = load(__package__)
# What a reader sees in a forgotten value's place.
ERASED = "（已抹去）"


class Ref(NamedTuple):
    """A personal value's stand-in within hashed texts."""

    id: int
    digest: str

    @property
    def plain(self) -> dict[str, Any]:
        return {"digest": self.digest, "ref": self.id}


def _digest(salt: bytes, value: str) -> str:
    return hashlib.sha256(salt + value.encode()).hexdigest()


def keep(tx: Tx, owner: str, value: str) -> Ref:
    """Store a personal value under its owner (a customer's id, or `staff:NAME`). Its number stands in hashed texts and
    never comes back, so that an erased value is not taken for another one."""
    salt, number = os.urandom(16), take(tx, "private", Q.last_kept)
    tx.later(Q.keep, id=number, owner=owner, salt=salt, value=value)
    return Ref(number, _digest(salt, value))


def kept(tx: Tx, ref: int) -> tuple[Ref, str] | None:
    """The value and its stand-in; None once it has been erased."""
    row = tx.one(Q.kept, id=ref)
    if row is None:
        return None
    return Ref(row["id"], _digest(row["salt"], row["value"])), row["value"]


def keep_once(tx: Tx, owner: str, value: str) -> Ref:
    """The same for values that recur (a person's address or device): one row for all entries."""
    known: Bounded[tuple[str, str], Ref] = held(tx.slow, "kept")
    found = known.get((owner, value))
    if found is None:
        for row in tx.all(Q.kept_by, owner=owner):
            if row["value"] == value:
                found = Ref(row["id"], _digest(row["salt"], value))
                break
        else:
            found = keep(tx, owner, value)
        known[owner, value] = found
    return found


def origin(tx: Tx, actor: Actor, now: int) -> dict[str, Any]:
    """From where: the position of the entry that tells this person's address and device, made once for each."""
    if not actor.ip and not actor.device:
        return {}
    who = actor.name, actor.ip, actor.device
    pos: int | None = held(tx.slow, "origins").get(who)
    if pos is None:
        pos = held(tx.slow, "origins")[who] = _origin(tx, actor, now)
    return {"origin": pos}


def _origin(tx: Tx, actor: Actor, now: int) -> int:
    owner = f"staff:{actor.name}"
    ip, device = (keep_once(tx, owner, text) if text else None for text in (actor.ip, actor.device))
    ids = {"ip": ip.id if ip else 0, "device": device.id if device else 0}
    row = tx.one(Q.origin, actor=actor.name, **ids)
    if row is not None:
        return int(row["pos"])
    body = {name: ref.plain for name, ref in (("ip", ip), ("device", device)) if ref}
    pos = _append(tx, "system", "origin.seen", canonical(body).decode(), actor, now)
    tx.later(Q.know_origin, actor=actor.name, pos=pos, **ids)
    return pos


def origin_of(tx: Tx, pos: int) -> dict[str, Any]:
    """The address and device of an origin's entry, by reference; empty where there is none there."""
    row = tx.one(Q.entry_at, pos=pos)
    found: dict[str, Any] = (
        {} if row is None or row["kind"] != "origin.seen" else msgspec.json.decode(row["body"])
    )
    return {name: found[name] for name in ("ip", "device") if name in found}


def record(
    tx: Tx, subject: str, kind: str, body: dict[str, Any], actor: Actor, now: int, *, is_first: bool = False
) -> int:
    """Append one entry to the subject's chain; returns its global position.

    `kind` is a dotted past-tense word; `body` holds texts, integers, booleans and references only.
    `is_first` saves a look-up where the subject was born in this very unit of work.
    """
    text = canonical({**body, **origin(tx, actor, now)}).decode()
    return _append(tx, subject, kind, text, actor, now, is_first=is_first)


def _append(
    tx: Tx, subject: str, kind: str, text: str, actor: Actor, now: int, *, is_first: bool = False
) -> int:
    length, prev = (0, chain.START) if is_first else _head(tx, subject)
    seq, pos = length + 1, _next_pos(tx)
    mark = chain.link(prev, subject, seq, now, kind, actor.name, text)
    tx.later(
        Q.append,
        pos=pos,
        subject=subject,
        seq=seq,
        at=now,
        kind=kind,
        actor=actor.name,
        body=text,
        hash=mark,
    )
    tx.latest(Q.extend_chain, subject, subject=subject, length=seq, head=mark)
    held(tx.cache, "chains")[subject] = (seq, mark)
    tx.then(("entry", pos, subject, kind))
    return pos


def _head(tx: Tx, subject: str) -> tuple[int, bytes]:
    """How far a subject's chain has come, and its newest hash."""
    found: tuple[int, bytes] | None = held(tx.cache, "chains").get(subject)
    if found is None:
        row = tx.one(Q.chain, subject=subject)
        found = (0, chain.START) if row is None else (row["length"], row["head"])
    return found


def _next_pos(tx: Tx) -> int:
    last: int | None = tx.cache.get("journal")
    if last is None:
        last = tx.value(Q.last_pos)
    tx.cache["journal"] = pos = (last or 0) + 1
    return pos


def looked(tx: Tx, order_no: str, actor: Actor, now: int, span: int) -> None:
    """A look leaves one entry for each person, order and span."""
    if tx.one(Q.seen_before, actor=actor.name, order_no=order_no, at=now, span=span) is not None:
        record(tx, f"order:{order_no}", "order.viewed", {}, actor, now)


def forget(tx: Tx, owner: str, actor: Actor, now: int) -> int:
    """Delete a person's values; every hash stays valid. Returns how many went."""
    count = tx.run(Q.erase, owner=owner)
    tx.forget()
    record(tx, "system", "customer.forgotten", {"customer": owner, "values": count}, actor, now)
    return count
