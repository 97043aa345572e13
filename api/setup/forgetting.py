"""A person is forgotten in every room: names, phones, addresses, notes, comments, files, options and coordinates of the
orders, the platforms' raw messages (about the orders, and those that came to no order and name the phone), and the
words quoted from them beside tags, holds and exceptions.

What stays: the orders with their goods, money and times, a customer's id and terms, coordinates and options within
hashed snapshots, the journal with every hash valid. Answers kept for an Idempotency-Key lapse within a day;
backups and exported sheets made before are not reached from here.
"""

import re
from collections.abc import Iterator

from msgspec.structs import replace

from api.db.tx import Tx
from api.journal.service import ERASED
from api.kernel.actor import Actor
from api.orders import store
from api.orders.model import Held, Rest
from api.people import customers
from api.setup.loading import Q

PAGE = 200


def forget(tx: Tx, customer: str, actor: Actor, now: int) -> int:
    """Returns how many values were erased. Refuses `unknown_customer`."""
    phones = set(customers.phones(tx, customer))
    count = customers.forget(tx, customer, actor, now)
    for row in tx.all(store.Q.orders_of, customer=customer):
        order = store.get(tx, row["order_no"])
        store.update(tx, order, replace(order, rest=_without_words(order.rest)))
    tx.run(Q.forget_places, customer=customer)
    tx.run(Q.forget_messages, customer=customer, empty=b"")
    for number in [*_messages_naming(tx, phones)]:
        tx.run(Q.forget_message, id=number, empty=b"")
    tx.run(Q.forget_files, customer=customer, empty=b"")
    return count


def _messages_naming(tx: Tx, phones: set[str]) -> Iterator[int]:
    """Messages that came to no order, where one of these phones stands in them however it is written. By the phone
    alone: a name is shared by too many to empty a stranger's message for it."""
    if not phones:
        return
    spelt = (rb"[\s().-]*".join(re.escape(digit.encode()) for digit in phone) for phone in sorted(phones))
    # The country's code may stand before it, another digit may not.
    named = re.compile(rb"(?<!\d)(?:\+?(?:00)?86[\s().-]*)?(?:" + b"|".join(spelt) + rb")(?!\d)")
    after = 0
    while rows := tx.all(Q.untied_messages, after=after, count=PAGE):
        for row in rows:
            if named.search(row["raw"]) or named.search(row["payload"] or b""):
                yield row["id"]
        after = rows[-1]["id"]


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
        options=(),
    )
