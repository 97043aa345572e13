"""A database that was taken back to an earlier moment begins another life: `epoch` anew, so that devices notice and push
again what they still have; an entry that names the cut; a checkpoint that signs it. Only what was verified before.

The same for a backup's file and for a server's database that pg_restore, its archived log or a standby brought back.
"""

import os
from pathlib import Path

from api.db.database import Database
from api.journal import checkpoint, guard
from api.journal.service import Q as J
from api.journal.signing import Signer
from api.kernel.time import wall_clock
from api.setup import loading

ALL_THE_SAME = "to restore it all the same: --urgent"
NOWHERE = Path(os.devnull)


def begin(
    db: Database, secret: bytes, points: Path, by: str, made_at: int | None = None, *, is_urgent: bool = False
) -> int:
    """Returns the position after which the journal was cut: its last one. `made_at`: when the state was kept; None: with
    its newest entry. ValueError where the journal is not whole and it is not urgent."""
    key = checkpoint.public(checkpoint.signing_key(secret))
    held = _earlier(points, db.reader.now(lambda tx: tx.value(J.last_pos)))
    fault = db.reader.now(lambda tx: guard.reading(tx, NOWHERE, key, held=held)).fault
    if fault is not None and not is_urgent:
        raise ValueError(f"the journal in it is not whole: {fault}; {ALL_THE_SAME}")
    now = wall_clock()
    cut = db.writer.now(lambda tx: loading.restored(tx, now, made_at, by))
    Signer(db, secret, points).sign(now, cut=cut)
    return cut


def _earlier(points: Path, pos: int) -> list[str]:
    """The checkpoints outside but those that were signed after the cut, which say nothing against it. One that speaks of
    what is there and is not in the database was signed a moment before the cut."""
    texts = [one.read_text("utf-8", "replace") for one in sorted(points.glob("*.txt"))]
    return [one for one in texts if _speaks_of(one) <= pos]


def _speaks_of(point: str) -> int:
    try:
        return checkpoint.read(point).pos
    except ValueError:
        return 0  # the check says what is wrong with it
