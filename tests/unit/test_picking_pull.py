"""Pull: what a device merges from changes always equals a fresh snapshot, and the server's hash proves it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from litestar.testing import TestClient

from api.app import create_app
from api.journal import guard
from api.stock.service import drift
from sync.wire import tasks_hash
from tests.conftest import Company
from tests.support.company import MovedClock, build, draft
from tests.support.company import settings as company_settings
from tests.support.floor import Device
from tests.support.history import stale


class Client:
    """What a device keeps: tasks by order, open conflicts by id, bins; merged from whatever a pull brings."""

    def __init__(self, device):
        self.device, self.cursor, self.epoch = device, "", ""
        self.tasks, self.conflicts, self.bins = {}, {}, []

    def pull(self):
        found = self.device.pull(self.cursor)
        if found["epoch"] != self.epoch or not self.cursor:
            self.tasks, self.conflicts = {}, {}
        for order in found["gone"]:
            self.tasks.pop(order["order_no"], None)
        self.tasks |= {task["order_no"]: task for task in found["tasks"]}
        for conflict in list(self.conflicts.values()):
            if conflict["order_no"] in found["checked"]:
                del self.conflicts[conflict["id"]]
        self.conflicts |= {one["id"]: one for one in found["conflicts"] if one["settled"] is None}
        self.bins = found["bins"] or self.bins
        self.cursor, self.epoch = found["cursor"], found["epoch"]
        assert found["count"] == len(self.tasks)
        assert found["hash"] == tasks_hash(self.tasks.values())
        return found

    def equals_a_fresh_one(self):
        fresh = Client(self.device)
        fresh.pull()
        assert self.tasks == fresh.tasks
        assert self.conflicts == fresh.conflicts
        assert self.bins == fresh.bins


@pytest.fixture
def device(company):
    return Device(company)


def place(company, **change):
    answer = company.supervisor.post("/api/orders", draft(**change))
    assert answer.status_code == 201, answer.text
    return answer.json()["order_no"]


def do(company, order_no, name, body=None):
    answer = company.supervisor.post(f"/api/orders/{order_no}/{name}", body or {})
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_a_snapshot_has_all_that_a_device_needs(company, device):
    no = place(company, note="加急，附检验报告")
    held = place(company)
    do(company, held, "hold", {"reason": "等款"})
    found = device.pull()
    assert set(found) >= {
        "tasks",
        "gone",
        "conflicts",
        "bins",
        "people",
        "cursor",
        "epoch",
        "count",
        "hash",
        "server_time",
    }
    (task,) = found["tasks"]
    assert (task["order_no"], task["version"], task["priority"]) == (no, 1, "urgent")
    assert "加急" in task["tags"]
    assert task["checklist"] == [{"item": "附检验报告", "done": False}]
    assert task["lines"] == [
        {
            "line_no": 1,
            "sku": "BP-1023",
            "name": "前刹车片",
            "gtin": "",
            "uom": "件",
            "bin": "A-01-01",
            "qty": 4,
            "picked": 0,
            "short": 0,
        }
    ]
    (gone,) = found["gone"]
    assert (gone["order_no"], gone["why"], gone["by"], gone["reason"]) == (held, "held", "supervisor", "等款")
    assert gone["by_name"] == found["lead"]["name"]
    assert gone["at"].startswith("2026-01-22T10:05")
    assert {row["bin"] for row in found["bins"]} == {f"A-01-{n:02d}" for n in range(1, 5)}
    assert all(row["code"].startswith("L") for row in found["bins"])
    assert {(name, name) for name in ("picker", "supervisor", "owner")} == {
        (row["user"], row["role"]) for row in found["people"]
    }
    assert found["label"] == "PDA"
    assert (found["count"], found["hash"]) == (1, tasks_hash(found["tasks"]))


def test_a_device_learns_what_a_part_is_called_and_where_it_went(company, device):
    """A package's number, a part's name and an empty bin's first part reach a device that pulls changes only."""
    owner = company.owner
    place(company)
    here = Client(device)
    here.pull()
    owner.put("/api/skus/BP-1023", {"name": "前片", "gtin": "6901234567892"}).raise_for_status()
    owner.put("/api/bins/B-09-01", {"warehouse": "SH"}).raise_for_status()
    here.pull()
    (task,) = here.tasks.values()
    assert task["lines"][0]["gtin"] == "6901234567892"
    bins = {one["bin"]: one for one in here.bins}
    assert (bins["A-01-01"]["name"], bins["A-01-01"]["gtin"]) == ("前片", "6901234567892")
    assert bins["B-09-01"]["sku"] == ""
    move = {"kind": "receive", "warehouse": "SH", "sku": "BP-1023", "qty": 1, "bin": "B-09-01", "why": "到货"}
    owner.post("/api/stock/moves", move).raise_for_status()
    here.pull()
    assert {one["bin"]: one["sku"] for one in here.bins}["B-09-01"] == "BP-1023"
    here.equals_a_fresh_one()


def test_a_picker_calls_the_supervisor_of_the_own_house(company, device):
    lead = {
        "display": "苏州主管",
        "role": "supervisor",
        "phone": "13900000001",
        "password": "a-long-password",
    }
    company.owner.put("/api/users/su", {**lead, "name": "su", "warehouse": "SZ"}).raise_for_status()
    assert device.pull()["lead"]["name"] != "苏州主管"
    company.owner.put("/api/users/sh", {**lead, "display": "上海主管", "warehouse": "SH"}).raise_for_status()
    assert device.pull()["lead"] == {"name": "上海主管", "phone": "13900000001"}


def test_a_cursor_brings_only_what_changed(company, device):
    first, second = place(company), place(company)
    cursor = device.pull()["cursor"]
    quiet = device.pull(cursor)
    assert [quiet[k] for k in ("tasks", "gone", "conflicts", "bins", "checked")] == [[]] * 5
    assert quiet["count"] == 2
    device.push(device.pick(second, 1, 1))
    found = device.pull(cursor)
    assert [(t["order_no"], t["lines"][0]["picked"]) for t in found["tasks"]] == [(second, 1)]
    do(company, first, "hold", {"reason": "等款"})
    do(company, second, "cancel", {"reason": "不要了"})
    found = device.pull(found["cursor"])
    assert [(g["order_no"], g["why"], g["by"]) for g in found["gone"]] == [
        (first, "held", "supervisor"),
        (second, "cancelled", "supervisor"),
    ]
    assert [(c["id"], c["settled"]) for c in found["conflicts"]] == [(f"{second}/-/cancelled", None)]
    device.settle(f"{second}/-/cancelled", "keep")
    do(company, first, "lift")
    found = device.pull(found["cursor"])
    assert [task["order_no"] for task in found["tasks"]] == [first]
    assert [c["settled"]["choice"] for c in found["conflicts"]] == ["keep"]
    assert set(found["conflicts"][0]["settled"]) == {"choice", "by", "at"}


def test_nobody_hears_of_another_warehouse_or_of_looks(company, device):
    other = Device(company, "SZ")
    cursor, there = device.pull()["cursor"], other.pull()["cursor"]
    mine = place(company)
    theirs = place(company, warehouse="SZ")
    do(company, theirs, "cancel", {"reason": "不要了"})
    found = device.pull(cursor)
    assert ([t["order_no"] for t in found["tasks"]], found["gone"]) == ([mine], [])
    found = other.pull(there)
    assert [g["order_no"] for g in found["gone"]] == [theirs]
    cursor = device.pull(cursor)["cursor"]
    company.sales.get(f"/api/orders/{mine}")
    company.db.writer.now(lambda tx: None)  # the look is journalled behind the answer
    assert device.pull(cursor)["tasks"] == []


def test_an_order_that_moves_house_is_gone_from_the_old_one(company, device):
    other = Device(company, "SZ")
    no = place(company, customer={"name": "路人", "phone": "1"})
    here, there = Client(device), Client(other)
    here.pull()
    there.pull()
    assert list(here.tasks) == [no]
    move = {"kind": "count", "warehouse": "SH", "sku": "BP-1023", "qty": 0, "bin": "", "why": "盘点"}
    assert company.supervisor.post("/api/stock/moves", move).status_code in (200, 201)
    move["bin"], move["kind"], move["qty"] = "A-01-01", "damage", 48
    assert company.supervisor.post("/api/stock/moves", move).status_code in (200, 201)
    assert company.supervisor.get(f"/api/orders/{no}").json()["state"] == "paid"
    move["bin"], move["kind"], move["warehouse"] = "", "receive", "SZ"
    assert company.supervisor.post("/api/stock/moves", move).status_code in (200, 201)
    found = here.pull()
    assert [(g["order_no"], g["why"]) for g in found["gone"]] == [(no, "moved")]
    there.pull()
    assert (list(here.tasks), list(there.tasks)) == ([], [no])


def test_another_life_of_the_database_means_a_fresh_snapshot(company, device):
    no = place(company)
    found = device.pull()
    for cursor in (
        "nonsense",
        "x.SH.1.1",
        found["cursor"].replace(".SH.", ".SZ."),
        found["cursor"] + "0" * 30,
        "....",
    ):
        again = device.pull(cursor)
        assert ([t["order_no"] for t in again["tasks"]], bool(again["bins"])) == ([no], True), cursor
    company.db.writer.now(
        lambda tx: tx.connection.execute("UPDATE meta SET value = 'another' WHERE name = 'epoch'")
    )
    again = device.pull(found["cursor"])
    assert (again["epoch"], len(again["tasks"]), bool(again["bins"])) == ("another", 1, True)


def test_the_fullest_bin_leads_and_its_change_reaches_the_device(company, device):
    place(company)
    client = Client(device)
    client.pull()
    assert (
        company.supervisor.put("/api/bins/A-09-01", {"warehouse": "SH", "sku": "BP-1023"}).status_code == 200
    )
    found = client.pull()
    assert any(row["bin"] == "A-09-01" for row in found["bins"])
    move = {"kind": "receive", "warehouse": "SH", "sku": "BP-1023", "qty": 500, "bin": "A-09-01", "why": ""}
    assert company.supervisor.post("/api/stock/moves", move).status_code in (200, 201)
    (task,) = client.pull()["tasks"]
    assert task["lines"][0]["bin"] == "A-09-01"
    client.equals_a_fresh_one()


# --- whatever happens -------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    clock = MovedClock()
    app = create_app(
        company_settings(tmp_path_factory.mktemp("pull") / "data"), clock=clock, with_worker=False
    )
    app.state.hub.db.writer.now(lambda tx: build(tx, clock(), stock=40))
    with TestClient(app) as client:
        company = Company(client, app, clock)
        company.devices = [Device(company, "SH"), Device(company, "SZ")]
        company.orders = []
        yield company


SKUS = ("BP-1023", "BD-2001")
STEP = st.tuples(
    st.sampled_from(
        [
            "place",
            "place",
            "place",
            "pick",
            "pick",
            "pick",
            "pick",
            "over",
            "short",
            "void",
            "hold",
            "lift",
            "cancel",
            "amend",
            "pack",
            "ship",
            "settle",
            "receive",
            "damage",
            "count",
            "bin",
            "tag",
            "look",
            "pull",
            "pull",
            "pull",
        ]
    ),
    st.integers(0, 5),
    st.integers(1, 9),
)


def one_step(company, clients, name, which, size):
    """One thing that people or devices do; what is refused is refused."""
    device = company.devices[which % 2]
    no = company.orders[-1 - which % len(company.orders)] if company.orders else "HD-none"
    sku, house = SKUS[which % 2], device.warehouse
    boss = company.supervisor
    if name == "place":
        line = {"sku": sku, "qty": size, "price_fen": 1}
        made = boss.post("/api/orders", draft(lines=[line], warehouse=house if which < 3 else None))
        company.orders.append(made.json()["order_no"])
    elif name in ("pick", "over"):
        device.push(
            device.pick(
                no, 1, size * (1 if name == "pick" else 9), bin=f"{'AF'[which % 2]}-01-0{1 + size % 2}"
            )
        )
    elif name == "short":
        device.push(device.op(no, 1, "short", size))
    elif name == "void":
        device.push(device.op(no, 1, "void", 0, target=f"{device.id}:{max(1, device.n - which)}"))
    elif name == "settle":
        for one in boss.get("/api/conflicts").json()["items"][: 1 + which % 2]:
            boss.post(f"/api/conflicts/{one['id']}/settle", {"choice": ("keep", "undo")[size % 2]})
    elif name in ("receive", "damage", "count"):
        move = {"kind": name, "warehouse": house, "sku": sku, "qty": size, "why": ""}
        boss.post(
            "/api/stock/moves", {**move, "bin": "" if which > 3 else f"{'AF'[which % 2]}-01-0{1 + which % 2}"}
        )
    elif name == "bin":
        boss.put(f"/api/bins/{'AF'[which % 2]}-02-0{size}", {"warehouse": house, "sku": sku})
    elif name == "look":
        boss.get(f"/api/orders/{no}")
    elif name == "pull":
        clients[which % 2].pull()
    else:
        bodies = {
            "hold": {"reason": "等款"},
            "cancel": {"reason": "不要了"},
            "amend": {"changes": {"lines": [{"sku": sku, "qty": size}]}},
            "ship": {"carrier": "顺丰", "waybill": ""},
            "tag": {"add": [f"t{size}"], "remove": ["t1"]},
        }
        answer = boss.post(f"/api/orders/{no}/{name}", bodies.get(name, {}))
        assert answer.status_code < 500, answer.text
        if name == "amend" and answer.status_code == 200:
            company.orders.append(answer.json()["order_no"])


@settings(max_examples=12, derandomize=True, deadline=None)
@given(st.lists(STEP, min_size=15, max_size=40))
def test_changes_always_come_to_what_a_fresh_snapshot_says(house, steps):
    clients = [Client(device) for device in house.devices]
    for client in clients:
        client.pull()
    for name, which, size in steps:
        house.clock.forward(1000)
        one_step(house, clients, name, which, size)
    for client in clients:
        client.pull()
        client.equals_a_fresh_one()
    assert house.db.reader.now(drift) == []
    assert house.db.reader.now(lambda tx: guard.verify(tx, house.db.folder / "checkpoints", None))[2] is None
    assert house.db.reader.now(stale) == []
