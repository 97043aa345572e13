"""A promise in a real browser: dates and stock in two taps, an order from it without typing anything again, the time that is
over told by both, and a promise that reaches the customer's page."""

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.support import engines
from tests.support.axe import violations
from tests.support.floor_page import Floor
from tests.support.plant import PASSWORD, Plant
from tests.support.windows import PHONE, Open, fits, sign_in

pytestmark = pytest.mark.journey
FRONT, REAR, FILTER = ("BP-1023", "前刹车片"), ("BP-1032", "后刹车片"), ("OF-2001", "机油滤清器")
ORDER = re.compile(r"/app/orders/(HD\d{6}-\d{5,})$")


@pytest.fixture(scope="module")
def plant(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plant]:
    """One for the module: each test has a part of its own."""
    made = Plant(tmp_path_factory.mktemp("plant") / "data")
    yield made
    made.close()


def choose(page: Page, name: str, text: str, option: str) -> None:
    page.get_by_role("combobox", name=name).fill(text)
    page.get_by_role("option", name=option).first.click()


def drafted(light: Open, plant: Plant, part: tuple[str, str], qty: int = 4) -> Page:
    """A salesperson's phone with a new customer, an address and one part."""
    page = light(size=PHONE, base_url=plant.url)
    sign_in(page, "seller", PASSWORD, "/app/new")
    choose(page, "客户", part[1], f"新客户 {part[1]}")
    page.get_by_label("手机").fill("13800000000")
    page.get_by_label("送到").fill("上海市浦东新区张江路 8 号")
    choose(page, "加货", *part)
    page.locator("#sales-qty-0").fill(str(qty))
    return page


def promised(page: Page) -> str:
    """Two taps from the draft; returns the window as it stands there."""
    page.get_by_role("button", name="能答应哪天送到").click()
    page.get_by_role("button", name="明天", exact=True).click()
    expect(page.locator(".promise-window")).to_be_visible()
    return page.locator(".promise-window").inner_text()


def held(plant: Plant, part: tuple[str, str]) -> dict[str, int]:
    row = plant.api.get("/api/stock", params={"sku": part[0]}).json()["items"][0]
    return {"on_hand": row["on_hand"], "reserved": row["reserved"]}


def days_pass(plant: Plant) -> None:
    """While the server is away: whatever is held until a time was held until yesterday."""
    plant.server.stop()
    with engines.by_hand(plant.folder) as hand:
        hand.execute("UPDATE promises SET expires_at = expires_at - 172800000")
        hand.execute(
            "UPDATE reservations SET expires_at = expires_at - 172800000 WHERE expires_at IS NOT NULL"
        )
    plant.server.again().ready()


def ordered(page: Page) -> str:
    page.get_by_role("button", name="就按这个开单").click()
    expect(page.locator(".sales-promise")).to_contain_text("货占着")
    page.locator(".sales-send").click()
    expect(page).to_have_url(ORDER)
    found = ORDER.search(page.url)
    assert found is not None
    return found[1]


def paid(plant: Plant, number: str) -> dict[str, Any]:
    made: dict[str, Any] = plant.api.get(f"/api/orders/{number}").json()
    plant.api.post(
        f"/api/orders/{number}/pay",
        json={"method": "transfer", "amount_fen": made["amount_fen"], "at": made["created_at"]},
    ).raise_for_status()
    return made


def test_a_promise_becomes_an_order_and_what_nobody_pays_lapses(light: Open, plant: Plant) -> None:
    page = drafted(light, plant, FRONT)
    promised(page)
    assert held(plant, FRONT) == {"on_hand": 40, "reserved": 4}
    expect(page.locator(".promise-why li").first).to_be_visible()
    expect(page.locator(".promise-wish")).to_contain_text("客户要 明天")
    assert fits(page)
    assert violations(page) == []
    number = ordered(page)
    made = plant.api.get(f"/api/orders/{number}").json()
    assert (made["state"], made["promise"]["id"][0]) == ("awaiting_payment", "P")
    assert held(plant, FRONT) == {"on_hand": 40, "reserved": 4}
    expect(page.locator(".orders-ahead")).to_contain_text("库存占到 明天")
    told = page.locator(".orders-promised")
    expect(told).to_contain_text("答应")
    expect(told).to_contain_text("成把握")
    told.get_by_text("为什么").click()
    expect(told.locator("li")).to_have_text(made["promise"]["because"])
    assert fits(page)
    assert violations(page) == []

    page.goto("/app/new")
    choose(page, "客户", "前刹车片", "前刹车片")
    page.locator(".sales-usual button").first.click()
    choose(page, "加货", *FRONT)
    promised(page)
    page.goto("/app/promises")
    expect(page.locator(".promise-row")).to_contain_text(["前刹车片"])
    days_pass(plant)
    page.reload()
    expect(page.locator("main .nothing")).to_contain_text("没有占着库存的承诺")
    page.get_by_role("button", name="到时间的").click()
    expect(page.locator(".promise-row")).to_contain_text("到时间放回了")
    page.locator(".promise-row").click()
    expect(page.get_by_role("button", name="再算一次")).to_be_visible()
    expect(page.get_by_role("button", name="就按这个开单")).to_have_count(0)
    assert held(plant, FRONT) == {"on_hand": 40, "reserved": 0}

    page.get_by_role("button", name="再算一次").click()
    expect(page.locator(".promise-days")).to_be_visible()
    page.get_by_role("button", name="没说").click()
    expect(page.locator(".promise-window")).to_be_visible()
    page.get_by_role("button", name="退回库存").click()
    expect(page.locator(".promise-window")).to_have_count(0)
    assert held(plant, FRONT) == {"on_hand": 40, "reserved": 0}


def test_too_few_says_how_many_and_where(light: Open, plant: Plant) -> None:
    page = drafted(light, plant, REAR, qty=90)
    page.get_by_role("button", name="能答应哪天送到").click()
    page.get_by_role("button", name="没说").click()
    expect(page.locator(".promise-refused")).to_contain_text("可用 40，要 90")
    page.get_by_role("button", name="改成 40 再算").click()
    page.get_by_role("button", name="没说").click()
    expect(page.locator(".promise-window")).to_be_visible()
    assert held(plant, REAR) == {"on_hand": 40, "reserved": 40}


def test_an_answer_that_is_lost_holds_once(light: Open, plant: Plant) -> None:
    page = drafted(light, plant, FILTER)

    def lose(route: Any) -> None:
        route.fetch()
        route.abort("connectionreset")

    page.route("**/api/promises", lose, times=1)
    page.get_by_role("button", name="能答应哪天送到").click()
    page.get_by_role("button", name="没说").click()
    expect(page.locator(".promise-refused")).to_contain_text("没等到回话")
    page.get_by_role("button", name="没说").click()
    expect(page.locator(".promise-window")).to_be_visible()
    assert held(plant, FILTER) == {"on_hand": 40, "reserved": 4}
    page.get_by_role("button", name="退回库存").click()
    expect(page.locator(".promise-window")).to_have_count(0)


def test_a_promise_reaches_the_door(light: Open, plant: Plant) -> None:
    page = drafted(light, plant, FILTER)
    promised(page)
    number = ordered(page)
    made = paid(plant, number)
    leaves = made["promise"]["ship_by"][:10]
    plant.api.put(f"/api/days/{leaves}", json={"works": False, "name": "盘库"}).raise_for_status()
    plant.server.stop()  # looked at soon after a start, else now and then
    plant.server.again().ready()
    plant.until(lambda: plant.order(number)["promise"]["moved"] is not None, "a date that moved")
    page.reload()
    told = page.locator(".orders-promised")
    expect(told).to_contain_text("现在预计")
    expect(told).to_contain_text("不发货（盘库）")
    expect(told).to_contain_text("原来答应")
    assert fits(page)
    assert violations(page) == []

    phone = light(base_url=plant.url)
    floor = Floor(phone).enrol(plant.card())
    floor.at("A-02-01")
    with phone.expect_response("**/sync/push"):
        floor.press("拿好 4 件")
    for name, body in (("pack", {}), ("ship", {"carrier": "顺丰", "waybill": "SF1"})):
        plant.api.post(f"/api/orders/{number}/{name}", json=body).raise_for_status()
    assert held(plant, FILTER) == {"on_hand": 36, "reserved": 0}
    page.goto(plant.api.post(f"/api/orders/{number}/tracking-link").json()["url"])
    shown = page.locator("body").inner_text()
    assert "SF1" in shown
    day = datetime.fromisoformat(made["promise"]["eta_to"])
    assert f"{day.month} 月 {day.day} 日" in shown
