"""The newest checkpoint goes to each robot's chat: a place out of the reach of whoever holds this machine.

Only the newest: it pins all that came before. At most one message a robot and minute, the same one never by two
processes (a chat is claimed first), tried again later where it was not taken. A commit never waits for any of it.
"""

from api.db.database import Database
from api.db.tx import Row, Tx
from api.journal import checkpoint as point
from api.journal.service import Q
from api.kernel.log import log
from api.kernel.time import MINUTE, SECOND, Clock
from api.robots.model import Message, Robot, Undelivered
from api.robots.sending import TIMEOUT_S, send

TOPIC = "journal.checkpoint"
TITLE = "货到哪 检查点 Huodaona checkpoint"
BETWEEN = MINUTE
# Longer than a delivery can take: who claimed a chat and died is followed after this.
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
        if not self._db.writer.now(lambda tx: _claimed(tx, robot.name, size, now)):
            return False
        try:
            send(robot, message(text), now, timeout)
        except Undelivered as error:
            log.warning("checkpoint.undelivered", robot=robot.name, size=size, error=str(error))
            self._db.writer.now(lambda tx: _failed(tx, robot.name, self._clock()))
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


def _claimed(tx: Tx, robot: str, size: int, now: int) -> bool:
    tx.run(Q.new_anchor, robot=robot)
    found = tx.run(Q.claim_anchor, robot=robot, size=size, now=now, beyond=now + LONGEST, until=now + CLAIM)
    return found > 0


def _failed(tx: Tx, robot: str, now: int) -> None:
    tries = tx.must(Q.anchor, robot=robot)["tries"] + 1
    tx.run(Q.anchor_failed, robot=robot, tries=tries, next_at=now + pause(tries))
