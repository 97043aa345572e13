"""`kill -9` at twenty random moments under load: what was acknowledged is there once, nothing is doubled, the
journal verifies and the stock sums hold. `CRASH_SEED` repeats a run.
"""

import os
import random
import statistics
import threading
import time
from pathlib import Path

import httpx
import msgspec
import pytest

from api.db.database import Database
from api.journal import checkpoint, guard
from api.journal.signing import Signer
from api.kernel.time import DAY, wall_clock
from api.people import service
from api.stock import service as stock
from tests.support.company import SECRET, build, draft
from tests.support.server import Server, free_port

KILLS = 20
DEVICES = ("CRSHDV01", "CRSHDV02")
ENROLLED = (
    "INSERT INTO devices (device, label, warehouse, code_hash, code_expires_at, created_by, created_at, enrolled_at)"
    " VALUES (?, 'PDA', 'SH', ?, 0, 'system', 0, 0)"
)


class Load:
    """Clients that never give up: what was not acknowledged is sent again, word for word, to the next life."""

    def __init__(self, url: str, seed: int, tokens: dict[str, str]) -> None:
        self.url, self.tokens, self.seed = url, tokens, seed
        self._own, self._clients = threading.local(), []
        self.is_up, self.is_over = threading.Event(), threading.Event()
        self.orders: dict[str, str] = {}  # our number -> order_no, once acknowledged
        self.answers: dict[str, bytes] = {}  # Idempotency-Key -> the first whole answer
        self.verdicts: dict[str, dict] = {}  # op id -> its acknowledged result
        self.ops: dict[str, dict] = {}
        self.again = 0
        self.faults: list[str] = []
        self.threads = [
            threading.Thread(target=self._orders, args=(n,), name=f"orders-{n}") for n in range(3)
        ]
        self.threads += [threading.Thread(target=self._picks, args=(name,), name=name) for name in DEVICES]

    def _send(self, who: str, path: str, body: object, **head: str) -> httpx.Response:
        """Until it is answered."""
        raw = msgspec.json.encode(body)
        headers = {"Authorization": f"Bearer {self.tokens[who]}", "Content-Type": "application/json", **head}
        while True:
            self.is_up.wait()
            try:
                return self._client().post(path, content=raw, headers=headers)
            except httpx.TransportError:
                self.again += 1
                time.sleep(0.002)

    def _client(self) -> httpx.Client:
        """One a thread: making one costs more than an order."""
        if not hasattr(self._own, "client"):
            self._own.client = httpx.Client(base_url=self.url, timeout=10, verify=False)
            self._clients.append(self._own.client)
        return self._own.client

    def _orders(self, n: int) -> None:
        count = 0
        while not self.is_over.is_set():
            count += 1
            number = f"K{n}-{count:05d}"
            is_keyed = count % 3 == 0
            body = draft(
                channel=None if is_keyed else "pos", external_no=None if is_keyed else number, note=number
            )
            answer = self._send(
                "supervisor", "/api/orders", body, **({"Idempotency-Key": number} if is_keyed else {})
            )
            problem = answer.json()
            if answer.status_code == 201 or problem.get("code") == "duplicate":
                self.orders[number] = problem["order_no"]
                if is_keyed:
                    self.answers[number] = answer.content
            else:
                self.faults.append(f"{number}: {answer.status_code} {answer.text}")

    def _picks(self, device: str) -> None:
        draw, n = random.Random(f"{self.seed}{device}"), 0
        while not self.is_over.is_set():
            known = list(self.orders.values())[-60:]
            if not known:
                time.sleep(0.005)
                continue
            ops = []
            for _ in range(draw.randint(1, 5)):
                n += 1
                ops.append(
                    {
                        "id": f"{device}:{n}", "hlc": f"{1_769_047_500_000 + n:015d}-0000-{device}",
                        "at": "2026-01-22T10:06:40+08:00", "actor": "picker", "order_no": draw.choice(known),
                        "line_no": 1, "kind": "pick", "qty": 1, "bin": "", "code": "BP-1023", "v": 1,
                    }
                )  # fmt: skip
            answer = self._send(device, "/sync/push", {"device": device, "ops": ops})
            if answer.status_code != 200:
                self.faults.append(f"{device}: {answer.status_code} {answer.text}")
                continue
            for op, result in zip(ops, answer.json()["results"], strict=True):
                self.ops[op["id"]], self.verdicts[op["id"]] = op, result

    def finish(self) -> None:
        self.is_over.set()
        for thread in self.threads:
            thread.join(60)
            assert not thread.is_alive()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A small company with stock enough, made without a server."""
    folder = tmp_path / "data"
    db = Database(folder)
    db.writer.now(lambda tx: build(tx, wall_clock(), stock=1_000_000))
    Signer(db, SECRET, folder / "checkpoints").sign(wall_clock())
    db.stop()
    return folder


def tokens(folder: Path) -> dict[str, str]:
    db, now = Database(folder), wall_clock()

    def work(tx):
        made = {"supervisor": service.open_session(tx, "supervisor", "token", now, DAY)[0]}
        for device in DEVICES:
            tx.connection.execute(ENROLLED, [device, device.encode()])
            made[device] = service.open_session(tx, device, "device", now, DAY)[0]
        return made

    try:
        return db.writer.now(work)
    finally:
        db.stop()


@pytest.mark.journey
def test_twenty_kills_lose_nothing_and_double_nothing(folder: Path):
    seed = int(os.environ.get("CRASH_SEED") or time.time())
    print(f"CRASH_SEED={seed}")
    draw, port = random.Random(seed), free_port()
    load = Load(f"http://127.0.0.1:{port}", seed, tokens(folder))
    starts = []
    for life in range(KILLS + 1):
        server = Server(folder, port=port).ready()
        starts.append(server.seconds)
        load.is_up.set()
        if life == 0:
            for thread in load.threads:
                thread.start()
        if life < KILLS:
            time.sleep(draw.uniform(0.05, 0.4))  # the random moment itself
            server.kill()
            load.is_up.clear()
    load.finish()
    print(
        f"{KILLS} kills, {len(load.orders)} orders, {len(load.ops)} ops acknowledged, {load.again} sent again; "
        f"start to ready: median {statistics.median(starts):.2f} s, longest {max(starts):.2f} s"
    )
    assert load.faults == []
    assert min(len(load.orders), len(load.ops), load.again) > KILLS
    _asked_again(load)
    for client in load._clients:
        client.close()
    assert server.stop() == 0, server.log.read_text()
    _counted(folder, load)


def _asked_again(load: Load) -> None:
    """The first answers come back word for word, and nothing more happens."""
    for number, first in load.answers.items():
        body = draft(note=number)
        again = load._send("supervisor", "/api/orders", body, **{"Idempotency-Key": number})
        assert (again.status_code, again.content, again.headers["idempotency-replayed"]) == (
            201,
            first,
            "true",
        )
    for device in DEVICES:
        mine = [op for op in load.ops.values() if op["id"].startswith(device)]
        for start in range(0, len(mine), 200):
            part = mine[start : start + 200]
            results = load._send(device, "/sync/push", {"device": device, "ops": part}).json()["results"]
            assert results == [{**load.verdicts[op["id"]], "again": True} for op in part]


def _counted(folder: Path, load: Load) -> None:
    db = Database(folder)

    def rows(sql: str) -> list:
        return db.reader.now(lambda tx: [tuple(row) for row in tx.connection.execute(sql)])

    key = checkpoint.public(checkpoint.signing_key(SECRET))
    size, points, fault = db.reader.now(lambda tx: guard.verify(tx, folder / "checkpoints", key))
    assert fault is None, str(fault)
    print(f"{size} entries, {points} checkpoints")
    assert points > KILLS / 2
    assert db.reader.now(stock.drift) == []
    notes = rows("SELECT p.value, o.order_no FROM orders o JOIN private p ON p.id = o.note_ref")
    # Every sent order was acknowledged in the end, so what is stored is what was acknowledged: each once.
    assert sorted(notes) == sorted(load.orders.items())
    placed = rows("SELECT subject FROM journal WHERE kind = 'order.placed'")
    assert sorted(one for (one,) in placed) == sorted(f"order:{no}" for no in load.orders.values())
    assert sorted(one for (one,) in rows("SELECT id FROM ops")) == sorted(load.ops)
    assert {load.verdicts[one]["verdict"] for one in load.ops} <= {"applied", "conflict"}
    picked: dict[str, int] = {}
    for op in load.ops.values():
        picked[op["order_no"]] = picked.get(op["order_no"], 0) + 1
    assert dict(rows("SELECT order_no, picked FROM lines WHERE picked > 0")) == picked
    assert rows("PRAGMA integrity_check") == [("ok",)]
    db.stop()
