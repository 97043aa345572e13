"""Checkpoints made, and the whole journal checked against its chains, heads and checkpoints.

Found and named: a changed text, a broken link, a missing middle entry, a truncated tail, a subject that
vanished, entries that differ from what a checkpoint signed. What a holder of database, heads and key can
still rewrite is what came since the last checkpoint that lies outside: docs/journal.md says so plainly.
"""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from api.db.tx import Tx
from api.journal import checkpoint as point
from api.journal.chain import START, Entry, Fault, check_entry
from api.journal.merkle import Frontier
from api.journal.service import Q

PAGE = 2_000


def make(tx: Tx, key: Ed25519PrivateKey, folder: Path, now: int) -> str | None:
    """Sign the journal as it stands into the folder and the database; None where nothing is new."""
    last = tx.one(Q.last_checkpoint)
    done, edge = 0, Frontier()
    if last is not None:
        edge = msgspec.json.decode(last["frontier"], type=Frontier)
        done = point.read(last["text"]).pos
    rows = tx.all(Q.hashes_after, pos=done)
    if not rows:
        return None
    for row in rows:
        edge = edge.add(row["hash"])
    text = point.write(key, now, edge.size, rows[-1]["pos"], edge.root())
    tx.run(Q.add_checkpoint, size=edge.size, at=now, text=text, frontier=msgspec.json.encode(edge).decode())
    _put(folder, f"{edge.size:012d}.txt", text)
    return text


def _put(folder: Path, name: str, text: str) -> None:
    """Durable before it is relied on: write beside, sync, rename."""
    folder.mkdir(parents=True, exist_ok=True)
    draft = folder / f".{name}"
    with draft.open("w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    draft.rename(folder / name)


def stored_checkpoints(tx: Tx, folder: Path) -> list[str]:
    """From the database and from the folder: neither is believed alone."""
    found = {row["text"] for row in tx.all(Q.checkpoints_all)}
    if folder.is_dir():
        found |= {file.read_text() for file in sorted(folder.glob("*.txt"))}
    return sorted(found)


def entries(tx: Tx) -> Iterator[Entry]:
    pos = -(2**62)
    while rows := tx.all(Q.entries_after, pos=pos, count=PAGE):
        for row in rows:
            yield Entry(**dict(row))
        pos = rows[-1]["pos"]


def verify(tx: Tx, folder: Path, key: bytes | None) -> tuple[int, int, Fault | None]:
    """(entries read, checkpoints held against them, the first fault or None)."""
    heads = {row["subject"]: (row["length"], row["head"]) for row in tx.all(Q.chains_all)}
    return check_all(entries(tx), heads, stored_checkpoints(tx, folder), key)


def check_all(
    found: Iterable[Entry], heads: dict[str, tuple[int, bytes]], texts: list[str], key: bytes | None
) -> tuple[int, int, Fault | None]:
    """Pure: the same check for a database and for an exported bundle."""
    points, fault = _genuine(texts, key)
    if fault:
        return 0, 0, fault
    at: dict[str, tuple[int, bytes]] = {}
    edge, count, pos = Frontier(), 0, 0
    for entry in found:
        seq, prev = at.get(entry.subject, (0, START))
        fault = check_entry(entry, seq + 1, prev)
        if fault:
            return count, 0, fault
        at[entry.subject] = (entry.seq, entry.hash)
        edge, count, pos = edge.add(entry.hash), count + 1, entry.pos
        if count in points:
            size, last, root = points[count]
            if (last, root) != (entry.pos, edge.root()):
                return count, 0, Fault(entry.pos, entry.subject, entry.seq, f"differs from checkpoint {size}")
    fault = _heads(at, heads)
    if fault:
        return count, 0, fault
    missed = [size for size in points if size > count]
    if missed:
        return count, 0, Fault(pos, "journal", count + 1, f"cut off: checkpoint {missed[0]} saw more entries")
    return count, len(points), None


def _genuine(texts: list[str], key: bytes | None) -> tuple[dict[int, tuple[int, int, bytes]], Fault | None]:
    points: dict[int, tuple[int, int, bytes]] = {}
    for text in texts:
        try:
            one = point.read(text)
        except ValueError as error:
            return {}, Fault(None, "checkpoint", 0, str(error))
        if not point.is_genuine(one) or (key is not None and one.key != key):
            return {}, Fault(one.pos, "checkpoint", one.size, "its signature is not ours")
        said = (one.size, one.pos, one.root)
        if points.setdefault(one.size, said) != said:
            return {}, Fault(one.pos, "checkpoint", one.size, "two checkpoints of this size differ")
    return points, None


def _heads(at: dict[str, tuple[int, bytes]], heads: dict[str, tuple[int, bytes]]) -> Fault | None:
    for subject in sorted(heads.keys() | at.keys()):
        has, should = at.get(subject, (0, START)), heads.get(subject)
        if should is None:
            return Fault(None, subject, has[0], "its chain has no head")
        if has[0] < should[0]:
            return Fault(None, subject, has[0] + 1, f"cut off: the chain had {should[0]} entries")
        if has != should:
            return Fault(None, subject, has[0], "differs from the chain's head")
    return None
