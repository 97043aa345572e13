"""Reading the board: rows, columns and counts at one moment, and what has changed since another.

All of it is read within one snapshot, so a cursor says exactly what its reader has seen. Colours are judged when
they are read: an order turns red by the passing of time without an entry in the journal.
"""

from collections import defaultdict
from datetime import datetime
from typing import NamedTuple

import msgspec

from api.board.model import (
    Blue,
    Board,
    Buyer,
    Column,
    Columns,
    Counts,
    Cursor,
    Filter,
    House,
    Lines,
    Owner,
    Row,
    Shown,
    Sight,
)
from api.db import queries
from api.db.tx import Tx
from api.journal.service import Q as J
from api.kernel import time as times
from api.kernel.errors import Why
from api.orders.colour import BY_STATE, Colour, colour
from api.orders.model import Rest
from api.orders.view import ABOUT_MONEY
from api.people import service as people

Q = queries.load(__package__)
_rest = msgspec.json.Decoder(Rest).decode
# Holds and exceptions are looked at one by one to sort them by when they began; beyond this many, by the last move.
FLAGGED = 1_000
# A colour's column; what has been delivered is counted by itself.
COLUMN = {"red": "red", "green": "green", "yellow": "yellow", "blue": "hollow", "grey": "unpaid"}
SHOWN = ("red", "green", "yellow", "hollow", "solid")
WAITING = ("green", "yellow", "hollow")


class Judge(NamedTuple):
    """What a colour and a day depend on besides the order."""

    now: int
    sla_ms: int
    tz: str

    @property
    def stalled(self) -> int:
        """Whoever moved last at this moment or before it is stalled now."""
        return self.now - self.sla_ms

    @property
    def today(self) -> int:
        """The day's first moment where the company is."""
        midnight = times.local(self.now, self.tz).replace(hour=0, minute=0, second=0, microsecond=0)
        return int(midnight.timestamp() * 1000)

    @property
    def day(self) -> datetime:
        return times.local(self.now, self.tz)


class _Facts(NamedTuple):
    state: str
    moved_at: int
    rest: Rest


class Change(NamedTuple):
    """A row, and the position of its last entry."""

    pos: int
    row: Row


class Changes(NamedTuple):
    """What stands otherwise than at a cursor: by entries (in the journal's order), then by time; all as of `upto`."""

    upto: Cursor
    changed: list[Change]
    stalled: list[Row]


def here(tx: Tx, judge: Judge) -> Cursor:
    """The cursor of this very moment."""
    return Cursor(tx.value(J.last_pos), judge.now, tx.value(J.life) or "none")


def row(tx: Tx, order_no: str, judge: Judge) -> Row | None:
    found = tx.one(Q.row, order_no=order_no)
    if found is None:
        return None
    facts = _Facts(found["state"], found["moved_at"], _rest(found["rest"]))
    mark = colour(facts, judge.now, judge.sla_ms)
    has_cause = facts.rest.held is not None or bool(facts.rest.exceptions)
    owner = people.user(tx, found["owner"]) if found["owner"] else None
    return Row(
        order_no=found["order_no"],
        customer=Buyer(found["customer"], found["name"] or "", found["tier"]),
        place=_place(tx, facts, found["picker"], found["house"] or found["warehouse"]),
        warehouse=found["warehouse"],
        state=facts.state,
        colour=mark,
        cause=_cause(facts, mark),
        waiting_at=mark.since if mark.code == "red" and has_cause else facts.moved_at,
        tags=tuple(tag.tag for tag in facts.rest.tags),
        priority=found["priority"] or "normal",
        owner=None if owner is None else Owner(owner.name, owner.display),
        qty=found["qty"],
        lines=Lines(found["closed"], found["lines"]),
        updated_at=found["updated_at"],
        amount_fen=found["amount_fen"],
        about_money=_about_money(facts, mark),
    )


def _cause(facts: _Facts, mark: Colour) -> str:
    if mark.code != "red":
        return ""
    if facts.rest.held is not None:
        return "held"
    return facts.rest.exceptions[0].code if facts.rest.exceptions else "stalled"


def _about_money(facts: _Facts, mark: Colour) -> Why | None:
    """Pickers see no sums, in a reason either."""
    if mark.code != "red" or facts.rest.held is not None or not facts.rest.exceptions:
        return None
    return ABOUT_MONEY.get(facts.rest.exceptions[0].code)


def _place(tx: Tx, facts: _Facts, picker: str, house: str) -> str:
    """Who or what has the goods now."""
    if facts.state in ("shipped", "delivered") and facts.rest.parcels:
        return facts.rest.parcels[-1].carrier
    if facts.state in ("picking", "packed") and picker:
        known = people.user(tx, picker)
        return picker if known is None else known.display
    return house


def board(tx: Tx, filter_: Filter, limit: int, sight: Sight, judge: Judge) -> Board:
    """The whole board, at most `limit` rows a column."""
    counted, oldest = _count(tx, filter_, judge)
    by = {**filter_._asdict(), "stalled": judge.stalled, "count": limit}

    def column(count: int, since: int | None, rows: list[Row]) -> Column:
        items: list[Shown] = [one.shown(sight, judge.tz) for one in rows]
        return Column(count, times.maybe(since, judge.tz), items)

    def waiting(one: str, other: str) -> list[Row]:
        return _rows(tx, [r["order_no"] for r in tx.all(Q.waiting, one=one, other=other, **by)], judge)

    red = _red(tx, filter_, limit, judge)
    done = tx.all(Q.delivered, today=judge.today, **filter_._asdict(), count=limit)
    hollow = column(counted.hollow, oldest.get("hollow"), waiting("shipped", "shipped"))
    solid = column(counted.solid, None, _rows(tx, [r["order_no"] for r in done], judge))
    columns = Columns(
        red=column(counted.red, red[0].waiting_at if red else None, red),
        green=column(counted.green, oldest.get("green"), waiting("paid", "to_pick")),
        yellow=column(counted.yellow, oldest.get("yellow"), waiting("picking", "packed")),
        blue=Blue(counted.blue, hollow, solid),
    )
    return Board(
        day=f"{judge.day:%Y-%m-%d}",
        columns=columns,
        counts=counted,
        cursor=here(tx, judge).text,
        server_time=times.text(judge.now, judge.tz),
    )


def homes(tx: Tx) -> dict[str, str]:
    """The warehouse of every order that may still get another one."""
    return {found["order_no"]: found["warehouse"] for found in tx.all(Q.homes)}


def _rows(tx: Tx, order_nos: list[str], judge: Judge) -> list[Row]:
    return [found for order_no in order_nos if (found := row(tx, order_no, judge)) is not None]


def _red(tx: Tx, filter_: Filter, limit: int, judge: Judge) -> list[Row]:
    """Those in trouble longest come first."""
    by = filter_._asdict()
    stalled = tx.all(Q.stalled, after=-1, stalled=judge.stalled, count=limit, **by)
    flagged = tx.all(Q.flagged, count=FLAGGED, **by)
    found = _rows(tx, [r["order_no"] for r in (*stalled, *flagged)], judge)
    return sorted(found, key=lambda one: (one.waiting_at, one.order_no))[:limit]


def counts(tx: Tx, filter_: Filter, judge: Judge) -> Counts:
    return _count(tx, filter_, judge)[0]


class _Tally:
    """Sums of some warehouses, and since when the oldest of a colour waits."""

    def __init__(self) -> None:
        self.sums = dict.fromkeys(("red", "green", "yellow", "hollow", "solid", "unpaid", "urgent"), 0)
        self.oldest: dict[str, int] = {}

    def add(self, name: str, count: int, urgent: int, oldest: int | None = None) -> None:
        self.sums[name] += count
        self.sums["urgent"] += urgent
        if oldest is not None and name in WAITING:
            self.oldest[name] = min(self.oldest.get(name, oldest), oldest)

    def told(self, tz: str) -> dict[str, str]:
        return {name: times.text(at, tz) for name, at in self.oldest.items()}


def _count(tx: Tx, filter_: Filter, judge: Judge) -> tuple[Counts, dict[str, int]]:
    """The counts, and since when the oldest of a colour waits."""
    by = {name: value for name, value in filter_._asdict().items() if name != "warehouse"}
    whole, houses = _Tally(), defaultdict[str, _Tally](_Tally)

    def add(house: str, name: str, count: int, urgent: int, oldest: int | None = None) -> None:
        houses[house].add(name, count, urgent, oldest)
        if filter_.warehouse in ("", house):
            whole.add(name, count, urgent, oldest)

    for group in tx.all(Q.counts, stalled=judge.stalled, **by):
        name = COLUMN["red" if group["flag"] else BY_STATE[group["state"]][0]]
        urgent = group["count"] if name != "unpaid" and group["priority"] == "urgent" else 0
        add(group["warehouse"], name, group["count"], urgent, group["oldest"])
    for group in tx.all(Q.delivered_counts, today=judge.today, **by):
        add(group["warehouse"], "solid", group["count"], 0)
    on = {house: sum(tally.sums[name] for name in SHOWN) for house, tally in houses.items()}
    return Counts(
        blue=whole.sums["hollow"] + whole.sums["solid"],
        oldest=whole.told(judge.tz),
        warehouses={house: count for house, count in on.items() if count},
        by_warehouse={
            house: House(oldest=tally.told(judge.tz), **tally.sums) for house, tally in houses.items()
        },
        **whole.sums,
    ), whole.oldest


def changes(tx: Tx, since: Cursor, most: int, judge: Judge, *, with_time: bool = True) -> Changes | None:
    """What a reader at `since` does not know yet; None where that is too much, where somebody has been erased, or
    of another life of the data: then the reader begins anew. `with_time`: also who turned red by time alone, a walk over all open orders."""
    upto = here(tx, judge)
    if not with_time:
        upto = upto._replace(until=since.until)
    if since.epoch != upto.epoch or since.pos > upto.pos or upto.pos - since.pos > 20 * most:
        return None
    if tx.one(Q.forgotten, after=since.pos, upto=upto.pos) is not None:
        return None
    changed = tx.all(Q.changed, after=since.pos, upto=upto.pos)
    by = {"after": since.until - judge.sla_ms, "stalled": upto.until - judge.sla_ms, **Filter()._asdict()}
    turned = tx.all(Q.stalled, count=most + 1, **by) if with_time else []
    if len(changed) + len(turned) > most:
        return None
    known = [
        Change(entry["pos"], found)
        for entry in changed
        if (found := row(tx, entry["order_no"], judge)) is not None
    ]
    return Changes(upto, known, _rows(tx, [r["order_no"] for r in turned], judge))
