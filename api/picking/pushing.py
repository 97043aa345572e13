"""Taking ops in: each is stored before it is judged, judged once, and answered word for word ever after.

What cannot be taken (malformed, an unknown order or line, an id that already means something else) is parked as
raw bytes and shown, never dropped. One bad op neither fails nor delays its neighbours.
"""

from typing import Any, NamedTuple

import msgspec

from api.db.queries import load
from api.db.storage import is_storage_fault
from api.db.tx import Row, Tx
from api.kernel import time as times
from api.kernel.actor import Actor
from api.kernel.errors import Invalid, Why, WrongField
from api.kernel.log import log
from api.orders import picks, store
from api.orders.saving import fall_back, save
from api.stock import service as stock
from sync.facts import Projection
from sync.ops import Op, fingerprint, read_op, split_id
from sync.reasons import REASONS, Malformed
from sync.verdicts import verdicts
from sync.versions import Reach, missing, take
from sync.wire import Push, Result, belongs, read_push

Q = load(__package__)
_out = msgspec.json.Encoder().encode
_result_in = msgspec.json.Decoder(dict[str, Any]).decode


# What only a server can say; the room that devices share has the others.
PARKED: dict[str, tuple[str, str]] = {
    **REASONS,
    "foreign_id": (
        "这条操作是别的设备的，不算在这次推送里",
        "This op is another device's and does not count in this push",
    ),
    "fault": (
        "程序出错，操作已记下，修好后算数",
        "A fault on our side; the op is in the record and counts once that is mended",
    ),
}


class Arrived(NamedTuple):
    """An op of this push as it came: where its answer goes, what it says, under which name and mark the answer
    is kept. What a device sends under another's id is kept under its own, or it would answer for the other."""

    at: int
    op: Op | Malformed
    key: str
    mark: bytes
    raw: bytes


class Judged(NamedTuple):
    """One that is new to the record."""

    op: Op
    came: Arrived


def push(tx: Tx, raw: bytes, carrier: Actor, now: int) -> dict[str, Any]:
    """The contract's answer but for the clock: results in order, `have`, `holes`."""
    read = read_push(raw)
    if isinstance(read, Malformed):
        raise Invalid([WrongField(f"$.{read.path}" if read.path else "$", Why(read.zh, read.en))])
    arrived = [_arrived(at, op_raw, read.device) for at, op_raw in enumerate(read.ops)]
    results: list[dict[str, Any] | None] = [None] * len(arrived)
    fresh: dict[tuple[str, bytes], int] = {}
    new: list[Judged] = []
    for one in arrived:
        key = one.key, one.mark
        if key in fresh:
            results[one.at] = {"twin": fresh[key]}
            continue
        known = tx.one(Q.known, id=one.key, body=one.mark)
        results[one.at] = None if known is None else _first_answer(known, one.op)
        if results[one.at] is None:
            fresh[key] = one.at
            results[one.at] = _take_in(tx, read, one, known is not None, carrier, now, new)
    _judge(tx, new, results, carrier, now)
    _recount(tx, [judged.op for judged in new], now)
    answers = [_again(results, result) for result in results]
    return {"results": answers, **_reach(tx, read.device, arrived)}


def _arrived(at: int, raw: bytes, device: str) -> Arrived:
    op = read_op(raw)
    key = op.id if belongs(op.id, device) else f"{device}/{op.id}"
    return Arrived(at, op, key, bytes.fromhex(fingerprint(op if isinstance(op, Op) else raw)), raw)


def _first_answer(known: Row, op: Op | Malformed) -> dict[str, Any] | None:
    """What this op was told when it came first; None where its id stands for another one."""
    if known["result"]:
        return {**_result_in(known["result"]), "again": True}
    return {**_applied(op.id), "again": True} if picks.op_of(known) == op else None


def _applied(op_id: str) -> dict[str, Any]:
    """The one answer that is not stored: it follows from the op's being in the record."""
    return {"id": op_id, "verdict": "applied", "again": False}


def _again(results: list[dict[str, Any] | None], result: dict[str, Any] | None) -> dict[str, Any]:
    """An op that came twice in one push: its twin's answer."""
    found = result or {}
    if "twin" in found:
        return {**(results[found["twin"]] or {}), "again": True}
    return found


def _take_in(
    tx: Tx, read: Push, one: Arrived, is_taken: bool, carrier: Actor, now: int, new: list[Judged]
) -> dict[str, Any] | None:
    """Into the record, or parked; None where the fold has yet to judge it."""
    op = one.op
    if not isinstance(op, Op):
        return _park(tx, one, op.code, carrier, now)
    if not belongs(op.id, read.device):
        return _park(tx, one, "foreign_id", carrier, now)
    if is_taken:
        return _park(tx, one, "same_id_other_body", carrier, now)
    is_known = tx.one(Q.is_order, order_no=op.order_no) is not None
    tx.run(
        Q.add_op,
        id=op.id, order_no=op.order_no, line_no=op.line_no, actor=op.actor, carrier=carrier.name, at=now,
        known=int(is_known), said=picks.said(op),
    )  # fmt: skip
    if not is_known:
        return _park(tx, one, "unknown_order", carrier, now)
    new.append(Judged(op, one))
    return None


def _park(tx: Tx, one: Arrived, code: str, carrier: Actor, now: int) -> dict[str, Any]:
    zh, en = PARKED[code]
    tx.run(Q.park, carrier=carrier.name, op_id=one.op.id, raw=one.raw, code=code, zh=zh, en=en, at=now)
    return _store(tx, one, Result(one.op.id, "refused", False, why=zh, code=code))


def _store(tx: Tx, one: Arrived, result: Result) -> dict[str, Any]:
    text = _out(result).decode()
    tx.run(Q.store_result, id=one.key, body=one.mark, result=text)
    return _result_in(text)


def _judge(tx: Tx, new: list[Judged], results: list[dict[str, Any] | None], carrier: Actor, now: int) -> None:
    """Fold each order once with all that came for it, then tell each op what it met."""
    by_order: dict[str, list[Judged]] = {}
    for judged in new:
        by_order.setdefault(judged.op.order_no, []).append(judged)
    folded = _folded(tx, by_order, carrier, now)
    for order_no, arriving in by_order.items():
        after = folded.get(order_no)
        if after is None:
            for _, came in arriving:
                results[came.at] = _park(tx, came, "fault", carrier, now)
            continue
        for (_, came), met in zip(arriving, verdicts(after, [op for op, _ in arriving]), strict=True):
            if met.verdict == "refused":
                results[came.at] = _park(tx, came, met.code, carrier, now)
                continue
            if met.verdict == "applied":
                results[came.at] = _applied(met.id)
                continue
            result = Result(met.id, met.verdict, False, why=CONFLICTS[met.kind].zh, conflict=met.conflict)
            results[came.at] = _store(tx, came, result)


def _folded(tx: Tx, by_order: dict[str, list[Judged]], carrier: Actor, now: int) -> dict[str, Projection]:
    """All orders together; where one cannot be folded for a fault of ours it alone is missing, because its
    neighbours must not wait for the mending. (A savepoint for each order would cost more than its fold.)"""
    try:
        with tx.part():
            return {no: _fold(tx, no, arriving, carrier, now) for no, arriving in by_order.items()}
    except Exception as error:
        if is_storage_fault(error):
            raise
    done = {}
    for order_no, arriving in by_order.items():
        try:
            with tx.part():
                done[order_no] = _fold(tx, order_no, arriving, carrier, now)
        except Exception as error:
            if is_storage_fault(error):
                raise
            log.error("push.fault", order_no=order_no, error=repr(error), exc_info=error)
    return done


def _fold(tx: Tx, order_no: str, arriving: list[Judged], carrier: Actor, now: int) -> Projection:
    """The record with these ops in it, seen with the order's facts as the ops met them; the order follows."""
    order = store.get(tx, order_no)
    found = picks.projected(tx, order)
    if found is None:
        raise LookupError(f"{order_no}: the ops that came are not in the record")
    refolded, lost = picks.refolded(tx, order, now, found)
    body = {
        "ops": sorted(judged.op.id for judged in arriving),
        "lines": [[line.line_no, line.picked, line.short] for line in refolded.lines],
    }
    save(tx, order, refolded, carrier, now, "order.picked", body)
    fall_back(tx, lost, Why(f"{order_no} 多拿了", f"{order_no} took more"), now)
    return found[0]


def moment(op: Op) -> int:
    """By its device's clock; one that says nothing readable is taken for an early one."""
    try:
        return times.read(op.at)
    except Invalid:
        return 0


def _recount(tx: Tx, ops: list[Op], now: int) -> None:
    """A pick that comes late into a bin that somebody else has counted since: the bin is to be counted again."""
    for op in ops:
        row = tx.one(Q.counted_after, bin=op.bin, at=moment(op)) if op.kind == "pick" and op.bin else None
        if row is not None and row["device"] != op.id[:8]:
            stock.todo(tx, "count", row["warehouse"], row["sku"], op.bin, 0, "", f"late/{row['id']}", now)


def reach(tx: Tx, device: str) -> Reach:
    """How far a device's numbers have come."""
    row = tx.one(Q.reach, device=device)
    return Reach() if row is None else Reach(row["have"], msgspec.json.decode(row["beyond"], type=_ISLANDS))


def _reach(tx: Tx, device: str, arrived: list[Arrived]) -> dict[str, Any]:
    """Every number that came counts, refused and parked ones too."""
    before = reach(tx, device)
    parts = [split_id(one.op.id) for one in arrived]
    after = take(before, [part[1] for part in parts if part is not None and part[0] == device])
    if after != before:
        tx.run(
            Q.save_reach,
            device=device,
            have=after.have,
            beyond=msgspec.json.encode(after.islands).decode(),
        )
    holes = list(missing(after))
    return {"have": {device: after.have}, "holes": {device: holes} if holes else {}}


_ISLANDS = tuple[tuple[int, int], ...]

# What a conflict means to the person who holds the piece.
CONFLICTS: dict[str, Why] = {
    "held": Why("这单挂起了，货已在你手上。", "On hold now, and you have the goods."),
    "cancelled": Why("客户取消了，货放回去还是留着？", "Cancelled: put it back or keep it?"),
    "amended": Why("改单了，按新版本再看一眼。", "Changed: check against the new version."),
    "already_shipped": Why(
        "这单发走了，先放一边，叫主管。", "Already shipped; set it aside and call your lead."
    ),
    "over_picked": Why("多拿了。放回，还是留着？", "Too many: put back or keep?"),
    "wrong_bin": Why("这个库位不放这个货。", "This bin does not hold this part."),
    "wrong_warehouse": Why("这个库位在别的仓库。", "This bin is in another warehouse."),
}
