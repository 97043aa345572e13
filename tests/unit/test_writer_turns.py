"""Turns by source: nobody waits behind another's crowd, everybody's own order stands, and work is what is counted."""

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.db import writer as writing
from api.db.one_file import SQLite
from api.db.turns import Turns
from api.db.tx import Tx
from api.db.writer import GROUP, Writer
from api.kernel.errors import Refused
from tests.support.writing import add, held, stored, table


class One(NamedTuple):
    source: str
    n: int
    weight: int


ones = st.lists(st.tuples(st.sampled_from("abc"), st.integers(1, 60)), max_size=80)


@given(ones, st.lists(st.integers(1, 100), max_size=40))
def test_all_come_once_in_their_sources_order_and_weigh_what_they_should(given_, takes):
    turns: Turns[One] = Turns()
    put = [One(source, n, weight) for n, (source, weight) in enumerate(given_)]
    for one in put:
        turns.put(one)
    taken = []
    for most in [*takes, *([10_000] if put else [])]:
        group = turns.take(most)
        assert group or not len(turns)
        assert sum(one.weight for one in group[:-1]) < most
        taken += group
        assert turns.weight == sum(one.weight for one in put) - sum(one.weight for one in taken)
    assert sorted(taken) == sorted(put)
    for source in "abc":
        mine = [one.n for one in taken if one.source == source]
        assert mine == sorted(mine)
    assert (len(turns), turns.weight) == (0, 0)


def test_one_waits_for_one_of_each_other_source_and_no_more():
    turns: Turns[One] = Turns()
    for n in range(1_000):
        turns.put(One("crowd", n, 1))
    turns.put(One("picker", 0, 1))
    assert One("picker", 0, 1) in turns.take(2)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return table(tmp_path)


@pytest.fixture
def writer(file: Path) -> Iterator[Writer]:
    writer = Writer(SQLite(file))
    yield writer
    writer.stop()


def test_a_single_command_is_in_the_next_group_whatever_waits(writer: Writer, file: Path):
    done: list[int] = []

    async def main() -> None:
        with held(writer):
            crowd = [asyncio.create_task(writer.run(add(n), source="crowd")) for n in range(3 * GROUP)]
            await asyncio.sleep(0)
            one = asyncio.create_task(writer.run(add(9_999), source="picker"))
            await asyncio.sleep(0)
            one.add_done_callback(lambda _: done.append(sum(task.done() for task in crowd)))
        await asyncio.gather(one, *crowd)

    asyncio.run(main())
    assert 9_999 in stored(file)
    assert done[0] <= GROUP


def test_busy_is_judged_by_work_not_by_number(writer: Writer, monkeypatch: pytest.MonkeyPatch):
    """At 10 ms a command two seconds are 200 commands, or two batches of 150."""

    async def crowd(weight: int, count: int) -> list:
        with held(writer):
            writer._pace = 0.01
            tasks = [
                asyncio.create_task(writer.run(add(weight * 1_000 + n), weight=weight)) for n in range(count)
            ]
            await asyncio.sleep(0)
        return await asyncio.gather(*tasks, return_exceptions=True)

    for weight, count, taken in ((1, 300, 201), (150, 5, 2)):
        found = asyncio.run(crowd(weight, count))
        refused = [one for one in found if isinstance(one, Refused)]
        assert len(found) - len(refused) == taken
        assert {one.code for one in refused} == {"busy"}
        assert all(one.facts["seconds"] >= writing.BUSY_S for one in refused)


def test_the_pace_is_learned_from_the_groups(writer: Writer):
    before = writer._pace
    for n in range(60):
        writer.now(add(n))
    assert 0 < writer._pace != before


def test_a_slow_disk_turns_nobody_away_whose_group_is_next(writer: Writer):
    """Each commit takes 100 ms; forty commands that come at once are one group, not four seconds."""

    def slow(tx: Tx) -> None:
        threading.Event().wait(0.1)

    for _ in range(15):
        writer.now(slow)

    async def forty() -> list[int]:
        with held(writer):
            tasks = [asyncio.create_task(writer.run(add(n))) for n in range(40)]
            await asyncio.sleep(0)
        return await asyncio.gather(*tasks)

    assert asyncio.run(forty()) == list(range(40))
