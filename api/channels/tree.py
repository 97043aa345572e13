"""A payload as rows that a person can point at: each with its path as a mapping writes it, and a short text.

Digits stay as they were sent (a browser's numbers end at 2^53). Of a list of objects the first one stands for all.
"""

from decimal import Decimal
from typing import Any

import msgspec

from api.channels.paths import column, written
from api.sheets.sheet import Sheet

MOST_ROWS = 400
LONGEST = 200


class Row(msgspec.Struct, frozen=True):
    """`kind`: object, list (of objects), texts (a list of scalars) or value. `n`: how many a list has."""

    path: str
    name: str
    depth: int
    kind: str
    text: str = ""
    n: int = 0


def rows(payload: Any) -> list[Row]:
    found: list[Row] = []
    _walk(payload, (), 0, found)
    return found


def _walk(value: Any, path: tuple[str | int, ...], depth: int, found: list[Row]) -> None:
    if not isinstance(value, dict):
        return
    for key, inner in value.items():
        if len(found) >= MOST_ROWS:
            return
        here = (*path, key)
        at, name = written(here), str(key)
        if isinstance(inner, dict):
            found.append(Row(at, name, depth, "object"))
            _walk(inner, here, depth + 1, found)
        elif isinstance(inner, list) and inner and isinstance(inner[0], dict):
            found.append(Row(at, name, depth, "list", n=len(inner)))
            _walk(inner[0], (*here, 0), depth + 1, found)
        elif isinstance(inner, list):
            found.append(Row(at, name, depth, "texts", "、".join(map(told, inner))[:LONGEST], len(inner)))
        else:
            found.append(Row(at, name, depth, "value", told(inner)))


def told(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return format(value, "f")[:LONGEST]
    return value[:LONGEST] if isinstance(value, str) else str(value) if isinstance(value, int) else "…"


def columns(sheet: Sheet) -> list[Row]:
    """A sheet's columns, each with the first value in it."""
    first = {
        name: next((row.cells[name] for row in sheet.rows if name in row.cells), "") for name in sheet.header
    }
    return [Row(column(name), name, 0, "value", text[:LONGEST]) for name, text in first.items()]
