"""The hand of somebody who edits the database file: the triggers that would refuse it go first."""

import sqlite3
from pathlib import Path

from api.db.steps import NOTE


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
