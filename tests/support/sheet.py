"""Contact sheets for people: each picture of a screen beside the one that it was drawn after.

`SHOTS=<folder> pytest tests/journey/test_screens.py`, then `python -m tests.support.sheet <folder> <drawings> <out>`.
`<drawings>` is a folder with the design's PNGs; without one (`-`) the screens stand alone. Prints the sheets' paths.
"""

import sys
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from tests.support.screens import id_of, views

WIDTH, HEIGHT, GAP, WORD = 1880, 1136, 12, 16
GROUND, INK = "#d0d0cc", "#15181b"
ROWS_HIGH = 540  # a screen is made this high at most, and this wide
CELL_WIDE = 620
Tile = tuple[str, Image.Image]


def tiles(shots: Path, drawings: Path | None) -> list[Tile]:
    """In the table's order: the drawing, then the screen by day and by night; whatever of it is there."""
    found: list[Tile] = []
    drawn = ""
    for one, size, lang in views():
        name = id_of((one, size, lang))
        design = (drawings / one.design) if drawings and one.design and one.design != drawn else None
        if design is not None and design.is_file():
            drawn = one.design
            found.append(_tile(f"drawn: {one.design}", design))
        paths = (shots / f"{name}.png", shots / f"{name}-dark.png")
        found += [_tile(path.stem, path) for path in paths if path.is_file()]
    return found


def _tile(word: str, path: Path) -> Tile:
    picture = Image.open(path).convert("RGB")
    picture.thumbnail((CELL_WIDE, ROWS_HIGH))
    return word, picture


def sheets(found: list[Tile]) -> list[Image.Image]:
    """Rows from the left, as many as fit."""
    font = ImageFont.load_default(WORD - 3)
    made: list[Image.Image] = []
    x = y = high = 0
    for word, picture in found:
        if x + picture.width > WIDTH:
            x, y, high = 0, y + high + GAP, 0
        if not made or y + picture.height + WORD > HEIGHT:
            made.append(Image.new("RGB", (WIDTH, HEIGHT), GROUND))
            x = y = high = 0
        made[-1].paste(picture, (x, y + WORD))
        ImageDraw.Draw(made[-1]).text((x + 2, y), word, INK, font)
        x, high = x + picture.width + GAP, max(high, picture.height + WORD)
    return made


def main(shots: Path, drawings: Path | None, out: Path) -> int:
    found = tiles(shots, drawings)
    if not found:
        print(f"no screens in {shots}: SHOTS={shots} pytest tests/journey/test_screens.py")
        return 1
    out.mkdir(parents=True, exist_ok=True)
    for n, sheet in enumerate(sheets(found), 1):
        path = out / f"sheet-{n:02d}.png"
        sheet.save(path)
        print(path)
    return 0


if __name__ == "__main__":
    given, design, to = sys.argv[1:4]
    sys.exit(main(Path(given), None if design == "-" else Path(design), Path(to)))
