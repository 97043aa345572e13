"""The shipped letters: widths, which weight draws which character, and what is missing.

Two TrueType subsets of Noto Sans SC lie in `fonts/` (`fonts/make.py` cut them); reading them is the only input of this
package. A character that Bold lacks is drawn with Regular and a stroke; one that both lack becomes a box and is named by
`missing`. Nothing here raises on any text.
"""

import unicodedata
from functools import lru_cache
from itertools import groupby
from pathlib import Path
from typing import Any, Final, NamedTuple

REGULAR: Final = "HuodaonaSans-Regular"
BOLD: Final = "HuodaonaSans-Bold"
FOLDER: Final = Path(__file__).parent / "fonts"
EM: Final = 1000
ASCENT: Final = 880
DESCENT: Final = 120
CAPITALS: Final = 733
# Laid out without being drawn: joiners, variation selectors, direction marks.
_UNSEEN: Final = {0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF, 0x200E, 0x200F, *range(0xFE00, 0xFE10)}


class Piece(NamedTuple):
    """Neighbouring characters drawn alike; `face` is "" for boxes."""

    face: str
    is_stroked: bool
    text: str


@lru_cache(maxsize=1)
def faces() -> dict[str, Any]:
    """The two faces as reportlab reads them, by name."""
    from reportlab.pdfbase.ttfonts import TTFont

    return {name: TTFont(name, str(FOLDER / f"{name}.ttf")) for name in (REGULAR, BOLD)}


@lru_cache(maxsize=2)
def _widths(face: str) -> dict[int, int]:
    return {code: round(width) for code, width in faces()[face].face.charWidths.items()}


def clean(text: str) -> str:
    """One composed line (NFC): control characters and line breaks become blanks, unseen marks vanish."""
    text = unicodedata.normalize("NFC", text)
    return "".join(
        " " if ord(c) < 32 or c in "\x7f\x85\u2028\u2029" else c for c in text if ord(c) not in _UNSEEN
    )


def missing(text: str) -> set[str]:
    """The characters of a text that stand as boxes on a label."""
    return {c for c in clean(text) if ord(c) not in _widths(REGULAR)}


@lru_cache(maxsize=8192)
def pieces(text: str, is_bold: bool) -> tuple[Piece, ...]:
    """A cleaned text in the order it is drawn."""

    def how(c: str) -> tuple[str, bool]:
        if is_bold and ord(c) in _widths(BOLD):
            return BOLD, False
        return (REGULAR, is_bold) if ord(c) in _widths(REGULAR) else ("", False)

    return tuple(Piece(face, stroked, "".join(part)) for (face, stroked), part in groupby(text, how))


def width(text: str, is_bold: bool) -> int:
    """The advance of a cleaned text in 1/1000 of its size; a box is one em wide."""
    return sum(
        sum(_widths(piece.face)[ord(c)] for c in piece.text) if piece.face else EM * len(piece.text)
        for piece in pieces(text, is_bold)
    )
