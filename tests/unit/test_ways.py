"""What an order that waits is offered: ways that work when they are taken, and who is served first."""

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.inventory import substitutes
from api.kernel.actor import Actor
from api.orders import planning, queue, store
from api.orders.model import Line, Promised
from api.orders.planning import Shelf
from api.orders.ways import ways
from tests.support.laws import broken
from tests.support.walk import LEAD
from tests.unit.test_reservation_cases import Desk, codes, desk, pick

__all__ = ["desk"]
replace = msgspec.structs.replace


def offered(desk: Desk, order, actor: Actor = LEAD) -> list:
    return ways(desk.bench.tx, desk.see(order), actor, desk.bench.now)


def kinds(desk: Desk, order) -> list[str]:
    return [way.kind for way in offered(desk, order)]


def empty(desk: Desk, *houses: str) -> None:
    for house in houses:
        desk.move("damage", house, 5)
        desk.move("damage", house, 5, bin_code={"SH": "A", "SZ": "F", "HZ": "M"}[house] + "-01-01")


def take(desk: Desk, order, kind: str):
    way = next(way for way in offered(desk, order) if way.kind == kind)
    return desk.do(order, way.command, **way.body)


def test_a_pinned_order_is_offered_the_other_warehouses_that_have_all(desk):
    order = desk.place(14, lines=[{"sku": "BP-1023", "qty": 6}], warehouse="SH")
    assert order.state == "to_pick"
    waits = desk.place(6, warehouse="SH")
    found = offered(desk, waits)
    assert [(way.kind, way.body.get("warehouse")) for way in found[:2]] == [("move", "SZ"), ("move", "HZ")]
    assert found[0].why.zh == "苏州仓全有"
    assert take(desk, waits, "move").warehouse == "SZ"


def test_a_split_takes_as_few_parcels_as_can_be_and_the_nearest(desk):
    order = desk.place(14)
    way = offered(desk, order)[0]
    assert (way.kind, way.parcels, way.why.zh) == ("split", 2, "分 2 次发：上海仓 10 件，苏州仓 4 件")
    take(desk, order, "split")
    assert [one.state for one in store.family(desk.bench.tx, desk.see(order))] == ["to_pick", "to_pick"]


def test_what_nobody_has_goes_in_part_or_waits(desk):
    empty(desk, "SZ", "HZ")
    order = desk.place(14)
    found = offered(desk, order)
    assert [way.kind for way in found] == ["backorder", "wait"]
    assert found[0].why.zh == "上海仓先发 10 件，余下 4 件到货再发"
    assert found[1].facts["skus"] == [{"sku": "BP-1023", "lacks": 4, "orders_before": 0, "pieces_before": 0}]
    assert found[1].why.zh == "等到货：BP-1023 还缺 4 件，排第一"
    later = desk.place(12)
    assert offered(desk, later)[-1].facts["skus"][0] | {"sku": ""} == {
        "sku": "", "lacks": 2, "orders_before": 1, "pieces_before": 14,
    }  # fmt: skip


def test_another_sku_is_offered_at_the_price_of_the_first(desk):
    given = substitutes.SubstitutesIn(["OF-3001"])
    desk.bench.run(lambda tx: substitutes.save(tx, "BP-1023", given, LEAD, desk.bench.now))
    empty(desk, "SH", "SZ", "HZ")
    order = desk.place(4)
    assert kinds(desk, order) == ["substitute", "wait"]
    after = take(desk, order, "substitute")
    assert (after.state, after.lines[0].sku, after.amount_fen) == ("to_pick", "OF-3001", order.amount_fen)
    assert codes(after) == []


def test_what_was_packed_short_is_offered_to_follow(desk):
    order = desk.place(4)
    pick(desk, order, 3)
    pick(desk, order, 1, 2, "short")
    desk.do(order, "pack")
    assert kinds(desk, order) == ["backorder"]
    take(desk, order, "backorder")
    assert kinds(desk, order) == []


def test_nothing_is_offered_that_would_be_refused(desk):
    order = desk.place(14)
    assert [way.kind for way in offered(desk, order, Actor("picker", "picker"))] == ["wait"]
    desk.do(order, "hold", reason="等")
    assert kinds(desk, order) == ["wait"]
    desk.do(order, "cancel", reason="不要了")
    assert kinds(desk, order) == []


# The plan ---------------------------------------------------------------------------------------------------

SKUS = ("A", "B")
shelves = st.lists(
    st.dictionaries(st.sampled_from(SKUS), st.integers(1, 6), max_size=2), min_size=1, max_size=4
).map(lambda free: [Shelf(f"W{n}", one) for n, one in enumerate(free)])
lines = st.lists(
    st.builds(lambda sku, qty: (sku, qty), st.sampled_from(SKUS), st.integers(1, 8)), min_size=1, max_size=3
).map(lambda rows: [Line(n, sku, sku, qty, "件", 1, "") for n, (sku, qty) in enumerate(rows, 1)])


def whole_by_hand(shelf: Shelf, wanted: list[Line]) -> bool:
    return all(
        sum(line.qty for line in wanted if line.sku == sku) <= shelf.free.get(sku, 0)
        for sku in {line.sku for line in wanted}
    )


@settings(max_examples=200, derandomize=True, deadline=None)
@given(shelves, lines)
def test_a_plan_is_the_order_piece_by_piece_from_what_is_there(there, wanted):
    assert planning.whole(there, wanted) == [one.warehouse for one in there if whole_by_hand(one, wanted)]
    found = planning.split(there, wanted)
    total = {sku: sum(shelf.free.get(sku, 0) for shelf in there) for sku in SKUS}
    enough = all(sum(n.qty for n in wanted if n.sku == sku) <= total[sku] for sku in SKUS)
    assert (found is not None) == enough
    lacks = planning.missing(there, wanted)
    if not enough:
        asked = {sku: sum(n.qty for n in wanted if n.sku == sku) for sku in SKUS}
        assert lacks == {sku: asked[sku] - total[sku] for sku in SKUS if asked[sku] > total[sku]}
    if found is None:
        return
    assert bool(lacks) == (len(found) > 1)
    for line in wanted:
        assert sum(share.get(line.line_no, 0) for _, share in found) == line.qty
    free = {shelf.warehouse: shelf.free for shelf in there}
    for code, share in found:
        assert share
        for sku in SKUS:
            used = sum(qty for no, qty in share.items() if wanted[no - 1].sku == sku)
            assert used <= free[code].get(sku, 0)
    assert len(found) == 1 or planning.whole(there, wanted) == []


# Who is served first ----------------------------------------------------------------------------------------


def promised(desk: Desk, order, ship_by: int) -> None:
    """As a promise would have put it on the order."""
    seen = desk.see(order)
    rest = replace(seen.rest, promise=Promised("PX", ship_by, ship_by, ship_by, 0.9))
    desk.bench.run(lambda tx: store.update(tx, seen, replace(seen, rest=rest)))


def test_a_receipt_is_offered_by_promise_then_tier_then_age(desk):
    empty(desk, "SH", "SZ", "HZ")
    old, vip, late, soon = desk.place(3), desk.place(3, vip=True), desk.place(3), desk.place(3)
    promised(desk, late, 2_000)
    promised(desk, soon, 1_000)
    line = [one.order_no for one in queue.waiting(desk.bench.tx, ["BP-1023"])]
    assert line == [one.order_no for one in (soon, late, vip, old)]
    for fed in (soon, late, vip, old):
        assert desk.see(fed).state == "paid"
        desk.move("receive", "SH", 3)
        assert desk.see(fed).state == "to_pick"


def test_who_waits_for_two_skus_is_served_by_place_whichever_came(desk):
    """The one with the earlier place has the piece of the second SKU, though the first SKU's line is walked first."""
    empty(desk, "SH", "SZ", "HZ")
    for house, area in (("SH", "A"), ("SZ", "F"), ("HZ", "M")):
        for n, sku in ((2, "BD-2001"),):
            desk.move("damage", house, 5, sku)
            desk.move("damage", house, 5, sku, f"{area}-01-0{n}")
    both = desk.place(0, lines=[{"sku": "BD-2001", "qty": 1}, {"sku": "BP-1023", "qty": 1}])
    first = desk.place(1)
    promised(desk, first, 1_000)
    desk.move("receive", "SH", 1, "BD-2001")
    desk.move("receive", "SH", 1)
    assert [desk.see(one).state for one in (both, first)] == ["paid", "to_pick"]
    assert broken(desk.bench) == []


@pytest.mark.parametrize("others", [["BP-1023"], ["OF-3001", "OF-3001"], ["NO-SUCH"]])
def test_substitutes_are_other_skus_that_are_there(company, others):
    answer = company.supervisor.put("/api/skus/BP-1023/substitutes", {"others": others})
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")


def test_substitutes_over_http(company):
    body = {"others": ["OF-3001", "BD-2001"]}
    for _ in range(2):
        answer = company.supervisor.put("/api/skus/BP-1023/substitutes", body)
        assert answer.json() == {"sku": "BP-1023", **body}
    assert company.picker.get("/api/skus/BP-1023/substitutes").json()["others"] == body["others"]
    assert company.sales.put("/api/skus/BP-1023/substitutes", body).status_code == 403
    assert company.supervisor.get("/api/skus/NO/substitutes").status_code == 404


@pytest.mark.parametrize(
    ("want_by", "house", "answer"),
    [
        (None, "SH", None),
        ("2026-01-25", "SH", "yes"),
        ("2026-01-24", "SZ", "yes"),
        ("2026-01-22", "SZ", "no"),
    ],
)
def test_a_wish_is_kept_by_the_nearest_warehouse_whose_cut_off_keeps_it(company, want_by, house, answer):
    """At 10:05 SH has closed for the day, SZ and HZ have not; what nobody keeps leaves from where it is there first."""
    known = company.supervisor.get("/api/warehouses/SH").json()
    given = {**{k: v for k, v in known.items() if k != "code"}, "cutoff": "09:00"}
    assert company.supervisor.put("/api/warehouses/SH", given).status_code == 200
    body = {"address": "上海市浦东新区张江路1号", "lines": [{"sku": "BP-1023", "qty": 1}]}
    found = company.sales.post("/api/promises", body | ({"want_by": want_by} if want_by else {})).json()
    assert (found["warehouse"], (found.get("want_by") or {}).get("answer")) == (house, answer)
