"""Programs of several schemas on one database: what a migration says of itself, who may serve after it, and that a program
which may not any more touches nothing, on both engines.
"""

import re
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from psycopg.conninfo import conninfo_to_dict

from api.app import create_app
from api.db import migrate as on_sqlite
from api.db import steps
from api.db.database import FILE, Database
from api.db.postgres import schema
from api.db.postgres.place import read
from api.db.queries import LOADED, Query
from api.kernel.errors import Refused
from tests.support import engines
from tests.support.postgres import OWNER, server

NOW = on_sqlite.steps()[-1][0]
WIDER = (
    NOW + 1,
    "wider",
    "-- expand\nALTER TABLE looks ADD COLUMN why TEXT;\nCREATE TABLE wishes (n BIGINT);\n",
)
NARROWER = (NOW + 2, "narrower", f"-- contract {NOW + 1}\nDROP TABLE wishes;\n")
BROKEN = (NOW + 2, "broken", f"-- contract {NOW + 1}\nALTER TABLE looks RENAME TO seen;\n")
ADD = Query("t.add", "INSERT INTO looks (actor, order_no, at) VALUES (:actor, :no, :at)", "")
ALL = Query("t.all", "SELECT order_no FROM looks ORDER BY order_no", "")


def test_a_migration_says_what_it_does_to_older_programs():
    assert steps.only_from((5, "a", "-- expand\nx")) == 0
    assert steps.only_from((9, "a", "-- contract 7\nx")) == 7
    assert steps.only_from((4, "a", "x")) == 4  # from before that was asked
    for text in ("x", "-- expands", "-- contract", "-- contract 6", "CREATE TABLE a;\n-- expand"):
        with pytest.raises(ValueError, match="0005_a: its first line"):
            steps.only_from((5, "a", text))


@pytest.mark.parametrize(
    ("at", "lowest", "names"),
    [
        (0, 1, "abcd"),  # nobody serves what is not there
        (4, 4, "b"),
        (4, 5, "bcd"),
        (5, 4, ""),
        (5, 9, "cd"),
        (7, 4, ""),
    ],
)
def test_a_step_waits_for_programs_that_do_not_bear_it(at: int, lowest: int, names: str):
    known = [(4, "a", ""), (5, "b", "-- expand"), (6, "c", "-- contract 5"), (7, "d", "-- expand")]
    assert "".join(name for _, name, _ in steps.due(known, at, lowest)) == names


def test_who_may_serve():
    known = [(4, "a", ""), (5, "b", "-- expand"), (6, "c", "-- contract 5")]
    assert steps.needed(known) == 5
    assert [steps.may_serve(at, None, known) for at in (4, 5, 6, 7)] == [False, True, True, False]
    assert [steps.may_serve(9, oldest, known) for oldest in (5, 6, 7)] == [True, True, False]
    assert steps.oldest_after(known[1:2], 4) == 4
    assert steps.oldest_after(known[1:], 4) == 5


def test_both_engines_say_the_same():
    lite, big = on_sqlite.steps(), schema.steps()
    for number in range(steps.RULE_FROM, NOW + 1):
        assert [steps.only_from(one) for one in lite if one[0] == number] == [
            steps.only_from(one) for one in big if one[0] == number
        ]


def test_a_further_column_breaks_no_statement():
    """Columns are named, where they are read and where they are written: an older program meets tables that were widened."""
    queries = [query for room in LOADED.values() for query in room.named.values()]
    assert create_app  # all rooms are loaded
    assert len(queries) > 200
    for query in queries:
        bare = re.sub(r"'[^']*'|COUNT\(\*\)", "", query.sql)
        assert not re.search(r"(SELECT|DISTINCT|RETURNING|,|\.)\s*\*", bare), query.name
        for rest in re.findall(r"INSERT\s+(?:OR\s+\w+\s+)?INTO\s+\w+(.*)", bare, re.DOTALL):
            assert re.match(r"\s*\(\w", rest), query.name


class Two:
    """A company that this program has open, and what a newer one does to it."""

    def __init__(self, folder: Path, patch: pytest.MonkeyPatch, url: str) -> None:
        self.folder, self.patch, self.url = folder, patch, url
        self.db = Database(folder, url=url)

    def migrate(self, *more: steps.Step, contract: bool = False) -> list[str]:
        known = [*(schema if self.url else on_sqlite).steps(), *more]
        with self.patch.context() as newer:
            newer.setattr(schema if self.url else on_sqlite, "steps", lambda: known)
            if not self.url:
                return on_sqlite.migrate(self.folder / FILE)
            return schema.migrate(read(self.url.replace("//app@", f"//{OWNER}@")), "app", contract)

    def add(self, no: str, db: Database | None = None) -> str:
        (db or self.db).writer.now(lambda tx: tx.run(ADD, actor="a", no=no, at=1))
        return no

    def stored(self) -> list[str]:
        return [row["order_no"] for row in self.db.reader.now(lambda tx: tx.all(ALL))]

    def refused(self, work: Any) -> tuple[str, str]:
        with pytest.raises(Refused) as told:
            work()
        return told.value.code, told.value.facts["kind"]


@pytest.fixture(params=["sqlite", "postgres"])
def two(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Two]:
    made = Two(tmp_path, monkeypatch, engines.of(tmp_path) if request.param == "postgres" else "")
    yield made
    made.db.stop()


def test_an_older_program_goes_on_beside_what_was_widened_and_may_start_anew(two: Two):
    two.add("a")
    assert two.stored() == ["a"]
    assert two.migrate(WIDER) == ["wider"]
    two.add("b")
    again = Database(two.folder, url=two.url)
    assert again.applied == []
    two.add("c", again)
    again.stop()
    assert two.stored() == ["a", "b", "c"]


def test_an_older_program_touches_nothing_once_something_went(two: Two):
    two.add("a")
    two.migrate(WIDER, BROKEN, contract=True)
    assert [two.refused(lambda: two.add("b")) for _ in range(2)] == [("storage", "outdated")] * 2
    assert two.refused(two.stored) == ("unreadable", "outdated")
    with pytest.raises(RuntimeError, match=f"schema {NOW + 2}, this program knows {NOW}: upgrade"):
        Database(two.folder, url=two.url)
    rows = two.db.reader.now(lambda tx: tx.connection.execute("SELECT order_no FROM seen").fetchall())
    assert [row["order_no"] for row in rows] == ["a"]


# many nodes -----------------------------------------------------------------------------------------------------


@pytest.fixture
def node(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Two]:
    made = Two(tmp_path, monkeypatch, engines.of(tmp_path))
    yield made
    made.db.stop()


def test_what_an_older_node_does_not_bear_waits_until_it_has_gone(node: Two):
    node.add("a")
    assert node.migrate(WIDER, NARROWER) == ["wider"]
    assert node.migrate(WIDER, NARROWER) == []
    node.add("b")
    later = (NOW + 3, "later", "-- expand\nCREATE TABLE hopes (n BIGINT);\n")
    with pytest.raises(RuntimeError, match=f"must wait for huodaona {NOW} to go"):
        node.migrate(WIDER, NARROWER, later)
    node.db.stop()
    gone(node.url)
    assert node.migrate(WIDER, NARROWER) == ["narrower"]


def gone(url: str) -> None:
    """Until the server has noticed that nobody is connected."""
    name, until = conninfo_to_dict(url)["dbname"], time.monotonic() + 20
    while time.monotonic() < until:
        if (
            not server()
            .admin.execute("SELECT 1 FROM pg_stat_activity WHERE datname = %s", (name,))
            .fetchone()
        ):
            return


def test_readers_of_an_older_node_are_told_at_once(node: Two, monkeypatch: pytest.MonkeyPatch):
    """Also where their statements would go on working."""
    told = threading.Event()
    look = node.db.engine._look_again

    def looked() -> None:
        look()
        told.set()

    monkeypatch.setattr(node.db.engine, "_look_again", looked)
    node.db.hear()
    assert told.wait(20)
    assert node.stored() == []
    told.clear()
    node.migrate(WIDER, contract=True)
    assert told.wait(20)
    assert node.stored() == []
    told.clear()
    node.migrate(WIDER, NARROWER, contract=True)
    assert told.wait(20)
    assert node.refused(node.stored) == ("unreadable", "outdated")


def test_a_step_waits_for_a_reading_and_meets_nobody_half_way(node: Two):
    """A long reading holds a table: the step gives its turn back and tries again."""
    node.patch.setattr(schema, "SHORT_MS", 50)
    inside, go = threading.Event(), threading.Event()
    ends: list[list[str]] = []

    def read_on(tx: Any) -> None:
        tx.all(ALL)
        inside.set()
        assert go.wait(20)

    reading = threading.Thread(target=node.db.reader.now, args=(read_on,))
    reading.start()
    assert inside.wait(20)
    step = threading.Thread(target=lambda: ends.append(node.migrate(WIDER)))
    step.start()
    for k in range(3):
        node.add(f"n{k}")
    assert ends == []
    go.set()
    reading.join()
    step.join(20)
    assert ends == [["wider"]]
    assert node.stored() == ["n0", "n1", "n2"]
