"""Checkpoints made: the root over what is committed, signed, kept in the database, then laid outside.

The tree is read from a reader's snapshot and the file is written after the commit, so a checkpoint never
speaks of an entry that a crash could still take back, and signing never makes a command wait. Any number of
processes may sign one database: of two that found the same checkpoint due, one writes it.
"""

import threading
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from api.db.database import Database
from api.db.durable import written
from api.db.tx import Row, Tx
from api.journal import checkpoint as point
from api.journal.merkle import Frontier
from api.journal.service import Q
from api.kernel import time as times
from api.kernel.log import log

PAGE = 5_000
_frontier_in = msgspec.json.Decoder(Frontier).decode


class Standing(NamedTuple):
    """The newest checkpoint (size 0 and no time before the first), and how many entries came since."""

    size: int
    at: int | None
    uncovered: int


def standing(tx: Tx) -> Standing:
    last, pos = tx.one(Q.last_checkpoint), tx.value(Q.last_pos)
    return Standing(0, None, pos) if last is None else Standing(last["size"], last["at"], pos - last["size"])


def is_another_day(stands: Standing, now: int, tz: str) -> bool:
    """Has the company's midnight passed since the newest checkpoint?"""
    return stands.at is not None and times.local(stands.at, tz).date() != times.local(now, tz).date()


class _Made(NamedTuple):
    base: int
    size: int
    text: str
    frontier: str


class Signer:
    """Signs one database's journal into one folder."""

    def __init__(self, db: Database, secret: bytes, folder: Path) -> None:
        self._db, self._key, self._folder = db, point.signing_key(secret), folder
        self.laid = -1
        # Of two threads of one process the second finds what the first has signed and laid.
        self._turn = threading.Lock()

    def sign(self, now: int, cut: int | None = None) -> str | None:
        """Sign what is new and lay outside what is not there yet; None where nothing was new, or another process
        signed meanwhile.

        Raises `Refused` (storage) or OSError; the next call then catches up.
        """
        with self._turn:
            made = self._db.reader.now(lambda tx: _next(tx, self._key, now, cut))
            is_ours = made is not None and self._db.writer.now(lambda tx: _added(tx, made, now))
            self._lay()
        return made.text if made is not None and is_ours else None

    def _lay(self) -> None:
        rows: list[Row] = self._db.reader.now(lambda tx: tx.all(Q.checkpoints_after, size=self.laid))
        if rows:
            self._folder.mkdir(parents=True, exist_ok=True)
        for row in rows:
            # The epoch in the name: a restored life never writes over what the former one has left outside.
            file = self._folder / f"{row['size']:012d}-{point.read(row['text']).epoch}.txt"
            if not file.exists():
                with written(file, 0o644) as out:
                    out.write(row["text"].encode())
            self.laid = row["size"]


def _added(tx: Tx, made: _Made, now: int) -> bool:
    said = {"size": made.size, "at": now, "text": made.text, "frontier": made.frontier}
    return tx.run(Q.add_checkpoint, base=made.base, **said) > 0


def _next(tx: Tx, key: Ed25519PrivateKey, now: int, cut: int | None) -> _Made | None:
    edge = _edge(tx)
    base = pos = edge.size
    while rows := tx.all(Q.hashes_after, pos=pos, count=PAGE):
        edge, pos = edge.extended(row["hash"] for row in rows), rows[-1]["pos"]
    if pos == base:
        return None
    epoch = tx.value(Q.life) or "none"
    text = point.write(key, now, epoch, edge.size, pos, edge.root(), cut)
    return _Made(base, edge.size, text, msgspec.json.encode(edge).decode())


def _edge(tx: Tx) -> Frontier:
    """The tree at the newest checkpoint, as kept beside it; only if it is the one that was signed."""
    last = tx.one(Q.last_checkpoint)
    if last is None:
        return Frontier()
    with suppress(msgspec.DecodeError):
        edge = _frontier_in(last["frontier"])
        if (edge.size, edge.root()) == (last["size"], point.read(last["text"]).root):
            return edge
    log.error("checkpoint.edge_lost", size=last["size"])
    edge = Frontier()
    while edge.size < last["size"]:
        count = min(PAGE, last["size"] - edge.size)
        rows = tx.all(Q.hashes_after, pos=edge.size, count=count)
        if not rows:
            break
        edge = edge.extended(row["hash"] for row in rows)
    return edge
