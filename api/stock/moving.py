"""Moves by hand: receive, adjust, count, damage, transfer, and what an inspection put back. Each says whose reservations it cost.

A count and damage are discoveries: they are recorded, and reservations give way. A transfer is a choice: one that would take
pieces which somebody holds is refused. It is two moves of one unit of work; nothing is ever on its way between two places.
"""

from datetime import date

from api.db.tx import Row, Tx
from api.journal import service as journal
from api.kernel.actor import Actor
from api.kernel.errors import Refused, wrong_field
from api.stock.ledger import Move, Q, book, is_by_lots, leaving, today
from api.stock.model import MoveIn
from api.stock.service import make_room, sku, warehouse

_PAST = {
    "receive": "received", "adjust": "adjusted", "count": "counted", "damage": "damaged", "transfer": "transferred",
}  # fmt: skip


def move(tx: Tx, given: MoveIn, actor: Actor, now: int) -> set[str]:
    """One move by hand; returns the orders that lost their reservation by it."""
    warehouse(tx, given.warehouse)
    if sku(tx, given.sku) is None:
        raise Refused("unknown_sku", sku=given.sku)
    if given.lot and not is_by_lots(tx, given.sku):
        raise Refused("no_lots", sku=given.sku)
    if given.lot:
        know_day(tx, given, now)
    if given.kind == "transfer":
        _transfer(tx, given, actor, now)
        return set()
    must_be_bin(tx, given.warehouse, given.bin)
    delta = _delta(given, _lies(tx, given))
    if delta > 0:
        check_bin(tx, given.warehouse, given.bin, given.sku, actor, now)
    return applied(tx, given, delta, {}, actor, now)


def applied(tx: Tx, given: MoveIn, delta: int, more: dict[str, object], actor: Actor, now: int) -> set[str]:
    """So many pieces more or fewer in a bin, by lot; `more`: what the journal says beside. Returns who lost by it."""
    parts = _parts(tx, given, delta, now)
    before = _stock(tx, given.warehouse, given.sku)
    lost = make_room(tx, given.warehouse, given.sku, before[0] + delta, before[1], actor, now)
    on_hand = change(tx, given.warehouse, given.sku, delta)
    for lot, qty in parts.items():
        made = Move(given.kind, given.warehouse, given.sku, given.bin, qty, lot, why=given.why)
        book(tx, made, actor, now)
    if given.kind == "count":
        place = {"warehouse": given.warehouse, "sku": given.sku, "bin": given.bin}
        tx.run(Q.finish_counts, at=now, by=actor.name, **place)
    body = {"kind": given.kind, "bin": given.bin, "qty": delta, "on_hand": on_hand, **more}
    _tell(tx, given, body, lost, actor, now)
    return lost


def _lies(tx: Tx, given: MoveIn) -> int:
    """What the record has in the bin, of the lot that is meant."""
    place = {"warehouse": given.warehouse, "sku": given.sku, "bin": given.bin}
    found = tx.value(Q.lot_qty, lot=given.lot, **place) if given.lot else tx.value(Q.bin_qty, **place)
    return found or 0


def _delta(given: MoveIn, lies: int) -> int:
    if given.kind == "count":
        if given.qty < 0:
            raise wrong_field("$.qty", "盘点数不能小于 0。", "A count is not below 0.")
        return given.qty - lies
    if given.kind == "adjust":
        if given.qty == 0:
            raise wrong_field("$.qty", "调整数不能是 0。", "An adjustment is not 0.")
        delta = given.qty
    else:
        if given.qty < 1:
            raise wrong_field("$.qty", "件数至少 1。", "At least 1 piece.")
        delta = given.qty if given.kind == "receive" else -given.qty
    if lies + delta < 0:
        raise Refused("below_zero", have=lies, asked=-delta)
    return delta


def _parts(tx: Tx, given: MoveIn, delta: int, now: int) -> dict[str, int]:
    """A change by lot. What a count finds beyond the record is of no lot until somebody names it."""
    if delta < 0 and not given.lot:
        found = leaving(tx, given.warehouse, given.sku, given.bin, -delta, {}, now)
        return {lot: -qty for lot, qty in found.items()}
    if not given.lot and given.kind != "count" and is_by_lots(tx, given.sku):
        raise Refused("lot_needed", sku=given.sku)
    return {given.lot: delta}


def _transfer(tx: Tx, given: MoveIn, actor: Actor, now: int) -> None:
    to = given.to_warehouse or given.warehouse
    if given.qty < 1:
        raise wrong_field("$.qty", "件数至少 1。", "At least 1 piece.")
    if (to, given.to_bin) == (given.warehouse, given.bin):
        raise wrong_field("$.to_bin", "要换一个库位或仓库。", "Name another bin or another warehouse.")
    warehouse(tx, to)
    lies = _lies(tx, given)
    if given.qty > lies:
        raise Refused("below_zero", have=lies, asked=given.qty)
    must_be_bin(tx, given.warehouse, given.bin)
    check_bin(tx, to, given.to_bin, given.sku, actor, now)
    named = {given.lot: given.qty} if given.lot else {}
    parts = leaving(tx, given.warehouse, given.sku, given.bin, given.qty, named, now)
    on_hand, reserved = _stock(tx, given.warehouse, given.sku)
    body = {"kind": "transfer", "bin": given.bin, "to_bin": given.to_bin, "to_warehouse": to}
    if to != given.warehouse:
        if given.qty > on_hand - reserved:
            raise Refused("held_there", free=on_hand - reserved, asked=given.qty, warehouse=given.warehouse)
        on_hand = change(tx, given.warehouse, given.sku, -given.qty)
        there = change(tx, to, given.sku, given.qty)
        came = {**body, "qty": given.qty, "on_hand": there, "warehouse": given.warehouse}
        journal.record(tx, f"stock:{to}/{given.sku}", "stock.transferred", came, actor, now)
    for lot, qty in parts.items():
        for place, bin_code, n in ((given.warehouse, given.bin, -qty), (to, given.to_bin, qty)):
            book(tx, Move("transfer", place, given.sku, bin_code, n, lot, why=given.why), actor, now)
    _tell(tx, given, {**body, "qty": -given.qty, "on_hand": on_hand}, set(), actor, now)


def _tell(tx: Tx, given: MoveIn, body: dict[str, object], lost: set[str], actor: Actor, now: int) -> None:
    if given.lot:
        body["lot"] = given.lot
    if given.why:
        body["why"] = journal.keep(tx, f"staff:{actor.name}", given.why).plain
    if lost:
        body["released"] = sorted(lost)
    journal.record(tx, f"stock:{given.warehouse}/{given.sku}", f"stock.{_PAST[given.kind]}", body, actor, now)


class Back(MoveIn, frozen=True, forbid_unknown_fields=True):
    """Pieces that an inspection judged: `qty` go into the bin, `bad` never do."""

    bad: int = 0
    order_no: str = ""


def put_back(tx: Tx, given: Back, actor: Actor, now: int) -> None:
    """What came back is booked in; what is bad comes and goes in one breath, so the ledger tells both."""
    check_bin(tx, given.warehouse, given.bin, given.sku, actor, now)
    if is_by_lots(tx, given.sku) and not given.lot:
        raise Refused("lot_needed", sku=given.sku)
    on_hand = change(tx, given.warehouse, given.sku, given.qty)
    for kind, bin_code, qty in (
        ("return", given.bin, given.qty),
        ("return", "", given.bad),
        ("damage", "", -given.bad),
    ):
        if qty:
            made = Move(kind, given.warehouse, given.sku, bin_code, qty, given.lot, given.order_no, given.why)
            book(tx, made, actor, now)
    body = {"kind": "return", "bin": given.bin, "qty": given.qty, "bad": given.bad, "on_hand": on_hand,
            "order_no": given.order_no}  # fmt: skip
    journal.record(tx, f"stock:{given.warehouse}/{given.sku}", "stock.returned", body, actor, now)


def change(tx: Tx, place: str, code: str, by: int) -> int:
    """`on_hand` afterwards."""
    if by >= 0:
        tx.run(Q.open_stock, warehouse=place, sku=code)
    tx.run(Q.change_on_hand, warehouse=place, sku=code, qty=by)
    return _stock(tx, place, code)[0]


def _stock(tx: Tx, place: str, code: str) -> tuple[int, int]:
    row = tx.one(Q.stock, warehouse=place, sku=code)
    return (0, 0) if row is None else (row["on_hand"], row["reserved"])


def must_be_bin(tx: Tx, place: str, bin_code: str) -> Row | None:
    """None: in no bin. Whatever lies in one may leave it, also what is not the bin's."""
    if not bin_code:
        return None
    row = tx.one(Q.bin, code=bin_code)
    if row is None or row["warehouse"] != place:
        raise Refused("unknown_bin", warehouse=place, bin=bin_code)
    return row


def check_bin(tx: Tx, place: str, bin_code: str, code: str, actor: Actor, now: int) -> None:
    """An empty bin takes what is put there, and devices hear of it: they judge `wrong_bin` by themselves."""
    row = must_be_bin(tx, place, bin_code)
    if row is None:
        return
    if row["sku"] == "":
        tx.run(Q.give_bin, code=bin_code, sku=code)
        body = {"bin": bin_code, "warehouse": place, "sku": code}
        journal.record(tx, "system", "bin.saved", body, actor, now)
        tx.forget()
    elif row["sku"] != code:
        raise Refused("bin_taken", bin=bin_code, sku=row["sku"])


def know_day(tx: Tx, given: MoveIn, now: int) -> bool:
    """A lot has one last day wherever it lies: whoever names it first says it, nobody says another. Is it news?"""
    row, named = tx.one(Q.lot, sku=given.sku, lot=given.lot), _day(given.expires)
    stands = row["expires"] if row is not None else ""
    if named and stands not in ("", named):
        raise Refused("other_day", sku=given.sku, lot=given.lot, stands=stands, named=named)
    last = named or stands
    if given.kind == "receive" and "" < last < today(now):
        raise Refused("lot_expired", sku=given.sku, lot=given.lot, expires=last)
    if named:
        tx.run(Q.know_lot, sku=given.sku, lot=given.lot, expires=named, at=now)
    return named != "" and stands == ""


def _day(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat() if text else ""
    except ValueError:
        raise wrong_field("$.expires", "没有这一天。", "There is no such day.") from None
