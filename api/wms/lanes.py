"""One lane a warehouse: its calls in order, its stock looked at, both ledgers compared each night. Beside the requests.

The network is never within a unit of work: a call is marked as sent, sent, then noted, so that a machine which dies in
between sends it again under the same key. While a lane asks for the stock it sends nothing, so what it hears and what it
has told fit together. Several warehouses go side by side, as far as there are threads.
"""

import random
import socket
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import msgspec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from api.db.database import Database
from api.db.tx import Tx
from api.kernel import time as times
from api.kernel.log import log
from api.kernel.time import DAY, HOUR, Clock
from api.outbound.guard import Allowed
from api.wms import breaker, comparing, service, store
from api.wms.breaker import Breaker
from api.wms.client import Client
from api.wms.model import House, Lying, No, Odd, Outcome, State, Unwell
from api.wms.protocol import Unreadable
from api.wms.service import Change
from api.wms.store import Q

T = TypeVar("T")
replace = msgspec.structs.replace
THREADS = 4
A_ROUND = 50
WHOLE_EVERY = HOUR
NIGHT_H = 3
A_PART, MOST_NAMED = 100, 20


class Lanes:
    """`name`: this machine's, the same after a restart; `roll`: chance, from 0 to 1."""

    def __init__(
        self, db: Database, clock: Clock, key: AESGCM, allowed: Allowed, tz: str, name: str = "",
        roll: Callable[[], float] = random.random,
    ) -> None:  # fmt: skip
        self._db, self._clock, self._key, self._allowed = db, clock, key, allowed
        self._tz, self._name, self._roll = tz, name or f"{socket.gethostname()}:{db.folder}", roll
        self._pool: ThreadPoolExecutor | None = None

    def is_wanted(self) -> bool:
        return self._db.reader.now(lambda tx: tx.one(Q.any_on)) is not None

    def round(self, is_over: Callable[[], bool] = lambda: False) -> int:
        """How many calls went out."""
        found = self._db.reader.now(lambda tx: store.houses(tx, self._key))
        due = [house for house in found if house.enabled]
        if len(due) < 2:
            return sum(self._lane(house, is_over) for house in due)
        self._pool = self._pool or ThreadPoolExecutor(THREADS, thread_name_prefix="wms")
        return sum(self._pool.map(lambda house: self._lane(house, is_over), due))

    def stop(self) -> None:
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)

    def _lane(self, house: House, is_over: Callable[[], bool]) -> int:
        """A lane that fails stops no other."""
        try:
            return self._run(house, is_over)
        except Exception as error:  # the loops outlive whatever one round meets
            log.error("wms.failed", warehouse=house.code, error=type(error).__name__)
            return 0

    def _run(self, house: House, is_over: Callable[[], bool]) -> int:
        now = self._clock()
        looks, compares = self._is_look_due(house, now), self._is_night_due(house, now)
        ready = self._db.reader.now(lambda tx: tx.one(Q.first_ready, warehouse=house.code, now=now))
        if not (looks or compares or ready) or not breaker.may_call(house.state.breaker, now):
            return 0
        if not self._db.writer.now(lambda tx: service.take_lane(tx, house.code, self._name, now)):
            return 0
        client, count = Client(house, self._allowed), 0
        while count < A_ROUND and not is_over() and self._may_go_on(house):
            sent = self._next(house)
            if sent is None:
                break
            count += 1
            self._note(house, sent, client.tell(sent.number, sent.call, sent.once))
        if (looks or compares) and not is_over() and self._may_go_on(house):
            self._look(house, client, compares)
        return count

    def _is_look_due(self, house: House, now: int) -> bool:
        return now >= house.state.look_at

    def _is_night_due(self, house: House, now: int) -> bool:
        last = house.state.report.at if house.state.report else 0
        return bool(house.reconcile_at) or last < last_night(now, self._tz)

    def _may_go_on(self, house: House) -> bool:
        """Asked anew each time: another call may have opened the breaker, a person may have switched it off."""
        row = self._db.reader.now(lambda tx: tx.one(Q.house, warehouse=house.code))
        return (
            row is not None
            and bool(row["enabled"])
            and breaker.may_call(store.state_of(row).breaker, self._clock())
        )

    def _next(self, house: House) -> service.Sent | None:
        def work(tx: Tx) -> service.Sent | None:
            now = self._clock()
            service.take_lane(tx, house.code, self._name, now)
            return service.next_call(tx, house.code, now)

        return self._db.writer.now(work)

    def _note(self, house: House, sent: service.Sent, outcome: Outcome) -> None:
        if isinstance(outcome, No | Odd | Unwell):
            log.warning(
                "wms.call", warehouse=house.code, kind=sent.call.kind, call=sent.number, why=outcome.why
            )

        def work(tx: Tx) -> None:
            now = self._clock()
            self._weigh(tx, house.code, outcome.why if isinstance(outcome, Unwell) else "", now)
            service.noted(tx, sent, outcome, now, self._roll())

        self._db.writer.now(work)

    def _weigh(self, tx: Tx, code: str, fault: str, now: int) -> None:
        """What this answer does to the breaker."""
        state = store.state_of(tx.must(Q.house, warehouse=code))
        stands = breaker.asked(state.breaker, now)
        after: Breaker = (
            breaker.failed(stands, fault, now, self._roll()) if fault else breaker.went_well(stands, now)
        )
        if after != state.breaker:
            store.keep(tx, code, replace(state, breaker=after))

    def _look(self, house: House, client: Client, compares: bool) -> None:
        """Their stock, whole once an hour and for a comparison; else, where they give marks, what changed since."""
        now, state = self._clock(), house.state
        is_whole = compares or not state.mark or now - state.whole_at >= WHOLE_EVERY
        try:
            found = client.stock("" if is_whole else state.mark)
            locks = client.locks() if compares else []
            if is_whole and not found.items and self._has_stock(house.code):
                raise Unreadable("its stock is empty, ours is not")
        except Unreadable as error:
            self._failed(house, str(error))
            return

        moved, unknown = self._mirror(house.code, found.items, is_whole)

        def work(tx: Tx) -> None:
            at = self._clock()
            self._weigh(tx, house.code, "", at)
            if compares:
                comparing.compare(tx, house.code, locks, moved, at)
                tx.run(Q.sweep, before=at - service.KEPT_MS)
            kept = store.state_of(tx.must(Q.house, warehouse=house.code))
            if is_whole:
                kept = replace(kept, whole_at=at, unknown=tuple(unknown[:MOST_NAMED]))
            doubted = {sku: doubt for sku, doubt in kept.doubted.items() if doubt[1] > at}
            following = at + house.wms.mirror_s * 1000
            kept = replace(
                kept, look_at=following, looks_failed=0, mirrored_at=at, mark=found.mark, doubted=doubted
            )
            store.keep(tx, house.code, kept)

        self._db.writer.now(work)

    def _mirror(self, code: str, items: list[Lying], is_whole: bool) -> tuple[list[Change], list[str]]:
        """What differs is found by a reader; the writer takes it a part at a time, so that no order waits for a whole stock."""

        def differing(tx: Tx) -> tuple[list[Lying], list[str]]:
            said = service.with_gone(tx, code, items) if is_whole else items
            found, unknown = service.changes(tx, code, said, self._clock())
            skus = {change.sku for change in found}
            return [item for item in said if item.sku in skus], unknown

        left, unknown = self._db.reader.now(differing)
        moved: list[Change] = []
        while left:
            part, left = left[:A_PART], left[A_PART:]
            moved += self._taken(code, part)
        return moved, unknown

    def _taken(self, code: str, part: list[Lying]) -> list[Change]:
        return self._db.writer.now(lambda tx: service.mirror(tx, code, part, self._clock()))

    def _failed(self, house: House, why: str) -> None:
        log.warning("wms.look", warehouse=house.code, why=why)

        def work(tx: Tx) -> None:
            now = self._clock()
            self._weigh(tx, house.code, why, now)
            state: State = store.state_of(tx.must(Q.house, warehouse=house.code))
            failed = state.looks_failed + 1
            at = now + breaker.wait_ms(failed, self._roll())
            store.keep(tx, house.code, replace(state, look_at=at, looks_failed=failed))

        self._db.writer.now(work)

    def _has_stock(self, code: str) -> bool:
        rows = self._db.reader.now(lambda tx: tx.all(Q.lying, warehouse=code))
        return any(row["on_hand"] for row in rows)


def last_night(now: int, tz: str) -> int:
    """The last three in the morning of that zone."""
    local = times.local(now, tz)
    at = local.replace(hour=NIGHT_H, minute=0, second=0, microsecond=0)
    found = round(at.timestamp() * 1000)
    return found if found <= now else found - DAY
