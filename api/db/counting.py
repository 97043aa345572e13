"""Numbers that are never given twice: a day's orders, customers, rows whose number must stand before they do.

The last one given is kept beside the tables' other derived values, so a number costs no statement; where the row
of numbers stands is written once a group, with everything that carries its numbers or not at all.
"""

from api.db.queries import Query
from api.db.tx import Q, Tx


def take(tx: Tx, name: str, floor: Query | None = None) -> int:
    """The next number of this name, from 1 on; `floor` tells the last one where a table gave numbers before."""
    known: dict[str, int] = tx.cache.setdefault("numbers", {})
    last = known.get(name)
    if last is None:
        last = tx.value(Q.last_number, name=name)
        if last is None:
            last = tx.value(floor) if floor else 0
        known = tx.cache.setdefault("numbers", {})
    known[name] = last + 1
    tx.latest(Q.set_number, name, name=name, last=last + 1)
    return last + 1
