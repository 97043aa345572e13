"""A company that moves arrives whole, whatever lies in its tables and wherever the move is cut off; what it left serves
nobody, and its devices go on with their queues.
"""

import json
import random
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import settings as tuned
from hypothesis import strategies as st
from litestar.testing import TestClient
from msgspec.structs import replace

from api.app import create_app
from api.cli import main
from api.db import carrying
from api.db.carrying import Note
from api.db.database import FILE, Database, OneServer
from api.db.ends import Table, in_order
from api.db.migrate import steps
from api.journal import checkpoint
from api.journal.signing import Signer
from api.kernel.errors import Refused
from api.serving import prepare
from api.settings import Settings
from api.setup import leaving, loading, moving, opening, proof
from bench.move import moved, unlike
from tests.conftest import Company, first_day
from tests.support import engines
from tests.support.company import SECRET, START, MovedClock, draft, settings
from tests.support.floor import Device
from tests.support.hand import unguard
from tests.support.kept import laid
from tests.support.moving import DIED
from tests.support.postgres import OWNER, server
from tests.support.server import ROOT, environ

KEY = checkpoint.public(checkpoint.signing_key(SECRET))


class To:
    """An empty database with its two roles."""

    def __init__(self) -> None:
        self.name = server().database()
        self.url, self.owner = server().url(self.name), server().url(self.name, OWNER)


@pytest.fixture
def to() -> Iterator[To]:
    made = To()
    yield made
    server().drop(made.name)


def lies(folder: Path, content: bytes) -> Settings:
    folder.mkdir(mode=0o700)
    (folder / FILE).write_bytes(content)
    (folder / "secret").write_bytes(SECRET)
    return replace(settings(folder), database_url="")


@pytest.fixture
def small(tmp_path: Path) -> Settings:
    return lies(tmp_path / "data", first_day(START, 100))


def asked(given: Settings, work: Any) -> Any:
    db = Database(given.data, url=given.database_url)
    try:
        return work(db)
    finally:
        db.stop()


def stays(db: Database) -> leaving.Left:
    return moving.stay(settings(db.folder, database_url=""), db, "li")


def signed(db: Database) -> None:
    Signer(db, SECRET, db.folder / "checkpoints").sign(START)


# what arrives ------------------------------------------------------------------------------------------------------


def test_who_moved_a_company_is_an_entry(small: Settings, to: To):
    """Tables there and back: `tests/unit/test_bench.py`."""
    moved(small, to.url, to.owner)
    newest = "SELECT kind, body FROM journal ORDER BY pos DESC LIMIT 1"
    kind, body = asked(
        replace(small, database_url=to.url),
        lambda db: db.reader.now(lambda tx: tx.connection.execute(newest).fetchone()),
    )
    assert kind == "company.moved"
    assert json.loads(body) == {"by": "bench", "from": "SQLite", "to": "PostgreSQL"}


def test_a_company_of_the_first_program_arrives_whole(to: To, tmp_path: Path, capsys):
    """Its snapshots are texts where PostgreSQL keeps bytes."""
    folder = laid(1, tmp_path / "data")
    moved(settings(folder, database_url=""), to.url, to.owner)
    assert "whole: " in capsys.readouterr().out


def test_no_table_is_forgotten_and_each_has_a_key(small: Settings, to: To):
    here = Database(small.data)
    there = Database(small.data, url=to.url, owner=to.owner)
    ends = [carrying.end(db) for db in (here, there)]
    found = carrying.tables(*ends)
    file = sqlite3.connect(small.data / FILE)
    assert {one.name for one in found} == {
        name for (name,) in file.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
    }
    file.close()
    assert all(one.key for one in found)
    assert {one.name for one in found if one.counted} == {
        "tries",
        "releases",
        "moves",
        "todos",
        "attachments",
        "parked",
        "settlements",
        "inbox",
    }
    known = [one.name for one in found]
    assert known.index("warehouses") < known.index("bins")
    for side in ends:
        side.close()
    for db in (here, there):
        db.stop()


def test_who_refers_to_another_comes_behind_it():
    a, b, c = (Table(name, (), (), frozenset(needs)) for name, needs in (("a", "bc"), ("b", "c"), ("c", "")))
    assert [one.name for one in in_order([a, b, c])] == ["c", "b", "a"]


TEXTS = ("", "货到哪", "a'b\"c\\.", "\t\n", "\x01\x7f", "😀", "\\N", "\\x00")


def rubbish(rnd: random.Random, file: Path) -> None:
    """Rows of any kind in every table, behind those that are there."""
    connection = sqlite3.connect(file)
    tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
    connection.execute("INSERT INTO warehouses (code, name) VALUES ('W', 'W')")
    for (name,) in tables:
        columns = connection.execute(f"PRAGMA table_info({name})").fetchall()
        for n in range(rnd.randrange(1, 12)):
            row = {}
            for _, column, kind, is_needed, _, key in columns:
                value = {
                    "INTEGER": rnd.choice((0, 1, 2**62, -(2**63))) if not key else 10_000 + n,
                    "TEXT": f"{rnd.choice(TEXTS)}{n}~{rnd.random()}",
                    "BLOB": rnd.randbytes(rnd.choice((0, 1, 900))) + b"%d" % n,
                }[kind]
                row[column] = None if not is_needed and not key and rnd.random() < 0.3 else value
            if name == "stock":
                row |= {"on_hand": 2**62, "reserved": rnd.randrange(9)}
            row |= {"qty": 7} if name in ("reservations", "bin_stock", "lot_stock") else {}
            row |= {"pieces": 7, "per": 7} if name == "units" else {}
            row |= {"warehouse": "W"} if name == "bins" else {}
            row |= {"snapshot": rnd.randbytes(32)} if name == "orders" else {}
            marks = ", ".join("?" * len(row))
            connection.execute(f"INSERT INTO {name} ({', '.join(row)}) VALUES ({marks})", [*row.values()])
    connection.commit()
    connection.close()


class Cut(Exception):
    """Here the move is cut off."""


@tuned(max_examples=3)
@given(seed=st.integers(0, 2**32), rows=st.sampled_from([3, 7, 100]))
def test_whatever_lies_in_the_tables_arrives_wherever_it_is_cut_off(
    seed: int, rows: int, tmp_path_factory: pytest.TempPathFactory
):
    rnd, to = random.Random(seed), To()
    source = lies(tmp_path_factory.mktemp("any") / "data", first_day(START, 100))
    rubbish(rnd, source.data / FILE)
    here, there = Database(source.data), Database(source.data, url=to.url, owner=to.owner)
    side, other, note = carrying.end(here), carrying.end(there), Note("M", steps()[-1][0])
    most, carrying.ROWS = carrying.ROWS, rows

    def tell(*_: Any) -> None:
        if rnd.random() < 0.1:
            raise Cut

    try:
        with other.alone() as tx:
            carrying.noted(tx, note)
        for _ in range(500):
            try:
                done = carrying.carry(side, other, note, tell)
                break
            except Cut:
                note = there.reader.now(
                    lambda tx: carrying.read_note(tx.value(leaving.Q.fact, name="moving"))
                )
        assert carrying.differing(other, done) == carrying.differing(side, done) == []
        assert done.arrived == sum(one.rows for one in done.done.values()) > 300
    finally:
        carrying.ROWS = most
        side.close()
        other.close()
        here.stop()
        there.stop()
        server().drop(to.name)


def test_a_row_that_changes_on_its_way_is_found(small: Settings, to: To, monkeypatch: pytest.MonkeyPatch):
    carry = carrying.carry

    def worse(here, there, note, tell):
        done = carry(here, there, note, tell)
        with there.alone() as tx:
            tx.connection.execute("UPDATE skus SET name = name || '.' WHERE code = 'BP-1023'")
        return done

    monkeypatch.setattr(carrying, "carry", worse)
    with pytest.raises(ValueError, match="what arrived is not what was sent: skus"):
        moved(small, to.url, to.owner)


def test_a_text_that_postgresql_cannot_hold_is_named_with_its_row(small: Settings, to: To):
    asked(
        small,
        lambda db: db.writer.now(
            lambda tx: tx.connection.execute("INSERT INTO looks VALUES ('a', 'b' || char(0), 1)") and None
        ),
    )
    with pytest.raises(ValueError, match=r"looks.*'b\\x00'.*U\+0000"):
        moved(small, to.url, to.owner)


def test_numbers_go_on_above_the_highest(small: Settings, to: To):
    """By the role that serves: it may not set a sequence."""
    last = asked(
        small,
        lambda db: db.reader.now(lambda tx: tx.connection.execute("SELECT MAX(id) FROM moves").fetchone()[0]),
    )
    assert last > 10
    moved(small, to.url, to.owner)
    add = "INSERT INTO moves (at, kind, warehouse, sku, bin, qty, actor) VALUES (1, 'x', 'SH', 's', '', 0, 'a') RETURNING id"
    number = asked(
        replace(small, database_url=to.url),
        lambda db: db.writer.now(lambda tx: tx.connection.execute(add).fetchall()[0][0]),
    )
    assert number == last + 1


# killed ------------------------------------------------------------------------------------------------------------


def test_a_move_that_is_killed_again_and_again_arrives(small: Settings, to: To, tmp_path: Path):
    """Among the rows; arrived, not begun to live; begun, the source not told."""
    before = (small.data / FILE).read_bytes()
    told = []
    for when, code in (("20", DIED), ("whole", DIED), ("6", DIED), ("never", 0)):
        run = subprocess.run(
            [sys.executable, "-m", "tests.support.moving", str(small.data), to.url, to.owner, when],
            capture_output=True, text=True, cwd=ROOT, env=environ(), timeout=60,
        )  # fmt: skip
        assert run.returncode == code, run.stderr
        told.append(run.stdout + run.stderr)
        with pytest.raises(opening.NotOpen, match="a move to" if code == DIED else "moved to"):
            asked(small, opening.must_be_at_home)
    assert ["going on behind" in one for one in told] == [False, True, True, False]
    assert told[3].startswith("moved to ")  # nothing was left to do
    (tmp_path / "before").mkdir()
    (tmp_path / "before" / FILE).write_bytes(before)
    moved(replace(small, database_url=to.url), str(tmp_path / "back"))
    assert unlike(tmp_path / "before" / FILE, tmp_path / "back" / FILE) == []


# what is left, and who is refused -----------------------------------------------------------------------------------


def test_the_old_home_serves_nobody_until_it_is_told_to_stay(small: Settings, to: To):
    open_there = Database(small.data)  # whoever has it open
    moved(small, to.url, to.owner)
    with pytest.raises(Refused) as told:
        open_there.writer.now(lambda tx: loading.begin(tx, START))
    assert (told.value.code, told.value.facts["kind"]) == ("storage", "moved")
    assert open_there.reader.now(loading.is_empty) is False
    with pytest.raises(opening.NotOpen, match=r"moved to .*dbname.*--stay"):
        prepare(small, demo=False)
    moved(small, to.url, to.owner)  # once more: nothing is left to do
    with pytest.raises(ValueError, match="or is done"):
        moved(small, str(small.data / "elsewhere"))
    asked(replace(small, database_url=to.url), signed)  # at its new home it wrote on
    assert asked(small, stays).is_done
    said = asked(small, lambda db: db.reader.now(lambda tx: proof.whole(tx, small.checkpoints, KEY)))
    assert (said.fault, [cut.former for cut in said.cuts]) == (None, [1])
    prepare(small, demo=False)
    open_there.writer.now(lambda tx: loading.begin(tx, START))
    open_there.stop()
    with pytest.raises(ValueError, match="has not moved"):
        asked(small, stays)
    with pytest.raises(ValueError, match="holds a company already"):
        moved(small, to.url, to.owner)


def test_half_a_company_serves_nobody_and_is_not_taken_for_another_one(
    small: Settings, to: To, monkeypatch: pytest.MonkeyPatch
):
    def cut(*_: Any) -> None:
        raise Cut

    with monkeypatch.context() as patched:
        patched.setattr(carrying, "carry", cut)
        with pytest.raises(Cut):
            moved(small, to.url, to.owner)
    there = replace(small, database_url=to.url)
    with pytest.raises(opening.NotOpen, match="has not ended"):
        prepare(there, demo=True)
    with pytest.raises(Refused, match="still moving in"):
        asked(there, lambda db: db.writer.now(lambda tx: loading.begin(tx, START)))
    other = To()
    with pytest.raises(ValueError, match=r"a move to .* has begun"):
        moved(small, other.url, other.owner)
    with pytest.raises(ValueError, match="half of a company"):
        moved(there, str(small.data / "on"))
    asked(small, stays)
    with pytest.raises(ValueError, match="half of a company"):
        moved(small, to.url, to.owner)
    server().drop(other.name)


def test_both_are_of_one_schema(small: Settings, to: To, monkeypatch: pytest.MonkeyPatch):
    version = moving._version
    monkeypatch.setattr(moving, "_version", lambda db: version(db) + (not db.is_file))
    with pytest.raises(ValueError, match="huodaona migrate first"):
        moved(small, to.url, to.owner)
    assert asked(small, lambda db: db.reader.now(leaving.away)) == ""


def test_a_server_on_either_side_is_told(small: Settings, to: To, tmp_path: Path):
    for folder, where in ((small.data, to.url), (tmp_path / "b", str(tmp_path / "b"))):
        held = OneServer(folder)
        with pytest.raises(RuntimeError, match="another server is running"):
            moved(small, where)
        held.release()
    (tmp_path / "b" / "secret").write_text("another one, which is long enough too")
    with pytest.raises(ValueError, match="another company's secret"):
        moved(small, str(tmp_path / "b"))
    with pytest.raises(ValueError, match="--to"):
        moving.home("", "")


def test_other_nodes_write_no_more_to_what_their_company_has_left(to: To, tmp_path: Path):
    folder = tmp_path / "node"
    on = settings(folder, 10, database_url=engines.of(folder, 10))
    node = Database(tmp_path / "other", url=on.database_url)
    node.writer.now(lambda tx: loading.begin(tx, START))
    moved(on, str(tmp_path / "home"))
    for _ in range(2):
        with pytest.raises(Refused) as told:
            node.writer.now(lambda tx: loading.begin(tx, START))
        assert told.value.facts["kind"] == "moved"
    node.stop()


def test_a_journal_that_is_not_whole_moves_only_where_it_is_urgent(
    small: Settings, to: To, monkeypatch: pytest.MonkeyPatch
):
    for name in ("HUODAONA_SECRET", "HUODAONA_DATABASE_URL"):
        monkeypatch.delenv(name, raising=False)
    db = Database(small.data)
    db.writer.now(lambda tx: unguard(tx.connection))
    db.writer.now(
        lambda tx: tx.connection.execute("UPDATE journal SET actor = 'nobody' WHERE pos = 5") and None
    )
    db.stop()
    address = small.data.parent / "address"
    address.write_text(to.url)

    def run(*words: str) -> Any:
        given = ["move", "--data", str(small.data), *words]
        return CliRunner().invoke(main, given, catch_exceptions=False)

    told = run("--to", f"@{address}", "--owner", to.owner)
    assert told.exit_code == 1
    assert "pos 5" in told.output
    assert "--urgent" in told.output
    assert run("--to", to.url, "--owner", to.owner, "--urgent").exit_code == 0
    assert "at home here again" in run("--stay").output


# devices -----------------------------------------------------------------------------------------------------------


def test_devices_go_on_with_their_queues(small: Settings, to: To):
    clock = MovedClock()
    with TestClient(create_app(small, clock=clock, with_worker=False)) as client:
        company = Company(client, client.app, clock)
        device = Device(company)
        no = company.supervisor.post("/api/orders", draft()).json()["order_no"]
        sent, waits = device.pick(no, 1, 2, code="BP-1023"), device.pick(no, 1, 2, code="BP-1023")
        [first] = device.push(sent)
        known = device.pull()
    moved(small, to.url, to.owner)
    there = replace(small, database_url=to.url)
    with TestClient(create_app(there, clock=clock, with_worker=False)) as client:
        device.client = client
        said = device.send(sent, waits).json()
        assert [one["again"] for one in said["results"]] == [True, False]
        assert said["results"][0] == first | {"again": True}
        assert [one["verdict"] for one in said["results"]] == ["applied", "applied"]
        assert said["have"] == {device.id: 2}
        assert said["epoch"] != known["epoch"]
        fresh = device.pull(known["cursor"])
        assert fresh["epoch"] == said["epoch"]
        [task] = [one for one in fresh["tasks"] if one["order_no"] == no]
        assert task["lines"][0]["picked"] == 4
