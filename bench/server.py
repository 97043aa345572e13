"""A real server process for a bench: `python -m api serve` (or the bare Litestar app), ready, and stopped again.

Also the line about the machine that stands over every table.
"""

import os
import platform
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

ROOT = Path(__file__).resolve().parents[1]
READY_S = 30.0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def hub(folder: Path, *words: str, url: str = "") -> Iterator[int]:
    """The hub on this folder, with more words such as `--demo`, and its database where that is another; yields its port."""
    port = free_port()
    more = {"HUODAONA_DATABASE_URL": url} if url else {}
    with _running(["-m", "api", "serve", "--data", str(folder), "--port", str(port), *words], port, more):
        yield port


@contextmanager
def bare() -> Iterator[int]:
    """Litestar that stores nothing."""
    port = free_port()
    with _running(["-m", "bench.limit", "--serve", str(port)], port):
        yield port


@contextmanager
def _running(words: list[str], port: int, more: dict[str, str] | None = None) -> Iterator[None]:
    environment = {k: v for k, v in os.environ.items() if not k.startswith("HUODAONA_")} | (more or {})
    process = subprocess.Popen([sys.executable, *words], cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)
    try:
        wait(process, port)
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


def wait(process: "subprocess.Popen[bytes]", port: int, within: float = READY_S) -> None:
    until = time.monotonic() + within
    while time.monotonic() < until:
        if process.poll() is not None:
            raise RuntimeError(f"the server ended with {process.returncode} before it answered")
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise RuntimeError("the server does not answer")


def processor_seconds(pid: int) -> float:
    """Of a process and its children so far, as the kernel counts it in hundredths; a busy machine leaves it alone."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except (FileNotFoundError, ProcessLookupError):  # it has ended meanwhile
        return 0.0
    own = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return own + sum(processor_seconds(int(child)) for child in children)


def ended(wrong: list[str]) -> NoReturn:
    """The machine once more, what was wrong, and the exit code that says so."""
    print(machine())
    for one in wrong:
        print(f"WRONG: {one}")
    raise SystemExit(1 if wrong else 0)


def machine() -> str:
    """Cores, versions, and how busy the machine is at this moment."""
    load = " ".join(f"{one:.2f}" for one in os.getloadavg())
    return (
        f"{os.cpu_count()} cores {platform.machine()}, Python {platform.python_version()}, "
        f"SQLite {sqlite3.sqlite_version}, load average {load}"
    )
