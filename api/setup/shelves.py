"""Where the demo company's goods lie: three warehouses, their bins, and what is on hand at opening.

A bin is area-rack-level (`A-01-03`), holds one SKU, and its area letter belongs to one warehouse, so a code never
stands in two houses; I, L, O and U are left out because shelf codes are Crockford base32. Opening stock covers
the demo's orders with room, save a few scarce SKUs that show what a shortage looks like.
"""

import msgspec

from api.places import place_of
from api.setup.catalogue import Sku
from api.setup.draw import Draw

LEVELS = 4
RACKS = 24
SCARCE = ("DG-4007", "JL-6422", "WD-8411")  # a handful in one warehouse only


class Warehouse(msgspec.Struct, frozen=True):
    """Position in GCJ-02 micro-degrees; `cutoff` is the local time after which an order leaves tomorrow."""

    code: str
    name: str
    adcode: str
    lng_e6: int
    lat_e6: int
    cutoff: str
    areas: str


class Bin(msgspec.Struct, frozen=True):
    code: str
    warehouse: str
    sku: str


class Stock(msgspec.Struct, frozen=True):
    """`qty` pieces of a SKU received into a bin at opening."""

    warehouse: str
    sku: str
    bin: str
    qty: int


def warehouses() -> tuple[Warehouse, ...]:
    """The first is the company's default."""
    return (
        _warehouse("SH", "上海松江仓", "310117", (31_400, 22_700), "16:30", "ABCDE"),
        _warehouse("SZ", "苏州吴中仓", "320506", (-21_300, -18_900), "16:00", "FGHJK"),
        _warehouse("HZ", "杭州余杭仓", "330110", (-12_800, 17_500), "15:30", "MNPQRS"),
    )


def _warehouse(
    code: str, name: str, adcode: str, off_e6: tuple[int, int], cutoff: str, areas: str
) -> Warehouse:
    seat = place_of(adcode)
    if seat is None:
        raise KeyError(adcode)
    return Warehouse(code, name, adcode, seat.lng_e6 + off_e6[0], seat.lat_e6 + off_e6[1], cutoff, areas)


def shelves(
    sites: tuple[Warehouse, ...], skus: tuple[Sku, ...], seed: int
) -> tuple[tuple[Bin, ...], tuple[Stock, ...]]:
    """Bins in walking order, one for each SKU that a warehouse keeps; each SKU lies in one to three."""
    draw = Draw(seed, "shelves")
    kept: dict[str, list[Sku]] = {site.code: [] for site in sites}
    for index, sku in enumerate(skus):
        for site in _houses(sites, sku, index, draw):
            kept[site.code].append(sku)
    bins: list[Bin] = []
    stock: list[Stock] = []
    for number, site in enumerate(sites):
        slots = _slots(site.areas)
        slots[0], slots[2] = slots[2], slots[0]  # the docs' BP-1023 lies in A-01-03
        for sku, slot in zip(kept[site.code], slots, strict=False):
            bins.append(Bin(slot, site.code, sku.code))
            stock.append(Stock(site.code, sku.code, slot, _opening(sku, number, draw)))
    return tuple(sorted(bins, key=lambda b: b.code)), tuple(stock)


def _houses(sites: tuple[Warehouse, ...], sku: Sku, index: int, draw: Draw) -> list[Warehouse]:
    if index == 0:
        return list(sites)
    if sku.code in SCARCE:
        return [sites[0]]
    count = draw.pick((1, 2, 2, 3, 3, 3))
    chosen = {s.code for s in draw.shuffled(sites)[:count]}
    return [s for s in sites if s.code in chosen]


def _opening(sku: Sku, house: int, draw: Draw) -> int:
    if sku.code == "BP-1023":
        return (240, 160, 120)[house]
    if sku.code in SCARCE:
        return draw.between(2, 5)
    heavy = sku.weight_g > 3_000
    return draw.between(40, 90) if heavy else draw.between(80, 200)


def _slots(areas: str) -> list[str]:
    return [
        f"{area}-{rack:02d}-{level:02d}"
        for area in areas
        for rack in range(1, RACKS + 1)
        for level in range(1, LEVELS + 1)
    ]
