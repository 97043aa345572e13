"""The schema, forward only: numbered files, never edited after a release. All that a database lacks is one
transaction: a step that is cut off, or finds no room, leaves the schema as it was. A database newer than the program
is refused rather than guessed at, unless it says that such a program may serve (`api.db.steps`).
"""

import math
import re
import shutil
import sqlite3
from pathlib import Path

from api.db import rewriting, storage
from api.db import steps as said
from api.db.sqlite import connect


def steps() -> list[said.Step]:
    return said.read("api.db.migrations")


def version(connection: sqlite3.Connection) -> int:
    found: int = connection.execute("PRAGMA user_version").fetchone()[0]
    return found


def lost_triggers(connection: sqlite3.Connection) -> list[str]:
    """Triggers that the schema made and somebody has taken away."""
    made = {name for _, _, sql in steps() for name in re.findall(r"^CREATE TRIGGER (\w+)", sql, re.MULTILINE)}
    there = connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall()
    return sorted(made - {row[0] for row in there})


def schemas(path: Path) -> tuple[int, int]:
    """(the file's schema, the lowest that the program can serve); nothing is changed."""
    connection = connect(path, read_only=True)
    try:
        return version(connection), said.needed(steps())
    finally:
        connection.close()


def migrate(path: Path) -> list[str]:
    """Bring the file up to date; returns the names of what was applied. RuntimeError tells a person why not."""
    connection = connect(path)
    try:
        known = steps()
        if version(connection) == known[-1][0]:
            return []
        # A table that is built anew is dropped in between: references are checked as a whole, at the end.
        connection.execute("PRAGMA foreign_keys = OFF")
        rewriting.teach(connection)
        connection.execute("BEGIN IMMEDIATE")
        at = version(connection)  # read again: another process may have been faster
        oldest = _oldest(connection) if at else None
        said.must_serve(at, oldest, known)
        if at >= known[-1][0]:
            return []
        try:  # all of them: whoever holds the folder is alone with it
            return _applied(connection, said.due(known, at, math.inf), oldest or at)
        except sqlite3.OperationalError as error:
            if storage.trouble(error) is not storage.FULL:
                raise
            raise RuntimeError(_no_room(path, at, known[-1][0])) from None
    except sqlite3.DatabaseError as error:
        raise RuntimeError(f"{path}: {error}") from None
    finally:
        connection.close()  # what is not committed is undone


def _oldest(connection: sqlite3.Connection) -> int | None:
    row = connection.execute(said.OLDEST).fetchone()
    return None if row is None else int(row[0])


def _applied(connection: sqlite3.Connection, lacking: list[said.Step], oldest: int) -> list[str]:
    for number, _, sql in lacking:
        for statement in statements(sql):
            connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {number}")
    connection.execute(said.NOTE, (said.oldest_after(lacking, oldest),))
    broken = connection.execute("PRAGMA foreign_key_check").fetchone()
    if broken is not None:
        raise sqlite3.IntegrityError(f"a row of {broken[0]} refers to a {broken[2]} that is not there")
    connection.execute("COMMIT")
    return [name for _, name, _ in lacking]


def _no_room(path: Path, at: int, wanted: int) -> str:
    """Tables built anew lie in the log first and beside the old ones then: twice the file at most."""
    size, free = path.stat().st_size, shutil.disk_usage(path.parent).free
    return (
        f"no room on the disk of {path.parent} to go from schema {at} to {wanted}: up to {(2 * size >> 20) + 64} MB "
        f"are needed, {free >> 20} MB are free; nothing was changed"
    )


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
