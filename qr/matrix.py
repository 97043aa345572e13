"""QR matrices at error level M, a thousand in about half a second.

Encoding, error correction and function patterns are the `qrcode` library's. The placing of the data and the choice among
the eight masks are ours, on whole matrices as big integers, because the library's own mask search takes most of its time
(8 ms a code). The scoring is that of ISO/IEC 18004, on the finished symbol. Refuses texts over MAX_LETTERS. The library
is loaded with the first code: a server that starts draws none.
"""

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from qr.codes import LabelError

if TYPE_CHECKING:
    from qrcode import QRCode

MAX_LETTERS: Final = 300
_DARK: Final = re.compile("1+")


class Matrix(NamedTuple):
    """`bits` has a 1 for each dark module, row by row from the top left; no quiet zone."""

    size: int
    bits: str

    def runs(self) -> list[tuple[int, int, int]]:
        """The dark runs of the rows as (x, y, length)."""
        size = self.size
        return [
            (run.start(), y, run.end() - run.start())
            for y in range(size)
            for run in _DARK.finditer(self.bits[y * size : (y + 1) * size])
        ]


class _Frame(NamedTuple):
    """What all codes of one version share."""

    size: int
    order: tuple[int, ...]  # the data bits' module numbers, in the order of the data
    masked: tuple[int, ...]  # for each mask: function modules, format bits, and the mask over the data region
    turned: tuple[int, ...]  # the same with rows and columns exchanged


def matrix(text: str) -> Matrix:
    """The smallest symbol that holds the text, with its best mask. Raises LabelError `too_long`."""
    if len(text) > MAX_LETTERS:
        raise LabelError(
            "too_long",
            "内容太长，放不进一个二维码。",
            f"More than {MAX_LETTERS} letters do not fit one code.",
        )
    from qrcode import constants, util

    code = _code(None)
    code.add_data(util.QRData(text))
    frame = _frame(code.best_fit())
    data = util.create_data(code.version, constants.ERROR_CORRECT_M, code.data_list)
    stream = "".join(f"{byte:08b}" for byte in data)
    cells = ["0"] * frame.size**2
    for at, bit in zip(frame.order, stream, strict=False):  # a few remainder modules stay light
        cells[at] = bit
    placed = "".join(cells)
    across, down = int(placed, 2), int(_turn(placed, frame.size), 2)
    best = min(
        range(8),
        key=lambda mask: penalty(across ^ frame.masked[mask], down ^ frame.turned[mask], frame.size),
    )
    return Matrix(frame.size, f"{across ^ frame.masked[best]:0{frame.size**2}b}")


def penalty(across: int, down: int, size: int) -> int:
    """ISO/IEC 18004's four features over a symbol, given by rows and by columns, first module in the highest bit."""
    pairs, windows, full = _guards(size)
    points = 0
    for cells in (across, down):
        light = cells ^ full
        equal = ~(cells ^ cells >> 1) & pairs
        fives = equal & equal >> 1 & equal >> 2 & equal >> 3
        points += fives.bit_count() + 2 * (fives & ~(fives << 1)).bit_count()
        middle = light >> 1 & cells >> 4 & light >> 5 & cells >> 6 & light >> 9 & windows
        finder = cells & cells >> 2 & cells >> 3 & light >> 7 & light >> 8 & light >> 10
        turned = light & light >> 2 & light >> 3 & cells >> 7 & cells >> 8 & cells >> 10
        points += 40 * (middle & (finder | turned)).bit_count()
    equal = ~(across ^ across >> 1) & pairs
    points += 3 * (equal & equal >> size & ~(across ^ across >> size)).bit_count()
    return points + abs(20 * across.bit_count() - 10 * size**2) // size**2 * 10


@lru_cache(maxsize=16)
def _guards(size: int) -> tuple[int, int, int]:
    """Where a pair, or a window of eleven, begins without crossing into the next row; and all modules."""
    row = (1 << size) - 1
    every = sum(1 << size * y for y in range(size))
    return every * (row >> 1), every * (row >> 10), every * row


@lru_cache(maxsize=16)
def _frame(version: int) -> _Frame:
    from qrcode import main

    size = version * 4 + 17
    drawn = []
    for mask in range(8):
        code = _code(version)
        code.data_cache = []  # without data the data region shows the mask itself
        code.makeImpl(False, mask)
        drawn.append("".join("1" if dark else "0" for row in code.modules for dark in row))
    # The loop above left the version's template in the library's cache: None where data and format bits go.
    free = _code(version)
    free.modules_count = size
    free.modules = [list(row) for row in main.precomputed_qr_blanks[version]]
    free.setup_type_info(False, 0)
    if version >= 7:
        free.setup_type_number(False)
    order = []
    for count, right in enumerate(x for x in range(size - 1, 0, -2)):
        column = right - (right <= 6)
        for step in range(size):
            y = step if count % 2 else size - 1 - step
            order += [y * size + x for x in (column, column - 1) if free.modules[y][x] is None]
    turned = [_turn(bits, size) for bits in drawn]
    return _Frame(size, tuple(order), tuple(int(b, 2) for b in drawn), tuple(int(b, 2) for b in turned))


def _turn(bits: str, size: int) -> str:
    return "".join(bits[x::size] for x in range(size))


def _code(version: int | None) -> "QRCode[object]":
    from qrcode import QRCode, constants

    return QRCode(version=version, error_correction=constants.ERROR_CORRECT_M, border=0)
