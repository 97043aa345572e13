"""The whole journal checked against its chains, heads and checkpoints; the first bad entry is named.

Found: a changed text, a broken link, a missing, moved or surplus entry, a truncated tail, a subject that
vanished, a rewritten chain that a checkpoint saw otherwise. What a holder of database, heads and key can
still rewrite is what came since the last checkpoint that lies outside: docs/journal.md says so plainly.
"""

import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path

from api.db.tx import Tx
from api.journal import checkpoint as point
from api.journal.chain import START, Entry, Fault, check_entry
from api.journal.checkpoint import Checkpoint
from api.journal.merkle import Frontier
from api.journal.service import Q

PAGE = 2_000
Heads = dict[str, tuple[int, bytes]]
Seen = dict[int, tuple[int, bytes]]


def stored_checkpoints(tx: Tx, folder: Path) -> list[str]:
    """From the folder and from the database: neither is believed alone.

    To be read before anything else of `tx`: a checkpoint that a running server lays outside after the snapshot
    began would speak of entries which the snapshot cannot show.
    """
    found: set[str] = set()
    if folder.is_dir():
        found = {file.read_text("utf-8", "replace") for file in folder.glob("*.txt")}
    return sorted(found | {row["text"] for row in tx.all(Q.checkpoints_all)})


def stored_heads(tx: Tx) -> Heads:
    return {row["subject"]: (row["length"], row["head"]) for row in tx.all(Q.chains_all)}


def entries(tx: Tx) -> Iterator[Entry]:
    pos = -(2**62)
    while rows := tx.all(Q.entries_after, pos=pos, count=PAGE):
        for row in rows:
            yield Entry(**dict(row))
        pos = rows[-1]["pos"]


def verify(tx: Tx, folder: Path, key: bytes | None) -> tuple[int, int, Fault | None]:
    """(entries read, checkpoints that agree, the first fault or None)."""
    try:
        with tx.as_it_lies():
            texts = stored_checkpoints(tx, folder)
            return check_all(entries(tx), stored_heads(tx), texts, key)
    except sqlite3.DatabaseError as error:
        return 0, 0, Fault(None, "database", 0, f"cannot be read ({error})")


def check_all(
    found: Iterable[Entry], heads: Heads, texts: list[str], key: bytes | None
) -> tuple[int, int, Fault | None]:
    """Pure: the same check for a database and for an exported bundle."""
    points, fault = _genuine(texts, key)
    if fault:
        return 0, 0, fault
    wanted = {one.size for one in points}
    at: Heads = {}
    last: dict[str, int] = {}
    seen: Seen = {0: (0, Frontier().root())}
    edge, count, pos = Frontier(), 0, 0
    broken: Fault | None = None
    for entry in found:
        seq, prev = at.get(entry.subject, (0, START))
        if entry.pos != pos + 1:
            broken = Fault(pos + 1, entry.subject, seq + 1, f"missing; pos {entry.pos} stands next")
        else:
            broken = check_entry(entry, seq + 1, prev)
        if broken:
            break
        at[entry.subject], last[entry.subject] = (entry.seq, entry.hash), entry.pos
        edge, count, pos = edge.add(entry.hash), count + 1, entry.pos
        if count in wanted:
            seen[count] = (pos, edge.root())
    agreed, unlike = _held_against(points, seen, count)
    if broken is None:
        broken = _heads(at, heads, last, pos)
    if unlike is not None and (broken is None or (unlike.pos or 0) < (broken.pos or pos + 1)):
        broken = unlike
    return count, agreed, broken


def _genuine(texts: list[str], key: bytes | None) -> tuple[list[Checkpoint], Fault | None]:
    """In order of size; all of one key, ours where it is known."""
    points: list[Checkpoint] = []
    for text in texts:
        try:
            one = point.read(text)
        except ValueError as error:
            return [], Fault(None, "checkpoint", 0, str(error))
        key = key or one.key
        if one.key != key or not point.is_genuine(one):
            return [], Fault(one.pos, "checkpoint", one.size, "its signature is not ours")
        points.append(one)
    return sorted(points, key=lambda one: (one.size, one.cut is None)), None


def _held_against(points: list[Checkpoint], seen: Seen, count: int) -> tuple[int, Fault | None]:
    """How many agree before the first that does not. What a former life signed beyond the cut of a restore
    is none of ours, where the restore's own signed checkpoint stands in this journal."""
    cuts = [one for one in points if one.cut is not None and _agrees(one, seen)]
    agreed, good = 0, 0
    for one in points:
        if _agrees(one, seen):
            agreed, good = agreed + 1, max(good, one.pos)
        elif not _is_former(one, cuts):
            if one.size > count:
                what = f"cut off: checkpoint {one.size} saw entries up to pos {one.pos}"
                return agreed, Fault(max(good, count) + 1, "journal", count + 1, what)
            what = (
                f"rewritten, moved or removed between here and pos {one.pos}: checkpoint {one.size} differs"
            )
            return agreed, Fault(good + 1, "journal", good + 1, what)
    return agreed, None


def _agrees(one: Checkpoint, seen: Seen) -> bool:
    return seen.get(one.size) == (one.pos, one.root)


def _is_former(one: Checkpoint, cuts: list[Checkpoint]) -> bool:
    for i, cut in enumerate(cuts):
        later = {other.epoch for other in cuts[i:]}
        if one.pos > (cut.cut or 0) and one.epoch not in later:
            return True
    return False


def _heads(at: Heads, heads: Heads, last: dict[str, int], pos: int) -> Fault | None:
    for subject in sorted(heads.keys() | at.keys()):
        has, should = at.get(subject, (0, START)), heads.get(subject)
        if should is None:
            return Fault(last[subject], subject, has[0], "its chain has no head")
        if has[0] < should[0]:
            return Fault(pos + 1, subject, has[0] + 1, f"cut off: the chain had {should[0]} entries")
        if has != should:
            return Fault(last.get(subject), subject, has[0], "differs from the chain's head")
    return None
