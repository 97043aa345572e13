"""The bytes of a sheet as people have them, to a grid of texts: CSV in any usual encoding, XLSX, XLS, ODS.

Text stays text; numbers of a workbook are written out with the 15 digits that Excel keeps, dates as
`2026-01-22 10:05:00`; a cell merged over rows counts in each of them. Cells whose number Excel has rounded
are marked doubtful. Refused with a reason: unknown encodings, web pages named .xls, locked books, what
exceeds the limits.
"""

import codecs
import csv
import io
import re
import zipfile
from collections import Counter
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, NamedTuple

import msgspec
from python_calamine import (
    CalamineError,
    CalamineSheet,
    PasswordError,
    SheetTypeEnum,
    SheetVisibleEnum,
    WorksheetNotFound,
    XmlError,
    ZipError,
    load_workbook,
)

from api.kernel.errors import Why

MOST_BYTES = 20_000_000
MOST_UNPACKED = 200_000_000
MOST_ROWS = 100_000
MOST_COLUMNS = 300
MOST_CELLS = 3_000_000


class NoSheet(msgspec.Struct, frozen=True):
    """A file that is not taken as a whole."""

    code: str
    why: Why


class Cell(NamedTuple):
    text: str
    is_doubtful: bool = False


class Grid(msgspec.Struct, frozen=True):
    """`rows[i]` is row `i + 1` of the file as people count it (in CSV: records, a quoted line break counts
    none)."""

    rows: list[list[Cell]]
    notes: tuple[Why, ...] = ()


REFUSALS: dict[str, Why] = {
    "sheet_empty": Why("文件是空的。", "The file is empty."),
    "sheet_too_large": Why("文件太大，拆成几份再导。", "The file is too large; split it."),
    "sheet_encoding": Why("认不出文字编码，请存成 UTF-8。", "The encoding is not known; save it as UTF-8."),
    "sheet_is_page": Why(
        "这是改名的网页，请在 Excel 里另存为 xlsx。", "This is a web page by another name; save it as xlsx."
    ),
    "sheet_locked": Why("文件有密码，去掉密码再导。", "The file has a password; remove it."),
    "sheet_broken": Why("文件打不开，可能损坏了。", "The file cannot be opened, it may be damaged."),
    "sheet_no_header": Why("找不到表头行。", "No header row is found."),
}


def refusal(code: str) -> NoSheet:
    return NoSheet(code, REFUSALS[code])


def read_grid(data: bytes) -> Grid | NoSheet:
    """Told apart by content, not by name: people rename files."""
    if not data.strip():
        return refusal("sheet_empty")
    if len(data) > MOST_BYTES:
        return refusal("sheet_too_large")
    if data.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        return _workbook(data)
    text = decoded(data)
    if text is None or "\0" in text:
        return refusal("sheet_encoding")
    if re.match(r"\s*<(?:!doctype|html|table|\?xml|meta)", text, re.IGNORECASE):
        return refusal("sheet_is_page")
    return _csv(text)


def decoded(data: bytes) -> str | None:
    """UTF-8, UTF-16 (by its mark or by its zeros), else GB18030, which contains GBK and GB2312."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        tries = ["utf-16"]
    elif b"\0" in data[:200]:
        # ASCII's upper half is zero: in little endian at odd places.
        tries = ["utf-16-le" if data[1:400:2].count(0) > data[:400:2].count(0) else "utf-16-be"]
    else:
        tries = ["utf-8-sig", "gb18030"]
    for encoding in tries:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return None


_ROUNDED = re.compile(r"\d(?:\.\d+)?[eE]\+?\d{2}")


def _csv(text: str) -> Grid | NoSheet:
    said = re.match(r"sep=(.)\r?\n", text)
    between = said[1] if said else _delimiter(text[:60_000])
    rows: list[list[Cell]] = [[]] if said else []
    try:
        for record in csv.reader(
            io.StringIO(text[said.end() if said else 0 :], newline=""), delimiter=between
        ):
            if len(rows) >= MOST_ROWS or len(record) > MOST_COLUMNS:
                return refusal("sheet_too_large")
            rows.append([Cell(t := _plain(cell), bool(_ROUNDED.fullmatch(t))) for cell in record])
    except csv.Error:
        return refusal("sheet_broken")
    return Grid(rows)


def _delimiter(text: str) -> str:
    """The one that parts most rows into the same number of fields, more than one."""
    best, best_score = ",", 0
    for between in (",", ";", "\t", "|"):
        try:
            widths = Counter(
                len(r) for r in csv.reader(io.StringIO(text, newline=""), delimiter=between) if r
            )
        except csv.Error:
            continue
        score = max((n * min(width, 30) for width, n in widths.items() if width > 1), default=0)
        if score > best_score:
            best, best_score = between, score
    return best


def _plain(cell: str) -> str:
    """Trimmed, and without the marks that keep Excel from making a number of a text (`="001"`, `'001`, ``
    `001``)."""
    text = cell.strip().strip("\ufeff").strip()
    wrapped = re.fullmatch(r'="([^"]*)"', text)
    if wrapped:
        return wrapped[1].strip()
    return text[1:] if re.match(r"`[^`]|'[\d=+@-]", text) else text


def _workbook(data: bytes) -> Grid | NoSheet:
    if data.startswith(b"PK") and not _fits(data):
        return refusal("sheet_too_large")
    try:
        book = load_workbook(io.BytesIO(data))
        names = [
            m.name
            for m in book.sheets_metadata
            if m.visible == SheetVisibleEnum.Visible and m.typ == SheetTypeEnum.WorkSheet
        ]
        sheets = [s for s in map(book.get_sheet_by_name, names) if s.total_height]
        if not sheets:
            return refusal("sheet_empty")
        sheet = sheets[0]
        height, width = sheet.total_height, sheet.total_width
        if height > MOST_ROWS or width > MOST_COLUMNS or height * width > MOST_CELLS:
            return refusal("sheet_too_large")
        rows = [[_cell(value) for value in row] for row in sheet.to_python(skip_empty_area=False)]
    except PasswordError:
        return refusal("sheet_locked")
    except (CalamineError, WorksheetNotFound, XmlError, ZipError, OSError, ValueError, OverflowError):
        return refusal("sheet_broken")
    _fill(sheet, rows)
    others = "、".join(s.name for s in sheets[1:])
    note = Why(
        f"只读了工作表“{sheet.name}”，没读：{others}。", f"Only “{sheet.name}” was read, not: {others}."
    )
    return Grid(rows, (note,) if others else ())


def _fits(data: bytes) -> bool:
    """A zip says how large it will be; one that lies is cut off by its reader."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return sum(info.file_size for info in archive.infolist()) <= MOST_UNPACKED
    except (zipfile.BadZipFile, OSError, ValueError):
        return True


def _cell(value: Any) -> Cell:
    if isinstance(value, bool):
        return Cell("true" if value else "false")
    if isinstance(value, int | float):
        text = format(Decimal(format(value, ".15g")), "f")
        return Cell(text, abs(value) >= 10**15)
    if isinstance(value, datetime):
        return Cell(value.strftime("%Y-%m-%d %H:%M:%S"))
    if isinstance(value, date | time):
        return Cell(value.isoformat())
    return Cell(_plain(str(value)).replace("\0", ""))


def _fill(sheet: CalamineSheet, rows: list[list[Cell]]) -> None:
    """A cell merged downwards holds its value once; every row below means it, too."""
    for (top, left), (bottom, _right) in sheet.merged_cell_ranges or ():
        if bottom == top or top >= len(rows) or left >= len(rows[top]):
            continue
        for row in rows[top + 1 : bottom + 1]:
            if left < len(row) and not row[left].text:
                row[left] = rows[top][left]
