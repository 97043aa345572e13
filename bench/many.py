"""A company of very many orders, for reading: 2,000 orders that the product itself places and walks through their
states, then multiplied by SQL into as many as wanted, each with its own number, customer, phone, times and order id.

Multiplied are orders, lines, tags, external numbers, reservations, customers and their private values: all that a list, a search or
the board reads. Journal, snapshots and picks stay those of the 2,000, so the journal verifies as it is; the stock's `reserved` is
made the sum of its reservations again. Only the newest copies keep open orders; those of older ones are delivered.
"""

import random
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import msgspec

from api.db.database import FILE, Database
from api.db.tx import Tx
from api.inventory import service as inventory
from api.kernel.actor import SYSTEM, Actor
from api.kernel.time import HOUR, MINUTE, wall_clock
from api.orders import placing, store
from api.orders.commands import COMMANDS, command
from api.orders.model import Draft
from api.picking import pushing
from api.stock import moving
from api.stock.model import MoveIn, SkuIn, WarehouseIn
from bench import company
from bench.load import REMARKS

BASE = 2_000
SKUS = 2_000
CUSTOMERS = 200
SPAN = 4 * HOUR  # what one copy's orders are spread over
OPEN_COPIES = 4  # so many of the newest copies keep their open orders
RARE_HOUSE, RARE_CHANNEL, RARE_TAG, RARE_SKU = "XA", "fair", "样品", "ZZ-RARE"
USUAL_SKU = f"BP-{SKUS + 1:05d}"  # what copies have in the rare one's place
BIG = ("浦东宝诚4S店", "13800000000")  # one customer has a twentieth of all orders
LEAD = Actor("lead", "supervisor", ip="127.0.0.1")
DEVICE = Actor("BENCH001", "device", warehouse="SH")
GROUP = 50
# Where an order of the base ends, in hundredths.
ENDS = (
    ("delivered", 84), ("shipped", 4), ("cancelled", 5), ("packed", 1), ("picking", 1), ("to_pick", 3), ("awaiting_payment", 2),
)  # fmt: skip
OPEN = "('awaiting_payment', 'paid', 'to_pick', 'picking', 'packed', 'shipped')"
NUMBER = (
    "'HD' || substr(strftime('%Y%m%d', (o.created_at + :shift) / 1000, 'unixepoch', '+8 hours'), 3) || '-' || "
    "printf('%05d', o.id + :orders)"
)
PERSON = "CASE WHEN {0} = :big THEN {0} ELSE 'C' || printf('%04d', CAST(substr({0}, 2) AS INTEGER) + :customers) END"
REF = "CASE WHEN o.customer = :big THEN o.{0} ELSE o.{0} + :private END"
EXTERNAL = "substr({0}, 1, 3) || printf('%08d', CAST(substr({0}, 4) AS INTEGER) + :orders)"
ENDED = "CASE WHEN :is_old AND o.state IN " + OPEN + " THEN {0} ELSE o.{1} END"
PHONE = "printf('%011d', CAST({0} AS INTEGER) + :k)"
COMMON = "CASE WHEN {0} = '{1}' THEN '{2}' ELSE {0} END"
NAME = "{0} || '·' || :k"
# What a copied row has in place of the base's value, by table and column; `t` is the row, `o` its order.
CHANGED: dict[str, dict[str, str]] = {
    "customers": {
        "id": PERSON.format("t.id"), "name": NAME.format("t.name"), "phone": PHONE.format("t.phone"),
        "name_ref": "t.name_ref + :private", "phone_ref": "t.phone_ref + :private",
    },
    "private": {
        "id": "t.id + :private", "owner": PERSON.format("t.owner"),
        "value": "CASE WHEN t.id IN (SELECT name_ref FROM temp.customers) THEN " + NAME.format("t.value")
        + " WHEN t.id IN (SELECT phone_ref FROM temp.customers) THEN " + PHONE.format("t.value") + " ELSE t.value END",
    },
    "orders": {
        "id": "o.id + :orders", "order_no": NUMBER, "external_no": EXTERNAL.format("o.external_no"),
        "channel": COMMON.format("o.channel", RARE_CHANNEL, "pos"), "warehouse": COMMON.format("o.warehouse", RARE_HOUSE, "SH"),
        "customer": PERSON.format("o.customer"),
        "state": ENDED.format("'delivered'", "state"), "held": ENDED.format("0", "held"),
        "troubled": ENDED.format("0", "troubled"),
        **{name: REF.format(name) for name in ("name_ref", "phone_ref", "address_ref", "note_ref", "extra_ref")},
        **{name: f"o.{name} + :shift" for name in ("paid_at", "moved_at", "created_at", "updated_at")},
    },
    "externals": {
        "external_no": EXTERNAL.format("t.external_no"), "order_no": NUMBER,
        "channel": COMMON.format("t.channel", RARE_CHANNEL, "pos"),
    },
    "lines": {
        "order_no": NUMBER, "warehouse": COMMON.format("t.warehouse", RARE_HOUSE, "SH"),
        "sku": COMMON.format("t.sku", RARE_SKU, USUAL_SKU), "reserved": "CASE WHEN :is_old THEN 0 ELSE t.reserved END",
    },
    "order_tags": {},
    "order_skus": {"sku": COMMON.format("t.sku", RARE_SKU, USUAL_SKU)},
    "reservations": {
        "order_no": NUMBER, "at": "t.at + :shift", "warehouse": COMMON.format("t.warehouse", RARE_HOUSE, "SH"),
        "sku": COMMON.format("t.sku", RARE_SKU, USUAL_SKU),
    },
}  # fmt: skip
# Their rows of the base, taken aside once, so that a copy costs the same however many there are already.
ASIDE = {
    "customers": "SELECT * FROM main.customers WHERE id <> :big",
    "private": "SELECT * FROM main.private WHERE owner IN (SELECT id FROM main.customers WHERE id <> :big)",
    "orders": "SELECT * FROM main.orders",
    "order_tags": f"SELECT * FROM main.order_tags WHERE tag <> '{RARE_TAG}'",
}


def build(folder: Path, orders: int) -> str:
    """Fill an empty folder with that many orders (a multiple of 2,000); returns the supervisor's token."""
    copies = orders // BASE
    token = company.build(folder, SKUS + 1)
    db, begun = Database(folder), wall_clock() - copies * SPAN
    try:
        _place_base(db, begun)
    finally:
        db.stop()
    multiply(folder / FILE, copies)
    return token


def draft(n: int, rnd: random.Random) -> Draft:
    channel = RARE_CHANNEL if n % 20 == 5 else rnd.choices(("manual", "pos", "miniprogram"), (5, 3, 2))[0]
    buyer = n % CUSTOMERS
    name, phone = BIG if rnd.random() < 0.05 else (f"宝诚{buyer:03d}号修理厂", f"139{buyer:03d}00000")
    lines = [
        {"sku": f"BP-{rnd.randint(1, SKUS):05d}", "qty": rnd.randint(1, 4), "price_fen": 12_800}
        for _ in range(3)
    ]
    if n % 20 == 7:
        lines[0]["sku"] = RARE_SKU
    given = {
        "channel": channel,
        "external_no": None if channel == "manual" else f"{channel[:2].upper()}-{n:08d}",
        "customer": {"name": name, "phone": phone},
        "address": f"上海市浦东新区张江路{buyer}号2幢底楼收货处",
        "note": rnd.choice(REMARKS),
        "options": ["需加装防震泡沫"],
        "lines": lines,
        "warehouse": RARE_HOUSE if n % 20 == 3 else rnd.choice(("SH", "SH", "GZ", "BJ")),
    }
    return msgspec.convert({key: value for key, value in given.items() if value is not None}, Draft)


def _place_base(db: Database, begun: int) -> None:
    """The base, each order at its own moment and walked to its end in one unit of work a group."""
    rnd = random.Random(4)
    ends = rnd.choices([name for name, _ in ENDS], [share for _, share in ENDS], k=BASE)
    step, op = SPAN // BASE, iter(range(1, 100 * BASE))

    def set_up(tx: Tx) -> None:
        inventory.save_warehouse(
            tx, RARE_HOUSE, WarehouseIn("西安仓", "610100", 108.94, 34.34), SYSTEM, begun
        )
        inventory.save_sku(tx, RARE_SKU, SkuIn("样品", price_fen=100), SYSTEM, begun)
        for sku in [f"BP-{n:05d}" for n in range(1, SKUS + 1)]:
            moving.move(tx, MoveIn("receive", RARE_HOUSE, sku, company.PLENTY, ""), SYSTEM, begun)
        for house in [house[0] for house in company.HOUSES] + [RARE_HOUSE]:
            moving.move(tx, MoveIn("receive", house, RARE_SKU, company.PLENTY, ""), SYSTEM, begun)

    def group(start: int) -> None:
        def work(tx: Tx) -> None:
            for n in range(start, start + GROUP):
                now = begun + n * step
                end = ends[n]
                how = placing.From(paid_at=None if end == "awaiting_payment" else now)
                order = placing.place(tx, draft(n, rnd), LEAD, now, how)
                if n % 20 == 11:
                    command(tx, order.order_no, "tag", COMMANDS["tag"].body(add=[RARE_TAG]), LEAD, now)
                if n % 100 == 13 and end in ("to_pick", "picking"):
                    command(tx, order.order_no, "hold", COMMANDS["hold"].body(reason="等客户回话"), LEAD, now)
                else:
                    _walk(tx, order.order_no, end, now, op)

        db.writer.now(work)

    db.writer.now(set_up)
    for start in range(0, BASE, GROUP):
        group(start)


def _walk(tx: Tx, order_no: str, end: str, now: int, op: Iterator[int]) -> None:
    """From `to_pick` to where it ends, by the commands that people and devices use."""
    if end == "cancelled":
        command(tx, order_no, "cancel", COMMANDS["cancel"].body(reason="客户不要了"), LEAD, now)
    if end not in ("picking", "packed", "shipped", "delivered"):
        return
    order = store.get(tx, order_no)
    ops = [
        {
            "id": f"{DEVICE.name}:{next(op)}", "hlc": f"{now:015d}-0000-{DEVICE.name}", "at": "2026-01-22T10:05:00+08:00",
            "actor": "lead", "order_no": order_no, "line_no": line.line_no, "kind": "pick", "qty": line.qty, "bin": "",
            "code": line.sku, "target": "", "v": 1,
        }
        for line in order.lines
    ]  # fmt: skip
    pushing.push(tx, msgspec.json.encode({"device": DEVICE.name, "ops": ops}), DEVICE, now)
    if end == "picking":
        return
    for check in order.rest.checklist:
        command(tx, order_no, "check", COMMANDS["check"].body(item=check.item), LEAD, now)
    command(tx, order_no, "pack", COMMANDS["pack"].body(), LEAD, now + MINUTE)
    if end != "packed":
        command(
            tx,
            order_no,
            "ship",
            COMMANDS["ship"].body(carrier="顺丰", waybill=f"SF{order_no[-5:]}"),
            LEAD,
            now + MINUTE,
        )
    if end == "delivered":
        command(tx, order_no, "deliver", COMMANDS["deliver"].body(), LEAD, now + 2 * MINUTE)


def multiply(file: Path, copies: int) -> None:
    """The base, `copies` - 1 times more; `numbers` follow, so that the product goes on after them."""
    db = sqlite3.connect(file, isolation_level=None)
    for pragma in ("journal_mode = WAL", "synchronous = OFF", "cache_size = -1000000", "foreign_keys = OFF"):
        db.execute(f"PRAGMA {pragma}")
    (big,) = db.execute("SELECT id FROM customers WHERE phone = ?", (BIG[1],)).fetchone()
    (people,) = db.execute("SELECT COUNT(*) FROM customers").fetchone()
    (refs,) = db.execute("SELECT MAX(id) FROM private").fetchone()
    fixed = {"big": big}
    statements = [(table, _copying(db, table, fixed)) for table in CHANGED]
    db.execute("BEGIN")
    for k in range(1, copies):
        is_old = int(k < copies - OPEN_COPIES)
        given = {
            "k": k, "orders": k * BASE, "private": k * refs, "shift": k * SPAN, "customers": k * people,
            "is_old": is_old, **fixed,
        }  # fmt: skip
        for table, statement in statements:
            if table != "reservations" or not is_old:
                db.execute(statement, given)
    db.execute("UPDATE numbers SET last = last + ? WHERE day = 'customer'", (copies * people,))
    db.execute(
        "UPDATE stock SET reserved = (SELECT COALESCE(SUM(qty), 0) FROM main.reservations r "
        "WHERE r.sku = stock.sku AND r.warehouse = stock.warehouse)"
    )
    db.execute("COMMIT")
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    db.close()


def _copying(db: sqlite3.Connection, table: str, given: dict[str, str]) -> str:
    """Takes the base's rows aside; returns the INSERT … SELECT that gives them as one copy has them."""
    columns = [name for _, name, *_ in db.execute(f"PRAGMA main.table_info({table})")]
    db.execute(f"CREATE TEMP TABLE {table} AS {ASIDE.get(table, f'SELECT * FROM main.{table}')}", given)
    if table == "reservations":
        columns = [name for name in columns if name != "id"]
    changed = {"order_id": "o.id + :orders", **CHANGED[table]}
    row = "o" if table == "orders" else "t"
    values = ", ".join(changed.get(name, f"{row}.{name}") for name in columns)
    source = f"temp.{table} {row}"
    if "order_id" in columns or ("order_no" in columns and table != "orders"):
        key = "o.id = t.order_id" if "order_id" in columns else "o.order_no = t.order_no"
        source += f" JOIN temp.orders o ON {key}"
    ordered = " ORDER BY o.id" if table not in ("customers", "private") else ""
    return f"INSERT INTO main.{table} ({', '.join(columns)}) SELECT {values} FROM {source}{ordered}"
