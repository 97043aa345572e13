"""What dates cost: learning from a company's own deliveries at night, and asking for one promise by day.

    python -m bench.dates [ORDERS]

On a company of so many orders (60,000: more than the walk takes), SQLite, one process, nothing beside it. Prints the
night's seconds, the memory it took at most and the size of what it keeps; then of 500 promises the time to gather and
make the dates on a reader (median and 99th of a hundred), and of whole promises on the writer, stock frozen and committed.
"""

import random
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from api.db.database import Database
from api.kernel.actor import Actor
from api.kernel.time import wall_clock
from api.orders import dating, learning, promising
from api.orders.model import Address, LineIn
from api.orders.store import Q
from api.promise.dates import window
from bench import many

TZ = "Asia/Shanghai"
PROMISES = 500
PLACES = (
    "上海市浦东新区张江路1号",
    "苏州昆山开发区长江南路88号",
    "广东佛山南海里水镇8号",
    "乌鲁木齐市水磨沟区南湖西路198号",
    "前程居",
)
ADCODES = ("310115", "320583", "440605", "650105", "")
SALES = Actor("lead", "supervisor", ip="127.0.0.1")


class Took(NamedTuple):
    """Milliseconds."""

    median: float
    p99: float


def _each(work: Callable[[int], object], rounds: int) -> Took:
    found = []
    for n in range(rounds):
        begun = time.perf_counter()
        work(n)
        found.append((time.perf_counter() - begun) * 1e3)
    return Took(statistics.median(found), sorted(found)[int(0.99 * rounds)])


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def night(db: Database) -> tuple[float, float, int, int]:
    """(seconds, megabytes more than before, bytes kept, deliveries learnt from)."""
    before, begun = _peak_mb(), time.perf_counter()
    found = learning.learn(db, wall_clock(), TZ)
    seconds = time.perf_counter() - begun
    body = db.reader.now(lambda tx: tx.must(Q.learned, name=learning.NAME)["body"])
    return seconds, _peak_mb() - before, len(body), found.deliveries


def asked(db: Database, rounds: int = PROMISES) -> Took:
    dice = random.Random(1)

    def one(_: int) -> object:
        where = Address(adcode=dice.choice(ADCODES))
        return db.reader.now(
            lambda tx: window(dating.ask(tx, "SH", where, [("BP-00001", 3)], ("避周一",), wall_clock(), TZ))
        )

    return _each(one, rounds)


def promised(db: Database, rounds: int = PROMISES) -> Took:
    def one(n: int) -> object:
        lines = [LineIn("BP-00001", 1), LineIn("BP-00002", 2)]
        given = promising.PromiseIn(lines, address=PLACES[n % len(PLACES)])
        return db.writer.now(lambda tx: promising.create(tx, given, SALES, wall_clock(), promising.Terms(TZ)))

    return _each(one, rounds)


def main() -> None:
    orders = int(sys.argv[1]) if len(sys.argv) > 1 else 60_000
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "data"
        many.build(folder, orders)
        db = Database(folder)
        seconds, more, kept, deliveries = night(db)
        print(
            f"{orders} orders: learnt from {deliveries} deliveries in {seconds:.1f} s, {more:.0f} MB more at most, {kept / 1024:.0f} KB kept"
        )
        for title, took in (
            ("dates of one promise, read", asked(db)),
            ("one promise, frozen and committed", promised(db)),
        ):
            print(f"{title}: median {took.median:.2f} ms, 99 of 100 within {took.p99:.2f} ms")
        db.stop()


if __name__ == "__main__":
    main()
