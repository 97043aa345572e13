"""Tasks of the floor brought to their end: what came back is inspected, pieces are put away, bins are counted; and which
bins are to be counted next.
"""

from typing import Annotated, Any

import msgspec
from msgspec import Meta

from api.db.tx import Row, Tx
from api.inventory import service
from api.journal import service as journal
from api.kernel.actor import Actor
from api.kernel.canonical import canonical
from api.kernel.errors import Refused, wrong_field
from api.kernel.time import DAY
from api.orders.saving import retry
from api.stock import moving
from api.stock import service as stock
from api.stock.ledger import is_by_lots
from api.stock.model import Code, Lot, MoveIn
from api.stock.service import Q

Pieces = Annotated[int, Meta(ge=0, le=1_000_000)]
TODO_KINDS = ("inspect", "put_away", "count")


class Finish(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`good` pieces (of a count: how many lie there), `bad` ones; `bin`: where they are now, empty: where the task says."""

    good: Pieces = 0
    bad: Pieces = 0
    bin: Annotated[str, Meta(max_length=40)] = ""
    lot: Lot = ""
    why: Annotated[str, Meta(max_length=500)] = ""


class Plan(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """These bins; or those that nobody counted for `days`, the most moved first, at most so many."""

    warehouse: Code
    bins: Annotated[list[Code], Meta(max_length=500)] = []
    days: Annotated[int, Meta(ge=1, le=3650)] = 30
    most: Annotated[int, Meta(ge=1, le=500)] = 20


def finish(tx: Tx, number: int, given: Finish, actor: Actor, now: int) -> dict[str, Any]:
    """Is it `done` whole, which orders got pieces by it (`served`), or lost theirs (`lost`)? Refuses `not_found`, and `todo_done` where
    somebody was quicker."""
    todo = tx.one(Q.todo_by_id, id=number)
    if todo is None:
        raise Refused("not_found", what=f"todo {number}")
    if todo["done_at"] is not None:
        raise Refused("todo_done", by=todo["done_by"])
    done = msgspec.structs.replace(given, bin=given.bin or todo["bin"])
    served: list[str] = []
    lost: set[str] = set()
    if todo["kind"] == "inspect":
        rest, served = _inspected(tx, todo, done, actor, now)
        if rest:
            tx.run(Q.shrink_todo, id=number, qty=rest)
            return {"done": False, "served": served, "lost": []}
    elif todo["kind"] == "put_away":
        _put_away(tx, todo, done, actor, now)
    else:
        counted = MoveIn("count", todo["warehouse"], todo["sku"], done.good, done.bin, done.why, lot=done.lot)
        lost = service.move(tx, counted, actor, now)
    said = canonical({"bad": done.bad, "bin": done.bin, "good": done.good, "lot": done.lot}).decode()
    tx.run(Q.finish_todo, id=number, at=now, by=actor.name, said=said)
    return {"done": True, "served": served, "lost": sorted(lost)}


def _inspected(tx: Tx, todo: Row, done: Finish, actor: Actor, now: int) -> tuple[int, list[str]]:
    """Good pieces are stock again and offered to those who wait; bad ones are told as damage. Returns how many are left,
    where pieces of several lots are inspected lot by lot, and who was served."""
    out = _lots_out(tx, todo, done)
    judged = done.good + done.bad
    rest: int = todo["qty"] - judged
    if rest < 0 or judged == 0 or (rest and len(out) < 2):
        zh, en = f"好的加坏的要等于 {todo['qty']} 件。", f"Good and bad pieces make {todo['qty']}."
        raise wrong_field("$.good", zh, en)
    place, sku, order_no = todo["warehouse"], todo["sku"], todo["order_no"]
    back = moving.Back(
        "receive", place, sku, done.good, done.bin, done.why, lot=done.lot, bad=done.bad, order_no=order_no
    )
    moving.put_back(tx, back, actor, now)
    body = {"bad": done.bad, "bin": done.bin, "good": done.good, "sku": sku}
    if done.lot:
        body["lot"] = done.lot
    if done.why:
        body["why"] = journal.keep(tx, f"staff:{actor.name}", done.why).plain
    journal.record(tx, f"order:{order_no}", "order.inspected", body, actor, now)
    return rest, retry(tx, {sku}, now) if done.good else []


def _lots_out(tx: Tx, todo: Row, done: Finish) -> dict[str, int]:
    """What the order still has of each lot; none where no lot is on record. Refuses `other_lot`: only what went out comes
    back. Pieces that left under no lot may be of any."""
    if not done.lot or not is_by_lots(tx, todo["sku"]):
        return {}
    rows = {row["lot"]: row["qty"] for row in tx.all(Q.lots_out, sku=todo["sku"], order_no=todo["order_no"])}
    named = {lot: qty for lot, qty in rows.items() if lot and qty > 0}
    spare = sum(qty for lot, qty in rows.items() if not lot or qty < 0)
    if any(rows) and done.good + done.bad > named.get(done.lot, 0) + spare:
        lots = ", ".join(f"{lot} × {qty}" for lot, qty in named.items())
        raise Refused("other_lot", order_no=todo["order_no"], lot=done.lot, lots=lots)
    return rows if any(rows) else {}


def _put_away(tx: Tx, todo: Row, done: Finish, actor: Actor, now: int) -> None:
    """The record has laid them back already, or has them in no bin; another bin is a transfer."""
    place, sku, origin, order_no = todo["warehouse"], todo["sku"], todo["bin"], todo["order_no"]
    moving.check_bin(tx, place, done.bin, sku, actor, now)
    if done.bin != origin:
        stock.transfer(tx, place, sku, origin, done.bin, todo["qty"], order_no, actor, now, {})
    body = {"bin": done.bin, "order_no": order_no, "qty": todo["qty"]}
    journal.record(tx, f"stock:{place}/{sku}", "stock.put_away", body, actor, now)


def due(tx: Tx, given: Plan, now: int) -> dict[str, str]:
    """The bins to count and what lies there. Refuses `unknown_bin`."""
    stock.warehouse(tx, given.warehouse)
    if not given.bins:
        since = now - given.days * DAY
        rows = tx.all(Q.counts_due, warehouse=given.warehouse, since=since, count=given.most)
        return {row["code"]: row["sku"] for row in rows}
    found = {}
    for code in given.bins:
        row = tx.one(Q.bin, code=code)
        if row is None or row["warehouse"] != given.warehouse:
            raise Refused("unknown_bin", warehouse=given.warehouse, bin=code)
        found[code] = row["sku"]
    return found


def order_counts(tx: Tx, warehouse: str, bins: dict[str, str], actor: Actor, now: int) -> int:
    """A task each, once as long as it is open; returns how many."""
    for code, sku in bins.items():
        if tx.one(Q.is_count_asked, warehouse=warehouse, bin=code) is None:
            stock.todo(tx, "count", warehouse, sku, code, 0, "", f"plan/{code}/{now}", now)
    body = {"bins": len(bins), "warehouse": warehouse}
    journal.record(tx, "system", "counts.ordered", body, actor, now)
    return len(bins)
