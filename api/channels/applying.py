"""What a proven and mapped message does to orders: create, pay, cancel, refund, in whatever order they come.

Within a channel an external number is one order. A late or repeated message never moves an order backwards; one
that comes before its order waits; one that contradicts the order is kept beside it as an exception. A fault of
ours makes a message dead (kept, replayable), never lost.
"""

from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from api.channels.drafts import reason_text
from api.channels.foreseen import foresee, worked_out
from api.channels.keywords import keyword_hits
from api.channels.mapping import MISSING, Mapped, Problem, apply
from api.channels.model import Channel
from api.channels.payload import encode
from api.channels.shares import paid_shares, refund_shares
from api.db.lookups import Wanted
from api.db.storage import is_storage_fault
from api.db.tx import Redo, Tx
from api.kernel.actor import Actor, channel_actor
from api.kernel.errors import Refused, Why
from api.kernel.log import log
from api.kernel.time import DAY, local
from api.orders import commands, model, placing, store
from api.orders.dividing import together
from api.orders.model import AddressIn, CustomerIn, Draft, LineIn, Order, Trouble
from api.sheets.convert import FAULTS
from api.tags.reading import Keyword

# Above this a sum is no sum of money, and no canonical JSON can carry it.
MOST_FEN = 10**15


class Outcome(NamedTuple):
    """`status` of the message: done, duplicate, ignored, waiting, dead. `is_new`: it made its order."""

    status: str
    code: str = ""
    why: Why = Why("", "")
    event: str = ""
    external_no: str = ""
    order_no: str = ""
    is_new: bool = False


def _mapped(channel: Channel, payload: Any, now: int, tz: str) -> Mapped:
    assert channel.mapping is not None
    return apply(channel.mapping, payload, tz=ZoneInfo(tz), received_at=now)


def foreseen(tx: Tx, channel: Channel, payload: Any, now: int, tz: str) -> Mapped | None:
    """What `apply_message` will find in it; None where that is nothing about an order."""
    if channel.mapping is None:
        return None
    mapped = foresee(tx, "mapped", channel, payload, lambda: _mapped(channel, payload, now, tz))
    return mapped if mapped.event is not None and mapped.draft.get("external_no") else None


def ahead(tx: Tx, channel: Channel, mapped: Mapped) -> Wanted:
    """What applying it will look up."""
    if mapped.is_ok and mapped.draft.get("lines") and channel.body.of is None:
        yield from placing.ahead(tx, _draft(channel, mapped.draft))
    else:
        yield placing.EXTERNALS, (channel.order_channel, mapped.draft["external_no"])


def apply_message(tx: Tx, channel: Channel, payload: Any, now: int, tz: str) -> Outcome:
    """Map and apply in a part of its own, so that a dead message leaves nothing behind but its reason."""
    if channel.mapping is None:
        return Outcome("dead", "no_mapping", Why("渠道还没有字段对应。", "The channel has no mapping yet."))
    try:
        mapped = worked_out(tx, "mapped", channel, payload, lambda: _mapped(channel, payload, now, tz))
    except Exception as error:  # apply promises to raise nothing; a message is worth more than that promise
        return _fault(error)
    if mapped.event is None:
        return Outcome("ignored", "ignored", Why("和订单无关。", "Not about an order."))
    return apply_mapped(tx, channel, mapped, now, tz)


def apply_mapped(tx: Tx, channel: Channel, mapped: Mapped, now: int, tz: str) -> Outcome:
    external_no = str(mapped.draft.get("external_no", ""))
    event = mapped.event or ""
    actor = channel_actor(channel.code)
    try:
        with tx.part():
            found = _find(tx, channel, external_no)
            if found is None:
                outcome = _without_order(tx, channel, mapped, actor, now, tz)
            elif problems := _matter(mapped):
                outcome = _unread(problems)
            else:
                outcome = _APPLY[event](tx, found, channel, mapped, actor, now)
            if event == "pay" and outcome.status == "done" and outcome.code in ("", "differs"):
                _ahead(tx, outcome.order_no, mapped.draft.get("paid_at", 0), actor, now, tz)
    except Refused as refused:
        outcome = Outcome("dead", refused.code, refused.why)
    except Redo:  # no fault: the writer runs the group again, each command for itself
        raise
    except Exception as error:
        outcome = _fault(error)
    return outcome._replace(event=event, external_no=external_no)


def _ahead(tx: Tx, order_no: str, paid_at: int, actor: Actor, now: int, tz: str) -> None:
    """Money of another month to come is recorded as it was told, and shown to people: it would stand in the wrong books."""
    if paid_at <= now + 31 * DAY:
        return
    day = local(paid_at, tz).strftime("%Y-%m-%d")
    told = Trouble("paid_ahead", f"付款时间是 {day}，还没到", f"Paid on {day}, a day to come", now)
    commands.trouble(tx, store.get(tx, order_no), told, actor, now)


def _fault(error: Exception) -> Outcome:
    """A disk that is full is no fault of the message: then nobody is acknowledged."""
    if is_storage_fault(error):
        raise error
    what = type(error).__name__
    log.error("channel.fault", error=repr(error), exc_info=error)
    return Outcome(
        "dead",
        "fault",
        Why(
            f"程序出错（{what}），原文已存，修好后重放。",
            f"A fault on our side ({what}); kept, replay it later.",
        ),
    )


# Which fields an event that meets its order cannot do without, once they are there; a create is only compared.
_MATTERS = {
    "create": ("external_no", "lines"),
    "pay": ("external_no", "paid_at", "paid_fen", "lines"),
    "cancel": ("external_no",),
    "refund": ("external_no", "paid_fen"),
}


def _matter(mapped: Mapped) -> tuple[Problem, ...]:
    names = _MATTERS[mapped.event or ""]
    return tuple(p for p in mapped.problems if p.blocks and p.path.partition("[")[0] in names)


def _unread(problems: tuple[Problem, ...]) -> Outcome:
    why = Why(reason_text(problems, "zh"), reason_text(problems, "en"))
    return Outcome("dead", problems[0].code if problems else "invalid", why)


def _find(tx: Tx, channel: Channel, external_no: str) -> Order | None:
    if not external_no:
        return None
    order_no = placing.known_as(tx, channel.order_channel, external_no)
    return None if order_no is None else store.get(tx, order_no)


def _without_order(tx: Tx, channel: Channel, mapped: Mapped, actor: Actor, now: int, tz: str) -> Outcome:
    """A payment channel makes no orders, and a payment that names no goods cannot."""
    names_goods = bool(mapped.draft.get("lines")) or any(p.path.startswith("lines") for p in mapped.problems)
    has_goods = mapped.event == "create" or (mapped.event == "pay" and names_goods)
    if has_goods and channel.body.of is None:
        if not mapped.is_ok:
            return _unread(tuple(p for p in mapped.problems if p.blocks))
        lines = mapped.draft.get("lines", [])
        if sum(line["qty"] * (line.get("price_fen") or 0) for line in lines) > MOST_FEN:
            return Outcome("dead", "out_of_range", FAULTS["out_of_range"])
        order = create(tx, channel, mapped, actor, now, tz)
        return Outcome("done", order_no=order.order_no, is_new=True)
    if not mapped.draft.get("external_no"):
        told = tuple(p for p in mapped.problems if p.path == "external_no")
        return _unread(told or (Problem("external_no", "missing", MISSING, True),))
    return Outcome(
        "waiting",
        "waiting",
        Why("订单还没来，来了就处理。", "Its order has not come yet; applied when it does."),
    )


def create(tx: Tx, channel: Channel, mapped: Mapped, actor: Actor, now: int, tz: str) -> Order:
    """The order of a create or pay message; pays where the message says so."""
    draft = mapped.draft
    has_event = channel.mapping is not None and channel.mapping.event is not None
    pays = mapped.event == "pay" or (not has_event and draft.get("paid_at") is not None)
    hits = keyword_hits(channel.body.keywords, mapped.texts)
    how = placing.From(
        tz,
        owner=channel.owner,
        lenient=True,
        paid_at=(draft.get("paid_at") or now) if pays else None,
        paid_fen=draft.get("paid_fen"),
        created_at=draft.get("created_at"),
        extra=encode(mapped.extra) if mapped.extra else "",
        keywords=tuple(Keyword(tag.tag, tag.why) for tag in hits.tags),
        priority=hits.priority if hits.priority not in (None, "normal") else "",
        names=tuple((line.get("name", ""), line.get("uom", "")) for line in draft.get("lines", [])),
    )
    return placing.place(tx, _draft(channel, draft), actor, now, how)


def _draft(channel: Channel, draft: dict[str, Any]) -> Draft:
    customer = draft.get("customer", {})
    phone = customer.get("phone", "")
    name = customer.get("name", "") or phone or f"{channel.label}客户"
    return Draft(
        customer=CustomerIn(name, phone),
        lines=[LineIn(line["sku"], line["qty"], line.get("price_fen")) for line in draft.get("lines", [])],
        address=_address(draft),
        channel=channel.order_channel,
        external_no=draft.get("external_no"),
        note=draft.get("note", ""),
        options=list(draft.get("options", [])),
    )


def _address(draft: dict[str, Any]) -> AddressIn:
    given = draft.get("address", {})
    lng, lat = given.get("lng_e6"), given.get("lat_e6")
    has = lng is not None and lat is not None
    return AddressIn(given.get("text", ""), lng / 1e6 if has else None, lat / 1e6 if has else None)


def _created(tx: Tx, order: Order, channel: Channel, mapped: Mapped, actor: Actor, now: int) -> Outcome:
    if _differs(together(store.family(tx, order)), mapped.draft):
        _excepted(tx, order, channel, mapped, actor, now)
        return Outcome("done", "differs", _DIFFERS, order_no=order.order_no)
    return Outcome("duplicate", order_no=order.order_no)


_DIFFERS = Why(
    "和已有订单不一样，没有改，等人处理。", "Differs from the order we have; not applied, shown to people."
)


def _differs(order: Order, draft: dict[str, Any]) -> bool:
    if draft.get("lines"):
        theirs = [(line.get("sku"), line.get("qty")) for line in draft["lines"]]
        prices = [line.get("price_fen") for line in draft["lines"]]
        ours = [(line.sku, line.qty) for line in order.lines]
        if theirs != ours or any(
            p is not None and p != line.price_fen for p, line in zip(prices, order.lines, strict=True)
        ):
            return True
    text = draft.get("address", {}).get("text")
    return bool(text) and text != order.address.text


def _excepted(tx: Tx, order: Order, channel: Channel, mapped: Mapped, actor: Actor, now: int) -> Order:
    changes: dict[str, Any] = {}
    if mapped.draft.get("lines"):
        lines = mapped.draft["lines"]
        changes["lines"] = [{k: line[k] for k in ("sku", "qty", "price_fen") if k in line} for line in lines]
    if mapped.draft.get("address", {}).get("text"):
        changes["address"] = mapped.draft["address"]["text"]
    zh, en = (
        f"{channel.label}后来的消息和订单不一样",
        f"A later message of {channel.label} differs from the order",
    )
    return commands.trouble(tx, order, Trouble("differs", zh, en, now, changes), actor, now)


def _paid(tx: Tx, order: Order, channel: Channel, mapped: Mapped, actor: Actor, now: int) -> Outcome:
    family = store.family(tx, order)
    seen = together(family)
    differs = _differs(seen, mapped.draft)
    if differs:
        order = _excepted(tx, order, channel, mapped, actor, now)
        family = store.family(tx, order)
    # One instant is one receipt, told again under another message id: also where it went back meanwhile.
    is_told = order.paid_at is not None and order.paid_at == mapped.draft.get("paid_at")
    if all(part.state == "cancelled" for part in family) and seen.paid_fen == 0 and not is_told:
        zh, en = "取消以后才收到款，要退", "Paid after it was cancelled: refund it"
        found = Trouble("refunded", zh, en, now)
        at = mapped.draft.get("paid_at") or now
        told = mapped.draft.get("paid_fen")
        commands.paid_late(tx, order, seen.amount_fen if told is None else told, at, found, actor, now)
        return Outcome("done", "paid_late", Why(zh, en), order_no=order.order_no)
    if is_told or not any(part.state == "awaiting_payment" or commands.owes(part) for part in family):
        if not is_told and _is_other_money(seen, mapped.draft):
            return _paid_again(tx, order, seen.paid_fen, channel, mapped, actor, now)
        return _told(order, differs=differs)
    shares = paid_shares(family, mapped.draft.get("paid_fen"))
    for part, share in zip(family, shares, strict=True):
        if share or len(family) == 1:
            commands.receive(tx, part, share, mapped.draft.get("paid_at") or now, actor, now)
    return _told(order, differs=differs)._replace(status="done")


def _is_other_money(order: Order, draft: dict[str, Any]) -> bool:
    """Another instant alone may be another platform's clock on the same money; with another sum it is other money."""
    sums = (None, order.paid_fen, order.amount_fen)
    return draft.get("paid_at") is not None and draft.get("paid_fen") not in sums


def _paid_again(
    tx: Tx, order: Order, paid_fen: int, channel: Channel, mapped: Mapped, actor: Actor, now: int
) -> Outcome:
    more, paid = placing.yuan(mapped.draft["paid_fen"]), placing.yuan(paid_fen)
    zh = f"{channel.label}说又付了 {more}；已记 {paid}，这笔没有加进去"
    en = f"{channel.label} tells of another payment, {more}; {paid} is recorded, this one is not added"
    commands.trouble(tx, order, Trouble("amount_mismatch", zh, en, now), actor, now)
    return Outcome("done", "amount_mismatch", Why(zh, en), order_no=order.order_no)


def _told(order: Order, *, differs: bool) -> Outcome:
    if differs:
        return Outcome("done", "differs", _DIFFERS, order_no=order.order_no)
    return Outcome("duplicate", order_no=order.order_no)


def _cancelled(tx: Tx, order: Order, channel: Channel, _: Mapped, actor: Actor, now: int) -> Outcome:
    """Every part that is not cancelled yet; the first of the answers that did something is the message's."""
    outcomes = [_cancelled_one(tx, part, channel, actor, now) for part in store.family(tx, order)]
    return next((one for one in outcomes if one.status == "done"), outcomes[0])._replace(
        order_no=order.order_no
    )


def _cancelled_one(tx: Tx, order: Order, channel: Channel, actor: Actor, now: int) -> Outcome:
    if order.state == "cancelled":
        return Outcome("duplicate", order_no=order.order_no)
    if order.state in ("shipped", "delivered", "returned"):
        zh, en = "发货后客户才取消", "Cancelled by the customer after it was shipped"
        commands.trouble(tx, order, Trouble("cancel_late", zh, en, now), actor, now)
        return Outcome("done", "cancel_late", Why(zh, en), order_no=order.order_no)
    commands.cancel(tx, order, model.Reason(f"{channel.label}取消"), actor, now)
    return Outcome("done", order_no=order.order_no)


def _refunded(tx: Tx, order: Order, channel: Channel, mapped: Mapped, actor: Actor, now: int) -> Outcome:
    family = store.family(tx, order)
    if order.paid_fen == 0 and order.state == "awaiting_payment":
        # Sent later, told earlier: there is nothing to give back before it came.
        return Outcome(
            "waiting",
            "waiting",
            Why("钱还没到，到了再退。", "Its payment has not come yet; applied when it does."),
        )
    back = mapped.draft.get("paid_fen")
    for part, share in zip(family, refund_shares(family, back), strict=True):
        if share is not None:
            commands.refund(tx, part, share, channel.label, actor, now)
    return Outcome("done", order_no=order.order_no)


_APPLY = {"create": _created, "pay": _paid, "cancel": _cancelled, "refund": _refunded}
