"""What other nodes commit is heard at once: PostgreSQL's NOTIFY, one word a group, sent with the group's own commit.

Everything of value goes by way of the tables: a word that is lost (the line was down) costs somebody half a second.
"""

import os
import select
from collections.abc import Callable, Sequence

import psycopg
from psycopg import sql

from api.db.postgres.place import Place, connect
from api.kernel.log import log, thread

PAUSE_S = 1.0
# How often it is asked whether the server that is listened to was left behind.
LOOK_S = 5.0


class Hearing:
    """`on(word)` is called on a thread of its own for each group of another writer, and after each silence."""

    def __init__(
        self, place: Place, channel: str, me: str, on: Callable[[str], None], missed: Sequence[str]
    ) -> None:
        self._place, self._channel, self._me, self._on, self._missed = place, channel, me, on, missed
        self._end, self._ending = os.pipe()
        self._thread = thread(self._serve, "hearing")
        self._thread.start()

    def stop(self) -> None:
        os.write(self._ending, b".")
        self._thread.join()
        os.close(self._end)
        os.close(self._ending)

    def _serve(self) -> None:
        while True:
            try:
                if self._listen():
                    return
            except psycopg.Error as error:
                log.warning("hearing.lost", error=str(error).strip())
            if self._ready(PAUSE_S):
                return

    def _listen(self) -> bool:
        """Until it is to end (True), another server is promoted (False), or the line is lost (raises)."""
        raw = connect(self._place)
        try:
            raw.execute(sql.SQL("LISTEN {}").format(sql.Identifier(self._channel)))
            for word in self._missed:
                self._on(word)
            while not raw.is_past:
                if self._end in self._ready(LOOK_S, raw.fileno()):
                    return True
                for note in raw.notifies(timeout=0):
                    word, _, who = note.payload.partition(" ")
                    if who != self._me:
                        self._on(word)
            return False
        finally:
            raw.close()

    def _ready(self, within: float, *more: int) -> list[int]:
        """Which of these and of our own end; `select.select` knows no file beyond the 1,024th."""
        ends = select.poll()
        for end in (self._end, *more):
            ends.register(end, select.POLLIN)
        return [end for end, _ in ends.poll(within * 1000)]
