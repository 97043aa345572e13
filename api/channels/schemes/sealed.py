"""What WeChat's secure mode, 企业微信 and 钉钉 have in common: a signed ciphertext inside a small envelope.

The signature covers token, timestamp, nonce and ciphertext; what is opened must end in this channel's receiver. The
envelope alone is read before the proof, because the signed text lies inside it.
"""

from typing import NamedTuple

from api.channels.payload import decode
from api.channels.schemes.base import Incoming, Rejected, Secrets, rejected, same, wrong_secret
from api.channels.schemes.wechat_crypto import key_of, seal, signature, unseal
from api.kernel.errors import WrongField


class Signed(NamedTuple):
    """What stands in the address: the signature, and what it covers beside the ciphertext."""

    signature: str
    timestamp: str
    nonce: str


class Reply(NamedTuple):
    """A sealed answer; every platform names these three in its own way."""

    sealed: str
    signature: str
    nonce: str


def in_envelope(body: bytes, name: str) -> str:
    """The ciphertext, or nothing where there is none."""
    envelope = decode(body)
    sealed = envelope.get(name) if isinstance(envelope, dict) else None
    return sealed if isinstance(sealed, str) else ""


def signed_by(incoming: Incoming) -> Signed:
    query = incoming.query
    return Signed(query.get("msg_signature", ""), query.get("timestamp", ""), query.get("nonce", ""))


def opened(signed: Signed, sealed: str, secrets: Secrets, receiver_name: str) -> bytes | Rejected:
    """The message inside. `receiver_name`: the secret that holds the receiver's id."""
    token, receiver = secrets.get("token", ""), secrets.get(receiver_name, "")
    key = key_of(secrets.get("encoding_aes_key", ""))
    if not token or not receiver or key is None:
        return rejected("not_configured")
    if not signed.signature:
        return rejected("signature_missing")
    if not sealed:
        return rejected("not_encrypted")
    if not same(signed.signature, signature(token, signed.timestamp, signed.nonce, sealed)):
        return rejected("signature_wrong")
    found = unseal(sealed, key)
    if found is None:
        return rejected("cannot_decrypt", is_proven=True)
    message, owner = found
    return message if same(owner.decode("utf-8", "replace"), receiver) else rejected("app_id_wrong")


def reply(
    text: str, secrets: Secrets, receiver_name: str, timestamp: str, nonce: str, random16: bytes
) -> Reply:
    """The secrets must be sound."""
    key = key_of(secrets["encoding_aes_key"])
    if key is None:
        raise ValueError("encoding_aes_key is malformed")
    sealed = seal(text.encode(), secrets[receiver_name], key, random16)
    return Reply(sealed, signature(secrets["token"], timestamp, nonce, sealed), nonce)


def check(secrets: Secrets) -> list[WrongField]:
    aes_key = secrets.get("encoding_aes_key", "")
    if not aes_key or key_of(aes_key) is not None:
        return []
    return [
        wrong_secret("encoding_aes_key", "EncodingAESKey 是 43 位。", "EncodingAESKey has 43 characters.")
    ]
