"""The two engines: marks onto a PDF page (vectors, ReportLab) or onto a one-bit image at 203 dpi (Pillow).

Both take the same marks with the page's corner and set text letter by letter from the same widths, so a label is the
same in both. A code is one filled path of row runs in the PDF, and whole dots a module in the image: fractions of a dot
break codes on thermal heads. Refuses a code that would get modules under 0.5 mm, four dots.
"""

from collections.abc import Iterable
from functools import lru_cache
from typing import Any, Final

from PIL import Image, ImageDraw, ImageFont
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfgen.canvas import Canvas

from qr import font
from qr.codes import LabelError
from qr.marks import Box, Mark, Shape, Symbol, Text, outline
from qr.matrix import Matrix, matrix

QUIET: Final = 4
DOTS_PER_MM: Final = 8
LEAST_MODULE: Final = 50
_POINTS: Final = 72 / 2540  # of 1/100 mm


def register_fonts() -> None:
    """Makes the shipped faces known to ReportLab, whose list of fonts is one for the process."""
    for face in font.faces().values():
        pdfmetrics.registerFont(face)


def _too_small() -> LabelError:
    return LabelError(
        "code_too_small",
        "这种纸放不下这么长的地址，改印短码（content=code）或换大一点的纸。",
        "The address is too long for this paper: print bare codes (content=code) or take a larger paper.",
    )


class PdfPage:
    """Draws on the canvas' current page. `height` of the page in 1/100 mm."""

    def __init__(self, canvas: Canvas, height: int) -> None:
        self.canvas, self.height = canvas, height

    def draw(self, marks: Iterable[Mark], x: int = 0, y: int = 0) -> None:
        """Marks whose corner stands at x, y."""
        for mark in marks:
            match mark:
                case Text():
                    self._text(mark, x, y)
                case Symbol():
                    self._symbol(mark, x, y)
                case Box():
                    self._fill(
                        [f"{self._at(x + mark.x, y + mark.y + mark.h)} {_pt(mark.w)} {_pt(mark.h)} re"]
                    )
                case Shape():
                    corners = [self._at(x + u, y + v) for u, v in mark.points]
                    self._fill([f"{at} {'l' if n else 'm'}" for n, at in enumerate(corners)] + ["h"])

    def _at(self, x: int, y: int) -> str:
        return f"{_pt(x)} {_pt(self.height - y)}"

    def _fill(self, path: list[str]) -> None:
        self.canvas.addLiteral("\n".join([*path, "f"]))

    def _symbol(self, mark: Symbol, x: int, y: int) -> None:
        code = matrix(mark.content)
        module = mark.side / (code.size + 2 * QUIET)
        if module < LEAST_MODULE:
            raise _too_small()
        left, top = x + mark.x + QUIET * module, y + mark.y + QUIET * module
        scale = f"{module * _POINTS:.5f} 0 0 {-module * _POINTS:.5f}"
        origin = f"{left * _POINTS:.4f} {(self.height - top) * _POINTS:.4f}"
        # One path, so that no viewer draws hairlines between the rows.
        runs = " ".join(f"{u} {v} {n} 1 re" for u, v, n in code.runs())
        self.canvas.addLiteral(f"q {scale} {origin} cm {runs} f Q")

    def _text(self, mark: Text, x: int, y: int) -> None:
        left: float = x + mark.x
        base = y + mark.y
        grey = 1 if mark.is_white else 0
        for piece in font.pieces(mark.text, mark.is_bold):
            advance = font.width(piece.text, mark.is_bold) * mark.size / font.EM
            if not piece.face:
                self.draw(_boxes(piece.text, left, base, mark.size))
            else:
                line = self.canvas.beginText(left * _POINTS, (self.height - base) * _POINTS)
                line.setFont(piece.face, mark.size * _POINTS)
                line.setFillGray(grey)
                if piece.is_stroked:
                    line.setTextRenderMode(2)
                    line.setStrokeGray(grey)
                    self.canvas.setLineWidth(mark.size * _POINTS / 28)
                line.textOut(piece.text)
                if piece.is_stroked:
                    line.setTextRenderMode(0)
                line.setFillGray(0)
                self.canvas.drawText(line)
            left += advance


class DotPage:
    """Draws on a one-bit image of width × height in 1/100 mm, 8 dots a millimetre."""

    def __init__(self, width: int, height: int) -> None:
        self.image = Image.new("1", (_dots(width), _dots(height)), 1)
        self._pen = ImageDraw.Draw(self.image)
        self._pen.fontmode = "1"

    def draw(self, marks: Iterable[Mark], x: int = 0, y: int = 0) -> None:
        """Marks whose corner stands at x, y."""
        for mark in marks:
            match mark:
                case Text():
                    self._text(mark, x, y)
                case Symbol():
                    self._symbol(mark, x, y)
                case Box():
                    self._box(x + mark.x, y + mark.y, mark.w, mark.h)
                case Shape():
                    self._pen.polygon([(_dots(x + u), _dots(y + v)) for u, v in mark.points], fill=0)

    def _box(self, x: int, y: int, w: int, h: int, ink: int = 0) -> None:
        left, top = _dots(x), _dots(y)
        right, bottom = max(_dots(x + w), left + 1), max(_dots(y + h), top + 1)
        self._pen.rectangle((left, top, right - 1, bottom - 1), fill=ink)

    def _symbol(self, mark: Symbol, x: int, y: int) -> None:
        code = matrix(mark.content)
        side = _dots(mark.side)
        module = side // (code.size + 2 * QUIET)
        if module * 100 < LEAST_MODULE * DOTS_PER_MM:
            raise _too_small()
        # What whole dots leave over goes around, so the quiet zone never loses.
        spare = (side - module * code.size) // 2
        self.image.paste(_bitmap(code, module), (_dots(x + mark.x) + spare, _dots(y + mark.y) + spare))

    def _text(self, mark: Text, x: int, y: int) -> None:
        ink = 1 if mark.is_white else 0
        left, base = x + mark.x, y + mark.y
        size = max(_dots(mark.size), 1)
        for piece in font.pieces(mark.text, mark.is_bold):
            if not piece.face:
                for box in _boxes(piece.text, left, base, mark.size):
                    self._box(box.x, box.y, box.w, box.h, ink)
                left += len(piece.text) * mark.size
                continue
            stroke = max(size // 40, 1) if piece.is_stroked else 0
            for letter in piece.text:
                at = (_dots(left), _dots(base))
                self._pen.text(at, letter, ink, _truetype(piece.face, size), "ls", stroke_width=stroke)
                left += font.width(letter, mark.is_bold) * mark.size // font.EM


def _boxes(text: str, left: float, base: int, size: int) -> list[Box]:
    """A character that no face has: an empty box, so that its absence is seen."""
    found: list[Box] = []
    for n in range(len(text)):
        x = round(left) + n * size + size // 12
        bars = outline(x, base - size * 3 // 4, size * 5 // 6, size * 4 // 5, max(size // 16, 1))
        found += [bar for bar in bars if isinstance(bar, Box)]
    return found


def _bitmap(code: Matrix, module: int) -> Image.Image:
    small = Image.new("1", (code.size, code.size))
    small.putdata([bit == "0" for bit in code.bits])
    return small.resize((code.size * module,) * 2, Image.Resampling.NEAREST)


@lru_cache(maxsize=64)
def _truetype(face: str, size: int) -> Any:
    path = font.FOLDER / f"{face}.ttf"
    return ImageFont.truetype(str(path), size, layout_engine=ImageFont.Layout.BASIC)


def _dots(length: float) -> int:
    return round(length * DOTS_PER_MM / 100)


def _pt(length: int) -> str:
    return f"{length * _POINTS:.4f}"
