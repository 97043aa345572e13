"""Draws the app's PNG icons from the logo's geometry, the same as in `icons/icon.svg`: a ring, a line, a box, white on ink.

`python pwa/tools/icons.py` writes them into `pwa/icons`; a test draws them anew and compares. Maskable ones fill their
square and keep the logo within the inner circle of 80 % that no launcher cuts away.
"""

from pathlib import Path

from PIL import Image, ImageDraw

ICONS = Path(__file__).resolve().parents[1] / "icons"
INK, WHITE = (0x15, 0x18, 0x1B, 255), (255, 255, 255, 255)
GRID = 64  # the drawing's own units
FINER = 8  # drawn so many times larger, then reduced
# name -> (side in px, corner radius on the grid, the logo's size against the svg's)
DRAWN = {
    "app-32": (32, 14, 1.0),
    "app-192": (192, 14, 1.0),
    "app-512": (512, 14, 1.0),
    "apple-touch-icon": (180, 0, 1.0),
    "maskable-192": (192, 0, 0.86),
    "maskable-512": (512, 0, 0.86),
}


def draw(side: int, radius: float, scale: float) -> Image.Image:
    """One icon of `side` px; corners outside the radius are transparent."""
    whole = side * FINER
    unit = whole / GRID
    image = Image.new("RGBA", (whole, whole), (0, 0, 0, 0))
    pen = ImageDraw.Draw(image)
    pen.rounded_rectangle((0, 0, whole - 1, whole - 1), radius * unit, fill=INK)

    def at(x: float, y: float) -> tuple[float, float]:
        return (32 + (x - 32) * scale) * unit, (32 + (y - 32) * scale) * unit

    pen.ellipse((*at(7, 23), *at(25, 41)), fill=WHITE)
    pen.ellipse((*at(11, 27), *at(21, 37)), fill=INK)
    pen.rectangle((*at(24, 30), *at(38, 34)), fill=WHITE)
    pen.rounded_rectangle((*at(37, 22), *at(57, 42)), 3 * scale * unit, fill=WHITE)
    return image.resize((side, side), Image.Resampling.LANCZOS)


def main() -> None:
    for name, (side, radius, scale) in DRAWN.items():
        image = draw(side, radius, scale)
        flat = image.convert("RGB") if radius == 0 else image
        flat.save(ICONS / f"{name}.png", optimize=True)


if __name__ == "__main__":
    main()
