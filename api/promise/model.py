"""What a promise is learnt from and what it says: trips, the facts known when each began, and a window of days.

A trip's facts are keys ("how far", "which lane"): each kind stands in `KINDS`, with the number of deliveries that it
takes until a key's own record counts as much as silence does. A fact that nobody knew is left out.
"""

import math
from collections.abc import Mapping

import msgspec

DAY_MS = 86_400_000
NEAREST_KM, UNKNOWN_KM = 20.0, 600.0


class Kind(msgspec.Struct, frozen=True):
    """One sort of fact. `doubt`: deliveries (weighted by age) until half of what was seen is believed."""

    name: str
    doubt: float


KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind("distance", 15),
        Kind("hand_over", 15),
        Kind("weight", 15),
        Kind("parcels", 15),
        Kind("lane", 60),
        Kind("region", 20),
        Kind("origin", 20),
        Kind("weekday", 40),
    )
}


class Trip(msgspec.Struct, frozen=True):
    """One order's way. Times in ms; `arrived_at` None: still under way. `km`: as the crow flies."""

    ordered_at: int
    facts: Mapping[str, str]
    km: float = UNKNOWN_KM
    arrived_at: int | None = None

    def arrival(self, now: int) -> int | None:
        """As far as it was known then."""
        return None if self.arrived_at is None or self.arrived_at >= now else self.arrived_at


class Cause(msgspec.Struct, frozen=True):
    """One line of the explanation: a fact, how many deliveries speak of it, and the days it adds (or saves)."""

    kind: str
    key: str
    deliveries: int
    days: float


class Window(msgspec.Struct, frozen=True):
    """Days from the order to the customer's door: `late` is kept with the probability asked for, one trip in twenty comes
    before `early`."""

    early: float
    likely: float
    late: float


def facts_of(
    *,
    km: float | None,
    lane: str = "",
    region: str = "",
    origin: str = "",
    weekday: int | None = None,
    hand_over_days: float | None = None,
    weight_g: int | None = None,
    parcels: int | None = None,
) -> dict[str, str]:
    """The keys of a trip. `lane` and `region` are names that the caller keeps unique; `hand_over_days`: from the order to
    the latest moment at which the carrier gets it. Numbers become steps: some 30 % apart for distances, 40 % for the
    hand-over, twofold for weights."""
    found = {kind: key for kind, key in (("lane", lane), ("region", region), ("origin", origin)) if key}
    if weekday is not None:
        found["weekday"] = str(weekday)
    if hand_over_days is not None:
        found["hand_over"] = str(math.floor(2 * math.log2(min(max(hand_over_days, 0.5), 30))))
    if parcels is not None:
        found["parcels"] = str(min(parcels, 3))
    if km is not None:
        found["distance"] = str(math.floor(2.5 * math.log2(max(km, NEAREST_KM) / NEAREST_KM)))
    if weight_g is not None:
        found["weight"] = str(math.floor(math.log2(max(weight_g, 100) / 100)))
    return found
