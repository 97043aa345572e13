"""The gateway's two units of work: take a request in, and replay a stored message.

Proof is checked on raw bytes before anything is parsed. The raw bytes are stored in the same commit that is
acknowledged, whatever becomes of them; a duplicate answers success and does nothing.
"""

import json
import os
from typing import NamedTuple

from api.channels import inbox, store
from api.channels.applying import Outcome, apply_message
from api.channels.foreseen import foresee, worked_out
from api.channels.inbox import Gate, Kept, judge, keep, see, seen, wake
from api.channels.model import Channel
from api.channels.payload import Message, decode, encode
from api.channels.schemes import SCHEMES
from api.channels.schemes.base import Answer, Fresh, Incoming, Received, Rejected, Scheme, rejected
from api.channels.store import Q
from api.db.lookups import Wanted
from api.db.tx import Tx
from api.kernel.errors import Refused, Why

TWICE = Outcome("duplicate", "duplicate", Why("重复的消息。", "A message that came before."))
REUSED = Outcome(
    "dead",
    "id_reused",
    Why("编号用过了，内容却不一样，没有处理。", "Its id was used for another content; not applied."),
)
# How many messages one unit of work judges or sweeps.
AT_ONCE = 200
NOTHING = Outcome("ignored", "ignored", Why("里面没有消息。", "There is no message in it."))


def take_in(tx: Tx, code: str, incoming: Incoming, gate: Gate) -> Answer | Rejected | None:
    """None: no such channel. The answer is the platform's own; a refusal is stored and listed as dead."""
    channel = store.channel(tx, code, gate.key)
    if channel is None:
        return None
    scheme, now = SCHEMES[channel.scheme], incoming.received_at_ms
    received = worked_out(tx, "proven", channel, incoming, lambda: _proven(scheme, channel, incoming, now))
    if isinstance(received, Received) and channel.enabled and _is_replayed(tx, scheme, channel, received):
        received = rejected("nonce_used")
    if isinstance(received, Rejected):
        _dead(tx, keep(tx, channel, incoming, incoming.body, None), received, now)
        return scheme.told(incoming, received)
    if not channel.enabled:
        # Stored with its payload, so that it can be replayed; the platform hears that it should try again.
        off = rejected("channel_off")
        for row, _ in _rows(tx, channel, incoming, received.messages, None):
            _dead(tx, row, off, now)
        return scheme.told(incoming, off)
    for row, message in _rows(tx, channel, incoming, received.messages, None):
        _once(tx, channel, row, message, gate, now)
    return scheme.ok(incoming, channel.secrets, Fresh(now // 1000, os.urandom(24)))


def ahead(tx: Tx, code: str, incoming: Incoming, gate: Gate) -> Wanted:
    """What `take_in` will look up."""
    channel = store.channel(tx, code, gate.key)
    if channel is None or not channel.enabled:
        return
    scheme, now = SCHEMES[channel.scheme], incoming.received_at_ms
    received = foresee(tx, "proven", channel, incoming, lambda: _proven(scheme, channel, incoming, now))
    for message in received.messages if isinstance(received, Received) else ():
        yield from inbox.ahead(tx, channel, message, gate, now)


def take_answer(tx: Tx, code: str, raw: bytes, message: Message, gate: Gate, now: int) -> Outcome:
    """What a platform said when it was asked: kept and applied like a message of its own. Refuses `no_such_channel`."""
    channel = store.channel(tx, code, gate.key)
    if channel is None:
        raise Refused("no_such_channel")
    incoming = Incoming("ASK", raw, now)
    kept = keep(tx, channel, incoming, raw, encode(message.payload).encode())
    return _once(tx, channel, kept, message, gate, now)


def shake(channel: Channel, incoming: Incoming) -> Answer | Rejected:
    """A platform's proof that this address is ours; nothing is stored."""
    scheme = SCHEMES[channel.scheme]
    found = scheme.handshake(incoming, channel.secrets)
    return scheme.told(incoming, found) if isinstance(found, Rejected) else found


def _proven(scheme: Scheme, channel: Channel, incoming: Incoming, now: int) -> Received | Rejected:
    received = scheme.receive(incoming, channel.secrets, now // 1000)
    if isinstance(received, Received) and scheme.replay_window and received.timestamp is not None:
        age = now // 1000 - received.timestamp
        if abs(age) > scheme.replay_window:
            return rejected("timestamp_old" if age > 0 else "timestamp_early")
    return received


def _is_replayed(tx: Tx, scheme: Scheme, channel: Channel, received: Received) -> bool:
    """A signed nonce serves one body only (in plain mode the body itself is not signed)."""
    if not scheme.replay_window or not received.nonce:
        return False
    mark = f"nonce:{received.timestamp}:{received.nonce}"[:200]
    if see(tx, channel.code, mark, 0) is None:
        return False
    return any(seen(tx, channel.code, message.key) is None for message in received.messages)


def _rows(
    tx: Tx, channel: Channel, incoming: Incoming, messages: tuple[Message, ...], first: Kept | None
) -> list[tuple[Kept, Message | None]]:
    """A row for each message; the first one holds the whole body, the others their own part of it."""
    if first is None:
        payload = encode(messages[0].payload).encode() if messages else None
        first = keep(tx, channel, incoming, incoming.body, payload)
    elif messages:
        tx.run(Q.keep_payload, id=first.id, payload=encode(messages[0].payload).encode())
    found: list[tuple[Kept, Message | None]] = [(first, messages[0] if messages else None)]
    for message in messages[1:]:
        part = encode(message.payload).encode()
        found.append((keep(tx, channel, incoming, part, part), message))
    return found


def _dead(tx: Tx, row: Kept, why: Rejected, now: int) -> Outcome:
    outcome = Outcome("ignored" if why.is_quiet else "dead", why.code, why.why)
    judge(tx, row, outcome, now)
    return outcome


def _once(tx: Tx, channel: Channel, row: Kept, message: Message | None, gate: Gate, now: int) -> Outcome:
    if message is None:
        outcome = NOTHING
    elif (first := see(tx, channel.code, message.key, row.id)) is not None:
        outcome = TWICE if message.is_whole or _is_same(tx, first, message) else REUSED
    else:
        outcome = apply_message(tx, channel, message.payload, now, gate.tz)
    return _done(tx, channel, row, outcome, gate, now)


def _is_same(tx: Tx, number: int, message: Message) -> bool:
    """Does the message that had this id first say the same? (One without a payload of its own is not compared.)"""
    first = tx.one(Q.message, id=number)
    if first is None or first["payload"] is None:
        return True
    return bytes(first["payload"]) == encode(message.payload).encode()


def _done(tx: Tx, channel: Channel, row: Kept, outcome: Outcome, gate: Gate, now: int) -> Outcome:
    judge(tx, row, outcome, now)
    if outcome.is_new or (outcome.event == "pay" and outcome.status == "done"):
        wake(tx, channel.order_channel, outcome.external_no, gate, now)
    return outcome


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
    if not channel.enabled:
        raise Refused("channel_off")
    if row["payload"] is not None:
        outcome = apply_message(tx, channel, decode(bytes(row["payload"])), now, gate.tz)
        return _done(tx, channel, Kept(inbox_id), outcome, gate, now)
    query, headers = json.loads(row["query"]), json.loads(row["headers"])
    # The key in the address is kept nowhere; what was refused for another reason had the right one.
    key = "" if row["code"] in ("path_key_wrong", "not_configured") else channel.secrets.get("path_key", "")
    incoming = Incoming(row["method"], bytes(row["raw"]), row["at"], key, query, headers, row["ip"])
    # Proven as of then: what was fresh when it came is fresh enough.
    received = _proven(SCHEMES[channel.scheme], channel, incoming, row["at"])
    if isinstance(received, Rejected):
        return _dead(tx, Kept(inbox_id), received, now)
    outcomes = [
        _once(tx, channel, at, message, gate, now)
        for at, message in _rows(tx, channel, incoming, received.messages, Kept(inbox_id))
    ]
    return outcomes[0]


class Replayed(NamedTuple):
    """`became`: how many of each status; `next`: the last one judged, where more may follow."""

    replayed: int
    became: dict[str, int]
    next: int | None


def replay_dead(tx: Tx, channel: str, after: int, gate: Gate, now: int) -> Replayed:
    """Up to `AT_ONCE` dead messages, in the order in which they came; those of a channel that is off stay."""
    rows = tx.all(Q.dead, channel=channel, after=after, count=AT_ONCE)
    became: dict[str, int] = {}
    for row in rows:
        try:
            status = replay(tx, row["id"], gate, now).status
        except Refused:
            status = "dead"
        became[status] = became.get(status, 0) + 1
    return Replayed(len(rows), became, rows[-1]["id"] if len(rows) == AT_ONCE else None)


UNDERSTOOD = ("done", "duplicate", "ignored")


def sweep(tx: Tx, before: int, now: int) -> int:
    """Messages that were understood before that moment go, at most `AT_ONCE` of each status; what waits and what is dead
    stays. So do the marks of ids (one message stays one), but nonces that are too old to come back go."""
    for row in tx.all(Q.channels_all):
        window = SCHEMES[row["scheme"]].replay_window if row["scheme"] in SCHEMES else 0
        tx.run(Q.sweep_nonces, channel=row["code"], until=f"nonce:{now // 1000 - 2 * max(window, 300)}:")
    swept = 0
    for status in UNDERSTOOD:
        old = [row["id"] for row in tx.all(Q.oldest, status=status, count=AT_ONCE) if row["at"] < before]
        if old:
            swept += tx.run(Q.sweep_inbox, status=status, last=old[-1], before=before)
    return swept
