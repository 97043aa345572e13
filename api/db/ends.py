"""The two ends of a move: a company's tables as their engine tells them, read row by row and filled many rows at once.

Which tables there are, their columns and keys, is asked of the schema, so that none can be forgotten. Rows come in the order
of their key, which is the same on both engines (code points), and go on behind any key. An end knows no company's rules.
"""

from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any, NamedTuple, Protocol

from api.db.engine import Connection, Engine
from api.db.tx import Tx

Values = tuple[Any, ...]


class Table(NamedTuple):
    """`needs`: the tables that it refers to. `binary`: places of columns that hold bytes alone. `counted`: the column
    whose numbers the engine gives, or ""."""

    name: str
    columns: tuple[str, ...]
    key: tuple[str, ...]
    needs: frozenset[str] = frozenset()
    binary: frozenset[int] = frozenset()
    counted: str = ""

    def key_of(self, row: Values) -> Values:
        return tuple(row[self.columns.index(name)] for name in self.key)

    def select(self, *, is_behind: bool) -> str:
        key, marks = ", ".join(self.key), ", ".join("?" * len(self.key))
        behind = [f"WHERE ({key}) > ({marks})"] if is_behind else []
        return " ".join(["SELECT", ", ".join(self.columns), "FROM", self.name, *behind, f"ORDER BY {key}"])


class End(Protocol):
    @property
    def name(self) -> str:
        """The engine's."""

    def tables(self) -> list[Table]: ...

    def count(self, table: Table) -> int: ...

    def rows(self, table: Table, behind: Values | None = None) -> Iterator[Values]:
        """In the order of the key, behind one; one at a time, however many there are."""

    def add(self, table: Table, rows: list[Values]) -> None:
        """Within `alone`."""

    def go_on(self, table: Table) -> None:
        """What the engine counts goes on above the highest number that is there."""

    def alone(self) -> AbstractContextManager[Tx]:
        """A unit of work in a turn of its own, beside the writer: it asks nobody whether the company may be written to."""

    def close(self) -> None: ...


@contextmanager
def alone(engine: Engine, connection: Connection) -> Iterator[Tx]:
    with engine.turn(connection):
        engine.begin(connection)
        tx = Tx(connection)
        try:
            yield tx
            tx.flush()
            engine.commit(connection)
        finally:
            if connection.in_transaction:
                connection.execute("ROLLBACK")


def count(connection: Connection, table: Table) -> int:
    found: int = connection.execute(" ".join(["SELECT COUNT(*) FROM", table.name])).fetchone()[0]
    return found


def in_order(tables: Iterable[Table]) -> list[Table]:
    """Each behind those that it refers to, else by name."""
    left, found = sorted(tables), list[Table]()
    while left:
        known = {one.name for one in found}
        found.append(next(one for one in left if one.needs <= known))
        left.remove(found[-1])
    return found


class OnSQLite:
    name = "SQLite"

    def __init__(self, engine: Engine) -> None:
        self._engine, self._connection = engine, engine.open()

    def tables(self) -> list[Table]:
        ask = self._connection.execute
        found = []
        for [name] in ask("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
            columns = ask(f"PRAGMA table_info({name})").fetchall()
            key = sorted((one["pk"], one["name"]) for one in columns if one["pk"])
            needs = {one["table"] for one in ask(f"PRAGMA foreign_key_list({name})").fetchall()}
            found.append(
                Table(
                    name,
                    tuple(one["name"] for one in columns),
                    tuple(one for _, one in key),
                    frozenset(needs),
                )
            )
        return found

    def count(self, table: Table) -> int:
        return count(self._connection, table)

    def rows(self, table: Table, behind: Values | None = None) -> Iterator[Values]:
        yield from map(
            tuple, self._connection.execute(table.select(is_behind=behind is not None), behind or ())
        )

    def add(self, table: Table, rows: list[Values]) -> None:
        marks = ", ".join("?" * len(table.columns))
        into = " ".join(["INSERT INTO", table.name, "(", ", ".join(table.columns), ") VALUES (", marks, ")"])
        self._connection.cursor().executemany(into, rows)

    def go_on(self, table: Table) -> None:
        """By itself."""

    def alone(self) -> AbstractContextManager[Tx]:
        return alone(self._engine, self._connection)

    def close(self) -> None:
        self._connection.close()
