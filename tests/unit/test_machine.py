"""The law of states: the contract's table word for word, and what no walk of commands may ever do."""

import ast
from itertools import pairwise
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.kernel.errors import Refused
from api.kernel.time import HOUR, MINUTE
from api.orders import machine
from api.orders.colour import BY_STATE, colour
from api.orders.commands import COMMANDS
from api.orders.machine import INNER, MOVES, Move, check_definition, mermaid, step
from api.orders.model import (
    ENDS,
    OPEN,
    STATES,
    Address,
    Check,
    Customer,
    Held,
    Line,
    Order,
    Refs,
    Rest,
    Trouble,
)

NOW, SLA = 1_769_047_500_000, 2 * HOUR
replace = msgspec.structs.replace
walks = settings(max_examples=60, derandomize=True, deadline=None)

# The contract's §3, "From where", and the way of an order: (command, from) -> to.
UNTIL_PACKED = ("awaiting_payment", "paid", "to_pick", "picking", "packed")
CONTRACT = {
    **{("pay", "awaiting_payment"): "paid"},
    **{("start_picking", "to_pick"): "picking"},
    **{("pack", "picking"): "packed"},
    **{("ship", "packed"): "shipped"},
    **{("deliver", "shipped"): "delivered"},
    **{("cancel", s): "cancelled" for s in UNTIL_PACKED},
    **{(c, s): "amended" for c in ("amend", "restore") for s in UNTIL_PACKED},
    **{(c, s): s for c in ("hold", "lift") for s in UNTIL_PACKED},
    **{("return", s): s for s in ("shipped", "delivered")},
    **{(c, s): s for c in ("tag", "comment", "check", "resolve") for s in STATES},
}
# What was added to it: a part, another warehouse (docs/stock.md), and what the hub tells itself.
OWN = {
    **{(c, s): "paid" for c in ("split", "move") for s in ("paid", "to_pick")},
    **{("backorder", s): s for s in ("paid", "packed", "shipped", "delivered")},
    ("reserve", "paid"): "to_pick",
    ("carry_on", "awaiting_payment"): "paid",  # a version of what was cleared already
    **{("fall_back", s): "paid" for s in ("to_pick", "picking", "packed")},
    **{("close_return", s): "returned" for s in ("shipped", "delivered")},
}


def order(state: str = "to_pick", **change) -> Order:
    line = Line(1, "BP-1023", "前刹车片", 4, "件", 12800, "SH", reserved=4, picked=4)
    made = Order(
        order_no="HD260122-00001", root_no="HD260122-00001", version=1, state=state, channel="manual",
        external_no=None, customer=Customer("C0001", "宝诚", "13800000000", "vip"),
        refs=Refs(1, 2, None, None, None), address=Address(), owner="sales", picker="", warehouse="SH",
        lines=(line,), amount_fen=51200, paid_fen=51200, terms="prepaid", note="", extra="", priority="",
        rest=Rest(), snapshot="", paid_at=NOW, moved_at=NOW, created_at=NOW, updated_at=NOW,
    )  # fmt: skip
    return replace(made, **change)


def held(it: Order) -> Order:
    return replace(it, rest=replace(it.rest, held=Held("客户改主意", "finance", NOW + MINUTE)))


def ready(state: str, command: str) -> Order:
    """An order that no guard stands in the way of."""
    if command in ("split", "move"):
        return order(state, lines=tuple(replace(line, picked=0) for line in order().lines))
    return held(order(state)) if command == "lift" else order(state)


@pytest.mark.parametrize("command", [move.command for move in MOVES])
@pytest.mark.parametrize("state", STATES)
def test_each_pair_of_state_and_command_is_the_contracts_or_refused(state, command):
    to = {**CONTRACT, **OWN}.get((command, state))
    if to is None:
        with pytest.raises(Refused) as refused:
            step(ready(state, command), command, NOW + 1)
        assert refused.value.code == "wrong_state"
        assert refused.value.status == 409
        assert refused.value.facts == {"state": state, "command": command}
        assert STATES[state][0] in refused.value.why.zh
        assert STATES[state][1] in refused.value.why.en
    else:
        after = step(ready(state, command), command, NOW + 1)
        assert (after.order.state, after.is_move) == (to, to != state)
        assert after.order.moved_at == (NOW + 1 if to != state else NOW)
        assert after.order.updated_at == NOW + 1


def test_the_table_says_what_the_contract_says_and_nothing_else():
    table = {(m.command, s): m.to or s for m in MOVES for s in m.origins}
    assert table == {**CONTRACT, **OWN}
    assert len(table) > 70  # a table read as empty would agree with anything


def test_every_command_of_people_is_a_move_and_the_other_way_round():
    assert COMMANDS.keys() == {m.command for m in MOVES} - INNER
    assert len(COMMANDS) == 18


def test_the_definition_has_no_fault():
    assert check_definition() == []
    assert "stateDiagram" in mermaid()


def without(command: str) -> tuple[Move, ...]:
    return tuple(m for m in MOVES if m.command != command)


@pytest.mark.parametrize(
    ("moves", "fault"),
    [
        ((), "paid is never reached"),
        (without("ship"), "shipped is never reached"),
        (without("close_return"), "returned is never reached"),
        (without("deliver"), "delivered is never reached"),
        ((*MOVES, Move("reopen", frozenset({"cancelled"}), "paid")), "cancelled is an end and goes to paid"),
        ((*MOVES, Move("unship", frozenset({"delivered"}), "packed")), "delivered is an end and goes to packed"),
        ((*MOVES, Move("again", frozenset({"returned"}), "shipped")), "returned is an end and goes to shipped"),
        ((*MOVES, Move("lose", frozenset({"paid"}), "lost")), "lost is not a state"),
        ((*MOVES, Move("idle", frozenset(), "paid")), "idle starts nowhere"),
        ((*MOVES, MOVES[0]), "pay is given twice"),
        (tuple(m for m in MOVES if "packed" not in m.origins or m.to == ""), "packed is no end and has no exit"),
    ],
)  # fmt: skip
def test_a_planted_fault_is_found(moves, fault):
    assert fault in check_definition(moves)


def test_every_state_is_reached_by_commands_alone():
    seen, edge = {"awaiting_payment"}, ["awaiting_payment"]
    while edge:
        state = edge.pop()
        for move in MOVES:
            if state in move.origins:
                to = step(ready(state, move.command), move.command, NOW).order.state
                if to not in seen:
                    seen.add(to)
                    edge.append(to)
    assert seen == set(STATES)


@pytest.mark.parametrize("state", sorted(ENDS))
def test_an_end_has_no_exit_but_the_return_of_what_was_delivered(state):
    exits = {m.command: m.to for m in MOVES if state in m.origins and m.to}
    assert exits == ({"close_return": "returned"} if state == "delivered" else {})
    assert ("return" in {m.command for m in MOVES if state in m.origins}) == (state == "delivered")


@pytest.mark.parametrize("command", ["start_picking", "pack", "ship", "hold"])
def test_a_held_order_refuses(command):
    origin = next(s for s in STATES if s in machine.BY_COMMAND[command].origins)
    with pytest.raises(Refused) as refused:
        step(held(order(origin)), command, NOW)
    assert (refused.value.code, refused.value.status) == ("held", 409)
    assert "客户改主意" in refused.value.why.zh


def test_what_is_not_held_cannot_be_lifted():
    with pytest.raises(Refused, match="not_held"):
        step(order("paid"), "lift", NOW)


def test_packing_names_the_open_lines():
    open_line = Line(2, "OF-3001", "机滤", 5, "件", 2500, "SH", reserved=5, picked=3, short=1)
    with pytest.raises(Refused) as refused:
        step(order("picking", lines=(order().lines[0], open_line)), "pack", NOW)
    assert refused.value.code == "lines_open"
    assert refused.value.facts["line_nos"] == [2]
    assert "2 OF-3001" in refused.value.why.zh
    assert "BP-1023" not in refused.value.why.zh


def test_packing_needs_one_piece_and_a_finished_checklist():
    line = replace(order().lines[0], picked=0, short=4)
    with pytest.raises(Refused, match="nothing_picked"):
        step(order("picking", lines=(line,)), "pack", NOW)
    rest = Rest(checklist=(Check("附合格证", done=True), Check("附检验报告")))
    with pytest.raises(Refused) as refused:
        step(order("picking", rest=rest), "pack", NOW)
    assert refused.value.code == "checklist_open"
    assert "附检验报告" in refused.value.why.zh
    assert "附合格证" not in refused.value.why.zh


commands = st.lists(st.sampled_from([m.command for m in MOVES]), min_size=1, max_size=30)


@walks
@given(commands)
def test_a_walk_stays_in_the_table_and_time_goes_on(names):
    now, it, refusals = NOW, order("awaiting_payment", paid_fen=0), []
    for name in names:
        now += MINUTE
        change = {}
        if name in ("hold", "lift"):
            change = machine.with_hold(it, Held("等", "finance", now) if name == "hold" else None)
        before = it
        try:
            done = step(it, name, now, **change)
        except Refused as refused:
            refusals.append(refused)
            continue
        it = done.order
        assert {**CONTRACT, **OWN}[name, before.state] == it.state
        assert it.updated_at == now
        assert it.moved_at == (now if it.state != before.state else before.moved_at)
        assert before.state not in ENDS or it.state in (before.state, "returned")
        assert done.effects == machine.BY_COMMAND[name].effects
    assert {one.code for one in refusals} <= {"wrong_state", "held", "not_held", "pieces_in_hand"}
    assert all(one.why.zh != one.why.en for one in refusals)


@walks
@given(st.lists(st.sampled_from(sorted(COMMANDS)), max_size=40))
def test_no_walk_skips_a_step_of_the_way(names):
    """Each state is entered only from the one that the contract draws before it."""
    way, it = ["awaiting_payment"], order("awaiting_payment")
    for name in ["pay", "reserve", *names]:
        try:
            it = step(it, name, NOW).order
        except Refused:
            continue
        if it.state != way[-1]:
            way.append(it.state)
    drawn = {(s, to) for (_, s), to in {**CONTRACT, **OWN}.items() if s != to}
    assert set(pairwise(way)) <= drawn
    assert len(way) >= 3


# Colours ------------------------------------------------------------------------------------------------

TROUBLE = Trouble("short_stock", "缺货：BP-1023", "Short: BP-1023", NOW + 2 * MINUTE)


@pytest.mark.parametrize(
    ("state", "code", "shape"),
    [
        ("awaiting_payment", "grey", None), ("paid", "green", None), ("to_pick", "green", None),
        ("picking", "yellow", None), ("packed", "yellow", None), ("shipped", "blue", "hollow"),
        ("delivered", "blue", "solid"), ("cancelled", "grey", None), ("returned", "grey", None),
        ("amended", "grey", None),
    ],
)  # fmt: skip
def test_the_colour_of_a_state(state, code, shape):
    found = colour(order(state), NOW, SLA)
    assert found.code == code
    assert shape in (None, found.shape)
    assert found.since == NOW
    assert found.why.zh
    assert found.why.en


def test_every_state_has_its_own_reason():
    reasons = {why.zh for _, _, why in BY_STATE.values()}
    assert BY_STATE.keys() == STATES.keys()
    assert len(reasons) == len(STATES)
    assert colour(order("to_pick"), NOW, SLA).why.zh == "已支付，待分拣"


@pytest.mark.parametrize("state", sorted(STATES))
def test_red_for_a_hold_then_an_exception_then_a_stall_and_never_at_an_end(state):
    late = NOW + SLA + 5 * MINUTE
    troubled = order(state, rest=Rest(exceptions=(TROUBLE,)))
    if state in ENDS:
        for it in (held(troubled), troubled, order(state)):
            assert colour(it, late, SLA).code != "red"
        return
    first = colour(held(troubled), late, SLA)
    assert (first.code, first.since) == ("red", NOW + MINUTE)
    assert "客户改主意" in first.why.zh
    second = colour(troubled, late, SLA)
    assert (second.code, second.since, second.why.zh) == ("red", TROUBLE.at, TROUBLE.zh)
    third = colour(order(state), late, SLA)
    if state in OPEN:
        assert (third.code, third.since) == ("red", NOW + SLA)
        assert "2 小时 5 分" in third.why.zh
        assert "2 h 5 min" in third.why.en
    else:
        assert third.code != "red"


@pytest.mark.parametrize("state", sorted(OPEN))
def test_an_order_stalls_at_its_sla_and_not_before(state):
    assert colour(order(state), NOW + SLA - 1, SLA).code != "red"
    assert colour(order(state), NOW + SLA, SLA).code == "red"


def test_the_open_states_are_those_from_paid_to_packed():
    assert {"paid", "to_pick", "picking", "packed"} == OPEN
    assert {"delivered", "cancelled", "returned", "amended"} == ENDS


# Nobody else sets a state -----------------------------------------------------------------------------------


def states_given(source: str) -> list[str]:
    """Calls that pass a `state=`, as text of the value: the only way a frozen order gets one."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] in ("replace", "Order"):
            found += [ast.unparse(word.value) for word in node.keywords if word.arg == "state"]
    return found


def test_a_state_is_given_at_birth_and_by_step_alone():
    rooms = sorted(Path(machine.__file__).parents[1].rglob("*.py"))
    given = {room.name: found for room in rooms if (found := states_given(room.read_text("utf-8")))}
    assert given.pop("machine.py") == ["to"]
    assert given.pop("store.py") == ["row['state']"]
    assert given.keys() == {"placing.py", "amending.py", "dividing.py"}
    assert {one for found in given.values() for one in found} == {"'awaiting_payment'"}


def test_the_search_for_states_sees_one():
    assert states_given("order = replace(order, state='paid')") == ["'paid'"]
    assert states_given("msgspec.structs.replace(order, state=wanted)") == ["wanted"]
    assert states_given("wrong_state(order, state='paid')") == []
