"""A red order, its ways out, and two parcels: from the screen to the customer's link."""

import os
import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.journey.conftest import Demo
from tests.journey.test_order_page import Desk
from tests.support.axe import violations
from tests.support.windows import DESK, PDA, Open, at, fits

pytestmark = pytest.mark.journey


@pytest.fixture(scope="module")
def hub(demo: Demo) -> Iterator[str]:
    with demo("parts") as server:
        yield server.url


@pytest.fixture(scope="module")
def desk(hub: str) -> Iterator[Desk]:
    made = Desk(hub)
    yield made
    made.api.close()


def short(desk: Desk) -> str:
    """All that SH has of a SKU and two more: SZ has those."""
    rows = desk.api.get("/api/stock", params={"sku": "BP-1023"}).json()["items"]
    free = {row["warehouse"]: row["available"] for row in rows}
    lines = [{"sku": "BP-1023", "qty": max(free.values()) + 2}]
    return desk.place(lines=lines, warehouse=None)


def sent(desk: Desk, no: str) -> None:
    order = desk.api.get(f"/api/orders/{no}").json()
    desk.pick(no, **{f"line{line['line_no']}": line["qty"] for line in order["lines"]})
    desk.give(no, "pack")
    desk.give(no, "ship", carrier="顺丰", waybill=f"SF{no[-2:]}")


@pytest.mark.parametrize("size", [DESK, PDA], ids=["desk", "pda"])
def test_a_short_order_is_split_both_parts_leave_and_the_link_shows_both(
    hub: str, desk: Desk, window: Open, size: Any
) -> None:
    no = short(desk)
    page = at(window, hub, f"/app/orders/{no}", size=size)
    ways = page.locator(".orders-ways")
    expect(ways).to_contain_text("分 2 次发")
    expect(ways).to_contain_text("等到货")
    assert fits(page)
    assert violations(page) == []
    looked(page, f"ways-{size['width']}")
    ways.get_by_role("button", name="拆成 2 单发").click()
    expect(page.locator(".orders-done")).to_contain_text("拆好了")
    expect(ways).to_have_count(0)
    parts = page.locator(".orders-parts")
    expect(parts.locator("li")).to_have_count(2)
    assert fits(page)
    looked(page, f"parts-{size['width']}")
    parts.get_by_role("link", name=f"{no}-P2").click()
    expect(page).to_have_url(re.compile(f"{no}-P2"))
    expect(page.locator(".orders-parts b")).to_have_text(f"{no}-P2")
    for one in (no, f"{no}-P2"):
        sent(desk, one)
    link = desk.api.post(f"/api/orders/{no}-P2/tracking-link").json()["url"]
    customer = window(size=size, base_url=hub, js=False)
    customer.goto("/t/" + link.rpartition("/")[2])
    expect(customer.locator(".parts > ol > li")).to_have_count(2)
    expect(customer.locator(".parts")).to_contain_text(f"SF{no[-2:]}")
    expect(customer.locator(".parts")).to_contain_text("SFP2")
    assert fits(customer)
    looked(customer, f"track-{size['width']}")


def looked(page: Page, name: str) -> None:
    if folder := os.environ.get("LOOK_A"):
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)
