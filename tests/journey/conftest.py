"""Fixtures of journeys: a demo company's server, a real Chromium, and windows in it that report what went wrong.

`hub` is one server a runner, shared by every module: who changes what others look at starts its own with `demo`.
The browser is one a module, since Playwright's loop must not be running when another test wants `asyncio.run`.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from tests.support import engines
from tests.support.browser import FLAGS, chromium
from tests.support.server import Nodes, Server, serve
from tests.support.windows import PATIENCE, Open, over_http, profiles

expect.set_options(timeout=PATIENCE)
Demo = Callable[[str], AbstractContextManager[Server | Nodes]]


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    """`demo(name)`: a server of its own with the demo company, which is loaded once a runner and copied."""
    loaded = tmp_path_factory.mktemp("demo") / "data"
    assert Server(loaded, "--demo").ready().stop() == 0
    if engines.is_postgres():  # a proxy ends demo logins: they are for the machine itself
        with engines.by_hand(loaded) as hand:
            hand.execute("UPDATE users SET demo = 0")

    @contextmanager
    def started(name: str) -> Iterator[Server | Nodes]:
        folder = engines.copy(loaded, tmp_path_factory.mktemp(name) / "data")
        server = serve(folder, "--demo")
        try:
            yield server.ready()
        finally:
            server.stop()

    return started


@pytest.fixture(scope="session")
def hub(demo: Demo) -> Iterator[str]:
    with demo("hub") as server:
        yield server.url


@pytest.fixture(scope="module")
def house(demo: Demo, request: pytest.FixtureRequest) -> Iterator[str]:
    """A server of the module's own, for who changes what others would look at."""
    with demo(request.module.__name__.rpartition(".")[2]) as server:
        yield server.url


@pytest.fixture
def lead(house: str) -> Iterator[httpx.Client]:
    """The house's supervisor over HTTP."""
    with over_http(house) as client:
        yield client


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as play:
        started = play.chromium.launch(executable_path=chromium(), args=list(FLAGS))
        yield started
        started.close()


@pytest.fixture
def window(browser: Browser, hub: str) -> Iterator[Open]:
    """`window(lang, size, js=…, **context)`: a page of a fresh browser profile. What it complained of fails the test."""
    with profiles(browser, base_url=hub) as opened:
        yield opened


@pytest.fixture
def light(browser: Browser) -> Iterator[Open]:
    """As `window`, for a server of one's own: no demo is loaded, and no worker fetches the whole app first."""
    with profiles(browser, "service worker", service_workers="block") as opened:
        yield opened


@pytest.fixture(scope="session")
def shipped(hub: str) -> dict[str, Any]:
    """A shipped order of the demo, as the API tells it to sales."""
    with httpx.Client(base_url=hub, timeout=20) as client:
        client.post("/api/login", json={"user": "sales", "password": "demo"}).raise_for_status()
        found = client.get("/api/orders", params={"state": "shipped", "limit": 1}).json()["items"]
    order: dict[str, Any] = found[0]
    return order
