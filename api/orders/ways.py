"""What can be done about an order that waits for stock, worked out when somebody looks: every way with its reason, and the command
that takes it. Nothing is done here; who sees a way may give its command.
"""

from collections.abc import Iterable
from typing import Any

import msgspec

from api.db.tx import Tx
from api.kernel.actor import Actor
from api.kernel.errors import Refused, Why
from api.orders import machine, planning, queue, shelves
from api.orders.dividing import Share
from api.orders.model import Line, Order
from api.orders.store import Q
from api.people import rights
from api.stock import service as stock

_RIGHT = {"amend": "amend"}


class Way(msgspec.Struct, frozen=True):
    """`command` and `body` are what to give the order; empty: there is nothing to do but wait. `parcels`: how many it makes of
    the order; `facts`: what the sentence says, for programs."""

    kind: str
    why: Why
    command: str = ""
    body: dict[str, Any] = {}
    parcels: int = 1
    facts: dict[str, Any] = {}

    def shown(self, lang: str) -> dict[str, Any]:
        return {**msgspec.structs.asdict(self), "why": self.why.text(lang)}


def ways(tx: Tx, order: Order, actor: Actor, now: int) -> list[Way]:
    """The best first: whole from elsewhere, in parcels, part now, another SKU, waiting."""
    found: list[Way] = []
    if order.state in ("packed", "shipped", "delivered"):
        found = _of_short(order)
    elif order.state in ("paid", "to_pick"):
        found = _of_stock(tx, order, now)
    return [way for way in found if not way.command or _may(order, way.command, actor, now)]


def _may(order: Order, command: str, actor: Actor, now: int) -> bool:
    try:
        machine.step(order, command, now)
    except Refused:
        return False
    return rights.may(actor, _RIGHT.get(command, "allocate"))


def _of_short(order: Order) -> list[Way]:
    short = sum(max(0, line.qty - line.picked) for line in order.lines)
    why = Why(f"拣货时缺的 {short} 件另发一单", f"The {short} pieces that were short follow as a part")
    return [Way("backorder", why, "backorder", {}, 2, {"pieces": short})] if short else []


def _of_stock(tx: Tx, order: Order, now: int) -> list[Way]:
    there = shelves.of(tx, order, now)
    names = {house.code: house.name for house in stock.warehouses(tx)}
    found = [
        Way("move", Why(f"{names[code]}全有", f"{code} has all of it"), "move", {"warehouse": code})
        for code in planning.whole(there, order.lines)
        if order.state == "paid" or code != order.warehouse
    ]
    if order.state != "paid" or not order.has("short_stock"):
        return found
    parts = planning.split(there, order.lines)
    if parts is not None and len(parts) > 1:
        found.append(_split(parts, names))
    elif parts is None and (best := planning.most(there, order.lines)) is not None:
        found.append(_part(best, order, names))
    lacks = planning.missing(there, order.lines)
    found += _substitutes(tx, order, lacks, now, names)
    return [*found, _wait(tx, order, lacks)]


def _split(parts: list[tuple[str, Share]], names: dict[str, str]) -> Way:
    told = [(code, sum(share.values())) for code, share in parts]
    zh = "，".join(f"{names[code]} {qty} 件" for code, qty in told)
    en = ", ".join(f"{code} {qty}" for code, qty in told)
    body = {
        "parts": [
            {"warehouse": code, "lines": [{"line_no": no, "qty": qty} for no, qty in share.items()]}
            for code, share in parts
        ]
    }
    return Way(
        "split",
        Why(f"分 {len(parts)} 次发：{zh}", f"In {len(parts)} parcels: {en}"),
        "split",
        body,
        len(parts),
    )


def _part(best: tuple[str, Share], order: Order, names: dict[str, str]) -> Way:
    code, share = best
    goes = sum(share.values())
    waits = sum(line.qty for line in order.lines) - goes
    zh = f"{names[code]}先发 {goes} 件，余下 {waits} 件到货再发"
    en = f"{code} ships {goes} now, the other {waits} follow when they come"
    return Way("backorder", Why(zh, en), "backorder", {}, 2, {"warehouse": code, "now": goes, "later": waits})


def _substitutes(tx: Tx, order: Order, lacks: Iterable[str], now: int, names: dict[str, str]) -> list[Way]:
    """Another SKU for each that is short, at the price of the first, where one warehouse then has all."""
    found = []
    for sku in lacks:
        for row in tx.all(stock.Q.substitutes, sku=sku):
            other = stock.sku(tx, row["other"])
            if other is None or not other.active:
                continue
            lines = [msgspec.structs.replace(n, sku=other.code) if n.sku == sku else n for n in order.lines]
            houses = planning.whole(shelves.of(tx, order, now, (other.code,)), lines)
            if houses:
                zh = f"{sku} 换成 {other.code}（{other.name}），{names[houses[0]]}全有，价格不变"
                en = f"{other.code} ({other.name}) for {sku}: {houses[0]} has all of it, the price stays"
                facts = {"sku": sku, "other": other.code, "warehouse": houses[0]}
                found.append(Way("substitute", Why(zh, en), "amend", _amended(lines), 1, facts))
    return found


def _amended(lines: list[Line]) -> dict[str, Any]:
    given = [{"sku": n.sku, "qty": n.qty, "price_fen": n.price_fen} for n in lines if n.qty]
    return {"changes": {"lines": given}}


def _wait(tx: Tx, order: Order, lacks: dict[str, int]) -> Way:
    """For the next receipt, and who is served before."""
    facts, zh, en = [], [], []
    for sku, qty in lacks.items():
        line = [one.order_no for one in queue.waiting(tx, [sku])]
        before = line[: line.index(order.order_no)] if order.order_no in line else line
        wanted = {row["order_no"]: row["qty"] for row in tx.all(Q.wanted, sku=sku)}
        pieces = sum(wanted.get(one, 0) for one in before)
        facts.append({"sku": sku, "lacks": qty, "orders_before": len(before), "pieces_before": pieces})
        zh.append(f"{sku} 还缺 {qty} 件，" + (f"前面 {len(before)} 单要 {pieces} 件" if before else "排第一"))
        ahead = f"{len(before)} orders before it want {pieces}" if before else "it is the first in line"
        en.append(f"{sku}: {qty} lacking, {ahead}")
    return Way("wait", Why("等到货：" + "；".join(zh), "Wait: " + "; ".join(en)), facts={"skus": facts})
