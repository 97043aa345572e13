"""How good are promised dates: run on an Olist-shaped folder as if each order of the later part had been promised.

    python bench/promise_backtest.py DIR [--split 0.7] [--frozen] [--confidence 0.9]

Delivered orders only, split by the time of purchase. Each promise knows what was known at the midnight before it (learnt
anew every day, as the product does at night; `--frozen`: once, at the split). Prints how often the far end held, by
quarter and by distance too, how wide the window is, and the shop's own promise (`order_estimated_delivery_date`) beside
it. Read: orders, order_items, customers, sellers, products, zip_latlng. What is known at the purchase: places, weight,
weekday, sellers in the order, and the seller's latest hand-over (`shipping_limit_date`, the "ship by" of our promises).
"""

import argparse
import csv
import itertools
import statistics
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from api.places.coordinates import distance_m
from api.promise import forecast
from api.promise.model import DAY_MS, UNKNOWN_KM, Trip, Window, facts_of

Row = dict[str, str]
LEVELS = tuple(n / 1000 for n in range(800, 996))


class Case(NamedTuple):
    """A delivered order, and the moment at which the shop's own promise ended (its day's last)."""

    trip: Trip
    arrived_at: int
    shop_at: int

    @property
    def days(self) -> float:
        return (self.arrived_at - self.trip.ordered_at) / DAY_MS


class Promised(NamedTuple):
    case: Case
    window: Window
    ends: tuple[float, ...]  # the far end in days, for each of LEVELS


def _rows(folder: Path, name: str) -> Iterator[Row]:
    with (folder / f"{name}.csv").open(encoding="utf-8-sig", newline="") as file:
        yield from csv.DictReader(file)


def _ms(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1000)


def cases(folder: Path) -> list[Case]:
    """By time of purchase."""
    customers = {row["customer_id"]: row for row in _rows(folder, "customers")}
    sellers = {row["seller_id"]: row for row in _rows(folder, "sellers")}
    grams = {row["product_id"]: row["product_weight_g"] for row in _rows(folder, "products")}
    places = {
        row["zip_code_prefix"]: (float(row["lng"]), float(row["lat"])) for row in _rows(folder, "zip_latlng")
    }
    items: dict[str, list[Row]] = defaultdict(list)
    for row in _rows(folder, "order_items"):
        items[row["order_id"]].append(row)
    found = []
    for order in _rows(folder, "orders"):
        own = items.get(order["order_id"])
        if not own or order["order_status"] != "delivered" or not order["order_delivered_customer_date"]:
            continue
        buyer, seller = customers[order["customer_id"]], sellers[own[0]["seller_id"]]
        ordered_at = _ms(order["order_purchase_timestamp"])
        arrived_at = _ms(order["order_delivered_customer_date"])
        km = _km(places.get(seller["seller_zip_code_prefix"]), places.get(buyer["customer_zip_code_prefix"]))
        facts = facts_of(
            km=km,
            lane=f"{seller['seller_state']}>{buyer['customer_state']}",
            region=buyer["customer_state"],
            origin=own[0]["seller_id"],
            weekday=datetime.fromisoformat(order["order_purchase_timestamp"]).weekday(),
            hand_over_days=(_ms(own[0]["shipping_limit_date"]) - ordered_at) / DAY_MS,
            weight_g=sum(int(float(grams.get(item["product_id"]) or 0)) for item in own),
            parcels=len({item["seller_id"] for item in own}),
        )
        trip = Trip(ordered_at, facts, UNKNOWN_KM if km is None else km, arrived_at)
        shop_at = _ms(order["order_estimated_delivery_date"]) // DAY_MS * DAY_MS + DAY_MS
        found.append(Case(trip, arrived_at, shop_at))
    return sorted(found, key=lambda case: case.trip.ordered_at)


def _km(one: tuple[float, float] | None, other: tuple[float, float] | None) -> float | None:
    if one is None or other is None:
        return None
    return distance_m(*(round(1e6 * degrees) for degrees in (*one, *other))) / 1000


def promised(every: Sequence[Case], first: int, confidence: float, *, is_frozen: bool) -> list[Promised]:
    """Every case from `first` on, with what was known at its own midnight."""
    trips, found, day = [case.trip for case in every], list[Promised](), -1
    known = None
    for case in every[first:]:
        midnight = every[first].trip.ordered_at if is_frozen else case.trip.ordered_at // DAY_MS * DAY_MS
        if known is None or midnight != day:
            day, known = midnight, forecast.learn(trips, midnight)
        facts, km = case.trip.facts, case.trip.km
        ends = tuple(known.window(facts, km, level).late for level in LEVELS)
        found.append(Promised(case, known.window(facts, km, confidence), ends))
    return found


def covered(found: Sequence[Promised]) -> float:
    return statistics.fmean(one.case.days <= one.window.late for one in found)


def by_the_day(found: Sequence[Promised], level: int) -> tuple[float, float]:
    """(share delivered by the end of the promised day, mean days to that end): the shop's way of counting."""
    kept, days = [], []
    for one in found:
        until = (one.case.trip.ordered_at + round(one.ends[level] * DAY_MS)) // DAY_MS * DAY_MS + DAY_MS
        kept.append(one.case.arrived_at < until)
        days.append((until - one.case.trip.ordered_at) / DAY_MS)
    return statistics.fmean(kept), statistics.fmean(days)


def groups(found: Sequence[Promised]) -> dict[str, list[Promised]]:
    edges = (0, *(round(km) for km in forecast.BANDS_KM))
    names = [f"{low}-{high} km" for low, high in itertools.pairwise(edges)] + [f"{edges[-1]}+ km"]
    parts: dict[str, list[Promised]] = defaultdict(list)
    for one in found:
        when = datetime.fromtimestamp(one.case.trip.ordered_at / 1000, UTC)
        parts[f"{when.year} Q{(when.month + 2) // 3}"].append(one)
        parts[names[forecast.band(one.case.trip.km)]].append(one)
    return dict(sorted(parts.items(), key=lambda part: ("km" in part[0], part[0])))


def report(found: Sequence[Promised], confidence: float, say: Callable[[str], None] = print) -> None:
    late = statistics.fmean(one.window.late for one in found)
    width = statistics.fmean(one.window.late - one.window.early for one in found)
    shop_kept = statistics.fmean(one.case.arrived_at < one.case.shop_at for one in found)
    shop_days = statistics.fmean((one.case.shop_at - one.case.trip.ordered_at) / DAY_MS for one in found)
    say(f"orders promised {len(found)}, real days {statistics.fmean(one.case.days for one in found):.1f}")
    say(f"shop: kept {shop_kept:.1%}, days promised {shop_days:.1f}")
    say(
        f"window at {confidence:.0%}: covers {covered(found):.1%}, far end {late:.1f} days"
        f" ({1 - late / shop_days:.1%} nearer than the shop's), width {width:.1f}"
    )
    for name, part in groups(found).items():
        say(f"  {name}: {len(part)} orders, covers {covered(part):.1%}")
    say("by the day, as the shop counts: level, kept, days promised")
    for level in (0.9, 0.95):
        kept, days = by_the_day(found, LEVELS.index(level))
        say(f"  {level:.2f}: {kept:.1%}, {days:.1f}")
    for n in range(len(LEVELS)):
        kept, days = by_the_day(found, n)
        if kept >= shop_kept:
            say(
                f"  at the shop's own rate ({LEVELS[n]}): {kept:.1%}, {days:.1f} ({1 - days / shop_days:.1%} nearer)"
            )
            return
    say("  the shop's own rate is not reached at any level")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--split", type=float, default=0.7)
    parser.add_argument("--confidence", type=float, default=0.9)
    parser.add_argument("--frozen", action="store_true")
    given = parser.parse_args()
    every = cases(given.folder)
    first = int(len(every) * given.split)
    found = promised(every, first, given.confidence, is_frozen=given.frozen)
    report(found, given.confidence)
    known = forecast.learn([case.trip for case in every], every[-1].trip.ordered_at)
    begun = time.perf_counter()
    for case in every[first:]:
        known.window(case.trip.facts, case.trip.km, given.confidence)
        known.causes(case.trip.facts, case.trip.km)
    print(f"one promise: {(time.perf_counter() - begun) / len(found) * 1e6:.0f} µs")


if __name__ == "__main__":
    main()
