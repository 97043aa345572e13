"""A backup while the server writes at full load: how long commits pause, how far the log grows, what is in the copy.

    python -m bench.backup [--megabytes 300] [--seconds 6] [--disk DIR]

One process, our own clients; the file is first filled up with attachments. The longest pause is the longest time in which
no client anywhere got an answer, without a backup and during one. Ends with 1 where the restored copy lacks an order that
was acknowledged before the backup began, where its journal is not whole, or where its stock sums drift.
"""

import argparse
import itertools
import sqlite3
import tempfile
import threading
import time
from pathlib import Path

import msgspec

from api.db.database import FILE
from api.setup import backup
from bench import server
from bench.crash import Plant
from bench.crashed import state, wrongs

FILL = """INSERT INTO attachments (order_no, kind, name_ref, media, size, digest, content, actor, at)
 VALUES ('filler', 'document', 0, 'application/octet-stream', 1000000, '', randomblob(1000000), 'system', 0)"""


class Span(msgspec.Struct, frozen=True):
    """Answers in a stretch of time; `pause_ms` is the longest without any; `log_mb` how far the log got."""

    seconds: float
    answers: int
    pause_ms: float
    log_mb: int


class Watch:
    """Looks at the clients' count of answers each half millisecond, and at the log's size."""

    def __init__(self, plant: Plant) -> None:
        self._plant, self._is_over = plant, threading.Event()
        self._seen: list[float] = []
        self._log, self._begun, self._count = 0, time.perf_counter(), self._answers()
        self._thread = threading.Thread(target=self._look)
        self._thread.start()

    def _answers(self) -> int:
        return len(self._plant.clients.orders) + len(self._plant.clients.results)

    def _look(self) -> None:
        last, log = self._count, self._plant.folder / f"{FILE}-wal"
        while not self._is_over.wait(0.0005):
            if (now := self._answers()) != last:
                self._seen.append(time.perf_counter())
                last = now
                self._log = max(self._log, log.stat().st_size if log.exists() else 0)

    def end(self) -> Span:
        self._is_over.set()
        self._thread.join()
        ended = time.perf_counter()
        at = [self._begun, *self._seen, ended]
        pause = max(b - a for a, b in itertools.pairwise(at))
        return Span(ended - self._begun, self._answers() - self._count, pause * 1000, self._log >> 20)


def filled(plant: Plant, megabytes: int) -> None:
    connection = sqlite3.connect(plant.folder / FILE)
    for _ in range(megabytes):
        connection.execute(FILL)
        connection.commit()
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()


def measured(place: Path, megabytes: int, seconds: float) -> list[str]:
    """Prints the table; what is wrong with the copy."""
    plant = Plant(place, 1, small=False)
    filled(plant, megabytes)
    try:
        plant.serve()
        plant.clients.start()
        plant.until(lambda: len(plant.clients.results) > 100, "no load")
        watch = Watch(plant)
        time.sleep(seconds)
        rows = [("without", watch.end())]
        before = dict(plant.clients.orders)
        watch = Watch(plant)
        words = ("-m", "api", "backup", str(plant.backup), "--data", str(plant.folder))
        code = plant.spawn(*words).wait(600)
        rows.append(("backup", watch.end()))
        watch = Watch(plant)
        time.sleep(seconds)
        rows.append(("after", watch.end()))
    finally:
        plant.clients.finish()
        plant.stop()
    print(f"{'':<9}{'seconds':>9}{'answers/s':>11}{'longest pause ms':>18}{'log MB':>8}")
    for name, one in rows:
        print(
            f"{name:<9}{one.seconds:>9.1f}{one.answers / one.seconds:>11.0f}{one.pause_ms:>18.0f}{one.log_mb:>8}"
        )
    if code != 0:
        return [plant.log.read_text()[-500:]]
    pos = backup.read(plant.backup, place / "restored")
    found = state(place / "restored")
    print(f"{plant.backup.stat().st_size >> 20} MB, {len(found.orders)} orders, up to entry {pos}")
    return wrongs(found, before, {}, is_over=False)


def main() -> None:
    words = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    words.add_argument("--megabytes", type=int, default=300)
    words.add_argument("--seconds", type=float, default=6)
    words.add_argument("--disk", default=None)
    given = words.parse_args()
    print(server.machine())
    with tempfile.TemporaryDirectory(dir=given.disk) as place:
        wrong = measured(Path(place), given.megabytes, given.seconds)
    server.ended(wrong)


if __name__ == "__main__":
    main()
