"""The values that every edge is handed: database, clock, secret, limits, and where the app's files lie (`files`, an
address without a slash at its end). Made once, in `app.create_app`.
"""

from collections.abc import Callable

from api.db.database import Database
from api.db.tx import Tx
from api.kernel.time import Clock
from api.outbound.guard import PUBLIC_ONLY, Allowed
from api.web.head import Networks

# An order of this channel and external number has just come, `now`; True where that changed it.
Arrived = Callable[[Tx, str, str | None, int], bool]


def nobody_waits(_tx: Tx, _channel: str, _external_no: str | None, _now: int) -> bool:
    return False


class Hub:
    """A plain class on purpose: Litestar would try to validate the fields of a struct at every request."""

    __slots__ = (
        "arrived",
        "body_limit",
        "clock",
        "db",
        "files",
        "in_flight",
        "link_ms",
        "private",
        "promise_ms",
        "public_url",
        "secret",
        "sla_ms",
        "timezone",
        "trusted_proxies",
    )

    def __init__(
        self,
        *,
        db: Database,
        clock: Clock,
        secret: bytes,
        timezone: str,
        public_url: str,
        sla_ms: int,
        link_ms: int,
        promise_ms: int,
        body_limit: int,
        trusted_proxies: Networks,
        files: str,
        private: Allowed = PUBLIC_ONLY,
    ) -> None:
        self.arrived: Arrived = nobody_waits
        self.db = db
        self.clock = clock
        self.secret = secret
        self.timezone = timezone
        self.public_url = public_url
        self.sla_ms = sla_ms
        self.link_ms = link_ms
        self.promise_ms = promise_ms
        self.body_limit = body_limit
        self.trusted_proxies = trusted_proxies
        self.files = files
        # Private places that requests of the hub's own may reach.
        self.private = private
        # Idempotency keys whose answer is still being made: (actor, path, key).
        self.in_flight: set[tuple[str, str, str]] = set()
