"""Channels in a real browser, by clicks and keys alone: from a fresh demo a WhatsApp order and a till's sample become live
channels, a message that was not understood is mended and replayed, a sheet comes in and its refused rows come back."""

import csv
import hashlib
import hmac
import io
import json
import os
import re
import time
from base64 import b64decode, b64encode
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Locator, Page, expect

from tests.support.axe import violations
from tests.support.senders import WHATSAPP
from tests.support.windows import PDA, Open, at, fits

pytestmark = pytest.mark.journey

TILL: dict[str, Any] = {
    "bill": {"serial_9": "T-77", "when": 1769047500, "shop": "浦东宝诚4S店", "mobile": "13800000000"},
    "remark": "加急，请避开周一送货",
    "goods": [
        {"code": "BP-1023", "num": 4, "price": "128.00"},
        {"code": "BP-1023", "num": 1, "price": "99.50"},
    ],
    "scene": 1011,
}


def field(page: Page, name: str) -> Locator:
    return page.locator(f'[data-field="{name}"]')


def source(page: Page, path: str) -> Locator:
    return page.locator(f"[data-path={json.dumps(path, ensure_ascii=False)}] button")


def given(page: Page, term: str) -> str:
    """What stands beside a term on the page that tells it once."""
    return page.locator(".gate-given div", has_text=term).locator("code").inner_text()


def order_of(lead: httpx.Client, number: str) -> dict[str, Any]:
    found = lead.get("/api/orders", params={"q": number}).json()["items"]
    assert len(found) == 1, found
    order: dict[str, Any] = lead.get(f"/api/orders/{found[0]['order_no']}").json()
    return order


def test_a_pasted_whatsapp_order_becomes_a_live_channel(window: Open, house: str, lead: httpx.Client) -> None:
    began = time.monotonic()
    page = at(window, house, "/app/board", "en-GB")
    page.get_by_role("link", name="Channels").click()
    page.get_by_role("link", name="Add a channel").click()
    page.get_by_role("button", name="Read it").click()
    expect(page.get_by_role("alert")).to_contain_text("Give it a name first")
    page.get_by_label("Its name").fill("WhatsApp")
    page.get_by_label("One sample").fill("4 x BP-1023, asap")
    page.get_by_role("button", name="Read it").click()
    expect(page.get_by_role("alert")).to_contain_text("no message in JSON or XML")
    page.get_by_label("One sample").fill(json.dumps(WHATSAPP))
    page.get_by_role("button", name="Read it").click()
    expect(page.locator(".gate-verdict")).to_contain_text("1 order, 2 lines, ¥973.00, unpaid")
    expect(page.locator(".gate-verdict")).to_contain_text("避周一")
    expect(field(page, "customer.name")).to_contain_text("Chen Motors")
    expect(page.locator(".gate-curves path")).not_to_have_count(0)
    assert violations(page) == []
    page.get_by_role("button", name="Next: turn it on").click()
    expect(page.get_by_label("How it proves itself")).to_have_value("whatsapp")  # so it looks
    page.get_by_role("button", name="Turn on, take orders").click()
    expect(page.get_by_role("alert")).to_be_visible()
    page.get_by_label("App secret").fill("shh-its-a-secret")
    page.get_by_label("Verify token").fill("hello")
    assert violations(page) == []
    page.get_by_role("button", name="Turn on, take orders").click()
    expect(page.get_by_role("heading", name="WhatsApp is on")).to_be_visible()
    address = given(page, "Address")
    assert address == f"{house}/in/whatsapp"
    assert time.monotonic() - began < 300
    raw = json.dumps(WHATSAPP).encode()
    mark = "sha256=" + hmac.new(b"shh-its-a-secret", raw, hashlib.sha256).hexdigest()
    assert httpx.post(address, content=raw, headers={"X-Hub-Signature-256": mark}).status_code == 200
    order = order_of(lead, "wamid.A1")
    assert (order["amount_fen"], order["channel"], order["customer"]["name"]) == (
        97_300,
        "whatsapp",
        "Chen Motors",
    )


def test_a_tills_sample_is_joined_by_hand_and_goes_live(window: Open, house: str, lead: httpx.Client) -> None:
    page = at(window, house, "/app/channels/new")
    page.get_by_label("叫什么").fill("徐汇门店收银")
    page.get_by_label("一条样例").fill(json.dumps(TILL, ensure_ascii=False))
    page.get_by_role("button", name="读出来").click()
    expect(page.locator(".gate-verdict")).to_contain_text("还差")
    expect(page.get_by_role("button", name="下一步：启用")).to_have_attribute("aria-disabled", "true")
    source(page, "bill.serial_9").click()
    field(page, "external_no").locator(".gate-field").click()
    expect(field(page, "external_no")).to_contain_text("T-77")
    field(page, "paid_at").locator(".gate-field").press("Enter")
    source(page, "bill.when").press("Enter")
    expect(field(page, "paid_at").locator("select")).to_have_value("epoch_s")
    source(page, "bill.shop").drag_to(field(page, "customer.name"))
    expect(field(page, "customer.name")).to_contain_text("浦东宝诚4S店")
    expect(page.locator(".gate-verdict")).to_contain_text("1 单 2 行，¥611.50，已付款")
    expect(page.locator(".gate-verdict")).to_contain_text("加急")
    assert violations(page) == []
    page.get_by_role("button", name="下一步：启用").click()
    page.get_by_label("地址里的名字").fill("till-xuhui")
    page.get_by_role("button", name="生成 签名密钥").click()
    page.get_by_role("button", name="启用，开始收单").click()
    expect(page.get_by_role("heading", name="徐汇门店收银 启用了")).to_be_visible()
    address, secret = given(page, "收单地址"), given(page, "签名密钥")
    raw, stamp = json.dumps(TILL).encode(), str(int(time.time()))
    signed = hmac.new(b64decode(secret[6:]), f"m1.{stamp}.".encode() + raw, hashlib.sha256).digest()
    head = {
        "webhook-id": "m1",
        "webhook-timestamp": stamp,
        "webhook-signature": "v1," + b64encode(signed).decode(),
    }
    assert httpx.post(address, content=raw, headers=head).status_code == 200
    order = order_of(lead, "T-77")
    assert (order["amount_fen"], order["paid_fen"], order["extra"]["scene"]) == (61_150, 61_150, 1011)
    page.get_by_role("link", name="看它的消息").click()
    page.get_by_role("button", name="办好了").click()
    expect(page.locator(".gate-messages")).to_contain_text("T-77")


def plain(lead: httpx.Client, code: str, mapping: dict[str, Any]) -> str:
    """A channel whose only proof is its address."""
    body = {
        "label": "门市",
        "scheme": "none",
        "secrets": {"path_key": "k1"},
        "mapping": mapping,
        "enabled": True,
    }
    assert lead.put(f"/api/channels/{code}", json=body).status_code == 200
    return f"{lead.base_url}/in/{code}/k1"


LINES = {"each": "goods", "sku": "code", "qty": "num", "price_fen": {"path": "price", "as": "yuan"}}


def test_what_was_not_understood_is_mended_and_replayed(window: Open, house: str, lead: httpx.Client) -> None:
    address = plain(lead, "shop-9", {"external_no": "no", "lines": LINES})
    for n in range(3):
        bill = {**TILL["bill"], "serial_9": f"S-{n}"}
        httpx.post(address, json={**TILL, "bill": bill})
    page = at(window, house, "/app/channels")
    row = page.locator(".gate-channel", has_text="shop-9")
    row.get_by_role("link", name="3 条没看懂").click()
    expect(page.locator(".gate-messages li")).to_have_count(3)
    assert violations(page) == []
    page.get_by_role("button", name="对应", exact=True).click()
    source(page, "bill.serial_9").click()
    field(page, "external_no").locator(".gate-field").click()
    expect(page.locator(".gate-verdict")).to_contain_text("1 单 2 行")
    page.get_by_role("button", name="下一步：在最近 100 条上试").click()
    drawer = page.get_by_role("dialog")
    expect(drawer).to_contain_text("最近 3 条里 3 条会不一样")
    expect(drawer).to_contain_text("3 条没看懂的能看懂了")
    assert violations(page) == []
    drawer.get_by_role("button", name="存为新的一版").click()
    expect(page.get_by_text("第 2 版")).to_be_visible()
    page.get_by_role("button", name="消息", exact=True).click()
    page.get_by_role("button", name="重放全部没看懂的").click()
    expect(page.get_by_text("重放了 3 条，都办好了")).to_be_visible()
    assert {order_of(lead, f"S-{n}")["channel"] for n in range(3)} == {"shop-9"}
    page.get_by_role("button", name="历史", exact=True).click()
    expect(page.locator(".gate-channel").first).to_contain_text("改了 渠道单号")
    page.get_by_role("button", name="退回第 1 版").click()
    expect(page.get_by_role("dialog")).to_contain_text("3 条看得懂的会看不懂")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_a_keyword_is_tried_on_what_came_and_holds(window: Open, house: str, lead: httpx.Client) -> None:
    mapping = {"external_no": "bill.serial_9", "note": "remark", "lines": LINES}
    address = plain(lead, "shop-8", mapping)
    httpx.post(address, json={**TILL, "remark": "老板等着要"})
    page = at(window, house, "/app/channels/shop-8?tab=keywords")
    page.get_by_role("button", name="加一行").click()
    page.get_by_label("词", exact=True).fill("等着要，ASAP")
    page.get_by_label("标签", exact=True).fill("加急")
    page.get_by_label("优先级").select_option("urgent")
    assert violations(page) == []
    page.get_by_role("button", name="下一步：在最近 100 条上试").click()
    expect(page.get_by_role("dialog")).to_contain_text("最近 1 条里 1 条会不一样")
    page.get_by_role("dialog").get_by_role("button", name="存为新的一版").click()
    expect(page.get_by_text("第 2 版")).to_be_visible()
    kept = lead.get("/api/channels/shop-8").json()["keywords"]
    assert kept == [{"words": ["等着要", "ASAP"], "tag": "加急", "priority": "urgent"}]


SHEET = "我的编号,东西,几个,多少钱\nX-1,BP-1023,4,128.00\nX-2,BP-1023,四,1.00\n=3,BP-1023,x,+1\n"


def test_a_sheet_is_joined_once_and_its_refused_rows_come_back(
    window: Open, house: str, lead: httpx.Client, tmp_path: Path
) -> None:
    file = tmp_path / "老单.csv"
    file.write_bytes(SHEET.encode("gb18030"))
    plain(lead, "shop-7", {})
    page = at(window, house, "/app/channels/shop-7?tab=sheets")
    page.locator("input[type=file]").set_input_files(str(file))
    expect(page.locator(".gate-lead")).to_contain_text("按表头猜的")
    for name, to in (
        ("我的编号", "external_no"),
        ("东西", "lines.sku"),
        ("几个", "lines.qty"),
        ("多少钱", "lines.price_fen"),
    ):
        source(page, f'"{name}"').click()
        field(page, to).locator(".gate-field").click()
    expect(page.locator(".gate-verdict")).to_contain_text("会成为 1 单，1 行")
    expect(page.locator(".gate-verdict")).to_contain_text("2 行不收")
    assert violations(page) == []
    page.get_by_role("button", name="导入 3 行").click()
    expect(page.get_by_text("新增 1 单")).to_be_visible()
    with page.expect_download() as loading:
        page.get_by_role("link", name="下载没收的 2 行").click()
    text = Path(str(loading.value.path())).read_text("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text)))
    assert (len(rows), rows[0][:2]) == (3, ["行号", "原因"])
    assert all(not cell.startswith(("=", "+", "-", "@")) for row in rows for cell in row)
    assert violations(page) == []
    page.get_by_role("button", name="换一张表").click()
    page.locator("input[type=file]").set_input_files(str(file))
    expect(page.locator(".gate-lead")).to_contain_text("这种表头上次对过")
    page.get_by_role("button", name="导入 3 行").click()
    expect(page.get_by_text("新增 0 单，1 单早有了")).to_be_visible()
    assert order_of(lead, "X-1")["amount_fen"] == 51_200


def test_a_phone_joins_through_a_sheet_and_nothing_is_cut(window: Open, house: str) -> None:
    page = at(window, house, "/app/channels", "en-GB", PDA)
    assert fits(page)
    page.get_by_role("link", name="Add a channel").click()
    page.get_by_label("Its name").fill("Corner shop")
    page.get_by_label("One sample").fill(json.dumps(TILL, ensure_ascii=False))
    page.get_by_role("button", name="Read it").click()
    expect(page.locator(".gate-verdict")).to_contain_text("missing")
    assert fits(page)
    assert violations(page) == []
    field(page, "external_no").locator(".gate-field").click()
    page.get_by_role("dialog").get_by_role("button", name=re.compile("serial_9")).click()
    expect(field(page, "external_no")).to_contain_text("T-77")
    expect(page.locator(".gate-verdict")).to_contain_text("1 order, 2 lines")
    assert violations(page) == []


def test_no_network_is_said_and_what_was_joined_stays(window: Open, house: str) -> None:
    page = at(window, house, "/app/channels/new")
    page.get_by_label("叫什么").fill("断网店")
    page.get_by_label("一条样例").fill(json.dumps(TILL, ensure_ascii=False))
    page.context.set_offline(True)
    page.get_by_role("button", name="读出来").click()
    expect(page.get_by_role("alert")).to_contain_text("没有网")
    page.context.set_offline(False)
    page.get_by_role("button", name="读出来").click()
    expect(page.locator(".gate-verdict")).to_contain_text("还差")


@pytest.mark.parametrize(
    "name",
    [
        "bank/alipay-example-alipay-records.csv",
        "bank/cmb-example-cmb-records.csv",
        "bank/icbc-example-icbc-debit-v2-records.csv",
        "bank/wechat-example-wechat-records.xlsx",
        "dirty/online_retail_semicolon.csv",
        "olist/orders.csv",
        "olist/order_items.csv",
        "olist/order_payments.csv",
    ],
)
def test_sheets_that_nobody_here_wrote_come_in_or_say_why(
    window: Open, house: str, lead: httpx.Client, tmp_path: Path, name: str
) -> None:
    """Through the page, as people export them; of the long ones the first 300 rows."""
    given = Path(os.environ.get("TEST_DATA", "missing")) / name
    if not given.exists():
        pytest.skip("not run: no data")
    file = tmp_path / given.name
    data = given.read_bytes()
    file.write_bytes(b"\n".join(data.splitlines()[:301]) if file.suffix == ".csv" else data)
    code = "s-" + re.sub(r"\W", "-", given.stem)[:20]
    plain(lead, code, {})
    page = at(window, house, f"/app/channels/{code}?tab=sheets")
    page.locator("input[type=file]").set_input_files(str(file))
    expect(page.locator(".gate-lead")).to_contain_text("行")
    if page.get_by_role("button", name="导入").get_attribute(
        "aria-disabled"
    ):  # no order's number in it: what is one?
        press = field(page, "event").get_by_role("button", name="细看")
        press.click()
        page.get_by_label("每条都是").select_option("pay")
        page.keyboard.press("Escape")
        source(page, page.locator(".gate-source [data-path]").first.get_attribute("data-path") or "").click()
        field(page, "external_no").locator(".gate-field").click()
    with page.expect_response(lambda one: one.url.endswith("/import")) as taking:
        page.get_by_role("button", name="导入").click()
    report = taking.value.json()
    refused = {row: one["why"] for one in report["refused"] for row in one["rows"]}
    assert all(refused.values())
    past = lead.get(f"/api/channels/{code}/imports").json()["items"][0]
    assert (past["status"], past["done"], past["refused"]) == ("done", past["total"], len(refused))
    assert report["orders"] + len(refused) > 0
    expect(page.locator(".gate-report")).to_be_visible()
