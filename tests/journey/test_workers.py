"""Two processes of one server on one folder, over HTTP: what one of them does, the other knows; one that dies loses
nothing; the loops beside the requests run once.

`house` is shared by the tests that leave it standing; those that kill make their own.
"""

import asyncio
import itertools
import json
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from api.db.database import Database
from api.journal import checkpoint, guard
from api.kernel.standard_webhooks import key_of, sign
from api.kernel.time import DAY, wall_clock
from api.people import service
from api.stock import service as stock
from tests.support.company import POS_SECRET, ROLES, SECRET, build, draft
from tests.support.live import Stream, line_to, listen
from tests.support.senders import order_data
from tests.support.server import Server

KEY = checkpoint.public(checkpoint.signing_key(SECRET))


class House:
    """`house(0)` is a client of the first process, `house(1)` of the second, `house.at(n, role)` as somebody."""

    def __init__(self, folder: Path, stock: int = 1_000) -> None:
        self.folder = folder
        db = Database(folder)
        db.writer.now(lambda tx: build(tx, wall_clock(), stock=stock))
        now = wall_clock()
        self.tokens = db.writer.now(
            lambda tx: {role: service.open_session(tx, role, "token", now, DAY)[0] for role in ROLES}
        )
        db.stop()
        self.server = Server(folder, "--workers", "2").ready()
        self._clients: list[httpx.Client] = []
        self.meet()

    def meet(self) -> None:
        """New lines to both: one that was idle for five seconds is closed, and its next one may reach the other process."""
        for client in self._clients:
            client.close()
        self._clients = [self.server.client_of(n) for n in range(2)]

    def __call__(self, n: int) -> httpx.Client:
        return self._clients[n]

    def call(self, n: int, method: str, path: str, role: str = "supervisor", **given: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.tokens[role]}", **given.pop("headers", {})}
        return self._clients[n].request(method, path, headers=headers, **given)

    def place(self, n: int, **change: Any) -> str:
        answer = self.call(n, "POST", "/api/orders", json=draft(**change))
        assert answer.status_code == 201, answer.text
        no: str = answer.json()["order_no"]
        return no

    def both(self, work: Callable[[int], Any]) -> list[Any]:
        """The same at both processes, at once."""
        gate = threading.Barrier(2)

        def run(n: int) -> Any:
            gate.wait()
            return work(n)

        with ThreadPoolExecutor(2) as pool:
            return list(pool.map(run, range(2)))

    def close(self) -> int:
        for client in self._clients:
            client.close()
        return self.server.stop()


@pytest.fixture
def house(running: House) -> House:
    running.meet()
    return running


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    made = House(tmp_path_factory.mktemp("workers") / "data")
    yield made
    assert made.close() == 0, made.server.log.read_text()
    _is_whole(made.folder)


def _is_whole(folder: Path) -> None:
    db = Database(folder)
    size, points, fault = db.reader.now(lambda tx: guard.verify(tx, folder / "checkpoints", KEY))
    assert fault is None, str(fault)
    assert size > 0 < points
    assert db.reader.now(stock.drift) == []
    db.stop()


# people -----------------------------------------------------------------------------------------------------


def test_who_signs_out_at_one_is_out_at_the_other_at_once(house: House):
    for n in (0, 1, 0, 1):
        token = house(n).post("/api/login", json={"user": "sales", "password": "demo"}).json()["token"]
        house(n).cookies.clear()
        bearer = {"Authorization": f"Bearer {token}"}
        for at in (0, 1, 1, 0):  # both remember it
            assert house(at).get("/api/me", headers=bearer).status_code == 200
        assert house(n).post("/api/logout", headers=bearer).status_code == 200
        assert [house(at).get("/api/me", headers=bearer).status_code for at in (1 - n, n)] == [401, 401]


def test_ten_wrong_guesses_are_ten_wherever_they_are_made(house: House):
    def guess(n: int, password: str = "no") -> int:
        answer = house(n).post("/api/login", json={"user": "picker", "password": password})
        house(n).cookies.clear()
        return answer.status_code

    assert [guess(n % 2) for n in range(4)] == [401] * 4
    assert guess(1, "demo") == 200  # forgives them
    told = [code for codes in house.both(lambda n: [guess(n) for _ in range(8)]) for code in codes]
    assert (told.count(401), told.count(429)) == (10, 6)
    assert [guess(n, "demo") for n in range(2)] == [429, 429]


def test_a_role_changed_at_one_counts_at_the_other(house: House):
    made = {"display": "新人", "role": "sales", "password": "a long password"}
    assert house.call(0, "PUT", "/api/users/fresh", "owner", json=made).status_code == 200
    told = house(1).post("/api/login", json={"user": "fresh", "password": made["password"]})
    bearer = {"Authorization": f"Bearer {told.json()['token']}"}
    house(1).cookies.clear()
    assert house(1).get("/api/users", headers=bearer).status_code == 403
    change = {"display": "新人", "role": "owner"}
    assert house.call(0, "PUT", "/api/users/fresh", "owner", json=change).status_code == 200
    assert house(1).get("/api/users", headers=bearer).status_code == 401  # another role, another session


# what is kept in memory ---------------------------------------------------------------------------------------


def test_prices_customers_and_warehouses_changed_at_one_count_at_the_other(house: House):
    """SKU, customer, warehouse: each remembered by the writer of the process that then uses it anew."""
    for n, price in ((0, 100), (1, 200), (0, 300)):
        put = {"name": f"灯 {price}", "price_fen": price}
        assert house.call(n, "PUT", "/api/skus/LAMP", json=put).status_code == 200
        lines = [{"sku": "LAMP", "qty": 1}]
        no = house.place(1 - n, lines=lines, paid_at=None)
        line = house.call(n, "GET", f"/api/orders/{no}").json()["lines"][0]
        assert (line["name"], line["price_fen"]) == (put["name"], price)
    who = {"name": "两边一样的店", "phone": "13711112222"}
    first, second = (house.place(n, customer=who) for n in (0, 1))
    ids = {house.call(0, "GET", f"/api/orders/{no}").json()["customer"]["id"] for no in (first, second)}
    assert len(ids) == 1
    (known,) = ids
    saved = house.call(1, "PUT", f"/api/customers/{known}", json={**who, "tier": "vip"})
    assert saved.status_code == 200, saved.text
    vip = house.call(0, "GET", f"/api/orders/{house.place(0, customer=who)}").json()
    assert vip["customer"]["tier"] == "vip"
    near = {"name": "张江仓", "adcode": "310115", "lng": 121.59, "lat": 31.2}
    assert house.call(1, "PUT", "/api/warehouses/ZJ", json=near).status_code == 200
    pinned = house.place(0, warehouse="ZJ")
    assert house.call(0, "GET", f"/api/orders/{pinned}").json()["warehouse"] == "ZJ"


def test_a_channel_changed_at_one_is_changed_at_the_other(house: House):
    def sent(n: int, number: str) -> int:
        raw = json.dumps({"type": "order.paid", "data": order_data(order_id=number)}).encode()
        at = str(wall_clock() // 1000)
        mark = sign(key_of(POS_SECRET) or b"", number, at, raw)
        head = {"webhook-id": number, "webhook-timestamp": at, "webhook-signature": mark}
        return house(n).post("/in/pos", content=raw, headers=head).status_code

    assert [sent(n, f"W-{n}") for n in (0, 1)] == [200, 200]
    off = {"enabled": False}
    assert house.call(0, "PUT", "/api/channels/pos", "owner", json=off).status_code == 200
    assert sent(1, "W-2") in (403, 404, 409, 503)
    assert house.call(1, "PUT", "/api/channels/pos", "owner", json={"enabled": True}).status_code == 200
    assert [sent(n, f"W-{3 + n}") for n in (0, 1)] == [200, 200]
    assert house.both(lambda n: sent(n, "W-9")) == [200, 200]  # the same message at both: one order
    assert len(house.call(0, "GET", "/api/orders?q=W-9").json()["items"]) == 1


def test_order_numbers_have_no_gap_and_no_twin(house: House):
    made = [no for nos in house.both(lambda n: [house.place(n) for _ in range(15)]) for no in nos]
    tails = sorted(int(no.rpartition("-")[2]) for no in made)
    assert tails == list(range(tails[0], tails[0] + 30))


def test_twice_the_stock_at_both_is_sold_once(house: House):
    assert house.call(0, "PUT", "/api/skus/RARE", json={"name": "稀", "price_fen": 1}).status_code == 200
    move = {"kind": "receive", "warehouse": "SH", "sku": "RARE", "qty": 30, "bin": "", "why": "x"}
    assert house.call(1, "POST", "/api/stock/moves", json=move).is_success
    lines = [{"sku": "RARE", "qty": 1}]

    def buy(n: int) -> list[str]:
        with ThreadPoolExecutor(16) as pool:
            clients = [httpx.Client(base_url=house.server.url, timeout=20) for _ in range(16)]
            head = {"Authorization": f"Bearer {house.tokens['supervisor']}"}

            def one(k: int) -> str:
                answer = clients[k % 16].post(
                    "/api/orders", json=draft(lines=lines, warehouse="SH"), headers=head
                )
                assert answer.status_code == 201, answer.text
                state: str = answer.json()["state"]
                return state

            states = list(pool.map(one, range(30)))
            for client in clients:
                client.close()
        return states

    states = [state for part in house.both(buy) for state in part]
    assert (states.count("to_pick"), states.count("paid")) == (30, 30)


# one command, one answer ---------------------------------------------------------------------------------------


def test_one_key_at_both_at_once_is_one_command(house: House):
    for turn in range(12):
        body, head = draft(note=f"once {turn}"), {"Idempotency-Key": f"both-{turn}"}
        told = house.both(lambda n, b=body, h=head: house.call(n, "POST", "/api/orders", json=b, headers=h))
        assert [one.status_code for one in told] == [201, 201]
        assert told[0].content == told[1].content
        assert [("idempotency-replayed" in one.headers) for one in told].count(True) == 1
    bad = {"Idempotency-Key": "both-bad"}
    told = house.both(lambda n: house.call(n, "POST", "/api/orders", json=draft(lines=[]), headers=bad))
    assert [one.status_code for one in told] == [422, 422]
    assert told[0].content == told[1].content


def test_a_file_given_to_one_is_read_at_the_other(house: House):
    no = house.place(0)
    files = {"file": ("a.jpg", b"\xff\xd8\xff" * 1_000, "image/jpeg")}
    path = f"/api/orders/{no}/attachments"
    made = house.call(0, "POST", path, data={"kind": "photo"}, files=files)
    assert made.status_code == 201
    assert house.call(1, "GET", f"{path}/{made.json()['id']}").content == files["file"][1]


def test_a_device_that_pushes_to_both_is_counted_once(house: House):
    card = house.call(0, "POST", "/api/devices", json={"label": "PDA", "warehouse": "SH"}).json()
    enrolled = house(1).post("/api/devices/enrol", json={"code": card["code"]}).json()
    device, head = enrolled["device"], {"Authorization": f"Bearer {enrolled['token']}"}
    no = house.place(0, lines=[{"sku": "BP-1023", "qty": 40}], warehouse="SH")
    ops = [
        {
            "id": f"{device}:{n}", "hlc": f"001769047600000-0000-{device}", "at": "2026-01-22T10:06:40+08:00",
            "actor": "picker", "order_no": no, "line_no": 1, "kind": "pick", "qty": 1, "bin": "", "code": "", "v": 1,
        }
        for n in range(1, 31)
    ]  # fmt: skip

    def push(n: int) -> list[dict[str, Any]]:
        told = []
        for start in range(0, 30, 6):
            part = ops[start : start + 6]
            answer = house(n).post("/sync/push", json={"device": device, "ops": part}, headers=head)
            assert answer.status_code == 200, answer.text
            told += answer.json()["results"]
        return told

    first, second = house.both(push)
    assert [one["id"] for one in first] == [one["id"] for one in second] == [op["id"] for op in ops]
    assert {one["verdict"] for one in (*first, *second)} == {"applied"}
    for one, other in zip(first, second, strict=True):
        assert [bool(one.get("again")), bool(other.get("again"))].count(True) == 1
    assert house.call(1, "GET", f"/api/orders/{no}").json()["lines"][0]["picked"] == 30
    entries = house.call(0, "GET", f"/api/orders/{no}/journal?limit=200").json()["items"]
    picked = [op for one in entries if one["kind"] == "order.picked" for op in json.loads(one["body"])["ops"]]
    assert sorted(picked) == sorted(op["id"] for op in ops)
    heard = [
        next(one for one in house.call(n, "GET", "/api/devices?limit=200").json()["items"] if one["device"] == device)
        for n in (0, 1)
    ]  # fmt: skip
    assert all(one["heard_at"] for one in heard)
    assert [one["came"] for one in heard] == [30, 30]


# the board ------------------------------------------------------------------------------------------------------


async def _board(house: House, n: int, token: str = "", last_id: str = "") -> Stream:
    line = await line_to(house.server.port, n)
    found = await listen(house.server.port, token or house.tokens["supervisor"], last_id=last_id, line=line)
    assert isinstance(found, Stream)
    await found.next("ready")
    return found


def test_readers_of_both_hear_what_either_does_within_a_second_in_order_and_once(house: House):
    async def work() -> None:
        boards = [await _board(house, n) for n in (0, 1)]
        placed, sent, slowest = [], {}, 0.0
        for k in range(20):
            began = time.perf_counter()
            no = await asyncio.to_thread(house.place, k % 2)
            placed.append(no)
            sent[no] = time.perf_counter()
            for board in boards:
                assert (await board.next()).data["order_no"] == no
                slowest = max(slowest, time.perf_counter() - began)
        await asyncio.to_thread(
            lambda: house.both(lambda n: [placed.append(house.place(n)) for _ in range(25)])
        )
        for board in boards:
            told = [await board.next() for _ in range(50)]
            assert sorted(one.data["order_no"] for one in told) == sorted(placed[20:])
            at = [int(one.id.split(".")[0]) for one in told]
            assert at == sorted(set(at))
            await board.close()
        print(f"order asked for to row on both boards: at most {slowest * 1000:.0f} ms")
        assert slowest < 1

    asyncio.run(work())


def test_a_reader_goes_on_at_the_other_process_where_it_was(house: House):
    async def work() -> None:
        board = await _board(house, 0)
        first = await asyncio.to_thread(house.place, 1)
        assert (await board.next()).data["order_no"] == first
        await board.close()
        missed = [await asyncio.to_thread(house.place, n) for n in (0, 1, 1, 0)]
        other = await _board(house, 1, last_id=board.last_id)
        assert [(await other.next()).data["order_no"] for _ in missed] == missed
        last = await asyncio.to_thread(house.place, 0)
        assert (await other.next()).data["order_no"] == last
        await other.close()

    asyncio.run(work())


def test_a_stream_ends_when_its_session_does_at_the_other_process(house: House):
    async def work() -> None:
        login = {"user": "finance", "password": "demo"}
        told = await asyncio.to_thread(lambda: house(0).post("/api/login", json=login).json())
        house(0).cookies.clear()
        board = await _board(house, 1, told["token"])
        bearer = {"Authorization": f"Bearer {told['token']}"}
        await asyncio.to_thread(lambda: house(0).post("/api/logout", headers=bearer))
        assert (await board.next("signed_out", 1)).name == "signed_out"
        await board.close()

    asyncio.run(work())


# lives and deaths -----------------------------------------------------------------------------------------------


class Load:
    """Clients that order until told to stop and repeat, word for word, what was not answered."""

    def __init__(self, house: House, count: int = 6) -> None:
        self.house, self.orders, self.again, self.faults = house, dict[str, str](), 0, list[str]()
        self.is_over = threading.Event()
        self._threads = [threading.Thread(target=self._run, args=(n,)) for n in range(count)]
        for thread in self._threads:
            thread.start()

    def _run(self, n: int) -> None:
        head, count = {"Authorization": f"Bearer {self.house.tokens['supervisor']}"}, 0
        client = httpx.Client(base_url=self.house.server.url, timeout=20, verify=False)
        while not self.is_over.is_set():
            count += 1
            number = f"L{n}-{count:05d}"
            body = draft(external_no=number, channel="pos")
            while True:
                try:
                    answer = client.post("/api/orders", json=body, headers=head)
                    break
                except httpx.TransportError:
                    self.again += 1
                    self.is_over.wait(0.02)  # a server that starts needs the machine more
            told = answer.json()
            if answer.status_code == 201 or told.get("code") == "duplicate":
                self.orders[number] = told["order_no"]
            else:
                self.faults.append(f"{number}: {answer.status_code} {answer.text}")
        client.close()

    def stop(self) -> None:
        self.is_over.set()
        for thread in self._threads:
            thread.join(30)
            assert not thread.is_alive()


def _stored(folder: Path) -> dict[str, str]:
    db = Database(folder)
    rows = db.reader.now(
        lambda tx: [
            tuple(row) for row in tx.connection.execute("SELECT external_no, order_no FROM externals")
        ]
    )
    db.stop()
    assert len(rows) == len(dict(rows))
    return dict(rows)


def _holder(folder: Path) -> int:
    return int((folder / "worker.lock").read_text() or 0)


def _is_gone(process: int) -> bool:
    """Ended, also where nobody has asked how."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


def _checkpoints(folder: Path) -> list[int]:
    return sorted(checkpoint.read(one.read_text()).size for one in (folder / "checkpoints").glob("*.txt"))


@pytest.mark.journey
def test_kills_of_one_of_two_lose_nothing_and_the_loops_go_on_in_the_other(tmp_path: Path):
    house = House(tmp_path / "data", stock=1_000_000)
    load, workers = Load(house), house.server.workers()
    assert len(workers) == 2
    holders = set()
    for _ in range(5):
        before = set(house.server.workers())
        holder = _holder(house.folder)
        assert holder in before
        holders.add(holder)
        os.kill(holder, signal.SIGKILL)
        _until(lambda b=before: len(set(house.server.workers()) - b) == 1, 5)
        _until(lambda h=holder: _holder(house.folder) != h, 5)
        count = len(load.orders)
        _until(lambda c=count: len(load.orders) > c + 50, 10)
        assert httpx.get(f"{house.server.url}/readyz", timeout=10).status_code == 200
    load.stop()
    assert load.faults == []
    assert len(holders) == 5
    assert load.again >= 1
    assert house.close() == 0, house.server.log.read_text()
    assert _stored(house.folder) == load.orders
    _is_whole(house.folder)


@pytest.mark.journey
def test_a_graceful_stop_under_load_loses_nothing_and_each_checkpoint_is_made_once(tmp_path: Path):
    house = House(tmp_path / "data", stock=1_000_000)
    load = Load(house)
    many = {"orders": [draft()] * 200}
    for n in range(12):  # entries enough for two checkpoints
        assert house.call(n % 2, "POST", "/api/orders/batch", json=many).status_code == 200
    _until(lambda: len(load.orders) > 100, 60)
    house.server.process.send_signal(signal.SIGTERM)
    assert house.server.process.wait(20) == 0, house.server.log.read_text()
    acknowledged = dict(load.orders)
    again = Server(house.folder, "--workers", "2", port=house.server.port).ready()
    load.stop()
    assert load.faults == []
    house.server = again
    assert house.close() == 0
    stored = _stored(house.folder)
    assert acknowledged.items() <= stored.items()
    assert stored == load.orders
    sizes = _checkpoints(house.folder)
    db = Database(house.folder)
    rows = db.reader.now(
        lambda tx: [row[0] for row in tx.connection.execute("SELECT size FROM checkpoints ORDER BY size")]
    )
    db.stop()
    assert sizes == rows
    # One when the company was made, one a start and a stop; between those a thousand entries each.
    assert sum(later - earlier < 900 for earlier, later in itertools.pairwise(sizes)) <= 5, sizes
    _is_whole(house.folder)


@pytest.mark.journey
def test_a_killed_parent_leaves_nobody_behind_and_the_next_server_begins(tmp_path: Path):
    house = House(tmp_path / "data", stock=1_000_000)
    load, workers = Load(house), house.server.workers()
    _until(lambda: len(load.orders) > 50, 20)
    house.server.kill()
    house.server = Server(house.folder, "--workers", "2", port=house.server.port).ready()
    # They let go of the folder before they are quite gone.
    _until(lambda: all(_is_gone(one) for one in workers), 5)
    load.stop()
    assert load.faults == []
    assert house.close() == 0
    assert _stored(house.folder) == load.orders
    _is_whole(house.folder)


def test_a_second_server_and_a_taken_port_are_told(house: House, tmp_path: Path):
    two, port = ("--workers", "2"), house.server.port
    others = [
        (Server(house.folder, *two, port=port), "another server"),
        (Server(tmp_path / "other", *two, port=port), "in use"),
        (Server(tmp_path / "third", port=port), ""),
    ]
    for other, said in others:
        assert other.process.wait(120) != 0
        assert said in other.log.read_text()
    assert house(0).get("/readyz").status_code == 200


def _until(holds: Callable[[], bool], within: float) -> None:
    end = time.monotonic() + within
    while not holds():
        assert time.monotonic() < end, "it never came"
        time.sleep(0.01)
