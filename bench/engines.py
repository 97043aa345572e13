"""Single orders over HTTP on PostgreSQL and on SQLite, by turns, at several counts of connections.

    python bench/engines.py [--rounds 3] [--seconds 3] [--connections 1 8 32 128] [--pos]

Both servers of the hub run all the time, one process each; PostgreSQL is the wheel's, its files lie where those of SQLite lie
(TMPDIR), every commit synced on both. The bare SQLite limit is measured around each pair of rounds. Prints, for each count, orders/s
and latencies of both, and their ratios to the limit; ends with 1 where a journal, a stock sum or a count of orders is
wrong. `--pos`: a till's signed messages in place of `POST /api/orders`.
"""

import argparse
import statistics
import sys
import tempfile
from pathlib import Path

if __package__ in (None, ""):  # started as a file
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench import company, ingest, load, server
from bench.limit import sqlite_limit
from bench.load import Load, Target
from tests.support.postgres import OWNER, Server

ENGINES = ("PostgreSQL", "SQLite")
PACE = 800  # orders that our own client sends in a round for each second asked: its counts are exact


def told(connections: int, found: dict[str, list[Load]], limits: list[float]) -> dict[str, float]:
    """Prints a line for each engine; returns the medians of the rounds' ratios to the limit around them."""
    ratios = {}
    for name in ENGINES:
        rates = [one.rate for one in found[name]]
        ratios[name] = statistics.median(ingest.ratios_to(limits, rates))
        p50, p99 = (
            statistics.median(getattr(one, what) for one in found[name]) for what in ("p50_ms", "p99_ms")
        )
        print(
            f"{connections:4} connections  {name:<11}{statistics.median(rates):7,.0f} orders/s "
            f"({min(rates):,.0f}-{max(rates):,.0f}), p50 {p50:.0f} ms, p99 {p99:.0f} ms, of bare SQLite {ratios[name]:.3f}"
        )
    return ratios


def measure(
    targets: dict[str, Target], folder: Path, counts: list[int], rounds: int, seconds: int
) -> dict[str, list[Load]]:
    """All that was sent to each, the first round of each to warm up."""
    sent = {name: [load.own(targets[name], "w", 32, seconds * PACE)] for name in ENGINES}
    for connections in counts:
        found: dict[str, list[Load]] = {name: [] for name in ENGINES}
        limits = [sqlite_limit(1.0, folder)]
        for n in range(rounds):
            for name in ENGINES if n % 2 else ENGINES[::-1]:
                found[name].append(
                    load.own(targets[name], f"c{connections}r{n}", connections, seconds * PACE)
                )
            limits.append(sqlite_limit(1.0, folder))
        ratios = told(connections, found, limits)
        print(
            f"     PostgreSQL to SQLite {ratios['PostgreSQL'] / ratios['SQLite']:.2f}, bare SQLite "
            f"{statistics.median(limits):,.0f} ({min(limits):,.0f}-{max(limits):,.0f}); {server.machine()}"
        )
        for name in ENGINES:
            sent[name] += found[name]
    return sent


def main() -> None:
    words = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    words.add_argument("--rounds", type=int, default=3)
    words.add_argument("--seconds", type=int, default=3)
    words.add_argument("--connections", type=int, nargs="+", default=[1, 8, 32, 128])
    words.add_argument("--pos", action="store_true", help="a till's messages to /in/pos")
    given = words.parse_args()
    place = Path(tempfile.gettempdir())
    wheel = Server(place)
    try:
        name = wheel.database()
        urls = {"PostgreSQL": wheel.url(name), "SQLite": ""}
        with tempfile.TemporaryDirectory() as at:
            folder = Path(at)
            tokens = {
                engine: company.build(
                    folder / engine / "data", ingest.SKUS, url, url and wheel.url(name, OWNER)
                )
                for engine, url in urls.items()
            }
            with (
                server.hub(folder / "PostgreSQL" / "data", url=urls["PostgreSQL"]) as one,
                server.hub(folder / "SQLite" / "data") as other,
            ):
                ports = dict(zip(ENGINES, (one, other), strict=True))
                targets = {e: Target(ports[e], tokens[e], ingest.SKUS, given.pos) for e in ENGINES}
                sent = measure(targets, folder, given.connections, given.rounds, given.seconds)
            wrong = [
                fault
                for engine in ENGINES
                for fault in ingest.faults(
                    folder / engine, sent[engine][:-1], sent[engine][-1], 0, False, urls[engine]
                )
            ]
    finally:
        wheel.stop()
    server.ended(wrong)


if __name__ == "__main__":
    main()
