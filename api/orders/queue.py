"""Who waits for stock, in the order in which the next pieces are offered: who was promised the earliest ship time, then the
tier, then who came first. A total order: two orders never stand on one place. Reads only.
"""

from collections.abc import Iterable
from typing import NamedTuple

import msgspec

from api.db.tx import Row, Tx
from api.orders.model import Rest
from api.orders.store import Q
from api.stock.service import TIERS

_rest_in = msgspec.json.Decoder(Rest).decode


class Waiting(NamedTuple):
    """`place` sorts; `ship_by` in ms, None: nothing was promised."""

    order_no: str
    ship_by: int | None
    tier: str
    number: int

    @property
    def place(self) -> tuple[bool, int, int, int]:
        return (self.ship_by is None, self.ship_by or 0, -TIERS.get(self.tier, 0), self.number)


def waiting(tx: Tx, skus: Iterable[str]) -> list[Waiting]:
    """Red orders that want one of these SKUs, the first to be served first."""
    found = {}
    for sku in skus:
        for row in tx.all(Q.waiting_for, sku=sku):
            one = _waiting(row)
            if one is not None:
                found[one.order_no] = one
    return sorted(found.values(), key=lambda one: one.place)


def _waiting(row: Row) -> Waiting | None:
    rest = _rest_in(row["rest"])
    if all(trouble.code != "short_stock" for trouble in rest.exceptions):
        return None
    ship_by = None if rest.promise is None else rest.promise.ship_by
    return Waiting(row["order_no"], ship_by, row["tier"], row["id"])
