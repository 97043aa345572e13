"""One company in this process: its whole app, or none yet and another try.

A database that is away, of a newer schema or not made yet is that company's matter: it is told once in the log, tried again
after 1 s, then less often, at most every 10 s, and the others are served meanwhile.
"""

import asyncio
import contextlib
from collections.abc import Callable

from api.db import storage
from api.kernel.companies import Company
from api.kernel.errors import Refused
from api.kernel.log import WHOSE, log
from api.setup.opening import NotOpen
from api.web.outer import Outer

SHORTEST = 1.0
LONGEST = 10.0


class Tenant:
    """`open_` may wait for a database, on a thread of its own, and says how the app is wired then: on the loop, since
    two threads must not wire at once. `tried`: the first try is over."""

    def __init__(self, company: Company, open_: Callable[[], Callable[[], Outer]]) -> None:
        self.company, self._open = company, open_
        self.app: Outer | None = None
        self.tried = asyncio.Event()
        self.pause = SHORTEST
        self._said = ""

    async def live(self, ending: asyncio.Event) -> None:
        """Until `ending`; the app's own ending is waited for."""
        WHOSE.set(self.company.name)
        while not ending.is_set():
            try:
                await self._serve(ending)
            except storage.errors(NotOpen, Refused, RuntimeError, OSError) as error:
                if str(error) != self._said:
                    self._said = str(error)
                    log.error("company.away", error=self._said)
            self.tried.set()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self.pause):
                    await ending.wait()
            self.pause = min(LONGEST, self.pause * 2)

    async def _serve(self, ending: asyncio.Event) -> None:
        wire = await asyncio.to_thread(self._open)
        app = wire()
        async with app.lifespan():
            self.app = app
            self.tried.set()
            await ending.wait()
            self.app = None
