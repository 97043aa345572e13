"""The demo's two days: every state, right sums, references that resolve, and no order red by accident."""

import itertools
from collections import Counter, defaultdict
from datetime import datetime

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.orders.commands import COMMANDS
from api.orders.model import Draft
from api.people.rights import RIGHTS
from api.places import nearest, read_address
from api.setup.company import demo_company
from api.setup.history import CHANNELS, demo_history
from api.setup.hours import SHANGHAI, ago, day_of, rfc3339
from api.setup.story import chronicle
from api.tags.reading import checklist_of, tags_of

COMPANY = demo_company()
LOADED = 1_769_049_000_000  # 2026-01-22T10:30:00+08:00
NIGHT = LOADED - 8 * 3_600_000
STORIES = demo_history(COMPANY, LOADED)
STATES = {
    "awaiting_payment", "paid", "to_pick", "picking", "packed", "shipped", "delivered", "cancelled", "returned",
    "amended",
}  # fmt: skip
OPEN = {"paid", "to_pick", "picking", "packed"}
# What moves an order from one state to another; anything else leaves its age as it is.
MOVES = {"pay", "pick", "start_picking", "pack", "ship", "deliver", "cancel", "return", "amend"}
MINUTE = 60_000


def test_the_same_seed_and_time_give_the_same_history():
    assert demo_history(COMPANY, LOADED) == STORIES
    assert demo_history(COMPANY, LOADED, seed=5) != STORIES


@pytest.mark.parametrize("orders", [40, 400, 1240])
def test_the_number_is_a_parameter_and_every_state_is_told(orders):
    stories = demo_history(COMPANY, LOADED, orders)
    assert len(stories) == orders
    ends = Counter(s.ends for s in stories)
    assert set(ends) == STATES
    assert {s.red for s in stories} == {"", "held", "short_stock", "stalled"}
    assert sum(s.red == "stalled" for s in stories) == 4
    assert sum(s.red != "" for s in stories) <= 12


def test_too_few_orders_are_refused():
    with pytest.raises(ValueError, match="40"):
        demo_history(COMPANY, LOADED, 39)


def test_all_references_resolve():
    skus = {s.code: s for s in COMPANY.skus}
    shelf = {(b.warehouse, b.sku): b.code for b in COMPANY.bins}
    customers = {c.id: c for c in COMPANY.customers}
    staff = {s.name: s for s in COMPANY.staff}
    for story in STORIES:
        draft = story.draft
        buyer = customers[draft["customer"]["id"]]
        place = read_address(draft["address"])
        assert place is not None
        assert place.adcode == buyer.adcode
        assert story.warehouse == nearest(place, COMPANY.warehouses)[0].code
        assert draft["channel"] in CHANNELS
        assert set(draft) == {"channel", "external_no", "customer", "address", "note", "options", "lines"}
        for line in draft["lines"]:
            assert line["price_fen"] == skus[line["sku"]].price_fen
            assert line["qty"] >= 1
        assert len({line["sku"] for line in draft["lines"]}) == len(draft["lines"])
        for step in story.steps:
            assert step.by == "" or step.by in staff
            if step.command in ("pick", "short"):
                line = draft["lines"][step.args["line_no"] - 1]
                assert step.args["bin"] == shelf[story.warehouse, line["sku"]]
                assert (staff[step.by].role, staff[step.by].warehouse) == ("picker", story.warehouse)
    numbers = [(s.draft["channel"], s.draft["external_no"]) for s in STORIES]
    assert len(set(numbers)) == len(numbers)
    waybills = [step.args["waybill"] for s in STORIES for step in s.steps if step.command == "ship"]
    assert len(set(waybills)) == len(waybills) > 200


def test_bodies_are_those_of_the_order_api():
    """What the hub itself would read from a request; an unknown or missing field fails here."""
    seen = Counter()
    for story in STORIES:
        draft = msgspec.convert(story.draft, Draft)
        assert msgspec.json.decode(msgspec.json.encode(story.draft), type=Draft) == draft
        for step in story.steps:
            if step.command in ("pick", "short"):
                assert set(step.args) == {"line_no", "qty", "bin"}
                continue
            msgspec.convert(step.args, COMMANDS[step.command].body)
            seen[step.command] += 1
    assert len(seen) >= 11


def test_the_checklist_is_what_the_rules_ask_for():
    asked = 0
    for story in STORIES:
        items = list(checklist_of(tags_of(story.draft["note"], story.draft["options"])))
        ticked = [s.args["item"] for s in story.steps if s.command == "check"]
        packed = any(s.command == "pack" for s in story.steps)
        assert sorted(ticked) == (sorted(items) if packed else []), story.draft
        asked += len(ticked)
    assert asked > 20


def test_sums_are_right():
    credit = {c.id: c.credit_fen for c in COMPANY.customers}
    owed: dict[str, int] = defaultdict(int)
    for story in STORIES:
        lines = story.draft["lines"]
        assert story.amount_fen == sum(line["qty"] * line["price_fen"] for line in lines)
        for step in story.steps:
            if step.command != "pay":
                continue
            assert step.args["amount_fen"] == story.amount_fen
            assert step.args["at"] == rfc3339(step.at_ms)
            if step.args["method"] == "on_account":
                owed[story.draft["customer"]["id"]] += story.amount_fen
    assert owed
    assert all(amount <= credit[customer] for customer, amount in owed.items())


def test_what_is_packed_was_picked():
    packed = partly = 0
    for story in STORIES:
        lines = story.draft["lines"]
        done: Counter[int] = Counter()
        for step in story.steps:
            if step.command in ("pick", "short"):
                assert step.args["qty"] >= 1
                done[step.args["line_no"]] += step.args["qty"]
            if step.command == "pack":
                packed += 1
                assert [done[n] for n in range(1, len(lines) + 1)] == [line["qty"] for line in lines]
        if story.ends == "picking":
            partly += 1
            assert 0 < sum(done.values()) <= sum(line["qty"] for line in lines)
        assert all(done[n] <= line["qty"] for n, line in enumerate(lines, start=1))
    assert packed > 200
    assert partly > 10


@pytest.mark.parametrize("orders", [400, 1240])
def test_the_shelves_hold_what_is_ordered_save_where_meant(orders):
    left = {(s.warehouse, s.sku): s.qty for s in COMPANY.stock}
    most = {s.sku: 0 for s in COMPANY.stock}
    for stock in COMPANY.stock:
        most[stock.sku] = max(most[stock.sku], stock.qty)
    stories = demo_history(COMPANY, LOADED, orders)
    for story in stories:
        for line in story.draft["lines"]:
            if story.red == "short_stock":
                assert line["qty"] > most[line["sku"]]
            else:
                left[story.warehouse, line["sku"]] -= line["qty"]
    first = COMPANY.skus[0].code
    assert sum(left[w.code, first] for w in COMPANY.warehouses) >= 300
    touched = {
        (s.warehouse, line["sku"]) for s in stories if s.red != "short_stock" for line in s.draft["lines"]
    }
    assert len(touched) > 300
    assert min(left[key] for key in touched) >= 25


@pytest.mark.parametrize("loaded", [LOADED, NIGHT, LOADED + 36_000_000])
def test_only_those_meant_are_red_within_the_first_hour(loaded):
    fresh = late = 0
    for story in demo_history(COMPANY, loaded):
        if story.ends == "amended":
            moved = story.steps[0].at_ms  # its V2 may keep the age of the first
        elif story.ends in OPEN:
            moved = max(s.at_ms for s in story.steps if s.command in MOVES)
        else:
            continue
        if story.red == "stalled":
            late += 1
            assert loaded - moved > 125 * MINUTE
        elif not story.red:
            fresh += 1
            assert loaded - moved <= 55 * MINUTE
    assert late == 4
    assert fresh > 50


@settings(max_examples=12, derandomize=True, deadline=None)
@given(st.integers(LOADED, LOADED + 7 * 86_400_000))
def test_times_run_forward_within_working_hours_and_before_loading(loaded):
    for story in demo_history(COMPANY, loaded, 120):
        times = [story.at_ms, *(s.at_ms for s in story.steps)]
        assert all(a < b for a, b in itertools.pairwise(times)), story
        assert times[-1] < loaded
        for at_ms in times:
            if loaded - at_ms > 60 * MINUTE:
                local = datetime.fromtimestamp(at_ms / 1000, tz=SHANGHAI)
                assert "08:00:00" <= local.strftime("%H:%M:%S") <= "19:00:00", local
        assert loaded - story.at_ms < 4 * 86_400_000


@settings(max_examples=100, derandomize=True)
@given(st.integers(LOADED, LOADED + 86_400_000), st.integers(0, 84_000), st.integers(1, 9_000))
def test_more_seconds_ago_are_earlier(loaded, seconds, more):
    assert ago(loaded, seconds + more) < ago(loaded, seconds) <= loaded
    assert ago(loaded, seconds) <= loaded - seconds * 1000


def test_times_as_people_write_them():
    assert rfc3339(LOADED) == "2026-01-22T10:30:00+08:00"
    assert day_of(LOADED - 11 * 3_600_000) == "20260121"
    assert ago(LOADED, 61 * 60) == LOADED - 61 * MINUTE
    assert rfc3339(ago(LOADED, (60 + 90 + 1) * 60)) == "2026-01-21T18:59:00+08:00"


def test_the_chronicle_tells_everything_once_in_order():
    moments = chronicle(STORIES)
    assert len(moments) == len(STORIES) + sum(len(s.steps) for s in STORIES)
    assert [m.at_ms for m in moments] == sorted(m.at_ms for m in moments)
    told: dict[int, list[object]] = defaultdict(list)
    for moment in moments:
        told[moment.story].append(moment.step)
    for index, story in enumerate(STORIES):
        assert told[index] == [None, *story.steps]


def rights_for(step):
    if step.command == "pay" and step.args["method"] != "on_account":
        return "pay"
    return COMMANDS[step.command].right


def test_people_act_within_their_role():
    allowed = {
        "sales": {"comment", "cancel", "amend", "pay"},
        "finance": {"pay", "hold", "lift"},
        "picker": {"pick", "short", "check", "pack", "ship"},
        "supervisor": {"deliver", "return"},
        "": {"pay"},
    }
    roles = {s.name: s.role for s in COMPANY.staff} | {"": ""}
    seen = Counter()
    for story in STORIES:
        for step in story.steps:
            assert step.command in allowed[roles[step.by]], step
            if step.command in COMMANDS:
                assert (roles[step.by] or "channel") in RIGHTS[rights_for(step)].roles, step
            if roles[step.by] == "sales" and step.command == "pay":
                assert step.args["method"] == "on_account"
            seen[step.command] += 1
    assert set(seen) == set().union(*allowed.values())
