"""Pages that many looks at many screens take one after another: a profile that holds nothing but the app's files.

Starting a profile and fetching the app costs more than the look itself. Whoever leaves takes everything with him that a
site can store (cookies, databases, what is kept for a tab or for good), and a seat where anything went wrong is not
taken again.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, Page

from tests.support.windows import PATIENCE, complaints_of

STORED = "cookies,file_systems,indexeddb,local_storage,websql"  # and the caches stay


class Seats:
    """`with seats.taken("zh-CN") as page:` by day, without motion; at the end nothing may have been complained of."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._free: dict[str, tuple[Page, list[str]]] = {}

    @contextmanager
    def taken(self, lang: str, init: str = "") -> Iterator[Page]:
        """With `init`, which runs in the page before anything else, the seat is nobody's afterwards."""
        page, complaints = self._made(lang) if init else self._free.pop(lang, None) or self._made(lang)
        is_kept = False
        try:
            if init:
                page.add_init_script(init)
            page.emulate_media(color_scheme="light", reduced_motion="reduce")
            yield page
            _left(page)
            assert complaints == []
            if not init:
                self._free[lang], is_kept = (page, complaints), True
        finally:
            if not is_kept:
                page.context.close()

    def _made(self, lang: str) -> tuple[Page, list[str]]:
        context = self._browser.new_context(locale=lang)
        context.set_default_timeout(PATIENCE)
        page, complaints = context.new_page(), list[str]()
        complaints_of(page, complaints)
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
