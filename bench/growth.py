"""Bytes an order: how much the data file grows over many `POST /api/orders` of the contract's example, and over their lives.

    python bench/growth.py [--orders 10000] [--walked 2000] [--lines 1] [--customers 1]

A real server takes the orders over HTTP, each with its own external number; then some of them are picked by a device, checked,
packed, shipped and delivered: five states, five snapshots. After each step the server stops, so that the log is folded into the file, and
the file is measured, what the tables of the inbox and of idempotency hold taken off. Beside it the reference of the same run: the
bare order of `bench.limit`, one snapshot, without ROWID. Ends with 1 where an order takes more than 2 KB, more than 4 KB after
five states, or where the journal or a stock sum is broken.
"""

import argparse
import http.client
import sqlite3
import sys
import tempfile
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from random import Random
from typing import Any, Self

import msgspec

if __package__ in (None, ""):  # started as a file
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from api.db.database import FILE
from bench import company, limit, server

FIRST, FIVE = 2_048, 4_096
SKUS = 50
HANDS = 16
BESIDE = ("inbox", "idempotency")


def example(n: int, lines: int, customers: int) -> dict[str, Any]:
    """The contract's order as a draft."""
    who = n % customers
    return {
        "channel": "miniprogram",
        "external_no": f"MP20260122{n:06d}",
        "customer": {
            "name": "浦东宝诚4S店" if customers == 1 else f"浦东宝诚{who}店",
            "phone": f"138{who:08d}",
        },
        "address": f"上海市浦东新区张江路{who + 1}号",
        "note": "请避开周一送货，需附出厂检验报告",
        "options": ["需加装防震泡沫"],
        "lines": [
            {"sku": f"BP-{(n * 7 + at) % SKUS + 1:05d}", "qty": 4, "price_fen": 12_800} for at in range(lines)
        ],
        "paid_at": "2026-01-22T10:05:00+08:00",
    }


class Hand:
    """One connection that stays open."""

    def __init__(self, port: int, token: str) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port)
        self.head = {
            "Authorization": f"Bearer {token}",
            "User-Agent": "Mozilla/5.0 (X11; Linux x86_64) bench",
        }

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.connection.close()

    def post(self, path: str, body: object) -> Any:
        self.connection.request("POST", path, msgspec.json.encode(body), self.head)
        answer = self.connection.getresponse()
        text = answer.read()
        if answer.status >= 300:
            raise RuntimeError(f"{path}: {answer.status} {text[:300]!r}")
        return msgspec.json.decode(text)


def by_hands(port: int, token: str, jobs: Sequence[Callable[[Hand], Any]]) -> list[Any]:
    """The answers, in the jobs' order; each hand takes every sixteenth."""

    def work(at: int) -> list[Any]:
        with Hand(port, token) as hand:
            return [job(hand) for job in jobs[at::HANDS]]

    with ThreadPoolExecutor(HANDS) as pool:
        parts = list(pool.map(work, range(HANDS)))
    return [parts[at % HANDS][at // HANDS] for at in range(len(jobs))]


def walk(port: int, token: str, orders: list[Any]) -> None:
    """Picked by a device in pushes of a shelf each, then by the commands that people use."""
    with Hand(port, token) as hand:
        made = hand.post("/api/devices", {"label": "bench", "warehouse": "SH"})
        enrolled = hand.post("/api/devices/enrol", {"code": made["code"]})
    device, picker = enrolled["device"], Hand(port, enrolled["token"])
    n = 0
    for start in range(0, len(orders), 50):
        ops = []
        for order in orders[start : start + 50]:
            for line in order["lines"]:
                n += 1
                ops.append(
                    {
                        "id": f"{device}:{n}", "hlc": f"{1_795_400_000_000 + n:015d}-0000-{device}", "actor": "lead",
                        "at": "2026-01-22T10:05:00+08:00", "order_no": order["order_no"], "line_no": line["line_no"],
                        "kind": "pick", "qty": line["qty"], "bin": "", "code": line["sku"], "target": "", "v": 1,
                    }
                )  # fmt: skip
        picker.post("/sync/push", {"device": device, "ops": ops})
    picker.connection.close()

    def life(order: Any) -> Callable[[Hand], None]:
        def work(hand: Hand) -> None:
            path = f"/api/orders/{order['order_no']}"
            for check in order["checklist"]:
                hand.post(f"{path}/check", {"item": check["item"]})
            hand.post(f"{path}/pack", {})
            hand.post(f"{path}/ship", {"carrier": "顺丰", "waybill": f"SF{order['order_no'][-5:]}"})
            hand.post(f"{path}/deliver", {})

        return work

    by_hands(port, token, [life(order) for order in orders])


class Size(msgspec.Struct, frozen=True):
    """The file's bytes, those of the tables beside orders taken off; and each table's or index's."""

    file: int
    parts: dict[str, int]


def size(file: Path) -> Size:
    db = sqlite3.connect(file)
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    try:
        parts = dict(db.execute("SELECT name, SUM(pgsize) FROM dbstat GROUP BY name").fetchall())
    except sqlite3.OperationalError:  # a SQLite without dbstat: the whole file counts
        parts = {}
    tables = dict(db.execute("SELECT name, tbl_name FROM sqlite_schema").fetchall())
    db.close()
    beside = sum(held for name, held in parts.items() if tables.get(name, "").startswith(BESIDE))
    return Size(file.stat().st_size - beside, parts)


def bare(folder: Path, orders: int) -> float:
    """Bytes of the reference's order."""
    db, rnd, head = limit.open_bare(folder / "bare.db"), Random(1), bytes(32)
    empty = size(folder / "bare.db").file
    db.execute("BEGIN")
    for n in range(orders):
        head = limit.store_bare(db, limit.bare_order(rnd), f"{n}", head)
    db.execute("COMMIT")
    db.close()
    return (size(folder / "bare.db").file - empty) / orders


def report(title: str, before: Size, after: Size, orders: int, beside: float = 0.0) -> float:
    """Bytes an order, and where they lie."""
    grown = (after.file - before.file) / orders + beside
    print(f"{title}: {grown:,.0f} bytes an order")
    by = {name: (held - before.parts.get(name, 0)) / orders for name, held in after.parts.items()}
    shown = [f"{name} {held:,.0f}" for name, held in sorted(by.items(), key=lambda one: -one[1]) if held >= 1]
    print(f"  {', '.join(shown)}")
    return grown


def main() -> None:
    words = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    words.add_argument("--orders", type=int, default=10_000)
    words.add_argument("--walked", type=int, default=2_000)
    words.add_argument("--lines", type=int, default=1)
    words.add_argument("--customers", type=int, default=1)
    given = words.parse_args()
    print(server.machine())
    with tempfile.TemporaryDirectory() as place:
        data = Path(place) / "data"
        token = company.build(data, SKUS)
        with server.hub(data):
            pass
        sizes = [size(data / FILE)]
        drafts = [example(n, given.lines, given.customers) for n in range(given.orders)]
        with server.hub(data) as port:
            jobs = [partial(Hand.post, path="/api/orders", body=body) for body in drafts]
            orders = by_hands(port, token, jobs)
        sizes.append(size(data / FILE))
        with server.hub(data) as port:
            walk(port, token, orders[: given.walked])
        sizes.append(size(data / FILE))
        first = report("placed", sizes[0], sizes[1], given.orders)
        five = report("and four more states", sizes[1], sizes[2], given.walked, first)
        print(f"the bare order of the same run, one snapshot: {bare(Path(place), given.orders):,.0f} bytes")
        seen = company.check(data)
    print(
        f"checked: {seen.orders} orders, {seen.entries} journal entries verified, stock drift: {len(seen.drift)}"
    )
    wrong = ([seen.fault] if seen.fault else []) + seen.drift
    wrong += [
        f"{got:,.0f} bytes {what}"
        for got, most, what in ((first, FIRST, "placed"), (five, FIVE, "after five states"))
        if got > most
    ]
    server.ended(wrong)


if __name__ == "__main__":
    main()
