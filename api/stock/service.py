"""Reserve, release, consume; with `moving` (moves by hand) the only functions that change stock.

Scarcity is one conditional statement, never read-then-write. Several SKUs are taken in sorted order. What
pushes `on_hand` below `reserved` releases reservations first, the lowest tier's youngest, and says whose.
"""

import unicodedata
from collections.abc import Mapping

from api.db.lookups import Lookup
from api.db.queries import LAST, like
from api.db.tx import Row, Tx
from api.kernel.actor import Actor
from api.kernel.bounded import Bounded, held
from api.kernel.errors import Refused
from api.stock import outside
from api.stock.drift import drift as drift
from api.stock.ledger import Move, book, leaving, spread, today
from api.stock.ledger import Q as Q
from api.stock.model import Shortage, Sku, Want, Warehouse
from api.stock.units import Unit

TIERS = {"vip": 1}
# Why a reservation ended.
HOW = {
    "consumed": ("发货用掉", "left with its parcel"),
    "short": ("没拣到，余下的放开", "not picked: the rest became free"),
    "cancelled": ("订单取消", "the order was cancelled"),
    "amended": ("订单改了", "the order was amended"),
    "moved": ("改由别的仓发货", "it ships from another warehouse"),
    "split": ("拆成几单", "the order was split"),
    "fell_back": ("实物不够，被收回", "there were fewer pieces: taken back"),
    "lapsed": ("承诺过期", "the promise lapsed"),
    "given_back": ("承诺取消", "the promise was given back"),
    "wms_refused": ("仓库的 WMS 没锁住", "the warehouse's WMS refused the lock"),
    "taken_over": ("转给订单", "an order took it over"),
}
# What is free of a SKU in a warehouse, reservations that wait to be written taken off. Nobody believes it in the end: the
# statement that reserves asks again whether the pieces are free.
FREE = Lookup(Q.free)
# When the first reservation of a SKU lapses, wherever; None: they have no end.
LAPSES = Lookup(Q.lapses)


def sku(tx: Tx, code: str) -> Sku | None:
    known: dict[str, Sku | None] = tx.slow.setdefault("skus", {})
    if code not in known:
        if len(known) > 50_000:
            known.clear()
        row = tx.one(Q.sku, code=code)
        known[code] = None if row is None else Sku(*row)
    return known[code]


def unit(tx: Tx, sku: Sku, uom: str) -> Unit:
    """A unit of this SKU's; one that nobody stated is its own, or a weight."""
    if uom == sku.uom:
        return Unit(uom, 1)
    return next((one for one in units_of(tx, sku.code) if one.uom == uom), Unit(uom))


def units_of(tx: Tx, code: str) -> tuple[Unit, ...]:
    """The units that were stated beside the base unit."""
    known: Bounded[str, tuple[Unit, ...]] = held(tx.slow, "units")
    if code not in known:
        known[code] = tuple(Unit(*row) for row in tx.all(Q.units_of, sku=code))
    return known[code]


def units_between(tx: Tx, skus: list[Row]) -> dict[str, tuple[Unit, ...]]:
    """Those of a page of SKUs by code."""
    by_code: dict[str, tuple[Unit, ...]] = {}
    if skus:
        for row in tx.all(Q.units_between, first=skus[0]["code"], last=skus[-1]["code"]):
            by_code[row["sku"]] = (*by_code.get(row["sku"], ()), Unit(*tuple(row)[1:]))
    return by_code


def found(tx: Tx, text: str, most: int) -> list[Row]:
    """At most `most` SKUs whose code, name or barcode the text begins, or is a part of; the best first.

    One walk over the table: 5 ms with 20 000 SKUs, measured, so no index serves it. A code is found however its
    letters and widths are typed (ｂｐ－１０ is BP-10).
    """
    code = unicodedata.normalize("NFKC", text).upper()
    return tx.all(
        Q.skus_like,
        text=text, beyond=text + LAST, part=like(text), code=code, code_beyond=code + LAST, code_part=like(code),
        count=most,
    )  # fmt: skip


def stock_of(tx: Tx, codes: list[str], place: str, now: int) -> list[Row]:
    """What lies where of each of these SKUs; of what no warehouse has known, nothing. What has lapsed is free."""
    return [row for code in codes for row in tx.all(Q.stock_of, sku=code, warehouse=place, now=now)]


def warehouses(tx: Tx) -> tuple[Warehouse, ...]:
    """All of them, the company's default first."""
    found: tuple[Warehouse, ...] | None = tx.slow.get("warehouses")
    if found is None:
        found = tuple(Warehouse(*row) for row in tx.all(Q.warehouses))
        tx.slow["warehouses"] = found
    return found


def warehouse(tx: Tx, code: str) -> Warehouse:
    """Refuses `unknown_warehouse`."""
    for found in warehouses(tx):
        if found.code == code:
            return found
    raise Refused("unknown_warehouse", warehouse=code)


def is_outside(tx: Tx, code: str) -> bool:
    """Does a WMS keep this warehouse?"""
    return any(one.code == code and one.is_outside for one in warehouses(tx))


def shortage(tx: Tx, place: str, wants: list[Want]) -> Shortage | None:
    """The first SKU that a warehouse lacks for all of these; two lines of one SKU count together."""
    return _lacking(tx, place, _by_sku(wants))


def _by_sku(wants: list[Want]) -> dict[str, int]:
    need: dict[str, int] = {}
    for want in wants:
        need[want.sku] = need.get(want.sku, 0) + want.qty
    return need


def _lacking(tx: Tx, place: str, need: dict[str, int]) -> Shortage | None:
    for code in sorted(need):
        free = FREE.get(tx, place, code) or 0
        if free < need[code]:
            return Shortage(place, code, need[code], free)
    return None


def reserve(
    tx: Tx, place: str, wants: list[Want], order_no: str, tier: str, actor: Actor, now: int,
    ends: int | None = None,
) -> Shortage | None:  # fmt: skip
    """All wants in one warehouse, or none of them and the first shortage. `order_no`: an order's, or a promise's id;
    `ends`: when, None without an end. What has lapsed still stands in the way here: see `lapsed`."""
    need = _by_sku(wants)
    short = _lacking(tx, place, need)
    if short is not None:
        return short
    for code, qty in need.items():
        FREE.put(tx, (place, code), FREE.get(tx, place, code) - qty)
        tx.summed(Q.reserve, (place, code), qty)
        if ends is not None:
            LAPSES.put(tx, (code,), min(ends, LAPSES.get(tx, code) or ends))
    is_wms = is_outside(tx, place)
    for want in wants:
        lock = outside.locked(tx, place, want.sku, want.qty, order_no, now) if is_wms else ""
        tx.later(
            Q.hold,
            warehouse=place, sku=want.sku, order_no=order_no, line_no=want.line_no, qty=want.qty,
            tier=TIERS.get(tier, 0), actor=actor.name, at=now,
            release_when="shipped" if ends is None else "expired", expires_at=ends, lock_id=lock,
        )  # fmt: skip
    return None


def lapsed(tx: Tx, place: str, code: str, now: int) -> list[str]:
    """Who holds this SKU there beyond the time: promises and orders, each once."""
    if (LAPSES.get(tx, code) or now + 1) > now:
        return []
    return [row["order_no"] for row in tx.all(Q.lapsed, warehouse=place, sku=code, now=now)]


def keep(tx: Tx, order_no: str) -> None:
    """What this order holds has no end any more: it goes when the goods do."""
    tx.run(Q.keep_holds, order_no=order_no)


def expired(tx: Tx, now: int) -> list[str]:
    """SKUs of which pieces lie in stock whose last day is over."""
    return [row["sku"] for row in tx.all(Q.expired, day=today(now))]


def available(tx: Tx, place: str, code: str) -> int:
    row = tx.one(Q.stock, warehouse=place, sku=code)
    return 0 if row is None else row["on_hand"] - row["reserved"]


def is_free(tx: Tx, code: str) -> bool:
    """Has any warehouse a piece that nobody holds?"""
    return tx.one(Q.any_free, sku=code) is not None


def release(
    tx: Tx, order_no: str, how: str, actor: Actor, now: int, line_no: int | None = None
) -> dict[int, int]:
    """Give back what an order or a promise (or one of its lines) holds; `how` is a word of `HOW`. Returns pieces by line."""
    freed: dict[int, int] = {}
    for row in tx.all(Q.held_by, order_no=order_no):
        if line_no is not None and row["line_no"] != line_no:
            continue
        tx.run(Q.unreserve, warehouse=row["warehouse"], sku=row["sku"], qty=row["qty"])
        _end(tx, order_no, row, row["qty"], how, actor, now)
        freed[row["line_no"]] = freed.get(row["line_no"], 0) + row["qty"]
    return freed


def _end(tx: Tx, order_no: str, row: Row, qty: int, how: str, actor: Actor, now: int) -> None:
    """So many pieces of a reservation end; the ledger keeps who had them since when, and why they went."""
    place = {"order_no": order_no, "line_no": row["line_no"], "warehouse": row["warehouse"]}
    if qty < row["qty"]:
        tx.run(Q.shrink_hold, qty=row["qty"] - qty, **place)
    else:
        tx.run(Q.drop_hold, **place)
    if row["lock_id"]:
        outside.ended(tx, order_no, row, qty, how == "consumed", now)
    tx.later(
        Q.released,
        at=now, warehouse=row["warehouse"], sku=row["sku"], order_no=order_no, line_no=row["line_no"], qty=qty,
        how=how, actor=actor.name, held_at=row["at"], held_by=row["actor"],
    )  # fmt: skip


def release_to(tx: Tx, order_no: str, line_no: int, keep: int, actor: Actor, now: int) -> int:
    """Shrink a line's reservation to `keep` pieces; returns how many it holds then."""
    left = keep
    for row in tx.all(Q.held_by, order_no=order_no):
        if row["line_no"] != line_no:
            continue
        stays = min(left, row["qty"])
        left -= stays
        if stays < row["qty"]:
            tx.run(Q.unreserve, warehouse=row["warehouse"], sku=row["sku"], qty=row["qty"] - stays)
            _end(tx, order_no, row, row["qty"] - stays, "short", actor, now)
    return keep - left


def consume(
    tx: Tx,
    place: str,
    want: Want,
    order_no: str,
    picked_from: dict[str, int],
    actor: Actor,
    now: int,
    lots: Mapping[str, int] | None = None,
) -> set[str]:
    """A line's pieces leave the house: out of its own reservation first, the rest of which is released.

    `lots`: those that are in hand. Returns the orders that lost theirs, where more left than was held.
    """
    held = release_to(tx, order_no, want.line_no, want.qty, actor, now)
    row = tx.one(Q.stock, warehouse=place, sku=want.sku)
    on_hand, reserved = (0, 0) if row is None else (row["on_hand"], row["reserved"])
    gone = min(want.qty, on_hand)  # what was never booked in cannot be booked out
    lost = make_room(tx, place, want.sku, on_hand - gone, reserved - held, actor, now, spare=order_no)
    row = tx.one(Q.stock, warehouse=place, sku=want.sku)
    if row is not None:  # what the order's other lines hold stays
        gone = min(gone, row["on_hand"] - row["reserved"] + held)
    for item in tx.all(Q.held_by, order_no=order_no):
        if item["line_no"] == want.line_no:
            _end(tx, order_no, item, item["qty"], "consumed", actor, now)
    tx.run(Q.consume, warehouse=place, sku=want.sku, held=held, qty=gone)
    if is_outside(tx, place):
        outside.confirm(tx, place, "", want.sku, gone - held, order_no, now)
    if gone < want.qty:  # pieces that no record knew: somebody has to look
        cause = f"{order_no}/{want.line_no}/unbooked"
        todo(tx, "count", place, want.sku, "", want.qty - gone, order_no, cause, now)
    has = {item["bin"]: item["qty"] for item in tx.all(Q.bins_with, warehouse=place, sku=want.sku)}
    for bin_code, qty in spread(has, picked_from.items(), gone).items():
        for lot, n in leaving(tx, place, want.sku, bin_code, qty, lots or {}, now).items():
            book(tx, Move("consume", place, want.sku, bin_code, -n, lot, order_no), actor, now)
    return lost


def transfer(
    tx: Tx, place: str, code: str, origin: str, to: str, qty: int, order_no: str, actor: Actor, now: int,
    named: Mapping[str, int],
) -> dict[str, int]:  # fmt: skip
    """Pieces go from one bin to another of the same warehouse, as many as the record has, the named lots first; returns
    how many of each lot."""
    has = tx.value(Q.bin_qty, warehouse=place, sku=code, bin=origin) or 0
    moved = leaving(tx, place, code, origin, min(qty, has), named, now) if min(qty, has) else {}
    for lot, n in moved.items():
        for bin_code, by in ((origin, -n), (to, n)):
            book(tx, Move("transfer", place, code, bin_code, by, lot, order_no), actor, now)
    return moved


def make_room(
    tx: Tx, place: str, code: str, on_hand: int, reserved: int, actor: Actor, now: int, spare: str = ""
) -> set[str]:
    """Release whole orders' and promises' reservations until `reserved <= on_hand`; returns whose."""
    lost: set[str] = set()
    if reserved <= on_hand:
        return lost
    for row in tx.all(Q.holders, sku=code, warehouse=place, now=now):
        if reserved <= on_hand:
            break
        if row["order_no"] in lost or row["order_no"] == spare:
            continue
        mine = tx.all(Q.held_by, order_no=row["order_no"])
        reserved -= sum(r["qty"] for r in mine if r["sku"] == code and r["warehouse"] == place)
        release(tx, row["order_no"], "fell_back", actor, now)
        lost.add(row["order_no"])
    return lost


def todo(
    tx: Tx, kind: str, place: str, code: str, bin_code: str, qty: int, order_no: str, cause: str, now: int
) -> None:
    """A task for the floor: count, put_away, inspect; `cause` makes it once."""
    tx.run(
        Q.todo,
        kind=kind, warehouse=place, sku=code, bin=bin_code, qty=qty, order_no=order_no, cause=cause, at=now,
    )  # fmt: skip


def drop_todos(tx: Tx, kind: str, order_no: str, standing: set[str]) -> None:
    """Open tasks of an order whose cause stands no more (a pick was voided after it was put away) go."""
    for row in tx.all(Q.todos_of, kind=kind, first=f"{order_no}/", beyond=f"{order_no}0"):
        if row["cause"] not in standing:
            tx.run(Q.drop_todo, id=row["id"])
