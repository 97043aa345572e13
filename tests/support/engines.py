"""Which engine a company of the tests lies on.

By default SQLite; what stands in `BOTH` runs on PostgreSQL too, and `TEST_ENGINE=postgres` puts everything there.
A folder names a company, as it does on SQLite: whoever opens it again gets the same database, a copy of a template that
was built once. Databases that nobody has open are dropped when there are many.
"""

import os
import tempfile
from functools import cache
from pathlib import Path

from api.db.database import Database
from tests.support.company import START, build
from tests.support.postgres import OWNER, server

SQLITE, POSTGRES = "sqlite", "postgres"
DEFAULT = os.environ.get("TEST_ENGINE", SQLITE)
# The contract over HTTP, room by room: 185 tests, half a minute of a core.
BOTH = frozenset(
    {
        "test_concurrency",
        "test_gateway",
        "test_gateway_chaos",
        "test_gateway_late",
        "test_lookups",
        "test_orders_versions",
        "test_picking",
        "test_picking_conflicts",
        "test_picking_pull",
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


def is_postgres() -> bool:
    return _now[0] == POSTGRES


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
