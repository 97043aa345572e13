"""The shapes of stock."""

from typing import Annotated, Literal, NamedTuple

import msgspec
from msgspec import UNSET, Meta, UnsetType

from api.stock.units import Round

Code = Annotated[str, Meta(min_length=1, max_length=40)]
# Stands in addresses.
Lot = Annotated[str, Meta(max_length=40, pattern=r"^[^/\x00-\x1f]*$")]
Qty = Annotated[int, Meta(ge=1, le=1_000_000)]


class Sku(msgspec.Struct, frozen=True):
    code: str
    name: str
    gtin: str
    uom: str
    weight_g: int
    price_fen: int | None
    price_uom: str = ""
    picture: str = ""
    active: int = 1
    lots: int = 0


class Warehouse(msgspec.Struct, frozen=True):
    code: str
    name: str
    adcode: str
    lng_e6: int | None
    lat_e6: int | None
    cutoff: str
    wms: int = 0

    @property
    def is_outside(self) -> bool:
        """Does a WMS keep it? What is reserved here is locked there."""
        return self.wms > 0

    @property
    def waits_for_lock(self) -> bool:
        return self.wms > 1


class Want(NamedTuple):
    """Pieces of a SKU for a line."""

    line_no: int
    sku: str
    qty: int


class Shortage(NamedTuple):
    """The first SKU that a warehouse lacks."""

    warehouse: str
    sku: str
    asked: int
    available: int


class MoveIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """receive +n, adjust ±n, count = the absolute number in the bin, damage n pieces gone, transfer n pieces to `to_bin` and
    `to_warehouse`; of `uom`, or base units. `lot`: which one; `expires`: its last day, which no move changes."""

    kind: Literal["receive", "adjust", "count", "damage", "transfer"]
    warehouse: Code
    sku: Code
    qty: Annotated[int, Meta(ge=-1_000_000_000, le=1_000_000_000)]
    bin: Annotated[str, Meta(max_length=40)] = ""
    why: Annotated[str, Meta(max_length=500)] = ""
    uom: Annotated[str, Meta(max_length=10)] = ""
    lot: Lot = ""
    expires: Annotated[str, Meta(max_length=10)] = ""
    to_bin: Annotated[str, Meta(max_length=40)] = ""
    to_warehouse: Annotated[str, Meta(max_length=40)] = ""


class UnitIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One `uom` is `pieces` / `per` base units; without `pieces` a weight (`api.stock.units.GRAMS`)."""

    uom: Annotated[str, Meta(min_length=1, max_length=10)]
    pieces: Annotated[int, Meta(ge=0, le=10**9)] = 0
    per: Annotated[int, Meta(ge=1, le=10**9)] = 1
    round: Round = "even"


class SkuIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`price_fen` is for one `price_uom` (empty: the base unit `uom`); `units`, `lots` (it is kept by lots) and
    `active` that are not named stay as they are. A SKU that is not active is offered no more; orders that name it go on.
    `picture` is taken back as it was shown, and has a way of its own."""

    name: Annotated[str, Meta(min_length=1, max_length=200)]
    gtin: Annotated[str, Meta(max_length=14)] = ""
    uom: Annotated[str, Meta(min_length=1, max_length=10)] = "件"
    weight_g: Annotated[int, Meta(ge=0, le=10**9)] = 0
    price_fen: Annotated[int, Meta(ge=0, le=10**12)] | None = None
    price_uom: Annotated[str, Meta(max_length=10)] = ""
    units: Annotated[list[UnitIn], Meta(max_length=20)] | UnsetType = UNSET
    active: bool | UnsetType = UNSET
    picture: Annotated[str, Meta(max_length=100)] = ""
    lots: bool | UnsetType = UNSET
    code: str = ""


class BinIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    warehouse: Code
    sku: Annotated[str, Meta(max_length=40)] = ""
    code: str = ""


class WarehouseIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    name: Annotated[str, Meta(min_length=1, max_length=60)]
    adcode: Annotated[str, Meta(max_length=6)] = ""
    lng: Annotated[float, Meta(ge=-180, le=180)] | None = None
    lat: Annotated[float, Meta(ge=-90, le=90)] | None = None
    cutoff: Annotated[str, Meta(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")] = "17:00"
    code: str = ""
