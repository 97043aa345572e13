"""Orders in batches of 50 a request against a real server process, in turns with the bare limit.

    python -m bench.batch [--rounds 5] [--seconds 4] [--connections 4] [--size 50] [--workers 1]

Every order has its own external number and its own result. Prints medians over the rounds: orders/s, the latency of a
request, the bare SQLite limit of the same run (before and after each round), their ratio. Needs wrk. Ends with 1 where
the journal or a stock sum is broken, or where an acknowledged batch is not whole in the tables.
"""

import argparse
import statistics
import tempfile
from pathlib import Path

from bench import company, load, server
from bench.ingest import ratios_to
from bench.limit import sqlite_limit
from bench.load import Load, Target

SKUS = 2_000


def measure(
    folder: Path, rounds: int, seconds: int, connections: int, size: int, workers: int
) -> tuple[list[Load], list[float]]:
    """(the hub's rounds, the first of them warm and not timed; the limit's, one more than timed rounds)."""
    data = folder / "data"
    token = company.build(data, SKUS)
    with server.hub(data, "--workers", str(workers)) as port:
        target = Target(port, token, SKUS)
        found = [load.by_wrk(target, "w", connections, 1, size)]
        limits = [sqlite_limit(seconds / 2, folder)]
        for n in range(rounds):
            found.append(load.by_wrk(target, f"r{n}", connections, seconds, size))
            limits.append(sqlite_limit(seconds / 2, folder))
    return found, limits


def report(rounds: list[Load], limits: list[float]) -> float:
    timed = rounds[1:]
    rates = [one.rate for one in timed]
    ratios = ratios_to(limits, rates)
    for name, found in (("hub", rates), ("bare SQLite", limits)):
        print(f"{name:<14}{statistics.median(found):8,.0f} orders/s ({min(found):,.0f}-{max(found):,.0f})")
    p50, p99 = (statistics.median(getattr(one, name) for one in timed) for name in ("p50_ms", "p99_ms"))
    print(f"a request: p50 {p50:.0f} ms, p99 {p99:.0f} ms (medians of the rounds)")
    ratio = statistics.median(ratios)
    print(f"hub / bare SQLite {ratio:.3f} ({min(ratios):.3f}-{max(ratios):.3f})")
    return ratio


def faults(folder: Path, rounds: list[Load], connections: int, size: int) -> list[str]:
    found = company.check(folder / "data")
    acknowledged = sum(one.stored for one in rounds)
    unheard = connections * len(rounds) * size  # wrk never hears of what was in flight when its time was up
    wrong = ([found.fault] if found.fault else []) + found.drift
    if not acknowledged <= found.orders <= acknowledged + unheard or found.orders % size:
        wrong.append(f"{acknowledged} acknowledged, {found.orders} stored")
    if any(one.refused + one.broken for one in rounds):
        wrong.append("requests were refused or broken")
    print(
        f"checked: {found.orders} orders stored, {acknowledged} acknowledged (up to {unheard} cut off in flight), "
        f"{found.entries} journal entries verified, stock drift: {len(found.drift)}"
    )
    return wrong


def main() -> None:
    words = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    for name, usual in (("rounds", 5), ("seconds", 4), ("connections", 4), ("size", 50), ("workers", 1)):
        words.add_argument(f"--{name}", type=int, default=usual)
    given = words.parse_args()
    print(f"{server.machine()}; wrk -t1 -c{given.connections}, {given.size} orders a request")
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        rounds, limits = measure(
            folder, given.rounds, given.seconds, given.connections, given.size, given.workers
        )
        report(rounds, limits)
        wrong = faults(folder, rounds, given.connections, given.size)
    server.ended(wrong)


if __name__ == "__main__":
    main()
