"""A request's head: what commands need of it, read straight from the ASGI scope.

Both Litestar's handlers and the fast lane build it, so that a command cannot tell how it came.
"""

import ipaddress
from collections.abc import Mapping
from ipaddress import IPv4Network, IPv6Network
from typing import Any, Protocol

import msgspec

Networks = tuple[IPv4Network | IPv6Network, ...]


class Trusting(Protocol):
    """Who knows which proxies to believe."""

    trusted_proxies: Networks


class Head(msgspec.Struct, frozen=True):
    """`headers` have lower-case names; `ip` is the client's, seen through trusted proxies; `lang` is zh or en."""

    method: str
    path: str
    query: bytes
    headers: dict[str, str]
    ip: str
    lang: str

    def cookie(self, name: str) -> str:
        for part in self.headers.get("cookie", "").split(";"):
            key, _, value = part.strip().partition("=")
            if key == name:
                return value
        return ""

    @property
    def is_loopback(self) -> bool:
        try:
            return ipaddress.ip_address(self.ip).is_loopback
        except ValueError:
            return False

    @property
    def agent(self) -> str:
        return self.headers.get("user-agent", "")[:200]


def head_of(scope: Mapping[str, Any], hub: Trusting) -> Head:
    headers = {k.decode("latin-1"): v.decode("latin-1") for k, v in scope["headers"]}
    client = scope.get("client")
    ip = client[0] if client else ""
    if hub.trusted_proxies and "x-forwarded-for" in headers:
        ip = _behind(ip, headers["x-forwarded-for"], hub)
    return Head(
        scope["method"],
        scope["path"],
        scope["query_string"],
        headers,
        ip,
        language(headers.get("accept-language", "")),
    )


def _behind(ip: str, forwarded: str, hub: Trusting) -> str:
    """The last address that no trusted proxy vouches for; what a client wrote itself is never believed."""
    for hop in [*reversed([part.strip() for part in forwarded.split(",")])]:
        if not is_trusted(ip, hub):
            return ip
        try:
            ip = str(ipaddress.ip_address(hop))
        except ValueError:
            return ip
    return ip


def is_trusted(ip: str, hub: Trusting) -> bool:
    try:
        address = ipaddress.ip_address(ip)
    except ValueError:
        return False
    return any(address in network for network in hub.trusted_proxies)


def language(accept: str) -> str:
    """zh unless English is asked for first."""
    best, chosen = 0.0, "zh"
    for part in accept.lower().split(","):
        name, _, q = part.strip().partition(";q=")
        try:
            weight = float(q) if q else 1.0
        except ValueError:
            continue
        kind = name[:2]
        if kind in ("zh", "en") and weight > best:
            best, chosen = weight, kind
    return chosen
