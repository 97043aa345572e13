"""Reading at 10 thousand and at a million orders: every filter of the list, first page and a deep one, and every way to find.

    python bench/list.py [--orders 1000000] [--rounds 5] [--requests 20] [--folder DIR]

Two companies (see `bench.many`), two server processes, one client with a login on connections that stay open; each
question is put to both in turns. Beside it the limits of the same run: the same 50 orders with their lines by primary key in
bare SQLite, and a bare Litestar GET of a page of that size. `--folder` keeps the companies for the next run.
Ends with 1 where a page at a million takes more than 1.2 times as long, a find's p99 is above 20 ms, or a journal or stock sum
is broken afterwards.
"""

import argparse
import http.client
import os
import random
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

import msgspec

if __package__ in (None, ""):  # started as a file
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from api.db.database import FILE
from bench import company, many, server

SMALL = 10_000
RATIO, FIND_MS = 1.2, 20.0
PAGE = 50
IDLE_S = 2.0


class Reader:
    """One company over HTTP, on one connection."""

    def __init__(self, folder: Path, port: int, token: str) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port)
        self.head = {"Authorization": f"Bearer {token}"}
        self.last, self.file = 0.0, folder / FILE
        db = sqlite3.connect(f"file:{self.file}?mode=ro", uri=True)
        (self.most,) = db.execute("SELECT MAX(id) FROM orders").fetchone()
        (self.big,) = db.execute("SELECT id FROM customers WHERE phone = ?", (many.BIG[1],)).fetchone()
        db.close()

    def get(self, path: str) -> tuple[float, bytes]:
        """(ms, the body)."""
        if time.perf_counter() - self.last > IDLE_S:  # the server may have closed it
            self.connection.close()
            self.connection.connect()
        begun = time.perf_counter()
        self.connection.request("GET", path, headers=self.head)
        answer = self.connection.getresponse()
        body = answer.read()
        self.last = time.perf_counter()
        took = (self.last - begun) * 1000
        if answer.status != 200:
            raise RuntimeError(f"{path}: {answer.status} {body[:200]!r}")
        return took, body


Ask = Callable[[Reader, random.Random], str]


def _fixed(query: str) -> Ask:
    return lambda reader, _: f"/api/orders?{query.format(big=reader.big)}"


def _deep(query: str) -> Ask:
    """A page from the middle of the company's life."""
    return lambda reader, _: f"/api/orders?{query.format(big=reader.big)}&cursor={reader.most // 2}"


def _ago(hours: float) -> str:
    return quote(datetime.fromtimestamp(time.time() - hours * 3600, UTC).isoformat(timespec="seconds"))


def lists() -> dict[str, Ask]:
    """Each filter with a value that most orders have, one that few have, and one that only the oldest hundred have."""
    given = {
        "no filter": "limit=50",
        **{
            f"state={name}": f"state={name}"
            for name in ("delivered", "cancelled", "to_pick", "picking", "returned")
        },
        **{f"colour={name}": f"colour={name}" for name in ("green", "yellow", "red", "blue", "grey")},
        "warehouse=SH": "warehouse=SH",
        "warehouse, only the oldest 100": f"warehouse={many.RARE_HOUSE}",
        "channel=pos": "channel=pos",
        "channel, only the oldest 100": f"channel={many.RARE_CHANNEL}",
        "customer of a twentieth": "customer={big}",
        "customer by name": f"customer={quote(many.BIG[0])}",
        "customer, a usual one": "customer=C0007",
        "tag=避周一": f"tag={quote('避周一')}",
        "tag, only the oldest 100": f"tag={quote(many.RARE_TAG)}",
        "since an hour ago": f"since={_ago(1)}",
        "since 19 hours ago": f"since={_ago(19)}",
        "state and warehouse": "state=delivered&warehouse=GZ",
        "channel and warehouse": "channel=pos&warehouse=BJ",
        "tag and state": f"tag={quote('加急')}&state=delivered",
    }
    deep = (
        "no filter",
        "state=delivered",
        "colour=blue",
        "warehouse=SH",
        "channel=pos",
        "customer of a twentieth",
        "tag=避周一",
        "since 19 hours ago",
    )
    return {
        **{name: _fixed(query) for name, query in given.items()},
        **{f"{name}, deep": _deep(given[name]) for name in deep},
    }


def _sample(select: str, cut: int | None = None) -> Ask:
    """A value of a random row, whole or its first letters."""

    def ask(reader: Reader, rnd: random.Random) -> str:
        if select not in SAMPLES.setdefault(reader.file, {}):
            db = sqlite3.connect(f"file:{reader.file}?mode=ro", uri=True)
            picks = [rnd.randint(1, reader.most) for _ in range(200)]
            found = [row[0] for one in picks for row in db.execute(select, (one,)) if row[0]]
            SAMPLES[reader.file][select] = found
            db.close()
        text = rnd.choice(SAMPLES[reader.file][select])
        return f"/api/orders?q={quote(text[:cut])}"

    return ask


SAMPLES: dict[Path, dict[str, list[str]]] = {}
BY_ID = "SELECT {} FROM orders o JOIN customers c ON c.id = o.customer WHERE o.id = ?"


def finds() -> dict[str, Ask]:
    number, external, phone, name = (
        BY_ID.format(column) for column in ("o.order_no", "o.external_no", "c.phone", "c.name")
    )
    sku = "SELECT printf('BP-%05d', 1 + ? % 2000)"
    return {
        "order number": _sample(number),
        "order number, day and 2": _sample(number, 11),
        "order number, its day": _sample(number, 8),
        "external number": _sample(external),
        "external number, first 7": _sample(external, 7),
        "external number, first 3": _sample(external, 3),
        "phone": _sample(phone),
        "phone, first 7": _sample(phone, 7),
        "phone, first 3": _sample(phone, 3),
        "customer's name": _sample(name),
        "customer's name, first 5": _sample(name, 5),
        "customer's name, first 2": _sample(name, 2),
        "SKU": _sample(sku),
        "SKU, first 6": _sample(sku, 6),
        "SKU, first 2": _sample(sku, 2),
        "SKU of the oldest 100": _fixed(f"q={many.RARE_SKU}"),
        "nothing there": _fixed("q=QQQQ-0000"),
    }


class Took(msgspec.Struct):
    """One question's times in ms at both sizes, and how many orders came."""

    small: list[float] = []
    large: list[float] = []
    came: int = 0

    @property
    def ratio(self) -> float:
        return statistics.median(self.large) / statistics.median(self.small)


def p99(found: list[float]) -> float:
    return sorted(found)[min(len(found) - 1, int(len(found) * 0.99))]


def measure(
    small: Reader, large: Reader, asks: dict[str, Ask], rounds: int, requests: int
) -> dict[str, Took]:
    """Every question to both by turns, so that a busy neighbour meets both."""
    took = {name: Took([], []) for name in asks}
    for at in range(rounds):
        for name, ask in asks.items():
            rnd = random.Random(f"{name}{at}")
            for n in range(requests + (2 if at == 0 else 0)):
                for reader, found in ((small, took[name].small), (large, took[name].large)):
                    ms, body = reader.get(ask(reader, rnd))
                    if at or n > 1:  # the first two of all fill the caches
                        found.append(ms)
                took[name].came = len(msgspec.json.decode(body)["items"])
    return took


def by_key(file: Path, rounds: int) -> list[float]:
    """Bare SQLite: 50 neighbouring orders and their lines by primary key, ms a page."""
    db, rnd, took = sqlite3.connect(f"file:{file}?mode=ro", uri=True), random.Random(5), []
    key = (
        "order_id" if "order_id" in [row[1] for row in db.execute("PRAGMA table_info(lines)")] else "order_no"
    )
    column = 0 if key == "order_id" else 1
    (most,) = db.execute("SELECT MAX(id) FROM orders").fetchone()
    for _ in range(rounds):
        first = rnd.randint(PAGE, most)
        begun = time.perf_counter()
        for order in db.execute(
            "SELECT * FROM orders WHERE id <= ? ORDER BY id DESC LIMIT 50", (first,)
        ).fetchall():
            db.execute(f"SELECT * FROM lines WHERE {key} = ?", (order[column],)).fetchall()
        took.append((time.perf_counter() - begun) * 1000)
    db.close()
    return took


def report(title: str, took: dict[str, Took]) -> None:
    print(f"\n| {title} | orders | p50 ms, 10 k | p50 ms, large | ratio | p99 ms, 10 k | p99 ms, large |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for name, one in took.items():
        print(
            f"| {name} | {one.came} | {statistics.median(one.small):.1f} | {statistics.median(one.large):.1f} | "
            f"{one.ratio:.2f} | {p99(one.small):.1f} | {p99(one.large):.1f} |"
        )


def faults(folders: list[Path], listed: dict[str, Took], found: dict[str, Took]) -> list[str]:
    wrong = [
        f"{name}: {one.ratio:.2f} times the time at 10 k" for name, one in listed.items() if one.ratio > RATIO
    ]
    wrong += [
        f"{name}: p99 {p99(one.large):.1f} ms" for name, one in found.items() if p99(one.large) > FIND_MS
    ]
    for folder in folders:
        seen = company.check(folder)
        wrong += ([seen.fault] if seen.fault else []) + seen.drift
        print(
            f"checked {folder.name}: {seen.entries} journal entries verified, stock drift: {len(seen.drift)}"
        )
    return wrong


def made(folder: Path, orders: int) -> str:
    """The token of a company of that many orders, built unless it lies there already."""
    kept = folder / "bench-token"
    if not kept.exists():
        begun = time.perf_counter()
        kept.write_text(many.build(folder, orders))
        size = (folder / FILE).stat().st_size
        print(
            f"{orders:,} orders made in {time.perf_counter() - begun:.0f} s, {size / 1e6:,.0f} MB", flush=True
        )
    return kept.read_text()


def main() -> None:
    words = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    words.add_argument("--orders", type=int, default=1_000_000)
    words.add_argument("--rounds", type=int, default=5)
    words.add_argument("--requests", type=int, default=20)
    words.add_argument("--folder", type=Path)
    given = words.parse_args()
    print(server.machine())
    with tempfile.TemporaryDirectory() as place:
        root = given.folder or Path(place)
        folders = [root / str(count) for count in (SMALL, given.orders)]
        tokens = [made(folder, int(folder.name)) for folder in folders]
        with server.hub(folders[0]) as port, server.hub(folders[1]) as large_port, server.bare() as bare_port:
            small, large = Reader(folders[0], port, tokens[0]), Reader(folders[1], large_port, tokens[1])
            bare = Reader(folders[0], bare_port, tokens[0])
            listed = measure(small, large, lists(), given.rounds, given.requests)
            found = measure(small, large, finds(), given.rounds, given.requests)
            floor = [bare.get("/api/orders")[0] for _ in range(given.rounds * given.requests)]
        keyed = [statistics.median(by_key(folder / FILE, 200)) for folder in folders]
        report("list of 50", listed)
        report("find", found)
        plain = statistics.median(listed["no filter"].large)
        print(
            f"\nlimits: 50 orders with lines by primary key in bare SQLite {keyed[0]:.2f} and {keyed[1]:.2f} ms; bare Litestar GET "
            f"of a page {statistics.median(floor):.1f} ms (p99 {p99(floor):.1f}); the hub's plain page {plain:.1f} ms; "
            f"load average {os.getloadavg()[0]:.1f}"
        )
        wrong = faults(folders, listed, found)
    server.ended(wrong)


if __name__ == "__main__":
    main()
