"""The inbox: every message as it came, what became of it, and what still waits for its order.

A message that came before its order is applied in the unit of work that makes the order, whichever way that
comes: by webhook, by sheet or over the order API (through `hub.arrived`).
"""

from typing import Any, NamedTuple

import msgspec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from api.channels import applying, store
from api.channels.applying import Outcome, apply_message
from api.channels.model import Channel
from api.channels.payload import Message, decode
from api.channels.schemes.base import Incoming
from api.channels.store import Q
from api.db.lookups import Lookup, Wanted
from api.db.tx import Row, Tx

SEEN, WAITING = Lookup(Q.seen), Lookup(Q.is_waiting)
SECRET_HEADERS = ("authorization", "cookie", "proxy-authorization")


_encode = msgspec.json.Encoder().encode


def _text(value: dict[str, str]) -> str:
    return _encode(value).decode()


class Gate(NamedTuple):
    """What taking in needs beyond the request."""

    key: AESGCM
    tz: str


class Kept(NamedTuple):
    """A message's row: `new` where it goes to the table with its judgement, None where it lies there already."""

    id: int
    new: dict[str, Any] | None = None


def keep(tx: Tx, channel: Channel, incoming: Incoming, raw: bytes, payload: bytes | None) -> Kept:
    """A row of its own, made before anybody understands it; `payload` once its origin is proven. It is written by `judge`,
    in the unit of work that is acknowledged."""
    headers = {name: "…" if name in SECRET_HEADERS else value for name, value in incoming.headers.items()}
    return Kept(
        _next(tx),
        {
            "channel": channel.code, "at": incoming.received_at_ms, "ip": incoming.ip, "method": incoming.method,
            "query": _text(incoming.query), "headers": _text(headers), "raw": raw, "payload": payload,
        },
    )  # fmt: skip


def _next(tx: Tx) -> int:
    """The counter stands beside the table, and is dropped by whoever else writes to it."""
    known: dict[Any, Any] = tx.cache.setdefault("inbox", {})
    last: int = known.get("last") or tx.value(Q.last_id) or 0
    known["last"] = last + 1
    return last + 1


def judge(tx: Tx, kept: Kept, outcome: Outcome, now: int) -> None:
    said = {
        "id": kept.id, "status": outcome.status, "code": outcome.code, "zh": outcome.why.zh, "en": outcome.why.en,
        "event": outcome.event, "external_no": outcome.external_no, "order_no": outcome.order_no,
        "done_at": None if outcome.status == "waiting" else now,
    }  # fmt: skip
    if kept.new is None:
        tx.run(Q.judge, **said)
        return
    tx.later(Q.take_in, **said, **kept.new)
    if outcome.status == "waiting":
        WAITING.put(tx, (kept.new["channel"], outcome.external_no), 1)


def seen(tx: Tx, channel: str, message_id: str) -> int | None:
    """Which message had this id first."""
    found: int | None = SEEN.get(tx, channel, message_id)
    return found


def see(tx: Tx, channel: str, message_id: str, inbox_id: int) -> int | None:
    """A message id counts once within its channel: None for the first, else whose it is."""
    known = seen(tx, channel, message_id)
    if known is None:
        tx.later(Q.see, channel=channel, message_id=message_id, inbox_id=inbox_id)
        SEEN.put(tx, (channel, message_id), inbox_id)
    return known


def ahead(tx: Tx, channel: Channel, message: Message, gate: Gate, now: int) -> Wanted:
    """What its taking in will look up."""
    yield SEEN, (channel.code, message.key)
    mapped = applying.foreseen(tx, channel, message.payload, now, gate.tz)
    if mapped is not None:
        yield from applying.ahead(tx, channel, mapped)
        for code in _speakers(tx).get(channel.order_channel, ()):
            yield WAITING, (code, mapped.draft["external_no"])


def wake(tx: Tx, order_channel: str, external_no: str | None, gate: Gate, now: int) -> bool:
    """What waits for this order is applied, in the order in which it came; True where anything did.

    On the way of every new order, so it costs one look at an index for each channel that speaks of it.
    """
    if external_no is None:
        return False
    has_woken = False
    # A refund that came first waits for the payment, which may be among those that waited.
    while rows := _waiting(tx, order_channel, external_no):
        has_woken, is_paid = True, False
        for row in rows:
            channel = store.channel(tx, row["channel"], gate.key)
            if channel is not None:
                outcome = apply_message(tx, channel, decode(bytes(row["payload"])), now, gate.tz)
                judge(tx, Kept(row["id"]), outcome, now)
                is_paid |= outcome.event == "pay" and outcome.status == "done"
        if not is_paid:
            break
    return has_woken


def _waiting(tx: Tx, order_channel: str, external_no: str) -> list[Row]:
    rows = [
        row
        for code in _speakers(tx).get(order_channel, ())
        if WAITING.get(tx, code, external_no) is not None
        for row in tx.all(Q.waiting, channel=code, external_no=external_no)
    ]
    return sorted(rows, key=lambda row: int(row["id"]))


def _speakers(tx: Tx) -> dict[str, list[str]]:
    """By order channel, the channels whose messages speak of its orders: itself, and its payment channels."""
    known: dict[str, list[str]] | None = tx.slow.get("speakers")
    if known is None:
        known = {}
        for row in tx.all(Q.channels_all):
            known.setdefault(store.read_body(row["body"]).of or row["code"], []).append(row["code"])
        tx.slow["speakers"] = known
    return known
