"""A company without demo data: `init`, sheets of its goods, bins, stock, customers and people, and then the main job, from an
order to the customer's page, with a real server, real commands and real HTTP.
"""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support.grids import as_csv, as_xlsx
from tests.support.server import Server, command, serve

pytestmark = pytest.mark.journey

GOODS = [
    ("商品档案 2026 年 11 月", "", "", "", "", ""),
    ("商品编码", "品名规格", "条形码", "单位", "重量(kg)", "销售单价（元）"),
    ("HX-001", "火花塞 铱金", "6901234567892", "只", "0.06", "45.00"),
    ("HX-002", "空调滤芯", "", "个", "0.32", "1,280.00"),
    ("HX-003", "刹车油 DOT4", "6901234567891", "瓶", "0.5", "￥38"),  # one digit of its barcode is wrong
]
BINS = [("库位", "货号"), ("A-01-01", "HX-001"), ("A-01-02", "HX-002"), ("A-01-03", "HX-009")]
STOCK = [("库位", "物料编码", "期初数量"), ("A-01-01", "HX-001", "120"), ("A-01-02", "HX-002", "8")]
CUSTOMERS = [
    ("客户编号", "客户名称", "手机", "结算方式", "额度(元)", "业务员", "收货地址"),
    ("K001", "松江顺达汽修厂", "138 0000 1234", "月结", "50,000.00", "李静", "上海市松江区荣乐中路 88 号"),
    ("K002", "昆山恒信4S店", "0512-57001234", "现结", "", "", "江苏省昆山市前进西路 12 号"),
]
PEOPLE = [
    ("工号", "姓名", "岗位", "手机号", "仓库"),
    ("lijing", "李静", "业务员", "13900000002", ""),
    ("zhanglead", "张国强", "主管", "13900000003", "SH"),
    ("wang", "王建军", "拣货员", "13900000004", "SH"),
]


class Hub:
    """One person at the API."""

    def __init__(self, url: str, token: str) -> None:
        head = {"Authorization": f"Bearer {token}"}
        self.client = httpx.Client(base_url=url, headers=head, timeout=20, verify=False)

    def ask(self, method: str, path: str, **given: Any) -> Any:
        answer = self.client.request(method, path, **given)
        assert answer.status_code < 300, (path, answer.text)
        return answer.json()


Enter = Callable[[str], Hub]  # with a token


def signed_in(server: Any, enter: Enter, user: str, password: str) -> Hub:
    answer = httpx.post(f"{server.url}/api/login", json={"user": user, "password": password}, verify=False)
    assert answer.status_code == 200, answer.text
    return enter(answer.json()["token"])


@pytest.fixture
def enter(server: Any):
    hubs: list[Hub] = []

    def come(token: str) -> Hub:
        hubs.append(Hub(server.url, token))
        return hubs[-1]

    yield come
    for hub in hubs:
        hub.client.close()


def brought(hub: Hub, kind: str, rows: Any, name: str = "表.csv") -> tuple[int, int, int, list[int]]:
    """Looked at, then taken, then taken again: what it promised, and nothing twice."""
    data = as_xlsx(rows) if name.endswith("xlsx") else as_csv(rows, "gb18030")
    files = {"file": (name, data)}
    looked = hub.ask("POST", f"/api/{kind}/import", files=files, params={"try": "1"})
    taken = hub.ask("POST", f"/api/{kind}/import", files=files)
    told = (taken["taken"], taken["changed"], taken["same"], [one["row"] for one in taken["refused"]])
    assert told == (
        looked["taken"],
        looked["changed"],
        looked["same"],
        [one["row"] for one in looked["refused"]],
    )
    again = hub.ask("POST", f"/api/{kind}/import", files=files)
    assert (again["taken"], again["changed"], again["same"]) == (
        0,
        0,
        taken["taken"] + taken["changed"] + taken["same"],
    )
    return told


@pytest.fixture
def server(tmp_path: Path):
    folder, secret = tmp_path / "data", tmp_path / "password"
    secret.write_text("correct horse battery")
    told = command(
        "init", "--data", str(folder), "--owner", "zhou", "--warehouse", "SH", "--password-file", str(secret)
    )
    assert "company made: owner zhou, warehouse SH" in told.stdout
    running = serve(folder).ready()
    yield running
    running.stop()


def test_a_company_without_demo_data_runs_the_main_job(server: Server, enter: Enter, tmp_path: Path):
    owner = signed_in(server, enter, "zhou", "correct horse battery")
    house = {"name": "上海总仓", "adcode": "310117"}
    assert owner.ask("PUT", "/api/warehouses/SH", json=house)["lng"] is not None

    # People first: customers name them. The shell brings them as well as the browser does.
    sheet = tmp_path / "people.csv"
    sheet.write_bytes(as_csv(PEOPLE))
    shell = command("import", "users", str(sheet), "--data", str(server.folder)).stdout
    assert "taken 3, changed 0, same 0, refused 0" in shell
    first = dict(line.strip().split(": ") for line in shell.splitlines() if line.startswith("  "))
    assert set(first) == {"lijing", "zhanglead", "wang"}

    assert brought(owner, "skus", GOODS, "商品.xlsx") == (2, 0, 0, [5])
    assert brought(owner, "bins", BINS) == (2, 0, 0, [4])
    assert brought(owner, "stock", STOCK) == (2, 0, 0, [])
    assert brought(owner, "customers", CUSTOMERS, "客户.xlsx") == (2, 0, 0, [])

    sales, lead = (
        signed_in(server, enter, "lijing", first["lijing"]),
        signed_in(server, enter, "zhanglead", first["zhanglead"]),
    )
    draft = {"customer": {"id": "K001"}, "lines": [{"sku": "HX-001", "qty": 4}]}
    made = sales.ask("POST", "/api/orders", json=draft)
    assert (made["amount_fen"], made["terms"]) == (18_000, "monthly")
    assert made["address"]["text"] == "上海市松江区荣乐中路 88 号"
    no = made["order_no"]
    cleared = sales.ask("POST", f"/api/orders/{no}/pay", json={"method": "on_account"})
    assert (cleared["state"], cleared["warehouse"], cleared["lines"][0]["reserved"]) == ("to_pick", "SH", 4)

    picked_by_scan(lead, enter, no)
    lead.ask("POST", f"/api/orders/{no}/pack", json={})
    lead.ask("POST", f"/api/orders/{no}/ship", json={"carrier": "顺丰", "waybill": "SF1380000000001"})
    link = sales.ask("POST", f"/api/orders/{no}/tracking-link")["url"]
    path = link[link.index("/t/") :]
    assert "SF1380000000001" in sales.client.get(path).text
    lead.ask("POST", f"/api/orders/{no}/deliver", json={"evidence": "前台代收"})
    assert "已签收" in sales.client.get(path).text

    left = owner.ask("GET", "/api/stock", params={"sku": "HX-001"})["items"]
    assert [(one["on_hand"], one["reserved"]) for one in left] == [(116, 0)]
    # The opening sheet once more: goods have moved since, so it puts nothing back.
    late = owner.ask("POST", "/api/stock/import", files={"file": ("期初.csv", as_csv(STOCK))})
    assert (late["taken"], late["same"], [one["row"] for one in late["refused"]]) == (0, 1, [2])
    assert command("verify", "--data", str(server.folder)).stdout.startswith("whole: ")


def picked_by_scan(lead: Hub, enter: Enter, no: str) -> None:
    """A PDA that is enrolled now: pulls its task, reads the shelf's code, pushes what it took."""
    code = lead.ask("POST", "/api/devices", json={"label": "PDA 1", "warehouse": "SH"})["code"]
    told = lead.ask("POST", "/api/devices/enrol", json={"code": code})
    device = enter(told["token"])
    pulled = device.ask("GET", "/sync/pull", params={"warehouse": "SH"})
    (task,) = [one for one in pulled["tasks"] if one["order_no"] == no]
    line = task["lines"][0]
    shelf = next(one["code"] for one in pulled["bins"] if one["bin"] == line["bin"])
    mark = f"{int(time.time() * 1000):015d}-0000-{told['device']}"
    op = {"id": f"{told['device']}:1", "hlc": mark, "at": "2026-11-23T10:05:00+08:00", "actor": "wang", "order_no": no,
          "line_no": 1, "kind": "pick", "qty": line["qty"], "bin": line["bin"], "code": shelf, "v": 1}  # fmt: skip
    for is_again in (False, True):
        (result,) = device.ask("POST", "/sync/push", json={"device": told["device"], "ops": [op]})["results"]
        assert (result["verdict"], result["again"]) == ("applied", is_again)
