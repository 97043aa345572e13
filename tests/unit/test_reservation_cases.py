"""Reservation, one sentence of the contract a test: which warehouse, who waits, who gives way, what is carried."""

import json

import msgspec
import pytest

from api.inventory import service as inventory
from api.kernel.actor import SYSTEM
from api.kernel.time import MINUTE
from api.orders import commands, placing, store
from api.orders.commands import COMMANDS
from api.orders.model import Draft
from api.people import customers
from api.people.model import CustomerIn
from api.people.service import add_device
from api.picking import pushing, settling
from api.stock.model import MoveIn
from tests.support.bench import Bench
from tests.support.laws import broken
from tests.support.walk import DEVICE, LEAD, PEOPLE


class Desk:
    """Short ways to place, move and look, over the same bench."""

    def __init__(self, stock_each: int = 10) -> None:
        self.bench = Bench(stock_each)

    def place(self, qty: int, sku: str = "BP-1023", *, vip: bool = False, paid: bool = True, **change):
        self.bench.now += MINUTE
        name, phone = PEOPLE[0] if vip else PEOPLE[2]
        body = {
            "customer": {"name": name, "phone": phone},
            "address": "上海市浦东新区张江路1号",
            "lines": [{"sku": sku, "qty": qty}],
            **({"paid_at": "2026-01-22T10:05:00+08:00"} if paid else {}),
            **change,
        }
        draft = msgspec.convert(body, Draft)
        return self.bench.run(lambda tx: placing.place(tx, draft, LEAD, self.bench.now, placing.From()))

    def see(self, order):
        return store.get(self.bench.tx, order.order_no)

    def do(self, order, name: str, **body):
        self.bench.now += MINUTE
        made = msgspec.convert(body, COMMANDS[name].body)
        return self.bench.run(
            lambda tx: commands.command(tx, order.order_no, name, made, LEAD, self.bench.now)
        )

    def move(self, kind: str, house: str, qty: int, sku: str = "BP-1023", bin_code: str = "") -> None:
        self.bench.now += MINUTE
        given = MoveIn(kind, house, sku, qty, bin_code)
        self.bench.run(lambda tx: inventory.move(tx, given, LEAD, self.bench.now))

    def stock(self, house: str = "SH", sku: str = "BP-1023") -> tuple[int, int]:
        row = self.bench.rows(
            "SELECT on_hand, reserved FROM stock WHERE warehouse = ? AND sku = ?", house, sku
        )[0]
        return row["on_hand"], row["reserved"]


@pytest.fixture
def desk():
    made = Desk()
    yield made
    assert broken(made.bench) == []
    made.bench.close()


def codes(order) -> list[str]:
    return [trouble.code for trouble in order.rest.exceptions]


def test_the_nearest_warehouse_that_has_all_lines_takes_the_order(desk):
    first, second, third = desk.place(10), desk.place(10), desk.place(10)
    assert [o.warehouse for o in (first, second, third)] == ["SH", "SZ", "HZ"]  # by distance from Pudong
    assert {o.state for o in (first, second, third)} == {"to_pick"}
    fourth = desk.place(1)
    assert (fourth.state, fourth.warehouse, codes(fourth)) == ("paid", "SH", ["short_stock"])
    assert [line.reserved for line in fourth.lines] == [0]


def test_no_warehouse_is_used_for_a_part_of_the_lines(desk):
    desk.place(10, "OF-3001", warehouse="SH")
    lines = [{"sku": "BP-1023", "qty": 2}, {"sku": "OF-3001", "qty": 1}]
    order = desk.place(1, lines=lines)
    assert {line.warehouse for line in order.lines} == {"SZ"}
    assert desk.stock("SH") == (10, 0)


def test_the_drafts_warehouse_is_the_only_one_tried(desk):
    desk.place(10, warehouse="HZ")
    order = desk.place(1, warehouse="HZ")
    assert (order.state, order.warehouse, codes(order)) == ("paid", "HZ", ["short_stock"])


def test_an_unknown_address_goes_to_the_companys_default(desk):
    assert desk.place(1, address="").warehouse == "SH"
    assert desk.place(1, address="某个没人知道的地方").warehouse == "SH"


def test_the_same_sku_on_two_lines_counts_together(desk):
    lines = [{"sku": "BP-1023", "qty": 6}, {"sku": "BP-1023", "qty": 5}]
    order = desk.place(1, lines=lines, warehouse="SH")
    assert (order.state, desk.stock()) == ("paid", (10, 0))
    order = desk.place(1, lines=[{"sku": "BP-1023", "qty": 6}, {"sku": "BP-1023", "qty": 4}], warehouse="SH")
    assert (order.state, desk.stock()) == ("to_pick", (10, 10))


def test_an_unpaid_order_holds_nothing(desk):
    order = desk.place(10, paid=False)
    assert (order.state, order.warehouse, desk.stock()) == ("awaiting_payment", "SH", (10, 0))


def test_stock_that_comes_feeds_those_who_wait_oldest_first(desk):
    for house in ("SH", "SZ", "HZ"):
        desk.move("damage", house, 5)
        desk.move("damage", house, 5, bin_code={"SH": "A-01-01", "SZ": "F-01-01", "HZ": "M-01-01"}[house])
    waiting = [desk.place(n) for n in (3, 5, 2)]
    assert [desk.see(o).state for o in waiting] == ["paid"] * 3
    desk.move("receive", "SZ", 4)
    assert [desk.see(o).state for o in waiting] == ["to_pick", "paid", "paid"]
    assert (desk.see(waiting[0]).warehouse, codes(desk.see(waiting[0]))) == ("SZ", [])
    desk.move("receive", "SZ", 6)
    assert [desk.see(o).state for o in waiting] == ["to_pick"] * 3


def test_a_cancelled_order_feeds_those_who_wait(desk):
    first = desk.place(10, warehouse="SH")
    waits = desk.place(8, warehouse="SH")
    assert waits.state == "paid"
    desk.do(first, "cancel", reason="不要了")
    assert (desk.see(waits).state, desk.stock()) == ("to_pick", (10, 8))


@pytest.mark.parametrize("kind", ["count", "damage"])
def test_below_reserved_the_youngest_of_the_lowest_tier_gives_way(desk, kind):
    vip_old, old = desk.place(3, vip=True), desk.place(2)
    young, vip_young = desk.place(3), desk.place(2, vip=True)
    assert desk.stock() == (10, 10)
    if kind == "count":
        desk.move("count", "SH", 3, bin_code="A-01-01")  # 5 in the bin before
    else:
        desk.move("damage", "SH", 2)
    assert desk.stock() == (8, 7)
    states = [(desk.see(o).state, codes(desk.see(o))) for o in (vip_old, old, vip_young)]
    assert states == [("to_pick", [])] * 3
    fallen = desk.see(young)
    # Other houses have some, but nothing came: it waits.
    assert (fallen.state, codes(fallen)) == ("paid", ["short_stock"])
    assert [line.reserved for line in fallen.lines] == [0]
    desk.move("adjust", "SH", -3)
    assert [desk.see(o).state for o in (vip_old, old, vip_young)] == ["to_pick", "paid", "to_pick"]
    desk.move("adjust", "SH", -2, bin_code="A-01-01" if kind == "damage" else "")
    assert [desk.see(o).state for o in (vip_old, vip_young)] == ["to_pick", "paid"]
    assert desk.stock() == (3, 3)


def test_what_a_fallen_order_held_besides_feeds_others(desk):
    lines = [{"sku": "BP-1023", "qty": 10}, {"sku": "OF-3001", "qty": 10}]
    falls = desk.place(1, lines=lines, warehouse="SH")
    waits = desk.place(4, "OF-3001", warehouse="SH")
    assert waits.state == "paid"
    desk.move("damage", "SH", 1)
    assert (desk.see(falls).state, desk.see(waits).state) == ("paid", "to_pick")


def test_a_count_is_the_absolute_number_in_that_bin(desk):
    desk.move("count", "SH", 9, bin_code="A-01-01")
    assert desk.stock() == (14, 0)
    desk.move("count", "SH", 0, bin_code="")
    assert desk.stock() == (9, 0)


def test_packing_short_frees_the_rest_and_shipping_takes_what_was_picked(desk):
    order = desk.place(6)
    device = desk.bench.run(lambda tx: add_device(tx, "PDA", "SH", LEAD, desk.bench.now))[0]
    ops = [
        {
            "id": f"{device}:{n}", "hlc": f"001769047600000-0000-{device}", "at": "2026-01-22T10:06:40+08:00",
            "actor": "picker", "order_no": order.order_no, "line_no": 1, "kind": kind, "qty": qty,
            "bin": "A-01-01", "code": "", "target": "", "v": 1,
        }
        for n, kind, qty in ((1, "pick", 4), (2, "short", 2))
    ]  # fmt: skip
    raw = json.dumps({"device": device, "ops": ops}).encode()
    desk.bench.run(lambda tx: pushing.push(tx, raw, DEVICE, desk.bench.now))
    assert desk.see(order).state == "picking"
    packed = desk.do(order, "pack")
    assert (packed.state, packed.lines[0].reserved, desk.stock()) == ("packed", 4, (10, 4))
    todo = desk.bench.rows("SELECT kind, bin, sku FROM todos")
    assert [tuple(row) for row in todo] == [("count", "A-01-01", "BP-1023")]
    desk.do(order, "ship", carrier="顺丰", waybill="SF1")
    assert desk.stock() == (6, 0)
    bins = {r["bin"]: r["qty"] for r in desk.bench.rows("SELECT bin, qty FROM bin_stock WHERE sku = 'BP-1023' AND warehouse = 'SH'")}  # fmt: skip
    assert bins == {"": 5, "A-01-01": 1}


def test_a_new_customer_never_takes_an_id_that_people_gave(desk):
    for code in ("C0001", "C0002", "CUSTOMER-9", "C99999999999999999999"):
        desk.bench.run(lambda tx, code=code: customers.save(tx, code, CustomerIn(code, ""), SYSTEM, desk.bench.now))  # fmt: skip
    made = desk.place(1, customer={"name": "没见过的人", "phone": "13611112222"})
    assert made.customer.id not in ("C0001", "C0002", "CUSTOMER-9", "C99999999999999999999")
    assert desk.bench.rows("SELECT name FROM customers WHERE id = 'C0001'")[0]["name"] == "C0001"
    again = desk.place(1, customer={"name": "没见过的人", "phone": "13611112222"})
    assert again.customer.id == made.customer.id


def pick(desk, order, qty: int, n: int = 1, kind: str = "pick") -> None:
    op = {
        "id": f"DEVTEST1:{n}", "hlc": "001769047600000-0000-DEVTEST1", "at": "2026-01-22T10:06:40+08:00",
        "actor": "picker", "order_no": order.order_no, "line_no": 1, "kind": kind, "qty": qty, "bin": "",
        "code": "", "target": "", "v": 1,
    }  # fmt: skip
    raw = json.dumps({"device": "DEVTEST1", "ops": [op]}).encode()
    desk.bench.run(lambda tx: pushing.push(tx, raw, DEVICE, desk.bench.now))


def test_picks_go_on_to_the_next_version_and_the_one_after_once_settled(desk):
    first = desk.place(4)
    pick(desk, first, 4)
    second = desk.do(first, "amend", changes={"note": "改"})
    assert (second.order_no, second.lines[0].picked, second.state) == (f"{first.order_no}-V2", 0, "to_pick")
    conflict = f"{first.order_no}/-/amended"
    desk.bench.run(lambda tx: settling.settle(tx, conflict, "keep", LEAD, desk.bench.now))
    carried = desk.see(second)
    assert (carried.lines[0].picked, carried.state) == (4, "picking")
    third = desk.do(second, "amend", changes={"note": "又改"})
    assert (third.order_no, third.lines[0].picked, third.state) == (f"{first.order_no}-V3", 4, "picking")


def test_an_answer_that_comes_after_a_second_amendment_reaches_the_standing_version(desk):
    first = desk.place(4)
    pick(desk, first, 4)
    second = desk.do(first, "amend", changes={"note": "改"})
    third = desk.do(second, "amend", changes={"note": "又改"})
    assert third.lines[0].picked == 0
    conflict = f"{first.order_no}/-/amended"
    desk.bench.run(lambda tx: settling.settle(tx, conflict, "keep", LEAD, desk.bench.now))
    assert desk.see(third).lines[0].picked == 4


def test_the_hold_of_what_ended_is_over_and_its_next_version_keeps_it(desk):
    order = desk.place(1)
    desk.do(order, "hold", reason="等电话")
    following = desk.do(order, "amend", changes={"note": "改"})
    assert following.held is not None
    assert desk.see(order).held is None
    desk.do(following, "cancel", reason="不要了")
    assert desk.see(following).held is None
