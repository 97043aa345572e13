"""The lead's desk in a real browser: labels are seen before they are printed, a device gets its card and is taken back,
a conflict is read and settled, and a dead network or a refusal is said in words."""

import io
import re

import httpx
import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import expect

from tests.support.axe import violations
from tests.support.windows import PDA, PHONE, Open, at, fits

pytestmark = pytest.mark.journey


def surplus(lead: httpx.Client) -> str:
    """An order of which somebody took two pieces too many."""
    found = lead.get("/api/orders", params={"state": "to_pick", "limit": 100}).json()["items"]
    taken = {one["order_no"] for one in lead.get("/api/conflicts?status=all&limit=200").json()["items"]}
    order = next(one for one in found if not one["held"] and one["order_no"] not in taken)
    card = lead.post("/api/devices", json={"label": "PDA 7", "warehouse": order["warehouse"]}).json()
    enrolled = httpx.post(f"{lead.base_url}/api/devices/enrol", json={"code": card["code"]}).json()
    device, line = enrolled["device"], order["lines"][0]
    op = {
        "id": f"{device}:3", "hlc": f"001795400000000-0000-{device}", "at": "2026-11-22T10:06:40+08:00",
        "actor": "picker", "order_no": order["order_no"], "line_no": 1, "kind": "pick", "qty": line["qty"] + 2,
        "bin": "", "code": "", "v": 1,
    }  # fmt: skip
    head = {"Authorization": f"Bearer {enrolled['token']}"}
    pushed = httpx.post(
        f"{lead.base_url}/sync/push", json={"device": device, "ops": [op]}, headers=head
    ).json()
    assert pushed["results"][0]["verdict"] == "conflict", pushed
    number: str = order["order_no"]
    return number


def test_labels_are_seen_before_they_are_printed(window: Open, house: str) -> None:
    page = at(window, house, "/app/labels")
    picture = page.locator(".desk-sheet img")
    expect(picture).to_be_visible()
    page.get_by_role("button", name="几张").click()
    expect(page.get_by_text("先写下要打哪几张")).to_be_visible()
    expect(page.locator(".desk-print a")).to_have_count(0)
    page.get_by_label("写下它们").fill("A-01-02, A-01-01\nA-01-02")
    page.get_by_label("跳过几张").fill("2")
    link = page.get_by_role("link", name="打印 2 张，1 页")
    expect(link).to_be_visible()
    expect(page.locator(".desk-used")).to_have_count(2)
    expect(link).to_have_attribute(
        "href", re.compile("ids=A-01-02%2CA-01-01.*skip=2|skip=2.*ids=A-01-02%2CA-01-01")
    )
    with page.expect_response(lambda one: "copies=3" in one.url) as seen:
        page.get_by_label("每张几份").fill("3")
    assert "pages=1" in seen.value.url
    drawn = Image.open(io.BytesIO(page.request.get(seen.value.url).body()))
    found = [one.text for one in zxingcpp.read_barcodes(drawn.convert("L"))]
    assert len(found) == 6
    expect(page.get_by_role("link", name="打印 6 张，1 页")).to_be_visible()
    printed = page.request.get(page.locator(".desk-print a").get_attribute("href") or "")
    assert printed.body()[:5] == b"%PDF-"


def test_what_cannot_be_printed_is_said_in_words(window: Open, house: str) -> None:
    page = at(window, house, "/app/labels?kind=bins&ids=NO-SUCH-BIN", "en-GB", PHONE)
    expect(page.get_by_role("alert").first).to_contain_text("NO-SUCH-BIN")
    expect(page.locator(".desk-print a")).to_have_count(0)
    page.get_by_label("Which one", exact=True).fill("A-01-01")
    expect(page.get_by_role("link", name="Print 1 label")).to_be_visible()
    page.get_by_label("Skip cells").fill("24")
    expect(page.get_by_role("alert").first).to_contain_text("0 to 23")
    assert fits(page)
    assert violations(page) == []


def test_a_device_gets_its_card_and_is_taken_back(window: Open, house: str, lead: httpx.Client) -> None:
    page = at(window, house, "/app/devices", size=PHONE)
    page.get_by_role("button", name="加一台设备").click()
    page.get_by_role("button", name="发一张登记卡").click()
    expect(page.get_by_role("alert")).to_contain_text("贴在机器上的名字")
    page.get_by_label("叫什么").fill("PDA 九号")
    page.get_by_role("button", name="发一张登记卡").click()
    code = page.locator(".desk-code").inner_text()
    assert re.fullmatch(r"[0-9A-Z]{4}(-[0-9A-Z]{4}){3}", code)
    symbol = Image.open(io.BytesIO(page.locator(".desk-qr").screenshot()))
    assert [one.text for one in zxingcpp.read_barcodes(symbol)] == [code]
    assert violations(page) == []
    page.emulate_media(media="print")
    expect(page.locator(".desk-qr")).to_be_visible()
    for hidden in (
        page.locator(".places"),
        page.locator(".desk-head"),
        page.get_by_role("button", name="打印这张卡"),
    ):
        expect(hidden).to_be_hidden()
    page.emulate_media(media="screen")
    assert httpx.post(f"{house}/api/devices/enrol", json={"code": code}).status_code == 200
    page.keyboard.press("Escape")
    expect(page.locator(".desk-code")).to_have_count(0)
    page.reload()
    row = page.locator(".desk-device", has_text="PDA 九号")
    expect(row).to_contain_text("在用")
    row.get_by_role("button", name="收回").click()
    expect(page.get_by_role("dialog")).to_contain_text("都留着")
    page.get_by_role("dialog").get_by_role("button", name="收回 PDA 九号").click()
    expect(row).to_contain_text("停用了")
    statuses = {one["label"]: one["status"] for one in lead.get("/api/devices?limit=200").json()["items"]}
    assert statuses["PDA 九号"] == "out"


def test_a_conflict_is_read_and_settled_once(window: Open, house: str, lead: httpx.Client) -> None:
    number = surplus(lead)
    page = at(window, house, "/app/conflicts")
    case = page.get_by_role("article", name=number)
    expect(case.get_by_role("heading")).to_contain_text("多拿了 2 件")
    expect(case.locator(".desk-facts")).to_contain_text("10:06")
    expect(case.get_by_role("button", name="保留实物数量")).to_contain_text("多的 2 件")
    assert violations(page) == []
    other = at(window, house, "/app/conflicts")
    expect(other.get_by_role("article", name=number)).to_be_visible()
    case.get_by_role("button", name="撤销，货放回去").click()
    expect(case.get_by_role("status")).to_contain_text("撤销了，货放回去")
    late = other.get_by_role("article", name=number)
    late.get_by_role("button", name="保留实物数量").click()
    expect(late).to_have_count(0)  # somebody else was first: the list is as the server has it
    page.get_by_role("button", name="定过的").click()
    expect(page.get_by_role("article", name=number)).to_contain_text("撤销了，货放回去")
    done = lead.get("/api/conflicts?status=settled&limit=200").json()["items"]
    assert [one["settled"]["choice"] for one in done if one["order_no"] == number] == ["undo"]


def test_a_device_that_left_a_hole_is_named(window: Open, house: str, lead: httpx.Client) -> None:
    surplus(lead)
    page = at(window, house, "/app/devices", "en-GB", PDA)
    expect(page.locator(".desk-device", has_text="2 not arrived: no. 1–2").first).to_be_visible()
    assert fits(page)
    assert violations(page) == []


def test_who_may_not_sees_why(window: Open, house: str, lead: httpx.Client) -> None:
    number = surplus(lead)
    page = at(window, house, "/app/conflicts", "en-GB", PHONE, "finance")
    case = page.get_by_role("article", name=number)
    expect(case).to_contain_text("A lead, or who took it, decides.")
    expect(case.get_by_role("button")).to_have_count(0)
    expect(page.get_by_role("button", name="Not taken")).to_have_count(0)
    for path in ("/app/labels", "/app/devices"):
        page.goto(path)
        expect(page.get_by_text("This page is for leads.")).to_be_visible()


def test_no_network_is_said_and_ends_by_itself(window: Open, house: str, lead: httpx.Client) -> None:
    number = surplus(lead)
    page = at(window, house, "/app/conflicts")
    case = page.get_by_role("article", name=number)
    expect(case).to_be_visible()
    page.context.set_offline(True)
    case.get_by_role("button", name="保留实物数量").click()
    expect(case.get_by_role("alert")).to_contain_text("没有网")
    expect(case).to_be_visible()
    page.context.set_offline(False)
    case.get_by_role("button", name="保留实物数量").click()
    expect(case.get_by_role("status")).to_contain_text("保留了实物数量")
