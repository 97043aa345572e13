"""The same laws while channels speak too: money, refunds, differing messages, SKUs that nobody knows yet, people who
resolve; and on the demo company as it is loaded.
"""

from contextlib import closing
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from api.inventory import service as inventory
from api.journal import guard
from api.kernel.actor import channel_actor
from api.kernel.errors import Refused
from api.orders import commands, placing, store
from api.orders.model import CustomerIn, Draft, LineIn, Trouble
from api.setup import loading
from api.stock.model import MoveIn, SkuIn
from tests.support.bench import Bench
from tests.support.company import SECRET, START
from tests.support.laws import broken
from tests.support.walk import LEAD, SKUS, STEPS, Step, Walk, often

POS = channel_actor("pos")
TROUBLES = ("differs", "cancel_late", "refunded")


def money(walk: Walk, a: int, b: int, c: int) -> None:
    order = store.get(walk.bench.tx, walk.order(a))
    if order.state == "awaiting_payment":
        amount = (None, order.amount_fen - 1, order.amount_fen + 5, order.amount_fen)[b % 4]
        commands.receive(walk.bench.tx, order, amount, walk.bench.now, POS, walk.bench.now)


def refund(walk: Walk, a: int, b: int, c: int) -> None:
    order = store.get(walk.bench.tx, walk.order(a))
    amount = (order.paid_fen, 1, order.paid_fen // 2, 10**9)[b % 4]
    commands.refund(walk.bench.tx, order, amount, "POS", POS, walk.bench.now)


def except_(walk: Walk, a: int, b: int, c: int) -> None:
    order, code = store.get(walk.bench.tx, walk.order(a)), TROUBLES[b % 3]
    data = {"lines": [{"sku": SKUS[c % 3], "qty": 1 + c % 5}]} if code == "differs" else {}
    commands.trouble(walk.bench.tx, order, Trouble(code, "不一样", "differs", walk.bench.now, data), POS, walk.bench.now)  # fmt: skip


def resolve(walk: Walk, a: int, b: int, c: int) -> None:
    order = store.get(walk.bench.tx, walk.order(a))
    if not order.rest.exceptions:
        raise Refused("unknown_exception", exception="-")
    code = order.rest.exceptions[b % len(order.rest.exceptions)].code
    walk.command(a, "resolve", exception=code, choice=("keep", "apply")[c % 2], why="看过了")


def unknown(walk: Walk, a: int, b: int, c: int) -> None:
    """An order with a SKU that comes to be known and stocked, or not."""
    code, tx, now = f"NEW-{a % 6}", walk.bench.tx, walk.bench.now
    if b % 2:
        inventory.save_sku(tx, code, SkuIn("新货"), LEAD, now)
        inventory.move(tx, MoveIn("receive", "SH", code, 3), LEAD, now)
    draft = Draft(
        CustomerIn("渠道客", "1"),
        [LineIn(code, 2, 500), LineIn(SKUS[b % 3], 1)],
        "",
        "pos",
        f"Q-{walk.n}",
    )
    how = placing.From(lenient=True, paid_at=now if c % 2 else None)
    walk.made.append(placing.place(tx, draft, POS, now, how).order_no)


NOISE = [
    *STEPS, Step("money", 1, money), Step("refund", 1, refund), Step("except", 1, except_), Step("resolve", 2, resolve),
    Step("unknown", 2, unknown),
]  # fmt: skip
step = st.tuples(st.sampled_from(often(NOISE)), st.integers(0, 59), st.integers(0, 59), st.integers(0, 59))


@settings(max_examples=80, derandomize=True, deadline=None)
@given(st.lists(step, min_size=10, max_size=50))
def test_the_laws_hold_while_channels_speak(steps):
    walk = Walk(steps=NOISE)
    with closing(walk.bench):
        for verb, a, b, c in steps:
            walk.take(verb, a, b, c)
            assert broken(walk.bench) == [], (verb, a, b, c)
        _, _, fault = guard.verify(walk.bench.tx, Path("/nowhere"), None)
        assert fault is None


def test_the_laws_hold_on_the_demo_company():
    bench = Bench.empty()
    with closing(bench):
        count = loading.load_demo(bench.run, START, "Asia/Shanghai", SECRET)
        assert count > 300
        assert broken(bench) == []
        states = {row["state"] for row in bench.rows("SELECT DISTINCT state FROM orders")}
        assert len(states) == 10
        assert guard.verify(bench.tx, Path("/nowhere"), None)[2] is None
