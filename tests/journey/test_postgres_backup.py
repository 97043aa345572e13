"""A company on PostgreSQL that is brought back by the server's own programs: from a dump, and from a base backup with the
archived log up to a moment. It is whole, guarded as before, and devices push again what the cut took.
"""

from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from litestar.testing import TestClient

from api.app import create_app
from api.cli import main
from api.db.database import Database
from api.journal import checkpoint
from api.journal.signing import Signer
from api.setup import proof
from api.stock import service as stock
from tests.conftest import Company
from tests.support.archived import Archived, Recovered
from tests.support.company import SECRET, START, MovedClock, build, draft, settings
from tests.support.floor import Device
from tests.support.postgres import OWNER, Cluster, server

pytestmark = pytest.mark.journey
KEY = checkpoint.public(checkpoint.signing_key(SECRET))


class Life:
    """A company, and a device that pushes once before the moment that is kept and once after it."""

    def __init__(self, there: Cluster, name: str, folder: Path) -> None:
        self.name, self.points = name, folder / "points"
        db = Database(folder, url=there.url(name), owner=there.url(name, OWNER))
        db.writer.now(lambda tx: build(tx, START))
        db.stop()
        self.app = create_app(self.of(there), clock=MovedClock(), with_worker=False)
        self.client = TestClient(self.app)
        self.client.__enter__()
        company = Company(self.client, self.app, MovedClock())
        self.device = Device(company)
        self.no = company.supervisor.post("/api/orders", draft()).json()["order_no"]
        self.ops = [self.device.pick(self.no, 1, n, code="BP-1023") for n in (1, 2)]
        assert self._push(0) == [False]

    def of(self, there: Cluster) -> Any:
        folder = self.points.parent
        return settings(folder, database_url=there.url(self.name), checkpoints=self.points)

    def _push(self, n: int) -> list[bool]:
        return [one["again"] for one in self.device.push(self.ops[n])]

    def goes_on(self) -> None:
        """After the moment that is kept; then the server is lost."""
        db = self.app.state.hub.db
        assert self._push(1) == [False]
        assert Signer(db, SECRET, self.points).sign(START) is not None
        self.before = self.device.pull()
        self.client.__exit__(None, None, None)

    def comes_back(self, there: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
        given = self.of(there)
        monkeypatch.setenv("HUODAONA_DATABASE_URL", given.database_url)
        monkeypatch.setenv("HUODAONA_SECRET", SECRET.decode())
        monkeypatch.setenv("HUODAONA_CHECKPOINTS", str(self.points))
        words = ["restored", "--data", str(given.data)]
        told = CliRunner().invoke(main, words, catch_exceptions=False)
        assert "verified, another life begun, cut after entry" in told.output
        app = create_app(given, clock=MovedClock(), with_worker=False)
        with TestClient(app) as client:
            self.device.client = client
            answer = self.device.send(*self.ops).json()
            assert [one["again"] for one in answer["results"]] == [True, False]
            fresh = self.device.pull(self.before["cursor"])
            assert answer["epoch"] == fresh["epoch"] != self.before["epoch"]
            [task] = [one for one in fresh["tasks"] if one["order_no"] == self.no]
            assert task["lines"][0]["picked"] == 3
            db = app.state.hub.db
            said = db.reader.now(lambda tx: proof.whole(tx, self.points, KEY))
            assert said.fault is None, str(said.fault)
            assert [cut.former for cut in said.cuts] == [1]
            assert db.reader.now(stock.drift) == []
            assert db.reader.now(lambda tx: db.engine.unguarded(tx.connection)) == []


def test_a_dump_of_one_company_comes_back_in_another_database(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    there = server()
    life = Life(there, there.database(), tmp_path / "data")
    file = there.folder / f"{life.name}.dump"
    schema = ("--format=custom", "--schema=huodaona")
    there._ask("pg_dump", *schema, f"--file={file}", there.url(life.name, OWNER))
    life.goes_on()
    there.drop(life.name)
    life.name = there.database()
    there._ask(
        "pg_restore", "--exit-on-error", "--no-owner", f"--dbname={there.url(life.name, OWNER)}", str(file)
    )
    life.comes_back(there, monkeypatch)
    there.drop(life.name)
    file.unlink()


def test_the_archived_log_brings_back_a_moment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    lost = Archived()
    try:
        lost.base()
        life = Life(lost, lost.database(), tmp_path / "data")  # all of it lies in the archive alone
        moment = lost.moment()
        life.goes_on()
        lost.laid_away()
        lost.crash(again=False)
        back = Recovered(lost, moment)
        try:
            life.comes_back(back, monkeypatch)
        finally:
            back.stop()
    finally:
        lost.stop()
