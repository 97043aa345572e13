"""The laws of group commit, each on a real SQLite file: who is told what, and when; what stays and what goes."""

import asyncio
import json
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from api.db import writer as writing
from api.db.one_file import SQLite
from api.db.reader import Reader
from api.db.tx import Tx
from api.db.writer import Writer
from api.kernel.errors import Refused
from tests.support.writing import ADD, COUNT, Crash, add, crash, group, held, stored, table


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return table(tmp_path)


@pytest.fixture(params=[False, True], ids=["alone", "together"])
def grouped(request: pytest.FixtureRequest):
    """Both ways to run a group keep the same laws."""
    return lambda writer, works: group(writer, works, request.param)


@pytest.fixture
def writer(file: Path) -> Iterator[Writer]:
    writer = Writer(SQLite(file))
    yield writer
    writer.stop()


def test_a_refused_or_crashing_command_never_fails_its_neighbours(writer: Writer, file: Path, grouped):
    heard: list = []
    writer.listeners.append(heard.extend)
    twice = add(1)
    found = grouped(
        writer,
        [
            add(1), crash(Refused("held", reason="x")), add(2), crash(Crash()), add(3), twice, crash(StopIteration()),
            crash(SystemExit(1)), crash(KeyboardInterrupt()), crash(asyncio.CancelledError()), add(4),
        ],
    )  # fmt: skip
    assert [one for one in found if isinstance(one, int)] == [1, 2, 3, 4]
    assert isinstance(found[1], Refused)
    assert isinstance(found[3], Crash)
    assert isinstance(found[5], sqlite3.IntegrityError)
    assert [type(one) for one in found[6:10]] == [RuntimeError] * 4
    assert stored(file) == [1, 2, 3, 4]
    assert heard == [("added", n) for n in (1, 2, 3, 4)]
    assert writer.now(add(5)) == 5


def test_a_command_that_fails_before_it_writes_is_told_so(writer: Writer, file: Path, grouped):
    def early(error: BaseException):
        def work(tx: Tx) -> None:
            raise error

        return work

    errors = [
        Refused("held", reason="x"),
        StopIteration(),
        KeyboardInterrupt(),
        asyncio.CancelledError(),
        Crash(),
    ]
    found = grouped(writer, [add(1), *map(early, errors), add(2)])
    assert (found[0], found[-1], stored(file)) == (1, 2, [1, 2])
    assert [type(one) for one in found[1:-1]] == [Refused, RuntimeError, RuntimeError, RuntimeError, Crash]


def test_commands_take_effect_in_their_order_and_see_those_before(writer: Writer, file: Path, grouped):
    seen = []

    def look(tx: Tx) -> None:
        seen.append(tx.value(COUNT))

    grouped(writer, [work for n in range(50) for work in (add(n), look)])
    assert seen == list(range(1, 51))
    assert stored(file) == list(range(50))


def test_nobody_is_told_before_the_commit(writer: Writer, file: Path, grouped):
    """At the moment of telling, listener and caller alike, another connection sees the row."""
    at_hearing: list[list[int]] = []
    writer.listeners.append(lambda _: at_hearing.append(stored(file)))
    middle: list[list[int]] = []

    def peek(tx: Tx) -> None:
        middle.append(stored(file))

    grouped(writer, [add(1), add(2), peek, add(3)])
    assert middle == [[]]
    assert at_hearing == [[1, 2, 3]]
    for n in range(4, 20):
        assert writer.now(add(n)) in stored(file)


def test_the_listeners_have_heard_before_the_caller_goes_on(writer: Writer):
    heard: list = []

    def slow(messages: list) -> None:
        threading.Event().wait(0.02)
        heard.extend(messages)

    def broken(messages: list) -> None:
        raise Crash

    writer.listeners += [broken, slow]
    assert writer.now(add(1)) == 1
    assert heard == [("added", 1)]


def test_stop_finishes_what_was_accepted_and_refuses_what_comes_after(file: Path):
    writer = Writer(SQLite(file))

    async def leaving() -> list:
        with held(writer):
            tasks = [asyncio.create_task(writer.run(add(n))) for n in range(500)]
            await asyncio.sleep(0)
            stopping = threading.Thread(target=writer.stop)
            stopping.start()
            while not writer._stopping:
                await asyncio.sleep(0)
            with pytest.raises(Refused, match="stopping"):
                await writer.run(add(999))
            writer.later(add(998))
        found = await asyncio.gather(*tasks)
        stopping.join()
        return found

    assert asyncio.run(leaving()) == list(range(500))
    assert stored(file) == list(range(500))
    writer.stop()  # again: nothing happens
    with pytest.raises(Refused, match="stopping"):
        writer.now(add(1000))


def test_busy_when_the_queue_is_long(writer: Writer, file: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(writing, "QUEUE", 20)

    async def crowd() -> list:
        with held(writer):
            tasks = [asyncio.create_task(writer.run(add(n))) for n in range(50)]
            await asyncio.sleep(0)
            writer.later(add(999))  # nobody waits for it: dropped like the others
            assert writer.waiting == 20
        return await asyncio.gather(*tasks, return_exceptions=True)

    found = asyncio.run(crowd())
    assert found[:20] == list(range(20))
    assert [(one.code, one.status, one.facts) for one in found[20:]] == [("busy", 429, {"seconds": 2})] * 30
    assert stored(file) == list(range(20))
    assert writer.now(add(30)) == 30


def test_a_caller_that_has_gone_away_takes_nothing_with_it(writer: Writer, file: Path):
    async def leave() -> list:
        with held(writer):
            tasks = [asyncio.create_task(writer.run(add(n))) for n in range(3)]
            await asyncio.sleep(0)
            tasks[1].cancel()
            await asyncio.sleep(0)
        return await asyncio.gather(*tasks, return_exceptions=True)

    found = asyncio.run(leave())
    assert (found[0], type(found[1]), found[2]) == (0, asyncio.CancelledError, 2)
    assert stored(file) == [0, 1, 2]  # accepted is accepted


def test_a_closed_loop_does_not_hurt_the_others(writer: Writer, file: Path):
    async def put() -> None:
        asyncio.create_task(writer.run(add(1)))  # noqa: RUF006
        await asyncio.sleep(0)

    with held(writer):
        asyncio.run(put())
        other = threading.Thread(target=writer.now, args=(add(2),))
        other.start()
    other.join(10)
    assert not other.is_alive()
    assert writer.now(add(3)) == 3
    assert stored(file) == [1, 2, 3]


def test_a_part_is_undone_alone(writer: Writer, file: Path):
    def work(tx: Tx) -> None:
        tx.run(ADD, id=1, note="")
        tx.cache["x"] = 1
        with pytest.raises(Crash), tx.part():  # noqa: PT012
            tx.run(ADD, id=2, note="")
            tx.then("not to be heard")
            raise Crash
        assert tx.cache == {}
        with tx.part():
            tx.run(ADD, id=3, note="")
            tx.then("heard")

    heard: list = []
    writer.listeners.append(heard.extend)
    writer.now(work)
    assert (stored(file), heard) == ([1, 3], ["heard"])


def test_a_reader_sees_only_what_is_committed_and_one_snapshot(writer: Writer, file: Path):
    reader = Reader(SQLite(file))
    inside: list[int] = []

    def peek(tx: Tx) -> None:
        tx.run(ADD, id=1, note="")
        inside.append(reader.now(lambda other: other.value(COUNT)))

    writer.now(peek)
    assert inside == [0]

    def twice(tx: Tx) -> tuple[int, int]:
        first = tx.value(COUNT)
        writer.now(add(2))  # a reader never makes the writer wait
        return first, tx.value(COUNT)

    assert reader.now(twice) == (1, 1)
    assert reader.now(lambda tx: tx.value(COUNT)) == 2
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        reader.now(add(9))
    assert reader.now(lambda tx: tx.value(COUNT)) == 2  # and the reader is as good as before
    reader.stop()


def test_what_was_derived_is_forgotten_when_another_connection_commits(writer: Writer, file: Path):
    def put(tx: Tx) -> None:
        tx.cache["count"] = tx.value(COUNT)

    def got(tx: Tx) -> object:
        return tx.cache.get("count")

    writer.now(put)
    assert writer.now(got) == 0  # our own commits leave it
    writer.now(add(1))
    assert writer.now(got) == 0
    other = Writer(SQLite(file))
    other.now(add(2))
    assert writer.now(got) is None
    writer.now(put)
    with pytest.raises(Crash):
        writer.now(crash(Crash()))
    assert writer.now(got) is None  # it may have been derived from what was undone
    other.stop()


PROCESS = """
import json, sys, threading
from pathlib import Path
from tests.support.writing import add
from api.db.one_file import SQLite
from api.db.writer import Writer
writer, start = Writer(SQLite(Path(sys.argv[1]))), int(sys.argv[2])
told = []
def work(first):
    for n in range(first, first + 100):
        told.append(writer.now(add(n)))
print("ready", flush=True)
sys.stdin.readline()
threads = [threading.Thread(target=work, args=(start + 100 * t,)) for t in range(4)]
[t.start() for t in threads]
[t.join() for t in threads]
writer.stop()
print(json.dumps(told))
"""


def test_two_processes_on_one_file_take_turns_without_failures(file: Path):
    both = [
        subprocess.Popen(
            [sys.executable, "-c", PROCESS, str(file), str(start)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2],
        )
        for start in (10_000, 20_000)
    ]  # fmt: skip
    for one in both:
        assert one.stdout is not None
        assert one.stdout.readline() == "ready\n"
    for one in both:
        assert one.stdin is not None
        one.stdin.write("go\n")
        one.stdin.flush()
    told = [json.loads(one.communicate(timeout=60)[0]) for one in both]
    assert [len(one) for one in told] == [400, 400]
    assert sorted(stored(file)) == sorted(told[0] + told[1])


def test_a_process_killed_in_its_turn_leaves_the_lock_free_and_no_half_group(file: Path):
    code = """
import os, signal, sys
from pathlib import Path
from tests.support.writing import add
from api.db.one_file import SQLite
from api.db.writer import Writer
writer = Writer(SQLite(Path(sys.argv[1])))
writer.now(add(1))
def die(tx):
    add(2)(tx)
    os.kill(os.getpid(), signal.SIGKILL)
writer.now(die)
"""
    done = subprocess.run([sys.executable, "-c", code, str(file)], cwd=Path(__file__).parents[2], timeout=60)
    assert done.returncode == -9
    assert stored(file) == [1]
    writer = Writer(SQLite(file))
    assert writer.now(add(3)) == 3
    assert stored(file) == [1, 3]
    writer.stop()
