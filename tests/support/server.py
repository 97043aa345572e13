"""A real `huodaona serve` in a process of its own, on a free port, to be asked, stopped or killed."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

import httpx

from tests.support.company import SECRET

ROOT = Path(__file__).parents[2]
ONE_LINE = httpx.Limits(max_connections=1, keepalive_expiry=None)


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


def environ() -> dict[str, str]:
    """None of the caller's own settings, and the tests' secret."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("HUODAONA_")}
    return kept | {"HUODAONA_SECRET": SECRET.decode()}


def command(*words: str, check: bool = True, **more: str) -> "subprocess.CompletedProcess[str]":
    """One command of the hub, to its end. With the secret of the tests' servers: another one would be refused."""
    return subprocess.run(
        [sys.executable, "-m", "api", *words],
        check=check, capture_output=True, text=True, cwd=ROOT, env=environ() | more, timeout=300,
    )  # fmt: skip


class Server:
    """`log` keeps what it prints; `seconds` is how long it took from the start to the first `/readyz`."""

    program: tuple[str, ...] = (sys.executable, "-m", "api")
    place = ROOT
    environ: Mapping[str, str] = {}

    def __init__(self, folder: Path, *words: str, port: int | None = None, command: str = "serve") -> None:
        self.folder, self.port = folder, port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = folder.parent / f"{command}-{time.monotonic_ns()}.log"
        given = ("--port", str(self.port)) if command == "serve" else ()
        if command == "serve" and "--workers" not in words:
            words = (*words, "--workers", os.environ.get("TEST_WORKERS", "1"))
        given_environ = environ() | {"PYTHONUNBUFFERED": "1", **self.environ}
        self.began = time.perf_counter()
        with self.log.open("wb") as out:
            self.process = subprocess.Popen(
                [*self.program, command, "--data", str(folder), *given, *words],
                stdout=out, stderr=out, cwd=self.place, env=given_environ,
            )  # fmt: skip
        self.seconds = 0.0

    def ready(self, within: float = 120) -> Self:
        with httpx.Client(
            base_url=self.url, timeout=5, verify=False
        ) as client:  # no bundle of authorities to read
            while time.perf_counter() - self.began < within:
                if self.process.poll() is not None:
                    break
                try:
                    if client.get("/readyz").status_code == 200:
                        self.seconds = time.perf_counter() - self.began
                        return self
                except httpx.TransportError:
                    pass
                time.sleep(0.01)
        raise AssertionError(f"the server is not ready: {self.log.read_text()}")

    def said(self, words: str, within: float = 120) -> Self:
        while time.perf_counter() - self.began < within:
            if words in self.log.read_text():
                return self
            time.sleep(0.01)
        raise AssertionError(f"never said {words!r}: {self.log.read_text()}")

    def workers(self) -> list[int]:
        """The process ids of a server with several, in no order (of Linux)."""
        place = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return [int(one) for one in place.read_text().split()]

    def client_of(self, n: int, **given: Any) -> httpx.Client:
        """A client whose one connection is to the n-th process."""
        for _ in range(200):
            client = httpx.Client(base_url=self.url, timeout=20, limits=ONE_LINE, verify=False, **given)
            if f"huodaona_process {n}.0" in client.get("/metrics").text.splitlines():
                return client
            client.close()
        raise AssertionError(f"process {n} never answered: {self.log.read_text()}")

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self) -> int:
        """SIGTERM; the exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(20)
