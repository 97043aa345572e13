"""PostgreSQL as an engine: writers of all nodes take turns by one row, and every commit says whose it was.

The turn is a row of `numbers` that each group raises by one before it does anything else: who raises it waits for who has.
So positions of the journal are committed in their order and without a gap, no reader's cursor passes an entry that is
still to come, group writers cannot deadlock, and a writer knows by the number whether another one was here since. Each
writer notes its newest turn beside it: after a connection was lost in a COMMIT, that row says what became of it.
"""

import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg

from api.db.postgres import schema
from api.db.postgres.connection import Connection, Lost
from api.db.postgres.hearing import Hearing
from api.db.postgres.place import Place, connect
from api.db.siblings import PEOPLE_WORD, SCHEMA_WORD, word_of
from api.db.storage import Doubt, Outdated

# How long it is tried to find out what became of a commit.
DOUBT_S = 40.0
UNTOLD = "what became of a commit cannot be told"
LAPSED = 100_000
NOTE = """INSERT INTO numbers (day, last) SELECT ?1, last FROM numbers WHERE day = 'turn'
ON CONFLICT (day) DO UPDATE SET last = excluded.last"""
WAIT = "SELECT last FROM numbers WHERE day = 'turn' FOR UPDATE"
NOTED = "SELECT last FROM numbers WHERE day = ?1"
SWEEP = """DELETE FROM numbers WHERE day LIKE 'writer:%'
AND last < (SELECT last FROM numbers WHERE day = 'turn') - ?1"""


class Postgres:
    """`api.db.engine.Engine` for one company's schema. `owner`: whose role makes the tables; `contract`: a step that connected
    programs do not bear need not wait for them to go."""

    def __init__(self, place: Place, owner: Place | None = None, contract: bool = False) -> None:
        self.place, self._owner, self._contract = place, owner or place, contract
        self._me = f"writer:{secrets.token_hex(8)}"
        self._turn = self._mine = -1
        self._version = 0
        self.program = schema.steps()[-1][0]
        self._is_outdated = False
        self._channel = schema.channel(place.schema)
        self._hearing: Hearing | None = None

    def __repr__(self) -> str:
        return repr(self.place)

    def migrate(self) -> list[str]:
        """Where the owner's role is another one, the application's is let in by it."""
        try:
            user = connect(self.place)
        except psycopg.OperationalError as error:
            raise RuntimeError(f"{self.place!r}: {str(error).strip()}") from None
        name, is_out = user.info.user, schema.is_shut_out(user, self.place.schema)
        user.close()
        if is_out:
            why = (
                f"the schema {self.place.schema} stands, and the role {name} was not let in when it was made"
            )
            raise RuntimeError(
                f"{self.place!r}: {why}. As administrator: GRANT (the role that served before) TO {name}"
            )
        return schema.migrate(self._owner, name if self._owner != self.place else "", self._contract)

    def version(self, connection: Connection) -> int:
        return schema.version(connection)

    def unguarded(self, connection: Connection) -> list[str]:
        return [f"this role may change {name}" for name in schema.unguarded(connection)]

    def open(self, *, read_only: bool = False) -> Connection:
        connection = Connection(self.place)
        if not read_only:
            connection.execute(SWEEP, (LAPSED,))
        return connection

    @contextmanager
    def turn(self, connection: Connection) -> Iterator[None]:
        """The wait for the others is here, so that what came meanwhile goes into the same group."""
        if connection.is_lost:
            connection.reopen()
            self._mine = -1  # it may be another server, which knows less or more than we believe
        self.begin(connection)
        yield

    def begin(self, connection: Connection) -> int:
        if not connection.in_transaction:
            try:
                begin = (("BEGIN", ()), (schema.TURN, ()), (NOTE, (self._me,)))
                _, told, _ = connection.together(begin)
                [turn] = told.fetchall()[0]
            except psycopg.errors.ReadOnlySqlTransaction as error:
                connection.close()
                raise Lost("the server takes no more writes") from error
            if turn != self._mine + 1:
                self._version += 1
            self._turn = turn
        return self._version

    def is_spoiled(self, connection: Connection) -> bool:
        return connection.is_spoiled

    def tell(self, connection: Connection, told: list[Any]) -> None:
        word = word_of(told)
        if word:
            connection.execute("SELECT pg_notify(?1, ?2)", (self._channel, f"{word} {self._me}"))

    def hear(self, on: Callable[[str], None]) -> None:
        def heard(word: str) -> None:
            if word == SCHEMA_WORD:
                self._look_again()
            else:
                on(word)

        missed = (SCHEMA_WORD, PEOPLE_WORD)  # what a silence may have held
        self._hearing = Hearing(self.place, self._channel, self._me, heard, missed)

    def _look_again(self) -> None:
        """Another program has migrated: readers go on where they may."""
        connection = Connection(self.place)
        try:
            self._is_outdated = (schema.oldest(connection) or 0) > self.program
        finally:
            connection.close()

    def commit(self, connection: Connection) -> None:
        until = time.monotonic() + DOUBT_S
        try:
            connection.commit(DOUBT_S)
        except TimeoutError as error:
            raise Doubt(UNTOLD) from error
        except Lost:
            if not self._has_committed(until):
                raise
        self._mine = self._turn

    def _has_committed(self, until: float) -> bool:
        """Asked of whoever serves now; while the lost connection's transaction still stands there, its row is held. A yes
        counts once a commit after it is kept, by the standby too. Raises `Doubt` where nobody answers in time."""
        pause = 0.05
        while True:
            try:
                connection = Connection(self.place)
                try:
                    connection.execute("BEGIN")
                    connection.execute(WAIT)
                    row = connection.execute(NOTED, (self._me,)).fetchone()
                    if row is None or row[0] != self._turn:
                        return False
                    connection.commit(max(0.0, until - time.monotonic()))
                    return True
                finally:
                    connection.close()
            except (psycopg.Error, TimeoutError) as error:
                if time.monotonic() > until:
                    raise Doubt(UNTOLD) from error
                time.sleep(pause)
                pause = min(1.0, pause * 2)

    def look(self, connection: Connection) -> None:
        if self._is_outdated:
            raise Outdated
        connection.reopen()
        connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")

    def close(self) -> None:
        if self._hearing is not None:
            self._hearing.stop()
            self._hearing = None
