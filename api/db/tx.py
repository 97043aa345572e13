"""A unit of work's view of the database: run a named query, get rows.

The same functions run inside the writer (one command among a group) and inside a reader (one consistent
snapshot). A `Tx` never begins, commits or rolls back: its owner does.
"""

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from api.db.queries import Query

Row = sqlite3.Row


class Tx:
    """One connection in an open transaction.

    `cache` holds values derived from slow-moving tables (users, price list, warehouses). The owner empties
    it whenever another connection has committed, or a unit of work has been undone; a writer of such a
    table calls `forget()`.
    """

    __slots__ = ("_silent", "after", "cache", "connection")

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection
        self._silent = connection.cursor()  # for statements that give no rows
        self.cache: dict[Any, Any] = {}
        self.after: list[Any] = []

    def one(self, query: Query, /, **params: Any) -> Row | None:
        found: Row | None = self.connection.execute(query.numbered, query.values(params)).fetchone()
        return found

    def must(self, query: Query, /, **params: Any) -> Row:
        """One row that the schema guarantees."""
        found = self.one(query, **params)
        if found is None:
            raise LookupError(f"{query.name} gave no row")
        return found

    def all(self, query: Query, /, **params: Any) -> list[Row]:
        return self.connection.execute(query.numbered, query.values(params)).fetchall()

    def value(self, query: Query, /, **params: Any) -> Any:
        """The first column of the first row, or None."""
        found = self.connection.execute(query.numbered, query.values(params)).fetchone()
        return None if found is None else found[0]

    def run(self, query: Query, /, **params: Any) -> int:
        """How many rows the statement touched; it returns none."""
        return self._silent.execute(query.silent, query.values(params)).rowcount

    def born(self, query: Query, /, **params: Any) -> int:
        """The number that the table gave to the one row that this INSERT … RETURNING adds."""
        number = self._silent.execute(query.silent, query.values(params)).lastrowid
        if number is None:
            raise LookupError(f"{query.name} gave no row")
        return number

    def many(self, query: Query, rows: Iterable[dict[str, Any]]) -> None:
        self._silent.executemany(query.silent, map(query.values, rows))

    def forget(self) -> None:
        self.cache.clear()

    @contextmanager
    def part(self) -> Iterator[None]:
        """A part that is undone alone when it raises; what stands around it goes on."""
        heard = len(self.after)
        self.connection.execute("SAVEPOINT part")
        try:
            yield
        except BaseException:
            if self.connection.in_transaction:
                self.connection.execute("ROLLBACK TO part")
                self.connection.execute("RELEASE part")
            del self.after[heard:]
            self.forget()
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
