"""A file that was damaged underneath: a log torn at any byte gives a beginning of whole groups; a page overwritten is
told as what it is, and written to no more.
"""

import os
import shutil
import sqlite3
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import settings as how
from hypothesis import strategies as st

from api.cli import main
from api.db.database import FILE, Database
from api.db.siblings import Siblings
from api.db.storage import DAMAGED
from api.journal import checkpoint, guard
from api.kernel.errors import Refused
from api.stock import service as stock
from tests.support.company import SECRET, START, build, draft
from tests.support.orders import place

KEY = checkpoint.public(checkpoint.signing_key(SECRET))
GROUPS = 12


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A company in the file, twelve orders in the log, as a killed server leaves them."""
    folder, copy = tmp_path_factory.mktemp("torn") / "data", tmp_path_factory.mktemp("copy")
    db = Database(folder)
    db.writer.now(lambda tx: build(tx, START))
    db.stop()
    db = Database(folder)
    for n in range(GROUPS):
        place(db, channel="pos", external_no=f"T-{n}")
    for tail in ("", "-wal"):
        shutil.copyfile(folder / f"{FILE}{tail}", copy / f"{FILE}{tail}")
    db.stop()
    return copy


def recovered(folder: Path) -> list[str]:
    """Which orders there are, where all else is whole."""
    db = Database(folder)
    try:
        told = db.reader.now(lambda tx: guard.verify(tx, folder / "none", KEY))
        assert told.fault is None, str(told.fault)
        assert db.reader.now(stock.drift) == []
        sql = "SELECT external_no FROM orders ORDER BY id"
        return [row[0] for row in db.reader.now(lambda tx: tx.connection.execute(sql).fetchall())]
    finally:
        db.stop()


@how(max_examples=40, deadline=None, derandomize=True)
@given(at=st.floats(0, 1), way=st.sampled_from(["cut", "flipped", "rubbish behind"]))
def test_a_log_torn_anywhere_gives_a_beginning_of_whole_orders(
    written: Path, tmp_path_factory: pytest.TempPathFactory, at: float, way: str
):
    folder = tmp_path_factory.mktemp("one")
    shutil.copyfile(written / FILE, folder / FILE)
    log = bytearray((written / f"{FILE}-wal").read_bytes())
    place = int(at * (len(log) - 1))
    if way == "cut":
        del log[place:]
    elif way == "flipped":
        log[place] ^= 0x41
    else:
        log += os.urandom(place % 9_000)
    (folder / f"{FILE}-wal").write_bytes(log)
    found = recovered(folder)
    assert found == [f"T-{n}" for n in range(len(found))]
    if way == "rubbish behind":
        assert len(found) == GROUPS


def test_an_untouched_log_gives_all(written: Path, tmp_path: Path):
    shutil.copytree(written, tmp_path / "all")
    assert len(recovered(tmp_path / "all")) == GROUPS


def overwrite(path: Path, table: str) -> None:
    """Every page of this table's own tree is rubbish now, as a disk leaves it."""
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    root = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", (table,)).fetchone()[0]
    size = connection.execute("PRAGMA page_size").fetchone()[0]
    connection.close()
    with path.open("r+b") as file:
        file.seek((root - 1) * size)
        file.write(b"\x5a" * size)


def test_a_page_of_rubbish_refuses_reads_of_it_and_every_later_write(tmp_path: Path):
    db = Database(tmp_path)
    db.writer.now(lambda tx: build(tx, START))
    place(db)
    db.stop()
    overwrite(tmp_path / FILE, "snapshots")
    db = Database(tmp_path)
    with pytest.raises(Refused) as told:
        db.reader.now(lambda tx: tx.connection.execute("SELECT * FROM snapshots").fetchall())
    assert (told.value.code, told.value.status, told.value.facts["kind"]) == ("unreadable", 503, "damaged")
    with pytest.raises(Refused) as told:
        place(db)
    assert (told.value.code, told.value.status, told.value.facts["kind"]) == ("storage", 507, "damaged")
    assert "备份" in told.value.why.zh
    assert "restore a backup" in told.value.why.en
    assert db.writer.trouble is DAMAGED
    # What does not touch that page would go through, and is refused all the same; the rest can be read.
    with pytest.raises(Refused, match="damaged"):
        db.writer.now(lambda tx: tx.connection.execute("UPDATE skus SET name = 'x'").rowcount)
    assert db.reader.now(lambda tx: tx.connection.execute("SELECT COUNT(*) FROM orders").fetchone()[0]) == 1
    db.stop()


def test_what_one_process_found_damaged_no_other_writes_to(tmp_path: Path):
    siblings = Siblings(2)
    db = Database(tmp_path, siblings)
    db.writer.now(lambda tx: build(tx, START))
    place(db)
    db.stop()
    overwrite(tmp_path / FILE, "snapshots")
    one, other = Database(tmp_path, siblings), Database(tmp_path, siblings)
    other.writer.now(lambda tx: tx.connection.execute("UPDATE skus SET name = 'x'").rowcount)
    with pytest.raises(Refused, match="damaged"):
        place(one)
    siblings.mine = 1  # as the other process has it
    with pytest.raises(Refused, match="damaged"):
        other.writer.now(lambda tx: tx.connection.execute("UPDATE skus SET name = 'y'").rowcount)
    assert other.writer.trouble is DAMAGED
    one.stop()
    other.stop()
    siblings.close()


def test_the_command_line_names_the_file_and_the_remedy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("HUODAONA_SECRET", SECRET.decode())
    db = Database(tmp_path)
    db.writer.now(lambda tx: build(tx, START))
    db.stop()
    overwrite(tmp_path / FILE, "sessions")
    told = CliRunner().invoke(main, ["token", "owner", "--data", str(tmp_path)])
    assert told.exit_code == 1
    assert f"{tmp_path}: 数据库文件有损坏" in told.output
    assert "huodaona doctor" in told.output
    seen = CliRunner().invoke(main, ["doctor", "--data", str(tmp_path)])
    assert seen.exit_code == 1
    assert "D022 wrong" in seen.output
    kept = CliRunner().invoke(main, ["backup", str(tmp_path / "b.tar"), "--data", str(tmp_path)])
    assert kept.exit_code == 1
    assert "not sound" in kept.output
    (tmp_path / FILE).write_bytes(b"no database at all" * 500)
    for words in (("serve", "--port", "0"), ("verify",), ("migrate",)):
        told = CliRunner().invoke(main, [*words, "--data", str(tmp_path)])
        assert told.exit_code == 1, words
        assert str(tmp_path / FILE) in told.output or f"{tmp_path}: 数据库文件有损坏" in told.output


def test_an_answer_over_http_says_it_too(company):
    company.supervisor.post("/api/orders", draft())
    company.db.writer.now(lambda tx: None)
    overwrite(company.db.path, "snapshots")
    answer = company.supervisor.post("/api/orders", draft(), headers={"Accept-Language": "en"})
    assert (answer.status_code, answer.json()["code"]) == (507, "storage")
    assert "damaged" in answer.json()["detail"]
    ready = company.client.get("/readyz")
    assert (ready.status_code, ready.json()["kind"]) == (507, "damaged")
    assert company.supervisor.get("/api/orders").status_code == 200
