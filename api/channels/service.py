"""The gateway's two units of work: take a request in, and replay a stored message.

Proof is checked on raw bytes before anything is parsed. The raw bytes are stored in the same commit that is
acknowledged, whatever becomes of them; a duplicate answers success and does nothing.
"""

import json
from typing import Any, NamedTuple

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from api.channels import store
from api.channels.applying import Outcome, apply_message, apply_waiting, judge
from api.channels.model import Channel
from api.channels.payload import Message, decode, encode
from api.channels.schemes import SCHEMES
from api.channels.schemes.base import Answer, Incoming, Received, Rejected, Scheme, rejected
from api.channels.store import Q
from api.db.tx import Tx
from api.kernel.errors import Refused, Why
from api.orders import store as orders

SECRET_HEADERS = ("authorization", "cookie", "proxy-authorization")


class Gate(NamedTuple):
    """What taking in needs beyond the request."""

    key: AESGCM
    tz: str


def take_in(tx: Tx, code: str, incoming: Incoming, gate: Gate) -> Answer | Rejected | None:
    """None: no such channel. The answer is the platform's own; a refusal is stored and listed as dead."""
    channel = store.channel(tx, code, gate.key)
    if channel is None:
        return None
    scheme, now = SCHEMES[channel.scheme], incoming.received_at_ms
    if not channel.enabled:
        return rejected("not_configured")
    received = _proven(scheme, channel, incoming, now)
    if isinstance(received, Rejected):
        row = _store(tx, channel, incoming, None)
        judge(tx, row, Outcome("dead", received.code, received.why), now)
        return received
    if scheme.replay_window and _is_replayed(tx, channel, received, incoming):
        return rejected("nonce_used")
    for message in received.messages:
        _one(tx, channel, incoming, message, gate, now)
    return scheme.ok()


def _proven(scheme: Scheme, channel: Channel, incoming: Incoming, now: int) -> Received | Rejected:
    received = scheme.receive(incoming, channel.secrets, now // 1000)
    if isinstance(received, Received) and scheme.replay_window and received.timestamp is not None:
        age = now // 1000 - received.timestamp
        if abs(age) > scheme.replay_window:
            return rejected("timestamp_old" if age > 0 else "timestamp_early")
    return received


def _is_replayed(tx: Tx, channel: Channel, received: Received, incoming: Incoming) -> bool:
    """A signed nonce serves one body only (in plain mode the body itself is not signed)."""
    if not received.nonce:
        return False
    mark = f"nonce:{received.timestamp}:{received.nonce}"[:200]
    if tx.one(Q.see, channel=channel.code, message_id=mark, inbox_id=0) is not None:
        return False
    known = all(tx.one(Q.seen, channel=channel.code, message_id=m.key) for m in received.messages)
    if known:
        return False
    row = _store(tx, channel, incoming, None)
    reason = rejected("nonce_used")
    judge(tx, row, Outcome("dead", reason.code, reason.why), incoming.received_at_ms)
    return True


def _one(tx: Tx, channel: Channel, incoming: Incoming, message: Message, gate: Gate, now: int) -> None:
    row = _store(tx, channel, incoming, encode(message.payload).encode())
    if tx.one(Q.see, channel=channel.code, message_id=message.key, inbox_id=row) is None:
        judge(
            tx,
            row,
            Outcome("duplicate", "duplicate", Why("重复的消息。", "A message that came before.")),
            now,
        )
        return
    outcome = understood(tx, channel, message.payload, gate, now)
    judge(tx, row, outcome, now)
    if outcome.status == "done" and outcome.event in ("create", "pay"):
        _wake(tx, outcome.order_no, gate, now)


def understood(tx: Tx, channel: Channel, payload: Any, gate: Gate, now: int) -> Outcome:
    """What becomes of a payload; a fault of ours makes it dead (kept, replayable), never lost."""
    try:
        with tx.part():
            return apply_message(tx, channel, payload, now, gate.tz)
    except (ArithmeticError, LookupError, TypeError, ValueError) as error:
        return Outcome(
            "dead",
            "fault",
            Why("程序出错，原文已存，修好后重放。", f"A fault on our side: {type(error).__name__}."),
        )


def _wake(tx: Tx, order_no: str, gate: Gate, now: int) -> None:
    if tx.one(Q.any_waiting) is None:
        return
    found = [store.channel(tx, row["code"], gate.key) for row in tx.all(Q.channels_for)]
    apply_waiting(tx, [c for c in found if c is not None], orders.get(tx, order_no), now, gate.tz)


def _store(tx: Tx, channel: Channel, incoming: Incoming, payload: bytes | None) -> int:
    headers = {name: "…" if name in SECRET_HEADERS else value for name, value in incoming.headers.items()}
    row = tx.must(
        Q.take_in,
        channel=channel.code, at=incoming.received_at_ms, ip=incoming.ip, method=incoming.method,
        query=json.dumps(incoming.query, ensure_ascii=False), headers=json.dumps(headers, ensure_ascii=False),
        raw=incoming.body, payload=payload,
    )  # fmt: skip
    number: int = row[0]
    return number


def replay(tx: Tx, inbox_id: int, gate: Gate, now: int) -> Outcome:
    """Judge a dead or waiting message again, with the mapping and the secrets as they are now."""
    row = tx.one(Q.message, id=inbox_id)
    if row is None:
        raise Refused("not_found", what=str(inbox_id))
    if row["status"] not in ("dead", "waiting"):
        raise Refused("not_waiting")
    channel = store.channel(tx, row["channel"], gate.key)
    if channel is None:
        raise Refused("no_such_channel")
    payloads = [(decode(bytes(row["payload"])), "")] if row["payload"] is not None else []
    if not payloads:
        incoming = Incoming(
            row["method"],
            bytes(row["raw"]),
            row["at"],
            "",
            json.loads(row["query"]),
            json.loads(row["headers"]),
            row["ip"],
        )
        received = _proven(SCHEMES[channel.scheme], channel, incoming, row["at"])
        if isinstance(received, Rejected):
            outcome = Outcome("dead", received.code, received.why)
            judge(tx, inbox_id, outcome, now)
            return outcome
        payloads = [(message.payload, message.key) for message in received.messages]
    outcome = Outcome("ignored")
    for payload, key in payloads:
        if key and tx.one(Q.see, channel=channel.code, message_id=key, inbox_id=inbox_id) is None:
            outcome = Outcome("duplicate")
            continue
        outcome = understood(tx, channel, payload, gate, now)
        if outcome.status == "done" and outcome.event in ("create", "pay"):
            _wake(tx, outcome.order_no, gate, now)
    judge(tx, inbox_id, outcome, now)
    return outcome
