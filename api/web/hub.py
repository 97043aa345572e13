"""The values that every edge is handed: database, clock, secret, limits. Made once, in `app.create_app`."""

from ipaddress import IPv4Network, IPv6Network

from api.db.database import Database
from api.kernel.time import Clock


class Hub:
    """A plain class on purpose: Litestar would try to validate the fields of a struct at every request."""

    __slots__ = (
        "body_limit",
        "clock",
        "db",
        "link_ms",
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
        body_limit: int,
        trusted_proxies: tuple[IPv4Network | IPv6Network, ...],
    ) -> None:
        self.db = db
        self.clock = clock
        self.secret = secret
        self.timezone = timezone
        self.public_url = public_url
        self.sla_ms = sla_ms
        self.link_ms = link_ms
        self.body_limit = body_limit
        self.trusted_proxies = trusted_proxies
