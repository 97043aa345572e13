"""How a Standard Webhook is signed, for both directions: HMAC-SHA256 over `id.timestamp.body`.

Source: standard-webhooks/standard-webhooks, spec and reference libraries. A secret may come with or without
`whsec_` and base64 padding.
"""

import base64
import binascii
import hmac


def key_of(secret: str) -> bytes | None:
    """The key's bytes, or None where the secret is empty or not base64."""
    text = secret.strip().removeprefix("whsec_").rstrip("=")
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), validate=True) or None
    except (binascii.Error, ValueError):
        return None


def sign(key: bytes, message_id: str, timestamp: str, body: bytes) -> str:
    signed = f"{message_id}.{timestamp}.".encode("utf-8", "surrogatepass") + body
    return "v1," + base64.b64encode(hmac.digest(key, signed, "sha256")).decode()
