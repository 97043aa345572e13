"""Stock under every command at once: what holds for any walk of orders, picks, counts and damages.

The walks go through the real services, on both engines; after every step the laws of contract §5 are read from the tables,
not from the services. Each law has a test that breaks it by hand, so that no law holds by being blind.
"""

from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.journal import guard
from api.orders.model import STATES
from tests.support.bench import Bench
from tests.support.hand import unguard
from tests.support.laws import (
    LAWS,
    bounds,
    broken,
    closed_holds_nothing,
    lines_agree,
    lots_where_used,
    nowhere,
    one_version_stands,
    parts_are_the_whole,
    pieces_add_up,
    promises_hold,
    snapshots_follow,
    states_hold,
    sums,
    the_journal_tells,
    waiting_is_said,
)
from tests.support.walk import STEPS, STOCK, Walk, often

VERBS = often(STEPS)
step = st.tuples(st.sampled_from(VERBS), st.integers(0, 59), st.integers(0, 59), st.integers(0, 59))


walks = st.lists(step, min_size=5, max_size=50)


@settings(max_examples=120, derandomize=True, deadline=None)
@given(walks)
def test_the_laws_hold_after_every_step_of_any_walk(steps):
    _holds(Walk(), steps)


@settings(max_examples=8, derandomize=True, deadline=None)
@given(walks)
def test_they_hold_on_a_server_too(steps):
    _holds(Walk(Bench.on_server(STOCK)), steps)


def _holds(walk: Walk, steps: list[tuple[str, int, int, int]]) -> None:
    with closing(walk.bench):
        for verb, a, b, c in steps:
            walk.take(verb, a, b, c)
            assert broken(walk.bench) == [], (verb, a, b, c)
        _, _, fault = guard.verify(walk.bench.tx, Path("/nowhere"), None)
        assert fault is None


# No law is blind ------------------------------------------------------------------------------------------

SETTING_UP = [
    ("place", 1, 1, 3), ("place", 2, 1, 2), ("pay", 0, 1, 0), ("push", 0, 1, 0), ("pack", 0, 0, 0), ("promise", 1, 1, 5),
]  # fmt: skip


def walked() -> Walk:
    walk = Walk()
    for verb, a, b, c in SETTING_UP:
        walk.take(verb, a, b, c)
    assert broken(walk.bench) == []
    return walk


FALSE = (
    (closed_holds_nothing, "UPDATE orders SET state = 'shipped'"),
    (lots_where_used, "INSERT INTO lot_stock (warehouse, sku, bin, lot, qty) VALUES ('SH', 'BP-1023', '', 'X', 1)"),
    (sums, "UPDATE skus SET lots = 1"),
    (bounds, "PRAGMA ignore_check_constraints = 1; UPDATE stock SET reserved = on_hand + 1 WHERE sku = 'WP-4001'"),
    (sums, "UPDATE stock SET reserved = reserved + 1 WHERE sku = 'BP-1023'"),
    (sums, "UPDATE stock SET on_hand = on_hand + 1 WHERE sku = 'BP-1023'"),
    (sums, "UPDATE bin_stock SET qty = qty + 1 WHERE sku = 'BP-1023'"),
    (sums, "DELETE FROM reservations"),
    (sums, "DELETE FROM moves"),
    (nowhere, "UPDATE reservations SET warehouse = 'XX'"),
    (nowhere, "UPDATE bin_stock SET warehouse = 'XX' WHERE bin = 'A-01-01'"),
    (lines_agree, "UPDATE lines SET reserved = reserved + 1"),
    (lines_agree, "UPDATE reservations SET order_no = 'HD1'"),
    (states_hold, "UPDATE orders SET state = 'shipped'"),
    (states_hold, "UPDATE orders SET state = 'cancelled'"),
    (states_hold, "UPDATE lines SET reserved = 0"),
    (waiting_is_said, "UPDATE orders SET state = 'paid'"),
    (waiting_is_said, "UPDATE orders SET troubled = 1"),
    (promises_hold, "UPDATE promises SET state = 'returned'"),
    (promises_hold, "UPDATE reservations SET expires_at = NULL"),
    (promises_hold, "UPDATE reservations SET expires_at = 1"),
    (promises_hold, "UPDATE reservations SET qty = qty + 1"),
    (snapshots_follow, "UPDATE orders SET state = 'delivered'"),
    (snapshots_follow, "DELETE FROM snapshots"),
    (snapshots_follow, "UPDATE orders SET snapshot = x'00'"),
    (the_journal_tells, "UPDATE orders SET state = 'delivered'"),
    (the_journal_tells, "DELETE FROM journal"),
    (one_version_stands, "UPDATE orders SET state = 'amended'"),
    (parts_are_the_whole, "UPDATE orders SET order_no = order_no || '-P2'"),
    (one_version_stands, "UPDATE externals SET order_no = 'HD1'"),
    (pieces_add_up, "UPDATE moves SET kind = 'consume', qty = -1, order_no = (SELECT MIN(order_no) FROM orders)"),
)  # fmt: skip


@pytest.mark.parametrize(
    ("law", "sql"), FALSE, ids=[f"{n}-{law.__name__}" for n, (law, _) in enumerate(FALSE)]
)
def test_a_law_sees_what_breaks_it(law, sql):
    walk = walked()
    with closing(walk.bench):
        assert law(walk.bench) == []
        unguard(walk.bench.tx.connection)
        walk.bench.tx.connection.executescript(sql)
        assert law(walk.bench) != []


def test_every_law_has_its_breach():
    assert {law for law, _ in FALSE} == set(LAWS)


def test_the_journal_of_a_walk_is_checked_and_not_empty():
    walk = walked()
    with closing(walk.bench):
        count, _, fault = guard.verify(walk.bench.tx, Path("/nowhere"), None)
        assert (count > 20, fault) == (True, None)
        unguard(walk.bench.tx.connection)
        walk.bench.tx.connection.execute("UPDATE journal SET kind = 'order.paid' WHERE kind = 'order.placed'")
        assert guard.verify(walk.bench.tx, Path("/nowhere"), None)[2] is not None


def test_the_walks_go_through_every_verb_and_every_state():
    """A fixed long walk: what the random ones could reach, this one did."""
    import random

    seen, verbs = set(), set()
    for seed in range(16):
        dice, walk = random.Random(seed), Walk()
        with closing(walk.bench):
            for n in range(90):
                orders = [dict(row) for row in walk.bench.rows("SELECT order_no, state FROM orders")]
                seen |= {row["state"] for row in orders}
                verb = VERBS[n % len(VERBS)]
                before = walk.bench.tx.connection.total_changes
                walk.take(verb, dice.randrange(60), dice.randrange(60), dice.randrange(60))
                if walk.bench.tx.connection.total_changes > before:
                    verbs.add(verb)
    assert verbs == set(VERBS)
    assert seen == set(STATES), set(STATES) - seen
