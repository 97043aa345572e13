"""How far from the expected day trips end, near and far: one table of quantiles for each step of distance.

A trip counts at every step, the more the nearer its own distance is (a bell over the logarithm), so that no border
between two distances makes a promise jump. Between two steps and between two levels the table is read in a straight line.
"""

import math
from bisect import bisect_left
from collections.abc import Sequence

import msgspec

from api.promise.model import NEAREST_KM
from api.promise.pace import quantiles

STEP = 0.35  # of the logarithm of km
BELL = 0.5
STEPS = 16
LEVELS = (*(n / 100 for n in range(1, 90)), *(n / 1000 for n in range(900, 1000, 5)))


class Spread(msgspec.Struct, frozen=True):
    """`table[step][level]` in square roots of days."""

    table: list[list[float]]

    def at(self, km: float, level: float) -> float:
        """Between 0.01 and 0.995; beyond, the nearest."""
        place = min(max(math.log(max(km, NEAREST_KM) / NEAREST_KM) / STEP, 0.0), STEPS - 1.0)
        low = min(int(place), STEPS - 2)
        share = place - low
        return (1 - share) * _read(self.table[low], level) + share * _read(self.table[low + 1], level)


def _read(row: Sequence[float], level: float) -> float:
    n = bisect_left(LEVELS, level)
    if n == 0 or n == len(LEVELS):
        return row[min(n, len(LEVELS) - 1)]
    below, above = LEVELS[n - 1], LEVELS[n]
    return row[n - 1] + (row[n] - row[n - 1]) * (level - below) / (above - below)


def learn(left: Sequence[float], weights: Sequence[float], kms: Sequence[float]) -> Spread:
    logs = [math.log(max(km, NEAREST_KM) / NEAREST_KM) for km in kms]
    table = []
    for step in range(STEPS):
        bells = [math.exp(-(((log - step * STEP) / BELL) ** 2) / 2) for log in logs]
        weighed = [(e, w * bell) for e, w, bell in zip(left, weights, bells, strict=True)]
        if not sum(weight for _, weight in weighed) > 0:
            weighed = list(zip(left, weights, strict=True))
        table.append(quantiles(weighed, LEVELS))
    return Spread(table)
