"""What the customer reads, in both languages: one face for each state, one word for each label.

A face is what an order looks like from outside. `checking` and `restocking` stand for everything that is held or
excepted: the customer learns that somebody is at it and who will call, never the reason on file.
"""

import re
from typing import NamedTuple

from api.kernel.errors import Why


class Face(NamedTuple):
    """`mark` names the shape, `stage` the station on the line (None: where it had got to)."""

    mark: str
    stage: int | None
    word: Why
    sentence: Why
    second: Why


FACES: dict[str, Face] = {
    "awaiting_payment": Face(
        "ring",
        0,
        Why("待付款", "Unpaid"),
        Why("等您付款", "Waiting for your payment"),
        Why("款到就备货", "We start as soon as it arrives"),
    ),
    "paid": Face(
        "disc",
        1,
        Why("已付款", "Paid"),
        Why("正在备货", "Getting your goods ready"),
        Why("共 {all} 件", "{all} pieces"),
    ),
    "to_pick": Face(
        "disc",
        1,
        Why("待拣", "To pick"),
        Why("货留好了，等着拣", "Set aside, next to be picked"),
        Why("{all} 件都给您留着", "{all} pieces set aside for you"),
    ),
    "picking": Face(
        "diamond",
        2,
        Why("拣货中", "Picking"),
        Why("正在拣货", "Being picked now"),
        Why("已拣 {picked} 件，共 {all} 件", "{picked} of {all} picked"),
    ),
    "packed": Face(
        "diamond",
        2,
        Why("已打包", "Packed"),
        Why("打包好了，等快递取", "Packed, waiting for pickup"),
        Why("{sent} 件", "{sent} pieces"),
    ),
    "shipped": Face(
        "open",
        3,
        Why("在路上", "On its way"),
        Why("{carrier} 正在送", "On its way with {carrier}"),
        Why("{shipped_at} 发出，{sent} 件", "Left {shipped_at}, {sent} pieces"),
    ),
    "delivered": Face(
        "box",
        4,
        Why("已签收", "Delivered"),
        Why("{moved_at} 送到了", "Delivered {moved_at}"),
        Why("{signer}", "{signer}"),
    ),
    "cancelled": Face(
        "ended",
        None,
        Why("已取消", "Cancelled"),
        Why("这单取消了", "This order is cancelled"),
        Why("{moved_at} 取消", "Cancelled {moved_at}"),
    ),
    "returned": Face(
        "ended",
        None,
        Why("已退回", "Returned"),
        Why("货都退回来了", "Your goods came back"),
        Why("{moved_at} 收到退货", "Back with us {moved_at}"),
    ),
    "amended": Face(
        "ended",
        None,
        Why("已改单", "Changed"),
        Why("这单改过了", "This order was changed"),
        Why("新单马上就到", "The new one is coming"),
    ),
    "checking": Face(
        "triangle",
        None,
        Why("核对中", "Being checked"),
        Why("正在核对，销售会联系您", "Being checked, sales will contact you"),
        Why("不用您操作", "Nothing for you to do"),
    ),
    "restocking": Face(
        "triangle",
        None,
        Why("调货中", "Restocking"),
        Why("正在调货，齐了就发", "Getting stock in, then it ships"),
        Why("有变化，销售先告诉您", "Sales tells you first if it takes long"),
    ),
}

STAGES: tuple[Why, ...] = (
    Why("付款", "Paid"),
    Why("待拣", "To pick"),
    Why("拣货", "Picking"),
    Why("在途", "On its way"),
    Why("签收", "Delivered"),
)
# The first station of those who pay by the month, and the last ones of orders that ended otherwise.
PLACED = Why("下单", "Ordered")

TOLD: dict[str, tuple[str, Why]] = {
    "placed": ("ring", Why("已下单", "Ordered")),
    "money": ("disc", Why("已付款", "Paid")),
    "paid": ("disc", Why("正在调货", "Getting stock in")),
    "to_pick": ("disc", Why("货留好了", "Goods set aside")),
    "picking": ("diamond", Why("开始拣货", "Picking began")),
    "packed": ("diamond", Why("已打包", "Packed")),
    "shipped": ("open", Why("{carrier} 取走了", "Collected by {carrier}")),
    "delivered": ("box", Why("已签收", "Delivered")),
    "cancelled": ("ended", Why("已取消", "Cancelled")),
    "returned": ("ended", Why("货都退回来了", "All goods came back")),
    "amended": ("ring", Why("改过单，按新的来", "Order changed")),
}

# Who signed, read out of the proof by its known words; any other text of the proof stays inside the house.
SIGNERS: tuple[tuple[str, Why], ...] = (
    ("本人", Why("本人签收", "Signed by you")),
    ("前台", Why("前台代收", "Taken at the front desk")),
    ("门卫", Why("门卫代收", "Taken by the guard")),
    ("保安", Why("门卫代收", "Taken by the guard")),
    ("同事", Why("同事代收", "Taken by a colleague")),
    ("家人", Why("家人代收", "Taken by family")),
    ("仓库", Why("仓库代收", "Taken at the warehouse")),
    ("快递柜", Why("放进快递柜", "In a parcel locker")),
    ("驿站", Why("放在驿站", "At a pickup point")),
    ("自提", Why("您自提", "Picked up by you")),
)

LABELS: dict[str, Why] = {
    "title": Why("货到哪", "Where are my goods"),
    "tail": Why("订单尾号", "Order ending"),
    "way": Why("走到哪了", "How far it has come"),
    "expected": Why("预计 {span}送到", "Expected {span}"),
    "promised": Why("答应您 {span}送到", "Promised for {span}"),
    "promised_before": Why("原来答应 {span}", "We had promised {span}"),
    "moved": Why("现在预计 {span}送到：{cause}", "Now expected {span}: {cause}"),
    "span": Why("{first}到 {last}", "{first} to {last}"),
    "holder": Why("现在在谁手上", "Who has it now"),
    "call": Why("打电话给 {name}", "Call {name}"),
    "owner": Why("您的销售", "Your salesperson"),
    "picker": Why("拣货", "Picking"),
    "parcel": Why("快递", "Carrier"),
    "waybill": Why("运单号", "Waybill"),
    "press": Why("按住运单号就能复制", "Press the number to copy it"),
    "history": Why("一路上", "So far"),
    "goods": Why("您的货", "Your goods"),
    "parts": Why("分 {n} 次发货", "It comes in {n} parts"),
    "part": Why("第 {n} 部分", "Part {n}"),
    "sum": Why("{kinds} 种 · {all} 件", "{kinds} kinds · {all} pieces"),
    "missing": Why("缺 {n} 件，销售会联系您", "{n} short, sales will contact you"),
    "back": Why("退回 {n} 件", "{n} came back"),
    "to": Why("送到", "To"),
    "order": Why("订单", "Order"),
    "changed": Why("改过 {n} 次，这是最新的", "Changed {n} times, this is the newest"),
    "once": Why("改过一次，这是最新的", "Changed once, this is the newest"),
    "updated": Why("{at} 的样子，刷新看最新", "As of {at}, reload for the latest"),
    "until": Why("链接到 {at} 有效", "Link opens until {at}"),
    "other": Why("English", "中文"),
    "route": Why("从 {start} 到 {end}，{now}", "From {start} to {end}, {now}"),
    "via": Why("经 {n} 站", "via {n}"),
    "you": Why("您", "You"),
    "house": Why("{house}", "Warehouse {code}"),
    "moving": Why("在路上", "On its way"),
    "not_left": Why("还没出发", "not left yet"),
    "is_moving": Why("{at} 出发", "left {at}"),
    "is_there": Why("{at} 送到", "delivered {at}"),
    "hotline": Why("客服热线", "Hotline"),
    "all_right": Why("货都对吗？", "Everything right?"),
    "tell_us": Why("破损、少件、装不上，当天说最快", "Damaged, missing, wrong fit: same day is fastest"),
    "og": Why("打开看货走到哪了", "See how far your goods have come"),
    "gone": Why("这个链接打不开了", "This link no longer opens"),
    "ask": Why("问问您的销售。", "Ask your salesperson."),
}

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
WEEKDAYS: tuple[Why, ...] = (
    Why("周一", "Mon"),
    Why("周二", "Tue"),
    Why("周三", "Wed"),
    Why("周四", "Thu"),
    Why("周五", "Fri"),
    Why("周六", "Sat"),
    Why("周日", "Sun"),
)


_ONE = re.compile(r"\b1 (kind|piece|time)s\b")


def singular(text: str) -> str:
    """`1 pieces` is `1 piece`; Chinese has no such trouble."""
    return _ONE.sub(r"1 \1", text)


def labels(lang: str) -> dict[str, str]:
    return {name: why.text(lang) for name, why in LABELS.items()}
