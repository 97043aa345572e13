"""Taking ops in: each is stored before it is judged, judged once, and answered word for word ever after.

What cannot be taken (malformed, an unknown order or line, an id that already means something else) is parked as
raw bytes and shown, never dropped. One bad op neither fails nor delays its neighbours.
"""

from typing import Any, NamedTuple

import msgspec

from api.db.queries import load
from api.db.tx import Tx
from api.kernel.actor import Actor
from api.kernel.errors import Invalid, Why, WrongField
from api.orders import picks, store
from api.orders.saving import fall_back, save
from sync.facts import Projection
from sync.ops import Op, canonical, fingerprint, read_op, split_id
from sync.project import project
from sync.reasons import REASONS, Malformed
from sync.verdicts import verdicts
from sync.versions import Reach, missing, take
from sync.wire import Push, Result, belongs, read_push

Q = load(__package__)
_out = msgspec.json.Encoder().encode
_result_in = msgspec.json.Decoder(dict[str, Any]).decode


class Judged(NamedTuple):
    """An op of this push that is new to the record, and where its answer goes."""

    at: int
    op: Op
    mark: bytes
    raw: bytes


def push(tx: Tx, raw: bytes, carrier: Actor, now: int) -> dict[str, Any]:
    """The contract's answer but for the clock: results in order, `have`, `holes`."""
    read = read_push(raw)
    if isinstance(read, Malformed):
        raise Invalid([WrongField(f"$.{read.path}" if read.path else "$", Why(read.zh, read.en))])
    results: list[dict[str, Any] | None] = [None] * len(read.ops)
    fresh: dict[tuple[str, bytes], int] = {}
    new: list[Judged] = []
    for at, op_raw in enumerate(read.ops):
        op, mark = read_op(op_raw), bytes.fromhex(fingerprint(op_raw))
        op_id = op.id
        stored = tx.value(Q.result, id=op_id, body=mark)
        if stored is not None:
            results[at] = {**_result_in(stored), "again": True}
        elif (op_id, mark) in fresh:
            results[at] = {"twin": fresh[op_id, mark]}
        else:
            fresh[op_id, mark] = at
            results[at] = (
                _take_in(tx, read, Judged(at, op, mark, op_raw), carrier, now, new)
                if isinstance(op, Op)
                else _park(tx, op_id, mark, op_raw, op.code, carrier, now)
            )
    _judge(tx, new, results, carrier, now)
    answers = [_again(results, result) for result in results]
    return {"results": answers, **_reach(tx, read)}


def _again(results: list[dict[str, Any] | None], result: dict[str, Any] | None) -> dict[str, Any]:
    """An op that came twice in one push: its twin's answer."""
    found = result or {}
    if "twin" in found:
        return {**(results[found["twin"]] or {}), "again": True}
    return found


def _take_in(
    tx: Tx, read: Push, judged: Judged, carrier: Actor, now: int, new: list[Judged]
) -> dict[str, Any] | None:
    """Into the record, or parked; None where the fold has yet to judge it."""
    op = judged.op
    if not belongs(op.id, read.device):
        return _park(tx, op.id, judged.mark, judged.raw, "bad_device", carrier, now)
    if tx.one(Q.op, id=op.id) is not None:
        return _park(tx, op.id, judged.mark, judged.raw, "same_id_other_body", carrier, now)
    is_known = store.find(tx, op.order_no) is not None
    device, n = split_id(op.id) or ("", 0)
    tx.run(
        Q.add_op,
        id=op.id, device=device, n=n, order_no=op.order_no, line_no=op.line_no, actor=op.actor,
        body=canonical(op), carrier=carrier.name, at=now, known=int(is_known),
    )  # fmt: skip
    if not is_known:
        return _park(tx, op.id, judged.mark, judged.raw, "unknown_order", carrier, now)
    new.append(judged)
    return None


def _park(tx: Tx, op_id: str, mark: bytes, raw: bytes, code: str, carrier: Actor, now: int) -> dict[str, Any]:
    zh, en = REASONS[code]
    tx.run(Q.park, carrier=carrier.name, op_id=op_id, raw=raw, code=code, zh=zh, en=en, at=now)
    return _store(tx, Result(op_id, "refused", False, why=zh, code=code), mark)


def _store(tx: Tx, result: Result, mark: bytes) -> dict[str, Any]:
    text = _out(result).decode()
    tx.run(Q.store_result, id=result.id, body=mark, result=text)
    return _result_in(text)


def _judge(tx: Tx, new: list[Judged], results: list[dict[str, Any] | None], carrier: Actor, now: int) -> None:
    """Fold each order once with all that came for it, then tell each op what it met."""
    by_order: dict[str, list[Judged]] = {}
    for judged in new:
        by_order.setdefault(judged.op.order_no, []).append(judged)
    for order_no, arriving in by_order.items():
        after = _fold(tx, order_no, arriving, carrier, now)
        for judged, met in zip(arriving, verdicts(after, [j.op for j in arriving]), strict=True):
            if met.verdict == "refused":
                results[judged.at] = _park(tx, met.id, judged.mark, judged.raw, met.code, carrier, now)
                continue
            why = CONFLICTS[met.kind].zh if met.kind else ""
            result = Result(met.id, met.verdict, False, why=why, conflict=met.conflict)
            results[judged.at] = _store(tx, result, judged.mark)


def _fold(tx: Tx, order_no: str, arriving: list[Judged], carrier: Actor, now: int) -> Projection:
    """The record with these ops in it, seen with the order's facts as the ops met them; the order follows."""
    order = store.get(tx, order_no)
    ops = picks.ops_of(tx, order_no)
    after = project(picks.facts_of(tx, order, ops), ops, picks.settlements_of(tx, order_no))
    refolded, lost = picks.refolded(tx, order, now)
    body = {
        "ops": sorted(judged.op.id for judged in arriving),
        "lines": [[line.line_no, line.picked, line.short] for line in refolded.lines],
    }
    save(tx, order, refolded, carrier, now, "order.picked", body)
    fall_back(tx, lost, Why(f"{order_no} 多拿了", f"{order_no} took more"), now)
    return after


def _reach(tx: Tx, read: Push) -> dict[str, Any]:
    """Every number that came counts, refused and parked ones too."""
    row = tx.one(Q.reach, device=read.device)
    reach = Reach() if row is None else Reach(row["have"], msgspec.json.decode(row["beyond"], type=_ISLANDS))
    numbers = [
        parts[1]
        for raw in read.ops
        for parts in (split_id(read_op(raw).id),)
        if parts is not None and parts[0] == read.device
    ]
    after = take(reach, numbers)
    if after != reach:
        tx.run(
            Q.save_reach,
            device=read.device,
            have=after.have,
            beyond=msgspec.json.encode(after.islands).decode(),
        )
    holes = list(missing(after))
    return {"have": {read.device: after.have}, "holes": {read.device: holes} if holes else {}}


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
