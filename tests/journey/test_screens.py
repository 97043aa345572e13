"""Every screen of the table in a real Chromium: nothing overflows, nothing is too small to read or to press, nothing is
cut at 200 % text, axe is clean by day and by night. Each leaves its picture in `$SHOTS`, for people to look at.
"""

import os
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urljoin

import httpx
import pytest
from playwright.sync_api import Browser, Page, Route, expect

from api.kernel.time import wall_clock
from tests.support import engines
from tests.support.axe import settle, violations
from tests.support.company import furnish
from tests.support.floor_page import Floor
from tests.support.looks import defects, defects_enlarged
from tests.support.plant import Plant
from tests.support.screens import SIZES, Screen, id_of, views
from tests.support.seats import Seats
from tests.support.server import serve

pytestmark = pytest.mark.journey
VIEWS = views()
NIGHT = """() => {
  document.documentElement.setAttribute("data-theme", "dark");
  document.getAnimations().forEach((one) => one.finish());
}"""
WHO = re.compile(r"/api/(me|login|logout)$")
REFUSAL = {
    "type": "about:blank", "title": "fault", "status": 500, "code": "fault",
    "detail": "服务器出错了，已记下。", "why": "服务器出错了，已记下。", "instance": "/",
}  # fmt: skip


class Hub:
    """A server and the cookies of who signed in there."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._cookies: dict[str, dict[str, str]] = {}

    def cookies(self, role: str) -> dict[str, str]:
        if role not in self._cookies:
            with httpx.Client(base_url=self.url, timeout=20) as client:
                client.post("/api/login", json={"user": role, "password": "demo"}).raise_for_status()
                self._cookies[role] = dict(client.cookies)
        return self._cookies[role]


@pytest.fixture(scope="session")
def full(hub: str) -> Hub:
    return Hub(hub)


@pytest.fixture(scope="session")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    """People, goods and bins; not one order, and no channel that could bring one."""
    folder = tmp_path_factory.mktemp("empty") / "data"
    db = engines.opened(folder)
    try:
        db.writer.now(lambda tx: furnish(tx, wall_clock()))
    finally:
        db.stop()
    server = serve(folder)
    try:
        yield Hub(server.ready().url)
    finally:
        server.stop()


@pytest.fixture(scope="session")
def facts(full: Hub) -> dict[str, str]:
    """Order numbers and customers' links of the demo that paths may name."""
    found = {}
    with httpx.Client(base_url=full.url, timeout=20) as client:
        token = client.post("/api/login", json={"user": "owner", "password": "demo"}).json()["token"]
        client.headers["Authorization"] = f"Bearer {token}"
        for name, query in {
            "shipped": {"state": "shipped"},
            "delivered": {"state": "delivered"},
            "stuck": {"colour": "red"},
        }.items():
            found[name] = client.get("/api/orders", params={**query, "limit": 1}).json()["items"][0][
                "order_no"
            ]
        for name, order in (("link", "shipped"), ("link_done", "delivered")):
            found[name] = client.post(f"/api/orders/{found[order]}/tracking-link").json()["url"]
    return found


@pytest.fixture(scope="session")
def shots() -> Path | None:
    """Where pictures go, if anybody wants to look at them."""
    given = os.environ.get("SHOTS", "")
    if not given:
        return None
    folder = Path(given)
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture(scope="module")
def seats(browser: Browser) -> Seats:
    return Seats(browser, reduced_motion="reduce")


def refused(route: Route) -> None:
    if WHO.search(route.request.url):
        route.continue_()
    else:
        route.fulfill(status=500, json=REFUSAL, headers={"content-type": "application/problem+json"})


def unanswered(route: Route) -> None:
    if WHO.search(route.request.url):
        route.continue_()
    else:
        route.abort("connectionrefused")


@pytest.fixture(scope="session")
def plant(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plant]:
    """Three parts on three shelves, and a walk of three stops."""
    made = Plant(tmp_path_factory.mktemp("plant") / "data", stock=5_000)
    yield made
    made.api.close()
    made.stop()


def open_screen(page: Page, one: Screen, hub: Hub, facts: dict[str, str]) -> None:
    if one.role:
        for name, value in hub.cookies(one.role).items():
            page.context.add_cookies([{"name": name, "value": value, "url": hub.url}])
    if one.state in ("error", "away"):
        page.route("**/api/**", refused if one.state == "error" else unanswered)
    page.goto(urljoin(hub.url, one.path.format(**facts)))
    expect(page.locator(one.ready).first).to_be_visible()
    one.then(page)


def open_device(page: Page, one: Screen, size: str, lang: str, plant: Plant) -> None:
    """Enrolled and handed to someone in Chinese, then in the language that is asked for; two orders wait."""
    waiting = plant.api.get("/api/orders", params={"colour": "green"}).json()["items"]
    for n in range(2 - len(waiting)):
        plant.sends(f"{id_of((one, size, lang))}-{n}", ("BP-1023", 4), ("BP-1032", 2), ("OF-2001", 12))
    if one.role == "device":
        Floor(page).enrol(plant.card(), base=plant.url)
        expect(page.locator(".pick-next")).to_be_visible()
    else:
        page.goto(f"{plant.url}/app/pick")
    page.evaluate("(to) => localStorage.setItem('lang', to)", lang[:2])
    page.goto(plant.url + one.path)
    expect(page.locator(one.ready).first).to_be_visible()
    one.then(page)


def picture(page: Page, shots: Path | None, name: str) -> None:
    if shots is not None:
        page.screenshot(path=shots / f"{name}.png")


@pytest.mark.parametrize("view", VIEWS, ids=map(id_of, VIEWS))
def test_a_screen_is_sound(
    view: tuple[Screen, str, str],
    seats: Seats,
    full: Hub,
    facts: dict[str, str],
    shots: Path | None,
    request: pytest.FixtureRequest,
) -> None:
    one, size, lang = view
    is_device = one.role.endswith("device")  # which is handed over in Chinese
    with seats.taken("zh-CN" if is_device else lang, one.init) as page:
        page.set_viewport_size(SIZES[size])
        page.emulate_media(color_scheme="light")
        if is_device:
            open_device(page, one, size, lang, request.getfixturevalue("plant"))
        else:
            hub = request.getfixturevalue("empty") if one.state == "empty" else full
            open_screen(page, one, hub, facts)
        settle(page)
        picture(page, shots, id_of(view))
        found = defects(page, **one.floors(size)) + violations(page)
        if lang == "zh-CN":
            page.emulate_media(color_scheme="dark")  # the customer's page follows the phone
            page.evaluate(NIGHT)  # the app its own switch
            picture(page, shots, f"{id_of(view)}-dark")
            found += [f"by night: {breach}" for breach in violations(page)]
            found += defects_enlarged(page)
        assert not found, "\n".join(found)
