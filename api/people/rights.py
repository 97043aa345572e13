"""The rights table: which role may do what, and what it sees. One visible registry; docs/rights.md is checked
against it. `allow` is the only guard.
"""

from typing import NamedTuple

from api.kernel.actor import Actor
from api.kernel.errors import Refused, Why


class Right(NamedTuple):
    roles: frozenset[str]
    zh: str
    en: str


_ALL = frozenset({"owner", "supervisor", "sales", "finance", "picker"})
_LEAD = frozenset({"owner", "supervisor"})
_SALES = _LEAD | {"sales"}
_MONEY = _LEAD | {"finance"}
_FLOOR = _LEAD | {"picker"}
_HOUSE = frozenset({"channel", "system"})

RIGHTS: dict[str, Right] = {
    "read": Right(_ALL, "看订单", "read orders"),
    "create": Right(_SALES | _HOUSE, "建单", "create orders"),
    "pay": Right(_MONEY | _HOUSE, "记收款", "record payments"),
    "on_account": Right(_MONEY | _SALES, "月结放行", "clear on account"),
    "hold": Right(_MONEY, "挂起", "hold"),
    "lift": Right(_MONEY, "解挂", "lift a hold"),
    "start_picking": Right(_FLOOR, "开始拣货", "start picking"),
    "pack": Right(_FLOOR, "打包", "pack"),
    "check": Right(_FLOOR | {"sales"}, "勾清单", "tick the checklist"),
    "ship": Right(_FLOOR, "发货", "ship"),
    "deliver": Right(_SALES | _HOUSE | {"picker"}, "签收", "deliver"),
    "cancel": Right(_SALES | _HOUSE, "取消", "cancel"),
    "cancel_late": Right(_LEAD | _HOUSE, "拣货后取消", "cancel after picking began"),
    "amend": Right(_SALES, "改单", "amend"),
    "restore": Right(_SALES, "恢复版本", "restore a version"),
    "allocate": Right(_SALES, "拆单、换仓、补发", "split, move, backorder"),
    "return": Right(_SALES, "退货", "take back"),
    "tag": Right(_SALES | _HOUSE, "打标签", "tag"),
    "comment": Right(_ALL, "评论", "comment"),
    "resolve": Right(_MONEY, "处理异常", "resolve exceptions"),
    "attach": Right(_ALL, "传附件", "attach files"),
    "history": Right(_ALL, "看历史", "see the history"),
    "journal": Right(_LEAD | {"sales", "finance"}, "看流水", "see the journal"),
    "link": Right(_SALES, "发查询链接", "share tracking links"),
    "promise": Right(_SALES, "承诺时间", "promise dates"),
    "others_promises": Right(_LEAD, "退回别人的承诺", "give back others' promises"),
    "stock": Right(_ALL, "看库存", "see stock"),
    "move_stock": Right(_LEAD, "动库存", "move stock"),
    "floor": Right(_FLOOR, "做仓内任务", "finish tasks of the floor"),
    "devices": Right(_LEAD, "管设备", "manage devices"),
    "sync": Right(_FLOOR | {"device"}, "同步", "sync"),
    "settle": Right(_FLOOR, "处理冲突", "settle conflicts"),
    "settle_all": Right(_LEAD, "处理别人的冲突", "settle others' conflicts"),
    "channels": Right(_LEAD, "管渠道", "manage channels"),
    "labels": Right(_LEAD, "打标签纸", "print labels"),
    "master": Right(_LEAD, "改主数据", "change master data"),
    "wms": Right(_LEAD, "接仓库的 WMS", "connect warehouses' WMS"),
    "users": Right(frozenset({"owner"}), "管用户", "manage users"),
    "metrics": Right(frozenset({"owner"}), "看指标", "see metrics"),
}

# Who sees what of an order; a picker sees whom the parcel is for, no prices, a masked phone.
SEES_PRICES = frozenset({"owner", "supervisor", "sales", "finance", "channel", "system"})
SEES_PHONES = SEES_PRICES


def may(actor: Actor, right: str) -> bool:
    return actor.role in RIGHTS[right].roles


def allow(actor: Actor, right: str) -> None:
    """Return, or refuse with `not_yours` naming the right."""
    if not may(actor, right):
        what = RIGHTS[right]
        raise _not_yours(what)


def _not_yours(what: Right) -> Refused:

    return Refused(
        "not_yours",
        Why(f"你没有这个权限：{what.zh}。", f"You may not do this: {what.en}."),
        what=what.en,
    )


def masked(phone: str) -> str:
    """`138****0000`; short ones vanish wholly."""
    return f"{phone[:3]}****{phone[-4:]}" if len(phone) >= 10 else "****" if phone else ""
