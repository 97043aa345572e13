"""A real `huodaona serve` in a process of its own, on a free port, to be asked, stopped or killed.

Where the tests run on PostgreSQL, `serve` gives two such nodes behind one proxy instead: the folder names their company,
each has a folder of its own besides, and who asks cannot tell the difference.
"""

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

from tests.support import engines
from tests.support.company import SECRET
from tests.support.proxy import Proxy

ROOT = Path(__file__).parents[2]
Program = tuple[str, ...]
PROGRAM: Program = (sys.executable, "-m", "api")
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


def database(folder: Path) -> dict[str, str]:
    """Where this folder's company lies."""
    url = engines.url(folder)
    return {"HUODAONA_DATABASE_URL": url} if url else {}


def command(*words: str, check: bool = True, **more: str) -> "subprocess.CompletedProcess[str]":
    """One command of the hub, to its end. With the secret of the tests' servers: another one would be refused."""
    lies = database(Path(words[words.index("--data") + 1])) if "--data" in words else {}
    return subprocess.run(
        [sys.executable, "-m", "api", *words],
        check=check, capture_output=True, text=True, cwd=ROOT, env=environ() | lies | more, timeout=300,
    )  # fmt: skip


class Server:
    """`log` keeps what it prints; `seconds` is how long it took from the start to the first `/readyz`."""

    place = ROOT
    environ: Mapping[str, str] | None = None

    def __init__(
        self,
        folder: Path,
        *words: str,
        port: int | None = None,
        command: str = "serve",
        program: Program = PROGRAM,
        lies: Mapping[str, str] | None = None,
    ) -> None:
        """On PostgreSQL the folder names the company, unless `lies` (or `environ`: settings of its own) does."""
        self.folder, self.port = folder, port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = folder.parent / f"{command}-{time.monotonic_ns()}.log"
        given = ("--port", str(self.port)) if command == "serve" else ()
        if command == "serve" and "--workers" not in words:
            words = (*words, "--workers", os.environ.get("TEST_WORKERS", "1"))
        if lies is None:
            lies = database(folder) if self.environ is None else self.environ
        self._words = [*program, command, "--data", str(folder), *given, *words]
        self._environ = environ() | {"PYTHONUNBUFFERED": "1", **lies}
        self.again()

    def again(self) -> Self:
        """At the same place, once the one before is gone."""
        self.began, self.seconds = time.perf_counter(), 0.0
        with self.log.open("ab") as out:
            self.process = subprocess.Popen(
                self._words, stdout=out, stderr=out, cwd=self.place, env=self._environ
            )
        return self

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


class Nodes:
    """Two on the folder's company, with what a `Server` is asked for: `port` and `url` are the proxy's."""

    def __init__(self, folder: Path, *words: str, port: int, program: Program) -> None:
        self.folder, self.port, self.url = folder, port, f"http://127.0.0.1:{port}"
        self.proxy: Proxy | None = None
        lies = database(folder) | {
            "HUODAONA_PUBLIC_URL": self.url,
            "HUODAONA_TRUSTED_PROXIES": "127.0.0.1/32",
        }
        places = (folder, folder.with_name(f"{folder.name}-2"))
        self.nodes = [Server(one, *words, program=program, lies=lies) for one in places]

    def ready(self, within: float = 120) -> Self:
        for node in self.nodes:
            node.ready(within)
        self.proxy = Proxy(self.port, [node.port for node in self.nodes])
        return self

    def again(self) -> Self:
        for node in self.nodes:
            node.again()
        return self

    def stop(self) -> int:
        """SIGTERM to both, and nobody answers any more; the worse exit code."""
        if self.proxy is not None:
            self.proxy.close()
            self.proxy = None
        for node in self.nodes:
            node.process.terminate()
        return max((node.process.wait(20) for node in self.nodes), key=abs)


def serve(folder: Path, *words: str, port: int | None = None, program: Program = PROGRAM) -> Server | Nodes:
    """The company's server, or its nodes: to be awaited by `ready`, and given the same folder and port to come again."""
    if engines.is_postgres():
        return Nodes(folder, *words, port=port or free_port(), program=program)
    return Server(folder, *words, port=port, program=program)
