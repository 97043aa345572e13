"""Who is next: commands wait in turns by their source, so that one that sends thousands delays nobody else's one.

Each source's own commands keep their order. A command weighs what it does (a batch: its orders); `weight` is what all
that wait weigh.
"""

from collections import OrderedDict, deque
from typing import Generic, Protocol, TypeVar


class Waiting(Protocol):
    source: str
    weight: int


W = TypeVar("W", bound=Waiting)


class Turns(Generic[W]):
    def __init__(self) -> None:
        self._by_source: OrderedDict[str, deque[W]] = OrderedDict()
        self._count = 0
        self.weight = 0

    def __len__(self) -> int:
        return self._count

    def put(self, one: W) -> None:
        self._by_source.setdefault(one.source, deque()).append(one)
        self._count += 1
        self.weight += one.weight

    def take(self, most: int) -> list[W]:
        """One of each source by turns until they weigh `most`: at least one, where any waits."""
        taken, weight = list[W](), 0
        while self._by_source and weight < most:
            source, waiting = self._by_source.popitem(last=False)
            one = waiting.popleft()
            if waiting:
                self._by_source[source] = waiting  # behind the others
            taken.append(one)
            weight += one.weight
        self._count -= len(taken)
        self.weight -= weight
        return taken
