"""Checkpoints when they are due, loops that outlive a bad round, and a wall clock that jumps back."""

import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from litestar.testing import TestClient

from api import worker as working
from api.app import create_app, loops
from api.db.database import Database
from api.journal import bundle, checkpoint, guard, service
from api.journal.signing import Signer
from api.kernel import time as times
from api.kernel.actor import SYSTEM
from api.kernel.time import DAY, HOUR
from api.orders import auditing, learning, store
from api.setup import loading
from api.worker import Worker
from tests.support import engines
from tests.support.company import SECRET, START, MovedClock, build, draft, settings

KEY = checkpoint.public(checkpoint.signing_key(SECRET))


def sizes(folder: Path) -> list[int]:
    return sorted(checkpoint.read(file.read_text()).size for file in (folder / "checkpoints").glob("*.txt"))


def fill(db: Database, count: int) -> None:
    def work(tx) -> None:
        for n in range(count):
            service.record(tx, f"order:{n % 7}", "order.placed", {"n": n}, SYSTEM, START)

    db.writer.now(work)


def until(what, within: float = 30) -> None:
    end = time.monotonic() + within
    while not what():
        assert time.monotonic() < end, "it never came"
        threading.Event().wait(0.005)


@pytest.fixture
def db(tmp_path: Path):
    db = engines.opened(tmp_path)
    db.writer.now(lambda tx: loading.begin(tx, START))
    yield db
    db.stop()


def test_the_first_answer_waits_for_no_checkpoint_and_a_stop_does(tmp_path: Path, monkeypatch):
    may_sign, signed = threading.Event(), []

    def slowly(worker: Worker) -> None:
        signed.append(may_sign.wait(10))

    monkeypatch.setattr(Worker, "checkpoint", slowly)
    with TestClient(create_app(settings(tmp_path), with_worker=False)) as client:
        assert client.get("/readyz").status_code == 200
        assert signed == []
        threading.Timer(0.05, may_sign.set).start()
    assert signed == [True, True]  # at the start and at the stop, one after the other


def test_of_two_threads_that_sign_one_checkpoint_is_laid(db: Database):
    fill(db, 50)
    signer, barrier = Signer(db, SECRET, db.folder / "checkpoints"), threading.Barrier(2)
    found: list[str | None] = []

    def sign() -> None:
        barrier.wait(10)
        found.append(signer.sign(START))

    threads = [threading.Thread(target=sign) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(text is not None for text in found) == 1
    assert len(sizes(db.folder)) == 1


def test_a_checkpoint_at_start_and_stop_and_none_where_nothing_is_new(tmp_path: Path):
    folder, clock = tmp_path / "data", MovedClock()
    app = create_app(settings(folder), clock=clock, with_worker=False)
    app.state.hub.db.writer.now(lambda tx: build(tx, clock()))
    with TestClient(app):
        until(lambda: sizes(folder))
        at_start = sizes(folder)
        fill(app.state.hub.db, 3)
        assert sizes(folder) == at_start
    assert len(at_start) == 1
    assert sizes(folder) == [at_start[0], at_start[0] + 3]
    with TestClient(create_app(settings(folder), clock=clock, with_worker=False)):
        pass
    assert len(sizes(folder)) == 2


def test_a_checkpoint_every_thousand_entries(db: Database, tmp_path: Path):
    worker = Worker(db, MovedClock(), SECRET, tmp_path / "checkpoints")
    db.listeners.append(worker.heard)
    worker.start()
    fill(db, working.ENTRIES - 1)
    db.reader.now(lambda tx: None)
    assert sizes(tmp_path) == []
    fill(db, 1)
    until(lambda: sizes(tmp_path) == [1000])
    fill(db, 1000)
    until(lambda: sizes(tmp_path) == [1000, 2000])
    worker.stop()
    assert db.reader.now(lambda tx: guard.verify(tx, tmp_path / "checkpoints", KEY)) == (2000, 2, None)


def test_a_worker_beside_the_server_counts_what_others_wrote(
    db: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(working, "LOOK_EVERY", 0.01)
    own = engines.opened(tmp_path)  # as `huodaona worker` has: it hears nothing of the server's entries
    worker = Worker(own, MovedClock(), SECRET, tmp_path / "checkpoints")
    own.listeners.append(worker.heard)
    worker.start()
    fill(db, 1_000)
    until(lambda: sizes(tmp_path) == [1000])
    worker.stop()
    own.stop()


def test_ten_minutes_pass_by_the_machines_clock_not_the_walls(
    db: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(working, "LOOK_EVERY", 0.01)
    monkeypatch.setattr(working, "CHECKPOINT_EVERY", 0.05)
    clock = MovedClock()
    worker = Worker(db, clock, SECRET, tmp_path / "checkpoints")
    worker.start()
    fill(db, 1)
    until(lambda: sizes(tmp_path) == [1])
    clock.forward(-30 * DAY)
    fill(db, 1)
    until(lambda: sizes(tmp_path) == [1, 2])
    worker.stop()


@pytest.mark.parametrize(
    ("zone", "midnight"),
    [("Asia/Shanghai", "2026-01-22T16:00:00Z"), ("America/New_York", "2026-01-23T05:00:00Z"), ("UTC", "2026-01-23T00:00:00Z")],
)  # fmt: skip
def test_a_checkpoint_at_the_companys_midnight(
    zone: str, midnight: str, db: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(working, "LOOK_EVERY", 0.01)
    at = times.read(midnight)
    clock = MovedClock(at - 1)
    worker = Worker(db, clock, SECRET, tmp_path / "checkpoints", zone)
    fill(db, 1)
    worker.checkpoint()
    fill(db, 1)
    assert not worker._is_behind()
    clock.now = at
    assert worker._is_behind()
    worker.start()
    until(lambda: sizes(tmp_path) == [1, 2])
    assert not worker._is_behind()
    clock.forward(DAY)  # a day on which nothing happened is not signed again
    assert not worker._is_behind()
    fill(db, 1)
    until(lambda: sizes(tmp_path) == [1, 2, 3])
    clock.forward(-3 * DAY)  # a clock that goes back signs once, not at every look
    fill(db, 1)
    until(lambda: sizes(tmp_path) == [1, 2, 3, 4])
    assert not worker._is_behind()
    fill(db, 1)
    assert not worker._is_behind()
    worker.stop()
    assert sizes(tmp_path) == [1, 2, 3, 4]


SIGNING = """
import sys
from pathlib import Path
from api.db.database import Database
from api.journal import service
from api.journal.signing import Signer
from api.kernel.actor import SYSTEM
folder, name = Path(sys.argv[1]), sys.argv[2]
db = Database(folder, url=sys.argv[4])
signer = Signer(db, sys.argv[3].encode(), folder / "checkpoints")
print("ready", flush=True)
sys.stdin.readline()
for n in range(60):
    db.writer.now(lambda tx: service.record(tx, f"order:{name}", "order.placed", {"n": n}, SYSTEM, n))
    text = signer.sign(n)
    if text is not None:
        print(next(line for line in text.splitlines() if line.startswith("size: ")), flush=True)
db.stop()
"""


def test_three_processes_make_no_checkpoint_twice(db: Database, tmp_path: Path):
    """All sign after every entry of theirs: each checkpoint is one process's, and lies outside once."""
    words = [sys.executable, "-c", SIGNING, str(tmp_path)]
    made = [
        subprocess.Popen(
            [*words, name, SECRET.decode(), engines.url(tmp_path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for name in "abc"
    ]
    for one in made:
        assert one.stdout.readline() == "ready\n"
    for one in made:
        one.stdin.write("go\n")
        one.stdin.flush()
    said = [one.communicate(timeout=60)[0].split("\n")[:-1] for one in made]
    assert [one.returncode for one in made] == [0, 0, 0]
    signed = [int(line.removeprefix("size: ")) for lines in said for line in lines]
    assert len(signed) == len(set(signed)) >= 20
    assert sorted(signed) == sizes(tmp_path)
    assert sum(1 for lines in said if lines) == 3
    assert db.reader.now(lambda tx: guard.verify(tx, tmp_path / "checkpoints", KEY)) == (
        180,
        len(signed),
        None,
    )


def test_the_loops_outlive_a_bad_round(db: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(working, "LOOK_EVERY", 0.01)
    monkeypatch.setattr(working, "SWEEP_EVERY", 0.0)
    rounds = []

    def bad(self: Worker) -> None:
        rounds.append(1)
        raise OSError("no space left on device")

    monkeypatch.setattr(Worker, "sweep", bad)
    worker = Worker(db, MovedClock(), SECRET, tmp_path / "checkpoints")
    worker.start()
    until(lambda: len(rounds) > 2)
    worker.stop()


def test_a_folder_that_cannot_be_written_stops_nothing_and_is_caught_up(db: Database, tmp_path: Path):
    folder = tmp_path / "checkpoints"
    folder.write_text("a file where the folder should be")
    worker = Worker(db, MovedClock(), SECRET, folder)
    fill(db, 2)
    assert worker.checkpoint() is None
    folder.unlink()
    fill(db, 2)
    assert worker.checkpoint() is not None
    assert sizes(tmp_path) == [2, 4]


def test_a_checkpoint_never_speaks_of_what_is_not_committed(db: Database, tmp_path: Path):
    """Signed while a command is under way: its entries are not in, since a crash could still take them back."""
    signer = Signer(db, SECRET, tmp_path / "checkpoints")
    fill(db, 5)
    inside, go, texts = threading.Event(), threading.Event(), []

    def slow(tx) -> None:
        service.record(tx, "order:1", "order.placed", {}, SYSTEM, START)
        inside.set()
        assert go.wait(10)

    writing = threading.Thread(target=db.writer.now, args=(slow,))
    writing.start()
    assert inside.wait(10)
    signing = threading.Thread(target=lambda: texts.append(signer.sign(START)))
    signing.start()
    until(lambda: db.writer.waiting == 1)
    assert sizes(tmp_path) == []
    go.set()
    signing.join()
    writing.join()
    assert (checkpoint.read(texts[0]).size, sizes(tmp_path)) == (5, [5])


def test_a_check_of_a_running_server_gives_no_false_alarm(
    db: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """Between the check's snapshot and its look at the folder the server signs more than the snapshot shows."""
    signer, stored = Signer(db, SECRET, tmp_path / "checkpoints"), guard.stored_checkpoints

    def and_then_signed(tx, folder):
        found = stored(tx, folder)
        fill(db, 3)
        assert signer.sign(START) is not None
        return found

    fill(db, 3)
    signer.sign(START)
    monkeypatch.setattr(guard, "stored_checkpoints", and_then_signed)
    assert db.reader.now(lambda tx: guard.verify(tx, tmp_path / "checkpoints", KEY)) == (3, 1, None)
    assert sizes(tmp_path) == [3, 6]
    count = db.reader.now(lambda tx: bundle.write(tx, tmp_path / "checkpoints", tmp_path / "b"))
    assert bundle.check(tmp_path / "b", KEY) == (count, 2, None)
    assert (count, sizes(tmp_path)) == (6, [3, 6, 9])


def test_two_signers_make_no_checkpoint_twice(db: Database, tmp_path: Path):
    signers = [Signer(db, SECRET, tmp_path / "checkpoints") for _ in range(2)]
    for n in range(5):
        fill(db, 3)
        both = [threading.Thread(target=one.sign, args=(START + n,)) for one in signers]
        for thread in both:
            thread.start()
        for thread in both:
            thread.join()
    assert sizes(tmp_path) == [3, 6, 9, 12, 15]
    assert db.reader.now(lambda tx: guard.verify(tx, tmp_path / "checkpoints", KEY)) == (15, 5, None)


def test_a_clock_that_jumps_back_breaks_no_number_chain_or_session(company, clock: MovedClock):
    numbers = []
    for jump in (0, -1, -HOUR, -3 * DAY, 5 * DAY, -5 * DAY, 3 * DAY):
        clock.forward(jump)
        for n in range(2):
            made = company.supervisor.post("/api/orders", draft(external_no=f"X{jump}-{n}", channel="pos"))
            assert made.status_code == 201, made.text
            numbers.append(made.json()["order_no"])
            again = company.supervisor.post("/api/orders", draft(external_no=f"X{jump}-{n}", channel="pos"))
            assert (again.status_code, again.json()["order_no"]) == (409, numbers[-1])
    assert len(set(numbers)) == 14
    for command in ("start_picking", "hold", "lift"):
        body = {"reason": "x"} if command == "hold" else {}
        clock.forward(-HOUR)
        done = company.supervisor.post(f"/api/orders/{numbers[0]}/{command}", body)
        assert done.status_code == 200, done.text
    login = company.client.post("/api/login", json={"user": "sales", "password": "demo"})
    head = {"Authorization": f"Bearer {login.json()['token']}"}
    for jump in (-HOUR, -2 * DAY, 2 * DAY):
        clock.forward(jump)
        assert company.client.get("/api/orders", headers=head).status_code == 200
    clock.forward(14 * HOUR)
    assert (
        company.client.get("/api/orders", headers=head).status_code == 401
    )  # twelve hours, by the wall's clock
    listed = company.sales.get("/api/orders", params={"limit": 50}).json()["items"]
    assert [one["order_no"] for one in listed] == numbers[::-1]  # newest first, whatever the clock said
    key = {"Idempotency-Key": "one"}
    first = company.supervisor.post("/api/orders", draft(), headers=key)
    clock.forward(-DAY)
    assert company.supervisor.post("/api/orders", draft(), headers=key).content == first.content
    found = company.db.reader.now(lambda tx: guard.verify(tx, company.db.folder / "checkpoints", KEY))
    assert found[2] is None


@pytest.mark.parametrize("minutes", [0, 10])
def test_a_server_asks_for_unpaid_orders_as_its_settings_say(db: Database, tmp_path: Path, minutes: int):
    beside = loops(settings(tmp_path, ask_ms=minutes * times.MINUTE), db, MovedClock())
    before = threading.active_count()
    beside.start()
    names = [thread.name for thread in threading.enumerate()]
    beside.stop()
    assert names.count("asking") == (minutes > 0)
    assert threading.active_count() == before


def test_each_night_the_first_sum_that_is_wrong_is_named(
    company, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    told: list[dict[str, Any]] = []
    monkeypatch.setattr("api.worker.log.error", lambda word, **facts: told.append({"word": word, **facts}))
    worker = Worker(company.db, company.clock, SECRET, tmp_path / "checkpoints")
    worker.audit()
    assert told == []
    spoil = "UPDATE stock SET on_hand = on_hand + 1 WHERE sku IN ('BP-1023', 'OF-3001') AND warehouse = 'SH'"
    company.db.writer.now(lambda tx: tx.connection.execute(spoil))
    worker.audit()
    assert (told[0]["word"], told[0]["count"]) == ("stock.drift", 4)
    assert told[0]["first"].startswith("SH/BP-1023: ")
    with_moves = [one for one in company.db.reader.now(auditing.faults) if "on_hand is not the sum" in one]
    assert "(101 against 100; they agreed at 2026-01-22T" in with_moves[0]


def test_promises_are_looked_at_and_deliveries_learnt_once_a_day(db, tmp_path, monkeypatch):
    monkeypatch.setattr(working, "DATE_AT_START", 0.01)
    monkeypatch.setattr(working, "DATE_EVERY", 0.01)
    looked, clock = [], MovedClock()
    monkeypatch.setattr(working.moving, "sweep", lambda *_: looked.append(1))

    def at() -> int | None:
        return db.reader.now(lambda tx: tx.value(store.Q.learned_at, name=learning.NAME))

    worker = Worker(db, clock, SECRET, tmp_path / "checkpoints")
    worker.start()
    try:
        until(lambda: at() == START)
        rounds = len(looked)
        clock.forward(HOUR)
        until(lambda: len(looked) > rounds + 2)
        assert at() == START
        clock.forward(DAY)
        until(lambda: at() == START + HOUR + DAY)
    finally:
        worker.stop()
