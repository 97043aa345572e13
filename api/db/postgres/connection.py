"""A connection to PostgreSQL that answers to the words of SQLite's: the same texts, the same values, the same rows.

`?1` becomes `$1`; whole numbers and truth values travel as bigint and come back as int, sums too; a row is read by place
or by name. A connection that was lost says so by one kind of error and can be opened anew in its place.
"""

import re
import select
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, ClassVar, NoReturn

import psycopg
from psycopg.abc import AdaptContext
from psycopg.adapt import Dumper, Loader
from psycopg.pq import ExecStatus, TransactionStatus
from psycopg.types.numeric import Int8Dumper

from api.db.postgres.place import Line, Place, connect
from api.kernel.errors import Refused

_MARK = re.compile(r"'[^']*'|\?(\d*)")
PREPARED = 1_000
IDLE = (TransactionStatus.IDLE, TransactionStatus.UNKNOWN)


class Lost(psycopg.OperationalError):
    """The server, or the way to it, is gone: whatever was not committed is undone there."""

    sqlstate = "08006"


class _Truth(Dumper):
    """A truth value is 1 or 0, as SQLite keeps it."""

    oid = 20

    def dump(self, obj: Any) -> bytes:
        return b"1" if obj else b"0"


class _Whole(Loader):
    """Sums of bigints are numerics there; there are no fractions in this house."""

    def load(self, data: Any) -> int:
        return int(bytes(data))


class _Told(Loader):
    def load(self, data: Any) -> int:
        return int(bytes(data) == b"t")


class Row(tuple[Any, ...]):
    """`row["name"]`, `row[0]`, `dict(row)`, unpacked: as `sqlite3.Row`. Each set of columns has a class of its own."""

    __slots__ = ()
    places: ClassVar[Mapping[str, int]] = {}

    def __getitem__(self, key: Any) -> Any:
        return tuple.__getitem__(self, self.places[key] if isinstance(key, str) else key)

    def keys(self) -> list[str]:
        return list(self.places)


_KINDS: dict[tuple[str, ...], type[Row]] = {}


def _rows(cursor: psycopg.Cursor[Any]) -> Callable[[Sequence[Any]], Any]:
    if cursor.description is None:
        return tuple
    names = tuple(column.name for column in cursor.description)
    kind = _KINDS.get(names)
    if kind is None:
        places = {name: n for n, name in enumerate(names)}
        kind = _KINDS[names] = type("Row", (Row,), {"__slots__": (), "places": places})
    return kind


_texts: dict[str, bytes] = {}


def said(text: str) -> bytes:
    """A statement as PostgreSQL numbers its values: `?1` by its number, `?` by its place."""
    found = _texts.get(text)
    if found is None:
        count = 0

        def mark(at: re.Match[str]) -> str:
            nonlocal count
            if at[1] is None:  # a text, which may hold a question mark
                return at[0]
            count += 1
            return f"${at[1] or count}"

        if len(_texts) > 5_000:
            _texts.clear()
        found = _texts[text] = _MARK.sub(mark, text).encode()
    return found


class Connection:
    """What `Tx`, the writer and the readers use; never two threads at a time."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self.text_factory: Any = None  # a server lets no text in that is none
        self._is_warned = False
        self._raw = self._opened()

    def _opened(self) -> Line:
        try:
            raw = connect(self._place)
        except psycopg.OperationalError as error:
            raise Lost(str(error).strip()) from error
        raw.prepare_threshold = 1
        raw.prepared_max = PREPARED
        raw.cursor_factory = psycopg.RawCursor
        raw.row_factory = _rows
        raw.add_notice_handler(self._noticed)
        _teach(raw)
        return raw

    def _noticed(self, told: psycopg.errors.Diagnostic) -> None:
        self._is_warned |= told.severity_nonlocalized == "WARNING"

    def reopen(self) -> None:
        """Does nothing where it stands."""
        if self.is_lost:
            self._raw.close()
            self._raw = self._opened()

    @property
    def is_lost(self) -> bool:
        return self._raw.closed or self._raw.is_past

    @property
    def is_spoiled(self) -> bool:
        return self._raw.pgconn.transaction_status == TransactionStatus.INERROR

    @property
    def in_transaction(self) -> bool:
        return self._raw.pgconn.transaction_status not in IDLE

    def execute(self, text: str, values: Any = (), /) -> psycopg.Cursor[Any]:
        try:
            return self._raw.execute(said(text), values or None)
        except psycopg.Error as error:
            self._raise(error)

    def ask(self, text: str, within: float) -> bytes | None:
        """A statement without values and rows; its word of what it did. Raises TimeoutError where the server has not
        answered after so many seconds, `Lost` where it is gone. The line is closed then."""
        try:
            return _asked(self._raw, text.encode(), time.monotonic() + within)
        except TimeoutError:
            self.close()
            raise
        except psycopg.OperationalError as error:
            self.close()
            raise Lost(str(error).strip()) from error

    def commit(self, within: float) -> None:
        """Returns when the group is kept, by the standby too where one is waited for. Raises TimeoutError where the server
        still waits after so many seconds, and `Lost` where it gave up waiting: a warning beside the answer tells, and what
        was written stands there alone. The line is closed then."""
        self._is_warned = False
        said = self.ask("COMMIT", within)
        if said != b"COMMIT":  # how a roll-back of a spoiled transaction is told
            raise psycopg.InternalError(f"the engine dropped the transaction: {said!r}")
        if self._is_warned:
            self.close()
            raise Lost("the server no longer waits for its standby")

    def together(self, statements: Iterable[tuple[str, Any]]) -> list[psycopg.Cursor[Any]]:
        """All of them on one way to the server and back."""
        try:
            with self._raw.pipeline():
                return [self._raw.execute(said(text), values or None) for text, values in statements]
        except psycopg.Error as error:
            self._raise(error)

    def counted(self, statements: Iterable[tuple[str, Any]]) -> list[int]:
        """How many rows each touched."""
        return [done.rowcount for done in self.together(statements)]

    def executemany(self, text: str, rows: Iterable[Any], /) -> None:
        try:
            self._raw.cursor().executemany(said(text), rows)
        except psycopg.Error as error:
            self._raise(error)

    def cursor(self) -> "Connection":
        return self

    def stream(self, text: str, values: Any = (), /) -> Iterator[Any]:
        """Rows as they come, however many: none waits in memory."""
        try:
            yield from self._raw.cursor().stream(said(text), values or None)
        except psycopg.Error as error:
            self._raise(error)

    def copy_in(self, text: str, rows: Iterable[Sequence[Any]], /) -> None:
        """By COPY … FROM STDIN."""
        try:
            with self._raw.cursor().copy(said(text)) as copy:
                for row in rows:
                    copy.write_row(row)
        except psycopg.Error as error:
            self._raise(error)

    def _raise(self, error: psycopg.Error) -> NoReturn:
        if isinstance(error, psycopg.DataError) and "NUL" in str(error):  # SQLite would take it
            raise Refused("nul_text") from None
        if self.is_lost:
            raise Lost(str(error).strip()) from error
        raise error

    def close(self) -> None:
        self._raw.close()


def _asked(raw: Line, text: bytes, until: float) -> bytes | None:
    """A statement's word of what it did; psycopg itself would wait for ever."""
    told, line = raw.pgconn, select.poll()  # `select.select` knows no more than 1,024 files
    told.send_query(text)
    line.register(told.socket, select.POLLIN)
    while told.is_busy():
        if not line.poll(max(0.0, until - time.monotonic()) * 1000):
            raise TimeoutError("the server does not answer")
        told.consume_input()
    result = told.get_result()
    while told.get_result() is not None:
        pass
    if result is None or result.status != ExecStatus.COMMAND_OK:
        raise psycopg.OperationalError if result is None else psycopg.errors.error_from_result(result)
    return result.command_status


def _teach(context: AdaptContext) -> None:
    adapters = context.adapters
    assert adapters is not None
    adapters.register_dumper(int, Int8Dumper)
    adapters.register_dumper(bool, _Truth)
    adapters.register_loader("numeric", _Whole)
    adapters.register_loader("bool", _Told)
