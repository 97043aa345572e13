"""The two bare limits that the hub is measured against: SQLite alone, and Litestar alone.

SQLite: one writer, 200 orders a commit, every commit synced (`synchronous=FULL`); an order is its row, three
lines, three guarded reservations, a snapshot of about 1.2 KB and a hash-chained audit row. The snapshot table is
WITHOUT ROWID as in the reference that the project was planned with, so that ratios stay comparable. Litestar: a
POST that decodes the same body and answers, nothing stored; a GET that encodes a page of 50 orders at hand. None of them does
any of the hub's checks.
"""

import hashlib
import random
import sqlite3
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import msgspec
from litestar import Litestar, get, post
from litestar.params import JSONBody

GROUP = 200
SKUS = 2_000
READY = 400  # different orders that are made beforehand, so that making them is not measured

SCHEMA = """
CREATE TABLE sku (id INTEGER PRIMARY KEY, code TEXT UNIQUE, on_hand INT NOT NULL, reserved INT NOT NULL DEFAULT 0);
CREATE TABLE orders (id INTEGER PRIMARY KEY, external_no TEXT NOT NULL UNIQUE, channel TEXT NOT NULL,
  state TEXT NOT NULL, buyer TEXT, phone TEXT, address TEXT, total INT, created REAL, updated REAL);
CREATE TABLE line (id INTEGER PRIMARY KEY, order_id INT NOT NULL, sku_id INT NOT NULL, qty INT NOT NULL,
  price INT NOT NULL);
CREATE INDEX line_order ON line (order_id);
CREATE INDEX orders_state ON orders (state, id);
CREATE TABLE snapshot (order_id INT NOT NULL, revision INT NOT NULL, body TEXT NOT NULL,
  PRIMARY KEY (order_id, revision)) WITHOUT ROWID;
CREATE TABLE audit (id INTEGER PRIMARY KEY, order_id INT NOT NULL, at REAL, actor TEXT, what TEXT,
  prev BLOB NOT NULL, hash BLOB NOT NULL);
CREATE INDEX audit_order ON audit (order_id);
"""
ORDER = (
    "INSERT INTO orders (external_no, channel, state, buyer, phone, address, total, created, updated)"
    " VALUES (?, ?, 'paid', ?, ?, ?, ?, ?, ?)"
)
RESERVE = "UPDATE sku SET reserved = reserved + ? WHERE id = ? AND on_hand - reserved >= ?"
LINE = "INSERT INTO line (order_id, sku_id, qty, price) VALUES (?, ?, ?, ?)"
SNAPSHOT = "INSERT INTO snapshot VALUES (?, 1, ?)"
AUDIT = "INSERT INTO audit (order_id, at, actor, what, prev, hash) VALUES (?, ?, 'webhook', 'created', ?, ?)"
_encode = msgspec.json.Encoder().encode


def open_bare(path: Path) -> sqlite3.Connection:
    db = sqlite3.connect(path, isolation_level=None)
    for pragma in ("journal_mode = WAL", "synchronous = FULL", "cache_size = -65536", "temp_store = MEMORY"):
        db.execute(f"PRAGMA {pragma}")
    db.executescript(SCHEMA)
    stock = ((n, f"SKU-{n:05d}", 10**9) for n in range(1, SKUS + 1))
    db.executemany("INSERT INTO sku (id, code, on_hand) VALUES (?, ?, ?)", stock)
    return db


def bare_order(rnd: random.Random) -> dict[str, Any]:
    """The planned order: three lines, texts that make a snapshot of about 1.2 KB."""
    title = "Brake pads, front axle, with wear sensor"
    lines = [
        {"sku": rnd.randint(1, SKUS), "qty": rnd.randint(1, 4), "price": 1999, "title": title}
        for _ in range(3)
    ]
    return {
        "channel": "shop",
        "buyer": "Li Xiaoming",
        "phone": "+86 139 0000 0000",
        "address": "Unit 5, No. 1200 Example Avenue, Floor 2, Example District, Example City 310000",
        "note": "n" * 380,
        "lines": lines,
    }


def store_bare(db: sqlite3.Connection, order: dict[str, Any], external_no: str, prev: bytes) -> bytes:
    """One order inside an open transaction; returns the chain's new head."""
    now, lines = time.time(), order["lines"]
    total = sum(line["qty"] * line["price"] for line in lines)
    values = (
        external_no,
        order["channel"],
        order["buyer"],
        order["phone"],
        order["address"],
        total,
        now,
        now,
    )
    number = db.execute(ORDER, values).lastrowid
    for line in lines:
        if db.execute(RESERVE, (line["qty"], line["sku"], line["qty"])).rowcount != 1:
            raise ValueError("out of stock")
    db.executemany(LINE, [(number, line["sku"], line["qty"], line["price"]) for line in lines])
    snapshot = {"id": number, "state": "paid", "revision": 1, "at": now, "external_no": external_no}
    body = _encode({**snapshot, **order, "rest": "r" * 150})
    db.execute(SNAPSHOT, (number, body.decode()))
    head = hashlib.sha256(prev + body).digest()
    db.execute(AUDIT, (number, now, prev, head))
    return head


def sqlite_limit(seconds: float, folder: Path | None = None, group: int = GROUP) -> float:
    """Orders a second, on a fresh file each time."""
    rnd = random.Random(1)
    ready = [bare_order(rnd) for _ in range(READY)]
    with tempfile.TemporaryDirectory(dir=folder) as place:
        db = open_bare(Path(place) / "bare.db")
        count, head, begun = 0, bytes(32), time.perf_counter()
        while time.perf_counter() - begun < seconds:
            db.execute("BEGIN IMMEDIATE")
            for _ in range(group):
                head = store_bare(db, ready[count % READY], f"{rnd.getrandbits(60):x}", head)
                count += 1
            db.execute("COMMIT")
        spent = time.perf_counter() - begun
        db.close()
    return count / spent


class _Line(msgspec.Struct):
    sku: str
    qty: int
    price_fen: int


class Body(msgspec.Struct):
    external_no: str
    lines: list[_Line]


@post("/api/orders")
async def take(data: JSONBody[Body]) -> dict[str, Any]:
    total = sum(line.qty * line.price_fen for line in data.lines)
    return {"external_no": data.external_no, "amount_fen": total}


PAGE = {"items": [bare_order(random.Random(n)) for n in range(50)], "next": "1"}


@get("/api/orders")
async def give() -> dict[str, Any]:
    return PAGE


def bare_app() -> Litestar:
    return Litestar([take, give], openapi_config=None, logging_config=None)


def serve(port: int) -> None:
    import uvicorn

    uvicorn.run(bare_app(), port=port, loop="uvloop", http="httptools", access_log=False, log_level="warning")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--serve"]:
        serve(int(sys.argv[2]))
    else:
        rounds = [sqlite_limit(2.0) for _ in range(3)]
        print("bare SQLite, 200 a commit, FULL:", ", ".join(f"{one:,.0f}" for one in rounds), "orders/s")
