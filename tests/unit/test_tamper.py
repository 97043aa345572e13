"""Somebody edits the real database file, a checkpoint or a bundle by hand: it is found, the first bad entry named.

Sixty entries on four orders in turn (entry at pos p is number (p - 1) // 4 + 1 of order (p - 1) % 4), with
checkpoints after 25, 50 and 60.
"""

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from api.cli import main
from api.db.database import FILE
from api.journal import bundle, checkpoint, guard, service
from api.journal.chain import START, link
from api.journal.signing import Signer
from api.kernel.actor import Actor
from api.setup import loading, proof
from tests.support import engines
from tests.support.company import SECRET
from tests.support.company import START as NOW

KEY = checkpoint.public(checkpoint.signing_key(SECRET))
ACTOR = Actor("sales", "sales", "陈静")
Edit = Callable[[Any], object]


@pytest.fixture(scope="module")
def untouched(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("journal") / "data"
    db = engines.opened(folder)
    (folder / "secret").write_bytes(SECRET)
    signer = Signer(db, SECRET, folder / "checkpoints")
    db.writer.now(lambda tx: loading.begin(tx, NOW))
    for pos in range(1, 61):
        body = {"line": pos, "note": "请避开周一送货"}
        subject = f"order:HD{(pos - 1) % 4}"
        got = db.writer.now(lambda tx: service.record(tx, subject, "order.placed", body, ACTOR, NOW))  # noqa: B023
        assert got == pos
        if pos in (25, 50, 60):
            assert signer.sign(NOW + pos) is not None
    assert signer.sign(NOW) is None  # nothing new
    db.stop()
    return folder


@pytest.fixture
def folder(untouched: Path, tmp_path: Path) -> Path:
    return engines.copy(untouched, tmp_path / "data")


def verified(folder: Path):
    db = engines.opened(folder)
    try:
        return db.reader.now(lambda tx: guard.verify(tx, folder / "checkpoints", KEY))
    finally:
        db.stop()


def bundled(folder: Path, file: Path):
    db = engines.opened(folder)
    try:
        count = db.reader.now(lambda tx: bundle.write(tx, folder / "checkpoints", file))
    finally:
        db.stop()
    return count


def edit(folder: Path, change: Edit) -> None:
    """By a hand that may do everything."""
    with engines.by_hand(folder) as hand:
        change(hand)


def sql(*statements: str) -> Edit:
    return lambda connection: [connection.execute(one) for one in statements]


def rewritten(subject: str, from_seq: int, renumber: bool = False) -> Edit:
    """The owner's own hand: another text, every later hash and the head made to fit."""

    def change(connection: Any) -> None:
        rows = connection.execute(
            "SELECT pos, seq, at, kind, actor, body, hash FROM journal WHERE subject = ? ORDER BY seq",
            [subject],
        ).fetchall()
        prev = START
        for pos, seq, at, kind, actor, body, mark in rows:
            text = body.replace("周一", "周二") if seq == from_seq else body
            made = link(prev, subject, seq, at, kind, actor, text)
            assert (made == mark) == (seq < from_seq)
            connection.execute("UPDATE journal SET body = ?, hash = ? WHERE pos = ?", [text, made, pos])
            prev = made
        connection.execute("UPDATE chains SET head = ? WHERE subject = ?", [prev, subject])

    return change


def closed_up(connection: Any) -> None:
    """A whole order vanishes with its head, and the others' positions close the gaps."""
    sql("DELETE FROM journal WHERE subject = 'order:HD2'", "DELETE FROM chains WHERE subject = 'order:HD2'")(
        connection
    )
    for new, (old,) in enumerate(connection.execute("SELECT pos FROM journal ORDER BY pos").fetchall(), 1):
        connection.execute("UPDATE journal SET pos = ? WHERE pos = ?", [new, old])


def swapped(a: int, b: int) -> Edit:
    return sql(
        f"UPDATE journal SET pos = -1 WHERE pos = {a}",
        f"UPDATE journal SET pos = {a} WHERE pos = {b}",
        f"UPDATE journal SET pos = {b} WHERE pos = -1",
    )


def cut(pos: int) -> Edit:
    """The newest rows go, and the heads say that this is all there ever was."""
    return sql(
        f"DELETE FROM journal WHERE pos >= {pos}",
        "UPDATE chains SET length = (SELECT COUNT(*) FROM journal j WHERE j.subject = chains.subject),"
        " head = (SELECT hash FROM journal j WHERE j.subject = chains.subject ORDER BY seq DESC LIMIT 1)",
    )


# what somebody does, the edit, the first bad position as named, a word of the sentence
EDITS: dict[str, tuple[Edit, int, str]] = {
    "flip a byte of a body": (sql("UPDATE journal SET body = replace(body, '30', '31') WHERE pos = 30"), 30, "hash"),
    "a byte that is no UTF-8": (
        sql("UPDATE journal SET body = CAST(X'7B22FF227D' AS TEXT) WHERE pos = 30"), 30, "hash",
    ),
    "a body that is a number": (sql("UPDATE journal SET body = X'00' WHERE pos = 30"), 30, "hash"),
    "flip a byte of a hash": (sql("UPDATE journal SET hash = zeroblob(32) WHERE pos = 30"), 30, "hash"),
    "another time": (sql("UPDATE journal SET at = at + 1 WHERE pos = 30"), 30, "hash"),
    "another actor": (sql("UPDATE journal SET actor = 'owner' WHERE pos = 30"), 30, "hash"),
    "an entry to another order": (
        sql("UPDATE journal SET subject = 'order:HD9' WHERE pos = 30"), 30, "out of order",
    ),
    "drop the newest row": (sql("DELETE FROM journal WHERE pos = 60"), 60, "cut off"),
    "drop the newest three": (sql("DELETE FROM journal WHERE pos > 57"), 58, "cut off"),
    "drop a middle row": (sql("DELETE FROM journal WHERE pos = 30"), 30, "missing"),
    "drop the first row": (sql("DELETE FROM journal WHERE pos = 1"), 1, "missing"),
    "swap two rows of one order": (swapped(30, 34), 30, "out of order"),
    "swap two rows of two orders": (swapped(30, 31), 26, "checkpoint 50 differs"),
    "delete an order, its head stays": (sql("DELETE FROM journal WHERE subject = 'order:HD2'"), 3, "missing"),
    "delete an order with its head": (
        sql("DELETE FROM journal WHERE subject = 'order:HD2'", "DELETE FROM chains WHERE subject = 'order:HD2'"),
        3, "missing",
    ),
    "delete an order, close the gaps": (closed_up, 1, "checkpoint 25 differs"),
    "rewrite a chain and its head": (rewritten("order:HD2", 1), 1, "checkpoint 25 differs"),
    "rewrite a chain's second half": (rewritten("order:HD1", 9), 26, "checkpoint 50 differs"),
    "rewrite the very last entry": (rewritten("order:HD3", 15), 51, "checkpoint 60 differs"),
    "remove the newest rows and heads": (cut(55), 55, "cut off"),
    "remove everything": (
        sql("DELETE FROM journal", "DELETE FROM chains"), 1, "cut off",
    ),
    "remove rows, heads and the stored checkpoints": (
        lambda c: (cut(55)(c), sql("DELETE FROM checkpoints WHERE size > 50")(c)), 55, "cut off",
    ),
    "an order's head alone": (sql("UPDATE chains SET head = zeroblob(32) WHERE subject = 'order:HD3'"), 60, "head"),
    "an order without its head": (sql("DELETE FROM chains WHERE subject = 'order:HD3'"), 60, "no head"),
    "an entry slipped in at the end": (
        sql("INSERT INTO journal SELECT 61, subject, 16, at, kind, actor, body, randomblob(32) FROM journal WHERE pos=60"),
        61, "beyond",
    ),
}  # fmt: skip


def test_the_untouched_one_passes(folder: Path, tmp_path: Path):
    assert verified(folder) == (60, 3, None)
    assert bundled(folder, tmp_path / "b") == 60
    assert bundle.check(tmp_path / "b", KEY) == (60, 3, None)


@pytest.mark.parametrize("what", EDITS)
def test_an_edited_database_is_found_and_named(what: str, folder: Path, tmp_path: Path):
    change, pos, word = EDITS[what]
    edit(folder, change)
    _, _, fault = verified(folder)
    assert fault is not None
    assert (fault.pos, word in fault.what) == (pos, True), str(fault)
    bundled(folder, tmp_path / "b")
    assert bundle.check(tmp_path / "b", KEY)[2] == fault


def test_rows_behind_the_last_checkpoint_are_not_claimed(folder: Path):
    """What docs/journal.md admits: who holds database and heads can rewrite what no checkpoint has seen."""
    for file in (folder / "checkpoints").iterdir():
        if file.name > "000000000050":
            file.unlink()
    edit(folder, sql("DELETE FROM checkpoints WHERE size > 25"))
    edit(folder, rewritten("order:HD3", 15))
    assert verified(folder)[2] is None


@pytest.mark.parametrize(
    ("before", "after", "word"),
    [
        (b"size: 25", b"size: 26", "signature"),
        (b"root: ", b"root: 00", "signature"),
        (b"huodaona checkpoint v1", b"note", "not a checkpoint"),
        (b"signature: ", b"", "not a checkpoint"),
        (b"epoch: ", b"epoch: \xff", "signature"),
    ],
)
def test_an_edited_checkpoint_is_found(before: bytes, after: bytes, word: str, folder: Path, tmp_path: Path):
    file = min((folder / "checkpoints").iterdir())
    file.write_bytes(file.read_bytes().replace(before, after))
    fault = verified(folder)[2]
    assert fault is not None
    assert word in fault.what
    bundled(folder, tmp_path / "b")
    assert bundle.check(tmp_path / "b", KEY)[2] == fault


def test_a_checkpoint_of_another_key_is_not_ours(folder: Path, tmp_path: Path):
    """Who has the database alone can sign, but not with our key."""
    text = checkpoint.write(
        checkpoint.signing_key(b"another secret, as long as ours is"), NOW, "X", 60, 60, bytes(32)
    )
    (folder / "checkpoints" / "x.txt").write_text(text)
    assert "signature" in str(verified(folder)[2])
    bundled(folder, tmp_path / "b")
    assert "signature" in str(bundle.check(tmp_path / "b")[2])  # two keys in one file


def test_a_forged_restore_excuses_nothing(folder: Path):
    """An entry that claims a restore is not believed: only the restore's own signed checkpoint is."""
    edit(folder, cut(40))
    edit(
        folder,
        sql(
            "DELETE FROM checkpoints WHERE size > 25",
            "UPDATE meta SET value = 'FORGED00' WHERE name = 'epoch'",
        ),
    )
    db = engines.opened(folder)
    db.writer.now(lambda tx: loading.restored(tx, NOW, NOW, "eve"))
    Signer(db, SECRET, folder / "checkpoints").sign(NOW)  # as the server does at its next start
    db.stop()
    _, _, fault = verified(folder)
    assert fault is not None
    assert (fault.pos, "checkpoint 50" in fault.what) == (41, True), str(fault)


def test_a_page_of_rubbish_is_told(folder: Path):
    connection = sqlite3.connect(folder / FILE)
    (page,) = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'journal'").fetchone()
    (size,) = connection.execute("PRAGMA page_size").fetchone()
    connection.close()
    with (folder / FILE).open("r+b") as file:
        file.seek((page - 1) * size)
        file.write(b"\xff" * size)
    fault = verified(folder)[2]
    assert fault is not None
    assert "cannot be read" in fault.what


def test_a_bundle_cut_or_edited_is_found(folder: Path, tmp_path: Path):
    file = tmp_path / "b"
    bundled(folder, file)
    whole = file.read_bytes()
    lines = whole.splitlines(keepends=True)
    assert (file.stat().st_mode & 0o777, len(lines)) == (0o600, 1 + 3 + 60 + 1)
    assert b"sales" in whole
    for cut_at in (0, 10, len(lines[0]), len(whole) - 1, len(whole) - len(lines[-1]), len(whole) // 2):
        file.write_bytes(whole[:cut_at])
        assert "cut off" in str(bundle.check(file)[2])
    for n in range(len(lines)):
        file.write_bytes(b"".join((*lines[:n], *lines[n + 1 :])))
        assert bundle.check(file)[2] is not None, n
        file.write_bytes(b"".join((*lines[:n], lines[n].replace(b"1", b"2", 1), *lines[n + 1 :])))
        assert bundle.check(file)[2] is not None or b"1" not in lines[n], lines[n]
    for rubbish in (
        b"\xff\xfe\n",
        b"[]\n",
        b"{}\n",
        b'{"format":"x","key":"zz","entries":1,"chains":0,"checkpoints":0}\n',
    ):
        file.write_bytes(rubbish)
        assert bundle.check(file)[2] is not None
    assert "bundle" in str(bundle.check(tmp_path / "none")[2])


def test_a_bundle_wholly_made_anew_is_found_with_the_key_from_elsewhere(folder: Path, tmp_path: Path):
    """Who re-signs everything with a key of his own passes only with a reader who trusts the file's own key."""
    for file in (folder / "checkpoints").iterdir():
        file.unlink()
    edit(folder, sql("DELETE FROM checkpoints"))
    edit(folder, rewritten("order:HD2", 1))
    db = engines.opened(folder)
    Signer(db, b"another secret, as long as ours is", folder / "checkpoints").sign(NOW)
    db.stop()
    file = tmp_path / "b"
    bundled(folder, file)
    assert bundle.check(file)[2] is None
    assert "signature" in str(bundle.check(file, KEY)[2])
    (tmp_path / "b.key").write_text(KEY.hex() + "\n")
    assert "signature" in str(bundle.check(file)[2])


def test_a_key_that_one_brings_must_have_signed_something(folder: Path, tmp_path: Path):
    """Who drops every checkpoint and rewrites what he likes is whole by himself alone."""
    for file in (folder / "checkpoints").iterdir():
        file.unlink()
    edit(folder, sql("DELETE FROM checkpoints"))
    edit(folder, rewritten("order:HD2", 1))
    file = tmp_path / "b"
    bundled(folder, file)
    assert bundle.check(file)[2] is None
    assert "nothing in it is signed with the key that you trust" in str(bundle.check(file, KEY)[2])
    (tmp_path / "b.key").write_text("\n")
    assert "64 hex digits" in str(bundle.check(file)[2])
    told = CliRunner().invoke(main, ["verify", "--export", str(file), "--key", ""])
    assert (told.exit_code, "64 hex digits" in told.output) == (1, True)


def test_what_no_checkpoint_speaks_of_yet_is_said(folder: Path, tmp_path: Path):
    db = engines.opened(folder)
    db.writer.now(lambda tx: service.record(tx, "order:HD9", "order.placed", {}, ACTOR, NOW))
    db.stop()
    file = tmp_path / "b"
    bundled(folder, file)
    assert list(proof.lines(proof.of_bundle(file, KEY))) == [
        "whole: 61 entries, 3 checkpoints",
        "signed up to entry 60: what came after it, no checkpoint speaks of yet",
    ]
    with file.open("ab") as more:
        more.write(b"\n")
    assert "after the end" in str(bundle.check(file)[2])


def test_the_command_line_says_so(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("HUODAONA_SECRET", raising=False)
    monkeypatch.setenv("HUODAONA_DATABASE_URL", engines.url(folder))

    def run(*words: str):
        return CliRunner().invoke(main, [*words], catch_exceptions=False)

    file, data = str(tmp_path / "b"), ["--data", str(folder)]
    good = run("verify", *data)
    assert (good.exit_code, good.output) == (
        0, "whole: 60 entries, 3 checkpoints\nbeside it: 0 snapshots, 0 personal values\n"
    )  # fmt: skip

    assert run("export", file, *data).exit_code == 0
    assert run("verify", "--export", file).exit_code == 0
    edit(folder, EDITS["flip a byte of a body"][0])
    bad = run("verify", *data)
    assert (bad.exit_code, bad.output.startswith("NOT WHOLE: pos 30, order:HD1 entry 8: ")) == (1, True), (
        bad.output
    )
    assert run("verify", "--export", file).exit_code == 0  # taken before
    run("export", file, *data)
    again = run("verify", "--export", file)
    assert (again.exit_code, again.output) == (1, bad.output)
