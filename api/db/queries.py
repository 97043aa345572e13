"""Named SQL: a room keeps its statements in `queries.sql`, each as `-- name: x`, a sentence, the text.

One text serves every engine: `:named` parameters, `ON CONFLICT`, `RETURNING`, CTEs, window functions; no
database clocks, no JSON operators, no autoincrement. A statement that must differ on an engine stands
beside its twin as `x__postgres`; `differing()` counts them. Unknown names fail at import of the room.
"""

import re
from importlib.resources import files
from typing import NamedTuple

_NAME = re.compile(r"^-- name: (\w+)\s*$", re.MULTILINE)
LOADED: "dict[str, Queries]" = {}


class Query(NamedTuple):
    name: str
    sql: str
    meaning: str


class Queries:
    """The statements of one room, as attributes: `Q.reserve`."""

    def __init__(self, room: str, text: str) -> None:
        self.room = room
        self.named: dict[str, Query] = {}
        parts = _NAME.split(text)[1:]
        for name, body in zip(parts[::2], parts[1::2], strict=True):
            lines = body.strip().splitlines()
            meaning = [line[3:] for line in lines if line.startswith("-- ")]
            sql = "\n".join(line for line in lines if not line.startswith("--")).strip()
            if name in self.named or not sql:
                raise ValueError(f"{room}: query {name} is empty or named twice")
            self.named[name] = Query(f"{room}.{name}", sql, " ".join(meaning))

    def __getattr__(self, name: str) -> Query:
        try:
            return self.named[name]
        except KeyError:
            raise AttributeError(f"{self.room} has no query {name}") from None


def load(package: str) -> Queries:
    """The `queries.sql` beside the package's modules."""
    queries = Queries(package, files(package).joinpath("queries.sql").read_text("utf-8"))
    LOADED[package] = queries
    return queries


def differing() -> list[str]:
    """Statements that exist in a second form for another engine (the goal is none)."""
    return [q.name for room in LOADED.values() for q in room.named.values() if "__" in q.name]
