"""Load generators: wrk where it is installed, else a small client of our own; both keep a fixed number of
connections busy, one request in flight on each.

wrk cuts off what is in flight when its time is up, so the hub may have stored up to one order a connection that
was never acknowledged to it. Our own client sends a fixed number and waits for every answer: its count is exact.
"""

import asyncio
import random
import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

import msgspec

if __package__ in (None, ""):  # started as a file
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.platforms import PLATFORMS, Event

SCRIPT = Path(__file__).with_name("orders.lua")
REMARKS = (
    "请避开周一送货，需附出厂检验报告",
    "加急，车在等",
    "周末不收货",
    "",
    "送前打电话",
    "发顺丰",
    "放门卫",
)


class Load(msgspec.Struct, frozen=True):
    """`requests` answered, of them `refused` (not 2xx); `broken` connections; latencies in ms; orders in a request."""

    requests: int
    refused: int
    broken: int
    seconds: float
    p50_ms: float
    p99_ms: float
    orders: int = 1

    @property
    def stored(self) -> int:
        return (self.requests - self.refused) * self.orders

    @property
    def rate(self) -> float:
        return self.stored / self.seconds


class Target(msgspec.Struct, frozen=True):
    """Where to send, as whom, and how many SKUs (`BP-00001` …) there are. `is_till`: the same orders as a till's signed
    messages, to /in/pos (our own client only)."""

    port: int
    token: str
    skus: int
    is_till: bool = False


class Post(NamedTuple):
    head: bytes
    body: bytes


class _Wrk(msgspec.Struct):
    requests: int
    us: int
    refused: int
    broken: int
    p50_us: int
    p99_us: int


def has_wrk() -> bool:
    return shutil.which("wrk") is not None


def by_wrk(target: Target, run: str, connections: int, seconds: int, batch: int = 0) -> Load:
    """`batch`: so many orders a request, to the batch's route; 0: one a request."""
    path = "/api/orders/batch" if batch else "/api/orders"
    found = subprocess.run(
        ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "10s", "-s", str(SCRIPT),
         f"http://127.0.0.1:{target.port}{path}", "--", run, target.token, str(target.skus),
         str(random.getrandbits(30)), str(batch)],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    _, _, text = found.stdout.partition("RESULT ")
    said = msgspec.json.decode(text.strip().splitlines()[0], type=_Wrk)
    return Load(
        said.requests, said.refused, said.broken, said.us / 1e6, said.p50_us / 1000, said.p99_us / 1000,
        batch or 1,
    )  # fmt: skip


def draft(rnd: random.Random, run: str, n: int, skus: int) -> bytes:
    """The contract's order with three lines; the same as the wrk script's."""
    buyer = rnd.randint(1, 500)
    lines = [
        {
            "sku": f"BP-{rnd.randint(1, skus):05d}",
            "qty": rnd.randint(1, 4),
            "price_fen": rnd.randint(1001, 91000),
        }
        for _ in range(3)
    ]
    return msgspec.json.encode(
        {
            "channel": "manual",
            "external_no": f"{run}-{n}",
            "customer": {"name": f"浦东宝诚第{buyer}修理厂", "phone": f"138{buyer:08d}"},
            "address": f"上海市浦东新区张江路{buyer}号2幢底楼收货处",
            "note": rnd.choice(REMARKS),
            "options": ["需加装防震泡沫"],
            "lines": lines,
            "paid_at": "2026-01-22T10:05:00+08:00",
        }
    )


def post(target: Target, rnd: random.Random, run: str, n: int) -> Post:
    """One order as its way in wants it, whole but for the length."""
    body = draft(rnd, run, n, target.skus)
    if not target.is_till:
        head = f"POST /api/orders HTTP/1.1\r\nAuthorization: Bearer {target.token}\r\n"
        return Post(head.encode(), body)
    given = msgspec.json.decode(body)
    data = {
        "order_id": given["external_no"], "pay_time": 1_769_047_500, "customer": given["customer"],
        "address": given["address"], "remark": given["note"], "options": given["options"], "items": given["lines"],
    }  # fmt: skip
    push = PLATFORMS["standard_webhooks"].push(
        "pos", Event("order.paid", data, f"{run}-{n}"), int(time.time())
    )
    signed = "".join(f"{name}: {value}\r\n" for name, value in push.headers.items())
    return Post(f"POST {push.path} HTTP/1.1\r\n{signed}".encode(), push.body)


async def _connection(target: Target, posts: list[Post], took: list[float], statuses: list[int]) -> None:
    """One connection: posts until none are left, waiting for each answer whole."""
    reader, writer = await asyncio.open_connection("127.0.0.1", target.port)
    rest = b"Host: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: "
    while posts:
        head, body = posts.pop()
        begun = time.perf_counter()
        writer.write(head + rest + b"%d\r\n\r\n" % len(body) + body)
        answer = await reader.readuntil(b"\r\n\r\n")
        length = int(answer.lower().partition(b"content-length:")[2].partition(b"\r\n")[0])
        await reader.readexactly(length)
        took.append(time.perf_counter() - begun)
        statuses.append(int(answer[9:12]))
    writer.close()
    await writer.wait_closed()


async def _all(target: Target, posts: list[Post], connections: int) -> Load:
    took: list[float] = []
    statuses: list[int] = []
    begun = time.perf_counter()
    await asyncio.gather(*(_connection(target, posts, took, statuses) for _ in range(connections)))
    spent = time.perf_counter() - begun
    refused = sum(1 for status in statuses if not 200 <= status < 300)
    p50, p99 = (0.0, 0.0) if len(took) < 2 else _percentiles(took)
    return Load(len(statuses), refused, 0, spent, p50, p99)


def _percentiles(took: list[float]) -> tuple[float, float]:
    cuts = statistics.quantiles(took, n=100)
    return cuts[49] * 1000, cuts[98] * 1000


def own(target: Target, run: str, connections: int, count: int) -> Load:
    """`count` orders by our own client, in a process of its own."""
    given = msgspec.json.encode([target, run, connections, count])
    found = subprocess.run(
        [sys.executable, str(Path(__file__)), given.decode()], check=True, capture_output=True, text=True
    )
    return msgspec.json.decode(found.stdout, type=Load)


def _main() -> None:
    target, run, connections, count = msgspec.json.decode(sys.argv[1], type=tuple[Target, str, int, int])
    rnd = random.Random(run)
    posts = [post(target, rnd, run, n) for n in range(count)]
    print(msgspec.json.encode(asyncio.run(_all(target, posts, connections))).decode())


if __name__ == "__main__":
    _main()
