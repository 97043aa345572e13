"""A company of real orders moves from SQLite to PostgreSQL and back, and is the same in the end.

    python bench/move.py DIR

`bench/replay_olist.py` makes the company of DIR, a PostgreSQL of the tests' own takes it in. Both moves verify what arrived; then the
first file and the last are held against each other, row by row: nothing may differ but what the moves themselves write
down. Ends with 1 where anything does. How long each move takes is told by the move.
"""

import sqlite3
import sys
import tempfile
from pathlib import Path
from typing import Any

from msgspec.structs import replace

if __package__ in (None, ""):  # started as a file
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from api.db.database import FILE, Database
from api.settings import Settings
from api.setup import moving
from bench import company, replay_olist, server
from tests.support import postgres

# What moves write down at the new home: by table, the words of which a row has one.
OWN: dict[str, frozenset[Any]] = {
    "meta": frozenset({"epoch", "moved", "arrived"}),
    "numbers": frozenset({"changes"}),
    "chains": frozenset({"system"}),
    "journal": frozenset({"company.moved"}),
}


def moved(settings: Settings, to: str, owner: str = "") -> None:
    db = Database(settings.data, url=settings.database_url)
    try:
        moving.Move(settings, db, moving.home(to, owner), "bench", lambda line: print(f"  {line}")).run()
    finally:
        db.stop()


def there_and_back(settings: Settings, url: str, owner: str, back: Path) -> list[str]:
    """To PostgreSQL and into the folder `back`; returns what is wrong."""
    moved(settings, url, owner)
    moved(replace(settings, database_url=url), str(back))
    return unlike(settings.data / FILE, back / FILE)


def unlike(first: Path, last: Path) -> list[str]:
    """Rows of either that the other lacks, but for the moves' own."""
    one, two = sqlite3.connect(first), sqlite3.connect(last)
    wrong = []
    for [name] in one.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
        before, after = ({*side.execute(f"SELECT * FROM {name}")} for side in (one, two))
        wrong += [f"{name}: {row}" for row in before ^ after if OWN.get(name, frozenset()).isdisjoint(row)]
    one.close()
    two.close()
    return wrong


def run(source: Path, place: Path, url: str, owner: str) -> list[str]:
    """The whole bench on an empty folder and an empty database; returns what is wrong."""
    first = place / "first"
    wrong = replay_olist.run(source, first)
    return wrong + there_and_back(company.settings(first), url, owner, place / "last")


def main() -> None:
    if len(sys.argv) != 2:
        raise SystemExit("usage: python bench/move.py DIR")
    print(server.machine())
    there = postgres.server()
    name = there.database()
    with tempfile.TemporaryDirectory() as place:
        wrong = run(Path(sys.argv[1]), Path(place), there.url(name), there.url(name, postgres.OWNER))
    print(f"{len(wrong)} wrong" if wrong else "all as it was")
    server.ended(wrong[:20])


if __name__ == "__main__":
    main()
