"""Rows that wait: seen by whoever asks, written many at a time, undone with their command, never half of them."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.db.counting import Q as COUNTING
from api.db.counting import take
from api.db.one_file import SQLite
from api.db.queries import Query
from api.db.sqlite import Connection, connect
from api.db.tx import Redo, Tx
from api.db.writer import GROUP, Writer
from api.kernel.errors import Refused
from tests.support.writing import ADD, COUNT, add, crash, group, stored, table

LESS = Query(
    "pile.less",
    "UPDATE pile SET n = n - w.column2 FROM (VALUES (:name, :n)) w WHERE pile.name = w.column1 AND n >= w.column2",
    "",
)
PILE = Query("pile.n", "SELECT n FROM pile WHERE name = :name", "")
STATE = Query(
    "mark.set",
    "INSERT INTO mark (name, n) VALUES (:name, :n) ON CONFLICT (name) DO UPDATE SET n = excluded.n",
    "",
)
MARK = Query("mark.n", "SELECT n FROM mark WHERE name = :name", "")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = table(tmp_path)
    connection = connect(file)
    connection.execute("CREATE TABLE pile (name TEXT PRIMARY KEY, n INTEGER NOT NULL)")
    connection.execute("CREATE TABLE mark (name TEXT PRIMARY KEY, n INTEGER NOT NULL)")
    connection.execute("CREATE TABLE numbers (day TEXT PRIMARY KEY, last INTEGER NOT NULL)")
    connection.execute("INSERT INTO pile VALUES ('a', 10)")
    connection.close()
    return file


@pytest.fixture
def writer(file: Path) -> Iterator[Writer]:
    writer = Writer(SQLite(file))
    yield writer
    writer.stop()


def wait(number: int, note: str = ""):
    def work(tx: Tx) -> int:
        tx.later(ADD, id=number, note=note)
        tx.then(("added", number))
        return number

    return work


def test_a_row_that_waits_is_seen_by_the_next_statement_about_its_table(writer: Writer):
    seen = []

    def work(tx: Tx) -> None:
        tx.later(ADD, id=1, note="")
        seen.append(tx.connection.execute(COUNT.sql).fetchone()[0])
        seen.append(tx.value(COUNT))

    writer.now(work)
    assert seen == [0, 1]


@pytest.mark.parametrize("together", [True, False], ids=["together", "alone"])
def test_a_group_of_any_size_is_written_whole(writer: Writer, file: Path, together: bool):
    count = GROUP - 1
    assert group(writer, [wait(n) for n in range(count)], together) == list(range(count))
    assert stored(file) == list(range(count))


@pytest.mark.parametrize("together", [True, False], ids=["together", "alone"])
def test_what_a_refused_command_left_waiting_goes_with_it(writer: Writer, file: Path, together: bool):
    heard: list = []
    writer.listeners.append(heard.extend)

    def refused(tx: Tx) -> None:
        tx.later(ADD, id=2, note="")
        tx.cache[2] = True
        raise Refused("busy", seconds=1)

    found = group(writer, [wait(1), refused, wait(3)], together)
    assert isinstance(found[1], Refused)
    assert stored(file) == [1, 3]
    assert heard == [("added", 1), ("added", 3)]
    assert not writer.now(lambda tx: 2 in tx.cache)


def test_a_row_that_the_table_refuses_is_its_commands_alone(writer: Writer, file: Path):
    found = group(writer, [wait(1), wait(2), wait(1), wait(3)], True)
    assert [one if isinstance(one, int) else type(one) for one in found] == [1, 2, sqlite3.IntegrityError, 3]
    assert stored(file) == [1, 2, 3]


def test_who_believed_too_much_of_a_table_is_run_again(writer: Writer, file: Path):
    """The statement asks the table itself: what a command knew from before does not count."""
    runs = []

    def take_six(tx: Tx) -> int:
        runs.append(tx.is_careful)
        known = tx.cache.setdefault("believed", {})
        free = known.get("a", 10) if not tx.is_careful else tx.value(PILE, name="a")
        if free < 6:
            raise Refused("busy", seconds=1)
        tx.summed(LESS, ("a",), 6)
        return free

    found = group(writer, [take_six, take_six], True)
    assert found[0] == 10
    assert isinstance(found[1], Refused)
    assert runs == [False, False, True, True]
    assert writer.now(lambda tx: tx.value(PILE, name="a")) == 4


def test_sums_add_up_and_of_a_state_the_last_one_counts(writer: Writer):
    def work(tx: Tx) -> None:
        for n in (1, 2, 3):
            tx.summed(LESS, ("a",), n)
            tx.latest(STATE, "x", name="x", n=n)

    writer.now(work)
    assert writer.now(lambda tx: (tx.value(PILE, name="a"), tx.value(MARK, name="x"))) == (4, 3)


@pytest.mark.parametrize("together", [True, False], ids=["together", "alone"])
def test_a_part_that_fails_takes_back_its_own_rows_and_no_others(writer: Writer, file: Path, together: bool):
    def work(tx: Tx) -> None:
        tx.later(ADD, id=1, note="")
        for broken in (False, True):
            try:
                with tx.part():
                    tx.later(ADD, id=2 + broken, note="")
                    if broken:
                        raise Refused("busy", seconds=1)
            except Refused:
                tx.later(ADD, id=9, note="")

    found = group(writer, [add(0), work, wait(10)], together)
    assert found == [0, None, 10]
    assert stored(file) == [0, 1, 2, 9, 10]


def test_a_part_that_fails_before_it_writes_costs_nothing(writer: Writer):
    runs = []

    def work(tx: Tx) -> None:
        runs.append(1)
        tx.later(ADD, id=1, note="")
        try:
            with tx.part():
                raise Refused("busy", seconds=1)
        except Refused:
            return

    group(writer, [work], True)
    assert runs == [1]


def test_numbers_go_on_after_a_failure_without_a_gap(writer: Writer):
    def number(tx: Tx) -> int:
        return take(tx, "261122")

    found = group(writer, [number, crash(Refused("busy", seconds=1)), number], True)
    found += group(writer, [number, crash(Refused("busy", seconds=1)), number], False)
    assert [one for one in found if isinstance(one, int)] == [1, 2, 3, 4]
    assert writer.now(lambda tx: tx.value(COUNTING.last_number, name="261122")) == 4


@given(
    st.lists(
        st.tuples(st.sampled_from(["later", "run", "look", "fail", "part"]), st.integers(0, 99)),
        max_size=30,
        unique_by=lambda s: s[1],
    )
)
@settings(max_examples=60, deadline=None, derandomize=True)
def test_waiting_changes_nothing_that_anybody_can_see(steps):
    """The same commands, once with rows that wait and once without: the same answers and the same table."""

    def command(step: tuple[str, int], lazy: bool):
        kind, number = step

        def put(tx: Tx) -> None:
            if lazy and kind != "run":
                tx.later(ADD, id=number, note="")
            else:
                tx.run(ADD, id=number, note="")

        def work(tx: Tx):
            if kind == "look":
                return tx.value(COUNT)
            if kind == "part":
                try:
                    with tx.part():
                        put(tx)
                        raise Refused("busy", seconds=1)
                except Refused:
                    return "undone"
            put(tx)
            if kind == "fail":
                raise Refused("busy", seconds=1)
            return number

        return work

    outcomes = []
    for lazy in (True, False):
        connection = sqlite3.connect(":memory:", isolation_level=None, factory=Connection)
        connection.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, note TEXT NOT NULL)")
        tx, told = Tx(connection), []
        for step in steps:
            connection.execute("SAVEPOINT one")
            try:
                told.append(command(step, lazy)(tx))
                tx.flush()
                connection.execute("RELEASE one")
            except (Refused, sqlite3.IntegrityError, Redo) as error:
                connection.execute("ROLLBACK TO one")
                connection.execute("RELEASE one")
                tx.drop()
                told.append(type(error).__name__)
        outcomes.append((told, [row[0] for row in connection.execute("SELECT id FROM t ORDER BY id")]))
        connection.close()
    assert outcomes[0] == outcomes[1]


@pytest.mark.parametrize(
    "sql",
    [
        "DELETE FROM t WHERE id = :id",
        "INSERT INTO t (id, note) VALUES (:id, :id)",
        "INSERT INTO t (id, note) VALUES (:id, 'x') ON CONFLICT (id) DO UPDATE SET note = :note",
    ],
)
def test_a_statement_that_cannot_take_many_rows_says_so(sql: str):
    with pytest.raises(ValueError, match="takes no rows"):
        Query("t.x", sql, "").rows(2)


def test_many_rows_are_one_statement_of_the_same_words():
    sql = "INSERT INTO t (id, note) VALUES (:id, :note) ON CONFLICT (id) DO UPDATE SET note = excluded.note"
    assert Query("t.x", sql, "").rows(2) == sql.replace("(:id, :note)", "(?, ?), (?, ?)")
