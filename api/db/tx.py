"""A unit of work's view of the database: run a named query, get rows.

The same functions run inside the writer (one command among a group) and inside a reader (one consistent
snapshot). A `Tx` never begins, commits or rolls back: its owner does.

New rows that nobody reads back at once are left to `later`: they wait here and go to the tables many at a time,
before any statement that names one of their tables, and before the commit. A statement for a hundred rows runs
without Python in between, which measured half the cost of a hundred statements.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import chain
from typing import Any

from api.db import engine
from api.db.engine import Connection
from api.db.queries import Query, load

Q = load(__package__)
Row = engine.Row
CHUNKS = (100, 64, 32, 16, 8, 4, 2, 1)
# Facts of a database that its company moves into, has left, has come to.
MOVING, MOVED, ARRIVED = "moving", "moved", "arrived"


class Redo(Exception):
    """What waits cannot be told from what must be undone: the group is run again, each command for itself."""


class Tx:
    """One connection in an open transaction.

    `cache` holds values derived from tables, under the table's name where one statement may make them stale: a
    statement that writes a table drops what is kept under its name. The owner empties it whenever another connection
    has committed, or a unit of work has been undone. `slow` is the same for slow-moving tables (people, price list,
    warehouses, channels): whoever changes one of those calls `forget()`, so it outlives other processes' orders.
    `writes` counts what was written or left to be written. `is_careful`: each command stands for itself.
    """

    __slots__ = (
        "_silent",
        "_touched",
        "_waits",
        "after",
        "cache",
        "connection",
        "is_careful",
        "slow",
        "writes",
    )

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self._silent = connection.cursor()  # for statements that give no rows
        self._waits: dict[Query, dict[Any, tuple[Any, ...]]] = {}
        self._touched: set[str] = set()
        self.cache: dict[Any, Any] = {}
        self.slow: dict[Any, Any] = {}
        self.after: list[Any] = []
        self.writes = 0
        self.is_careful = True

    def one(self, query: Query, /, **params: Any) -> Row | None:
        self._ready(query)
        found: Row | None = self.connection.execute(query.numbered, query.values(params)).fetchone()
        return found

    def must(self, query: Query, /, **params: Any) -> Row:
        """One row that the schema guarantees."""
        found = self.one(query, **params)
        if found is None:
            raise LookupError(f"{query.name} gave no row")
        return found

    def all(self, query: Query, /, **params: Any) -> list[Row]:
        self._ready(query)
        return self.connection.execute(query.numbered, query.values(params)).fetchall()

    def value(self, query: Query, /, **params: Any) -> Any:
        """The first column of the first row, or None."""
        found = self.one(query, **params)
        return None if found is None else found[0]

    def run(self, query: Query, /, **params: Any) -> int:
        """How many rows the statement touched; it returns none."""
        self._ready(query)
        count: int = self._silent.execute(query.silent, query.values(params)).rowcount
        return count

    def many(self, query: Query, rows: Iterable[dict[str, Any]]) -> None:
        self._ready(query)
        self._silent.executemany(query.silent, map(query.values, rows))

    def later(self, query: Query, /, **params: Any) -> None:
        """A row that may wait. Each must touch exactly one row of its table."""
        rows = self._rows(query)
        rows[len(rows)] = query.values(params)

    def latest(self, query: Query, key: Any, /, **params: Any) -> None:
        """The same where only the last row for this key counts (a number's state, a chain's head)."""
        self._rows(query)[key] = query.values(params)

    def summed(self, query: Query, key: tuple[Any, ...], by: int) -> None:
        """The same where the rows for a key add up: its values are the key's and the sum."""
        rows = self._rows(query)
        before = rows.get(key)
        rows[key] = (*key, by if before is None else before[-1] + by)

    def _rows(self, query: Query) -> dict[Any, tuple[Any, ...]]:
        self.writes += 1
        rows = self._waits.get(query)
        if rows is None:
            rows = self._waits[query] = {}
            self._touched |= query.tables
        return rows

    def _ready(self, query: Query) -> None:
        if self._waits and not self._touched.isdisjoint(query.tables):
            self.flush()
        if query.writes:
            self.writes += 1
            self.cache.pop(query.writes, None)

    def flush(self) -> None:
        """What waits goes to the tables. Raises where a row did not find what its caller knew of the table."""
        if not self._waits:
            return
        waits, self._waits = self._waits, {}
        self._touched.clear()
        parts = [(query, part) for query, rows in waits.items() for part in _parts(list(rows.values()))]
        texts = ((query.rows(len(part)), list(chain.from_iterable(part))) for query, part in parts)
        for (query, part), done in zip(parts, self.connection.counted(texts), strict=True):
            if done != len(part):
                raise Redo(f"{query.name} touched {done} rows of {len(part)}")

    def drop(self) -> None:
        """After a roll-back: what waited is gone, and what was derived from it."""
        self._waits.clear()
        self._touched.clear()
        self.cache.clear()
        self.slow.clear()

    def lapse(self) -> None:
        """After another process's commit that touched no slow-moving table."""
        self.cache.clear()

    def forget(self) -> None:
        """What was derived from tables is read again, in every process."""
        self.flush()
        self.cache.clear()
        self.slow.clear()
        self.run(Q.change)  # noticed by the other processes' writers

    @contextmanager
    def part(self) -> Iterator[None]:
        """A part that is undone alone when it raises; what stands around it goes on."""
        if self.is_careful:
            with self._undoable():
                yield
            return
        before, heard = self.writes, len(self.after)
        try:
            yield
        except BaseException as error:
            if self.writes != before:
                raise Redo("a part failed after it had written") from error
            del self.after[heard:]
            raise

    @contextmanager
    def _undoable(self) -> Iterator[None]:
        heard = len(self.after)
        self.flush()
        self.connection.execute("SAVEPOINT part")
        try:
            yield
            self.flush()
        except BaseException:
            if self.connection.in_transaction:
                self.connection.execute("ROLLBACK TO part")
                self.connection.execute("RELEASE part")
            del self.after[heard:]
            self.drop()
            raise
        self.connection.execute("RELEASE part")

    @contextmanager
    def as_it_lies(self) -> Iterator[None]:
        """Texts are read even where somebody has edited their bytes into no UTF-8 (for a check to name them)."""
        before = self.connection.text_factory
        self.connection.text_factory = lambda raw: raw.decode("utf-8", "surrogateescape")
        try:
            yield
        finally:
            self.connection.text_factory = before

    def then(self, message: Any) -> None:
        """Tell the listeners of the database this value once the unit of work is on disk."""
        self.after.append(message)


def _parts(rows: list[tuple[Any, ...]]) -> Iterator[list[tuple[Any, ...]]]:
    at = 0
    for size in CHUNKS:
        while len(rows) - at >= size:
            yield rows[at : at + size]
            at += size
