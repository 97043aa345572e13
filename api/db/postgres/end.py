"""PostgreSQL as an end of a move: rows come as a stream and go in by COPY, all with no more rights than the role has that
serves."""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import Any

from api.db.ends import Table, Values, alone, count
from api.db.postgres.engine import Postgres
from api.db.tx import Tx

TABLES = """SELECT t.oid::bigint AS id, t.relname::text AS name,
  ARRAY(SELECT a.attname::text FROM unnest(i.indkey) WITH ORDINALITY k (n, place)
    JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = k.n ORDER BY k.place) AS key,
  ARRAY(SELECT f.relname::text FROM pg_constraint c JOIN pg_class f ON f.oid = c.confrelid
    WHERE c.conrelid = t.oid AND c.contype = 'f') AS needs
FROM pg_class t JOIN pg_index i ON i.indrelid = t.oid AND i.indisprimary
WHERE t.relkind = 'r' AND t.relnamespace = current_schema()::regnamespace"""
COLUMNS = """SELECT attname::text AS name, atttypid = 'bytea'::regtype AS is_binary, attidentity::text AS identity
FROM pg_attribute WHERE attrelid = ?1::oid AND attnum > 0 AND NOT attisdropped ORDER BY attnum"""
# A role that may use a sequence, and not set it, counts it up.
HIGHEST = "SELECT COALESCE(MAX(?), 0) FROM "
NEXT = "SELECT nextval(pg_get_serial_sequence(?1::text, ?2::text))"
COUNTED = "SELECT COUNT(nextval(pg_get_serial_sequence(?1::text, ?2::text))) FROM generate_series(1, ?3)"


class OnPostgres:
    name = "PostgreSQL"

    def __init__(self, engine: Postgres) -> None:
        self._engine, self._connection = engine, engine.open()

    def tables(self) -> list[Table]:
        found = []
        for one in self._connection.execute(TABLES).fetchall():
            columns = self._connection.execute(COLUMNS, (one["id"],)).fetchall()
            binary = frozenset(n for n, column in enumerate(columns) if column["is_binary"])
            counted = "".join(column["name"] for column in columns if column["identity"])
            names = tuple(column["name"] for column in columns)
            found.append(
                Table(one["name"], names, tuple(one["key"]), frozenset(one["needs"]), binary, counted)
            )
        return found

    def count(self, table: Table) -> int:
        return count(self._connection, table)

    def rows(self, table: Table, behind: Values | None = None) -> Iterator[Values]:
        yield from map(
            tuple, self._connection.stream(table.select(is_behind=behind is not None), behind or ())
        )

    def add(self, table: Table, rows: list[Values]) -> None:
        self._connection.copy_in(f"COPY {table.name} ({', '.join(table.columns)}) FROM STDIN", rows)

    def go_on(self, table: Table) -> None:
        if not table.counted:
            return
        names = (table.name, table.counted)
        highest, next_one = (
            self._number(HIGHEST.replace("?", table.counted) + table.name),
            self._number(NEXT, *names),
        )
        if highest > next_one:
            self._number(COUNTED, *names, highest - next_one)

    def _number(self, text: str, *values: Any) -> int:
        [[found]] = self._connection.execute(text, values).fetchall()
        return int(found)

    def alone(self) -> AbstractContextManager[Tx]:
        return alone(self._engine, self._connection)

    def close(self) -> None:
        self._connection.close()
