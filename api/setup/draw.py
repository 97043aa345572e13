"""Reproducible choices for the demo company: a splitmix64 stream from a seed, no global state.

The standard library's generator keeps its sequence for random() alone; here every choice must be the same on
every Python and machine, since tests, screenshots and the docs speak of the same orders.
"""

from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")
_MASK = (1 << 64) - 1


class Draw:
    """A stream of choices; the same seed and label give the same stream."""

    def __init__(self, seed: int, label: str) -> None:
        self._state = (seed * 0x9E3779B97F4A7C15 + int.from_bytes(label.encode(), "big")) & _MASK

    def _next(self) -> int:
        self._state = (self._state + 0x9E3779B97F4A7C15) & _MASK
        z = self._state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & _MASK
        return z ^ (z >> 31)

    def between(self, low: int, high: int) -> int:
        """An integer, both ends included."""
        return low + self._next() % (high - low + 1)

    def pick(self, of: Sequence[T]) -> T:
        return of[self._next() % len(of)]

    def chance(self, percent: int) -> bool:
        return self._next() % 100 < percent

    def shuffled(self, of: Sequence[T]) -> list[T]:
        items = list(of)
        for i in range(len(items) - 1, 0, -1):
            j = self._next() % (i + 1)
            items[i], items[j] = items[j], items[i]
        return items
