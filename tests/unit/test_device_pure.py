"""The pure parts of the device (view, batches, clock, rounds, floor, purging) against their laws, in Node."""

import re
import subprocess
from pathlib import Path

from tests.support.node import node

SCRIPT = Path(__file__).parents[1] / "js" / "device.mjs"


def test_the_devices_pure_parts_keep_their_laws() -> None:
    done = subprocess.run(
        [node(), str(SCRIPT)], capture_output=True, text=True, timeout=120, check=False, cwd=SCRIPT.parent
    )
    assert done.returncode == 0, done.stderr[-4000:]
    told = re.findall(r"^(.+): (\d+)$", done.stdout, re.MULTILINE)
    assert len(told) == 18, done.stdout
    assert all(int(count) > 0 for _, count in told)
    assert int(dict(told)["each op shows once, as the server will count it"]) > 1_000
