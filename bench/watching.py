"""Boards that are watched as a page watches them: who loses the stream comes back with the last id that it heard."""

import asyncio
import contextlib
import threading
import time
from typing import Any

from tests.support.live import Event, Refusal, listen

SILENT_S = 30.0
AGAIN_S = 0.1


class Board:
    """`rows`: each order as it was last told, `first`: when it first was; all that changed after the entry `begun` are there.
    `gaps`: when there was no stream."""

    def __init__(self, port: int, token: str) -> None:
        self._port, self._token, self._last = port, token, ""
        self.rows: dict[str, dict[str, Any]] = {}
        self.first: dict[str, float] = {}
        self.gaps: list[tuple[float, float]] = []
        self.begun = -1

    async def run(self) -> None:
        since = time.monotonic()
        while True:
            with contextlib.suppress(OSError, EOFError, TimeoutError):
                stream = await listen(self._port, self._token, last_id=self._last)
                if not isinstance(stream, Refusal):
                    self.gaps.append((since, time.monotonic()))
                    try:
                        while (event := await stream.event(SILENT_S)) is not None:
                            self._take(event)
                    finally:
                        since = time.monotonic()
                        await stream.close()
            await asyncio.sleep(AGAIN_S)

    def _take(self, event: Event) -> None:
        self._last = event.id
        if event.name == "reset" or (event.name == "ready" and self.begun < 0):
            self.rows.clear()
            self.begun = int(event.id.partition(".")[0])
        elif event.name == "order":
            self.rows[event.data["order_no"]] = event.data
            self.first.setdefault(event.data["order_no"], time.monotonic())

    def lags(self, heard: dict[str, float]) -> list[float]:
        """From each acknowledgement to the row, where the stream stood."""
        return [
            self.first[no] - at
            for no, at in heard.items()
            if no in self.first and not any(lost <= at <= back for lost, back in self.gaps)
        ]

    def lacks(self, truth: dict[str, tuple[int, str, int]]) -> list[str]:
        """Orders that stand otherwise there; `truth`: the last entry's position, the state, closed lines."""
        shown = {no: (row["state"], row["lines"]["closed"]) for no, row in self.rows.items()}
        return [
            no
            for no, (pos, state, closed) in truth.items()
            if pos > self.begun and shown.get(no) != (state, closed)
        ]


class Watch:
    """Boards on a thread of their own."""

    def __init__(self, boards: list[Board]) -> None:
        self.boards = boards
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._serve, name="boards")

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._all.cancel)
            self._thread.join()

    def _serve(self) -> None:
        self._all = self._loop.create_task(self._run())
        with contextlib.suppress(asyncio.CancelledError):
            self._loop.run_until_complete(self._all)
        self._loop.close()

    async def _run(self) -> None:
        await asyncio.gather(*(one.run() for one in self.boards))
