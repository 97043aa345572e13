"""The schema on PostgreSQL, forward only: what lacks is one transaction of the owner's, nodes that start together take
turns at it. A company's application role may add to the journal and never change it. What a server must be set to is
asked at every start and refused in a person's words rather than found out by a list in another order.
"""

from importlib.resources import files
from typing import Any

import psycopg
from psycopg import sql

from api.db.migrate import statements
from api.db.postgres.place import ORDERLY, Place, connect

APPEND_ONLY = ("journal", "checkpoints")
# One number for everybody who migrates (of any company): they are few.
MIGRATING = 7_230_514
FORMER = (
    "SELECT value FROM meta WHERE name = 'schema'",
    "INSERT INTO meta (name, value) VALUES ('schema', %s) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
)
LOCALE = """SELECT pg_encoding_to_char(d.encoding), to_jsonb(d)->>'datlocprovider', d.datcollate,
  COALESCE(to_jsonb(d)->>'datlocale', ''), current_setting('fsync'), current_setting('full_page_writes'),
  current_setting('server_version_num')::int
FROM pg_database d WHERE d.datname = current_database()"""
Raw = psycopg.Connection[tuple[object, ...]]


def steps() -> list[tuple[int, str, str]]:
    """(number, name, SQL) of every migration, in order; the first one makes everything."""
    found = []
    for file in files("api.db.migrations.postgres").iterdir():
        if file.name.endswith(".sql"):
            number, _, name = file.name.removesuffix(".sql").partition("_")
            found.append((int(number), name, file.read_text("utf-8")))
    return sorted(found)


def version(raw: Any) -> int:
    """0: nothing is there yet."""
    there = raw.execute("SELECT to_regclass('meta')").fetchone()
    if there is None or there[0] is None:
        return 0
    row = raw.execute(FORMER[0]).fetchone()
    return 0 if row is None else int(str(row[0]))


def problems(raw: Raw) -> list[str]:
    """Why this server must not hold a company."""
    row = raw.execute(LOCALE).fetchone()
    assert row is not None
    encoding, provider, collate, locale, fsync, pages, number = row
    found = []
    if encoding != "UTF8":
        found.append(f"its database has the encoding {encoding}: make one with ENCODING 'UTF8'")
    order = str(locale if provider == "b" else collate)
    if provider == "i" or order.lower() not in ORDERLY:
        named = f"the collation {order}" if provider != "i" else "an ICU collation"
        found.append(f"its database has {named}: make one with TEMPLATE template0 LOCALE 'C'")
    if fsync != "on" or pages != "on":
        found.append("fsync and full_page_writes must be on: what is acknowledged must outlive a power cut")
    if not isinstance(number, int) or number < 140_000:
        found.append("PostgreSQL 14 or newer is needed")
    return found


def migrate(owner: Place, user: str = "") -> list[str]:
    """Bring the schema up to date; returns the names of what was applied. `user`: the application's role, which is let
    in. RuntimeError tells a person why not."""
    try:
        raw = connect(owner)
    except psycopg.OperationalError as error:
        raise RuntimeError(f"{owner!r}: {str(error).strip()}") from None
    try:
        wrong = problems(raw)
        if wrong:
            raise RuntimeError(f"{owner!r}: {'; '.join(wrong)}")
        known = steps()
        if version(raw) == known[-1][0]:
            return []
        raw.execute("BEGIN")
        raw.execute("SELECT pg_advisory_xact_lock(%s)", (MIGRATING,))
        at = version(raw)  # read again: another node may have been faster
        if at > known[-1][0]:
            raise RuntimeError(
                f"the data is of schema {at}, this program knows {known[-1][0]}: upgrade the program"
            )
        lacking = [step for step in known if step[0] > at]
        _apply(raw, owner.schema, lacking)
        if user:
            _let_in(raw, owner.schema, user)
        raw.execute("COMMIT")
        return [name for _, name, _ in lacking]
    except psycopg.Error as error:
        raise RuntimeError(f"{owner!r}: {str(error).strip()}") from None
    finally:
        raw.close()  # what is not committed is undone


def _apply(raw: Raw, schema: str, lacking: list[tuple[int, str, str]]) -> None:
    if raw.execute("SELECT 1 FROM pg_namespace WHERE nspname = %s", (schema,)).fetchone() is None:
        raw.execute(sql.SQL("CREATE SCHEMA {}").format(sql.Identifier(schema)))
    for number, _, text in lacking:
        for statement in statements(text):
            raw.execute(statement.encode())
        raw.execute(FORMER[1], (str(number),))


def _let_in(raw: Raw, schema: str, user: str) -> None:
    """The application's role works with every row, and only adds to what is append-only."""
    names = {"schema": sql.Identifier(schema), "user": sql.Identifier(user)}
    for text in (
        "GRANT USAGE ON SCHEMA {schema} TO {user}",
        "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {schema} TO {user}",
        "GRANT USAGE ON ALL SEQUENCES IN SCHEMA {schema} TO {user}",
        f"REVOKE UPDATE, DELETE, TRUNCATE ON {', '.join(APPEND_ONLY)} FROM {{user}}",
    ):
        raw.execute(sql.SQL(text).format(**names))


def unguarded(raw: Any) -> list[str]:
    """Append-only tables that this connection's role could change."""
    return [
        table
        for table in APPEND_ONLY
        if raw.execute(
            f"SELECT 1 WHERE has_table_privilege('{table}', 'UPDATE, DELETE, TRUNCATE')"
        ).fetchone()
    ]
