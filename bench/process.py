"""The hub's own processes, as a bench starts, kills and stops them."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from bench import server

WITHIN = 120.0  # a crowded machine is no fault


def spawned(log: Path, words: list[str], given: Mapping[str, str]) -> "subprocess.Popen[bytes]":
    """`python …` with these settings and none of the environment's; what it prints goes to `log`."""
    environ = {k: v for k, v in os.environ.items() if not k.startswith("HUODAONA_")} | {**given}
    with log.open("ab") as out:
        return subprocess.Popen(
            [sys.executable, *words], cwd=server.ROOT, env=environ, stdout=out, stderr=out
        )


def children(pid: int) -> list[int]:
    with contextlib.suppress(OSError):
        return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return []


def killed(process: "subprocess.Popen[bytes]") -> None:
    """With the processes that it has made."""
    for pid in [process.pid, *children(process.pid)]:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    process.wait()


def stopped(process: "subprocess.Popen[bytes]") -> int:
    """SIGTERM; the exit code."""
    process.send_signal(signal.SIGTERM)
    return process.wait(WITHIN)


class Held:
    """At most one process of the hub, which goes and is another one then."""

    process: "subprocess.Popen[bytes] | None" = None

    def kill(self) -> None:
        if self.process is not None:
            killed(self.process)
            self.process = None

    def stop(self) -> int:
        """The exit code."""
        code = 0 if self.process is None else stopped(self.process)
        self.process = None
        return code


def until(what: Callable[[], bool], else_say: str, log: Path) -> None:
    end = time.monotonic() + WITHIN
    while not what():
        if time.monotonic() > end:
            raise RuntimeError(f"{else_say}: {log.read_text()[-2000:]}")
        time.sleep(0.002)
