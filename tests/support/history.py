"""An order's row against its newest snapshot, for the tests that change orders at random."""

from api.db.tx import Tx
from api.orders import snapshots, store


def stale(tx: Tx) -> list[str]:
    """Orders whose newest snapshot has another state or hash than they, or that have none."""
    found = []
    for (order_no,) in tx.connection.execute("SELECT order_no FROM orders").fetchall():
        order, taken = store.get(tx, order_no), snapshots.whole(tx, order_no)
        if not taken or (taken[-1].state, taken[-1].hash) != (order.state, order.snapshot):
            found.append(order_no)
    return found
