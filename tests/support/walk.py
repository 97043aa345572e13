"""Walks through the real services, a step at a time: orders, picks, parcels, returns, counts, damages.

`STEPS` is the list: a name, how often, and a function of the walk and three numbers, which choose among what there is. Whoever
brings a feature that touches stock adds its steps here, and `tests.support.laws` looks at the tables after each of them.
"""

import json
from collections.abc import Callable
from typing import Any, NamedTuple

import msgspec

from api.inventory import floor
from api.inventory import service as inventory
from api.kernel.actor import Actor
from api.kernel.errors import Refused
from api.kernel.time import MINUTE, text
from api.orders import commands, frozen, machine, placing, promising, snapshots, store
from api.orders.commands import COMMANDS
from api.orders.model import Draft
from api.orders.numbers import stem
from api.picking import counting, pushing, settling
from api.stock.ledger import is_by_lots
from api.stock.model import MoveIn, SkuIn
from tests.support.bench import Bench

LEAD = Actor("supervisor", "supervisor", "Supervisor")
DEVICE = Actor("DEVTEST1", "device", "PDA", warehouse="SH")
SKUS = ("BP-1023", "BD-2001", "OF-3001")
HOUSES = ("SH", "SZ", "HZ")
BIN_OF = {("SH", "BP-1023"): "A-01-01", ("SH", "BD-2001"): "A-01-02", ("SH", "OF-3001"): "A-01-03"}
PEOPLE = (("浦东宝诚4S店", "13800000000"), ("苏州恒达修理厂", "13900000001"), ("新客户", "13700000002"))
PLACES = ("上海市浦东新区张江路1号", "江苏省苏州市姑苏区人民路2号", "", "浙江省杭州市西湖区文三路3号")
STOCK = 12


class Walk:
    """A company, its orders, and what was refused."""

    def __init__(self, bench: Bench | None = None, steps: "list[Step] | None" = None) -> None:
        self.bench = bench or Bench(STOCK)
        self.steps = {step.name: step for step in steps or STEPS}
        self.n = self.ops = self.counts = 0
        self.made: list[str] = []
        self.promised: list[str] = []
        self.refused: dict[str, int] = {}

    def order(self, pick: int) -> str:
        if not self.made:
            raise Refused("not_found", what="order")
        return self.made[pick % len(self.made)]

    def command(self, pick: int, name: str, **body: Any) -> None:
        made = msgspec.convert(body, COMMANDS[name].body)
        after = commands.command(self.bench.tx, self.order(pick), name, made, LEAD, self.bench.now)
        for one in (after, *store.family(self.bench.tx, after)):
            if one.order_no not in self.made:
                self.made.append(one.order_no)

    def take(self, name: str, a: int, b: int, c: int) -> None:
        """One step; a refusal leaves everything as it was."""
        self.n += 1
        self.bench.now += MINUTE
        try:
            self.bench.run(lambda _: self.steps[name].run(self, a, b, c))
        except Refused as refused:
            self.refused[refused.code] = self.refused.get(refused.code, 0) + 1

    def promise(self, pick: int) -> frozen.Promise:
        """One that stands, if there is any."""
        found = [frozen.get(self.bench.tx, number) for number in self.promised]
        found = [one for one in found if one.stands(self.bench.now) == "open"] or found
        if not found:
            raise Refused("not_found", what="promise")
        return found[pick % len(found)]


def op_of(n: int, order_no: str, line_no: int, kind: str, qty: int) -> dict[str, Any]:
    return {
        "id": f"DEVTEST1:{n}", "hlc": "001769047600000-0000-DEVTEST1", "at": "2026-01-22T10:06:40+08:00",
        "actor": "picker", "order_no": order_no, "line_no": line_no, "kind": kind, "qty": qty, "bin": "",
        "code": "", "target": "", "v": 1,
    }  # fmt: skip


def place(walk: Walk, a: int, b: int, c: int) -> None:
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
        body |= {"channel": "pos", "external_no": f"P-{walk.n}"}
    draft = msgspec.convert(body, Draft)
    placed = placing.place(walk.bench.tx, draft, LEAD, walk.bench.now, placing.From())
    walk.made.append(placed.order_no)


def pay(walk: Walk, a: int, b: int, c: int) -> None:
    walk.command(a, "pay", method="on_account" if b % 3 == 0 else "transfer")


def start(walk: Walk, a: int, b: int, c: int) -> None:
    walk.command(a, "start_picking")


def pack(walk: Walk, a: int, b: int, c: int) -> None:
    walk.command(a, "pack")


def ship(walk: Walk, a: int, b: int, c: int) -> None:
    walk.command(a, "ship", carrier="顺丰", waybill=f"SF{walk.n}")


def deliver(walk: Walk, a: int, b: int, c: int) -> None:
    walk.command(a, "deliver")


def cancel(walk: Walk, a: int, b: int, c: int) -> None:
    walk.command(a, "cancel", reason="不要了")


def hold(walk: Walk, a: int, b: int, c: int) -> None:
    walk.command(a, "hold" if b % 2 else "lift", **({"reason": "等"} if b % 2 else {}))


def amend(walk: Walk, a: int, b: int, c: int) -> None:
    lines = [{"sku": SKUS[(b + i) % 3], "qty": 1 + (c + i) % 8} for i in range(1 + a % 2)]
    walk.command(a, "amend", changes={"lines": lines})


def restore(walk: Walk, a: int, b: int, c: int) -> None:
    tx = walk.bench.tx
    versions = tx.all(store.Q.versions, stem=stem(walk.order(a)))
    taken = [one for version in versions for one in snapshots.whole(tx, version["order_no"])]
    walk.command(a, "restore", snapshot=taken[b % len(taken)].hash)


def split(walk: Walk, a: int, b: int, c: int) -> None:
    """Pieces of every line here and there; now and then a part from wherever, or two from one house."""
    lines = [line for line in store.get(walk.bench.tx, walk.order(a)).lines if line.qty]
    first = [{"line_no": n.line_no, "qty": 1 + b % n.qty} for n in lines]
    rest = [{"line_no": n.line_no, "qty": n.qty - 1 - b % n.qty} for n in lines]
    parts = [
        {"warehouse": (*HOUSES, "")[(c + i) % 4], "lines": [piece for piece in part if piece["qty"]]}
        for i, part in enumerate((first, rest))
    ]
    if not parts[1]["lines"]:
        raise Refused("nothing_changed")
    walk.command(a, "split", parts=parts)


def elsewhere(walk: Walk, a: int, b: int, c: int) -> None:
    walk.command(a, "move", warehouse=HOUSES[c % 3])


def backorder(walk: Walk, a: int, b: int, c: int) -> None:
    walk.command(a, "backorder")


def give_back(walk: Walk, a: int, b: int, c: int) -> None:
    gone = walk.bench.rows("SELECT order_no FROM orders WHERE state IN ('shipped', 'delivered') ORDER BY id")
    at = walk.made.index(gone[a % len(gone)]["order_no"]) if gone else a
    lines = [{"line_no": 1 + b % 2, "qty": 1 + c % 4}]
    if c % 3 == 0:  # all that is out
        order = store.get(walk.bench.tx, walk.order(at))
        out = [(n.line_no, n.consumed - n.returned) for n in order.lines]
        lines = [{"line_no": line_no, "qty": qty} for line_no, qty in out if qty > 0] or lines
    walk.command(at, "return", lines=lines, reason="退")


def move(walk: Walk, a: int, b: int, c: int) -> None:
    kind = ("receive", "adjust", "count", "damage", "count", "damage")[a % 6]
    house, sku = HOUSES[b % 3], SKUS[c % 3]
    bin_code = BIN_OF.get((house, sku), "") if c % 2 else ""
    qty = {"receive": 1 + b % 9, "adjust": (b % 9) - 4, "count": c % 7, "damage": 1 + c % 6}[kind]
    lot = f"L{a % 3}" if c % 3 and is_by_lots(walk.bench.tx, sku) else ""
    body = {"kind": kind, "warehouse": house, "sku": sku, "qty": qty, "bin": bin_code, "lot": lot}
    given = msgspec.convert(body, MoveIn)
    walk.bench.run(lambda tx: inventory.move(tx, given, LEAD, walk.bench.now))


def transfer(walk: Walk, a: int, b: int, c: int) -> None:
    house, to, sku = HOUSES[a % 3], HOUSES[b % 3], SKUS[c % 3]
    bins = BIN_OF.get((house, sku), "") if b % 2 else "", BIN_OF.get((to, sku), "") if c % 2 else ""
    given = MoveIn("transfer", house, sku, 1 + a % 5, bins[0], to_warehouse=to, to_bin=bins[1])
    inventory.move(walk.bench.tx, given, LEAD, walk.bench.now)


def switch_lots(walk: Walk, a: int, b: int, c: int) -> None:
    sku = SkuIn(SKUS[2], price_fen=2500, weight_g=500, lots=a % 3 > 0)
    inventory.save_sku(walk.bench.tx, SKUS[2], sku, LEAD, walk.bench.now)


def finish(walk: Walk, a: int, b: int, c: int) -> None:
    """The oldest task of the floor: good and bad pieces, or a number."""
    rows = walk.bench.rows("SELECT id, qty, warehouse, sku FROM todos WHERE done_at IS NULL ORDER BY id")
    if rows:
        row = rows[a % len(rows)]
        bad = min(b % 3, row["qty"])
        bin_code = BIN_OF.get((row["warehouse"], row["sku"]), "") if c % 2 else ""
        lot = "L1" if is_by_lots(walk.bench.tx, row["sku"]) else ""
        given = floor.Finish(row["qty"] - bad, bad, bin_code, lot)
        floor.finish(walk.bench.tx, row["id"], given, LEAD, walk.bench.now)


def count(walk: Walk, a: int, b: int, c: int) -> None:
    """A device counted a while ago, before or after its last picks; now and then it sends the same again."""
    sku = SKUS[a % 3]
    walk.counts += c % 4 > 0
    said = {
        "id": f"DEVTEST1:c{walk.counts + 1}", "bin": BIN_OF[("SH", sku)], "qty": b % 9, "actor": "picker",
        "at": text(walk.bench.now - (b % 5) * 20 * MINUTE, "UTC"), "after": max(0, walk.ops - c % 3),
    }  # fmt: skip
    given = counting.Counts("DEVTEST1", [said], text(walk.bench.now, "UTC"))
    counting.take(walk.bench.tx, given, DEVICE, walk.bench.now)


def push(walk: Walk, a: int, b: int, c: int) -> None:
    order = store.get(walk.bench.tx, walk.order(a))
    line = order.lines[b % len(order.lines)]
    walk.ops += 1
    kind = ("pick", "pick", "pick", "short", "void")[c % 5]
    qty = 0 if kind == "void" else (line.qty if b % 3 else 1 + c % 9)
    op = op_of(walk.ops, order.order_no, line.line_no, kind, qty)
    op["bin"] = BIN_OF.get((line.warehouse, line.sku), "") if c % 2 else ""
    op["target"] = f"DEVTEST1:{1 + c % walk.ops}" if kind == "void" else ""
    raw = json.dumps({"device": "DEVTEST1", "ops": [op]}).encode()
    pushing.push(walk.bench.tx, raw, DEVICE, walk.bench.now)


def fulfil(walk: Walk, a: int, b: int, c: int) -> None:
    """Pick all lines, now and then short or beyond; pack and ship where that works."""
    order = store.get(walk.bench.tx, walk.order(a))
    if order.state not in ("to_pick", "picking"):
        raise machine.wrong_state(order, machine.BY_COMMAND["pack"])
    ops = []
    for line in order.lines:
        is_short = (b + line.line_no) % 4 == 0 and line.qty > 1
        rows = [("pick", line.qty - 1), ("short", 1)] if is_short else [("pick", line.qty + (c % 7 == 0))]
        for kind, qty in rows:
            walk.ops += 1
            ops.append(op_of(walk.ops, order.order_no, line.line_no, kind, qty))
    raw = json.dumps({"device": "DEVTEST1", "ops": ops}).encode()
    pushing.push(walk.bench.tx, raw, DEVICE, walk.bench.now)
    if c % 3:
        walk.command(a, "pack")
    if c % 3 == 2:
        ship(walk, a, b, c)


def settle(walk: Walk, a: int, b: int, c: int) -> None:
    rows = walk.bench.rows("SELECT id FROM conflicts ORDER BY id")
    if rows:
        choice = ("keep", "undo")[b % 2]
        settling.settle(walk.bench.tx, rows[a % len(rows)]["id"], choice, LEAD, walk.bench.now)


def promise(walk: Walk, a: int, b: int, c: int) -> None:
    """For a quarter of an hour at most: walks take a minute a step."""
    name, phone = PEOPLE[a % 3]
    lines = [{"sku": SKUS[(b + i) % 3], "qty": 1 + (c + 3 * i) % 6} for i in range(1 + b % 2)]
    if a % 4 == 0:
        lines.append({"sku": lines[0]["sku"], "qty": 1 + c % 3})
    body: dict[str, Any] = {"address": PLACES[c % 4] or PLACES[0], "lines": lines}
    if a % 7:
        body["customer"] = {"name": name, "phone": phone}
    terms = promising.Terms("Asia/Shanghai", (1 + c % 15) * MINUTE)
    given = msgspec.convert(body, promising.PromiseIn)
    walk.promised.append(promising.create(walk.bench.tx, given, LEAD, walk.bench.now, terms).id)


def take_over(walk: Walk, a: int, b: int, c: int) -> None:
    """Whole, with fewer pieces, with more, or with a SKU that was not promised."""
    taken = walk.promise(a)
    more = (0, 0, 1, -1)[b % 4]
    lines = [{"sku": sku, "qty": max(1, qty + more)} for sku, qty in taken.said.lines]
    lines = [*lines[: 1 + b % 3], *([{"sku": SKUS[c % 3], "qty": 1}] if c % 5 == 0 else [])]
    body = {"customer": {"id": taken.customer or "C0042"}, "lines": lines, "promise_id": taken.id}
    if c % 2:
        body["paid_at"] = "2026-01-22T10:05:00+08:00"
    draft = msgspec.convert(body, Draft)
    walk.made.append(placing.place(walk.bench.tx, draft, LEAD, walk.bench.now, placing.From()).order_no)


def unpromise(walk: Walk, a: int, b: int, c: int) -> None:
    promising.give_back(walk.bench.tx, walk.promise(a).id, LEAD, walk.bench.now)


def sweep(walk: Walk, a: int, b: int, c: int) -> None:
    walk.bench.now += (a % 10) * MINUTE
    promising.sweep(walk.bench.tx, walk.bench.now)


class Step(NamedTuple):
    """`times`: how often among the others."""

    name: str
    times: int
    run: Callable[[Walk, int, int, int], None]


STEPS: list[Step] = [
    Step("place", 3, place), Step("pay", 1, pay), Step("start", 1, start), Step("push", 3, push), Step("pack", 1, pack),
    Step("ship", 1, ship), Step("deliver", 1, deliver), Step("cancel", 1, cancel), Step("hold", 1, hold),
    Step("split", 1, split), Step("elsewhere", 1, elsewhere),
    Step("amend", 1, amend), Step("restore", 1, restore), Step("give_back", 2, give_back), Step("move", 2, move),
    Step("transfer", 1, transfer), Step("switch_lots", 1, switch_lots), Step("finish", 2, finish), Step("count", 2, count),
    Step("settle", 2, settle), Step("fulfil", 2, fulfil), Step("backorder", 2, backorder),
    Step("promise", 3, promise), Step("take_over", 3, take_over),
    Step("unpromise", 1, unpromise), Step("sweep", 1, sweep),
]  # fmt: skip


def often(steps: list[Step]) -> tuple[str, ...]:
    """Each name as many times as it is wanted."""
    return tuple(step.name for step in steps for _ in range(step.times))
