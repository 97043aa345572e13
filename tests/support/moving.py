"""A move that is killed: `python -m tests.support.moving DATA TO OWNER WHEN` moves, and kills itself before its WHEN-th commit,
or when it tells a line that begins so.
"""

import itertools
import os
import signal
import sys
from pathlib import Path

from api.db import carrying
from api.db.database import Database
from api.db.one_file import SQLite
from api.db.postgres.engine import Postgres
from api.setup import moving
from bench import company

SMALL = 40
DIED = -signal.SIGKILL


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def main(data: str, to: str, owner: str, when: str) -> None:
    counted = itertools.count(1)
    for kind in (SQLite, Postgres):

        def commit(self, connection, inner=kind.commit):
            if str(next(counted)) == when:
                die()
            inner(self, connection)

        kind.commit = commit

    def tell(line: str) -> None:
        print(line, flush=True)
        if line.startswith(when):
            die()

    carrying.ROWS = SMALL
    settings = company.settings(Path(data))
    db = Database(settings.data)
    moving.Move(settings, db, moving.home(to, owner), "li", tell).run()
    db.stop()


if __name__ == "__main__":
    main(*sys.argv[1:])
