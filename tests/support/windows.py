"""What journeys share: window sizes, patience, signing in, waiting for what a page says, and whether it fits its window."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect

PDA = {"width": 360, "height": 640}
PHONE = {"width": 390, "height": 844}
NARROW = {"width": 320, "height": 568}
DESK = {"width": 1280, "height": 800}
WALL = {"width": 1920, "height": 1080}
Open = Callable[..., Page]
# How long a page may take on a crowded machine before it counts as never, ms. It costs nothing where all goes well.
PATIENCE = 20_000


def complaints_of(page: Page, complaints: list[str], *expected: str) -> None:
    """From now on: errors and warnings of the page, but for what holds an `expected` text (in small letters)."""

    def heard(said: ConsoleMessage) -> None:
        """Not what a test's own script says (it has no address): axe tries inline styles, which the CSP refuses."""
        is_ours = said.location["url"] and "Failed to load resource" not in said.text
        if (
            said.type in ("error", "warning")
            and is_ours
            and not any(one in said.text.lower() for one in expected)
        ):
            complaints.append(said.text)

    page.on("console", heard)
    page.on("pageerror", lambda error: complaints.append(str(error)))


@contextmanager
def profiles(browser: Browser, *expected: str, **always: Any) -> Iterator[Open]:
    """`opened(lang, size, js=…, **context)`: a page of a fresh browser profile. At the end nothing may have been
    complained of, but for what holds an `expected` text (in small letters)."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def opened(lang: str = "zh-CN", size: Any = PDA, js: bool = True, **given: Any) -> Page:
        context = browser.new_context(
            locale=lang, viewport=size, java_script_enabled=js, **{**always, **given}
        )
        context.set_default_timeout(PATIENCE)
        contexts.append(context)
        page = context.new_page()
        complaints_of(page, complaints, *expected)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert complaints == [], complaints


def sign_in(page: Page, user: str, password: str = "demo", at: str = "/") -> None:
    """Through the sign-in form at `at`; with the right password it is gone afterwards."""
    page.goto(at)
    page.locator("#user").fill(user)
    page.locator("#password").fill(password)
    page.keyboard.press("Enter")
    if password == "demo":
        expect(page.locator("#password")).to_have_count(0)


def at(
    window: Open, url: str, path: str, lang: str = "zh-CN", size: Any = DESK, user: str = "supervisor"
) -> Page:
    """A page of a server of its own, signed in, at a path."""
    page = window(lang, size, base_url=url)
    sign_in(page, user, at=path)
    return page


@contextmanager
def over_http(url: str, user: str = "supervisor") -> Iterator[httpx.Client]:
    """The same user without a browser, by a token."""
    with httpx.Client(base_url=url, timeout=20) as client:
        token = client.post("/api/login", json={"user": user, "password": "demo"}).json()["token"]
        client.cookies.clear()
        client.headers["Authorization"] = f"Bearer {token}"
        yield client


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
