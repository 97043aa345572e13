"""A new order in a real browser: typed on a phone, kept through everything, sent once, refused where it is wrong."""

import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.support.axe import violations
from tests.support.windows import DESK, PDA, PHONE, Open, fits, sign_in

pytestmark = pytest.mark.journey
ORDER = re.compile(r"/app/orders/(HD\d{6}-\d{5,})$")
UNKNOWN = "没等到回话，草稿在本机。再发一次，不会变成两单。"


@pytest.fixture
def sales(hub: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=hub, timeout=20) as client:
        token = client.post("/api/login", json={"user": "sales", "password": "demo"}).json()["token"]
        client.headers["authorization"] = f"Bearer {token}"
        client.cookies.clear()
        yield client


def finder(page: Page, name: str) -> Locator:
    return page.get_by_role("combobox", name=name)


def hits(page: Page) -> Locator:
    return page.locator(".sales-hits [role=option]")


def choose(page: Page, name: str, text: str, option: str) -> None:
    finder(page, name).fill(text)
    page.get_by_role("option", name=option).first.click()


def new_customer(page: Page, name: str, phone: str) -> None:
    choose(page, "客户", name, f"新客户 {name}")
    page.get_by_label("手机").fill(phone)
    page.get_by_label("送到").fill("上海市浦东新区张江路 8 号")


def drafted(window: Open, name: str, phone: str) -> Page:
    """A phone with a draft for a new customer: one part, nothing sent."""
    page = window(size=PHONE)
    sign_in(page, "sales", at="/app/new")
    new_customer(page, name, phone)
    choose(page, "加货", "BP-1023", "前刹车片")
    return page


def line(page: Page, n: int) -> Locator:
    return page.locator(".sales-line").nth(n)


def send(page: Page) -> None:
    page.locator(".sales-send").click()


def landed(page: Page) -> str:
    expect(page).to_have_url(ORDER)
    found = ORDER.search(page.url)
    assert found is not None
    return found[1]


def orders_of(sales: httpx.Client, customer: str) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = sales.get("/api/orders", params={"q": customer}).json()["items"]
    return items


def of_terms(sales: httpx.Client, terms: str, least_left: int = 0) -> dict[str, Any]:
    for one in sales.get("/api/customers", params={"limit": 200}).json()["items"]:
        if one["terms"] == terms:
            known: dict[str, Any] = sales.get(f"/api/customers/{one['id']}").json()
            if known["credit_fen"] - known["owed_fen"] >= least_left and known["recent"]:
                return known
    raise AssertionError(f"the demo company has no such customer: {terms}, {least_left}")


def test_from_typing_to_the_orders_own_page(window: Open, sales: httpx.Client) -> None:
    known = of_terms(sales, "prepaid")
    page = window(size=PHONE)
    sign_in(page, "sales", at="/app/new")
    expect(page.get_by_role("heading", level=1)).to_have_text("开单")
    choose(page, "客户", known["name"][:2], known["name"])
    expect(page.locator(".sales-who")).to_contain_text(known["name"])
    page.locator(".sales-usual button").first.click()
    expect(page.get_by_label("送到")).to_have_value(known["recent"][0]["text"])
    expect(page.locator("#sales-address-hint")).to_contain_text("最近")

    finder(page, "加货").fill("BP-1023")
    first = hits(page).first
    expect(first).to_contain_text("前刹车片")
    expect(first).to_contain_text("¥128.00")
    expect(first.locator(".sales-aside")).to_have_text(re.compile(r"仓 \d+"))
    first.click()
    expect(page.locator("#sales-qty-0")).to_be_focused()
    page.keyboard.type("4")
    expect(line(page, 0)).to_contain_text("¥512.00")
    choose(page, "加货", "机油", "机油")
    page.get_by_role("button", name=re.compile("^加一")).nth(1).click()
    expect(page.locator("#sales-qty-1")).to_have_value("2")
    page.get_by_role("button", name="防震泡沫").click()
    page.get_by_label("备注").fill("避开周一")
    assert fits(page)
    assert violations(page) == []
    send(page)

    no = landed(page)
    made = sales.get(f"/api/orders/{no}").json()
    assert [made["state"], made["customer"]["id"]] == ["awaiting_payment", known["id"]]
    assert [one["qty"] for one in made["lines"]] == [4, 2]
    assert made["lines"][0]["sku"] == "BP-1023"
    assert {"防震泡沫", "避周一"} <= {tag["tag"] for tag in made["tags"]}
    expect(page.get_by_role("heading", level=1)).to_have_text(no)
    page.get_by_role(
        "button", name="发查询链接"
    ).click()  # the customer can have it before the money has come
    expect(page.get_by_label(re.compile("发给客户"))).to_have_value(re.compile(r"/t/[A-Z2-7]{26}$"))
    page.goto("/app/new")
    expect(page.locator(".sales-kept")).to_have_count(0)  # the draft has become that order


def lose_answers(page: Page, most: int = 1) -> list[int]:
    """The next orders reach the server, their answers do not come back; returns the statuses that were lost."""
    lost: list[int] = []

    def through(route: Route) -> None:
        if route.request.method != "POST" or len(lost) >= most:
            route.continue_()
            return
        lost.append(route.fetch().status)
        route.abort("connectionreset")

    page.route("**/api/orders", through)
    return lost


def sent_in_vain(page: Page) -> None:
    """The order exists, and the page says that it does not know."""
    lost = lose_answers(page)
    send(page)
    expect(page.locator(".sales-unsent")).to_have_text(UNKNOWN)
    assert lost == [201]


def test_a_lost_answer_and_a_retry_make_one_order(window: Open, sales: httpx.Client) -> None:
    page = drafted(window, "失联一号店", "13911110001")
    sent_in_vain(page)
    page.reload()
    expect(page.locator(".sales-unsent")).to_have_text(UNKNOWN)
    page.get_by_role("button", name="再发一次").click()
    no = landed(page)
    assert [one["order_no"] for one in orders_of(sales, "失联一号店")] == [no]


def test_what_was_changed_after_a_lost_answer_never_makes_a_second_order(
    window: Open, sales: httpx.Client
) -> None:
    page = drafted(window, "失联二号店", "13911110002")
    sent_in_vain(page)
    page.locator("#sales-qty-0").fill("7")
    page.get_by_role("button", name="再发一次").click()
    sheet = page.get_by_role("dialog")
    expect(sheet).to_contain_text("后来改的没带上")
    sheet.get_by_role("button", name=re.compile("^看 HD")).click()
    no = landed(page)
    (made,) = orders_of(sales, "失联二号店")
    assert (made["order_no"], made["lines"][0]["qty"]) == (no, 1)


def test_what_never_arrived_is_sent_as_it_is_now(window: Open, sales: httpx.Client) -> None:
    page = drafted(window, "失联三号店", "13911110003")
    page.route("**/api/orders", lambda route: route.abort("internetdisconnected"))
    send(page)
    expect(page.locator(".sales-unsent")).to_have_text(UNKNOWN)
    page.unroute("**/api/orders")
    page.locator("#sales-qty-0").fill("7")
    page.get_by_role("button", name="再发一次").click()
    landed(page)
    (made,) = orders_of(sales, "失联三号店")
    assert made["lines"][0]["qty"] == 7


def test_after_a_day_nothing_is_sent_again_unasked(window: Open, sales: httpx.Client) -> None:
    """The server has forgotten the key by then: whoever knows better says so."""
    page = drafted(window, "隔天店", "13911110009")
    sent_in_vain(page)
    page.evaluate("""() => {
      const kept = JSON.parse(localStorage.getItem("draft:sales"));
      kept.draft.tried_at -= 86400000;
      localStorage.setItem("draft:sales", JSON.stringify(kept));
    }""")
    page.reload()
    send(page)
    expect(page.locator(".sales-unsent")).to_contain_text("昨天发过一次")
    assert len(orders_of(sales, "隔天店")) == 1
    page.get_by_role("button", name="没有，重新发").click()
    send(page)
    landed(page)
    assert len(orders_of(sales, "隔天店")) == 2


def test_two_tabs_hold_one_draft(window: Open, sales: httpx.Client) -> None:
    page = window(size=PHONE)
    sign_in(page, "sales", at="/app/new")
    other = page.context.new_page()
    other.goto("/app/new")
    new_customer(page, "两页店", "13911110010")
    choose(page, "加货", "BP-1023", "前刹车片")
    expect(other.get_by_label("手机")).to_have_value("13911110010")
    expect(other.locator(".sales-line")).to_have_count(1)
    send(page)
    landed(page)
    expect(other.locator(".sales-line")).to_have_count(0)
    assert len(orders_of(sales, "两页店")) == 1


def test_offline_a_draft_goes_on_and_an_unknown_sku_is_named_at_its_line(
    window: Open, sales: httpx.Client
) -> None:
    page = window(size=PHONE)
    sign_in(page, "sales", at="/app/new")
    new_customer(page, "断网汽修", "13911110004")
    page.get_by_label("送到").fill("昆山市花桥镇光明路 88 号")
    choose(page, "加货", "BP-1023", "前刹车片")
    page.context.set_offline(True)
    finder(page, "加货").fill("nope-1")
    expect(page.locator(".sales-said").last).to_have_text("没有网，找不了。草稿在本机。")
    page.get_by_role("option", name="按货号加 NOPE-1").click()
    expect(line(page, 1)).to_contain_text("没对过，发出去时核对")
    send(page)
    expect(page.locator(".sales-unsent")).to_have_text(UNKNOWN)
    page.context.set_offline(False)
    page.reload()

    expect(page.get_by_label("名称")).to_have_value("断网汽修")
    expect(page.get_by_label("送到")).to_have_value("昆山市花桥镇光明路 88 号")
    expect(page.locator(".sales-line")).to_have_count(2)
    page.get_by_role("button", name="再发一次").click()
    expect(line(page, 1).get_by_role("alert")).to_have_text("没有这个货号：NOPE-1。")
    expect(line(page, 0).get_by_role("alert")).to_have_count(0)
    expect(page.locator(".sales-unsent")).to_have_count(0)
    assert orders_of(sales, "断网汽修") == []
    page.get_by_role("button", name="去掉 NOPE-1").click()
    expect(page.locator(".sales-thrown")).to_contain_text("去掉了 NOPE-1")
    expect(page.locator(".sales-line")).to_have_count(1)
    page.get_by_role("button", name="开单").click()
    landed(page)
    assert len(orders_of(sales, "断网汽修")) == 1


def test_less_than_asked_is_said_and_sent_all_the_same(window: Open, sales: httpx.Client) -> None:
    stock = sales.get("/api/stock", params={"sku": "BP-1023"}).json()["items"]
    beyond = max(one["available"] for one in stock) + 1
    page = drafted(window, "要得多汽配", "13911110005")
    page.locator("#sales-qty-0").fill(str(beyond))
    expect(page.locator(".sales-short")).to_have_text(re.compile(rf"^可用 \d+ 件，要 {beyond} 件。$"))
    expect(page.locator(".sales-note")).to_have_text("货不齐也能开单：付款后等货，货到自动占上。")
    page.locator("#sales-qty-0").fill("0")
    expect(page.locator(".sales-acts .wrong")).to_have_text("1 到 1000000 的整数")
    page.locator("#sales-qty-0").fill(str(beyond))
    send(page)
    no = landed(page)
    assert sales.get(f"/api/orders/{no}").json()["lines"][0]["qty"] == beyond


def test_a_price_is_agreed_and_a_taken_number_stands_at_its_field(window: Open, sales: httpx.Client) -> None:
    twin = sales.post(
        "/api/orders",
        json={
            "external_no": "PO-77",
            "customer": {"name": "双号店", "phone": "13911110006"},
            "lines": [{"sku": "BP-1023", "qty": 1}],
        },
    ).json()["order_no"]
    page = drafted(window, "双号店", "13911110006")
    page.get_by_role("button", name=re.compile("前刹车片 单价")).click()
    price = page.get_by_role("textbox", name="前刹车片 单价")
    price.fill("一百")
    price.press("Enter")
    expect(page.locator(".sales-priced")).to_contain_text("单价写成 128 或 128.50")
    price.fill("99.5")
    price.press("Enter")
    expect(line(page, 0).locator(".sales-sum")).to_have_text("¥99.50")
    page.get_by_text("仓库、外部单号").click()
    page.get_by_label("外部单号").fill("PO-77")
    page.get_by_label("仓库", exact=True).select_option("SZ")
    send(page)
    expect(page.locator("#sales-external-error")).to_contain_text(twin)
    expect(page.get_by_label("外部单号")).to_be_focused()
    expect(page.get_by_role("link", name=f"看 {twin}")).to_be_visible()
    page.get_by_label("外部单号").fill("PO-78")
    send(page)
    made = sales.get(f"/api/orders/{landed(page)}").json()
    assert (made["amount_fen"], made["external_no"], made["warehouse"]) == (9950, "PO-78", "SZ")


def test_a_price_list_that_changed_meanwhile_is_told(window: Open, sales: httpx.Client, hub: str) -> None:
    page = window(size=PHONE)
    with httpx.Client(base_url=hub, timeout=20) as owner:
        token = owner.post("/api/login", json={"user": "owner", "password": "demo"}).json()["token"]
        owner.cookies.clear()
        to = {"name": "变价件", "price_fen": 1000}
        bearer = {"authorization": f"Bearer {token}"}
        assert owner.put("/api/skus/ZZ-PRICE", json=to, headers=bearer).status_code == 200
        sign_in(page, "sales", at="/app/new")
        new_customer(page, "变价店", "13911110011")
        choose(page, "加货", "ZZ-PRICE", "变价件")
        expect(page.locator(".sales-total")).to_contain_text("¥10.00")
        to["price_fen"] = 1250
        assert owner.put("/api/skus/ZZ-PRICE", json=to, headers=bearer).status_code == 200
    send(page)
    sheet = page.get_by_role("dialog")
    expect(sheet).to_contain_text("刚才算 ¥10.00，这单是 ¥12.50")
    sheet.get_by_role("button", name=re.compile("^看 HD")).click()
    landed(page)


def test_on_account_is_a_second_step(window: Open, sales: httpx.Client) -> None:
    known = of_terms(sales, "monthly", 100_000)
    page = window(size=PHONE)
    sign_in(page, "sales", at="/app/new")
    choose(page, "客户", known["phone"], known["name"])
    expect(page.locator(".sales-chosen")).to_contain_text("额度还剩")
    page.locator(".sales-usual button").first.click()
    choose(page, "加货", "BP-1023", "前刹车片")
    send(page)
    sheet = page.get_by_role("dialog")
    expect(sheet).to_contain_text("这单 ¥128.00")
    assert violations(page) == []
    sheet.get_by_role("button", name="月结放行").click()
    made = sales.get(f"/api/orders/{landed(page)}").json()
    assert (made["state"] in ("to_pick", "paid"), made["paid_fen"]) == (True, 0)


def test_by_keyboard_alone(window: Open, sales: httpx.Client) -> None:
    page = window(size=DESK)
    sign_in(page, "sales", at="/app/new")
    finder(page, "客户").focus()
    page.keyboard.type("键盘汽修")
    expect(hits(page)).to_have_count(1)
    page.keyboard.press("Enter")
    expect(page.get_by_label("手机")).to_be_focused()
    page.keyboard.type("13911110007")
    for _ in range(2):  # another way to the customer, the address
        page.keyboard.press("Tab")
    page.keyboard.type("自提")
    page.keyboard.press("Tab")
    expect(finder(page, "加货")).to_be_focused()
    page.keyboard.type("刹车")
    expect(hits(page).nth(1)).to_be_visible()
    page.keyboard.press("ArrowDown")
    second = hits(page).nth(1)
    expect(second).to_have_attribute("aria-selected", "true")
    expect(finder(page, "加货")).to_have_attribute("aria-activedescendant", second.get_attribute("id") or "")
    page.keyboard.press("Enter")
    expect(page.locator("#sales-qty-0")).to_be_focused()
    page.keyboard.type("3")
    page.keyboard.press("Enter")
    expect(finder(page, "加货")).to_be_focused()
    page.keyboard.type("BP-1023")  # as a scanner types: at once, with Enter
    page.keyboard.press("Enter")
    expect(page.locator(".sales-line")).to_have_count(2)
    button = page.get_by_role("button", name="开单")
    for _ in range(30):
        if button.evaluate("it => it === document.activeElement"):
            break
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    made = sales.get(f"/api/orders/{landed(page)}").json()
    assert [one["qty"] for one in made["lines"]] == [3, 1]
    assert made["lines"][1]["sku"] == "BP-1023"


def test_what_is_missing_is_said_and_a_cleared_draft_comes_back(window: Open) -> None:
    page = window(size=PDA)
    sign_in(page, "sales", at="/app/new")
    send(page)
    expect(page.get_by_role("alert").first).to_have_text("选一位客户，或写新的")
    expect(page.get_by_role("alert").nth(1)).to_have_text("写送到哪；自己来拿就写“自提”")
    expect(page.get_by_role("alert").nth(2)).to_have_text("至少加一种货")
    expect(finder(page, "客户")).to_be_focused()
    new_customer(page, "清空店", "13911110008")
    choose(page, "加货", "BP-1023", "前刹车片")
    expect(page.get_by_role("alert")).to_have_count(0)
    page.get_by_role("button", name="清空").click()
    expect(page.locator(".sales-line")).to_have_count(0)
    page.get_by_role("button", name="撤销").click()
    expect(page.get_by_label("名称")).to_have_value("清空店")
    expect(page.locator(".sales-line")).to_have_count(1)
    page.reload()
    expect(page.locator(".sales-line")).to_have_count(1)
    assert fits(page)


def test_a_draft_belongs_to_its_user_and_a_picker_has_none(window: Open) -> None:
    page = window(size=PHONE)
    sign_in(page, "sales", at="/app/new")
    page.get_by_label("备注").fill("陈静的草稿")
    page.context.clear_cookies()
    sign_in(page, "supervisor", at="/app/new")
    expect(page.get_by_label("备注")).to_have_value("")
    page.context.clear_cookies()
    sign_in(page, "picker", at="/app/new")
    expect(page.get_by_text("开单是销售和主管的事")).to_be_visible()
    expect(page.locator(".sales-send")).to_have_count(0)
    page.context.clear_cookies()
    sign_in(page, "sales", at="/app/new")
    expect(page.get_by_label("备注")).to_have_value("陈静的草稿")


@pytest.mark.parametrize("size", [PDA, PHONE, DESK], ids=["small", "phone", "desk"])
def test_in_english_and_by_night(window: Open, size: dict[str, int]) -> None:
    page = window("en-GB", size)
    page.add_init_script("localStorage.setItem('theme', 'dark')")
    sign_in(page, "sales", at="/app/new")
    expect(page.get_by_role("heading", level=1)).to_have_text("New order")
    choose(page, "Customer", "Night shop", "New customer Night shop")
    choose(page, "Add a part", "BP-1023", "前刹车片")
    page.locator("#sales-qty-0").fill("99999")
    expect(page.locator(".sales-short")).to_have_text(re.compile(r"^\d+ available, 99999 asked\.$"))
    assert fits(page)
    assert violations(page) == []


def test_a_count_that_nobody_can_read_is_never_replaced_in_silence(window: Open) -> None:
    page = drafted(window, "宽数字店", "13911110018")
    count = page.locator("#sales-qty-0")
    count.fill("１２")
    expect(line(page, 0)).to_contain_text("¥1,536.00")
    for unread in ("-5", "0", "1.5", ""):
        count.fill(unread)
        page.keyboard.press("Tab")
        expect(line(page, 0)).to_contain_text("1 到 1000000 的整数")
        send(page)
        expect(page).to_have_url(re.compile("/app/new$"))
    count.fill("3")
    send(page)
    landed(page)


def test_money_is_read_as_people_write_it(window: Open) -> None:
    page = window(size=PHONE)
    sign_in(page, "sales", at="/app/new")
    expect(page.get_by_role("heading", level=1)).to_have_text("开单")
    source = page.evaluate(
        "performance.getEntriesByType('resource').find(one => /\\/money\\.js$/.test(one.name)).name"
    )
    said = ["128", "128.5", " ¥1,286.00 ", "￥0.07", "1。5", "", "abc", "1.234", "-3", "99999999999", "0"]
    read = page.evaluate("([source, said]) => import(source).then(it => said.map(it.fenOf))", [source, said])
    assert read == [12800, 12850, 128600, 7, 150, None, None, None, None, None, 0]


def test_goods_by_the_ton_say_what_they_come_to(window: Open, sales: httpx.Client) -> None:
    """No rounding is chosen for anybody: the count that is not whole is refused until somebody says which way."""
    known = of_terms(sales, "prepaid")
    page = window(size=PHONE)
    sign_in(page, "sales", at="/app/new")
    choose(page, "客户", known["name"][:2], known["name"])
    page.locator(".sales-usual button").first.click()
    choose(page, "加货", "BP-1023", "前刹车片")
    page.get_by_role("combobox", name="前刹车片 单位").select_option("吨")
    page.locator("#sales-qty-0").fill("0.5")
    expect(line(page, 0).get_by_role("alert")).to_contain_text("不成整件")
    send(page)
    expect(line(page, 0)).to_contain_text("数量要算得出整件")
    page.get_by_role("button", name=re.compile("单价")).click()
    page.locator("#sales-price-0").fill("4380")
    page.keyboard.press("Enter")
    line(page, 0).get_by_role("button", name="四舍五入").click()
    expect(line(page, 0)).to_contain_text("合 270 件")  # 270.27
    expect(line(page, 0)).to_contain_text("比要的少 0.27")
    expect(line(page, 0)).to_contain_text("¥2,190.00")
    assert fits(page)
    assert violations(page) == []
    send(page)
    made = sales.get(f"/api/orders/{landed(page)}").json()
    assert [made["amount_fen"], sum(one["qty"] for one in made["lines"])] == [219_000, 270]
    expect(page.locator(".orders-sold").first).to_have_text("0.5 吨 × ¥4,380.00/吨，合 270 件")
    page.set_viewport_size({"width": 320, "height": 640})
    assert fits(page)
