"""What holds for the tables whatever was walked: each law gives what breaks it, in words; nothing is the only good answer.

They are read from the tables, not from the services. tests/unit/test_reservation.py breaks each by hand, so none is blind.
"""

import json
from collections import Counter

import msgspec

from api.orders import auditing
from api.orders.frozen import Said
from api.orders.model import Rest
from api.stock import service as stock
from tests.support.bench import Bench
from tests.support.history import stale


def bounds(b: Bench) -> list[str]:
    return [f"{r['warehouse']}/{r['sku']}" for r in b.rows("SELECT * FROM stock") if not 0 <= r["reserved"] <= r["on_hand"]]  # fmt: skip


def sums(b: Bench) -> list[str]:
    return stock.drift(b.tx)


def nowhere(b: Bench) -> list[str]:
    """A reservation, a bin or a move of a place that has no stock row."""
    found = []
    for table in ("reservations", "bin_stock", "moves"):
        found += b.rows(
            f"SELECT t.warehouse, t.sku FROM {table} t LEFT JOIN stock s ON s.warehouse = t.warehouse AND s.sku = t.sku"
            " WHERE s.sku IS NULL"
        )
    return [f"{r['warehouse']}/{r['sku']}" for r in found]


def lines_agree(b: Bench) -> list[str]:
    """A line's `reserved` is what its open reservations hold, in the line's own warehouse and SKU."""
    rows = b.rows(
        "SELECT l.order_no, l.line_no FROM lines l WHERE l.reserved <> COALESCE((SELECT SUM(r.qty) FROM reservations r"
        " WHERE r.order_no = l.order_no AND r.line_no = l.line_no AND r.sku = l.sku AND r.warehouse = l.warehouse), 0)"
    )
    rows += b.rows(
        "SELECT r.order_no, r.line_no FROM reservations r LEFT JOIN lines l ON l.order_no = r.order_no"
        " AND l.line_no = r.line_no WHERE l.order_no IS NULL AND r.order_no NOT IN (SELECT id FROM promises)"
    )
    return [f"{r['order_no']}/{r['line_no']}" for r in rows]


def states_hold(b: Bench) -> list[str]:
    """`to_pick` and `picking` hold every line, `packed` no more than that, an unpaid order all or nothing (what a promise
    held for it), every other state nothing."""
    found = []
    for row in b.rows("SELECT o.order_no, o.state, l.line_no, l.qty, l.picked, l.reserved FROM orders o JOIN lines l ON l.order_no = o.order_no"):  # fmt: skip
        most = row["qty"] if row["state"] in ("to_pick", "picking", "packed") else 0
        least = 0 if row["state"] == "packed" else most  # a void may come after the packing
        if row["state"] == "awaiting_payment" and row["reserved"]:
            least = most = row["qty"]
        if not least <= row["reserved"] <= most:
            found.append(f"{row['order_no']}/{row['line_no']} {row['state']}: {row['reserved']} of {most}")
    return found


def waiting_is_said(b: Bench) -> list[str]:
    """`short_stock` stands on exactly the orders that are `paid`, but for those with a SKU that nobody knows; and on unpaid
    ones from which a count took what a promise held."""
    found = []
    for row in b.rows("SELECT order_no, state, troubled, rest FROM orders"):
        rest = msgspec.json.decode(row["rest"], type=Rest)
        codes = {trouble.code for trouble in rest.exceptions}
        waits = row["state"] == "paid" and "unknown_sku" not in codes
        waits = waits or (
            row["state"] == "awaiting_payment" and rest.promise is not None and "short_stock" in codes
        )
        if ("short_stock" in codes) != waits and row["state"] not in ("cancelled", "amended"):
            found.append(f"{row['order_no']} {row['state']} {sorted(codes)}")
        if bool(row["troubled"]) != bool(codes):
            found.append(f"{row['order_no']} troubled {row['troubled']} {sorted(codes)}")
    return found


def promises_hold(b: Bench) -> list[str]:
    """An open promise holds what it says, or nothing once its time is over; any other nothing. Only promises and unpaid
    orders hold something that ends."""
    found = []
    for row in b.rows("SELECT id, state, expires_at, said FROM promises"):
        said, holds = Counter[str](), Counter[str]()
        for sku, qty in msgspec.json.decode(row["said"], type=Said).lines:
            said[sku] += qty
        for one in b.rows("SELECT sku, qty FROM reservations WHERE order_no = ?", row["id"]):
            holds[one["sku"]] += one["qty"]
        is_over = row["state"] != "open" or row["expires_at"] <= b.now
        if not (holds == said and row["state"] == "open") and not (is_over and not holds):
            found.append(f"{row['id']} {row['state']}: {dict(holds)} of {dict(said)}")
    rows = b.rows(
        "SELECT r.order_no FROM reservations r LEFT JOIN orders o ON o.order_no = r.order_no WHERE (r.expires_at IS NULL)"
        " <> (o.order_no IS NOT NULL AND o.state <> 'awaiting_payment')"
    )
    return found + [f"{row['order_no']} ends, or does not" for row in rows]


def snapshots_follow(b: Bench) -> list[str]:
    """Every order's newest snapshot has its state, and the order knows its hash."""
    return stale(b.tx)


def pieces_add_up(b: Bench) -> list[str]:
    """What left with parcels is what the ledger says left."""
    rows = b.rows(
        "SELECT o.order_no, (SELECT SUM(consumed) FROM lines l WHERE l.order_no = o.order_no) AS said,"
        " -(SELECT COALESCE(SUM(qty), 0) FROM moves m WHERE m.order_no = o.order_no AND kind = 'consume') AS gone"
        " FROM orders o"
    )
    return [f"{r['order_no']}: {r['said']} said, {r['gone']} gone" for r in rows if r["gone"] > r["said"]]


def one_version_stands(b: Bench) -> list[str]:
    """Of an order's versions all but the last are `amended`; the channel's number points to the last."""
    rows = b.rows(
        "SELECT o.order_no FROM orders o WHERE (o.state = 'amended') <>"
        " EXISTS (SELECT 1 FROM orders n WHERE n.order_no LIKE REPLACE(o.order_no, '-V' || o.version, '') || '-V%'"
        " AND n.version > o.version)"
    )
    rows += b.rows(
        "SELECT o.order_no FROM orders o JOIN externals e ON e.external_no = o.external_no"
        " WHERE o.state <> 'amended' AND e.order_no <> o.order_no AND o.order_no NOT LIKE '%-P%'"
    )
    return [r["order_no"] for r in rows]


def parts_are_the_whole(b: Bench) -> list[str]:
    """Who was split knows it, and every part names an order of its root that is there."""
    found = []
    for row in b.rows("SELECT order_no, root_no, rest FROM orders WHERE order_no LIKE '%-P%'"):
        origin = msgspec.json.decode(row["rest"], type=Rest).part_of
        rows = b.rows("SELECT root_no, rest FROM orders WHERE order_no = ?", origin)
        if not rows or not msgspec.json.decode(rows[0]["rest"], type=Rest).has_parts:
            found.append(row["order_no"])
        elif (rows[0]["root_no"] or origin) != row["root_no"]:
            found.append(f"{row['order_no']}: another root than {origin}")
    return found


def the_journal_tells(b: Bench) -> list[str]:
    """The last state that an order's journal names is the order's, and its snapshot the order's."""
    last: dict[str, tuple[str, bytes]] = {}
    for row in b.rows("SELECT subject, body FROM journal WHERE subject LIKE 'order:%' ORDER BY pos"):
        body = json.loads(row["body"])
        if "to" in body:
            last[row["subject"][6:]] = (body["to"], bytes.fromhex(body["snapshot"].removeprefix("sha256:")))
    rows = b.rows("SELECT order_no, state, snapshot FROM orders")
    return [r["order_no"] for r in rows if last.get(r["order_no"]) != (r["state"], r["snapshot"])]


def closed_holds_nothing(b: Bench) -> list[str]:
    return auditing.leaks(b.tx)


def lots_where_used(b: Bench) -> list[str]:
    """Pieces by lot only of SKUs that are kept so."""
    rows = b.rows("SELECT l.sku, l.lot FROM lot_stock l JOIN skus k ON k.code = l.sku AND k.lots = 0")
    return [f"{row['sku']}/{row['lot']}" for row in rows]


LAWS = (
    closed_holds_nothing, lots_where_used,
    the_journal_tells,
    bounds, sums, nowhere, lines_agree, states_hold, waiting_is_said, promises_hold, snapshots_follow, pieces_add_up,
    one_version_stands, parts_are_the_whole,
)  # fmt: skip


def broken(b: Bench) -> list[str]:
    return [f"{law.__name__}: {one}" for law in LAWS for one in law(b)]
