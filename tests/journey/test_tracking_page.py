"""The customer's page in a real browser without a script: light and dark, small and large, on paper."""

import re
from typing import Any

import httpx
import pytest
from playwright.sync_api import expect

from tests.support.axe import violations
from tests.support.windows import DESK, NARROW, PHONE, Open, fits

pytestmark = pytest.mark.journey
STATES = ("awaiting_payment", "picking", "shipped", "delivered", "cancelled")


@pytest.fixture(scope="module")
def links(hub: str) -> dict[str, str]:
    """A tracking link for an order of each state that the demo has."""
    found: dict[str, str] = {}
    with httpx.Client(base_url=hub, timeout=20) as client:
        token = client.post("/api/login", json={"user": "sales", "password": "demo"}).json()["token"]
        client.headers["Authorization"] = f"Bearer {token}"
        client.cookies.clear()
        for state in STATES:
            for one in client.get("/api/orders", params={"state": state, "limit": 1}).json()["items"]:
                made = client.post(f"/api/orders/{one['order_no']}/tracking-link").json()
                found[state] = "/t/" + made["url"].rpartition("/")[2]
    assert {"shipped", "delivered"} <= set(found)
    return found


@pytest.mark.parametrize(("lang", "theme"), [("zh-CN", "light"), ("en-GB", "dark")])
def test_every_state_reads_well_by_day_and_by_night(
    window: Open, links: dict[str, str], lang: str, theme: Any
) -> None:
    page = window(lang, PHONE, color_scheme=theme)  # axe needs a script; the page itself has none
    for path in (*links.values(), "/t/" + "A" * 26):
        page.goto(path)
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        assert page.locator("script").count() == 0
        assert fits(page)
        assert violations(page) == []
    dark = theme == "dark"
    expect(page.locator("body")).to_have_css(
        "background-color", "rgb(15, 17, 19)" if dark else "rgb(244, 244, 241)"
    )


@pytest.mark.parametrize("size", [NARROW, DESK])
def test_the_route_and_the_goods_fit_every_window(window: Open, links: dict[str, str], size: Any) -> None:
    page = window(size=size, js=False)
    page.goto(links["shipped"])
    route = page.locator("svg.route")
    expect(route).to_have_attribute("aria-label", re.compile("^从 .+ 到 .+ 出发$"))
    box = route.bounding_box()
    assert box is not None
    assert box["width"] <= size["width"]
    assert fits(page)


def test_the_carrier_can_be_called_and_the_waybill_taken_along(window: Open, links: dict[str, str]) -> None:
    page = window(size=PHONE, js=False)
    page.goto(links["shipped"])
    number = page.locator(".parcels .number").inner_text().split()[-1]
    expect(page.locator(".parcels .dial")).to_have_attribute("href", f"tel:{number}")
    expect(page.locator("code")).to_have_css("user-select", "all")
    summary = page.locator("summary")
    is_open = page.locator("details").get_attribute("open") is not None
    summary.click()
    expect(page.locator(".goods")).to_be_visible(visible=not is_open)


def test_on_paper_nothing_asks_to_be_pressed(window: Open, links: dict[str, str]) -> None:
    page = window(size=DESK, js=False, color_scheme="dark")
    page.goto(links["delivered"])
    page.emulate_media(media="print", color_scheme="dark")
    expect(page.locator("body")).to_have_css("background-color", "rgb(255, 255, 255)")
    expect(page.get_by_role("heading", level=1)).to_have_css("color", "rgb(0, 0, 0)")
    for gone in (".dial", ".screen"):
        expect(page.locator(gone).first).to_be_hidden()
    expect(page.locator(".moments")).to_be_visible()
