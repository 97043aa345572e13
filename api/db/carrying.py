"""A company's rows from one database to another, table by table, in batches that each bring a note of how far it is.

The note is committed with its batch: a move that is killed goes on behind the last row that arrived. What each table must
hold there in the end is summed up on the way (a digest of every row), and read back from the other side by `differing`.
What belongs to a database and not to its company stays where it is.
"""

import hashlib
from collections.abc import Callable, Iterator
from typing import Any

import msgspec

from api.db.database import Database
from api.db.ends import End, OnSQLite, Table, Values, in_order
from api.db.tx import ARRIVED, MOVED, MOVING, Q, Tx

# A batch ends at the first of both; a row may be a file of some megabytes.
ROWS, BYTES = 5_000, 4_000_000
MODULUS = 2**256
# By the first column: the schema's number, whom it bears, this database's life and moves; whose turn it is, who had one.
STAYS: dict[str, frozenset[str]] = {
    "meta": frozenset({"schema", "epoch", MOVING, MOVED, ARRIVED}),
    "numbers": frozenset({"changes", "turn", "oldest"}),
}
WRITER = "writer:"


class Tally(msgspec.Struct, frozen=True, array_like=True):
    """How many rows of a table, and the sum of their digests."""

    rows: int = 0
    digest: bytes = b""

    def with_rows(self, rows: list[Values]) -> "Tally":
        total = int.from_bytes(self.digest)
        for row in rows:
            total += int.from_bytes(hashlib.sha256(msgspec.msgpack.encode(row)).digest())
        return Tally(self.rows + len(rows), (total % MODULUS).to_bytes(32))


class Note(msgspec.Struct, frozen=True):
    """`id`: of the move. `done`: tables that have arrived; `table`: the one on its way, up to `key`."""

    id: str
    schema: int
    done: dict[str, Tally] = {}
    table: str = ""
    key: tuple[Any, ...] | None = None
    tally: Tally = Tally()

    @property
    def arrived(self) -> int:
        """Rows in all."""
        return self.tally.rows + sum(tally.rows for tally in self.done.values())

    def text(self) -> str:
        return msgspec.msgpack.encode(self).hex()


def read_note(text: str) -> Note:
    return msgspec.msgpack.decode(bytes.fromhex(text), type=Note)


def end(db: Database) -> End:
    if db.is_file:
        return OnSQLite(db.engine)
    from api.db.postgres.end import OnPostgres
    from api.db.postgres.engine import Postgres

    assert isinstance(db.engine, Postgres)
    return OnPostgres(db.engine)


def tables(source: End, target: End) -> list[Table]:
    """In the order in which they are filled. ValueError where the two do not have the same."""
    here, there = ({one.name: one for one in side.tables()} for side in (source, target))
    unlike = sorted(
        name
        for name in here.keys() | there.keys()
        if name not in here or name not in there or here[name][:3] != there[name][:3]
    )
    if unlike:
        raise ValueError(f"the two do not have the same tables: {', '.join(unlike)}")
    return in_order(one._replace(binary=one.binary | here[one.name].binary) for one in there.values())


def rows(side: End, table: Table, behind: Values | None = None) -> Iterator[Values]:
    """Those that move. Where the other engine keeps bytes, a text of an old program's goes as its bytes."""
    stays = STAYS.get(table.name, frozenset())
    for row in side.rows(table, behind):
        if stays and (row[0] in stays or row[0].startswith(WRITER)):
            continue
        if any(isinstance(row[n], str) for n in table.binary):
            row = tuple(
                one.encode() if n in table.binary and isinstance(one, str) else one
                for n, one in enumerate(row)
            )
        yield row


def batches(found: Iterator[Values]) -> Iterator[list[Values]]:
    batch, size = list[Values](), 0
    for row in found:
        batch.append(row)
        size += sum(len(one) for one in row if isinstance(one, str | bytes))
        if len(batch) >= ROWS or size >= BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def carry(source: End, target: End, note: Note, tell: Callable[[str, int, int], None]) -> Note:
    """All that has not arrived yet; `tell(table, its rows, all rows)` after each batch. ValueError names a row that cannot arrive."""
    for table in tables(source, target):
        if table.name in note.done:
            continue
        is_begun = note.table == table.name
        tally, key = (note.tally, note.key) if is_begun else (Tally(), None)
        for batch in batches(rows(source, table, key)):
            _must_fit(table, batch, target)
            tally, key = tally.with_rows(batch), table.key_of(batch[-1])
            note = msgspec.structs.replace(note, table=table.name, key=key, tally=tally)
            with target.alone() as tx:
                target.add(table, batch)
                noted(tx, note)
            tell(table.name, tally.rows, note.arrived)
        note = msgspec.structs.replace(
            note, done={**note.done, table.name: tally}, table="", key=None, tally=Tally()
        )
    with target.alone() as tx:
        noted(tx, note)
    return note


def noted(tx: Tx, note: Note) -> None:
    tx.run(Q.set_fact, name=MOVING, value=note.text())


def _must_fit(table: Table, batch: list[Values], target: End) -> None:
    if target.name == OnSQLite.name:
        return
    for row in batch:
        if any(isinstance(one, str) and "\0" in one for one in row):
            raise ValueError(
                f"a row of {table.name} ({table.key_of(row)}) holds U+0000, which {target.name} does not keep"
            )


def differing(side: End, note: Note) -> list[str]:
    """Tables that do not hold what was sent, each as a sentence."""
    wrong = []
    for table in side.tables():
        tally = Tally()
        for batch in batches(rows(side, table)):
            tally = tally.with_rows(batch)
        sent = note.done[table.name]
        if tally != sent:
            wrong.append(f"{table.name}: {tally.rows} rows arrived of {sent.rows}, or not the same")
    return wrong


def is_empty(side: End) -> bool:
    """No row of a company's; what a server leaves that was started on an empty one does not count."""
    return all(
        next(iter(rows(side, table)), None) is None for table in side.tables() if table.name not in STAYS
    )
