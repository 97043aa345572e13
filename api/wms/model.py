"""The shapes of a warehouse that a WMS keeps: how it is spoken to, what came, what is known of its lane."""

from typing import Annotated, Any, Literal, NamedTuple

import msgspec
from msgspec import UNSET, Meta, UnsetType

from api.wms.breaker import Breaker

Path = Annotated[str, Meta(max_length=200)]


class CallAs(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One call as that WMS wants it; `{lock}` and the like are filled in, `"{qty}"` alone stays a number."""

    path: Annotated[str, Meta(min_length=1, max_length=500, pattern=r"^/")]
    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE"] = "POST"
    body: dict[str, Any] | None = None


class Calls(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The four of them; query is two: the stock, and the locks that are there."""

    stock: CallAs = CallAs("/stock?after={after}&limit={limit}&since={since}", "GET")
    locks: CallAs = CallAs("/locks?prefix={prefix}&after={after}&limit={limit}", "GET")
    lock: CallAs = CallAs(
        "/locks", "POST", {"lock": "{lock}", "sku": "{sku}", "qty": "{qty}", "order": "{order}"}
    )
    release: CallAs = CallAs("/releases", "POST", {"lock": "{lock}", "sku": "{sku}", "qty": "{qty}"})
    confirm: CallAs = CallAs("/confirms", "POST", {"lock": "{lock}", "sku": "{sku}", "qty": "{qty}"})


class Reading(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where its answers hold what: JMESPath, `items` and `next` in a page, the others in an item or a refusal.
    `refused`: true in an answer of 2xx that is a no all the same."""

    items: Path = "items"
    next: Path = "next"
    mark: Path = "mark"
    sku: Path = "sku"
    on_hand: Path = "on_hand"
    available: Path = "available"
    lock: Path = "lock"
    qty: Path = "qty"
    why: Path = "why"
    refused: Path = ""


class Wms(msgspec.Struct, frozen=True):
    """How a warehouse's WMS is spoken to. `prefix` begins every lock's name there: two hubs at one WMS differ in it."""

    url: str = ""
    header: str = "Authorization"
    value: str = "Bearer {key}"
    calls: Calls = Calls()
    read: Reading = Reading()
    prefix: str = "hd"
    timeout_s: int = 10
    mirror_s: int = 60
    wait_for_lock: bool = True


class WmsIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is not named stays. `key`: text replaces, null removes, GET's form stays. Read-only fields of GET are passed over."""

    url: Annotated[str, Meta(max_length=500)] | UnsetType = UNSET
    key: Annotated[str, Meta(max_length=2_000)] | dict[str, Any] | UnsetType | None = UNSET
    header: Annotated[str, Meta(pattern=r"^[A-Za-z0-9-]{1,60}$")] | UnsetType = UNSET
    value: Annotated[str, Meta(max_length=200, pattern=r"^[ -~]*\{key\}[ -~]*$")] | UnsetType = UNSET
    calls: Calls | UnsetType = UNSET
    read: Reading | UnsetType = UNSET
    prefix: Annotated[str, Meta(pattern=r"^[A-Za-z0-9_]{1,20}$")] | UnsetType = UNSET
    timeout_s: Annotated[int, Meta(ge=1, le=60)] | UnsetType = UNSET
    mirror_s: Annotated[int, Meta(ge=10, le=86_400)] | UnsetType = UNSET
    wait_for_lock: bool | UnsetType = UNSET
    enabled: bool | UnsetType = UNSET
    warehouse: Any = UNSET


class Difference(msgspec.Struct, frozen=True):
    """What two ledgers say of one thing; `what`: leaked, lost, lock_qty, stock."""

    what: str
    sku: str
    ours: int
    theirs: int
    lock: str = ""
    order_no: str = ""


class Report(msgspec.Struct, frozen=True):
    at: int
    locks: int
    differences: tuple[Difference, ...] = ()
    more: int = 0


class State(msgspec.Struct, frozen=True):
    """What the lane knows. `look_at`: when the stock is asked for next; `doubted`: by SKU how many pieces were refused
    though its stock says that they are there, and until when that is remembered; `unknown`: SKUs that we have not."""

    breaker: Breaker = Breaker()
    look_at: int = 0
    looks_failed: int = 0
    mirrored_at: int = 0
    whole_at: int = 0
    mark: str = ""
    doubted: dict[str, tuple[int, int]] = {}
    unknown: tuple[str, ...] = ()
    report: Report | None = None


class House(NamedTuple):
    """A warehouse with its WMS; `key` is opened, or empty."""

    code: str
    wms: Wms
    key: str
    enabled: bool
    state: State
    reconcile_at: int

    def __repr__(self) -> str:
        return f"House({self.code})"


class Held(NamedTuple):
    """What a WMS says that it holds under a lock's name (without the prefix)."""

    lock: str
    sku: str
    qty: int


class Lying(NamedTuple):
    """What a WMS says of a SKU: pieces there, and pieces that nobody holds (one of the two may be missing)."""

    sku: str
    on_hand: int | None
    available: int | None


# What became of a call --------------------------------------------------------------------------------------


class Done(NamedTuple):
    pass


class No(NamedTuple):
    """It understood and refused; `available`: how many it has, where it says so."""

    why: str
    available: int | None = None


class Unwell(NamedTuple):
    """It did not answer, or as somebody who is not well: the same call goes out again."""

    why: str


class Odd(NamedTuple):
    """It will never take this call: a person has to look."""

    why: str


Outcome = Done | No | Unwell | Odd
