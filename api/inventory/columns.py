"""Which column of a sheet is which field: by the names that people give their columns, in Chinese and English.

A column's name is compared without blanks, signs and brackets (`*单价（元）` is `单价元`). First the names that are written
out, then those that a name ends with, the longest first (`商品条码` is a `条码`; `单价（元/吨）` is no price of a piece). A person may say otherwise for
each field. It refuses a sheet that has no column for what its rows are known by.
"""

import re
import unicodedata
from collections.abc import Iterable
from typing import Any, NamedTuple

from api.inventory.cells import Reader
from api.kernel.errors import Invalid, Refused, Why, WrongField
from api.sheets.sheet import Row, Sheet

_SIGNS = re.compile(r"[\W_]+")
_ASIDES = re.compile(r"必填|选填|可空|required|optional")
ROUNDED = Why(
    "被 Excel 舍入过，尾数丢了；这一列按文本导出。", "Excel has rounded this; export the column as text."
)


class Field(NamedTuple):
    """`name` is what a person joins a column to; `to` what it gives, where several do (`price_yuan`, `price_fen`).
    `is_code`: digits that stand for themselves, so one that was rounded is none."""

    name: str
    zh: str
    en: str
    read: Reader
    names: tuple[str, ...]
    to: str = ""
    is_code: bool = False

    @property
    def target(self) -> str:
        return self.to or self.name


class Joined(NamedTuple):
    """Field names to column names, and who said so: `header` or `given`."""

    columns: dict[str, str]
    origin: str


def normal(name: str) -> str:
    return _SIGNS.sub("", _ASIDES.sub("", unicodedata.normalize("NFKC", name).lower()))


def join(fields: tuple[Field, ...], sheet: Sheet, given: dict[str, Any] | None) -> Joined:
    """What is given for a field stands (null: no column); the others are read from the header."""
    known = {field.name for field in fields}
    wrong = []
    for name, column in (given or {}).items():
        if name not in known:
            wrong.append(WrongField(f"$.columns.{name}", Why("没有这个字段。", "There is no such field.")))
        elif column is not None and column not in sheet.header:
            wrong.append(
                WrongField(f"$.columns.{name}", Why("表里没有这一列。", "The sheet has no such column."))
            )
    if wrong:
        raise Invalid(wrong)
    said = {name: column for name, column in (given or {}).items() if column is not None}
    taken, done = set(said.values()), {field.target for field in fields if field.name in (given or {})}
    for field, column in _recognised(fields, sheet.header):
        if column not in taken and field.target not in done:
            said[field.name] = column
            taken.add(column)
            done.add(field.target)
    return Joined(
        {field.name: said[field.name] for field in fields if field.name in said},
        "given" if given else "header",
    )


def _recognised(fields: tuple[Field, ...], header: Iterable[str]) -> list[tuple[Field, str]]:
    """Every pair that could be, the surest first."""
    pairs = []
    for place, column in enumerate(header):
        plain = normal(column)
        for field in fields:
            for rank, alias in enumerate(field.names):
                if plain == alias:
                    pairs.append((0, -len(alias), rank, place, field, column))
                elif _is_part(alias, plain):
                    pairs.append((1, -len(alias), rank, place, field, column))
    return [(field, column) for *_, field, column in sorted(pairs, key=lambda pair: pair[:4])]


def _is_part(alias: str, plain: str) -> bool:
    return len(alias) >= (4 if alias.isascii() else 2) and plain.endswith(alias)


def must_have(fields: tuple[Field, ...], joined: Joined, keys: tuple[str, ...]) -> None:
    """Refuses `bad_sheet` where nothing says which row is which."""
    named = {field.target for field in fields if field.name in joined.columns}
    missing = [
        field for field in fields if field.target in keys and field.target not in named and not field.to
    ]
    if missing:
        zh, en = "、".join(field.zh for field in missing), ", ".join(field.en for field in missing)
        raise Refused("bad_sheet", Why(f"认不出哪一列是：{zh}。", f"No column is known to be: {en}."))


class Said(NamedTuple):
    """A row as values by target; blank cells say nothing. `wrong`: (field, why)."""

    values: dict[str, Any]
    wrong: list[tuple[str, Why]]


def read_row(fields: tuple[Field, ...], joined: Joined, row: Row) -> Said:
    values, wrong = {}, []
    for field in fields:
        column = joined.columns.get(field.name)
        cell = row.cells.get(column, "") if column else ""
        if not column or not cell:
            continue
        value = ROUNDED if field.is_code and column in row.doubtful else field.read(cell)
        if isinstance(value, Why):
            wrong.append((field.name, value))
        else:
            values[field.target] = value
    return Said(values, wrong)
