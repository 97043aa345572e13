"""What a device needs to work without a network: its warehouse's tasks, what is gone, conflicts, bins, people.

A cursor names the database's life (`epoch`), the warehouse and a journal position; another epoch or a foreign
cursor means a fresh snapshot. `hash` proves that the device's tasks equal the server's.
"""

from typing import Any

import msgspec

from api.db.tx import Row, Tx
from api.kernel import time as times
from api.orders import store
from api.orders.model import STATES, Order
from api.people.service import Q as P
from api.picking.pushing import Q
from api.stock.service import Q as S
from qr.codes import make
from sync.wire import tasks_hash

TASK_STATES = ("to_pick", "picking")


def pull(tx: Tx, warehouse: str, cursor: str, now: int, tz: str) -> dict[str, Any]:
    epoch, pos = tx.value(Q.epoch), tx.value(Q.last_pos)
    since = _since(cursor, epoch, warehouse)
    orders = [store.get(tx, row["order_no"]) for row in tx.all(Q.tasks, warehouse=warehouse)]
    bins: dict[str, str] = {}
    tasks = [_task(tx, order, warehouse, bins) for order in orders]
    found: dict[str, Any] = {
        "tasks": tasks,
        "gone": [],
        "conflicts": [conflict(row) for row in tx.all(Q.conflicts_open, warehouse=warehouse)],
        "bins": _bins(tx, warehouse, since),
        "people": [
            {"user": row["name"], "name": row["display"]} for row in tx.all(P.pickers, warehouse=warehouse)
        ],
        "cursor": f"{epoch}.{warehouse}.{pos}",
        "epoch": epoch,
        "count": len(tasks),
        "hash": tasks_hash(tasks),
        "server_time": times.text(now, tz),
    }
    open_now = {order.order_no for order in orders}
    if since is None:
        held = [store.get(tx, row["order_no"]) for row in tx.all(Q.held, warehouse=warehouse)]
        found["gone"] = [_gone(order, tz) for order in held]
        return found
    changed = {row["order_no"] for row in tx.all(Q.changed, pos=since)}
    found["tasks"] = [task for task in tasks if task["order_no"] in changed]
    for order_no in sorted(changed - open_now):
        order = store.find(tx, order_no)
        if order is not None and order.state != "awaiting_payment":
            found["gone"].append(_gone(order, tz))
    found["conflicts"] = [
        conflict(row) for order_no in sorted(changed) for row in tx.all(Q.conflicts_of, order_no=order_no)
    ]
    return found


def _since(cursor: str, epoch: str, warehouse: str) -> int | None:
    life, _, rest = cursor.partition(".")
    place, _, pos = rest.rpartition(".")
    if life != epoch or place != warehouse or not (pos.isascii() and pos.isdigit()) or len(pos) > 18:
        return None
    return int(pos)


def _task(tx: Tx, order: Order, warehouse: str, bins: dict[str, str]) -> dict[str, Any]:
    lines = []
    for line in order.lines:
        if line.warehouse != warehouse:
            continue
        if line.sku not in bins:
            row = tx.one(S.bins_for, sku=line.sku, warehouse=warehouse)
            bins[line.sku] = "" if row is None else row["code"]
        lines.append(
            {
                "line_no": line.line_no, "sku": line.sku, "name": line.name, "bin": bins[line.sku], "qty": line.qty,
                "picked": line.picked, "short": line.short,
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


def _gone(order: Order, tz: str) -> dict[str, Any]:
    """Why a task left the queue: a hold by its person, else the state it went on to."""
    if order.held is not None:
        return {
            "order_no": order.order_no, "why": "held", "by": order.held.by, "at": times.text(order.held.at, tz),
            "reason": order.held.reason,
        }  # fmt: skip
    return {
        "order_no": order.order_no, "why": order.state, "by": order.picker or order.owner,
        "at": times.text(order.moved_at, tz), "reason": STATES[order.state][0],
    }  # fmt: skip


def _bins(tx: Tx, warehouse: str, since: int | None) -> list[dict[str, str]]:
    if since is not None and tx.one(Q.bins_changed, pos=since) is None:
        return []
    rows = tx.all(S.bins_all, warehouse=warehouse, after="", count=100_000)
    return [{"bin": row["code"], "code": make("L", row["body"]), "sku": row["sku"]} for row in rows]


def conflict(row: Row) -> dict[str, Any]:
    """As the fold keeps it: `{id, kind, line_no, ops, surplus, settled}`."""
    body: dict[str, Any] = msgspec.json.decode(row["body"])
    return {"order_no": row["order_no"], **body}
