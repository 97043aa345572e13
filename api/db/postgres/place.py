"""Where a company lies on PostgreSQL: a server, a database, a role, and the schema that is the company's own.

Every connection is opened the one right way: synced commits, code-point order, no notice of the machine's zone, an end
for whoever hangs in a transaction. Of several servers it is the one that may write; after a standby was promoted, the
former primary is refused. An address holds a password: no message repeats it.
"""

import re
import threading
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from api.db import steps

SCHEMA = CALLED = "huodaona"
STEPS = "api.db.migrations.postgres"
PROGRAM = steps.read(STEPS)[-1][0]
SCHEMES = ("postgresql", "postgres")
UNREADABLE = (
    "not an address that PostgreSQL's library can read: a parameter after the ? may be misspelt, or the password"
    " holds signs that stand as %40 (@), %2F (/), %3F (?), %23 (#), %25 (%)"
)
CONNECT_S = 5
# How long the other servers are waited for once one that may write is found.
LOOK_S = 2
# How long a group waits for its turn, and how long a silent holder of one keeps it: the others go on then.
TURN_MS = 10_000
SILENT_MS = 30_000
# Of the log that is being written: the control file tells of a promotion late.
LIFE = """SELECT system_identifier, ('x' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8))::bit(32)::int
FROM pg_control_system() WHERE NOT pg_is_in_recovery()"""
# Codes of the collations that put texts in the order of their code points.
ORDERLY = frozenset({"c", "posix", "c.utf-8", "c.utf8"})


class Place(NamedTuple):
    """`conninfo` is libpq's; `schema` is one company; `connect_s`: how long a server may take to answer;
    `writes`: of several servers the one that may write is wanted."""

    conninfo: str
    schema: str
    connect_s: int = CONNECT_S
    writes: bool = True

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
        known = conninfo_to_dict(conninfo)
    except psycopg.ProgrammingError:
        raise ValueError(UNREADABLE) from None
    if (
        "@" in f"{known.get('host')}{known.get('port')}{known.get('dbname')}"
    ):  # a piece of the password is there
        raise ValueError(UNREADABLE)
    return Place(conninfo, schema)


class Life(NamedTuple):
    """A promoted standby begins a new timeline of its cluster. A server that only follows has none."""

    cluster: int = 0
    timeline: int = 0

    def is_before(self, other: "Life") -> bool:
        return self.cluster == other.cluster and self.timeline < other.timeline


class Met(NamedTuple):
    """Who was last written to, by its own address."""

    life: Life
    server: str


class Line(psycopg.Connection[Any]):
    """A connection that knows whose it is."""

    met: Met
    conninfo: str

    @property
    def is_past(self) -> bool:
        """Has another server been promoted in this one's place, as far as this process has seen?"""
        return self.met.life.is_before(_newest.get(self.conninfo, self.met).life)


# The newest life met, by address: a server of an older one is none of ours any more.
_newest: dict[str, Met] = {}
_meeting = threading.Lock()


def connect(place: Place) -> Line:
    """The server that may write, of the newest life; nothing opens a transaction behind our back. Raises
    psycopg.OperationalError."""
    best: Line | None = None
    why = psycopg.OperationalError("no server is named")
    known = _newest.get(place.conninfo)
    for server in sorted(_servers(place), key=lambda one: known is None or one != known.server):
        try:
            line = _opened(server, place, LOOK_S if best else place.connect_s)
        except psycopg.OperationalError as error:
            why = error
            continue
        if best is None or best.met.life.is_before(line.met.life):
            best, line = line, best or line
        if line is not best:
            line.close()
    if best is None:
        raise why
    with _meeting:
        if not best.is_past:
            _newest[place.conninfo] = best.met
            return best
    best.close()
    raise psycopg.OperationalError("this server was left behind when a standby was promoted")


def _servers(place: Place) -> list[str]:
    """Each by an address of its own, where the one that may write is wanted."""
    if not place.writes:
        return [place.conninfo]
    known = {name: str(value) for name, value in conninfo_to_dict(place.conninfo).items()}
    known.setdefault("target_session_attrs", "read-write")
    lists = {name: known[name].split(",") for name in ("host", "hostaddr", "port") if name in known}
    count = max(map(len, lists.values()), default=1)
    return [
        make_conninfo("", **known | {name: all_[n % len(all_)] for name, all_ in lists.items()})
        for n in range(count)
    ]


def _opened(server: str, place: Place, within: int) -> Line:
    line = Line.connect(
        server,
        autocommit=True,
        connect_timeout=within,
        application_name=f"{CALLED} {PROGRAM}",  # who is connected, and of which schema
        client_encoding="UTF8",
        keepalives_idle=5,
        keepalives_interval=2,
        keepalives_count=3,
        tcp_user_timeout=2_000 * place.connect_s,  # what was sent to a machine that is gone
    )
    line.conninfo = place.conninfo
    try:
        line.execute(
            sql.SQL(
                "SET search_path = {schema}; SET timezone = 'UTC'; SET lock_timeout = {turn};"
                "SET idle_in_transaction_session_timeout = {silent};"
                "SET tcp_keepalives_idle = 5; SET tcp_keepalives_interval = 2; SET tcp_keepalives_count = 3;"
                # An acknowledged order survives a power cut; a stricter word of the server's (remote_apply) stays.
                "SELECT set_config('synchronous_commit', CASE current_setting('synchronous_commit')"
                " WHEN 'remote_apply' THEN 'remote_apply' ELSE 'on' END, false)"
            ).format(schema=sql.Identifier(place.schema), turn=TURN_MS, silent=SILENT_MS)
        )
        row = line.execute(LIFE).fetchone()
        line.met = Met(Life() if row is None else Life(*row), server)
    except BaseException:
        line.close()
        raise
    return line
