"""A checkpoint: a signed sentence about the whole journal that leaves the database.

    huodaona checkpoint v1
    at: 2026-01-22T10:05:00+00:00
    size: 1234
    pos: 1234
    root: <hex of the RFC 6962 root over the entries' hashes by position>
    key: <hex of the Ed25519 public key>
    signature: <hex, over the lines above>

A chain that its owner can recompute proves nothing; a checkpoint that already lies elsewhere does. The
signing key is derived from SECRET, so that a restored backup goes on with the same key.
"""

from typing import NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from api.kernel import time as times

HEAD = "huodaona checkpoint v1"


class Checkpoint(NamedTuple):
    at: str
    size: int
    pos: int
    root: bytes
    key: bytes
    signature: bytes
    signed: bytes


def signing_key(secret: bytes) -> Ed25519PrivateKey:
    seed = HKDF(SHA256(), 32, salt=None, info=b"huodaona checkpoint").derive(secret)
    return Ed25519PrivateKey.from_private_bytes(seed)


def write(key: Ed25519PrivateKey, at: int, size: int, pos: int, root: bytes) -> str:
    public = key.public_key().public_bytes_raw().hex()
    signed = (
        f"{HEAD}\nat: {times.text(at, 'UTC')}\nsize: {size}\npos: {pos}\nroot: {root.hex()}\nkey: {public}\n"
    )
    return f"{signed}signature: {key.sign(signed.encode()).hex()}\n"


def read(text: str) -> Checkpoint:
    """Raises ValueError where the text is not a checkpoint; says nothing about the signature."""
    signed, mark, signature = text.partition("signature: ")
    lines = signed.splitlines()
    if not mark or not lines or lines[0] != HEAD:
        raise ValueError("not a checkpoint")
    named = dict(line.split(": ", 1) for line in lines[1:])
    try:
        return Checkpoint(
            named["at"],
            int(named["size"]),
            int(named["pos"]),
            bytes.fromhex(named["root"]),
            bytes.fromhex(named["key"]),
            bytes.fromhex(signature.strip()),
            signed.encode(),
        )
    except KeyError as missing:
        raise ValueError(f"the checkpoint lacks {missing}") from None


def is_genuine(found: Checkpoint) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(found.key).verify(found.signature, found.signed)
    except (InvalidSignature, ValueError):
        return False
    return True
