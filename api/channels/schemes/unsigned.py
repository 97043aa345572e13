"""No signature: a secret in the path (`/in/{channel}/{path_key}`) and, where given, a list of senders'
addresses.

The weakest proof, for platforms that sign nothing. The body is not covered, so whoever learns the address
can write orders; the list is addresses or networks, parted by commas or blanks. Messages are told apart by
the hash of the body.
"""

import ipaddress
from functools import lru_cache

from api.channels.payload import messages
from api.channels.schemes.base import (
    Incoming,
    Received,
    Rejected,
    Scheme,
    Secret,
    Secrets,
    rejected,
    same,
    wrong_secret,
)
from api.kernel.errors import Why, WrongField

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@lru_cache(256)
def networks(text: str) -> tuple[Network, ...] | None:
    """The list as networks, or None where an entry is neither address nor network."""
    try:
        return tuple(ipaddress.ip_network(part, strict=False) for part in text.replace(",", " ").split())
    except ValueError:
        return None


def is_allowed(ip: str, allowed: tuple[Network, ...]) -> bool:
    try:
        address = ipaddress.ip_address(ip)
    except ValueError:
        return False
    # A dual-stack socket reports IPv4 senders as ::ffff:a.b.c.d.
    plain = getattr(address, "ipv4_mapped", None) or address
    return any(plain in network for network in allowed)


def check(secrets: Secrets) -> list[WrongField]:
    wrong = []
    if "/" in secrets.get("path_key", ""):  # no address could hold it
        wrong.append(wrong_secret("path_key", "口令里不能有 /。", "No / in the key."))
    if networks(secrets.get("ip_allow", "")) is None:
        wrong.append(
            wrong_secret("ip_allow", "这里只能写地址或网段。", "Only addresses or networks go here.")
        )
    return wrong


def stranger(incoming: Incoming, secrets: Secrets) -> Rejected | None:
    """Why this request is not let in, if it is not."""
    path_key = secrets.get("path_key", "")
    allowed = networks(secrets.get("ip_allow", ""))
    if not path_key or allowed is None:
        return rejected("not_configured")
    if not same(incoming.path_key, path_key):
        return rejected("path_key_wrong")
    if allowed and not is_allowed(incoming.ip, allowed):
        return rejected("ip_refused")
    return None


def receive(incoming: Incoming, secrets: Secrets, _now_s: int) -> Received | Rejected:
    refusal = stranger(incoming, secrets)
    if refusal:
        return refusal
    found = messages(incoming.body)
    return rejected("payload_unreadable", is_proven=True) if found is None else Received(found)


SCHEME = Scheme(
    name="none",
    label=Why("不签名（地址里带口令）", "Unsigned (a key in the address)"),
    secrets=(
        Secret("path_key", True, Why("地址里的口令", "The key in the address")),
        Secret("ip_allow", False, Why("允许的来源地址", "Senders' addresses"), "list"),
    ),
    check=check,
    receive=receive,
)
