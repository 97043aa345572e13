"""The whole journal checked against its chains, heads and checkpoints; the first bad entry is named.

Found: a changed text, a broken link, a missing, moved or surplus entry, a truncated tail, a subject that
vanished, a rewritten chain that a checkpoint saw otherwise. What a holder of database, heads and key can
still rewrite is what came since the last checkpoint that lies outside: docs/journal.md says so plainly.
Read as a stream: what is held at a time is a page of entries, the chains that have not ended yet, the checkpoints.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import msgspec

from api.db import storage
from api.db.tx import Row, Tx
from api.journal import checkpoint as point
from api.journal.chain import START, Entry, Fault, check_entry
from api.journal.checkpoint import Checkpoint
from api.journal.merkle import Frontier
from api.journal.service import Q
from api.kernel import time as times

PAGE = 2_000
RESTORED = "backup.restored"
# Another room's look at each page of entries that are whole so far.
Watch = Callable[[list[Entry]], Fault | None]


class Headed(NamedTuple):
    """An entry, and how long its chain is by its head (None: it has none) with which last hash."""

    entry: Entry
    length: int | None
    head: bytes | None


class Lost(NamedTuple):
    """A head whose last entry is not there."""

    subject: str
    length: int


class Told(NamedTuple):
    """What a whole reading says: entries read, checkpoints that agree, the first fault or None."""

    entries: int
    checkpoints: int
    fault: Fault | None


class Cut(NamedTuple):
    """A restore: where its entry stands, when, after which position, how many checkpoints of the life before speak
    of what was beyond."""

    pos: int
    at: int
    after: int
    former: int


class _Open(NamedTuple):
    seq: int
    hash: bytes
    pos: int
    length: int | None


class _Named(msgspec.Struct):
    """What the entry of a restore names; the first ones named the position alone."""

    cut_at: int
    head: str | None = None


class Stored(NamedTuple):
    """Checkpoints as found: their texts, and what is wrong with the rows that hold them."""

    texts: list[str]
    fault: Fault | None


def stored_checkpoints(tx: Tx, folder: Path) -> Stored:
    """From the folder and from the database: neither is believed alone.

    To be read before anything else of `tx`: a checkpoint that a running server lays outside after the snapshot
    began would speak of entries which the snapshot cannot show.
    """
    outside: set[str] = set()
    if folder.is_dir():
        outside = {file.read_text("utf-8", "replace") for file in folder.glob("*.txt")}
    inside: set[str] = set()
    fault: Fault | None = None
    for row in tx.all(Q.checkpoints_all):
        inside.add(row["text"] if isinstance(row["text"], str) else "")
        fault = fault or _row_fault(row)
    life = tx.value(Q.life)
    for text in sorted(outside - inside):
        with suppress(ValueError):  # what is no checkpoint at all is told where all of them are read
            one = point.read(text)
            if one.epoch == life and point.is_genuine(one):
                what = "lies outside and is gone from the database, or changed there"
                fault = fault or Fault(one.pos, "checkpoint", one.size, what)
    return Stored(sorted(outside | inside), fault)


def _row_fault(row: Row) -> Fault | None:
    """Beside the signed text a row repeats its size and time, and keeps the tree's edge for the next one."""
    what = None
    try:
        one = point.read(row["text"])
        edge = msgspec.json.decode(row["frontier"], type=Frontier)
        if (row["size"], times.text(row["at"], "UTC")) != (one.size, one.at):
            what = "its row says another size or time than its text"
        elif edge.size != one.size or edge.root() != one.root:
            what = "the tree's edge kept beside it is not the one that was signed"
    except (ValueError, TypeError, AttributeError, IndexError, OverflowError) as error:
        what = f"its row cannot be read ({error})"
    return None if what is None else Fault(None, "checkpoint", row["size"], what)


def entries(tx: Tx) -> Iterator[Entry]:
    return (one.entry for one in headed(tx))


def headed(tx: Tx) -> Iterator[Headed]:
    pos = -(2**62)
    while rows := tx.all(Q.entries_headed, pos=pos, count=PAGE):
        for row in rows:
            length = row["length"] if isinstance(row["length"], int) else None
            yield Headed(Entry(*row[:8]), length, row["head"])
        pos = rows[-1]["pos"]


def lost_heads(tx: Tx) -> list[Lost]:
    return [Lost(*row) for row in tx.all(Q.heads_without_entry)]


def verify(tx: Tx, folder: Path, key: bytes | None) -> Told:
    return reading(tx, folder, key).told


def reading(
    tx: Tx, folder: Path, key: bytes | None, watch: Watch | None = None, held: Iterable[str] = ()
) -> "Reading":
    """`held`: checkpoints that the reader has from elsewhere; `watch` sees every page."""
    try:
        with tx.as_it_lies():
            stored = stored_checkpoints(tx, folder)
            found = Reading(stored.texts, key, watch, held)
            found.take(headed(tx))
            found.end(lost_heads(tx), stored.fault)
    except storage.errors() as error:
        found = Reading([], None)
        found.fault = Fault(None, "database", 0, f"cannot be read ({error})")
    return found


class Reading:
    """Pure: the same check for a database and for an exported bundle. `take` the entries, then `end`."""

    def __init__(
        self, texts: list[str], key: bytes | None, watch: Watch | None = None, held: Iterable[str] = ()
    ) -> None:
        """`held`: checkpoints from elsewhere, which say more than any that lie with the journal. `signed`: the last
        position that a checkpoint speaks of."""
        self.fault: Fault | None
        self.cuts: list[Cut] = []
        self.count = self.agreed = self.signed = 0
        self._held = {text.strip() for text in held}
        self._points, self.fault = _genuine([*texts, *sorted(self._held)], key)
        self._wanted = {one.size for one in self._points}
        self._watch = watch
        self._open: dict[str, _Open] = {}
        self._seen: dict[int, tuple[int, bytes]] = {0: (0, Frontier().root())}
        self._edge = Frontier()
        self._restores: dict[int, Entry] = {}
        self._last = START

    @property
    def told(self) -> Told:
        return Told(self.count, self.agreed, self.fault)

    def take(self, found: Iterable[Headed]) -> None:
        """Up to the first entry that is not what must stand there."""
        if self.fault is not None:
            return
        page: list[Entry] = []
        leaves: list[bytes] = []
        for one in found:
            self.fault = self._follows(one)
            if self.fault is not None:
                break
            self.count += 1
            leaves.append(one.entry.hash)
            page.append(one.entry)
            if self.count in self._wanted:
                self._edge = self._edge.extended(leaves)
                self._seen[self.count] = (self.count, self._edge.root())
                leaves.clear()
            if len(page) == PAGE and self._looked(page):
                break
        self._looked(page)

    def _looked(self, page: list[Entry]) -> bool:
        """Lets the other room see the page; is there something wrong with it that comes first?"""
        said = self._watch(page) if self._watch is not None and page else None
        page.clear()
        if said is not None and (self.fault is None or (said.pos or 0) < (self.fault.pos or 0)):
            self.fault = said
        return said is not None

    def _follows(self, one: Headed) -> Fault | None:
        entry, length, _ = one
        before = self._open.get(entry.subject)
        seq, prev = (0, START) if before is None else before[:2]
        if entry.pos != self.count + 1:
            return Fault(self.count + 1, entry.subject, seq + 1, f"missing; pos {entry.pos} stands next")
        if before is None and length is not None and isinstance(entry.seq, int) and entry.seq > length:
            what = f"stands beyond its chain's head, which counts {length} entries"
            return Fault(entry.pos, entry.subject, entry.seq, what)
        fault = check_entry(entry, seq + 1, prev)
        if fault is None and entry.kind == RESTORED and entry.subject == "system":
            fault = self._restored(entry)
        self._last = entry.hash
        if fault is None and entry.seq == length:
            self._open.pop(entry.subject, None)
            if entry.hash != one.head:
                fault = Fault(entry.pos, entry.subject, entry.seq, "differs from the chain's head")
        elif fault is None:
            self._open[entry.subject] = _Open(entry.seq, entry.hash, entry.pos, length)
        return fault

    def _restored(self, entry: Entry) -> Fault | None:
        try:
            named = msgspec.json.decode(entry.body, type=_Named)
        except msgspec.DecodeError:
            return Fault(entry.pos, entry.subject, entry.seq, "names no cut")
        if named.cut_at != entry.pos - 1 or named.head not in (None, self._last.hex()):
            return Fault(entry.pos, entry.subject, entry.seq, "names another cut than where it stands")
        self._restores[named.cut_at] = entry
        return None

    def end(self, lost: Iterable[Lost], stored: Fault | None = None) -> None:
        """Heads, and what the checkpoints say; of several faults the one that stands first is told."""
        unlike = self._held_against()
        faults = [self.fault] if self.fault is not None else [*self._heads(lost)]
        faults += [one for one in (unlike, stored) if one is not None]
        self.fault = min(faults, key=lambda one: self.count + 2 if one.pos is None else one.pos, default=None)

    def _heads(self, lost: Iterable[Lost]) -> Iterator[Fault]:
        for one in lost:
            if one.subject not in self._open:
                what = f"cut off: the chain had {one.length} entries"
                yield Fault(self.count + 1, one.subject, one.length, what)
        for subject, (seq, _, pos, length) in self._open.items():
            if length is None:
                yield Fault(pos, subject, seq, "its chain has no head")
            elif length > seq:
                yield Fault(self.count + 1, subject, seq + 1, f"cut off: the chain had {length} entries")

    def _held_against(self) -> Fault | None:
        """How many agree before the first that does not. What a former life signed beyond the cut of a restore
        is none of ours, where the restore's own signed checkpoint stands in this journal and its entry too."""
        cuts = [
            one
            for one in self._points
            if one.cut is not None and self._agrees(one) and one.cut in self._restores
        ]
        former = dict.fromkeys((one.cut or 0 for one in cuts), 0)
        good, fault = 0, None
        # Of two of one size the one that disagrees first: the other one may have been signed anew.
        for one in sorted(self._points, key=lambda one: (one.size, self._agrees(one))):
            ended = _ended_by(one, cuts)
            if self._agrees(one):
                self.agreed, self.signed = self.agreed + 1, max(self.signed, one.pos)
                if not self._held or one.text.strip() in self._held:
                    good = max(good, one.pos)
            elif ended is not None:
                former[ended] += 1
            else:
                fault = self._disagrees(one, good)
                break
        self.cuts = [
            Cut(cut + 1, self._restores[cut].at, cut, count) for cut, count in sorted(former.items())
        ]
        return fault

    def _disagrees(self, one: Checkpoint, good: int) -> Fault:
        if one.size > self.count:
            what = f"cut off: checkpoint {one.size} saw entries up to pos {one.pos}"
            return Fault(max(good, self.count) + 1, "journal", self.count + 1, what)
        what = f"rewritten, moved or removed between here and pos {one.pos}: checkpoint {one.size} differs"
        return Fault(good + 1, "journal", good + 1, what)

    def _agrees(self, one: Checkpoint) -> bool:
        return self._seen.get(one.size) == (one.pos, one.root)


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


def _ended_by(one: Checkpoint, cuts: list[Checkpoint]) -> int | None:
    """The cut that ended the life which this checkpoint speaks of."""
    for i, cut in enumerate(cuts):
        later = {other.epoch for other in cuts[i:]}
        if one.pos > (cut.cut or 0) and one.epoch not in later:
            return cut.cut
    return None
