"""What a label consists of once laid out: four marks, all in 1/100 mm from the top left, all pure black on white.

Text is already fitted (shrunk, then cut with …) and left-aligned; a code owns its square with the quiet zone inside.
Also the small drawings that are made of these marks: outline, rack, aisle strip. Pure; knows no paper and no engine.
"""

from bisect import bisect_right
from typing import Final

import msgspec

from qr import font

LEAST_TEXT: Final = 247  # 7 pt


class Text(msgspec.Struct, frozen=True):
    """`y` is the baseline, `size` the em; `is_white` on a filled box."""

    x: int
    y: int
    size: int
    text: str
    is_bold: bool = False
    is_white: bool = False

    @property
    def width(self) -> int:
        """The advance, rounded up."""
        return -(-font.width(self.text, self.is_bold) * self.size // font.EM)


class Symbol(msgspec.Struct, frozen=True):
    """A code in a square of `side`, four clear modules on each side included."""

    x: int
    y: int
    side: int
    content: str


class Box(msgspec.Struct, frozen=True):
    """A filled rectangle."""

    x: int
    y: int
    w: int
    h: int


class Shape(msgspec.Struct, frozen=True):
    """A filled polygon; `points` are (x, y)."""

    points: tuple[tuple[int, int], ...]


Mark = Text | Symbol | Box | Shape


def fit(
    text: str,
    room: tuple[int, int],
    y: int,
    size: int,
    *,
    least: int = LEAST_TEXT,
    is_bold: bool = False,
    align: str = "left",
    is_white: bool = False,
) -> Text:
    """The text between `room`'s two x; too wide, it shrinks down to `least`, then loses its end to an ellipsis."""
    text = font.clean(text).strip()
    left, right = room
    space = max(right - left, 0)

    def wide(part: str, at: int) -> int:
        return -(-font.width(part, is_bold) * at // font.EM)

    size = max(size, least)
    if wide(text, size) > space:
        size = max(min(size, space * font.EM // font.width(text, is_bold)), least)
    if wide(text, size) > space:
        # Longest beginning that fits with its ellipsis; -1 where not even that does.
        keep = bisect_right(range(len(text)), space, key=lambda n: wide(text[:n] + "…", size)) - 1
        text = text[:keep].rstrip() + "…" if keep > 0 else ""
    slack = space - wide(text, size)
    x = left + {"left": 0, "centre": slack // 2, "right": slack}[align]
    return Text(x, y, size, text, is_bold, is_white)


def outline(x: int, y: int, w: int, h: int, line: int) -> list[Mark]:
    """An empty rectangle as four bars."""
    return [
        Box(x, y, w, line),
        Box(x, y + h - line, w, line),
        Box(x, y + line, line, h - 2 * line),
        Box(x + w - line, y + line, line, h - 2 * line),
    ]


def rack(x: int, y: int, w: int, h: int, level: int, levels: int) -> list[Mark]:
    """Two posts, a shelf a level, goods on the bin's own; counted from the floor."""
    line = max(w // 14, 1)
    marks: list[Mark] = [Box(x, y, line, h), Box(x + w - line, y, line, h)]
    for n in range(levels):
        shelf = y + h - line - n * h // levels
        marks.append(Box(x + line, shelf, w - 2 * line, line))
        if n == level - 1:
            goods = max((h // levels - line) * 3 // 5, line)
            marks.append(Box(x + 2 * line, shelf - goods, w - 4 * line, goods))
    return marks


def strip(aisle: str, x: int, y: int, w: int, h: int) -> list[Mark]:
    """The aisle's pattern, readable without colour: A slanted, B upright, C dots, D solid, E checks, else the letter."""
    match aisle:
        case "A":
            return [
                Shape(((u, y + h), (u + h, y), (u + h + v, y), (u + v, y + h)))
                for u, v in _beats(x, w - h, h)
            ]
        case "B":
            return [Box(u, y, v, h) for u, v in _beats(x, w, h)]
        case "C":
            return [_disc(u, y + (h - v) // 2, v) for u, v in _beats(x, w, h * 8 // 5)]
        case "D":
            return [Box(x, y, w, h)]
        case "E":
            half = h // 2
            beats = _beats(x, w, h)
            return [
                b
                for u, v in beats
                for b in (Box(u, y, v, half), Box(min(u + v, x + w - v), y + half, v, half))
            ]
        case _:
            return [fit(aisle, (x, x + w), y + h, h * 4 // 3, is_bold=True)]


def _beats(x: int, w: int, period: int) -> list[tuple[int, int]]:
    """Marks of half a period, evenly from edge to edge: (x, width) of each."""
    count = max((w + period // 2) // period, 2)
    width = w // (2 * count - 1)
    return [(x + n * (w - width) // (count - 1), width) for n in range(count)]


# A circle of 1000 as twelve corners: round enough at 2 mm, and it stays in integers.
_QUARTERS: Final = ((433, 250), (250, 433), (0, 500), (-250, 433), (-433, 250))
_ROUND: Final = tuple(
    (x, y)
    for half in (1, -1)
    for x, y in ((500 + 500 * half, 500), *((500 + half * u, 500 + half * v) for u, v in _QUARTERS))
)


def _disc(x: int, y: int, d: int) -> Shape:
    return Shape(tuple((x + u * d // 1000, y + v * d // 1000) for u, v in _ROUND))
