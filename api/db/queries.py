"""Named SQL: a room keeps its statements in `queries.sql`, each as `-- name: x`, a sentence, the text.

One text serves every engine: `:named` parameters, `ON CONFLICT`, `RETURNING`, CTEs, window functions; no
database clocks, no JSON operators, no autoincrement. A statement that must differ on an engine stands
beside its twin as `x__postgres`; `differing()` counts them. Unknown names fail at import of the room.
"""

import re
from collections.abc import Callable
from importlib.resources import files
from operator import itemgetter
from typing import Any

_NAME = re.compile(r"^-- name: (\w+)\s*$", re.MULTILINE)
_RETURNING = re.compile(r"\s+RETURNING\s+[\w\s,.]+;?\s*$")
_VALUE = re.compile(r"'[^']*'|:([A-Za-z_]\w*)")
_WRITES = re.compile(r"\b(?:INSERT(?:\s+OR\s+\w+)?\s+INTO|UPDATE|DELETE\s+FROM)\s+(\w+)", re.IGNORECASE)
_TABLES = re.compile(r"\b(?:FROM|JOIN|INTO|UPDATE(?!\s+SET\b))\s+(\w+)", re.IGNORECASE)
_ROW = re.compile(r"\bVALUES\s*(\([^()]*\))")
LOADED: "dict[str, Queries]" = {}
LAST = "\U0010ffff"  # a text with it behind its beginning sorts after all that begin so


def like(part: str) -> str:
    """A pattern of LIKE … ESCAPE '\\' for texts that hold this part, whatever signs it has."""
    return "%" + re.sub(r"([\\%_])", r"\\\1", part) + "%"


class Query:
    """`sql` as it is written. SQLite's driver looks named values up one by one at every run; `numbered` is the same
    text with `?1`, `?2` …, and `values` puts a mapping of the names into that order. `silent` is `numbered` without
    its RETURNING, for when the row is not wanted: in SQLite returning it costs more than changing it.

    `tables` are those that the statement names, `writes` the one that it changes ("" where it only reads). A statement
    with one row of VALUES, each name once in it and nowhere else, can take many rows at once: `rows`.
    """

    __slots__ = ("_many", "meaning", "name", "numbered", "silent", "sql", "tables", "values", "writes")

    def __init__(self, name: str, sql: str, meaning: str) -> None:
        names: list[str] = []

        def number(found: re.Match[str]) -> str:
            word = found[1]
            if word is None:  # a text, which may hold a colon
                return found[0]
            if word not in names:
                names.append(word)
            return f"?{names.index(word) + 1}"

        self.name, self.sql, self.meaning = name, sql, meaning
        self.numbered = _VALUE.sub(number, sql)
        self.silent = _RETURNING.sub("", self.numbered)
        self.values = _in_order(names)
        writes = _WRITES.search(sql)
        self.writes = writes[1] if writes else ""
        self.tables = frozenset(_TABLES.findall(sql))
        self._many: dict[int, str] = {}

    def rows(self, count: int) -> str:
        """The statement for `count` rows, whose values are bound one row after the other."""
        text = self._many.get(count)
        if text is None:
            one = _ROW.search(self.silent)
            if one is None:
                raise ValueError(f"{self.name} takes no rows")
            marks = re.findall(r"\?\d+", self.silent)
            if marks != re.findall(r"\?\d+", one[1]) or marks != [f"?{n + 1}" for n in range(len(marks))]:
                raise ValueError(f"{self.name} takes no rows: a value stands outside of them, or twice")
            row = re.sub(r"\?\d+", "?", one[1])
            text = self.silent[: one.start(1)] + ", ".join([row] * count) + self.silent[one.end(1) :]
            self._many[count] = text
        return text


def _in_order(names: list[str]) -> Callable[[dict[str, Any]], tuple[Any, ...]]:
    if len(names) > 1:
        return itemgetter(*names)
    if names:
        only = names[0]
        return lambda given: (given[only],)
    return lambda _: ()


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
        vars(self).update(self.named)  # an attribute at hand is found without the detour below

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
