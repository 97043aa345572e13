"""A sheet's bytes from rows: CSV in an encoding, or a workbook."""

import csv
import io
from collections.abc import Sequence

import xlsxwriter

Rows = Sequence[Sequence[str]]


def as_csv(rows: Rows, encoding: str = "utf-8-sig") -> bytes:
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    return out.getvalue().encode(encoding)


def as_xlsx(rows: Rows) -> bytes:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    sheet = book.add_worksheet()
    for r, row in enumerate(rows):
        for c, cell in enumerate(row):
            sheet.write_string(r, c, cell)
    book.close()
    return out.getvalue()
