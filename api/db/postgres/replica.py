"""Lists from a standby: only where it has replayed whatever was committed before the question came, else from the primary.

The primary is asked where it stands (its newest turn, its journal's head), which costs one look at two keys; the standby
answers in one snapshot that holds both. So a list shows every write that anybody was told of, through whichever node it
came, without a word between them that could be lost. One that lags, hangs, is gone, or is of another history costs speed
and nothing else: it is left alone for a while. Nothing is ever written there.
"""

import threading
import time
from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar

from api.db import storage
from api.db.postgres.connection import Connection
from api.db.postgres.place import Place
from api.db.reader import Reader
from api.db.siblings import AFAR, BEHIND, MISSED, Siblings
from api.db.tx import Tx
from api.kernel.log import log

T = TypeVar("T")
# How long a reading waits for a standby that is nearly there, and a person's question for one that is not.
NEARLY_S, SURELY_S = 0.05, 2.0
STEP_S = 0.003
# How long one that lags, and one that is gone, is left alone; then one reading tries it for all.
LAGGING_S, GONE_S = 1.0, 5.0
# How long one that hangs is waited for.
CONNECT_S, ANSWER_S = 2, 1.0
STAND = """SELECT n.last, COALESCE(j.pos, 0), COALESCE(j.hash, ''::bytea) FROM numbers n
LEFT JOIN (SELECT pos, hash FROM journal ORDER BY pos DESC LIMIT 1) j ON TRUE WHERE n.day = 'turn'"""
THERE = """SELECT last, ?1 = 0 OR EXISTS (SELECT 1 FROM journal WHERE pos = ?1 AND hash = ?2)
FROM numbers WHERE day = 'turn'"""


class Stand(NamedTuple):
    """What is committed: the newest turn, and the entry at the journal's end (0: none)."""

    turn: int
    pos: int
    hash: bytes


class Unfit(Exception):
    """`behind`: how many groups it lacks."""

    def __init__(self, why: str, behind: int = 0) -> None:
        super().__init__(why)
        self.behind = behind


class Replica:
    """Answers to the words of a `Reader`, whose threads and connections to the primary it uses."""

    def __init__(self, reader: Reader, place: Place, siblings: Siblings) -> None:
        self._reader, self._siblings = reader, siblings
        self._place = place._replace(connect_s=CONNECT_S, writes=False)
        self._lock = threading.Lock()
        self._free: list[Tx] = []
        self._rests_until, self._is_fit = 0.0, True

    async def run(self, work: Callable[[Tx], T]) -> T:
        return await self._reader.aside(self.now, work)

    def now(self, work: Callable[[Tx], T]) -> T:
        if self._is_due():
            try:
                found = self._read(self._reader.now(_stand), work, NEARLY_S)
            except storage.errors(Unfit) as error:
                self._leave(error)
            else:
                self._note(AFAR, 0)
                return found
        self._note(MISSED)
        return self._reader.now(work)

    def fault(self) -> str:
        """Why it is of no use just now; empty where it is."""
        try:
            self._read(self._reader.now(_stand), lambda _: None, SURELY_S)
        except storage.errors(Unfit) as error:
            return str(error).strip()
        return ""

    def close(self) -> None:
        for tx in self._free:
            tx.connection.close()

    def _read(self, stand: Stand, work: Callable[[Tx], T], within: float) -> T:
        tx = self._take()
        try:
            _reach(tx.connection, stand, time.monotonic() + within)
            tx.drop()
            return work(tx)
        finally:
            if tx.connection.in_transaction:
                tx.connection.execute("ROLLBACK")
            with self._lock:
                self._free.append(tx)

    def _take(self) -> Tx:
        with self._lock:
            if self._free:
                return self._free.pop()
        return Tx(Connection(self._place))

    def _is_due(self) -> bool:
        with self._lock:
            now = time.monotonic()
            if now < self._rests_until:
                return False
            if not self._is_fit:  # one tries, the others do not wait with it
                self._rests_until = now + GONE_S
            return True

    def _leave(self, error: Exception) -> None:
        behind = error.behind if isinstance(error, Unfit) else 0
        with self._lock:
            self._rests_until = time.monotonic() + (LAGGING_S if behind else GONE_S)
            was_fit, self._is_fit = self._is_fit, False
            self._siblings.put(BEHIND, behind)
        if was_fit:
            log.warning("replica.left", error=str(error).strip())

    def _note(self, field: int, behind: int | None = None) -> None:
        with self._lock:
            self._siblings.add(field)
            if behind is not None:
                self._siblings.put(BEHIND, behind)
                self._is_fit, self._rests_until = True, 0.0


def _stand(tx: Tx) -> Stand:
    row = tx.connection.execute(STAND).fetchone()
    return Stand(*row) if row else Stand(0, 0, b"")


def _reach(connection: Any, stand: Stand, until: float) -> None:
    """Opens a snapshot that holds all of it. Raises Unfit where there is none in time."""
    while True:
        connection.reopen()
        try:
            connection.ask("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", ANSWER_S)
        except TimeoutError:
            raise Unfit("it does not answer") from None
        turn, is_ours = connection.execute(THERE, (stand.pos, stand.hash)).fetchone() or (0, True)
        if turn >= stand.turn:
            if is_ours:
                return
            raise Unfit("it holds another history than the primary")
        connection.execute("ROLLBACK")
        if time.monotonic() > until:
            raise Unfit(f"it is {stand.turn - turn} groups behind", stand.turn - turn)
        time.sleep(STEP_S)
