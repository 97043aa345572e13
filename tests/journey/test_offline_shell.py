"""The app opens with the server really gone, and a newer one comes in whole, between tasks, by somebody's word.

Real Chromium, real server processes that are stopped and started anew on the same port with another copy of `pwa/`.
"""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Error, Page, Response, expect

from api.shell.assets import read_build
from tests.support.copied import copied, copy
from tests.support.server import Nodes, Server, free_port
from tests.support.windows import PATIENCE, until

pytestmark = pytest.mark.journey
OPENED = ("/", "/app", "/app/orders", "/app/board/HD260122-00017", "/s/LA0103V", "/S/LA0103V")
PASSED = (
    "/t/x",
    "/api/me",
    "/docs",
    "/openapi.json",
    "/sw.js",
    "/qr/bins.pdf",
    "/metrics",
    "/s/",
    "/application",
)
# What the page's own module says; the same instance as the app's.
MODULE = "import(`/pwa/${document.documentElement.dataset.build}/src/update.js`)"
WORKERS = """navigator.serviceWorker.getRegistration().then((found) => found &&
  ({active: Boolean(found.active), waiting: Boolean(found.waiting), installing: Boolean(found.installing)}))"""
WRITE = """new Promise((done) => {
  const asked = indexedDB.open("queue-of-a-test", 1);
  asked.onupgradeneeded = () => asked.result.createObjectStore("ops");
  asked.onsuccess = () => {
    const change = asked.result.transaction("ops", "readwrite");
    change.objectStore("ops").put({ kind: "pick", qty: 4 }, "D1:1");
    change.oncomplete = () => { asked.result.close(); done(true); };
  };
})"""
READ = """new Promise((done) => {
  const asked = indexedDB.open("queue-of-a-test", 1);
  asked.onsuccess = () => {
    const read = asked.result.transaction("ops").objectStore("ops").getAll();
    read.onsuccess = () => { asked.result.close(); done(read.result); };
  };
})"""
KEPT = [{"kind": "pick", "qty": 4}]


class Hub:
    """One address; which copy of the app stands behind it changes. `hub.serve(folder)`, `hub.gone()`."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port, self.count = folder, free_port(), 0
        self.server: Server | Nodes | None = None
        self.url = f"http://127.0.0.1:{self.port}"

    def serve(self, pwa: Path, *words: str) -> str:
        """The build's id."""
        self.gone()
        self.count += 1
        self.server = copied(self.folder / f"data{self.count}", pwa, *words, port=self.port).ready()
        return read_build(pwa).id

    def gone(self) -> None:
        if self.server is not None:
            self.server.stop()
            self.server = None


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Hub]:
    made = Hub(tmp_path)
    yield made
    made.gone()


@pytest.fixture(scope="module")
def builds(tmp_path_factory: pytest.TempPathFactory) -> Callable[[int], Path]:
    """`builds(2)`: the second build's folder."""
    folder = tmp_path_factory.mktemp("builds")
    made = {n: copy(folder / str(n), f"build {n}") for n in (1, 2, 3)}
    return made.__getitem__


@pytest.fixture
def profile(browser: Browser, hub: Hub) -> Iterator[BrowserContext]:
    context = browser.new_context(base_url=hub.url, locale="zh-CN")
    context.set_default_timeout(PATIENCE)
    yield context
    context.close()


def went(page: Page, path: str) -> Response:
    answer = page.goto(path)
    assert answer is not None
    return answer


def installed(page: Page) -> None:
    """The page is under a worker that has everything."""
    until(page, "navigator.serviceWorker.controller !== null")
    until(page, f"{MODULE}.then((m) => m.offline.value === 'ready')")


def runs(page: Page) -> str:
    found: str = page.evaluate("document.documentElement.dataset.build")
    return found


def update(page: Page) -> str:
    found: str = page.evaluate(f"{MODULE}.then((m) => m.update.value)")
    return found


def waits(page: Page) -> None:
    until(page, f"{MODULE}.then((m) => m.update.value === 'waiting')")


def becomes(page: Page, build: str) -> None:
    expect(page.locator("html")).to_have_attribute("data-build", build)
    expect(page.locator("#app main").first).to_be_visible()


def keeps(page: Page, *builds: str) -> None:
    """These caches and no others: a new worker takes the pages over first, and then throws away what nobody runs."""
    names = json.dumps([f"shell-{build}" for build in builds])
    until(
        page,
        f"caches.keys().then((found) => JSON.stringify(found.sort()) === JSON.stringify({names}.sort()))",
    )


def drawn(page: Page) -> None:
    expect(page.locator("#app main").first).to_be_visible()
    expect(page.locator("link[rel=stylesheet]").first).to_be_attached()
    assert page.evaluate("[...document.styleSheets].every((sheet) => sheet.cssRules.length > 0)")


def test_the_app_opens_with_the_server_gone(
    hub: Hub, profile: BrowserContext, builds: Callable[[int], Path]
) -> None:
    build, page = hub.serve(builds(1)), profile.new_page()
    here = read_build(builds(1)).files
    lost: list[str] = []
    went(page, "/")
    installed(page)
    for path in PASSED:  # with the server there, too
        assert not went(page, path).from_service_worker, path
    went(page, "/")
    with page.expect_response("**/api/me") as asked:
        page.evaluate("fetch('/api/me').then((answer) => answer.status)")
    assert (asked.value.status, asked.value.from_service_worker) == (401, False)
    hub.gone()
    page.on("requestfailed", lambda one: lost.append(one.url) if one.failure != "net::ERR_ABORTED" else None)
    for path in OPENED:
        answer = went(page, path)
        assert answer.from_service_worker, path
        assert "default-src 'self'" in answer.headers["content-security-policy"]
        assert page.url == hub.url + path
        assert runs(page) == build
        drawn(page)
        page.reload()
        drawn(page)
    went(page, "/app/kit")  # a room that nobody has opened before
    expect(page.locator("h1").first).to_be_visible()
    assert [url for url in lost if url.partition(f"/pwa/{build}/")[2] in here] == []
    for path in PASSED:
        with pytest.raises(Error, match="ERR_CONNECTION_REFUSED"):
            page.goto(path)


def test_every_file_is_on_the_device_and_right(
    hub: Hub, profile: BrowserContext, builds: Callable[[int], Path]
) -> None:
    build, page = hub.serve(builds(1)), profile.new_page()
    went(page, "/")
    installed(page)
    hub.gone()
    kept = page.evaluate(
        """async (name) => {
          const found = {};
          const cache = await caches.open(name);
          for (const request of await cache.keys()) {
            const body = await (await cache.match(request)).arrayBuffer();
            const sum = new Uint8Array(await crypto.subtle.digest("SHA-256", body));
            found[new URL(request.url).pathname] = Array.from(sum, (b) => ("0" + b.toString(16)).slice(-2)).join("");
          }
          return found;
        }""",
        f"shell-{build}",
    )
    listed = re.findall(r"JSON\.parse\('(.*)'\)", read_build(builds(1)).worker.body.decode())[0]
    assert kept == {f"/pwa/{build}/{path}": sha256 for path, sha256 in json.loads(listed).items()}


def test_a_wrong_byte_lets_nothing_in(
    hub: Hub, profile: BrowserContext, builds: Callable[[int], Path]
) -> None:
    first, page = hub.serve(builds(1)), profile.new_page()
    went(page, "/")
    installed(page)
    second = hub.serve(builds(2), "--spoil", "src/format.js")
    said = page.evaluate(
        """async () => {
          const found = await navigator.serviceWorker.getRegistration();
          const ended = new Promise((done) => found.addEventListener("updatefound", () => {
            const next = found.installing;
            next.addEventListener("statechange", () => done(next.state));
          }));
          await found.update().catch(() => undefined);
          return ended;
        }"""
    )
    assert said == "redundant"
    keeps(page, first)
    assert update(page) == ""
    page.reload()
    assert runs(page) == first
    hub.gone()
    page.reload()
    assert runs(page) == first
    drawn(page)
    assert hub.serve(builds(2)) == second
    page.reload()
    waits(page)
    assert runs(page) == first


def test_a_newer_build_waits_for_a_tap_and_for_the_task(
    hub: Hub, profile: BrowserContext, builds: Callable[[int], Path]
) -> None:
    first, page = hub.serve(builds(1)), profile.new_page()
    went(page, "/")
    installed(page)
    assert page.evaluate(WRITE)
    second = hub.serve(builds(2))
    assert len({first, second}) == 2
    fetched: list[str] = []
    profile.on("request", lambda one: fetched.append(one.url) if f"/pwa/{second}/" in one.url else None)
    page.reload()
    waits(page)
    # Unchanged files were taken from the older cache; the page names its build, so it was not.
    # What a worker fetches is told by another connection than what a page says.
    for _ in range(400):
        if len(fetched) >= 2:
            break
        page.evaluate("new Promise((done) => setTimeout(done, 50))")
    assert sorted(url.rpartition(f"{second}/")[2] for url in fetched) == ["index.html", "src/format.js"]
    expect(page.get_by_role("button", name="换新版本")).to_be_visible()
    for _ in range(2):  # never by itself
        page.reload()
        waits(page)
        assert runs(page) == first
        assert page.evaluate(WORKERS) == {"active": True, "waiting": True, "installing": False}
    page.evaluate(f"{MODULE}.then((m) => {{ m.setBusy(true); m.applyUpdate(); window.stays = true; }})")
    page.evaluate(f"{MODULE}.then((m) => m.setBusy(true))")
    assert page.evaluate("window.stays") is True
    assert page.evaluate(WORKERS)["waiting"] is True
    page.evaluate(f"{MODULE}.then((m) => {{ setTimeout(() => m.setBusy(false)); }})")
    becomes(page, second)
    assert update(page) == ""
    assert page.evaluate(WORKERS) == {"active": True, "waiting": False, "installing": False}
    keeps(page, first, second)  # the page that asked still ran the first one
    assert page.evaluate(READ) == KEPT
    hub.gone()
    went(page, "/app/kit")
    expect(page.locator("h1").first).to_be_visible()
    assert runs(page) == second
    third = hub.serve(builds(3))
    went(page, "/")
    waits(page)
    page.get_by_role("button", name="换新版本").click()
    becomes(page, third)
    keeps(page, second, third)
    assert page.evaluate(READ) == KEPT


def test_another_tab_goes_on_with_its_own_build(
    hub: Hub, profile: BrowserContext, builds: Callable[[int], Path]
) -> None:
    first, one, two = hub.serve(builds(1)), profile.new_page(), profile.new_page()
    for page in (one, two):
        went(page, "/")
        installed(page)
    second = hub.serve(builds(2))
    one.reload()
    for page in (one, two):
        waits(page)
    two.evaluate(f"{MODULE}.then((m) => m.setBusy(true))")
    one.evaluate(f"{MODULE}.then((m) => {{ setTimeout(m.applyUpdate); }})")
    becomes(one, second)
    waits(two)
    assert runs(two) == first
    late = f"import('/pwa/{first}/src/living/room.js').then((m) => typeof m.Room)"  # only a cache has it now
    assert two.evaluate(late) == "function"
    two.evaluate(f"{MODULE}.then((m) => m.setBusy(false))")
    assert runs(two) == first
    two.evaluate(
        """() => {
          Object.defineProperty(document, "hidden", { get: () => true });
          setTimeout(() => document.dispatchEvent(new Event("visibilitychange")));
        }"""
    )
    becomes(two, second)


def test_switched_off_the_worker_goes_and_the_queue_stays(
    hub: Hub, profile: BrowserContext, builds: Callable[[int], Path]
) -> None:
    hub.serve(builds(1))
    page = profile.new_page()
    went(page, "/")
    installed(page)
    assert page.evaluate(WRITE)
    hub.serve(builds(2), "--off")
    page.reload()
    until(
        page,
        "navigator.serviceWorker.getRegistrations().then((all) => all.length === 0)"
        ".then((none) => none && caches.keys().then((names) => names.length === 0))",
    )
    answer = went(page, "/")
    assert not answer.from_service_worker
    until(page, f"{MODULE}.then((m) => m.offline.value === 'off')")
    assert page.evaluate(READ) == KEPT
    hub.gone()
    with pytest.raises(Error, match="ERR_CONNECTION_REFUSED"):
        page.goto("/")
    build = hub.serve(builds(1))  # and on again
    went(page, "/")
    installed(page)
    keeps(page, build)


def test_without_https_the_page_says_so(
    hub: Hub, profile: BrowserContext, builds: Callable[[int], Path]
) -> None:
    hub.serve(builds(1))
    profile.add_init_script("Object.defineProperty(window, 'isSecureContext', { value: false })")
    page = profile.new_page()
    went(page, "/")
    until(page, f"{MODULE}.then((m) => m.offline.value === 'insecure')")
    drawn(page)
    assert page.evaluate("navigator.serviceWorker.getRegistrations().then((all) => all.length)") == 0
    # Nothing is kept here: a room of a build that the server no longer has is found by beginning anew.
    second = hub.serve(builds(2))
    page.evaluate(
        """() => {
          history.pushState(null, "", "/app/kit");
          window.dispatchEvent(new PopStateEvent("popstate"));
        }"""
    )
    becomes(page, second)
    expect(page.locator("h1").first).to_be_visible()
    assert page.url == f"{hub.url}/app/kit"
