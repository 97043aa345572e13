"""Can a promise still be kept, and if not, what now: pure, judged by how things stand and not by what happened.

A promise is moved when goods that were free to go now would leave or arrive too late: it names the new window and one
cause. It is looked at again and again, so what was said stays said while it can hold; when the promised date can be kept
after all, nothing is left of it.
"""

from collections.abc import Mapping
from datetime import date
from typing import Literal, NamedTuple

import msgspec

from api.kernel.errors import Why
from api.kernel.time import local
from api.promise.dates import Ask, window

Stuck = Literal["", "held", "short"]


class Moved(msgspec.Struct, frozen=True, array_like=True):
    """The window that is expected instead. `what`: the day off that is in the way. `at`: since when this is said."""

    cause: str
    eta_from: int
    eta_to: int
    at: int
    what: str = ""


class Told(NamedTuple):
    """What was promised."""

    ship_by: int
    eta_to: int


class Cause(NamedTuple):
    """Why, to colleagues and to the customer."""

    inside: Why
    outside: Why


CAUSES: Mapping[str, Cause] = {
    "held": Cause(
        Why("挂起中，赶不上承诺", "On hold, too late for the promise"),
        Why("有一处在核对", "something is being checked"),
    ),
    "short": Cause(
        Why("缺货，赶不上承诺", "Short of stock, too late for the promise"),
        Why("货正在调", "stock is on its way to us"),
    ),
    "late": Cause(
        Why("过了承诺的发货时间，还没发出", "Not shipped by the promised time"),
        Why("备货比预计久", "getting it ready takes longer"),
    ),
    "closed": Cause(
        Why("承诺那天不发货（{what}）", "Nothing leaves on the promised day ({what})"),
        Why("那天放假（{what}）", "we are closed that day ({what})"),
    ),
    "on_the_way": Cause(
        Why("路上比承诺的久", "Longer on the way than promised"),
        Why("路上比预计久", "it takes longer on the way"),
    ),
}


def judge(told: Told, ask: Ask, stuck: Stuck, last: Moved | None) -> Moved | None:
    """None: the promise can be kept. `last`: what was said before, given back as it is while it can hold."""
    found = _found(told, ask, stuck)
    if found is None or last is None or (found.cause, found.what) != (last.cause, last.what):
        return found
    if found.cause == "on_the_way":
        return last if ask.now <= last.eta_to else found
    return last if _day(found.eta_to, ask) == _day(last.eta_to, ask) else found


def _found(told: Told, ask: Ask, stuck: Stuck) -> Moved | None:
    if ask.left_at is not None:
        found = window(ask)
        is_kept = found.eta_to <= told.eta_to
        return None if is_kept else Moved("on_the_way", found.eta_from, found.eta_to, ask.now)
    promised = ask.days.of(_day(told.ship_by, ask))
    if not stuck and ask.now <= told.ship_by and promised.works:
        return None
    found = window(ask)
    if found.ship_by <= told.ship_by:
        return None
    cause = stuck or ("closed" if ask.now <= told.ship_by else "late")
    what = promised.name if cause == "closed" else ""
    return Moved(cause, found.eta_from, found.eta_to, ask.now, what)


def _day(at: int, ask: Ask) -> date:
    return local(at, ask.tz).date()


def said(moved: Moved, *, to_customer: bool = False) -> Why:
    known = CAUSES[moved.cause]
    why = known.outside if to_customer else known.inside
    return Why(why.zh.format(what=moved.what), why.en.format(what=moved.what))
