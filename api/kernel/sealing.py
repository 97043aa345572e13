"""Secrets of others at rest: sealed by AES-GCM under keys derived from SECRET, so that a copy of the database opens nothing."""

import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF


def key_for(secret: bytes, purpose: str) -> AESGCM:
    """Each purpose has its own key."""
    return AESGCM(HKDF(SHA256(), 32, salt=None, info=f"huodaona {purpose}".encode()).derive(secret))


def seal(key: AESGCM, place: str, text: str) -> bytes:
    """Opens at this place only."""
    nonce = os.urandom(12)
    return nonce + key.encrypt(nonce, text.encode(), place.encode())


def unseal(key: AESGCM, place: str, sealed: bytes) -> str | None:
    """None: another SECRET than the one that sealed it, as good as not set."""
    try:
        return key.decrypt(sealed[:12], sealed[12:], place.encode()).decode()
    except InvalidTag:
        return None
