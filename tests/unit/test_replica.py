"""Readings by a replica: a real standby that streams from the tests' server."""

from collections.abc import Iterator

import psycopg
import pytest

from tests.support.postgres import Standby, server


@pytest.fixture(scope="module")
def standby() -> Iterator[Standby]:
    made = Standby(server())
    yield made
    made.stop()


def test_a_standby_takes_no_write(standby: Standby):
    assert standby.admin.execute("SELECT pg_is_in_recovery()").fetchone() == (True,)
    with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
        standby.admin.execute("CREATE TABLE mine (n BIGINT)")
