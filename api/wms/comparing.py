"""Every lock of ours against every lock of theirs: what leaked is freed, what is lost is locked anew, all of it named.

A lock with a call still to come is not judged: it is compared the next time. What was locked a moment ago may stand on
an older page of theirs, so a leak has to be some minutes old; one that nobody here ever asked for (a database that was
restored) is a leak at once.
"""

import msgspec

from api.db.tx import Row, Tx
from api.journal import service as journal
from api.kernel.time import MINUTE
from api.stock import outside
from api.wms import store
from api.wms.model import Difference, Held, Report
from api.wms.service import WMS, Change
from api.wms.store import Q

LEAK_MS = 10 * MINUTE
MOST = 200


def compare(tx: Tx, code: str, theirs: list[Held], moved: list[Change], now: int) -> Report:
    """`moved`: what the mirror has just corrected. The calls that mend go out with the next round."""
    in_motion = {row["lock_id"] for row in tx.all(Q.open_calls, warehouse=code)}
    ours = {row["lock_id"]: row for row in tx.all(Q.locked, warehouse=code) if row["state"] == "done"}
    there: dict[str, Held] = {}
    for one in theirs:
        there[one.lock] = one if one.lock not in there else one._replace(qty=there[one.lock].qty + one.qty)
    found = [Difference("stock", change.sku, change.ours, change.theirs) for change in moved]
    for name in sorted((ours.keys() | there.keys()) - in_motion):
        different = _judged(tx, code, name, ours.get(name), there.get(name), now)
        if different is not None:
            found.append(different)
    report = Report(now, len(there), tuple(found[:MOST]), max(0, len(found) - MOST))
    state = store.state_of(tx.must(Q.house, warehouse=code))
    store.keep(tx, code, msgspec.structs.replace(state, report=report))
    tx.run(Q.ask_reconcile, warehouse=code, at=0)
    body = {"warehouse": code, "locks": len(there), "differences": len(found)}
    journal.record(tx, "system", "wms.compared", body, WMS, now)
    return report


def _judged(tx: Tx, code: str, name: str, row: Row | None, held: Held | None, now: int) -> Difference | None:
    want, has = (row["qty"] if row else 0), (held.qty if held else 0)
    if want == has:
        return None
    sku, order_no = (row["sku"], row["order_no"]) if row else (held.sku if held else "", "")
    if row is None:
        asked_at = tx.value(Q.came_about, lock_id=name)
        if asked_at is not None and now - asked_at < LEAK_MS:
            return None
        outside.release(tx, code, name, sku, has, order_no, now)
        return Difference("leaked", sku, 0, has, name)
    if has > want:
        outside.release(tx, code, name, sku, has - want, order_no, now, is_whole=False)
        return Difference("lock_qty", sku, want, has, name, order_no)
    if has:
        outside.release(tx, code, name, sku, has, order_no, now, is_whole=False)
    for one in tx.all(Q.of_lock, lock_id=name):
        anew = outside.lock_anew(tx, code, sku, one["qty"], one["order_no"], now)
        outside.set_lock(tx, code, one, anew)
    return Difference("lock_qty" if has else "lost", sku, want, has, name, order_no)
