"""Olist-shaped folders as lives of orders: what happens to each, when, and where it must end in the hub. Pure but for
reading the files; nothing here knows HTTP.

Files: orders, order_items, customers, sellers, zip_latlng (all .csv). Rules where the data is silent or odd:
money is the sum of item prices, so freight and the payments file stay out; one row of items is one piece, and equal
products are one line; an order of several sellers belongs to its first item's; a missing approval where a later step
is known counts as given at the purchase; a carrier's or a customer's date that is missing on a delivered order is the
latest moment known of it, a cancellation or a refund comes a minute after that; a step never comes before the one it
needs (a parcel handed over before the approval leaves the hub at the approval).

| order_status | way in the hub | must end as |
| --- | --- | --- |
| any, without items | created, refused | no order: `no_lines` |
| created | created | awaiting_payment |
| approved, invoiced | created, paid | to_pick |
| processing | created, paid, start_picking | picking |
| shipped | … picked, packed, shipped | shipped |
| delivered | … delivered | delivered |
| canceled, no carrier date | created, paid where approved, cancelled | cancelled |
| canceled, carrier date | … shipped (delivered), then cancelled too late | shipped (delivered), exception `cancel_late` |
| unavailable | created, paid, refunded in full (not paid: cancelled) | cancelled |
"""

import csv
import hashlib
from collections import defaultdict
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

Row = dict[str, str]
MINUTE = 60_000


class Item(NamedTuple):
    sku: str
    qty: int
    price_fen: int


class Buyer(NamedTuple):
    """`phone` is made from the data's own id: the data has none."""

    name: str
    phone: str
    address: str
    lng: float | None
    lat: float | None


class Moment(NamedTuple):
    """`kind`: created, paid, started, early (the carrier before the approval), parcel, delivered, cancelled, refunded."""

    at: int
    kind: str


class End(NamedTuple):
    """Where an order must be at last; `refused` instead where it must never become one."""

    state: str
    exceptions: tuple[str, ...] = ()
    refused: str = ""


class Life(NamedTuple):
    order_id: str
    status: str
    house: str
    buyer: Buyer
    items: tuple[Item, ...]
    moments: tuple[Moment, ...]
    end: End

    @property
    def amount_fen(self) -> int:
        return sum(item.qty * item.price_fen for item in self.items)


class Folder(NamedTuple):
    """`houses`: a seller's state and the mean place of its sellers. `early`: parcels with a carrier's date before their
    approval, those included that are even older than their order or belong to one without items.
    """

    lives: tuple[Life, ...]
    houses: dict[str, tuple[float, float] | None]
    two_sellers: int
    early: int


def read(folder: Path) -> Folder:
    places = {
        row["zip_code_prefix"]: (float(row["lng"]), float(row["lat"])) for row in _rows(folder, "zip_latlng")
    }
    sellers = {row["seller_id"]: row for row in _rows(folder, "sellers")}
    customers = {row["customer_id"]: row for row in _rows(folder, "customers")}
    items: dict[str, list[Row]] = defaultdict(list)
    for row in _rows(folder, "order_items"):
        items[row["order_id"]].append(row)
    lives, early = [], 0
    for row in _rows(folder, "orders"):
        early += bool(row["order_delivered_carrier_date"]) and (
            row["order_delivered_carrier_date"] < row["order_approved_at"]
        )
        mine = sorted(items[row["order_id"]], key=lambda item: int(item["order_item_id"]))
        house = sellers[mine[0]["seller_id"]]["seller_state"] if mine else ""
        buyer = _buyer(customers[row["customer_id"]], places)
        lives.append(life(row, buyer, house, lines(mine)))
    two = sum(1 for mine in items.values() if len({item["seller_id"] for item in mine}) > 1)
    return Folder(tuple(lives), _houses(sellers, places), two, early)


def _rows(folder: Path, name: str) -> list[Row]:
    with (folder / f"{name}.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def _houses(
    sellers: dict[str, Row], places: dict[str, tuple[float, float]]
) -> dict[str, tuple[float, float] | None]:
    found: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for row in sellers.values():
        place = places.get(row["seller_zip_code_prefix"])
        found[row["seller_state"]] += [place] if place else []
    return {
        state: (sum(p[0] for p in spots) / len(spots), sum(p[1] for p in spots) / len(spots))
        if spots
        else None
        for state, spots in sorted(found.items())
    }


def _buyer(row: Row, places: dict[str, tuple[float, float]]) -> Buyer:
    who = row["customer_unique_id"]
    digits = int(hashlib.sha256(who.encode()).hexdigest(), 16) % 10**9
    lng, lat = places.get(row["customer_zip_code_prefix"], (None, None))
    address = f"{row['customer_city']} - {row['customer_state']}, CEP {row['customer_zip_code_prefix']}"
    return Buyer(f"Cliente {who[:12]}", f"+559{digits:09d}", address, lng, lat)


def lines(rows: list[Row]) -> tuple[Item, ...]:
    """Equal products at one price are one line; the data's cents are the hub's fen."""
    count: dict[tuple[str, int], int] = {}
    for row in rows:
        key = (row["product_id"], int(Decimal(row["price"]) * 100))
        count[key] = count.get(key, 0) + 1
    return tuple(Item(sku, qty, price) for (sku, price), qty in count.items())


def at(text: str) -> int | None:
    """The data's times have no zone: they are taken as UTC."""
    return round(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1000) if text else None


def life(row: Row, buyer: Buyer, house: str, items: tuple[Item, ...]) -> Life:
    status = row["order_status"]
    created = at(row["order_purchase_timestamp"]) or 0
    moments, end = _way(
        status, created, at(row["order_approved_at"]), at(row["order_delivered_carrier_date"]),
        at(row["order_delivered_customer_date"]),
    )  # fmt: skip
    if not items:
        end = End("", refused="no_lines")
        moments = [moment for moment in moments if moment.kind in ("created", "paid")]
    moments.sort(key=lambda moment: moment.at)  # stable: equal times keep the order above
    return Life(row["order_id"], status, house, buyer, items, tuple(moments), end)


def _way(
    status: str, created: int, approved: int | None, carrier: int | None, delivered: int | None
) -> tuple[list[Moment], End]:
    moments = [Moment(created, "created")]
    known = max(one for one in (created, approved, carrier, delivered) if one is not None)
    goes_on = status in ("approved", "invoiced", "processing", "shipped", "delivered")
    if approved is None and (goes_on or carrier is not None or delivered is not None):
        approved = created
    if approved is not None:
        approved = max(approved, created)
        moments.append(Moment(approved, "paid"))
    last = "to_pick" if approved is not None else "awaiting_payment"
    if status == "processing":
        moments.append(Moment(approved or created, "started"))
        last = "picking"
    leaves = carrier is not None or delivered is not None or status in ("shipped", "delivered")
    if leaves and approved is not None:
        if carrier is not None and created <= carrier < approved:
            moments.append(Moment(carrier, "early"))
        left = max(approved, known if carrier is None else carrier)
        moments.append(Moment(left, "parcel"))
        last = "shipped"
        if delivered is not None or status == "delivered":
            moments.append(Moment(max(left, known if delivered is None else delivered), "delivered"))
            last = "delivered"
    after = max(moment.at for moment in moments) + MINUTE
    if status == "canceled":
        moments.append(Moment(after, "cancelled"))
        return moments, End(last, ("cancel_late",)) if leaves else End("cancelled")
    if status == "unavailable":
        moments.append(Moment(after, "refunded" if approved is not None else "cancelled"))
        return moments, End("cancelled")
    return moments, End(last)
