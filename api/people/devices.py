"""What the hub knows of a picking device: whether it is in, when it was last heard, and which of its ops are missing.

`heard_at` is the latest of what this process saw, what any process wrote down (a pull writes that at most once in a
quarter of a minute), the last op that came and the enrolment. It promises nothing about a device that is silent.
"""

import msgspec

from api.db.tx import Row, Tx
from api.people.service import Q
from sync.versions import Reach, missing

_ISLANDS = tuple[tuple[int, int], ...]


class Known(msgspec.Struct, frozen=True):
    """`status`: waiting (its card counts), lapsed, enrolled, out (revoked, or its token ended). `came`: the highest op
    number that came; `holes`: those below it that did not, at most a few hundred. Times in ms."""

    device: str
    label: str
    warehouse: str
    status: str
    created_at: int
    enrolled_at: int | None
    code_expires_at: int
    heard_at: int | None
    came: int
    holes: tuple[int, ...]


def known(tx: Tx, row: Row, seen: int | None, now: int) -> Known:
    """`seen`: when this process last had a request of it."""
    reach = _reach(tx, row["device"])
    came = reach.islands[-1][1] if reach.islands else reach.have
    last = tx.value(Q.op_at, id=f"{row['device']}:{came}") if came else None
    heard = [at for at in (seen, row["heard_at"], last, row["enrolled_at"]) if at is not None]
    return Known(
        row["device"], row["label"], row["warehouse"], _status(tx, row, now), row["created_at"],
        row["enrolled_at"], row["code_expires_at"], max(heard, default=None), came, missing(reach),
    )  # fmt: skip


def _reach(tx: Tx, device: str) -> Reach:
    row = tx.one(Q.device_reach, device=device)
    return Reach() if row is None else Reach(row["have"], msgspec.json.decode(row["beyond"], type=_ISLANDS))


def _status(tx: Tx, row: Row, now: int) -> str:
    if row["enrolled_at"] is None:
        return "waiting" if row["code_expires_at"] > now else "lapsed"
    return "out" if tx.one(Q.device_session, name=row["device"], now=now) is None else "enrolled"
