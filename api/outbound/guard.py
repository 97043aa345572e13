"""Which addresses a request of ours may reach: public ones, and those private ones that the operator has named.

A host is judged by the addresses that its name resolves to, never by its name alone, and an IPv6 address that stands
for an IPv4 one by that. So nobody who may type an address looks into the network behind the hub.
"""

import ipaddress
import re
from typing import NamedTuple

IP = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
# Addresses that carry an IPv4 one in their last 32 bits: NAT64, and those that were once "compatible".
_CARRIES = (ipaddress.IPv6Network("64:ff9b::/96"), ipaddress.IPv6Network("::/96"))
_NAME = re.compile(r"^[a-z0-9_](?:[a-z0-9_.-]{0,250}[a-z0-9_])?$")


class Allowed(NamedTuple):
    """Private places that may be reached: networks, and names (then wherever they lead)."""

    networks: tuple[Network, ...] = ()
    names: frozenset[str] = frozenset()


PUBLIC_ONLY = Allowed()
ANYWHERE = Allowed((ipaddress.IPv4Network("0.0.0.0/0"), ipaddress.IPv6Network("::/0")))


def read(text: str) -> Allowed:
    """Names, addresses and networks parted by commas. Raises ValueError that quotes the wrong one."""
    networks, names = [], set()
    for part in filter(None, (part.strip().lower().rstrip(".") for part in text.split(","))):
        try:
            networks.append(ipaddress.ip_network(part))
        except ValueError:
            if not _NAME.match(part) or part.replace(".", "").isdigit():
                raise ValueError(f"not a host name, address or network: {part!r}") from None
            names.add(part)
    return Allowed(tuple(networks), frozenset(names))


def may_reach(address: str, host: str, allowed: Allowed) -> bool:
    """`address`: one that `host` resolved to."""
    if host.lower().rstrip(".") in allowed.names:
        return True
    ip = ipaddress.ip_address(address.partition("%")[0])
    if any(ip in network for network in allowed.networks if network.version == ip.version):
        return True
    meant = _meant(ip)
    if meant is not ip:
        return may_reach(str(meant), host, allowed)
    return is_public(ip)


def is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return False
    return True


def is_public(ip: IP) -> bool:
    return ip.is_global and not ip.is_multicast and not ip.is_reserved


def _meant(ip: IP) -> IP:
    """The IPv4 address that an IPv6 one stands for, or itself."""
    if isinstance(ip, ipaddress.IPv4Address):
        return ip
    inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
    if inner is None and any(ip in network for network in _CARRIES) and int(ip) > 1:
        inner = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
    return inner or ip
