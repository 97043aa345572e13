"""What a customer may see of an order, as plain values for the page; pure but for nothing.

Only the customer's own goods, their way, who has them now with a phone to call, and the carrier's number. No
prices, no notes, no other names.
"""

from datetime import datetime

import msgspec

from api.kernel import time as times
from api.orders.model import Order

STAGES = (
    ("ordered", "下单", "Ordered"),
    ("to_pick", "备货", "Preparing"),
    ("picking", "拣货", "Picking"),
    ("packed", "打包", "Packed"),
    ("shipped", "在途", "On its way"),
    ("delivered", "签收", "Delivered"),
)
_REACHED = {
    "awaiting_payment": 0, "paid": 1, "to_pick": 1, "picking": 2, "packed": 3, "shipped": 4, "delivered": 5,
    "returned": 5,
}  # fmt: skip

# (zh, en): the answer first, one sentence.
SENTENCES: dict[str, tuple[str, str]] = {
    "awaiting_payment": ("等您付款，付好就备货", "Waiting for your payment"),
    "paid": ("已收到，正在备货", "Received, being prepared"),
    "to_pick": ("已备好货，马上拣", "Reserved, about to be picked"),
    "picking": ("正在拣货", "Being picked now"),
    "packed": ("已打包，等快递来取", "Packed, waiting for the carrier"),
    "shipped": ("货在路上", "Your goods are on their way"),
    "delivered": ("已送到", "Delivered"),
    "cancelled": ("这单取消了", "This order was cancelled"),
    "returned": ("货已退回", "The goods came back"),
    "amended": ("这单改过，请看新单", "This order was changed"),
}
SHAPES = {
    "awaiting_payment": "ring", "paid": "disc", "to_pick": "disc", "picking": "diamond", "packed": "diamond",
    "shipped": "open", "delivered": "box", "cancelled": "ring", "returned": "ring", "amended": "ring",
}  # fmt: skip


class Moment(msgspec.Struct, frozen=True):
    """One line of the timeline; `at` in ms."""

    zh: str
    en: str
    at: int


class Stage(msgspec.Struct, frozen=True):
    name: str
    is_done: bool
    is_now: bool


def stages(order: Order, lang: str) -> list[Stage]:
    reached = _REACHED.get(order.state, 0)
    return [
        Stage(en if lang == "en" else zh, n < reached or (n == reached == 5), n == reached)
        for n, (_, zh, en) in enumerate(STAGES)
    ]


_TOLD: dict[str, tuple[str, str]] = {
    "paid": ("已收款", "Payment received"),
    "to_pick": ("已备货", "Goods reserved"),
    "picking": ("开始拣货", "Picking began"),
    "packed": ("已打包", "Packed"),
    "shipped": ("已发货", "Shipped"),
    "delivered": ("已签收", "Delivered"),
    "cancelled": ("已取消", "Cancelled"),
    "returned": ("已退回", "Returned"),
}


def timeline(order: Order, reached: list[tuple[str, int]]) -> list[Moment]:
    """Newest first; `reached` are the states and times of the order's snapshots, oldest first."""
    told, last = [Moment("已下单", "Ordered", order.created_at)], ""
    for state, at in reached:
        if state != last and state in _TOLD:
            told.append(Moment(*_TOLD[state], at))
        last = state
    return list(reversed(told))


def when(at: int, tz: str, lang: str) -> str:
    """`1 月 22 日 10:05`; the year only where it is not the obvious one is left to the reader."""
    moment: datetime = times.local(at, tz)
    if lang == "en":
        return moment.strftime("%d %b, %H:%M").lstrip("0")
    return f"{moment.month} 月 {moment.day} 日 {moment:%H:%M}"
