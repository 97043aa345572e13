"""Live boards: N readers of `/api/board/events` in one process, one server process, 50 changes a second.

    python bench/board.py [--clients 500 1500] [--rate 50] [--seconds 20]

A change is a comment on one of 1,000 orders, by turns, sent by a third process (this one). Latency is from the moment
the server took the command (the row's `updated_at`) to the arrival at each reader: decision, commit, journal, feed
and delivery together. Ends with 1 where a reader missed a change.
"""

import argparse
import asyncio
import http.client
import os
import re
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import cast

import msgspec
import uvloop

if __package__ in (None, ""):  # started as a file
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench import company, server

ORDERS = 1_000
_WHEN = re.compile(rb'"updated_at":"([^"]+)"')
OPENING = 100
PATIENCE_S = 10.0


class Result(msgspec.Struct, frozen=True):
    """What all readers of one process got: changes, and their latencies in ms."""

    received: int
    p50_ms: float
    p99_ms: float
    most_ms: float


@cache
def _ms(text: bytes) -> float:
    return datetime.fromisoformat(text.decode()).timestamp() * 1000


class Reader(asyncio.Protocol):
    """Counts rows as they come; bytes are looked at once."""

    def __init__(self, request: bytes, took: list[float]) -> None:
        self.request, self.took, self.rest = request, took, b""
        self.ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        cast("asyncio.WriteTransport", transport).write(self.request)

    def data_received(self, data: bytes) -> None:
        now = time.time() * 1000
        whole, end, rest = (self.rest + data).rpartition(b"\n\n")
        self.rest = rest if end else self.rest + data
        self.took.extend([now - _ms(found) for found in _WHEN.findall(whole)])
        if not self.ready.done() and b"event: ready" in whole:
            self.ready.set_result(None)


async def _read(port: int, token: str, clients: int) -> None:
    """Opens all streams, says so, waits for the number of changes on its input, prints the result."""
    request = (
        f"GET /api/board/events HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\n\r\n".encode()
    )
    loop, took = asyncio.get_running_loop(), list[float]()
    for begin in range(0, clients, OPENING):
        opened = [
            await loop.create_connection(lambda: Reader(request, took), "127.0.0.1", port)
            for _ in range(min(OPENING, clients - begin))
        ]
        await asyncio.gather(*(reader.ready for _, reader in opened))
    print("ready", flush=True)
    count = int(await loop.run_in_executor(None, sys.stdin.readline))
    until = time.monotonic() + PATIENCE_S
    while len(took) < count * clients and time.monotonic() < until:
        await asyncio.sleep(0.05)
    cuts = statistics.quantiles(took, n=100) if len(took) > 1 else [0.0] * 99
    result = Result(len(took), cuts[49], cuts[98], max(took, default=0.0))
    print(msgspec.json.encode(result).decode(), flush=True)


class Sender:
    """Orders and comments over one connection that stays open."""

    def __init__(self, port: int, token: str) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port)
        self.head = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}

    def post(self, path: str, body: object) -> bytes:
        self.connection.request("POST", path, msgspec.json.encode(body), self.head)
        answer = self.connection.getresponse()
        text = answer.read()
        if answer.status >= 300:
            raise RuntimeError(f"{path}: {answer.status} {text[:200]!r}")
        return text

    def orders(self, count: int) -> list[str]:
        draft = {
            "customer": {"name": "浦东宝诚4S店", "phone": "13800000000"},
            "address": "上海市浦东新区张江路1号",
            "lines": [{"sku": "BP-00001", "qty": 1, "price_fen": 12_800}],
            "note": "请避开周一送货",
            "paid_at": "2026-01-22T10:05:00+08:00",
        }
        found: list[str] = []
        while len(found) < count:
            answer = msgspec.json.decode(self.post("/api/orders/batch", {"orders": [draft] * 100}))
            found += [one["order_no"] for one in answer["results"]]
        return found

    def comments(self, order_nos: list[str], count: int, rate: float) -> float:
        """Evenly spaced; returns the rate that came out."""
        self.connection.close()  # it may have stood idle for too long while the readers opened
        begun = time.monotonic()
        for n in range(count):
            time.sleep(max(0.0, begun + n / rate - time.monotonic()))
            self.post(f"/api/orders/{order_nos[n % len(order_nos)]}/comment", {"text": "客户又问了一次"})
        return count / (time.monotonic() - begun)


def measure(
    sender: Sender, port: int, token: str, order_nos: list[str], clients: int, rate: float, seconds: float
) -> tuple[Result, float]:
    given = [sys.executable, str(Path(__file__).resolve()), "--reader", str(port), token, str(clients)]
    with subprocess.Popen(given, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as readers:
        assert readers.stdin is not None
        assert readers.stdout is not None
        if readers.stdout.readline().strip() != "ready":
            raise RuntimeError("the readers did not open")
        count = int(rate * seconds)
        came_out = sender.comments(order_nos, count, rate)
        readers.stdin.write(f"{count}\n")
        readers.stdin.flush()
        return msgspec.json.decode(readers.stdout.readline(), type=Result), came_out


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clients", type=int, nargs="+", default=[500, 1_500])
    parser.add_argument("--rate", type=float, default=50)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--reader", nargs=3, help=argparse.SUPPRESS)
    given = parser.parse_args()
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    if given.reader:
        port, token, clients = given.reader
        uvloop.run(_read(int(port), token, int(clients)))
        return 0
    print(server.machine())
    print(
        "| readers | changes/s | delivered | p50 ms | p99 ms | most ms | load |\n| --- | --- | --- | --- | --- | --- | --- |"
    )
    missed = 0
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        token = company.build(data, 1)
        with server.hub(data) as port:
            sender = Sender(port, token)
            order_nos = sender.orders(ORDERS)
            for clients in given.clients:
                result, rate = measure(sender, port, token, order_nos, clients, given.rate, given.seconds)
                wanted = int(given.rate * given.seconds) * clients
                missed += wanted - result.received
                print(
                    f"| {clients:,} | {rate:.1f} | {100 * result.received / wanted:.2f}% | {result.p50_ms:.0f} | "
                    f"{result.p99_ms:.0f} | {result.most_ms:.0f} | {os.getloadavg()[0]:.1f} |",
                    flush=True,
                )
    return int(missed != 0)


if __name__ == "__main__":
    raise SystemExit(main())
