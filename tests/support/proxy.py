"""What stands before several nodes in the journeys: a relay on one port that gives each request to the next node in turn.

A connection carries one request (`Connection: close`, towards both sides), so that whatever a browser asks next comes to
another node; answers, event streams too, pass as they come. A node that refuses the connection is passed over; a request
without a body is asked again of another when a node dies before it answers. Nobody there: 502, as a proxy says it.
"""

import asyncio
import contextlib
import itertools
import socket
import threading
from asyncio import StreamReader as Reader
from asyncio import StreamWriter as Writer

AWAY = b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
PIECE = 65_536


class Proxy:
    """Listens on `port` of the loopback until `close`. `answered`: how many requests each node has answered."""

    def __init__(self, port: int, nodes: list[int]) -> None:
        self.nodes, self.answered = nodes, [0] * len(nodes)
        self._turns = itertools.count()
        self._socket = socket.create_server(("127.0.0.1", port), backlog=1_024)
        self._loop, self._over = asyncio.new_event_loop(), asyncio.Event()
        self._open: set[asyncio.Task[None]] = set()
        # A thread of its own: in the tests' one Playwright's loop may be running.
        self._thread = threading.Thread(
            target=self._loop.run_until_complete, args=(self._run(),), daemon=True
        )
        self._thread.start()

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._over.set)
        self._thread.join(20)
        self._loop.close()

    async def _run(self) -> None:
        server = await asyncio.start_server(self._serve, sock=self._socket, limit=PIECE)
        await self._over.wait()
        server.close()
        for task in self._open:
            task.cancel()
        await asyncio.gather(*self._open, return_exceptions=True)
        await server.wait_closed()

    async def _serve(self, reader: Reader, writer: Writer) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._open.add(task)
        try:
            with contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
                await self._relay(await reader.readuntil(b"\r\n\r\n"), reader, writer)
        finally:
            self._open.discard(task)
            await _closed(writer)

    async def _relay(self, head: bytes, reader: Reader, writer: Writer) -> None:
        first, *fields = head[:-4].split(b"\r\n")
        names = {field.partition(b":")[0].lower() for field in fields}
        kept = [field for field in fields if field.partition(b":")[0].lower() != b"connection"]
        peer = str(writer.get_extra_info("peername")[0]).encode()
        asked = b"\r\n".join([first, *kept, b"Connection: close", b"X-Forwarded-For: " + peer]) + b"\r\n\r\n"
        may_repeat = not names & {b"content-length", b"transfer-encoding"}
        turn = next(self._turns)
        for node in range(turn, turn + len(self.nodes)):
            is_over = await self._ask(node % len(self.nodes), asked, reader, writer)
            if is_over or reader.at_eof() or (is_over is False and not may_repeat):
                break
        if not is_over:
            writer.write(AWAY)
            await writer.drain()

    async def _ask(self, node: int, asked: bytes, reader: Reader, writer: Writer) -> bool | None:
        """Did it answer? None: it was not asked."""
        try:
            there, to = await asyncio.open_connection("127.0.0.1", self.nodes[node], limit=PIECE)
        except OSError:
            return None
        sending = asyncio.create_task(_send(reader, to, asked))
        try:
            begun = await _first(there)
            self.answered[node] += bool(begun)
            await _pass(there, writer, begun)
            return bool(begun)
        finally:
            sending.cancel()
            await _closed(to)


async def _first(there: Reader) -> bytes:
    """Empty where the node went without a word."""
    try:
        return await there.read(PIECE)
    except OSError:
        return b""


async def _send(reader: Reader, to: Writer, asked: bytes) -> None:
    """Whoever asks and goes ends what was asked: a stream would stay open at the node."""
    await _pass(reader, to, asked)
    to.close()


async def _pass(reader: Reader, writer: Writer, begun: bytes) -> None:
    with contextlib.suppress(OSError):
        while begun:
            writer.write(begun)
            await writer.drain()
            begun = await reader.read(PIECE)


async def _closed(writer: Writer) -> None:
    writer.close()
    with contextlib.suppress(OSError):
        await writer.wait_closed()
