"""A company's database: its folder, its writer, its readers."""

import contextlib
import fcntl
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from api.db.engine import Engine
from api.db.migrate import schemas, steps
from api.db.one_file import SQLite
from api.db.reader import Reader
from api.db.siblings import COMMITS, WAITING, Siblings
from api.db.steps import needed
from api.db.tx import Q, Tx
from api.db.writer import Writer

if TYPE_CHECKING:  # its driver need not be there
    from api.db.postgres.replica import Replica

FILE = "huodaona.db"


class Database:
    """Opens (and migrates) a company: the SQLite file in its data folder, or its schema on PostgreSQL. One object a
    process, opened after the fork."""

    def __init__(
        self,
        folder: Path,
        siblings: Siblings | None = None,
        url: str = "",
        owner: str = "",
        replica: str = "",
        contract: bool = False,
    ) -> None:
        """`owner`: the address by which migrations are run, where that is another role's; `replica`: a standby's, from
        which `lists` may be read. `contract`: programs too old for a step need not be waited for."""
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.folder = folder
        self.path = folder / FILE
        self.is_file = not url
        self.engine: Engine = SQLite(self.path) if self.is_file else _on_postgres(url, owner, contract)
        self.applied = self.engine.migrate()
        self.siblings = siblings or Siblings()
        self.listeners: list[Callable[[list[Any]], None]] = [self.siblings.heard]
        self.writer = Writer(self.engine, self.listeners, Q.changes, self.siblings)
        self.reader = Reader(self.engine)
        self.replica = _replica(self.reader, url, replica, self.siblings) if replica else None
        # Like `reader`, for what is long or much: lists, exports, sums. Never who may, nor what a command hangs on.
        self.lists = self.replica or self.reader

    def hear(self) -> None:
        """From here on, what other machines commit is known at once."""
        self.engine.hear(self.siblings.rung)

    def publish(self) -> None:
        """What the other processes of the server may know of this one's work."""
        self.siblings.put(WAITING, self.writer.waiting)
        self.siblings.put(COMMITS, self.writer.commits)

    async def must_store(self) -> None:
        """Where the last group could not be stored, one row is tried: raises `storage` until there is room again."""
        if self.writer.trouble is not None:
            await self.writer.run(_probe)

    def stop(self) -> None:
        """The writer closes last: only it can fold the WAL back into the file."""
        self.reader.stop()
        if self.replica is not None:
            self.replica.close()
        self.writer.stop()
        self.engine.close()
        if self.siblings.is_alone:
            self.siblings.close()


def _probe(tx: Tx) -> None:
    """Another value each time: what stays the same is not written."""
    tx.run(Q.probe, now=str(time.time_ns()))


def stands(folder: Path, url: str = "") -> tuple[int, int]:
    """(the data's schema, the lowest that the program can serve), 0 where there is no company; nothing is changed."""
    if url:
        engine = _on_postgres(url)
        connection = engine.open(read_only=True)
        try:
            return engine.version(connection), needed(steps())
        finally:
            connection.close()
    return schemas(folder / FILE) if (folder / FILE).exists() else (0, needed(steps()))


def _on_postgres(url: str, owner: str = "", contract: bool = False) -> Engine:
    try:
        from api.db.postgres.engine import Postgres
        from api.db.postgres.place import read
    except ModuleNotFoundError as error:
        raise RuntimeError(
            f"PostgreSQL needs its driver: pip install 'huodaona[postgres]' ({error})"
        ) from None
    name = "HUODAONA_DATABASE_URL"
    try:
        place = read(url)
        name = "HUODAONA_DATABASE_OWNER_URL"
        own = read(owner) if owner else None
    except ValueError as error:
        raise RuntimeError(f"{name}: {error}") from None
    if own is not None and own.schema != place.schema:
        raise RuntimeError(
            f"{name}: the schema {own.schema} is another one than HUODAONA_DATABASE_URL's, {place.schema}"
        )
    return Postgres(place, own, contract)


def _replica(reader: Reader, url: str, replica: str, siblings: Siblings) -> "Replica":
    """Not asked before something is read: one that is away stops no start."""
    from api.db.postgres.place import read
    from api.db.postgres.replica import Replica

    schema = read(url).schema
    try:
        place = read(replica, schema)
    except ValueError as error:
        raise RuntimeError(f"HUODAONA_REPLICA_URL: {error}") from None
    if place.schema != schema:
        raise RuntimeError(f"HUODAONA_REPLICA_URL: the schema is {schema}, as in HUODAONA_DATABASE_URL")
    return Replica(reader, place, siblings)


class Lock:
    """A file that one process holds; a dead one leaves no trace. Its text is the holder's process id."""

    def __init__(self, file: Path) -> None:
        self._file = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        self.is_held = False

    def take(self) -> bool:
        """Is it ours? Does not wait."""
        if not self.is_held:
            try:
                fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return False
            with contextlib.suppress(OSError):  # only for people: a full disk takes no lock away
                os.pwrite(self._file, b"%-19d\n" % os.getpid(), 0)
            self.is_held = True
        return True

    def holder(self) -> int | None:
        text = os.pread(self._file, 20, 0).strip()
        return int(text) if text.isdigit() else None

    def release(self) -> None:
        os.close(self._file)


# How long a server's processes may still finish what they had accepted after their parent was killed.
ORPHANS_S = 12.0


class OneServer(Lock):
    """Holds a data folder for one server; a second one gets a clear message. What a killed parent's processes still
    finish is waited for."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        super().__init__(folder / "server.lock")
        until = time.monotonic() + ORPHANS_S
        while not self.take():
            holder = self.holder()
            if holder is None or _is_alive(holder) or time.monotonic() > until:
                self.release()
                raise RuntimeError(f"another server is running on the data folder {folder}")
            time.sleep(0.02)


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # somebody else's
        return True
    return True
