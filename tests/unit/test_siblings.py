"""What the processes of one server tell each other, and the parent that keeps them: without a server."""

import os
import select
import signal
import sys
import threading
import time
from pathlib import Path

import pytest

from api import app, processes
from api.db.database import Lock, OneServer
from api.db.queries import LOADED
from api.db.siblings import ENTRIES, LIVES, PEOPLE, READERS, Siblings
from api.journal import service as journal
from api.kernel.actor import SYSTEM
from api.kernel.errors import Refused
from api.people import service as people
from api.setup import loading
from tests.support import engines

# Tests' own threads, which a child never needs.
pytestmark = pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
ENTRY, LOOK, PEOPLE_WORD = (
    ("entry", 1, "order:X", "order.held"),
    ("entry", 2, "system", "x"),
    ("people", 0, "", "x"),
)


def is_called(siblings: Siblings, n: int) -> bool:
    siblings.mine, kept = n, siblings.mine
    called = bool(select.select([siblings.calls], [], [], 0)[0])
    siblings.answer()
    siblings.mine = kept
    return called


def born(work) -> int:
    """A child that does this and ends."""
    pid = os.fork()
    if pid == 0:
        try:
            work()
            os._exit(0)
        finally:
            os._exit(1)
    return pid


def ended(pid: int) -> int:
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


@pytest.fixture
def three():
    siblings = Siblings(3)
    yield siblings
    siblings.close()


def test_a_call_reaches_who_has_readers_and_nobody_else(three):
    three.mine = 2
    three.put(READERS, 4)
    three.mine = 0
    three.put(READERS, 1)
    three.heard([ENTRY])
    assert [is_called(three, n) for n in range(3)] == [True, False, True]
    assert [is_called(three, n) for n in range(3)] == [False, False, False]  # taken


@pytest.mark.parametrize(
    ("messages", "calls", "entries", "people_changed"),
    [([ENTRY], True, 1, 0), ([LOOK], False, 1, 0), ([PEOPLE_WORD], True, 0, 1), ([LOOK, PEOPLE_WORD, ENTRY], True, 2, 1)],
)  # fmt: skip
def test_what_concerns_no_board_calls_nobody(three, messages, calls, entries, people_changed):
    three.put(READERS, 1)
    three.heard(messages)
    assert is_called(three, 0) is calls
    assert (three.total(ENTRIES), three.total(PEOPLE)) == (entries, people_changed)


def test_a_pipe_that_nobody_empties_stops_nobody(three):
    three.put(READERS, 1)
    for _ in range(100_000):
        three.heard([ENTRY])
    assert is_called(three, 0)
    assert not is_called(three, 0)


def test_numbers_of_all_processes_add_up_and_outlive_who_wrote_them(three):
    def work(n: int):
        three.mine = n
        for _ in range(500):
            three.heard([ENTRY, PEOPLE_WORD])
        three.add(LIVES)

    assert not three.are_up()
    assert [ended(pid) for pid in [born(lambda n=n: work(n)) for n in range(3)]] == [0, 0, 0]
    assert (three.total(ENTRIES), three.total(PEOPLE)) == (1_500, 1_500)
    assert three.are_up()
    assert [three.of(n, ENTRIES) for n in range(3)] == [500, 500, 500]


def test_another_process_is_called_before_the_commit_is_acknowledged(tmp_path: Path):
    two = Siblings(2)
    two.mine = 1
    two.put(READERS, 1)
    two.mine = 0
    db = engines.opened(tmp_path, two)
    db.writer.now(lambda tx: journal.record(tx, "order:A", "order.held", {}, SYSTEM, 1))
    assert is_called(two, 1)
    db.writer.now(lambda tx: people.close_session(tx, b"x"))
    assert two.total(PEOPLE) == 1
    db.stop()
    two.close()


# what a writer derives from tables --------------------------------------------------------------------------


def test_what_another_process_changed_is_not_remembered(tmp_path: Path):
    """A writer drops what it derived from tables; of slow-moving ones only when one of those has changed."""
    mine, other = engines.opened(tmp_path), engines.opened(tmp_path)
    mine.writer.now(lambda tx: loading.begin(tx, 1))
    other.writer.now(lambda tx: tx.forget())

    def remembers(tx) -> tuple[bool, bool]:
        found = "mark" in tx.cache, "mark" in tx.slow
        tx.cache["mark"] = tx.slow["mark"] = 1
        return found

    def fails(tx) -> None:
        tx.forget()
        raise Refused("stopping")

    assert [mine.writer.now(remembers) for _ in range(2)] == [(False, False), (True, True)]
    other.writer.now(lambda tx: journal.record(tx, "system", "x.y", {}, SYSTEM, 1))
    assert [mine.writer.now(remembers) for _ in range(2)] == [(False, True), (True, True)]
    for _ in range(2):
        other.writer.now(lambda tx: tx.forget())
        assert [mine.writer.now(remembers) for _ in range(2)] == [(False, False), (True, True)]
    with pytest.raises(Refused):
        other.writer.now(fails)  # undone: nothing has changed
    assert mine.writer.now(remembers)[1]
    mine.stop()
    other.stop()


def test_who_writes_a_slow_moving_table_is_known():
    """A new statement here belongs to a function that calls `forget()`, or adds a row that nobody can have missed."""
    assert app.HANDLERS  # every room is loaded
    tables = {"users", "skus", "warehouses", "channels", "channel_secrets", "customers", "private"}
    found = {
        query.name for room in LOADED.values() for query in room.named.values() if query.writes in tables
    }
    assert found == {
        "api.people.save_user", "api.stock.save_sku", "api.stock.save_warehouse", "api.channels.save_channel",
        "api.channels.save_secret", "api.channels.drop_secret", "api.people.save_customer",
        "api.people.forget_customer", "api.people.set_password", "api.stock.give_picture", "api.stock.switch_lots",
        "api.journal.keep", "api.journal.erase",
    }  # fmt: skip


# locks ------------------------------------------------------------------------------------------------------


def test_a_lock_has_one_holder_and_a_dead_one_leaves_it(tmp_path: Path):
    file = tmp_path / "worker.lock"
    talk = os.pipe()

    def hold():
        Lock(file).take()
        os.write(talk[1], b"!")
        time.sleep(60)

    holder = born(hold)
    os.read(talk[0], 1)
    mine = Lock(file)
    assert not mine.take()
    assert mine.holder() == holder
    os.kill(holder, signal.SIGKILL)
    ended(holder)
    assert mine.take()
    assert mine.take()  # still
    assert mine.holder() == os.getpid()
    mine.release()
    for end in talk:
        os.close(end)


def test_a_server_is_refused_at_once_while_another_runs_and_waits_for_what_a_killed_one_left(tmp_path: Path):
    first = OneServer(tmp_path)
    began = time.monotonic()
    with pytest.raises(RuntimeError, match="another server"):
        OneServer(tmp_path)
    assert time.monotonic() - began < 1
    dead = born(lambda: None)
    ended(dead)
    (tmp_path / "server.lock").write_text(f"{dead}\n")  # the holder's parent is gone, the holder finishes
    threading.Timer(0.1, first.release).start()
    second = OneServer(tmp_path)
    assert second.holder() == os.getpid()
    second.release()


# the parent -------------------------------------------------------------------------------------------------


class Parent:
    """A family in a process of its own; what its children say, and who they are."""

    def __init__(self, count: int, work, siblings: Siblings, begun: bytes = b"") -> None:
        self._said, said = os.pipe()
        sys.stdout.flush()

        def run() -> None:
            is_well = processes.Family(
                count, lambda child: work(child, said), lambda n: siblings.of(n, LIVES)
            ).run(begun=lambda: os.write(said, begun), stopping=lambda: os.write(said, b"stopping\n"))
            os._exit(0 if is_well else 3)

        self.pid = born(run)
        os.close(said)
        self._lines = os.fdopen(self._said)

    def line(self) -> list[str]:
        return self._lines.readline().split()

    def end(self, by: signal.Signals = signal.SIGTERM) -> int:
        os.kill(self.pid, by)
        return self.ended()

    def ended(self) -> int:
        code = ended(self.pid)
        self.rest = self._lines.read().split()
        self._lines.close()
        return code


def serves(siblings: Siblings):
    """Says who it is, then waits: for SIGTERM, or for its parent's end."""

    def work(child: processes.Child, said: int) -> None:
        siblings.mine = child.n
        siblings.add(LIVES)
        os.write(said, b"%d %d\n" % (child.n, os.getpid()))
        select.select([child.lifeline], [], [])
        os.write(said, b"orphan %d\n" % child.n)

    return work


@pytest.mark.parametrize("by", [signal.SIGTERM, signal.SIGINT])
def test_a_stop_is_passed_on_after_the_ports_are_closed(three, by):
    parent = Parent(3, serves(three), three, b"begun\n")
    said = sorted(parent.line()[0] for _ in range(4))
    assert said == ["0", "1", "2", "begun"]
    assert parent.end(by) == 0
    assert parent.rest == ["stopping"]


def test_who_dies_is_replaced_in_its_place_and_not_more_than_once_a_second(three):
    parent = Parent(2, serves(three), three)
    pids = dict(parent.line() for _ in range(2))
    os.kill(int(pids["1"]), signal.SIGKILL)
    began = time.monotonic()
    n, pid = parent.line()
    assert n == "1"
    assert pid not in pids.values()
    os.kill(int(pid), signal.SIGKILL)
    assert parent.line()[0] == "1"
    assert processes.SHORTEST * 0.9 < time.monotonic() - began < 5
    assert parent.end() == 0


def test_children_of_a_killed_parent_end_by_themselves(three):
    parent = Parent(2, serves(three), three)
    for _ in range(2):
        parent.line()
    os.kill(parent.pid, signal.SIGKILL)
    ended(parent.pid)
    assert sorted([parent.line(), parent.line()]) == [["orphan", "0"], ["orphan", "1"]]
    assert parent._lines.read() == ""
    parent._lines.close()


def test_a_parent_whose_children_never_serve_gives_up(three, monkeypatch):
    monkeypatch.setattr(processes, "SHORTEST", 0.001)

    def work(child: processes.Child, said: int) -> None:
        os.write(said, b"%d\n" % child.n)
        sys.exit(5)

    parent = Parent(2, work, three)
    assert parent.ended() == 3
    assert min(parent.rest.count(n) for n in "01") == processes.HOPELESS
