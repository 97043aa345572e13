"""What the server writes to its log: one line of JSON an event, on stderr, never a secret and never a phone.

Tracebacks come without local values, because those hold tokens, addresses and bodies.
"""

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any

from api.kernel.log import log

_HIDDEN = ("token", "password", "secret", "authorization", "cookie", "code", "body", "raw")
_PHONE = re.compile(r"(?<!\d)(\+?86)?(1[3-9]\d)\d{4}(\d{4})(?!\d)")


def hide(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Secrets by name, phones by shape."""
    for name, value in event.items():
        if any(word in name.lower() for word in _HIDDEN) and name != "code":
            event[name] = "…"
        elif isinstance(value, str):
            event[name] = _PHONE.sub(r"\2****\3", value)
    return event


def configure() -> None:
    """From the first line on. The driver's own words about a lost connection are no line of JSON, and what they say is raised too."""
    logging.getLogger("psycopg").setLevel(logging.ERROR)
    log.prepare = _prepare


def _prepare() -> None:
    import structlog

    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            hide,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
