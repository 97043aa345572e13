"""How fast things go just now: the last weeks' trips against what was expected of them, those still under way included.

Who looks only at what has arrived sees the fast ones first: on the day after a strike begins, everything that arrived was
quick. A trip still under way says "longer than this", and the product-limit estimate (Kaplan and Meier, 1958) counts it
for what it is. The answer is a shift and a stretch of the usual spread, believed as far as the trips seen reach.
"""

import itertools
from collections.abc import Sequence

import msgspec

SHIFT_AT = (0.5, 0.6, 0.7, 0.8, 0.9)
STRETCH_BETWEEN = (0.35, 0.85)
SHIFT_DOUBT, STRETCH_DOUBT, BAND_DOUBT = 10.0, 40.0, 20.0
MOST, LEAST = 1.6, 0.6


class Seen(msgspec.Struct, frozen=True):
    """A trip's surplus over what was expected, in square roots of days: final, or so far."""

    surplus: float
    weight: float
    is_final: bool


def limits(seen: Sequence[Seen], levels: Sequence[float]) -> list[float]:
    """At which surplus so much of the trips has arrived, for each level; where too few have, the greatest surplus seen."""
    ordered = sorted(seen, key=lambda one: (one.surplus, not one.is_final))
    at_risk = sum(one.weight for one in ordered)
    found, under_way = list[float](), 1.0
    wanted = iter(sorted(levels))
    level = next(wanted, None)
    for one in ordered:
        if one.is_final and at_risk > 0:
            under_way *= max(0.0, 1 - one.weight / at_risk)
        at_risk -= one.weight
        while level is not None and 1 - under_way >= level - 1e-12:
            found.append(one.surplus)
            level = next(wanted, None)
    return found + [ordered[-1].surplus] * (len(levels) - len(found))


def quantiles(values: Sequence[tuple[float, float]], levels: Sequence[float]) -> list[float]:
    """Of (value, weight), for levels that go up."""
    ordered = sorted(values)
    sums = list(itertools.accumulate(weight for _, weight in ordered))
    found, n = list[float](), 0
    for level in levels:
        while n < len(ordered) - 1 and sums[n] < level * sums[-1]:
            n += 1
        found.append(ordered[n][0])
    return found


def shift(
    seen: Sequence[Seen], usual: Sequence[tuple[float, float]], prior: float = 0.0, doubt: float = SHIFT_DOUBT
) -> float:
    """By how much trips take longer now, in square roots of days. `usual`: what trips left unexplained over the long run,
    weighted; `prior` is believed where little was seen, as much as `doubt` trips."""
    weight = sum(one.weight for one in seen)
    if not weight or not usual:
        return prior
    now, then = limits(seen, SHIFT_AT), quantiles(usual, SHIFT_AT)
    found = sum(a - b for a, b in zip(now, then, strict=True)) / len(SHIFT_AT)
    return (weight * found + doubt * prior) / (weight + doubt)


def stretch(seen: Sequence[Seen], usual: Sequence[tuple[float, float]]) -> float:
    """How many times as far apart as usual they end now; 1 where little was seen."""
    weight = sum(one.weight for one in seen)
    if not weight or not usual:
        return 1.0
    (low, high), (usual_low, usual_high) = limits(seen, STRETCH_BETWEEN), quantiles(usual, STRETCH_BETWEEN)
    found = (high - low) / (usual_high - usual_low) if usual_high > usual_low else 1.0
    return min(MOST, max(LEAST, (weight * found + STRETCH_DOUBT) / (weight + STRETCH_DOUBT)))
