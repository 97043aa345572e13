"""Version vectors: what has come of each device, and what is missing in between.

Devices count 1, 2, 3…, so "have" is the highest number without a hole and a hole is a number below one that came.
`Reach` keeps this for one device in a few integers, so that the server never rescans its ids: it stores a `Reach`,
takes the numbers of a push into it, and answers from it. Every stored op counts, refused and parked ones too.
"""

from collections.abc import Iterable

import msgspec

from sync.ops import split_id

# Holes named per device, lowest first: enough for one push; the next answer names the next.
HOLES_CAP = 500


class Reach(msgspec.Struct, frozen=True):
    """`have`: 1…have came; `islands`: ranges (first, last) beyond it, ascending, with at least one number between."""

    have: int = 0
    islands: tuple[tuple[int, int], ...] = ()


def take(reach: Reach, numbers: Iterable[int]) -> Reach:
    """Takes numbers in any order and any number of times; one pass over islands and numbers. Raises ValueError below 1."""
    fresh = sorted(set(numbers))
    if not fresh:
        return reach
    if fresh[0] < 1:
        raise ValueError("op numbers start at 1")
    ranges = sorted([*reach.islands, *((n, n) for n in fresh if n > reach.have)])
    have = reach.have
    islands: list[tuple[int, int]] = []
    for first, last in ranges:
        if first <= have + 1:
            have = max(have, last)
        elif islands and first <= islands[-1][1] + 1:
            islands[-1] = (islands[-1][0], max(islands[-1][1], last))
        else:
            islands.append((first, last))
    return Reach(have, tuple(islands))


def missing(reach: Reach, cap: int = HOLES_CAP) -> tuple[int, ...]:
    """The holes, ascending, at most `cap` of them."""
    found: list[int] = []
    low = reach.have
    for first, last in reach.islands:
        found.extend(range(low + 1, min(first, low + 1 + cap - len(found))))
        low = last
    return tuple(found)


def reaches(ids: Iterable[str]) -> dict[str, Reach]:
    """`{device: Reach}` from scratch. Raises ValueError for a text that is not an op id."""
    numbers: dict[str, list[int]] = {}
    for op_id in ids:
        parts = split_id(op_id)
        if parts is None:
            raise ValueError(f"not an op id: {op_id!r}")
        numbers.setdefault(parts[0], []).append(parts[1])
    return {device: take(Reach(), numbers[device]) for device in sorted(numbers)}


def have(ids: Iterable[str]) -> dict[str, int]:
    """`{device: highest n without a hole}`; 0 where the first op is still missing."""
    return {device: reach.have for device, reach in reaches(ids).items()}


def holes(ids: Iterable[str], cap: int = HOLES_CAP) -> dict[str, list[int]]:
    """`{device: [n…]}`, only devices that have holes."""
    found = {device: list(missing(reach, cap)) for device, reach in reaches(ids).items()}
    return {device: numbers for device, numbers in found.items() if numbers}
