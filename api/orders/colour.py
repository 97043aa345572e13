"""Four colours with their reasons, pure: held, excepted or stalled is red; else the state tells.

An end state is never red. Stalled: from paid to packed without a move for the SLA. A colour never stands
alone: it has a shape, a word and a since.
"""

from typing import NamedTuple, Protocol

from api.kernel.errors import Why
from api.kernel.time import HOUR, MINUTE
from api.orders.model import ENDS, OPEN, Rest


class Coloured(Protocol):
    """What a colour is judged by: an order, or a row of the board."""

    @property
    def state(self) -> str: ...
    @property
    def moved_at(self) -> int: ...
    @property
    def rest(self) -> Rest: ...


class Colour(NamedTuple):
    code: str
    shape: str
    why: Why
    since: int


BY_STATE: dict[str, tuple[str, str, Why]] = {
    "awaiting_payment": ("grey", "dashed", Why("待付款", "Waiting for payment")),
    "paid": ("green", "solid", Why("已支付，待预占", "Paid, waiting for stock")),
    "to_pick": ("green", "solid", Why("已支付，待分拣", "Paid, waiting to be picked")),
    "picking": ("yellow", "solid", Why("拣货中", "Being picked")),
    "packed": ("yellow", "solid", Why("已打包，待发", "Packed, waiting to ship")),
    "shipped": ("blue", "hollow", Why("在途", "On its way")),
    "delivered": ("blue", "solid", Why("已签收", "Delivered")),
    "cancelled": ("grey", "solid", Why("已取消", "Cancelled")),
    "returned": ("grey", "solid", Why("已退回", "Returned")),
    "amended": ("grey", "solid", Why("已改单，看新版本", "Amended, see the new version")),
}

UNCONFIRMED = Why("已支付，等仓库的 WMS 确认锁货", "Paid, waiting for the warehouse's WMS to confirm")


def colour(order: Coloured, now: int, sla_ms: int) -> Colour:
    code, shape, why = BY_STATE[order.state]
    if order.state == "to_pick" and order.rest.outside == "asked":
        why = UNCONFIRMED
    since = order.moved_at
    if order.state in ENDS:
        return Colour(code, shape, why, since)
    held = order.rest.held
    if held is not None:
        return Colour("red", "solid", Why(f"挂起：{held.reason}", f"On hold: {held.reason}"), held.at)
    if order.rest.exceptions:
        first = order.rest.exceptions[0]
        return Colour("red", "solid", Why(first.zh, first.en), first.at)
    if order.state in OPEN and now - order.moved_at >= sla_ms:
        return Colour("red", "solid", _stalled(order, now), order.moved_at + sla_ms)
    return Colour(code, shape, why, since)


def _stalled(order: Coloured, now: int) -> Why:
    hours, minutes = divmod((now - order.moved_at) // MINUTE, HOUR // MINUTE)
    _, _, why = BY_STATE[order.state]
    return Why(f"卡住 {hours} 小时 {minutes} 分：{why.zh}", f"Stuck {hours} h {minutes} min: {why.en}")
