"""How far a sheet has come: one row an import, told in the commit that brings its rows, read while it runs and after.

`of` is the channel's code, or `kind:` and what was imported. The sheet itself is kept nowhere; of a refused row its number
and the reason stay, never its values.
"""

import re
from typing import Any, NamedTuple

import msgspec

from api.db.queries import load
from api.db.tx import Row, Tx
from api.kernel.actor import Actor
from api.kernel.errors import Why, wrong_field
from api.web.edge import shown_time
from api.web.hub import Hub

Q = load(__package__)
LISTED = 20
# An import that was not heard of for so long was cut off, with its server or before it was done.
SILENT_MS = 120_000
ID = re.compile(r"^[0-9A-Za-z_-]{1,40}$")
_text = msgspec.json.Encoder().encode


class Refusal(NamedTuple):
    """`row` as people count it, from 1; `path` the field, empty for the row as a whole."""

    row: int
    path: str
    why: Why


def begin(tx: Tx, number: str, of: str, name: str, total: int, actor: Actor, now: int) -> None:
    known = tx.one(Q.import_, id=number)
    if known is not None and known["channel"] != of:
        raise wrong_field("$.id", "这个编号已用在别的导入上。", "Another import has this id.")
    tx.run(Q.drop_refused, import_id=number, channel=of)
    tx.run(Q.begin_import, id=number, channel=of, name=name[:200], who=actor.name, at=now, total=total)


def count(tx: Tx, number: str, done: int, status: str, told: dict[str, int], now: int) -> None:
    tx.run(Q.count_import, id=number, at=now, done=done, status=status, report=_text(told).decode())


def refuse(tx: Tx, number: str, refused: list[Refusal]) -> None:
    for one in refused:
        words = {"path": one.path, "zh": one.why.zh, "en": one.why.en}
        tx.run(Q.refuse_row, import_id=number, number=one.row, **words)


def refused(tx: Tx, number: str, after: int, most: int) -> list[Refusal]:
    """By row."""
    rows = tx.all(Q.refused_rows, import_id=number, after=after, count=most)
    return [Refusal(row["number"], row["path"], Why(row["zh"], row["en"])) for row in rows]


def one(tx: Tx, number: str) -> Row | None:
    return tx.one(Q.import_, id=number)


def last(tx: Tx, of: str) -> list[Row]:
    """Newest first."""
    return tx.all(Q.imports, channel=of, count=LISTED)


def shown(row: Row, hub: Hub) -> dict[str, Any]:
    counts = msgspec.json.decode(row["report"]) if row["report"] else {}
    is_cut = row["status"] == "running" and hub.clock() - row["at"] > SILENT_MS
    of, _, kind = row["channel"].rpartition(":")
    return {
        "id": row["id"], "channel": "" if of else kind, "kind": kind if of else "orders", "name": row["name"],
        "by": row["who"], "at": shown_time(row["at"], hub), "total": row["total"], "done": row["done"],
        "status": "cut" if is_cut else row["status"], **counts,
    }  # fmt: skip
