"""The loop, whole: a till's signed webhook, two boards, a device with no server that is killed and comes back, the parcel
packed, shipped and delivered from the screen, and the customer's page without a script."""

import json
import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from qr.codes import make
from tests.support import engines
from tests.support.browser import FLAGS, chromium
from tests.support.copied import copied, copy
from tests.support.pda import Pda
from tests.support.plant import PASSWORD, Plant
from tests.support.windows import DESK, sign_in, until

pytestmark = pytest.mark.journey
BIN_1 = "HTTPS://HUB.EXAMPLE.CN/S/LA0103V"


# How many processes a server has, and on what its company lies.
WAYS = {
    "one process": (1, engines.DEFAULT),
    "two processes": (2, engines.DEFAULT),
    "two nodes": (1, engines.POSTGRES),
}


@pytest.fixture
def plant(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Plant]:
    workers, engine = WAYS[getattr(request, "param", "one process")]
    engines.use(engine)
    made = Plant(tmp_path / "data", workers=workers)
    yield made
    made.close()
    engines.use(engines.DEFAULT)


def scan(page: Page, text: str) -> None:
    """A hardware wedge: the code as keys, then Enter."""
    page.keyboard.type(text)
    page.keyboard.press("Enter")


def enter(page: Page, plant: Plant, user: str, at: str) -> None:
    sign_in(page, user, PASSWORD, f"{plant.url}{at}")
    expect(page.locator("#password")).to_have_count(0)


@pytest.mark.parametrize("plant", WAYS, indirect=True)
def test_an_order_from_the_till_to_the_customers_page(plant: Plant, tmp_path: Path) -> None:
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=chromium(), args=list(FLAGS))
        pda = Pda(play, tmp_path / "pda")
        try:
            boards = [browser.new_context(locale="zh-CN", viewport=DESK).new_page() for _ in range(2)]
            for page, user in zip(boards, ("lead", "seller"), strict=True):
                enter(page, plant, user, "/app/board")
                expect(page.get_by_text("实时")).to_be_visible()
            no = arrives(plant, boards)
            picked_without_a_server(plant, pda, no)
            back_with_the_server(plant, pda, no)
            leaves(plant, boards[0], no)
            told_to_the_customer(
                plant,
                boards[1],
                browser.new_context(locale="zh-CN", java_script_enabled=False).new_page(),
                no,
            )
        finally:
            pda.gone()
            browser.close()


def test_a_new_version_is_taken_while_picks_wait(plant: Plant, tmp_path: Path) -> None:
    """The queue is the same before and after; what the older version wrote is sent by the newer one."""
    no = plant.sends("P-1002", ("BP-1023", 4), ("OF-2001", 1))
    newer = copy(tmp_path / "newer", "newer")
    with sync_playwright() as play:
        pda = Pda(play, tmp_path / "pda")
        try:
            page = enrolled(plant, pda)
            plant.stop()
            scan(page, BIN_1)
            page.get_by_role("button", name="拿好 4 件").click()
            expect(page.locator(".chip")).to_contain_text("已存本机 1 条")
            page.context.route("**/sync/push", lambda route: route.abort())
            plant.server = copied(plant.folder, newer, port=plant.port).ready()
            before = page.evaluate("document.documentElement.dataset.build")
            page.evaluate("navigator.serviceWorker.getRegistration().then((it) => it.update())")
            page.get_by_role("button", name="新版本").click()
            page.wait_for_function(
                "(old) => document.documentElement.dataset.build && document.documentElement.dataset.build !== old",
                arg=before,
            )
            expect(page.locator(".chip")).to_contain_text("1")
            expect(page.get_by_text("A-02-01")).to_be_visible()
            page.context.unroute("**/sync/push")
            page.locator(".chip").click()
            page.get_by_role("button", name="现在试发").click()
            plant.until(lambda: plant.order(no)["lines"][0]["picked"] == 4, "the pick never came")
        finally:
            pda.gone()


def arrives(plant: Plant, boards: list[Page]) -> str:
    """On both boards; how long it took is printed, not asserted to the second."""
    began = time.perf_counter()
    no = plant.sends("P-1001", ("BP-1023", 4), ("OF-2001", 1))
    for page in boards:
        expect(page.get_by_text(no.partition("-")[2]).first).to_be_visible()
    print(f"webhook to both boards: {time.perf_counter() - began:.2f} s")
    return no


def enrolled(plant: Plant, pda: Pda) -> Page:
    """In 王强's hands, with the whole app on the device."""
    page = pda.start("/app/pick", plant.url)
    page.get_by_label("卡上的码").fill(plant.card())
    page.get_by_role("button", name="登记这台").click()
    page.get_by_role("button", name="王强").click()
    expect(page.get_by_text("A-01-03")).to_be_visible()
    until(page, "navigator.serviceWorker.ready.then((it) => it.active.state === 'activated')")
    page.reload()
    expect(page.get_by_text("A-01-03")).to_be_visible()
    return page


def picked_without_a_server(plant: Plant, pda: Pda, no: str) -> None:
    page = enrolled(plant, pda)
    plant.stop()
    scan(page, BIN_1)
    expect(page.get_by_text("库位已核对")).to_be_visible()
    scan(page, "BP-1032")
    stop = page.get_by_role("alertdialog")
    expect(stop).to_contain_text("拿错了")
    expect(stop).to_contain_text("BP-1032")
    scan(page, "BP-1023")  # swallowed: nothing counts until it is acknowledged
    stop.get_by_role("button", name="知道了").click()
    page.get_by_role("button", name="拿好 4 件").click()
    expect(page.get_by_text("A-02-01")).to_be_visible()
    pda.kill()
    page = pda.start("/", plant.url)  # the server is still gone: all of this lies on the device
    expect(page.get_by_text("A-02-01")).to_be_visible()
    expect(page.get_by_text(re.compile(r"已走\s*1\s*/\s*2\s*站"))).to_be_visible()
    expect(page.locator(".chip")).to_contain_text("已存本机 2 条")
    page.goto(f"{plant.url}/s/{make('L', 'A0201')}")
    expect(page.get_by_text("库位已核对")).to_be_visible()
    scan(page, "OF-2001")  # one piece: the scan confirms it
    expect(page.locator(".chip")).to_contain_text("已存本机 3 条")  # the wrong scan is on record as well
    pda.kill()


def back_with_the_server(plant: Plant, pda: Pda, no: str) -> None:
    page = pda.start("/", plant.url)
    expect(page.locator(".chip")).to_contain_text("已存本机")
    page.locator(".chip").click()
    expect(page.get_by_text("A-01-03 前刹车片")).to_be_visible()
    plant.start()
    page.get_by_role("button", name="现在试发").click()
    expect(page.locator(".chip, header")).not_to_contain_text("已存本机")
    plant.until(
        lambda: [line["picked"] for line in plant.order(no)["lines"]] == [4, 1], "the picks never came"
    )
    page.reload()  # the ops would go once more if the device did not know that they have gone
    expect(page.locator(".pick")).to_be_visible()
    entries = plant.api.get(f"/api/orders/{no}/journal", params={"limit": 200}).json()["items"]
    told = [op for entry in entries for op in ops_of(entry)]
    assert len(told) == len(set(told)) == 3  # two picks and the wrong scan, each once
    assert [line["picked"] for line in plant.order(no)["lines"]] == [4, 1]
    stock = plant.api.get("/api/stock", params={"sku": "BP-1023"}).json()["items"][0]
    assert stock["on_hand"] == 40


def ops_of(entry: dict[str, str]) -> list[str]:
    """Which picks an entry tells."""
    return json.loads(entry["body"])["ops"] if entry["kind"] == "order.picked" else []


def leaves(plant: Plant, page: Page, no: str) -> None:
    """Packed, shipped and delivered from the board's drawer, each by a button that names it."""
    page.goto(f"{plant.url}/app/board/{no}")
    drawer = page.get_by_role("dialog")
    drawer.get_by_role("button", name="打包").click()
    expect(drawer.get_by_role("heading", name="已打包")).to_be_visible()
    drawer.get_by_role("button", name="发货").click()
    page.get_by_label("快递").fill("顺丰")
    page.get_by_label("运单号").fill("SF1390226")
    page.keyboard.press("Enter")
    expect(drawer.get_by_role("heading", name="在途")).to_be_visible()
    drawer.get_by_role("button", name="签收").click()
    page.get_by_label("凭什么算签收").fill("前台代收")
    page.keyboard.press("Enter")
    expect(drawer.get_by_role("heading", name="已签收")).to_be_visible()
    done = plant.order(no)
    assert done["state"] == "delivered"
    stock = plant.api.get("/api/stock", params={"sku": "BP-1023"}).json()["items"][0]
    assert (stock["on_hand"], stock["reserved"]) == (36, 0)


def told_to_the_customer(plant: Plant, seller: Page, customer: Page, no: str) -> None:
    """The salesperson makes the link on the order's page; the customer's browser runs no script."""
    seller.goto(f"{plant.url}/app/orders/{no}")
    seller.get_by_role("button", name="发查询链接").click()
    link = seller.get_by_label(re.compile("发给客户"))
    expect(link).to_have_value(re.compile("/t/"))
    customer.goto(link.input_value())
    expect(customer.get_by_role("heading", level=1)).to_contain_text("送到了")
    for told in ("前台代收", "顺丰", "SF1390226", "前刹车片"):
        expect(customer.get_by_text(told).first).to_be_visible()
    assert "13800000000" not in customer.content()
