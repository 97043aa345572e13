"""Pure commands share a transaction without savepoints: what one of them breaks costs its neighbours nothing."""

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from api.db.one_file import SQLite
from api.db.queries import Query
from api.db.sqlite import connect
from api.db.tx import Tx
from api.db.writer import CAREFUL, Writer
from api.kernel.errors import Refused

ADD = Query("t.add", "INSERT INTO t (id) VALUES (:id)", "")
IDS = Query("t.ids", "SELECT id FROM t ORDER BY id", "")


@pytest.fixture
def writer(tmp_path: Path) -> Iterator[Writer]:
    connection = connect(tmp_path / "t.db")
    connection.execute("CREATE TABLE t (id INTEGER PRIMARY KEY)")
    connection.close()
    writer = Writer(SQLite(tmp_path / "t.db"))
    yield writer
    writer.stop()


class Adding:
    """Adds a row; counts how often it was run."""

    def __init__(self, number: int, refuses: str = "") -> None:
        self.number, self.refuses, self.runs = number, refuses, 0

    def __call__(self, tx: Tx) -> int:
        self.runs += 1
        if self.refuses == "early":
            raise Refused("busy", seconds=1)
        tx.run(ADD, id=self.number)
        tx.then(("added", self.number))
        tx.cache[self.number] = True
        if self.refuses == "late":
            raise Refused("busy", seconds=1)
        return self.number


def run_all(writer: Writer, works: list[Adding]) -> list[object]:
    async def main() -> list[object]:
        return await asyncio.gather(
            *(writer.run(work, is_pure=True) for work in works), return_exceptions=True
        )

    return asyncio.run(main())


def grouped(writer: Writer, works: list[Adding]) -> list[object]:
    """All of them in one group: the writer waits until they have been put."""

    async def main() -> list[object]:
        with writer._wake:
            tasks = [asyncio.ensure_future(writer.run(work, is_pure=True)) for work in works]
            await asyncio.sleep(0)
        return await asyncio.gather(*tasks, return_exceptions=True)

    return asyncio.run(main())


def stored(writer: Writer) -> list[int]:
    return writer.now(lambda tx: [row[0] for row in tx.all(IDS)])


def test_neighbours_of_a_late_refusal_stand_and_it_does_not(writer):
    heard: list[object] = []
    writer.listeners.append(heard.extend)
    works = [Adding(1), Adding(2, "late"), Adding(3)]
    found = grouped(writer, works)
    assert found[0] == 1
    assert found[2] == 3
    assert isinstance(found[1], Refused)
    assert stored(writer) == [1, 3]
    assert heard == [("added", 1), ("added", 3)]  # each once, though the group was run twice
    assert works[0].runs == 2


def test_a_refusal_before_any_write_makes_nobody_run_twice(writer):
    works = [Adding(1), Adding(2, "early"), Adding(3)]
    found = grouped(writer, works)
    assert isinstance(found[1], Refused)
    assert stored(writer) == [1, 3]
    assert [work.runs for work in works] == [1, 1, 1]


def test_what_was_derived_from_an_undone_write_is_forgotten(writer):
    grouped(writer, [Adding(1), Adding(2, "late")])
    assert 2 not in writer.now(lambda tx: dict(tx.cache))


def test_groups_after_a_late_refusal_are_careful_for_a_while(writer):
    grouped(writer, [Adding(1), Adding(2, "late")])
    after = [Adding(3), Adding(4, "late")]
    grouped(writer, after)
    assert [work.runs for work in after] == [1, 1]
    for n in range(10, 10 + CAREFUL):
        run_all(writer, [Adding(n)])
    later = [Adding(5), Adding(6, "late")]
    grouped(writer, later)
    assert later[0].runs == 2
    assert 6 not in stored(writer)


def test_a_command_that_may_run_but_once_does_not_make_its_neighbours_careful(writer: Writer) -> None:
    """It follows them under its own savepoint, in the same transaction."""
    careful: dict[int, bool] = {}

    def noting(number: int) -> Callable[[Tx], None]:
        def work(tx: Tx) -> None:
            careful[number] = tx.is_careful
            tx.run(ADD, id=number)

        return work

    async def main() -> None:
        before = writer.commits
        with writer._wake:
            tasks = [
                asyncio.ensure_future(writer.run(noting(n), is_pure=pure))
                for n, pure in ((1, True), (2, False), (3, True))
            ]
            await asyncio.sleep(0)
        await asyncio.gather(*tasks)
        assert writer.commits == before + 1

    asyncio.run(main())
    assert careful == {1: False, 2: True, 3: False}
    assert stored(writer) == [1, 2, 3]


def test_what_fails_late_is_run_again_beside_a_command_that_may_run_but_once(writer: Writer) -> None:
    once = Adding(3)

    async def main() -> list[object]:
        with writer._wake:
            tasks = [
                asyncio.ensure_future(writer.run(work, is_pure=True))
                for work in (Adding(1), Adding(2, "late"))
            ]
            tasks.append(asyncio.ensure_future(writer.run(once)))
            await asyncio.sleep(0)
        return await asyncio.gather(*tasks, return_exceptions=True)

    first, second, third = asyncio.run(main())
    assert (first, third) == (1, 3)
    assert isinstance(second, Refused)
    assert once.runs == 1
    assert stored(writer) == [1, 3]
