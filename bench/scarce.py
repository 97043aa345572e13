"""Five hundred at once for a hundred pieces, over HTTP, each on a connection of its own: promises, then paid orders.

    python bench/scarce.py [--count 500] [--pieces 100] [--workers 1 2] [--engine sqlite postgres]

Right is: of the promises exactly as many 201 as there are pieces, every other 409 `short_stock`; of the paid orders every one
201, exactly as many pieces reserved, every other red with `short_stock`; no 5xx, stock sums and journal whole. Prints how
long an answer took (p50, p99, the slowest) and ends with 1 where anything is otherwise. Every request waits for all that
came before it, so p99 is about the time that all of them take together.
"""

import argparse
import asyncio
import statistics
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

if __package__ in (None, ""):  # started as a file
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from api.db.database import Database
from api.db.tx import Tx
from api.inventory import service as inventory
from api.kernel.actor import SYSTEM
from api.kernel.time import wall_clock
from api.stock import service as stock
from api.stock.model import MoveIn, SkuIn
from bench import company, server
from tests.support.postgres import OWNER
from tests.support.postgres import Server as Postgres

SQLITE, POSTGRES = "sqlite", "postgres"
HOUSE, PROMISED, ORDERED = "SH", "SC-1", "SC-2"
PLENTIFUL, WARMING, ALONE = "BP-00001", 40, 100
PLACE = "上海市浦东新区张江路1号"


class Told(NamedTuple):
    status: int
    body: Any
    seconds: float


async def _one(port: int, token: str, path: str, body: bytes, start: asyncio.Event) -> Told:
    """Connected first; sent when all are."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    await start.wait()
    begun = time.perf_counter()
    writer.write(head.encode() + body)
    answer = await reader.readuntil(b"\r\n\r\n")
    length = int(answer.lower().partition(b"content-length:")[2].partition(b"\r\n")[0])
    text = await reader.readexactly(length)
    seconds = time.perf_counter() - begun
    writer.close()
    return Told(int(answer[9:12]), msgspec.json.decode(text), seconds)


async def _storm(port: int, token: str, path: str, bodies: list[bytes]) -> list[Told]:
    start = asyncio.Event()
    calls = [asyncio.create_task(_one(port, token, path, body, start)) for body in bodies]
    await asyncio.sleep(0)
    start.set()
    return await asyncio.gather(*calls)


def storm(port: int, token: str, path: str, bodies: list[dict[str, Any]]) -> list[Told]:
    return asyncio.run(_storm(port, token, path, [msgspec.json.encode(body) for body in bodies]))


def promises(port: int, token: str, sku: str, count: int) -> list[Told]:
    bodies = [{"address": PLACE, "lines": [{"sku": sku, "qty": 1}]} for _ in range(count)]
    return storm(port, token, "/api/promises", bodies)


def orders(port: int, token: str, sku: str, count: int) -> list[Told]:
    bodies = [
        {
            "customer": {"name": f"第{n}修理厂", "phone": f"139{n:08d}"}, "address": PLACE,
            "lines": [{"sku": sku, "qty": 1, "price_fen": 100}], "paid_at": "2026-01-22T10:05:00+08:00",
        }
        for n in range(count)
    ]  # fmt: skip
    return storm(port, token, "/api/orders", bodies)


def wrong_promises(told: list[Told], pieces: int) -> list[str]:
    found = Counter((one.status, one.body.get("code", "")) for one in told)
    right = Counter({(201, ""): pieces, (409, "short_stock"): len(told) - pieces})
    return [] if found == right else [f"promises: {dict(found)}"]


def wrong_orders(told: list[Told], pieces: int) -> list[str]:
    found = Counter(
        (one.status, one.body.get("state"), one.body.get("colour", {}).get("code"), *_exceptions(one.body))
        for one in told
    )
    right = Counter(
        {(201, "to_pick", "green"): pieces, (201, "paid", "red", "short_stock"): len(told) - pieces}
    )
    return [] if found == right else [f"orders: {dict(found)}"]


def _exceptions(order: Any) -> list[str]:
    return [trouble["code"] for trouble in order.get("exceptions", [])]


def took(what: str, told: list[Told]) -> str:
    times = [one.seconds * 1000 for one in told]
    cuts = statistics.quantiles(times, n=100)
    ends = Counter(one.status for one in told)
    return f"{what}: {dict(sorted(ends.items()))}, p50 {cuts[49]:.0f} ms, p99 {cuts[98]:.0f} ms, slowest {max(times):.0f} ms"


def build(folder: Path, pieces: int, url: str = "", owner: str = "") -> str:
    """The benches' company, and two SKUs of which there is little; returns the supervisor's bearer token."""
    token = company.build(folder, 1, url, owner)
    db, now = Database(folder, url=url), wall_clock()

    def scarce(tx: Tx) -> None:
        for sku in (PROMISED, ORDERED):
            inventory.save_sku(tx, sku, SkuIn(sku), SYSTEM, now)
            inventory.move(tx, MoveIn("receive", HOUSE, sku, pieces), SYSTEM, now)

    try:
        db.writer.now(scarce)
    finally:
        db.stop()
    return token


def reserved(folder: Path, url: str = "") -> dict[str, tuple[int, int]]:
    """(on hand, reserved) of the two, of a stopped server's folder."""
    db = Database(folder, url=url)
    try:
        rows = db.reader.now(lambda tx: stock.stock_of(tx, [PROMISED, ORDERED], HOUSE, wall_clock()))
        return {row["sku"]: (row["on_hand"], row["reserved"]) for row in rows}
    finally:
        db.stop()


def run(
    folder: Path, count: int, pieces: int, workers: int, url: str = "", owner: str = ""
) -> tuple[list[str], list[str]]:
    """What it took, and what was wrong."""
    token = build(folder, pieces, url, owner)
    with server.hub(folder, "--workers", str(workers), url=url) as port:
        promises(
            port, token, PLENTIFUL, WARMING
        )  # a server at work: what is read once, and code that runs once
        orders(port, token, PLENTIFUL, WARMING)
        single = [one for _ in range(ALONE) for one in promises(port, token, PLENTIFUL, 1)]
        first = promises(port, token, PROMISED, count)
        then = orders(port, token, ORDERED, count)
    wrong = wrong_promises(first, pieces) + wrong_orders(then, pieces)
    if (held := reserved(folder, url)) != dict.fromkeys((PROMISED, ORDERED), (pieces, pieces)):
        wrong.append(f"reserved: {held}")
    found = company.check(folder, url)
    if not found.is_whole:
        wrong.append(f"{found.fault} {found.drift}")
    lines = [took("promises one at a time", single), took("promises", first), took("paid orders", then)]
    return lines, wrong


def main() -> None:
    words = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    words.add_argument("--count", type=int, default=500)
    words.add_argument("--pieces", type=int, default=100)
    words.add_argument("--workers", type=int, nargs="+", default=[1, 2])
    words.add_argument("--engine", nargs="+", choices=(SQLITE, POSTGRES), default=[SQLITE])
    given = words.parse_args()
    faults = []
    for engine in given.engine:
        for workers in given.workers:
            with tempfile.TemporaryDirectory() as place:
                wheel = Postgres(Path(tempfile.gettempdir())) if engine == POSTGRES else None
                name = wheel.database() if wheel else ""
                url, owner = (wheel.url(name), wheel.url(name, OWNER)) if wheel else ("", "")
                try:
                    lines, wrong = run(Path(place) / "data", given.count, given.pieces, workers, url, owner)
                finally:
                    if wheel:
                        wheel.stop()
            for line in lines:
                print(f"{engine}, {workers} server process{'es' if workers > 1 else ''}, {line}")
            faults += wrong
    server.ended(faults)


if __name__ == "__main__":
    main()
