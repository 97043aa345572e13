"""What anybody would see at once: text under its floor, targets too small for a thumb, things cut off or pushed out.

`defects(page, …)` looks at the page as it stands; `defects_enlarged(page)` enlarges to 200 % first, a desktop's page as the
browser does (half the window), a phone's by doubling every text under 32 px, and asks only whether anything is cut.
"""

from functools import cache
from pathlib import Path

from playwright.sync_api import Page

from tests.support.windows import PHONE

LARGE = """() => {
  const sizes = [];
  for (const one of document.body.querySelectorAll("*")) {
    const its = getComputedStyle(one);
    const size = parseFloat(its.fontSize);
    const line = parseFloat(its.lineHeight);
    if (size < 32) sizes.push([one, size * 2, line ? line * 2 : 0]);
  }
  for (const [one, size, line] of sizes) {
    one.style.setProperty("font-size", `${size}px`, "important");
    if (line) one.style.setProperty("line-height", `${line}px`, "important");
  }
}"""


@cache
def _looks() -> str:
    return Path(__file__).with_name("looks.js").read_text("utf-8")


def defects(page: Page, text: float, target: float, link: float) -> list[str]:
    """One line a defect; `text`, `target` and `link` (a word that is pressed) are the floors in px."""
    return _found(page, {"text": text, "target": target, "link": link, "isLarge": False})


def defects_enlarged(page: Page) -> list[str]:
    """The page is spoilt afterwards: open it anew for anything else."""
    size = page.viewport_size
    assert size is not None
    if size["width"] > PHONE["width"]:
        page.set_viewport_size({"width": size["width"] // 2, "height": size["height"] // 2})
    else:
        page.evaluate(LARGE)
    return [f"at 200 %: {one}" for one in _found(page, {"text": 0, "target": 0, "link": 0, "isLarge": True})]


def _found(page: Page, given: dict[str, float | bool]) -> list[str]:
    found: list[str] = page.evaluate(_looks(), given)
    return found
