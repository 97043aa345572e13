"""Two nodes and two workers on one PostgreSQL with a standby, under load, and `kill -9` of each of them at random.

    python -m bench.nodes [--kills 50] [--seed N] [--kinds node,worker,backend,connection]

Orders, ops and two boards go through both nodes; workers tell chats that are slow, refuse, or lose the answer. In the
middle the primary is killed, the standby promoted, and the former primary comes back and takes writes from whoever
would send them. Then everything that was acknowledged is there once, no chat was told anything twice, journal and
stock are whole, and both boards stand as the database does. Ends with 1 where that is not so.
"""

import argparse
import contextlib
import itertools
import os
import random
import signal
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import msgspec
import psycopg

from api.db.postgres.connection import Connection
from api.db.postgres.place import read as place_of
from api.db.tx import Tx
from bench import company, crashed, server
from bench.process import WITHIN, Held, spawned, until
from bench.stubborn import SKUS, Clients
from bench.watching import Board, Watch
from tests.support.chat import OK, Chat, How
from tests.support.postgres import APP, OWNER, Server, Standby, pair

T = TypeVar("T")
CHECK_EVERY = 5
HUB = "SELECT pid FROM pg_stat_activity WHERE application_name LIKE 'huodaona%' AND pid <> pg_backend_pid()"
BOARD = """SELECT o.order_no, j.pos, o.state, (SELECT COUNT(*) FROM lines l
  WHERE l.order_no = o.order_no AND l.picked + l.short >= l.qty) FROM orders o
JOIN (SELECT subject, MAX(pos) AS pos FROM journal GROUP BY subject) j ON j.subject = 'order:' || o.order_no"""


class Result(msgspec.Struct):
    """`still_s`: how long nobody was acknowledged after a kill; `lag_s`: from an order's acknowledgement to each open
    board."""

    wrong: list[str] = msgspec.field(default_factory=list)
    still_s: dict[str, list[float]] = msgspec.field(default_factory=dict)
    lag_s: list[float] = msgspec.field(default_factory=list)
    promoted_s: float = 0.0
    acknowledged: int = 0
    entries: int = 0
    opened: int = 0
    told: int = 0
    posts: int = 0


class Part(Held):
    """One process of the hub, and its next lives."""

    def __init__(self, log: Path, words: list[str], given: dict[str, str], port: int = 0) -> None:
        self._words, self._given, self._port, self.log = words, given, port, log
        self._before = 0

    def start(self) -> None:
        self._before = self._said()
        self.process = spawned(self.log, ["-m", "api", *self._words], self._given)

    def ready(self) -> None:
        if self._port and self.process is not None:
            server.wait(self.process, self._port, WITHIN)
        else:
            until(lambda: self._said() > self._before, "no worker", self.log)

    def _said(self) -> int:
        return self.log.read_text().count("worker on") if self.log.exists() else 0


class House:
    """The whole of it. `draw` decides on every moment."""

    def __init__(self, place: Path, seed: int, primary: Server, standby: Standby, lines: int) -> None:
        self.draw, self.primary, self.standby = random.Random(seed), primary, standby
        self.server: Server | Standby = primary
        self.left = 0
        self.database = primary.database()
        self.url = primary.url(self.database, APP, standby)
        self.home = place / "home"
        owner = primary.url(self.database, OWNER, standby)
        token = company.build(self.home, SKUS, self.url, owner)
        self.chats = [Chat(self._how(seed + n)) for n in range(4)]
        kinds = ("wecom", "webhook") * 2
        robots = [chat.robot(kind) for chat, kind in zip(self.chats, kinds, strict=True)]
        given = {
            "HUODAONA_DATABASE_URL": self.url,
            "HUODAONA_SECRET_FILE": str(self.home / "secret"),
            "HUODAONA_CHECKPOINTS": str(self.home / "checkpoints"),
        }
        spoken = {"HUODAONA_ROBOTS": "; ".join(f"{one.kind} {one.address}" for one in robots)}
        ports = [server.free_port() for _ in range(2)]
        self.nodes, self.workers = list[Part](), list[Part]()
        for n, port in enumerate(ports):
            data = ["--data", str(place / f"node{n}")]
            words = ["serve", "--no-worker", *data, "--port", str(port)]
            self.nodes.append(Part(place / f"node{n}.log", words, given, port))
            self.workers.append(Part(place / f"worker{n}.log", ["worker", *data], given | spoken))
        self.clients = Clients(ports, token, crashed.enrolled(self.home, self.url), seed, lines)
        self.watch = Watch([Board(port, token) for port in ports])
        self.result = Result()

    @staticmethod
    def _how(seed: int) -> Callable[[], How]:
        draw = random.Random(seed)
        return lambda: draw.choice(
            [How(), How(200, OK, 2.0), How(answer=None), How(503), How(504), How(200, OK, 12.0)]
        )

    def start(self) -> None:
        for one in (*self.nodes, *self.workers):
            one.start()
        for one in (*self.nodes, *self.workers):
            one.ready()
        self.watch.start()
        until(lambda: all(board.begun >= 0 for board in self.watch.boards), "no board", self.nodes[0].log)
        self.clients.start()
        self.still(0.0)

    def still(self, since: float) -> float:
        """The longest time without an acknowledgement, until they come again."""
        count = len(self.clients.orders)
        until(lambda: len(self.clients.orders) > count + 20, "nobody is served", self.nodes[0].log)
        times = [since, *(at for at in [*self.clients.heard.values()] if at > since)]
        return max(after - before for before, after in itertools.pairwise(sorted(times)))

    def close(self) -> None:
        self.clients.finish(is_hopeless=True)
        self.watch.stop()
        for one in (*self.nodes, *self.workers):
            one.kill()
        for chat in self.chats:
            chat.stop()

    # the kinds ------------------------------------------------------------------------------------------------

    def node(self) -> None:
        self._again(self.draw.choice(self.nodes))

    def worker(self) -> None:
        self._again(self.draw.choice(self.workers))

    def _again(self, one: Part) -> None:
        one.kill()
        time.sleep(self.draw.uniform(0, 0.3))
        one.start()
        one.ready()

    def backend(self) -> None:
        """The server then starts anew, as it does whenever one of its processes dies so."""
        os.kill(self.draw.choice(self._backends()), signal.SIGKILL)

    def connection(self) -> None:
        with self._admin() as admin:
            for pid in self.draw.sample(self._backends(), 2):
                admin.execute("SELECT pg_terminate_backend(%s)", (pid,))

    def failover(self) -> None:
        """The former primary comes back as if nothing had been, waits for nobody, and stands first in the address."""
        self.primary.crash(again=False)
        time.sleep(self.draw.uniform(0, 1))
        begun = time.monotonic()
        self.standby.promote()
        self.result.promoted_s = time.monotonic() - begun
        self.server = self.standby
        (self.primary.folder / "data" / "postgresql.auto.conf").write_text("")
        self.primary.begin()
        self.left = self._former()

    def _admin(self) -> "psycopg.Connection[tuple[object, ...]]":
        """Anew: a killed backend takes all connections with it."""
        end = time.monotonic() + WITHIN
        while True:
            try:
                return psycopg.connect(self.server.url(self.database, "postgres"), autocommit=True)
            except psycopg.OperationalError:
                if time.monotonic() > end:
                    raise
                time.sleep(0.02)

    def _backends(self) -> list[int]:
        end = time.monotonic() + WITHIN
        while time.monotonic() < end:
            with self._admin() as admin:
                found = [int(str(pid)) for (pid,) in admin.execute(HUB)]
            if len(found) > 2:
                return found
        raise RuntimeError("nobody is connected")

    # what stands ------------------------------------------------------------------------------------------------

    def found(self) -> crashed.State:
        return self._read(lambda tx: crashed.read(tx, self.home))

    def _read(self, work: Callable[[Tx], T]) -> T:
        connection = Connection(place_of(self.url))
        try:
            connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
            return work(Tx(connection))
        finally:
            connection.close()

    def check(self, *, is_over: bool = False) -> list[str]:
        orders, results = dict(self.clients.orders), dict(self.clients.results)
        found = self.found()
        self.result.acknowledged, self.result.entries = len(orders) + len(results), found.entries
        return crashed.wrongs(found, orders, results, is_over=is_over)

    def end(self) -> None:
        """Everybody answered: what is stored is what was acknowledged, each first answer is said again."""
        self.clients.finish()
        wrong = self.clients.faults + self.clients.asked_again() + self.check(is_over=True) + self._boards()
        self.watch.stop()
        for one in (*self.nodes, *self.workers):
            if (code := one.stop()) != 0:
                wrong.append(f"{one.log.name}: ended with {code}")
        for chat in self.chats:
            twice = [body for body, n in Counter(chat.taken).items() if n > 1]
            wrong += [f"told twice: {body[:200]!r}" for body in twice]
            self.result.told += len(chat.taken)
            self.result.posts += len(chat.posts)
        if not self.result.told:
            wrong.append("no chat was told anything")
        if self.server is self.standby:
            wrong += self._strayed()
        self.result.wrong += wrong

    def _boards(self) -> list[str]:
        rows = self._read(lambda tx: tx.connection.execute(BOARD).fetchall())
        truth = {row[0]: (row[1], row[2], row[3]) for row in rows}
        end = time.monotonic() + 20
        while any(board.lacks(truth) for board in self.watch.boards) and time.monotonic() < end:
            time.sleep(0.05)
        for board in self.watch.boards:
            self.result.lag_s += board.lags(self.clients.heard)
            self.result.opened += len(board.gaps)
        return [
            f"board {n} lacks {lacks[:3]}"
            for n, one in enumerate(self.watch.boards)
            if (lacks := one.lacks(truth))
        ]

    def _strayed(self) -> list[str]:
        at = self._former()
        return [] if at == self.left else [f"the former primary took {at - self.left} groups"]

    def _former(self) -> int:
        with contextlib.closing(psycopg.connect(self.primary.url(self.database, "postgres"))) as there:
            row = there.execute("SELECT last FROM huodaona.numbers WHERE day = 'turn'").fetchone()
            return 0 if row is None else int(row[0])


KINDS: dict[str, Callable[[House], None]] = {
    "node": House.node,
    "worker": House.worker,
    "backend": House.backend,
    "connection": House.connection,
    "primary": House.failover,
}


def run(place: Path, kinds: list[str], seed: int, lines: int = 8) -> Result:
    """These kills, one after another, on a fresh company; `primary` once at most. `lines`: how many send orders."""
    with pair() as (primary, standby):
        house = House(place, seed, primary, standby, lines)
        result = house.result
        try:
            house.start()
            for n, kind in enumerate(kinds, 1):
                time.sleep(house.draw.uniform(0.1, 0.8))
                begun = time.monotonic()
                KINDS[kind](house)
                still = house.still(begun)
                result.still_s.setdefault(kind, []).append(still)
                wrong = house.check() if n % CHECK_EVERY == 0 else []
                result.wrong += wrong
                said = "; ".join(wrong[:3]) or ("whole" if n % CHECK_EVERY == 0 else "")
                count = len(house.clients.orders)
                print(f"{n:>3} {kind:<11}{count:>7} orders, still for {still:5.2f} s  {said}", flush=True)
            house.end()
        finally:
            house.close()
    return result


def table(found: Result) -> None:
    print(f"\n{'killed':<12}{'times':>6}{'median still s':>16}{'longest':>9}")
    for kind, took in found.still_s.items():
        print(f"{kind:<12}{len(took):>6}{statistics.median(took):>16.2f}{max(took):>9.2f}")
    lag = sorted(found.lag_s)
    print(
        f"boards: opened {found.opened} times; an order stands on them {statistics.median(lag):.3f} s after its"
        f" acknowledgement (median), 99 of 100 within {lag[len(lag) * 99 // 100]:.2f} s"
    )
    print(f"chats: {found.posts} posts, {found.told} messages taken")
    kills = sum(map(len, found.still_s.values()))
    print(
        f"{kills} kills, {found.acknowledged} orders and ops acknowledged, {found.entries} entries verified,"
        f" promoting took {found.promoted_s:.2f} s, {len(found.wrong)} wrong"
    )


def main() -> None:
    words = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    words.add_argument("--kills", type=int, default=50)
    words.add_argument("--seed", type=int, default=int(time.time()))
    words.add_argument("--kinds", default="node,worker,backend,connection")
    given = words.parse_args()
    print(f"{server.machine()}; seed {given.seed}")
    kinds = given.kinds.split(",")
    order = [kinds[n % len(kinds)] for n in range(given.kills)]
    random.Random(given.seed).shuffle(order)
    order.insert(given.kills // 2, "primary")
    with tempfile.TemporaryDirectory() as place:
        found = run(Path(place), order, given.seed)
    table(found)
    server.ended(found.wrong)


if __name__ == "__main__":
    main()
