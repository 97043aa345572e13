"""What the server has to say goes through `log`: an event's name and its values. The library that writes the lines, and
how they look, is loaded with the first one: most starts have nothing to say, and it takes a tenth of a second.

Never a secret and never a phone: `api.web.logs` sees to that where a server runs. Without it the library's own ways hold.
"""

import threading
from collections.abc import Callable
from contextvars import ContextVar, copy_context
from typing import Any

# Whose work this is, where one process serves several companies: every line then names it.
WHOSE: ContextVar[str] = ContextVar("WHOSE", default="")


def thread(target: Callable[[], None], name: str) -> threading.Thread:
    """Not yet started; it works for whom its maker worked for."""
    return threading.Thread(target=copy_context().run, args=(target,), name=name, daemon=True)


class Log:
    def __init__(self) -> None:
        # What is done before the first line is written.
        self.prepare: Callable[[], None] | None = None

    def info(self, event: str, **values: Any) -> None:
        self._writer().info(event, **values)

    def warning(self, event: str, **values: Any) -> None:
        self._writer().warning(event, **values)

    def error(self, event: str, **values: Any) -> None:
        self._writer().error(event, **values)

    def _writer(self) -> Any:
        import structlog

        if self.prepare is not None:
            self.prepare()
            self.prepare = None
        whose, writer = WHOSE.get(), structlog.get_logger()
        return writer.bind(company=whose) if whose else writer


log = Log()
