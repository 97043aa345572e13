"""When to leave a WMS alone, and for how long: pure; `roll` is a number from 0 to 1 that keeps many from coming at once.

closed: calls go out. open: too many failures in a row, nothing goes out until `until`. half_open: one call is tried; it
closes the breaker, or opens it for twice as long.
"""

from typing import Literal

import msgspec

from api.kernel.time import MINUTE, SECOND

FAILURES = 5
FIRST_MS, LONGEST_MS = 30 * SECOND, 10 * MINUTE
CALL_FIRST_MS, CALL_LONGEST_MS = 2 * SECOND, 5 * MINUTE


class Breaker(msgspec.Struct, frozen=True):
    """`since`: of this state; `why`: the last failure's word."""

    state: Literal["closed", "open", "half_open"] = "closed"
    failures: int = 0
    since: int = 0
    until: int = 0
    why: str = ""


def wait_ms(tries: int, roll: float, first: int = CALL_FIRST_MS, longest: int = CALL_LONGEST_MS) -> int:
    """Twice as long each time, up to `longest`; between half of it and all of it."""
    whole = min(longest, first << min(max(0, tries - 1), 20))
    return whole // 2 + int(whole // 2 * roll)


def asked(breaker: Breaker, now: int) -> Breaker:
    """As it stands for who is about to call."""
    if breaker.state == "open" and now >= breaker.until:
        return Breaker("half_open", breaker.failures, now, breaker.until, breaker.why)
    return breaker


def may_call(breaker: Breaker, now: int) -> bool:
    return asked(breaker, now).state != "open"


def went_well(breaker: Breaker, now: int) -> Breaker:
    return breaker if breaker == Breaker(since=breaker.since) else Breaker(since=now)


def failed(breaker: Breaker, why: str, now: int, roll: float) -> Breaker:
    failures = breaker.failures + 1
    if failures < FAILURES:
        return Breaker("closed", failures, breaker.since, 0, why)
    pause = wait_ms(failures - FAILURES + 1, roll, FIRST_MS, LONGEST_MS)
    return Breaker("open", failures, breaker.since if breaker.state == "open" else now, now + pause, why)
