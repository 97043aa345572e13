"""A person is forgotten in every room: names, phones, addresses, notes, comments, files, the platforms' raw messages,
and the words quoted from them beside tags, holds and exceptions.

What stays: the orders with their goods, money and times, a customer's id and terms, coordinates and options within
hashed snapshots, the journal with every hash valid. Answers kept for an Idempotency-Key lapse within a day;
backups and exported sheets made before are not reached from here.
"""

from msgspec.structs import replace

from api.db.tx import Tx
from api.journal.service import ERASED
from api.kernel.actor import Actor
from api.orders import store
from api.orders.model import Held, Rest
from api.people import customers
from api.setup.loading import Q


def forget(tx: Tx, customer: str, actor: Actor, now: int) -> int:
    """Returns how many values were erased. Refuses `unknown_customer`."""
    count = customers.forget(tx, customer, actor, now)
    for row in tx.all(store.Q.orders_of, customer=customer):
        order = store.get(tx, row["order_no"])
        store.update(tx, order, replace(order, rest=_without_words(order.rest)))
    tx.run(Q.forget_messages, customer=customer, empty=b"")
    tx.run(Q.forget_files, customer=customer, empty=b"")
    return count


def _without_words(rest: Rest) -> Rest:
    """Codes and tags stay, since people work by them; what somebody wrote goes."""
    return replace(
        rest,
        held=rest.held and Held(ERASED, rest.held.by, rest.held.at),
        exceptions=tuple(
            replace(one, zh=ERASED, en=ERASED, data={}) if one.code == "differs" else one
            for one in rest.exceptions
        ),
        tags=tuple(replace(tag, why=ERASED) if tag.why else tag for tag in rest.tags),
        evidence=ERASED if rest.evidence else "",
    )
