"""A checkpoint: a signed sentence about the whole journal that leaves the database.

    huodaona checkpoint v1
    at: 2026-01-22T10:05:00+00:00
    epoch: <the database's life>
    size: 1234
    pos: 1234
    root: <hex of the RFC 6962 root over the entries' hashes by position>
    cut: <only where a restore signed it: the last position that it kept>
    key: <hex of the Ed25519 public key>
    signature: <hex, over the lines above>

A chain that its owner can recompute proves nothing; a checkpoint that already lies elsewhere does. The
signing key is derived from SECRET, so that a restored backup goes on with the same key.
"""

import re
from typing import NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from api.kernel import time as times

HEAD = "huodaona checkpoint v1"


class Checkpoint(NamedTuple):
    """`cut`: the entries beyond it belonged to a former life that a restore ended; None on all others."""

    at: str
    epoch: str
    size: int
    pos: int
    root: bytes
    cut: int | None
    key: bytes
    signature: bytes
    signed: bytes
    text: str


def signing_key(secret: bytes) -> Ed25519PrivateKey:
    seed = HKDF(SHA256(), 32, salt=None, info=b"huodaona checkpoint").derive(secret)
    return Ed25519PrivateKey.from_private_bytes(seed)


def write(
    key: Ed25519PrivateKey, at: int, epoch: str, size: int, pos: int, root: bytes, cut: int | None = None
) -> str:
    lines = [
        HEAD,
        f"at: {times.text(at, 'UTC')}",
        f"epoch: {epoch}",
        f"size: {size}",
        f"pos: {pos}",
        f"root: {root.hex()}",
        *([] if cut is None else [f"cut: {cut}"]),
        f"key: {public(key).hex()}",
    ]
    signed = "\n".join(lines) + "\n"
    return f"{signed}signature: {key.sign(signed.encode()).hex()}\n"


def public(key: Ed25519PrivateKey) -> bytes:
    return key.public_key().public_bytes_raw()


def public_key(text: str) -> bytes:
    """As `export` printed it and somebody wrote it down; ValueError where it is none."""
    if not re.fullmatch(r"\s*[0-9A-Fa-f]{64}\s*", text):
        raise ValueError("a public key is 64 hex digits")
    return bytes.fromhex(text.strip())


def read(text: str) -> Checkpoint:
    """Raises ValueError where the text is not a checkpoint; says nothing about the signature."""
    signed, mark, signature = text.partition("signature: ")
    lines = signed.splitlines()
    if not mark or not lines or lines[0] != HEAD:
        raise ValueError("not a checkpoint")
    named = {name: value for name, _, value in (line.partition(": ") for line in lines[1:])}
    try:
        return Checkpoint(
            named["at"],
            named["epoch"],
            int(named["size"]),
            int(named["pos"]),
            bytes.fromhex(named["root"]),
            int(named["cut"]) if "cut" in named else None,
            bytes.fromhex(named["key"]),
            bytes.fromhex(signature.strip()),
            signed.encode(errors="replace"),
            text,
        )
    except KeyError as missing:
        raise ValueError(f"the checkpoint lacks {missing}") from None
    except ValueError:
        raise ValueError("a number in the checkpoint cannot be read") from None


def found_in(words: str) -> str:
    """The checkpoint within a text that was copied from somewhere, such as a chat; ValueError where there is none."""
    lines = [line.strip() for line in words.splitlines()]
    try:
        first = lines.index(HEAD)
        last = next(n for n, line in enumerate(lines) if n > first and line.startswith("signature: "))
    except (ValueError, StopIteration):
        raise ValueError("no checkpoint") from None
    return "\n".join(line for line in lines[first : last + 1] if line) + "\n"


def is_genuine(found: Checkpoint) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(found.key).verify(found.signature, found.signed)
    except (InvalidSignature, ValueError):
        return False
    return True
