"""Lists from a real standby that streams from the tests' server: whatever was acknowledged, by whichever node, is in them;
one that lags, is killed or is of another history costs speed and nothing else.
"""

import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import psycopg
import pytest
from litestar.testing import TestClient
from psycopg.conninfo import conninfo_to_dict

from api.app import create_app
from api.db.database import Database
from api.db.postgres import replica
from api.db.queries import Query
from api.db.siblings import AFAR, BEHIND, MISSED
from api.serving import prepare
from api.settings import BadSetting, load
from api.setup import doctor
from api.setup.opening import NotOpen
from tests.conftest import Company
from tests.support import engines
from tests.support.company import MovedClock, draft, settings
from tests.support.postgres import OWNER, Standby, server

DROP = Query("t.drop", "DELETE FROM tries", "")


@pytest.fixture(scope="module")
def standby() -> Iterator[Standby]:
    made = Standby(server())
    yield made
    made.stop()


@pytest.fixture
def url(tmp_path: Path) -> str:
    return engines.of(tmp_path, 10_000)


def beside(standby: Standby, url: str) -> str:
    """The same company's address there."""
    return standby.url(str(conninfo_to_dict(url)["dbname"]))


class Pair:
    """Two nodes on one company, each reads its lists from the standby."""

    def __init__(self, folder: Path, url: str, standby: Standby) -> None:
        self.clients, self.nodes = list[Any](), list[Company]()
        for n in range(2):
            given = settings(folder / f"n{n}", database_url=url, replica_url=beside(standby, url))
            clock = MovedClock()
            app = create_app(given, clock=clock, with_worker=False)
            client = TestClient(app)
            client.__enter__()
            self.clients.append(client)
            self.nodes.append(Company(client, app, clock))

    def place(self, n: int) -> str:
        no: str = self.nodes[n].supervisor.post("/api/orders", draft()).json()["order_no"]
        return no

    def listed(self, n: int) -> list[str]:
        answer = self.nodes[n].supervisor.get("/api/orders?limit=200")
        assert answer.status_code == 200, answer.text
        return [one["order_no"] for one in answer.json()["items"]]

    def told(self, n: int) -> tuple[int, int]:
        """(from the standby, from the primary in its place)."""
        siblings = self.nodes[n].db.siblings
        return siblings.total(AFAR), siblings.total(MISSED)


@pytest.fixture
def pair(tmp_path: Path, url: str, standby: Standby, monkeypatch: pytest.MonkeyPatch) -> Iterator[Pair]:
    monkeypatch.setattr(replica, "NEARLY_S", 10.0)  # a crowded machine streams late
    monkeypatch.setattr(replica, "LAGGING_S", 0.0)
    made = Pair(tmp_path, url, standby)
    yield made
    standby.admin.execute("SELECT pg_wal_replay_resume()")
    for client in made.clients:
        client.__exit__(None, None, None)


def test_a_list_shows_what_either_node_has_just_written(pair: Pair):
    placed = []
    for k in range(6):
        placed.append(pair.place(k % 2))
        assert [set(pair.listed(n)) for n in range(2)] == [{*placed}] * 2
    assert [pair.told(n) for n in range(2)] == [(6, 0)] * 2


def test_a_standby_that_lags_is_passed_by_and_taken_again(
    pair: Pair, standby: Standby, monkeypatch: pytest.MonkeyPatch
):
    placed = [pair.place(0)]
    assert pair.listed(1) == placed
    standby.admin.execute("SELECT pg_wal_replay_pause()")
    monkeypatch.setattr(replica, "NEARLY_S", 0.0)
    placed.insert(0, pair.place(0))
    assert pair.listed(1) == placed
    assert pair.told(1) == (1, 1)
    assert pair.nodes[1].db.siblings.total(BEHIND) >= 1
    said = (
        pair.clients[1]
        .get("/metrics", headers={"Authorization": f"Bearer {pair.nodes[1].token('owner')}"})
        .text
    )
    assert "huodaona_replica_readings_total 1.0" in said
    assert "huodaona_replica_misses_total 1.0" in said
    monkeypatch.setattr(replica, "SURELY_S", 0.0)
    assert "behind" in pair.nodes[1].db.replica.fault()
    standby.admin.execute("SELECT pg_wal_replay_resume()")
    monkeypatch.setattr(replica, "NEARLY_S", 10.0)
    assert pair.listed(1) == placed
    assert (pair.told(1), pair.nodes[1].db.siblings.total(BEHIND)) == ((2, 1), 0)


def test_a_standby_that_hangs_is_passed_by(pair: Pair, standby: Standby, monkeypatch: pytest.MonkeyPatch):
    placed = [pair.place(0)]
    assert pair.listed(1) == placed
    monkeypatch.setattr(replica, "ANSWER_S", 0.1)
    standby.signal(signal.SIGSTOP)
    try:
        assert [pair.listed(1) for _ in range(9)] == [placed] * 9  # one tries, the others do not wait
        assert pair.told(1) == (1, 9)
    finally:
        standby.signal(signal.SIGCONT)
    monkeypatch.setattr(replica, "ANSWER_S", 10.0)
    pair.nodes[1].db.replica._rests_until = 0.0
    assert pair.listed(1) == placed
    assert pair.told(1) == (2, 9)


def test_only_lists_go_there(pair: Pair):
    """Who may, one order, what a device is to pick: the primary tells."""
    no = pair.place(0)
    for path in (
        "/api/me",
        f"/api/orders/{no}",
        f"/api/orders/{no}/journal",
        "/sync/pull?warehouse=SH",
        "/api/users",
    ):
        assert pair.nodes[1].owner.get(path).status_code == 200, path
    assert pair.told(1) == (0, 0)
    for path in (
        "/api/orders",
        "/api/board",
        "/api/stock",
        "/api/skus",
        "/api/customers",
        "/api/inbox",
        "/api/bins",
    ):
        assert pair.nodes[1].owner.get(path).status_code == 200, path
    assert pair.told(1) == (7, 0)


def test_what_would_write_there_is_refused(pair: Pair):
    with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
        pair.nodes[0].db.lists.now(lambda tx: tx.run(DROP))


def test_a_killed_standby_costs_nothing_but_speed(tmp_path: Path, url: str):
    """Also one that is not there at the start; one that was promoted and went its own way is not believed."""
    own = Standby(server())
    try:
        made = Pair(tmp_path, url, own)
        placed = [made.place(0)]
        assert made.listed(0) == placed
        own.admin.execute("SELECT pg_promote()")
        made.place(0)
        away = Database(
            tmp_path / "away",
            url=beside(own, url),
            owner=own.url(str(conninfo_to_dict(url)["dbname"]), OWNER),
        )
        for _ in range(9):  # further than the primary
            away.writer.now(lambda tx: tx.forget())
        away.stop()
        assert len(made.listed(1)) == 2
        assert made.told(1) == (0, 1)
        assert "another history" in made.nodes[1].db.replica.fault()
        before = made.told(0)
        own.crash(again=False)
        assert [len(made.listed(n)) for n in (0, 1, 0, 1)] == [2] * 4
        assert made.told(0) == (before[0], before[1] + 2)
        [found] = [
            one
            for one in doctor.findings(settings(tmp_path / "n1", database_url=url), made.nodes[1].db)
            if one.id == "D023"
        ]
        assert found.level == "warn"
        late = Pair(tmp_path / "late", url, own)
        assert len(late.listed(0)) == 2
        for client in made.clients + late.clients:
            client.__exit__(None, None, None)
    finally:
        own.stop()


def test_without_a_replica_lists_are_readings_like_others(tmp_path: Path):
    db = Database(tmp_path, url=engines.of(tmp_path))
    assert db.lists is db.reader
    db.stop()


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"REPLICA_URL": "postgresql://h/d"}, "SQLite has no replica"),
        ({"REPLICA_URL": "mysql://h/d", "DATABASE_URL": "postgresql://h/d"}, "postgresql"),
    ],
)
def test_a_replica_of_nothing_is_refused(tmp_path: Path, given: dict[str, str], said: str):
    with pytest.raises(BadSetting, match=said):
        load({f"HUODAONA_{name}": value for name, value in given.items()}, data=tmp_path)


def test_a_replica_of_another_company_is_refused(tmp_path: Path, url: str):
    with pytest.raises(RuntimeError, match="the schema is huodaona"):
        Database(tmp_path, url=url, replica=f"{url}&schema=acme")


def test_a_replicas_address_that_is_none_stops_the_start_and_is_named(tmp_path: Path, url: str):
    given = msgspec.structs.replace(
        settings(tmp_path), database_url=url, replica_url="postgresql://u:p@very/secret@h/d"
    )
    with pytest.raises(NotOpen, match="REPLICA_URL: not an address") as told:
        prepare(given, demo=False)
    assert "very" not in str(told.value)
