"""What is said when the storage does not play along: each class of fault by its name and with its remedy.

A fault of the storage is nobody's command's: the whole group is refused, none of it is acknowledged, and the writer
tries anew with the next one, so that a disk which has room again needs nobody to restart the server. Only a damaged
file is written to no more: the next page could land on what another order relies on.
"""

import errno
import sqlite3
from pathlib import Path
from typing import NamedTuple

from api.kernel.errors import Refused, Why


class StorageFault(NamedTuple):
    """`remedy` ends the sentence, whatever it was that could not be done."""

    kind: str
    what: Why
    remedy: Why


FULL = StorageFault(
    "full",
    Why("磁盘满了", "The disk is full"),
    Why("腾出空间，就会自己恢复。", "Make room, it goes on by itself."),
)
FAILING = StorageFault(
    "io",
    Why("磁盘读写出错", "The disk fails to read or write"),
    Why("检查磁盘和系统日志。", "Look at the disk and the system's log."),
)
NO_MEMORY = StorageFault(
    "memory",
    Why("内存不够", "There is no memory left"),
    Why("少开些程序，或加内存。", "Stop other programs or add memory."),
)
READ_ONLY = StorageFault(
    "read_only",
    Why("数据目录是只读的", "The data folder is read-only"),
    Why("检查挂载、属主和权限，然后重启。", "Look at the mount, its owner and rights, then start again."),
)
GONE = StorageFault(
    "gone",
    Why("数据库文件打不开", "The database file cannot be opened"),
    Why("检查数据目录还在不在，然后重启。", "See whether the data folder is still there, then start again."),
)
DAMAGED = StorageFault(
    "damaged",
    Why("数据库文件有损坏", "The database file is damaged"),
    Why(
        "停机，留好整个数据目录，运行 huodaona doctor，从备份恢复。",
        "Stop, keep the whole data folder, run huodaona doctor, restore a backup.",
    ),
)
AWAY = StorageFault(
    "away",
    Why("连不上数据库服务器", "The database server does not answer"),
    Why("检查它和网络，恢复后会自己接上。", "Look at it and the network; it goes on by itself."),
)
CROSSED = StorageFault(
    "crossed",
    Why("数据库被别的程序占着", "Another program holds the database"),
    Why(
        "看看谁开着事务不放，同步备库还在不在。",
        "See who keeps a transaction open, and whether the synchronous standby is there.",
    ),
)
MOVED = StorageFault(
    "moved",
    Why("公司搬走了，或还没搬完", "The company has moved away, or is still moving in"),
    Why(
        "到新地方去；没搬完的，再运行 huodaona move。",
        "Use its new home; unfinished: run huodaona move again.",
    ),
)
OUTDATED = StorageFault(
    "outdated",
    Why("这台的程序太旧，数据已经升级", "This program is too old for its data"),
    Why("装上其他机器的版本再启动。", "Install the version that the other nodes run, then start again."),
)
DOUBT = StorageFault("doubt", AWAY.what, AWAY.remedy)
# Over as soon as the other side is there again: such a group may be run once more.
PASSING = (AWAY, CROSSED)
BY_ERRNO: dict[int | None, StorageFault] = {
    errno.ENOSPC: FULL,
    errno.EDQUOT: FULL,
    errno.EFBIG: FULL,
    errno.EROFS: READ_ONLY,
    errno.EIO: FAILING,
    errno.ENOMEM: NO_MEMORY,
}
BY_CODE: dict[int, StorageFault] = {
    sqlite3.SQLITE_FULL: FULL,
    sqlite3.SQLITE_IOERR: FAILING,
    sqlite3.SQLITE_NOMEM: NO_MEMORY,
    sqlite3.SQLITE_READONLY: READ_ONLY,
    sqlite3.SQLITE_CANTOPEN: GONE,
    sqlite3.SQLITE_CORRUPT: DAMAGED,
    sqlite3.SQLITE_NOTADB: DAMAGED,
}
BY_STATE: dict[str, StorageFault] = {
    "53100": FULL,
    "53200": NO_MEMORY,
    "58030": FAILING,
    "25006": READ_ONLY,
    "XX001": DAMAGED,
    "XX002": DAMAGED,
    "08006": AWAY,
    "53300": AWAY,
    "57P03": AWAY,
    "40001": CROSSED,
    "40P01": CROSSED,
    "55P03": CROSSED,
}


class Dropped(Exception):
    """The engine has given up the group's transaction; why stands beneath it."""


class Doubt(Exception):
    """The way to the server was lost in a commit, and nobody tells what became of it."""


class Moved(Exception):
    """Nothing is written to a database that its company has left, or has not reached yet."""


class Outdated(Exception):
    """A newer program has made a step that this one does not bear."""


# Each engine's own class of faults; the second one adds its own where it is loaded.
ERRORS: list[type[Exception]] = [sqlite3.Error, Dropped, Doubt, Moved, Outdated]


def errors(*more: type[Exception]) -> tuple[type[Exception], ...]:
    """For `except`: the faults of whatever engine is loaded, and others."""
    return (*ERRORS, *more)


def trouble(error: BaseException | None) -> StorageFault | None:
    """Which one it is, also where it lies beneath another exception; None: no fault of the storage."""
    while error is not None:
        if isinstance(error, MemoryError):  # how Python's driver tells SQLITE_NOMEM
            return NO_MEMORY
        found: StorageFault | None = None
        if isinstance(error, sqlite3.Error):
            found = BY_CODE.get(getattr(error, "sqlite_errorcode", 0) & 0xFF)
        elif isinstance(error, OSError):
            found = BY_ERRNO.get(error.errno)
        elif isinstance(error, Doubt):
            found = DOUBT
        elif isinstance(error, Moved):
            found = MOVED
        elif isinstance(error, Outdated):
            found = OUTDATED
        elif isinstance(error, errors()):
            found = BY_STATE.get(getattr(error, "sqlstate", "") or "")
        if found is not None:
            return found
        error = error.__cause__
    return None


def is_storage_fault(error: BaseException) -> bool:
    """Disk full, I/O error, out of memory, read-only or corrupt: nothing of the group can be trusted."""
    return trouble(error) is not None


def refused(found: StorageFault | None) -> Refused:
    """Nothing was recorded; with the kind where it is known."""
    if found is None:
        return Refused("storage")
    outcome = Why("这次没有记下", "nothing was recorded")
    if found is DOUBT:
        outcome = Why("不知道这次记下没有，再查一次", "whether this was recorded is not known: look again")
    return Refused("storage", sentence(found, outcome), kind=found.kind)


def unreadable(found: StorageFault) -> Refused:
    return Refused("unreadable", sentence(found, Why("这里读不出来", "this cannot be read")), kind=found.kind)


def sentence(found: StorageFault, outcome: Why) -> Why:
    """What it is, what came of it, what to do."""
    return Why(
        f"{found.what.zh}，{outcome.zh}。{found.remedy.zh}",
        f"{found.what.en}; {outcome.en}. {found.remedy.en}",
    )


def said(error: Exception, place: Path) -> str:
    """For the command line: where it is, what it is, what to do about it."""
    found = trouble(error)
    if found is None:
        return str(error)
    place = getattr(error, "filename", None) or place
    return f"{place}: {found.what.zh}。{found.remedy.zh} {found.what.en}. {found.remedy.en}"
