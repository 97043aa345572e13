"""What journeys share: window sizes, patience, signing in, waiting for what a page says, and whether it fits its window."""

import json
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, expect

PDA = {"width": 360, "height": 640}
PHONE = {"width": 390, "height": 844}
NARROW = {"width": 320, "height": 568}
DESK = {"width": 1280, "height": 800}
WALL = {"width": 1920, "height": 1080}
Open = Callable[..., Page]
# How long a page may take on a crowded machine before it counts as never, ms. It costs nothing where all goes well.
PATIENCE = 20_000


def sign_in(page: Page, user: str, password: str = "demo", at: str = "/") -> None:
    """Through the sign-in form at `at`; with the right password it is gone afterwards."""
    page.goto(at)
    page.locator("#user").fill(user)
    page.locator("#password").fill(password)
    page.keyboard.press("Enter")
    if password == "demo":
        expect(page.locator("#password")).to_have_count(0)


def fits(page: Page) -> bool:
    """Nothing makes the page wider than its window."""
    found: Any = page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    return bool(found)


def until(page: Page, expression: str) -> None:
    """The page comes to say so by itself; a promise is awaited, which Playwright's own waiting takes for a yes."""
    page.evaluate(
        f"""async () => {{
          const end = Date.now() + {PATIENCE};
          while (!(await ({expression}))) {{
            if (Date.now() > end) throw new Error("never came to " + {json.dumps(expression)});
            await new Promise((done) => setTimeout(done, 50));
          }}
        }}"""
    )
