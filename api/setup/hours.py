"""Working time counted backwards from the moment of loading.

The demo's past lies in working hours (08:00-19:00 Asia/Shanghai, every day), yet its open orders must be fresh
whenever somebody loads it, also at night: the last hour is therefore real time, everything before it is working
time. China has had no daylight saving since 1991, so UTC+8 is a constant here.
"""

from datetime import UTC, datetime, timedelta, timezone

OPENS, CLOSES = 8, 19
FRESH_MINUTES = 60
SHANGHAI = timezone(timedelta(hours=8))
_HOUR = 3_600_000
_DAY = 24 * _HOUR
_SHIFT = 8 * _HOUR


def ago(loaded_at_ms: int, seconds: int) -> int:
    """Epoch milliseconds, that many seconds before loading as the demo counts; more is always earlier."""
    back = seconds * 1000
    fresh = FRESH_MINUTES * 60_000
    if back <= fresh:
        return loaded_at_ms - back
    return _working(loaded_at_ms - fresh, back - fresh)


def _working(at_ms: int, back: int) -> int:
    local = at_ms + _SHIFT
    day, clock = local // _DAY * _DAY, local % _DAY
    clock = min(clock, CLOSES * _HOUR)
    while clock - OPENS * _HOUR < back:
        back -= max(clock - OPENS * _HOUR, 0)
        day, clock = day - _DAY, CLOSES * _HOUR
    return day + clock - back - _SHIFT


def rfc3339(at_ms: int) -> str:
    """2026-01-22T10:05:00+08:00, whole seconds."""
    moment = datetime.fromtimestamp(at_ms // 1000, tz=UTC).astimezone(SHANGHAI)
    return moment.isoformat(timespec="seconds")


def day_of(at_ms: int) -> str:
    """20260122, the Shanghai day."""
    return datetime.fromtimestamp(at_ms // 1000, tz=UTC).astimezone(SHANGHAI).strftime("%Y%m%d")
