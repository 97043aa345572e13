"""Pieces in hand: a pick lifts its pieces out of the bin, into no bin, until the parcel takes them along.

So a bin holds what a person who counts it sees, a true count takes nothing from an order that is being picked,
and the bins still sum to `on_hand`. A void, or a settlement that puts the piece back, lays it into its bin again.
A bin can give no more than its record says: what is lacking there stays to be counted.
"""

import msgspec

from api.db.tx import Tx
from api.kernel.actor import SYSTEM
from api.orders.model import LineBins, Order
from api.stock import service as stock
from sync.facts import Projection
from sync.ops import Op

replace = msgspec.structs.replace
GONE = ("shipped", "delivered", "returned")
NO_BIN = ""


def lifted(tx: Tx, order: Order, ops: list[Op], projection: Projection, now: int) -> Order:
    """The order with its bins as the picks leave them. Once the parcel has left nothing is lifted any more."""
    before = {bins.line_no: bins for bins in order.rest.bins}
    named, codes = _named(ops, projection)
    lines = {line.line_no: line for line in order.lines}
    found = []
    for line_no in sorted(before.keys() | named.keys()):
        line, was = lines.get(line_no), before.get(line_no, LineBins(line_no))
        bins = replace(named.get(line_no, LineBins(line_no)), out=was.out, place=was.place)
        if line is not None and order.state not in GONE and was.place in ("", line.warehouse):
            bins = replace(bins, lots=was.lots)
            bins = _moved(tx, order.order_no, line.warehouse, line.sku, bins, codes.get(line_no, {}), now)
        found.append(bins)
    return replace(order, rest=replace(order.rest, bins=tuple(found)))


def _named(ops: list[Op], projection: Projection) -> tuple[dict[int, LineBins], dict[int, dict[str, int]]]:
    """The bins that live picks and shorts name, without the pieces that were settled to go back; and by line how many were
    taken with which code."""
    gone = {op.target for op in ops if op.kind == "void"} | {
        away.op for away in projection.put_away if away.op
    }
    found: dict[int, LineBins] = {}
    codes: dict[int, dict[str, int]] = {}
    for op in sorted(ops, key=lambda op: op.id):
        if op.id in gone or op.kind not in ("pick", "short") or not op.bin:
            continue
        known = found.get(op.line_no, LineBins(op.line_no))
        if op.kind == "pick":
            picked = {**known.picked, op.bin: known.picked.get(op.bin, 0) + op.qty}
            found[op.line_no] = replace(known, picked=picked)
            scanned = codes.setdefault(op.line_no, {})
            scanned[op.code] = scanned.get(op.code, 0) + op.qty
        else:
            found[op.line_no] = replace(known, short=op.bin)
    return found, codes


def _moved(
    tx: Tx, order_no: str, place: str, sku: str, bins: LineBins, scanned: dict[str, int], now: int
) -> LineBins:
    """`scanned`: a lot's label names the lot that was taken; what nobody named goes back first."""
    out, lots = dict(bins.out), dict(bins.lots)
    for name in sorted(bins.picked.keys() | out.keys()):
        more = bins.picked.get(name, 0) - out.get(name, 0)
        origin, to, sign = (name, NO_BIN, 1) if more > 0 else (NO_BIN, name, -1)
        named = {lot: sign * (scanned.get(lot, 0) - lots.get(lot, 0)) for lot in {**scanned, **lots}}
        moved = stock.transfer(tx, place, sku, origin, to, abs(more), order_no, SYSTEM, now, named)
        out[name] = out.get(name, 0) + sign * sum(moved.values())
        for lot in moved.keys() - {""}:
            lots[lot] = lots.get(lot, 0) + sign * moved[lot]
    out = {name: qty for name, qty in out.items() if qty}
    lots = {lot: qty for lot, qty in lots.items() if qty > 0}
    return replace(bins, out=out, place=place if out else "", lots=lots)


def taken_from(order: Order, line_no: int) -> dict[str, int]:
    """Which bins a line's pieces leave the house from: what is in hand first, then the bins that were scanned."""
    bins = next((bins for bins in order.rest.bins if bins.line_no == line_no), LineBins(line_no))
    carried = sum(line.carried for line in order.lines if line.line_no == line_no)
    in_hand = sum(bins.out.values()) + carried
    return {**({NO_BIN: in_hand} if in_hand else {}), **bins.picked}


def lots_of(order: Order, line_no: int) -> dict[str, int]:
    return next((bins.lots for bins in order.rest.bins if bins.line_no == line_no), {})
