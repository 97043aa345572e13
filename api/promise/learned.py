"""What a company's past says for its next promise: the forecast, how fast each warehouse ships, when carriers deliver.

A company without a past begins with assumed trips, by distance; they fade as its own deliveries come, and until then the
stated confidence is lower. `learn` is for the night; what it gives is read as it is.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

import msgspec

from api.places.coordinates import distance_m
from api.promise import forecast
from api.promise.forecast import Forecast
from api.promise.model import DAY_MS, UNKNOWN_KM, Trip, facts_of

# Distances, and how an assumed trip's days stray from the middle one: road freight between two Chinese cities.
_ASSUMED_KM = (20, 60, 150, 300, 500, 800, 1_200, 2_000, 3_000)
_ASSUMED_SPREAD = (0.55, 0.7, 0.8, 0.9, 1.0, 1.1, 1.25, 1.5, 1.9)
_ASSUMED_AGE = 200 * DAY_MS
# Own deliveries from which the confidence asked for may be stated; fewer state less, none the least.
CONFIDENCE = ((300, 0.9), (100, 0.85), (30, 0.8), (0, 0.7))
ENOUGH = CONFIDENCE[0][0]
# Carriers are said not to deliver on a day of the week that has less than this share of so many deliveries in so many days.
REST_SHARE, REST_SEEN, REST_SPAN = 0.02, 100, 28


class Learned(msgspec.Struct, frozen=True):
    """`per_day`: orders that a warehouse ships on a workday, of late. `no_delivery`: days of the week, Monday 0."""

    forecast: Forecast
    deliveries: int
    per_day: Mapping[str, float] = {}
    no_delivery: tuple[int, ...] = ()

    @property
    def confidence(self) -> float:
        return next(stated for least, stated in CONFIDENCE if self.deliveries >= least)


def assumed(now: int) -> list[Trip]:
    """Trips that nobody made: 0.8 days to the next district, 1.3 over 300 km, 6.7 over 3,000."""
    begun = now - _ASSUMED_AGE
    return [
        Trip(begun, facts_of(km=km), km, begun + round((0.7 + km / 500) * stray * DAY_MS))
        for km in _ASSUMED_KM
        for stray in _ASSUMED_SPREAD
    ]


def learn(
    trips: Iterable[Trip],
    now: int,
    per_day: Mapping[str, float] | None = None,
    delivered_on: Sequence[date] = (),
) -> Learned:
    """`trips`: shipped by `now`, delivered or under way; `delivered_on`: local days of the deliveries."""
    known = list(trips)
    own = sum(trip.arrived_at is not None and trip.arrived_at < now for trip in known)
    found = forecast.learn([*(assumed(now) if own < ENOUGH else ()), *known], now)
    return Learned(found, own, per_day or {}, _no_delivery(delivered_on))


def nothing() -> Learned:
    """What is known on a company's first day."""
    return learn((), 2 * _ASSUMED_AGE)


def _no_delivery(days: Sequence[date]) -> tuple[int, ...]:
    if len(days) < REST_SEEN or (max(days) - min(days)).days < REST_SPAN:
        return ()
    seen = [0] * 7
    for day in days:
        seen[day.weekday()] += 1
    return tuple(n for n in range(7) if seen[n] < REST_SHARE * len(days))


def way_of(
    warehouse: str, adcode: str, km: float | None, weekday: int, weight_g: int | None
) -> dict[str, str]:
    """The facts of a way, with the same names where trips are learnt and where dates are asked for."""
    return facts_of(
        km=km,
        lane=f"{warehouse}>{adcode}",
        region=adcode[:2],
        origin=warehouse,
        weekday=weekday,
        weight_g=weight_g,
    )


def km_between(
    lng_e6: int | None, lat_e6: int | None, other_lng_e6: int | None, other_lat_e6: int | None
) -> float | None:
    """As the crow flies; None where one of the two is unknown."""
    if lng_e6 is None or lat_e6 is None or other_lng_e6 is None or other_lat_e6 is None:
        return None
    return distance_m(lng_e6, lat_e6, other_lng_e6, other_lat_e6) / 1000


def known_km(km: float | None) -> float:
    return UNKNOWN_KM if km is None else km
