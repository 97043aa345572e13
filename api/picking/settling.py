"""Settling a conflict: a person's answer becomes a server-numbered fact in the same fold.

An answer covers what the person saw (`seen`, as a device sends it) or, without that, what stands open now; so one
that was queued offline never decides about picks that came later, and sent again it changes nothing.
"""

from collections.abc import Collection
from typing import Any

import msgspec

from api.db.tx import Tx
from api.kernel.actor import Actor
from api.kernel.errors import Refused, Why
from api.orders import picks, store
from api.orders.model import Order
from api.orders.picks import SettlementBody
from api.orders.saving import fall_back, retry, save
from api.people import rights, service
from api.picking.pulling import conflict as shown
from api.picking.pushing import Q
from sync.answers import answer
from sync.facts import PICKER_KINDS, Conflict, Projection, Settlement, split_conflict_id
from sync.ops import split_id
from sync.project import project
from sync.reasons import Malformed

YOURS = Why("只能处理自己拣的；这个要主管来。", "Only your own picks; this one is for your lead.")
LEADS = ("supervisor", "owner")


def settle(
    tx: Tx,
    conflict: str,
    choice: str,
    actor: Actor,
    now: int,
    *,
    said_by: str = "",
    seen: Collection[str] | None = None,
) -> dict[str, Any]:
    """The conflict as it stands then. The same answer again changes nothing; another one is `settled`."""
    place = split_conflict_id(conflict)
    order = store.find(tx, place[0]) if place is not None else None
    if order is None or place is None:
        raise Refused("unknown_conflict", conflict=conflict)
    projection, known = _projected(tx, order)
    standing = next((one for one in projection.conflicts if one.id == conflict), None)
    by = said_by or actor.name
    asked = seen or (standing.ops if standing is not None else ())
    if asked:
        check(tx, place[2], asked, order, said_by, actor)
    if seen and any(_says(one, conflict, choice, by, seen) for one in known):
        return _shown(tx, order, conflict, standing)
    made = answer(projection, conflict, choice, settlement="", seq=0, by=by, at="", seen=seen or None)
    if isinstance(made, Malformed):
        if made.code != "already_settled" or standing is None or standing.settled is None:
            raise Refused("unknown_conflict", conflict=conflict)
        if standing.settled.choice != choice:
            raise Refused("settled", choice=standing.settled.choice)
        return _shown(tx, order, conflict, standing)
    body = msgspec.json.encode(SettlementBody(made.ops)).decode()
    tx.run(Q.settle, conflict=conflict, order_no=order.order_no, choice=choice, actor=by, at=now, body=body)
    after, lost = picks.refolded(tx, order, now)
    save(tx, order, after, actor, now, "order.settled", {"by": by, "choice": choice, "conflict": conflict})
    fall_back(tx, lost, Why(f"{order.order_no} 留下了多拿的", f"{order.order_no} kept a surplus"), now)
    retry(tx, {line.sku for line in after.lines}, now)
    return _shown(tx, order, conflict, None)


def _projected(tx: Tx, order: Order) -> tuple[Projection, list[Settlement]]:
    ops, known = picks.ops_of(tx, order.order_no), picks.settlements_of(tx, order.order_no)
    return project(picks.facts_of(tx, order, ops), ops, known), known


def _says(known: Settlement, conflict: str, choice: str, by: str, seen: Collection[str]) -> bool:
    return (known.conflict, known.choice, known.by) == (conflict, choice, by) and set(seen) <= set(known.ops)


def _shown(tx: Tx, order: Order, conflict: str, standing: Conflict | None) -> dict[str, Any]:
    row = tx.one(Q.conflict, id=conflict)
    if row is not None:
        return shown(row)
    if standing is None:  # an answer for picks that have not come yet: nothing stands until they do
        place = split_conflict_id(conflict)
        _, line_no, kind = place or ("", None, "")
        standing = Conflict(conflict, kind, line_no, (), (), None)
    return {"order_no": order.order_no, **msgspec.to_builtins(standing)}


def check(tx: Tx, kind: str, ops: Collection[str], order: Order, said_by: str, actor: Actor) -> None:
    """A lead settles all; a picker what hangs on own picks, of the kinds that a picker can judge.

    On a device the person is whom the device names, as with ops; both stand in the journal.
    """
    if rights.may(actor, "settle_all"):
        return
    who = said_by if actor.role == "device" else actor.name
    if actor.role == "device":
        person = service.user(tx, who) if who else None
        if person is not None and person.role in LEADS:
            return
    owners = {row["id"]: row["actor"] for row in tx.all(Q.actors_of, order_no=order.order_no)}
    is_own = all(owners[op] == who if op in owners else _is_coming(op, actor) for op in ops)
    if not who or kind not in PICKER_KINDS or not is_own:
        raise Refused("not_yours", YOURS, what="settle")


def _is_coming(op_id: str, actor: Actor) -> bool:
    """A device may answer for a pick in its own queue before that has arrived."""
    parts = split_id(op_id)
    return parts is not None and actor.role == "device" and parts[0] == actor.name
