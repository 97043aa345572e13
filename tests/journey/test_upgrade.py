"""A newer program beside an older one on one PostgreSQL: it widens the schema under load through both, and nobody is
refused or lost; once it takes something away, the older one says that it is too old and touches nothing.
"""

import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from psycopg.conninfo import conninfo_to_dict

from api.db.database import Database
from api.db.postgres.engine import Postgres
from api.db.postgres.place import read
from api.db.tx import Tx
from api.journal import checkpoint, guard
from api.kernel.time import DAY, wall_clock
from api.people import service
from api.stock import service as stock
from tests.support import engines
from tests.support.company import SECRET, draft
from tests.support.postgres import OWNER, server
from tests.support.server import ROOT, Server, environ

pytestmark = pytest.mark.journey
WIDER = """-- expand
ALTER TABLE orders ADD COLUMN wish TEXT NOT NULL DEFAULT '';
ALTER TABLE journal ADD COLUMN wish TEXT;
CREATE TABLE wishes (id BIGINT PRIMARY KEY);
CREATE INDEX orders_wish ON orders (wish, id);
"""
NARROWER = """-- contract 9998
DROP TABLE wishes;
"""


def newer(place: Path, **more: str) -> Path:
    """This program with further migrations."""
    shutil.copytree(ROOT / "api", place / "api", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("sync", "qr", "pwa"):
        (place / name).symlink_to(ROOT / name)
    for name, text in more.items():
        for folder in ("migrations", "migrations/postgres"):
            (place / "api" / "db" / folder / f"{name.removeprefix('m')}.sql").write_text(text)
    return place


class Node(Server):
    def __init__(self, folder: Path, place: Path, given: dict[str, str]) -> None:
        self.place, self.environ = place, given
        super().__init__(folder)


class Till(threading.Thread):
    """Orders to one node and the list from it, in turns."""

    def __init__(self, node: Server, token: str, over: threading.Event) -> None:
        super().__init__()
        self.node, self.over = node, over
        self.head = {"Authorization": f"Bearer {token}"}
        self.placed: list[str] = []
        self.odd: list[str] = []

    def run(self) -> None:
        with httpx.Client(base_url=self.node.url, headers=self.head, timeout=60, verify=False) as client:
            while not self.over.wait(0.02):
                made = client.post("/api/orders", json=draft())
                listed = client.get("/api/orders?limit=5")
                if (made.status_code, listed.status_code) != (201, 200):
                    self.odd.append(f"{made.text[-300:]} {listed.text[-300:]}")
                    return
                self.placed.append(made.json()["order_no"])


def enough(tills: list[Till], more: int) -> None:
    """Until each has so many more, or was refused."""
    goals, until = [len(one.placed) + more for one in tills], time.monotonic() + 60
    while time.monotonic() < until and any(
        len(one.placed) < goal and not one.odd for one, goal in zip(tills, goals, strict=True)
    ):
        time.sleep(0.01)


class House:
    def __init__(self, folder: Path) -> None:
        self.folder, self.url = folder, engines.of(folder, 10_000)
        owner = server().url(str(conninfo_to_dict(self.url)["dbname"]), OWNER)
        self.given = {"HUODAONA_DATABASE_URL": self.url, "HUODAONA_DATABASE_OWNER_URL": owner}
        db = Database(folder / "here", url=self.url)
        self.token = db.writer.now(
            lambda tx: service.open_session(tx, "supervisor", "token", wall_clock(), DAY)
        )[0]
        db.stop()
        self.over = threading.Event()
        self.nodes: list[Node] = []
        self.tills: list[Till] = []

    def begin(self, place: Path) -> Till:
        """A node of the program that lies there, and a till at it."""
        node = Node(self.folder / f"n{len(self.nodes)}", place, self.given)
        self.nodes.append(node.ready())
        self.tills.append(Till(node, self.token, self.over))
        self.tills[-1].start()
        return self.tills[-1]

    def migrate(self, place: Path, *words: str) -> str:
        return subprocess.run(
            [sys.executable, "-m", "api", "migrate", "--data", str(self.folder / "by-hand"), *words],
            check=True, capture_output=True, text=True, cwd=place, env=environ() | self.given, timeout=120,
        ).stdout  # fmt: skip

    def close(self) -> None:
        self.over.set()
        for till in self.tills:
            till.join()
        for node in self.nodes:
            assert node.stop() == 0, node.log.read_text()


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = House(tmp_path)
    yield made
    made.close()


def test_nodes_are_upgraded_one_after_the_other_under_load(house: House, tmp_path: Path):
    wider = newer(tmp_path / "wider", m9998_wider=WIDER)
    narrower = newer(tmp_path / "narrower", m9998_wider=WIDER, m9999_narrower=NARROWER)
    old = house.begin(ROOT)
    enough([old], 5)
    new = house.begin(wider)
    enough([old, new], 10)
    assert house.migrate(narrower) == "waiting for nodes of an older version to go: narrower\n"
    enough([old, new], 10)
    assert [old.odd, new.odd] == [[], []]

    assert house.migrate(narrower, "--contract") == "applied: narrower\n"
    enough([new], 10)
    old.join(60)
    [said] = old.odd
    assert '"kind":"outdated"' in said
    assert "too old for its data" in said or "太旧" in said
    assert httpx.get(f"{old.node.url}/readyz", verify=False).status_code == 503
    assert new.odd == []
    check(house, [*old.placed, *new.placed])


def check(house: House, placed: list[str]) -> None:
    """All that was acknowledged is there, once; the journal and the sums are whole."""
    connection = Postgres(read(house.url)).open(
        read_only=True
    )  # as a `Database` this program may not open it any more
    tx = Tx(connection)
    rows = connection.execute("SELECT order_no FROM orders").fetchall()
    found = guard.verify(tx, house.folder, checkpoint.public(checkpoint.signing_key(SECRET)))
    assert stock.drift(tx) == []
    connection.close()
    assert len(placed) == len({*placed}) > 20
    assert {*placed} <= {row[0] for row in rows}
    assert (found.fault, found.entries > len(placed)) == (None, True)
