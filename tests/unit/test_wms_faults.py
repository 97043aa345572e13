"""Whatever the line does and in whichever order: once it is quiet again no piece is locked twice, none leaked, and both
ledgers have the same. Also where the process is killed in the middle of a call; `bench/wms.py` is the long form.
"""

import os
import signal
import subprocess
import sys

from hypothesis import given, settings
from hypothesis import strategies as st

from api.wms import store
from bench.wms import Walk, faults_told, settled
from tests.support import engines
from tests.support.bad_wms import FAULTS, Wms
from tests.support.company import SECRET

STEPS = st.tuples(st.sampled_from(Walk.VERBS), st.integers(0, 7), st.integers(0, 7))


@settings(max_examples=10)
@given(st.lists(STEPS, min_size=4, max_size=25), st.lists(st.sampled_from(FAULTS), max_size=30))
def test_after_any_walk_over_any_line_both_ledgers_agree(steps, faults):
    with Walk() as walk:
        walk.wms.fault = faults_told(faults)
        for verb, a, b in steps:
            walk.take(verb, a, b)
        assert settled(walk) == []


ONE_ROUND = """
import sys
from pathlib import Path
from api.db.database import Database
from api.kernel.time import wall_clock
from api.outbound.guard import ANYWHERE
from api.wms import lanes, store
db = Database(Path(sys.argv[1]), url=sys.argv[2])
key = store.sealing_key(sys.argv[3].encode())
lanes.Lanes(db, lambda: int(sys.argv[4]), key, ANYWHERE, "Asia/Shanghai").round()
"""


def test_a_process_that_is_killed_while_its_call_is_under_way_leaves_one_lock():
    with Walk() as walk:
        walk.place(1, 3)
        walk.wms.held.clear()  # it has acted, and does not say so
        words = [str(walk.db.folder), engines.url(walk.db.folder), SECRET.decode(), str(walk.clock())]
        child = subprocess.Popen([sys.executable, "-c", ONE_ROUND, *words])
        try:
            assert walk.wms.acted.wait(30)
        finally:
            os.kill(child.pid, signal.SIGKILL)
            child.wait()
            walk.wms.held.set()
        rows = walk.db.reader.now(lambda tx: tx.all(store.Q.open_calls, warehouse="SH"))
        assert [(row["state"], row["sent_at"] is not None) for row in rows] == [("waiting", True)]
        assert len(walk.ledger.locks) == 1
        assert settled(walk) == []
        assert len(walk.ledger.locks) == 1


def test_a_wms_that_starts_anew_with_what_it_knew_goes_on():
    with Walk() as walk:
        walk.place(1, 3)
        walk.round(0, 0)
        port = walk.wms.port
        walk.wms.stop()
        walk.place(1, 2)
        walk.round(0, 0)
        assert len(walk.ledger.locks) == 1
        walk.wms = Wms(walk.ledger, port=port)
        assert settled(walk) == []
        assert len(walk.ledger.locks) == 2


def test_the_comparison_is_not_blind():
    with Walk() as walk:
        walk.place(1, 3)
        walk.round(0, 0)
        assert settled(walk) == []
        walk.ledger.locks["hd-x-1"] = ("BP-1023", 1)
        [said] = [one for one in walk.differences() if one.startswith("locks")]
        assert "hd-x-1" in said
