"""Readers: plain functions over a consistent snapshot, in a small pool of threads, never behind the writer.

One hop to a thread per read, not one per statement (awaiting each statement measured nine times slower),
and the same query functions serve commands and reads.
"""

import asyncio
import queue
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from api.db import storage
from api.db.engine import Engine
from api.db.tx import Q, Tx

T = TypeVar("T")
THREADS = 4


class Reader:
    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._free: queue.SimpleQueue[Tx] = queue.SimpleQueue()
        self._all: list[Tx] = []
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="reader")

    async def run(self, work: Callable[[Tx], T]) -> T:
        return await self.aside(self.now, work)

    async def aside(self, how: Callable[[Callable[[Tx], T]], T], work: Callable[[Tx], T]) -> T:
        """`how` reads, on one of the threads."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, how, work)

    def now(self, work: Callable[[Tx], T]) -> T:
        """The same on the caller's own thread. Raises what the work raised, or `unreadable`; a connection that was lost
        is opened anew, once."""
        try:
            try:
                return self._read(work)
            except storage.errors() as error:
                if storage.trouble(error) not in storage.PASSING:
                    raise
                return self._read(work)
        except storage.errors() as error:
            found = storage.trouble(error) or self._outdated()
            if found is None or found is storage.READ_ONLY:  # the latter: a work that writes, a fault of ours
                raise
            raise storage.unreadable(found) from error

    def _outdated(self) -> storage.StorageFault | None:
        """Does a statement fail because the schema has gone on without this program?"""
        try:
            oldest = self._read(lambda tx: tx.must(Q.changes)["oldest"])
        except storage.errors():
            return None
        return storage.OUTDATED if oldest is not None and oldest > self._engine.program else None

    def _read(self, work: Callable[[Tx], T]) -> T:
        tx = self._take()
        try:
            self._engine.look(tx.connection)
            tx.drop()
            return work(tx)
        finally:
            if tx.connection.in_transaction:
                tx.connection.execute("ROLLBACK")
            self._free.put(tx)

    def _take(self) -> Tx:
        try:
            return self._free.get_nowait()
        except queue.Empty:
            tx = Tx(self._engine.open(read_only=True))
            self._all.append(tx)
            return tx

    def stop(self) -> None:
        self._pool.shutdown(wait=True)
        for tx in self._all:
            tx.connection.close()
