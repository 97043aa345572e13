"""What holds for the tables whatever was walked: each law gives what breaks it, in words; nothing is the only good answer.

They are read from the tables, not from the services. tests/unit/test_reservation.py breaks each by hand, so none is blind.
"""

import json

import msgspec

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
        " AND l.line_no = r.line_no WHERE l.order_no IS NULL"
    )
    return [f"{r['order_no']}/{r['line_no']}" for r in rows]


def states_hold(b: Bench) -> list[str]:
    """`to_pick` and `picking` hold every line, `packed` no more than that, every other state nothing."""
    found = []
    for row in b.rows("SELECT o.order_no, o.state, l.line_no, l.qty, l.picked, l.reserved FROM orders o JOIN lines l ON l.order_no = o.order_no"):  # fmt: skip
        most = row["qty"] if row["state"] in ("to_pick", "picking", "packed") else 0
        least = 0 if row["state"] == "packed" else most  # a void may come after the packing
        if not least <= row["reserved"] <= most:
            found.append(f"{row['order_no']}/{row['line_no']} {row['state']}: {row['reserved']} of {most}")
    return found


def waiting_is_said(b: Bench) -> list[str]:
    """`short_stock` stands on exactly the orders that are `paid`, but for those with a SKU that nobody knows."""
    found = []
    for row in b.rows("SELECT order_no, state, troubled, rest FROM orders"):
        codes = {trouble.code for trouble in msgspec.json.decode(row["rest"], type=Rest).exceptions}
        waits = row["state"] == "paid" and "unknown_sku" not in codes
        if ("short_stock" in codes) != waits and row["state"] not in ("cancelled", "amended"):
            found.append(f"{row['order_no']} {row['state']} {sorted(codes)}")
        if bool(row["troubled"]) != bool(codes):
            found.append(f"{row['order_no']} troubled {row['troubled']} {sorted(codes)}")
    return found


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


LAWS = (
    the_journal_tells,
    bounds, sums, nowhere, lines_agree, states_hold, waiting_is_said, snapshots_follow, pieces_add_up,
    one_version_stands, parts_are_the_whole,
)  # fmt: skip


def broken(b: Bench) -> list[str]:
    return [f"{law.__name__}: {one}" for law in LAWS for one in law(b)]
