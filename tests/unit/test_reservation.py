"""Stock under every command at once: what holds for any walk of orders, picks, counts and damages.

The walks go through the real services on SQLite; after every step the laws of contract §5 are read from the
tables, not from the services. Each law has a test that breaks it by hand, so that no law holds by being blind.
"""

import json
from contextlib import closing
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.inventory import service as inventory
from api.journal import guard
from api.kernel.actor import Actor
from api.kernel.errors import Refused
from api.kernel.time import MINUTE
from api.orders import commands, machine, placing, snapshots, store
from api.orders.commands import COMMANDS
from api.orders.model import STATES, Draft, Rest
from api.picking import pushing, settling
from api.stock import service as stock
from api.stock.model import MoveIn
from tests.support.bench import Bench
from tests.support.hand import unguard
from tests.support.history import stale

LEAD = Actor("supervisor", "supervisor", "Supervisor")
DEVICE = Actor("DEVTEST1", "device", "PDA", warehouse="SH")
SKUS = ("BP-1023", "BD-2001", "OF-3001")
HOUSES = ("SH", "SZ", "HZ")
BIN_OF = {("SH", "BP-1023"): "A-01-01", ("SH", "BD-2001"): "A-01-02", ("SH", "OF-3001"): "A-01-03"}
PEOPLE = (("浦东宝诚4S店", "13800000000"), ("苏州恒达修理厂", "13900000001"), ("新客户", "13700000002"))
PLACES = ("上海市浦东新区张江路1号", "江苏省苏州市姑苏区人民路2号", "", "浙江省杭州市西湖区文三路3号")
STOCK = 12


class Walk:
    """A company, its orders, and one method a verb. Numbers choose among what there is."""

    def __init__(self) -> None:
        self.bench = Bench(STOCK)
        self.n = 0
        self.made: list[str] = []
        self.refused: dict[str, int] = {}

    def order(self, pick: int) -> str:
        if not self.made:
            raise Refused("not_found", what="order")
        return self.made[pick % len(self.made)]

    def place(self, a: int, b: int, c: int) -> None:
        name, phone = PEOPLE[a % 3]
        lines = [{"sku": SKUS[(b + i) % 3], "qty": 1 + (c + 3 * i) % 8} for i in range(1 + b % 2)]
        if a % 5 == 0:  # the same SKU twice in one order
            lines.append({"sku": lines[0]["sku"], "qty": 1 + c % 3})
        body = {"customer": {"name": name, "phone": phone}, "address": PLACES[c % 4], "lines": lines}
        if a % 4:
            body["paid_at"] = "2026-01-22T10:05:00+08:00"
        if b % 6 == 0:
            body["warehouse"] = HOUSES[c % 3]
        if c % 3 == 0:
            body |= {"channel": "pos", "external_no": f"P-{self.n}"}
        draft = msgspec.convert(body, Draft)
        placed = placing.place(self.bench.tx, draft, LEAD, self.bench.now, placing.From())
        self.made.append(placed.order_no)

    def command(self, pick: int, name: str, **body) -> None:
        made = msgspec.convert(body, COMMANDS[name].body)
        after = commands.command(self.bench.tx, self.order(pick), name, made, LEAD, self.bench.now)
        if after.order_no not in self.made:
            self.made.append(after.order_no)

    def pay(self, a: int, b: int, c: int) -> None:
        self.command(a, "pay", method="on_account" if b % 3 == 0 else "transfer")

    def start(self, a: int, b: int, c: int) -> None:
        self.command(a, "start_picking")

    def pack(self, a: int, b: int, c: int) -> None:
        self.command(a, "pack")

    def ship(self, a: int, b: int, c: int) -> None:
        self.command(a, "ship", carrier="顺丰", waybill=f"SF{self.n}")

    def deliver(self, a: int, b: int, c: int) -> None:
        self.command(a, "deliver")

    def cancel(self, a: int, b: int, c: int) -> None:
        self.command(a, "cancel", reason="不要了")

    def hold(self, a: int, b: int, c: int) -> None:
        self.command(a, "hold" if b % 2 else "lift", **({"reason": "等"} if b % 2 else {}))

    def amend(self, a: int, b: int, c: int) -> None:
        lines = [{"sku": SKUS[(b + i) % 3], "qty": 1 + (c + i) % 8} for i in range(1 + a % 2)]
        self.command(a, "amend", changes={"lines": lines})

    def restore(self, a: int, b: int, c: int) -> None:
        tx = self.bench.tx
        root = store.get(tx, self.order(a)).root_no
        versions = tx.all(store.Q.versions, root_no=root)
        taken = [one for version in versions for one in snapshots.whole(tx, version["order_no"])]
        self.command(a, "restore", snapshot=taken[b % len(taken)].hash)

    def give_back(self, a: int, b: int, c: int) -> None:
        self.command(a, "return", lines=[{"line_no": 1 + b % 2, "qty": 1 + c % 4}], reason="退")

    def move(self, a: int, b: int, c: int) -> None:
        kind = ("receive", "adjust", "count", "damage", "count", "damage")[a % 6]
        house, sku = HOUSES[b % 3], SKUS[c % 3]
        bin_code = BIN_OF.get((house, sku), "") if c % 2 else ""
        qty = {"receive": 1 + b % 9, "adjust": (b % 9) - 4, "count": c % 7, "damage": 1 + c % 6}[kind]
        self.bench.run(
            lambda tx: inventory.move(tx, MoveIn(kind, house, sku, qty, bin_code), LEAD, self.bench.now)
        )

    def push(self, a: int, b: int, c: int) -> None:
        order = store.get(self.bench.tx, self.order(a))
        line = order.lines[b % len(order.lines)]
        self.ops = getattr(self, "ops", 0) + 1
        kind = ("pick", "pick", "pick", "short", "void")[c % 5]
        qty = 0 if kind == "void" else (line.qty if b % 3 else 1 + c % 9)
        op = op_of(self.ops, order.order_no, line.line_no, kind, qty)
        op["bin"] = BIN_OF.get((line.warehouse, line.sku), "") if c % 2 else ""
        op["target"] = f"DEVTEST1:{1 + c % self.ops}" if kind == "void" else ""
        raw = json.dumps({"device": "DEVTEST1", "ops": [op]}).encode()
        pushing.push(self.bench.tx, raw, DEVICE, self.bench.now)

    def fulfil(self, a: int, b: int, c: int) -> None:
        """Pick all lines, now and then short or beyond; pack and ship where that works."""
        order = store.get(self.bench.tx, self.order(a))
        if order.state not in ("to_pick", "picking"):
            raise machine.wrong_state(order, machine.BY_COMMAND["pack"])
        ops = []
        for line in order.lines:
            is_short = (b + line.line_no) % 4 == 0 and line.qty > 1
            rows = [("pick", line.qty - 1), ("short", 1)] if is_short else [("pick", line.qty + (c % 7 == 0))]
            for kind, qty in rows:
                self.ops = getattr(self, "ops", 0) + 1
                ops.append(op_of(self.ops, order.order_no, line.line_no, kind, qty))
        raw = json.dumps({"device": "DEVTEST1", "ops": ops}).encode()
        pushing.push(self.bench.tx, raw, DEVICE, self.bench.now)
        if c % 3:
            self.command(a, "pack")
        if c % 3 == 2:
            self.ship(a, b, c)

    def settle(self, a: int, b: int, c: int) -> None:
        rows = self.bench.rows("SELECT id FROM conflicts ORDER BY id")
        if rows:
            choice = ("keep", "undo")[b % 2]
            settling.settle(self.bench.tx, rows[a % len(rows)]["id"], choice, LEAD, self.bench.now)

    def take(self, verb: str, a: int, b: int, c: int) -> None:
        """One step; a refusal leaves everything as it was."""
        self.n += 1
        self.bench.now += MINUTE
        try:
            self.bench.run(lambda _: getattr(self, verb)(a, b, c))
        except Refused as refused:
            self.refused[refused.code] = self.refused.get(refused.code, 0) + 1


VERBS = (
    "place", "place", "place", "pay", "start", "push", "push", "push", "pack", "ship", "deliver", "cancel",
    "hold", "amend", "restore", "give_back", "give_back", "move", "move", "settle", "settle", "fulfil", "fulfil",
)  # fmt: skip


def op_of(n: int, order_no: str, line_no: int, kind: str, qty: int) -> dict:
    return {
        "id": f"DEVTEST1:{n}", "hlc": "001769047600000-0000-DEVTEST1", "at": "2026-01-22T10:06:40+08:00",
        "actor": "picker", "order_no": order_no, "line_no": line_no, "kind": kind, "qty": qty, "bin": "",
        "code": "", "target": "", "v": 1,
    }  # fmt: skip


# The laws ------------------------------------------------------------------------------------------------


def bounds(b: Bench) -> list[str]:
    return [f"{r['warehouse']}/{r['sku']}" for r in b.rows("SELECT * FROM stock") if not 0 <= r["reserved"] <= r["on_hand"]]  # fmt: skip


def sums(b: Bench) -> list[str]:
    return stock.drift(b.tx)


def nowhere(b: Bench) -> list[str]:
    """A reservation, a bin or a move of a place that has no stock row."""
    found = []
    for table in ("reservations", "bin_stock", "moves"):
        found += b.rows(
            f"SELECT t.warehouse, t.sku FROM {table} t LEFT JOIN stock s ON s.warehouse = t.warehouse AND s.sku = t.sku"
            " WHERE s.sku IS NULL"
        )
    return [f"{r['warehouse']}/{r['sku']}" for r in found]


def lines_agree(b: Bench) -> list[str]:
    """A line's `reserved` is what its open reservations hold, in the line's own warehouse and SKU."""
    rows = b.rows(
        "SELECT l.order_no, l.line_no FROM lines l WHERE l.reserved <> COALESCE((SELECT SUM(r.qty) FROM reservations r"
        " WHERE r.order_no = l.order_no AND r.line_no = l.line_no AND r.sku = l.sku AND r.warehouse = l.warehouse), 0)"
    )
    rows += b.rows(
        "SELECT r.order_no, r.line_no FROM reservations r LEFT JOIN lines l ON l.order_no = r.order_no"
        " AND l.line_no = r.line_no WHERE l.order_no IS NULL"
    )
    return [f"{r['order_no']}/{r['line_no']}" for r in rows]


def states_hold(b: Bench) -> list[str]:
    """`to_pick` and `picking` hold every line, `packed` no more than that, every other state nothing."""
    found = []
    for row in b.rows("SELECT o.order_no, o.state, l.line_no, l.qty, l.picked, l.reserved FROM orders o JOIN lines l ON l.order_no = o.order_no"):  # fmt: skip
        most = row["qty"] if row["state"] in ("to_pick", "picking", "packed") else 0
        least = 0 if row["state"] == "packed" else most  # a void may come after the packing
        if not least <= row["reserved"] <= most:
            found.append(f"{row['order_no']}/{row['line_no']} {row['state']}: {row['reserved']} of {most}")
    return found


def waiting_is_said(b: Bench) -> list[str]:
    """`short_stock` stands on exactly the orders that are `paid`, but for those with a SKU that nobody knows."""
    found = []
    for row in b.rows("SELECT order_no, state, troubled, rest FROM orders"):
        codes = {trouble.code for trouble in msgspec.json.decode(row["rest"], type=Rest).exceptions}
        waits = row["state"] == "paid" and "unknown_sku" not in codes
        if ("short_stock" in codes) != waits and row["state"] not in ("cancelled", "amended"):
            found.append(f"{row['order_no']} {row['state']} {sorted(codes)}")
        if bool(row["troubled"]) != bool(codes):
            found.append(f"{row['order_no']} troubled {row['troubled']} {sorted(codes)}")
    return found


def snapshots_follow(b: Bench) -> list[str]:
    """Every order's newest snapshot has its state, and the order knows its hash."""
    return stale(b.tx)


def pieces_add_up(b: Bench) -> list[str]:
    """What left with parcels is what the ledger says left."""
    rows = b.rows(
        "SELECT o.order_no, (SELECT SUM(consumed) FROM lines l WHERE l.order_no = o.order_no) AS said,"
        " -(SELECT COALESCE(SUM(qty), 0) FROM moves m WHERE m.order_no = o.order_no AND kind = 'consume') AS gone"
        " FROM orders o"
    )
    return [f"{r['order_no']}: {r['said']} said, {r['gone']} gone" for r in rows if r["gone"] > r["said"]]


def one_version_stands(b: Bench) -> list[str]:
    """Of an order's versions all but the last are `amended`; the channel's number points to the last."""
    rows = b.rows(
        "SELECT o.order_no FROM orders o WHERE (o.state = 'amended') <>"
        " EXISTS (SELECT 1 FROM orders n WHERE n.root_no IN (o.root_no, o.order_no) AND n.version > o.version)"
    )
    rows += b.rows(
        "SELECT o.order_no FROM orders o JOIN externals e ON e.external_no = o.external_no"
        " WHERE o.state <> 'amended' AND e.order_no <> o.order_no"
    )
    return [r["order_no"] for r in rows]


def the_journal_tells(b: Bench) -> list[str]:
    """The last state that an order's journal names is the order's, and its snapshot the order's."""
    last: dict[str, tuple[str, bytes]] = {}
    for row in b.rows("SELECT subject, body FROM journal WHERE subject LIKE 'order:%' ORDER BY pos"):
        body = json.loads(row["body"])
        if "to" in body:
            last[row["subject"][6:]] = (body["to"], bytes.fromhex(body["snapshot"].removeprefix("sha256:")))
    rows = b.rows("SELECT order_no, state, snapshot FROM orders")
    return [r["order_no"] for r in rows if last.get(r["order_no"]) != (r["state"], r["snapshot"])]


LAWS = (
    the_journal_tells,
    bounds, sums, nowhere, lines_agree, states_hold, waiting_is_said, snapshots_follow, pieces_add_up,
    one_version_stands,
)  # fmt: skip


def broken(b: Bench) -> list[str]:
    return [f"{law.__name__}: {one}" for law in LAWS for one in law(b)]


step = st.tuples(st.sampled_from(VERBS), st.integers(0, 59), st.integers(0, 59), st.integers(0, 59))


@settings(max_examples=120, derandomize=True, deadline=None)
@given(st.lists(step, min_size=5, max_size=50))
def test_the_laws_hold_after_every_step_of_any_walk(steps):
    walk = Walk()
    with closing(walk.bench):
        for verb, a, b, c in steps:
            walk.take(verb, a, b, c)
            assert broken(walk.bench) == [], (verb, a, b, c)
        _, _, fault = guard.verify(walk.bench.tx, Path("/nowhere"), None)
        assert fault is None


# No law is blind ------------------------------------------------------------------------------------------

SETTING_UP = [("place", 1, 1, 3), ("place", 2, 1, 2), ("pay", 0, 1, 0), ("push", 0, 1, 0), ("pack", 0, 0, 0)]


def walked() -> Walk:
    walk = Walk()
    for verb, a, b, c in SETTING_UP:
        walk.take(verb, a, b, c)
    assert broken(walk.bench) == []
    return walk


FALSE = (
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
    (snapshots_follow, "UPDATE orders SET state = 'delivered'"),
    (snapshots_follow, "DELETE FROM snapshots"),
    (snapshots_follow, "UPDATE orders SET snapshot = x'00'"),
    (the_journal_tells, "UPDATE orders SET state = 'delivered'"),
    (the_journal_tells, "DELETE FROM journal"),
    (one_version_stands, "UPDATE orders SET state = 'amended'"),
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
    for seed in range(12):
        dice, walk = random.Random(seed), Walk()
        with closing(walk.bench):
            for n in range(60):
                orders = [dict(row) for row in walk.bench.rows("SELECT order_no, state FROM orders")]
                seen |= {row["state"] for row in orders}
                verb = VERBS[n % len(VERBS)]
                before = walk.bench.tx.connection.total_changes
                walk.take(verb, dice.randrange(60), dice.randrange(60), dice.randrange(60))
                if walk.bench.tx.connection.total_changes > before:
                    verbs.add(verb)
    assert verbs == set(VERBS)
    assert seen == set(STATES)
