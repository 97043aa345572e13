"""The one writer: every command runs on this thread, and whatever waits is committed as one group.

Each command stands under its own SAVEPOINT, so a refusal undoes that command alone. Nobody is told
anything before the group's COMMIT has reached the disk. Where the engine drops the whole transaction (disk
full, I/O error), nobody in the group is acknowledged. Several processes take turns, by the engine's means.
"""

import asyncio
import contextlib
import math
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, TypeVar

from api.db import storage
from api.db.engine import Engine
from api.db.job import Job, Work
from api.db.lookups import Ahead, Lookup
from api.db.queries import Query
from api.db.siblings import DAMAGED, Siblings
from api.db.turns import Turns
from api.db.tx import Redo, Tx
from api.kernel.errors import Refused
from api.kernel.log import log, thread

T = TypeVar("T")

GROUP = 200
# How long at most the next group waits for the loop that is waking the last one's callers.
SETTLE_S = 0.01
FEW = 8
CAREFUL = 50
# A new command is turned away when what waits is more work than this, at the pace of the last groups; and beyond so
# many commands in any case.
BUSY_S = 2.0
QUEUE = 20_000
PACE_S = 0.000_5  # of one command, before any was measured
# How long a group that met a passing fault (a server that starts anew) is tried again.
PATIENCE_S = 5.0
PAUSE_S = 0.05


class Writer:
    def __init__(
        self,
        engine: Engine,
        listeners: list[Callable[[list[Any]], None]] | None = None,
        changes: Query | None = None,
        siblings: Siblings | None = None,
    ) -> None:
        """`changes` tells a value that goes on with every change of a slow-moving table, and the oldest program that may
        serve; `siblings`: who writes to the same file."""
        self._engine = engine
        self.listeners = listeners if listeners is not None else []
        self._waiting: Turns[Job] = Turns()
        self._pace = PACE_S
        self._wake = threading.Condition()
        self._stopping = False
        self._settled = threading.Event()
        self._settled.set()
        self._careful = 0
        self.commits = 0
        self._siblings = siblings
        self._trouble: storage.StorageFault | None = None
        self._connection = engine.open()
        self._tx = Tx(self._connection)
        self._version, self._slow, self._changes = -1, None, changes
        self._thread = thread(self._serve, "writer")
        self._thread.start()

    @property
    def waiting(self) -> int:
        return len(self._waiting)

    @property
    def trouble(self) -> storage.StorageFault | None:
        """Why the last group could not be stored; None once one could. What one process found damaged is so for all."""
        is_damaged = self._siblings is not None and self._siblings.total(DAMAGED) > 0
        return storage.DAMAGED if is_damaged else self._trouble

    async def run(
        self, work: Work[T], *, is_pure: bool = False, source: str = "", weight: int = 1,
        ahead: Ahead | None = None,
    ) -> T:  # fmt: skip
        """Run a unit of work; returns after the commit. Raises what the work raised, `storage` or `busy`.

        `source`: whose it is, for turns; `weight`: how many single commands it is worth; `ahead`: what it will look up.
        """
        job = Job(work, asyncio.get_running_loop(), is_pure, source, weight, ahead)
        self._put(job)
        result: T = await job.future
        return result

    def now(self, work: Work[T]) -> T:
        """The same for callers without an event loop (the command line, loaders, tests)."""
        job = Job(work, None)
        self._put(job)
        result: T = job.future.result()
        return result

    def later(self, work: Work[Any]) -> None:
        """Fire and forget: for what nobody waits for (a look at an order). Dropped when the queue is long."""
        job = Job(work, None)
        job.future.add_done_callback(_note_failure)
        if self._waiting.weight * self._pace < BUSY_S / 2:
            with contextlib.suppress(Refused):
                self._put(job)

    def _put(self, job: Job) -> None:
        with self._wake:
            if self._stopping:
                raise Refused("stopping")
            if self.trouble is storage.DAMAGED:
                raise storage.refused(storage.DAMAGED)
            seconds = self._waiting.weight * self._pace
            if seconds > BUSY_S or len(self._waiting) >= QUEUE:
                raise Refused("busy", seconds=max(2, math.ceil(seconds)))
            self._waiting.put(job)
            self._wake.notify()

    def stop(self) -> None:
        """Finish what was accepted, then close; a second call does nothing."""
        with self._wake:
            was_stopping, self._stopping = self._stopping, True
            self._wake.notify()
        self._thread.join()
        if not was_stopping:
            self._connection.close()

    def _serve(self) -> None:
        while True:
            if not self._settled.wait(SETTLE_S):
                self._settled.set()  # that loop is busy with something else, or gone
            with self._wake:
                while not self._waiting and not self._stopping:
                    self._wake.wait()
                if not self._waiting:
                    return
                group = self._waiting.take(GROUP)
            begun = time.monotonic()
            try:
                told = self._commit(group)
            except Exception as error:  # whatever it is, this thread serves on and nobody waits for ever
                told = []
                self._fail(group, error)
            # A group of one costs a commit as one of a hundred does: it says little of what a hundred would cost.
            weight = max(GROUP // 2, sum(job.weight for job in group))
            self._pace += ((time.monotonic() - begun) / weight - self._pace) / 8
            # The listeners first: who is acknowledged may rely on what the house then knows.
            self._hear(told)
            self._tell(group)

    def _tell(self, group: list[Job]) -> None:
        """Wake each loop once for all of its commands."""
        by_loop: dict[Any, list[Job]] = {}
        for job in group:
            by_loop.setdefault(job.loop, []).append(job)
        for loop, jobs in by_loop.items():
            if loop is None:
                for job in jobs:
                    job.tell()
                continue
            self._settled.clear()
            try:
                loop.call_soon_threadsafe(self._told, loop, jobs)
            except RuntimeError:  # that loop has closed: its callers are gone, the commands stand
                self._settled.set()

    def _told(self, loop: asyncio.AbstractEventLoop, jobs: list[Job]) -> None:
        """On the loop. Two threads that both want the interpreter hand it over at every statement, which measured
        half of the writer's time: the next group begins once the loop has answered, and read what came back."""
        for job in jobs:
            job.tell()
        if len(jobs) > FEW:
            loop.call_later(0.001, self._settled.set)
        else:
            loop.call_soon(loop.call_soon, self._settled.set)

    def _hear(self, told: list[Any]) -> None:
        for listen in self.listeners if told else ():
            try:
                listen(told)
            except Exception as error:  # a listener's fault is not the command's
                log.error("listener.failed", error=repr(error))

    def _commit(self, group: list[Job]) -> list[Any]:
        """Stores the group, again where a fault passes; returns what the listeners are to hear."""
        until, pause = 0.0 if self.trouble else time.monotonic() + PATIENCE_S, PAUSE_S
        while True:
            try:
                return self._store(group)
            except storage.errors() as error:
                if storage.trouble(error) not in storage.PASSING or time.monotonic() > until:
                    raise
                self._spare(group, error)
                if not group:
                    return []
                time.sleep(pause)
                pause = min(1.0, pause * 2)

    def _spare(self, group: list[Job], error: Exception) -> None:
        """Only who has not begun, or may be run again, stays in the group."""
        log.warning("group.again", commands=len(group), error=repr(error))
        self._tx.drop()
        spent = [job for job in group if job.has_begun and not job.is_pure]
        for job in spent:
            job.error = storage.refused(storage.trouble(error))
        group[:] = [job for job in group if job not in spent]
        self._tell(spent)

    def _store(self, group: list[Job]) -> list[Any]:
        """One transaction for the whole group."""
        connection = self._connection
        if connection.in_transaction:  # the last group's undoing failed as well
            connection.execute("ROLLBACK")
        with self._engine.turn(connection):
            try:
                self._fill(group)
                told = self._all(group)
                self._engine.tell(connection, told)
                self._engine.commit(connection)
                self.commits += 1
                self._trouble = None
            finally:
                self._tx.after = []
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
        return told

    def _fill(self, group: list[Job]) -> None:
        """What came while another process had its turn comes along."""
        with self._wake:
            room = GROUP - sum(job.weight for job in group)
            if room > 0:
                group += self._waiting.take(room)

    def _all(self, group: list[Job]) -> list[Any]:
        """Those that may be run again share the group's fate while it is run, the others follow one by one."""
        shared = [] if self._is_careful() else [job for job in group if job.is_pure]
        alone = [job for job in group if not job.is_pure] if shared else group
        self._begin()
        self._look_ahead(group)
        told = self._together(shared)
        if told is None:
            self._begin()
            return self._each(group)
        return told + self._each(alone)

    def _look_ahead(self, group: list[Job]) -> None:
        """One statement for each kind of look-up in place of one for each command. What cannot be asked for together, a
        command meets by itself."""
        keys: dict[Lookup, dict[Any, None]] = {}
        for job in group:
            try:
                for lookup, key in job.ahead(self._tx) if job.ahead is not None else ():
                    keys.setdefault(lookup, {})[key] = None
            except Exception as error:  # a neighbour's fault is not the group's
                self._must_stand(error)
        try:
            for lookup, those in keys.items():
                lookup.fetch(self._tx, those)
        except Refused as error:  # a text that the engine does not take
            self._must_stand(error)

    def _is_careful(self) -> bool:
        """After a group that had to be run twice, the next ones are careful from the start."""
        self._careful -= self._careful > 0
        return self._careful > 0

    def _together(self, group: list[Job]) -> list[Any] | None:
        """Without savepoints, which measured a tenth of an order's cost. None: a command failed after it had
        written, so nothing of the group stands and each has to be run alone.
        """
        tx, told = self._tx, list[Any]()
        tx.is_careful = False
        for job in group:
            tx.after, before, job.error = [], tx.writes, None
            try:
                job.result = job.work(tx)
            except BaseException as error:
                self._must_stand(error)
                if tx.writes != before or self._engine.is_spoiled(self._connection):
                    self._undo()
                    return None
                job.error = _travelling(error)
                continue
            self._must_stand(None)
            told += tx.after
        try:
            tx.flush()
        except storage.errors(Redo, Refused) as error:
            self._must_stand(error)
            self._undo()
            return None
        return told

    def _undo(self) -> None:
        """Nothing of the group stands, and the next ones are careful from the start."""
        self._connection.execute("ROLLBACK")
        self._tx.drop()
        self._careful = CAREFUL

    def _each(self, group: list[Job]) -> list[Any]:
        """Every command under its own savepoint."""
        told: list[Any] = []
        self._tx.is_careful = True
        for job in group:
            job.error = None
            self._one(job)
            self._must_stand(None)
            told += self._tx.after
        return told

    def _begin(self) -> None:
        self._notice_others(self._engine.begin(self._connection))

    def _must_stand(self, error: BaseException | None) -> None:
        """Raises where the engine has given up the group's transaction."""
        if error is not None and storage.is_storage_fault(error):
            raise storage.Dropped(str(error)) from error
        if not self._connection.in_transaction:
            raise storage.Dropped("the engine dropped the transaction") from error

    def _one(self, job: Job) -> None:
        connection = self._connection
        self._tx.after, job.has_begun = [], True
        connection.execute("SAVEPOINT one")
        try:
            job.result = job.work(self._tx)
            self._tx.flush()
            connection.execute("RELEASE one")
        except BaseException as error:
            self._must_stand(error)
            connection.execute("ROLLBACK TO one")
            connection.execute("RELEASE one")
            self._tx.after = []
            self._tx.drop()
            job.error = _travelling(error)

    def _fail(self, group: list[Job], error: Exception) -> None:
        log.error("group.failed", commands=len(group), error=repr(error))
        self._tx.drop()
        self._trouble = storage.trouble(error)
        if self._trouble is storage.DAMAGED and self._siblings is not None:
            self._siblings.put(DAMAGED, 1)
        for job in group:
            job.error = storage.refused(self._trouble)

    def _notice_others(self, version: int) -> None:
        """Another process's commit makes our derived values stale."""
        if version == self._version:
            return
        slow, oldest = (None, None) if self._changes is None else self._tx.must(self._changes)
        if slow is not None and slow < 0:  # what a move leaves behind
            raise storage.Moved
        if oldest is not None and oldest > self._engine.program:
            raise storage.Outdated
        self._version, before, self._slow = version, self._slow, slow
        if self._slow is not None and self._slow == before:
            self._tx.lapse()
        else:
            self._tx.drop()


def _travelling(error: BaseException) -> BaseException:
    """Some, handed to a waiting task, would end its loop or never arrive: they are told as a fault."""
    if isinstance(error, Exception) and not isinstance(error, StopIteration):
        return error
    return RuntimeError(f"the command raised {error!r}")


def _note_failure(future: "Future[Any]") -> None:
    error = future.exception()
    if error is not None and not isinstance(error, Refused):
        log.error("later.failed", error=repr(error))
