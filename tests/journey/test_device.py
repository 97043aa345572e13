"""Offline picking in a real browser against a real server: what is recorded is on disk, comes to the server once, and
is neither lost nor counted twice by any way in which a network, a server, a browser or a clock can fail.
"""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route

from tests.journey.conftest import Demo
from tests.support.device import DevicePage, Office
from tests.support.windows import PATIENCE

pytestmark = pytest.mark.journey


@pytest.fixture(scope="module")
def url(demo: Demo) -> Iterator[str]:
    with demo("device") as server:
        yield server.url


@pytest.fixture(scope="module")
def office(url: str) -> Iterator[Office]:
    made = Office(url)
    yield made
    made.client.close()


@pytest.fixture
def context(browser: Browser, url: str) -> Iterator[BrowserContext]:
    made = browser.new_context(base_url=url, service_workers="block")
    made.set_default_timeout(PATIENCE)
    FAULTS[made] = {}
    made.route("**/sync/*", meddle)
    yield made
    made.unroute_all(behavior="ignoreErrors")
    made.close()
    del FAULTS[made]


# by context and path: who answers in the server's place. A route stays, since taking it away races with what runs in it.
FAULTS: dict[BrowserContext, dict[str, Callable[[Route], None]]] = {}


def meddle(route: Route) -> None:
    page = route.request.frame.page
    paths = FAULTS[page.context]
    answer = next((paths[path] for path in paths if path in route.request.url), None)
    if answer is None:
        route.continue_()
    else:
        answer(route)


def answers(page: Page, path: str, answer: Callable[[Route], None] | None) -> None:
    """From now on `path` is answered by `answer`; None = as ever."""
    paths = FAULTS[page.context]
    paths.pop(path, None)
    if answer is not None:
        paths[path] = answer


def opened(context: BrowserContext, **given: Any) -> DevicePage:
    page = context.new_page()
    page.goto("/")
    return DevicePage(page, **given)


@pytest.fixture
def device(context: BrowserContext, office: Office) -> DevicePage:
    made = opened(context)
    made.enrol(office.card())
    return made


def counted(page: Page, path: str) -> list[str]:
    """The bodies of all requests to a path, as they leave."""
    bodies: list[str] = []
    page.context.on(
        "request", lambda asked: bodies.append(asked.post_data or "") if path in asked.url else None
    )
    return bodies


def away(route: Route) -> None:
    route.abort("internetdisconnected")


def lost_answer(route: Route) -> None:
    """The server has done it; nobody hears so."""
    route.fetch()
    route.abort("connectionreset")


def ordered(office: Office, device: DevicePage, qty: int = 4) -> str:
    """A new order that the device knows."""
    order = office.order(qty)
    device.pull()
    device.until("d.tasks.value.some((task) => task.order_no === f)", order)
    return order


SPY = """() => {
  window.modes = [];
  const whole = IDBDatabase.prototype.transaction;
  IDBDatabase.prototype.transaction = function (stores, mode, options) {
    const tx = whole.call(this, stores, mode, options);
    if (mode === 'readwrite' && this.name === 'test-queue') {
      const one = {stores: [].concat(stores), durability: tx.durability, complete: false};
      tx.addEventListener('complete', () => { one.complete = true; });
      modes.push(one);
    }
    return tx;
  };
}"""


def test_a_pick_is_on_disk_before_anybody_is_told(device: DevicePage, office: Office) -> None:
    order = ordered(office, device)
    answers(device.page, "/sync/push", away)
    device.page.evaluate(SPY)
    said = device.page.evaluate(
        """(order) => {
          const told = [];
          const look = () => told.push(modes.find((one) => one.stores.includes('ops')).complete);
          return device.record({kind: 'pick', order_no: order, line_no: 1, qty: 2}, look)
            .then((op) => { look(); return {op, told}; });
        }""",
        order,
    )
    assert said["told"] == [True, True]  # what draws the tick, and who waits
    assert len(said["op"]) == 12
    written = device.ask("modes")
    assert [one for one in written if "ops" in one["stores"]]
    assert {one["durability"] for one in written} == {"strict"}
    assert device.line(order)["picked"] == 2
    device.until("d.chip.value.kind === 'saved'")


def test_an_aborted_write_is_a_no_and_says_so(device: DevicePage, office: Office) -> None:
    order = ordered(office, device)
    device.page.evaluate(
        """() => { const add = IDBObjectStore.prototype.add;
          IDBObjectStore.prototype.add = function (value) {
            const asked = add.call(this, value);
            asked.addEventListener('success', () => this.transaction.abort());
            return asked; }; }"""
    )
    assert device.record(order) == {"code": "not_stored"}
    assert device.ask("d.broken.value.reason") == "not_stored"
    assert device.ask("d.chip.value.kind") == "broken"
    assert device.record(order) == {"code": "broken"}
    assert device.line(order)["picked"] == 0


def test_an_answer_lost_after_the_commit_counts_once(device: DevicePage, office: Office) -> None:
    order = ordered(office, device)
    bodies = counted(device.page, "/sync/push")
    answers(device.page, "/sync/push", lost_answer)
    device.record(order, qty=3)
    device.until("d.state.value.is_stuck")
    device.pull()
    # The picture holds the op already, its answer has not come: it shows once.
    assert office.counts(order) == (3, 0)
    assert device.line(order)["picked"] == 3
    assert device.ask("d.queue.value.unsent") == 1
    answers(device.page, "/sync/push", None)
    device.empty()
    device.pull()
    assert office.counts(order) == (3, 0)
    assert device.line(order)["picked"] == 3
    assert len(bodies) >= 2
    assert len(set(bodies)) == 1  # sent again exactly as it was
    assert device.ask("d.queue.value.rows[0].result.verdict") == "applied"


@pytest.mark.parametrize(
    ("status", "kind", "body"),
    [
        (500, "text/html", "<h1>Bad gateway</h1>"),
        (200, "text/html", "<html>Welcome to this network</html>"),
        (200, "application/json", '{"results":[{"id":"'),
        (200, "application/json", '{"results":[],"epoch":"x","server_time":"2026-01-22T10:00:00+08:00"}'),
        (200, "application/json", "[]"),
        (403, "text/html", "forbidden"),
    ],
)
def test_what_is_not_the_servers_word_decides_nothing(
    device: DevicePage, office: Office, status: int, kind: str, body: str
) -> None:
    order = ordered(office, device)
    answers(
        device.page, "/sync/push", lambda route: route.fulfill(status=status, content_type=kind, body=body)
    )
    device.record(order, qty=2)
    device.until("d.state.value.is_stuck")
    assert device.ask("d.queue.value.unsent") == 1
    assert device.ask("d.queue.value.rows[0].standing") in ("waiting", "sending")
    assert device.ask("d.state.value.signed_out") is False
    answers(device.page, "/sync/push", None)
    device.empty()  # no new write, nobody pressed anything: the timer alone
    assert office.counts(order) == (2, 0)


def test_after_the_faults_a_queue_empties_by_itself(device: DevicePage, office: Office) -> None:
    order = ordered(office, device, 40)
    for path in ("/sync/push", "/sync/pull"):
        answers(device.page, path, away)
    for _ in range(12):
        device.record(order)
    device.until("!d.state.value.is_up && d.chip.value.kind === 'saved'")
    assert device.ask("d.chip.value.n") == 12
    for path in ("/sync/push", "/sync/pull"):
        answers(device.page, path, None)
    device.empty()
    device.until("d.chip.value.kind === 'synced'")
    assert office.counts(order) == (12, 0)


def test_quick_picks_leave_together_when_the_hand_rests(context: BrowserContext, office: Office) -> None:
    device = opened(context, slow=[600])
    device.enrol(office.card())
    order = ordered(office, device)
    bodies = counted(device.page, "/sync/push")
    device.page.evaluate(
        """async (order) => {
          for (let n = 0; n < 3; n += 1) await device.record({kind: 'pick', order_no: order, line_no: 1, qty: 1});
        }""",
        order,
    )
    device.empty()
    assert office.counts(order) == (3, 0)
    assert len(bodies) == 1


def test_two_tabs_send_once_and_show_the_same(
    context: BrowserContext, device: DevicePage, office: Office
) -> None:
    order = ordered(office, device)
    other = opened(context)
    other.until("d.state.value.is_fresh")
    bodies: list[str] = []  # of what comes through to the server

    def through(route: Route) -> None:
        bodies.append(route.request.post_data or "")
        route.continue_()

    answers(device.page, "/sync/push", away)
    device.record(order, qty=1)
    other.record(order, qty=2)
    for tab in (device, other):
        tab.until("d.queue.value.unsent === 2")
        tab.until("d.tasks.value.find((t) => t.order_no === f).lines[0].picked === 3", order)
    answers(device.page, "/sync/push", through)
    device.page.evaluate("void device.pushNow()")
    other.page.evaluate("void device.pushNow()")
    for tab in (device, other):
        tab.empty()
    assert office.counts(order) == (3, 0)
    assert len([body for body in bodies if '"qty":1' in body and '"qty":2' in body]) == 1
    numbers = device.ask("d.ops().map((row) => row.id.split(':')[1])")
    assert sorted(numbers) == ["1", "2"]


def test_without_web_locks_a_lease_keeps_tabs_apart(context: BrowserContext, office: Office) -> None:
    order = office.order()
    first = opened(context, unlocked=True)
    first.enrol(office.card())
    other = opened(context, unlocked=True)
    first.record(order, qty=1)
    other.record(order, qty=2)
    for tab in (first, other):
        tab.empty()
    assert office.counts(order) == (3, 0)


def test_a_refused_token_keeps_everything_and_a_new_card_sends_it(device: DevicePage, office: Office) -> None:
    order = ordered(office, device)
    before = device.ask("d.state.value.device")
    answers(device.page, "/sync/push", away)
    device.record(order, qty=1)
    office.client.delete(f"/api/devices/{before}").raise_for_status()
    answers(device.page, "/sync/push", None)
    device.until("d.state.value.signed_out")
    assert "value" in device.record(order, qty=2)  # recording goes on
    device.until("d.queue.value.unsent === 2 && d.chip.value.kind === 'saved'")
    after = device.enrol(office.card())
    assert after != before
    device.empty()  # the old queue goes by the old key's signature
    assert device.ask("d.state.value.signed_out") is False
    assert "value" in device.record(order, qty=1)
    device.empty()
    device.pull()
    assert office.counts(order) == (4, 0)
    assert device.line(order)["picked"] == 4
    assert device.ask("d.ops().map((row) => row.device)") == [after, before, before]


def test_a_hold_arrives_while_the_push_is_stuck(device: DevicePage, office: Office) -> None:
    order = ordered(office, device)
    answers(device.page, "/sync/push", lambda route: route.fulfill(status=500, body="oh"))
    device.record(order, qty=2, bin=office.bin())
    assert device.line(order)["picked"] == 2
    office.post(f"/api/orders/{order}/hold", {"reason": "客户改地址"})
    device.until("d.gone.value.some((one) => one.order_no === f && one.why === 'held')", order)
    assert device.line(order) is None
    conflict = f"{order}/-/held"
    found = device.ask("d.conflicts.value.find((one) => one.id === f)", conflict)
    assert (found["is_known"], found["settled"], found["answer"]) == (False, None, None)
    assert [op["qty"] for op in found["mine"]] == [2]
    assert device.ask("d.queue.value.rows[0].standing") == "care"
    assert device.ask("d.gone.value.find((one) => one.order_no === f).task.lines[0].picked", order) == 2

    device.page.evaluate("(id) => device.settle(id, 'keep')", conflict)
    assert device.ask("d.queue.value.care") == 0
    assert device.ask("d.queue.value.unsent") == 2  # the pick and the answer
    answers(device.page, "/sync/push", None)
    device.empty()
    device.until("!d.conflicts.value.some((one) => one.id === f && one.settled === null)", conflict)
    rows = office.client.get("/api/conflicts?status=settled&limit=200").json()["items"]
    settled = next(row for row in rows if row["id"] == conflict)
    assert settled["settled"]["choice"] == "keep"
    assert settled["settled"]["by"] == "picker"
    office.post(f"/api/orders/{order}/lift")
    device.until("d.tasks.value.some((one) => one.order_no === f)", order)
    assert device.line(order)["picked"] == 2


def test_an_op_that_the_server_cannot_take_does_not_hold_up_the_others(
    device: DevicePage, office: Office
) -> None:
    bad, good = ordered(office, device), ordered(office, device)

    def choke(route: Route) -> None:
        if bad in (route.request.post_data or ""):
            body = '{"type":"about:blank","status":500,"code":"fault"}'
            route.fulfill(status=500, content_type="application/problem+json", body=body)
        else:
            route.continue_()

    answers(device.page, "/sync/push", choke)
    device.record(good)
    device.record(bad)
    device.record(good)
    device.until("d.queue.value.unsent === 1")
    assert office.counts(good) == (2, 0)
    assert device.ask("d.queue.value.rows.find((row) => row.result === null).op.order_no") == bad
    answers(device.page, "/sync/push", None)
    device.empty()
    assert office.counts(bad) == (1, 0)


def test_refused_ops_are_care_until_somebody_has_looked(device: DevicePage, office: Office) -> None:
    order = ordered(office, device)
    device.record("HD000101-00001")
    device.record(order)
    device.until("d.chip.value.kind === 'care'")
    device.empty()
    row = device.ask("d.ops().find((row) => row.standing === 'care')")
    assert (row["result"]["verdict"], row["result"]["code"]) == ("refused", "unknown_order")
    assert row["result"]["why"]
    device.page.evaluate("(id) => device.noted(id)", row["id"])
    device.until("d.queue.value.care === 0")
    assert device.ask("d.ops().length") == 2


def test_a_void_and_a_pick_show_before_and_after_the_server_knows(device: DevicePage, office: Office) -> None:
    order = ordered(office, device)
    first = device.record(order, qty=3)["value"]
    device.empty()
    answers(device.page, "/sync/push", away)
    device.record(order, kind="void", qty=0, target=first["id"])
    assert device.line(order)["picked"] == 0
    device.record(order, qty=2)
    device.record(order, kind="short", qty=1)
    assert (device.line(order)["picked"], device.line(order)["short"]) == (2, 1)
    answers(device.page, "/sync/push", None)
    device.empty()
    device.pull()
    assert (device.line(order)["picked"], device.line(order)["short"]) == (2, 1)
    assert device.line(order)["mine"] == 0
    assert office.counts(order) == (2, 1)


def test_what_is_malformed_is_never_recorded(device: DevicePage, office: Office) -> None:
    order = ordered(office, device)
    assert device.record(order, qty=0) == {"code": "bad_qty"}
    assert device.record(order, kind="void", qty=0) == {"code": "target_missing"}
    assert device.record(order, kind="dance") == {"code": "unknown_kind"}
    assert device.record(order)["value"]["id"].endswith(":1")  # no number was used up
    device.page.evaluate("device.handOver('')")
    assert device.record(order) == {"code": "no_actor"}


def test_people_change_and_their_work_stays_theirs(device: DevicePage, office: Office) -> None:
    order = ordered(office, device)
    answers(device.page, "/sync/push", away)
    device.record(order)
    device.record(order)
    device.page.evaluate("device.handOver('supervisor')")
    device.record(order)
    assert device.ask("d.shares()") == [
        {"actor": "picker", "waiting": 2, "care": 0},
        {"actor": "supervisor", "waiting": 1, "care": 0},
    ]
    device.page.reload()
    again = DevicePage(device.page)
    assert again.ask("d.actor.value") == "supervisor"
    answers(device.page, "/sync/push", None)
    again.empty()
    assert again.ask("d.ops().map((row) => row.op.actor)") == ["supervisor", "picker", "picker"]


def test_a_clock_three_hours_off_is_told_and_nothing_is_refused(
    context: BrowserContext, office: Office
) -> None:
    order = office.order()
    device = opened(context, ahead=3 * 60 * 60 * 1000)
    device.enrol(office.card())
    device.until("d.state.value.clock_wrong")
    assert abs(device.ask("d.state.value.clock_off_ms") + 3 * 60 * 60 * 1000) < 5_000
    device.record(order, qty=2)
    device.empty()
    assert office.counts(order) == (2, 0)


def test_the_private_key_cannot_be_taken_out(device: DevicePage) -> None:
    kept = device.page.evaluate(
        """() => new Promise((resolve) => { const asked = indexedDB.open('test-queue');
          asked.onsuccess = () => { const all = asked.result.transaction('devices').objectStore('devices').getAll();
            all.onsuccess = () => { asked.result.close(); const key = all.result[0].keys.privateKey;
              resolve({extractable: key.extractable, usages: key.usages, name: key.algorithm.namedCurve}); }; }; })"""
    )
    assert kept == {"extractable": False, "usages": ["sign"], "name": "P-256"}
    assert device.ask("d.state.value.has_key") is True


def test_another_device_carries_a_queue(context: BrowserContext, browser: Browser, office: Office) -> None:
    dead = opened(context)
    dead.enrol(office.card())
    order = ordered(office, dead)
    answers(dead.page, "/sync/", away)
    for _ in range(3):
        dead.record(order)
    bundle = dead.page.evaluate("device.bundle()")
    assert (bundle["count"], bundle["left"]) == (3, 0)
    other = browser.new_context(base_url=str(office.client.base_url), service_workers="block")
    try:
        friend = opened(other)
        friend.enrol(office.card())
        given = {"bundle": bundle["bundle"], "sig": bundle["sig"]}
        assert friend.page.evaluate("(given) => device.carry(given)", given) == {"count": 3}
        assert office.counts(order) == (3, 0)
        spoiled = {**given, "sig": "A" * 86 + "=="}
        said = friend.page.evaluate("(given) => settled(device.carry(given))", spoiled)
        assert said == {"code": "bad_signature"}
    finally:
        other.close()
    answers(dead.page, "/sync/", None)
    dead.empty()
    dead.pull()
    assert dead.line(order)["picked"] == 3
    assert office.counts(order) == (3, 0)


def test_without_a_secure_origin_a_device_has_no_key_and_says_so(
    context: BrowserContext, office: Office
) -> None:
    context.add_init_script("Object.defineProperty(Crypto.prototype, 'subtle', {get: () => undefined})")
    order = office.order()
    device = opened(context)
    device.enrol(office.card())
    assert device.ask("d.state.value.has_key") is False
    device.record(order)
    device.empty()
    assert office.counts(order) == (1, 0)
    assert device.page.evaluate("settled(device.bundle())") == {"code": "no_key"}
