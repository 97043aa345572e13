"""What a WMS's answers do here: a lock confirmed or refused, a stock mirrored. One unit of work a function, no network.

What was refused there is not reserved here any more: its order falls back, with the words of the WMS, and other
warehouses are tried. A count of theirs becomes moves of the ledger's own, once what they were not told yet is taken off.
"""

from typing import Literal, NamedTuple

import msgspec

from api.db.tx import Row, Tx
from api.journal import service as journal
from api.kernel.actor import Actor
from api.kernel.errors import Refused, Why
from api.kernel.time import DAY, MINUTE
from api.orders.saving import confirmed, fall_back, retry, try_elsewhere
from api.stock import moving, outside
from api.stock import service as stock
from api.stock.ledger import is_by_lots
from api.stock.model import MoveIn
from api.stock.outside import Call
from api.wms import store
from api.wms.breaker import wait_ms
from api.wms.model import Done, Lying, No, Odd, Outcome
from api.wms.store import Q

replace = msgspec.structs.replace
WMS = Actor("wms", "system")
REASON = "wms"
LEASE_MS = 2 * MINUTE
ODD_TRIES = 3
DOUBT_MS = 10 * MINUTE
KEPT_MS = 30 * DAY


class Sent(NamedTuple):
    """`once`: it counts once under this word, until a person sends what was refused for good anew."""

    number: int
    tries: int
    call: Call
    once: str


def take_lane(tx: Tx, code: str, lane: str, now: int) -> bool:
    """Is it ours to send this warehouse's calls? Who is gone for a while loses it."""
    return tx.run(Q.take_lane, warehouse=code, lane=lane, until=now + LEASE_MS, now=now) == 1


def next_call(tx: Tx, code: str, now: int) -> Sent | None:
    """The call that goes out now; from here on it may have been heard."""
    row = tx.one(Q.first_ready, warehouse=code, now=now)
    if row is None:
        return None
    tx.run(Q.sent, id=row["id"], now=now)
    return Sent(row["id"], row["tries"] + 1, _call(row), f"{row['id']}-{row['at']}")


def _call(row: Row) -> Call:
    return Call(
        row["kind"], row["warehouse"], row["lock_id"], row["sku"], row["qty"], row["order_no"], bool(row["whole"])
    )  # fmt: skip


def noted(tx: Tx, sent: Sent, outcome: Outcome, now: int, roll: float) -> None:
    """What an answer means; one that comes a second time, or after somebody gave the call up, means nothing."""
    row = tx.one(Q.call, id=sent.number)
    if row is None or row["state"] != "waiting":
        return
    call = _call(row)
    if isinstance(outcome, Done):
        tx.run(outside.Q.end_call, id=sent.number, state="done", said="", now=now)
        if call.kind == "lock":
            _locked(tx, call, now)
    elif isinstance(outcome, No) and call.kind == "lock":
        refused(tx, sent.number, call, outcome, now)
    else:
        is_stuck = isinstance(outcome, No) or (isinstance(outcome, Odd) and sent.tries >= ODD_TRIES)
        tx.run(
            Q.again,
            id=sent.number, state="stuck" if is_stuck else "waiting", said=outcome.why,
            next_at=now + wait_ms(sent.tries, roll),
        )  # fmt: skip


def _locked(tx: Tx, call: Call, now: int) -> None:
    for order_no in dict.fromkeys(row["order_no"] for row in tx.all(Q.of_lock, lock_id=call.lock_id)):
        if not outside.is_unconfirmed(tx, order_no):
            confirmed(tx, order_no, call.warehouse, WMS, now)


def refused(tx: Tx, number: int, call: Call, no: No, now: int) -> None:
    """A lock that there will not be: what was reserved by it is free, the mirror knows better at once."""
    tx.run(outside.Q.end_call, id=number, state="refused", said=no.why, now=now)
    tx.run(Q.drop_releases, lock_id=call.lock_id, now=now)
    lost = {row["order_no"] for row in tx.all(Q.of_lock, lock_id=call.lock_id)}
    skus = {call.sku}
    for order_no in sorted(lost):
        held = tx.all(stock.Q.held_by, order_no=order_no)
        skus |= {row["sku"] for row in held}
        stock.release(tx, order_no, "wms_refused", WMS, now)
    row = tx.must(Q.house, warehouse=call.warehouse)
    free = call.qty - 1 if no.available is None else min(no.available, call.qty - 1)
    state = store.state_of(row)
    is_odd = no.available is None or no.available >= call.qty
    doubt = {call.sku: (call.qty, now + DOUBT_MS)} if is_odd else {}
    store.keep(tx, call.warehouse, replace(state, doubted={**state.doubted, **doubt}, look_at=0))
    there = tx.one(stock.Q.stock, warehouse=call.warehouse, sku=call.sku)
    if there is not None and there["on_hand"] - there["reserved"] > free:
        lost |= _set(tx, call.warehouse, call.sku, there["reserved"] + free, now)
    said = no.why or "not enough there"
    fall_back(
        tx,
        lost,
        Why(f"{call.warehouse} 的 WMS 没锁住：{said}", f"the WMS of {call.warehouse} refused: {said}"),
        now,
    )
    for order_no in sorted(lost):
        try_elsewhere(tx, order_no, now)
    retry(tx, skus, now, but=lost)


# The mirror ------------------------------------------------------------------------------------------------


class Pending(msgspec.Struct):
    """Of one SKU: what they hold for us as far as we know, what left here and they were not told, and whether the last
    word on something is still out."""

    held: int = 0
    left: int = 0
    asked: int = 0
    in_doubt: bool = False


def pending(tx: Tx, code: str) -> dict[str, Pending]:
    found: dict[str, Pending] = {}
    calls = tx.all(Q.open_calls, warehouse=code)
    unlocked = {row["lock_id"] for row in calls if row["kind"] == "lock"}
    for row in tx.all(Q.locked, warehouse=code):
        of = found.setdefault(row["sku"], Pending())
        if row["state"] == "done":
            of.held += row["qty"]
    for row in calls:
        of = found.setdefault(row["sku"], Pending())
        of.in_doubt |= row["state"] == "waiting" and row["sent_at"] is not None
        of.asked += row["qty"] if row["kind"] == "lock" else 0
        of.left += row["qty"] if row["kind"] == "confirm" else 0
        is_there = (
            row["lock_id"] not in unlocked and tx.one(stock.Q.lock_call, lock_id=row["lock_id"]) is not None
        )
        of.held += row["qty"] if row["kind"] != "lock" and is_there else 0
    return found


def target(item: Lying, of: Pending, reserved: int, doubt: int | None) -> int:
    """How many pieces the ledger here should have: theirs, less what left here and they do not know of.

    `doubt`: so many they refused lately though they say that they are free.
    """
    if item.available is None:
        there = item.on_hand or 0
    else:
        is_doubted = doubt is not None and item.available >= doubt
        there = (doubt - 1 if doubt is not None and is_doubted else item.available) + of.held
    wanted = max(0, there - of.left)
    return max(wanted, reserved) if of.asked else wanted  # a lock that is on its way is theirs to refuse


class Change(NamedTuple):
    sku: str
    ours: int
    theirs: int


def with_gone(tx: Tx, code: str, items: list[Lying]) -> list[Lying]:
    """A whole stock names all that is there: of what it leaves out there is nothing."""
    named = {item.sku for item in items}
    rows = tx.all(Q.lying, warehouse=code)
    return [*items, *(Lying(r["sku"], 0, None) for r in rows if r["on_hand"] and r["sku"] not in named)]


def changes(tx: Tx, code: str, items: list[Lying], now: int) -> tuple[list[Change], list[str]]:
    """What the ledger here has otherwise, and SKUs that it does not know. What is in doubt is left for the next look."""
    doubted = store.state_of(tx.must(Q.house, warehouse=code)).doubted
    waits, found, unknown = pending(tx, code), list[Change](), list[str]()
    for item in items:
        of, row = waits.get(item.sku, Pending()), tx.one(stock.Q.stock, warehouse=code, sku=item.sku)
        on_hand, reserved = (0, 0) if row is None else (row["on_hand"], row["reserved"])
        asked, until = doubted.get(item.sku, (0, 0))
        wanted = target(item, of, reserved, asked if until > now else None)
        if of.in_doubt or wanted == on_hand:
            continue
        if stock.sku(tx, item.sku) is None:
            unknown.append(item.sku)
        else:
            found.append(Change(item.sku, on_hand, wanted))
    return found, unknown


def mirror(tx: Tx, code: str, items: list[Lying], now: int) -> list[Change]:
    """Their count becomes ours; orders that lose by it fall back, those that waited are tried again."""
    found, _ = changes(tx, code, items, now)
    lost: set[str] = set()
    for change in found:
        lost |= _set(tx, code, change.sku, change.theirs, now)
    fall_back(tx, lost, Why(f"{code} 的 WMS 说少了", f"the WMS of {code} has fewer"), now)
    retry(tx, {change.sku for change in found if change.theirs > change.ours}, now)
    return found


def _set(tx: Tx, code: str, sku: str, wanted: int, now: int) -> set[str]:
    """So many pieces lie there: out of no bin first, then out of the fullest. Returns the orders that lost theirs."""
    row = tx.one(stock.Q.stock, warehouse=code, sku=sku)
    delta = wanted - (0 if row is None else row["on_hand"])
    lost: set[str] = set()
    if delta > 0:
        return moving.applied(tx, MoveIn(_more(tx, sku), code, sku, delta, why=REASON), delta, {}, WMS, now)
    bins = sorted(tx.all(stock.Q.bins_with, warehouse=code, sku=sku), key=lambda one: one["bin"] != "")
    for one in bins:
        take = min(-delta, one["qty"])
        if take > 0:
            delta += take
            lost |= moving.move(tx, MoveIn("adjust", code, sku, -take, one["bin"], REASON), WMS, now)
    return lost


def _more(tx: Tx, sku: str) -> Literal["adjust", "count"]:
    """Pieces of a lot that nobody has named are found, as by a count."""
    return "count" if is_by_lots(tx, sku) else "adjust"


# People ----------------------------------------------------------------------------------------------------


def again(tx: Tx, number: int, actor: Actor, now: int) -> None:
    """A stuck call goes out once more. It was refused for good, so under another key: the old one gets the old answer."""
    row = _stuck(tx, number)
    tx.run(Q.anew, id=number, at=now)
    journal.record(tx, "system", "wms.again", {"call": number, "warehouse": row["warehouse"]}, actor, now)


def give_up(tx: Tx, number: int, actor: Actor, now: int) -> None:
    """A stuck call is not sent any more: a lock counts as refused, the rest as said in another way."""
    row = _stuck(tx, number)
    if row["kind"] == "lock":
        refused(tx, number, _call(row), No("given up by a person"), now)
    else:
        tx.run(outside.Q.end_call, id=number, state="dropped", said="given up by a person", now=now)
    journal.record(tx, "system", "wms.given_up", {"call": number, "warehouse": row["warehouse"]}, actor, now)


def _stuck(tx: Tx, number: int) -> Row:
    row = tx.one(Q.call, id=number)
    if row is None:
        raise Refused("unknown_call", call=str(number))
    if row["state"] != "stuck":
        raise Refused("not_stuck")
    return row
