"""Every command of an order over HTTP: who may, from where, what it refuses and why (contract §3)."""

import pytest

from api.orders.commands import COMMANDS
from tests.support.company import draft
from tests.support.desk import Device, does, look, packed, place, problem, shipped, tell

BODIES = {
    "pay": {"method": "transfer"}, "start_picking": {}, "pack": {}, "check": {"item": "附检验报告"},
    "ship": {"carrier": "顺丰", "waybill": "SF1"}, "deliver": {"evidence": "前台"}, "cancel": {"reason": "不要"},
    "hold": {"reason": "等"}, "lift": {}, "tag": {"add": ["大客户"]}, "comment": {"text": "已电话"},
    "amend": {"changes": {"note": "改"}}, "restore": {"snapshot": "sha256:" + "0" * 64},
    "return": {"lines": [{"line_no": 1, "qty": 1}], "reason": "坏"},
    "split": {
        "parts": [
            {"warehouse": "SH", "lines": [{"line_no": 1, "qty": 3}]},
            {"warehouse": "SZ", "lines": [{"line_no": 1, "qty": 1}]},
        ]
    },
    "move": {"warehouse": "SZ"},
    "backorder": {},
    "resolve": {"exception": "amount_mismatch", "choice": "keep", "why": "少一分算了"},
}  # fmt: skip
# The contract's table of roles; `pay` by sales is for on_account alone and tested beside.
MAY = {
    "pay": "owner supervisor finance",
    "start_picking": "owner supervisor picker",
    "pack": "owner supervisor picker",
    "check": "owner supervisor picker sales",
    "ship": "owner supervisor picker",
    "deliver": "owner supervisor sales picker",
    "cancel": "owner supervisor sales",
    "hold": "owner supervisor finance",
    "lift": "owner supervisor finance",
    "tag": "owner supervisor sales",
    "comment": "owner supervisor sales finance picker",
    "amend": "owner supervisor sales",
    "restore": "owner supervisor sales",
    "return": "owner supervisor sales",
    "split": "owner supervisor sales",
    "move": "owner supervisor sales",
    "backorder": "owner supervisor sales",
    "resolve": "owner supervisor finance",
}
ROLES = ("owner", "supervisor", "sales", "finance", "picker")


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_who_may_give_which_command(house, name, role):
    no = place(house, paid_at=None)
    answer = tell(house, role, no, name, **BODIES[name])
    if role in MAY[name].split():
        assert answer.status_code != 403, answer.text
    else:
        refused = problem(answer, 403, "not_yours")
        assert refused["why"]
        assert look(house, no)["state"] == "awaiting_payment"


@pytest.fixture(scope="module")
def everywhere(house) -> dict[str, str]:
    """One order in each state."""
    found = {
        "awaiting_payment": place(house, paid_at=None),
        "paid": place(house, lines=[{"sku": "BD-2001", "qty": 900_000}]),
        "to_pick": place(house),
        "picking": place(house),
        "packed": packed(house),
        "shipped": shipped(house),
        "delivered": shipped(house),
        "cancelled": place(house),
        "amended": place(house),
        "returned": shipped(house),
    }
    does(house, "picker", found["picking"], "start_picking")
    does(house, "sales", found["delivered"], "deliver", evidence="前台")
    does(house, "sales", found["cancelled"], "cancel", reason="不要")
    does(house, "sales", found["amended"], "amend", changes={"note": "改"})
    does(house, "sales", found["returned"], "return", lines=[{"line_no": 1, "qty": 4}], reason="坏")
    assert all(look(house, no)["state"] == state for state, no in found.items())
    return found


UNTIL_PACKED = {"awaiting_payment", "paid", "to_pick", "picking", "packed"}
FROM = {
    "pay": {"awaiting_payment"}, "start_picking": {"to_pick"}, "pack": {"picking"}, "ship": {"packed"},
    "deliver": {"shipped"}, "cancel": UNTIL_PACKED, "amend": UNTIL_PACKED, "restore": UNTIL_PACKED,
    "hold": UNTIL_PACKED, "lift": UNTIL_PACKED, "return": {"shipped", "delivered"},
    "split": {"paid", "to_pick"}, "move": {"paid", "to_pick"},
    "backorder": {"paid", "packed", "shipped", "delivered"},
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_from_every_other_state_a_command_is_a_wrong_state_with_its_reason(house, everywhere, name):
    states = set(everywhere) - FROM.get(name, set(everywhere))
    assert states or name in ("tag", "comment", "check", "resolve")
    for state in sorted(states):
        before = look(house, everywhere[state])
        refused = problem(tell(house, "owner", everywhere[state], name, **BODIES[name]), 409, "wrong_state")
        assert (refused["state"], refused["command"]) == (state, name)
        assert look(house, everywhere[state]) == before


@pytest.mark.parametrize("name", ["comment", "tag"])
def test_words_and_tags_go_always(house, everywhere, name):
    for no in everywhere.values():
        does(house, "owner", no, name, **BODIES[name])


def test_an_unknown_command_or_order_is_not_found(house):
    problem(tell(house, "owner", place(house), "teleport"), 404, "no_such_path")
    problem(tell(house, "owner", "HD000000-00000", "cancel", reason="x"), 404, "not_found")
    problem(house.owner.get("/api/orders/HD000000-00000"), 404, "not_found")


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_a_command_refuses_unknown_and_missing_fields_by_name(house, name):
    no = place(house)
    wrong = problem(tell(house, "owner", no, name, **BODIES[name], colour="red"), 400, "invalid")
    assert [one["path"] for one in wrong["errors"]] == ["$.colour"]
    if COMMANDS[name].body.__struct_fields__ and name not in ("tag", "deliver"):
        problem(tell(house, "owner", no, name), 400, "invalid")


# Money ------------------------------------------------------------------------------------------------------


def test_money_in_full_clears_and_reserves(house):
    no = place(house, paid_at=None)
    order = does(
        house, "finance", no, "pay", amount_fen=51200, method="transfer", at="2026-01-22T10:00:00+08:00"
    )
    assert (order["state"], order["paid_fen"], order["lines"][0]["reserved"]) == ("to_pick", 51200, 4)
    assert order["paid_at"] == "2026-01-22T10:00:00+08:00"
    problem(tell(house, "finance", no, "pay", amount_fen=1, method="transfer"), 409, "wrong_state")


def test_less_money_is_recorded_and_waits_red(house):
    no = place(house, paid_at=None)
    order = does(house, "finance", no, "pay", amount_fen=51199, method="transfer")
    assert (order["state"], order["paid_fen"], order["colour"]["code"]) == ("awaiting_payment", 51199, "red")
    assert [one["code"] for one in order["exceptions"]] == ["amount_mismatch"]
    assert "¥511.99" in order["colour"]["why"]
    order = does(house, "finance", no, "pay", amount_fen=1, method="transfer")
    assert (order["state"], order["paid_fen"], order["exceptions"]) == ("to_pick", 51200, [])


def test_more_money_is_paid_with_the_same_exception(house):
    order = does(house, "finance", place(house, paid_at=None), "pay", amount_fen=51201, method="transfer")
    assert (order["state"], [one["code"] for one in order["exceptions"]]) == ("to_pick", ["amount_mismatch"])


def test_a_person_may_take_what_came_as_the_whole(house):
    no = place(house, paid_at=None)
    does(house, "finance", no, "pay", amount_fen=51000, method="transfer")
    order = does(house, "finance", no, "resolve", exception="amount_mismatch", choice="apply", why="抹零")
    assert (order["state"], order["exceptions"], order["paid_fen"]) == ("to_pick", [], 51000)


def test_on_account_is_for_monthly_customers_within_their_limit(house):
    monthly = {"customer": {"id": "C0043"}, "paid_at": None}
    no = place(house, **monthly)
    problem(tell(house, "sales", no, "pay", method="transfer"), 403, "not_yours")
    order = does(house, "sales", no, "pay", method="on_account")
    assert (order["state"], order["paid_fen"], order["terms"]) == ("to_pick", 0, "monthly")
    assert order["exceptions"] == []
    problem(
        tell(house, "sales", place(house, paid_at=None), "pay", method="on_account"), 409, "not_on_account"
    )
    large = place(
        house, **monthly, lines=[{"sku": "BP-1023", "qty": 1, "price_fen": 10_000_000 - 51_200 + 1}]
    )
    refused = problem(tell(house, "sales", large, "pay", method="on_account"), 409, "over_credit")
    assert refused["left"] == 10_000_000 - 51_200
    just = place(house, **monthly, lines=[{"sku": "BP-1023", "qty": 1, "price_fen": 10_000_000 - 51_200}])
    assert does(house, "sales", just, "pay", method="on_account")["state"] == "to_pick"
    paid = does(house, "finance", just, "pay", method="transfer")  # the money that was owed comes
    assert (paid["paid_fen"], paid["state"]) == (10_000_000 - 51_200, "to_pick")
    does(house, "sales", no, "cancel", reason="不要")


def test_what_clears_by_itself_is_not_resolved_by_hand(house, everywhere):
    given = {"choice": "keep", "why": "x"}
    problem(
        tell(house, "owner", everywhere["paid"], "resolve", exception="short_stock", **given),
        409,
        "clears_itself",
    )
    problem(tell(house, "owner", everywhere["to_pick"], "resolve", exception="differs", **given), 409, "unknown_exception")  # fmt: skip
    wrong = {"exception": "differs", "choice": "maybe", "why": "x"}
    assert problem(tell(house, "owner", everywhere["to_pick"], "resolve", **wrong), 400, "invalid")["errors"]


# Holds, cancels ---------------------------------------------------------------------------------------------


def test_a_held_order_stays_where_it_is(house):
    no = place(house)
    order = does(house, "finance", no, "hold", reason="对公款未到")
    assert (order["state"], order["held"]["reason"], order["held"]["by"]) == (
        "to_pick",
        "对公款未到",
        "finance",
    )
    assert (order["colour"]["code"], order["colour"]["why"]) == ("red", "挂起：对公款未到")
    for name in ("start_picking", "hold"):
        refused = problem(tell(house, "owner", no, name, **BODIES[name]), 409, "held")
        assert "对公款未到" in refused["why"]
    order = does(house, "finance", no, "lift")
    assert (order["held"], order["colour"]["code"]) == (None, "green")
    problem(tell(house, "finance", no, "lift"), 409, "not_held")


@pytest.mark.parametrize("state", ["picking", "packed"])
def test_a_hold_stops_packing_and_shipping(house, state):
    no = place(house)
    Device(house).push(no, "pick", 4)
    if state == "packed":
        does(house, "picker", no, "pack")
    does(house, "finance", no, "hold", reason="等")
    problem(tell(house, "picker", no, "pack" if state == "picking" else "ship", **({} if state == "picking" else BODIES["ship"])), 409, "held")  # fmt: skip


def test_sales_cancel_until_to_pick_and_leads_until_packed(house):
    for no in (place(house, paid_at=None), place(house)):
        order = does(house, "sales", no, "cancel", reason="不要了")
        assert (order["state"], order["colour"]["code"]) == ("cancelled", "grey")
        assert [line["reserved"] for line in order["lines"]] == [0]
    for no in (place(house), packed(house)):
        if look(house, no)["state"] == "to_pick":
            does(house, "picker", no, "start_picking")
        problem(tell(house, "sales", no, "cancel", reason="不要了"), 403, "not_yours")
        assert does(house, "supervisor", no, "cancel", reason="不要了")["state"] == "cancelled"


# Picking to the parcel --------------------------------------------------------------------------------------


def test_the_first_op_starts_picking_for_good(house):
    no, device = place(house), Device(house)
    assert device.push(no, "pick", 2)["verdict"] == "applied"
    order = look(house, no)
    assert (order["state"], order["lines"][0]["picked"], order["handler"]["role"]) == ("picking", 2, "picker")
    device.push(no, "void", 0, target=f"{device.id}:1")
    order = look(house, no)
    assert (order["state"], order["lines"][0]["picked"]) == ("picking", 0)


def test_packing_wants_every_line_closed_and_names_those_that_are_not(house):
    lines = [{"sku": "BP-1023", "qty": 2}, {"sku": "OF-3001", "qty": 3}]
    no, device = place(house, lines=lines), Device(house)
    device.push(no, "pick", 2, 1)
    device.push(no, "pick", 1, 2)
    refused = problem(tell(house, "picker", no, "pack"), 409, "lines_open")
    assert refused["line_nos"] == [2]
    assert "OF-3001" in refused["why"]
    device.push(no, "short", 2, 2, bin="A-01-03")
    order = does(house, "picker", no, "pack")
    assert order["state"] == "packed"
    assert [(n["qty"], n["picked"], n["short"], n["reserved"]) for n in order["lines"]] == [(2, 2, 0, 2), (3, 1, 2, 1)]  # fmt: skip
    todos = house.supervisor.get("/api/todos").json()["items"]
    mine = [(t["kind"], t["warehouse"], t["sku"], t["bin"]) for t in todos if t["order_no"] == no]
    assert mine == [("count", "SH", "OF-3001", "A-01-03")]
    count = {"kind": "count", "warehouse": "SH", "sku": "OF-3001", "bin": "A-01-03", "qty": 7}
    assert house.supervisor.post("/api/stock/moves", count).status_code == 201
    assert no not in [t["order_no"] for t in house.supervisor.get("/api/todos").json()["items"]]


def test_nothing_picked_is_nothing_to_pack(house):
    no = place(house)
    Device(house).push(no, "short", 4)
    problem(tell(house, "picker", no, "pack"), 409, "nothing_picked")


def test_packing_wants_the_checklist_finished(house):
    no = place(house, note="需附出厂检验报告")
    Device(house).push(no, "pick", 4)
    refused = problem(tell(house, "picker", no, "pack"), 409, "checklist_open")
    assert "附检验报告" in refused["why"]
    problem(tell(house, "picker", no, "check", item="没有这项"), 409, "unknown_check")
    for item in look(house, no)["checklist"]:
        does(house, "picker", no, "check", item=item["item"])
    assert does(house, "picker", no, "pack")["state"] == "packed"


def test_shipping_consumes_what_was_picked_and_the_carrier_has_it(company):
    no, device = place(company), Device(company)
    device.push(no, "pick", 3)
    device.push(no, "short", 1)
    does(company, "picker", no, "pack")
    order = does(company, "picker", no, "ship", carrier="顺丰", waybill="SF123")
    assert [(p["carrier"], p["waybill"]) for p in order["shipments"]] == [("顺丰", "SF123")]
    assert order["handler"] == {"role": "carrier", "name": "顺丰", "phone": ""}
    assert (order["colour"]["code"], order["colour"]["shape"]) == ("blue", "hollow")
    stock = company.sales.get("/api/stock", params={"sku": "BP-1023", "warehouse": "SH"}).json()["items"]
    assert [(s["on_hand"], s["reserved"], s["available"]) for s in stock] == [(97, 0, 97)]
    order = does(company, "sales", no, "deliver", evidence="前台代收")
    assert (order["colour"]["code"], order["colour"]["shape"]) == ("blue", "solid")


def test_handlers_go_from_owner_to_picker_to_carrier(house):
    no = place(house)
    assert look(house, no)["handler"]["role"] == "sales"
    does(house, "picker", no, "start_picking")
    assert look(house, no)["handler"] == {"role": "picker", "name": "Picker", "phone": ""}


def test_a_return_is_whole_or_in_parts_and_never_more_than_left(house):
    no = shipped(house, lines=[{"sku": "BP-1023", "qty": 3}, {"sku": "OF-3001", "qty": 1}])
    does(house, "sales", no, "deliver")
    order = does(house, "sales", no, "return", lines=[{"line_no": 1, "qty": 2}], reason="坏")
    assert order["state"] == "delivered"
    refused = problem(tell(house, "sales", no, "return", lines=[{"line_no": 1, "qty": 2}], reason="坏"), 409, "too_much_back")  # fmt: skip
    assert (refused["line_no"], refused["left"]) == (1, 1)
    problem(tell(house, "sales", no, "return", lines=[{"line_no": 9, "qty": 1}], reason="坏"), 400, "invalid")
    back = [{"line_no": 1, "qty": 1}, {"line_no": 2, "qty": 1}]
    order = does(house, "sales", no, "return", lines=back, reason="坏")
    assert (order["state"], order["colour"]["code"]) == ("returned", "grey")
    todos = house.supervisor.get("/api/todos", params={"limit": 200}).json()["items"]
    assert sum(t["qty"] for t in todos if t["order_no"] == no and t["kind"] == "inspect") == 4


def test_tags_of_people_come_and_go(house):
    no = place(house, note="请避开周一送货")
    order = does(house, "sales", no, "tag", add=["大客户", "加急"], remove=["避周一"])
    assert [(t["tag"], t["from"]) for t in order["tags"]] == [("大客户", "person"), ("加急", "person")]
    assert order["priority"] == "urgent"
    order = does(house, "sales", no, "tag", remove=["加急"])
    assert (order["priority"], [t["tag"] for t in order["tags"]]) == ("", ["大客户"])


def test_a_tag_that_asks_for_proof_opens_the_checklist(house):
    no = place(house)
    assert look(house, no)["checklist"] == []
    order = does(house, "sales", no, "tag", add=["附合格证"])
    assert order["checklist"] == [{"item": "附合格证", "done": False}]


def test_a_refused_command_changes_nothing_at_all(house):
    no = place(house)
    before, told = look(house, no), said(house, no)
    for name in ("pack", "ship", "deliver", "lift", "restore", "return"):
        assert tell(house, "owner", no, name, **BODIES[name]).status_code in (404, 409)
    assert look(house, no) == before
    assert told == said(house, no) == ["order.placed"]


def said(house, no: str) -> list[str]:
    """The journal's words, looks left out: they are written when nobody waits."""
    items = house.owner.get(f"/api/orders/{no}/journal").json()["items"]
    return [one["kind"] for one in items if one["kind"] != "order.viewed"]


def test_the_demand_of_the_draft_is_not_lost_in_the_list(house):
    """What POST answered is what GET shows."""
    answer = house.owner.post("/api/orders", draft(note="只此一单", options=["需加装防震泡沫"]))
    assert look(house, answer.json()["order_no"]) == answer.json()
