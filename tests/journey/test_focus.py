"""The focus goes where a choice sends it within that very task, and what comes late never takes it from whoever writes
elsewhere: a scanner or a fast thumb finds every letter in one field.
"""

import re

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.support.windows import DESK, Open, sign_in

pytestmark = pytest.mark.journey
# Microtasks only: a timer, a frame or an effect after painting has not run when this looks.
AT_ONCE = """async it => {
  it.click();
  for (let n = 0; n < 9; n += 1) await null;
  return document.activeElement.id || document.activeElement.tagName;
}"""


def after(choice: Locator) -> str:
    """Where the focus is in the task of the click itself."""
    expect(choice).to_be_visible()
    found: str = choice.evaluate(AT_ONCE)
    return found


def finder(page: Page, name: str) -> Locator:
    return page.get_by_role("combobox", name=name)


def test_a_choice_moves_the_focus_before_anything_else_can_be_typed(window: Open) -> None:
    page = window(size=DESK)
    sign_in(page, "sales", at="/app/new")
    nowhere = page.locator(".sales-send")
    assert after(nowhere) == finder(page, "客户").get_attribute("id")
    finder(page, "客户").fill("快手店")
    assert after(page.get_by_role("option", name="新客户 快手店")) == "sales-phone"
    finder(page, "加货").fill("BP-1023")
    assert after(page.get_by_role("option", name="前刹车片").first) == "sales-qty-0"
    assert after(page.get_by_role("button", name=re.compile("前刹车片 单价"))) == "sales-price-0"
    assert after(nowhere) == "sales-address"
    assert after(page.get_by_role("button", name=re.compile("^去掉"))) == finder(page, "加货").get_attribute(
        "id"
    )
    assert after(page.get_by_role("button", name="清空")) == finder(page, "客户").get_attribute("id")


def test_a_sheet_has_the_focus_when_it_is_there(window: Open, shipped: dict[str, str]) -> None:
    page = window(size=DESK)
    sign_in(page, "sales", at=f"/app/orders/{shipped['order_no']}")
    comment = page.get_by_role("button", name="写一句")
    assert after(comment) == page.get_by_role("dialog").locator("textarea").get_attribute("id")
    assert after(page.get_by_role("dialog").get_by_role("button", name="关掉")) == "BODY"


def test_what_is_found_late_takes_no_field_from_whoever_writes_on(window: Open) -> None:
    page = window(size=DESK)
    sign_in(page, "sales", at="/app/new")
    held: list[Route] = []
    page.route("**/api/skus?*", lambda route: held.append(route))
    with page.expect_request("**/api/skus?*"):
        finder(page, "加货").fill("BP-1023")
        finder(page, "加货").press("Enter")  # as a scanner ends
    page.get_by_label("备注").press_sequentially("避开")
    held[0].continue_()
    expect(page.locator(".sales-line")).to_have_count(1)
    page.keyboard.type("周一")
    expect(page.get_by_label("备注")).to_have_value("避开周一")
    expect(page.locator("#sales-qty-0")).to_have_value("1")


def test_a_late_refusal_takes_no_field_either(window: Open) -> None:
    page = window(size=DESK)
    sign_in(page, "sales", at="/app/new")
    finder(page, "客户").fill("慢回店")
    page.get_by_role("option", name="新客户 慢回店").click()
    page.get_by_label("手机").fill("13911110021")
    page.get_by_label("送到").fill("自提")
    finder(page, "加货").fill("BP-1023")
    page.get_by_role("option", name="前刹车片").first.click()
    held: list[Route] = []
    page.route("**/api/orders", lambda route: held.append(route))
    with page.expect_request("**/api/orders"):
        page.locator(".sales-send").click()
    page.get_by_label("备注").press_sequentially("避开")
    wrong = {"errors": [{"path": "$.customer.phone", "code": "bad_phone", "why": "这不是电话"}]}
    held[0].fulfill(status=422, json={"code": "bad_body", "title": "", "detail": "", **wrong})
    expect(page.get_by_text("这不是电话")).to_be_visible()
    page.keyboard.type("周一")
    expect(page.get_by_label("备注")).to_have_value("避开周一")
