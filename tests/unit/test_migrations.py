"""A company of every older schema is brought up whole: every row, every answer, every hash; cut off anywhere, it is of
the old schema or of the new one; a newer one is refused.
"""

import os
import shutil
import sqlite3
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from litestar.testing import TestClient

from api.app import create_app
from api.db import migrate as migrating
from api.db.database import FILE, Database
from api.db.migrate import migrate, schemas, steps
from api.journal import checkpoint, guard
from api.setup import backup
from api.stock import service as stock
from tests.support.company import SECRET, MovedClock, draft, settings
from tests.support.kept import SCHEMAS, laid, rows, told

NEWEST = steps()[-1][0]
KEY = checkpoint.public(checkpoint.signing_key(SECRET))
ROOT = Path(__file__).parents[2]


# Schemas that came in one release with the next one: nobody's data was ever left at them.
TOGETHER = {3}


def test_each_released_schema_before_the_newest_is_kept():
    assert SCHEMAS
    assert set(SCHEMAS) >= {number for number, _, _ in steps()} - {NEWEST} - TOGETHER


@pytest.fixture(params=SCHEMAS, ids="schema-{}".format)
def schema(request: pytest.FixtureRequest) -> int:
    return request.param


@pytest.fixture
def folder(schema: int, tmp_path: Path) -> Path:
    return laid(schema, tmp_path / "data")


# Written down in another shape later on; the answers are the proof.
RESHAPED = {("orders", "rest")}


def seen(one: dict[str, Any], columns: set[str]) -> tuple:
    whole = one | {"root_no": one["root_no"] or one.get("order_no")} if "root_no" in one else one
    return tuple((name, plain(whole[name])) for name in sorted(columns))


def plain(value: Any) -> Any:
    """A digest is the same however it is written down."""
    is_mark = isinstance(value, str) and value.startswith("sha256:")
    return bytes.fromhex(value[7:]) if is_mark else value


def test_every_row_is_kept(folder: Path, schema: int):
    before = rows(folder / FILE)
    assert sum(map(len, before.values())) > 400
    migrate(folder / FILE)
    after = rows(folder / FILE)
    assert schemas(folder / FILE) == (NEWEST, NEWEST)
    assert migrate(folder / FILE) == []
    for table, was in before.items():
        if not was:
            continue
        # A column may go to another table or be told otherwise: then the answers below are the proof.
        columns = set(was[0]) & set(after[table][0])
        assert len(columns) * 2 >= len(was[0]), table
        columns -= {name for where, name in RESHAPED if where == table}
        lost = Counter(seen(one, columns) for one in was)
        lost.subtract(Counter(seen(one, columns) for one in after[table]))
        assert not +lost, table
        # The second schema brought an empty row that holds the numbers of values that were erased; since the fourth a number
        # says which programs may serve.
        more = (table == "private" and schema < 2) + (table == "numbers" and schema < 4)
        assert len(after[table]) == len(was) + more, table
    connection = sqlite3.connect(folder / FILE)
    assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
    connection.close()


def test_a_company_brought_up_has_the_schema_of_a_new_one(folder: Path, tmp_path: Path):
    migrate(folder / FILE)
    migrate(tmp_path / "new.db")

    def parts(file: Path) -> list[tuple]:
        connection = sqlite3.connect(file)
        found = connection.execute("SELECT type, name, tbl_name FROM sqlite_master ORDER BY 1, 2").fetchall()
        columns = [
            (name, *column)
            for kind, name, _ in found
            if kind == "table"
            for column in connection.execute(f"PRAGMA table_xinfo({name})")
        ]
        connection.close()
        return found + columns

    assert parts(folder / FILE) == parts(tmp_path / "new.db")


def test_a_server_answers_as_the_old_program_did(folder: Path, schema: int):
    was = told(schema)
    app = create_app(settings(folder), clock=MovedClock(was["now"]), with_worker=False)
    db, owner = app.state.hub.db, {"Authorization": f"Bearer {was['tokens']['owner']}"}
    with TestClient(app) as client:
        assert len(was["told"]) > 60
        for path, answer in was["told"].items():
            assert holds(client.get(path, headers=owner).json(), answer, path), path
        assert client.get(f"/t/{was['link']}").status_code == 200
        pulled = client.get("/sync/pull?warehouse=SH", headers=was["device"]["head"]).json()
        for name in ("tasks", "gone", "conflicts", "bins", "people", "epoch", "count", "hash"):
            assert holds(pulled[name], was["pulled"][name], name), name
        found = db.reader.now(lambda tx: guard.verify(tx, folder / "checkpoints", KEY))
        assert (found[1] >= 3, found[2]) == (True, None)
        assert db.reader.now(stock.drift) == []


def holds(now: Any, was: Any, place: str) -> bool:
    """Nothing is lost or told otherwise; a later program may say more."""
    if isinstance(was, dict):
        lost = was.keys() - now.keys()
        assert not lost, f"{place}: {lost}"
        return all(holds(now[name], value, f"{place}.{name}") for name, value in was.items())
    if isinstance(was, list):
        assert len(now) == len(was), place
        return all(holds(a, b, f"{place}[{n}]") for n, (a, b) in enumerate(zip(now, was, strict=True)))
    assert now == was, f"{place}: {was!r} is {now!r} now"
    return True


def test_what_a_device_had_not_sent_is_taken_after_the_upgrade_and_what_it_had_is_not_taken_twice(
    folder: Path, schema: int
):
    was = told(schema)
    app = create_app(settings(folder), clock=MovedClock(was["now"] + 1), with_worker=False)
    owner, device = {"Authorization": f"Bearer {was['tokens']['owner']}"}, was["device"]
    with TestClient(app) as client:

        def push(*ops: Any) -> list[Any]:
            answer = client.post(
                "/sync/push", json={"device": device["id"], "ops": ops}, headers=device["head"]
            )
            assert answer.status_code == 200, answer.text
            return answer.json()["results"]

        again = push(*(one["op"] for one in was["again"]))
        assert again == [{**one["result"], "again": True} for one in was["again"]]
        late = was["late"]
        assert push(late)[0]["verdict"] == "applied"
        order = client.get(f"/api/orders/{late['order_no']}", headers=owner).json()
        assert (order["state"], order["lines"][0]["picked"]) == ("picking", late["qty"])
        head = {"Authorization": f"Bearer {was['tokens']['supervisor']}", "Idempotency-Key": "kept"}
        once = client.post("/api/orders", json=was["once"]["body"], headers=head)
        assert (once.status_code, once.text) == (201, was["once"]["answer"])
        made = client.post("/api/orders", json=draft(), headers={"Authorization": head["Authorization"]})
        assert made.status_code == 201
        assert made.json()["order_no"] not in {one.rpartition("/")[2] for one in was["told"]}
        same = client.post("/api/orders", json=draft(channel="pos", external_no="K-1"), headers=owner)
        assert same.json()["code"] == "duplicate"
        assert app.state.hub.db.reader.now(stock.drift) == []


# A step that is cut off ---------------------------------------------------------------------------------------

CUT = """
import os, signal, sys
from pathlib import Path
from api.db import migrate
opened, left = migrate.connect, int(sys.argv[2])

def connect(path, **how):
    connection = opened(path, **how)
    def heard(_):
        global left
        left -= 1
        if left < 0:
            os.kill(os.getpid(), signal.SIGKILL)
    connection.set_trace_callback(heard)
    return connection

migrate.connect = connect
migrate.migrate(Path(sys.argv[1]))
"""


def test_a_step_killed_at_any_statement_leaves_one_schema_whole(folder: Path, schema: int, tmp_path: Path):
    if schema == NEWEST:
        pytest.skip("nothing to do for the newest")
    old, new = rows(folder / FILE), rows_of_the_new(folder, tmp_path)
    assert old != new
    ends, at = set(), 0
    while True:
        copy = tmp_path / f"cut{at}"
        shutil.copytree(folder, copy)
        done = subprocess.run(
            [sys.executable, "-c", CUT, str(copy / FILE), str(at)], cwd=ROOT, env={**os.environ}, stderr=-1
        )
        found = schemas(copy / FILE)[0]
        assert rows(copy / FILE) == (old if found == schema else new), at
        assert found in (schema, NEWEST)
        ends.add(found)
        migrate(copy / FILE)
        assert rows(copy / FILE) == new
        shutil.rmtree(copy)
        if done.returncode == 0:
            break
        # Every statement at first and around the end, else every third: a start takes a tenth of a second.
        at += 1 if at < 4 else 3
    assert at > 6
    assert ends == {schema, NEWEST}


def rows_of_the_new(folder: Path, tmp_path: Path) -> dict[str, list[dict[str, Any]]]:
    shutil.copytree(folder, tmp_path / "new")
    migrate(tmp_path / "new" / FILE)
    return rows(tmp_path / "new" / FILE)


def test_a_step_that_finds_no_room_says_how_much_it_needs_and_changes_nothing(
    folder: Path, schema: int, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(migrating, "steps", lambda: [*steps(), (NEWEST + 1, "more", BIG)])
    opened = migrating.connect

    def small(path: Path, **how: Any) -> sqlite3.Connection:
        connection = opened(path, **how)
        connection.execute(f"PRAGMA max_page_count = {(folder / FILE).stat().st_size // 4096 + 20}")
        return connection

    monkeypatch.setattr(migrating, "connect", small)
    before = rows(folder / FILE)
    with pytest.raises(RuntimeError, match=r"up to \d+ MB are needed, \d+ MB are free; nothing was changed"):
        migrate(folder / FILE)
    assert rows(folder / FILE) == before
    assert schemas(folder / FILE)[0] == schema


BIG = """-- expand
CREATE TABLE more (id INTEGER PRIMARY KEY, body TEXT NOT NULL);
INSERT INTO more (body) SELECT hex(randomblob(4000)) FROM snapshots a, snapshots b LIMIT 400;
"""


def test_a_step_that_breaks_a_reference_changes_nothing(folder: Path, monkeypatch: pytest.MonkeyPatch):
    migrate(folder / FILE)
    before = rows(folder / FILE)
    lost = (NEWEST + 1, "lost", "-- expand\nDELETE FROM warehouses WHERE code = 'SH';")
    monkeypatch.setattr(migrating, "steps", lambda: [*steps(), lost])
    with pytest.raises(RuntimeError, match="bins"):
        migrate(folder / FILE)
    assert rows(folder / FILE) == before


def test_the_data_of_a_newer_program_are_refused_and_left_alone(folder: Path):
    connection = sqlite3.connect(folder / FILE)
    connection.execute(f"PRAGMA user_version = {NEWEST + 1}")
    connection.execute("UPDATE numbers SET last = ? WHERE day = 'oldest'", (NEWEST + 1,))
    connection.commit()
    connection.close()
    before = rows(folder / FILE)
    with pytest.raises(RuntimeError, match=f"schema {NEWEST + 1}, this program knows {NEWEST}: upgrade"):
        Database(folder)
    assert rows(folder / FILE) == before


def test_a_backup_of_an_older_program_is_restored_into_the_newest_schema(folder: Path, tmp_path: Path):
    pos = backup.write(settings(folder), folder / FILE, tmp_path / "old.tar")
    to = tmp_path / "to"
    assert backup.read(tmp_path / "old.tar", to) == pos
    assert schemas(to / FILE) == (NEWEST, NEWEST)
    db = Database(to)
    assert db.reader.now(lambda tx: guard.verify(tx, to / "checkpoints", KEY))[2] is None
    db.stop()
