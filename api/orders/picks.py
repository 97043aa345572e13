"""An order's picks: the fold of `sync` applied to the order as it stands, and its conflicts kept for lists.

The fold alone decides; this room feeds it the present facts and carries out what follows: counts on the lines,
the move to `picking`, conflicts to show, pieces to put away, late pieces to consume, pieces kept from an
amended order carried to its next version.
"""

from typing import Any

import msgspec

from api.db.tx import Row, Tx
from api.journal import service as journal
from api.kernel import time as times
from api.kernel.actor import SYSTEM
from api.orders import hands, machine, snapshots, store
from api.orders.model import Line, Order
from api.orders.numbers import stem
from api.orders.store import Q
from api.stock import service as stock
from api.stock.model import Want
from sync.facts import Bin, LineCount, OrderFacts, Projection, Settlement
from sync.facts import Line as FactLine
from sync.ops import Op
from sync.project import project

replace = msgspec.structs.replace
_out = msgspec.json.Encoder().encode


Found = tuple[Projection, list[Op]]


class SettlementBody(msgspec.Struct, frozen=True):
    ops: tuple[str, ...] = ()


_settled_in = msgspec.json.Decoder(SettlementBody).decode


class Said(msgspec.Struct, frozen=True, array_like=True):
    """What an op says beyond the columns of its row."""

    hlc: str
    at: str
    kind: str
    qty: int
    bin: str
    code: str
    target: str
    v: int


_said_in = msgspec.json.Decoder(Said).decode


def said(op: Op) -> str:
    return _out(Said(op.hlc, op.at, op.kind, op.qty, op.bin, op.code, op.target, op.v)).decode()


def op_of(row: Row) -> Op:
    """The op as it came, off its row."""
    one = _said_in(row["said"])
    return Op(
        row["id"], one.hlc, one.at, row["actor"], row["order_no"], row["line_no"], one.kind, one.qty, one.bin,
        one.code, one.target, one.v,
    )  # fmt: skip


def ops_of(tx: Tx, order_no: str) -> list[Op]:
    return [op_of(row) for row in tx.all(Q.ops_of, order_no=order_no)]


def settlements_of(tx: Tx, order_no: str) -> list[Settlement]:
    return [
        Settlement(
            id=str(row["seq"]),
            seq=row["seq"],
            conflict=row["conflict"],
            choice=row["choice"],
            by=row["actor"],
            at=times.text(row["at"], "UTC"),
            ops=_settled_in(row["body"]).ops,
        )
        for row in tx.all(Q.settlements_of, order_no=order_no)
    ]


def facts_of(tx: Tx, order: Order, ops: list[Op]) -> OrderFacts:
    bins = {}
    for code in {op.bin for op in ops if op.bin}:
        row = tx.one(stock.Q.bin, code=code)
        if row is not None:
            bins[code] = Bin(row["warehouse"], row["sku"])
    return OrderFacts(
        order_no=order.order_no,
        state=order.state,
        held=order.held is not None,
        # What came over from the version before is no pick of this one.
        lines=tuple(
            FactLine(line.line_no, line.sku, line.qty - line.carried, line.warehouse) for line in order.lines
        ),
        consumed={line.line_no: max(0, line.consumed - line.carried) for line in order.lines},
        bins=bins,
    )


def projected(tx: Tx, order: Order) -> Found | None:
    """None where nobody has picked anything of this order."""
    ops = ops_of(tx, order.order_no)
    if not ops:
        return None
    return project(facts_of(tx, order, ops), ops, settlements_of(tx, order.order_no)), ops


def refolded(tx: Tx, order: Order, now: int, found: Found | None = None) -> tuple[Order, set[str]]:
    """The order as its picks make it, and the orders that lost stock to pieces taken beyond it.

    Writes conflicts and tasks; the caller writes the order. `found`: what `projected` gave of this very order.
    """
    found = found or projected(tx, order)
    if found is None:
        order = _counted(order, {})
        if order.state == "amended" and any(line.carried for line in order.lines):
            return order, _carry_on(tx, order, project(facts_of(tx, order, []), [], ()), [], now)
        return order, set()
    projection, ops = found
    if projection.started and order.state == "to_pick" and order.held is None:
        order = machine.step(order, "start_picking", now).order  # the fold tells the two states not apart
    order = hands.lifted(tx, order, ops, projection, now)
    order, lost = _late(tx, order, projection, now)
    if lost or any(line.late for line in projection.lines):
        projection, _ = projected(tx, order) or (projection, ops)
    _keep_conflicts(tx, order, projection, now)
    _put_away(tx, order, projection, now)
    order = _counted(order, {line.line_no: line for line in projection.lines})
    picker = max(ops, key=lambda op: op.hlc).actor
    if picker and order.state not in ("shipped", "delivered", "returned"):
        order = replace(order, picker=picker)
    if order.state == "amended":
        lost |= _carry_on(tx, order, projection, ops, now)
    return order, lost


def awaited(tx: Tx, order: Order, now: int) -> Order:
    """A new order as the ops make it that came before it did (a device knew it, this database not yet)."""
    unknown: frozenset[str] | None = tx.cache.get("ops")
    if unknown is None:
        unknown = tx.cache["ops"] = frozenset(row[0] for row in tx.all(Q.unknown_orders))
    if order.order_no not in unknown:
        return order
    tx.run(Q.know_ops, order_no=order.order_no)
    order, _ = refolded(tx, order, now)
    return order


def _counted(order: Order, counts: dict[int, LineCount]) -> Order:
    lines = tuple(
        replace(
            line,
            picked=line.carried + (count.picked if count else 0),
            short=_open_short(order, line, count) if count else 0,
            kept=count.extra if count else 0,
        )
        for line in order.lines
        for count in (counts.get(line.line_no),)
    )
    return order if lines == order.lines else replace(order, lines=lines)


def _open_short(order: Order, line: Line, count: LineCount) -> int:
    """What was short and went on as a backorder is short here no more."""
    if not order.rest.has_parts:
        return count.short
    return min(count.short, max(0, line.qty - line.carried - count.picked))


def _late(tx: Tx, order: Order, projection: Projection, now: int) -> tuple[Order, set[str]]:
    """Pieces picked after the parcel left and settled to stay: they leave the stock now."""
    lost: set[str] = set()
    late = {line.line_no: line.late for line in projection.lines if line.late}
    if not late:
        return order, lost
    lines = []
    for line in order.lines:
        if late.get(line.line_no):
            want = Want(line.line_no, line.sku, late[line.line_no])
            lost |= stock.consume(tx, line.warehouse, want, order.order_no, {}, SYSTEM, now)
            line = replace(line, consumed=line.consumed + want.qty)
        lines.append(line)
    return replace(order, lines=tuple(lines)), lost


def _keep_conflicts(tx: Tx, order: Order, projection: Projection, now: int) -> None:
    known = {
        row["id"]: (row["body"], row["is_open"], row["warehouse"])
        for row in tx.all(Q.conflicts_of, order_no=order.order_no)
    }
    for conflict in projection.conflicts:
        body, is_open = _out(conflict).decode(), int(conflict.settled is None)
        if known.pop(conflict.id, None) != (body, is_open, order.warehouse):
            tx.run(
                Q.save_conflict,
                id=conflict.id, order_no=order.order_no, warehouse=order.warehouse, kind=conflict.kind,
                body=body, is_open=is_open, at=now,
            )  # fmt: skip
    for gone in known:
        tx.run(Q.drop_conflict, id=gone)


def _put_away(tx: Tx, order: Order, projection: Projection, now: int) -> None:
    standing = set()
    for away in projection.put_away:
        cause = f"{away.conflict}:{away.settlement}:{away.op or away.line_no}"
        stock.todo(tx, "put_away", away.warehouse, away.sku, away.bin, away.qty, order.order_no, cause, now)
        standing.add(cause)
    stock.drop_todos(tx, "put_away", order.order_no, standing)


def _carry_on(tx: Tx, order: Order, projection: Projection, ops: list[Op], now: int) -> set[str]:
    """What was picked for an amended order and settled to stay counts for its next version, as far as that
    wants it and still stands in the house; the rest goes back. Returns the orders that lost stock by it."""
    following = [
        row for row in tx.all(Q.versions, stem=stem(order.order_no)) if row["version"] == order.version + 1
    ]
    if not following:
        return set()
    before = store.get(tx, following[0]["order_no"])
    free = _free(order, projection, ops)
    lines = before.lines
    if before.state in machine.UNTIL_PACKED or before.state == "amended":
        lines = tuple(replace(line, carried=_share(free, line)) for line in before.lines)
    else:
        for line in before.lines:
            free[line.sku] = free.get(line.sku, 0) - line.carried
    for sku, left in free.items():
        if left > 0:
            cause = f"{order.order_no}/carried/{sku}"
            stock.todo(tx, "put_away", order.warehouse, sku, "", left, order.order_no, cause, now)
    return set() if lines == before.lines else _carried(tx, order, before, lines, now)


def _free(order: Order, projection: Projection, ops: list[Op]) -> dict[str, int]:
    """Pieces by SKU that nobody has to decide about any more."""
    still_open = {
        op_id for c in projection.conflicts if c.kind == "amended" and not c.settled for op_id in c.ops
    }
    free: dict[str, int] = {}
    for line, count in zip(order.lines, projection.lines, strict=True):
        waiting = sum(op.qty for op in ops if op.line_no == line.line_no and op.id in still_open)
        free[line.sku] = free.get(line.sku, 0) + line.carried + count.picked - waiting
    return free


def _share(free: dict[str, int], line: Line) -> int:
    share = max(0, min(line.qty, free.get(line.sku, 0)))
    free[line.sku] = free.get(line.sku, 0) - share
    return share


def _carried(tx: Tx, order: Order, before: Order, lines: tuple[Line, ...], now: int) -> set[str]:
    after = replace(before, lines=lines, updated_at=now)
    if after.state == "to_pick" and after.held is None and any(line.carried for line in lines):
        after = machine.step(after, "start_picking", now).order
    # Its own picks meet what came over, and an answer that came late goes on to the version that stands.
    after, lost = refolded(tx, after, now)
    body: dict[str, Any] = {
        "carried_from": order.order_no,
        "lines": [[line.line_no, line.carried] for line in lines],
    }
    if after.state != before.state:
        after = snapshots.take(tx, after, SYSTEM, now)
        body |= {"from": before.state, "snapshot": after.snapshot, "to": after.state}
    store.update(tx, before, after)
    journal.record(tx, f"order:{after.order_no}", "order.carried", body, SYSTEM, now)
    return lost
