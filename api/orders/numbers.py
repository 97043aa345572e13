"""What an order's number tells: `HD260122-00017`, its parts `HD260122-00017-P2`, a later version of either `…-V2`.

The root is the number that the customer's link and the channel know. Pure.
"""

import re

_VERSION = re.compile(r"-V\d+$", re.ASCII)
_PART = re.compile(r"-P(\d+)$", re.ASCII)


def stem(order_no: str) -> str:
    """The number without its version: all versions of one order, or of one part, have it in common."""
    return _VERSION.sub("", order_no)


def part(order_no: str) -> int:
    """Which part it is; 1: the one that keeps the root's number."""
    found = _PART.search(stem(order_no))
    return int(found[1]) if found else 1
