"""One schema on two engines: same tables, columns, keys, checks and indices; on PostgreSQL nothing that a Citus cluster
or a plain role refuses, and a journal that the application's role can only add to.
"""

import re
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict
from psycopg.pq import ExecStatus

import api.app
import api.setup.loading
from api.db import migrate as on_sqlite
from api.db.database import Database
from api.db.postgres import place as place_of
from api.db.postgres import schema
from api.db.postgres.connection import said
from api.db.postgres.place import SCHEMA, Place, connect, read
from api.db.queries import LOADED
from tests.support.postgres import APP, OWNER, server

ROOMS = (api.app, api.setup.loading)  # loaded, their statements are known
BIGINT = 20
AS = {"INTEGER": "bigint", "TEXT": "text", "BLOB": "bytea"}
NAMES = [name for _, name, _ in schema.steps()]
# SQLite's column holds bytes under a text's type: it has stood since the first schema.
OTHERWISE = {("orders", "snapshot"): "bytea"}
FORMS = re.compile(
    r"(CREATE TABLE|CREATE (UNIQUE )?INDEX|ALTER TABLE|DROP TABLE|DROP INDEX|INSERT INTO|UPDATE|DELETE FROM"
    r"|REVOKE [A-Z, ]+ ON [\w, ]+ FROM CURRENT_USER)\b"
)
REFUSED = re.compile(
    r"\b(TRIGGER|EXTENSION|FUNCTION|LANGUAGE|RULE|POLICY|TABLESPACE|UNLOGGED|INHERITS|COPY|SUPERUSER)\b|\w\.\w",
    re.IGNORECASE,
)


@pytest.fixture(scope="module")
def place() -> Iterator[Place]:
    name = server().database()
    made = read(server().url(name, OWNER))
    assert schema.migrate(made, APP) == NAMES
    yield made
    server().drop(name)


@pytest.fixture(scope="module")
def rows(place: Place) -> Iterator[Any]:
    raw = connect(place)
    yield lambda text, *given: raw.execute(text, given).fetchall()
    raw.close()


@pytest.fixture(scope="module")
def lite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sqlite3.Connection]:
    file = tmp_path_factory.mktemp("schema") / "x.db"
    on_sqlite.migrate(file)
    connection = sqlite3.connect(file)
    yield connection
    connection.close()


def tables(lite: sqlite3.Connection) -> list[str]:
    return [
        one[0] for one in lite.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
    ]


def plain(text: str | None) -> str:
    """An expression without what an engine adds when it tells it."""
    return re.sub(r"::\w+|[()\s]|\\x(?=')", "", text or "").lower()


def test_both_engines_stand_at_the_same_schema(place: Place):
    assert schema.steps()[-1][0] == on_sqlite.steps()[-1][0]
    assert schema.migrate(place, APP) == []


def test_tables_and_columns_are_the_same(lite: sqlite3.Connection, rows: Any):
    on_lite = {}
    for table in tables(lite):
        for _, name, kind, needed, default, key in lite.execute(f"PRAGMA table_info({table})"):
            kind = OTHERWISE.get((table, name), AS[kind])
            on_lite[table, name] = (kind, bool(needed or key), plain(default))
    on_postgres = {
        (table, name): (kind, needed == "NO", plain(default))
        for table, name, kind, needed, default in rows(
            "SELECT table_name, column_name, data_type, is_nullable, column_default FROM information_schema.columns"
            " WHERE table_schema = %s",
            SCHEMA,
        )
    }
    assert on_postgres == on_lite
    assert len(tables(lite)) > 35


def test_columns_stand_in_the_same_order(lite: sqlite3.Connection, rows: Any):
    """`SELECT o.*` and a copy from one engine to the other rely on names; people who look at both, on this."""
    found: dict[str, list[str]] = {}
    for table, name in rows(
        "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = %s"
        " ORDER BY table_name, ordinal_position",
        SCHEMA,
    ):
        found.setdefault(table, []).append(name)
    assert found == {
        table: [one[1] for one in lite.execute(f"PRAGMA table_info({table})")] for table in tables(lite)
    }


def test_keys_and_indices_are_the_same(lite: sqlite3.Connection, rows: Any):
    on_lite = set()
    for table in tables(lite):
        key = sorted((one[5], one[1]) for one in lite.execute(f"PRAGMA table_info({table})") if one[5])
        on_lite.add((table, True, True, tuple(name for _, name in key), ""))
        for _, name, unique, origin, _ in lite.execute(f"PRAGMA index_list({table})").fetchall():
            if origin == "pk":
                continue
            columns = tuple(one[2] for one in lite.execute(f"PRAGMA index_info({name})") if one[2])
            text = lite.execute("SELECT sql FROM sqlite_master WHERE name = ?", (name,)).fetchone()[0] or ""
            on_lite.add((table, bool(unique), False, columns, plain(text.partition(" WHERE ")[2])))
    on_postgres = {
        (table, unique, key, tuple(columns), plain(where))
        for table, unique, key, columns, where in rows(
            """SELECT t.relname, i.indisunique, i.indisprimary,
              ARRAY(SELECT a.attname::text FROM unnest(i.indkey) WITH ORDINALITY k (n, place)
                JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = k.n ORDER BY k.place),
              pg_get_expr(i.indpred, i.indrelid)
            FROM pg_index i JOIN pg_class t ON t.oid = i.indrelid
            WHERE t.relnamespace = %s::regnamespace""",
            SCHEMA,
        )
    }
    assert on_postgres == on_lite


def test_checks_and_references_are_the_same(lite: sqlite3.Connection, rows: Any):
    on_lite = set()
    for table in tables(lite):
        text = lite.execute("SELECT sql FROM sqlite_master WHERE name = ?", (table,)).fetchone()[0]
        on_lite |= {(table, plain(one)) for one in re.findall(r"CHECK \(([^()]*)\)", text)}
        for one in lite.execute(f"PRAGMA foreign_key_list({table})"):
            on_lite.add((table, f"{one[3]}->{one[2]}.{one[4]}"))
    on_postgres = {
        (table, plain(check.removeprefix("CHECK")) if kind == "c" else f"{mine}->{other}.{theirs}")
        for table, kind, check, mine, other, theirs in rows(
            """SELECT t.relname, c.contype::text, pg_get_constraintdef(c.oid), a.attname, f.relname, b.attname
            FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid LEFT JOIN pg_class f ON f.oid = c.confrelid
            LEFT JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = c.conkey[1]
            LEFT JOIN pg_attribute b ON b.attrelid = f.oid AND b.attnum = c.confkey[1]
            WHERE t.relnamespace = %s::regnamespace AND c.contype IN ('c', 'f')""",
            SCHEMA,
        )
    }
    assert on_postgres == on_lite
    assert len(on_lite) >= 4


# Where PostgreSQL wants to be told the type of a value that stands in no column: whole numbers travel as bigint.
TYPED = {"api.stock.reserve": [0, 0, BIGINT]}


def test_every_query_is_prepared_on_the_schema(place: Place):
    raw = connect(place)
    wrong = []
    for query in [query for room in LOADED.values() for query in room.named.values()]:
        for text in {query.numbered, query.silent}:
            done = raw.pgconn.prepare(b"", said(text), TYPED.get(query.name))
            if done.status != ExecStatus.COMMAND_OK:
                wrong.append((query.name, done.error_message.decode()))
    raw.close()
    assert wrong == []


def test_the_schema_has_nothing_that_citus_or_a_plain_role_refuses(rows: Any):
    for _, _, text in schema.steps():
        for statement in on_sqlite.statements(text):
            bare = re.sub(r"--.*|'[^']*'", "", statement)
            assert FORMS.match(bare.strip()), statement
            assert not REFUSED.search(bare), statement
    assert rows("SELECT tgname FROM pg_trigger WHERE NOT tgisinternal") == []
    assert rows("SELECT extname FROM pg_extension WHERE extname <> 'plpgsql'") == []
    assert rows("SELECT rolsuper OR rolcreaterole FROM pg_roles WHERE rolname = current_user") == [(False,)]


@pytest.mark.parametrize("user", [APP, OWNER])
@pytest.mark.parametrize("table", schema.APPEND_ONLY)
@pytest.mark.parametrize(
    "form", ["UPDATE {} SET at = at", "DELETE FROM {}", "TRUNCATE {}", "SELECT 1 FROM {} FOR UPDATE"]
)
def test_nobody_who_serves_changes_the_journal(place: Place, user: str, table: str, form: str):
    raw = connect(place._replace(conninfo=place.conninfo.replace(f"//{OWNER}@", f"//{user}@")))
    try:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            raw.execute(form.format(table))
        raw.execute(f"SELECT 1 FROM {table}")
        assert schema.unguarded(raw) == []
    finally:
        raw.close()


def test_the_application_may_do_all_the_rest_and_no_more(place: Place):
    raw = connect(place._replace(conninfo=place.conninfo.replace(f"//{OWNER}@", f"//{APP}@")))
    try:
        raw.execute("INSERT INTO tries (who, at) VALUES ('a', 1)")
        raw.execute("UPDATE tries SET at = 2")
        raw.execute("DELETE FROM tries")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            raw.execute("CREATE TABLE mine (n BIGINT)")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            raw.execute("ALTER TABLE journal DROP COLUMN hash")
    finally:
        raw.close()


def test_a_superuser_is_told_that_nothing_guards_the_journal(place: Place):
    raw = connect(place._replace(conninfo=place.conninfo.replace(f"//{OWNER}@", "//postgres@")))
    assert schema.unguarded(raw) == list(schema.APPEND_ONLY)
    raw.close()


def test_nodes_that_begin_together_make_it_once():
    name = server().database()
    made = read(server().url(name, OWNER))
    told: list[list[str]] = []
    threads = [threading.Thread(target=lambda: told.append(schema.migrate(made))) for _ in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    server().drop(name)
    assert sorted(told) == [[], [], [], NAMES]


def test_a_step_that_fails_leaves_nothing(monkeypatch: pytest.MonkeyPatch):
    name = server().database()
    made = read(server().url(name, OWNER))
    known = schema.steps()
    broken = [
        *known,
        (
            known[-1][0] + 1,
            "broken",
            "-- expand\nCREATE TABLE half (n BIGINT);\nCREATE TABLE half (n BIGINT);",
        ),
    ]
    monkeypatch.setattr(schema, "steps", lambda: broken)
    with pytest.raises(RuntimeError, match="half"):
        schema.migrate(made)
    raw = connect(made)
    assert schema.version(raw) == 0
    assert raw.execute("SELECT to_regclass('half'), to_regclass('journal')").fetchone() == (None, None)
    raw.close()
    server().drop(name)


def test_data_of_a_newer_program_is_refused(place: Place):
    raw = connect(place)
    raw.execute("UPDATE meta SET value = '9999' WHERE name = 'schema'")
    raw.execute("UPDATE numbers SET last = 9999 WHERE day = 'oldest'")
    with pytest.raises(RuntimeError, match="9999"):
        schema.migrate(place)
    raw.execute("UPDATE meta SET value = %s WHERE name = 'schema'", (str(schema.steps()[-1][0]),))
    raw.execute("UPDATE numbers SET last = %s WHERE day = 'oldest'", (schema.steps()[-1][0],))
    raw.close()


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ("LOCALE_PROVIDER icu ICU_LOCALE 'zh-CN' LOCALE 'C'", "ICU"),
        ("LOCALE 'C' ENCODING 'SQL_ASCII'", "SQL_ASCII"),
    ],
)
def test_a_database_in_another_order_is_refused(form: str, said: str):
    admin = server().admin
    try:
        admin.execute(f"CREATE DATABASE odd OWNER {OWNER} TEMPLATE template0 {form}")
    except psycopg.errors.FeatureNotSupported:
        return  # this server was built without ICU: none can come up
    try:
        with pytest.raises(RuntimeError, match=said):
            schema.migrate(read(server().url("odd", OWNER)))
    finally:
        server().drop("odd")


@pytest.mark.parametrize("url", ["mysql://x/y", "postgresql://h/d?schema=pg_x", "postgresql://h/d?schema=A-b", "postgresql://h/d?nonsense=1", "postgresql://u:p@secret/x@h/d", "postgresql://u:p@secret@h/d"])  # fmt: skip
def test_an_address_that_is_none_is_refused(url: str):
    with pytest.raises(ValueError, match=r".") as told:
        read(url)
    assert "secret" not in str(told.value)


@pytest.mark.parametrize(
    ("url", "asked"),
    [
        ("postgresql://u@h/d", [("h", None)]),
        ("postgresql://u@a,b/d?schema=acme", [("a", None), ("b", None)]),
        ("postgresql://u@a:1,b:2/d?target_session_attrs=primary", [("a", "1"), ("b", "2")]),
        ("postgresql://u@/d?host=/run/a,/run/b&port=7", [("/run/a", "7"), ("/run/b", "7")]),
    ],
)
def test_each_of_several_servers_is_asked_for_the_one_that_may_write(
    url: str, asked: list[tuple[str, str | None]]
):
    found = [conninfo_to_dict(one) for one in place_of._servers(read(url))]
    assert [(one["host"], str(one.get("port", "")).strip(",") or None) for one in found] == asked
    wanted = "primary" if url.endswith("primary") else "read-write"
    assert {one["target_session_attrs"] for one in found} == {wanted}
    assert {(one["user"], one["dbname"]) for one in found} == {("u", "d")}
    assert place_of._servers(read(url)._replace(writes=False)) == [read(url).conninfo]  # whoever may be read


def test_an_address_is_told_without_its_password():
    one = read("postgresql://hub:very-secret@db.example/goods?schema=acme&sslmode=require")
    assert one.schema == "acme"
    assert "very-secret" in one.conninfo
    assert "very-secret" not in f"{one} {one!r}"
    assert "db.example" in repr(one)


@pytest.mark.parametrize(
    ("url", "owner", "named"),
    [
        ("postgresql://u@h/d?schema=acme", "postgresql://o@h/d", "OWNER_URL: the schema huodaona"),
        ("postgresql://u@h/d", "postgresql://o@h/d?schema=A-b", "OWNER_URL: schema"),
        ("postgresql://u@h/d?schema=A-b", "postgresql://o@h/d?schema=A-b", "HUODAONA_DATABASE_URL: schema"),
    ],
)
def test_the_address_that_is_wrong_is_named(tmp_path: Path, url: str, owner: str, named: str):
    with pytest.raises(RuntimeError, match=named):
        Database(tmp_path, url=url, owner=owner)


def test_a_role_that_may_not_make_the_schema_is_told_which_setting_names_one_that_may(place: Place):
    known = conninfo_to_dict(place.conninfo)
    with pytest.raises(
        RuntimeError, match=r"may not make or change the schema acmee\. HUODAONA_DATABASE_OWNER_URL"
    ):
        schema.migrate(read(server().url(str(known["dbname"]), APP))._replace(schema="acmee"))


def test_a_role_that_nobody_let_in_is_told(place: Place, tmp_path: Path):
    name, admin = str(conninfo_to_dict(place.conninfo)["dbname"]), server().admin
    admin.execute("CREATE ROLE stranger LOGIN")
    try:
        for owner in ("", server().url(name, OWNER)):
            with pytest.raises(RuntimeError, match="the role stranger was not let in"):
                Database(tmp_path, url=server().url(name, "stranger"), owner=owner)
        admin.execute(f"GRANT {APP} TO stranger")
        Database(tmp_path, url=server().url(name, "stranger")).stop()
    finally:
        admin.execute("DROP ROLE stranger")


def test_a_server_that_is_away_is_told(tmp_path: Path):
    with pytest.raises(RuntimeError, match="connection"):
        schema.migrate(read(f"postgresql://owner:very-secret@/x?host={tmp_path}"))
