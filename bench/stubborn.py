"""Clients that never give up: what was not answered is sent again, word for word, to whoever answers next.

They keep what they heard with 2xx: an order's number under theirs, the first whole answer of an Idempotency-Key, the
result of every op. A refusal of the storage, of a long queue or of a stopping server means that nothing was recorded,
so it is sent again too; any other answer is a fault.
"""

import asyncio
import contextlib
import random
import threading
import time
from collections import Counter
from typing import Any, NamedTuple

import msgspec

SKUS = 50
LATER = {"storage", "busy", "stopping", "in_progress", "unreadable"}
PAUSE = 0.02
PATIENCE = 20.0


class Heard(NamedTuple):
    status: int
    body: bytes


class Line:
    """One connection, made anew whenever it breaks: to the next of these ports, the n-th first."""

    def __init__(self, ports: list[int], token: str, n: int = 0) -> None:
        self._ports, self._token, self._n = ports, token, n
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def post(self, path: str, raw: bytes, key: str = "") -> Heard:
        """Raises OSError, EOFError or TimeoutError where there is no whole answer."""
        if self._reader is None or self._writer is None:
            self._reader, self._writer = await asyncio.open_connection(
                "127.0.0.1", self._ports[self._n % len(self._ports)]
            )
        head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {self._token}\r\n"
        head += f"Content-Type: application/json\r\nContent-Length: {len(raw)}\r\n"
        head += f"Idempotency-Key: {key}\r\n" if key else ""
        self._writer.write(f"{head}\r\n".encode() + raw)
        answer = (await self._reader.readuntil(b"\r\n\r\n")).lower()
        length = int(answer.partition(b"content-length:")[2].partition(b"\r\n")[0])
        body = await self._reader.readexactly(length)
        if b"connection: close" in answer:
            await self.close()
        return Heard(int(answer[9:12]), body)

    async def close(self) -> None:
        self._n += 1
        if self._writer is not None:
            self._writer.close()
            with contextlib.suppress(OSError):
                await self._writer.wait_closed()
        self._reader = self._writer = None


class Clients:
    """`orders`: our number to theirs, `heard`: when theirs was, `answers`: key to first answer, `results`: op to its
    result; all as heard. Of several `ports` each line begins with another one."""

    def __init__(
        self, ports: list[int], token: str, devices: dict[str, str], seed: int, lines: int = 8
    ) -> None:
        self.ports, self.token, self.devices, self.seed, self.lines = ports, token, devices, seed, lines
        self.orders: dict[str, str] = {}
        self.heard: dict[str, float] = {}
        self.answers: dict[str, bytes] = {}
        self.ops: dict[str, dict[str, Any]] = {}
        self.results: dict[str, Any] = {}
        self.unanswered = 0
        self.refused: Counter[str] = Counter()
        self.faults: list[str] = []
        self._is_over = self._is_hopeless = False
        self._thread = threading.Thread(target=lambda: asyncio.run(self._all()), name="clients")

    @property
    def is_started(self) -> bool:
        return self._thread.is_alive()

    def start(self) -> None:
        self._thread.start()

    def finish(self, *, is_hopeless: bool = False) -> None:
        """Everybody ends with an answer in hand; or, where nobody answers any more, without."""
        self._is_over, self._is_hopeless = True, is_hopeless
        if self._thread.is_alive():
            self._thread.join()

    async def _all(self) -> None:
        given = [self._orders(n) for n in range(self.lines)]
        given += [self._picks(device, token) for device, token in self.devices.items()]
        await asyncio.gather(*given)

    async def _send(self, line: Line, path: str, body: object, key: str = "") -> Heard:
        """Until it is answered, and not put off."""
        raw = msgspec.json.encode(body)
        while True:
            try:
                found = await asyncio.wait_for(line.post(path, raw, key), PATIENCE)
            except (OSError, EOFError, TimeoutError):
                self.unanswered += 1
                await line.close()
                if self._is_hopeless:
                    return Heard(0, b"{}")
                await asyncio.sleep(PAUSE)
                continue
            code = told(found).get("code", "")
            if code not in LATER:
                return found
            self.refused[code] += 1
            await asyncio.sleep(PAUSE)

    async def _orders(self, n: int) -> None:
        """By turns with a number of the channel, with a key, and several in a body."""
        line, count = Line(self.ports, self.token, n), 0
        while not self._is_over:
            count += 1
            number = f"K{n}-{count:05d}"
            if count % 3 == 0:
                found = await self._send(line, "/api/orders", draft(number), key=number)
                if self._took(number, found.status, found.body):
                    self.answers[number] = found.body
            elif count % 3 == 1:
                found = await self._send(line, "/api/orders", draft(number, number))
                self._took(number, found.status, found.body)
            else:
                await self._batch(line, [f"{number}.{part}" for part in range(3)])
        await line.close()

    async def _batch(self, line: Line, numbers: list[str]) -> None:
        """Its items may be put off one by one."""
        left = {number: draft(number, number) for number in numbers}
        while left:
            found = await self._send(line, "/api/orders/batch", {"orders": list(left.values())})
            if found.status != 200:
                self.faults.append(f"batch: {found.status} {found.body.decode()}")
                return
            results = msgspec.json.decode(found.body)["results"]
            for number, one in zip(list(left), results, strict=True):
                told = one.get("problem", one)
                if told.get("code") in LATER:
                    self.refused[told["code"]] += 1
                    continue
                self._took(number, one["status"], msgspec.json.encode(told))
                del left[number]

    def _took(self, number: str, status: int, body: bytes) -> bool:
        told = msgspec.json.decode(body)
        if status == 201 or told.get("code") == "duplicate":
            self.orders[number] = told["order_no"]
            self.heard[told["order_no"]] = time.monotonic()
            return True
        self.faults.append(f"{number}: {status} {body.decode()}")
        return False

    async def _picks(self, device: str, token: str) -> None:
        line, draw, n = Line(self.ports, token), random.Random(f"{self.seed} {device}"), 0
        while not self._is_over:
            known = list(self.orders.values())[-60:]
            if not known:
                await asyncio.sleep(PAUSE)
                continue
            ops = [pick(device, n + i, draw.choice(known)) for i in range(1, draw.randint(2, 6))]
            n += len(ops)
            found = await self._send(line, "/sync/push", {"device": device, "ops": ops})
            if found.status != 200:
                self.faults.append(f"{device}: {found.status} {found.body.decode()}")
                continue
            for op, result in zip(ops, msgspec.json.decode(found.body)["results"], strict=True):
                self.ops[op["id"]], self.results[op["id"]] = op, result
        await line.close()

    def asked_again(self) -> list[str]:
        """Each first answer and result comes back word for word; what does not is named."""
        return asyncio.run(self._asked_again())

    async def _asked_again(self) -> list[str]:
        wrong: list[str] = []
        line = Line(self.ports, self.token)
        for number, first in self.answers.items():
            found = await line.post("/api/orders", msgspec.json.encode(draft(number)), key=number)
            if found != (201, first):
                wrong.append(f"{number}: {found.status} {found.body.decode()} after {first.decode()}")
        await line.close()
        for device, token in self.devices.items():
            line = Line(self.ports, token)
            mine = [op for op in self.ops.values() if op["id"].startswith(device)]
            for start in range(0, len(mine), 200):
                part = mine[start : start + 200]
                found = await line.post("/sync/push", msgspec.json.encode({"device": device, "ops": part}))
                again = msgspec.json.decode(found.body)["results"]
                firsts = [{**self.results[op["id"]], "again": True} for op in part]
                wrong += [f"{a['id']}: {a} after {b}" for a, b in zip(again, firsts, strict=True) if a != b]
            await line.close()
        return wrong


def told(answer: Heard) -> dict[str, Any]:
    """The answer's object; an answer that is none says what it was."""
    try:
        found: dict[str, Any] = msgspec.json.decode(answer.body, type=dict)
        return found
    except msgspec.DecodeError:
        return {"code": f"not JSON: {answer.body!r}"}


def draft(number: str, external_no: str = "") -> dict[str, Any]:
    """Paid, two lines; our number is the note. The same number is the same body."""
    draw = random.Random(number)
    lines = [
        {"sku": f"BP-{sku:05d}", "qty": draw.randint(1, 4), "price_fen": 12_800}
        for sku in draw.sample(range(1, SKUS + 1), 2)
    ]
    given = {
        "customer": {"name": "浦东宝诚4S店", "phone": "13800000000"},
        "address": "上海市浦东新区张江路1号",
        "note": number,
        "lines": lines,
        "paid_at": "2026-01-22T10:05:00+08:00",
    }
    return {**given, "channel": "manual", "external_no": external_no} if external_no else given


def pick(device: str, n: int, order_no: str) -> dict[str, Any]:
    return {
        "id": f"{device}:{n}", "hlc": f"{1_769_047_500_000 + n:015d}-0000-{device}",
        "at": "2026-01-22T10:06:40+08:00", "actor": "lead", "order_no": order_no,
        "line_no": 1, "kind": "pick", "qty": 1, "bin": "", "code": "", "v": 1,
    }  # fmt: skip
