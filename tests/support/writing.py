"""What the writer's tests share: a table of numbers, a way to make one group of many commands, a look from outside."""

import asyncio
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from api.db.queries import Query
from api.db.sqlite import connect
from api.db.tx import Tx
from api.db.writer import Writer

ADD = Query("t.add", "INSERT INTO t (id, note) VALUES (:id, :note)", "")
COUNT = Query("t.count", "SELECT COUNT(*) FROM t", "")
IDS = Query("t.ids", "SELECT id FROM t ORDER BY rowid", "")


def table(folder: Path) -> Path:
    file = folder / "t.db"
    connection = connect(file)
    connection.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, note TEXT NOT NULL)")
    connection.close()
    return file


def add(number: int, note: str = ""):
    def work(tx: Tx) -> int:
        tx.run(ADD, id=number, note=note)
        tx.then(("added", number))
        return number

    return work


def stored(file: Path) -> list[int]:
    """As another process sees it: what is committed."""
    connection = sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True)
    try:
        return [row[0] for row in connection.execute(IDS.sql)]
    finally:
        connection.close()


@contextmanager
def held(writer: Writer) -> Iterator[None]:
    """The writer's thread waits in a command of its own, so that what is put meanwhile becomes one group."""
    inside, go = threading.Event(), threading.Event()

    def wait(_: Tx) -> None:
        inside.set()
        assert go.wait(10)

    thread = threading.Thread(target=writer.now, args=(wait,))
    thread.start()
    assert inside.wait(10)
    try:
        yield
    finally:
        go.set()
        thread.join()


def group(writer: Writer, works: list, is_pure: bool) -> list:
    """All at once; each one's result or what it raised. A work may have an `ahead`."""

    async def together() -> list:
        with held(writer):
            tasks = [
                asyncio.create_task(writer.run(work, is_pure=is_pure, ahead=getattr(work, "ahead", None)))
                for work in works
            ]
            await asyncio.sleep(0)
            assert writer.waiting == len(works)
        return await asyncio.gather(*tasks, return_exceptions=True)

    before = writer.commits
    found = asyncio.run(together())
    assert writer.commits - before <= 2  # the holder's, and one for the whole group
    return found


class Crash(Exception):
    pass


def crash(error: BaseException):
    def work(tx: Tx) -> None:
        tx.run(ADD, id=900, note="half done")
        tx.then(("added", 900))
        raise error

    return work
