"""Receipts by scan in a real browser: booked once through a server that stops, an answer that is lost and a browser that is
killed; wrong codes stop the hands, a carton scanned twice is asked about, one press takes a receipt back."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from tests.support.axe import violations
from tests.support.floor_page import label
from tests.support.looks import defects
from tests.support.pda import Pda
from tests.support.plant import PASSWORD, Plant
from tests.support.windows import PDA, Open, sign_in

pytestmark = pytest.mark.journey


@pytest.fixture(scope="module")
def plant(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plant]:
    """One for the module: the first test has two parts of its own, the second the third."""
    made = Plant(tmp_path_factory.mktemp("plant") / "data")
    yield made
    made.close()


def scan(page: Page, text: str) -> None:
    page.keyboard.type(text)
    page.keyboard.press("Enter")


def receive(page: Page, sku: str, place: str, qty: int) -> None:
    scan(page, sku)
    expect(page.get_by_role("heading", name="扫库位")).to_be_visible()
    scan(page, label(place))
    expect(page.get_by_label("几件")).to_be_focused()
    scan(page, str(qty))


def on_hand(plant: Plant, sku: str) -> int:
    found: int = plant.api.get("/api/stock", params={"sku": sku}).json()["items"][0]["on_hand"]
    return found


def came(plant: Plant, sku: str) -> list[int]:
    items = plant.api.get(f"/api/stock/{sku}/ledger").json()["items"]
    return [one["qty"] for one in items if one["kind"] in ("receive", "adjust")]


def dock(light: Open, plant: Plant) -> Page:
    page = light(size=PDA, base_url=plant.url)
    sign_in(page, "lead", PASSWORD, "/app/receive")
    expect(page.get_by_role("heading", name="扫货")).to_be_visible()
    return page


def test_a_stopped_server_and_a_killed_browser_book_once(plant: Plant, tmp_path: Path) -> None:
    with sync_playwright() as play:
        pda = Pda(play, tmp_path / "pda")
        try:
            page = pda.start("/app/receive", plant.url)
            sign_in(page, "lead", PASSWORD, f"{plant.url}/app/receive")
            expect(page.get_by_role("heading", name="扫货")).to_be_visible()
            receive(page, "BP-1023", "A-01-03", 4)
            expect(page.get_by_text("已记账")).to_be_visible()

            plant.server.stop()
            receive(page, "BP-1032", "A-01-04", 6)
            expect(page.get_by_text("已存本机 1 条")).to_be_visible()
            expect(page.get_by_text("没有网。收的都存在本机")).to_be_visible()
            pda.kill()

            plant.server.again().ready()
            page = pda.start("/app/receive", plant.url)
            expect(page.locator("#user, .dock-last li").first).to_be_visible()
            if page.locator("#user").count():  # a cookie that was not on disk yet
                sign_in(page, "lead", PASSWORD, f"{plant.url}/app/receive")
            expect(page.get_by_text("都记账了")).to_be_visible()
            expect(page.locator(".dock-last li")).to_have_count(2)
            assert (came(plant, "BP-1023"), came(plant, "BP-1032")) == ([4, 40], [6, 40])
            assert (on_hand(plant, "BP-1023"), on_hand(plant, "BP-1032")) == (44, 46)
        finally:
            pda.gone()


def test_codes_out_of_turn_stop_one_carton_is_asked_about_and_a_lost_answer_books_once(
    light: Open, plant: Plant
) -> None:
    page = dock(light, plant)
    stop = page.get_by_role("alertdialog")
    scan(page, "OF-20O1")
    expect(stop).to_contain_text("OF-20O1")
    scan(page, "OF-2001")  # swallowed
    expect(stop).to_contain_text("不认识这个码")
    assert violations(page) == []
    page.get_by_role("button", name="知道了").click()
    scan(page, "OF-2001")
    expect(page.get_by_text("平时放 A-02-01")).to_be_visible()
    scan(page, label("A-01-04"))
    expect(stop).to_contain_text("A-01-04 放的是 后刹车片")
    page.get_by_role("button", name="知道了").click()
    scan(page, label("A-02-01"))
    expect(page.get_by_label("几件")).to_be_focused()
    scan(page, "2000000010236")  # into the count: a scan, no number
    expect(stop).to_be_visible()
    page.get_by_role("button", name="知道了").click()
    page.get_by_label("几件").fill("4")
    page.keyboard.press("Enter")
    expect(page.get_by_text("已记账")).to_be_visible()

    receive(page, "OF-2001", "A-02-01", 4)
    expect(stop).to_contain_text("刚记过一样的")
    page.get_by_role("button", name="就是刚才那箱，不记").click()
    assert came(plant, "OF-2001") == [4, 40]
    receive(page, "OF-2001", "A-02-01", 4)
    page.get_by_role("button", name="又一箱，再记 4 件").click()
    expect(page.locator(".dock-last li")).to_have_count(2)
    page.get_by_role("button", name="撤销 4 件 机油滤清器").first.click()
    expect(page.get_by_text("已撤销")).to_be_visible()
    expect(page.get_by_text("都记账了")).to_be_visible()
    assert came(plant, "OF-2001") == [-4, 4, 4, 40]

    def lose(route: Any) -> None:
        route.fetch()
        route.abort("connectionreset")

    page.route("**/api/stock/moves", lose, times=1)
    receive(page, "OF-2001", "A-02-01", 7)
    expect(page.get_by_text("已存本机 1 条")).to_be_visible()
    page.evaluate("window.dispatchEvent(new Event('online'))")
    expect(page.get_by_text("都记账了")).to_be_visible()
    assert came(plant, "OF-2001") == [7, -4, 4, 4, 40]
    assert defects(page, text=18, target=56, link=56) == []
    assert violations(page) == []
