"""The hand of somebody who edits the database file: the triggers that would refuse it go first."""

import sqlite3


def unguard(connection: sqlite3.Connection) -> None:
    for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        connection.execute(f"DROP TRIGGER {name}")
