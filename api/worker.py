"""The loops beside the requests: checkpoints, and sweeping what has lapsed. One thread a process, of which one at a
time works: who holds `worker.lock` in the data folder; when it dies, another one goes on within seconds.
"""

import threading
import time
from pathlib import Path
from typing import Any

from api.channels import service as gateway
from api.channels.asking.rounds import Asking
from api.channels.store import sealing_key
from api.db import storage
from api.db.database import Database, Lock
from api.db.siblings import ENTRIES as HEARD
from api.db.tx import Tx
from api.journal import signing
from api.journal.anchor import Anchor
from api.journal.signing import Signer
from api.kernel.errors import Refused
from api.kernel.log import log, thread
from api.kernel.time import DAY, Clock
from api.orders import auditing, learning, moving, promising
from api.outbound.guard import PUBLIC_ONLY, Allowed
from api.people import service as people
from api.people import tries
from api.robots.model import Robot
from api.web import commands
from api.wms.lanes import Lanes
from api.wms.store import sealing_key as wms_key

ENTRIES = 1_000
LOOK_EVERY = 2.0
# What siblings commit is not heard, only counted.
LOOK_AT_SIBLINGS = 0.25
# Spans are seconds of the machine's running time: a wall clock that jumps back must not silence the loops.
CHECKPOINT_EVERY = 600.0
SWEEP_EVERY = 600.0
# What a promise held is free the moment it lapses; this is how long others may wait who were refused it before.
LAPSE_EVERY = 20.0
ASK_EVERY = 30.0
DATE_AT_START, DATE_EVERY = 10.0, 30.0
TELL_EVERY = 0.5
LOOK_AT_WMS = 5.0
# How long a stop waits for a chat that does not answer.
PATIENCE = 3.0


class Worker:
    def __init__(
        self,
        db: Database,
        clock: Clock,
        secret: bytes,
        folder: Path,
        timezone: str = "Asia/Shanghai",
        robots: tuple[Robot, ...] = (),
        inbox_ms: int = 180 * DAY,
        ask_ms: int = 0,
        private: Allowed = PUBLIC_ONLY,
    ) -> None:
        """`folder`: where checkpoints are laid; `robots`: the chats that get them too. `inbox_ms`: how long a raw message
        is kept once it is understood; `ask_ms`: how long an order may be unpaid until its platform is asked (0: never);
        `private`: which private places may be asked."""
        self._db, self._clock, self._timezone = db, clock, timezone
        self._inbox_ms, self._ask_ms, self._secret = inbox_ms, ask_ms, secret
        self._private = private
        self._signer = Signer(db, secret, folder)
        self._anchor = Anchor(db, robots, clock)
        self._lock = Lock(db.folder / "worker.lock")
        self._heard = 0
        self._swept = self._signed = self._counted = self._lapsed = 0.0
        self._due = threading.Event()
        self._is_stopping = False
        self._stopped = threading.Event()
        self._thread: threading.Thread | None = None
        self._speaking: threading.Thread | None = None
        self._asking: threading.Thread | None = None
        self._dating: threading.Thread | None = None
        self._telling: threading.Thread | None = None
        self._has_wms = False

    def heard(self, _: list[Any]) -> None:
        """Listens to the database: a checkpoint is due every so many entries of all processes together."""
        if self._is_full():
            self._due.set()

    def _is_full(self) -> bool:
        return self._db.siblings.total(HEARD) - self._heard >= ENTRIES

    def checkpoint(self) -> str | None:
        """Sign what is new, now. Storage that refuses, or a checkpoint that somebody edited, stops no server: it is
        logged, the next one catches up."""
        try:
            return self._signer.sign(self._clock())
        except storage.errors(Refused, OSError, ValueError) as error:
            log.error("checkpoint.failed", error=str(error))
            return None

    def _is_behind(self) -> bool:
        """Entries of a process that is no sibling are looked for in the database; midnight is the company's own."""
        stands = self._db.reader.now(signing.standing)
        if stands.uncovered >= ENTRIES:
            return True
        return stands.uncovered > 0 and signing.is_another_day(stands, self._clock(), self._timezone)

    def sweep(self) -> None:
        now = self._clock()

        def work(tx: Tx) -> None:
            people.sweep(tx, now)
            tries.sweep(tx, now)
            commands.sweep(tx, now)

        self._db.writer.now(work)
        # A part at a time, so that nobody waits for a year of messages.
        while self._db.writer.now(lambda tx: gateway.sweep(tx, now - self._inbox_ms, now)):
            if self._is_stopping:
                return

    def lapse(self) -> None:
        """Promises whose time is over end; those who wait for their pieces get them."""
        now = self._clock()
        if self._db.reader.now(lambda tx: promising.is_due(tx, now)):
            while self._db.writer.now(lambda tx: promising.sweep(tx, now)) and not self._is_stopping:
                pass

    def audit(self) -> None:
        """Each night: sums that do not agree are told to the log, the first one by name; `doctor` tells all."""
        wrong = self._db.reader.now(auditing.faults)
        if wrong:
            log.error("stock.drift", first=wrong[0], count=len(wrong))

    def start(self) -> None:
        self._lock.take()
        self._thread = thread(self._serve, "worker")
        self._thread.start()
        if self._anchor.robots:
            # A thread of its own: a chat that does not answer delays no checkpoint.
            self._speaking = thread(self._speak, "robots")
            self._speaking.start()
        self._telling = thread(self._tell, "wms")
        self._telling.start()
        if self._ask_ms:
            self._asking = thread(self._ask, "asking")
            self._asking.start()
        # A thread of its own: a night's learning delays no checkpoint.
        self._dating = thread(self._date, "dates")
        self._dating.start()

    def stop(self) -> None:
        self._is_stopping = True
        self._due.set()
        if self._thread is not None:
            self._thread.join()
        self._stopped.set()
        if self._speaking is not None:
            self._speaking.join(PATIENCE)
        if self._asking is not None:
            self._asking.join(PATIENCE)
        if self._dating is not None:
            self._dating.join(PATIENCE)
        if self._telling is not None:
            self._telling.join(PATIENCE)
        self._lock.release()

    def _speak(self) -> None:
        while not self._stopped.wait(LOOK_EVERY):
            try:
                if self._lock.is_held:
                    self._anchor.post()
            except Exception as error:  # the loops outlive whatever one round meets
                log.error("robots.failed", error=type(error).__name__)

    def _tell(self) -> None:
        key = wms_key(self._secret)
        lanes = Lanes(self._db, self._clock, key, self._private, self._timezone)
        # Who has no such warehouse pays a look now and then.
        while not self._stopped.wait(TELL_EVERY if self._has_wms else LOOK_AT_WMS):
            try:
                if self._lock.is_held:
                    self._has_wms = lanes.is_wanted()
                    if self._has_wms:
                        lanes.round(self._stopped.is_set)
            except Exception as error:  # the loops outlive whatever one round meets
                log.error("wms.failed", error=type(error).__name__)
        lanes.stop()

    def _ask(self) -> None:
        if self._stopped.wait(ASK_EVERY):
            return
        key = sealing_key(self._secret)
        asking = Asking(self._db, self._clock, key, self._timezone, self._ask_ms, allowed=self._private)
        while not self._stopped.wait(ASK_EVERY):
            try:
                if self._lock.is_held:
                    asking.round(self._stopped.is_set)
            except Exception as error:  # the loops outlive whatever one round meets
                log.error("asking.failed", error=type(error).__name__)

    def _date(self) -> None:
        """Promises that cannot be kept are told so; what is learnt of deliveries, at start where nothing was learnt
        today, then after each midnight of the company."""
        wait = DATE_AT_START
        while not self._stopped.wait(wait):
            wait = DATE_EVERY
            try:
                if self._lock.is_held:
                    now = self._clock()
                    moving.sweep(self._db, now, self._timezone, self._stopped.is_set)
                    if self._db.reader.now(lambda tx: learning.is_stale(tx, self._clock(), self._timezone)):
                        learning.learn(self._db, now, self._timezone)
                        self.audit()
            except Exception as error:  # the loops outlive whatever one round meets
                log.error("dates.failed", error=type(error).__name__)

    def _serve(self) -> None:
        self._swept = self._signed = self._counted = self._lapsed = time.monotonic()
        look = LOOK_EVERY if self._db.siblings.is_alone else LOOK_AT_SIBLINGS
        while True:
            self._due.wait(timeout=look)
            self._due.clear()
            if self._is_stopping:
                return
            try:
                if self._lock.take():
                    self._round(time.monotonic())
                elif self._is_full():  # the one who works has signed them
                    self._heard = self._db.siblings.total(HEARD)
            except Exception as error:  # the loops outlive whatever one round meets
                log.error("worker.failed", error=repr(error))

    def _round(self, now: float) -> None:
        """Whatever is due."""
        is_due = self._is_full() or now - self._signed >= CHECKPOINT_EVERY
        if not is_due and now - self._counted >= LOOK_EVERY:
            self._counted = now
            is_due = self._is_behind()
        if is_due:
            self._signed, self._heard = now, self._db.siblings.total(HEARD)
            self.checkpoint()
        if now - self._lapsed >= LAPSE_EVERY:
            self._lapsed = now
            self.lapse()
        if now - self._swept >= SWEEP_EVERY:
            self._swept = now
            self.sweep()
