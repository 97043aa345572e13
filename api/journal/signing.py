"""Checkpoints made: the root over what is committed, signed, kept in the database, then laid outside.

The tree is read from a reader's snapshot and the file is written after the commit, so a checkpoint never
speaks of an entry that a crash could still take back, and signing never makes a command wait.
"""

from pathlib import Path

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from api.db.database import Database
from api.db.durable import written
from api.db.tx import Row, Tx
from api.journal import checkpoint as point
from api.journal.merkle import Frontier
from api.journal.service import Q

PAGE = 5_000


class Signer:
    """Signs one database's journal into one folder; any number of them may work side by side."""

    def __init__(self, db: Database, secret: bytes, folder: Path) -> None:
        self._db, self._key, self._folder = db, point.signing_key(secret), folder
        self._laid = -1

    def sign(self, now: int, cut: int | None = None) -> str | None:
        """Sign what is new and lay outside what is not there yet; None where nothing was new.

        Raises `Refused` (storage) or OSError; the next call then catches up.
        """
        made = self._db.reader.now(lambda tx: _next(tx, self._key, now, cut))
        if made is not None:
            size, text, frontier = made
            self._db.writer.now(
                lambda tx: tx.run(Q.add_checkpoint, size=size, at=now, text=text, frontier=frontier)
            )
        self._lay()
        return None if made is None else made[1]

    def _lay(self) -> None:
        rows: list[Row] = self._db.reader.now(lambda tx: tx.all(Q.checkpoints_after, size=self._laid))
        if rows:
            self._folder.mkdir(parents=True, exist_ok=True)
            there = {file.name for file in self._folder.iterdir()}
        for row in rows:
            # The epoch in the name: a restored life never writes over what the former one has left outside.
            name = f"{row['size']:012d}-{point.read(row['text']).epoch}.txt"
            if name not in there:
                with written(self._folder / name, 0o644) as out:
                    out.write(row["text"].encode())
            self._laid = row["size"]


def uncovered(tx: Tx) -> int:
    """How many entries came since the last checkpoint."""
    last = tx.one(Q.last_checkpoint)
    count: int = tx.value(Q.last_pos) - (0 if last is None else point.read(last["text"]).pos)
    return count


def _next(tx: Tx, key: Ed25519PrivateKey, now: int, cut: int | None) -> tuple[int, str, str] | None:
    last = tx.one(Q.last_checkpoint)
    done, edge = 0, Frontier()
    if last is not None:
        edge = msgspec.json.decode(last["frontier"], type=Frontier)
        done = point.read(last["text"]).pos
    pos = done
    while rows := tx.all(Q.hashes_after, pos=pos, count=PAGE):
        edge, pos = edge.extended(row["hash"] for row in rows), rows[-1]["pos"]
    if pos == done:
        return None
    epoch = tx.value(Q.life) or "none"
    text = point.write(key, now, epoch, edge.size, pos, edge.root(), cut)
    return edge.size, text, msgspec.json.encode(edge).decode()
