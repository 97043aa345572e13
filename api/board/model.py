"""The board's shapes: a row as it stands, as it is shown within a sight, and where a reader of changes is.

A row is one order. Phones and addresses are not on the board; prices are, for those who see them.
"""

from typing import NamedTuple

import msgspec
from msgspec import UNSET, UnsetType

from api.kernel.errors import Why
from api.kernel.time import text
from api.orders.colour import Colour

EVENTS = {
    "ready": "the stream is open",
    "order": "this order stands so now; grey: it has left the board",
    "elsewhere": "this order has left the warehouse that was asked for",
    "counts": "how many stand where",
    "reset": "read the board anew",
    "beat": "nothing has happened, and the stream is alive",
    "signed_out": "the session is over",
}


class Sight(NamedTuple):
    """What a reader sees, and in which language: rows are encoded once for each."""

    prices: bool
    lang: str


class Filter(NamedTuple):
    """Empty: all. `customer` is an id, `priority` is `urgent`."""

    warehouse: str = ""
    customer: str = ""
    tag: str = ""
    priority: str = ""


class Cursor(NamedTuple):
    """How far a reader is: all entries up to `pos`, all orders that time alone turned red up to `until` (ms), in
    one life of the database."""

    pos: int
    until: int
    epoch: str

    @property
    def text(self) -> str:
        return f"{self.pos}.{self.until}.{self.epoch}"


def read_cursor(given: str) -> Cursor | None:
    """None: not one of ours."""
    pos, _, rest = given.partition(".")
    until, _, epoch = rest.partition(".")
    if not all(part.isascii() and part.isdigit() and len(part) < 19 for part in (pos, until)) or not epoch:
        return None
    return Cursor(int(pos), int(until), epoch)


class Buyer(msgspec.Struct, frozen=True):
    id: str
    name: str
    tier: str


class Owner(msgspec.Struct, frozen=True):
    user: str
    name: str


class Mark(msgspec.Struct, frozen=True):
    code: str
    shape: str
    why: str
    since: str


class Lines(msgspec.Struct, frozen=True):
    """Lines with nothing left to pick, of how many."""

    closed: int
    of: int


class Shown(msgspec.Struct, frozen=True):
    """`place`: who or what has the goods: the warehouse, the picker, the carrier. `waiting_since`: the last move;
    for a hold or an exception, when that began. `cause`: what made it red, empty where it is not."""

    order_no: str
    customer: Buyer
    place: str
    warehouse: str
    state: str
    colour: Mark
    cause: str
    waiting_since: str
    tags: tuple[str, ...]
    priority: str
    owner: Owner | None
    qty: int
    lines: Lines
    updated_at: str
    amount_fen: int | UnsetType = UNSET


class Row(msgspec.Struct, frozen=True):
    """An order as it stood at one moment, before anybody's sight. Times in ms. `cause`: `held`, `stalled`, or the
    code of its first exception."""

    order_no: str
    customer: Buyer
    place: str
    warehouse: str
    state: str
    colour: Colour
    cause: str
    waiting_at: int
    tags: tuple[str, ...]
    priority: str
    owner: Owner | None
    qty: int
    lines: Lines
    updated_at: int
    amount_fen: int
    about_money: Why | None = None  # the reason in words without a sum, where it tells one

    def shown(self, sight: Sight, tz: str) -> Shown:
        code, shape, why, since = self.colour
        if self.about_money is not None and not sight.prices:
            why = self.about_money
        return Shown(
            order_no=self.order_no,
            customer=self.customer,
            place=self.place,
            warehouse=self.warehouse,
            state=self.state,
            colour=Mark(code, shape, why.text(sight.lang), text(since, tz)),
            cause=self.cause,
            waiting_since=text(self.waiting_at, tz),
            tags=self.tags,
            priority=self.priority,
            owner=self.owner,
            qty=self.qty,
            lines=self.lines,
            updated_at=text(self.updated_at, tz),
            amount_fen=self.amount_fen if sight.prices else UNSET,
        )


class Column(msgspec.Struct, frozen=True):
    """`oldest`: since when the one waits that waits longest; None in an empty column."""

    count: int
    oldest: str | None
    items: list[Shown]


class Blue(msgspec.Struct, frozen=True):
    """`hollow`: on its way; `solid`: delivered today."""

    count: int
    hollow: Column
    solid: Column


class Columns(msgspec.Struct, frozen=True):
    red: Column
    green: Column
    yellow: Column
    blue: Blue


class House(msgspec.Struct, frozen=True):
    """What stands in one warehouse. `oldest`: of `green`, `yellow` and `hollow`, since when the one waits that waits
    longest; an empty one has none."""

    red: int
    green: int
    yellow: int
    hollow: int
    solid: int
    unpaid: int
    urgent: int
    oldest: dict[str, str]


class Counts(msgspec.Struct, frozen=True):
    """`blue` = `hollow` + `solid`. `unpaid` stand beside the board. `urgent`: on it and not delivered.
    `warehouses`: how many are on the board of each, whatever warehouse was asked for; `by_warehouse`: each as a
    reader of that warehouse alone counts it, so that one stream serves readers of different ones."""

    red: int
    green: int
    yellow: int
    blue: int
    hollow: int
    solid: int
    unpaid: int
    urgent: int
    oldest: dict[str, str]
    warehouses: dict[str, int]
    by_warehouse: dict[str, House]


class Board(msgspec.Struct, frozen=True):
    """`cursor`: from here on `GET /api/board/events` tells what changes."""

    day: str
    columns: Columns
    counts: Counts
    cursor: str
    server_time: str
