"""What a database knows of its company's move: whether it is at home there, and where else."""

import msgspec

from api.db.tx import MOVED, MOVING, Q, Tx
from api.kernel.time import text


class Left(msgspec.Struct, frozen=True):
    """What the source knows of its move. `to` holds no password; `changes`: its count of them before."""

    id: str
    to: str
    at: int
    changes: int
    is_done: bool = False


def left(tx: Tx) -> Left | None:
    found = tx.value(Q.fact, name=MOVED)
    return None if found is None else msgspec.json.decode(found, type=Left)


def away(tx: Tx) -> str:
    """Why nobody is to serve from here, in a person's words; "" where the company is at home."""
    gone = left(tx)
    if gone is not None and gone.is_done:
        return (
            f"this company moved to {gone.to} at {text(gone.at, 'UTC')}: serve from there"
            " (to serve from here all the same, without what came since: huodaona move --stay)"
        )
    if gone is not None:
        return f"a move to {gone.to} has begun: run it again to its end, or huodaona move --stay"
    if tx.value(Q.fact, name=MOVING) is not None:
        return "a move into this database has not ended: run huodaona move again where it began"
    return ""
