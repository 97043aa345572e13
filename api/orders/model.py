"""The shapes of an order: as a draft, as the hub holds it."""

from typing import Annotated, Any, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from api.kernel.errors import Why
from api.promise.moving import Moved
from api.stock.units import Charge, Round
from api.tags.model import Tag

Text = Annotated[str, Meta(max_length=2_000)]
Short = Annotated[str, Meta(max_length=200)]
Fen = Annotated[int, Meta(ge=0, le=10**12)]
Qty = Annotated[int, Meta(ge=1, le=1_000_000)]
Datum = Literal["gcj02", "wgs84", "bd09"]

# The way of an order; the last four are ends.
STATES = {
    "awaiting_payment": ("待付款", "Unpaid"),
    "paid": ("已支付", "Paid"),
    "to_pick": ("待拣", "To pick"),
    "picking": ("拣货中", "Picking"),
    "packed": ("已打包", "Packed"),
    "shipped": ("在途", "On its way"),
    "delivered": ("已签收", "Delivered"),
    "cancelled": ("已取消", "Cancelled"),
    "returned": ("已退回", "Returned"),
    "amended": ("已改单", "Amended"),
}
ENDS = frozenset({"delivered", "cancelled", "returned", "amended"})
OPEN = frozenset({"paid", "to_pick", "picking", "packed"})


class CustomerIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`{name, phone}`, or `{id}`."""

    name: Annotated[str, Meta(max_length=120)] = ""
    phone: Annotated[str, Meta(max_length=40)] = ""
    id: Annotated[str, Meta(max_length=40)] = ""


class AddressIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    text: Text
    lng: Annotated[float, Meta(ge=-180, le=180)] | None = None
    lat: Annotated[float, Meta(ge=-90, le=90)] | None = None
    datum: Datum = "gcj02"


class LineUnit(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """So much of another unit: `{"uom": "吨", "qty": "12.5", "price_fen": 438000, "per": "吨", "round": "near"}`. `per`: what
    the price is for (absent: `uom`); `round`: which way pieces go (absent: the unit's rule); `charge`: `api.stock.units`."""

    uom: Annotated[str, Meta(min_length=1, max_length=10)]
    qty: Annotated[str, Meta(min_length=1, max_length=24)] | Annotated[int, Meta(ge=1, le=10**9)]
    price_fen: Fen | None = None
    per: Annotated[str, Meta(max_length=10)] = ""
    round: Round | None = None
    charge: Charge = "ordered"


class LineIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`qty` in base units, or `unit`."""

    sku: Annotated[str, Meta(min_length=1, max_length=40)]
    qty: Qty = 0
    price_fen: Fen | None = None
    unit: LineUnit | None = None


class Draft(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An order that is not yet one. `paid_at` is RFC 3339 and needs the right to pay."""

    customer: CustomerIn
    lines: Annotated[list[LineIn], Meta(max_length=500)]
    address: Text | AddressIn = ""
    channel: Annotated[str, Meta(max_length=40)] = "manual"
    external_no: Annotated[str, Meta(min_length=1, max_length=100)] | None = None
    note: Text = ""
    options: Annotated[list[Short], Meta(max_length=50)] = []
    paid_at: str | None = None
    warehouse: Annotated[str, Meta(max_length=20)] | None = None
    promise_id: Annotated[str, Meta(max_length=60)] | None = None


class Held(msgspec.Struct, frozen=True, array_like=True):
    reason: str
    by: str
    at: int


class Trouble(msgspec.Struct, frozen=True, array_like=True):
    """An exception beside the state: a stable code, why in both languages, since when."""

    code: str
    zh: str
    en: str
    at: int
    data: dict[str, Any] = {}


class Check(msgspec.Struct, frozen=True, array_like=True):
    item: str
    done: bool = False
    by: str = ""
    at: int | None = None


class Parcel(msgspec.Struct, frozen=True, array_like=True):
    carrier: str
    waybill: str
    at: int


class Customer(msgspec.Struct, frozen=True):
    """The order's own copy; `refs` stand for name and phone within hashed texts."""

    id: str
    name: str
    phone: str
    tier: str


class Address(msgspec.Struct, frozen=True):
    text: str = ""
    adcode: str = ""
    lng_e6: int | None = None
    lat_e6: int | None = None


class Line(msgspec.Struct, frozen=True):
    """`carried`: pieces kept from the version before; `kept`: surplus that was settled to stay;
    `consumed`: what left with the parcel."""

    line_no: int
    sku: str
    name: str
    qty: int
    uom: str
    price_fen: int
    warehouse: str
    reserved: int = 0
    picked: int = 0
    short: int = 0
    carried: int = 0
    kept: int = 0
    consumed: int = 0
    returned: int = 0

    @property
    def amount_fen(self) -> int:
        return self.qty * self.price_fen


class Sold(msgspec.Struct, frozen=True, array_like=True):
    """What was said of goods that were not asked for, or not priced, in base units. From `line_no` on `taken` pieces stand for
    `qty` `uom`; `rest`: pieces asked less those; `rest_fen`: owed less `sum_fen`. Decimal texts are exact to nine places."""

    line_no: int
    qty: str
    uom: str
    price_fen: int
    per: str
    round: str
    taken: int
    rest: str
    sum_fen: int
    rest_fen: str


class LineBins(msgspec.Struct, frozen=True, array_like=True):
    """Where a line's pieces were taken from, how many of them its bins gave up (at `place`), and the bin that
    turned out short. `lots`: what is in hand, where the SKU is kept by lots."""

    line_no: int
    picked: dict[str, int] = {}
    short: str = ""
    out: dict[str, int] = {}
    place: str = ""
    lots: dict[str, int] = {}


class Promised(msgspec.Struct, frozen=True, array_like=True):
    """What a customer was told: the latest time to ship that keeps the window, the window, how sure it is, and why.
    `expires_at`: until when the pieces are kept for who has not paid; `moved`: what is expected instead, once it cannot
    be kept."""

    id: str
    ship_by: int
    eta_from: int
    eta_to: int
    confidence: float
    because: tuple[Why, ...] = ()
    expires_at: int = 0
    moved: Moved | None = None


class Rest(msgspec.Struct, frozen=True, array_like=True):
    """What hangs on an order and is not searched by: one JSON column, of lists. A field of these structs that is new
    stands last and has a default.

    `pinned`: the draft, a promise or a person named the warehouse, so no other is tried. `part_of`: the order that it
    was split from; `has_parts`: pieces of it went on under numbers of their own. `outside`: has the WMS that keeps the
    warehouse confirmed what is reserved there?
    """

    held: Held | None = None
    exceptions: tuple[Trouble, ...] = ()
    tags: tuple[Tag, ...] = ()
    options: tuple[str, ...] = ()
    checklist: tuple[Check, ...] = ()
    parcels: tuple[Parcel, ...] = ()
    evidence: str = ""
    bins: tuple[LineBins, ...] = ()
    pinned: bool = False
    sold: tuple[Sold, ...] = ()
    part_of: str = ""
    has_parts: bool = False
    promise: Promised | None = None
    outside: Literal["", "asked", "locked"] = ""


class Refs(msgspec.Struct, frozen=True):
    """Rows of personal values; None where there is nothing to keep."""

    name: int
    phone: int
    address: int | None
    note: int | None
    extra: int | None


class Order(msgspec.Struct, frozen=True):
    """The whole truth of one order. Times in ms, money in fen, coordinates in micro-degrees (GCJ-02)."""

    order_no: str
    root_no: str
    version: int
    state: str
    channel: str
    external_no: str | None
    customer: Customer
    refs: Refs
    address: Address
    owner: str
    picker: str
    warehouse: str
    lines: tuple[Line, ...]
    amount_fen: int
    paid_fen: int
    terms: str
    note: str
    extra: str
    priority: str
    rest: Rest
    snapshot: str
    paid_at: int | None
    moved_at: int
    created_at: int
    updated_at: int

    @property
    def held(self) -> Held | None:
        return self.rest.held

    @property
    def is_reserved(self) -> bool:
        """Does it hold every piece of every line?"""
        return all(line.reserved == line.qty for line in self.lines) and any(line.qty for line in self.lines)

    def has(self, trouble: str) -> bool:
        return any(t.code == trouble for t in self.rest.exceptions)


def unreserved(lines: tuple[Line, ...]) -> tuple[Line, ...]:
    return tuple(msgspec.structs.replace(line, reserved=0) for line in lines)


# Commands' bodies -----------------------------------------------------------------------------------------


class Command(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A command without a body."""


class Pay(Command, frozen=True, forbid_unknown_fields=True):
    """`on_account` clears a customer of monthly terms for picking: the money stays owed."""

    method: Annotated[str, Meta(min_length=1, max_length=40)]
    amount_fen: Fen | None = None
    at: str | None = None


class CheckItem(Command, frozen=True, forbid_unknown_fields=True):
    item: Annotated[str, Meta(min_length=1, max_length=200)]
    done: bool = True


class Ship(Command, frozen=True, forbid_unknown_fields=True):
    carrier: Annotated[str, Meta(min_length=1, max_length=40)]
    waybill: Annotated[str, Meta(max_length=60)] = ""


class Deliver(Command, frozen=True, forbid_unknown_fields=True):
    """`evidence`: words, or what a carrier or a track gave."""

    evidence: Text | dict[str, Any] = ""


class Reason(Command, frozen=True, forbid_unknown_fields=True):
    reason: Annotated[str, Meta(min_length=1, max_length=500)]


class TagChange(Command, frozen=True, forbid_unknown_fields=True):
    add: Annotated[list[Annotated[str, Meta(min_length=1, max_length=40)]], Meta(max_length=50)] = []
    remove: Annotated[list[Annotated[str, Meta(min_length=1, max_length=40)]], Meta(max_length=50)] = []


class Comment(Command, frozen=True, forbid_unknown_fields=True):
    text: Annotated[str, Meta(min_length=1, max_length=2_000)]


class ReturnLine(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """By line, or by SKU (the first line of it that still has pieces out)."""

    qty: Qty
    line_no: Annotated[int, Meta(ge=1, le=500)] | None = None
    sku: Annotated[str, Meta(max_length=40)] = ""


class Return(Command, frozen=True, forbid_unknown_fields=True):
    lines: Annotated[list[ReturnLine], Meta(min_length=1, max_length=500)]
    reason: Annotated[str, Meta(min_length=1, max_length=500)]


class Resolve(Command, frozen=True, forbid_unknown_fields=True):
    exception: Annotated[str, Meta(min_length=1, max_length=60)]
    choice: Literal["keep", "apply"]
    why: Annotated[str, Meta(min_length=1, max_length=500)]


class Changes(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What an amendment changes; what is not named stays."""

    lines: Annotated[list[LineIn], Meta(min_length=1, max_length=500)] | UnsetType = UNSET
    address: Text | AddressIn | UnsetType = UNSET
    note: Text | UnsetType = UNSET
    options: Annotated[list[Short], Meta(max_length=50)] | UnsetType = UNSET
    customer: CustomerIn | UnsetType = UNSET


class Amend(Command, frozen=True, forbid_unknown_fields=True):
    changes: Changes


class Restore(Command, frozen=True, forbid_unknown_fields=True):
    snapshot: Annotated[str, Meta(min_length=8, max_length=80)]


class PieceIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    line_no: Annotated[int, Meta(ge=1, le=500)]
    qty: Qty


class PartIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`warehouse` empty: from wherever it can ship whole, or it waits."""

    lines: Annotated[list[PieceIn], Meta(min_length=1, max_length=500)]
    warehouse: Annotated[str, Meta(max_length=20)] = ""


class Split(Command, frozen=True, forbid_unknown_fields=True):
    """The first part keeps the order's number; together the parts are the order, piece by piece."""

    parts: Annotated[list[PartIn], Meta(min_length=2, max_length=20)]


class MoveTo(Command, frozen=True, forbid_unknown_fields=True):
    warehouse: Annotated[str, Meta(min_length=1, max_length=20)]
