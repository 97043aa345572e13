"""Counts from devices: each is stored as it came, judged once against the record as it stood when it was made, answered word
for word ever after.

A count says what lay in a bin at a moment. What the record has moved in that bin since is not undone: the difference of then
is applied now. Picks of the same device come before (`after`: its last op by then), whenever they were received. Where the
record of then cannot be known (a pick of somebody else overlaps, another count is newer, it is days old) nothing is applied:
it is shown, and the bin is to be counted again.
"""

import re
from typing import Annotated, Any, NamedTuple

import msgspec
from msgspec import Meta

from api.db.storage import is_storage_fault
from api.db.tx import Row, Tx
from api.kernel import time as times
from api.kernel.actor import Actor
from api.kernel.canonical import canonical
from api.kernel.errors import Invalid, Refused, Why
from api.kernel.log import log
from api.kernel.time import DAY
from api.orders import picks
from api.orders.saving import fall_back, retry
from api.picking.pushing import Q, moment, reach
from api.stock import moving
from api.stock import service as stock
from api.stock.model import MoveIn
from sync.ops import Op, split_id

STALE = 3 * DAY
MOST = 200
_ID = re.compile(r"[0-9A-Z]{8}:c[1-9][0-9]{0,14}")
COUNTS: dict[str, Why] = {
    "malformed": Why("看不懂这条盘点，原文已存", "This count cannot be read; it is kept as it came"),
    "same_id_other_body": Why("同一个编号，内容不一样", "The same id with another body"),
    "unknown_bin": Why("本仓没有这个库位", "This warehouse has no such bin"),
    "ops_missing": Why("这台设备先前的拣货没有传上来", "Earlier picks of this device have not come"),
    "stale": Why("盘点超过三天才传上来", "The count came more than three days late"),
    "counted_since": Why("之后这个库位又盘过", "The bin has been counted since"),
    "overlaps": Why("盘点前别人拿的，盘点后才传上来", "A pick of somebody else from before came after it"),
    "other_sku": Why("库位现在放的是别的货", "The bin holds another SKU now"),
    "below_zero": Why("和之后的出入对不上", "It contradicts what moved since"),
    "fault": Why("程序出错，盘点已记下", "A fault on our side; the count is in the record"),
}


class CountIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`at` by the device's clock; `after`: the number of the device's last op before it; `sku` empty: what the bin holds."""

    id: str
    bin: Annotated[str, Meta(min_length=1, max_length=40)]
    qty: Annotated[int, Meta(ge=0, le=1_000_000)]
    at: Annotated[str, Meta(max_length=40)]
    sku: Annotated[str, Meta(max_length=40)] = ""
    actor: Annotated[str, Meta(max_length=64)] = ""
    after: Annotated[int, Meta(ge=0, le=10**15)] = 0


class Counts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`now`: the device's clock as it sends, so that its hours are known."""

    device: Annotated[str, Meta(pattern=r"^[0-9A-Z]{8}$")]
    counts: Annotated[list[Any], Meta(max_length=MOST)]
    now: Annotated[str, Meta(max_length=40)] = ""


class No(Exception):
    """Why a count is not applied: a word of `COUNTS`."""

    def __init__(self, code: str) -> None:
        self.code = code


class Judged(NamedTuple):
    was: int
    lost: set[str]


def take(tx: Tx, given: Counts, carrier: Actor, now: int) -> list[dict[str, Any]]:
    """One result per count, in order. `waiting`: the device's earlier ops come first; send it again."""
    off = now - times.read(given.now, "$.now") if given.now else 0
    return [_one(tx, given.device, raw, off, carrier, now) for raw in given.counts]


def _one(tx: Tx, device: str, raw: Any, off: int, carrier: Actor, now: int) -> dict[str, Any]:
    said = canonical(msgspec.to_builtins(raw))
    try:
        count = msgspec.convert(raw, CountIn)
        at = min(times.read(count.at, "$.at") + off, now)
    except (msgspec.ValidationError, Invalid):
        return _refused(tx, "", "malformed", said, carrier, now)
    if _ID.fullmatch(count.id) is None or not count.id.startswith(device):
        return _refused(tx, count.id[:60], "malformed", said, carrier, now)
    known = tx.one(Q.count_known, id=count.id)
    if known is not None:
        if bytes(known["said"]) != said:
            return _refused(tx, count.id, "same_id_other_body", said, carrier, now)
        return {**_told(known), "again": True}
    place = tx.one(stock.Q.bin, code=count.bin)
    if place is None or place["warehouse"] != carrier.warehouse:
        return _refused(tx, count.id, "unknown_bin", said, carrier, now)
    if count.after > reach(tx, device).have and now - at < DAY:
        return {"id": count.id, "verdict": "waiting", "again": False}
    sku = count.sku or place["sku"]
    tx.run(
        Q.add_count,
        id=count.id, device=device, actor=count.actor or carrier.name, warehouse=place["warehouse"], bin=count.bin, sku=sku,
        qty=count.qty, at=at, device_at=count.at, received_at=now, verdict="conflict", code="fault", said=said,
    )  # fmt: skip
    row = tx.must(Q.count_known, id=count.id)
    verdict, code, was = _decided(tx, row, count.after, place["sku"], now)
    tx.run(Q.judge_count, id=count.id, verdict=verdict, code=code, was=was)
    present = place["sku"] or sku
    if verdict == "conflict" and present:  # a person looks again, at what the bin holds now
        stock.todo(tx, "count", place["warehouse"], present, count.bin, 0, "", f"count/{count.id}", now)
    return {**_told(tx.must(Q.count_known, id=count.id)), "again": False}


def _refused(tx: Tx, name: str, code: str, said: bytes, carrier: Actor, now: int) -> dict[str, Any]:
    why = COUNTS[code]
    tx.run(Q.park, carrier=carrier.name, op_id=name, raw=said, code=code, zh=why.zh, en=why.en, at=now)
    return {"id": name, "verdict": "refused", "code": code, "why": why.zh, "again": False}


def _told(row: Row) -> dict[str, Any]:
    found = {"id": row["id"], "verdict": row["verdict"]}
    if row["verdict"] == "applied":
        return {**found, "was": row["was"], "delta": row["qty"] - row["was"]}
    return {**found, "code": row["code"], "why": COUNTS[row["code"]].zh}


def _decided(tx: Tx, row: Row, after: int, in_bin: str, now: int) -> tuple[str, str, int | None]:
    """Verdict, code, and what the record had then. What fails here is stored all the same, and shown."""
    try:
        with tx.part():
            was = _applied(tx, row, after, in_bin, now)
    except No as no:
        return "conflict", no.code, None
    except Exception as error:
        if is_storage_fault(error):
            raise
        log.error("count.fault", id=row["id"], error=repr(error), exc_info=error)
        return "conflict", "fault", None
    return "applied", "", was


def _applied(tx: Tx, row: Row, after: int, in_bin: str, now: int) -> int:
    place = {"warehouse": row["warehouse"], "sku": row["sku"], "bin": row["bin"]}
    if now - row["at"] > STALE:
        raise No("stale")
    if after > reach(tx, row["device"]).have:
        raise No("ops_missing")
    if not row["sku"] or row["sku"] != in_bin:
        raise No("other_sku")
    since = tx.value(Q.move_at, at=row["at"]) or 0
    moves = tx.all(Q.moves_since, id=since, **place)
    if any(move["kind"] == "count" for move in moves) or tx.one(
        Q.counted_after, bin=row["bin"], at=row["at"]
    ):
        raise No("counted_since")
    lies = tx.value(stock.Q.bin_qty, **place) or 0
    orders = sorted({move["order_no"] for move in moves} - {""})
    was: int = lies - sum(move["qty"] for move in moves) - _taken_before(tx, orders, row, after)
    if lies + row["qty"] - was < 0:
        raise No("below_zero")
    actor = Actor(row["actor"], "picker", warehouse=row["warehouse"])
    given = MoveIn("count", row["warehouse"], row["sku"], row["qty"], row["bin"])
    try:
        lost = moving.applied(tx, given, row["qty"] - was, {"count": row["id"]}, actor, now)
    except Refused:
        raise No("below_zero") from None
    fall_back(tx, lost, Why("盘点少了", "a count found fewer"), now)
    if not lost:
        retry(tx, {row["sku"]}, now)
    return was


def _taken_before(tx: Tx, orders: list[str], row: Row, after: int) -> int:
    """Pieces that this device had taken out of the bin before it counted, and whose picks came after the count's moment."""
    taken = 0
    for order_no in orders:
        came = [picks.op_of(one) for one in tx.all(Q.ops_since, order_no=order_no, at=row["at"])]
        back = {op.target for op in came if op.kind == "void" and _is_mine(op, row["device"], after)}
        for op in came:
            if op.kind != "pick" or op.bin != row["bin"]:
                continue
            if _is_mine(op, row["device"], after):
                taken += 0 if op.id in back else op.qty
            elif not op.id.startswith(row["device"]) and moment(op) <= row["at"]:
                raise No("overlaps")
    return taken


def _is_mine(op: Op, device: str, after: int) -> bool:
    parts = split_id(op.id)
    return parts is not None and parts[0] == device and parts[1] <= after


def asked(tx: Tx, warehouse: str) -> list[dict[str, str]]:
    """Bins that a person wants counted, for a device's list."""
    rows = tx.all(Q.counts_asked, warehouse=warehouse, count=MOST)
    return [{"bin": row["bin"], "sku": row["sku"], "name": row["name"]} for row in rows]
