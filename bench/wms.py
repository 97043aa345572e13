"""A warehouse whose WMS misbehaves, for as long as one likes: `python -m bench.wms [WALKS] [STEPS] [SEED]`.

Each walk places, ships, cancels and amends orders while the line to the WMS loses answers, answers twice, late or not at
all, the WMS's own pieces come and go, and the lanes are cut off between sending and noting as a killed process is. Then
the line is quiet, and both ledgers are compared piece by piece. Prints the calls, the faults and what differs (nothing).
"""

import contextlib
import json
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any

import msgspec

from api.db.database import Database
from api.db.tx import Tx
from api.kernel.actor import Actor
from api.kernel.errors import Refused
from api.kernel.time import MINUTE, SECOND
from api.orders import commands, placing
from api.orders import store as orders
from api.orders.commands import COMMANDS
from api.orders.model import Draft
from api.outbound.guard import ANYWHERE
from api.picking import pushing
from api.stock import service as stock
from api.wms import lanes, service, store
from api.wms.model import House, Outcome, WmsIn
from api.wms.service import Sent
from tests.support.bad_wms import FAULTS, KEY, Ledger, Wms
from tests.support.company import SECRET, START, MovedClock, build, draft
from tests.support.engines import opened
from tests.support.walk import op_of

LEAD = Actor("supervisor", "supervisor")
PDA = Actor("DEVTEST1", "device", "PDA", warehouse="SH")
SKUS = ("BP-1023", "BD-2001")
STOCK = 12
TZ = "Asia/Shanghai"


class Killed(BaseException):
    """The process is gone."""


class Mortal(lanes.Lanes):
    is_dying = False

    def _note(self, house: House, sent: Sent, outcome: Outcome) -> None:
        if self.is_dying:
            raise Killed
        super()._note(house, sent, outcome)


def faults_told(faults: list[str]) -> Callable[[], str]:
    left = list(faults)
    return lambda: left.pop() if left else "ok"


class Walk:
    """A company, its WMS, and one method a verb; numbers choose among what there is."""

    VERBS = (
        "place", "place", "place", "cancel", "amend", "ship", "round", "round", "round", "killed", "wait", "others",
        "arrives", "compare",
    )  # fmt: skip

    def __init__(self) -> None:
        self.clock, self.ops = MovedClock(), 0
        self.made: list[str] = []
        self.ledger = Ledger(dict.fromkeys((*SKUS, "OF-3001", "WP-4001"), STOCK))
        self.refused: Counter[str] = Counter()

    def __enter__(self) -> "Walk":
        self.place_ = tempfile.TemporaryDirectory()
        self.db: Database = opened(Path(self.place_.name))
        self.db.writer.now(lambda tx: build(tx, START, STOCK))
        self.wms = Wms(self.ledger)
        key = store.sealing_key(SECRET)
        given = WmsIn(url=self.wms.url, key=KEY, enabled=True, timeout_s=5)
        self.db.writer.now(lambda tx: store.save(tx, "SH", given, key, LEAD, START))
        self.lanes = Mortal(self.db, self.clock, key, ANYWHERE, TZ, roll=lambda: 0.0)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.wms.stop()
        self.db.stop()
        self.place_.cleanup()

    def take(self, verb: str, a: int, b: int) -> None:
        self.clock.forward(SECOND)
        try:
            getattr(self, verb)(a, b)
        except Refused as refused:
            self.refused[refused.code] += 1

    def order(self, a: int) -> str:
        if not self.made:
            raise Refused("not_found", what="order")
        return self.made[a % len(self.made)]

    def command(self, number: str, name: str, **body: Any) -> None:
        given = msgspec.convert(body, COMMANDS[name].body)
        after = self.db.writer.now(lambda tx: commands.command(tx, number, name, given, LEAD, self.clock()))
        if after.order_no not in self.made:
            self.made.append(after.order_no)

    def place(self, a: int, b: int) -> None:
        lines = [{"sku": SKUS[a % 2], "qty": 1 + b}] + (
            [{"sku": SKUS[b % 2], "qty": 1 + a % 3}] if a % 3 == 0 else []
        )
        given = msgspec.convert(draft(lines=lines, warehouse="SH" if a % 2 else None), Draft)
        how = placing.From(TZ)
        self.made.append(
            self.db.writer.now(lambda tx: placing.place(tx, given, LEAD, self.clock(), how)).order_no
        )

    def cancel(self, a: int, _: int) -> None:
        self.command(self.order(a), "cancel", reason="x")

    def amend(self, a: int, b: int) -> None:
        self.command(self.order(a), "amend", changes={"lines": [{"sku": SKUS[b % 2], "qty": 1 + b}]})

    def ship(self, a: int, b: int) -> None:
        """All lines picked, one of them now and then short or beyond."""
        number = self.order(a)
        order = self.db.reader.now(lambda tx: orders.get(tx, number))
        if order.state not in ("to_pick", "picking"):
            raise Refused("not_found", what="task")
        ops = []
        for line in order.lines:
            rows = (
                [("pick", line.qty - 1), ("short", 1)]
                if b % 4 == 0 and line.qty > 1
                else [("pick", line.qty)]
            )
            for kind, qty in rows:
                self.ops += 1
                ops.append(op_of(self.ops, number, line.line_no, kind, qty))
        raw = json.dumps({"device": "DEVTEST1", "ops": ops}).encode()
        self.db.writer.now(lambda tx: pushing.push(tx, raw, PDA, self.clock()))
        self.command(number, "pack")
        self.command(number, "ship", carrier="顺丰", waybill="SF1")

    def round(self, *_: int) -> None:
        self.lanes.round()

    def killed(self, *_: int) -> None:
        """Before an answer is noted: what was sent is in doubt, what was heard is forgotten."""
        self.lanes.is_dying = True
        with contextlib.suppress(Killed):
            self.lanes.round()
        self.lanes.is_dying = False

    def wait(self, a: int, _: int) -> None:
        self.clock.forward((1 + a) * MINUTE)

    def others(self, a: int, b: int) -> None:
        """Somebody else's orders in that warehouse."""
        with self.ledger.mutex:
            sku = SKUS[a % 2]
            had = self.ledger.others.pop(sku, 0)
            self.ledger.others[sku] = 0 if had else max(0, min(b, self.ledger.available(sku)))

    def arrives(self, a: int, b: int) -> None:
        with self.ledger.mutex:
            self.ledger.on_hand[SKUS[a % 2]] += b

    def settle_stuck(self, how: Callable[[Tx, int, Actor, int], None]) -> None:
        """A person looks: what left the house before it was locked may be more than is free there."""
        rows = self.db.reader.now(lambda tx: tx.all(store.Q.open_calls, warehouse="SH"))
        for number in [row["id"] for row in rows if row["state"] == "stuck"]:
            self.db.writer.now(partial(self._settled, how, number))

    def _settled(self, how: Callable[[Tx, int, Actor, int], None], number: int, tx: Tx) -> None:
        how(tx, number, LEAD, self.clock())

    def differences(self) -> list[str]:
        return self.db.reader.now(
            lambda tx: [*stock.drift(tx), *_open(tx), *_locks(tx, self.ledger), *_pieces(tx, self.ledger)]
        )

    def compare(self, *_: int) -> None:
        self.db.writer.now(lambda tx: tx.run(store.Q.ask_reconcile, warehouse="SH", at=self.clock()))
        self.lanes.round()


def settled(walk: Walk) -> list[str]:
    """The line is quiet: whatever differs once nothing is to be told any more, each as a sentence."""
    walk.wms.fault, walk.ledger.others = lambda: "ok", {}
    for _ in range(8):
        walk.lanes.round()
        walk.clock.forward(11 * MINUTE)
    for how in (service.again, service.give_up):
        walk.settle_stuck(how)
        walk.compare()
        for _ in range(3):
            walk.lanes.round()
            walk.clock.forward(11 * MINUTE)
    return walk.differences()


def _open(tx: Any) -> list[str]:
    return [
        f"{row['kind']} of {row['sku']} is {row['state']}"
        for row in tx.all(store.Q.open_calls, warehouse="SH")
    ]


def _locks(tx: Any, ledger: Ledger) -> list[str]:
    ours = {
        f"hd-{row['lock_id']}": (row["sku"], row["qty"]) for row in tx.all(store.Q.locked, warehouse="SH")
    }
    return [] if ours == ledger.locks else [f"locks: ours {ours}, theirs {ledger.locks}"]


def _pieces(tx: Any, ledger: Ledger) -> list[str]:
    here = {row["sku"]: row["on_hand"] for row in tx.all(store.Q.lying, warehouse="SH")}
    return [
        f"{sku}: ours {here.get(sku)}, theirs {n}"
        for sku, n in ledger.on_hand.items()
        if here.get(sku, 0) != n
    ]


def main(walks: int = 20, steps: int = 120, seed: int = 1) -> int:
    draw, calls, wrong, begun = random.Random(seed), 0, 0, time.perf_counter()
    told: Counter[str] = Counter()
    for n in range(walks):
        with Walk() as walk:
            faults = [draw.choice(FAULTS) for _ in range(steps)]
            told.update(faults)
            walk.wms.fault = faults_told(faults)
            for _ in range(steps):
                walk.take(draw.choice(walk.VERBS), draw.randrange(8), draw.randrange(8))
            for sentence in settled(walk):
                wrong += 1
                print(f"walk {n}: {sentence}")
            calls += len(walk.wms.seen)
    print(
        f"{walks} walks of {steps} steps, {calls} requests, {time.perf_counter() - begun:.0f} s: {wrong} differences"
    )
    print(", ".join(f"{name} {count}" for name, count in sorted(told.items())))
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
