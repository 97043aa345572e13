"""What the company's own deliveries teach: read newest first, learnt at night, kept as one row, read by all processes.

A trip begins with the parcel and ends with the delivery; goods that the customer collected taught nothing of carriers.
The walk is bounded in orders and in what it holds at once; nobody waits for it.
"""

import secrets
from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from functools import cache
from typing import NamedTuple

import msgspec

from api.db.database import Database
from api.db.tx import Row, Tx
from api.kernel.bounded import Bounded
from api.kernel.time import DAY, local
from api.orders import workdays
from api.orders.model import Rest
from api.orders.store import Q
from api.promise import learned
from api.promise.dates import PICKED_UP, Spot, spot
from api.promise.days import Days, between
from api.promise.learned import Learned, km_between, known_km, way_of
from api.promise.model import Trip
from api.stock import service as stock

NAME = "lanes"
MOST, PART = 50_000, 500
# A parcel of which nobody heard for so long was never reported; what ships in so many days says how fast a warehouse is.
LONGEST, RECENT_DAYS, LEAST_SHIPPED = 90 * DAY, 14, 5
_read = msgspec.json.Decoder(Learned).decode
_rest = msgspec.json.Decoder(Rest).decode
# By the row's mark, which no two companies share.
_known: Bounded[str, Learned] = Bounded(64)


class _Way(NamedTuple):
    trip: Trip
    warehouse: str
    shipped_on: date
    delivered_on: date | None


@cache
def _nothing() -> Learned:
    return learned.nothing()


def load(tx: Tx) -> Learned:
    """The newest; on a company's first day what is assumed."""
    mark = tx.value(Q.learned_mark, name=NAME)
    if mark is None:
        return _nothing()
    found = _known.get(mark)
    if found is None:
        found = _known[mark] = _read(tx.must(Q.learned, name=NAME)["body"])
    return found


def is_stale(tx: Tx, now: int, tz: str) -> bool:
    """Not learnt since the company's own midnight."""
    at = tx.value(Q.learned_at, name=NAME)
    return at is None or at > now or local(at, tz).date() != local(now, tz).date()


def learn(db: Database, now: int, tz: str) -> Learned:
    """From what stands now, and saved."""
    ways = list(_ways(db, now, tz))
    found = learned.learn(
        (way.trip for way in ways),
        now,
        _per_day(ways, db.reader.now(workdays.known), local(now, tz).date()),
        [way.delivered_on for way in ways if way.delivered_on is not None],
    )
    body = msgspec.json.encode(found).decode()
    db.writer.now(lambda tx: tx.run(Q.save_learned, name=NAME, at=now, mark=secrets.token_hex(8), body=body))
    return found


def _ways(db: Database, now: int, tz: str) -> Iterator[_Way]:
    """The newest deliveries, and all that is under way, a part at a time."""
    places = db.reader.now(
        lambda tx: {
            house.code: spot(house.adcode, house.lng_e6, house.lat_e6) for house in stock.warehouses(tx)
        }
    )
    left = MOST
    for state in ("shipped", "delivered"):
        before = 1 << 62
        while left > 0:
            count = min(PART, left)
            rows = _part(db, state, before, count)
            for row in rows:
                way = _way(row, places, now, tz)
                if way is not None:
                    yield way
            left -= len(rows)
            if len(rows) < count:
                break
            before = rows[-1]["id"]


def _part(db: Database, state: str, before: int, count: int) -> list[Row]:
    return db.reader.now(lambda tx: tx.all(Q.ways, state=state, before=before, count=count))


def _way(row: Row, places: dict[str, Spot], now: int, tz: str) -> _Way | None:
    rest = _rest(row["rest"])
    if not rest.parcels or any(tag.tag == PICKED_UP for tag in rest.tags):
        return None
    left_at = rest.parcels[0].at
    arrived_at = row["moved_at"] if row["state"] == "delivered" else None
    if not 0 <= (now if arrived_at is None else arrived_at) - left_at <= LONGEST:
        return None
    origin = places.get(row["warehouse"], Spot())
    goal = spot(row["adcode"], row["lng_e6"], row["lat_e6"])
    km = km_between(origin.lng_e6, origin.lat_e6, goal.lng_e6, goal.lat_e6)
    left = local(left_at, tz).date()
    facts = way_of(row["warehouse"], row["adcode"], km, left.weekday(), row["weight_g"] or None)
    delivered = None if arrived_at is None else local(arrived_at, tz).date()
    return _Way(Trip(left_at, facts, known_km(km), arrived_at), row["warehouse"], left, delivered)


def _per_day(ways: list[_Way], days: Days, today: date) -> dict[str, float]:
    """Orders shipped on a workday of the last two weeks, or since the first one shipped; today not counted."""
    first: dict[str, date] = {}
    shipped = Counter[str]()
    for way in ways:
        if today - timedelta(days=RECENT_DAYS) <= way.shipped_on < today:
            shipped[way.warehouse] += 1
            first[way.warehouse] = min(way.shipped_on, first.get(way.warehouse, today))
    return {
        house: count
        / max(1, sum(days.of(day).works for day in between(first[house], today - timedelta(days=1))))
        for house, count in shipped.items()
        if count >= LEAST_SHIPPED
    }
