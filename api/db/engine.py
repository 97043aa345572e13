"""What the house asks of an engine, in the words that SQLite's driver has for it anyway.

Two answer: `api.db.one_file` and `api.db.postgres`. A statement's text and its values are the same for both; an engine says
how a connection is opened, whose turn it is to write, what a commit is, and which faults are its own.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from typing import Any, Protocol


class Row(Protocol):
    """By place and by name; unpacked, it gives its values."""

    def __getitem__(self, key: Any, /) -> Any: ...

    def __iter__(self) -> Iterator[Any]: ...

    def __len__(self) -> int: ...

    def keys(self) -> list[str]: ...


class Cursor(Protocol):
    """`rowcount`: how many rows a statement touched."""

    @property
    def rowcount(self) -> int: ...

    def fetchone(self) -> Any: ...

    def fetchall(self) -> list[Any]: ...

    def __iter__(self) -> Iterator[Any]: ...


class Connection(Protocol):
    """Nothing begins or ends a transaction but a statement that says so."""

    text_factory: Any

    @property
    def in_transaction(self) -> bool: ...

    def execute(self, text: str, values: Any = (), /) -> Cursor: ...

    def cursor(self) -> Any:
        """For statements that give no rows: `execute` and `executemany`."""

    def counted(self, statements: Iterable[tuple[str, Any]], /) -> list[int]:
        """How many rows each of these touched; they give none."""

    def close(self) -> None: ...


class Engine(Protocol):
    """One company's database, as one process has it open."""

    @property
    def program(self) -> int:
        """The schema that this program brings."""

    def migrate(self) -> list[str]:
        """Bring the schema up to date; returns the names of what was applied. RuntimeError tells a person why not."""

    def version(self, connection: Any) -> int:
        """The schema that the data is of."""

    def unguarded(self, connection: Any) -> list[str]:
        """What guards the journal and is not there, in a person's words."""

    def open(self, *, read_only: bool = False) -> Connection: ...

    def turn(self, connection: Any) -> AbstractContextManager[None]:
        """While it lasts no other process writes; a connection that was lost is opened anew."""

    def begin(self, connection: Any) -> int:
        """The transaction of a group. The number changes whenever another process has committed since the last one."""

    def is_spoiled(self, connection: Any) -> bool:
        """Has a statement failed in a way that only a roll-back mends?"""

    def tell(self, connection: Any, told: list[Any]) -> None:
        """What the group tells its listeners is told to those of other machines with its commit."""

    def commit(self, connection: Any) -> None:
        """Returns when the group is on disk; where that cannot be told at once, it is found out."""

    def hear(self, on: Callable[[str], None]) -> None:
        """From here on, what other machines tell is handed on, by its word."""

    def look(self, connection: Any) -> None:
        """A reader's transaction: one snapshot, whatever others commit."""

    def close(self) -> None: ...
