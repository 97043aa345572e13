"""Starting and stopping the real thing: one server a folder, ready soon, stopped without losing what it took, with
a worker beside it. Wall times are printed; what is held is the processor's time, which a busy machine leaves alone.
"""

import re
import subprocess
import sys
import threading
import time
from pathlib import Path

import httpx
import msgspec
import pytest

from api.db.database import Database
from api.journal import checkpoint, guard
from api.kernel.time import DAY, wall_clock
from api.people import service
from api.setup import loading
from bench.server import processor_seconds
from tests.support.company import SECRET, build, draft
from tests.support.server import Server, command

pytestmark = pytest.mark.journey
# Half of a start's processor time, when they were loaded by it: whoever needs one first, loads it.
HEAVY = {
    "PIL", "reportlab", "qrcode", "jinja2", "structlog", "rich", "pygments", "prometheus_client", "xlsxwriter",
    "cryptography.x509",
}  # fmt: skip
KEY = checkpoint.public(checkpoint.signing_key(SECRET))


def shell(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return command(*words, "--data", str(folder), check=False)


def inside(folder: Path, work):
    db = Database(folder)
    try:
        return db.writer.now(work)
    finally:
        db.stop()


def signed(folder: Path, count: int) -> list[checkpoint.Checkpoint]:
    """At least so many: the one of a start is made beside the first requests."""
    end = time.monotonic() + 15
    while len(found := sorted((folder / "checkpoints").glob("*.txt"))) < count:
        assert time.monotonic() < end, f"{len(found)} checkpoints"
        time.sleep(0.02)
    return [checkpoint.read(file.read_text()) for file in found]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    inside(folder, lambda tx: build(tx, wall_clock(), stock=100_000))
    return folder


@pytest.fixture
def head(folder: Path) -> dict[str, str]:
    made = inside(folder, lambda tx: service.open_session(tx, "supervisor", "token", wall_clock(), DAY))
    return {"Authorization": f"Bearer {made[0]}", "Content-Type": "application/json"}


def test_the_second_start_is_soon_ready_and_a_second_server_is_refused(tmp_path: Path):
    folder = tmp_path / "data"
    first = Server(folder, "--demo").ready()
    try:
        # Signed after the demo load, and at the start what the greeting had added.
        points = signed(folder, 2)
        assert len(points) == 2
        assert points[1].size == points[0].size + 1 > 1_000
        again = Server(folder)
        assert again.process.wait(30) == 1
        said = again.log.read_text()
        assert said == f"Error: another server is running on the data folder {folder}\n"
        assert httpx.get(f"{first.url}/readyz").status_code == 200
    finally:
        assert first.stop() == 0
    second = Server(folder, "--demo").ready()
    used = processor_seconds(second.process.pid)
    try:
        print(
            f"first start {first.seconds:.2f} s, second {second.seconds:.2f} s of which {used:.2f} s processor"
        )
        assert used <= 3.0
        assert "demo company loaded" not in second.log.read_text()
        link = re.search(r"/t/[A-Z2-7]{26}", second.log.read_text())
        assert link is not None
        assert httpx.get(second.url + link[0]).status_code == 200
    finally:
        assert second.stop() == 0
    assert inside(folder, lambda tx: guard.verify(tx, folder / "checkpoints", KEY))[2] is None


# Its log tells every module that it loads.
WATCHED = (sys.executable, "-X", "importtime", "-m", "api")


def test_a_start_loads_nothing_that_only_some_requests_need(folder: Path):
    server = Server(folder, program=WATCHED).ready()
    assert server.stop() == 0
    lines = server.log.read_text().splitlines()
    loaded = {line.rpartition("|")[2].strip() for line in lines if line.startswith("import time:")}
    assert {"api.app", "litestar", "uvicorn", "msgspec"} <= loaded
    assert loaded & HEAVY == set()


def test_a_demo_load_cut_off_is_done_by_the_next_start(tmp_path: Path):
    folder = tmp_path / "data"
    server = Server(folder, "--demo")
    while not (folder / "huodaona.db-wal").exists():  # the schema is being made; the load comes next
        assert server.process.poll() is None, server.log.read_text()
        time.sleep(0.002)
    time.sleep(0.3)
    server.kill()
    second = Server(folder, "--demo").ready()
    assert second.stop() == 0
    sql = "SELECT COUNT(*) FROM orders WHERE version = 1"
    assert inside(folder, lambda tx: tx.connection.execute(sql).fetchone()[0]) == 400
    assert not inside(folder, loading.is_empty)


def test_a_stop_finishes_what_was_accepted(folder: Path, head: dict[str, str]):
    server = Server(folder).ready()
    answered: list[str] = []
    enough = threading.Event()

    def load(n: int) -> None:
        with httpx.Client(base_url=server.url, headers=head, timeout=20, verify=False) as client:
            for i in range(10_000):
                raw = msgspec.json.encode(draft(note=f"{n}-{i}"))
                try:
                    answer = client.post("/api/orders", content=raw)
                except httpx.TransportError:
                    return
                if answer.status_code == 201:
                    answered.append(answer.json()["order_no"])
                else:
                    assert answer.status_code == 503
                    return
                if len(answered) > 50:
                    enough.set()

    threads = [threading.Thread(target=load, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    assert enough.wait(30)
    assert server.stop() == 0, server.log.read_text()
    for thread in threads:
        thread.join(20)
    stored = inside(
        folder, lambda tx: [row[0] for row in tx.connection.execute("SELECT order_no FROM orders")]
    )
    assert sorted(stored) == sorted(answered)
    assert not (folder / "huodaona.db-wal").exists()  # folded into the file: a stopped company is one file
    size, _, fault = inside(folder, lambda tx: guard.verify(tx, folder / "checkpoints", KEY))
    newest = max((folder / "checkpoints").iterdir()).read_text()
    assert (fault, checkpoint.read(newest).size) == (None, size)  # signed at the stop


def test_a_worker_beside_the_server_signs_and_stops_cleanly(folder: Path, head: dict[str, str]):
    assert shell(folder, "migrate").stdout == "up to date\n"
    server = Server(folder, "--no-worker").ready()
    worker = Server(folder, command="worker").said("worker on")
    before = len(signed(folder, 1))
    try:
        with httpx.Client(base_url=server.url, headers=head, timeout=60, verify=False) as client:
            for _ in range(6):
                answer = client.post("/api/orders/batch", json={"orders": [draft() for _ in range(200)]})
                assert {one["status"] for one in answer.json()["results"]} == {201}
        end = time.monotonic() + 15
        while len(list((folder / "checkpoints").iterdir())) == before:
            assert time.monotonic() < end, worker.log.read_text()
            time.sleep(0.02)
        assert worker.process.poll() is None
        done = shell(folder, "verify")
        assert (done.returncode, done.stdout.startswith("whole: ")) == (0, True), done.stdout
    finally:
        codes = (worker.stop(), server.stop())
    assert codes == (0, 0), worker.log.read_text() + server.log.read_text()
    assert shell(folder, "verify").returncode == 0


def test_release_makes_the_schema_of_an_empty_folder(tmp_path: Path):
    assert shell(tmp_path / "new", "migrate").stdout.startswith("applied: core")
    assert shell(tmp_path / "new", "migrate").stdout == "up to date\n"
