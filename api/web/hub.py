"""The values that every edge is handed: database, clock, secret, limits. Made once, in `app.create_app`."""

from ipaddress import IPv4Network, IPv6Network

import msgspec

from api.db.database import Database
from api.kernel.time import Clock


class Hub(msgspec.Struct, frozen=True):
    db: Database
    clock: Clock
    secret: bytes
    timezone: str
    public_url: str
    sla_ms: int
    link_ms: int
    body_limit: int
    trusted_proxies: tuple[IPv4Network | IPv6Network, ...]
