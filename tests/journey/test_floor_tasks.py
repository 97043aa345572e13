"""The floor's tasks in a real browser: goods come back, are inspected with a part bad, and an order that waited has them; a
count that contradicts the record is seen with both numbers and settled by a new one."""

import json
import re
from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from api.kernel.time import wall_clock
from tests.support.axe import violations
from tests.support.looks import defects
from tests.support.plant import PASSWORD, Plant
from tests.support.windows import DESK, PDA, Open, fits, profiles, sign_in

pytestmark = pytest.mark.journey
SKU, BIN = "BP-1023", "A-01-03"
FLOORS = {"text": 12, "target": 28, "link": 20}


@pytest.fixture(scope="module")
def plant(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plant]:
    made = Plant(tmp_path_factory.mktemp("plant") / "data")
    yield made
    made.close()


@pytest.fixture
def lead(browser: Browser, plant: Plant) -> Iterator[Open]:
    with profiles(browser, base_url=plant.url) as opened:
        yield opened


def tasks(window: Open, lang: str = "zh-CN", user: str = "lead", **size: object) -> Page:
    page = window(lang, **size)
    sign_in(page, user, PASSWORD, "/app/tasks")
    expect(page.locator("main.stock")).to_be_visible()
    return page


def came_back(plant: Plant, number: str, qty: int) -> str:
    """An order that shipped, and of which so many pieces came back."""
    no = plant.sends(number, (SKU, qty))
    device = httpx.post(f"{plant.url}/api/devices/enrol", json={"code": plant.card(f"PDA {number}")}).json()
    op = {
        "id": f"{device['device']}:1", "hlc": f"{wall_clock():015d}-0000-{device['device']}", "at": "2026-11-22T10:06:40+08:00",
        "actor": "wang", "order_no": no, "line_no": 1, "kind": "pick", "qty": qty, "bin": BIN, "code": "", "v": 1,
    }  # fmt: skip
    head = {"authorization": f"Bearer {device['token']}"}
    body = {"device": device["device"], "ops": [op]}
    [told] = httpx.post(f"{plant.url}/sync/push", json=body, headers=head).json()["results"]
    assert told["verdict"] == "applied", told
    back = {"lines": [{"line_no": 1, "qty": qty}], "reason": "装不上"}
    for name, given in (("pack", {}), ("ship", {"carrier": "顺丰", "waybill": "SF1"}), ("return", back)):
        plant.api.post(f"/api/orders/{no}/{name}", json=given).raise_for_status()
    return no


def in_bin(plant: Plant) -> int:
    rows = plant.api.get(f"/api/stock/{SKU}/bins").json()["items"]
    return sum(row["qty"] for row in rows if row["bin"] == BIN)


def contradicted(plant: Plant, qty: int) -> None:
    """A device counted four days ago and comes only now: its count is not booked."""
    device = httpx.post(f"{plant.url}/api/devices/enrol", json={"code": plant.card("PDA C")}).json()
    count = {
        "id": f"{device['device']}:c1",
        "bin": BIN,
        "sku": SKU,
        "qty": qty,
        "at": "2026-11-01T08:00:00+08:00",
        "actor": "wang",
    }
    body = {"device": device["device"], "counts": [count]}
    head = {"authorization": f"Bearer {device['token']}"}
    [told] = httpx.post(f"{plant.url}/sync/counts", json=body, headers=head).json()["results"]
    assert (told["verdict"], told["code"]) == ("conflict", "stale"), told


def test_what_came_back_is_inspected_and_who_waited_has_it(lead: Open, plant: Plant) -> None:
    number = came_back(plant, "R-1", 4)
    whole = plant.sends("R-2", (SKU, 36))
    waits = plant.sends("R-3", (SKU, 3))
    assert (plant.order(whole)["state"], plant.order(waits)["state"]) == ("to_pick", "paid")
    page = tasks(lead, size=PDA)
    row = page.locator(".floor-row", has_text=number)
    expect(row).to_contain_text("× 4")
    expect(page.get_by_role("button", name=re.compile("待检 1"))).to_have_attribute("aria-pressed", "true")
    assert fits(page)
    assert defects(page, **FLOORS) + violations(page) == []
    row.get_by_role("button").click()
    sheet = page.get_by_role("dialog")
    expect(sheet.get_by_label("放进哪个库位")).to_have_value(BIN)
    sheet.get_by_label("坏的几件").fill("1")
    expect(sheet.get_by_label("好的几件")).to_have_value("3")
    sheet.get_by_label("放进哪个库位").fill("NO-1")
    sheet.get_by_role("button", name="记上").click()
    expect(sheet.get_by_label("放进哪个库位")).to_have_attribute("aria-invalid", "true")
    sheet.get_by_role("button", name=BIN).click()
    sheet.get_by_label("为什么").fill("一件压坏")
    assert defects(page, **FLOORS) + violations(page) == []
    sheet.get_by_role("button", name="记上").click()
    told = page.locator(".stock-booked")
    expect(told).to_contain_text(f"好的 3 件进了 {BIN}。 坏的 1 件报损。")
    expect(told.get_by_role("link")).to_have_text(waits)
    expect(page.locator("main .nothing")).to_contain_text("没有待检的退货")
    assert (plant.order(waits)["state"], in_bin(plant)) == ("to_pick", 39)
    entries = plant.api.get(f"/api/orders/{number}/journal").json()["items"]
    [judged] = [json.loads(one["body"]) for one in entries if one["kind"] == "order.inspected"]
    assert (judged["good"], judged["bad"], judged["bin"]) == (3, 1, BIN)
    ledger = plant.api.get(f"/api/stock/{SKU}/ledger", params={"warehouse": "SH"}).json()["items"]
    moved = {(one["kind"], one["qty"]) for one in ledger if one["order_no"] == number}
    assert moved >= {("return", 3), ("return", 1), ("damage", -1)}


def test_a_count_that_was_not_booked_is_settled_by_a_new_one(lead: Open, plant: Plant) -> None:
    before = in_bin(plant)
    contradicted(plant, before - 7)
    page = tasks(lead, "en-GB", size=DESK)
    page.get_by_role("button", name=re.compile("^Count 1")).click()
    row = page.locator(".floor-row")
    expect(row).to_contain_text(f"wang counted {before - 7}")
    expect(row).to_contain_text(f"the record has {before} now")
    expect(row).to_contain_text("The count came more than three days late")
    assert defects(page, **FLOORS) + violations(page) == []
    row.get_by_role("button", name="Count again").click()
    page.context.set_offline(True)
    page.get_by_label("Counted").fill(str(before - 1))
    page.get_by_role("button", name="Book it").click()
    expect(page.get_by_role("alert")).to_contain_text("No answer")
    page.context.set_offline(False)
    page.get_by_role("button", name="Book it").click()
    expect(page.locator(".stock-booked")).to_contain_text(f"{BIN} is booked: {before - 1} pieces.")
    expect(row).to_have_count(0)
    assert in_bin(plant) == before - 1
    assert plant.api.get("/api/counts").json()["items"] == []
    page.get_by_role("button", name="Plan counts").click()
    page.get_by_label("Not counted for days").fill("0")
    page.get_by_role("button", name="Plan", exact=True).click()
    expect(page.get_by_label("Not counted for days")).to_have_attribute("aria-invalid", "true")
    page.get_by_label("Not counted for days").fill("30")
    page.get_by_role("button", name="Plan", exact=True).click()
    expect(page.locator(".stock-booked")).to_contain_text("2 bins to count: A-01-04 A-02-01")
    expect(page.locator(".floor-row")).to_have_count(2)


def test_who_may_not_sees_why(lead: Open) -> None:
    page = tasks(lead, user="seller")
    expect(page.locator("main")).to_contain_text("现场任务归主管和拣货员")
