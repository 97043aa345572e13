"""The envelope that WeChat's server messages and 企业微信 share: sorted SHA-1 and AES-256-CBC.

Frame: 16 random bytes, length as 4 bytes big-endian, message, receiver's id; PKCS#7 to a multiple of 32 (a
16-byte unpadder fails on the official sample). Key = base64 of EncodingAESKey + "=", IV = its first 16 bytes.
Randomness is a parameter. Source: WeChat mini program documentation, "消息推送".
"""

import base64
import binascii
import hashlib
import hmac

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

BLOCK = 32


def signature(*parts: str) -> str:
    """Hex SHA-1 of the parts sorted as text and joined."""
    return hashlib.sha1("".join(sorted(parts)).encode("utf-8", "surrogatepass")).hexdigest()  # noqa: S324


def key_of(encoding_aes_key: str) -> bytes | None:
    """32 bytes, or None where the text is not 43 base64 characters."""
    try:
        key = base64.b64decode(encoding_aes_key.strip() + "=", validate=True)
    except (binascii.Error, ValueError):
        return None
    return key if len(encoding_aes_key.strip()) == 43 and len(key) == 32 else None


def seal(message: bytes, receiver: str, key: bytes, random16: bytes) -> str:
    """Base64 ciphertext; `random16` must be fresh for each message."""
    frame = random16 + len(message).to_bytes(4, "big") + message + receiver.encode()
    pad = BLOCK - len(frame) % BLOCK
    encryptor = Cipher(algorithms.AES(key), modes.CBC(key[:16])).encryptor()
    return base64.b64encode(encryptor.update(frame + bytes([pad]) * pad) + encryptor.finalize()).decode()


def unseal(ciphertext: str, key: bytes) -> tuple[bytes, bytes] | None:
    """Message and receiver's id, or None for whatever is wrong: one outcome, so that a prober learns
    nothing."""
    try:
        sealed = base64.b64decode(ciphertext, validate=True)
    except (binascii.Error, ValueError):
        return None
    if not sealed or len(sealed) % BLOCK:
        return None
    decryptor = Cipher(algorithms.AES(key), modes.CBC(key[:16])).decryptor()
    frame = decryptor.update(sealed) + decryptor.finalize()
    pad = frame[-1]
    if not 1 <= pad <= BLOCK or not hmac.compare_digest(frame[-pad:], bytes([pad]) * pad):
        return None
    frame = frame[:-pad]
    end = 20 + int.from_bytes(frame[16:20], "big")
    return (frame[20:end], frame[end:]) if 20 <= end <= len(frame) else None
