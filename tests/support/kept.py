"""Companies that programs of older schemas left behind (`tests/kept/schema-N`, made by `tests/kept/keep.py`)."""

import json
import sqlite3
from pathlib import Path
from typing import Any

from api.db.database import FILE
from tests.support.company import SECRET

KEPT = Path(__file__).parents[1] / "kept"
SCHEMAS = sorted(int(one.name.removeprefix("schema-")) for one in KEPT.glob("schema-*"))


def laid(schema: int, folder: Path) -> Path:
    """The data folder as that program left it; its secret is the tests'."""
    source = KEPT / f"schema-{schema}"
    (folder / "checkpoints").mkdir(parents=True)
    for point in (source / "checkpoints").iterdir():
        (folder / "checkpoints" / point.name).write_bytes(point.read_bytes())
    connection = sqlite3.connect(folder / FILE)
    connection.executescript((source / "company.sql").read_text("utf-8"))
    connection.execute("PRAGMA journal_mode = WAL")
    connection.close()
    (folder / "secret").write_bytes(SECRET)
    (folder / "secret").chmod(0o600)
    return folder


def told(schema: int) -> dict[str, Any]:
    """What that program said about it."""
    found: dict[str, Any] = json.loads((KEPT / f"schema-{schema}" / "told.json").read_text("utf-8"))
    return found


def rows(file: Path) -> dict[str, list[dict[str, Any]]]:
    """Every row of every table, as column: value."""
    connection = sqlite3.connect(file)
    connection.row_factory = sqlite3.Row
    names = [one[0] for one in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    found = {name: [dict(row) for row in connection.execute(f'SELECT * FROM "{name}"')] for name in names}
    connection.close()
    return found
