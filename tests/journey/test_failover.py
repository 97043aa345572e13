"""Two nodes and two workers under load: one of each is killed, a backend of PostgreSQL, connections, and the primary, whose
standby is promoted. `CRASH_SEED` repeats a run; `python -m bench.nodes` does fifty.
"""

import os
import statistics
import time
from pathlib import Path

import pytest

from bench import nodes


@pytest.mark.journey
def test_what_was_acknowledged_outlives_nodes_workers_and_the_primary(tmp_path: Path):
    seed = int(os.environ.get("CRASH_SEED") or time.time())
    print(f"CRASH_SEED={seed}")
    kinds = ["backend", "node", "primary", "worker", "connection"]
    found = nodes.run(tmp_path, kinds, seed, lines=3)
    assert found.wrong == []
    assert sum(map(len, found.still_s.values())) == len(kinds)
    assert found.acknowledged > 10 * len(kinds)
    assert found.opened > 2  # boards that lost their stream came back
    assert statistics.median(found.lag_s) < 1
