"""Whole ways through a real browser and a real server with the demo company: staff sign in, find an order, open it,
share its link; the customer opens that link with JavaScript off.
"""

import re
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect, sync_playwright

from tests.support.browser import FLAGS, chromium
from tests.support.server import Server

pytestmark = pytest.mark.journey
PHONE = {"width": 360, "height": 640}
NARROW = {"width": 320, "height": 568}
DESK = {"width": 1280, "height": 800}
MONEY = re.compile(r"[¥￥]|\d\.\d\d\b")
Open = Callable[..., Page]


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    server = Server(tmp_path_factory.mktemp("pages") / "data", "--demo")
    try:
        yield server.ready(60).url
    finally:
        server.stop()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as play:
        started = play.chromium.launch(executable_path=chromium(), args=list(FLAGS))
        yield started
        started.close()


@pytest.fixture
def window(browser: Browser, hub: str) -> Iterator[Open]:
    """`window(lang, size, js=…)`: a page of a fresh browser profile. What it complained of fails the test."""
    contexts, complaints = [], []

    def heard(said: ConsoleMessage) -> None:
        if said.type in ("error", "warning") and "Failed to load resource" not in said.text:
            complaints.append(said.text)

    def opened(lang: str = "zh-CN", size: Any = PHONE, js: bool = True) -> Page:
        context = browser.new_context(base_url=hub, locale=lang, viewport=size, java_script_enabled=js)
        context.set_default_timeout(10_000)
        contexts.append(context)
        page = context.new_page()
        page.on("console", heard)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        return page

    yield opened
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.fixture(scope="module")
def shipped(hub: str) -> dict[str, Any]:
    """A shipped order of the demo, as the API tells it to sales."""
    with httpx.Client(base_url=hub, timeout=20) as client:
        client.post("/api/login", json={"user": "sales", "password": "demo"}).raise_for_status()
        found = client.get("/api/orders", params={"state": "shipped", "limit": 1}).json()["items"]
    order: dict[str, Any] = found[0]
    return order


def sign_in(page: Page, user: str, password: str = "demo") -> None:
    page.goto("/")
    page.locator("#user").fill(user)
    page.locator("#password").fill(password)
    page.keyboard.press("Enter")
    if password == "demo":
        expect(page.locator("a.row").first).to_be_visible()


def fits(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"))


def test_from_signing_in_to_the_customers_page(window: Open, shipped: dict[str, Any]) -> None:
    page = window()
    sign_in(page, "sales", "wrong")
    expect(page.get_by_role("alert")).to_have_text("用户名或密码不对。")
    page.locator("#password").fill("demo")
    page.get_by_role("button", name="登录").click()

    page.get_by_label("找单").fill(shipped["order_no"])
    row = page.locator("a.row")
    expect(row).to_have_count(1)
    row.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(shipped["order_no"])
    expect(page.get_by_role("heading", level=2)).to_have_text("在途")
    expect(page.locator(".way [aria-current=step]")).to_have_text("在途")
    expect(page.locator(".goods tbody tr")).to_have_count(len(shipped["lines"]))
    expect(page.locator(".parcel")).to_contain_text(shipped["shipments"][0]["waybill"])
    expect(page.locator(".timeline li").last).to_contain_text("进单")
    expect(page.locator(".sum")).to_contain_text("¥")
    assert fits(page)

    page.get_by_role("button", name="发查询链接").click()
    link = page.get_by_label(re.compile("发给客户")).input_value()
    assert re.search(r"/t/[A-Z2-7]{26}$", link)
    for lang, said in (("zh-CN", "正在送"), ("en-GB", "On its way with")):
        page = window(lang, js=False)
        answer = page.goto(link)
        assert answer is not None
        assert answer.status == 200
        expect(page.get_by_role("heading", level=1)).to_contain_text(said)
        expect(page.locator("code")).to_have_text(shipped["shipments"][0]["waybill"])
        expect(page.locator(".goods li")).to_have_count(len(shipped["lines"]))
        expect(page.locator("a.call")).to_have_attribute("href", f"tel:{shipped['owner']['phone']}")
        text = page.locator("body").inner_text()
        assert not MONEY.search(text)
        assert shipped["customer"]["phone"] not in text
        assert shipped["address"]["text"] not in text
        assert page.evaluate("getComputedStyle(document.querySelector('h1')).fontSize") == "34px"
        assert fits(page)


def test_a_customer_changes_the_language_without_a_script(
    window: Open, shipped: dict[str, Any], hub: str
) -> None:
    with httpx.Client(base_url=hub) as client:
        token = client.post("/api/login", json={"user": "sales", "password": "demo"}).json()["token"]
        head = {"Authorization": f"Bearer {token}"}
        made = client.post(f"/api/orders/{shipped['order_no']}/tracking-link", headers=head).json()
    page = window(size=NARROW, js=False)
    page.goto(made["url"])
    expect(page.locator("html")).to_have_attribute("lang", "zh-CN")
    assert fits(page)
    page.get_by_role("link", name="English").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    assert fits(page)
    page.get_by_role("link", name="中文").click()
    expect(page.locator("html")).to_have_attribute("lang", "zh-CN")
    gone = page.goto("/t/" + "A" * 26)
    assert gone is not None
    assert gone.status == 404
    expect(page.get_by_role("heading")).to_have_text("这个链接打不开了")


def test_a_picker_sees_whom_it_is_for_and_no_money(window: Open, shipped: dict[str, Any]) -> None:
    page = window("en-GB", DESK)
    sign_in(page, "picker")
    page.get_by_label("Find").fill(shipped["order_no"])
    expect(page.locator("a.row")).to_have_count(1)
    page.locator("a.row").click()
    expect(page.locator(".timeline li").first).to_be_visible()
    text = page.locator("main").inner_text()
    assert shipped["customer"]["name"] in text
    assert shipped["customer"]["phone"] not in text
    assert "****" in text
    assert not MONEY.search(text)
    expect(page.locator(".share")).to_have_count(0)


def test_filters_pages_and_the_way_back(window: Open) -> None:
    page = window()
    sign_in(page, "supervisor")
    expect(page.locator("a.row")).to_have_count(50)
    page.get_by_role("button", name="再看 50 单").click()
    expect(page.locator("a.row")).to_have_count(100)
    page.get_by_role("button", name="卡住").click()
    expect(page.locator(".why").first).to_have_class(re.compile("is-red"))
    expect(page.locator("a.row .f-red")).to_have_count(page.locator("a.row").count())
    row = page.locator("a.row").nth(2)
    number = row.get_attribute("data-no") or ""
    row.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(number)
    expect(page.locator(".status .f-red")).to_be_visible()
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_have_text(number)
    page.go_back()
    expect(page.locator("a.row").first).to_be_visible()
    expect(page.locator(".bar")).to_be_hidden()
    page.get_by_label("找单").fill("没有这样的单")
    expect(page.locator(".nothing")).to_contain_text("没有找到 没有这样的单")
    page.goto("/app/orders/HD000000-00000")
    expect(page.get_by_role("alert")).to_contain_text("HD000000-00000")


def test_languages_and_themes_keep_everything_on_the_page(window: Open) -> None:
    page = window("en-GB", NARROW)
    sign_in(page, "finance")
    expect(page.get_by_role("button", name="Stuck")).to_be_visible()
    assert fits(page)
    page.locator("a.row").first.click()
    expect(page.locator(".timeline li").first).to_be_visible()
    assert fits(page)
    page.get_by_role("link", name="Back to orders").click()
    page.get_by_role("button", name="中文").click()
    expect(page.get_by_role("button", name="卡住")).to_be_visible()
    page.get_by_role("button", name="夜班").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    expect(page.locator("body")).to_have_css("background-color", "rgb(15, 17, 19)")
    assert fits(page)
    small = page.evaluate(
        "[...document.querySelectorAll('button, input, a')].filter(e => e.offsetHeight && e.offsetHeight < 44)"
        ".map(e => e.outerHTML)"
    )
    assert small == []


def test_no_connection_is_said_and_ends_by_itself(window: Open) -> None:
    page = window()
    sign_in(page, "sales")
    page.context.set_offline(True)
    page.get_by_label("找单").fill("HD")
    expect(page.locator(".band")).to_contain_text("没有网")
    expect(page.locator("a.row").first).to_be_visible()
    page.context.set_offline(False)
    expect(page.locator(".band")).to_be_empty()
    expect(page.locator("a.row").first).to_be_visible()


def test_a_session_that_ended_asks_again_and_signing_out_leaves_nothing(window: Open) -> None:
    page = window()
    sign_in(page, "sales")
    page.context.clear_cookies()
    page.get_by_role("button", name="待付款").click()
    expect(page.locator(".sign-in")).to_contain_text("登录过期")
    sign_in(page, "sales")
    page.get_by_role("button", name="退出").click()
    expect(page.locator(".sign-in")).to_be_visible()
    assert [one["name"] for one in page.context.cookies()] == []
    page.reload()
    expect(page.locator(".sign-in")).to_be_visible()


def test_the_description_of_the_api_reads_without_a_script(window: Open) -> None:
    page = window(size=PHONE, js=False)
    page.goto("/docs")
    expect(page.get_by_role("heading", level=1)).to_have_text("货到哪 API")
    expect(page.locator("main")).to_have_css("background-color", "rgb(255, 255, 255)")
    assert fits(page)
