"""`kill -9` at random moments under load, of every kind: what was acknowledged is there once, nothing is doubled.

    python -m bench.crash [--kills 100] [--seed N] [--kinds server,worker,…] [--disk DIR]

After each kill the data are checked as the killed process left them (where a server still runs: a snapshot beside it):
every acknowledged order and op stands there once, the journal verifies, no stock sum drifts. Ends with 1 where
anything is lost, doubled or broken. For `full` a small disk is filled up: DIR, or a memory disk mounted for it (by
root), else the server's file size is limited.
"""

import argparse
import contextlib
import os
import random
import resource
import shutil
import signal
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec

from api.db.database import FILE
from api.setup import backup
from bench import company, server
from bench.crashed import State, enrolled, state, wrongs
from bench.process import WITHIN, Held, children, spawned, until
from bench.stubborn import SKUS, Clients

LIVES = 20  # kills until a fresh company, so that checking stays short
SMALL = 400 << 20


class Kill(msgspec.Struct, frozen=True):
    """One kill: what was acknowledged and stored at that moment, what was found wrong, how long the next start took."""

    kind: str
    acknowledged: int
    stored: int
    entries: int
    wrong: list[str]
    ready_s: float


class Plant(Held):
    """One company, its server and its clients. `at` is the moment to kill at, drawn by the caller."""

    def __init__(self, place: Path, seed: int, small: bool) -> None:
        self.folder, self.small = place / "data", small
        self.backup, self.filler = place / "b.tar", place / "filler"
        token = company.build(self.folder, SKUS)
        self.port = server.free_port()
        self.clients = Clients([self.port], token, enrolled(self.folder), seed)
        self.log = place / "serve.log"
        self.ready_s = 0.0

    def spawn(self, *words: str) -> "subprocess.Popen[bytes]":
        return spawned(self.log, [*words], {})

    def serve(self, workers: int = 1) -> None:
        """Up and ready; `ready_s` from the start on."""
        begun = time.perf_counter()
        words = ["-m", "api", "serve", "--data", str(self.folder), "--port", str(self.port)]
        self.process = self.spawn(*words, "--workers", str(workers))
        server.wait(self.process, self.port, WITHIN)
        self.ready_s = time.perf_counter() - begun
        self.until(self._moves(), "nobody is served")

    def _moves(self) -> Callable[[], bool]:
        before = len(self.clients.orders)
        return lambda: len(self.clients.orders) > before or not self.clients.is_started

    def until(self, what: Callable[[], bool], else_say: str) -> None:
        until(what, else_say, self.log)

    def begun_backup(self) -> "subprocess.Popen[bytes]":
        """One that has begun to copy."""
        self.backup.unlink(missing_ok=True)
        drafts = self.backup.parent / f".{self.backup.name}"
        made = self.spawn("-m", "api", "backup", str(self.backup), "--data", str(self.folder))
        self.until(
            lambda: made.poll() is not None or any(drafts.parent.glob(f"{drafts.name}*")), "no backup begins"
        )
        return made


# The kinds: each kills at a moment of its own, and says what it found wrong ------------------------------------


def of_the_server(plant: Plant, draw: random.Random) -> list[str]:
    time.sleep(draw.uniform(0.05, 0.5))
    plant.kill()
    return []


def of_one_worker(plant: Plant, draw: random.Random) -> list[str]:
    """The other one serves on, and the dead one is replaced."""
    if plant.process is None:
        return ["no server"]
    time.sleep(draw.uniform(0.05, 0.4))
    before = children(plant.process.pid)
    victim = draw.choice(before)
    os.kill(victim, signal.SIGKILL)
    parent = plant.process.pid
    plant.until(lambda: len(set(children(parent)) - {victim}) == len(before), "the worker is not replaced")
    moved = plant.clients.orders.copy()
    plant.until(lambda: len(plant.clients.orders) > len(moved), "nobody is served after a worker's death")
    return []


def of_a_backup(plant: Plant, draw: random.Random) -> list[str]:
    """A backup that is cut off leaves no file by that name; the next one is whole."""
    made = plant.begun_backup()
    time.sleep(draw.uniform(0, 0.05))
    made.kill()
    was_done = made.wait() == 0
    if plant.backup.exists() and not was_done and _restored(plant, {}):
        return ["a backup that was cut off stands there, broken"]
    return []


def of_the_server_in_a_backup(plant: Plant, draw: random.Random) -> list[str]:
    """The backup goes on, and holds all that was acknowledged before it began."""
    before = dict(plant.clients.orders)
    made = plant.begun_backup()
    time.sleep(draw.uniform(0, 0.05))
    plant.kill()
    if made.wait(WITHIN) != 0:
        return [f"the backup failed: {plant.log.read_text()[-300:]}"]
    return _restored(plant, before)


def _restored(plant: Plant, before: dict[str, str]) -> list[str]:
    to = plant.folder.parent / "restored"
    try:
        backup.read(plant.backup, to)
        return wrongs(state(to), before, {}, is_over=False)
    except ValueError as error:
        return [str(error)]
    finally:
        shutil.rmtree(to, ignore_errors=True)


def on_a_full_disk(plant: Plant, draw: random.Random) -> list[str]:
    """Killed while it refuses; every second time started on the disk that is still full."""
    if plant.process is None:
        return ["no server"]
    time.sleep(draw.uniform(0.05, 0.2))
    refused = plant.clients.refused["storage"]
    with full(plant):
        plant.until(lambda: plant.clients.refused["storage"] > refused, "the disk is not full")
        time.sleep(draw.uniform(0, 0.3))
        plant.kill()
    return []


@contextlib.contextmanager
def full(plant: Plant) -> Iterator[None]:
    """No room, while the block lasts."""
    if not plant.small and plant.process is not None:
        limited(plant.process.pid, 64 << 10)
        yield
        if plant.process is not None:
            limited(plant.process.pid, None)
        return
    with plant.filler.open("wb", buffering=0) as file:
        for size in (16 << 20, 1 << 20, 64 << 10, 4 << 10):
            with contextlib.suppress(OSError):
                while file.write(b"0" * size) == size:
                    pass
    try:
        yield
    finally:
        plant.filler.unlink()


def limited(server: int, size: int | None) -> None:
    """No file of these processes may grow beyond; None: as far as they may at all."""
    for pid in [server, *children(server)]:
        hard = resource.prlimit(pid, resource.RLIMIT_FSIZE)[1]
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (hard if size is None else size, hard))


CHECKPOINTER = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=5)
while True:
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
"""


def in_a_checkpoint(plant: Plant, draw: random.Random) -> list[str]:
    """While another process folds the log into the file without a pause; it is killed too."""
    folding = plant.spawn("-c", CHECKPOINTER, str(plant.folder / FILE))
    try:
        time.sleep(draw.uniform(0.15, 0.6))
        if draw.random() < 0.5:
            folding.kill()
        plant.kill()
    finally:
        folding.kill()
        folding.wait()
    return []


class Kind(msgspec.Struct, frozen=True):
    run: Callable[[Plant, random.Random], list[str]]
    workers: int = 1


KINDS: dict[str, Kind] = {
    "server": Kind(of_the_server),
    "worker": Kind(of_one_worker, workers=2),
    "backup": Kind(of_a_backup),
    "in-backup": Kind(of_the_server_in_a_backup),
    "full": Kind(on_a_full_disk),
    "checkpoint": Kind(in_a_checkpoint),
}


# The run ------------------------------------------------------------------------------------------------------


def run(place: Path, kinds: list[str], seed: int, small: bool = False, say: Any = print) -> list[Kill]:
    """One company through these kills, one after another; the last result is of the end, everybody answered."""
    draw, done = random.Random(seed), list[Kill]()
    plant = Plant(place, seed, small)
    try:
        for n, name in enumerate(kinds):
            kind = KINDS[name]
            plant.serve(kind.workers)
            if n == 0:
                plant.clients.start()
                plant.until(lambda: len(plant.clients.results) > 0, "no load")
            wrong = kind.run(plant, draw)
            orders, results = dict(plant.clients.orders), dict(plant.clients.results)
            found = state(plant.folder, is_live=plant.process is not None)
            wrong = [*wrong, *wrongs(found, orders, results, is_over=False)]
            done.append(_kill(name, plant, len(orders) + len(results), found, wrong))
            say(row(done[-1]))
            plant.stop()
        plant.serve()
        done.append(_end(plant))
        say(row(done[-1]))
    finally:
        plant.clients.finish(is_hopeless=True)
        plant.kill()
    return done


def _end(plant: Plant) -> Kill:
    """All clients answered: what is stored is what was acknowledged, and all is said word for word again."""
    plant.clients.finish()
    wrong = plant.clients.faults + plant.clients.asked_again()
    if plant.clients.faults:
        wrong.append(plant.log.read_text()[-4000:])
    if (code := plant.stop()) != 0:
        wrong.append(f"the last stop ended with {code}")
    found = state(plant.folder)
    orders, results = plant.clients.orders, plant.clients.results
    wrong += wrongs(found, orders, results, is_over=True)
    return _kill("(end)", plant, len(orders) + len(results), found, wrong)


def _kill(kind: str, plant: Plant, told: int, found: State, wrong: list[str]) -> Kill:
    return Kill(kind, told, len(found.orders) + len(found.ops), found.entries, wrong, plant.ready_s)


def row(one: Kill) -> str:
    return (
        f"{one.kind:<12}{one.acknowledged:>8} acknowledged {one.stored:>8} stored {one.entries:>8} entries  "
        f"ready {one.ready_s:5.2f} s  {'; '.join(one.wrong[:3]) or 'whole'}"
    )


def table(done: list[Kill]) -> None:
    print(f"\n{'kind':<12}{'kills':>6}{'wrong':>7}{'median ready s':>16}")
    for kind in [*KINDS, "(end)"]:
        mine = [one for one in done if one.kind == kind]
        if mine:
            bad = sum(1 for one in mine if one.wrong)
            ready = statistics.median(one.ready_s for one in mine)
            print(f"{kind:<12}{len(mine):>6}{bad:>7}{ready:>16.2f}")


@contextlib.contextmanager
def disk(given: str) -> Iterator[tuple[Path, bool]]:
    """(a place, is it a small disk of its own)."""
    with tempfile.TemporaryDirectory(dir=given or None) as place:
        if given:
            yield Path(place), shutil.disk_usage(place).total <= 4 * SMALL
            return
        mount = ["mount", "-t", "tmpfs", "-o", f"size={SMALL}", "tmpfs", place]
        is_own = os.geteuid() == 0 and shutil.which("mount") is not None
        is_own = is_own and subprocess.run(mount, capture_output=True).returncode == 0
        try:
            yield Path(place), is_own
        finally:
            if is_own:
                subprocess.run(["umount", "-l", place], check=True)


def main() -> None:
    words = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    words.add_argument("--kills", type=int, default=100)
    words.add_argument("--seed", type=int, default=int(time.time()))
    words.add_argument("--kinds", default=",".join(KINDS))
    words.add_argument("--disk", default="", help="a folder on a small disk (at most 1.6 GB)")
    given = words.parse_args()
    print(f"{server.machine()}; seed {given.seed}")
    kinds = given.kinds.split(",")
    order = [kinds[n % len(kinds)] for n in range(given.kills)]
    random.Random(given.seed).shuffle(order)
    done: list[Kill] = []
    acknowledged = 0
    for start in range(0, len(order), LIVES):
        with disk(given.disk) as (place, is_small):
            done += run(place, order[start : start + LIVES], given.seed + start, is_small)
            acknowledged += done[-1].acknowledged
    table(done)
    bad = [one for one in done if one.wrong]
    kills = sum(1 for one in done if one.kind != "(end)")
    print(f"{kills} kills, {acknowledged} orders and ops acknowledged, {len(bad)} times something wrong")
    print(server.machine())
    raise SystemExit(1 if bad else 0)


if __name__ == "__main__":
    main()
