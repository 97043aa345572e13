"""Orders made and commanded through the services, for tests that have no HTTP client at hand."""

from typing import Any

import msgspec

from api.db.database import Database
from api.kernel.actor import Actor
from api.orders import commands, placing
from api.orders.model import Comment, Draft
from tests.support.company import START, draft

TZ = "Asia/Shanghai"
LEAD = Actor("supervisor", "supervisor")


def place(db: Database, now: int = START, **change: Any) -> str:
    given = msgspec.convert(draft(**change), Draft)
    return db.writer.now(lambda tx: placing.place(tx, given, LEAD, now, placing.From(TZ))).order_no


def give(db: Database, order_no: str, name: str, body: Any = None, now: int = START) -> None:
    db.writer.now(lambda tx: commands.command(tx, order_no, name, body, LEAD, now))


def remark(db: Database, order_no: str, text: str, now: int = START) -> None:
    give(db, order_no, "comment", Comment(text), now)
