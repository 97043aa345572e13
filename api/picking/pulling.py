"""What a device needs to work without a network: its warehouse's tasks, what is gone, conflicts, bins, people.

A cursor names the database's life (`epoch`), the warehouse, and how far journal and ledger were read; another
epoch or a foreign cursor means a fresh snapshot. `hash` proves that the device's tasks equal the server's.
"""

from collections.abc import Iterable
from typing import Any, NamedTuple

import msgspec

from api.db.tx import Row, Tx
from api.kernel import time as times
from api.orders import store
from api.orders.model import ENDS, STATES, Order
from api.orders.reserving import is_waiting
from api.people.service import Q as P
from api.picking import counting, pushing
from api.picking.pushing import Q
from api.stock.service import Q as S
from qr.codes import make
from sync.wire import tasks_hash


class Since(NamedTuple):
    """Where a device's knowledge stands: journal and ledger, because a bin's stock tells where to pick."""

    pos: int
    move: int


class Place(NamedTuple):
    """Where a SKU is picked in a warehouse, and what its package says."""

    bin: str
    gtin: str


def pull(tx: Tx, warehouse: str, cursor: str, now: int, tz: str) -> dict[str, Any]:
    """Everything without a cursor of this life and place, else what changed since.

    `checked` names the orders whose conflicts are all here: what a device has of them beyond that is gone.
    """
    epoch = tx.value(Q.epoch)
    here = Since(tx.value(Q.last_pos), tx.value(Q.last_move))
    since = _since(cursor, f"{epoch}.{warehouse}")
    found_now = [store.get(tx, row["order_no"]) for row in tx.all(Q.tasks, warehouse=warehouse)]
    orders = [order for order in found_now if not (order.state == "to_pick" and is_waiting(tx, order))]
    places: dict[str, Place] = {}
    tasks = [_task(tx, order, warehouse, places) for order in orders]
    found: dict[str, Any] = {
        "tasks": tasks,
        "gone": [],
        "conflicts": [],
        "checked": [],
        "bins": [],
        "people": [
            {"user": row["name"], "name": row["display"], "role": row["role"]}
            for row in tx.all(P.pickers, warehouse=warehouse)
        ],
        "lead": _lead(tx, warehouse),
        "counts": counting.asked(tx, warehouse),
        "cursor": f"{epoch}.{warehouse}.{here.pos}.{here.move}",
        "epoch": epoch,
        "count": len(tasks),
        "hash": tasks_hash(tasks),
        "server_time": times.text(now, tz),
    }
    if since is None:
        held = [store.get(tx, row["order_no"]) for row in tx.all(Q.held, warehouse=warehouse)]
        rows = tx.all(Q.conflicts_open, warehouse=warehouse)
        return found | {
            "gone": [went(tx, order, warehouse, tz) for order in held],
            "conflicts": [conflict(row) for row in rows],
            "checked": sorted({row["order_no"] for row in rows}),
            "bins": _bins(tx, warehouse),
        }
    return found | _changes(tx, warehouse, since, orders, tasks, tz)


def reach(tx: Tx, devices: Iterable[str]) -> dict[str, list[tuple[int, int]]]:
    """By device the ranges of numbers that have come, ascending: read in the pull's own transaction, it says exactly
    which of its ops a device finds in these counts, also where the answer to a push was lost."""
    found = {}
    for device in devices:
        come = pushing.reach(tx, device)
        found[device] = [*([(1, come.have)] if come.have else []), *come.islands]
    return found


def _changes(
    tx: Tx, warehouse: str, since: Since, orders: list[Order], tasks: list[dict[str, Any]], tz: str
) -> dict[str, Any]:
    changed = {row["order_no"] for row in tx.all(Q.changed, pos=since.pos)}
    is_master_new = tx.one(Q.master_changed, pos=since.pos) is not None
    bins = _bins(tx, warehouse) if is_master_new else []
    moved = {row["sku"] for row in tx.all(Q.moved, id=since.move, warehouse=warehouse)}
    open_now = {order.order_no for order in orders}
    left = {row["order_no"] for row in tx.all(Q.left, pos=since.pos)} - open_now
    gone = [
        order
        for no in sorted(left)
        for order in [store.find(tx, no)]
        if order and _stood(tx, order, warehouse)
    ]
    conflicts = [
        conflict(row)
        for order_no in sorted(changed)
        for row in tx.all(Q.conflicts_of, order_no=order_no, warehouse=warehouse)
    ]
    mine = changed & open_now | {order.order_no for order in gone} | {one["order_no"] for one in conflicts}
    return {
        "tasks": [
            task
            for task in tasks
            if is_master_new
            or task["order_no"] in changed
            or any(line["sku"] in moved for line in task["lines"])
        ],
        "gone": [went(tx, order, warehouse, tz) for order in gone],
        "conflicts": conflicts,
        "checked": sorted(mine | {no for no in changed - mine if _is_known(tx, no, warehouse)}),
        "bins": bins,
    }


def _is_known(tx: Tx, order_no: str, warehouse: str) -> bool:
    order = store.find(tx, order_no)
    return order is not None and _stood(tx, order, warehouse)


def _stood(tx: Tx, order: Order, warehouse: str) -> bool:
    """Nobody hears of another warehouse's orders but of those that went there from here."""
    if order.warehouse == warehouse:
        return True
    return tx.one(Q.was_here, order_no=order.order_no, warehouse=warehouse) is not None


def _since(cursor: str, life: str) -> Since | None:
    head, _, tail = cursor.rpartition(".")
    head, _, pos = head.rpartition(".")
    numbers = [part for part in (pos, tail) if part.isascii() and part.isdigit() and len(part) < 19]
    return Since(int(pos), int(tail)) if head == life and len(numbers) == 2 else None


def _task(tx: Tx, order: Order, warehouse: str, places: dict[str, Place]) -> dict[str, Any]:
    lines = []
    for line in order.lines:
        if line.warehouse != warehouse or not (line.qty or line.picked):
            continue
        if line.sku not in places:
            places[line.sku] = _place(tx, line.sku, warehouse)
        place = places[line.sku]
        lines.append(
            {
                "line_no": line.line_no, "sku": line.sku, "name": line.name, "gtin": place.gtin, "uom": line.uom,
                "bin": place.bin, "qty": line.qty, "picked": line.picked, "short": line.short,
            }
        )  # fmt: skip
    return {
        "order_no": order.order_no,
        "version": order.version,
        "priority": order.priority or "normal",
        "tags": [tag.tag for tag in order.rest.tags],
        "checklist": [{"item": check.item, "done": check.done} for check in order.rest.checklist],
        "lines": lines,
    }


def _place(tx: Tx, sku: str, warehouse: str) -> Place:
    row, known = tx.one(S.bins_for, sku=sku, warehouse=warehouse), tx.one(S.sku, code=sku)
    return Place("" if row is None else row["code"], "" if known is None else known["gtin"])


def _lead(tx: Tx, warehouse: str) -> dict[str, str] | None:
    """Whom a picker calls: a supervisor of this warehouse before one of all."""
    row = tx.one(P.lead, warehouse=warehouse)
    return None if row is None else {"name": row["display"], "phone": row["phone"]}


def went(tx: Tx, order: Order, warehouse: str, tz: str) -> dict[str, Any]:
    """Why a task left the queue, and the name of whose doing it was: a device knows pickers only."""
    told = _left(tx, order, warehouse, tz)
    row = tx.one(P.user, name=told["by"])
    return {**told, "by_name": told["by"] if row is None else row["display"]}


def _left(tx: Tx, order: Order, warehouse: str, tz: str) -> dict[str, Any]:
    """A hold by its person, another warehouse, else the state it went on to."""
    if order.held is not None and order.warehouse == warehouse and order.state not in ENDS:
        return {
            "order_no": order.order_no, "why": "held", "by": order.held.by, "at": times.text(order.held.at, tz),
            "reason": order.held.reason,
        }  # fmt: skip
    if is_waiting(tx, order):
        at = times.text(order.moved_at, tz)
        return {
            "order_no": order.order_no,
            "why": "unconfirmed",
            "by": "",
            "at": at,
            "reason": "等仓库的 WMS 确认锁货",
        }
    short = next((t for t in order.rest.exceptions if t.code == "short_stock"), None)
    if short is not None and order.state == "paid" and order.warehouse == warehouse:
        by = tx.value(Q.mover, order_no=order.order_no) or ""
        at = times.text(short.at, tz)
        return {"order_no": order.order_no, "why": "short_stock", "by": by, "at": at, "reason": short.zh}
    is_elsewhere = order.warehouse != warehouse
    return {
        "order_no": order.order_no,
        "why": "moved" if is_elsewhere else order.state,
        "by": tx.value(Q.mover, order_no=order.order_no) or "",
        "at": times.text(order.moved_at, tz),
        "reason": f"改由 {order.warehouse} 发货" if is_elsewhere else STATES[order.state][0],
    }


def _bins(tx: Tx, warehouse: str) -> list[dict[str, str]]:
    """With what lies there, so that a device can name a wrong part that it was shown."""
    return [
        {
            "bin": row["code"], "code": make("L", row["body"]), "sku": row["sku"], "name": row["name"],
            "gtin": row["gtin"],
        }
        for row in tx.all(Q.bins, warehouse=warehouse)
    ]  # fmt: skip


def conflict(row: Row) -> dict[str, Any]:
    """As the fold keeps it: `{id, kind, line_no, ops, surplus, settled}`."""
    body: dict[str, Any] = msgspec.json.decode(row["body"])
    return {"order_no": row["order_no"], **body}
