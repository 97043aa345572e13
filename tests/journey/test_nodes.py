"""Two nodes on one PostgreSQL, each a server of its own with its own folder: what one does the other knows; connections
that the server ends, and a node that is killed, lose nothing that was acknowledged and store nothing twice.
"""

import asyncio
import itertools
import random
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from psycopg.conninfo import conninfo_to_dict

from api.db.database import Database
from api.journal import checkpoint, guard
from api.kernel.time import DAY, wall_clock
from api.people import service
from api.stock import service as stock
from tests.conftest import As
from tests.support import engines, postgres
from tests.support.company import ROLES, SECRET, draft
from tests.support.floor import Device
from tests.support.live import Stream, listen
from tests.support.server import Server

pytestmark = pytest.mark.journey
KEY = checkpoint.public(checkpoint.signing_key(SECRET))


class Node(Server):
    def __init__(self, folder: Path, url: str) -> None:
        super().__init__(folder, lies={"HUODAONA_DATABASE_URL": url})


class House:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.url = engines.of(folder, 10_000)
        now = wall_clock()
        db = self.opened()
        self.tokens = db.writer.now(
            lambda tx: {role: service.open_session(tx, role, "token", now, DAY)[0] for role in ROLES}
        )
        db.stop()
        self.nodes = [self.begin(n) for n in range(2)]
        for node in self.nodes:
            node.ready()
        self.clients: list[httpx.Client] = []
        self.meet()

    def meet(self) -> None:
        for client in self.clients:
            client.close()
        self.clients = [httpx.Client(base_url=node.url, timeout=60, verify=False) for node in self.nodes]

    def begin(self, n: int) -> Node:
        return Node(self.folder / f"node{n}", self.url)

    def opened(self) -> Database:
        return Database(self.folder / "here", url=self.url)

    def call(self, role: str, method: str, path: str, n: int = 0, **given: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.tokens[role]}", **given.pop("headers", {})}
        return self.clients[n].request(method, path, headers=headers, **given)

    def place(self, n: int, **change: Any) -> str:
        answer = self.call("supervisor", "POST", "/api/orders", n, json=draft(**change))
        assert answer.status_code == 201, answer.text
        no: str = answer.json()["order_no"]
        return no

    def company(self, n: int) -> Any:
        """What a device needs to be enrolled at this node."""
        there = SimpleNamespace(call=lambda *given, **more: self.call(*given, n=n, **more))
        return SimpleNamespace(client=self.clients[n], supervisor=As(there, "supervisor"))

    def is_whole(self) -> None:
        db = self.opened()
        found = db.reader.now(lambda tx: guard.verify(tx, self.folder / "none", KEY))
        drift = db.reader.now(stock.drift)
        db.stop()
        assert found.fault is None, str(found.fault)
        assert found.entries > 0
        assert drift == []

    def close(self) -> None:
        for client in self.clients:
            client.close()
        for node in self.nodes:
            assert node.stop() == 0, node.log.read_text()


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    made = House(tmp_path_factory.mktemp("nodes"))
    yield made
    made.close()
    made.is_whole()


def test_an_order_of_one_node_is_picked_at_the_other(house: House):
    no = house.place(0)
    device = Device(house.company(1))
    [task] = [one for one in device.pull()["tasks"] if one["order_no"] == no]
    [result] = device.push(device.pick(no, 1, 4, bin=task["lines"][0]["bin"], code="BP-1023"))
    assert result["again"] is False
    assert house.call("supervisor", "GET", f"/api/orders/{no}").json()["state"] == "picking"
    for n, (command, body) in enumerate(
        [("pack", {}), ("ship", {"carrier": "顺丰", "waybill": f"SF{no}"}), ("deliver", {"evidence": "前台"})]
    ):
        answer = house.call("supervisor", "POST", f"/api/orders/{no}/{command}", n % 2, json=body)
        assert answer.status_code == 200, answer.text
    assert house.call("supervisor", "GET", f"/api/orders/{no}", 1).json()["state"] == "delivered"


def test_the_board_of_one_node_shows_what_the_other_takes(house: House):
    async def watched() -> str:
        stream = await listen(house.nodes[1].port, house.tokens["supervisor"])
        assert isinstance(stream, Stream)
        await stream.next("ready")
        no = await asyncio.to_thread(house.place, 0)
        while (told := await stream.next("order")).data["order_no"] != no:
            pass
        await stream.close()
        found: str = told.data["order_no"]
        return found

    assert asyncio.run(watched()).startswith("HD")


def test_who_signs_out_at_one_is_out_at_the_other(house: House):
    token = house.clients[0].post("/api/login", json={"user": "sales", "password": "demo"}).json()["token"]
    house.clients[0].cookies.clear()
    bearer = {"Authorization": f"Bearer {token}"}
    assert [one.get("/api/me", headers=bearer).status_code for one in house.clients] == [200, 200]
    assert house.clients[0].post("/api/logout", headers=bearer).status_code == 200
    until = time.monotonic() + 10
    while house.clients[1].get("/api/me", headers=bearer).status_code != 401 and time.monotonic() < until:
        pass
    assert [one.get("/api/me", headers=bearer).status_code for one in house.clients] == [401, 401]


def test_one_number_of_a_channel_is_one_order_wherever_it_comes(house: House):
    answers: list[int] = []

    def send(n: int, k: int) -> None:
        body = draft(external_no=f"SAME-{k}", channel="pos")
        answers.append(house.call("supervisor", "POST", "/api/orders", n, json=body).status_code)

    threads = [threading.Thread(target=send, args=(n, k)) for k in range(5) for n in (0, 1, 0)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert (answers.count(201), answers.count(409)) == (5, 10)


class Till(threading.Thread):
    """Sends numbered orders to one node; asks again until each is acknowledged or known to be there."""

    def __init__(self, house: House, name: str, over: threading.Event) -> None:
        super().__init__()
        self.house, self.name, self._over = house, name, over
        self.acknowledged: list[str] = []
        self.odd: list[str] = []
        self.wait = random.Random(name)

    def run(self) -> None:
        node = int(self.name[-1]) % 2
        with httpx.Client(timeout=60, verify=False) as client:
            for k in itertools.count():
                if self._over.is_set():
                    return
                no = f"{self.name}-{k}"
                while not self._sent(client, node, no):
                    self._over.wait(0.05)

    def _sent(self, client: httpx.Client, node: int, no: str) -> bool:
        head = {"Authorization": f"Bearer {self.house.tokens['supervisor']}"}
        body = draft(external_no=no, channel="pos")
        try:
            answer = client.post(f"{self.house.nodes[node].url}/api/orders", json=body, headers=head)
        except httpx.TransportError:
            return False
        if answer.status_code in (201, 409):
            self.acknowledged.append(no)
        elif answer.status_code not in (429, 503, 507):
            self.odd.append(f"{answer.status_code} {answer.text}")
        return answer.status_code in (201, 409)


def enough(tills: list[Till], more: int, within: float = 30) -> None:
    """Until so many more orders are acknowledged."""
    until, goal = time.monotonic() + within, sum(len(one.acknowledged) for one in tills) + more
    while sum(len(one.acknowledged) for one in tills) < goal and time.monotonic() < until:
        time.sleep(0.01)


def check(house: House, tills: list[Till], least: int) -> None:
    """Each number that was acknowledged is one order, once; the journal is whole, the sums are right."""
    house.meet()
    said = [no for one in tills for no in one.acknowledged]
    assert [one.odd for one in tills] == [[]] * len(tills)
    assert len(said) >= least
    db = house.opened()
    rows = db.reader.now(
        lambda tx: tx.connection.execute(
            "SELECT e.external_no, (SELECT COUNT(*) FROM orders o WHERE o.external_no = e.external_no) FROM externals e"
        ).fetchall()
    )
    db.stop()
    assert dict.fromkeys(said, 1) == {row[0]: row[1] for row in rows if row[0] in {*said}}
    assert sorted(said) == sorted({*said})
    house.is_whole()


def test_a_server_that_dies_and_comes_back_loses_nothing(house: House):
    """PostgreSQL itself is killed under load; the nodes find it again by themselves."""
    over = threading.Event()
    tills = [Till(house, f"P{n}", over) for n in range(4)]
    for one in tills:
        one.start()
    try:
        for _ in range(2):
            enough(tills, 10)
            postgres.server().crash()
        enough(tills, 10)
    finally:
        over.set()
        for one in tills:
            one.join()
    check(house, tills, 30)


def test_killed_backends_and_a_killed_node_lose_nothing(house: House):
    """Every till asks until it knows."""
    over, rnd = threading.Event(), random.Random(7)
    tills = [Till(house, f"T{n}", over) for n in range(6)]
    for one in tills:
        one.start()
    database = conninfo_to_dict(house.url)["dbname"]
    try:
        for kill in range(16):
            enough(tills, 6)
            if kill % 8 == 7:
                n = rnd.randrange(2)
                house.nodes[n].kill()
                house.nodes[n] = house.begin(n)
                house.nodes[n].ready()
                continue
            postgres.server().admin.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s ORDER BY random() LIMIT 2",
                (database,),
            )
    finally:
        over.set()
        for one in tills:
            one.join()
    check(house, tills, 60)
