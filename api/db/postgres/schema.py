"""The schema on PostgreSQL, forward only: what lacks is one transaction of the owner's, nodes that start together take
turns at it. A company's application role may add to the journal and never change it. What a server must be set to is
asked at every start and refused in a person's words rather than found out by a list in another order.
"""

import math
import re
import time
from typing import Any

import psycopg
from psycopg import sql

from api.db import steps as said
from api.db.migrate import statements
from api.db.postgres.place import CALLED, ORDERLY, STEPS, Place, connect
from api.db.siblings import SCHEMA_WORD

APPEND_ONLY = ("journal", "checkpoints", "moves", "releases")
# One number for everybody who migrates (of any company): they are few.
MIGRATING = 7_230_514
FORMER = (
    "SELECT value FROM meta WHERE name = 'schema'",
    "INSERT INTO meta (name, value) VALUES ('schema', %s) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
)
TURN = (
    "INSERT INTO numbers (day, last) VALUES ('turn', 1) ON CONFLICT (day) DO UPDATE SET last = numbers.last + 1"
    " RETURNING last"
)
CONNECTED = """SELECT DISTINCT application_name FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND application_name LIKE %s"""
SHUT = "SELECT 1 FROM pg_namespace WHERE nspname = %s AND NOT has_schema_privilege(oid, 'USAGE')"
NOTE = said.NOTE.replace("?", "%s").encode()
# A step among nodes that serve: how long it waits for a table while they wait for it, and how long it is tried.
SHORT_MS, CROSSED_S = 2_000, 30.0
CROSSED = (psycopg.errors.LockNotAvailable, psycopg.errors.DeadlockDetected)
LOCALE = """SELECT pg_encoding_to_char(d.encoding), to_jsonb(d)->>'datlocprovider', d.datcollate,
  COALESCE(to_jsonb(d)->>'datlocale', ''), current_setting('fsync'), current_setting('full_page_writes'),
  current_setting('server_version_num')::int
FROM pg_database d WHERE d.datname = current_database()"""
Raw = psycopg.Connection[tuple[object, ...]]


def steps() -> list[said.Step]:
    """The first one makes everything."""
    return said.read(STEPS)


def version(raw: Any) -> int:
    """0: nothing is there yet."""
    there = raw.execute("SELECT to_regclass('meta')").fetchone()
    if there is None or there[0] is None:
        return 0
    row = raw.execute(FORMER[0]).fetchone()
    return 0 if row is None else int(str(row[0]))


def oldest(raw: Any) -> int | None:
    """The lowest schema of a program that may serve; None: only the data's own."""
    row = raw.execute(said.OLDEST).fetchone()
    return None if row is None else int(str(row[0]))


def is_shut_out(raw: Raw, name: str) -> bool:
    """Is the schema there, and closed to this role?"""
    return raw.execute(SHUT, (name,)).fetchone() is not None


def connected(raw: Raw) -> dict[int, str]:
    """The programs that have this database open, by their schemas."""
    rows = raw.execute(CONNECTED, (f"{CALLED}%",)).fetchall()
    found = {str(name): re.fullmatch(rf"{CALLED} (\d+)", str(name)) for (name,) in rows}
    return {int(at[1]) if at else 0: name for name, at in found.items()}


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


def channel(schema: str) -> str:
    """Where nodes are told what others commit."""
    return f"huodaona_{schema}"


def migrate(owner: Place, user: str = "", contract: bool = False) -> list[str]:
    """Bring the schema up to date; returns the names of what was applied. `user`: the application's role, which is let
    in. A step that a connected program does not bear waits, unless `contract`. RuntimeError tells a person why not."""
    try:
        raw = connect(owner)
    except psycopg.OperationalError as error:
        raise RuntimeError(f"{owner!r}: {str(error).strip()}") from None
    try:
        wrong = problems(raw)
        if wrong:
            raise RuntimeError(f"{owner!r}: {'; '.join(wrong)}")
        known, until = steps(), time.monotonic() + CROSSED_S
        while True:
            try:
                return _migrated(raw, owner.schema, user, known, contract)
            except CROSSED:  # a long reading, or one that met us half-way: the nodes go on in between
                if time.monotonic() > until:
                    raise
                raw.execute("ROLLBACK")
    except psycopg.errors.InsufficientPrivilege as error:
        why = f"{str(error).strip()}: this role may not make or change the schema {owner.schema}"
        raise RuntimeError(
            f"{owner!r}: {why}. HUODAONA_DATABASE_OWNER_URL names the role that may; is the schema's name right"
        ) from None
    except psycopg.Error as error:
        raise RuntimeError(f"{owner!r}: {str(error).strip()}") from None
    finally:
        raw.close()  # what is not committed is undone


def _migrated(raw: Raw, schema: str, user: str, known: list[said.Step], contract: bool) -> list[str]:
    if version(raw) == known[-1][0]:
        return []
    raw.execute("BEGIN")
    raw.execute("SELECT pg_advisory_xact_lock(%s)", (MIGRATING,))
    at = version(raw)  # read again: another node may have been faster
    before = oldest(raw) if at else None
    said.must_serve(at, before, known)
    programs = {} if contract else connected(raw)
    lacking = said.due(known, at, min(programs, default=math.inf))
    if lacking:
        if at:
            raw.execute(f"SET LOCAL lock_timeout = {SHORT_MS}")
            raw.execute(TURN)  # no group is open meanwhile, and each writer finds that somebody was here
        _apply(raw, schema, lacking)
        raw.execute(NOTE, (said.oldest_after(lacking, before or at),))
        if user:
            _let_in(raw, schema, user)
        raw.execute("SELECT pg_notify(%s, %s)", (channel(schema), SCHEMA_WORD))
        at = lacking[-1][0]
    if not said.may_serve(at, before, known):
        older = ", ".join(programs[one] for one in sorted(programs) if one < known[-1][0])
        raise RuntimeError(
            f"schema {at} is too old, and a step must wait for {older} to go: stop them, or migrate --contract"
        )
    raw.execute("COMMIT")
    return [name for _, name, _ in lacking]


def _apply(raw: Raw, schema: str, lacking: list[said.Step]) -> None:
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
