"""What must hold between orders and stock: sums that agree, and nothing held by what is closed. It looks and mends nothing."""

from api.db.tx import Tx
from api.orders.store import Q
from api.stock import service as stock


def leaks(tx: Tx) -> list[str]:
    """Reservations of closed orders, of promises that are over, of nobody: each as a sentence."""
    return [
        f"{row['order_no']} ({row['state']}) holds {row['qty']} of {row['sku']} in {row['warehouse']}"
        for row in tx.all(Q.held_by_closed)
    ]


def faults(tx: Tx) -> list[str]:
    return stock.drift(tx) + leaks(tx)
