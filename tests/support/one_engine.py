"""A pytest plugin: what is of SQLite only, with the reason, in one list. `TEST_ENGINE=postgres` expects each of these to fail and
names them at the end of the run: one that passes fails the run, so the list holds nothing that both engines can do.

A journey of the list is not run there (it would take minutes to fail). Tests that bring an engine of their own, whatever the
run is on (test_writer, test_migrations, test_nodes and their like), are not of this list. Registered by tests/conftest.py.
"""

from collections.abc import Iterator

import pytest

from api.db.queries import LOADED, differing
from tests.support import engines

FILE = "a file's pages and bytes; PostgreSQL keeps its own"
DISK = "the disk beneath SQLite's file; a server's is not seen from here"
COPY = "backup and restore of a file; a server is backed up by its own tools (docs/scale.md)"
GUARD = "triggers guard the file's journal; rights guard a server's (test_postgres_schema)"
PLAN = "SQLite's words for its plan"
TYPES = "triggers, and values of any type in any column; what the check finds, test_tamper and test_evidence try on both"
FOLDER = "one server a data folder, its file and lock in it; nodes share nothing but the database"
OWN = "the bench's own server on a folder; nodes are killed in test_nodes"
# A test or one case of it, by its file; or a whole file, which is not run.
ONLY_SQLITE = {
    "test_chaos": OWN,
    "test_companies::test_folders_of_sqlite_and_one_that_is_broken": FOLDER,
    "test_crash": OWN,
    "test_device_storage::test_a_restored_server_gets_again_what_it_has_lost": COPY,
    "test_full_disk": DISK,
    "test_start": FOLDER,
    "test_stop": OWN,
    "test_backup::test_a_backup_under_load_is_whole_and_cut_between_two_groups": COPY,
    "test_doctor::test_a_journal_whose_triggers_were_dropped_is_found": GUARD,
    "test_doctor::test_a_trouble_is_not_taken_for_another[D005]": DISK,
    "test_doctor::test_a_trouble_is_not_taken_for_another[D006]": DISK,
    "test_doctor::test_a_trouble_is_not_taken_for_another[D020]": DISK,
    "test_doctor::test_a_trouble_is_not_taken_for_another[D021]": FILE,
    "test_doctor::test_a_trouble_is_not_taken_for_another[D022]": FILE,
    "test_doctor::test_each_planted_trouble_is_found[D005]": DISK,
    "test_doctor::test_each_planted_trouble_is_found[D006]": DISK,
    "test_doctor::test_each_planted_trouble_is_found[D020]": DISK,
    "test_doctor::test_each_planted_trouble_is_found[D021]": FILE,
    "test_doctor::test_each_planted_trouble_is_found[D022]": FILE,
    "test_finding::test_no_statement_of_a_list_walks_a_table_or_sorts_one": PLAN,
    "test_finding::test_the_check_above_sees_a_walk_and_a_sort": PLAN,
    "test_finding::test_the_versions_of_an_order_are_found_without_walking_all_orders": PLAN,
    "test_forget::test_the_bytes_are_gone_from_the_file": FILE,
    "test_migrations": FILE,
    "test_tamper::test_a_page_of_rubbish_is_told": FILE,
    "test_tamper_laws": TYPES,
    "test_torn::test_an_answer_over_http_says_it_too": FILE,
    "test_writer_storage::test_over_http_a_full_disk_is_507_and_the_next_order_is_taken_again": DISK,
    "test_workers": FOLDER,
}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if engines.DEFAULT != engines.POSTGRES:
        return
    for item in items:
        module = item.path.stem
        if module in ONLY_SQLITE:
            item.add_marker(pytest.mark.xfail(reason=ONLY_SQLITE[module], run=False))
        elif f"{module}::{item.name}" in ONLY_SQLITE:
            why = ONLY_SQLITE[f"{module}::{item.name}"]
            is_run = item.get_closest_marker("journey") is None
            item.add_marker(pytest.mark.xfail(reason=why, strict=True, run=is_run))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for line in told(terminalreporter.stats.get("xfailed", [])):
        terminalreporter.line(line)


def told(expected: list[pytest.TestReport]) -> Iterator[str]:
    if engines.DEFAULT == engines.POSTGRES:
        found = differing()
        yield f"queries that differ between the engines: {len(found)} of {sum(len(q.named) for q in LOADED.values())}"
        yield from (f"  {name}" for name in found)
        yield f"of SQLite only: {len(expected)} tests"
        yield from (f"  {one.nodeid}: {one.wasxfail.removeprefix('reason: [NOTRUN] ')}" for one in expected)
