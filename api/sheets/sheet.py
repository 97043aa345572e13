"""A sheet by its rows: the header found under title rows, each row as column name to text.

Title, blank, total and repeated header rows are skipped, totals with a note. The rows that were refused go back as CSV in
which no cell can act as a formula.
"""

import csv
import io
import re

import msgspec

from api.kernel.errors import Refused, Why
from api.sheets.convert import Fault, number
from api.sheets.grid import Cell, NoSheet, read_grid, refusal

HEADER_WITHIN = 100


class Row(msgspec.Struct, frozen=True):
    """`number` as in the file, from 1. Blank cells are left out; `doubtful` names columns that Excel has
    rounded."""

    number: int
    cells: dict[str, str]
    doubtful: frozenset[str] = frozenset()


class Sheet(msgspec.Struct, frozen=True):
    name: str
    header: tuple[str, ...]
    rows: tuple[Row, ...]
    notes: tuple[Why, ...]


_TOTAL = re.compile(r"(?:合\s*计|总\s*计|小\s*计|(?:sub|grand )?total)[:：]?", re.IGNORECASE)
_RULE = re.compile(r"[-=*_—─\s]+")
_NAMELESS = re.compile(r"(?:column|unnamed|field|列)[:\s_]*\d+", re.IGNORECASE)


def read_sheet(name: str, data: bytes) -> Sheet | NoSheet:
    """Title, blank, total and repeated header rows are skipped; totals are noted."""
    grid = read_grid(data)
    if isinstance(grid, NoSheet):
        return grid
    at = _header_at(grid.rows)
    if at is None:
        return refusal("sheet_no_header" if any(c.text for r in grid.rows for c in r) else "sheet_empty")
    header = _names(grid.rows, at)
    titles = [cell.text for cell in grid.rows[at]]
    rows: list[Row] = []
    notes = list(grid.notes)
    for i, cells in enumerate(grid.rows[at + 1 :], start=at + 2):
        filled = [cell.text for cell in cells if cell.text]
        if not filled or [c.text for c in cells] == titles or _RULE.fullmatch("".join(filled)):
            continue
        if _TOTAL.fullmatch(filled[0]) and len(filled) < len(header):
            notes.append(Why(f"第 {i} 行是合计，跳过了。", f"Row {i} is a total, skipped."))
            continue
        named = {h: c for h, c in zip(header, cells, strict=False) if c.text}
        doubtful = frozenset(h for h, c in named.items() if c.is_doubtful)
        rows.append(Row(i, {h: c.text for h, c in named.items()}, doubtful))
    return Sheet(name, tuple(header), tuple(rows), tuple(notes))


def opened(name: str, data: bytes) -> Sheet:
    """Refuses `bad_sheet` with the reason."""
    sheet = read_sheet(name, data)
    if isinstance(sheet, NoSheet):
        raise Refused("bad_sheet", sheet.why)
    return sheet


def _header_at(rows: list[list[Cell]]) -> int | None:
    """The first row that is wide enough and all names: no numbers, no dates, not one text repeated."""
    texts = [[c.text for c in row if c.text] for row in rows[: 2 * HEADER_WITHIN]]
    widths = sorted(len(t) for t in texts if t)
    if not widths:
        return None
    # Title rows pull the median down, totals pull it too; the upper third is data.
    typical = widths[len(widths) * 2 // 3]
    for i, filled in enumerate(texts[:HEADER_WITHIN]):
        names = [t for t in filled if _is_name(t)]
        if (
            len(filled) >= max(1, min(2, typical), typical * 0.6)
            and len(names) >= 0.8 * len(filled)
            and len(set(names)) >= 0.5 * len(names)
        ):
            return i
    return None


def _is_name(text: str) -> bool:
    # `客户：宝诚` is a title's remark, not a column.
    if len(text) > 40 or _NAMELESS.fullmatch(text) or re.search(r"[:：]\s*\S", text):
        return False
    if not isinstance(number(text), Fault):
        return False
    return any(c.isalpha() for c in text) and not re.match(r"\d+[-/.:年]\d+", text)


def _names(rows: list[list[Cell]], at: int) -> list[str]:
    """Column names, each once: a second `数量` is `数量 (2)`, a column without a name `列 3`."""
    width = max(len(row) for row in rows[at:])
    names: list[str] = []
    for i in range(width):
        base = name = (rows[at][i].text if i < len(rows[at]) else "") or f"列 {i + 1}"
        again = 2
        while name in names:
            name, again = f"{base} ({again})", again + 1
        names.append(name)
    return names


def refused_csv(sheet: Sheet, reasons: dict[int, str], lang: str = "zh") -> bytes:
    """The refused rows as they were, with row number and reason in front: mend it, import it again."""
    out = io.StringIO()
    writer = csv.writer(out)
    first = ["行号", "原因"] if lang == "zh" else ["row", "reason"]
    writer.writerow([harmless(cell) for cell in (*first, *sheet.header)])
    for row in sheet.rows:
        if row.number in reasons:
            cells = [row.cells.get(name, "") for name in sheet.header]
            writer.writerow([harmless(c) for c in (str(row.number), reasons[row.number], *cells)])
    return b"\xef\xbb\xbf" + out.getvalue().encode("utf-8", "replace")


def harmless(cell: str) -> str:
    """A text that no spreadsheet takes for a formula; `read_sheet` takes the mark off again."""
    return "'" + cell if cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell
