"""Whole ways through a real browser and a real server with the demo company: staff sign in, find an order, open it,
share its link; the customer opens that link with JavaScript off.
"""

import re
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.support.windows import DESK, NARROW, PDA, Open, fits, sign_in

pytestmark = pytest.mark.journey
MONEY = re.compile(r"[¥￥]|\d\.\d\d\b")


def test_from_signing_in_to_the_customers_page(window: Open, shipped: dict[str, Any]) -> None:
    page = window()
    sign_in(page, "sales", "wrong")
    expect(page.get_by_role("alert")).to_have_text("用户名或密码不对。")
    page.locator("#password").fill("demo")
    page.get_by_role("button", name="登录").click()

    page.get_by_label("找单").fill(shipped["order_no"])
    row = page.locator(".orders-row")
    expect(row).to_have_count(1)
    expect(page).to_have_url(re.compile(rf"/app/orders\?q={shipped['order_no']}$"))
    row.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(shipped["order_no"])
    expect(page.get_by_role("heading", level=1)).to_be_focused()
    expect(page.get_by_role("heading", level=2)).to_have_text("在途")
    expect(page.locator(".way [aria-current=step]")).to_have_text("在途")
    expect(page.locator(".orders-goods tbody tr")).to_have_count(len(shipped["lines"]))
    expect(page.locator(".orders-parcel")).to_contain_text(shipped["shipments"][0]["waybill"])
    expect(page.locator(".orders-moments li").last).to_contain_text("进单")
    expect(page.locator(".orders-sum")).to_contain_text("¥")
    assert fits(page)

    page.get_by_role("button", name="发查询链接").click()
    link = page.get_by_label(re.compile("发给客户")).input_value()
    assert re.search(r"/t/[A-Z2-7]{26}$", link)
    for lang, said in (("zh-CN", "正在送"), ("en-GB", "On its way with")):
        customer = window(lang, js=False)
        reads_it(customer, link, said, shipped)
    page.get_by_role("button", name="收回链接").click()
    expect(page.get_by_text("收回了，旧链接打不开了。")).to_be_visible()
    gone = customer.goto(link)
    assert gone is not None
    assert gone.status == 404
    page.get_by_role("button", name="取一个新链接").click()
    fresh = page.get_by_label(re.compile("发给客户")).input_value()
    assert fresh != link
    reads_it(customer, fresh, "On its way with", shipped)


def reads_it(page: Page, link: str, said: str, shipped: dict[str, Any]) -> None:
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
    sign_in(page, "picker", at="/app/orders")
    page.get_by_label("Find").fill(shipped["order_no"])
    expect(page.locator(".orders-row")).to_have_count(1)
    page.locator(".orders-row").click()
    expect(page.locator(".orders-moments li").first).to_be_visible()
    text = page.locator("main").inner_text()
    assert shipped["customer"]["name"] in text
    assert shipped["customer"]["phone"] not in text
    assert "****" in text
    assert not MONEY.search(text)
    expect(page.get_by_role("button", name="Share link")).to_have_count(0)
    expect(page.get_by_role("button", name="Record payment")).to_have_count(0)


def test_filters_pages_and_the_way_back(window: Open) -> None:
    page = window()
    sign_in(page, "supervisor", at="/app/orders")
    rows = page.locator(".orders-row")
    expect(rows).to_have_count(50)
    page.get_by_role("button", name="再看 50 单").click()
    expect(rows).to_have_count(100)
    page.get_by_role("button", name="卡住").click()
    expect(page).to_have_url(re.compile("colour=red"))
    expect(page.locator(".orders-row:not(:has(.f-red))")).to_have_count(0)  # the list of before has gone
    expect(page.locator(".orders-why").first).to_have_class(re.compile("is-red"))
    number = str(rows.nth(2).get_attribute("href")).split("/")[-1].split("?")[0]
    rows.nth(2).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(number)
    expect(page).to_have_url(re.compile(rf"/app/orders/{number}\?colour=red$"))
    expect(page.locator(".orders-status .f-red")).to_be_visible()
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_have_text(number)
    page.get_by_role("link", name="返回订单").click()
    expect(rows.first).to_be_visible()
    expect(page.get_by_role("button", name="卡住")).to_have_attribute("aria-pressed", "true")
    expect(page.locator(".orders-bar")).to_have_count(0)
    page.go_back()
    expect(page.get_by_role("heading", level=1)).to_have_text(number)
    page.go_back()
    expect(rows.first).to_be_visible()
    page.get_by_label("找单").fill("没有这样的单")
    expect(page.locator(".nothing")).to_contain_text("没有找到 没有这样的单")
    page.goto("/app/orders/HD000000-00000")
    expect(page.get_by_role("alert")).to_contain_text("HD000000-00000")
    expect(page.get_by_role("button", name="再试一次")).to_have_count(0)


def test_a_list_stands_beside_its_order_and_is_walked_by_keys(window: Open) -> None:
    page = window(size=DESK)
    sign_in(page, "owner", at="/app/orders?state=shipped&warehouse=SH")
    rows = page.locator(".orders-row")
    expect(rows.first).to_be_visible()
    expect(page.get_by_label("仓库")).to_have_value("SH")
    rows.first.focus()
    page.keyboard.press("ArrowDown")
    expect(rows.nth(1)).to_be_focused()
    page.keyboard.press("Enter")
    expect(rows.nth(1)).to_have_attribute("aria-current", "page")
    expect(page.locator(".orders-facts")).to_contain_text("SH")
    expect(rows.first).to_be_visible()
    page.get_by_label("仓库").select_option("SZ")
    expect(page).to_have_url(re.compile("warehouse=SZ"))
    expect(page.locator(".orders-rows")).to_be_visible()


def test_languages_and_themes_keep_everything_on_the_page(window: Open) -> None:
    page = window("en-GB", NARROW)
    sign_in(page, "finance", at="/app/orders")
    expect(page.get_by_role("button", name="Stuck")).to_be_visible()
    assert fits(page)
    page.locator(".orders-row").first.click()
    expect(page.locator(".orders-moments li").first).to_be_visible()
    assert fits(page)
    page.get_by_role("link", name="Me", exact=True).click()
    page.get_by_role("button", name="中文").click()
    page.get_by_role("button", name="夜班").click()
    page.get_by_role("link", name="订单", exact=True).click()
    expect(page.get_by_role("button", name="卡住")).to_be_visible()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    expect(page.locator("body")).to_have_css("background-color", "rgb(15, 17, 19)")
    assert fits(page)
    small = page.evaluate(
        "[...document.querySelectorAll('button, input, a')].filter(e => e.offsetHeight && e.offsetHeight < 44)"
        ".map(e => e.outerHTML)"
    )
    assert small == []


def test_a_search_without_connection_says_so_and_keeps_the_rows(window: Open) -> None:
    page = window()
    sign_in(page, "sales", at="/app/orders")
    rows = page.locator(".orders-row")
    expect(rows).to_have_count(50)
    page.context.set_offline(True)
    page.get_by_label("找单").fill("没有这样的单")
    expect(page.locator(".band")).to_contain_text("没有网")
    expect(page.locator(".orders-stale")).to_contain_text("还没找")
    expect(rows).to_have_count(50)
    page.context.set_offline(False)
    expect(page.locator(".band")).to_be_empty()
    expect(page.locator(".nothing")).to_contain_text("没有找到 没有这样的单")
    expect(page.locator(".orders-stale")).to_have_count(0)


def test_a_session_that_ended_asks_again_and_signing_out_leaves_nothing(window: Open) -> None:
    page = window()
    sign_in(page, "sales", at="/app/orders")
    expect(page.locator(".orders-row").first).to_be_visible()
    page.context.clear_cookies()
    page.get_by_role("button", name="待付款").click()
    expect(page.locator(".sign-in")).to_contain_text("登录过期")
    sign_in(page, "sales")
    page.get_by_role("link", name="我", exact=True).click()
    page.get_by_role("button", name="退出").click()
    expect(page.locator(".sign-in")).to_be_visible()
    assert [one["name"] for one in page.context.cookies()] == []
    page.reload()
    expect(page.locator(".sign-in")).to_be_visible()


def test_the_description_of_the_api_reads_without_a_script(window: Open) -> None:
    page = window(size=PDA, js=False)
    page.goto("/docs")
    expect(page.get_by_role("heading", level=1)).to_have_text("货到哪 API")
    expect(page.locator("main")).to_have_css("background-color", "rgb(255, 255, 255)")
    assert fits(page)
