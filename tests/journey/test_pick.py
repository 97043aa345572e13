"""The picker's screens in a real Chromium against a real server: every way in which a scanner hands over its text, the full
stop, numbers, what is taken back, two things at once, the shift's end, and a store that is broken.
"""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.floor_page import WITNESS, Floor, label
from tests.support.plant import PASSWORD, Plant
from tests.support.seats import Seats
from tests.support.windows import PDA, fits, profiles, sign_in

pytestmark = pytest.mark.journey
PADS, DISCS, FILTERS = ("BP-1023", "A-01-03"), ("BP-1032", "A-01-04"), ("OF-2001", "A-02-01")
Opened = Callable[..., Page]


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plant]:
    made = Plant(tmp_path_factory.mktemp("plant") / "data", stock=500)
    lead = {
        "display": "刘建国",
        "role": "supervisor",
        "phone": "13900000001",
        "password": PASSWORD,
        "warehouse": "SH",
    }
    made.api.put("/api/users/lead", json=lead).raise_for_status()
    pads = {"name": "前刹车片", "uom": "件", "gtin": "6901234567892", "price_fen": 12800}
    made.api.put("/api/skus/BP-1023", json=pads).raise_for_status()
    yield made
    made.api.close()
    made.stop()


@pytest.fixture
def plant(company: Plant) -> Iterator[Plant]:
    """Nothing is left to pick of the test before."""
    yield company
    for state in ("to_pick", "picking"):
        for order in company.api.get("/api/orders", params={"state": state}).json()["items"]:
            company.api.post(
                f"/api/orders/{order['order_no']}/cancel", json={"reason": "over"}
            ).raise_for_status()


@pytest.fixture
def pda(browser: Browser, plant: Plant) -> Iterator[Opened]:
    """`pda(init=…, lang=…)`: a page of a fresh device; what it complained of fails the test."""
    # Routes are cut here, and see no worker's traffic.
    with profiles(browser, "service worker", base_url=plant.url, service_workers="block") as profile:

        def opened(init: str = "", lang: str = "zh-CN") -> Page:
            page = profile(lang, PDA)
            if init:
                page.add_init_script(f"({init})()")
            return page

        yield opened


@pytest.fixture(scope="module")
def seats(browser: Browser, company: Plant) -> Seats:
    return Seats(browser, "service worker", base_url=company.url, viewport=PDA, service_workers="block")


@pytest.fixture
def floor(seats: Seats, plant: Plant) -> Iterator[Floor]:
    """A device in 王强's hand; its orders are pulled when they are asked for with `look`."""
    with seats.taken("zh-CN") as page:
        yield Floor(page).enrol(plant.card())


def look(floor: Floor) -> None:
    """Pulls now: what was ordered meanwhile is on the walk. (The button may be gone: the device looks by itself, too.)"""
    floor.pull()
    expect(floor.next).to_be_visible()


def orders(plant: Plant, *lines: tuple[str, int], note: str = "", **more: str) -> str:
    given = {
        "customer": {"name": "浦东宝诚4S店", "phone": "13800000000"}, "address": "上海市浦东新区张江路1号", "note": note,
        "lines": [{"sku": sku, "qty": qty, "price_fen": 100} for sku, qty in lines],
        "paid_at": "2026-01-22T10:00:00+08:00", "warehouse": "SH", **more,
    }  # fmt: skip
    made = plant.api.post("/api/orders", json=given).raise_for_status().json()
    assert made["state"] == "to_pick", made
    number: str = made["order_no"]
    return number


def cut(page: Page, path: str) -> None:
    """From now on nothing comes through to this path."""
    page.route(f"**{path}*", lambda route: route.abort("connectionrefused"))


def takes_unheard(floor: Floor, plant: Plant) -> str:
    """Four of the first of two lines are taken, and nothing can be sent; the order's number."""
    number = orders(plant, ("BP-1023", 4), ("OF-2001", 2))
    look(floor)
    cut(floor.page, "/sync/push")
    floor.at("A-01-03")
    floor.press("拿好 4 件")
    expect(floor.next).to_have_text("A-02-01")
    return number


# How a scanner hands over its text


def by_keys(floor: Floor, text: str) -> None:
    floor.scan(text)


def by_keys_with_tab(floor: Floor, text: str) -> None:
    floor.scan(text, end="Tab")


def by_value(floor: Floor, text: str) -> None:
    floor.page.keyboard.insert_text(text)


def slowly(floor: Floor, text: str) -> None:
    """A busy device, or a delay set in the scanner: silence between the keys is not the end."""
    floor.page.keyboard.type(text.rpartition("/")[2], delay=250)


def composed(floor: Floor, text: str) -> None:
    """A Chinese input method has the text in hand first, and commits it."""
    session = floor.page.context.new_cdp_session(floor.page)
    session.send(
        "Input.imeSetComposition", {"text": text, "selectionStart": len(text), "selectionEnd": len(text)}
    )
    floor.page.wait_for_function("() => document.activeElement.value.length > 3")
    expect(floor.band).to_have_count(0)  # nothing is read before the commit
    session.send("Input.insertText", {"text": text})
    session.detach()


def with_alt(floor: Floor, text: str) -> None:
    """Some firmware sets altKey on every key; sent where no field has the focus."""
    floor.page.evaluate(
        """(text) => {
          document.activeElement.blur();
          for (const key of Array.from(text).concat('Enter'))
            document.body.dispatchEvent(new KeyboardEvent('keydown', {key, altKey: true, bubbles: true, cancelable: true}));
        }""",
        text,
    )


def on_a_button(floor: Floor, text: str) -> None:
    """The focus stands on a button: its keys are the scan's, and the suffix does not press it."""
    floor.page.get_by_role("button", name="更多").focus()
    floor.scan(text)


@pytest.mark.parametrize(
    "way",
    [by_keys, by_keys_with_tab, by_value, slowly, composed, with_alt, on_a_button],
    ids=lambda way: way.__name__,
)
def test_a_scan_comes_whichever_way_the_scanner_gives_it(
    floor: Floor, plant: Plant, way: Callable[[Floor, str], None]
) -> None:
    orders(plant, ("BP-1023", 4))
    look(floor)
    way(floor, "HTTPS://OTHER.HOST/S/LA0103V")
    expect(floor.page.get_by_text("库位已核对")).to_be_visible()
    expect(floor.number).to_have_text("4")
    expect(floor.page.get_by_role("dialog")).to_have_count(0)


@pytest.mark.parametrize(
    "text",
    ["LA0103V", "]Q1LA0103V", "ｌａ０１０３ｖ", "\u200bLA0103V", "https://hub.example.cn/s/LA0103V?x=1"],
    ids=["bare", "aim", "wide", "invisible", "query"],
)
def test_what_scanners_add_is_taken_away(floor: Floor, plant: Plant, text: str) -> None:
    orders(plant, ("BP-1023", 4))
    look(floor)
    by_value(floor, text)
    expect(floor.page.get_by_text("库位已核对")).to_be_visible()


@pytest.mark.parametrize(
    "text", ["6901234567892", "06901234567892", "0106901234567892|17991231", "]d20106901234567892\x1d21A7"]
)
def test_a_package_is_known_by_its_number(floor: Floor, plant: Plant, text: str) -> None:
    orders(plant, ("BP-1023", 2))
    look(floor)
    floor.at("A-01-03")
    by_value(floor, text)
    expect(floor.number).to_have_text("1")


def test_two_fast_scans_are_two(floor: Floor, plant: Plant) -> None:
    orders(plant, ("BP-1023", 4))
    look(floor)
    floor.scan(label("A-01-03"))
    floor.scan("BP-1023")
    floor.scan("BP-1023")
    expect(floor.number).to_have_text("2")
    by_value(floor, "BP-1023")
    by_value(floor, "BP-1023")
    expect(floor.page.get_by_text("这一波走完了")).to_be_visible()
    assert floor.ops() == [("pick", 1, "A-01-03", "BP-1023")] * 4


def test_the_focus_comes_back_or_asks_for_a_tap(floor: Floor, plant: Plant) -> None:
    orders(plant, ("BP-1023", 4))
    look(floor)
    page = floor.page
    page.evaluate("document.activeElement.blur()")
    page.wait_for_function("() => document.activeElement.classList.contains('pick-scan')")
    page.keyboard.press("Tab")  # who walks by keyboard keeps the focus, and is told
    unready = page.get_by_role("button", name="扫描未就绪，点这里")
    expect(unready).to_be_visible()
    unready.click()
    expect(unready).to_have_count(0)
    by_value(floor, "LA0103V")
    expect(page.get_by_text("库位已核对")).to_be_visible()


def test_a_code_typed_by_hand_needs_its_check_character(floor: Floor, plant: Plant) -> None:
    orders(plant, ("BP-1023", 4))
    look(floor)
    floor.press("扫货架码开始")
    floor.page.get_by_label("扫不了就手输").fill("a-01-03")
    floor.press("核对这个码")
    expect(floor.stop).to_contain_text("码对不上")
    floor.press("知道了")
    floor.press("扫货架码开始")
    floor.page.get_by_label("扫不了就手输").fill("a-o1-o3v")
    floor.press("核对这个码")
    expect(floor.page.get_by_text("库位已核对")).to_be_visible()


def test_a_bin_without_its_code_stays_unchecked(floor: Floor, plant: Plant) -> None:
    orders(plant, ("BP-1023", 4))
    look(floor)
    floor.press("扫货架码开始")
    floor.press("码坏了，不扫直接拿")
    expect(floor.page.get_by_text("库位已核对")).to_have_count(0)
    floor.press("拿好 4 件")
    expect(floor.page.get_by_text("这一波走完了")).to_be_visible()
    assert floor.ops() == [("pick", 4, "", "")]


# The full stop


def test_a_wrong_part_stops_everything_until_it_is_acknowledged(floor: Floor, plant: Plant) -> None:
    orders(plant, ("BP-1023", 4))
    look(floor)
    floor.at("A-01-03")
    floor.scan("BP-1032")
    expect(floor.stop).to_contain_text("拿错了")
    expect(floor.stop).to_contain_text("该在 A-01-04")
    expect(floor.stop.locator(".wanted")).to_have_text("23")
    expect(floor.stop.locator(".scanned")).to_have_text("32")
    box = floor.page.get_by_role("button", name="知道了").bounding_box()
    assert box is not None
    assert box["height"] >= 72
    floor.scan("BP-1023")
    floor.scan(label("A-01-04"))
    floor.press("知道了")
    expect(floor.number).to_have_text("4")
    assert floor.ops() == [("wrong", 0, "A-01-03", "BP-1032")]
    floor.scan("BP-1023")
    expect(floor.number).to_have_text("3")


def test_a_wrong_bin_and_an_unknown_code_stop_too(floor: Floor, plant: Plant) -> None:
    orders(plant, ("BP-1023", 4), ("BP-1032", 2))
    look(floor)
    floor.scan(label("A-01-04"))
    expect(floor.stop).to_contain_text("这里是 A-01-04，要去 A-01-03。")
    floor.press("知道了")
    floor.at("A-01-03")
    floor.scan("BP-1O23")
    expect(floor.stop).to_contain_text("不认识这个码")
    expect(floor.stop).to_contain_text("BP-1O23")
    floor.press("知道了")
    floor.scan("LA0103X")
    expect(floor.stop).to_contain_text("码对不上")
    floor.press("知道了")
    floor.scan(label("A-01-04"))
    expect(floor.stop).to_contain_text("走错了")
    floor.press("就在 A-01-04 拿")
    expect(floor.band).to_contain_text("A-01-04")
    expect(floor.number).to_have_text("2")
    wrongs = floor.ops("wrong")
    assert [one[2:] for one in wrongs] == [
        ("A-01-04", "LA0104K"[:6] + label("A-01-04")[-1]), ("A-01-03", "BP-1O23"), ("A-01-03", "LA0103X"),
        ("A-01-04", label("A-01-04")),
    ]  # fmt: skip


def test_a_part_before_its_bin_is_told_where_to_go(floor: Floor, plant: Plant) -> None:
    orders(plant, ("BP-1023", 4))
    look(floor)
    floor.scan("BP-1023")
    expect(floor.stop).to_contain_text("先扫货架码")
    expect(floor.stop).to_contain_text("A-01-03")
    floor.press("知道了")
    assert floor.ops() == []


# Numbers


def test_one_piece_is_confirmed_by_its_scan_and_a_wave_ends(floor: Floor, plant: Plant) -> None:
    number = orders(plant, ("BP-1023", 1), ("OF-2001", 3))
    look(floor)
    expect(floor.page.get_by_text("已走 0 / 2 站")).to_be_visible()
    floor.at("A-01-03")
    floor.scan("BP-1023")
    expect(floor.next).to_have_text("A-02-01")
    floor.at("A-02-01")
    floor.press("拿好 3 件")
    expect(floor.page.get_by_role("heading", name="这一波走完了")).to_be_visible()
    assert floor.ops() == [("pick", 1, "A-01-03", "BP-1023"), ("pick", 3, "A-02-01", "")]
    plant.until(
        lambda: [line["picked"] for line in plant.order(number)["lines"]] == [1, 3], "the picks never came"
    )


def test_part_of_it_short_of_it_and_back(floor: Floor, plant: Plant) -> None:
    number = orders(plant, ("BP-1023", 6), ("OF-2001", 1))
    look(floor)
    floor.at("A-01-03")
    floor.number.click()
    floor.press("2")
    floor.press("拿好 2 件")
    expect(floor.number).to_have_text("4")
    expect(floor.page.get_by_role("button", name="再拿 4 件")).to_be_visible()
    floor.press("缺货")
    floor.press("3")
    floor.press("拿好 3，缺 1")
    expect(floor.next).to_have_text("A-02-01")
    expect(floor.step).to_contain_text("缺 1 件，已记下，主管会看到。")
    floor.press("撤销")
    expect(floor.step).to_contain_text("已撤销，3 件算没拿。")
    expect(floor.next).to_have_text("A-01-03")
    floor.at("A-01-03")
    expect(floor.number).to_have_text("4")
    floor.press("缺货")
    floor.page.get_by_role(
        "button", name="0", exact=True
    ).click()  # a number first: a careless tap reports nothing
    floor.press("缺 4 件")
    expect(floor.next).to_have_text("A-02-01")
    assert [one[:2] for one in floor.ops()] == [
        ("pick", 2), ("pick", 3), ("short", 1), ("void", 0), ("void", 0), ("short", 4),
    ]  # fmt: skip
    plant.until(lambda: _counts(plant, number) == [(2, 4), (0, 0)], "the counts never agreed")


def _counts(plant: Plant, number: str) -> list[tuple[int, int]]:
    return [(line["picked"], line["short"]) for line in plant.order(number)["lines"]]


def test_more_than_wanted_cannot_be_written(floor: Floor, plant: Plant) -> None:
    orders(plant, ("BP-1023", 6))
    look(floor)
    floor.at("A-01-03")
    floor.number.click()
    floor.press("9")
    expect(floor.page.get_by_text("只要 6 件")).to_be_visible()
    expect(floor.page.get_by_role("button", name="写个数")).to_have_attribute("aria-disabled", "true")
    floor.page.get_by_role("button", name="退一格").click()
    floor.press("6")
    floor.press("拿好 6 件")
    expect(floor.page.get_by_text("这一波走完了")).to_be_visible()


def test_a_bin_with_several_orders_is_checked_once_and_walked_line_by_line(
    floor: Floor, plant: Plant
) -> None:
    first, second = orders(plant, ("BP-1023", 2)), orders(plant, ("BP-1023", 3), note="加急")
    look(floor)
    expect(floor.page.get_by_text("分 2 单")).to_be_visible()
    floor.at("A-01-03")
    expect(floor.page.get_by_text(f"单 {second[-5:]}")).to_be_visible()  # the urgent one first
    floor.press("拿好 3 件")
    expect(floor.page.get_by_text(f"单 {first[-5:]}")).to_be_visible()
    expect(floor.page.get_by_text("库位已核对")).to_be_visible()
    floor.press("拿好 2 件")
    expect(floor.page.get_by_text("这一波走完了")).to_be_visible()


def test_an_order_that_is_whole_says_what_to_attach(floor: Floor, plant: Plant) -> None:
    orders(plant, ("BP-1023", 1), note="附检验报告")
    look(floor)
    floor.at("A-01-03")
    floor.scan("BP-1023")
    expect(floor.page.get_by_text("打包时要附上这些，没附不能发。")).to_be_visible()
    expect(floor.page.get_by_text("附检验报告")).to_be_visible()
    floor.press("接着走")
    expect(floor.page.get_by_text("这一波走完了")).to_be_visible()


# What lies on the device


def test_a_tick_comes_only_when_the_pick_lies_on_disk(pda: Opened, plant: Plant) -> None:
    floor = Floor(pda(init=WITNESS)).enrol(plant.card())
    orders(plant, ("BP-1023", 1), ("OF-2001", 1))
    look(floor)
    floor.at("A-01-03")
    floor.scan("BP-1023")
    expect(floor.next).to_have_text("A-02-01")
    floor.page.wait_for_function("() => window.seen.includes('felt 60')")
    seen = floor.page.evaluate("window.seen")
    at_bin, at_tick = seen.index("felt 30"), seen.index("felt 60")
    assert "stored strict" in seen[at_bin:at_tick]
    assert (seen.count("felt 30"), seen.count("felt 60")) == (1, 1)


def test_a_reload_and_a_label_opened_by_the_camera_find_everything_again(floor: Floor, plant: Plant) -> None:
    orders(plant, ("BP-1023", 4), ("OF-2001", 2))
    look(floor)
    floor.at("A-01-03")
    floor.scan("BP-1023")
    expect(floor.number).to_have_text("3")
    cut(floor.page, "/sync/pu")
    floor.page.reload()
    expect(floor.page.get_by_text("库位已核对")).to_be_visible()
    expect(floor.number).to_have_text("3")
    floor.page.goto(f"/s/{label('A-02-01')}")
    expect(floor.band).to_contain_text("A-02-01")
    expect(floor.number).to_have_text("2")
    floor.page.goto("/S/LA0199X")
    expect(floor.stop).to_contain_text("码对不上")
    floor.press("知道了")
    expect(floor.next).to_have_text("A-01-03")


def test_the_queue_shows_what_waits_and_takes_back_what_was_sent(floor: Floor, plant: Plant) -> None:
    number = takes_unheard(floor, plant)
    floor.page.locator(".chip").click()
    expect(floor.page.get_by_text("已存本机 1 条")).to_be_visible()
    expect(floor.page.locator(".pick-rows")).to_contain_text("A-01-03 前刹车片")
    expect(floor.page.locator(".pick-rows")).to_contain_text("王强 · 刚刚")
    floor.page.unroute("**/sync/push*")
    floor.press("现在试发")
    expect(floor.page.get_by_text("都发出去了")).to_be_visible()
    assert plant.order(number)["lines"][0]["picked"] == 4
    floor.page.get_by_role("button", name="24 小时内发出 1 条").click()
    floor.page.locator(".pick-rows button").click()
    floor.press("撤销这 4 件")
    plant.until(lambda: plant.order(number)["lines"][0]["picked"] == 0, "the void never came")


# Two things at once


def test_a_hold_that_arrives_while_nothing_can_be_sent_is_asked_and_settled(
    floor: Floor, plant: Plant
) -> None:
    number = takes_unheard(floor, plant)
    floor.at("A-02-01")
    plant.api.post(f"/api/orders/{number}/hold", json={"reason": "税号有误"}).raise_for_status()
    floor.pull()
    expect(floor.page.get_by_role("heading", name="这单挂起了，")).to_be_visible()
    expect(floor.page.get_by_text("挂起：税号有误")).to_be_visible()
    expect(floor.page.get_by_text("A-01-03 拿了 4 件 前刹车片")).to_be_visible()
    expect(floor.page.get_by_role("link", name="叫主管 刘建国")).to_have_attribute("href", "tel:13900000001")
    floor.page.get_by_role("button", name="撤销我的操作").click()
    expect(floor.page.get_by_text("已记下，4 件放回 A-01-03")).to_be_visible()
    floor.page.unroute("**/sync/push*")
    floor.page.locator(".chip").click()
    floor.press("现在试发")
    plant.until(lambda: plant.order(number)["lines"][0]["picked"] == 0, "the settlement never came")


def test_an_order_taken_away_from_under_the_hand_says_so(floor: Floor, plant: Plant) -> None:
    number = orders(plant, ("BP-1023", 4))
    orders(plant, ("OF-2001", 2))
    look(floor)
    floor.at("A-01-03")
    plant.api.post(f"/api/orders/{number}/cancel", json={"reason": "不要了"}).raise_for_status()
    floor.pull()
    expect(floor.stop).to_contain_text("客户取消了")
    floor.press("知道了")
    expect(floor.next).to_have_text("A-02-01")


# The shift's end


def test_a_device_changes_hands_with_ops_that_wait(floor: Floor, plant: Plant) -> None:
    number = takes_unheard(floor, plant)
    floor.press("更多")
    floor.page.get_by_role("button", name="交接").click()
    expect(floor.page.get_by_role("heading", name="交接 PDA 7")).to_be_visible()
    expect(floor.page.get_by_text("1 条未发送，留在本机")).to_be_visible()
    expect(floor.page.get_by_text("记在王强名下，有网照发")).to_be_visible()
    expect(floor.page.get_by_text("今天 1 站 · 4 件")).to_be_visible()
    expect(floor.page.get_by_text("这一波还剩 1 站")).to_be_visible()
    floor.press("孙磊")
    floor.at("A-02-01")
    floor.press("拿好 2 件")
    expect(floor.page.get_by_text("这一波走完了")).to_be_visible()
    floor.page.unroute("**/sync/push*")
    floor.page.locator(".chip").click()
    floor.press("现在试发")
    plant.until(lambda: _counts(plant, number) == [(4, 0), (2, 0)], "the picks never came")
    floor.page.get_by_role("button", name="返回").click()
    floor.press("更多")
    floor.page.get_by_role("button", name="交接").click()
    floor.press("没人接，只锁屏")
    expect(floor.page.get_by_role("heading", name="谁在拣货")).to_be_visible()
    floor.scan(label("A-01-03"))
    expect(floor.band).to_have_count(0)


def test_a_supervisor_makes_the_device_on_the_spot(pda: Opened, plant: Plant) -> None:
    page = pda()
    sign_in(page, "lead", PASSWORD)
    expect(page.locator("#password")).to_have_count(0)
    page.goto("/app/pick")
    page.get_by_role("button", name="登记这台").click()
    expect(page.get_by_text("码是 16 位，四个一组。")).to_be_visible()
    page.get_by_label("这台叫什么").fill("PDA-09")
    page.get_by_role("button", name="建好并登记").click()
    expect(page.get_by_role("heading", name="谁在拣货")).to_be_visible()
    expect(page.get_by_text("PDA-09")).to_be_visible()
    page.get_by_role("button", name="还有").click()
    page.get_by_role("button", name="刘建国").click()
    expect(page.get_by_text("现在没有要拣的货")).to_be_visible()


def test_a_card_works_once(pda: Opened, plant: Plant) -> None:
    code = plant.card()
    Floor(pda()).enrol(code.lower().replace("-", " "))
    page = pda()
    page.goto("/app/pick")
    page.get_by_label("卡上的码").fill(code)
    page.get_by_role("button", name="登记这台").click()
    expect(page.get_by_role("alert")).to_contain_text("用过了或过期了")


# Edges


def test_a_store_that_does_not_open_takes_the_whole_screen(pda: Opened) -> None:
    page = pda(
        init="() => { IDBFactory.prototype.open = () => { throw new DOMException('Internal error', 'UnknownError'); }; }"
    )
    page.goto("/app/pick")
    expect(page.get_by_role("heading", name="本机存储损坏")).to_be_visible()
    expect(page.get_by_text("先别拣了，别关机，别清数据。")).to_be_visible()
    assert fits(page)


def test_a_page_older_than_its_store_asks_to_be_opened_again(pda: Opened) -> None:
    page = pda(
        init="() => { IDBFactory.prototype.open = () => { throw new DOMException('newer', 'VersionError'); }; }"
    )
    page.goto("/app/pick")
    expect(page.get_by_role("heading", name="这页旧了")).to_be_visible()
    expect(page.get_by_role("button", name="再打开一次")).to_be_visible()
    assert fits(page)


def test_a_pick_that_cannot_be_stored_gets_no_tick(floor: Floor, plant: Plant) -> None:
    orders(plant, ("BP-1023", 4))
    look(floor)
    floor.at("A-01-03")
    floor.page.evaluate(
        """() => {
          const add = IDBObjectStore.prototype.add;
          IDBObjectStore.prototype.add = function (...given) {
            if (this.name === 'ops') this.transaction.abort();
            return add.apply(this, given);
          };
        }"""
    )
    floor.press("拿好 4 件")
    expect(floor.page.get_by_text("没存上").or_(floor.page.get_by_text("本机存储损坏"))).to_be_visible()
    assert floor.ops() == []


def test_in_english_on_a_short_narrow_screen_everything_fits(pda: Opened, plant: Plant) -> None:
    page = pda(lang="en-GB")
    page.set_viewport_size({"width": 320, "height": 560})
    page.goto("/app/pick")
    page.get_by_label("Code on the card").fill(plant.card())
    page.get_by_role("button", name="Enrol it").click()
    page.get_by_role("button", name="王强").click()
    orders(plant, ("BP-1023", 128), note="加急，附检验报告，防震泡沫")
    page.get_by_role("button", name="Look now").click()
    floor = Floor(page)
    expect(floor.next).to_be_visible()
    assert fits(page)
    floor.scan(label("A-01-03"))
    took = page.get_by_role("button", name="Took 128 pcs")
    expect(took).to_be_in_viewport(ratio=1)
    expect(floor.number).to_be_in_viewport(ratio=1)
    assert fits(page)
    floor.scan("BP-1032")
    expect(page.get_by_role("button", name="Got it")).to_be_in_viewport(ratio=1)
    assert fits(page)
