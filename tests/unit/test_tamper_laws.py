"""Laws over the real database file: the triggers refuse, any single change of a journal row, a checkpoint or a chain's
head is found, by the database's check and by the bundle's; `huodaona verify` says so as a process of its own.
"""

import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api.db.database import FILE, Database
from api.journal import bundle, checkpoint, guard, service
from api.journal.chain import START, link
from api.journal.merkle import Frontier
from api.journal.signing import Signer
from api.setup import loading
from tests.support.company import SECRET
from tests.support.company import START as NOW
from tests.support.hand import unguard
from tests.unit.test_tamper import ACTOR, EDITS, KEY, bundled, cut, edit, rewritten, sql, untouched, verified

__all__ = ["untouched"]  # the fixture: sixty entries, four orders, checkpoints after 25, 50 and 60

JOURNAL = ("pos", "subject", "seq", "at", "kind", "actor", "body", "hash")
COLUMNS = {
    "journal": JOURNAL,
    "chains": ("subject", "length", "head"),
    "checkpoints": ("size", "at", "text", "frontier"),
}
ROWS = {"journal": 60, "chains": 4, "checkpoints": 3}


@pytest.fixture
def folder(untouched: Path, tmp_path: Path) -> Path:
    shutil.copytree(untouched, tmp_path / "data")
    return tmp_path / "data"


# triggers -----------------------------------------------------------------------------------------------

FIELDS = ", ".join(JOURNAL)
REFUSED = [
    *(f"UPDATE journal SET {name} = {name} WHERE pos = 30" for name in JOURNAL),
    "DELETE FROM journal WHERE pos = 60",
    "DELETE FROM journal",
    f"INSERT OR REPLACE INTO journal ({FIELDS}) SELECT {FIELDS} FROM journal WHERE pos = 30",
    f"REPLACE INTO journal SELECT {FIELDS} FROM journal WHERE pos = 60",
    "REPLACE INTO journal (subject, seq, at, kind, actor, body, hash)"
    " SELECT subject, seq, at, kind, actor, body, hash FROM journal WHERE pos = 1",
    "REPLACE INTO journal (pos, subject, seq, at, kind, actor, body, hash)"
    " SELECT 61, subject, seq, at, kind, actor, body, hash FROM journal WHERE pos = 1",
    "REPLACE INTO journal (pos, subject, seq, at, kind, actor, body, hash)"
    " SELECT 1, 'order:new', 1, at, kind, actor, body, hash FROM journal WHERE pos = 1",
    f"INSERT OR IGNORE INTO journal ({FIELDS}) SELECT {FIELDS} FROM journal WHERE pos = 30",
    f"INSERT INTO journal ({FIELDS}) SELECT {FIELDS} FROM journal WHERE pos = 30 ON CONFLICT DO UPDATE SET body = ''",
    "UPDATE OR REPLACE journal SET pos = 2 WHERE pos = 1",
    *(f"UPDATE checkpoints SET {name} = {name}" for name in COLUMNS["checkpoints"]),
    "DELETE FROM checkpoints WHERE size = 25",
    "DELETE FROM checkpoints",
    "REPLACE INTO checkpoints SELECT * FROM checkpoints WHERE size = 50",
    "INSERT INTO checkpoints SELECT * FROM checkpoints WHERE TRUE ON CONFLICT (size) DO UPDATE SET text = ''",
]  # fmt: skip


@pytest.mark.parametrize("pragma", ["PRAGMA recursive_triggers = OFF", "PRAGMA recursive_triggers = ON"])
@pytest.mark.parametrize("statement", REFUSED)
def test_the_database_itself_refuses_to_change_what_happened(statement: str, pragma: str, folder: Path):
    """Whoever opens the file, whatever he has set: the triggers lie in it."""
    connection = sqlite3.connect(folder / FILE)
    connection.execute(pragma)
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        connection.execute(statement)
    connection.commit()
    connection.close()
    assert verified(folder) == (60, 3, None)


def test_what_is_new_goes_in(folder: Path):
    connection = sqlite3.connect(folder / FILE)
    prev = connection.execute("SELECT hash FROM journal WHERE pos = 60").fetchone()[0]
    made = link(prev, "order:HD3", 16, NOW, "order.viewed", "x", "{}")
    given = ["order:HD3", 16, NOW, "order.viewed", "x", "{}", made]
    connection.execute(f"INSERT INTO journal ({FIELDS[5:]}) VALUES (?, ?, ?, ?, ?, ?, ?)", given)
    connection.execute("UPDATE chains SET length = 16, head = ? WHERE subject = 'order:HD3'", [made])
    connection.commit()
    connection.close()
    assert verified(folder) == (61, 3, None)


# any single change ----------------------------------------------------------------------------------------

OTHER = st.one_of(
    st.integers(-(2**63), 2**63 - 1),
    st.floats(allow_nan=False),
    st.text(st.characters(codec="utf-8"), max_size=20),
    st.binary(max_size=40),
)


class Desk:
    """One copy of the file, edited and put back by a savepoint that is never released."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.checkpoints = folder, folder / "checkpoints"
        self.db = Database(folder)
        self.tx = self.db.writer._tx
        self.connection = self.db.writer._connection
        unguard(self.connection)
        self.connection.execute("BEGIN")

    def found(self) -> guard.Told:
        return guard.verify(self.tx, self.checkpoints, KEY)

    def bundle(self, file: Path) -> guard.Told:
        bundle.write(self.tx, self.checkpoints, file)
        return bundle.check(file, KEY)


@pytest.fixture(scope="module")
def desk(untouched: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    to = tmp_path_factory.mktemp("desk") / "data"
    shutil.copytree(untouched, to)
    made = Desk(to)
    yield made
    made.connection.execute("ROLLBACK")
    made.db.stop()


LAW = settings(
    max_examples=120,
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


def change(data: st.DataObject, value: object) -> object:
    """Another value for a cell: any at all, or the one that stands there with one bit of it turned."""
    kind = data.draw(st.sampled_from(["any", "bit", "step"]))
    if kind == "step" and isinstance(value, int):
        return value + data.draw(st.sampled_from([-1, 1, 2, 1000]))
    raw = value.encode() if isinstance(value, str) else value
    if kind != "any" and isinstance(raw, bytes) and raw:
        at = data.draw(st.integers(0, len(raw) * 8 - 1))
        turned = bytearray(raw)
        turned[at // 8] ^= 1 << at % 8
        return bytes(turned) if isinstance(value, bytes) else ("TEXT", bytes(turned))
    return data.draw(OTHER)


@LAW
@given(data=st.data())
def test_any_single_change_of_a_row_is_found(desk: Desk, data: st.DataObject):
    table = data.draw(st.sampled_from(["journal", "journal", "chains", "checkpoints"]))
    n = data.draw(st.integers(0, ROWS[table] - 1))
    column = data.draw(st.sampled_from(COLUMNS[table]))
    key = COLUMNS[table][0]
    connection = desk.connection
    connection.execute("SAVEPOINT law")
    try:
        row = connection.execute(
            f"SELECT {key}, {column}, typeof({column}) FROM {table} ORDER BY {key} LIMIT 1 OFFSET {n}"
        )
        at, value, kind = row.fetchone()
        other = change(data, value)
        is_text = isinstance(other, tuple)
        setting = f"{column} = CAST(? AS TEXT)" if is_text else f"{column} = ?"
        try:
            connection.execute(
                f"UPDATE {table} SET {setting} WHERE {key} = ?", [other[1] if is_text else other, at]
            )
        except (
            sqlite3.IntegrityError,
            sqlite3.OperationalError,
        ):  # two of one key, or a key that is no number
            return
        raw = f"SELECT COUNT(*) FROM {table} WHERE CAST({column} AS BLOB) IS CAST(? AS BLOB) AND typeof({column}) = ?"
        left = connection.execute(f"{raw} AND {key} = ?", [value, kind, at]).fetchone()[0]
        told = desk.found()
        assert (told.fault is None) == bool(left), (table, at, column, value, other)
    finally:
        connection.execute("ROLLBACK TO law")
        connection.execute("RELEASE law")


@LAW
@given(data=st.data())
def test_any_row_that_goes_comes_or_moves_is_found(desk: Desk, data: st.DataObject, tmp_path: Path):
    table = data.draw(st.sampled_from(["journal", "journal", "chains", "checkpoints"]))
    key, fields = COLUMNS[table][0], COLUMNS[table]
    verb = data.draw(st.sampled_from(["drop", "swap", "double"]))
    a, b = data.draw(st.permutations(range(ROWS[table])))[:2]
    connection = desk.connection
    connection.execute("SAVEPOINT law")
    try:
        keys = [row[0] for row in connection.execute(f"SELECT {key} FROM {table} ORDER BY {key}").fetchall()]
        if verb == "drop":
            connection.execute(f"DELETE FROM {table} WHERE {key} = ?", [keys[a]])
        elif verb == "double":
            rest = ", ".join(fields[1:])
            fresh = "order:HD9" if table == "chains" else data.draw(st.sampled_from([-1, 0, 55, 61, 10**9]))
            if table == "journal":
                rest = rest.replace("seq", "seq + 100", 1)
            try:
                connection.execute(
                    f"INSERT INTO {table} SELECT ?, {rest} FROM {table} WHERE {key} = ?", [fresh, keys[b]]
                )
            except sqlite3.IntegrityError:
                return
        else:
            parked = "order:parked" if table == "chains" else -5
            for new, old in ((parked, keys[a]), (keys[a], keys[b]), (keys[b], parked)):
                connection.execute(f"UPDATE {table} SET {key} = ? WHERE {key} = ?", [new, old])
        told = desk.found()
        assert told.fault is not None, (table, verb, keys[a], keys[b])
        if table == "journal":
            assert desk.bundle(tmp_path / "b").fault == told.fault
    finally:
        connection.execute("ROLLBACK TO law")
        connection.execute("RELEASE law")
    assert desk.found() == (60, 3, None)


@pytest.fixture(scope="module")
def whole_bundle(untouched: Path, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    file = tmp_path_factory.mktemp("bundle") / "b"
    bundled(untouched, file)
    return file.read_bytes()


@LAW
@given(data=st.data())
def test_any_single_byte_of_a_bundle_counts(whole_bundle: bytes, tmp_path: Path, data: st.DataObject):
    """Turned to another letter; what JSON reads as the same value (a blank) aside."""
    at = data.draw(st.integers(0, len(whole_bundle) - 1))
    letter = data.draw(st.sampled_from(b'0123456789abcdefxyz{}[],:"\\.-'))
    made = bytearray(whole_bundle)
    if made[at] == letter or (made[at : at + 1].isalpha() and chr(made[at]).lower() == chr(letter).lower()):
        return
    made[at] = letter
    file = tmp_path / "b"
    file.write_bytes(made)
    line = whole_bundle.count(b"\n", 0, at)
    told = bundle.check(file, KEY)
    # The header's own key is not asked where the reader brings one.
    if line == 0 and b'"key"' in whole_bundle[:at]:
        return
    assert told.fault is not None, (line, at)


# a chain made anew --------------------------------------------------------------------------------------------


def resign(folder: Path) -> None:
    """Whoever holds SECRET as well: the checkpoints in the database are made anew over what stands there now."""
    connection = sqlite3.connect(folder / FILE)
    connection.execute("DELETE FROM checkpoints")
    connection.commit()
    hashes = [row[0] for row in connection.execute("SELECT hash FROM journal ORDER BY pos")]
    (epoch,) = connection.execute("SELECT value FROM meta WHERE name = 'epoch'").fetchone()
    key = checkpoint.signing_key(SECRET)
    for size in (25, 50, 60):
        edge = Frontier().extended(hashes[:size])
        text = checkpoint.write(key, NOW + size, epoch, size, size, edge.root())
        frontier = msgspec.json.encode(edge).decode()
        connection.execute("INSERT INTO checkpoints VALUES (?, ?, ?, ?)", [size, NOW + size, text, frontier])
    connection.commit()
    connection.close()


@pytest.mark.parametrize("is_resigned", [False, True])
@pytest.mark.parametrize("with_head", [False, True])
def test_a_chain_made_anew_is_found_by_what_left_the_database(
    with_head: bool, is_resigned: bool, folder: Path, tmp_path: Path
):
    def work(connection: sqlite3.Connection) -> None:
        before = connection.execute("SELECT head FROM chains WHERE subject = 'order:HD1'").fetchone()
        rewritten("order:HD1", 9)(connection)
        if not with_head:
            connection.execute("UPDATE chains SET head = ? WHERE subject = 'order:HD1'", before)

    edit(folder, work)
    if is_resigned:
        resign(folder)
    fault = verified(folder)[2]
    assert fault is not None
    assert (fault.pos, "checkpoint 50 differs" in fault.what) == (26, True), str(fault)
    bundled(folder, tmp_path / "b")
    assert bundle.check(tmp_path / "b", KEY)[2] == fault


def test_one_checkpoint_kept_in_a_chat_is_enough(folder: Path, tmp_path: Path):
    """Database, folder and SECRET are all in one hand, which makes everything anew; the chat says otherwise."""
    kept = tmp_path / "chat.txt"
    old = sorted((folder / "checkpoints").iterdir())[-1].read_text()
    kept.write_text("货到哪 检查点 Huodaona checkpoint\r\n\r\n" + old.replace("\n", "  \r\n"))
    edit(folder, rewritten("order:HD1", 9))
    resign(folder)
    shutil.rmtree(folder / "checkpoints")
    db = Database(folder)
    Signer(db, SECRET, folder / "checkpoints").sign(NOW)
    db.stop()
    assert verified(folder)[2] is None  # as docs/journal.md admits
    bundled(folder, tmp_path / "b")
    for words in (("--data", str(folder)), ("--export", str(tmp_path / "b"))):
        assert verify(*words)[0] == 0
        status, said = verify(*words, "--checkpoint", str(kept))
        assert (status, said.splitlines()[0]) == (
            1, "NOT WHOLE: pos 1, journal entry 1: rewritten, moved or removed between here and pos 60: checkpoint 60 differs",
        )  # fmt: skip


# a restore ------------------------------------------------------------------------------------------------------


@pytest.fixture
def restored(folder: Path) -> Path:
    """Cut after entry 39, as a restore does it; outside lie checkpoints of the life before that saw 50 and 60."""
    edit(folder, lambda c: (cut(40)(c), sql("DELETE FROM checkpoints WHERE size > 25")(c)))
    db = Database(folder)
    db.writer.now(lambda tx: loading.restored(tx, NOW, NOW - 5, "li"))
    assert Signer(db, SECRET, folder / "checkpoints").sign(NOW, cut=39) is not None
    db.stop()
    return folder


def test_a_restore_explains_what_it_cut_and_says_so(restored: Path, tmp_path: Path):
    assert verified(restored) == (40, 2, None)
    bundled(restored, tmp_path / "b")
    said = (
        "restored at 2026-01-22T02:05:00+00:00: cut after entry 39; 2 checkpoints speak of what came after it"
    )
    for words in (("--data", str(restored)), ("--export", str(tmp_path / "b"))):
        status, told = verify(*words)
        assert (status, told.splitlines()[-1]) == (0, said), told


def _another_word(body: str) -> str:
    return body.replace('"cut_at":39', '"cut_at":38')


@pytest.mark.parametrize(
    ("kind", "body", "pos", "word"),
    [
        ("order.viewed", lambda body: body, 41, "cut off: checkpoint 50"),
        ("backup.restored", _another_word, 40, "another cut"),
        ("backup.restored", lambda body: body.replace('"head":"', '"head":"00'), 40, "another cut"),
        ("backup.restored", lambda body: "{}", 40, "names no cut"),
    ],
)
def test_without_its_entry_even_a_signed_cut_explains_nothing(
    kind, body, pos, word, restored: Path, tmp_path: Path
):
    """By a hand that holds the key too: the entry is made anew, and the restore's checkpoint over it."""

    def work(connection: sqlite3.Connection) -> None:
        row = connection.execute(
            "SELECT e.subject, e.seq, e.at, e.actor, e.body, b.hash FROM journal e"
            " LEFT JOIN journal b ON b.subject = e.subject AND b.seq = e.seq - 1 WHERE e.pos = 40"
        ).fetchone()
        subject, seq, at, actor, text, prev = row
        prev = prev or START
        made = link(prev, subject, seq, at, kind, actor, body(text))
        connection.execute(
            "UPDATE journal SET kind = ?, body = ?, hash = ? WHERE pos = 40", [kind, body(text), made]
        )
        connection.execute("UPDATE chains SET head = ? WHERE subject = ?", [made, subject])
        connection.execute("DELETE FROM checkpoints WHERE size = 40")

    edit(restored, work)
    for file in (restored / "checkpoints").glob("000000000040-*"):
        file.unlink()
    db = Database(restored)
    assert Signer(db, SECRET, restored / "checkpoints").sign(NOW, cut=39) is not None
    db.stop()
    fault = verified(restored)[2]
    assert fault is not None
    assert (fault.pos, word in fault.what) == (pos, True), str(fault)
    bundled(restored, tmp_path / "b")
    assert bundle.check(tmp_path / "b", KEY)[2] == fault


# as a process ---------------------------------------------------------------------------------------------------


def verify(*words: str) -> tuple[int, str]:
    env = {name: value for name, value in os.environ.items() if not name.startswith("HUODAONA_")}
    done = subprocess.run(
        [sys.executable, "-m", "api", "verify", *words], capture_output=True, text=True, env=env, check=False
    )
    assert done.stderr == ""
    return done.returncode, done.stdout


KINDS = {
    "flip a byte": "flip a byte of a body",
    "drop the newest row": "drop the newest row",
    "drop a middle row": "drop a middle row",
    "swap two rows": "swap two rows of one order",
    "delete an order": "delete an order with its head",
    "rewrite a whole chain": "rewrite a chain and its head",
}


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_is_found_by_the_command_and_without_the_server(kind: str, folder: Path, tmp_path: Path):
    change, pos, word = EDITS[KINDS[kind]]
    edit(folder, change)
    status, said = verify("--data", str(folder))
    assert (status, said.startswith(f"NOT WHOLE: pos {pos}, "), word in said) == (1, True, True), said
    # The bundle alone on another machine, with the public key and nothing else.
    away = tmp_path / "away"
    away.mkdir()
    bundled(folder, away / "journal")
    shutil.rmtree(folder)
    assert verify("--export", str(away / "journal"), "--key", KEY.hex()) == (1, said)


def test_words_that_make_no_sense_are_told(folder: Path, tmp_path: Path):
    (tmp_path / "x").write_text("no checkpoint here")
    for words in (("--key", "xyz"), ("--checkpoint", str(tmp_path / "x"))):
        done = subprocess.run(
            [sys.executable, "-m", "api", "verify", "--data", str(folder), *words],
            capture_output=True,
            text=True,
            check=False,
        )
        assert (done.returncode, "--checkpoint" in done.stderr) == (1, True), done.stderr


def test_the_edge_kept_beside_a_checkpoint_is_not_trusted(folder: Path):
    """Edited, it would make the next checkpoint wrong: the signer makes it anew, verify says so."""
    edit(folder, sql('UPDATE checkpoints SET frontier = \'{"size":60,"edge":[]}\' WHERE size = 60'))
    assert "edge" in verified(folder)[2].what
    db = Database(folder)
    db.writer.now(lambda tx: service.record(tx, "order:HD0", "order.viewed", {}, ACTOR, NOW))
    text = Signer(db, SECRET, folder / "checkpoints").sign(NOW)
    hashes = [one.hash for one in db.reader.now(lambda tx: list(guard.entries(tx)))]
    db.stop()
    assert checkpoint.read(text).root == Frontier().extended(hashes).root()
