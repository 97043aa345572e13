"""The whole order as one canonical value with a hash: written at every change of state, hold and lift.

Names, phones, address texts and notes stand in it by reference, so erasing a person leaves the hash valid;
`unfold` joins them back for reading. The hash is SHA-256 over the canonical JSON, written `sha256:<hex>`.
"""

import hashlib
from typing import Any

import msgspec

from api.db.tx import Tx
from api.journal import service as journal
from api.journal.service import Ref
from api.kernel.actor import Actor
from api.kernel.canonical import canonical
from api.orders.model import Order
from api.orders.store import Q

Known = dict[int, Ref]
ERASED = journal.ERASED


def body(tx: Tx, order: Order, known: Known) -> dict[str, Any]:
    """The order as plain values; `known` are references whose digests are at hand already."""

    def ref(number: int | None) -> dict[str, Any] | None:
        if number is None:
            return None
        found = known.get(number)
        if found is None:
            kept = journal.kept(tx, number)
            if kept is None:
                return {"digest": "", "ref": number}
            found = kept[0]
        return found.plain

    rest = order.rest
    return {
        "address": {
            "adcode": order.address.adcode,
            "lat_e6": order.address.lat_e6,
            "lng_e6": order.address.lng_e6,
            "text": ref(order.refs.address),
        },
        "amount_fen": order.amount_fen,
        "channel": order.channel,
        "checklist": [[check.item, check.done] for check in rest.checklist],
        "customer": {"id": order.customer.id, "name": ref(order.refs.name), "phone": ref(order.refs.phone)},
        "exceptions": [trouble.code for trouble in rest.exceptions],
        "external_no": order.external_no,
        "extra": ref(order.refs.extra),
        "held": None if rest.held is None else {"at": rest.held.at, "by": rest.held.by},
        "lines": [
            {
                "line_no": line.line_no, "name": line.name, "picked": line.picked, "price_fen": line.price_fen,
                "qty": line.qty, "reserved": line.reserved, "short": line.short, "sku": line.sku,
                "uom": line.uom, "warehouse": line.warehouse,
            }
            for line in order.lines
        ],
        "note": ref(order.refs.note),
        "options": list(rest.options),
        "order_no": order.order_no,
        "owner": order.owner,
        "paid_fen": order.paid_fen,
        "parcels": [[p.carrier, p.waybill, p.at] for p in rest.parcels],
        "priority": order.priority,
        "state": order.state,
        "tags": [tag.tag for tag in rest.tags],
        "terms": order.terms,
        "updated_at": order.updated_at,
        "version": order.version,
        "warehouse": order.warehouse,
    }  # fmt: skip


def take(tx: Tx, order: Order, actor: Actor, now: int, known: Known | None = None) -> Order:
    """Write the snapshot; returns the order that knows its hash."""
    text = canonical(body(tx, order, known or {}))
    mark = "sha256:" + hashlib.sha256(text).hexdigest()
    tx.later(
        Q.snapshot,
        order_no=order.order_no,
        at=now,
        state=order.state,
        actor=actor.name,
        hash=mark,
        body=text.decode(),
    )
    return msgspec.structs.replace(order, snapshot=mark)


def unfold(tx: Tx, value: Any) -> Any:
    """Put the personal values back in place of their references."""
    if isinstance(value, dict):
        if value.keys() == {"digest", "ref"}:
            kept = journal.kept(tx, value["ref"])
            return ERASED if kept is None else kept[1]
        return {key: unfold(tx, item) for key, item in value.items()}
    if isinstance(value, list):
        return [unfold(tx, item) for item in value]
    return value
