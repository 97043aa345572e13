"""The question that dates are made from, gathered from the tables: where from, where to, what waits before, which days.

`ask` is what a promise, an order's estimate and an order under way share; `api.promise.dates.window` answers it. Reads
only, a few keyed statements; nothing is asked of a network.
"""

from collections.abc import Iterable

from api.db.tx import Tx
from api.orders import learning, workdays
from api.orders.model import Address, Order
from api.orders.store import Q
from api.promise.dates import Ask, spot
from api.stock import service as stock

# More than so many orders before it are a queue of this length.
MOST_AHEAD = 2_000


def ask(
    tx: Tx,
    warehouse: str,
    where: Address,
    wants: Iterable[tuple[str, int]],
    tags: Iterable[str],
    now: int,
    tz: str,
    *,
    want_by: int | None = None,
    ahead: int | None = None,
    left_at: int | None = None,
) -> Ask:
    """`wants`: SKUs and pieces; `ahead`: orders before it, None: counted. Refuses `unknown_warehouse`."""
    house = stock.warehouse(tx, warehouse)
    return Ask(
        warehouse=house.code,
        cutoff=house.cutoff,
        origin=spot(house.adcode, house.lng_e6, house.lat_e6),
        goal=spot(where.adcode, where.lng_e6, where.lat_e6),
        now=now,
        tz=tz,
        days=workdays.known(tx),
        learned=learning.load(tx),
        weight_g=_weight(tx, wants) or None,
        ahead=waiting(tx, house.code) if ahead is None else ahead,
        tags=tuple(tags),
        want_by=want_by,
        left_at=left_at,
    )


def of_order(tx: Tx, order: Order, now: int, tz: str) -> Ask:
    """Of an order as it stands: its turn has come, whatever waits before it; under way since its last parcel."""
    left_at = order.rest.parcels[-1].at if order.state == "shipped" and order.rest.parcels else None
    wants = ((line.sku, line.qty) for line in order.lines)
    tags = (tag.tag for tag in order.rest.tags)
    return ask(tx, order.warehouse, order.address, wants, tags, now, tz, ahead=0, left_at=left_at)


def waiting(tx: Tx, warehouse: str) -> int:
    """Orders that this warehouse has still to pick."""
    found: int = tx.must(Q.ahead, warehouse=warehouse, most=MOST_AHEAD)["waiting"]
    return found


def _weight(tx: Tx, wants: Iterable[tuple[str, int]]) -> int:
    known = ((stock.sku(tx, code), qty) for code, qty in wants)
    return sum(sku.weight_g * qty for sku, qty in known if sku is not None)
