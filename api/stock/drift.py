"""Sums that must agree: reservations, moves, bins and lots against what stands in `stock`. It looks and mends nothing."""

from collections import deque

import msgspec

from api.db.tx import Tx
from api.kernel.time import text
from api.stock.ledger import Q

_SUMS = (
    (Q.drift_reserved, "reserved is not the sum of its reservations"),
    (Q.drift_on_hand, "on_hand is not the sum of its moves"),
    (Q.drift_bins, "the bins do not sum to on_hand"),
    (Q.drift_lots, "the lots do not sum to the bin"),
)


def drift(tx: Tx) -> list[str]:
    """Each as a sentence, the first warehouse and SKU first; none is the only good answer."""
    found = []
    for query, what in _SUMS:
        for row in tx.all(query):
            since = _since(tx, row["warehouse"], row["sku"]) if query is Q.drift_on_hand else ""
            told = f"{row[2]} against {row['should']}{since}"
            found.append(f"{row['warehouse']}/{row['sku']}: {what} ({told})")
    return sorted(found)


def _since(tx: Tx, warehouse: str, sku: str) -> str:
    """When the moves still gave what the journal said was there: whatever went wrong came later."""
    agreed, summed = "", 0
    moves = deque(tx.all(Q.moves_of_place, warehouse=warehouse, sku=sku))
    for entry in tx.all(Q.told_of, subject=f"stock:{warehouse}/{sku}"):
        while moves and moves[0]["at"] <= entry["at"]:
            summed += moves.popleft()["qty"]
        if msgspec.json.decode(entry["body"]).get("on_hand") == summed:
            agreed = f"; they agreed at {text(entry['at'], 'UTC')}"
    return agreed
