"""A cold start: from the command to the first 200 of `/readyz`, with 100 thousand orders in the folder.

    python bench/start.py [--orders 100000] [--rounds 5] [--workers 1] [--folder DIR]

The orders are placed by the product itself, journal and snapshots with them. Before each start the file is dropped from the
system's page cache. The first start signs a checkpoint over all that the journal holds, the others over little. In turns
with the limit: a bare Litestar app, from the command to its first answer. Beside the wall stands the processor's time of the
server and its processes until that answer, and what it goes to. Ends with 1 where a start takes more than 2 s, or where the
journal or a stock sum is broken.
"""

import argparse
import http.client
import json
import os
import random
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

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


class Took(NamedTuple):
    """Seconds from the command to the first answer that is wanted: by the clock, and of the processor."""

    wall: float
    cpu: float


def started(words: list[str], port: int, path: str, wanted: int) -> Took:
    """The server is stopped again."""
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
                    wall = time.perf_counter() - begun
                    return Took(wall, server.processor_seconds(process.pid))
            except OSError:
                time.sleep(0.005)
            finally:
                connection.close()
        raise RuntimeError("the server does not answer")
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


def measure(folder: Path, rounds: int, workers: int = 1) -> tuple[list[Took], list[Took]]:
    """(the hub's starts, bare Litestar's), in turns."""
    hubs, bares = [], []
    for _ in range(rounds):
        drop(folder / FILE)
        port, bare_port = server.free_port(), server.free_port()
        words = ["-m", "api", "serve", "--data", str(folder), "--port", str(port), "--workers", str(workers)]
        hubs.append(started(words, port, "/readyz", 200))
        bares.append(started(["-m", "bench.limit", "--serve", str(bare_port)], bare_port, "/api/orders", 200))
    return hubs, bares


def steps(folder: Path) -> dict[str, float]:
    """What one process of the hub does before it serves, each with its processor's seconds."""
    words = [sys.executable, "-m", "bench.steps", str(folder)]
    told = subprocess.run(words, cwd=server.ROOT, stdout=subprocess.PIPE, check=True).stdout
    found: dict[str, float] = json.loads(told.splitlines()[-1])
    return found


def report(name: str, took: list[Took]) -> None:
    walls = [one.wall for one in took]
    cpu = statistics.median(one.cpu for one in took)
    print(
        f"{name:<14} first {walls[0]:.2f} s, median {statistics.median(walls):.2f} s, most {max(walls):.2f} s "
        f"({', '.join(f'{one:.2f}' for one in walls)}); processor: first {took[0].cpu:.2f} s, median {cpu:.2f} s"
    )


def main() -> None:
    words = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    words.add_argument("--orders", type=int, default=100_000)
    words.add_argument("--rounds", type=int, default=5)
    words.add_argument("--workers", type=int, default=1, help="processes of the hub")
    words.add_argument("--folder", type=Path)
    given = words.parse_args()
    print(server.machine())
    with tempfile.TemporaryDirectory() as place:
        folder = (given.folder or Path(place)) / "start"
        if not (folder / FILE).exists():
            build(folder, given.orders)
        print(
            f"{given.orders:,} orders, {(folder / FILE).stat().st_size / 1e6:,.0f} MB, {given.workers} process(es)"
        )
        hubs, bares = measure(folder, given.rounds, given.workers)
        parts = steps(folder)
        seen = company.check(folder)
    report("hub", hubs)
    report("bare Litestar", bares)
    ratio = statistics.median(one.wall for one in hubs) / statistics.median(one.wall for one in bares)
    print(f"hub / bare Litestar {ratio:.2f}")
    print("processor, one process: " + ", ".join(f"{name} {took:.2f} s" for name, took in parts.items()))
    print(
        f"checked: {seen.orders} orders, {seen.entries} journal entries verified, stock drift: {len(seen.drift)}"
    )
    wrong = ([seen.fault] if seen.fault else []) + seen.drift
    server.ended(wrong + [f"a start of {one.wall:.2f} s" for one in hubs if one.wall > LIMIT_S])


if __name__ == "__main__":
    main()
