"""What each fact costs, in square roots of days: means that are shrunk by how little is known.

The root tames the long tail: a trip twice as late says less than twice as much. Each key's effect is the weighted mean of
what the other facts leave unexplained, divided by its weight plus its kind's doubt, so a lane with three deliveries
leans on its province, and one with three hundred speaks for itself (ridge regression on group means, by backfitting).
"""

from collections.abc import Mapping, Sequence

import msgspec

ROUNDS = 4


class Effect(msgspec.Struct, frozen=True):
    """`root_days` is added to the mean; `weight`: how many deliveries speak, older ones for less."""

    root_days: float
    weight: float


class Effects(msgspec.Struct, frozen=True):
    """`of[kind][key]`; a key that was never seen has none."""

    mean: float
    of: dict[str, dict[str, Effect]]

    def expected(self, facts: Mapping[str, str]) -> float:
        """Square root of the days that such a trip takes."""
        return self.mean + sum(
            found.root_days
            for kind, key in facts.items()
            if (found := self.of.get(kind, {}).get(key)) is not None
        )


def learn(
    roots: Sequence[float],
    facts: Sequence[Mapping[str, str]],
    weights: Sequence[float],
    doubts: Mapping[str, float],
) -> tuple[Effects, list[float]]:
    """The effects, and what they leave unexplained of each trip. ValueError: nothing to learn from."""
    total = sum(weights)
    if not total:
        raise ValueError("no delivery to learn from")
    mean = sum(w * root for w, root in zip(weights, roots, strict=True)) / total
    left = [root - mean for root in roots]
    # Of each kind: the trips that have it (by place), the number of each one's key, the keys' values so far.
    columns: list[tuple[str, list[str], list[int], list[int], list[float], list[float]]] = []
    for kind, doubt in doubts.items():
        numbers: dict[str, int] = {}
        places = [n for n, known in enumerate(facts) if kind in known]
        keys = [numbers.setdefault(facts[n][kind], len(numbers)) for n in places]
        sums = [doubt] * len(numbers)
        for n, key in zip(places, keys, strict=True):
            sums[key] += weights[n]
        columns.append((kind, list(numbers), places, keys, sums, [0.0] * len(numbers)))
    for _ in range(ROUNDS):
        for *_, places, keys, sums, values in columns:
            _refit(left, weights, places, keys, sums, values)
        drift = sum(w * e for w, e in zip(weights, left, strict=True)) / total
        mean, left = mean + drift, [e - drift for e in left]
    of = {
        kind: {
            name: Effect(value, weight - doubts[kind])
            for name, value, weight in zip(names, values, sums, strict=True)
        }
        for kind, names, _, _, sums, values in columns
    }
    return Effects(mean, of), left


def _refit(
    left: list[float],
    weights: Sequence[float],
    places: list[int],
    keys: list[int],
    sums: list[float],
    values: list[float],
) -> None:
    """One kind's effects anew, the others' held; `left` follows."""
    gained = [0.0] * len(values)
    for n, key in zip(places, keys, strict=True):
        gained[key] += weights[n] * (left[n] + values[key])
    steps = [gain / weight - value for gain, weight, value in zip(gained, sums, values, strict=True)]
    for key, step in enumerate(steps):
        values[key] += step
    for n, key in zip(places, keys, strict=True):
        left[n] -= steps[key]
