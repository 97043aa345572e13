"""A company's database: its folder, its writer, its readers."""

import fcntl
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from api.db.migrate import migrate
from api.db.reader import Reader
from api.db.writer import Writer

FILE = "huodaona.db"


class Database:
    """Opens (and migrates) the SQLite file in a data folder. One object a process."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.folder = folder
        self.path = folder / FILE
        # Names and phones lie here: for nobody else on this machine. WAL and shm take the file's mode.
        os.close(os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
        self.applied = migrate(self.path)
        self.listeners: list[Callable[[list[Any]], None]] = []
        self.writer = Writer(self.path, self.listeners)
        self.reader = Reader(self.path)

    def stop(self) -> None:
        """The writer closes last: only it can fold the WAL back into the file."""
        self.reader.stop()
        self.writer.stop()


class OneServer:
    """Holds a data folder for one server; a second one gets a clear message, a dead one leaves no trace."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._file = os.open(folder / "server.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(self._file)
            raise RuntimeError(f"another server is running on the data folder {folder}") from None

    def release(self) -> None:
        os.close(self._file)
