"""A conflict as a lead reads it: whose order, who picked what and when, what the house did meanwhile, who may decide.

The fold's own conflict (`pulling.conflict`) says all of that by ids; here ids become names. It decides nothing.
"""

from typing import Any

from api.db.tx import Row, Tx
from api.kernel import time as times
from api.kernel.actor import Actor
from api.kernel.errors import Invalid, Refused
from api.orders import picks, store
from api.people import rights, service
from api.picking import pulling, settling
from sync.facts import split_conflict_id

# The kinds in which the house moved while a picker had the goods.
BY_HOUSE = frozenset({"held", "cancelled", "amended", "already_shipped"})


def told(tx: Tx, row: Row, actor: Actor, tz: str) -> dict[str, Any]:
    """The conflict with `customer`, `state`, `warehouse`, `picks` [{id, kind, user, name, qty, uom, bin, at, part}], `n` pieces
    in question, `meanwhile` {reason, by, by_name, at} or null, `settled.by_name`, and `is_yours` to settle."""
    found = pulling.conflict(row)
    order = store.get(tx, row["order_no"])
    lines = {line.line_no: line for line in order.lines}
    wanted = set(found["ops"])
    made = []
    for op in picks.ops_of(tx, order.order_no):
        if op.id not in wanted:
            continue
        line = lines.get(op.line_no)
        made.append(
            {
                "id": op.id, "kind": op.kind, "user": op.actor, "name": _name(tx, op.actor), "qty": op.qty,
                "uom": "" if line is None else line.uom, "bin": op.bin, "at": _house_time(op.at, tz),
                "sku": "" if line is None else line.sku, "part": "" if line is None else line.name,
            }
        )  # fmt: skip
    surplus = sum(one["qty"] for one in found["surplus"])
    settled = found["settled"]
    if settled is not None:
        settled = {**settled, "by_name": _name(tx, settled["by"])}
    return {
        **found,
        "settled": settled,
        "customer": order.customer.name,
        "state": order.state,
        "warehouse": row["warehouse"],
        "picks": sorted(made, key=lambda one: (one["at"], one["id"])),
        "n": surplus or sum(one["qty"] for one in made if one["kind"] == "pick"),
        "meanwhile": _meanwhile(tx, row, tz),
        "is_yours": _is_yours(tx, found, order, actor),
    }


def _meanwhile(tx: Tx, row: Row, tz: str) -> dict[str, Any] | None:
    if row["kind"] not in BY_HOUSE:
        return None
    gone = pulling.went(tx, store.get(tx, row["order_no"]), row["warehouse"], tz)
    is_held = gone["why"] == "held"
    return {
        "reason": gone["reason"] if is_held else "",
        "by": gone["by"],
        "by_name": gone["by_name"],
        "at": gone["at"],
    }


def _is_yours(tx: Tx, found: dict[str, Any], order: Any, actor: Actor) -> bool:
    place = split_conflict_id(found["id"])
    if place is None or not rights.may(actor, "settle"):
        return False
    try:
        settling.check(tx, place[2], found["ops"], order, "", actor)
    except Refused:
        return False
    return True


def _house_time(said: str, tz: str) -> str:
    """What a device's clock said, in the house's own offset; a text that is no time stays as it came."""
    try:
        return times.text(times.read(said), tz)
    except Invalid:
        return said


def _name(tx: Tx, user: str) -> str:
    person = service.user(tx, user) if user else None
    return user if person is None else person.display
