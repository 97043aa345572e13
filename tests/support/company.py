"""A company small enough to count by hand: three warehouses, a few SKUs and bins, one user a role."""

from functools import cache
from pathlib import Path
from typing import Any, Literal

import msgspec

from api.channels import store as channels
from api.channels.demo import KEYWORDS, MINIPROGRAM, POS
from api.channels.keywords import Keyword
from api.channels.model import ChannelIn
from api.db.tx import Tx
from api.inventory import service as inventory
from api.kernel.actor import SYSTEM
from api.people import customers, service
from api.people.model import CustomerIn, UserIn
from api.settings import Settings
from api.setup import loading
from api.stock.model import BinIn, MoveIn, SkuIn, WarehouseIn

SECRET = b"a secret of the tests, long enough"
START = 1_769_047_500_000  # 2026-01-22T10:05:00+08:00
ROLES: tuple[Literal["owner", "supervisor", "sales", "finance", "picker"], ...] = (
    "owner",
    "supervisor",
    "sales",
    "finance",
    "picker",
)
WAREHOUSES = (
    ("SH", "上海仓", "310115", 121.54, 31.22),
    ("SZ", "苏州仓", "320500", 120.58, 31.30),
    ("HZ", "杭州仓", "330100", 120.15, 30.28),
)
SKUS = (
    ("BP-1023", "前刹车片", 12800),
    ("BD-2001", "前刹车盘", 33800),
    ("OF-3001", "机油滤清器", 2500),
    ("WP-4001", "雨刮片", 3900),
)
POS_SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


class MovedClock:
    """The time is what the test says."""

    def __init__(self, now: int = START) -> None:
        self.now = now

    def __call__(self) -> int:
        return self.now

    def forward(self, ms: int) -> None:
        self.now += ms


@cache
def password_hash() -> str:
    return service.hash_password("demo")


def settings(folder: Path, stock: int | None = None, **change: Any) -> Settings:
    """`stock`: on PostgreSQL the small company stands there already, with so many pieces of each."""
    from tests.support import engines  # builds this very company

    given: dict[str, Any] = {
        "data": folder,
        "database_url": engines.url(folder, stock),
        "secret": SECRET,
        "public_url": "https://hub.example.cn",
        "timezone": "Asia/Shanghai",
        "trusted_proxies": (),
        "checkpoints": folder / "checkpoints",
        "robots": (),
        "sla_ms": 7_200_000,
        "body_limit": 1_048_576,
        "link_ms": 180 * 86_400_000,
        "inbox_ms": 180 * 86_400_000,
        "ask_ms": 600_000,
        "shell_offline": True,
    }
    return Settings(**{**given, **change})


def build(tx: Tx, now: int = START, stock: int = 100) -> None:
    """The house with its two channels."""
    furnish(tx, now, stock)
    open_channels(tx, now)


def furnish(tx: Tx, now: int, stock: int = 100) -> None:
    """People, customers, goods and bins: `stock` pieces of each SKU in each warehouse, half of them in a bin."""
    loading.begin(tx, now)
    for code, name, adcode, lng, lat in WAREHOUSES:
        inventory.save_warehouse(tx, code, WarehouseIn(name, adcode, lng, lat), SYSTEM, now)
    for role in ROLES:
        service.save_user(tx, role, UserIn(role.title(), role), password_hash(), SYSTEM, now)
    for code, name, price in SKUS:
        inventory.save_sku(tx, code, SkuIn(name, price_fen=price, weight_g=500), SYSTEM, now)
    for house, area in (("SH", "A"), ("SZ", "F"), ("HZ", "M")):
        for n, (code, _, _) in enumerate(SKUS, 1):
            bin_code = f"{area}-01-{n:02d}"
            inventory.save_bin(tx, bin_code, BinIn(house, code), SYSTEM, now)
            if stock:
                inventory.move(tx, MoveIn("receive", house, code, stock - stock // 2, ""), SYSTEM, now)
            if stock // 2:
                inventory.move(tx, MoveIn("receive", house, code, stock // 2, bin_code), SYSTEM, now)
    customers.save(
        tx, "C0042", CustomerIn("浦东宝诚4S店", "13800000000", "vip", salesperson="sales"), SYSTEM, now
    )
    customers.save(
        tx,
        "C0043",
        CustomerIn("苏州恒达修理厂", "13900000001", terms="monthly", credit_fen=10_000_000),
        SYSTEM,
        now,
    )


def open_channels(tx: Tx, now: int) -> None:
    """A till that is on, and a mini program that has no secrets yet."""
    key, words = channels.sealing_key(SECRET), msgspec.convert(KEYWORDS, list[Keyword])
    pos = ChannelIn(
        "POS", "standard_webhooks", POS, words, {"secret": POS_SECRET}, enabled=True, owner="sales"
    )
    channels.save(tx, "pos", pos, key, SYSTEM, now)
    channels.save(
        tx,
        "miniprogram",
        ChannelIn("小程序", "wechat_push", MINIPROGRAM, words, owner="sales"),
        key,
        SYSTEM,
        now,
    )


def draft(**change: Any) -> dict[str, Any]:
    """The contract's example as a body of POST /api/orders, paid."""
    given: dict[str, Any] = {
        "customer": {"name": "浦东宝诚4S店", "phone": "13800000000"},
        "address": "上海市浦东新区张江路1号",
        "lines": [{"sku": "BP-1023", "qty": 4, "price_fen": 12800}],
        "paid_at": "2026-01-22T10:05:00+08:00",
    }
    return {k: v for k, v in {**given, **change}.items() if v is not None}
