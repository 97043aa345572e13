"""A backup made under load is whole, restores into another life, and never goes over a company."""

import errno
import io
import json
import sqlite3
import tarfile
import threading
from pathlib import Path

import pytest
from click.testing import CliRunner

from api.cli import main
from api.db.database import FILE, Database
from api.journal import checkpoint, guard, service
from api.journal.service import Q
from api.journal.signing import Signer
from api.kernel.actor import SYSTEM
from api.setup import backup, loading
from api.stock import service as stock
from tests.support.company import SECRET, START, build, draft, settings
from tests.support.hand import unguard

KEY = checkpoint.public(checkpoint.signing_key(SECRET))


def opened(folder: Path, work):
    db = Database(folder)
    try:
        return work(db)
    finally:
        db.stop()


def verified(folder: Path, checkpoints: Path | None = None):
    points = checkpoints or folder / "checkpoints"
    return opened(folder, lambda db: db.reader.now(lambda tx: guard.verify(tx, points, KEY)))


def entries(db: Database, count: int) -> None:
    for n in range(count):
        db.writer.now(
            lambda tx, n=n: service.record(tx, f"order:{n % 3}", "order.placed", {"n": n}, SYSTEM, START)
        )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "data"

    def work(db: Database) -> None:
        db.writer.now(lambda tx: build(tx, START))
        Signer(db, SECRET, folder / "checkpoints").sign(START)

    opened(folder, work)
    (folder / "secret").write_bytes(SECRET)
    return folder


def test_a_backup_under_load_is_whole_and_cut_between_two_groups(company, tmp_path: Path):
    hub = company.app.state.hub
    given = settings(company.db.folder)
    stop, made = threading.Event(), []

    def load() -> None:
        while not stop.is_set():
            made.append(
                company.supervisor.post("/api/orders", draft(lines=[{"sku": "BP-1023", "qty": 1}])).json()
            )

    thread = threading.Thread(target=load)
    thread.start()
    try:
        while len(made) < 5:
            stop.wait(0.001)
        positions = [backup.write(given, hub.db.path, tmp_path / f"{n}.tar") for n in range(4)]
    finally:
        stop.set()
        thread.join()
    assert positions == sorted(positions)
    assert positions[0] < company.db.reader.now(lambda tx: tx.value(Q.last_pos))
    for n, pos in enumerate(positions):
        to = tmp_path / f"restored{n}"
        assert ((tmp_path / f"{n}.tar").stat().st_mode & 0o777) == 0o600
        assert backup.read(tmp_path / f"{n}.tar", to) == pos
        assert verified(to)[::2] == (pos + 1, None)
        assert opened(to, lambda db: db.reader.now(stock.drift)) == []
    assert not list(tmp_path.glob(".*"))  # no drafts, no copies


def test_a_restore_begins_another_life_and_names_the_cut(folder: Path, tmp_path: Path):
    before = opened(folder, lambda db: db.reader.now(lambda tx: tx.value(Q.life)))
    pos = backup.write(settings(folder), folder / FILE, tmp_path / "b.tar")
    to = tmp_path / "to"
    assert backup.read(tmp_path / "b.tar", to, "li") == pos > 10
    last, life = opened(
        to, lambda db: db.reader.now(lambda tx: (list(guard.entries(tx))[-1], tx.value(Q.life)))
    )
    assert (last.pos, last.kind, last.subject) == (pos + 1, "backup.restored", "system")
    named = json.loads(last.body)
    kept = opened(to, lambda db: db.reader.now(lambda tx: list(guard.entries(tx))[-2]))
    assert (named["cut_at"], named["head"], named["by"]) == (kept.pos, kept.hash.hex(), "li")
    assert 0 < named["backup_at"] <= last.at
    assert life not in (before, None)
    assert verified(to) == (pos + 1, 2, None)
    assert (to / "secret").read_bytes() == SECRET
    assert ((to / "secret").stat().st_mode & 0o777, (to / FILE).stat().st_mode & 0o777) == (0o600, 0o600)
    assert sorted(one.name for one in to.iterdir() if one.suffix != ".lock") == [
        "checkpoints",
        FILE,
        "secret",
    ]


def test_a_restore_never_writes_over_anything(folder: Path, tmp_path: Path):
    file = tmp_path / "b.tar"
    backup.write(settings(folder), folder / FILE, file)
    before = (folder / FILE).read_bytes()
    with pytest.raises(ValueError, match="not empty"):
        backup.read(file, folder)
    assert (folder / FILE).read_bytes() == before
    with pytest.raises(ValueError, match="not a folder"):
        backup.read(file, file)
    to = tmp_path / "to"
    to.mkdir()
    (to / backup.WORK).mkdir()  # a restore that was cut off may be begun again
    (to / backup.WORK / "secret").write_text("half")
    assert backup.read(file, to) > 0
    assert verified(to)[2] is None


def remade(file: Path, change) -> bytes:
    """The same tar with its members changed: `change(name, content)` gives a member, or None to leave it out."""
    out = io.BytesIO()
    with tarfile.open(file) as old, tarfile.open(fileobj=out, mode="w") as new:
        for member in old:
            content = old.extractfile(member)
            made = change(member.name, content.read() if content else b"")
            if made is not None:
                info = tarfile.TarInfo(made[0])
                info.size = len(made[1])
                new.addfile(info, io.BytesIO(made[1]))
    return out.getvalue()


@pytest.mark.parametrize("what", [
    "empty", "rubbish", "cut", "no database", "no secret", "no page", "another format", "a name outside", "a link",
    "a broken database", "another cut",
])  # fmt: skip
def test_what_is_no_whole_backup_leaves_the_folder_empty(what: str, folder: Path, tmp_path: Path):
    file = tmp_path / "b.tar"
    backup.write(settings(folder), folder / FILE, file)
    whole = file.read_bytes()

    def but(name: str, content=None):
        return remade(file, lambda n, c: (n, c) if n != name else content and (content(n, c)))

    link = io.BytesIO()
    with tarfile.open(fileobj=link, mode="w") as tar:
        one = tarfile.TarInfo("secret")
        one.type, one.linkname = tarfile.SYMTYPE, "/etc/passwd"
        tar.addfile(one)
    file.write_bytes(
        {
            "empty": b"",
            "rubbish": b"x" * 4096,
            "cut": whole[: len(whole) // 2],
            "no database": but(FILE),
            "no secret": but("secret"),
            "no page": but("backup.json"),
            "another format": but("backup.json", lambda n, c: (n, c.replace(b"v1", b"v9"))),
            "a name outside": but("secret", lambda n, c: ("../secret", c)),
            "a link": link.getvalue(),
            "a broken database": but(FILE, lambda n, c: (n, c[:4096] + b"\xff" * (len(c) - 4096))),
            "another cut": but("backup.json", lambda n, c: (n, c.replace(b'"pos":', b'"pos":9'))),
        }[what]
    )
    to = tmp_path / "to"
    with pytest.raises(ValueError, match=r"backup|restored|reads"):
        backup.read(file, to)
    assert not to.exists() or list(to.iterdir()) == []
    assert not (tmp_path / "secret").exists()


def test_outside_checkpoints_of_the_life_before_are_understood(folder: Path, tmp_path: Path):
    """CHECKPOINTS lies outside and knows what the backup does not: after the restore that is no fault, but a
    cut that only an entry claims, or one rewritten before the cut, still is."""
    outside = tmp_path / "outside"
    db = Database(folder)
    signer = Signer(db, SECRET, outside)
    signer.sign(START)
    pos = backup.write(settings(folder, checkpoints=outside), folder / FILE, tmp_path / "b.tar")
    for _ in range(3):
        entries(db, 7)
        signer.sign(START)
    db.stop()
    to = tmp_path / "to"
    backup.read(tmp_path / "b.tar", to)
    for file in (to / "checkpoints").iterdir():
        (outside / file.name).write_bytes(file.read_bytes())
    db = Database(to)
    entries(db, 30)  # another history over the same positions
    Signer(db, SECRET, outside).sign(START)
    db.stop()
    count, agreed, fault = verified(to, outside)
    assert (count, agreed, fault) == (pos + 31, 3, None)
    assert len(list(outside.iterdir())) == 6
    # The same once more, from the first backup: two lives are past then.
    third = tmp_path / "third"
    backup.read(tmp_path / "b.tar", third)
    for file in (third / "checkpoints").iterdir():
        (outside / file.name).write_bytes(file.read_bytes())
    assert verified(third, outside) == (pos + 1, 2, None)
    # Without the restore's own checkpoint the others speak.
    cut = [file for file in outside.iterdir() if "cut: " in file.read_text()]
    assert len(cut) == 2
    db = Database(third)
    db.writer.now(lambda tx: unguard(tx.connection))
    db.writer.now(lambda tx: tx.connection.execute("DELETE FROM checkpoints WHERE size > ?", [pos]))
    db.stop()
    for file in cut:
        file.unlink()
    assert verified(third, outside)[2] is not None


def test_the_shell_backs_up_and_restores(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    for name in ("HUODAONA_SECRET", "HUODAONA_CHECKPOINTS"):
        monkeypatch.delenv(name, raising=False)

    def run(*words: str):
        return CliRunner().invoke(main, [*words], catch_exceptions=False)

    file, to = str(tmp_path / "b.tar"), str(tmp_path / "to")
    made = run("backup", file, "--data", str(folder))
    assert made.exit_code == 0, made.output
    assert run("backup", str(tmp_path / "no" / "b.tar"), "--data", str(folder)).exit_code == 1
    assert run("restore", file, "--data", str(folder)).exit_code == 1
    assert run("restore", file, "--data", to).exit_code == 0
    assert run("verify", "--data", to).exit_code == 0
    assert run("restore", file, "--data", to).exit_code == 1
    assert opened(Path(to), lambda db: db.reader.now(loading.is_empty)) is False


# A restore tells only of what it has verified --------------------------------------------------------------------


def forged(folder: Path) -> None:
    """Somebody who knows the tables has changed an entry and taken the guards away and put them back."""
    connection = sqlite3.connect(folder / FILE)
    guards = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
    for name, _ in guards:
        connection.execute(f"DROP TRIGGER {name}")
    connection.execute("UPDATE journal SET actor = 'nobody' WHERE pos = 5")
    for _, sql in guards:
        connection.execute(sql)
    connection.commit()
    connection.close()


def test_a_journal_that_is_not_whole_is_restored_only_where_it_is_urgent(folder: Path, tmp_path: Path):
    forged(folder)
    pos = backup.write(settings(folder), folder / FILE, tmp_path / "b.tar")
    to = tmp_path / "to"
    with pytest.raises(ValueError, match=r"not whole: .*pos 5.* --urgent"):
        backup.read(tmp_path / "b.tar", to)
    assert not list(to.glob("*"))
    assert backup.read(tmp_path / "b.tar", to, is_urgent=True) == pos
    assert "pos 5" in str(verified(to)[2])


def test_a_checkpoint_signed_while_the_copy_is_made_is_not_held_against_it(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    copied = backup._copied

    def meanwhile(db_path: Path, copy: Path) -> int:
        pos = copied(db_path, copy)
        db = Database(folder)
        entries(db, 5)
        Signer(db, SECRET, folder / "checkpoints").sign(START)
        db.stop()
        return pos

    monkeypatch.setattr(backup, "_copied", meanwhile)
    pos = backup.write(settings(folder), folder / FILE, tmp_path / "b.tar")
    with tarfile.open(tmp_path / "b.tar") as tar:
        assert len([one for one in tar.getnames() if one.startswith("checkpoints/")]) == 1
    later = max((folder / "checkpoints").iterdir())
    with tarfile.open(tmp_path / "b.tar", "a") as tar:  # as the first program did
        tar.add(later, f"checkpoints/{later.name}")
    to = tmp_path / "to"
    assert backup.read(tmp_path / "b.tar", to) == pos
    assert verified(to)[2] is None
    assert (to / "checkpoints" / later.name).exists()


def test_a_restore_that_was_killed_is_begun_again(folder: Path, tmp_path: Path):
    backup.write(settings(folder), folder / FILE, tmp_path / "b.tar")
    to = tmp_path / "to"
    backup.read(tmp_path / "b.tar", to)
    (to / backup.WORK).mkdir()  # as if the database had not been moved yet
    (to / FILE).rename(to / backup.WORK / FILE)
    for left in to.glob("*.lock"):
        left.unlink()
    assert backup.read(tmp_path / "b.tar", to) > 0
    assert verified(to)[2] is None
    (to / backup.WORK).mkdir()
    with pytest.raises(ValueError, match="not empty"):
        backup.read(tmp_path / "b.tar", to)


def test_a_killed_backups_drafts_are_cleared_by_the_next(folder: Path, tmp_path: Path):
    for left in (".b.tar.77-88.draft", ".b.tar.db"):
        (tmp_path / left).write_text("half")
    (tmp_path / ".c.tar.77-88.draft").write_text("another's")
    backup.write(settings(folder), folder / FILE, tmp_path / "b.tar")
    assert sorted(one.name for one in tmp_path.iterdir()) == [".c.tar.77-88.draft", "b.tar", "data"]


def test_a_bare_database_is_restored_with_its_secret(folder: Path, tmp_path: Path):
    bare, to = tmp_path / "bare.db", tmp_path / "to"
    backup._copied(folder / FILE, bare)
    before = opened(folder, lambda db: db.reader.now(lambda tx: tx.value(Q.life)))
    with pytest.raises(ValueError, match="secret is needed"):
        backup.read(bare, to)
    pos = backup.read(bare, to, secret=SECRET)
    assert verified(to)[::2] == (pos + 1, None)
    assert opened(to, lambda db: db.reader.now(lambda tx: tx.value(Q.life))) != before
    with pytest.raises(ValueError, match="signature is not ours"):
        backup.read(bare, tmp_path / "other", secret=b"another secret, as long as it has to be")


def test_a_full_disk_for_the_backup_is_told_with_what_it_needs(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", str(tmp_path / "b.tar"))

    monkeypatch.setattr(backup, "_copied", full)
    told = CliRunner().invoke(main, ["backup", str(tmp_path / "b.tar"), "--data", str(folder)])
    assert told.exit_code == 1
    assert f"{tmp_path / 'b.tar'}: 磁盘满了" in told.output
    assert "up to" in told.output
    assert "MB are needed there" in told.output


# What stood in the way of a backup, and what a backup had lost on its way --------------------------------------------


def test_a_bit_that_no_page_and_no_hash_tells_of_is_found_by_the_backups_own_digest(
    folder: Path, tmp_path: Path
):
    file = tmp_path / "b.tar"
    add = "INSERT INTO meta (name, value) VALUES ('unhashed', 'as it was put in')"
    opened(folder, lambda db: db.writer.now(lambda tx: tx.connection.execute(add).rowcount))
    pos = backup.write(settings(folder), folder / FILE, file)
    file.write_bytes(remade(file, lambda n, c: (n, c.replace(b"as it was put in", b"as it was put on"))))
    with pytest.raises(ValueError, match=r"was damaged.*--urgent"):
        backup.read(file, tmp_path / "to")
    assert backup.read(file, tmp_path / "to", is_urgent=True) == pos
    # Those of older programs carry none.
    file.write_bytes(
        remade(
            file,
            lambda n, c: (
                n,
                json.dumps({**json.loads(c), "sha256": ""}).encode() if n == "backup.json" else c,
            ),
        )
    )
    assert backup.read(file, tmp_path / "older") == pos


def shelled(*words: str, **environ: str):
    env = {"HUODAONA_SECRET": None, "HUODAONA_CHECKPOINTS": None, **environ}
    return CliRunner().invoke(main, [*words], env=env, catch_exceptions=False)


def test_a_folder_that_takes_no_checkpoint_is_backed_up_without_one(folder: Path, tmp_path: Path):
    (tmp_path / "file").write_text("no folder")
    points = str(tmp_path / "file" / "points")
    made = shelled("backup", str(tmp_path / "b.tar"), "--data", str(folder), HUODAONA_CHECKPOINTS=points)
    assert made.exit_code == 0, made.output
    assert "no new checkpoint goes along: " in made.output
    assert shelled("restore", str(tmp_path / "b.tar"), "--data", str(tmp_path / "to")).exit_code == 0


def test_where_sqlite_cannot_lay_its_index_beside_the_file_the_log_goes_along(folder: Path, tmp_path: Path):
    """A read-only or a full disk, and a log that was not folded in: its last writer was killed."""
    living = Database(folder)
    entries(living, 5)
    killed = tmp_path / "killed"
    killed.mkdir()
    for one in (FILE, f"{FILE}-wal", "secret", "writer.lock"):
        (killed / one).write_bytes((folder / one).read_bytes())
    living.stop()
    (killed / f"{FILE}-shm").mkdir()  # root, too, cannot make the index here
    made = shelled("backup", str(tmp_path / "b.tar"), "--data", str(killed))
    assert made.exit_code == 0, made.output
    assert backup.read(tmp_path / "b.tar", tmp_path / "to") == opened(
        folder, lambda db: db.reader.now(lambda tx: tx.value(Q.last_pos))
    )
    assert verified(tmp_path / "to")[2] is None
