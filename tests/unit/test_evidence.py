"""Snapshots, files and personal values are held against the journal: somebody edits them by hand, `verify` names the entry."""

from pathlib import Path

import pytest
from litestar.testing import TestClient

from api.db.tx import Tx
from api.journal import checkpoint
from api.kernel.actor import SYSTEM
from api.orders import packing, snapshots
from api.setup import proof
from api.setup.forgetting import forget
from tests.conftest import Company, small
from tests.support import engines
from tests.support.company import SECRET, START, MovedClock, draft

KEY = checkpoint.public(checkpoint.signing_key(SECRET))


def proved(folder: Path) -> proof.Proof:
    db = engines.opened(folder)
    try:
        return db.reader.now(lambda tx: proof.whole(tx, folder / "checkpoints", KEY))
    finally:
        db.stop()


@pytest.fixture(scope="module")
def untouched(engine: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder, clock = tmp_path_factory.mktemp("evidence") / "data", MovedClock()
    app = small(folder, clock, 100)
    with TestClient(app) as client:
        told(Company(client, app, clock))
    return folder


def told(house: Company) -> None:
    """Two orders of two customers: one on its way to be picked with a note and a file, one cancelled."""
    first = house.supervisor.post(
        "/api/orders", draft(note="门口放", external_no="E1", channel="pos")
    ).json()["order_no"]
    given = {"file": ("单.txt", b"a file of theirs", "text/plain")}
    assert house.sales.post(
        f"/api/orders/{first}/attachments", files=given, data={"kind": "document"}
    ).is_success
    assert house.sales.post(f"/api/orders/{first}/comment", {"text": "等电话"}).is_success
    assert house.supervisor.post(f"/api/orders/{first}/hold", {"reason": "等一等"}).is_success
    assert house.supervisor.post(f"/api/orders/{first}/lift").is_success
    second = house.supervisor.post("/api/orders", draft(customer={"name": "另一位", "phone": "13711112222"}))
    assert house.supervisor.post(
        f"/api/orders/{second.json()['order_no']}/cancel", {"reason": "不要了"}
    ).is_success


@pytest.fixture
def folder(untouched: Path, tmp_path: Path) -> Path:
    return engines.copy(untouched, tmp_path / "data")


def edit(folder: Path, *statements: str) -> None:
    with engines.by_hand(folder) as hand:
        for one in statements:
            assert hand.execute(one).rowcount > 0, one


def test_an_untouched_company_is_whole(folder: Path):
    found = proved(folder)
    assert found.fault is None
    assert found.beside is not None
    assert (found.beside.snapshots, found.beside.values) == (5, found.beside.values)
    assert found.beside.values > 10
    assert list(proof.lines(found))[1] == f"beside it: 5 snapshots, {found.beside.values} personal values"


def test_each_text_is_unpacked_once(folder: Path, monkeypatch: pytest.MonkeyPatch):
    """A later snapshot leans on its order's first, which is at hand by then."""
    edit(folder, "UPDATE snapshots SET at = at + n")  # each at its own moment, as outside of tests
    unpacked, calls = packing.unpacked, []
    monkeypatch.setattr(packing, "unpacked", lambda *given: calls.append(given) or unpacked(*given))

    def read(tx: Tx) -> list:
        moments, firsts = (
            tx.connection.execute("SELECT order_no, at FROM snapshots ORDER BY n").fetchall(),
            {},
        )
        return [snapshots.at_moment(tx, *moment, firsts) for moment in moments]

    db = engines.opened(folder)
    found = db.reader.now(read)
    db.stop()
    assert [(len(then), then[0].text is None) for then in found] == [(1, False)] * 5
    assert len(calls) == 5


LAST = "(order_no, n) = (SELECT order_no, n FROM snapshots ORDER BY order_no DESC, n DESC LIMIT 1)"
# Held and lifted within one moment: the third text is the first one again.
ALIKE = "(order_no, n) = (SELECT MIN(order_no), 3 FROM snapshots)"
A_NOTE = "(SELECT note_ref FROM orders WHERE note_ref IS NOT NULL)"
EDITS = {
    "a byte of a snapshot": (f"UPDATE snapshots SET body = flip(body) WHERE {LAST}", "hash"),
    "a snapshot that is no text": (f"UPDATE snapshots SET body = x'00' WHERE {LAST}", "hash"),
    "a snapshot's time": (f"UPDATE snapshots SET at = at + 1 WHERE {LAST}", "another time"),
    "a snapshot's person": (f"UPDATE snapshots SET actor = 'eve' WHERE {LAST}", "another person"),
    "a snapshot's state": (f"UPDATE snapshots SET state = 'shipped' WHERE {LAST}", "state"),
    "a snapshot as its first text": (
        f"UPDATE snapshots SET body = (SELECT f.body FROM snapshots f WHERE n = 1 ORDER BY order_no LIMIT 1) WHERE {LAST}", "hash",
    ),
    "a snapshot of another order": (f"UPDATE snapshots SET order_no = 'HD1' WHERE {LAST}", "gone"),
    "a snapshot removed": (f"DELETE FROM snapshots WHERE {LAST}", "gone"),
    "one of two alike removed": (f"DELETE FROM snapshots WHERE {ALIKE}", "gone"),
    "a byte of one of two alike": (f"UPDATE snapshots SET body = flip(body) WHERE {ALIKE}", "hash"),
    "a snapshot slipped in": (
        "INSERT INTO snapshots (order_no, n, at, state, warehouse, actor, body)"
        " VALUES ('HD1', 1, 1, 'paid', 'SH', 'x', '{}')",
        "no entry names",
    ),
    "a note": (f"UPDATE private SET value = '门口不放' WHERE id = {A_NOTE}", "note"),
    "a note's salt": (f"UPDATE private SET salt = zeroblob(16) WHERE id = {A_NOTE}", "note"),
    "a value that is no text": (f"UPDATE private SET value = x'ff' WHERE id = {A_NOTE}", "note"),
    "a note removed": (f"DELETE FROM private WHERE id = {A_NOTE}", "nobody was forgotten"),
    "a phone": ("UPDATE private SET value = '1' WHERE id = (SELECT phone_ref FROM customers WHERE id = 'C0042')", "phone"),
    "the addresses of staff removed": ("DELETE FROM private WHERE owner = 'staff:supervisor'", "gone"),
    "a file's bytes": ("UPDATE attachments SET content = x'00'", "file"),
    "a file emptied": ("UPDATE attachments SET content = x''", "nobody was forgotten"),
    "a file removed": ("DELETE FROM attachments", "file"),
    "a file and its digest": ("UPDATE attachments SET content = x'00', digest = 'x'", "file"),
}  # fmt: skip


@pytest.mark.parametrize("what", EDITS)
def test_what_lies_beside_the_journal_is_held_against_it(what: str, folder: Path):
    statement, word = EDITS[what]
    edit(folder, statement)
    fault = proved(folder).fault
    assert fault is not None
    assert word in fault.what, str(fault)
    if what != "a snapshot slipped in":
        with engines.by_hand(folder) as hand:
            (subject,) = hand.execute("SELECT subject FROM journal WHERE pos = ?", [fault.pos]).fetchone()
        assert subject == fault.subject


def test_a_broken_chain_that_stands_first_is_named_first(folder: Path):
    edit(folder, EDITS["a snapshot removed"][0], "UPDATE journal SET actor = 'eve' WHERE pos = 3")
    assert proved(folder).fault.pos == 3
    edit(folder, "UPDATE private SET value = 'x' WHERE owner = 'C0042'")
    assert proved(folder).fault.pos == 3


def test_a_forgotten_customer_is_in_order_and_nobody_else(folder: Path):
    db = engines.opened(folder)
    assert db.writer.now(lambda tx: forget(tx, "C0042", SYSTEM, START)) > 3
    db.stop()
    found = proved(folder)
    assert found.fault is None
    assert found.beside is not None
    assert found.beside.snapshots == 5
    # An earlier forgetting excuses nothing that was kept later, nor another customer's values.
    edit(folder, "DELETE FROM private WHERE owner = (SELECT id FROM customers WHERE name = '另一位')")
    assert "nobody was forgotten" in str(proved(folder).fault)
