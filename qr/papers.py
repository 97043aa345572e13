"""The papers that labels are printed on: one visible registry, all measures in 1/100 mm.

A sheet has a grid of cells with margins and gaps; a roll is one cell a page. The A4 grids are the common self-adhesive
sheets as sold; check them against the box, and print at 100 %. Refuses nothing; `find` refuses an unknown name.
"""

from typing import Final

import msgspec

from qr.codes import LabelError


class Paper(msgspec.Struct, frozen=True):
    """Lengths in 1/100 mm, from the page's top left. `is_roll`: one label a page, no header."""

    code: str
    zh: str
    en: str
    page_w: int
    page_h: int
    cell_w: int
    cell_h: int
    columns: int = 1
    rows: int = 1
    left: int = 0
    top: int = 0
    gap_x: int = 0
    gap_y: int = 0
    is_roll: bool = False

    @property
    def per_page(self) -> int:
        """Labels on one page."""
        return self.columns * self.rows

    def cell(self, index: int) -> tuple[int, int, int, int]:
        """(x, y, w, h) of a cell, counted by rows. Computed from the page's corner, so no error adds up."""
        row, column = divmod(index, self.columns)
        x = self.left + column * (self.cell_w + self.gap_x)
        return x, self.top + row * (self.cell_h + self.gap_y), self.cell_w, self.cell_h


def _a4(
    code: str, cell: tuple[int, int], grid: tuple[int, int], corner: tuple[int, int], gap_x: int
) -> Paper:
    size = f"{cell[0] / 100:g} × {cell[1] / 100:g} mm"
    count = grid[0] * grid[1]
    return Paper(
        code,
        f"A4 {size}，{count} 张",
        f"A4 {size}, {count} labels",
        21000,
        29700,
        *cell,
        *grid,
        *corner,
        gap_x,
    )


def _roll(width: int, height: int) -> Paper:
    size = f"{width // 100} × {height // 100} mm"
    return Paper(
        f"{width // 100}x{height // 100}",
        f"热敏卷 {size}",
        f"Thermal roll {size}",
        width,
        height,
        width,
        height,
        is_roll=True,
    )


PAPERS: Final = {
    paper.code: paper
    for paper in (
        _a4("a4-24", (6350, 3390), (3, 8), (721, 1290), 254),
        _a4("a4-21", (6350, 3810), (3, 7), (721, 1515), 254),
        _a4("a4-14", (9910, 3810), (2, 7), (463, 1515), 254),
        _a4("a4-8", (9910, 6770), (2, 4), (463, 1310), 254),
        Paper("a4-1", "A4 整页", "A4, whole page", 21000, 29700, 21000, 29700),
        _roll(6000, 4000),
        _roll(7000, 5000),
        _roll(10000, 15000),
    )
}


def find(code: str) -> Paper:
    """The paper of that name. Raises LabelError `unknown_paper`."""
    if code not in PAPERS:
        names = "、".join(PAPERS)
        raise LabelError(
            "unknown_paper", f"没有“{code}”这种纸，有 {names}。", f"No paper {code!r}; there are {names}."
        )
    return PAPERS[code]
