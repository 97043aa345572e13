"""What a warehouse's own system (WMS) is to be told, written in the transaction that made it necessary; `api.wms` sends it.

A reservation there has a lock, whose name never means anything else again: it holds the number of a call and the life of
this database. Calls for one lock are sent in order. What nobody was told of yet is taken back without a word.
"""

from typing import NamedTuple

from api.db.counting import take
from api.db.queries import load
from api.db.tx import Row, Tx
from api.journal.service import Q as J
from api.kernel.errors import Refused

Q = load(__package__)


class Call(NamedTuple):
    kind: str
    warehouse: str
    lock_id: str
    sku: str
    qty: int
    order_no: str
    whole: bool = True


def _add(tx: Tx, call: Call, now: int, number: int = 0) -> None:
    given = {**call._asdict(), "whole": int(call.whole)}
    tx.later(Q.add_call, id=number or take(tx, "wms"), next_at=now, at=now, **given)


def locked(tx: Tx, place: str, sku: str, qty: int, order_no: str, now: int) -> str:
    """The lock that stands for a new reservation: one that somebody is just giving back whole, or a new one."""
    spare = tx.one(Q.spare_lock, warehouse=place, sku=sku, qty=qty)
    if spare is not None:
        tx.run(Q.end_call, id=spare["id"], state="dropped", said=f"for {order_no}", now=now)
        return str(spare["lock_id"])
    return lock_anew(tx, place, sku, qty, order_no, now)


def lock_anew(tx: Tx, place: str, sku: str, qty: int, order_no: str, now: int) -> str:
    number = take(tx, "wms")
    name = f"{tx.value(J.life)}-{number}"
    _add(tx, Call("lock", place, name, sku, qty, order_no), now, number)
    return name


def ended(tx: Tx, order_no: str, row: Row, qty: int, is_gone: bool, now: int) -> None:
    """So many pieces of a reservation with a lock end; `is_gone`: they left the house."""
    lock = tx.one(Q.lock_call, lock_id=row["lock_id"])
    is_whole = qty == row["qty"]
    if is_gone:
        confirm(tx, row["warehouse"], row["lock_id"], row["sku"], qty, order_no, now)
    elif lock is not None and lock["state"] in ("refused", "dropped"):
        return
    elif lock is not None and lock["state"] == "waiting" and lock["sent_at"] is None:
        if is_whole:
            tx.run(Q.end_call, id=lock["id"], state="dropped", said="", now=now)
        else:
            tx.run(Q.shrink_call, id=lock["id"], qty=lock["qty"] - qty)
    else:
        release(tx, row["warehouse"], row["lock_id"], row["sku"], qty, order_no, now, is_whole)


def release(
    tx: Tx, place: str, lock_id: str, sku: str, qty: int, order_no: str, now: int, is_whole: bool = True
) -> None:
    _add(tx, Call("release", place, lock_id, sku, qty, order_no, is_whole), now)


def confirm(tx: Tx, place: str, lock_id: str, sku: str, qty: int, order_no: str, now: int) -> None:
    """Pieces left the house: out of this lock; empty: nobody held them, the name is only for telling it once."""
    if qty:
        number = take(tx, "wms")
        name = lock_id or f"{tx.value(J.life)}-{number}"
        _add(tx, Call("confirm", place, name, sku, qty, order_no), now, number)


def lock_all(tx: Tx, place: str, now: int) -> None:
    """A WMS takes the warehouse over: it learns of what is reserved already."""
    for row in tx.all(Q.unlocked, warehouse=place):
        name = lock_anew(tx, place, row["sku"], row["qty"], row["order_no"], now)
        set_lock(tx, place, row, name)


def set_lock(tx: Tx, place: str, row: Row, name: str) -> None:
    """Another lock stands for this reservation."""
    tx.run(Q.set_lock, order_no=row["order_no"], line_no=row["line_no"], warehouse=place, lock_id=name)


def is_unconfirmed(tx: Tx, order_no: str) -> bool:
    """Does an order or a promise hold what its WMS has not confirmed?"""
    return tx.one(Q.unconfirmed, order_no=order_no) is not None


def must_be_own(warehouse: str, is_outside: bool) -> None:
    """Refuses to change by hand what a WMS counts."""
    if is_outside:
        raise Refused("kept_by_wms", warehouse=warehouse)
