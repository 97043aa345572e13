"""From a request to an actor: bearer token or session cookie, with CSRF on changes.

Sessions are looked up once and remembered for a moment (a revocation in any of the server's processes takes effect
at once, one made from the command line within `FRESH`).
"""

from collections.abc import Callable
from typing import NamedTuple

from api.db.tx import Tx
from api.kernel import ids
from api.kernel.actor import Actor
from api.kernel.errors import Refused
from api.kernel.time import SECOND
from api.people import service
from api.people.service import Q
from api.web.head import Head
from api.web.hub import Hub

FRESH = 2 * SECOND
TELL = 15 * SECOND
COOKIE = "session"


class Session(NamedTuple):
    actor: Actor
    csrf: str
    kind: str
    expires_at: int
    read_at: int


class Sessions:
    """What this process remembers of sessions, and when it last heard each device.

    `people` counts the changes of people in all processes: what was looked up before the last one is not certain.
    """

    def __init__(self, people: Callable[[], int]) -> None:
        self.people = people
        self._known: dict[bytes, tuple[int, Session]] = {}
        self.seen: dict[str, int] = {}  # when a device's last request came, ms
        self._told: dict[str, int] = {}  # and which of them the database knows

    def remembered(self, mark: bytes, now: int) -> Session | None:
        when, found = self._known.get(mark, (0, None))
        if found is None or not 0 <= now - found.read_at < FRESH or found.expires_at <= now:
            return None
        return found if when == self.people() else None

    def remember(self, mark: bytes, session: Session, when: int) -> None:
        """`when`: what `people` counted before the session was looked up."""
        if len(self._known) > 10_000:
            self._known.clear()
        self._known[mark] = (when, session)

    def heard(self, device: str, now: int) -> bool:
        """A request of a device came; is it time to tell the other processes?"""
        self.seen[device] = now
        is_due = abs(now - self._told.get(device, 0)) >= TELL
        if is_due:
            self._told[device] = now
        return is_due


async def actor_of(head: Head, hub: Hub, sessions: Sessions) -> Actor:
    """Who asks; refuses `signed_out`, or `csrf` on changes by cookie without the header."""
    mark, now = mark_of(head), hub.clock()
    session = sessions.remembered(mark, now)
    if session is None:
        when = sessions.people()
        session = await hub.db.reader.run(lambda tx: look_up(tx, mark, now))
        sessions.remember(mark, session, when)
    by_cookie = not head.headers.get("authorization", "")
    if by_cookie and head.method not in ("GET", "HEAD", "OPTIONS"):
        given = head.headers.get("x-csrf-token", "")
        if not session.csrf or given != session.csrf or head.cookie("csrf") != session.csrf:
            raise Refused("csrf")
    who = session.actor
    if who.role == "device" and sessions.heard(who.name, now):
        hub.db.writer.later(lambda tx: tx.run(Q.device_heard, device=who.name, at=now))
    return Actor(who.name, who.role, who.display, head.ip, head.agent, who.warehouse)


def mark_of(head: Head) -> bytes:
    """What a session is known by, of a bearer token or else the cookie; refuses `signed_out` without either."""
    header = head.headers.get("authorization", "")
    token = _bearer(header) if header else head.cookie(COOKIE)
    if not token:
        raise Refused("signed_out")
    return ids.hashed(token)


def is_open(tx: Tx, mark: bytes, now: int) -> bool:
    """Does this session still stand? For who stays connected longer than a request."""
    return tx.one(Q.session, hash=mark, now=now) is not None


def _bearer(header: str) -> str:
    kind, _, token = header.partition(" ")
    return token.strip() if kind.lower() == "bearer" else ""


def look_up(tx: Tx, mark: bytes, now: int) -> Session:
    row = tx.one(Q.session, hash=mark, now=now)
    if row is None:
        raise Refused("signed_out")
    actor = _device(tx, row["name"]) if row["kind"] == "device" else _user(tx, row["name"])
    return Session(actor, row["csrf"], row["kind"], row["expires_at"], now)


def _user(tx: Tx, name: str) -> Actor:
    found = service.user(tx, name)
    if found is None:
        raise Refused("signed_out")
    return Actor(found.name, found.role, found.display, warehouse=found.warehouse)


def _device(tx: Tx, device: str) -> Actor:
    row = tx.one(Q.device, device=device)
    if row is None:
        raise Refused("signed_out")
    return Actor(device, "device", row["label"], warehouse=row["warehouse"])
