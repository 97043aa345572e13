"""Orders in and out of the tables. Reads give a whole `Order`; writes compare nothing and trust the service."""

from typing import Any

import msgspec

from api.db.counting import take
from api.db.queries import load
from api.db.tx import Row, Tx
from api.journal.service import ERASED
from api.kernel.errors import Refused
from api.orders.model import Address, Customer, Line, Order, Refs, Rest
from api.orders.numbers import part, stem

Q = load(__package__)
_rest_out = msgspec.json.Encoder().encode
_rest_in = msgspec.json.Decoder(Rest).decode


def find(tx: Tx, order_no: str) -> Order | None:
    row = tx.one(Q.order, order_no=order_no)
    return None if row is None else _order(row, tx.all(Q.lines, order_no=order_no))


def get(tx: Tx, order_no: str) -> Order:
    """Refuses `not_found`."""
    found = find(tx, order_no)
    if found is None:
        raise Refused("not_found", what=order_no)
    return found


def family_rows(tx: Tx, order: Order) -> list[Row]:
    """The newest version of each part of an order's root, the root's own first."""
    newest = {stem(row["order_no"]): row for row in tx.all(Q.family, root_no=order.root_no)}
    return sorted(newest.values(), key=lambda row: part(row["order_no"]))


def family(tx: Tx, order: Order) -> list[Order]:
    """Who goes by one root number; an order that was never split, alone."""
    if not order.rest.has_parts and not order.rest.part_of:
        return [order]
    return [get(tx, row["order_no"]) for row in family_rows(tx, order)]


def _order(row: Row, lines: list[Row]) -> Order:
    return Order(
        order_no=row["order_no"],
        root_no=row["root_no"] or row["order_no"],
        version=row["version"],
        state=row["state"],
        channel=row["channel"],
        external_no=row["external_no"],
        customer=Customer(row["customer"], _value(row, "name"), _value(row, "phone"), row["tier"]),
        refs=Refs(row["name_ref"], row["phone_ref"], row["address_ref"], row["note_ref"], row["extra_ref"]),
        address=Address(_value(row, "address"), row["adcode"], row["lng_e6"], row["lat_e6"]),
        owner=row["owner"],
        picker=row["picker"],
        warehouse=row["warehouse"],
        lines=tuple(Line(*line) for line in lines),
        amount_fen=row["amount_fen"],
        paid_fen=row["paid_fen"],
        terms=row["terms"],
        note=_value(row, "note"),
        extra=_value(row, "extra"),
        priority=row["priority"],
        rest=_rest_in(row["rest"]),
        snapshot=_mark(row["snapshot"]),
        paid_at=row["paid_at"],
        moved_at=row["moved_at"],
        created_at=row["created_at"],
        updated_at=row["updated_at"],
    )


def _mark(found: bytes) -> str:
    return f"sha256:{found.hex()}" if found else ""


def _value(row: Row, name: str) -> str:
    """A personal value; one that was never given is empty, one that was erased says so."""
    found: str | None = row[name]
    if found is None:
        return "" if row[f"{name}_ref"] is None else ERASED
    return found


def insert(tx: Tx, order: Order) -> None:
    """A new order, and what it is found by."""
    number = take(tx, "order", Q.last_order)
    tx.later(
        Q.insert,
        id=number,
        root_no="" if order.root_no == order.order_no else order.root_no,
        version=order.version,
        channel=order.channel,
        external_no=order.external_no,
        customer=order.customer.id,
        tier=order.customer.tier,
        terms=order.terms,
        name_ref=order.refs.name,
        phone_ref=order.refs.phone,
        address_ref=order.refs.address,
        note_ref=order.refs.note,
        extra_ref=order.refs.extra,
        adcode=order.address.adcode,
        lng_e6=order.address.lng_e6,
        lat_e6=order.address.lat_e6,
        owner=order.owner,
        created_at=order.created_at,
        **_changing(order),
    )
    for line in order.lines:
        tx.later(Q.insert_line, **_line(order.order_no, line))
    for sku in dict.fromkeys(line.sku for line in order.lines):
        tx.later(Q.has_sku, sku=sku, order_id=number)
    for tag in _tags(order):
        tx.later(Q.tag, tag=tag, order_id=number)


def update(tx: Tx, before: Order, order: Order) -> None:
    tx.run(Q.update, **_changing(order))
    if before.lines != order.lines:
        tx.many(Q.update_line, [_line(order.order_no, line) for line in order.lines])
    had, has = _tags(before), _tags(order)
    for tag in had.keys() - has.keys():
        tx.run(Q.untag, tag=tag, order_no=order.order_no)
    for tag in has.keys() - had.keys():
        tx.run(Q.add_tag, tag=tag, order_no=order.order_no)


def _changing(order: Order) -> dict[str, Any]:
    return {
        "order_no": order.order_no,
        "state": order.state,
        "held": int(order.held is not None),
        "troubled": int(bool(order.rest.exceptions)),
        "picker": order.picker,
        "warehouse": order.warehouse,
        "amount_fen": order.amount_fen,
        "paid_fen": order.paid_fen,
        "priority": order.priority,
        "rest": _rest_out(order.rest).decode(),
        "snapshot": bytes.fromhex(order.snapshot.removeprefix("sha256:")),
        "paid_at": order.paid_at,
        "moved_at": order.moved_at,
        "updated_at": order.updated_at,
    }


def _line(order_no: str, line: Line) -> dict[str, Any]:
    return {"order_no": order_no, **msgspec.structs.asdict(line)}


def _tags(order: Order) -> dict[str, None]:
    return dict.fromkeys(tag.tag for tag in order.rest.tags)
