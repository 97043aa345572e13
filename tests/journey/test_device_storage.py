"""What a device's storage goes through: a battery that falls out, a database that does not open, a browser that throws
it away, a newer app in another tab, a server restored from yesterday's backup, a card of another warehouse.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Playwright, sync_playwright

from tests.journey.conftest import Demo
from tests.support.browser import FLAGS, chromium
from tests.support.device import DevicePage, Office
from tests.support.pda import Pda
from tests.support.server import Nodes, Server, command, serve
from tests.support.windows import PATIENCE

pytestmark = pytest.mark.journey


@pytest.fixture(scope="module")
def server(demo: Demo) -> Iterator[Server | Nodes]:
    with demo("storage") as started:
        yield started


@pytest.fixture(scope="module")
def office(server: Server | Nodes) -> Iterator[Office]:
    made = Office(server.url)
    yield made
    made.client.close()


@pytest.fixture(scope="module")
def play() -> Iterator[Playwright]:
    with sync_playwright() as playing:
        yield playing


@pytest.fixture(scope="module")
def browser(play: Playwright) -> Iterator[Browser]:
    started = play.chromium.launch(executable_path=chromium(), args=list(FLAGS))
    yield started
    started.close()


@pytest.fixture
def tab(browser: Browser, server: Server | Nodes) -> Iterator[Any]:
    """`tab()` opens another tab of one browser profile, at a page that has not opened the device yet."""
    context = browser.new_context(base_url=server.url, service_workers="block")
    context.set_default_timeout(PATIENCE)

    def opened(script: str = "") -> Any:
        page = context.new_page()
        page.goto("/")
        if script:
            page.evaluate(script)
        return page

    yield opened
    context.close()


def test_a_battery_that_falls_out_loses_nothing(
    play: Playwright, server: Server | Nodes, office: Office, tmp_path: Path
) -> None:
    order = office.order(20)
    pda = Pda(play, tmp_path / "pda")
    try:
        device = DevicePage(pda.start("/", server.url))
        number = device.enrol(office.card())
        device.page.evaluate("() => { window.fetch = () => Promise.reject(new TypeError('no network')); }")
        for n in range(1, 8):
            assert device.record(order)["value"]["id"] == f"{number}:{n}"
        pda.kill()
        assert office.counts(order) == (0, 0)
        again = DevicePage(pda.start("/", server.url))
        assert again.ask("d.broken.value") is None
        assert again.ask("d.actor.value") == "picker"
        again.empty()
        assert office.counts(order) == (7, 0)
        assert again.record(order)["value"]["id"] == f"{number}:8"  # no number is used twice
        again.empty()
        assert office.counts(order) == (8, 0)
    finally:
        pda.kill()


BACKING = """() => { IDBFactory.prototype.open = function () {
  const asked = new EventTarget();
  asked.error = new DOMException('Internal error opening backing store for indexedDB.open.', 'UnknownError');
  Object.defineProperty(asked, 'readyState', {value: 'done'});
  setTimeout(() => asked.dispatchEvent(new Event('error')));
  Object.setPrototypeOf(asked, IDBOpenDBRequest.prototype);
  Object.defineProperty(asked, 'error', {value: new DOMException('Internal error opening backing store for indexedDB.open.', 'UnknownError')});
  return asked; }; }"""
REFUSED = (
    """() => { IDBFactory.prototype.open = () => { throw new DOMException('denied', 'SecurityError'); }; }"""
)
NEVER = """() => { const open = IDBFactory.prototype.open;
  IDBFactory.prototype.open = function (name, version) { return open.call(this, name + '-other', version); };
  const later = window.setTimeout; window.setTimeout = (fn, ms) => later(fn, ms === 10000 ? 1 : ms);
  EventTarget.prototype.addEventListener = new Proxy(EventTarget.prototype.addEventListener, {apply(target, self, words) {
    return self instanceof IDBOpenDBRequest ? undefined : Reflect.apply(target, self, words); }}); }"""


@pytest.mark.parametrize(
    ("fault", "reason"),
    [(BACKING, "open_failed"), (REFUSED, "open_failed"), (NEVER, "timeout")],
    ids=["backing store", "refused", "never answers"],
)
def test_a_database_that_does_not_open_is_a_screen_not_a_spinner(tab: Any, fault: str, reason: str) -> None:
    device = DevicePage(tab(fault))  # it is there; nobody waits for ever
    assert device.ask("d.broken.value.reason") == reason
    assert device.ask("d.broken.value.detail")
    assert device.ask("d.chip.value") == {"kind": "broken", "n": 0, "at": None}
    assert device.record("HD1") == {"code": "broken"}
    assert device.page.evaluate("settled(device.enrol('X'))") == {"code": "broken"}


def test_a_full_disk_is_told_and_nothing_is_cleared(tab: Any, office: Office) -> None:
    device = DevicePage(tab())
    device.enrol(office.card())
    order = office.order()
    device.record(order)
    device.empty()
    device.page.evaluate(
        "() => { IDBObjectStore.prototype.add = () => { throw new DOMException('full', 'QuotaExceededError'); }; }"
    )
    assert device.record(order) == {"code": "not_stored"}
    assert device.ask("d.broken.value.reason") == "quota"
    assert device.ask("d.ops().length") == 1


def test_what_the_browser_threw_away_is_told(tab: Any, office: Office) -> None:
    page = tab()
    device = DevicePage(page)
    first = device.enrol(office.card())
    assert device.ask("d.state.value.storage_lost") is False
    device.page.evaluate("device.close()")
    page.evaluate(
        """() => new Promise((resolve, reject) => { const asked = indexedDB.deleteDatabase('test-queue');
          asked.onsuccess = resolve; asked.onerror = reject; })"""
    )
    again = DevicePage(page)
    assert again.ask("d.state.value.storage_lost") is True
    assert again.ask("d.state.value.is_enrolled") is False
    assert again.record("HD1") == {"code": "no_actor"}
    again.page.evaluate("device.handOver('picker')")
    assert again.record("HD1") == {"code": "not_enrolled"}
    assert again.enrol(office.card()) != first  # a new database is a new device
    again.page.evaluate("device.tellLoss()")
    page.reload()
    assert DevicePage(page).ask("d.state.value.storage_lost") is False


def test_a_database_without_its_mark_is_told_too(tab: Any, office: Office) -> None:
    page = tab()
    DevicePage(page).enrol(office.card())
    page.evaluate("localStorage.clear()")
    page.reload()
    assert DevicePage(page).ask("d.state.value.storage_lost") is False  # the other mark stands
    page.evaluate("localStorage.clear()")
    page.context.clear_cookies()
    page.reload()
    device = DevicePage(page)
    assert device.ask("d.state.value.storage_lost") is True
    assert device.ask("d.state.value.is_enrolled") is True


def test_a_newer_app_in_another_tab_is_not_blocked_and_the_older_says_so(tab: Any, office: Office) -> None:
    older = DevicePage(tab())
    older.enrol(office.card())
    newer = tab()
    stores = newer.evaluate(
        """() => new Promise((resolve, reject) => { const asked = indexedDB.open('test-queue', 99);
          asked.onupgradeneeded = () => asked.result.createObjectStore('newer');
          asked.onblocked = () => reject(new Error('blocked'));
          asked.onsuccess = () => resolve(Array.from(asked.result.objectStoreNames)); })"""
    )
    assert "ops" in stores  # additive: all is there
    assert older.record("HD1") == {"code": "not_stored"} or older.ask("d.broken.value") is not None
    assert older.ask("d.broken.value.reason") == "newer_version"


def test_a_cache_that_is_spoilt_is_made_anew_and_the_queue_is_not_touched(tab: Any, office: Office) -> None:
    page = tab()
    device = DevicePage(page)
    device.enrol(office.card())
    order = office.order()
    device.record(order)
    device.empty()
    device.page.evaluate("device.close()")
    page.evaluate(
        """() => new Promise((resolve, reject) => { const asked = indexedDB.deleteDatabase('test-cache');
          asked.onsuccess = () => { const anew = indexedDB.open('test-cache', 99);
            anew.onsuccess = () => { anew.result.close(); resolve(); }; }; asked.onerror = reject; })"""
    )
    again = DevicePage(page)
    assert again.ask("d.broken.value") is None
    again.until("d.tasks.value.some((task) => task.order_no === f && task.lines[0].picked === 1)", order)
    assert again.ask("d.ops().length") == 1


def test_a_restored_server_gets_again_what_it_has_lost(
    browser: Browser, server: Server | Nodes, office: Office, tmp_path: Path
) -> None:
    """The last here: afterwards the module's server is gone."""
    context = browser.new_context(base_url=server.url, service_workers="block")
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    page.goto("/")
    device = DevicePage(page)
    device.enrol(office.card())
    order = office.order(20)
    device.record(order, qty=1)
    device.empty()
    command("backup", "--data", str(server.folder), str(tmp_path / "yesterday"))
    device.record(order, qty=2)
    device.record(order, qty=3)
    device.empty()
    assert office.counts(order) == (6, 0)
    server.stop()
    device.until("!d.state.value.is_up")
    device.record(order, qty=4)
    command("restore", "--data", str(tmp_path / "data"), str(tmp_path / "yesterday"))
    again = serve(tmp_path / "data", port=server.port)
    try:
        again.ready()
        device.until(
            "d.tasks.value.some((t) => t.order_no === f && t.pending === 0 && t.lines[0].picked === 10)",
            order,
        )
        device.empty()
        assert office.counts(order) == (10, 0)
        assert [row["result"]["verdict"] for row in device.ask("d.ops()")] == ["applied"] * 4
    finally:
        context.close()
        again.stop()
