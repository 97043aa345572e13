"""Where a company lies on PostgreSQL: a server, a database, a role, and the schema that is the company's own.

Every connection is opened the one right way: synced commits, code-point order, no notice of the machine's zone, an end
for whoever hangs in a transaction. An address holds a password: no message repeats it.
"""

import re
from typing import NamedTuple
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

SCHEMA = "huodaona"
SCHEMES = ("postgresql", "postgres")
CONNECT_S = 5
# How long a group waits for its turn, and how long a silent holder of one keeps it: the others go on then.
TURN_MS = 10_000
SILENT_MS = 30_000
# Codes of the collations that put texts in the order of their code points.
ORDERLY = frozenset({"c", "posix", "c.utf-8", "c.utf8"})


class Place(NamedTuple):
    """`conninfo` is libpq's; `schema` is one company; `connect_s`: how long a server may take to answer."""

    conninfo: str
    schema: str
    connect_s: int = CONNECT_S

    def __repr__(self) -> str:
        known = conninfo_to_dict(self.conninfo)
        named = [f"{name}={known[name]}" for name in ("host", "port", "dbname", "user") if name in known]
        return " ".join([*named, f"schema={self.schema}"])


def read(url: str, schema: str = SCHEMA) -> Place:
    """`postgresql://USER:PASSWORD@HOST/DATABASE?schema=COMPANY`; ValueError where it is none. `schema`: where it names none."""
    parts = urlsplit(url)
    if parts.scheme not in SCHEMES:
        raise ValueError("postgresql://USER:PASSWORD@HOST/DATABASE?schema=COMPANY is expected")
    given = parse_qsl(parts.query, keep_blank_values=True)
    schema = next((value for name, value in given if name == "schema"), schema)
    if not re.fullmatch(r"[a-z_][a-z0-9_]{0,39}", schema) or schema.startswith("pg_"):
        raise ValueError("schema: small letters, digits and _, not beginning with a digit or pg_")
    rest = urlencode([(name, value) for name, value in given if name != "schema"])
    conninfo = urlunsplit(parts._replace(query=rest))
    try:
        conninfo_to_dict(conninfo)
    except psycopg.ProgrammingError:
        raise ValueError("not an address that PostgreSQL's library can read") from None
    return Place(conninfo, schema)


def connect(place: Place) -> psycopg.Connection[tuple[object, ...]]:
    """Nothing opens a transaction behind our back. Raises psycopg.OperationalError."""
    raw = psycopg.connect(
        place.conninfo,
        autocommit=True,
        connect_timeout=place.connect_s,
        application_name="huodaona",
        client_encoding="UTF8",
        keepalives_idle=5,
        keepalives_interval=2,
        keepalives_count=3,
    )
    try:
        raw.execute(
            sql.SQL(
                "SET search_path = {schema}; SET timezone = 'UTC'; SET lock_timeout = {turn};"
                "SET idle_in_transaction_session_timeout = {silent};"
                "SET tcp_keepalives_idle = 5; SET tcp_keepalives_interval = 2; SET tcp_keepalives_count = 3;"
                # An acknowledged order survives a power cut; a stricter word of the server's (remote_apply) stays.
                "SELECT set_config('synchronous_commit', CASE current_setting('synchronous_commit')"
                " WHEN 'remote_apply' THEN 'remote_apply' ELSE 'on' END, false)"
            ).format(schema=sql.Identifier(place.schema), turn=TURN_MS, silent=SILENT_MS)
        )
    except BaseException:
        raw.close()
        raise
    return raw
