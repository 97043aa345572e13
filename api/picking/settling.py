"""Settling a conflict: a person's answer becomes a server-numbered fact in the same fold."""

from typing import Any

import msgspec

from api.db.tx import Tx
from api.kernel.actor import Actor
from api.kernel.errors import Refused, Why
from api.orders import picks, store
from api.orders.picks import SettlementBody
from api.orders.saving import fall_back, retry, save
from api.people import rights, service
from api.picking.pulling import conflict as shown
from api.picking.pushing import Q
from sync.facts import PICKER_KINDS

YOURS = Why("只能处理自己拣的；这个要主管来。", "Only your own picks; this one is for your lead.")


def settle(tx: Tx, conflict: str, choice: str, said_by: str, actor: Actor, now: int) -> dict[str, Any]:
    """The conflict as it stands then. Answering the same again changes nothing; another answer is `settled`."""
    row = tx.one(Q.conflict, id=conflict)
    if row is None:
        raise Refused("unknown_conflict", conflict=conflict)
    body = msgspec.json.decode(row["body"])
    _check(tx, row["order_no"], row["kind"], body["ops"], said_by, actor)
    if not row["is_open"]:
        if body["settled"]["choice"] == choice:
            return shown(row)
        raise Refused("settled", choice=body["settled"]["choice"])
    by = said_by or actor.name
    tx.run(
        Q.settle,
        conflict=conflict, order_no=row["order_no"], choice=choice, actor=by, at=now,
        body=msgspec.json.encode(SettlementBody(tuple(body["ops"]))).decode(),
    )  # fmt: skip
    before = store.get(tx, row["order_no"])
    after, lost = picks.refolded(tx, before, now)
    entry = {"conflict": conflict, "choice": choice, "by": by}
    save(tx, before, after, actor, now, "order.settled", entry)
    fall_back(tx, lost, Why(f"{row['order_no']} 留下了多拿的", f"{row['order_no']} kept a surplus"), now)
    retry(tx, {line.sku for line in after.lines}, now)
    return shown(tx.must(Q.conflict, id=conflict))


def _check(tx: Tx, order_no: str, kind: str, ops: list[str], said_by: str, actor: Actor) -> None:
    """A lead settles all; a picker what hangs on own picks, of the kinds that a picker can judge."""
    if rights.may(actor, "settle_all"):
        return
    who = said_by if actor.role == "device" else actor.name
    owners = {row["actor"] for row in tx.all(Q.actors_of, order_no=order_no) if row["id"] in set(ops)}
    if actor.role == "device":
        lead = service.user(tx, who)
        if lead is not None and lead.role in ("supervisor", "owner") and kind in PICKER_KINDS:
            return
    if kind not in PICKER_KINDS or owners != {who}:
        raise Refused("not_yours", YOURS, what="settle")
