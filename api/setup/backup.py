"""A backup is one tar file: the database as one moment saw it, the secret, the checkpoints, a page that says what
it is. Made while the server writes; restored only into an empty folder, never over a company, and verified before it
is said to be done. A bare database (what a tool that ships the log brings back) is restored the same way, with its
secret beside it.

Whoever holds the file holds the company: it is written with mode 0600. A restore begins another life (`epoch`),
appends an entry that names the cut and signs it, so that checkpoints of the life before are understood.
"""

import fcntl
import hashlib
import io
import shutil
import sqlite3
import tarfile
from pathlib import Path
from typing import Any

import msgspec

from api.db import storage
from api.db.database import FILE, Database
from api.db.durable import sync_folder, written
from api.db.sqlite import connect
from api.journal.service import Q
from api.kernel.time import wall_clock
from api.settings import Settings
from api.setup import another_life
from api.setup.another_life import ALL_THE_SAME

FORMAT = "huodaona backup v1"
PAGE, SECRET, CHECKPOINTS = "backup.json", "secret", "checkpoints"
WORK = ".restoring"


class Page(msgspec.Struct, frozen=True):
    """What the file is; `pos` is the journal's last position in it, `sha256` the database's as hex (files of older
    programs have none)."""

    format: str
    at: int
    pos: int
    sha256: str = ""


def write(settings: Settings, db_path: Path, file: Path) -> int:
    """The whole company into `file`; returns the journal's last position in it. Raises OSError, sqlite3.Error."""
    copy = file.with_name(f".{file.name}.db")
    for left in file.parent.iterdir():  # of one that was killed
        if left.name.startswith(f".{file.name}.") and left.suffix == ".draft":
            left.unlink(missing_ok=True)
    # Read before the copy: none of them speaks of entries that it lacks.
    points = [(one.name, one.read_bytes()) for one in sorted(settings.checkpoints.glob("*.txt"))]
    try:
        pos = _copied(db_path, copy)
        with written(file) as out, tarfile.open(fileobj=out, mode="w") as tar:
            page = msgspec.json.encode(Page(FORMAT, wall_clock(), pos, _digest(copy)))
            _add(tar, PAGE, page)
            _add(tar, SECRET, settings.secret)
            for name, text in points:
                _add(tar, f"{CHECKPOINTS}/{name}", text)
            tar.add(copy, FILE)
    finally:
        _removed(copy)
    return pos


def needed(db_path: Path) -> int:
    """Bytes that a backup takes at most where it is written: the copy, and the tar made of it."""
    files = (db_path, db_path.with_name(f"{db_path.name}-wal"))
    return 2 * sum(one.stat().st_size for one in files if one.exists()) + (1 << 20)


def _copied(db_path: Path, copy: Path) -> int:
    """SQLite's own online copy, of one snapshot: in WAL mode neither side waits for the other."""
    _removed(copy)
    copy.touch(mode=0o600)
    try:
        source = connect(db_path, read_only=True)
        source.execute("SELECT 1 FROM sqlite_master").fetchone()  # opened is not yet read
    except sqlite3.OperationalError as error:
        if storage.trouble(error) in (None, storage.DAMAGED, storage.NO_MEMORY):
            raise
        _laid_over(db_path, copy)
        return _checked(copy)
    target = sqlite3.connect(copy)
    try:
        source.backup(target, pages=-1)
    finally:
        target.close()
        source.close()
    return _checked(copy)


def _laid_over(db_path: Path, copy: Path) -> None:
    """Where SQLite cannot make its index of the log beside the file (a full or a read-only disk): the files themselves,
    read while no writer may commit. The log first: what is folded in meanwhile, its copy tells once more."""
    lock, log = db_path.with_name("writer.lock"), db_path.with_name(f"{db_path.name}-wal")
    with (lock if lock.exists() else db_path).open("rb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        if log.exists():
            shutil.copyfile(log, copy.with_name(f"{copy.name}-wal"))
        shutil.copyfile(db_path, copy)
    connection = connect(copy)
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    connection.close()


def _checked(file: Path) -> int:
    """The journal's last position, where SQLite finds every page sound; else sqlite3.DatabaseError."""
    connection = sqlite3.connect(file)
    try:
        said = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
        if said != "ok":
            raise sqlite3.DatabaseError(f"the database is not sound: {said}")
        pos: int = connection.execute(Q.last_pos.sql).fetchone()[0]
        return pos
    finally:
        connection.close()


def _digest(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def _removed(copy: Path) -> None:
    for tail in ("", "-wal", "-shm", "-journal"):
        copy.with_name(copy.name + tail).unlink(missing_ok=True)


def _add(tar: tarfile.TarFile, name: str, content: bytes) -> None:
    member = tarfile.TarInfo(name)
    member.size, member.mode, member.mtime = len(content), 0o600, wall_clock() // 1000
    tar.addfile(member, io.BytesIO(content))


def read(
    file: Path, folder: Path, by: str = "", *, secret: bytes | None = None, is_urgent: bool = False
) -> int:
    """Restore into an empty (or new) folder; returns the position after which the journal was cut.

    `by`: who does it. `secret`: of a bare database, which carries none. `is_urgent`: also where the journal in it is
    not whole. Raises ValueError, in a person's words, where the folder is not empty or the file is no whole backup;
    the folder then is as it was.
    """
    if folder.exists() and not folder.is_dir():
        raise ValueError(f"{folder} is not a folder")
    _cleared(folder)
    work = folder / WORK
    try:
        work.mkdir(parents=True)
        page = _bare(file, work, secret) if _is_bare(file) else _unpacked(file, work, is_urgent)
        _begun(work, page, by, is_urgent)
        for one in sorted(work.iterdir(), key=lambda path: path.name == FILE):  # the database last
            one.rename(folder / one.name)
        sync_folder(folder)
    except (tarfile.TarError, sqlite3.Error, RuntimeError, EOFError) as error:
        raise ValueError(f"{file} cannot be restored: {error}") from None
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return page.pos


def _cleared(folder: Path) -> None:
    """Only what a restore that was cut off has left is removed: its work, and what it had moved before the database."""
    there = {one.name for one in folder.iterdir()} if folder.is_dir() else set()
    if there - {WORK} and not (WORK in there and there <= {WORK, SECRET, CHECKPOINTS}):
        raise ValueError(f"{folder} is not empty: a restore never writes over a company")
    for name in there:
        (folder / name).unlink() if name == SECRET else shutil.rmtree(folder / name)


def _is_bare(file: Path) -> bool:
    with file.open("rb") as opened:
        return opened.read(16) == b"SQLite format 3\0"


def _bare(file: Path, work: Path, secret: bytes | None) -> Page:
    if secret is None:
        raise ValueError(
            f"{file} is a bare database: its secret is needed too (HUODAONA_SECRET_FILE, from any backup)"
        )
    pos = _copied(file, work / FILE)
    with written(work / SECRET) as out:
        out.write(secret)
    return Page(FORMAT, wall_clock(), pos)


def _unpacked(file: Path, work: Path, is_urgent: bool) -> Page:
    page: Page | None = None
    found: set[str] = set()
    with tarfile.open(file, mode="r:") as tar:
        for member in tar:
            name = _known(member)
            content: Any = tar.extractfile(member)
            if name == PAGE:
                page = _page(content.read())
                continue
            found.add(name)
            target = work / name
            target.parent.mkdir(exist_ok=True)
            with written(target) as out:
                shutil.copyfileobj(content, out, 1 << 20)
    if page is None or not {FILE, SECRET} <= found:
        raise ValueError(f"{file} is not a whole backup")
    if page.sha256 and not is_urgent and _digest(work / FILE) != page.sha256:
        raise ValueError(f"{file} was damaged: its database is not what was put in; {ALL_THE_SAME}")
    if _checked(work / FILE) != page.pos:
        raise ValueError("the backup's page and its journal tell of different cuts")
    return page


def _known(member: tarfile.TarInfo) -> str:
    """Only the names that a backup has: nothing in the file can reach outside the folder."""
    folder, _, name = member.name.rpartition("/")
    is_checkpoint = folder == CHECKPOINTS and name.endswith(".txt") and not name.startswith(".")
    if not member.isfile() or not (is_checkpoint or member.name in (PAGE, SECRET, FILE)):
        raise ValueError(f"not a backup: {member.name} does not belong into one")
    return member.name


def _page(raw: bytes) -> Page:
    try:
        page = msgspec.json.decode(raw, type=Page)
    except msgspec.DecodeError:
        raise ValueError("not a backup: its page cannot be read") from None
    if page.format != FORMAT:
        raise ValueError(f"this program reads {FORMAT}, not {page.format!r}")
    return page


def _begun(work: Path, page: Page, by: str, is_urgent: bool) -> None:
    secret, points = (work / SECRET).read_bytes().strip(), work / CHECKPOINTS
    points.mkdir(exist_ok=True)
    db = Database(work)
    try:
        another_life.begin(db, secret, points, by, page.at, is_urgent=is_urgent)
    finally:
        db.stop()
    for lock in work.glob("*.lock"):
        lock.unlink()
