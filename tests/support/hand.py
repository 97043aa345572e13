"""The hand of somebody who edits the database itself: what would refuse it goes first. `flip` turns a bit of a text of bytes."""

import re
import sqlite3
from pathlib import Path
from typing import Any

from api.db.postgres.connection import Connection
from api.db.postgres.place import read
from api.db.sqlite import connect
from api.db.steps import NOTE

_BYTES = re.compile(r"\b[xX]'([0-9A-Fa-f]*)'|\b(?:zero|random)blob\((\d+)\)")


def unguard(connection: sqlite3.Connection) -> None:
    for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        connection.execute(f"DROP TRIGGER {name}")


def of_schema(file: Path, number: int) -> int:
    """From here on only programs of this schema and newer may serve the data; returns what it was of."""
    connection = sqlite3.connect(file)
    [before] = connection.execute("PRAGMA user_version").fetchone()
    connection.execute(f"PRAGMA user_version = {number}")
    connection.execute(NOTE, (number,))
    connection.commit()
    connection.close()
    return int(before)


def on_file(path: Path) -> sqlite3.Connection:
    connection = connect(path)
    connection.create_function("flip", 1, lambda body: body[:3] + bytes((body[3] ^ 1,)) + body[4:])
    unguard(connection)
    return connection


class OnServer:
    """Takes SQLite's words for bytes. `url` is an administrator's: no right stands in his way."""

    def __init__(self, url: str) -> None:
        self._connection = Connection(read(url))
        self.execute(
            "CREATE OR REPLACE FUNCTION flip(bytea) RETURNS bytea LANGUAGE sql"
            " AS 'SELECT set_byte($1, 3, get_byte($1, 3) # 1)'"
        )

    def execute(self, text: str, values: Any = ()) -> Any:
        return self._connection.execute(_BYTES.sub(_as_bytes, text), values)

    def close(self) -> None:
        self._connection.close()


def _as_bytes(found: re.Match[str]) -> str:
    digits = found[1] if found[2] is None else "ab" * int(found[2])
    return f"'\\x{digits}'::bytea"
