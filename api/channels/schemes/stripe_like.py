"""Stripe-like signatures: header `Stripe-Signature: t=SECONDS,v1=HEX[,v1=HEX]`, HMAC-SHA256 over `t.body`.

Source: package stripe 16.1.0, `stripe/_webhook.py`. The key is the secret's whole text, prefix included. As
in that library only old timestamps are refused (300 s); several `v1` are a rotation, several `t` are
refused.
"""

import hashlib
import hmac

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
    unix_seconds,
)
from api.kernel.errors import Why, WrongField

TOLERANCE_S = 300


def check(_secrets: Secrets) -> list[WrongField]:
    """Any text is a key here."""
    return []


def _parts(header: str) -> tuple[list[str], list[str]]:
    """The `t` and the `v1` entries; unknown entries are skipped."""
    stamps: list[str] = []
    signatures: list[str] = []
    for part in header.split(","):
        name, _, value = part.strip().partition("=")
        if name == "t":
            stamps.append(value)
        elif name == "v1" and value:
            signatures.append(value)
    return stamps, signatures


def receive(incoming: Incoming, secrets: Secrets, now_s: int) -> Received | Rejected:
    secret = secrets.get("secret", "")
    if not secret:
        return rejected("not_configured")
    stamps, signatures = _parts(incoming.headers.get("stripe-signature", ""))
    if not signatures:
        return rejected("signature_missing")
    at = unix_seconds(stamps[0]) if len(stamps) == 1 else None
    if at is None:
        return rejected("timestamp_malformed")
    signed = stamps[0].encode() + b"." + incoming.body
    expected = hmac.new(secret.encode("utf-8", "surrogatepass"), signed, hashlib.sha256).hexdigest()
    if not sum(same(given, expected) for given in signatures):
        return rejected("signature_wrong")
    if at < now_s - TOLERANCE_S:
        return rejected("timestamp_old")
    found = messages(incoming.body)
    if found is None:
        return rejected("payload_unreadable", is_proven=True)
    return Received(found, timestamp=at)


SCHEME = Scheme(
    name="stripe_like",
    label=Why("Stripe 式签名", "Stripe-like signature"),
    secrets=(Secret("secret", True, Why("签名密钥，整段文字", "Signing secret, the whole text")),),
    check=check,
    receive=receive,
    marks=("object", "livemode"),
)
