"""The secret: made once, whole or not at all, read by nobody else, and never a guessable one."""

import threading
from pathlib import Path

import msgspec
import pytest

from api import settings as config
from api.db.database import Database
from api.serving import prepare
from api.setup import opening
from tests.support import engines
from tests.support.company import settings


def load(folder: Path, **environ: str) -> bytes:
    return config.load({config.PREFIX + name: value for name, value in environ.items()}, data=folder).secret


def test_it_is_made_once_for_the_owner_alone(tmp_path: Path):
    first = load(tmp_path / "new")
    assert len(first) >= 32
    assert load(tmp_path / "new") == first != load(tmp_path / "other")
    assert [one.name for one in (tmp_path / "new").iterdir()] == ["secret"]
    assert ((tmp_path / "new" / "secret").stat().st_mode & 0o777) == 0o600


def test_two_that_begin_at_once_have_the_same(tmp_path: Path):
    for n in range(10):
        found: list[bytes] = []
        folder = tmp_path / str(n)
        both = [threading.Thread(target=lambda: found.append(load(folder))) for _ in range(4)]  # noqa: B023
        for thread in both:
            thread.start()
        for thread in both:
            thread.join()
        assert (len(found), len(set(found))) == (4, 1)


@pytest.mark.parametrize("rest", ["", "\n", "short", "x" * 31])
def test_a_cut_off_one_stops_the_start(tmp_path: Path, rest: str):
    (tmp_path / "secret").write_text(rest)
    with pytest.raises(config.BadSetting, match="secret"):
        load(tmp_path)
    assert load(tmp_path, SECRET="x" * 32) == b"x" * 32
    with pytest.raises(config.BadSetting, match="SECRET"):
        load(tmp_path, SECRET="x" * 31)


def test_one_that_was_lost_is_not_made_anew_beside_a_company(tmp_path: Path):
    """Another one would sign with another key, end every customer's link, and say nothing."""
    first = load(tmp_path)
    Database(tmp_path).stop()
    (tmp_path / "secret").unlink()
    with pytest.raises(config.BadSetting, match="put it back from a backup"):
        load(tmp_path)
    assert not (tmp_path / "secret").exists()
    assert load(tmp_path, SECRET=first.decode()) == first


def test_a_node_with_another_secret_does_not_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    """What it sealed, signed and linked no other node could read."""
    given = settings(tmp_path / "one")
    prepare(given, demo=False)
    assert "no company is here yet: huodaona init" in capsys.readouterr().out
    prepare(given, demo=False)
    other = msgspec.structs.replace(
        given, data=tmp_path / "one", secret=b"of another node, and as long as that"
    )
    with pytest.raises(opening.NotOpen, match="another secret"):
        prepare(other, demo=False)
    monkeypatch.setenv("HUODAONA_DATABASE_URL", given.database_url)
    monkeypatch.setenv("HUODAONA_SECRET", given.secret.decode())
    opening.opened(opening.Where(given.data))[1].stop()
    monkeypatch.setenv("HUODAONA_SECRET", other.secret.decode())
    with pytest.raises(opening.NotOpen, match="another secret"):
        opening.opened(opening.Where(given.data))


def test_of_two_nodes_that_begin_at_once_with_two_secrets_one_does_not_start(tmp_path: Path):
    given, told = settings(tmp_path / "data"), []
    db = engines.opened(given.data)

    def begin(n: int) -> None:
        try:
            opening.same_secret(db, f"the secret of node {n}".encode(), may_begin=True)
        except opening.NotOpen:
            told.append(n)

    nodes = [threading.Thread(target=begin, args=(n,)) for n in range(4)]
    for node in nodes:
        node.start()
    for node in nodes:
        node.join()
    db.stop()
    assert len(told) == 3
