"""The one door of this room: learn from the trips known at a moment, then ask for windows.

`learn` costs some 30 µs a trip and is for the night; `Forecast.window` costs microseconds. Both know only what was known
at `now`: a trip that arrived later is still under way then, so a back-test is the product run at an earlier date.
"""

from bisect import bisect_right
from collections.abc import Iterable, Mapping

import msgspec

from api.promise import effects, pace, spread
from api.promise.effects import Effects
from api.promise.model import DAY_MS, KINDS, Cause, Trip, Window
from api.promise.pace import Pace, Seen
from api.promise.spread import Spread

# Ages at which a delivery counts half: for what facts cost, and for how fast things go now.
RECORD_DAYS, PACE_DAYS = 365.0, 14.0
PACE_SEEN = 6 * PACE_DAYS
PERIOD, PERIOD_DAYS, PERIOD_DOUBT = "period", 28, 15.0
BANDS_KM = (150.0, 500.0, 1_000.0)
SHORTEST_DAYS = 0.25


class Forecast(msgspec.Struct, frozen=True):
    """`paces`: one for each band of distance, the nearest first."""

    effects: Effects
    spread: Spread
    paces: list[Pace]
    deliveries: int

    def window(self, facts: Mapping[str, str], km: float, confidence: float) -> Window:
        found = self.paces[bisect_right(BANDS_KM, km)]
        centre = self.effects.expected(facts) + found.shift

        def days(level: float) -> float:
            root = centre + found.stretch * self.spread.at(km, level)
            return max(SHORTEST_DAYS, max(root, 0.0) ** 2)

        return Window(days(0.05), days(0.5), days(confidence))

    def causes(self, facts: Mapping[str, str], km: float) -> list[Cause]:
        """What makes it longer or shorter than a usual trip, the weightiest first; the last is the pace of these weeks."""
        usual = self.effects.mean
        told = []
        for kind, key in facts.items():
            found = self.effects.of.get(kind, {}).get(key)
            if found is not None:
                days = (usual + found.root_days) ** 2 - usual**2
                told.append(Cause(kind, key, round(found.weight), round(days, 1)))
        told.sort(key=lambda cause: -abs(cause.days))
        shift = self.paces[bisect_right(BANDS_KM, km)].shift
        return [*told, Cause(PERIOD, "", self.deliveries, round((usual + shift) ** 2 - usual**2, 1))]


def learn(trips: Iterable[Trip], now: int) -> Forecast:
    """ValueError: nothing had arrived by `now`."""
    known = [trip for trip in trips if trip.ordered_at < now]
    done = [trip for trip in known if trip.arrived_at is not None and trip.arrived_at < now]
    weights = [0.5 ** ((now - _arrival(trip)) / DAY_MS / RECORD_DAYS) for trip in done]
    found, left = effects.learn(
        [_root(trip, _arrival(trip)) for trip in done],
        [{**trip.facts, PERIOD: str(trip.ordered_at // (PERIOD_DAYS * DAY_MS))} for trip in done],
        weights,
        {**{kind.name: kind.doubt for kind in KINDS.values()}, PERIOD: PERIOD_DOUBT},
    )
    return Forecast(
        found,
        spread.learn(left, weights, [trip.km for trip in done]),
        _paces(found, known, [(trip.km, e, w) for trip, e, w in zip(done, left, weights, strict=True)], now),
        len(done),
    )


def _arrival(trip: Trip) -> int:
    assert trip.arrived_at is not None
    return trip.arrived_at


def _root(trip: Trip, at: int) -> float:
    return float(max((at - trip.ordered_at) / DAY_MS, 0.01) ** 0.5)


def _paces(
    found: Effects, known: list[Trip], usual: list[tuple[float, float, float]], now: int
) -> list[Pace]:
    """The whole first; a band of distance leaves it as far as its own trips say so."""
    seen: list[tuple[float, Seen]] = []
    for trip in known:
        age = (now - trip.ordered_at) / DAY_MS
        if age <= PACE_SEEN:
            is_final = trip.arrived_at is not None and trip.arrived_at < now
            root = _root(trip, _arrival(trip) if is_final else now)
            surplus = root - found.expected(trip.facts)
            seen.append((trip.km, Seen(surplus, 0.5 ** (age / PACE_DAYS), is_final)))
    whole = pace.measure([one for _, one in seen], [(e, w) for _, e, w in usual], Pace())
    paces = []
    for band in range(len(BANDS_KM) + 1):
        mine = [one for km, one in seen if bisect_right(BANDS_KM, km) == band]
        long_run = [(e, w) for km, e, w in usual if bisect_right(BANDS_KM, km) == band]
        own = pace.measure(mine, long_run, whole, pace.BAND_DOUBT)
        paces.append(Pace(own.shift, whole.stretch))
    return paces
