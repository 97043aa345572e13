"""A primary with a standby that each commit waits for: nothing counts as stored that the standby may lack; a promoted
standby is found by itself, and the former primary, should it come back, is written to and read from no more.
"""

import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from api.db import writer as writing
from api.db.database import Database
from api.db.postgres import engine, hearing, place
from api.db.postgres.connection import Lost
from api.db.siblings import READERS
from api.kernel.errors import Refused
from tests.support.postgres import APP, OWNER, Server, Standby, pair
from tests.unit.test_postgres_engine import add, heard, stored, told

Pair = tuple[Server, Standby]
WAITS = "SELECT pid FROM pg_stat_activity WHERE wait_event = 'SyncRep' AND application_name LIKE 'huodaona%'"


@pytest.fixture(scope="module")
def both() -> Iterator[Pair]:
    with pair() as made:
        yield made


@pytest.fixture
def dbs(both: Pair, tmp_path: Path) -> Iterator[list[Database]]:
    """Two nodes on a company of their own, each told of both servers, the former primary first."""
    primary, standby = both
    name = primary.database()
    urls = {"url": primary.url(name, APP, standby), "owner": primary.url(name, OWNER, standby)}
    made = [Database(tmp_path / f"node{n}", **urls) for n in range(2)]
    yield made
    for db in made:
        db.stop()


def waiting(server: Server) -> int:
    """The connection that waits for the standby."""
    until = time.monotonic() + 20
    while time.monotonic() < until:
        rows = server.admin.execute(WAITS).fetchall()
        if rows:
            pid: int = rows[0][0]
            return pid
    raise AssertionError("nobody waits")


class Asked(threading.Thread):
    """One command on its way; `end` is its answer, or the kind of the refusal."""

    def __init__(self, db: Database, work: Any) -> None:
        super().__init__()
        self.db, self.work, self.end = db, work, ""
        self.start()

    def run(self) -> None:
        try:
            self.end = self.db.writer.now(self.work)
        except Refused as error:
            self.end = error.facts["kind"]

    def ended(self) -> str:
        self.join(20)
        return self.end


def test_without_its_standby_nothing_is_acknowledged_and_nothing_called_refused(
    dbs: list[Database], both: Pair, monkeypatch: pytest.MonkeyPatch
):
    """Nor shown: to whoever looks it is not there yet. The other node says who is in the way; both go on by themselves."""
    monkeypatch.setattr(engine, "DOUBT_S", 0.3)
    monkeypatch.setattr(writing, "PATIENCE_S", 0.0)
    mine, other = dbs
    other.writer.now(lambda tx: tx.connection.execute("SET lock_timeout = 100").rowcount)
    both[0].wait_for("nobody")
    try:
        assert Asked(mine, add("a")).ended() == "doubt"
        assert stored(other) == []
        assert Asked(other, add("b")).ended() == "crossed"
    finally:
        both[0].wait_for("*")
    assert Asked(mine, add("c")).ended() == "c"
    assert stored(other) == ["a", "c"]  # it had been kept after all: hence nobody was told that it was not


@pytest.mark.parametrize(("comes_back", "end"), [(True, "a"), (False, "doubt")])
def test_a_wait_that_somebody_cancels_is_no_yes(
    dbs: list[Database], both: Pair, monkeypatch: pytest.MonkeyPatch, comes_back: bool, end: str
):
    """The server says COMMIT and, beside it, a warning: the standby may lack it. It counts once the standby has it."""
    monkeypatch.setattr(engine, "DOUBT_S", 10.0 if comes_back else 1.0)
    both[0].wait_for("nobody")
    try:
        asked = Asked(dbs[0], add("a"))
        first = waiting(both[0])
        both[0].admin.execute("SELECT pg_cancel_backend(%s)", (first,))
        while waiting(both[0]) == first:  # somebody asks what became of it, and waits in turn
            pass
        assert asked.end == ""
        if comes_back:
            both[0].wait_for("*")
        assert asked.ended() == end
    finally:
        both[0].wait_for("*")
    assert stored(dbs[1]) == ["a"]


def test_a_server_that_takes_no_more_writes_is_left(dbs: list[Database], both: Pair):
    """As one that is about to become a standby; another one is looked for, and this one again later."""
    mine = dbs[0]
    name = conninfo_to_dict(mine.engine.place.conninfo)["dbname"]
    both[0].admin.execute(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
    mine.writer.now(lambda tx: tx.connection.execute("SET default_transaction_read_only = on").rowcount)
    asked = Asked(mine, add("a"))
    both[0].admin.execute(f"ALTER DATABASE {name} RESET default_transaction_read_only")
    assert asked.ended() == "a"


def test_lines_to_a_server_that_was_left_behind_are_lost(
    dbs: list[Database], monkeypatch: pytest.MonkeyPatch
):
    """The process met a newer primary by another line; this one would read what is past."""
    db = dbs[0]
    assert stored(db) == []
    known = db.engine.place
    newest = place._newest[known.conninfo]
    later = newest.life._replace(timeline=newest.life.timeline + 1)
    monkeypatch.setitem(place._newest, known.conninfo, newest._replace(life=later))
    [tx] = db.reader._all
    assert tx.connection.is_lost
    with pytest.raises(Lost, match="left behind"):
        tx.connection.reopen()
    with pytest.raises(Refused, match="unreadable"):
        stored(db)


def test_a_promoted_standby_is_found_and_the_former_primary_never_again(
    dbs: list[Database], both: Pair, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(hearing, "PAUSE_S", 0.05)
    monkeypatch.setattr(hearing, "LOOK_S", 0.05)
    mine, other = dbs
    (primary, standby), known = both, mine.engine.place
    assert [db.writer.now(add(no)) for db, no in ((mine, "a"), (other, "b"))] == ["a", "b"]
    other.siblings.put(READERS, 1)
    other.hear()
    assert heard(other)
    primary.crash(again=False)
    asked = Asked(mine, add("c"))  # in the hands of the writer, which looks for who takes it
    standby.promote()
    assert asked.ended() == "c"
    assert stored(other) == ["a", "b", "c"]
    assert heard(other)
    mine.writer.now(lambda tx: told(tx, "1"))
    assert heard(other)

    # It comes back, knows nothing of what happened, waits for nobody, and stands first in the address.
    (primary.folder / "data" / "postgresql.auto.conf").write_text("")
    primary.begin()
    line = place.connect(known)
    assert line.met.life.timeline == 2
    line.close()
    standby.admin.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'huodaona%'"
    )
    assert mine.writer.now(add("d")) == "d"
    assert stored(other) == ["a", "b", "c", "d"]
    alone = place.read(primary.url(str(conninfo_to_dict(known.conninfo)["dbname"])))
    monkeypatch.setitem(place._newest, alone.conninfo, place._newest[known.conninfo])
    with pytest.raises(psycopg.OperationalError, match="left behind"):
        place.connect(alone)

    # A process that has met nobody, or only the former one, looks at both.
    newest = place._newest.pop(known.conninfo)
    former = place.Met(newest.life._replace(timeline=1), place._servers(known)[0])
    for met in (None, former):
        if met is not None:
            monkeypatch.setitem(place._newest, known.conninfo, met)
        line = place.connect(known)
        assert line.met == newest
        line.close()
