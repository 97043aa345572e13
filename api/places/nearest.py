"""Warehouses in the order in which an order should try them: nearest first.

Distance alone decides; a border between districts or provinces means nothing to a lorry, and the
position of a district's seat already follows from its adcode. An address that nobody could read keeps
the company's own order.
"""

from collections.abc import Iterable
from typing import Protocol, TypeVar

from api.places.coordinates import distance_m
from api.places.model import Place


class Sited(Protocol):
    """Anything with a code and a GCJ-02 position."""

    @property
    def code(self) -> str: ...
    @property
    def lng_e6(self) -> int: ...
    @property
    def lat_e6(self) -> int: ...


S = TypeVar("S", bound=Sited)


def nearest(where: Place | tuple[int, int] | None, warehouses: Iterable[S]) -> list[S]:
    """`where` is a Place, (lng_e6, lat_e6) in GCJ-02, or None for an unknown address.

    Equal distances fall back to the code, so that the answer never depends on the order given; with None the
    order given (the company's default) is the answer.
    """
    sites = list(warehouses)
    if where is None:
        return sites
    lng_e6, lat_e6 = (where.lng_e6, where.lat_e6) if isinstance(where, Place) else where
    return sorted(sites, key=lambda s: (distance_m(lng_e6, lat_e6, s.lng_e6, s.lat_e6), s.code))
