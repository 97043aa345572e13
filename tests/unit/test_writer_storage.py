"""A full disk, an I/O error, a read-only file: the whole group is refused, nothing of it is stored, the next one works."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from api.db.one_file import SQLite
from api.db.tx import Tx
from api.db.writer import Writer
from api.kernel.errors import Refused
from api.stock import service as stock
from tests.support.company import draft
from tests.support.writing import ADD, Crash, add, crash, group, stored, table


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return table(tmp_path)


@pytest.fixture(params=[False, True], ids=["alone", "together"])
def grouped(request: pytest.FixtureRequest):
    """Both ways to run a group keep the same laws."""
    return lambda writer, works: group(writer, works, request.param)


@pytest.fixture
def small(file: Path) -> Iterator[Writer]:
    """A disk that is really full soon: SQLite itself answers SQLITE_FULL."""
    writer = Writer(SQLite(file))
    writer.now(lambda tx: tx.connection.execute("PRAGMA max_page_count = 60").fetchone())
    yield writer
    writer.stop()


def test_a_full_disk_refuses_the_whole_group_and_stores_nothing_of_it(small: Writer, file: Path, grouped):
    assert small.now(add(1)) == 1
    heard: list = []
    small.listeners.append(heard.extend)
    found = grouped(small, [add(2), add(3, "x" * 1_000_000), add(4)])
    assert [(type(one), getattr(one, "code", "")) for one in found] == [(Refused, "storage")] * 3
    assert (stored(file), heard) == ([1], [])
    small.now(lambda tx: tx.connection.execute("PRAGMA max_page_count = 100000").fetchone())
    assert grouped(small, [add(2), add(3, "x" * 1_000_000), add(4)]) == [2, 3, 4]
    assert (stored(file), heard) == ([1, 2, 3, 4], [("added", 2), ("added", 3), ("added", 4)])


def test_a_swallowed_storage_fault_still_fails_the_group(small: Writer, file: Path, grouped):
    """A command that catches everything must not turn a dropped transaction into an acknowledgement."""

    def swallow(tx: Tx) -> str:
        try:
            tx.run(ADD, id=2, note="x" * 1_000_000)
        except sqlite3.OperationalError:
            tx.connection.execute("ROLLBACK")  # what the engine does by itself on some faults
        return "fine"

    found = grouped(small, [add(1), swallow, add(3)])
    assert [getattr(one, "code", one) for one in found] == ["storage"] * 3
    assert stored(file) == []
    assert small.now(add(5)) == 5


class Faulty:
    """The engine's connection, failing where the test says (an I/O error cannot be had from a good disk)."""

    def __init__(self, connection: sqlite3.Connection, when: str, error: BaseException) -> None:
        self._connection, self.when, self.error = connection, when, error

    def __getattr__(self, name: str):
        return getattr(self._connection, name)

    def execute(self, sql: str, *rest):
        if self.when and sql.startswith(self.when):
            raise self.error
        return self._connection.execute(sql, *rest)


def io_error() -> sqlite3.OperationalError:
    error = sqlite3.OperationalError("disk I/O error")
    error.sqlite_errorcode = sqlite3.SQLITE_IOERR_WRITE
    return error


@pytest.mark.parametrize(
    "when", ["BEGIN", "SAVEPOINT", "INSERT", "RELEASE", "ROLLBACK TO", "COMMIT", "ROLLBACK"]
)
@pytest.mark.parametrize("error", [io_error(), MemoryError()], ids=["ioerr", "nomem"])
def test_an_io_error_anywhere_refuses_the_whole_group(when: str, error: BaseException, file: Path, grouped):
    writer = Writer(SQLite(file))
    faulty = Faulty(writer._connection, "", error)
    writer._connection = writer._tx.connection = faulty
    writer._tx._silent = faulty
    assert writer.now(add(1)) == 1
    if when == "BEGIN":
        faulty.when = when
        found = [outcome(writer, add(2))]
    else:
        found = grouped(writer, [add(2), lambda tx: setattr(faulty, "when", when), crash(Crash()), add(3)])
    assert {getattr(one, "code", one) for one in found} == {"storage"}
    faulty.when = ""
    assert stored(file) == [1]
    assert writer.now(add(4)) == 4
    assert stored(file) == [1, 4]
    writer.stop()


def outcome(writer: Writer, work):
    try:
        return writer.now(work)
    except Refused as error:
        return error


def test_a_read_only_file_refuses_and_says_so(file: Path):
    writer = Writer(SQLite(file))
    writer._connection.execute("PRAGMA query_only = ON")
    found = [outcome(writer, add(1)), outcome(writer, add(2))]
    assert [getattr(one, "code", one) for one in found] == ["storage"] * 2
    assert found[0].status == 507
    writer._connection.execute("PRAGMA query_only = OFF")
    assert writer.now(add(3)) == 3
    assert stored(file) == [3]
    writer.stop()


def test_what_would_go_into_a_file_that_nobody_can_open_again_is_refused(tmp_path: Path):
    """Moved away, its log removed by hand, another one in its place: each kept all that was acknowledged before."""

    def moved(file: Path) -> None:
        file.parent.rename(tmp_path / "elsewhere")

    def log_removed(file: Path) -> None:
        file.with_name("t.db-wal").unlink()

    def replaced(file: Path) -> None:
        other = file.with_name("other")
        other.write_bytes(file.read_bytes())
        other.rename(file)

    for n, harm in enumerate((moved, log_removed, replaced)):
        folder = tmp_path / str(n)
        folder.mkdir()
        writer = Writer(SQLite(table(folder)))
        assert writer.now(add(1)) == 1
        harm(folder / "t.db")
        refused = outcome(writer, add(2))
        assert isinstance(refused, Refused)
        assert (refused.code, refused.facts["kind"]) == ("storage", "gone")
        writer.stop()
    (tmp_path / "elsewhere").rename(tmp_path / "0")
    assert [stored(tmp_path / str(n) / "t.db") for n in (0, 1)] == [[1], [1]]


def test_over_http_a_full_disk_is_507_and_the_next_order_is_taken_again(company):
    def limit(pages: int) -> None:
        company.db.writer.now(lambda tx: tx.connection.execute(f"PRAGMA max_page_count = {pages}").fetchone())

    def listed() -> list[str]:
        return [one["order_no"] for one in company.sales.get("/api/orders").json()["items"]]

    company.token("supervisor")
    limit(1)  # SQLite takes the present size as the least
    numbers, answers = [], []
    for n in range(60):
        answers.append(company.supervisor.post("/api/orders", draft(note="x" * 1_900, options=[f"{n}"])))
        if answers[-1].status_code == 201:
            numbers.append(answers[-1].json()["order_no"])
    assert {one.status_code for one in answers} <= {201, 507}
    full = answers[-1]
    assert (full.status_code, full.json()["code"]) == (507, "storage")
    assert listed() == numbers[::-1]
    key, large = {"Idempotency-Key": "once"}, draft(note="x" * 1_900, options=["y" * 100] * 20)
    assert company.supervisor.post("/api/orders", large, headers=key).status_code == 507
    limit(1_000_000)
    made = company.supervisor.post("/api/orders", large, headers=key)
    assert made.status_code == 201, "a refusal of the disk is no first answer"
    assert listed() == [made.json()["order_no"], *numbers[::-1]]
    assert company.db.reader.now(stock.drift) == []
