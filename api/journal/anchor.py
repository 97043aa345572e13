"""The newest checkpoint goes to each robot's chat: a place out of the reach of whoever holds this machine.

Only the newest: it pins all that came before. At most one message a robot and minute, and the same one never twice: that
it goes to a chat is committed before it is sent, and taken back only where it surely was not taken, to be tried again
later. Where that is not known (a lost answer, a killed process) the next checkpoint follows. A commit never waits for
any of it.
"""

from api.db.database import Database
from api.db.tx import Row, Tx
from api.journal import checkpoint as point
from api.journal.service import Q
from api.kernel.log import log
from api.kernel.time import MINUTE, SECOND, Clock
from api.robots.model import Message, Robot, Undelivered, Unheard
from api.robots.sending import TIMEOUT_S, send

TOPIC = "journal.checkpoint"
TITLE = "货到哪 检查点 Huodaona checkpoint"
BETWEEN = MINUTE
# Longer than a delivery should take: the chat's next message goes after this at the earliest.
CLAIM = 2 * MINUTE
LONGEST = 30 * MINUTE


def pause(tries: int) -> int:
    """How long after so many failures in a row, in ms: 15 s, doubled up to half an hour."""
    return min(15 * SECOND << min(tries - 1, 20), LONGEST)


def message(text: str) -> Message:
    """The checkpoint's own text, word for word: copied out of the chat into a file it is a checkpoint again."""
    one = point.read(text)
    return Message(f"checkpoint-{one.epoch}-{one.size}", TOPIC, f"{TITLE}\n\n{text}")


class Anchor:
    def __init__(self, db: Database, robots: tuple[Robot, ...], clock: Clock) -> None:
        self._db, self.robots, self._clock = db, robots, clock

    def post(self, timeout: float = TIMEOUT_S) -> int:
        """What is due now; returns how many chats took it. Raises `Refused` where the database cannot be written."""
        return sum(self._post(robot, timeout) for robot in self.robots)

    def _post(self, robot: Robot, timeout: float) -> bool:
        now = self._clock()
        newest = self._db.reader.now(lambda tx: _due(tx, robot.name, now))
        if newest is None:
            return False
        size, text = newest["size"], newest["text"]
        before = self._db.writer.now(lambda tx: _claimed(tx, robot.name, size, now))
        if before is None:
            return False
        try:
            send(robot, message(text), now, timeout)
        except Undelivered as error:
            is_unknown = isinstance(error, Unheard)
            log.warning(
                "checkpoint.undelivered", robot=robot.name, size=size, error=str(error), unknown=is_unknown
            )
            stands = size if is_unknown else before
            self._db.writer.now(lambda tx: _failed(tx, robot.name, size, stands, self._clock()))
            return False
        after = self._clock() + BETWEEN
        self._db.writer.now(lambda tx: tx.run(Q.anchored, robot=robot.name, size=size, next_at=after))
        return True


def _due(tx: Tx, robot: str, now: int) -> Row | None:
    """The newest checkpoint, where this chat lacks it and may be tried."""
    newest, stands = tx.one(Q.last_checkpoint), tx.one(Q.anchor, robot=robot)
    if newest is None or stands is None:
        return newest
    is_free = tx.one(Q.anchor_free, robot=robot, now=now, beyond=now + LONGEST)
    return newest if newest["size"] > stands["size"] and is_free else None


def _claimed(tx: Tx, robot: str, size: int, now: int) -> int | None:
    """How far the chat had come; None: it has this one, or it is not its time, or another process was faster."""
    tx.run(Q.new_anchor, robot=robot)
    before: int = tx.must(Q.anchor, robot=robot)["size"]
    found = tx.run(Q.claim_anchor, robot=robot, size=size, now=now, beyond=now + LONGEST, until=now + CLAIM)
    return before if found > 0 else None


def _failed(tx: Tx, robot: str, size: int, stands: int, now: int) -> None:
    tries = tx.must(Q.anchor, robot=robot)["tries"] + 1
    tx.run(Q.anchor_failed, robot=robot, size=size, stands=stands, tries=tries, next_at=now + pause(tries))
