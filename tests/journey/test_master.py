"""Master data in a real browser: a company that holds nothing but its owner gets its goods, shelves, stock and people by
sheets and by hand; what is refused comes back to be mended; nothing that was typed is lost."""

import csv
import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from tests.support.axe import violations
from tests.support.looks import defects
from tests.support.plant import PASSWORD
from tests.support.server import Server, command, serve
from tests.support.windows import DESK, PDA, Open, fits, sign_in

pytestmark = pytest.mark.journey
Sheet = Callable[[str, str], str]
SKUS = "货号,品名,单价（元）,重量,条码\nBP-1023,前刹车片,128,1.85kg,4006381333931\nBP-1032,后刹车片,一百,1.9kg,\n"
REST = {
    "bins": "库位,货号\nA-01-03,BP-1023\n",
    "stock": "货号,库位,数量\nBP-1023,A-01-03,40\n",
    "users": "用户名,姓名,角色\nsun,孙磊,拣货\n",
}


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """What `huodaona init` leaves: an owner and a warehouse."""
    folder = tmp_path_factory.mktemp("bare") / "data"
    secret = folder.parent / "password"
    secret.write_text(PASSWORD)
    command(
        "init", "--data", str(folder), "--owner", "boss", "--warehouse", "SH", "--password-file", str(secret)
    )
    server = serve(folder).ready()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def owner(bare: Server) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=bare.url, timeout=20) as client:
        given = {"user": "boss", "password": PASSWORD}
        token = client.post("/api/login", json=given).raise_for_status().json()["token"]
        client.headers["authorization"] = f"Bearer {token}"
        client.cookies.clear()
        yield client


@pytest.fixture
def sheet(tmp_path: Path) -> Sheet:
    def written(name: str, text: str) -> str:
        file = tmp_path / name
        file.write_text(text, "utf-8-sig")
        return str(file)

    return written


@pytest.fixture(scope="module")
def cookies(bare: Server) -> list[Any]:
    """The owner's, signed in once."""
    with httpx.Client(base_url=bare.url, timeout=20) as client:
        client.post("/api/login", json={"user": "boss", "password": PASSWORD}).raise_for_status()
        return [{"name": name, "value": value, "url": bare.url} for name, value in client.cookies.items()]


@pytest.fixture
def boss(light: Open, bare: Server, cookies: list[Any]) -> Callable[..., Page]:
    def opened(path: str, lang: str = "zh-CN", size: Any = DESK) -> Page:
        page = light(lang, size, base_url=bare.url)
        page.context.add_cookies(cookies)
        page.goto(path)
        return page

    return opened


def give(page: Page, file: str) -> None:
    page.locator("input[type=file]").set_input_files(file)
    expect(page.locator(".master-sums")).to_be_visible()


def fetched(page: Page, link: Locator) -> str:
    with page.expect_download() as loading:
        link.click()
    return Path(str(loading.value.path())).read_text("utf-8-sig")


def test_what_is_missing_leads_to_a_sheet_whose_refused_row_is_mended(
    boss: Callable[..., Page], owner: httpx.Client, sheet: Sheet
) -> None:
    page = boss("/app/master")
    expect(page.locator(".master-start")).to_contain_text("还差 5 样")
    assert violations(page) == []
    page.get_by_role("link", name="导入货品").click()
    give(page, sheet("货.csv", SKUS))
    expect(page.locator(".master-sums")).to_contain_text("新的 1 行")
    expect(page.locator(".master-reasons")).to_contain_text("第 3 行")
    assert violations(page) == []
    assert owner.get("/api/skus").json()["items"] == []
    page.get_by_role("button", name="收下 1 行").click()
    expect(page.get_by_text("货.csv 收好了")).to_be_visible()
    rows = list(csv.reader(io.StringIO(fetched(page, page.get_by_role("link", name="下载不收的 1 行")))))
    assert len(rows) == 2
    text = io.StringIO()
    csv.writer(text).writerows([[cell.replace("一百", "112.50") for cell in row] for row in rows])
    page.get_by_role("button", name="传改好的表").click()
    give(page, sheet("改好.csv", text.getvalue()))
    expect(page.locator(".master-sums")).to_have_text("新的 1 行")
    page.get_by_role("button", name="收下 1 行").click()
    page.get_by_role("link", name="看 货品").click()
    expect(page.get_by_role("link", name="BP-1032")).to_contain_text("¥112.50")
    found = {
        one["code"]: (one["price_fen"], one["weight_g"]) for one in owner.get("/api/skus").json()["items"]
    }
    assert found == {"BP-1023": (12_800, 1_850), "BP-1032": (11_250, 1_900)}
    page.get_by_role("link", name="开张清单").click()
    expect(page.locator(".master-start")).to_contain_text("还差 4 样")
    for kind, text in REST.items():
        file = {"file": (f"{kind}.csv", text.encode(), "text/csv")}
        told = owner.post(f"/api/{kind}/import", files=file).raise_for_status().json()
        assert told["refused"] == [], told
    card = owner.post("/api/devices", json={"label": "PDA 1", "warehouse": "SH"}).json()
    owner.post("/api/devices/enrol", json={"code": card["code"]}).raise_for_status()
    page.reload()
    expect(page.locator(".master-start")).to_contain_text("都齐了")
    expect(page.get_by_role("link", name="开一单")).to_be_visible()
    page.get_by_role("link", name="期初库存").click()
    expect(page.locator(".master-rows li")).to_contain_text(["前刹车片"])


def test_a_form_says_beneath_each_field_what_is_wrong(boss: Callable[..., Page], owner: httpx.Client) -> None:
    page = boss("/app/master/skus", "en-GB", PDA)
    page.get_by_role("link", name="Add").click()
    form = page.get_by_role("dialog")
    form.get_by_label("Barcode").fill("4006381333932")
    expect(form).to_contain_text("The last digit is 2 and should be 1")
    form.get_by_label("Price (yuan)").fill("12.345")
    form.get_by_label("Weight").fill("500")
    form.get_by_role("button", name="Save", exact=True).click()
    expect(form.get_by_label("SKU", exact=True)).to_be_focused()
    expect(form.get_by_role("alert")).to_have_text(
        ["This is needed", "This is needed", "In yuan, at most two decimals, such as 1286.00", "Add g or kg",
         "The last digit is 2 and should be 1. Look again"]
    )  # fmt: skip
    assert violations(page) == []
    form.get_by_label("SKU", exact=True).fill("TON-1")
    form.get_by_label("Name").fill("螺栓 " + "长" * 190)
    form.get_by_label("Barcode").fill("")
    form.get_by_label("Price (yuan)").fill("4,380")
    form.get_by_label("Weight").fill("3.27 kg")
    form.get_by_role("button", name="Add a unit").click()
    form.get_by_role("group", name="Other units 1").get_by_label("Unit", exact=True).fill("吨")
    form.get_by_label("Price per").select_option("吨")
    assert fits(page)
    form.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("TON-1 is saved")).to_be_visible()
    expect(page.get_by_role("dialog")).to_have_count(0)
    saved = owner.get("/api/skus/TON-1").json()
    assert (saved["price_fen"], saved["price_uom"], saved["weight_g"]) == (438_000, "吨", 3_270)
    assert saved["units"] == [{"uom": "吨", "pieces": 0, "per": 1, "round": "even"}]
    page.get_by_role("link", name="Add").click()
    form.get_by_label("SKU", exact=True).fill("TON-1")
    form.get_by_label("Name").fill("again")
    form.get_by_role("button", name="Save", exact=True).click()
    expect(form.get_by_role("alert")).to_have_text("TON-1 is there already; change it in the list")
    assert owner.get("/api/skus/TON-1").json() == saved


def test_a_photo_is_made_small_and_kept_at_once(
    boss: Callable[..., Page], owner: httpx.Client, tmp_path: Path
) -> None:
    owner.put("/api/skus/PIC-1", json={"name": "有图的货"}).raise_for_status()
    Image.effect_noise((4000, 3000), 90).save(tmp_path / "photo.jpg")
    page = boss("/app/master/skus?one=PIC-1", size=PDA)
    form = page.get_by_role("dialog")
    form.locator("input[type=file]").set_input_files(str(tmp_path / "photo.jpg"))
    shown = form.get_by_role("img", name="有图的货")
    expect(shown).to_be_visible()
    assert violations(page) == []
    address = owner.get("/api/skus/PIC-1").json()["picture"]
    kept = Image.open(io.BytesIO(owner.get(address).content))
    assert (kept.format, kept.size) == ("JPEG", (1200, 900))
    (tmp_path / "none.png").write_text("no picture")
    form.locator("input[type=file]").set_input_files(str(tmp_path / "none.png"))
    expect(form.get_by_role("alert")).to_contain_text("这不是图")
    form.get_by_role("group", name="图").get_by_role("button", name="去掉").click()
    expect(shown).to_have_count(0)
    assert owner.get("/api/skus/PIC-1").json()["picture"] == ""


def test_what_was_typed_outlives_a_closed_form_a_reload_and_a_dead_network(
    boss: Callable[..., Page], owner: httpx.Client
) -> None:
    page = boss("/app/master/customers?new=1")
    form = page.get_by_role("dialog")
    form.get_by_label("客户编号").fill("C9001")
    form.get_by_label("名称").fill("浦东宝诚4S店")
    form.get_by_label("结算方式").select_option("monthly")
    form.get_by_label("月结额度（元）").fill("90000")
    page.keyboard.press("Escape")
    expect(page.locator(".master-kept")).to_contain_text("C9001 有没存的改动")
    page.reload()
    page.get_by_role("button", name="接着写").click()
    expect(form.get_by_label("名称")).to_have_value("浦东宝诚4S店")
    page.context.set_offline(True)
    form.get_by_role("button", name="存下", exact=True).click()
    expect(form.get_by_role("alert")).to_contain_text("没有网，还没存")
    page.context.set_offline(False)
    form.get_by_role("button", name="存下", exact=True).click()
    expect(page.get_by_text("C9001 存好了")).to_be_visible()
    expect(page.locator(".master-kept")).to_have_count(0)
    saved = owner.get("/api/customers", params={"q": "浦东宝诚"}).json()["items"][0]
    assert (saved["terms"], saved["credit_fen"]) == ("monthly", 9_000_000)


def test_who_was_faster_is_told_and_mine_stays(boss: Callable[..., Page], owner: httpx.Client) -> None:
    house = {"name": "上海仓", "cutoff": "17:00"}
    owner.put("/api/warehouses/SH", json=house).raise_for_status()
    page = boss("/app/master/warehouses?one=SH")
    form = page.get_by_role("dialog")
    form.get_by_label("截单时间").fill("1630")
    owner.put("/api/warehouses/SH", json={**house, "name": "浦东仓"}).raise_for_status()
    form.get_by_role("button", name="存下改动").click()
    expect(form.get_by_role("status")).to_contain_text("别人刚改过 名称")
    expect(form.get_by_label("名称")).to_have_value("浦东仓")
    form.get_by_role("button", name="存下改动").click()
    expect(page.get_by_text("SH 存好了")).to_be_visible()
    saved = owner.get("/api/warehouses/SH").json()
    assert (saved["name"], saved["cutoff"]) == ("浦东仓", "16:30")


def test_people_come_by_a_sheet_and_their_passwords_are_shown_once(
    boss: Callable[..., Page], light: Open, bare: Server, sheet: Sheet
) -> None:
    page = boss("/app/master/users?import=1", size=PDA)
    give(page, sheet("人.csv", "用户名,姓名,角色\nwang,王强,拣货\nchen,陈静,销售\n"))
    page.get_by_role("button", name="收下 2 行").click()
    once = page.locator(".master-passwords")
    expect(once).to_contain_text("只显示这一次")
    password = once.locator("div", has_text="wang").locator("code").inner_text()
    wang = light("en-GB", PDA, base_url=bare.url)
    sign_in(wang, "wang", password, at="/app/me")
    wang.get_by_role("button", name="Change password").click()
    wang.get_by_label("Present password").fill("something else")
    wang.get_by_label("New password").fill("four words of wang")
    wang.get_by_role("button", name="Change it").click()
    expect(wang.get_by_role("alert")).to_be_visible()
    expect(wang.get_by_label("Present password")).to_be_focused()
    assert violations(wang) == []
    wang.get_by_label("Present password").fill(password)
    wang.get_by_role("button", name="Change it").click()
    expect(wang.get_by_text("Changed. Sessions elsewhere have ended.")).to_be_visible()
    given = {"user": "wang", "password": password}
    assert httpx.post(f"{bare.url}/api/login", json=given).status_code == 401
    assert fits(page)
    assert violations(page) == []
    page.reload()
    expect(page.locator(".master-passwords")).to_have_count(0)
    page.goto("/app/master/users?one=chen")
    expect(page.get_by_label("密码")).to_have_value("")
    expect(page.get_by_label("角色")).to_have_value("sales")


def test_a_hundred_long_rows_and_more_fit_a_hand(boss: Callable[..., Page], owner: httpx.Client) -> None:
    rows = "".join(f"{'W' * 36}{n:04d},{'长名字' * 30},9999999.99,99.999kg\n" for n in range(120))
    file = {"file": ("long.csv", f"货号,品名,单价（元）,重量\n{rows}".encode(), "text/csv")}
    assert owner.post("/api/skus/import", files=file).raise_for_status().json()["taken"] == 120
    page = boss("/app/master/skus", size=PDA)
    expect(page.locator(".master-rows li")).to_have_count(100)
    page.get_by_role("button", name="再看一些").click()
    expect(page.locator(".master-rows li").nth(119)).to_be_visible()
    assert fits(page)
    assert defects(page, 12, 44, 44) == []
    page.get_by_label("找").fill("WWWW")
    expect(page.locator(".master-rows li")).to_have_count(100)
    page.get_by_label("找").fill("没有的货")
    expect(page.get_by_text("没有“没有的货”")).to_be_visible()
    page.set_viewport_size(DESK)
    page.get_by_label("找").fill("")
    expect(page.locator(".master-rows li").first).to_be_visible()
    assert fits(page)


def test_a_holiday_is_worked_and_every_saturday_too(boss: Callable[..., Page], owner: httpx.Client) -> None:
    page = boss("/app/master/days", size=PDA)
    while (shown := page.locator(".master-year b").inner_text()) != "2026 年":
        page.locator(".master-year button").nth(0 if shown > "2026 年" else 1).click()
    october = page.get_by_role("region", name="2026 年 10 月")
    october.get_by_role("button", name="2 休 国庆节", exact=True).click()
    page.get_by_role("dialog").get_by_label("叫什么").fill("旺季加班")
    assert violations(page) == []
    page.get_by_role("button", name="改成上班").click()
    expect(page.get_by_text("10 月 2 日 周五 上班")).to_be_visible()
    october.get_by_role("button", name="2 班 旺季加班", exact=True).click()
    page.get_by_role("button", name="照日历来").click()
    expect(october.get_by_role("button", name="2 休 国庆节", exact=True)).to_be_visible()
    page.get_by_role("button", name="周六放假").click()
    page.get_by_role("button", name="改成上班").click()
    november = page.get_by_role("region", name="2026 年 11 月")
    expect(november.get_by_role("button", name="28 上班", exact=True)).to_be_visible()
    said = owner.get("/api/days?year=2026").json()
    assert [one["day"] for one in said["items"] if one["said"]] == []
    assert said["weekly"][0]["works"] is True


def test_who_may_not_has_no_way_in_and_sees_why(light: Open, bare: Server, owner: httpx.Client) -> None:
    def opened(role: str, path: str) -> Page:
        person = {"display": role, "role": role, "password": PASSWORD, "warehouse": "SH"}
        owner.put(f"/api/users/{role}", json=person).raise_for_status()
        page = light("en-GB", DESK, base_url=bare.url)
        sign_in(page, role, PASSWORD, at=path)
        return page

    page = opened("sales", "/app/orders")
    expect(page.get_by_role("link", name="Orders")).to_be_visible()
    expect(page.get_by_role("link", name="Master")).to_have_count(0)
    page.goto("/app/master/skus")
    expect(page.get_by_text("This page is for leads.")).to_be_visible()
    lead = opened("supervisor", "/app/master/users")
    expect(lead.get_by_text("Users are the owner's.")).to_be_visible()
    expect(lead.locator(".master-kinds").get_by_role("link", name="Users")).to_have_count(0)
