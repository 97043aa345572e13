"""How an order could leave from what is free: whole, from several warehouses, in part; pure.

The rule of a split: as few parcels as can be, among equals the nearest warehouses; of these the nearest gives all it can, then
the next one. `shelves` are given the nearest first.
"""

from collections import Counter
from collections.abc import Sequence
from itertools import combinations
from typing import NamedTuple

from api.orders.dividing import Share
from api.orders.model import Line

# Parcels that one order is offered to be split into at most, and the nearest warehouses that are looked at.
PARCELS, NEAREST = 4, 12


class Shelf(NamedTuple):
    """`free`: pieces by SKU that nobody holds."""

    warehouse: str
    free: dict[str, int]


def given(shelf: Shelf, wants: dict[int, tuple[str, int]]) -> dict[int, int]:
    """Pieces by line that this warehouse has of these (SKU, pieces) by line; two lines of one SKU share what there is."""
    left, share = dict(shelf.free), {}
    for line_no, (sku, qty) in wants.items():
        take = min(qty, left.get(sku, 0))
        if take:
            left[sku] -= take
            share[line_no] = take
    return share


def _wants(lines: Sequence[Line]) -> dict[int, tuple[str, int]]:
    return {line.line_no: (line.sku, line.qty) for line in lines if line.qty}


def whole(shelves: Sequence[Shelf], lines: Sequence[Line]) -> list[str]:
    """The warehouses that have all of it."""
    wants = _wants(lines)
    asked = sum(qty for _, qty in wants.values())
    return [shelf.warehouse for shelf in shelves if sum(given(shelf, wants).values()) == asked]


def split(shelves: Sequence[Shelf], lines: Sequence[Line]) -> list[tuple[str, Share]] | None:
    """Which pieces from where, each warehouse once; None where they have not all of it together, in so many parcels."""
    wants = _wants(lines)
    having = [shelf for shelf in shelves if given(shelf, wants)][:NEAREST]
    for count in range(1, min(PARCELS, len(having)) + 1):
        for chosen in combinations(having, count):
            found = _laid(chosen, wants)
            if found is not None:
                return found
    return None


def _laid(chosen: Sequence[Shelf], wants: dict[int, tuple[str, int]]) -> list[tuple[str, Share]] | None:
    left = dict(wants)
    found: list[tuple[str, Share]] = []
    for shelf in chosen:
        share = given(shelf, left)
        found.append((shelf.warehouse, share))
        left = {
            no: (sku, qty - share.get(no, 0)) for no, (sku, qty) in left.items() if qty > share.get(no, 0)
        }
    return None if left else found


def most(shelves: Sequence[Shelf], lines: Sequence[Line]) -> tuple[str, Share] | None:
    """The warehouse that has most pieces of it, the nearest of equals, and which; None: nobody has one."""
    wants = _wants(lines)
    shares = [(shelf.warehouse, given(shelf, wants)) for shelf in shelves]
    best = max(shares, key=lambda one: sum(one[1].values()), default=None)
    return best if best is not None and best[1] else None


def missing(shelves: Sequence[Shelf], lines: Sequence[Line]) -> dict[str, int]:
    """Pieces by SKU that all warehouses together lack; where they lack none, what the best of them lacks."""
    asked = Counter[str]()
    for sku, qty in _wants(lines).values():
        asked[sku] += qty
    together = Counter[str]()
    for shelf in shelves:
        together.update(shelf.free)
    best = most(shelves, lines)
    there = next((shelf.free for shelf in shelves if best and shelf.warehouse == best[0]), {})
    return dict(asked - together) or dict(asked - Counter(there))
