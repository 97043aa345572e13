"""The board's changes, read once for all readers: a cursor on the journal, and a clock.

That something was committed, here or in a process beside this one, only wakes the feed; what changed is read from the
journal itself, so what a process of no kin commits arrives the same way, at the next poll. A round reads the changed rows in one snapshot, encodes each once a
sight and hands the same bytes to everybody who keeps up. Nobody listening: nothing is read.
"""

import asyncio
import contextlib
import random
import time
from collections.abc import Callable
from typing import Any

from msgspec.structs import asdict

from api.board import service
from api.board.client import Change, Client, block
from api.board.model import Cursor, Filter, Row, Sight, read_cursor
from api.board.service import Changes, Judge
from api.db import storage
from api.db.siblings import PEOPLE
from api.db.siblings import READERS as LISTEN
from api.db.tx import Tx
from api.kernel import time as times
from api.kernel.errors import Refused
from api.kernel.log import log
from api.orders.model import OPEN
from api.people import guards
from api.web.hub import Hub

# Seconds of the machine's running time.
POLL = 0.5
PAUSE = 0.02
SWEEP = 30.0
BEAT = 15.0
COUNT = 1.0
# Changed orders in one round, or missed by a reader that comes back; beyond that it reads the board anew.
MOST = 1_000
READERS = 5_000
SLICE = 100


class Feed:
    def __init__(self, hub: Hub, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._hub, self._monotonic, self._siblings = hub, monotonic, hub.db.siblings
        self.clients: set[Client] = set()
        self.cursor: Cursor | None = None
        self._homes: dict[str, str] = {}
        self._day = ""
        self._swept = self._beaten = self._counting_due = 0.0
        self._has_news = self._is_stopping = False
        self._people = self._siblings.total(PEOPLE)
        self._due = asyncio.Event()
        self._opening = asyncio.Lock()
        self._task: asyncio.Task[None] | None = None
        self._trouble: storage.StorageFault | None = None

    # its life ---------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Within the loop that serves."""
        loop = asyncio.get_running_loop()
        self._siblings.put(LISTEN, 0)  # a process that stood in this one's place may have died with readers
        loop.add_reader(self._siblings.calls, self._called)
        self._task = loop.create_task(self._serve(), name="board")

    async def stop(self) -> None:
        """Ends every stream, so that a server that stops need not wait for its readers; twice does no harm."""
        self._is_stopping = True
        for client in list(self.clients):
            client.close()
        if self._task is not None:
            asyncio.get_running_loop().remove_reader(self._siblings.calls)
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
            self._task = None

    def _called(self) -> None:
        self._siblings.answer()
        self._due.set()

    async def _serve(self) -> None:
        while True:
            if not self.clients:
                self.cursor = None
                await self._due.wait()
            # Not `wait_for`: in Python 3.11 it loses a cancellation that comes with the event, and a stop never ends.
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(POLL):
                    await self._due.wait()
            self._due.clear()
            begun = time.perf_counter()
            try:
                await self.round()
            except Exception as error:  # the loop outlives whatever one round meets
                log.error("board.failed", error=repr(error))
                await asyncio.sleep(POLL)
            # The readers write in their own tasks: with very many of them, mostly system calls. Half of what all of
            # that took is the next pause, so that the requests keep a third of the loop's time at worst.
            await asyncio.sleep(0)
            await asyncio.sleep(max(PAUSE, (time.perf_counter() - begun) / 2))

    # its readers ------------------------------------------------------------------------------------------

    async def join(self, sight: Sight, warehouse: str, mark: bytes, given: str) -> Client:
        """A reader from the cursor `given` on (empty: from now); refuses when the house is full or closing."""
        if self._is_stopping:
            raise Refused("stopping")
        if len(self.clients) >= READERS:
            raise Refused("busy", seconds=10)
        client = Client(sight, warehouse, mark)
        self.clients.add(client)
        self._siblings.put(LISTEN, len(self.clients))
        try:
            cursor = await self._opened()
            judge, since = self._judge(), read_cursor(given)
            found: Changes | None = None
            if since is not None:
                found = await self._hub.db.reader.run(lambda tx: service.changes(tx, since, MOST, judge))
            if since is not None and found is not None:
                # Where an order stood before is not known any more: all that stand elsewhere now are said to.
                client.begin(self._of(found, since, lambda _: warehouse), found.upto)
                cursor = since
            else:
                client.begin([], cursor)
        except BaseException:
            self.leave(client)
            raise
        client.say("ready", self._ready(cursor))
        if given and found is None:
            client.restart("behind", cursor)
        self._due.set()
        return client

    def leave(self, client: Client) -> None:
        self.clients.discard(client)
        self._siblings.put(LISTEN, len(self.clients))
        client.close()

    def _ready(self, at: Cursor) -> bytes:
        """Readers that lose the server together come back one after another."""
        retry = b"retry: %d\n" % random.randint(1_000, 4_000)  # noqa: S311
        return retry + block("ready", {"server_time": self._now_text()}, at)

    async def _opened(self) -> Cursor:
        """The feed's own place; the first reader sets it to now."""
        async with self._opening:
            if self.cursor is not None:
                return self.cursor
            judge = self._judge()
            cursor, self._homes = await self._hub.db.reader.run(
                lambda tx: (service.here(tx, judge), service.homes(tx))
            )
            self.cursor, self._day = cursor, f"{judge.day:%Y-%m-%d}"
            self._swept = self._beaten = self._monotonic()
            return cursor

    def _judge(self) -> Judge:
        return Judge(self._hub.clock(), self._hub.sla_ms, self._hub.timezone)

    def _now_text(self) -> str:
        return times.text(self._hub.clock(), self._hub.timezone)

    # a round ----------------------------------------------------------------------------------------------

    async def round(self) -> None:
        """Whatever is due: changes, orders that turned red by time, counts, heartbeats, ended sessions."""
        since, judge, at = self.cursor, self._judge(), self._monotonic()
        if since is None:
            return
        is_sweep = at - self._swept >= SWEEP
        found = await self._hub.db.reader.run(
            lambda tx: service.changes(tx, since, MOST, judge, with_time=is_sweep)
        )
        if is_sweep:
            self._swept = at
        if found is None:
            await self._begin_anew("behind")
        else:
            await self._tell(self._of(found, since, self._left), found.upto)
        if (day := f"{judge.day:%Y-%m-%d}") != self._day:
            self._day = day
            await self._begin_anew("day")
        if self._has_news and at >= self._counting_due:
            self._has_news = False
            await self._count(judge)
            # A walk over all open orders: where there are very many, less often.
            self._counting_due = at + max(COUNT, 10 * (self._monotonic() - at))
        people, is_beat = self._siblings.total(PEOPLE), at - self._beaten >= BEAT
        if is_beat or people != self._people:
            self._people = people
            await self._end_sessions(judge.now)
        if is_beat:
            with contextlib.suppress(
                Refused
            ):  # where nobody else writes, whether there is room again is found here
                await self._hub.db.must_store()
        trouble = self._hub.db.writer.trouble
        if is_beat or trouble is not self._trouble:
            self._beaten, self._trouble = at, trouble
            self._beat()

    def _of(self, found: Changes, since: Cursor, was: Callable[[Row], str]) -> list[Change]:
        """Each change with its own cursor, none earlier than the one before; `was`: the warehouse it left."""
        tz, sla_ms = self._hub.timezone, self._hub.sla_ms
        told = [
            Change(row, found.upto._replace(pos=pos, until=since.until), tz, was(row))
            for pos, row in found.changed
        ]
        for row in found.stalled:
            until = max(since.until, row.waiting_at + sla_ms)
            told.append(Change(row, found.upto._replace(until=until), tz))
        return told

    def _left(self, row: Row) -> str:
        """The warehouse that this order stood in until now; what leaves a warehouse for good is forgotten."""
        was = self._homes.pop(row.order_no, "")
        if row.state in OPEN or row.state == "awaiting_payment":
            self._homes[row.order_no] = row.warehouse
        return was

    async def _tell(self, changes: list[Change], upto: Cursor) -> None:
        """In slices: between them the loop serves requests. Who joins meanwhile begins at `upto` or later."""
        self.cursor = upto
        if not changes:
            return
        self._has_news = True
        made: dict[tuple[Sight, str], bytes] = {}
        for n, client in enumerate(list(self.clients), 1):
            key = (client.sight, client.warehouse)
            together = made.get(key)
            if together is None:
                mine = [one.text(*key) for one in changes if one.concerns(client.warehouse)]
                together = made[key] = b"".join(mine)
            client.tell(changes, together)
            if n % SLICE == 0:
                await asyncio.sleep(0)

    async def _begin_anew(self, why: str) -> None:
        self.cursor = None
        cursor = await self._opened()
        for client in self.clients:
            client.restart(why, cursor)

    async def _count(self, judge: Judge) -> None:
        """One `counts` for each warehouse that somebody looks at."""
        asked = {client.warehouse for client in self.clients}
        found = await self._hub.db.reader.run(
            lambda tx: {house: service.counts(tx, Filter(house), judge) for house in asked}
        )
        texts = {house: block("counts", counts) for house, counts in found.items()}
        for client in self.clients:
            if client.warehouse in texts:
                client.say("counts", texts[client.warehouse])

    def _beat(self) -> None:
        """Keeps proxies from closing a quiet stream and tells a page that the line is alive; the id moves on."""
        if self.cursor is not None:
            told: dict[str, Any] = {"server_time": self._now_text()}
            if self._trouble is not None:
                told["storage"] = {"kind": self._trouble.kind, **asdict(storage.refused(self._trouble).why)}
            text = block("beat", told, self.cursor)
            for client in self.clients:
                client.beat(text)

    async def _end_sessions(self, now: int) -> None:
        """Whose session is over hears it; coming back it gets 401."""
        marks = {client.mark for client in self.clients}

        def ended(tx: Tx) -> set[bytes]:
            return {mark for mark in marks if not guards.is_open(tx, mark, now)}

        gone = await self._hub.db.reader.run(ended)
        for client in [client for client in self.clients if client.mark in gone]:
            client.close(block("signed_out", {}))
