"""The ledger: every change of a bin as one row that nobody changes, and which lots it concerns.

A SKU that is kept by lots has `lot_stock` beside `bin_stock`, and both are written here alone, so they sum. What leaves
without a lot being named leaves first-expired-first; lots without a date follow in the order in which they came, what has
expired stays to the end. Lot "" is what lay there before its SKU was kept by lots, or what a count found beyond all lots.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from api.db.queries import load
from api.db.tx import Tx
from api.kernel.actor import Actor
from api.kernel.time import local

Q = load(__package__)


class Move(NamedTuple):
    """`qty` signed: what came to the bin, or left it."""

    kind: str
    warehouse: str
    sku: str
    bin: str
    qty: int
    lot: str = ""
    order_no: str = ""
    why: str = ""


def is_by_lots(tx: Tx, sku: str) -> bool:
    known: frozenset[str] | None = tx.slow.get("by_lots")
    if known is None:
        known = tx.slow["by_lots"] = frozenset(row["code"] for row in tx.all(Q.by_lots))
    return sku in known


def book(tx: Tx, move: Move, actor: Actor, now: int) -> None:
    """The bin, its lot and the row that tells of it; `on_hand` is the caller's."""
    place = {"warehouse": move.warehouse, "sku": move.sku, "bin": move.bin}
    if move.qty > 0:
        tx.run(Q.open_bin, **place)
    tx.run(Q.change_bin, qty=move.qty, **place)
    if is_by_lots(tx, move.sku):
        if move.qty > 0:
            tx.run(Q.know_lot, sku=move.sku, lot=move.lot, expires="", at=now)
            tx.run(Q.open_lot, lot=move.lot, **place)
        tx.run(Q.change_lot, qty=move.qty, lot=move.lot, **place)
    tx.run(
        Q.move,
        at=now, kind=move.kind, qty=move.qty, order_no=move.order_no, actor=actor.name, why=move.why, lot=move.lot,
        **place,
    )  # fmt: skip


def today(now: int) -> str:
    """The day at the warehouses, which stand in China whatever zone the company writes its times in."""
    return local(now, "Asia/Shanghai").date().isoformat()


def leaving(
    tx: Tx, place: str, sku: str, bin_code: str, qty: int, named: Mapping[str, int], now: int
) -> dict[str, int]:
    """So many pieces of a bin by lot: those that were named, then what expires first, what has expired last."""
    if not is_by_lots(tx, sku):
        return {"": qty}
    rows = tx.all(Q.lots_in, warehouse=place, sku=sku, bin=bin_code, day=today(now))
    return spread({row["lot"]: row["qty"] for row in rows}, named.items(), qty)


def spread(has: Mapping[str, int], wishes: Iterable[tuple[str, int]], qty: int) -> dict[str, int]:
    """`qty` pieces out of what each has: wishes first, then in the order given."""
    taken: dict[str, int] = {}
    for name, wish in [*wishes, *((name, qty) for name in has)]:
        n = min(wish, has.get(name, 0) - taken.get(name, 0), qty - sum(taken.values()))
        if n > 0:
            taken[name] = taken.get(name, 0) + n
    return taken


def switch_lots(tx: Tx, sku: str, is_on: bool) -> None:
    """From here on by lots, or no longer: what lies there has lot "" then, or none. The caller forgets what was known."""
    tx.run(Q.drop_lot_stock, sku=sku)
    if is_on:
        tx.run(Q.begin_lot_stock, sku=sku)
    tx.run(Q.switch_lots, sku=sku, lots=int(is_on))
