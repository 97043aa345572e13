"""Whole ways through a real browser and a real server with the demo company: staff sign in, find an order, open it,
share its link; the customer opens that link with JavaScript off.
"""

import re
from typing import Any

import httpx
import pytest
from playwright.sync_api import expect

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
    page = window(size=PDA, js=False)
    page.goto("/docs")
    expect(page.get_by_role("heading", level=1)).to_have_text("货到哪 API")
    expect(page.locator("main")).to_have_css("background-color", "rgb(255, 255, 255)")
    assert fits(page)
