"""钉钉 event push: a signed ciphertext in JSON, answered with the word `success`, sealed the same way.

Two spellings of the address are out there (`signature`/`timestamp`, `msg_signature`/`timeStamp`); both are read. Approvals
are told apart by instance, type and result, other events by what they say. The trial when an address is saved
(`check_url` and its kind) holds no message. Facts: open-dingtalk/DingTalk-Callback-Crypto.
"""

from typing import Any

from api.channels.payload import Message, decode, hashed, joined
from api.channels.schemes import sealed
from api.channels.schemes.base import (
    Answer,
    Fresh,
    Incoming,
    Received,
    Rejected,
    Scheme,
    Secret,
    Secrets,
    json_answer,
    rejected,
)
from api.kernel.errors import Why


def _signed(incoming: Incoming) -> sealed.Signed:
    query = incoming.query
    return sealed.Signed(
        query.get("signature") or query.get("msg_signature", ""),
        query.get("timestamp") or query.get("timeStamp", ""),
        query.get("nonce", ""),
    )


def receive(incoming: Incoming, secrets: Secrets, _now_s: int) -> Received | Rejected:
    ciphertext = sealed.in_envelope(incoming.body, "encrypt")
    message = sealed.opened(_signed(incoming), ciphertext, secrets, "receive_id")
    if isinstance(message, Rejected):
        return message
    payload = decode(message)
    if not isinstance(payload, dict):
        return rejected("payload_unreadable", is_proven=True)
    if str(payload.get("EventType", "")).startswith("check_"):
        return Received(())
    return Received((Message(key_for(payload), payload, is_whole=True),))


def key_for(payload: dict[str, Any]) -> str:
    about = [payload.get(name, "") for name in ("processInstanceId", "taskId", "type", "result")]
    if about[0]:
        return joined([payload.get("EventType", ""), *about])
    return joined([payload.get("EventType", ""), hashed(payload)])


def success(secrets: Secrets, timestamp: str, nonce: str, random16: bytes) -> dict[str, str]:
    """The four fields of the answer that 钉钉 waits for."""
    made = sealed.reply("success", secrets, "receive_id", timestamp, nonce, random16)
    return {
        "msg_signature": made.signature,
        "timeStamp": timestamp,
        "nonce": nonce,
        "encrypt": made.sealed,
    }


def reply(_incoming: Incoming, secrets: Secrets, fresh: Fresh) -> Answer:
    return json_answer(success(secrets, str(fresh.now_s), fresh.random[16:].hex(), fresh.random[:16]))


SCHEME = Scheme(
    name="dingtalk",
    label=Why("钉钉事件", "DingTalk events"),
    secrets=(
        Secret("token", True, Why("签名 Token", "Token")),
        Secret("encoding_aes_key", True, Why("aes_key，43 位", "aes_key, 43 characters")),
        Secret(
            "receive_id", True, Why("AppKey（旧接口填 CorpId）", "App key (corp id of the older interface)")
        ),
    ),
    check=sealed.check,
    receive=receive,
    reply=reply,
    marks=("EventType",),
)
