"""A company in memory: the real services on SQLite without threads, one savepoint a unit of work; or on PostgreSQL, in one
transaction that nobody commits.

What a test needs that walks thousands of commands. The schema and the small company are built once and copied
byte for byte, so an example costs a fraction of a second.
"""

import sqlite3
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from api.db.migrate import statements, steps
from api.db.postgres.connection import Connection as OnServer
from api.db.postgres.place import read
from api.db.rewriting import teach
from api.db.sqlite import Connection
from api.db.tx import Tx
from tests.support import engines
from tests.support.company import START, build

T = TypeVar("T")


def _opened() -> Connection:
    connection = sqlite3.connect(":memory:", isolation_level=None, cached_statements=512, factory=Connection)
    connection.row_factory = sqlite3.Row
    connection.execute("PRAGMA foreign_keys = ON")
    return connection


@cache
def _built(stock: int | None) -> bytes:
    """The schema, and the small company with `stock` pieces of each (None: nobody and nothing)."""
    connection = _opened()
    teach(connection)
    for _, _, sql in steps():
        for statement in statements(sql):
            connection.execute(statement)
    if stock is not None:
        connection.execute("BEGIN")
        tx = Tx(connection)
        build(tx, START, stock)
        tx.flush()
        connection.execute("COMMIT")
    found: bytes = connection.serialize()
    connection.close()
    return found


@cache
def _server(stock: int) -> OnServer:
    return OnServer(read(engines.of(Path("bench") / str(stock), stock)))


class Bench:
    """`run(work)` is one unit of work: its refusal undoes it alone, as in the writer."""

    def __init__(self, stock: int | None = 100, connection: Any = None) -> None:
        if connection is None:
            connection = _opened()
            connection.deserialize(_built(stock))
        self.tx = Tx(connection)
        self.now = START

    @classmethod
    def on_server(cls, stock: int) -> "Bench":
        """On PostgreSQL; one at a time, and it is as it was when this one is closed."""
        connection = _server(stock)
        connection.execute("BEGIN")
        return cls(stock, connection)

    @classmethod
    def empty(cls) -> "Bench":
        return cls(None)

    def run(self, work: Callable[[Tx], T]) -> T:
        connection = self.tx.connection
        connection.execute("SAVEPOINT one")
        try:
            done = work(self.tx)
            self.tx.flush()
        except BaseException:
            connection.execute("ROLLBACK TO one")
            connection.execute("RELEASE one")
            self.tx.drop()
            raise
        connection.execute("RELEASE one")
        return done

    def rows(self, sql: str, *values: Any) -> list[Any]:
        return self.tx.connection.execute(sql, values).fetchall()

    def close(self) -> None:
        if isinstance(self.tx.connection, OnServer):
            self.tx.connection.execute("ROLLBACK")
        else:
            self.tx.connection.close()
