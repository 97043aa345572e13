"""What people say of days: holidays entered by hand, workdays on a weekend, whether Saturdays are worked at all.

A single day is named YYYY-MM-DD, every Saturday or Sunday by its name. Each change is journalled; what nobody said stays
with the calendar (`api.promise.days`).
"""

from datetime import date

from api.db.tx import Tx
from api.journal import service as journal
from api.kernel.actor import Actor
from api.kernel.errors import Refused
from api.orders.store import Q
from api.promise.days import WEEKLY, Days, Said


def known(tx: Tx) -> Days:
    found: Days | None = tx.slow.get("days")
    if found is None:
        found = tx.slow["days"] = Days(
            {row["day"]: Said(bool(row["works"]), row["name"]) for row in tx.all(Q.days)}
        )
    return found


def is_name(text: str) -> bool:
    """A key of `WEEKLY`, or a day as YYYY-MM-DD and in no other form."""
    try:
        return text in WEEKLY or date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def save(tx: Tx, day: str, said: Said, actor: Actor, now: int) -> None:
    tx.run(Q.save_day, day=day, works=int(said.works), name=said.name, who=actor.name, at=now)
    tx.forget()
    journal.record(
        tx, "system", "day.saved", {"day": day, "works": said.works, "name": said.name}, actor, now
    )


def drop(tx: Tx, day: str, actor: Actor, now: int) -> None:
    """Back to the calendar. Refuses `not_found` for a day of which nobody said anything."""
    if not tx.run(Q.drop_day, day=day):
        raise Refused("not_found", what=day)
    tx.forget()
    journal.record(tx, "system", "day.dropped", {"day": day}, actor, now)
