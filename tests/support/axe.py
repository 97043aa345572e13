"""What a blind or motor-impaired person would stumble over on a page, as axe-core finds it by WCAG 2.2 A and AA.

The engine is the npm package that the lock names, evaluated in the page: a script tag would be refused by the
page's own Content-Security-Policy. `target-size` is off unless its tag (wcag22aa) is named, hence the list.
"""

from functools import cache
from typing import Any

from playwright.sync_api import Page

from tests.support.node import require

TAGS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa")
RUN = """([root, tags]) => axe.run(root, {
  runOnly: { type: "tag", values: tags }, resultTypes: ["violations"], preload: false,
})"""

# A sheet on its way in is half transparent, and so is its contrast.
SETTLED = "Promise.all(document.getAnimations().map((one) => one.finished.catch(() => undefined))).then(() => undefined)"


@cache
def _engine() -> str:
    return (require() / "axe-core" / "axe.min.js").read_text("utf-8")


def settle(page: Page) -> None:
    page.evaluate(SETTLED)


def violations(page: Page, root: str = "html") -> list[str]:
    """One line a breach and element: `impact id at selector: what to do`; [] when the page is clean."""
    if not page.evaluate("typeof axe === 'object'"):
        page.evaluate(_engine())
    settle(page)
    found: dict[str, Any] = page.evaluate(RUN, [root, list(TAGS)])
    assert found["passes"], "axe looked at nothing"
    return [
        f"{one['impact']} {one['id']} at {' '.join(map(str, node['target']))}: {one['help']}; {_why(node)}"
        for one in found["violations"]
        for node in one["nodes"]
    ]


def _why(node: dict[str, Any]) -> str:
    return "; ".join(check["message"] for check in [*node["any"], *node["all"], *node["none"]])
