"""Several processes of one server: a parent forks them, replaces one that dies, and passes a stop on to all.

The parent has no threads and serves nobody. A child that dies is replaced at once, yet never more often than once a
second; one that never gets as far as serving is tried less and less often, and when none of them does, the parent
gives up. Where the parent itself is killed, the children notice (the pipe `Child.lifeline` ends) and finish.
"""

import contextlib
import os
import select
import signal
import sys
import time
import traceback
from collections.abc import Callable
from typing import NamedTuple

from api.kernel.log import log

STOPS = (signal.SIGTERM, signal.SIGINT)
SHORTEST = 1.0
LONGEST = 30.0
# A start that comes to nothing, so many times in a row, with nobody serving.
HOPELESS = 5
# Longer than a child gives its own connections.
PATIENCE = 15.0


class Child(NamedTuple):
    """Which one it is, and a pipe that ends with the parent."""

    n: int
    lifeline: int


class _Life:
    """One child's place: the process that fills it now, or when the next one is due."""

    def __init__(self) -> None:
        self.pid = 0
        self.began = self.due = 0.0
        self.lives = 0
        self.failures = 0


class Family:
    """`work(child)` runs in `count` processes; `lives(n)` counts how often the n-th got as far as serving."""

    def __init__(self, count: int, work: Callable[[Child], None], lives: Callable[[int], int]) -> None:
        self._work, self._lives_of = work, lives
        self._all = [_Life() for _ in range(count)]
        self._lifeline = os.pipe()
        self._signals = os.pipe()
        for end in self._signals:
            os.set_blocking(end, False)

    def run(self, begun: Callable[[], None], stopping: Callable[[], None]) -> bool:
        """Until SIGTERM or SIGINT; `begun` is called once all have been forked, and leaves no thread behind; `stopping`
        before the signals are passed on. False: no child could serve."""
        kept = {one: signal.signal(one, lambda *_: None) for one in (*STOPS, signal.SIGCHLD)}
        before = signal.set_wakeup_fd(self._signals[1])
        try:
            self._begin_due(time.monotonic())
            begun()
            is_well = self._keep()
            stopping()
            self._stop()
        finally:
            signal.set_wakeup_fd(before)
            for one, handler in kept.items():
                signal.signal(one, handler)
            for end in (*self._lifeline, *self._signals):
                os.close(end)
        return is_well

    def _keep(self) -> bool:
        while True:
            now = time.monotonic()
            self._begin_due(now)
            if any(one in STOPS for one in self._heard(self._soonest(now))):
                return True
            self._bury()
            if all(not life.lives and life.failures >= HOPELESS for life in self._all):
                log.error("processes.hopeless", tries=HOPELESS)
                return False

    def _begin_due(self, now: float) -> None:
        for n, life in enumerate(self._all):
            if not life.pid and life.due <= now:
                self._begin(n, life, now)

    def _soonest(self, now: float) -> float | None:
        """Seconds until a child is due; None: until a signal comes."""
        due = [life.due - now for life in self._all if not life.pid]
        return max(0.0, min(due)) if due else None

    def _heard(self, within: float | None) -> bytes:
        """The signals that came."""
        select.select([self._signals[0]], [], [], within)
        with contextlib.suppress(BlockingIOError):
            return os.read(self._signals[0], 1_024)
        return b""

    def _begin(self, n: int, life: _Life, now: float) -> None:
        life.began, life.lives = now, self._lives_of(n)
        sys.stdout.flush()
        sys.stderr.flush()
        # Held back until the child answers to them in its own way.
        signal.pthread_sigmask(signal.SIG_BLOCK, STOPS)
        life.pid = os.fork()
        if life.pid == 0:
            self._be(n)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, STOPS)

    def _be(self, n: int) -> None:
        """In the child: does its work and ends, whatever happens."""
        code = 1
        try:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
            # A terminal's Ctrl-C reaches the whole group: it stays held back here, the parent passes a stop on.
            signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})
            for end in (self._lifeline[1], *self._signals):
                os.close(end)
            self._work(Child(n, self._lifeline[0]))
            code = 0
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else int(end.code is not None)
        except BaseException:
            traceback.print_exc()
        finally:
            with contextlib.suppress(OSError, ValueError):
                sys.stdout.flush()
                sys.stderr.flush()
            os._exit(code)

    def _bury(self) -> None:
        """Who has died since; its place is due again."""
        for n, life in enumerate(self._all):
            if not life.pid:
                continue
            pid, status = os.waitpid(life.pid, os.WNOHANG)
            if not pid:
                continue
            has_served = self._lives_of(n) > life.lives
            life.failures = 0 if has_served else life.failures + 1
            life.lives += has_served
            life.pid = 0
            life.due = life.began + min(LONGEST, SHORTEST * 2 ** max(0, life.failures - 1))
            log.error("process.died", process=n, pid=pid, code=os.waitstatus_to_exitcode(status))

    def _stop(self) -> None:
        """SIGTERM to all; who has not ended when patience has, is killed."""
        until = time.monotonic() + PATIENCE
        self._tell(signal.SIGTERM)
        self._gone()  # who had died before: nothing will tell of it again
        while any(life.pid for life in self._all):
            left = until - time.monotonic()
            if left <= 0:
                log.error("processes.killed", pids=[life.pid for life in self._all if life.pid])
                self._tell(signal.SIGKILL)
                left = 1.0
            self._heard(left)
            self._gone()

    def _tell(self, what: signal.Signals) -> None:
        for life in self._all:
            if life.pid:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(life.pid, what)

    def _gone(self) -> None:
        for life in self._all:
            if life.pid and os.waitpid(life.pid, os.WNOHANG)[0]:
                life.pid = 0
