"""A dict that forgets its oldest when it is full: for what can be read or made again at any time.

It keeps no order of use, so that a look-up costs what a dict's does.
"""

from typing import Any, TypeVar

K = TypeVar("K")
V = TypeVar("V")
MANY = 20_000


class Bounded(dict[K, V]):
    def __init__(self, most: int = MANY) -> None:
        super().__init__()
        self._most = most

    def __setitem__(self, key: K, value: V) -> None:
        if len(self) >= self._most and key not in self:
            del self[next(iter(self))]
        super().__setitem__(key, value)


def held(within: dict[Any, Any], name: str, most: int = MANY) -> Bounded[Any, Any]:
    """The one of this name, made where there is none yet."""
    found: Bounded[Any, Any] | None = within.get(name)
    if found is None:
        found = within[name] = Bounded(most)
    return found
