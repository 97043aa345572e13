"""`kill -9` of every kind under load: what was acknowledged is there once, nothing is doubled, the journal verifies and
the stock sums hold. `CRASH_SEED` repeats a run; `python -m bench.crash` does a hundred.
"""

import os
import random
import time
from pathlib import Path

import pytest

from api.db.database import Database
from bench import crash
from bench.crashed import State, state, wrongs


@pytest.mark.journey
def test_a_kill_of_each_kind_loses_nothing_and_doubles_nothing(tmp_path: Path):
    seed = int(os.environ.get("CRASH_SEED") or time.time())
    print(f"CRASH_SEED={seed}")
    kinds = list(crash.KINDS)
    random.Random(seed).shuffle(kinds)
    done = crash.run(tmp_path, kinds, seed)
    assert [one.kind for one in done] == [*kinds, "(end)"]
    assert [one for one in done if one.wrong] == []
    assert done[0].acknowledged > 0
    assert done[-1].acknowledged > 10 * len(kinds)
    assert done[-1].acknowledged == done[-1].stored


def found(**change) -> State:
    given = {
        "orders": [("K1", "HD1")],
        "placed": ["order:HD1"],
        "ops": [("D:1", "HD1")],
        "picked": {"HD1": 1},
    }
    return State(**{**given, "entries": 9, "faults": [], **change})


APPLIED = {"verdict": "applied"}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"orders": [], "placed": [], "ops": [], "picked": {}}, "order K1 lost"),
        ({"orders": [("K1", "HD1"), ("K1", "HD2")], "placed": ["order:HD1", "order:HD2"]}, "order K1 doubled"),
        ({"orders": [("K1", "HD7")], "placed": ["order:HD7"]}, "order K1 lost"),
        ({"placed": []}, "orders and journal differ"),
        ({"ops": [], "picked": {}}, "op D:1 lost"),
        ({"picked": {"HD1": 2}}, "pieces picked and ops differ"),
        ({"faults": ["pos 3: its chain"]}, "pos 3"),
        ({"orders": [("K1", "HD1"), ("K2", "HD2")], "placed": ["order:HD1", "order:HD2"]}, "never acknowledged"),
    ],
)  # fmt: skip
def test_what_is_lost_or_doubled_is_seen(change, said: str):
    assert wrongs(found(), {"K1": "HD1"}, {"D:1": APPLIED}, is_over=True) == []
    assert any(said in one for one in wrongs(found(**change), {"K1": "HD1"}, {"D:1": APPLIED}, is_over=True))


def test_a_killed_folder_is_read_as_it_was_left(tmp_path: Path):
    """Looking at it must not be the recovery that the next start is tried on."""
    crash.company.build(tmp_path / "data", 2)
    db = Database(tmp_path / "data")
    db.writer.now(lambda tx: tx.connection.execute("UPDATE stock SET on_hand = on_hand + 1").rowcount)
    before = {one.name: one.read_bytes() for one in (tmp_path / "data").glob("huodaona.db*")}
    assert len(before["huodaona.db-wal"]) > 4096
    assert state(tmp_path / "data").faults  # pieces that no move brought: what lies in the log is read
    assert {one.name: one.read_bytes() for one in (tmp_path / "data").glob("huodaona.db*")} == before
    db.stop()
