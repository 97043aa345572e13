"""Links made, revoked, opened. The token is derived, not stored by chance: the same order gives the same link
until its generation is raised; every version of an order keeps it.
"""

from typing import NamedTuple

from api.db.queries import load
from api.db.tx import Tx
from api.journal import service as journal
from api.kernel.actor import Actor
from api.kernel.ids import tracking_token
from api.orders import store
from api.orders.model import Order

Q = load(__package__)


class Link(NamedTuple):
    token: str
    expires_at: int


def link(tx: Tx, order_no: str, secret: bytes, life: int, actor: Actor, now: int) -> Link:
    """The order's link; asking again keeps it alive for longer, never changes it."""
    root = store.get(tx, order_no).root_no
    row = tx.one(Q.link, root_no=root)
    generation = 0 if row is None else row["generation"]
    token, expires_at = tracking_token(secret, root, generation), now + life
    tx.run(Q.save_link, root_no=root, token=token, generation=generation, revoked=0, expires_at=expires_at)
    if row is None or row["revoked"]:
        journal.record(tx, f"order:{order_no}", "link.made", {"generation": generation}, actor, now)
    return Link(token, expires_at)


def revoke(tx: Tx, order_no: str, secret: bytes, actor: Actor, now: int) -> None:
    """The old link opens nothing any more; the next one is another."""
    root = store.get(tx, order_no).root_no
    row = tx.one(Q.link, root_no=root)
    generation = (0 if row is None else row["generation"]) + 1
    token = tracking_token(secret, root, generation)
    tx.run(Q.save_link, root_no=root, token=token, generation=generation, revoked=1, expires_at=now)
    journal.record(tx, f"order:{order_no}", "link.revoked", {"generation": generation}, actor, now)


def opened(tx: Tx, token: str, now: int) -> list[Order]:
    """The newest version of each part that the order became; none for unknown, revoked and lapsed alike."""
    root = tx.value(Q.opened, token=token, now=now)
    first = None if root is None else store.find(tx, root)
    return [] if first is None else [store.get(tx, row["order_no"]) for row in store.family_rows(tx, first)]
