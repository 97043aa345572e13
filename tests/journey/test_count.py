"""Counting bins on a PDA in a real Chromium: asked for by a supervisor, scanned, counted without a network, booked once it is back."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.support.floor_page import Floor, label
from tests.support.plant import Plant
from tests.support.windows import PDA, fits, profiles

pytestmark = pytest.mark.journey
BIN, SKU = "A-01-03", "BP-1023"


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plant]:
    made = Plant(tmp_path_factory.mktemp("plant") / "data", stock=500)
    yield made
    made.api.close()
    made.stop()


def lies(company: Plant) -> int:
    rows = company.api.get(f"/api/stock/{SKU}/bins", params={"warehouse": "SH"}).json()["items"]
    found: int = sum(row["qty"] for row in rows if row["bin"] == BIN)
    return found


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_bin_is_counted_offline_and_booked_when_the_network_is_back(
    browser: Browser, company: Plant, lang: str, tmp_path: Path
) -> None:
    before = lies(company)
    asked = company.api.post("/api/counts/plan", json={"warehouse": "SH", "bins": [BIN]})
    assert asked.json()["bins"] == [BIN]
    with profiles(browser, "service worker", base_url=company.url, service_workers="block") as profile:
        page, is_zh = profile("zh-CN", PDA), lang == "zh"
        floor = Floor(page).enrol(company.card())
        page.evaluate("lang => localStorage.setItem('lang', lang)", lang)
        page.goto("/app/pick/count")
        row = page.locator(".pick-walk button", has_text=BIN)
        expect(row).to_be_visible()
        fits(page)
        page.screenshot(path=tmp_path / f"list-{lang}.png")
        page.context.set_offline(True)
        floor.scan(label(BIN))
        expect(page.locator(".pick-pad-what")).to_contain_text(BIN)
        for key in str(before - 3):
            page.get_by_role("button", name=key, exact=True).click()
        page.screenshot(path=tmp_path / f"one-{lang}.png")
        fits(page)
        page.locator(".pick-foot button").click()
        expect(page.locator(".pick-step")).to_contain_text(BIN)
        expect(page.locator(".pick-rows")).to_contain_text("在本机" if is_zh else "On this device")
        expect(row).to_have_count(0)
        page.screenshot(path=tmp_path / f"kept-{lang}.png")
        floor.scan("LZZZZZZ")
        expect(page.locator(".pick-step")).to_contain_text("不是本仓" if is_zh else "Not a bin")
        page.context.set_offline(False)
        expect(page.locator(".pick-rows")).to_contain_text("已记账" if is_zh else "Booked")
        page.screenshot(path=tmp_path / f"booked-{lang}.png")
        fits(page)
    assert lies(company) == before - 3
    ledger = company.api.get(f"/api/stock/{SKU}/ledger", params={"warehouse": "SH"}).json()["items"]
    assert (ledger[0]["kind"], ledger[0]["qty"], ledger[0]["bin"]) == ("count", -3, BIN)
