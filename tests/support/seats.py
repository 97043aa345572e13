"""Pages that many looks at many screens take one after another: a profile that holds nothing but the app's files.

Starting a profile and fetching the app costs more than the look itself. Whoever leaves takes everything with him that a
site can store (cookies, databases, what is kept for a tab or for good), and a seat where anything went wrong is not
taken again.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, Page

from tests.support.windows import PATIENCE, complaints_of

STORED = "cookies,file_systems,indexeddb,local_storage,websql"  # and the caches stay


class Seats:
    """`with seats.taken("zh-CN") as page:`, all with the same `context`; at the end nothing may have been complained of,
    but for what holds an `expected` text."""

    def __init__(self, browser: Browser, *expected: str, **context: Any) -> None:
        self._browser, self._expected, self._context = browser, expected, context
        self._free: dict[str, tuple[Page, list[str]]] = {}

    @contextmanager
    def taken(self, lang: str, init: str = "") -> Iterator[Page]:
        """With `init`, which runs in the page before anything else, the seat is nobody's afterwards."""
        page, complaints = self._made(lang) if init else self._free.pop(lang, None) or self._made(lang)
        is_kept = False
        try:
            if init:
                page.add_init_script(init)
            yield page
            _left(page)
            assert complaints == []
            if not init:
                self._free[lang], is_kept = (page, complaints), True
        finally:
            if not is_kept:
                page.context.close()

    def _made(self, lang: str) -> tuple[Page, list[str]]:
        context = self._browser.new_context(locale=lang, **self._context)
        context.set_default_timeout(PATIENCE)
        page, complaints = context.new_page(), list[str]()
        complaints_of(page, complaints, *self._expected)
        return page, complaints


def _left(page: Page) -> None:
    origin = page.evaluate("sessionStorage.clear(); location.origin")
    page.goto("about:blank")  # whoever has a database open keeps it
    page.unroute_all(behavior="ignoreErrors")
    page.context.set_offline(False)
    session = page.context.new_cdp_session(page)
    session.send("Storage.clearDataForOrigin", {"origin": origin, "storageTypes": STORED})
    session.detach()
    page.context.clear_cookies()
