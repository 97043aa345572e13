"""Single-order POSTs at 128 connections against a real server process, in turns with the bare limits.

    python bench/ingest.py [--rounds 5] [--seconds 4] [--connections 128] [--workers 1] [--own | --pos]

Prints medians over the rounds: orders/s, p50 and p99, the bare SQLite limit of the same run (measured before and after
each of the hub's rounds, so that a busy neighbour meets both), their ratio. Ends with 1 where the journal or a stock
sum is broken, or where a count of orders differs from what was acknowledged. `--pos`: the same orders by a till's signed
messages (`/in/pos`, the raw body stored) and by POST /api/orders, in turns; prints both and their ratio.
"""

import argparse
import statistics
import sys
import tempfile
from pathlib import Path
from typing import NoReturn

if __package__ in (None, ""):  # started as a file
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench import company, load, server
from bench.limit import sqlite_limit
from bench.load import Load, Target

SKUS = 2_000
EXACT = 2_000


def one_round(target: Target, run: str, connections: int, seconds: int, with_wrk: bool) -> Load:
    if with_wrk:
        return load.by_wrk(target, run, connections, seconds)
    return load.own(target, run, connections, seconds * 2_500)


def measure(
    folder: Path,
    rounds: int,
    seconds: int,
    connections: int,
    with_wrk: bool,
    skus: int = SKUS,
    exact: int = EXACT,
    workers: int = 1,
) -> tuple[list[Load], list[float], list[Load], Load]:
    """(the hub's rounds, the limit's, bare Litestar's, the exact last round)."""
    data = folder / "data"
    token = company.build(data, skus)
    hub_rounds: list[Load] = []
    limits: list[float] = []
    bare_rounds: list[Load] = []
    with server.hub(data, "--workers", str(workers)) as port, server.bare() as bare_port:
        target, bare = Target(port, token, skus), Target(bare_port, token, skus)
        one_round(bare, "w", connections, 1, with_wrk)
        hub_rounds.append(one_round(target, "w", connections, 1, with_wrk))  # warm; counted, not timed
        limits.append(sqlite_limit(seconds / 2, folder))
        for n in range(rounds):
            hub_rounds.append(one_round(target, f"r{n}", connections, seconds, with_wrk))
            bare_rounds.append(one_round(bare, f"b{n}", connections, max(1, seconds // 2), with_wrk))
            limits.append(sqlite_limit(seconds / 2, folder))
        last = load.own(target, "exact", connections, exact)
    return hub_rounds, limits, bare_rounds, last


def beside(
    folder: Path, rounds: int, count: int, connections: int, skus: int = SKUS, workers: int = 1
) -> tuple[list[Load], list[Load]]:
    """(rounds of POST /api/orders, rounds of /in/pos), taken in turns, the first of each to warm up."""
    token = company.build(folder / "data", skus)
    ways: tuple[list[Load], list[Load]] = ([], [])
    with server.hub(folder / "data", "--workers", str(workers)) as port:
        for n in range(rounds + 1):
            # Whoever is second finds a warmer house and a longer file: the turns change.
            for is_till in (False, True) if n % 2 else (True, False):
                target = Target(port, token, skus, is_till)
                ways[is_till].append(load.own(target, f"{'t' if is_till else 'o'}{n}", connections, count))
    return ways


def compare(orders: list[Load], pos: list[Load]) -> float:
    """Prints both ways; returns the median of the rounds' ratios."""
    ratios = [till.rate / order.rate for order, till in zip(orders[1:], pos[1:], strict=True)]
    for name, found in (("POST /api/orders", orders[1:]), ("POST /in/pos", pos[1:])):
        rates = [one.rate for one in found]
        p99 = statistics.median(one.p99_ms for one in found)
        print(
            f"{name:<18}{statistics.median(rates):8,.0f} orders/s ({min(rates):,.0f}-{max(rates):,.0f}), p99 {p99:.1f} ms"
        )
    ratio = statistics.median(ratios)
    print(f"/in/pos to /api/orders {ratio:.3f} ({min(ratios):.3f}-{max(ratios):.3f})")
    return ratio


def faults(
    folder: Path, hub_rounds: list[Load], last: Load, connections: int, with_wrk: bool, url: str = ""
) -> list[str]:
    """What is wrong after the run; none is the only good answer."""
    found = company.check(folder / "data", url)
    acknowledged = sum(one.stored for one in hub_rounds) + last.stored
    # wrk never hears of what was in flight when its time was up.
    unheard = connections * len(hub_rounds) if with_wrk else 0
    wrong = [found.fault] if found.fault else []
    wrong += found.drift
    if not acknowledged <= found.orders <= acknowledged + unheard:
        wrong.append(f"{acknowledged} acknowledged, {found.orders} stored")
    refused = sum(one.refused + one.broken for one in [*hub_rounds, last])
    if refused:
        wrong.append(f"{refused} requests refused or broken")
    print(
        f"checked: {found.orders} orders stored, {acknowledged} acknowledged (up to {unheard} cut off in flight), "
        f"{found.entries} journal entries verified against {found.checkpoints} checkpoints, "
        f"stock drift: {len(found.drift)}"
    )
    return wrong


def ratios_to(limits: list[float], rates: list[float]) -> list[float]:
    """Each round's rate to the limit measured before and after it."""
    return [
        2 * rate / (before + after) for rate, before, after in zip(rates, limits, limits[1:], strict=False)
    ]


def report(hub_rounds: list[Load], limits: list[float], bare_rounds: list[Load]) -> float:
    """Prints the table; returns the median of the rounds' ratios to the limit around them."""
    timed = hub_rounds[1:]
    rates, bare = [one.rate for one in timed], [one.rate for one in bare_rounds]
    p50, p99 = (statistics.median(getattr(one, name) for one in timed) for name in ("p50_ms", "p99_ms"))
    ratios = ratios_to(limits, rates)
    for name, unit, found in (
        ("hub", "orders/s", rates), ("bare Litestar", "posts/s", bare), ("bare SQLite", "orders/s", limits),
    ):  # fmt: skip
        print(f"{name:<14}{statistics.median(found):8,.0f} {unit:<9} ({min(found):,.0f}-{max(found):,.0f})")
    ratio = statistics.median(ratios)
    print(f"hub: p50 {p50:.1f} ms, p99 {p99:.1f} ms (medians of the rounds)")
    print(f"hub / bare SQLite {ratio:.3f} ({min(ratios):.3f}-{max(ratios):.3f})")
    return ratio


def side_by_side(given: argparse.Namespace) -> NoReturn:
    print(f"{server.machine()}; client: our own -c{given.connections}; hub: {given.workers} process(es)")
    with tempfile.TemporaryDirectory() as place:
        count = given.seconds * 500
        orders, pos = beside(Path(place), given.rounds, count, given.connections, workers=given.workers)
        compare(orders, pos)
        *before, last = orders + pos
        wrong = faults(Path(place), before, last, given.connections, with_wrk=False)
    server.ended(wrong)


def main() -> None:
    words = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    words.add_argument("--rounds", type=int, default=5)
    words.add_argument("--seconds", type=int, default=4)
    words.add_argument("--connections", type=int, default=128)
    words.add_argument("--workers", type=int, default=1, help="processes of the hub")
    words.add_argument("--own", action="store_true", help="our own client, also where wrk is installed")
    words.add_argument("--pos", action="store_true", help="/in/pos beside POST /api/orders")
    given = words.parse_args()
    if given.pos:
        side_by_side(given)
    with_wrk = load.has_wrk() and not given.own
    client = "wrk -t1" if with_wrk else "our own"
    print(f"{server.machine()}; client: {client} -c{given.connections}; hub: {given.workers} process(es)")
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        hub_rounds, limits, bare_rounds, last = measure(
            folder, given.rounds, given.seconds, given.connections, with_wrk, workers=given.workers
        )
        report(hub_rounds, limits, bare_rounds)
        wrong = faults(folder, hub_rounds, last, given.connections, with_wrk)
    server.ended(wrong)


if __name__ == "__main__":
    main()
