"""Guesses at passwords and one-time codes, counted in the database: for all of the server's processes together.

A guess is written down before it is checked and crossed out when it was right, so that many at once are no more than
one after another. Whose it is, is kept as a hash: addresses and user names do not lie here.
"""

from api.db.tx import Tx
from api.kernel import ids
from api.kernel.errors import Refused
from api.kernel.time import MINUTE, SECOND
from api.people.service import Q

MOST, SPAN = 10, 5 * MINUTE


def begin(tx: Tx, who: str, now: int, most: int = MOST) -> int:
    """One more guess of theirs, by its number; refuses `too_many`."""
    mark = ids.hashed(who)
    first = tx.one(Q.tries, who=mark, since=now - SPAN)
    if first is not None and first["count"] >= most:
        raise Refused("too_many", seconds=max(1, (first["at"] + SPAN - now) // SECOND))
    return int(tx.must(Q.add_try, who=mark, at=now)["id"])


def was_right(tx: Tx, who: str, number: int) -> None:
    """That guess does not count."""
    tx.run(Q.drop_try, id=number, who=ids.hashed(who))


def forgive(tx: Tx, who: str) -> None:
    """None of theirs counts."""
    tx.run(Q.drop_tries, who=ids.hashed(who))


def sweep(tx: Tx, now: int) -> int:
    """Drop what does not count any more."""
    return tx.run(Q.sweep_tries, since=now - SPAN)
