"""That the tool finds what it is for: planted breaches on a page under the product's own Content-Security-Policy."""

import pytest

from tests.support.axe import violations
from tests.support.windows import DESK, Open

pytestmark = pytest.mark.journey

PLANT = """() => {
  document.body.textContent = "";
  const main = document.body.appendChild(document.createElement("main"));
  const pale = main.appendChild(document.createElement("p"));
  pale.textContent = "pale";
  pale.style.color = "#ccc";
  pale.style.background = "#fff";
  for (const name of ["a", "b"]) {
    const small = main.appendChild(document.createElement("button"));
    small.textContent = name;
    Object.assign(small.style, { width: "12px", height: "12px", padding: "0", fontSize: "12px" });
  }
  main.appendChild(document.createElement("input"));
}"""


def test_planted_breaches_are_found_and_named(window: Open) -> None:
    page = window(size=DESK)
    page.goto("/docs")
    assert violations(page) == []
    page.evaluate(PLANT)
    found = violations(page)
    assert {one.split(" at ")[0] for one in found} == {
        "serious color-contrast",
        "serious target-size",
        "critical label",
    }
    assert any("at p: " in one and "contrast" in one for one in found)
