"""The schema, forward only: numbered files, each applied once in its own transaction, never edited after a
release. A database newer than the program is refused rather than guessed at.
"""

import sqlite3
from importlib.resources import files
from pathlib import Path

from api.db.sqlite import connect


def steps() -> list[tuple[int, str, str]]:
    """(number, name, SQL) of every migration, in order."""
    found = []
    for file in files("api.db.migrations").iterdir():
        if file.name.endswith(".sql"):
            number, _, name = file.name.removesuffix(".sql").partition("_")
            found.append((int(number), name, file.read_text("utf-8")))
    return sorted(found)


def version(connection: sqlite3.Connection) -> int:
    found: int = connection.execute("PRAGMA user_version").fetchone()[0]
    return found


def migrate(path: Path) -> list[str]:
    """Bring the file up to date; returns the names of what was applied."""
    connection = connect(path)
    try:
        known = steps()
        if version(connection) == known[-1][0]:
            return []
        connection.execute("BEGIN IMMEDIATE")
        at = version(connection)  # read again: another process may have been faster
        if at > known[-1][0]:
            connection.execute("ROLLBACK")
            raise RuntimeError(
                f"the data is of schema {at}, this program knows {known[-1][0]}: upgrade the program"
            )
        applied = []
        for number, name, sql in known:
            if number > at:
                for statement in statements(sql):
                    connection.execute(statement)
                connection.execute(f"PRAGMA user_version = {number}")
                applied.append(name)
        connection.execute("COMMIT")
        return applied
    except sqlite3.DatabaseError as error:
        raise RuntimeError(f"{path}: {error}") from None
    finally:
        connection.close()


def statements(sql: str) -> list[str]:
    """Split at semicolons that end a statement (a trigger's body holds some of its own)."""
    found, part = [], ""
    for line in sql.splitlines():
        if line.strip().startswith("--") and not part.strip():
            continue
        part += line + "\n"
        if line.rstrip().endswith(";") and sqlite3.complete_statement(part):
            found.append(part.strip())
            part = ""
    return found
