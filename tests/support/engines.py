"""Which engine a company of the tests lies on.

By default SQLite; what stands in `BOTH` runs on PostgreSQL too, and `TEST_ENGINE=postgres` puts everything there.
A folder names a company, as it does on SQLite: whoever opens it again gets the same database, a copy of a template that
was built once. Databases that nobody has open are dropped when there are many.
"""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from api.db.database import FILE, Database
from api.db.siblings import Siblings
from tests.support.company import START, build
from tests.support.hand import OnServer, on_file
from tests.support.postgres import OWNER, server

SQLITE, POSTGRES = "sqlite", "postgres"
DEFAULT = os.environ.get("TEST_ENGINE", SQLITE)
# The contract over HTTP, room by room: 185 tests, half a minute of a core.
BOTH = frozenset(
    {
        "test_concurrency",
        "test_counts",
        "test_gateway",
        "test_gateway_chaos",
        "test_gateway_late",
        "test_ledger",
        "test_lookups",
        "test_nul_words",
        "test_orders_versions",
        "test_picking",
        "test_picking_conflicts",
        "test_picking_pull",
        "test_secret",
        "test_stock_api",
    }
)
MOST = 30
_known: dict[Path, str] = {}
_now = [DEFAULT]


def asked(module: str) -> list[str]:
    return [SQLITE, POSTGRES] if module.rpartition(".")[2] in BOTH and DEFAULT == SQLITE else [DEFAULT]


def use(engine: str) -> None:
    """From here on, for every company that is made."""
    _now[0] = engine


def now() -> str:
    return _now[0]


def is_postgres() -> bool:
    return now() == POSTGRES


def url(folder: Path, stock: int | None = None) -> str:
    """The address of this folder's company: empty on SQLite. `stock`: the small company, with so many pieces of each."""
    return of(folder, stock) if is_postgres() else ""


def of(folder: Path, stock: int | None = None) -> str:
    """The same, whatever the tests run on."""
    name = _known.get(folder)
    if name is None:
        if len(_known) >= MOST:
            _sweep()
        name = _known[folder] = server().database(_template(stock))
    return server().url(name)


def opened(folder: Path, siblings: Siblings | None = None) -> Database:
    return Database(folder, siblings, url(folder))


def copy(folder: Path, to: Path) -> Path:
    """The folder and its company once more. Nobody has it open."""
    shutil.copytree(folder, to)
    if is_postgres():
        _known[to] = server().database(_known[folder])
    return to


@contextmanager
def by_hand(folder: Path) -> Iterator[Any]:
    """A connection of somebody who may do everything and guards nothing, in SQLite's words; what he did stays."""
    if is_postgres():
        url(folder)
        connection: Any = OnServer(server().url(_known[folder], "postgres"))
    else:
        connection = on_file(folder / FILE)
    try:
        yield connection
    finally:
        connection.close()


def tables(hand: Any) -> list[str]:
    """All of a company's."""
    rows = hand.execute(
        "SELECT tablename FROM pg_tables WHERE schemaname = current_schema()"
        if is_postgres()
        else "SELECT name FROM sqlite_master WHERE type = 'table'"
    )
    return [name for (name,) in rows.fetchall()]


def _sweep() -> None:
    rows = server().admin.execute("SELECT DISTINCT datname FROM pg_stat_activity").fetchall()
    used = {row[0] for row in rows}
    for folder, name in list(_known.items())[: MOST // 2]:
        if name not in used:
            server().drop(name)
            del _known[folder]


@cache
def _template(stock: int | None) -> str:
    """A copy takes 10 ms; making the tables and the company, some hundred."""
    name = server().database()
    with tempfile.TemporaryDirectory() as folder:
        db = Database(Path(folder), url=server().url(name), owner=server().url(name, OWNER))
        if stock is not None:
            db.writer.now(lambda tx: build(tx, START, stock))
        db.stop()
    return name
