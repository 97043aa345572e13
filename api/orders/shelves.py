"""What is free for one order, warehouse by warehouse, the nearest to its address first. Reads only."""

from collections.abc import Iterable

from api.db.tx import Tx
from api.orders.model import Order
from api.orders.planning import Shelf
from api.orders.reserving import nearest_first
from api.stock.service import Q


def of(tx: Tx, order: Order, now: int, more: Iterable[str] = ()) -> list[Shelf]:
    """`more`: SKUs beside the order's own. What has lapsed is free."""
    skus = {line.sku for line in order.lines if line.qty} | set(more)
    free: dict[str, dict[str, int]] = {}
    for sku in sorted(skus):
        for row in tx.all(Q.free_where, sku=sku, now=now):
            free.setdefault(row["warehouse"], {})[sku] = row["free"]
    return [Shelf(house.code, free.get(house.code, {})) for house in nearest_first(tx, order.address)]
