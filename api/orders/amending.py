"""An amendment: the order stays as it was, ended `amended`, and a new order `…-V2` takes its place.

What is not changed is carried over: customer, money, tags given by people, the channel's number, the tracking
link (by root number), pieces already picked once that conflict is settled. A difference in money is an
exception for finance, never silent.
"""

from typing import Any

import msgspec
from msgspec import UNSET, UnsetType

from api.db.tx import Tx
from api.journal import service as journal
from api.kernel.actor import Actor
from api.kernel.errors import Refused
from api.orders import frozen, machine, model, picks, placing, snapshots, store
from api.orders.model import Address, Customer, LineIn, LineUnit, Order, unreserved
from api.orders.numbers import part, stem
from api.orders.pricing import Priced, priced
from api.orders.reserving import ranked, reserve, with_lock_state, with_trouble, without_trouble
from api.orders.saving import retry, save
from api.orders.store import Q
from api.people import customers
from api.stock import service as stock
from api.tags.reading import checklist_of

replace = msgspec.structs.replace


def amend(tx: Tx, order: Order, given: model.Amend, actor: Actor, now: int) -> Order:
    """The new version, stored; refuses what the state does not allow or what changes nothing."""
    old = machine.step(order, "amend", now).order
    new = _changed(tx, order, given.changes, actor, now)
    same = ("lines", "address", "note", "customer")
    if all(_plain(getattr(new, f)) == _plain(getattr(order, f)) for f in same) and (
        new.rest.options == order.rest.options
    ):
        raise Refused("nothing_changed")
    return _replace(tx, order, old, new, actor, now, "order.amended")


def restore(tx: Tx, order: Order, given: model.Restore, actor: Actor, now: int) -> Order:
    """The order as a snapshot has it, as a new version."""
    old = machine.step(order, "restore", now).order
    then = snapshots.unfold(
        tx, msgspec.json.decode(snapshots.of_versions(tx, order.order_no, given.snapshot)[1])
    )
    lines = [LineIn(line["sku"], line["qty"], line["price_fen"]) for line in then["lines"]]
    changes = model.Changes(
        lines=_goods_then(order, lines),
        address=_unless_erased(then["address"]["text"]),
        note=_unless_erased(then["note"]),
        options=then["options"],
        customer=_then(order, then["customer"]),
    )
    new = _changed(tx, order, changes, actor, now)
    if changes.address is not UNSET:
        place = then["address"]
        new = replace(
            new,
            address=Address(new.address.text, place["adcode"], place["lng_e6"], place["lat_e6"]),
        )
    return _replace(tx, order, old, new, actor, now, "order.restored")


def _goods_then(order: Order, lines: list[LineIn]) -> list[LineIn] | UnsetType:
    """Goods that went on as a part would come back a second time."""
    if lines == [LineIn(n.sku, n.qty, n.price_fen) for n in order.lines if n.qty]:
        return UNSET
    if order.rest.has_parts:
        raise Refused("split_since")
    return lines


def _then(order: Order, then: dict[str, str]) -> model.CustomerIn | UnsetType:
    """Whose values have been erased since stays as the order has them."""
    same = (order.customer.id, order.customer.name, order.customer.phone)
    if snapshots.ERASED in then.values() or same == (then["id"], then["name"], then["phone"]):
        return UNSET
    return model.CustomerIn(then["name"], then["phone"], then["id"])


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [(line.sku, line.qty, line.price_fen) for line in value if line.qty]
    return value


def _changed(tx: Tx, order: Order, changes: model.Changes, actor: Actor, now: int) -> Order:
    """The next version's content, not yet placed."""
    order = _with_customer(tx, order, changes, actor, now)
    refs, address, note, sold = order.refs, order.address, order.note, order.rest.sold
    lines = tuple(line for line in order.lines if line.qty)  # the rest went on as a part
    owner = order.customer.id
    if changes.address is not UNSET:
        address = placing.read_place(changes.address)
        refs = replace(refs, address=journal.keep(tx, owner, address.text).id if address.text else None)
    if changes.note is not UNSET:
        note = changes.note
        refs = replace(refs, note=journal.keep(tx, owner, note).id if note else None)
    if changes.lines is not UNSET:
        goods, order = _goods(tx, order, changes.lines), without_trouble(order, "unknown_sku")
        lines, sold = goods.lines, goods.sold
    options = order.rest.options if changes.options is UNSET else tuple(changes.options)
    by_people = [tag for tag in order.rest.tags if tag.source in ("person", "keyword")]
    read, _ = placing.read_tags(note, list(options), (), address)
    tags = tuple({tag.tag: tag for tag in (*by_people, *read)}.values())
    done = {check.item: check for check in order.rest.checklist}
    return replace(
        order,
        refs=refs,
        address=address,
        note=note,
        lines=lines,
        amount_fen=sum(line.amount_fen for line in lines),
        priority=placing.priority_of(order, tags),
        rest=replace(
            order.rest,
            options=options,
            tags=tags,
            checklist=tuple(done.get(item, model.Check(item)) for item in checklist_of(tags)),
            bins=(),
            sold=sold,
        ),
    )


def _with_customer(tx: Tx, order: Order, changes: model.Changes, actor: Actor, now: int) -> Order:
    """Another customer brings along tier, terms and salesperson."""
    if changes.customer is UNSET:
        return order
    found = placing.named(tx, changes.customer, actor, now, "$.changes.customer")
    customer = Customer(found.id, found.name, found.phone, found.tier)
    if customer == order.customer:
        return order
    return replace(
        order,
        customer=customer,
        refs=replace(order.refs, name=found.name_ref.id, phone=found.phone_ref.id),
        terms=found.terms,
        owner=found.salesperson or order.owner,
    )


def _goods(tx: Tx, order: Order, wanted: list[LineIn]) -> Priced:
    """A line without a price keeps the one that the order had for this SKU, for the unit that it was for."""
    had = {line.sku: line for line in order.lines}
    said = {
        line.sku: sold for sold in order.rest.sold for line in order.lines if line.line_no == sold.line_no
    }
    kept = []
    for line in wanted:
        is_priced = line.price_fen is not None or (line.unit is not None and line.unit.price_fen is not None)
        if line.sku in had and not is_priced:
            if line.sku in said:
                unit = line.unit or LineUnit(had[line.sku].uom, line.qty)
                sold = said[line.sku]
                line = replace(line, qty=0, unit=replace(unit, price_fen=sold.price_fen, per=sold.per))
            else:
                line = replace(line, price_fen=had[line.sku].price_fen)
        kept.append(line)
    return priced(tx, kept, had=had)


def _unless_erased(text: str | None) -> str | UnsetType:
    return UNSET if text == snapshots.ERASED else text or ""


def check_credit(tx: Tx, order: Order, before: Order | None = None) -> None:
    """A 月结 customer's limit; what `before` owes makes way for what `order` will."""
    customer = customers.by_id(tx, order.customer.id)
    if customer.terms != "monthly":
        raise Refused("not_on_account")
    owed = tx.value(Q.owed, customer=customer.id)
    if before is not None and before.terms == "monthly" and before.customer.id == customer.id:
        owed -= max(0, before.amount_fen - before.paid_fen)
    left = customer.credit_fen - owed
    if order.amount_fen - order.paid_fen > left:
        raise Refused("over_credit", left=max(0, left))


def _cleared(tx: Tx, order: Order, new: Order, actor: Actor, now: int) -> Order:
    """What was cleared for picking stays cleared; money that came counts for the new amount."""
    was_cleared = order.state != "awaiting_payment"
    if not was_cleared and not new.paid_fen:
        return new
    on_account = was_cleared and new.terms == "monthly"
    if on_account and (new.amount_fen > order.amount_fen or new.customer.id != order.customer.id):
        check_credit(tx, new, order)
    if new.paid_fen > new.amount_fen or (new.paid_fen < new.amount_fen and not on_account):
        new = with_trouble(new, placing.mismatch(new, now))
    if not was_cleared and new.paid_fen < new.amount_fen:
        return new
    return reserve(tx, machine.step(new, "carry_on", now).order, actor, now)


def _replace(tx: Tx, order: Order, old: Order, new: Order, actor: Actor, now: int, kind: str) -> Order:
    """End the old version, give back what it held, place the new one."""
    freed = stock.release(tx, order.order_no, "amended", actor, now)
    skus = {line.sku for line in order.lines if freed.get(line.line_no)}
    version = order.version + 1
    order_no = f"{stem(order.order_no)}-V{version}"
    fresh = tuple(
        replace(line, reserved=0, picked=0, short=0, carried=0, kept=0, consumed=0, returned=0, warehouse="")
        for line in new.lines
    )
    new = replace(
        new, order_no=order_no, version=version, state="awaiting_payment", lines=fresh, picker="", snapshot="", moved_at=now,
        updated_at=now, created_at=now,
    )  # fmt: skip
    for code in ("short_stock", "amount_mismatch", "differs"):
        new = without_trouble(new, code)
    new = frozen.carry_on(tx, order, new, actor, now)
    houses = ranked(tx, new)
    place = new.warehouse if new.rest.pinned or not houses else houses[0].code
    new = replace(new, warehouse=place, lines=tuple(replace(line, warehouse=place) for line in new.lines))
    new = picks.awaited(tx, _cleared(tx, order, new, actor, now), now)
    new = snapshots.take(tx, with_lock_state(tx, new), actor, now)
    store.insert(tx, new)
    if new.external_no is not None and part(order_no) == 1:
        tx.run(Q.point_external, channel=new.channel, external_no=new.external_no, order_no=order_no)
    body = {"replaces": order.order_no, "snapshot": new.snapshot, "to": new.state, "warehouse": new.warehouse}
    journal.record(tx, f"order:{order_no}", "order.placed", body, actor, now, is_first=True)
    save(tx, order, replace(old, lines=unreserved(old.lines)), actor, now, kind, {"by": order_no})
    retry(tx, skus, now)
    return store.get(tx, order_no)
