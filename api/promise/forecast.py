"""The one door of this room: learn from the trips known at a moment, then ask for windows.

`learn` costs some 30 µs a trip and is for the night; `Forecast.window` costs microseconds. Both know only what was known
at `now`: a trip that arrived later is still under way then, so a back-test is the product run at an earlier date.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping

import msgspec

from api.promise import effects, pace, spread
from api.promise.effects import Effects
from api.promise.model import DAY_MS, KINDS, Cause, Trip, Window
from api.promise.pace import Seen
from api.promise.spread import LEVELS, Spread

# Ages at which a delivery counts half: for what facts cost, and for how fast things go now.
RECORD_DAYS, PACE_DAYS = 180.0, 14.0
PACE_SEEN = 6 * PACE_DAYS
PERIOD, PERIOD_DAYS, PERIOD_DOUBT = "period", 28, 15.0
BANDS_KM = (150.0, 500.0, 1_000.0)
SHORTEST_DAYS = 0.25
# What is beyond all that was seen takes at least so much longer: days, and a share of the days so far.
LEAST_MORE, MORE = 1.0, 0.25


class Forecast(msgspec.Struct, frozen=True):
    """`shifts` and `stretch`: the pace of these weeks; one shift for each band of distance, the nearest first."""

    effects: Effects
    spread: Spread
    shifts: list[float]
    stretch: float
    deliveries: int

    def window(self, facts: Mapping[str, str], km: float, confidence: float) -> Window:
        return Window(*(self._days(facts, km, level) for level in (0.05, 0.5, confidence)))

    def remaining(self, facts: Mapping[str, str], km: float, confidence: float, elapsed: float) -> Window:
        """The same for a trip that has not ended after so many days, of all trips that lasted as long."""
        passed = bisect_left(LEVELS, elapsed, key=lambda level: self._days(facts, km, level))
        gone = LEVELS[passed] if passed < len(LEVELS) else 1.0
        later = [self._days(facts, km, gone + (1 - gone) * level) for level in (0.05, 0.5, confidence)]
        least = elapsed + max(LEAST_MORE, MORE * elapsed)
        return Window(max(later[0], elapsed), max(later[1], elapsed), max(later[2], least))

    def _days(self, facts: Mapping[str, str], km: float, level: float) -> float:
        root = self.effects.expected(facts) + self.shifts[band(km)] + self.stretch * self.spread.at(km, level)
        return max(SHORTEST_DAYS, max(root, 0.0) ** 2)

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
        shift = self.shifts[band(km)]
        return [*told, Cause(PERIOD, "", self.deliveries, round((usual + shift) ** 2 - usual**2, 1))]


def band(km: float) -> int:
    return bisect_right(BANDS_KM, km)


def learn(trips: Iterable[Trip], now: int) -> Forecast:
    """ValueError: nothing had arrived by `now`."""
    known = [trip for trip in trips if trip.ordered_at < now]
    done = [(trip, at) for trip in known if (at := trip.arrival(now)) is not None]
    weights = [0.5 ** ((now - at) / DAY_MS / RECORD_DAYS) for _, at in done]
    found, left = effects.learn(
        [_root(trip, at) for trip, at in done],
        [{**trip.facts, PERIOD: str(trip.ordered_at // (PERIOD_DAYS * DAY_MS))} for trip, _ in done],
        weights,
        {**{kind.name: kind.doubt for kind in KINDS.values()}, PERIOD: PERIOD_DOUBT},
    )
    kms = [trip.km for trip, _ in done]
    usual, seen = list(zip(left, weights, strict=True)), _seen(found, known, now)
    lately = [one for _, one in seen]
    whole = pace.shift(lately, usual)
    shifts = [
        pace.shift(
            [one for km, one in seen if band(km) == n],
            [one for km, one in zip(kms, usual, strict=True) if band(km) == n],
            whole,
            pace.BAND_DOUBT,
        )
        for n in range(len(BANDS_KM) + 1)
    ]
    return Forecast(found, spread.learn(left, weights, kms), shifts, pace.stretch(lately, usual), len(done))


def _seen(found: Effects, known: list[Trip], now: int) -> list[tuple[float, Seen]]:
    """The last weeks' trips with their distances."""
    seen = []
    for trip in known:
        age = (now - trip.ordered_at) / DAY_MS
        if age <= PACE_SEEN:
            at = trip.arrival(now)
            surplus = _root(trip, now if at is None else at) - found.expected(trip.facts)
            seen.append((trip.km, Seen(surplus, 0.5 ** (age / PACE_DAYS), at is not None)))
    return seen


def _root(trip: Trip, at: int) -> float:
    return float(max((at - trip.ordered_at) / DAY_MS, 0.01) ** 0.5)
