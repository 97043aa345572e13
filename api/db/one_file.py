"""SQLite as an engine: one file, whose writers take turns by a lock beside it.

A file lock, then BEGIN IMMEDIATE: the lock alone is fairer than SQLite's own waiting.
"""

import fcntl
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from api.db import migrate
from api.db.sqlite import Connection, connect


class SQLite:
    """`api.db.engine.Engine` for one file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.program = migrate.steps()[-1][0]
        self._lock: int | None = None
        self._files = (path, path.with_name(f"{path.name}-wal"))
        self._places: list[tuple[int, int]] = []

    def migrate(self) -> list[str]:
        # Names and phones lie here: for nobody else on this machine. WAL and shm take the file's mode.
        os.close(os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
        return migrate.migrate(self.path)

    def version(self, connection: sqlite3.Connection) -> int:
        return migrate.version(connection)

    def unguarded(self, connection: sqlite3.Connection) -> list[str]:
        lost = migrate.lost_triggers(connection)
        return [f"somebody has dropped {', '.join(lost)}"] if lost else []

    def open(self, *, read_only: bool = False) -> Connection:
        return connect(self.path, read_only=read_only)

    @contextmanager
    def turn(self, _: sqlite3.Connection) -> Iterator[None]:
        """Opened by the process that uses it: a lock that was inherited is shared."""
        if self._lock is None:
            lock = self.path.with_name("writer.lock")
            self._lock = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        fcntl.flock(self._lock, fcntl.LOCK_EX)
        try:
            yield
        finally:
            fcntl.flock(self._lock, fcntl.LOCK_UN)

    def begin(self, connection: sqlite3.Connection) -> int:
        connection.execute("BEGIN IMMEDIATE")
        self._must_lie_there()
        version: int = connection.execute("PRAGMA data_version").fetchone()[0]
        return version

    def _must_lie_there(self) -> None:
        """A file that was moved, removed or replaced takes what is written, and whoever opens the folder next finds
        none of it."""
        try:
            places = [(found.st_dev, found.st_ino) for found in map(os.stat, self._files)]
        except FileNotFoundError:
            places = []
        self._places = self._places or places
        if not places or places != self._places:
            error = sqlite3.OperationalError("the database's file or its log was moved, removed or replaced")
            error.sqlite_errorcode = sqlite3.SQLITE_CANTOPEN
            raise error

    def is_spoiled(self, _: sqlite3.Connection) -> bool:
        return False  # a statement that fails undoes itself alone

    def tell(self, connection: sqlite3.Connection, told: list[Any]) -> None:
        """There are no other machines: the processes of one share memory (`api.db.siblings`)."""

    def hear(self, on: Callable[[str], None]) -> None:
        """None to hear."""

    def commit(self, connection: sqlite3.Connection) -> None:
        connection.execute("COMMIT")

    def look(self, connection: sqlite3.Connection) -> None:
        connection.execute("BEGIN")

    def close(self) -> None:
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None
