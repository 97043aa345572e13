"""Bodies of one kind that come first at the same time in several threads."""

import subprocess
import sys

TOGETHER = """
import sys, threading
import msgspec
from api.web.body import decode
sys.setswitchinterval(1e-6)
for n in range(60):
    inner = [msgspec.defstruct(f"I{n}_{i}", [(f"f{j}", str, "x") for j in range(20)]) for i in range(10)]
    outer = msgspec.defstruct(f"O{n}", [(f"g{i}", inner[i]) for i in range(10)])
    raw = msgspec.json.encode({f"g{i}": {f"f{j}": "y" for j in range(20)} for i in range(10)})
    gate = threading.Barrier(4)
    def work():
        gate.wait()
        assert decode(outer, raw).g9.f19 == "y"
        print("one")
    threads = [threading.Thread(target=work) for _ in range(4)]
    for one in threads: one.start()
    for one in threads: one.join()
"""


def test_a_kind_that_is_new_to_several_threads_ends_no_process():
    done = subprocess.run([sys.executable, "-c", TOGETHER], capture_output=True, text=True)
    assert (done.returncode, done.stdout.count("one")) == (0, 240), done.stderr
