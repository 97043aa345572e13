"""The loops beside the requests: checkpoints, and sweeping what has lapsed. One thread a process; every piece of
work is a unit of work like any other, so that two workers do no harm.
"""

import sqlite3
import threading
import time
from pathlib import Path
from typing import Any

import structlog

from api.db.database import Database
from api.db.tx import Tx
from api.journal import signing
from api.journal.signing import Signer
from api.kernel.errors import Refused
from api.kernel.time import Clock
from api.people import service as people
from api.web import commands

ENTRIES = 1_000
LOOK_EVERY = 2.0
# Spans are seconds of the machine's running time: a wall clock that jumps back must not silence the loops.
CHECKPOINT_EVERY = 600.0
SWEEP_EVERY = 600.0
log = structlog.get_logger()


class Worker:
    def __init__(self, db: Database, clock: Clock, secret: bytes, folder: Path) -> None:
        self._db, self._clock = db, clock
        self._signer = Signer(db, secret, folder)
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
        """Sign what is new, now. Storage that refuses stops no server: it is logged, the next one catches up."""
        try:
            return self._signer.sign(self._clock())
        except (Refused, OSError, sqlite3.Error) as error:
            log.error("checkpoint.failed", error=str(error))
            return None

    def _is_behind(self) -> bool:
        """Another process's entries are not heard here, so they are counted."""
        return self._db.reader.now(signing.uncovered) >= ENTRIES

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
        swept = signed = time.monotonic()
        while True:
            is_due = self._due.wait(timeout=LOOK_EVERY)
            self._due.clear()
            if self._is_stopping:
                return
            now = time.monotonic()
            try:
                if is_due or now - signed >= CHECKPOINT_EVERY or self._is_behind():
                    signed = now
                    self.checkpoint()
                if now - swept >= SWEEP_EVERY:
                    swept = now
                    self.sweep()
            except Exception as error:  # the loops outlive whatever one round meets
                log.error("worker.failed", error=repr(error))
