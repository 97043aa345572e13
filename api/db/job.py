"""One command on its way to the writer and back: what to do, what it will look up, and whom to tell."""

import asyncio
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, TypeVar

from api.db.lookups import Ahead
from api.db.tx import Tx

T = TypeVar("T")
Work = Callable[[Tx], T]


class Job:
    """One command on its way: what to do, and whom to tell (a loop's future, or a thread's).

    `is_pure`: the work touches nothing but its `Tx`, so that it may be run again after a roll-back. `ahead` tells what it
    will look up, and writes nothing.
    """

    __slots__ = (
        "ahead",
        "error",
        "future",
        "has_begun",
        "is_pure",
        "loop",
        "result",
        "source",
        "weight",
        "work",
    )

    def __init__(
        self,
        work: Work[Any],
        loop: asyncio.AbstractEventLoop | None,
        is_pure: bool = False,
        source: str = "",
        weight: int = 1,
        ahead: Ahead | None = None,
    ) -> None:
        self.work, self.ahead = work, ahead
        self.source = source
        self.weight = weight
        self.loop = loop
        self.is_pure = is_pure
        self.has_begun = False
        self.future: Any = Future() if loop is None else loop.create_future()
        self.result: Any = None
        self.error: BaseException | None = None

    def tell(self) -> None:
        if self.future.done():  # the caller has gone away; the command stands all the same
            return
        if self.error is None:
            self.future.set_result(self.result)
        else:
            self.future.set_exception(self.error)
