"""What may be done with one order, from the screen: each command by whoever may give it, refusals in words, lost answers
that make nothing twice, words that are never lost, and nobody's eyes beyond their sights.
"""

import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.journey.conftest import Demo
from tests.support.axe import violations
from tests.support.windows import DESK, PDA, PHONE, Open, fits

pytestmark = pytest.mark.journey
MONEY = re.compile(r"[¥￥]|\d\.\d\d\b")
AGAIN = "没有回音，不知道做成没有。再试一次，不会做两遍。"


@pytest.fixture(scope="module")
def hub(demo: Demo) -> Iterator[str]:
    """A server of its own: these journeys change what others look at."""
    with demo("orders") as server:
        yield server.url


class Desk:
    """The owner behind the scenes, and a device that picks."""

    def __init__(self, url: str) -> None:
        self.api = httpx.Client(base_url=url, timeout=20)
        token = self.api.post("/api/login", json={"user": "owner", "password": "demo"}).json()["token"]
        self.api.cookies.clear()
        self.api.headers["authorization"] = f"Bearer {token}"
        card = self.api.post("/api/devices", json={"label": "PDA", "warehouse": "SH"}).json()
        self.device = self.api.post("/api/devices/enrol", json={"code": card["code"]}).json()["device"]
        self.n = 0

    def place(self, is_paid: bool = True, **change: Any) -> str:
        draft: dict[str, Any] = {
            "customer": {"name": "嘉定安亭汽修", "phone": "13900001234"},
            "address": "上海市嘉定区安亭镇墨玉路 88 号",
            "warehouse": "SH",
            "lines": [{"sku": "BP-1023", "qty": 4}, {"sku": "CF-3017", "qty": 2}],
            **({"paid_at": "2026-01-22T10:00:00+08:00"} if is_paid else {}),
            **change,
        }
        answer = self.api.post("/api/orders", json=draft)
        assert answer.status_code == 201, answer.text
        no: str = answer.json()["order_no"]
        return no

    def give(self, no: str, name: str, **body: Any) -> dict[str, Any]:
        answer = self.api.post(f"/api/orders/{no}/{name}", json=body)
        assert answer.status_code == 200, answer.text
        order: dict[str, Any] = answer.json()
        return order

    def pick(self, no: str, **qty: int) -> None:
        """`pick(no, line1=4)`."""
        ops = []
        for line, n in qty.items():
            self.n += 1
            ops.append(
                {
                    "id": f"{self.device}:{self.n}", "hlc": f"001769047600000-{self.n:04X}-{self.device}",
                    "at": "2026-01-22T10:06:40+08:00", "actor": "picker", "order_no": no,
                    "line_no": int(line[4:]), "kind": "pick", "qty": n, "bin": "", "code": "", "v": 1,
                }
            )  # fmt: skip
        answer = self.api.post("/sync/push", json={"device": self.device, "ops": ops}).json()
        assert [one["verdict"] for one in answer["results"]] != []

    def picked(self, **change: Any) -> str:
        no = self.place(**change)
        self.pick(no, line1=4, line2=2)
        return no

    def packed(self, **change: Any) -> str:
        no = self.picked(**change)
        for one in self.order(no)["checklist"]:
            self.give(no, "check", item=one["item"])
        self.give(no, "pack")
        return no

    def order(self, no: str) -> dict[str, Any]:
        order: dict[str, Any] = self.api.get(f"/api/orders/{no}").json()
        return order

    def told(self, no: str, kind: str) -> list[dict[str, Any]]:
        entries = self.api.get(f"/api/orders/{no}/journal", params={"limit": 200}).json()["items"]
        return [one["said"] for one in entries if one["kind"] == kind]


@pytest.fixture(scope="module")
def desk(hub: str) -> Iterator[Desk]:
    made = Desk(hub)
    yield made
    made.api.close()


def opened(window: Open, user: str, no: str, size: Any = DESK, lang: str = "zh-CN") -> Page:
    """The order's page as `user` sees it."""
    page = window(lang, size)
    signed = page.request.post("/api/login", data={"user": user, "password": "demo"})
    assert signed.ok
    page.goto(f"/app/orders/{no}")
    expect(page.locator(".orders-status")).to_be_visible()
    return page


def act(page: Page, name: str) -> Locator:
    return page.locator(".orders-acts").get_by_role("button", name=name, exact=True)


def sheet(page: Page) -> Locator:
    return page.get_by_role("dialog")


def stands(page: Page, state: str) -> None:
    expect(page.locator(".orders-status h2")).to_have_text(state)


def loses(page: Page, what: str) -> list[int]:
    """The next such command reaches the server, its answer does not come back."""
    lost: list[int] = []

    def through(route: Route) -> None:
        if route.request.method != "POST" or lost:
            route.continue_()
            return
        lost.append(route.fetch().status)
        route.abort("connectionreset")

    page.route(f"**/api/orders/*/{what}", through)
    return lost


def test_an_order_goes_its_whole_way_by_hand(window: Open, desk: Desk) -> None:
    no = desk.place(is_paid=False, options=["附检验报告"])
    money = opened(window, "finance", no)
    stands(money, "待付款")
    act(money, "记收款").click()
    expect(sheet(money).get_by_label("收到多少")).not_to_have_value("")
    sheet(money).get_by_label("怎么付的").select_option("银行转账")
    sheet(money).get_by_role("button", name="记收款").click()
    expect(sheet(money)).to_have_count(0)
    stands(money, "待拣")
    expect(money.locator(".orders-moments li", has_text="收款")).to_have_count(1)

    page = opened(window, "picker", no)
    act(page, "开始拣货").click()
    stands(page, "拣货中")
    expect(act(page, "打包")).to_have_attribute("aria-disabled", "true")
    expect(page.locator(".orders-acts")).to_contain_text(re.compile("还没拣完：.+ 差 4 件"))
    desk.pick(no, line1=4, line2=2)
    page.evaluate("window.dispatchEvent(new Event('focus'))")
    expect(page.locator(".orders-acts")).to_contain_text("清单没勾完：附检验报告")
    page.set_viewport_size(PDA)
    expect(act(page, "打包")).to_have_attribute("aria-disabled", "true")
    page.set_viewport_size(DESK)
    page.get_by_label("附检验报告").click()
    expect(page.get_by_label("附检验报告")).to_be_checked()
    act(page, "打包").click()
    stands(page, "已打包")
    act(page, "发货").click()
    expect(sheet(page)).to_contain_text("拿好的 6 件出库")
    expect(sheet(page)).to_contain_text("做了不能撤销")
    sheet(page).get_by_role("button", name="发货").click()
    expect(sheet(page).get_by_role("alert")).to_have_text("这里要写")
    assert desk.told(no, "order.shipped") == []
    sheet(page).get_by_label("快递").fill("顺丰")
    sheet(page).get_by_label("运单号").fill("SF1390226")
    sheet(page).get_by_role("button", name="发货").click()
    stands(page, "在途")
    expect(page.locator(".orders-parcel")).to_contain_text("SF1390226")
    act(page, "签收").click()
    sheet(page).get_by_label("凭什么算签收").fill("前台代收")
    sheet(page).get_by_role("button", name="签收").click()
    stands(page, "已签收")
    assert [one["evidence"] for one in desk.told(no, "order.delivered")] == ["前台代收"]
    assert len(desk.told(no, "order.shipped")) == 1


def test_a_hold_is_taken_back_by_one_press(window: Open, desk: Desk) -> None:
    no = desk.place()
    page = opened(window, "finance", no, PHONE)
    act(page, "挂起").click()
    sheet(page).get_by_label("为什么挂起").fill("很长" * 300)
    expect(sheet(page).locator(".field-count")).to_have_text("500 / 500")
    sheet(page).get_by_label("为什么挂起").fill("税号有误")
    expect(sheet(page).locator(".field-count")).to_have_count(0)
    sheet(page).get_by_role("button", name="挂起").click()
    stands(page, "挂起")
    expect(page.locator(".orders-status")).to_contain_text("税号有误")
    page.get_by_role("button", name="撤销").click()
    stands(page, "待拣")
    assert len(desk.told(no, "order.held")) == len(desk.told(no, "order.lifted")) == 1
    desk.give(no, "hold", reason="等客户")
    page.evaluate("window.dispatchEvent(new Event('focus'))")
    stands(page, "挂起")
    page.locator(".orders-box").get_by_role("button", name="解挂").click()
    stands(page, "待拣")
    page.get_by_role("button", name="撤销").click()
    expect(page.locator(".orders-status")).to_contain_text("等客户")
    assert fits(page)


def test_a_lost_answer_is_said_and_makes_one_entry(window: Open, desk: Desk) -> None:
    no = desk.place()
    page = opened(window, "sales", no, PHONE)
    lost = loses(page, "comment")
    act(page, "写一句").click()
    sheet(page).get_by_label("写什么").fill("客户说门卫可代收")
    sheet(page).get_by_role("button", name="写一句").click()
    expect(sheet(page).get_by_role("alert")).to_have_text(AGAIN)
    assert lost == [200]
    expect(sheet(page).get_by_label("写什么")).to_have_value("客户说门卫可代收")
    page.keyboard.press("Escape")  # put away and come back: it still stands there
    expect(sheet(page)).to_have_count(0)
    act(page, "写一句").click()
    expect(sheet(page).get_by_label("写什么")).to_have_value("客户说门卫可代收")
    sheet(page).get_by_role("button", name="再试一次").click()
    expect(sheet(page)).to_have_count(0)
    expect(page.locator(".orders-moments li", has_text="门卫可代收")).to_have_count(1)
    assert [one["text"] for one in desk.told(no, "order.commented")] == ["客户说门卫可代收"]


def test_a_press_whose_answer_is_lost_is_done_once(window: Open, desk: Desk) -> None:
    no = desk.picked()
    page = opened(window, "supervisor", no)
    lost = loses(page, "pack")
    act(page, "打包").click()
    expect(page.get_by_role("alert")).to_contain_text(AGAIN)
    assert lost == [200]
    page.get_by_role("button", name="再试一次").click()
    stands(page, "已打包")
    assert len(desk.told(no, "order.packed")) == 1


def test_what_is_typed_outlives_a_refusal_a_change_and_the_session(window: Open, desk: Desk) -> None:
    no = desk.place()
    page = opened(window, "finance", no)
    act(page, "挂起").click()
    sheet(page).get_by_label("为什么挂起").fill("等开票抬头")
    desk.give(no, "hold", reason="老板说先停")
    page.evaluate("window.dispatchEvent(new Event('focus'))")
    expect(sheet(page)).to_contain_text("这单刚变了")
    expect(sheet(page).get_by_label("为什么挂起")).to_have_value("等开票抬头")
    sheet(page).get_by_role("button", name="挂起").click()
    expect(sheet(page).get_by_role("alert")).to_have_text("这单挂起了：老板说先停。")
    expect(sheet(page).get_by_label("为什么挂起")).to_have_value("等开票抬头")
    desk.give(no, "lift")
    page.context.clear_cookies()
    sheet(page).get_by_role("button", name="挂起").click()
    expect(page.locator(".sign-in")).to_contain_text("登录过期")
    page.locator("#user").fill("finance")
    page.locator("#password").fill("demo")
    page.keyboard.press("Enter")
    act(page, "挂起").click()
    expect(sheet(page).get_by_label("为什么挂起")).to_have_value("等开票抬头")
    sheet(page).get_by_role("button", name="挂起").click()
    stands(page, "挂起")


def test_a_refusal_is_said_where_it_was_pressed(window: Open, desk: Desk) -> None:
    no = desk.picked(options=["附检验报告"])
    desk.give(no, "check", item="附检验报告")
    page = opened(window, "picker", no, PDA)
    desk.give(no, "check", item="附检验报告", done=False)
    act(page, "打包").click()
    expect(page.get_by_role("alert")).to_have_text("清单没勾完：附检验报告。")
    expect(page.get_by_label("附检验报告")).not_to_be_checked()
    stands(page, "拣货中")


def test_cancelling_says_what_is_lost_and_asks_once(window: Open, desk: Desk) -> None:
    no = desk.place()
    page = opened(window, "sales", no, PHONE)
    page.get_by_role("button", name="还能做").click()
    sheet(page).get_by_role("button", name="取消这单").click()
    for said in ("占的 6 件放掉", "要退给客户", "做了不能撤销"):
        expect(sheet(page)).to_contain_text(said)
    sheet(page).get_by_label("为什么取消").fill("客户买错了")
    sheet(page).get_by_role("button", name="取消这单").click()
    stands(page, "已取消")
    expect(page.get_by_role("button", name="撤销")).to_have_count(0)
    assert [one["reason"] for one in desk.told(no, "order.cancelled")] == ["客户买错了"]
    late = desk.picked()
    page = opened(window, "sales", late)
    expect(act(page, "取消这单")).to_have_attribute("aria-disabled", "true")
    expect(page.locator(".orders-acts")).to_contain_text("取消找主管")


def test_money_that_differs_is_settled_with_a_why(window: Open, desk: Desk) -> None:
    no = desk.place(is_paid=False)
    desk.give(no, "pay", method="微信支付", amount_fen=desk.order(no)["amount_fen"] - 100)
    page = opened(window, "finance", no)
    page.locator(".orders-box").get_by_role("button", name="处理").click()
    sheet(page).get_by_role("button", name="收到的就算全款").click()
    expect(sheet(page).get_by_role("alert")).to_have_text("这里要写")
    sheet(page).get_by_label("为什么这样处理").fill("抹零")
    sheet(page).get_by_role("button", name="收到的就算全款").click()
    stands(page, "待拣")
    assert [(one["choice"], one["why"]) for one in desk.told(no, "order.resolved")] == [("apply", "抹零")]


def test_a_conflict_is_settled_on_the_orders_page(window: Open, desk: Desk) -> None:
    no = desk.place()
    desk.pick(no, line1=2)
    desk.give(no, "hold", reason="税号有误")
    desk.pick(no, line1=1)
    page = opened(window, "supervisor", no, PHONE)
    box = page.locator(".orders-box", has_text="挂起了，货已经拿了")
    box.get_by_role("button", name="放回货架").click()
    expect(box).to_have_count(0)
    expect(page.get_by_role("status").filter(has_text="货放回去")).to_be_visible()
    assert [one["choice"] for one in desk.told(no, "order.settled")] == ["undo"]


def test_a_changed_order_leads_to_its_new_version(window: Open, desk: Desk) -> None:
    no = desk.place()
    made = desk.give(no, "amend", changes={"note": "送到后门"})["order_no"]
    page = opened(window, "sales", no)
    stands(page, "已改单")
    page.get_by_role("link", name=f"看新版本 {made}").click()
    expect(page.get_by_role("heading", level=1).last).to_have_text(made)
    expect(page.locator(".orders-facts")).to_contain_text("送到后门")


def test_tags_and_files_are_put_there_and_seen(window: Open, desk: Desk) -> None:
    no = desk.place()
    page = opened(window, "sales", no)
    page.get_by_role("button", name="加标签").click()
    sheet(page).get_by_label("标签").fill("专票 加急")
    sheet(page).get_by_role("button", name="加标签").click()
    expect(page.locator(".orders-tags .tag")).to_have_text(["专票", "加急"])
    page.get_by_role("button", name="改标签").click()
    page.get_by_role("button", name="去掉标签 专票").click()
    expect(page.get_by_role("button", name="去掉标签 专票")).to_have_count(0)
    page.get_by_role("button", name="撤销").click()
    expect(page.get_by_role("button", name="去掉标签 专票")).to_be_visible()
    page.get_by_role("button", name="传文件").click()
    sheet(page).get_by_role("button", name="传文件").click()
    expect(sheet(page).get_by_role("alert")).to_have_text("这里要写")
    sheet(page).get_by_label("是什么").select_option("receipt")
    sheet(page).get_by_label("收到多少").fill("128.50")
    sheet(page).locator("input[type=file]").set_input_files(
        {"name": "回单.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.4 x"}
    )
    sheet(page).get_by_role("button", name="传文件").click()
    expect(page.locator(".orders-file")).to_contain_text("¥128.50")
    with page.expect_download() as given:
        page.get_by_role("link", name="回单.pdf").click()
    assert given.value.suggested_filename == "回单.pdf"
    picker = opened(window, "picker", no)
    expect(picker.locator(".orders-files h3")).to_have_text("文件 0 个")
    assert not MONEY.search(picker.locator("main .orders-one").inner_text())


def test_what_happened_is_told_by_state_and_by_snapshot(window: Open, desk: Desk) -> None:
    no = desk.packed()
    desk.give(no, "comment", text="小心轻放")
    page = opened(window, "owner", no)
    moments = page.locator(".orders-moments li")
    expect(moments.filter(has_text="小心轻放")).to_have_count(1)
    before = moments.count()
    page.get_by_role("button", name="只看状态").click()
    expect(moments.filter(has_text="小心轻放")).to_have_count(0)
    assert 0 < moments.count() < before
    page.get_by_role("button", name="快照").click()
    expect(page.locator(".orders-diff dt").first).to_be_visible()
    expect(page.locator(".orders-diff")).to_contain_text("已打包")


@pytest.mark.parametrize(("lang", "size"), [("zh-CN", PHONE), ("en-GB", DESK)])
def test_nobody_stumbles_over_an_order(window: Open, desk: Desk, lang: str, size: Any) -> None:
    no = desk.place(options=["附检验报告"])
    desk.give(no, "hold", reason="税号有误")
    page = opened(window, "supervisor", no, size, lang)
    expect(page.locator(".orders-moments li").first).to_be_visible()
    assert violations(page) == []
    page.get_by_role("button", name="传文件" if lang == "zh-CN" else "Add file").click()
    assert violations(page) == []
    page.keyboard.press("Escape")
    page.goto("/app/orders?colour=red")
    expect(page.locator(".orders-row").first).to_be_visible()
    assert violations(page) == []
