"""What a killed server left behind, held against what its clients heard."""

import shutil
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any, NamedTuple

from api.db.database import FILE, Database
from api.db.sqlite import connect
from api.db.tx import Tx
from api.journal import checkpoint, guard
from api.kernel.actor import SYSTEM
from api.kernel.time import wall_clock
from api.people import service as people
from api.stock import service as stock
from bench import company

DEVICES = 2
ORDERS = "SELECT p.value, o.order_no FROM orders o JOIN private p ON p.id = o.note_ref"
PLACED = "SELECT subject FROM journal WHERE kind = 'order.placed'"
OPS = "SELECT id, order_no FROM ops"
PICKED = "SELECT order_no, SUM(picked) FROM lines GROUP BY order_no HAVING SUM(picked) > 0"


class State(NamedTuple):
    """`orders`: (our number, theirs), `placed`: subjects of the journal, `ops`: (id, order), `picked`: by order."""

    orders: list[tuple[str, str]]
    placed: list[str]
    ops: list[tuple[str, str]]
    picked: dict[str, int]
    entries: int
    faults: list[str]


def enrolled(folder: Path, url: str = "") -> dict[str, str]:
    """Devices with their tokens."""
    db, now = Database(folder, url=url), wall_clock()

    def work(tx: Tx) -> dict[str, str]:
        made = {}
        for n in range(DEVICES):
            _, code, _ = people.add_device(tx, f"PDA {n}", "SH", SYSTEM, now)
            device, token, _ = people.enrol(tx, code, "", now)
            made[device] = token
        return made

    try:
        return db.writer.now(work)
    finally:
        db.stop()


def state(folder: Path, is_live: bool = False) -> State:
    """Of a killed server's data a copy is read, file and log, so that the next start finds them as they were left."""
    if is_live:
        return _read(folder / FILE, folder)
    with tempfile.TemporaryDirectory() as place:
        for tail in ("", "-wal"):
            if (source := folder / f"{FILE}{tail}").exists():
                shutil.copyfile(source, Path(place) / f"{FILE}{tail}")
        return _read(Path(place) / FILE, folder)


def _read(file: Path, folder: Path) -> State:
    connection = connect(file, read_only=file.parent == folder)
    try:
        connection.execute("BEGIN")
        found = read(Tx(connection), folder)
        pages = [one for (one,) in connection.execute("PRAGMA quick_check") if one != "ok"]
        return found._replace(faults=found.faults + pages)
    finally:
        connection.close()


def read(tx: Tx, folder: Path) -> State:
    """Of a snapshot; `folder`: where the company's secret and checkpoints lie."""
    found = company.settings(folder)
    key = checkpoint.public(checkpoint.signing_key(found.secret))

    def rows(sql: str) -> list[Any]:
        return [tuple(one) for one in tx.connection.execute(sql)]

    entries, _, fault = guard.verify(tx, found.checkpoints, key)
    faults = [*([str(fault)] if fault else []), *stock.drift(tx)]
    placed = [one for (one,) in rows(PLACED)]
    return State(rows(ORDERS), placed, rows(OPS), dict(rows(PICKED)), entries, faults)


def wrongs(found: State, orders: dict[str, str], results: dict[str, Any], *, is_over: bool) -> list[str]:
    """What is lost, doubled or broken; `is_over`: nothing is in flight, so nothing else may be stored either."""
    wrong = list(found.faults)
    stored = dict(found.orders)
    wrong += [f"order {one} lost" for one, no in orders.items() if stored.get(one) != no]
    wrong += [f"order {one} doubled" for one, n in Counter(one for one, _ in found.orders).items() if n > 1]
    if sorted(found.placed) != sorted(f"order:{no}" for _, no in found.orders):
        wrong.append("orders and journal differ")
    ops = dict(found.ops)
    wrong += [f"op {one} lost" for one in results if one not in ops]
    if Counter(ops.values()) != Counter(found.picked):
        wrong.append("pieces picked and ops differ")
    wrong += [f"op {one}: {told}" for one, told in results.items() if told["verdict"] == "refused"]
    if is_over:
        wrong += [f"order {one} stored, never acknowledged" for one in stored.keys() - orders.keys()]
        wrong += [f"op {one} stored, never acknowledged" for one in ops.keys() - results.keys()]
    return wrong
