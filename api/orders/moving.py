"""Promises that orders were made from, looked at again and again: an order whose date can no longer be kept says so first.

`sweep` reads the promised orders that have not ended, a part at a time, and writes only where what is to be said has
changed: the order then names the new window and why, is red until somebody answers it, and its journal has
`promise.moved`; when the date can be kept after all, `promise.kept`. What is to be said is judged by `api.promise.moving`.
"""

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import msgspec

from api.db.database import Database
from api.db.tx import Row, Tx
from api.kernel.actor import SYSTEM
from api.kernel.time import DAY, local
from api.orders import dating, store
from api.orders.model import ENDS, Order, Trouble
from api.orders.reserving import with_trouble, without_trouble
from api.orders.saving import save
from api.orders.store import Q
from api.promise import moving, reasons
from api.promise.moving import Moved, Stuck, Told

PART = 100
GIVEN_UP = 30 * DAY
CODE = "promise_moved"
replace = msgspec.structs.replace


class _Verdict(NamedTuple):
    """Of one order: `moved` is what is to be said from now on. `is_over`: it has ended, and nothing is to be said."""

    order: Order
    moved: Moved | None
    is_over: bool = False


def sweep(db: Database, now: int, tz: str, is_stopping: Callable[[], bool] = lambda: False) -> int:
    """Returns how many promises changed."""
    after, changed = "", 0
    while True:
        due, after = db.reader.now(partial(_due, after, now, tz))
        if due:
            changed += db.writer.now(partial(_change, due, now, tz))
        if not after or is_stopping():
            return changed


def _due(after: str, now: int, tz: str, tx: Tx) -> tuple[list[Row], str]:
    """Those of a part of which something else is to be said, and where the next part begins."""
    rows = tx.all(Q.promises_followed, after=after, count=PART)
    due = [row for row in rows if _look(tx, row["order_no"], now, tz) != ([], False)]
    return due, rows[-1]["id"] if len(rows) == PART else ""


def _change(due: list[Row], now: int, tz: str, tx: Tx) -> int:
    """Judged anew: between reading and writing somebody may have shipped it."""
    changed = 0
    for row in due:
        verdicts, is_over = _look(tx, row["order_no"], now, tz)
        for one in verdicts:
            _say(tx, one, now, tz)
        if is_over:
            tx.run(Q.promise_left, id=row["id"])
        changed += is_over or bool(verdicts)
    return changed


def _say(tx: Tx, said: _Verdict, now: int, tz: str) -> None:
    order, told = said.order, said.order.rest.promise
    if told is None or said.is_over:
        save(tx, order, without_trouble(order, CODE), SYSTEM, now, "promise.ended", {})
        return
    after = replace(order, rest=replace(order.rest, promise=replace(told, moved=said.moved)))
    if said.moved is None:
        save(tx, order, without_trouble(after, CODE), SYSTEM, now, "promise.kept", {})
    else:
        trouble, body = _trouble(said.moved, tz), _body(said.moved)
        save(tx, order, with_trouble(after, trouble), SYSTEM, now, "promise.moved", body)


def _look(tx: Tx, number: str, now: int, tz: str) -> tuple[list[_Verdict], bool]:
    """What is to be said of the order's newest versions, each part of it for itself; True: nobody waits any more."""
    family = [
        store.get(tx, row["order_no"]) for row in tx.all(Q.family, root_no=store.get(tx, number).root_no)
    ]
    waiting = [order for order in family if _is_awaited(order, now)]
    over = [_Verdict(order, None, True) for order in family if order.state in ENDS and order.has(CODE)]
    return over + [one for order in waiting if (one := _verdict(tx, order, now, tz))], not waiting


def _is_awaited(order: Order, now: int) -> bool:
    """Who has not paid a month after the goods were to be there waits for nothing."""
    told = order.rest.promise
    is_given_up = told is not None and order.state == "awaiting_payment" and told.eta_to < now - GIVEN_UP
    return told is not None and order.state not in ENDS and not is_given_up


def _verdict(tx: Tx, order: Order, now: int, tz: str) -> _Verdict | None:
    """None: what was said stands."""
    told = order.rest.promise
    if told is None or order.state == "awaiting_payment" or not order.warehouse:
        return None
    asked = dating.of_order(tx, order, now, tz)
    moved = moving.judge(Told(told.ship_by, told.eta_to), asked, _stuck(order), told.moved)
    return None if moved == told.moved else _Verdict(order, moved)


def _stuck(order: Order) -> Stuck:
    if order.held is not None:
        return "held"
    return "short" if order.state == "paid" else ""


def _trouble(moved: Moved, tz: str) -> Trouble:
    why = moving.said(moved)
    first, last = (local(at, tz).date() for at in (moved.eta_from, moved.eta_to))
    to_zh, to_en = (f"至{reasons.day_zh(last)}", f" to {reasons.day_en(last)}") if last > first else ("", "")
    zh = f"{why.zh}：现在预计{reasons.day_zh(first)}{to_zh}到"
    en = f"{why.en}: now expected {reasons.day_en(first)}{to_en}"
    return Trouble(CODE, zh, en, moved.at)


def _body(moved: Moved) -> dict[str, Any]:
    return {"cause": moved.cause, "eta_from": moved.eta_from, "eta_to": moved.eta_to}
