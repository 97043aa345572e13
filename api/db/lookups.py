"""Values by their keys, asked for many keys at once: a group of commands tells beforehand what it will look up.

A statement on its own is a way to the server and back: two hundred orders that each ask whether their number is taken cost more
than all that they write. What is known is kept beside the tables like every derived value (`Tx.cache`), so whoever leaves a
row to `later` tells it here too (`put`); a command that foresaw nothing, or wrongly, asks for itself and gets the same answer.
"""

from collections.abc import Callable, Iterable
from itertools import chain
from typing import Any

from api.db.queries import Query
from api.db.tx import Tx
from api.kernel.bounded import Bounded

Key = tuple[Any, ...]
Wanted = Iterable[tuple["Lookup", Key]]
Ahead = Callable[[Tx], Wanted]
# A few sizes of the statement serve any number of keys: the last one fills up what is left.
SIZES = (1, 5, 20, 50, 100, 200)
MANY = 20_000


class Lookup:
    """Of a query that gives, for each row of its VALUES, the key's columns and one more: what its one table says of that
    key, None where nothing. (A sub-select a key: the table's index is walked whatever its size is believed to be.)"""

    __slots__ = ("_query", "_table")

    def __init__(self, query: Query) -> None:
        [self._table] = query.tables
        self._query = query

    def get(self, tx: Tx, *key: Any) -> Any:
        known = self._known(tx)
        if key not in known:
            self.fetch(tx, (key,))
        return known[key]

    def put(self, tx: Tx, key: Key, value: Any) -> None:
        """What a row that waits will say of it."""
        self._known(tx)[key] = value

    def fetch(self, tx: Tx, keys: Iterable[Key]) -> None:
        """Past the rows that wait: of a key that is not known, none does."""
        known = self._known(tx)
        left = [key for key in keys if key not in known]
        while left:
            part, left = left[: SIZES[-1]], left[SIZES[-1] :]
            size = next(size for size in SIZES if size >= len(part))
            part += part[-1:] * (size - len(part))
            for *key, value in tx.connection.execute(self._query.rows(size), list(chain.from_iterable(part))):
                known[tuple(key)] = value

    def _known(self, tx: Tx) -> Bounded[Key, Any]:
        """Under the table's name: a statement that changes it makes all of it stale."""
        kept = tx.cache.get(self._table)
        if kept is None:
            kept = tx.cache[self._table] = {}
        known: Bounded[Key, Any] | None = kept.get(self)
        if known is None:
            known = kept[self] = Bounded(MANY)
        return known
