"""What goes into the fold beside the ops, and what comes out of it; data only.

Facts are the order's present ones, read by the server or pulled by a device; settlements are the server's, ordered by
the `seq` that it gave them. Nothing here is a device's time or an order of arrival.
"""

from collections.abc import Mapping

import msgspec

# A settlement that still waits in a device's queue has no number of the server yet: it counts after all others.
PENDING_SEQ = 2**53 - 1

ORDER_KINDS = ("held", "cancelled", "amended", "already_shipped")
LINE_KINDS = ("over_picked", "wrong_bin", "wrong_warehouse")
SURPLUS_KINDS = ("over_picked", "already_shipped")
CHOICES = ("keep", "undo")
# What a picker may settle of the picks that are his own; a supervisor may settle all.
PICKER_KINDS = ("held", "cancelled", "amended", "over_picked", "wrong_bin")


class Line(msgspec.Struct, frozen=True):
    """`warehouse` is empty while the line has none."""

    line_no: int
    sku: str
    qty: int
    warehouse: str


class Bin(msgspec.Struct, frozen=True):
    """Where a bin stands and which SKU it holds (empty: nothing)."""

    warehouse: str
    sku: str


class OrderFacts(msgspec.Struct, frozen=True):
    """`consumed`: pieces by line number that the parcel took, empty before shipping; `bins`: by code, those that ops name."""

    order_no: str
    state: str
    held: bool
    lines: tuple[Line, ...]
    consumed: Mapping[int, int] = {}
    bins: Mapping[str, Bin] = {}


class Settlement(msgspec.Struct, frozen=True):
    """A person's answer to one conflict as it was shown: `conflict` is its id, `ops` the op ids that it had then."""

    id: str
    seq: int
    conflict: str
    choice: str
    by: str
    at: str
    ops: tuple[str, ...]


class LineCount(msgspec.Struct, frozen=True):
    """Pieces of one line.

    `extra`: picked beyond `qty` and kept, so a parcel may consume `qty + extra`. `late`: picked after the parcel, kept, and
    not consumed yet: the server consumes them and adds them to the facts' `consumed`, and the next fold says 0.
    """

    line_no: int
    picked: int
    short: int
    extra: int
    late: int


class LineQty(msgspec.Struct, frozen=True):
    """So many pieces of a line."""

    line_no: int
    qty: int


class Settled(msgspec.Struct, frozen=True):
    """Who answered what; of several settlements the last one that decided something."""

    choice: str
    by: str
    at: str


class Conflict(msgspec.Struct, frozen=True):
    """Open while `settled` is None.

    `ops`, sorted: open, the picks that nobody has answered for (of a surplus: all picks of those lines, since no single one
    is the surplus); settled, the picks that were answered for. `surplus`: open pieces by line, only for surplus kinds.
    """

    id: str
    kind: str
    line_no: int | None
    ops: tuple[str, ...]
    surplus: tuple[LineQty, ...]
    settled: Settled | None


class PutAway(msgspec.Struct, frozen=True):
    """Pieces to carry back: a whole pick (`op`, and the bin it named), or a line's surplus (`op` and `bin` empty)."""

    conflict: str
    settlement: str
    line_no: int
    op: str
    sku: str
    warehouse: str
    bin: str
    qty: int


class Projection(msgspec.Struct, frozen=True):
    """What a set of ops, the settlements and the present facts come to.

    `started`: an op named a line of the order. `unmatched`: voids that take nothing back (yet). `unknown_lines`: ops that
    name no line of the order; they count nothing. `clashes`: ids with several bodies, see `sync.merge`.
    """

    order_no: str
    started: bool
    lines: tuple[LineCount, ...]
    conflicts: tuple[Conflict, ...]
    put_away: tuple[PutAway, ...]
    unmatched: tuple[str, ...]
    unknown_lines: tuple[str, ...]
    clashes: tuple[str, ...]


def conflict_id(order_no: str, line_no: int | None, kind: str) -> str:
    """`order_no/line_no/kind`, with `-` where the conflict hangs on the order."""
    return f"{order_no}/{'-' if line_no is None else line_no}/{kind}"


def split_conflict_id(text: str) -> tuple[str, int | None, str] | None:
    """`(order_no, line_no or None, kind)`; None when it names no conflict that can exist. Order numbers may hold a slash."""
    parts = text.rsplit("/", 2)
    if len(parts) != 3 or not parts[0]:
        return None
    order_no, line, kind = parts
    if line == "-":
        return (order_no, None, kind) if kind in ORDER_KINDS else None
    if kind not in LINE_KINDS or not (line.isascii() and line.isdigit()) or line[0] == "0" or len(line) > 15:
        return None
    return order_no, int(line), kind
