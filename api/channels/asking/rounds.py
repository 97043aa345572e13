"""A round of questions: which orders are unpaid for too long, whom to ask, and what to do with the answer.

An answer is stored raw in the inbox and applied like a message; it is one with the notification that comes after all. What
was asked for in vain is asked again after twice the time, up to a day; nothing older than `OLDEST` is asked for.
"""

from collections.abc import Callable, Mapping

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from api.channels import service, store
from api.channels.asking import CLIENTS
from api.channels.asking.base import Client, Line, Unanswered
from api.channels.inbox import Gate
from api.channels.model import Channel
from api.channels.store import Q
from api.db.database import Database
from api.db.tx import Tx
from api.kernel.log import log
from api.kernel.time import DAY, Clock
from api.orders.store import Q as O
from api.outbound.guard import PUBLIC_ONLY, Allowed

OLDEST = 3 * DAY
MOST = 20


class Asking:
    """`after_ms`: how long an order may be unpaid until it is asked for. `bases`: other addresses by scheme (a sandbox); `allowed`:
    private places at which they may stand."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        key: AESGCM,
        tz: str,
        after_ms: int,
        bases: Mapping[str, str] | None = None,
        allowed: Allowed = PUBLIC_ONLY,
    ) -> None:
        self._db, self._clock, self._gate, self._after = db, clock, Gate(key, tz), after_ms
        self._bases, self._allowed = bases or {}, allowed
        # By channel and number: when to ask again, and how long was waited for that.
        self._next: dict[tuple[str, str], tuple[int, int]] = {}

    def round(self, is_over: Callable[[], bool] = lambda: False) -> int:
        """How many orders turned out to be paid."""
        now, paid = self._clock(), 0
        for channel, due in self._db.reader.now(lambda tx: self._questions(tx, now)):
            client = CLIENTS[channel.scheme]
            line = Line(self._bases.get(channel.scheme, client.base), now // 1000, self._allowed)
            for external_no in due:
                if is_over():
                    return paid
                paid += self._asked(client, line, channel, external_no, now)
        return paid

    def _questions(self, tx: Tx, now: int) -> list[tuple[Channel, list[str]]]:
        """Channels that may be asked, each with the orders that are due."""
        found = []
        for row in tx.all(Q.channels_all):
            channel = store.channel(tx, row["code"], self._gate.key) if row["scheme"] in CLIENTS else None
            if channel is not None and channel.enabled and CLIENTS[channel.scheme].can(channel.secrets):
                found.append((channel, self._due(tx, channel, now)))
        return found

    def _due(self, tx: Tx, channel: Channel, now: int) -> list[str]:
        rows = tx.all(
            O.unpaid,
            channel=channel.order_channel,
            since=now - OLDEST,
            before=now - self._after,
            count=20 * MOST,
        )
        numbers = [row["external_no"] for row in rows]
        known = {key for key in self._next if key[0] == channel.code and key[1] not in numbers}
        for key in known:  # paid meanwhile, or too old
            del self._next[key]
        return [no for no in numbers if self._next.get((channel.code, no), (0, 0))[0] <= now][:MOST]

    def _asked(self, client: Client, line: Line, channel: Channel, external_no: str, now: int) -> int:
        key = (channel.code, external_no)
        waited = min(DAY, 2 * self._next.get(key, (0, self._after // 2))[1])
        self._next[key] = (now + waited, waited)
        try:
            found = client.ask(line, external_no, channel.secrets)
        except Unanswered as error:
            log.warning("asking.unanswered", channel=channel.code, why=str(error))
            return 0
        if found is None:
            return 0
        outcome = self._db.writer.now(
            lambda tx: service.take_answer(tx, channel.code, found.raw, found.message, self._gate, now)
        )
        return int(outcome.status == "done")
