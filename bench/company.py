"""The company that benches fill: three warehouses, plenty of stock, one supervisor with a token; made through the
features' own services, and checked afterwards through them too.
"""

from pathlib import Path
from typing import NamedTuple

from api.channels import store as channels
from api.channels.demo import POS
from api.channels.model import ChannelIn
from api.db.database import Database
from api.db.tx import Tx
from api.inventory import service as inventory
from api.journal import checkpoint, guard
from api.kernel.actor import SYSTEM
from api.kernel.time import DAY, wall_clock
from api.people import service as people
from api.people.model import UserIn
from api.settings import Settings
from api.settings import load as load_settings
from api.setup import loading
from api.stock import moving
from api.stock import service as stock
from api.stock.model import MoveIn, SkuIn, WarehouseIn
from bench.platforms import HOOK_SECRET

PLENTY = 100_000_000
HOUSES = (
    ("SH", "上海仓", "310115", 121.54, 31.22),
    ("GZ", "广州仓", "440100", 113.26, 23.13),
    ("BJ", "北京仓", "110000", 116.40, 39.90),
)


class Check(NamedTuple):
    """What the data folder says after a run; `fault` and `drift` are empty where all is well."""

    orders: int
    entries: int
    checkpoints: int
    fault: str
    drift: list[str]

    @property
    def is_whole(self) -> bool:
        return not self.fault and not self.drift


def settings(folder: Path, port: int = 0) -> Settings:
    """Of a fresh company: nothing of the environment counts."""
    return load_settings({}, folder, port)


def build(folder: Path, skus: int, url: str = "", owner: str = "") -> str:
    """Fill an empty folder (or the schema at `url`, whose tables `owner` makes); returns the supervisor's bearer token."""
    found = settings(folder)
    db, now = Database(folder, url=url, owner=owner), wall_clock()

    def work(tx: Tx) -> str:
        loading.begin(tx, now)
        for code, name, adcode, lng, lat in HOUSES:
            inventory.save_warehouse(tx, code, WarehouseIn(name, adcode, lng, lat), SYSTEM, now)
        people.save_user(tx, "lead", UserIn("组长", "supervisor"), "", SYSTEM, now)
        for n in range(1, skus + 1):
            code = f"BP-{n:05d}"
            inventory.save_sku(tx, code, SkuIn(f"前刹车片 {n}", price_fen=12_800), SYSTEM, now)
            for house in HOUSES:
                moving.move(tx, MoveIn("receive", house[0], code, PLENTY, ""), SYSTEM, now)
        till = ChannelIn(
            label="收银",
            scheme="standard_webhooks",
            mapping=POS,
            enabled=True,
            secrets={"secret": HOOK_SECRET},
        )
        channels.save(tx, "pos", till, channels.sealing_key(found.secret), SYSTEM, now)
        return people.open_session(tx, "lead", "token", now, DAY)[0]

    try:
        return db.writer.now(work)
    finally:
        db.stop()


def check(folder: Path, url: str = "") -> Check:
    """The journal's chains and checkpoints, and the stock sums, on a stopped server's folder."""
    found, db = settings(folder), Database(folder, url=url)
    key = checkpoint.signing_key(found.secret).public_key().public_bytes_raw()

    def work(tx: Tx) -> Check:
        entries, points, fault = guard.verify(tx, found.checkpoints, key)
        counted = sum(1 for entry in guard.entries(tx) if entry.kind == "order.placed")
        return Check(counted, entries, points, str(fault or ""), stock.drift(tx))

    try:
        return db.reader.now(work)
    finally:
        db.stop()
