"""The loops beside the requests: checkpoints, and sweeping what has lapsed. One thread a process; every piece of
work is a unit of work like any other, so that two workers do no harm.
"""

import threading
from pathlib import Path
from typing import Any

import structlog

from api.db.database import Database
from api.db.tx import Tx
from api.journal import checkpoint, guard
from api.kernel.errors import Refused
from api.kernel.time import MINUTE, Clock
from api.people import service as people
from api.web import commands

ENTRIES = 1_000
CHECKPOINT_EVERY = 10 * MINUTE
SWEEP_EVERY = 10 * MINUTE
log = structlog.get_logger()


class Worker:
    def __init__(self, db: Database, clock: Clock, secret: bytes, folder: Path) -> None:
        self._db, self._clock, self._folder = db, clock, folder
        self._key = checkpoint.signing_key(secret)
        self._since = 0
        self._due = threading.Event()
        self._is_stopping = False
        self._thread: threading.Thread | None = None

    def heard(self, messages: list[Any]) -> None:
        """Listens to the database: a checkpoint is due every so many entries."""
        self._since += sum(1 for message in messages if message[0] == "entry")
        if self._since >= ENTRIES:
            self._since = 0
            self._due.set()

    def checkpoint(self) -> str | None:
        """Sign what is new, now."""
        now = self._clock()
        return self._db.writer.now(lambda tx: guard.make(tx, self._key, self._folder, now))

    def sweep(self) -> None:
        now = self._clock()

        def work(tx: Tx) -> None:
            people.sweep(tx, now)
            commands.sweep(tx, now)

        self._db.writer.now(work)

    def start(self) -> None:
        self._thread = threading.Thread(target=self._serve, name="worker", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._is_stopping = True
        self._due.set()
        if self._thread is not None:
            self._thread.join()

    def _serve(self) -> None:
        swept = signed = self._clock()
        while True:
            is_due = self._due.wait(timeout=30)
            self._due.clear()
            if self._is_stopping:
                return
            now = self._clock()
            try:
                if is_due or now - signed >= CHECKPOINT_EVERY:
                    signed = now
                    self.checkpoint()
                if now - swept >= SWEEP_EVERY:
                    swept = now
                    self.sweep()
            except Refused as refused:
                log.error("worker.refused", code=refused.code)
