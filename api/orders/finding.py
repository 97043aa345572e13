"""Which orders a list shows, newest first, at a cost that does not grow with how many there are.

Every filter has an index that gives its orders newest first: all of them, those of one state in one warehouse and channel, of a
customer, with a tag, with a SKU. A list merges as many of these streams as its filters ask for and stops when the page is
full; what no stream decides is asked of each row. A text is looked for in the same way; one that very much begins with is
tried on the newest orders first. No statement here sorts a table or walks one.
"""

from collections.abc import Callable, Iterable, Iterator
from heapq import heappop, heappush, merge
from itertools import chain, takewhile
from operator import itemgetter
from typing import Any, NamedTuple

from api.db.queries import LAST, Query
from api.db.tx import Row, Tx
from api.orders.colour import BY_STATE
from api.orders.model import ENDS, OPEN, STATES
from api.orders.store import Q

CHUNKS = (1, 8, 64, 512)
# A text that begins more than so many numbers, customers or SKUs is first tried on so many of the newest orders.
NUMBERS, NAMES, NEWEST = 500, 1_000, 2_000
ALL = 2**62
DAY = 8  # letters of a number that name its day: HD260122
_id = itemgetter("id")
Stream = Iterator[Row]
Head = Row | dict[str, Any]


class Filter(NamedTuple):
    """What a list asks for; empty (`since` below 0): nothing. `stalled`: who moved last then or before is red."""

    state: str = ""
    colour: str = ""
    tag: str = ""
    warehouse: str = ""
    channel: str = ""
    customer: str = ""
    since: int = -1
    stalled: int = 0
    text: str = ""
    sees_phones: bool = False


def page(tx: Tx, asked: Filter, before: int, count: int) -> list[Row]:
    """At most `count` rows with `id` and `order_no` below the cursor."""
    customers = tx.all(Q.customers_of_name, name=asked.customer, before=before) if asked.customer else []
    fits = _fits(tx, asked, {row["customer"] for row in customers})
    found: list[Row] = []
    for source in _sources(tx, asked, customers, before):
        last = None
        for row in source:
            if row["id"] != last and fits(row):
                found.append(row)
                if len(found) == count:
                    return found
            last = row["id"]
    return found


def _sources(tx: Tx, asked: Filter, customers: list[Row], before: int) -> Iterator[Iterable[Row]]:
    """One after the other: each has only orders older than the one before it."""
    if asked.text:
        yield from _having(tx, asked, before)
    elif (few := _changed(tx, asked, NUMBERS)) is not None:
        yield _rows(tx, few, before)
    elif asked.tag:
        yield _stream(tx, Q.list_tag, before, tag=asked.tag)
    elif asked.customer:
        yield _headed(tx, Q.list_customer, customers, before)
    elif asked.state or asked.colour or asked.warehouse or asked.channel:
        yield merge(*_placed(tx, asked, before), key=_id, reverse=True)
    elif asked.since >= 0:  # most of the newest orders have changed since then
        floor = _top(tx, before) - NEWEST
        yield takewhile(lambda row: row["id"] >= floor, _stream(tx, Q.list_all, before))
        yield _rows(tx, _changed(tx, asked, ALL) or [], floor)
    else:
        yield _stream(tx, Q.list_all, before)


# streams ------------------------------------------------------------------------------------------------------


def _stream(tx: Tx, query: Query, before: int, **key: Any) -> Stream:
    """The rows of one stretch of an index, read as far as somebody wants them."""
    for count in chain(CHUNKS, iter(lambda: CHUNKS[-1], None)):
        rows = tx.all(query, before=before, count=count, **key)
        yield from rows
        if len(rows) < count:
            return
        before = rows[-1]["id"]


def _headed(tx: Tx, query: Query, heads: Iterable[Head], before: int) -> Stream:
    """The streams of many keys as one. Each key comes with its newest order (`head`), and its stream is opened when the list has
    come down to that."""
    waiting = sorted((row for row in heads if row["head"] is not None), key=lambda row: int(row["head"]))
    open_: list[tuple[int, int, Row, Stream]] = []
    while open_ or waiting:
        while waiting and (not open_ or waiting[-1]["head"] >= -open_[0][0]):
            key = dict(waiting.pop())
            del key["head"]
            stream = _stream(tx, query, before, **key)
            _push(open_, len(waiting), stream)
        if open_:
            _, at, row, stream = heappop(open_)
            yield row
            _push(open_, at, stream)


def _push(open_: list[tuple[int, int, Row, Stream]], at: int, stream: Stream) -> None:
    row = next(stream, None)
    if row is not None:
        heappush(open_, (-row["id"], at, row, stream))


def _rows(tx: Tx, ids: Iterable[int], before: int) -> Stream:
    for one in sorted(set(ids), reverse=True):
        if one < before:
            yield tx.must(Q.list_one, id=one)


def _few(tx: Tx, query: Query, most: int, **key: Any) -> list[int] | None:
    """The orders that an index has for a key, in no order; None where they are more than `most`."""
    rows = tx.all(query, count=most + 1, **key)
    return None if len(rows) > most else [row["id"] for row in rows]


def _changed(tx: Tx, asked: Filter, most: int) -> list[int] | None:
    return None if asked.since < 0 else _few(tx, Q.list_since, most, since=asked.since)


def _top(tx: Tx, before: int) -> int:
    """The cursor, or where one would be that is before all orders."""
    return before if before < ALL else (tx.value(Q.list_last) or 0) + 1


def _placed(tx: Tx, asked: Filter, before: int) -> list[Stream]:
    """The streams of each state, warehouse and channel that there is."""
    states = {asked.state} if asked.state else set(STATES)
    if asked.colour == "red":
        states -= ENDS
    elif asked.colour:
        states &= {state for state, (code, _, _) in BY_STATE.items() if code == asked.colour}
    heads, streams = [], []
    for state in sorted(states):
        if asked.colour == "red" and state not in OPEN:  # no time alone turns these red
            streams.append(_stream(tx, Q.list_flagged, before, state=state))
            continue
        heads += [
            {**row, "state": state}
            for row in map(dict, tx.all(Q.places, state=state, before=before))
            if asked.warehouse in ("", row["warehouse"]) and asked.channel in ("", row["channel"])
        ]
    return [*streams, _headed(tx, Q.list_place, heads, before)]


# by a text ----------------------------------------------------------------------------------------------------


def _having(tx: Tx, asked: Filter, before: int) -> Iterator[Iterable[Row]]:
    """Orders that have a number, a customer or a SKU that begins with the text."""
    text = {"text": asked.text, "beyond": asked.text + LAST}
    externals = _few(tx, Q.list_external, NUMBERS, **text)
    people = _people(tx, asked, before, NAMES + 1)
    skus = tx.all(Q.skus_from, before=before, count=NAMES + 1, **text)
    if externals is None or len(people) > NAMES or len(skus) > NAMES:
        top = _top(tx, before)
        yield _newest_having(tx, asked, top)
        before = top - NEWEST
        externals = _few(tx, Q.list_external, ALL, **text)
        people = _people(tx, asked, before, ALL)
        skus = tx.all(Q.skus_from, before=before, count=ALL, **text)
    streams = [
        *_numbered(tx, asked.text, before),
        _rows(tx, externals or [], before),
        _headed(tx, Q.list_customer, people, before),
        _headed(tx, Q.list_sku, skus, before),
    ]
    yield merge(*streams, key=_id, reverse=True)


def _newest_having(tx: Tx, asked: Filter, top: int) -> Stream:
    """Among the newest orders, a few and then more at a time."""
    text = {"text": asked.text, "beyond": asked.text + LAST, "phones": int(asked.sees_phones)}
    floor, step = top - NEWEST, NEWEST // 32
    while top > floor:
        step = min(2 * step + 1, top - floor)
        yield from tx.all(Q.list_having, before=top, after=top - step, **text)
        top -= step


def _people(tx: Tx, asked: Filter, before: int, most: int) -> list[Row]:
    given = {"text": asked.text, "beyond": asked.text + LAST, "before": before, "count": most}
    found = {row["customer"]: row for row in tx.all(Q.customers_from, **given)}
    if asked.sees_phones:  # else the mask could be guessed digit by digit
        found |= {row["customer"]: row for row in tx.all(Q.customers_called_from, **given)}
    return list(found.values())


def _numbered(tx: Tx, text: str, before: int) -> list[Stream]:
    """By the beginning of an order number. Very many: their days one by one, and the later versions, which have their root's
    day in their number but came after it."""
    beyond = text + LAST
    rows = tx.all(Q.list_numbers, text=text, beyond=beyond, count=NUMBERS + 1)
    if len(rows) <= NUMBERS:
        return [_rows(tx, [row["id"] for row in rows], before)]
    versions = tx.all(Q.list_versions, text=text, beyond=beyond)
    return [_days(tx, text, beyond, before), _rows(tx, [row["id"] for row in versions], before)]


def _days(tx: Tx, text: str, beyond: str, before: int) -> Stream:
    newest = tx.value(Q.number_below, before=before)
    if newest is None:
        return
    upto = min(beyond, newest[:DAY] + LAST)
    while (number := tx.value(Q.number_last, text=text, beyond=upto)) is not None:
        first = max(text, number[:DAY])
        span = tx.must(Q.number_span, text=first, beyond=upto)
        if span["last"] is not None:
            start = min(before, span["last"] + 1)
            yield from _stream(tx, Q.list_numbered, start, first=span["first"], text=first, beyond=upto)
        upto = first


# what a row must fit ------------------------------------------------------------------------------------------


def _fits(tx: Tx, asked: Filter, customers: set[str]) -> Callable[[Row], bool]:
    """Whether a row has all that is asked for; nothing is asked twice of rows that a stream chose by it, but cheaply."""
    wanted = [(name, value) for name in ("state", "warehouse", "channel") if (value := getattr(asked, name))]

    def fits(row: Row) -> bool:
        return (
            all(row[name] == value for name, value in wanted)
            and (not asked.customer or row["customer"] in customers)
            and row["updated_at"] >= asked.since
            and (not asked.colour or _colour(row, asked.stalled) == asked.colour)
            and (not asked.tag or tx.one(Q.has_tag, tag=asked.tag, id=row["id"]) is not None)
        )

    return fits


def _colour(row: Row, stalled: int) -> str:
    """What `orders.colour` says, from columns alone."""
    state = row["state"]
    if state not in ENDS and (
        row["held"] or row["troubled"] or (state in OPEN and row["moved_at"] <= stalled)
    ):
        return "red"
    return BY_STATE[state][0]
