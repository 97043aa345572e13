"""The list of what is of SQLite only: short, each name stands, and what PostgreSQL can do as well may not be on it."""

from pathlib import Path

import pytest

from tests.support.one_engine import ONLY_SQLITE

pytest_plugins = ["pytester"]
TESTS = Path(__file__).parents[1]
BODY = """
from tests.support import one_engine
one_engine.ONLY_SQLITE = {"test_it::test_one": "reads a file", "test_it::test_other": "reads it too"}
def test_one(): assert not %s
def test_other(): assert False
def test_both(): pass
"""


def test_each_name_stands_and_there_are_few():
    assert len(ONLY_SQLITE) <= 40
    for name in ONLY_SQLITE:
        module, _, test = name.partition("::")
        texts = [file.read_text("utf-8") for file in TESTS.glob(f"*/{module}.py")]
        assert [text for text in texts if f"def {test.partition('[')[0]}(" in text or not test], name


@pytest.mark.parametrize(("engine", "fails"), [("postgres", True), ("postgres", False), ("sqlite", False)])
def test_one_that_passes_there_fails_the_run(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, engine: str, fails: bool
):
    monkeypatch.setenv("PYTHONPATH", str(TESTS.parent))
    monkeypatch.setenv("TEST_ENGINE", engine)
    pytester.makepyfile(test_it=BODY % fails)
    result = pytester.runpytest_subprocess("-p", "tests.support.one_engine", "-p", "no:xdist")
    if engine == "sqlite":
        result.assert_outcomes(passed=2, failed=1)
    elif fails:
        result.assert_outcomes(passed=1, xfailed=2)
        result.stdout.fnmatch_lines(["of SQLite only: 2 tests", "*::test_one: reads a file"])
    else:
        result.assert_outcomes(passed=1, xfailed=1, failed=1)
    assert (result.ret == 0) == fails
