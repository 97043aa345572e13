"""A hybrid logical clock, small: stamps that sort as text and never go back on one device.

A stamp is evidence for people; the fold never reads it. A remote time far ahead is heard but not adopted, because one
device with a wrong year would otherwise pull every clock along; nobody is turned away for it.
"""

import msgspec

from sync.ops import is_hlc

MAX_MS = 999_999_999_999_999
MAX_COUNT = 0xFFFF
MAX_AHEAD_MS = 5 * 60 * 1000


class Clock(msgspec.Struct, frozen=True):
    """The last stamp given: `ms` since 1970, `count` of stamps within that ms."""

    device: str
    ms: int = 0
    count: int = 0


def stamp(clock: Clock) -> str:
    """`001795400000000-0000-DEVICE01`: 15 digits, 4 hex digits in capitals, the device."""
    return f"{clock.ms:015d}-{clock.count:04X}-{clock.device}"


def tick(clock: Clock, now_ms: int) -> Clock:
    """The next stamp's clock: the wall's time where it moved on, else one more count."""
    return _later(clock, _bounded(now_ms))


def hear(clock: Clock, remote: str, now_ms: int) -> Clock:
    """Ticks past a remote stamp too, unless it is malformed or far ahead of `now_ms`."""
    now = _bounded(now_ms)
    if is_hlc(remote) and not is_ahead(remote, now):
        ms, count = int(remote[:15]), int(remote[16:20], 16)
        if (ms, count) > (clock.ms, clock.count):
            clock = Clock(clock.device, ms, count)
    return _later(clock, now)


def is_ahead(remote: str, now_ms: int) -> bool:
    """True for a well-formed stamp more than five minutes ahead: shown as "clock wrong", never a reason to refuse."""
    return is_hlc(remote) and int(remote[:15]) > _bounded(now_ms) + MAX_AHEAD_MS


def _later(clock: Clock, now: int) -> Clock:
    if now > clock.ms:
        return Clock(clock.device, now, 0)
    if clock.count < MAX_COUNT:
        return Clock(clock.device, clock.ms, clock.count + 1)
    return Clock(clock.device, min(clock.ms + 1, MAX_MS), 0)


def _bounded(now_ms: int) -> int:
    return max(0, min(now_ms, MAX_MS))
