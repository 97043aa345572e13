"""The ledger as people read it: what came and went of a SKU, by whom and why, with what was there after each move."""

import re
from typing import Any, NamedTuple

from api.db.tx import Row, Tx
from api.kernel.errors import Refused, wrong_field
from api.stock import service as stock
from api.stock.service import HOW, Q

_CURSOR = re.compile(r"(\d{1,18})\.(\d{1,18})\.(-?\d{1,18})\.(\d{1,18})\.(\d{1,9})\.([^/\0]{0,60})")
MOST = 10**18 - 1


class At(NamedTuple):
    """How far a reader has come: older moves, releases and reservations than these, and what was there then."""

    move: int
    release: int
    on_hand: int
    until: int
    line_no: int
    order_no: str


def start(tx: Tx, sku: str, warehouse: str) -> At:
    return At(MOST, MOST, tx.value(Q.on_hand_of, sku=sku, warehouse=warehouse), MOST, 0, "")


def read_cursor(text: str) -> At:
    found = _CURSOR.fullmatch(text)
    if found is None:
        raise wrong_field("query.cursor", "游标不对，从头再来。", "Not a cursor of ours; start anew.")
    move, release, on_hand, until, line_no = map(int, found.groups()[:5])
    return At(move, release, on_hand, until, line_no, found[6])


def ledger(
    tx: Tx, sku: str, warehouse: str, cursor: str, count: int
) -> tuple[list[dict[str, Any]], str | None]:
    """A page, newest first: moves with `on_hand` after each, reservations that stand, reservations that ended (with who had
    them since when: a reservation is one row, not two). Refuses `unknown_sku`."""
    if stock.sku(tx, sku) is None:
        raise Refused("unknown_sku", sku=sku)
    at = read_cursor(cursor) if cursor else start(tx, sku, warehouse)
    of = {"sku": sku, "warehouse": warehouse, "count": count + 1}
    heads = [
        list(reversed(tx.all(Q.ledger_moves, before=at.move, **of))),
        list(reversed(tx.all(Q.ledger_releases, before=at.release, **of))),
        list(
            reversed(tx.all(Q.ledger_holds, until=at.until, order_no=at.order_no, line_no=at.line_no, **of))
        ),
    ]
    items: list[dict[str, Any]] = []
    while len(items) < count and any(heads):
        newest = max((rows for rows in heads if rows), key=lambda rows: int(rows[-1]["at"]))
        row = newest.pop()
        if newest is heads[0]:
            items.append({**dict(row), "on_hand": at.on_hand})
            at = at._replace(move=row["id"], on_hand=at.on_hand - row["qty"])
        elif newest is heads[1]:
            items.append(_ended(row))
            at = at._replace(release=row["id"])
        else:
            items.append(dict(row))
            at = at._replace(until=row["at"], order_no=row["order_no"], line_no=row["line_no"])
    return items, ".".join(map(str, at)) if any(heads) else None


def _ended(row: Row) -> dict[str, Any]:
    zh, en = HOW[row["how"]]
    return {**dict(row), "why": {"zh": zh, "en": en}}


def lot(tx: Tx, sku: str, name: str) -> dict[str, Any]:
    """Where a lot lies and which orders got pieces of it. Refuses `not_found`."""
    row = tx.one(Q.lot, sku=sku, lot=name)
    if row is None:
        raise Refused("not_found", what=f"{sku} / {name}")
    lies = [dict(one) for one in tx.all(Q.lies, sku=sku, warehouse="") if one["lot"] == name]
    return {
        "sku": sku, "lot": name, "expires": row["expires"], "at": row["at"], "lies": lies,
        "orders": [dict(one) for one in tx.all(Q.lot_orders, sku=sku, lot=name)],
    }  # fmt: skip
