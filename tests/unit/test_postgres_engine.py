"""The group writer's laws on PostgreSQL: turns of several nodes, a lost connection, a commit whose answer never came,
a node that hangs; nothing that comes late is passed by, nothing acknowledged is lost, nothing is stored twice.
"""

import select
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from api.db import storage
from api.db import writer as writing
from api.db.database import Database
from api.db.postgres import engine as postgres
from api.db.postgres import hearing
from api.db.postgres.connection import Connection, Lost, said
from api.db.queries import Query
from api.db.siblings import PEOPLE, READERS
from api.db.tx import Tx
from api.journal import guard
from api.journal import service as journal
from api.journal.service import Q as J
from api.kernel.actor import SYSTEM
from api.kernel.errors import Refused
from tests.support import engines
from tests.support.company import START
from tests.support.postgres import server
from tests.support.writing import held

ADD = Query("t.add", "INSERT INTO looks (actor, order_no, at) VALUES (:actor, :no, :at)", "")
ALL = Query("t.all", "SELECT order_no FROM looks ORDER BY order_no", "")


@pytest.fixture
def url(tmp_path: Path) -> str:
    return engines.of(tmp_path)


class Nodes:
    """Several hubs on one company, each with its own folder."""

    def __init__(self, url: str, folder: Path) -> None:
        self.url, self._folder = url, folder
        self.all: list[Database] = []

    def one(self) -> Database:
        made = Database(self._folder / f"node{len(self.all)}", url=self.url)
        self.all.append(made)
        return made


@pytest.fixture
def nodes(url: str, tmp_path: Path) -> Iterator[Nodes]:
    made = Nodes(url, tmp_path)
    yield made
    for db in made.all:
        db.stop()


def add(no: str):
    def work(tx: Tx) -> str:
        tx.run(ADD, actor="a", no=no, at=1)
        return no

    return work


def told(tx: Tx, word: str) -> int:
    return journal.record(tx, f"order:{word}", "order.noted", {"word": word}, SYSTEM, START)


def stored(db: Database) -> list[str]:
    return [row["order_no"] for row in db.reader.now(lambda tx: tx.all(ALL))]


def killed(db: Database) -> int:
    """The server ends every connection of this company but our own."""
    rows = server().admin.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s",
        (psycopg.conninfo.conninfo_to_dict(db.engine.place.conninfo)["dbname"],),
    )
    return len(rows.fetchall())


# values and rows ----------------------------------------------------------------------------------------------


def test_texts_are_numbered_as_the_server_wants_them():
    assert said("SELECT ?1, ?2, ?1") == b"SELECT $1, $2, $1"
    assert said("SELECT ?, '?1 it''s ?', ?") == b"SELECT $1, '?1 it''s ?', $2"


def test_values_are_the_same_as_on_sqlite(nodes: Nodes):
    db = nodes.one()

    def work(tx: Tx) -> Any:
        ask = tx.connection.execute
        ask("INSERT INTO tries (id, who, at) VALUES (?1, ?2, ?3)", (7, b"\x00\xff", True))
        row = ask("SELECT id, who, at, NULL AS none, '货' AS word FROM tries").fetchone()
        assert tuple(row) == (7, b"\x00\xff", 1, None, "货")
        assert (row["who"], row[0], row[:2], len(row)) == (b"\x00\xff", 7, (7, b"\x00\xff"), 5)
        assert dict(row)["word"] == row["word"] == "货"
        assert row.keys() == ["id", "who", "at", "none", "word"]
        number, who, *_ = row
        assert (number, who) == (7, b"\x00\xff")
        ask("INSERT INTO tries (who, at) VALUES (?, ?)", (b"", 2**63 - 1))
        found = ask("SELECT COUNT(*), SUM(id), MAX(at), MAX(at) > 3 FROM tries").fetchone()
        assert [type(one) for one in found] == [int, int, int, int]
        assert found[3] == 1
        with pytest.raises(KeyError):
            row["nothing"]
        return "looked"

    assert db.writer.now(work) == "looked"


def test_a_text_that_postgresql_cannot_hold_is_refused_alone(nodes: Nodes):
    db = nodes.one()
    with pytest.raises(Refused, match="nul_text"):
        db.writer.now(add("a\x00b"))
    jobs = [writing.Job(add(no), None, is_pure=True) for no in ("c", "d\x00", "e")]
    with held(db.writer):
        for job in jobs:
            db.writer._put(job)
    assert [type(job.future.exception(20)) for job in jobs] == [type(None), Refused, type(None)]
    with pytest.raises(Refused, match="nul_text"):
        db.reader.now(lambda tx: tx.all(J.entries_of, subject="\0"))
    assert stored(db) == ["c", "e"]


# turns ----------------------------------------------------------------------------------------------------------


def test_positions_are_committed_in_their_order_whoever_writes(nodes: Nodes, tmp_path: Path):
    """Two nodes, eight threads: no gap, no fork; who looks between two of its own entries, through the other node, sees a
    beginning of the journal."""
    pair = [nodes.one(), nodes.one()]
    seen: list[tuple[int, int]] = []

    def write(n: int) -> None:
        for k in range(15):
            pair[n % 2].writer.now(lambda tx, k=k: told(tx, f"{n}-{k % 3}"))
            look = pair[(n + 1) % 2].reader.now
            seen.append(look(lambda tx: (tx.value(J.last_pos), tx.value(J.entries_count))))

    writers = [threading.Thread(target=write, args=(n,)) for n in range(8)]
    for one in writers:
        one.start()
    for one in writers:
        one.join()
    assert all(last == count for last, count in seen)
    assert len({last for last, _ in seen}) >= 15
    found = pair[0].reader.now(lambda tx: guard.verify(tx, tmp_path, None))
    assert (found.entries, found.fault) == (120, None)


def test_no_cursor_passes_an_entry_that_is_still_to_come(nodes: Nodes):
    """A transaction is held open between its entry and its commit: whoever comes later waits behind it, and a reader that
    looks meanwhile sees neither, then both."""
    slow, quick = nodes.one(), nodes.one()
    written, go = threading.Event(), threading.Event()
    ends: list[str] = []

    def hold(tx: Tx) -> None:
        told(tx, "first")
        tx.flush()
        written.set()
        assert go.wait(20)

    def run(db: Database, work: Any, name: str) -> None:
        db.writer.now(work)
        ends.append(name)

    cursors = []

    def look() -> int:
        cursor: int = quick.reader.now(lambda tx: tx.value(J.last_pos))
        cursors.append(cursor)
        return cursor

    first = threading.Thread(target=run, args=(slow, hold, "first"))
    second = threading.Thread(target=run, args=(quick, lambda tx: told(tx, "second"), "second"))
    first.start()
    assert written.wait(20)
    second.start()
    waits = "SELECT COUNT(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND application_name LIKE 'huodaona%'"
    until = time.monotonic() + 20
    while server().admin.execute(waits).fetchone() == (0,) and time.monotonic() < until:
        look()
    assert look() == 0
    go.set()
    first.join()
    second.join()
    assert ends[0] == "first" or look() == 2
    after = quick.reader.now(
        lambda tx: [
            tuple(row) for row in tx.connection.execute("SELECT pos, subject FROM journal ORDER BY pos")
        ]
    )
    assert after == [(1, "order:first"), (2, "order:second")]
    assert set(cursors) <= {0, 1, 2}


def test_what_was_derived_is_forgotten_when_another_node_commits(nodes: Nodes):
    mine, other = nodes.one(), nodes.one()

    def put(tx: Tx) -> None:
        tx.cache["x"] = tx.slow["x"] = 1

    def got(tx: Tx) -> tuple[Any, Any]:
        return tx.cache.get("x"), tx.slow.get("x")

    other.writer.now(lambda tx: tx.forget())
    mine.writer.now(put)
    mine.writer.now(add("a"))
    assert mine.writer.now(got) == (1, 1)  # our own commits leave it
    other.writer.now(add("b"))
    assert mine.writer.now(got) == (None, 1)
    mine.writer.now(put)
    other.writer.now(lambda tx: tx.forget())
    assert mine.writer.now(got) == (None, None)


def test_a_command_that_fails_undoes_itself_alone(nodes: Nodes):
    """Also where PostgreSQL has given up the transaction until somebody rolls back."""
    db = nodes.one()
    db.writer.now(add("a"))

    def twice(tx: Tx) -> None:
        tx.run(ADD, actor="b", no="b", at=1)
        tx.run(ADD, actor="a", no="a", at=1)

    def caught(tx: Tx) -> None:
        with pytest.raises(psycopg.errors.UniqueViolation), tx.part():
            twice(tx)
        tx.run(ADD, actor="c", no="c", at=1)

    with pytest.raises(psycopg.errors.UniqueViolation):
        db.writer.now(twice)
    db.writer.now(caught)
    assert stored(db) == ["a", "c"]


# faults -----------------------------------------------------------------------------------------------------------


def test_a_server_that_ends_connections_is_found_again(nodes: Nodes):
    db = nodes.one()
    db.writer.now(add("a"))
    assert stored(db) == ["a"]
    assert killed(db) >= 2
    assert stored(db) == ["a"]
    assert killed(db) >= 1
    assert db.writer.now(add("b")) == "b"
    assert stored(db) == ["a", "b"]


class Cut:
    """The way to the server is cut around a COMMIT: before it arrives, or before its answer does."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *, arrives: bool) -> None:
        self.is_due = True
        commit = Connection.commit

        def cut(connection: Connection, within: float) -> None:
            if not self.is_due:
                return commit(connection, within)
            self.is_due = False
            if arrives:
                commit(connection, within)
            connection.close()
            raise Lost("the way is cut")

        monkeypatch.setattr(Connection, "commit", cut)


@pytest.mark.parametrize("arrives", [True, False])
def test_what_became_of_a_commit_is_found_out(nodes: Nodes, monkeypatch: pytest.MonkeyPatch, arrives: bool):
    """A command that may run but once is acknowledged if it is there, refused if it is not; another node's commit in
    between changes nothing about it."""
    db, other = nodes.one(), nodes.one()
    Cut(monkeypatch, arrives=arrives)
    found = []
    resolve = db.engine._has_committed

    def busy(until: float) -> bool:
        other.writer.now(add("other"))
        return resolve(until)

    monkeypatch.setattr(db.engine, "_has_committed", busy)
    try:
        found.append(db.writer.now(add("a")))
    except Refused as error:
        found.append(error.facts["kind"])
    assert found == (["a"] if arrives else ["away"])
    assert stored(db) == (["a", "other"] if arrives else ["other"])
    assert db.writer.now(add("b")) == "b"


def test_a_pure_command_whose_commit_was_lost_is_run_again(nodes: Nodes, monkeypatch: pytest.MonkeyPatch):
    db = nodes.one()
    Cut(monkeypatch, arrives=False)
    job = writing.Job(add("a"), None, is_pure=True)
    db.writer._put(job)
    assert job.future.result(20) == "a"
    assert stored(db) == ["a"]


def test_where_nobody_tells_it_is_said_that_nothing_is_known(nodes: Nodes, monkeypatch: pytest.MonkeyPatch):
    db = nodes.one()
    Cut(monkeypatch, arrives=True)

    def away(_: Any) -> None:
        raise Lost("nobody there")

    with monkeypatch.context() as gone:
        gone.setattr(postgres, "DOUBT_S", 0.1)
        gone.setattr(postgres, "Connection", away)
        with pytest.raises(Refused) as told:
            db.writer.now(add("a"))
    assert told.value.facts["kind"] == "doubt"
    assert "not known" in told.value.why.en
    assert db.writer.now(add("b")) == "b"
    assert stored(db) == ["a", "b"]


def test_a_node_that_hangs_in_its_turn_gives_it_up(nodes: Nodes, monkeypatch: pytest.MonkeyPatch):
    """The server ends a transaction whose node says nothing any more; what that node had not committed is undone."""
    stuck, well = nodes.one(), nodes.one()
    inside, go = threading.Event(), threading.Event()
    ends: list[Any] = []

    def hang(tx: Tx) -> None:
        tx.connection.execute("SET LOCAL idle_in_transaction_session_timeout = 300")
        tx.run(ADD, actor="stuck", no="stuck", at=1)
        inside.set()
        assert go.wait(20)

    def run() -> None:
        try:
            stuck.writer.now(hang)
        except Refused as error:
            ends.append(error.code)

    thread = threading.Thread(target=run)
    thread.start()
    assert inside.wait(20)
    assert well.writer.now(add("well")) == "well"
    go.set()
    thread.join()
    assert ends == ["storage"]
    assert stored(well) == ["well"]
    assert stuck.writer.now(add("again")) == "again"


def test_who_waits_too_long_for_the_turn_is_told_why(nodes: Nodes, monkeypatch: pytest.MonkeyPatch):
    db, other = nodes.one(), nodes.one()
    monkeypatch.setattr(writing, "PATIENCE_S", 0.0)
    db.writer.now(lambda tx: tx.connection.execute("SET lock_timeout = 100").rowcount)
    inside, go = threading.Event(), threading.Event()

    def hold(tx: Tx) -> None:
        inside.set()
        assert go.wait(20)

    thread = threading.Thread(target=other.writer.now, args=(hold,))
    thread.start()
    assert inside.wait(20)
    with pytest.raises(Refused) as told:
        db.writer.now(add("a"))
    assert told.value.facts["kind"] == "crossed"
    go.set()
    thread.join()
    assert db.writer.now(add("b")) == "b"
    assert stored(db) == ["b"]


def test_a_server_that_is_away_is_said_and_found_again(nodes: Nodes, monkeypatch: pytest.MonkeyPatch):
    db = nodes.one()
    monkeypatch.setattr(writing, "PATIENCE_S", 0.0)

    def away(_: Any) -> None:
        raise Lost("nobody there")

    with monkeypatch.context() as gone:
        gone.setattr(Connection, "_opened", away)
        killed(db)
        with pytest.raises(Refused) as told:
            db.writer.now(add("a"))
        assert (told.value.code, told.value.facts["kind"]) == ("storage", "away")
        with pytest.raises(Refused) as unread:
            stored(db)
        assert (unread.value.code, unread.value.facts["kind"]) == ("unreadable", "away")
    assert db.writer.now(add("b")) == "b"
    assert db.writer.trouble is None
    assert stored(db) == ["b"]


@pytest.mark.parametrize(
    ("state", "kind"), [("53100", "full"), ("25006", "read_only"), ("XX001", "damaged"), ("40P01", "crossed")]
)
def test_the_servers_faults_have_the_house_names(state: str, kind: str):
    found = storage.trouble(psycopg.errors.lookup(state)("as the server says it"))
    assert found is not None
    assert found.kind == kind
    assert storage.trouble(psycopg.errors.UniqueViolation("a fault of the command's")) is None


# what other nodes are told --------------------------------------------------------------------------------------------


def heard(db: Database, within: float = 10.0) -> bool:
    """Has the board's feed of this node been called?"""
    ready = select.select([db.siblings.calls], [], [], within)[0]
    db.siblings.answer()
    return bool(ready)


@pytest.fixture
def listening(nodes: Nodes) -> tuple[Database, Database]:
    mine, other = nodes.one(), nodes.one()
    for db in (mine, other):
        db.siblings.put(READERS, 1)
        db.hear()
        assert heard(db)  # what was missed before
    return mine, other


def test_another_node_hears_of_orders_at_once(listening: tuple[Database, Database]):
    mine, other = listening
    mine.writer.now(lambda tx: told(tx, "1"))
    assert heard(other)
    assert heard(mine)  # as on SQLite, by shared memory
    mine.writer.now(add("no order"))
    assert not heard(other, 0.2)


def test_another_node_hears_of_people(listening: tuple[Database, Database]):
    """Whose session was ended is asked again there."""
    mine, other = listening
    before = other.siblings.total(PEOPLE)
    mine.writer.now(lambda tx: tx.then(("people", "li")))
    assert heard(other)
    assert other.siblings.total(PEOPLE) == before + 1


def test_what_was_undone_is_told_to_nobody(listening: tuple[Database, Database]):
    mine, other = listening

    def undone(tx: Tx) -> None:
        told(tx, "1")
        raise Refused("stopping")

    with pytest.raises(Refused):
        mine.writer.now(undone)
    assert not heard(other, 0.2)


def test_a_line_that_was_lost_is_taken_up_again(
    listening: tuple[Database, Database], monkeypatch: pytest.MonkeyPatch
):
    mine, other = listening
    monkeypatch.setattr(hearing, "PAUSE_S", 0.05)
    killed(mine)
    assert heard(other)  # what may have been missed meanwhile
    mine.writer.now(lambda tx: told(tx, "1"))
    assert heard(other)
