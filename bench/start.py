"""A cold start: from the command to the first 200 of `/readyz`, with 100 thousand orders in the folder.

    python bench/start.py [--orders 100000] [--rounds 5] [--folder DIR]

The orders are placed by the product itself, journal and snapshots with them. Before each start the file is dropped from the
system's page cache. The first start signs a checkpoint over all that the journal holds, the others over little. In turns with the limit:
a bare Litestar app, from the command to its first answer. Ends with 1 where a start takes more than 2 s, or where the journal or a
stock sum is broken.
"""

import argparse
import http.client
import os
import random
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

if __package__ in (None, ""):  # started as a file
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from api.db.database import FILE, Database
from api.db.tx import Tx
from api.kernel.actor import Actor
from api.kernel.time import wall_clock
from api.orders import placing
from api.orders.model import Draft
from api.web.body import decode
from bench import company, load, server

SKUS = 2_000
GROUP = 500
LIMIT_S = 2.0
PATIENCE_S = 60.0
LEAD = Actor("lead", "supervisor", ip="127.0.0.1")


def build(folder: Path, orders: int) -> None:
    company.build(folder, SKUS)
    db, rnd = Database(folder), random.Random(2)

    def group(start: int) -> None:
        drafts = [
            decode(Draft, load.draft(rnd, "s", start + n, SKUS)) for n in range(min(GROUP, orders - start))
        ]

        def work(tx: Tx) -> None:
            for draft in drafts:
                placing.place(tx, draft, LEAD, wall_clock(), placing.From())

        db.writer.now(work)

    try:
        for start in range(0, orders, GROUP):
            group(start)
    finally:
        db.stop()


def drop(file: Path) -> None:
    """Out of the system's page cache: the next reader waits for the disk."""
    with file.open("rb") as opened:
        os.fsync(opened.fileno())
        os.posix_fadvise(opened.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def started(words: list[str], port: int, path: str, wanted: int) -> float:
    """Seconds from the command to the first answer that is wanted; the server is stopped again."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("HUODAONA_")}
    begun = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, *words], cwd=server.ROOT, env=environment, stdout=subprocess.DEVNULL
    )
    try:
        while time.perf_counter() - begun < PATIENCE_S:
            if process.poll() is not None:
                raise RuntimeError(f"the server ended with {process.returncode}")
            connection = http.client.HTTPConnection("127.0.0.1", port)
            try:
                connection.request("GET", path)
                if connection.getresponse().status == wanted:
                    return time.perf_counter() - begun
            except OSError:
                time.sleep(0.005)
            finally:
                connection.close()
        raise RuntimeError("the server does not answer")
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


def measure(folder: Path, rounds: int) -> tuple[list[float], list[float]]:
    """(the hub's starts, bare Litestar's), in turns."""
    hubs, bares = [], []
    for _ in range(rounds):
        drop(folder / FILE)
        port, bare_port = server.free_port(), server.free_port()
        words = ["-m", "api", "serve", "--data", str(folder), "--port", str(port)]
        hubs.append(started(words, port, "/readyz", 200))
        bares.append(started(["-m", "bench.limit", "--serve", str(bare_port)], bare_port, "/api/orders", 200))
    return hubs, bares


def main() -> int:
    words = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    words.add_argument("--orders", type=int, default=100_000)
    words.add_argument("--rounds", type=int, default=5)
    words.add_argument("--folder", type=Path)
    given = words.parse_args()
    print(server.machine())
    with tempfile.TemporaryDirectory() as place:
        folder = (given.folder or Path(place)) / "start"
        if not (folder / FILE).exists():
            build(folder, given.orders)
        print(f"{given.orders:,} orders, {(folder / FILE).stat().st_size / 1e6:,.0f} MB")
        hubs, bares = measure(folder, given.rounds)
        seen = company.check(folder)
    for name, took in (("hub", hubs), ("bare Litestar", bares)):
        print(
            f"{name:<14} first {took[0]:.2f} s, median {statistics.median(took):.2f} s, most {max(took):.2f} s "
            f"({', '.join(f'{one:.2f}' for one in took)})"
        )
    print(f"hub / bare Litestar {statistics.median(hubs) / statistics.median(bares):.2f}; {server.machine()}")
    print(
        f"checked: {seen.orders} orders, {seen.entries} journal entries verified, stock drift: {len(seen.drift)}"
    )
    wrong = ([seen.fault] if seen.fault else []) + seen.drift
    wrong += [f"a start of {one:.2f} s" for one in hubs if one > LIMIT_S]
    for one in wrong:
        print(f"WRONG: {one}")
    return int(bool(wrong))


if __name__ == "__main__":
    raise SystemExit(main())
