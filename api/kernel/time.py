"""Instants are integer milliseconds since 1970 UTC; text exists only at the edges, RFC 3339 with an offset.

Nobody but the edges asks for the time: services and pure rooms take `now`. A `Clock` is any callable that
returns such an instant, so tests and replays move it as they like.
"""

import time
from collections.abc import Callable
from datetime import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from api.kernel.errors import Invalid, wrong_field

Clock = Callable[[], int]

SECOND = 1000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR

# Year 9999 in UTC: beyond it datetime cannot follow.
LATEST = 253_402_300_799_000 - DAY


def wall_clock() -> int:
    return time.time_ns() // 1_000_000


@lru_cache(64)
def zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


@lru_cache(4096)
def text(at: int, tz: str) -> str:
    """`2026-01-22T10:05:00+08:00`; milliseconds only where there are any."""
    moment = datetime.fromtimestamp(at / 1000, zone(tz))
    return moment.isoformat(timespec="milliseconds" if at % 1000 else "seconds")


def maybe(at: int | None, tz: str) -> str | None:
    return None if at is None else text(at, tz)


def local(at: int, tz: str) -> datetime:
    return datetime.fromtimestamp(at / 1000, zone(tz))


def read(value: str, path: str = "$") -> int:
    """RFC 3339 with an offset, or `Invalid` naming the field."""
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        raise _bad(path) from None
    if moment.tzinfo is None:
        raise _bad(path)
    at = round(moment.timestamp() * 1000)
    if not 0 <= at <= LATEST:
        raise _bad(path)
    return at


def _bad(path: str) -> Invalid:
    return wrong_field(
        path,
        "时间要写成带时区的 RFC 3339，例如 2026-01-22T10:05:00+08:00。",
        "A time is RFC 3339 with an offset, such as 2026-01-22T10:05:00+08:00.",
    )
