"""The inbox: every message as it came, what became of it, and what still waits for its order.

A message that came before its order is applied in the unit of work that makes the order, whichever way that
comes: by webhook, by sheet or over the order API (through `hub.arrived`).
"""

import json
from typing import NamedTuple

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from api.channels import store
from api.channels.applying import Outcome, apply_message
from api.channels.model import Channel
from api.channels.payload import decode
from api.channels.schemes.base import Incoming
from api.channels.store import Q
from api.db.tx import Row, Tx

SECRET_HEADERS = ("authorization", "cookie", "proxy-authorization")


class Gate(NamedTuple):
    """What taking in needs beyond the request."""

    key: AESGCM
    tz: str


def keep(tx: Tx, channel: Channel, incoming: Incoming, raw: bytes, payload: bytes | None) -> int:
    """A row of its own, before anybody understands it; `payload` once its origin is proven."""
    headers = {name: "…" if name in SECRET_HEADERS else value for name, value in incoming.headers.items()}
    row = tx.must(
        Q.take_in,
        channel=channel.code, at=incoming.received_at_ms, ip=incoming.ip, method=incoming.method,
        query=json.dumps(incoming.query, ensure_ascii=False), headers=json.dumps(headers, ensure_ascii=False),
        raw=raw, payload=payload,
    )  # fmt: skip
    number: int = row[0]
    return number


def judge(tx: Tx, inbox_id: int, outcome: Outcome, now: int) -> None:
    tx.run(
        Q.judge,
        id=inbox_id, status=outcome.status, code=outcome.code, zh=outcome.why.zh, en=outcome.why.en,
        event=outcome.event, external_no=outcome.external_no, order_no=outcome.order_no,
        at=None if outcome.status == "waiting" else now,
    )  # fmt: skip


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
                judge(tx, row["id"], outcome, now)
                is_paid |= outcome.event == "pay" and outcome.status == "done"
        if not is_paid:
            break
    return has_woken


def _waiting(tx: Tx, order_channel: str, external_no: str) -> list[Row]:
    rows = [
        row
        for code in _speakers(tx).get(order_channel, ())
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
