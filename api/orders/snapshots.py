"""The whole order as one canonical value with a hash: written at every change of state, hold and lift.

Names, phones, address texts and notes stand in it by reference, so erasing a person leaves the hash valid;
`unfold` joins them back for reading. The hash is SHA-256 over the canonical JSON, written `sha256:<hex>`. It stands in
the journal's entry; the text lies packed (`packing`) and gives its hash whenever it is read.
"""

import hashlib
from typing import Any, NamedTuple

import msgspec

from api.db.tx import Row, Tx
from api.journal import service as journal
from api.journal.service import Ref
from api.kernel.actor import Actor
from api.kernel.canonical import canonical
from api.kernel.errors import Refused
from api.orders import packing
from api.orders.model import Order, Promised
from api.orders.numbers import stem
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
    found = {
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
    if rest.sold:  # a key of its own, so that hashes of orders without it stay what they were
        found["sold"] = [list(msgspec.structs.astuple(one)) for one in rest.sold]
    if rest.promise is not None:
        found["promise"] = _promise(rest.promise)
    return found


def _promise(made: Promised) -> dict[str, Any]:
    return {
        "confidence_e2": round(made.confidence * 100), "eta_from": made.eta_from, "eta_to": made.eta_to, "id": made.id,
        "ship_by": made.ship_by,
    }  # fmt: skip


def take(tx: Tx, order: Order, actor: Actor, now: int, known: Known | None = None) -> Order:
    """Write the snapshot; returns the order that knows its hash."""
    text = canonical(body(tx, order, known or {}))
    last, first = _before(tx, order)
    tx.later(
        Q.snapshot,
        order_no=order.order_no,
        n=last + 1,
        at=now,
        state=order.state,
        warehouse=order.warehouse,
        actor=actor.name,
        body=packing.packed(text, first),
    )
    return msgspec.structs.replace(order, snapshot=_mark(text))


def _before(tx: Tx, order: Order) -> tuple[int, bytes]:
    """How many snapshots the order has, and the text of the first."""
    if not order.snapshot:
        return 0, b""
    row = tx.one(Q.first_snapshot, order_no=order.order_no)
    return (0, b"") if row is None else (row["last"], _text(row["body"]))


def _mark(text: bytes) -> str:
    return f"sha256:{hashlib.sha256(text).hexdigest()}"


class Taken(NamedTuple):
    """A snapshot with the text that it was hashed over, and that text's hash; without either where what lies there
    gives no text."""

    at: int
    state: str
    actor: str
    hash: str
    text: str | None


def whole(tx: Tx, order_no: str) -> list[Taken]:
    """An order's snapshots, oldest first."""
    rows = tx.all(Q.snapshots_whole, order_no=order_no)
    firsts: dict[str, bytes] = {}
    return [_taken(tx, order_no, row, firsts) for row in rows]


def at_moment(tx: Tx, order_no: str, at: int, firsts: dict[str, bytes]) -> list[Taken]:
    """Those taken then. `firsts` keeps by order the text of the first one, which every later one leans on."""
    return [_taken(tx, order_no, row, firsts) for row in tx.all(Q.snapshots_at, order_no=order_no, at=at)]


def of_versions(tx: Tx, order_no: str, mark: str) -> tuple[Taken, str]:
    """The snapshot of this hash among all of an order's versions, and its text. Refuses `unknown_snapshot`."""
    wanted = f"sha256:{mark.removeprefix('sha256:')}"
    for version in tx.all(Q.versions, stem=stem(order_no)):
        for found in whole(tx, version["order_no"]):
            if found.hash == wanted and found.text is not None:
                return found, found.text
    raise Refused("unknown_snapshot", snapshot=mark)


def _taken(tx: Tx, order_no: str, row: Row, firsts: dict[str, bytes]) -> Taken:
    try:
        if row["n"] == 1:
            text = firsts[order_no] = _text(row["body"])
        else:
            first = firsts.get(order_no)
            if first is None:
                first = firsts[order_no] = _first(tx, order_no)
            text = _text(row["body"], first)
    except ValueError:
        return Taken(row["at"], row["state"], row["actor"], "", None)
    return Taken(row["at"], row["state"], row["actor"], _mark(text), text.decode("utf-8", "surrogateescape"))


def _first(tx: Tx, order_no: str) -> bytes:
    row = tx.one(Q.first_snapshot, order_no=order_no)
    return b"" if row is None else _text(row["body"])


def _text(body: bytes | str, first: bytes = b"") -> bytes:
    """The first program left texts as they are; PostgreSQL keeps their bytes."""
    if isinstance(body, str):
        return body.encode("utf-8", "surrogateescape")
    return body if body.startswith(b"{") else packing.unpacked(body, first)


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
