"""The difference between two values, field by field, pure. Lists of lines are compared by `line_no`."""

from typing import Any

import msgspec


class Difference(msgspec.Struct, frozen=True):
    """`path` as `lines[2].qty`; None where a side lacks the field."""

    path: str
    was: Any
    now: Any


def compare(was: Any, now: Any, path: str = "") -> list[Difference]:
    if isinstance(was, dict) and isinstance(now, dict):
        found: list[Difference] = []
        for key in sorted(was.keys() | now.keys()):
            found += compare(was.get(key), now.get(key), f"{path}.{key}" if path else key)
        return found
    if _are_lines(was) and _are_lines(now):
        a, b = ({line["line_no"]: line for line in side} for side in (was, now))
        found = []
        for number in sorted(a.keys() | b.keys()):
            found += compare(a.get(number), b.get(number), f"{path}[{number}]")
        return found
    return [] if was == now else [Difference(path, was, now)]


def _are_lines(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, dict) and "line_no" in item for item in value)
