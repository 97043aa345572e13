"""A sheet of master data taken in: each row on its own, safe to come twice, nothing left out without its reason.

Rows go in groups of a hundred, each group one unit of work, so other writers take their turns between. To look only is
the same work undone at the end of each group: what a row would do is what it would do. Of two rows about one thing the
second is the same or is refused: whichever came last would else stand, and another each time that the sheet comes.
"""

from collections.abc import Callable, Iterator
from hashlib import blake2b
from typing import Any, NamedTuple

import msgspec

from api.db.database import Database
from api.db.tx import Tx
from api.inventory.columns import Joined, join, must_have, read_row
from api.inventory.kinds import KINDS, Kind, Outcome, Row
from api.kernel.actor import Actor
from api.kernel.errors import Invalid, Refused, Why
from api.kernel.time import Clock
from api.people import service as people
from api.sheets.sheet import Row as SheetRow
from api.sheets.sheet import Sheet
from api.web import imports
from api.web.imports import Refusal

CHUNK = 100
# The field that a refusal of the whole is about.
FIELDS = {
    "unknown_warehouse": "warehouse", "unknown_sku": "sku", "unknown_bin": "bin", "bin_taken": "bin",
    "unknown_user": "salesperson", "has_moved": "qty", "no_lots": "lot", "lot_needed": "lot", "other_day": "expires", "lots_lie": "lots", "bin_not_empty": "sku", "last_owner": "role",
    "uom_in_use": "uom",
}  # fmt: skip


class Report(msgspec.Struct):
    """`starts`: the first passwords of users who are new, told once and kept nowhere."""

    taken: int = 0
    changed: int = 0
    same: int = 0
    refused: list[Refusal] = []
    starts: dict[str, str] = {}

    @property
    def counts(self) -> dict[str, int]:
        return {"taken": self.taken, "changed": self.changed, "same": self.same, "refused": len(self.refused)}

    def add(self, part: "Report") -> "Report":
        return Report(
            self.taken + part.taken, self.changed + part.changed, self.same + part.same,
            self.refused + part.refused, self.starts | part.starts,
        )  # fmt: skip


class Work(NamedTuple):
    """A sheet with its columns joined, ready to be looked at or taken."""

    name: str
    kind: Kind
    sheet: Sheet
    joined: Joined
    actor: Actor

    def column(self, path: str) -> str:
        """What the sheet calls the field that a reason speaks of; empty where it has none."""
        names = (field.name for field in self.kind.fields if path in (field.name, field.target))
        return next((self.joined.columns[name] for name in names if name in self.joined.columns), "")


class _Looked(Exception):
    def __init__(self, part: Report) -> None:
        self.part = part


def prepared(name: str, sheet: Sheet, columns: dict[str, Any] | None, actor: Actor) -> Work:
    """Refuses `bad_sheet` where no column says which row is which."""
    kind = KINDS[name]
    joined = join(kind.fields, sheet, columns)
    must_have(kind.fields, joined, kind.keys)
    return Work(name, kind, sheet, joined, actor)


def looked(db: Database, work: Work, most: int, clock: Clock) -> Report:
    """What the first rows would become; nothing stays."""
    report, seen = Report(), Seen()
    for rows in _chunks(work.sheet.rows[:most]):
        part, _ = _read(work, rows)

        def look(tx: Tx, part: list[_Ready] = part) -> None:
            raise _Looked(_take(tx, work, part, seen, clock()))

        try:
            db.writer.now(look)
        except _Looked as done:
            report = report.add(done.part)
    return report


def taken(
    db: Database, work: Work, number: str, clock: Clock, tell: Callable[[int], None] = lambda _: None
) -> Report:
    """All rows; after each group the import's record says how far it is, and `tell` hears the rows done."""
    report, done, status, seen = Report(), 0, "cut", Seen()
    of, total = f"kind:{work.name}", len(work.sheet.rows)
    db.writer.now(lambda tx: imports.begin(tx, number, of, work.sheet.name, total, work.actor, clock()))
    try:
        for rows in _chunks(work.sheet.rows):
            done += len(rows)
            report = _group(db, work, rows, _Told(number, report, done, seen), clock)
            tell(len(rows))
        status = "done"
    finally:
        db.writer.now(lambda tx: imports.count(tx, number, done, status, report.counts, clock()))
    return report


class Seen:
    """The rows that were taken, by what they are about: each with its number and a digest of what it says, so that twenty
    thousand of them are a few megabytes."""

    def __init__(self) -> None:
        self._rows: dict[tuple[str, ...], tuple[int, bytes]] = {}

    def again(self, key: tuple[str, ...], number: int, digest: bytes) -> bool:
        """Did an earlier row say the same? Refuses one that differs from it."""
        row, said = self._rows.get(key, (number, digest))
        if said != digest:
            zh, en = (
                f"和第 {row} 行说的是同一个，内容不一样。",
                f"About the same as row {row}, and differs from it.",
            )
            raise Refused("invalid", Why(zh, en))
        return row != number

    def keep(self, key: tuple[str, ...], number: int, digest: bytes) -> None:
        self._rows[key] = (number, digest)


def _digest(said: dict[str, Any]) -> bytes:
    return blake2b(msgspec.json.encode(said, order="deterministic"), digest_size=16).digest()


class _Told(NamedTuple):
    """What was before a group, and how far its commit brings the import."""

    number: str
    before: Report
    done: int
    seen: Seen


def _group(db: Database, work: Work, rows: tuple[SheetRow, ...], told: _Told, clock: Clock) -> Report:
    """The report with this group in it."""
    part, names = _read(work, rows)
    starts = _starts(db, names) if names else {}
    marks = {name: mark for name, (_, mark) in starts.items()}

    def take(tx: Tx) -> Report:
        found = _take(tx, work, part, told.seen, clock(), marks)
        imports.refuse(tx, told.number, found.refused)
        imports.count(tx, told.number, told.done, "running", told.before.add(found).counts, clock())
        return found

    found = db.writer.now(take)
    found.starts = {name: starts[name][0] for name in found.starts}
    return told.before.add(found)


class _Ready(NamedTuple):
    """A row as read: what it says, or why it cannot be."""

    number: int
    said: dict[str, Any]
    refusal: Refusal | None


def _chunks(rows: tuple[SheetRow, ...]) -> Iterator[tuple[SheetRow, ...]]:
    for start in range(0, len(rows), CHUNK):
        yield rows[start : start + CHUNK]


def _read(work: Work, rows: tuple[SheetRow, ...]) -> tuple[list[_Ready], set[str]]:
    """With the users that are named: cells are read before the writer's turn, and passwords made."""
    part = []
    for row in rows:
        said, wrong = read_row(work.kind.fields, work.joined, row)
        part.append(_Ready(row.number, said, Refusal(row.number, *wrong[0]) if wrong else None))
    names = {one.said["name"] for one in part if "name" in one.said} if work.name == "users" else set()
    return part, names


def _starts(db: Database, names: set[str]) -> dict[str, tuple[str, str]]:
    """A password to start with for each who is not there yet, with its hash."""
    new = db.reader.now(lambda tx: [name for name in sorted(names) if people.user(tx, name) is None])
    made = {name: people.first_password() for name in new}
    return {name: (password, people.hash_password(password)) for name, password in made.items()}


def _take(
    tx: Tx, work: Work, part: list[_Ready], seen: Seen, now: int, marks: dict[str, str] | None = None
) -> Report:
    report = Report(refused=[], starts={})
    for one in part:
        if one.refusal is not None:
            report.refused.append(one.refusal)
            continue
        try:
            with tx.part():
                outcome = _outcome(tx, work.kind, one, seen, Row(one.said, work.actor, now, marks or {}))
        except Refused as refused:
            report.refused.append(_refusal(one.number, refused))
            continue
        setattr(report, outcome, getattr(report, outcome) + 1)
        if outcome == "taken" and one.said.get("name") in (marks or {}):
            report.starts[one.said["name"]] = ""
    return report


def _outcome(tx: Tx, kind: Kind, one: _Ready, seen: Seen, row: Row) -> Outcome:
    about, digest = kind.about(tx, one.said), _digest(one.said)
    if seen.again(about, one.number, digest):
        return "same"
    outcome = kind.take(tx, row)
    for key in {about, kind.about(tx, one.said)}:  # who is new is known by an id from here on
        seen.keep(key, one.number, digest)
    return outcome


def _refusal(number: int, refused: Refused) -> Refusal:
    if isinstance(refused, Invalid):
        first = refused.wrong[0]
        return Refusal(number, first.path.removeprefix("$.").removeprefix("path."), first.why)
    return Refusal(number, FIELDS.get(refused.code, ""), refused.why)
