"""Texts that name things and cannot be guessed or misread.

Base32 here is RFC 4648's alphabet for tokens (customers' links) and Crockford's for ids that people read.
"""

import hashlib
import hmac
import secrets
from base64 import b32encode

CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def bearer() -> str:
    """256 random bits, for sessions and tokens; only its hash is ever stored."""
    return secrets.token_urlsafe(32)


def hashed(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


def device_id() -> str:
    """Eight of Crockford's letters: 40 bits, readable aloud. The caller retries on the unique key."""
    return _letters(8)


PROMISE = "P"


def promise_id() -> str:
    """P and sixteen of Crockford's letters (80 bits): never the shape of an order's number."""
    return PROMISE + _letters(16)


def _letters(count: int) -> str:
    return "".join(secrets.choice(CROCKFORD) for _ in range(count))


def tracking_token(secret: bytes, root_no: str, generation: int) -> str:
    """26 upper-case base32 characters (130 bits) of HMAC-SHA256; the same link each time, none guessable."""
    mac = hmac.new(secret, f"track:{root_no}:{generation}".encode(), hashlib.sha256).digest()
    return b32encode(mac).decode()[:26]
