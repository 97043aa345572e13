"""No byte of what proves a message may change: body, signature, time, nonce, id. Whatever a change leaves readable says
exactly what was signed, for an envelope is not."""

import base64
import hashlib
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec
import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from api.channels.schemes import SCHEMES
from api.channels.schemes.base import Incoming, Received
from api.channels.schemes.wechat_crypto import key_of, unseal
from bench.platforms import AES_KEY, OWNER, PATH_KEY, PLATFORMS, Event, Push
from tests.support.senders import order_data

NOW_S = 1_795_400_000
FLIPS = (0x01, 0x20, 0x80)
# What a key is called is no proof, and hexadecimal digits have no case.
LOOSE = ("wechatpay-serial", "event-sign")
# Their proof is the path (and the sender's address) alone: the body is nobody's signature.
UNSIGNED = ("none", "sf_route")


def kept(secrets: Mapping[str, Any]) -> dict[str, str]:
    """As the hub keeps secrets: maps as JSON, lists with commas."""
    return {
        name: msgspec.json.encode(value).decode() if isinstance(value, dict) else ",".join(value)
        if isinstance(value, list) else value
        for name, value in secrets.items()
    }  # fmt: skip


def received(scheme: str, push: Push) -> Any:
    path_key = push.path.removeprefix("/in/mine").lstrip("/")
    incoming = Incoming(
        "POST", push.body, NOW_S * 1000, path_key, dict(push.query), dict(push.headers), "203.0.113.9"
    )
    return SCHEMES[scheme].receive(incoming, kept(PLATFORMS[scheme].secrets()), NOW_S)


def sent(scheme: str) -> Push:
    return PLATFORMS[scheme].push("mine", Event("pay", order_data(), "m1"), NOW_S)


def changed(raw: bytes) -> Iterator[bytes]:
    for at in range(len(raw)):
        for flip in FLIPS:
            yield raw[:at] + bytes([raw[at] ^ flip]) + raw[at + 1 :]
        yield raw[:at] + raw[at + 1 :]
    yield raw + b" "


def texts(given: Mapping[str, str]) -> Iterator[dict[str, str]]:
    for name, value in given.items():
        if name in ("content-type", "encrypt_type"):
            continue
        if name != "app-id":  # the app's key is signed, whether the header repeats it or not
            yield {k: v for k, v in given.items() if k != name}
        for other in changed(value.encode()):
            # Blanks around a header are HTTP's, not the sender's.
            if other.strip() != value.encode() and not (
                name in LOOSE and other.lower() == value.encode().lower()
            ):
                yield {**given, name: other.decode("latin-1")}


@pytest.mark.parametrize("scheme", sorted(set(PLATFORMS) - set(UNSIGNED)))
def test_no_byte_of_a_body_changes_what_was_said(scheme: str) -> None:
    push = sent(scheme)
    said = received(scheme, push)
    assert isinstance(said, Received)
    taken = [
        body
        for body in changed(push.body)
        if isinstance(received(scheme, push._replace(body=body)), Received)
    ]
    for body in taken:
        assert received(scheme, push._replace(body=body)).messages == said.messages, body
    if scheme not in ("wechat_push", "wecom", "dingtalk", "kuaidi100"):  # these have an envelope
        assert taken == []


@pytest.mark.parametrize("scheme", sorted(set(PLATFORMS) - set(UNSIGNED)))
def test_no_byte_of_a_signature_time_or_nonce_changes(scheme: str) -> None:
    push = sent(scheme)
    assert isinstance(received(scheme, push), Received)
    found = [push._replace(headers=headers) for headers in texts(push.headers)]
    found += [push._replace(query=query) for query in texts(push.query)]
    taken = [one for one in found if isinstance(received(scheme, one), Received)]
    assert taken == []


@pytest.mark.parametrize("scheme", UNSIGNED)
def test_no_byte_of_a_key_in_the_address_changes(scheme: str) -> None:
    push = sent(scheme)
    assert isinstance(received(scheme, push), Received)
    for key in changed(PATH_KEY.encode()):
        other = push._replace(path=f"/in/mine/{key.decode('latin-1')}")
        assert not isinstance(received(scheme, other), Received), key


@pytest.mark.parametrize("length", [0, 1, 12, 31, 32, 33, 500])
def test_a_seal_made_by_other_hands_opens(length: int) -> None:
    """The frame written out by hand, as the platform's page tells it: 16 random bytes, length, text, id, padding to 32."""
    text = b"x" * length
    key = key_of(AES_KEY) or b""
    frame = hashlib.md5(text).digest() + len(text).to_bytes(4, "big") + text + OWNER.encode()
    pad = 32 - len(frame) % 32
    sealing = Cipher(algorithms.AES(key), modes.CBC(key[:16])).encryptor()
    sealed = sealing.update(frame + bytes([pad]) * pad) + sealing.finalize()
    assert unseal(base64.b64encode(sealed).decode(), key)[0] == text
