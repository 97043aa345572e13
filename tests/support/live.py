"""A real server on loopback in a thread of the test: uvicorn with the app, its own loop, the clock the test's; and a
reader of its event streams.
"""

import asyncio
import contextlib
import json
import socket
import threading
from collections.abc import Iterator
from typing import Any, NamedTuple

from api.serving import Server
from api.web.outer import Outer

Line = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Live:
    """`port` answers while the block of `serving` runs."""

    def __init__(self, app: Outer) -> None:
        self.app = app
        self._server = Server(app, log_config=None, timeout_graceful_shutdown=5)
        self._socket = socket.socket()
        self._socket.bind(("127.0.0.1", 0))
        self._socket.listen(1_024)
        self.port: int = self._socket.getsockname()[1]
        self._thread = threading.Thread(target=self._server.run, kwargs={"sockets": [self._socket]})

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._server.should_exit = True
        self._thread.join()


@contextlib.contextmanager
def serving(app: Outer) -> Iterator[Live]:
    live = Live(app)
    live.start()
    try:
        yield live
    finally:
        live.stop()


def ids(text: bytes) -> list[int]:
    """The journal positions in raw bytes of a stream."""
    return [int(line[4:].split(b".")[0]) for line in text.split(b"\n") if line.startswith(b"id: ")]


def names(text: bytes) -> list[str]:
    return [line[7:].decode() for line in text.split(b"\n") if line.startswith(b"event: ")]


class Event(NamedTuple):
    name: str
    id: str
    data: Any


class Refusal(NamedTuple):
    status: int
    problem: Any


class Stream:
    """One reader: `await stream.next("order")` waits for the next event of that name, comments are counted."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, head: str) -> None:
        self._reader, self._writer, self.head = reader, writer, head
        self._text = b""
        self.last_id, self.beats = "", 0
        self.is_over = False

    async def _block(self) -> str | None:
        while b"\n\n" not in self._text:
            size = int(await self._reader.readline() or b"0", 16)
            if size == 0:
                self.is_over = True
                return None
            self._text += await self._reader.readexactly(size)
            await self._reader.readexactly(2)
        found, _, self._text = self._text.partition(b"\n\n")
        return found.decode()

    async def event(self, within: float = 10) -> Event | None:
        """The next event; None: the server ended the stream."""
        while True:
            text = await asyncio.wait_for(self._block(), within)
            if text is None:
                return None
            fields: dict[str, str] = {}
            for line in text.split("\n"):
                name, _, value = line.partition(":")
                self.beats += not name
                fields[name] = value.removeprefix(" ")
            self.last_id = fields.get("id", self.last_id)
            if "data" in fields:
                return Event(fields["event"], self.last_id, json.loads(fields["data"]))

    async def next(self, name: str = "order", within: float = 10) -> Event:
        while (found := await self.event(within)) is not None:
            if found.name == name:
                return found
        raise AssertionError(f"the stream ended before {name}")

    async def orders(self, count: int) -> list[Event]:
        return [await self.next() for _ in range(count)]

    async def close(self) -> None:
        self._writer.close()
        with contextlib.suppress(OSError):
            await self._writer.wait_closed()


async def line_to(port: int, process: int) -> Line:
    """A connection to one process of a server that has several."""
    for _ in range(200):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET /metrics HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        body = await reader.readexactly(int(head.partition("content-length:")[2].split()[0]))
        if f"huodaona_process {process}.0" in body.decode().splitlines():
            return reader, writer
        writer.close()
        await writer.wait_closed()
    raise AssertionError(f"process {process} never answered")


async def listen(
    port: int,
    token: str = "",
    query: str = "",
    last_id: str = "",
    cookie: str = "",
    line: Line | None = None,
    **headers: str,
) -> Stream | Refusal:
    """Open the board's stream, over `line` where one is given."""
    given = {**headers}
    if token:
        given["Authorization"] = f"Bearer {token}"
    if cookie:
        given["Cookie"] = f"session={cookie}"
    if last_id:
        given["Last-Event-ID"] = last_id
    lines = "".join(f"{name}: {value}\r\n" for name, value in given.items())
    reader, writer = line or await asyncio.open_connection("127.0.0.1", port)
    writer.write(f"GET /api/board/events{query} HTTP/1.1\r\nHost: 127.0.0.1\r\n{lines}\r\n".encode())
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
    except (OSError, EOFError):
        writer.close()
        raise
    if not head.startswith("HTTP/1.1 200"):
        length = int(head.lower().partition("content-length:")[2].split()[0])
        problem = json.loads(await reader.readexactly(length))
        writer.close()
        await writer.wait_closed()
        return Refusal(int(head.split()[1]), problem)
    return Stream(reader, writer, head)
