"""Parts: pieces and money divide exactly, each part goes its own way, and what binds them finds them all."""

from contextlib import closing

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.kernel.errors import Refused
from api.orders import store
from api.orders.dividing import divided
from api.orders.model import Line
from api.orders.numbers import part, stem
from tests.support.laws import broken
from tests.support.walk import HOUSES, Walk
from tests.unit.test_machine import order as made
from tests.unit.test_machine import replace
from tests.unit.test_reservation_cases import Desk, codes, desk, pick

__all__ = ["desk"]
COUNTED = ("qty", "amount_fen", "paid_fen")
line = st.builds(
    lambda qty, price: Line(1, "BP-1023", "片", qty, "件", price, "SH"),
    st.integers(1, 40),
    st.integers(0, 99_999),
)


def total(tx, order) -> tuple[int, int, int]:
    """Pieces, amount and money of all that go by a root, without the versions that were replaced."""
    parts = store.family(tx, order)
    return (
        sum(n.qty for one in parts for n in one.lines),
        sum(one.amount_fen for one in parts),
        sum(one.paid_fen for one in parts),
    )


@settings(max_examples=150, derandomize=True, deadline=None)
@given(st.lists(line, min_size=1, max_size=5), st.integers(0, 10**7), st.data())
def test_pieces_and_fen_are_conserved_by_any_division(lines, paid, data):
    lines = tuple(replace(one, line_no=n) for n, one in enumerate(lines, 1))
    amount = sum(n.qty * n.price_fen for n in lines)
    whole = made(
        "paid", lines=lines, amount_fen=amount, paid_fen=data.draw(st.sampled_from((0, amount, paid)))
    )
    left = {n.line_no: n.qty for n in lines}
    shares = []
    for _ in range(data.draw(st.integers(1, 3))):
        share = {no: data.draw(st.integers(0, qty)) for no, qty in left.items()}
        left = {no: qty - share[no] for no, qty in left.items()}
        shares.append(share)
    parts = divided(whole, shares, [f"{whole.order_no}-P{n}" for n in range(2, 2 + len(shares))], 1)
    for number in left:
        assert sum(n.qty for one in parts for n in one.lines if n.line_no == number) == lines[number - 1].qty
    assert sum(one.amount_fen for one in parts) == amount
    assert sum(one.paid_fen for one in parts) == whole.paid_fen
    for one in parts:
        assert one.amount_fen == sum(n.qty * n.price_fen for n in one.lines)
        assert one.paid_fen >= 0
        if whole.paid_fen == amount:
            assert one.paid_fen == one.amount_fen


step = st.tuples(
    st.sampled_from(("split", "backorder", "elsewhere", "receive", "fulfil", "push", "start", "deliver")),
    st.integers(0, 59), st.integers(0, 59), st.integers(0, 59),
)  # fmt: skip


@settings(max_examples=15, derandomize=True, deadline=None)
@given(st.integers(1, 30), st.lists(step, min_size=3, max_size=15))
def test_no_walk_of_splits_makes_or_loses_a_piece_or_a_fen(qty, steps):
    walk = Walk()
    with closing(walk.bench):
        walk.take("place", 1, 1, qty)
        first = store.get(walk.bench.tx, walk.made[0])
        before = total(walk.bench.tx, first)
        for verb, a, b, c in steps:
            walk.take(*(("move", 6 * a, b, c) if verb == "receive" else (verb, a, b, c)))
            first = store.get(walk.bench.tx, first.order_no)
            assert total(walk.bench.tx, first) == before, verb
            assert broken(walk.bench) == []


def test_a_numbers_parts():
    assert [stem(n) for n in ("HD1-00017", "HD1-00017-V2", "HD1-00017-P2-V3")] == [
        "HD1-00017", "HD1-00017", "HD1-00017-P2",
    ]  # fmt: skip
    assert [part(n) for n in ("HD1-00017", "HD1-00017-V2", "HD1-00017-P2", "HD1-00017-P12-V3")] == [
        1,
        1,
        2,
        12,
    ]


def pieces(*given: tuple[int, int]) -> list[dict]:
    return [{"line_no": line_no, "qty": qty} for line_no, qty in given]


def parts_of(desk: Desk, order) -> list:
    return store.family(desk.bench.tx, desk.see(order))


def split(desk: Desk, order, *shares: tuple[str, int]):
    return desk.do(order, "split", parts=[{"warehouse": w, "lines": pieces((1, qty))} for w, qty in shares])


def test_a_split_makes_two_orders_of_one_root_each_with_its_own_warehouse(desk):
    order = desk.place(14, note="避开周一，需附出厂检验报告")
    assert codes(order) == ["short_stock"]
    left = split(desk, order, ("SH", 10), ("SZ", 4))
    first, second = parts_of(desk, order)
    assert first == left
    assert second.order_no == f"{order.order_no}-P2"
    assert [(one.state, one.warehouse, one.lines[0].reserved) for one in (first, second)] == [
        ("to_pick", "SH", 10), ("to_pick", "SZ", 4),
    ]  # fmt: skip
    assert codes(first) == codes(second) == []
    assert first.amount_fen + second.amount_fen == order.amount_fen == order.paid_fen
    assert second.paid_fen == second.amount_fen == 4 * 12800
    assert (second.root_no, second.rest.part_of, second.version) == (order.order_no, order.order_no, 1)
    assert (second.note, second.rest.tags, second.customer) == (order.note, order.rest.tags, order.customer)
    assert [check.item for check in second.rest.checklist] == ["附检验报告"]
    assert (desk.stock("SH"), desk.stock("SZ")) == ((10, 10), (10, 4))


def test_a_split_is_whole_or_not_at_all(desk):
    order = desk.place(14)
    with pytest.raises(Refused) as refused:
        split(desk, order, ("SH", 3), ("SZ", 11))
    assert (refused.value.code, refused.value.facts["available"]) == ("short_stock", 10)
    assert desk.see(order) == order
    assert [desk.stock(house)[1] for house in HOUSES] == [0, 0, 0]


@pytest.mark.parametrize(
    "shares", [(("SH", 9), ("SZ", 4)), (("SH", 10), ("SZ", 5)), (("SH", 14), ("SZ", 14))]
)
def test_parts_that_are_not_the_order_are_refused(desk, shares):
    order = desk.place(14)
    with pytest.raises(Refused) as refused:
        split(desk, order, *shares)
    assert refused.value.code == "invalid"


def test_a_line_that_went_away_wholly_is_shown_no_more_and_a_late_pick_of_it_is(desk):
    lines = [{"sku": "BP-1023", "qty": 2}, {"sku": "OF-3001", "qty": 3}]
    order = desk.place(0, lines=lines)
    given = [{"warehouse": "SH", "lines": pieces((2, 3))}, {"warehouse": "SZ", "lines": pieces((1, 2))}]
    left = desk.do(order, "split", parts=given)
    assert [n.qty for n in left.lines] == [0, 3]
    second = parts_of(desk, order)[1]
    assert [(n.line_no, n.sku, n.qty) for n in second.lines] == [(1, "BP-1023", 2)]
    pick(desk, order, 1)
    assert [row["kind"] for row in desk.bench.rows("SELECT kind FROM conflicts")] == ["over_picked"]


def test_what_is_held_or_open_or_in_hand_is_not_split(desk):
    order = desk.place(4)
    desk.do(order, "hold", reason="等")
    for body, code in (({}, "held"), ({"lift": 1}, "pieces_in_hand")):
        if body:
            desk.do(order, "lift")
            pick(desk, order, 1)
            desk.do(desk.place(9), "cancel", reason="不要了")
        with pytest.raises(Refused) as refused:
            split(desk, order, ("SH", 1), ("SZ", 3))
        assert refused.value.code in (code, "wrong_state")


def test_a_part_is_amended_cancelled_and_split_like_any_order(desk):
    order = desk.place(14)
    split(desk, order, ("SH", 10), ("SZ", 4))
    second = parts_of(desk, order)[1]
    third = split(desk, second, ("SZ", 1), ("HZ", 3))
    assert [one.order_no for one in parts_of(desk, order)] == [
        order.order_no, second.order_no, f"{order.order_no}-P3",
    ]  # fmt: skip
    newer = desk.do(third, "amend", changes={"note": "送前电话"})
    assert newer.order_no == f"{second.order_no}-V2"
    assert [one.order_no for one in parts_of(desk, order)][1] == newer.order_no
    desk.do(newer, "cancel", reason="不要了")
    assert [one.state for one in parts_of(desk, order)] == ["to_pick", "cancelled", "to_pick"]
    whole = desk.do(order, "amend", changes={"note": "上午送"})
    assert whole.order_no == f"{order.order_no}-V2"
    assert whole.rest.has_parts


def test_goods_that_went_on_do_not_come_back_with_an_old_version(desk):
    order = desk.place(14)
    split(desk, order, ("SH", 10), ("SZ", 4))
    with pytest.raises(Refused) as refused:
        desk.do(order, "restore", snapshot=order.snapshot)
    assert refused.value.code == "split_since"


def test_moving_takes_another_warehouse_whole_and_feeds_who_waited_for_the_old(desk):
    order, waiting = desk.place(4), desk.place(8, warehouse="SH")
    moved = desk.do(order, "move", warehouse="HZ")
    assert (moved.state, moved.warehouse, moved.rest.pinned) == ("to_pick", "HZ", True)
    assert (desk.stock("HZ"), desk.stock("SH")) == ((10, 4), (10, 8))
    assert desk.see(waiting).state == "to_pick"
    with pytest.raises(Refused) as refused:
        desk.do(waiting, "move", warehouse="HZ")
    assert refused.value.code == "short_stock"
    with pytest.raises(Refused) as refused:
        desk.do(moved, "move", warehouse="HZ")
    assert refused.value.code == "nothing_changed"


def test_a_backorder_ships_what_is_there_and_the_rest_waits_for_the_next_receipt(desk):
    for house in ("SZ", "HZ"):
        desk.move("damage", house, 5)
        desk.move("damage", house, 5, bin_code={"SZ": "F-01-01", "HZ": "M-01-01"}[house])
    order = desk.place(14)
    left = desk.do(order, "backorder")
    assert (left.state, left.warehouse, left.lines[0].qty) == ("to_pick", "SH", 10)
    rest = parts_of(desk, order)[1]
    assert (rest.state, rest.lines[0].qty, codes(rest)) == ("paid", 4, ["short_stock"])
    desk.move("receive", "SH", 4)
    assert desk.see(rest).state == "to_pick"


def test_a_backorder_of_nothing_is_refused(desk):
    order = desk.place(40, sku="WP-4001")
    for house, area in (("SH", "A"), ("SZ", "F"), ("HZ", "M")):
        desk.move("damage", house, 5, "WP-4001")
        desk.move("damage", house, 5, "WP-4001", f"{area}-01-04")
    with pytest.raises(Refused) as refused:
        desk.do(order, "backorder")
    assert refused.value.code == "nothing_there"


@pytest.mark.parametrize("after", ["packed", "shipped", "delivered"])
def test_what_was_picked_short_goes_on_as_a_part(desk, after):
    order = desk.place(4)
    pick(desk, order, 3)
    pick(desk, order, 1, 2, "short")
    desk.do(order, "pack")
    for name, body in (("ship", {"carrier": "顺丰", "waybill": "SF1"}), ("deliver", {})):
        if desk.see(order).state != after:
            desk.do(order, name, **body)
    left = desk.do(order, "backorder")
    assert (left.state, left.lines[0].qty, left.lines[0].picked, left.lines[0].short) == (after, 3, 3, 0)
    rest = parts_of(desk, order)[1]
    assert (rest.state, rest.lines[0].qty, rest.amount_fen, rest.rest.parcels) == ("to_pick", 1, 12800, ())
    assert left.amount_fen == left.paid_fen == 3 * 12800
    with pytest.raises(Refused) as refused:
        desk.do(order, "backorder")
    assert refused.value.code == "nothing_short"


def test_a_monthly_customers_parts_owe_together_what_the_order_owed(desk):
    order = desk.place(14, customer={"id": "C0043"}, paid=False)
    desk.do(order, "pay", method="on_account")

    def owed() -> int:
        return desk.bench.tx.value(store.Q.owed, customer="C0043")

    before = owed()
    split(desk, order, ("SH", 10), ("SZ", 4))
    assert owed() == before == 14 * 12800
    desk.do(parts_of(desk, order)[1], "cancel", reason="不要了")
    assert owed() == 10 * 12800
