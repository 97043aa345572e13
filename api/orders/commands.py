"""Every command that a person or a channel may give an order: one function, one unit of work each, and the
registry `COMMANDS` of their names, rights and bodies.

A function gets the order as it is and returns it as it becomes, saved. Facts are loaded first, `machine.step`
decides, effects follow.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import msgspec
from msgspec import UNSET

from api.db.tx import Tx
from api.journal import service as journal
from api.kernel import time as times
from api.kernel.actor import Actor
from api.kernel.errors import Refused, Why, wrong_field
from api.orders import hands, machine, model, placing, splitting, store
from api.orders.amending import amend, check_credit, restore
from api.orders.model import Held, LineIn, Order, Parcel, unreserved
from api.orders.reserving import is_waiting, reserve, with_trouble, without_trouble
from api.orders.saving import fall_back, retry, save
from api.people import rights
from api.stock import service as stock
from api.stock.model import Want
from api.tags.model import Tag
from api.tags.reading import checklist_of

replace = msgspec.structs.replace


def pay(tx: Tx, order: Order, given: model.Pay, actor: Actor, now: int) -> Order:
    """Money received, or a 月结 customer cleared on account (`paid_fen` stays, the money is owed)."""
    if given.method == "on_account":
        check_credit(tx, order)
        step = machine.step(order, "pay", now, paid_at=now)
        after = reserve(tx, step.order, actor, now)
        return save(tx, order, after, actor, now, "order.cleared", {"method": given.method})
    rights.allow(actor, "pay")
    if order.state != "awaiting_payment" and not owes(order):
        raise machine.wrong_state(order, machine.BY_COMMAND["pay"])
    at = now if given.at is None else times.read(given.at, "$.at")
    return receive(tx, order, given.amount_fen, at, actor, now)


def owes(order: Order) -> bool:
    """Money may still come for it: a 月结 customer's, or the rest of a part that was accepted."""
    return order.paid_fen < order.amount_fen and order.state not in ("cancelled", "returned", "amended")


def start_picking(tx: Tx, order: Order, _: model.Command, actor: Actor, now: int) -> Order:
    if is_waiting(tx, order):
        raise Refused("waits_for_wms", warehouse=order.warehouse)
    after = machine.step(order, "start_picking", now, picker=actor.name).order
    return save(tx, order, after, actor, now, "order.picking_started", {})


def pack(tx: Tx, order: Order, _: model.Command, actor: Actor, now: int) -> Order:
    """A short line packs short: its remainder becomes free, its bin gets a count task."""
    after = machine.step(order, "pack", now).order
    freed: set[str] = set()
    lines = []
    for line in after.lines:
        if line.picked < line.qty and line.reserved:
            most = min(line.picked, line.reserved)
            held = stock.release_to(tx, order.order_no, line.line_no, most, actor, now)
            line = replace(line, reserved=held)
            freed.add(line.sku)
        if line.short:
            cause = f"{order.order_no}/{line.line_no}"
            bin_code = _short_bin(tx, order, line)
            stock.todo(tx, "count", line.warehouse, line.sku, bin_code, 0, order.order_no, cause, now)
        lines.append(line)
    after = save(tx, order, replace(after, lines=tuple(lines)), actor, now, "order.packed", _counts(after))
    retry(tx, freed, now)
    return after


def _short_bin(tx: Tx, order: Order, line: model.Line) -> str:
    named = [bins.short for bins in order.rest.bins if bins.line_no == line.line_no and bins.short]
    if named:
        return named[0]
    rows = tx.all(stock.Q.bins_for, sku=line.sku, warehouse=line.warehouse)
    return rows[0]["code"] if rows else ""


def _counts(order: Order) -> dict[str, Any]:
    return {"lines": [[line.line_no, line.qty, line.picked, line.short] for line in order.lines]}


def ship(tx: Tx, order: Order, given: model.Ship, actor: Actor, now: int) -> Order:
    """What was picked leaves the stock (a surplus only where it was settled to stay); the rest is released."""
    if order.terms == "prepaid" and order.has("amount_mismatch") and order.paid_fen < order.amount_fen:
        raise Refused("money_open", due=placing.yuan(order.amount_fen - order.paid_fen))
    parcel = Parcel(given.carrier, given.waybill, now)
    rest = replace(order.rest, parcels=(*order.rest.parcels, parcel))
    after = machine.step(order, "ship", now, rest=rest).order
    lost: set[str] = set()
    lines = []
    for line in after.lines:
        leaves = min(line.picked, line.qty) + line.kept
        if leaves:
            bins = hands.taken_from(order, line.line_no)
            want = Want(line.line_no, line.sku, leaves)
            lots = hands.lots_of(order, line.line_no)
            lost |= stock.consume(tx, line.warehouse, want, order.order_no, bins, actor, now, lots)
        lines.append(replace(line, consumed=leaves))
    stock.release(tx, order.order_no, "short", actor, now)
    after = replace(after, lines=unreserved(tuple(lines)))
    body = {
        "carrier": given.carrier,
        "waybill": given.waybill,
        "lines": [[n.line_no, n.consumed] for n in lines],
    }
    after = save(tx, order, after, actor, now, "order.shipped", body)
    cause = Why(f"{order.order_no} 多发了", f"{order.order_no} shipped more")
    fall_back(tx, lost, cause, now)
    retry(tx, {line.sku for line in order.lines if line.reserved}, now)
    return after


def deliver(tx: Tx, order: Order, given: model.Deliver, actor: Actor, now: int) -> Order:
    said = given.evidence if isinstance(given.evidence, str) else msgspec.json.encode(given.evidence).decode()
    after = machine.step(order, "deliver", now, rest=replace(order.rest, evidence=said)).order
    return save(tx, order, after, actor, now, "order.delivered", _said(tx, order, "evidence", said))


def _said(tx: Tx, order: Order, name: str, text: str) -> dict[str, Any]:
    """People's words stand in the journal by reference."""
    return {name: journal.keep(tx, order.customer.id, text).plain} if text else {}


def cancel(tx: Tx, order: Order, given: model.Reason, actor: Actor, now: int) -> Order:
    if order.state in ("picking", "packed"):
        rights.allow(actor, "cancel_late")
    step = machine.step(order, "cancel", now)
    freed = _released(tx, order, actor, now)
    after = replace(step.order, lines=unreserved(step.order.lines))
    after = save(tx, order, after, actor, now, "order.cancelled", _said(tx, order, "reason", given.reason))
    retry(tx, freed, now)
    return after


def _released(tx: Tx, order: Order, actor: Actor, now: int) -> set[str]:
    freed = stock.release(tx, order.order_no, "cancelled", actor, now)
    return {line.sku for line in order.lines if freed.get(line.line_no)}


def hold(tx: Tx, order: Order, given: model.Reason, actor: Actor, now: int) -> Order:
    held = Held(given.reason, actor.name, now)
    after = machine.step(order, "hold", now, **machine.with_hold(order, held)).order
    return save(tx, order, after, actor, now, "order.held", _said(tx, order, "reason", given.reason))


def lift(tx: Tx, order: Order, _: model.Command, actor: Actor, now: int) -> Order:
    # The wait was not the order's own: its clock starts anew.
    after = machine.step(order, "lift", now, **machine.with_hold(order, None)).order
    return save(tx, order, replace(after, moved_at=now), actor, now, "order.lifted", {})


def tag(tx: Tx, order: Order, given: model.TagChange, actor: Actor, now: int) -> Order:
    added = [name.strip() for name in given.add if name.strip()]
    gone = {name.strip() for name in given.remove}
    kept = [known for known in order.rest.tags if known.tag not in gone]
    have = {known.tag for known in kept}
    new = [
        Tag(name, "person", actor.display or actor.name) for name in dict.fromkeys(added) if name not in have
    ]
    if (*kept, *new) == order.rest.tags:
        return order
    checklist = order.rest.checklist + tuple(
        model.Check(item)
        for item in checklist_of(new)
        if item not in {known.item for known in order.rest.checklist}
    )
    rest = replace(order.rest, tags=(*kept, *new), checklist=checklist)
    priority = placing.priority_of(order, rest.tags)
    after = machine.step(order, "tag", now, rest=rest, priority=priority).order
    body = {"added": [one.tag for one in new], "removed": sorted({t.tag for t in order.rest.tags} & gone)}
    return save(tx, order, after, actor, now, "order.tagged", body)


def comment(tx: Tx, order: Order, given: model.Comment, actor: Actor, now: int) -> Order:
    after = machine.step(order, "comment", now).order
    return save(tx, order, after, actor, now, "order.commented", _said(tx, order, "text", given.text))


def check(tx: Tx, order: Order, given: model.CheckItem, actor: Actor, now: int) -> Order:
    if given.item not in {known.item for known in order.rest.checklist}:
        raise Refused("unknown_check", item=given.item)
    ticked = model.Check(
        given.item, given.done, actor.name if given.done else "", now if given.done else None
    )
    checklist = tuple(ticked if known.item == given.item else known for known in order.rest.checklist)
    after = machine.step(order, "check", now, rest=replace(order.rest, checklist=checklist)).order
    body = {"item": given.item, "done": given.done}
    return save(tx, order, after, actor, now, "order.checked", body)


def take_back(tx: Tx, order: Order, given: model.Return, actor: Actor, now: int) -> Order:
    """Pieces come back into inspection; `returned` once nothing that left is still out."""
    after = machine.step(order, "return", now).order
    back = _back(order, given)
    lines = []
    for line in after.lines:
        qty = back.get(line.line_no, 0)
        if qty > line.consumed - line.returned:
            raise Refused("too_much_back", line_no=line.line_no, left=line.consumed - line.returned)
        if qty:
            cause = f"{order.order_no}/{line.line_no}/{line.returned + qty}"
            stock.todo(tx, "inspect", line.warehouse, line.sku, "", qty, order.order_no, cause, now)
        lines.append(replace(line, returned=line.returned + qty))
    after = replace(after, lines=tuple(lines))
    if all(line.returned >= line.consumed for line in lines):
        after = machine.step(after, "close_return", now).order
    body = {"lines": sorted(back.items()), **_said(tx, order, "reason", given.reason)}
    return save(tx, order, after, actor, now, "order.returned", body)


def _back(order: Order, given: model.Return) -> dict[int, int]:
    """Pieces by line; refuses a line or a SKU that the order does not have."""
    back: dict[int, int] = {}
    for i, one in enumerate(given.lines):
        lines = [
            line for line in order.lines if one.line_no in (None, line.line_no) and one.sku in ("", line.sku)
        ]
        if not lines or (one.line_no is None and not one.sku):
            raise wrong_field(f"$.lines[{i}]", "订单里没有这一行。", "The order has no such line.")
        out = [line for line in lines if line.consumed - line.returned > back.get(line.line_no, 0)] or lines
        back[out[0].line_no] = back.get(out[0].line_no, 0) + one.qty
    return back


def resolve(tx: Tx, order: Order, given: model.Resolve, actor: Actor, now: int) -> Order:
    """A person settles an exception: keep the order as it is, or apply what the message said."""
    trouble = next((t for t in order.rest.exceptions if t.code == given.exception), None)
    if trouble is None:
        raise Refused("unknown_exception", exception=given.exception)
    if given.exception in ("short_stock", "unknown_sku"):
        raise Refused("clears_itself", exception=given.exception)
    after = machine.step(without_trouble(order, given.exception), "resolve", now).order
    body = {"exception": given.exception, "choice": given.choice, **_said(tx, order, "why", given.why)}
    if given.choice == "apply":
        return _apply(tx, order, after, trouble, actor, now, body)
    return save(tx, order, after, actor, now, "order.resolved", body)


def _apply(
    tx: Tx,
    order: Order,
    after: Order,
    trouble: model.Trouble,
    actor: Actor,
    now: int,
    body: dict[str, Any],
) -> Order:
    if trouble.code == "differs":
        after = save(tx, order, after, actor, now, "order.resolved", body)
        changes = _changes(trouble.data)
        return amend(tx, after, model.Amend(changes), actor, now)
    if trouble.code == "amount_mismatch" and after.state == "awaiting_payment":
        # What came is accepted as the whole: the order is cleared for picking.
        after = reserve(tx, machine.step(after, "pay", now).order, actor, now)
    elif trouble.code in ("cancel_late", "refunded") and after.state in machine.UNTIL_PACKED:
        after = save(tx, order, after, actor, now, "order.resolved", body)
        return cancel(tx, after, model.Reason(trouble.zh), actor, now)
    return save(tx, order, after, actor, now, "order.resolved", body)


def _changes(data: dict[str, Any]) -> model.Changes:
    """What a channel said was measured by its mapping: longer than what people may type, and all of it counts."""
    lines = [LineIn(line["sku"], line["qty"], line.get("price_fen")) for line in data.get("lines", [])]
    return model.Changes(lines=lines or UNSET, address=data.get("address", UNSET))


def receive(tx: Tx, order: Order, amount_fen: int | None, at: int, actor: Actor, now: int) -> Order:
    """Money that a verified channel tells of; None: the whole amount."""
    after = placing.receive_money(without_trouble(order, "amount_mismatch"), amount_fen, at, now)
    if after.state != order.state:
        after = reserve(tx, after, actor, now)
    body = {
        "method": order.channel,
        "amount_fen": after.paid_fen - order.paid_fen,
        "paid_fen": after.paid_fen,
    }
    return save(tx, order, after, actor, now, "order.paid", body)


def refund(tx: Tx, order: Order, amount_fen: int, label: str, actor: Actor, now: int) -> Order:
    """Money goes back: in full before it shipped cancels; later it is an exception."""
    left = max(0, order.paid_fen - amount_fen)
    body = {"amount_fen": order.paid_fen - left, "paid_fen": left}
    after = replace(order, paid_fen=left)
    if order.state in ("shipped", "delivered"):
        zh, en = (
            f"{label}退款 {placing.yuan(amount_fen)}，货已发出",
            f"{label} refunded {placing.yuan(amount_fen)}, goods have left",
        )
        after = with_trouble(after, model.Trouble("refunded", zh, en, now))
    elif left and order.state not in model.ENDS:
        after = with_trouble(after, placing.mismatch(after, now))
    elif left == 0 and order.state == "cancelled":
        after = without_trouble(after, "refunded")
    after = save(tx, order, after, actor, now, "order.refunded", body)
    if left == 0 and after.state in machine.UNTIL_PACKED:
        return cancel(tx, after, model.Reason(f"{label}全额退款"), actor, now)
    return after


def paid_late(
    tx: Tx, order: Order, amount_fen: int | None, at: int, found: model.Trouble, actor: Actor, now: int
) -> Order:
    """Money for an order that was cancelled: on record, and shown until it is given back."""
    amount = order.amount_fen if amount_fen is None else amount_fen
    after = with_trouble(replace(order, paid_fen=amount, paid_at=at), found)
    body = {"method": order.channel, "amount_fen": amount, "paid_fen": amount, "exception": found.code}
    return save(tx, order, after, actor, now, "order.paid", body)


def trouble(tx: Tx, order: Order, found: model.Trouble, actor: Actor, now: int) -> Order:
    """An exception is put beside the state."""
    after = with_trouble(order, found)
    return save(tx, order, after, actor, now, "order.excepted", {"exception": found.code})


class Spec(NamedTuple):
    right: str
    body: type[Any]
    run: Callable[[Tx, Order, Any, Actor, int], Order]


COMMANDS: dict[str, Spec] = {
    "pay": Spec("on_account", model.Pay, pay),
    "start_picking": Spec("start_picking", model.Command, start_picking),
    "pack": Spec("pack", model.Command, pack),
    "check": Spec("check", model.CheckItem, check),
    "ship": Spec("ship", model.Ship, ship),
    "deliver": Spec("deliver", model.Deliver, deliver),
    "cancel": Spec("cancel", model.Reason, cancel),
    "hold": Spec("hold", model.Reason, hold),
    "lift": Spec("lift", model.Command, lift),
    "tag": Spec("tag", model.TagChange, tag),
    "comment": Spec("comment", model.Comment, comment),
    "amend": Spec("amend", model.Amend, amend),
    "restore": Spec("restore", model.Restore, restore),
    "split": Spec("allocate", model.Split, splitting.split),
    "move": Spec("allocate", model.MoveTo, splitting.move),
    "backorder": Spec("allocate", model.Command, splitting.backorder),
    "return": Spec("return", model.Return, take_back),
    "resolve": Spec("resolve", model.Resolve, resolve),
}


def command(tx: Tx, order_no: str, name: str, given: Any, actor: Actor, now: int) -> Order:
    """Rights, then the order, then the command."""
    spec = COMMANDS[name]
    rights.allow(actor, spec.right)
    return spec.run(tx, store.get(tx, order_no), given, actor, now)
