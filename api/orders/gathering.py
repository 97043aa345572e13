"""An order that is too large for what comes at once: after some offers that were too small it gathers, for a while.

Who stands first in the line and cannot be filled whole is passed over, and each time is counted on its exception. From the third
time on what comes is reserved in its name, with an end: nobody jumps it then, and it stops nobody for longer than that. A turn that
ended without all of it is over: who has had fewer turns gathers next.
"""

import msgspec

from api.db.tx import Tx
from api.kernel.actor import SYSTEM, Actor
from api.kernel.time import DAY
from api.orders import frozen, planning, shelves
from api.orders.model import Order, Trouble, unreserved
from api.orders.reserving import ranked, with_trouble
from api.stock import service as stock
from api.stock.model import Want

replace = msgspec.structs.replace
PATIENCE, KEEPS = 3, 3 * DAY


class Turn(msgspec.Struct, frozen=True):
    """`offers`: how often it was passed over since its last turn; `turns` it has had; `until` when what it gathers is kept."""

    offers: int = 0
    turns: int = 0
    until: int = 0


def turn_of(exceptions: tuple[Trouble, ...]) -> Turn:
    data = next((one.data for one in exceptions if one.code == "short_stock"), {})
    return Turn(data.get("offers", 0), data.get("turns", 0), data.get("until", 0))


def let_go(tx: Tx, order: Order, now: int, actor: Actor = SYSTEM) -> Order:
    """The order without what it gathered, which is free."""
    if not any(line.reserved for line in order.lines):
        return order
    stock.release(tx, order.order_no, "gathering", actor, now)
    return replace(order, lines=unreserved(order.lines))


def offered(tx: Tx, before: Order, now: int) -> Order:
    """The order after an offer that was too small: counted, or gathering what there is in the warehouse that has most."""
    turn = turn_of(before.rest.exceptions)
    order = let_go(tx, before, now)
    if turn.until and turn.until <= now:
        return _told(order, Turn(turns=turn.turns + 1))
    if not turn.until:
        turn = replace(turn, offers=turn.offers + 1)
        if turn.offers < PATIENCE:
            return _told(order, turn)
        turn = replace(turn, until=now + KEEPS)
    # A warehouse that a WMS keeps would have to lock and free the pieces there at each try.
    mine = {house.code for house in ranked(tx, order) if not house.is_outside}
    there = [shelf for shelf in shelves.of(tx, order, now) if shelf.warehouse in mine]
    best = planning.most(there, order.lines)
    if best is None:
        return _told(order, turn)
    place, share = best
    skus = {line.line_no: line.sku for line in order.lines}
    wants = [Want(line_no, skus[line_no], qty) for line_no, qty in share.items()]
    tier = order.customer.tier
    if frozen.reserve(tx, place, wants, order.order_no, tier, SYSTEM, now, turn.until) is not None:
        return _told(order, turn)
    lines = tuple(replace(line, warehouse=place, reserved=share.get(line.line_no, 0)) for line in order.lines)
    return _told(replace(order, warehouse=place, lines=lines), turn)


def _told(order: Order, turn: Turn) -> Order:
    """How it stands in words: what is kept for it, or how often it was passed over."""
    kept, asked = sum(line.reserved for line in order.lines), sum(line.qty for line in order.lines)
    if kept:
        zh, en = f"缺货：已给它留 {kept} 件，要 {asked} 件", f"Short: {kept} of {asked} are kept for it"
    else:
        zh = f"缺货：要 {asked} 件，来的不够，让过 {turn.offers} 次"
        en = f"Short: {asked} asked, too few came, passed over {turn.offers} times"
    return with_trouble(order, Trouble("short_stock", zh, en, 0, msgspec.structs.asdict(turn)))
