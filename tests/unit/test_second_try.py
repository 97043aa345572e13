"""Only a journey, only a browser's time-out, only once: and a habit of it fails the run."""

from pathlib import Path

import pytest

pytest_plugins = ["pytester"]
ROOT = Path(__file__).parents[2]
HEAD = """
import pathlib, pytest
from playwright.sync_api import TimeoutError as Late
TRIES = pathlib.Path(__file__).with_suffix(".tries")
def tries():
    with TRIES.open("a") as file: file.write("x")
    return len(TRIES.read_text())
def wait_in_vain(text="Locator expected to be visible"):
    code = compile(f"raise AssertionError({text!r})", "_assertions.py", "exec")
    exec(code, {"__name__": "playwright._impl._assertions"})
"""
JOURNEY = "@pytest.mark.journey\n"


@pytest.fixture
def run(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch):
    """`run(*bodies, runners=0)`: each body is a file with one test."""
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    pytester.makeini("[pytest]\nmarkers = journey: a whole way")

    def ran(*bodies: str, runners: int = 0) -> pytest.RunResult:
        pytester.makepyfile(**{f"test_{n}": HEAD + body for n, body in enumerate(bodies)})
        words = ("-p", "tests.support.second_try", "-p", "xdist", "-n", str(runners))
        return pytester.runpytest_inprocess(*words)

    return ran


def tries(pytester: pytest.Pytester, n: int = 0) -> int:
    return len((pytester.path / f"test_{n}.tries").read_text())


ONCE_LATE = JOURNEY + "def test_it():\n    if tries() == 1: raise Late('Timeout 20000ms exceeded.')\n"
ONCE_VAIN = JOURNEY + "def test_it():\n    if tries() == 1: wait_in_vain()\n"
IN_SETUP = """
@pytest.fixture
def page():
    if tries() == 1: raise Late('late page')
    return 7
@pytest.mark.journey
def test_it(page): assert page == 7
"""


@pytest.mark.parametrize("runners", [0, 2], ids=["alone", "two runners"])
def test_a_journey_that_was_late_passes_on_the_second_try_and_is_named(run, pytester, runners: int) -> None:
    result = run(ONCE_LATE, ONCE_VAIN, "def test_it(): pass\n", runners=runners)
    result.assert_outcomes(passed=3)
    assert result.ret == 0
    result.stdout.fnmatch_lines_random(
        [
            "passed on the second try: test_0.py::test_it: Timeout 20000ms exceeded.",
            "passed on the second try: test_1.py::test_it: Locator expected to be visible",
        ]
    )
    assert [tries(pytester, 0), tries(pytester, 1)] == [2, 2]


def test_a_late_fixture_is_made_again(run, pytester) -> None:
    result = run(IN_SETUP)
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(["passed on the second try: test_0.py::test_it: late page"])


@pytest.mark.parametrize("runners", [0, 2], ids=["alone", "two runners"])
def test_a_habit_of_it_fails_the_run(run, runners: int) -> None:
    result = run(ONCE_LATE, ONCE_VAIN, ONCE_LATE, runners=runners)
    result.assert_outcomes(passed=3)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(["3 journeys needed a second try, 2 are borne: the run has failed"])


def test_there_is_no_third_try(run, pytester) -> None:
    result = run(JOURNEY + "def test_it():\n    raise Late(f'late {tries()}')\n")
    result.assert_outcomes(failed=1)
    assert tries(pytester) == 2
    result.stdout.fnmatch_lines(["*the first try*", "*late 1*"])
    result.stdout.no_fnmatch_line("passed on the second try*")


NEVER = {
    "an assert": JOURNEY + "def test_it():\n    assert tries() == 2\n",
    "another exception": JOURNEY + "def test_it():\n    if tries() == 1: raise TimeoutError('a socket')\n",
    "no journey": "def test_it():\n    if tries() == 1: raise Late('late')\n",
    "a complaint besides": """
@pytest.fixture
def page():
    yield
    assert len(TRIES.read_text()) == 2
@pytest.mark.journey
def test_it(page):
    if tries() == 1: raise Late('late')
""",
}


def test_nothing_else_is_ever_run_again(run, pytester) -> None:
    result = run(*NEVER.values())
    result.assert_outcomes(failed=4, errors=1)
    assert [tries(pytester, n) for n in range(4)] == [1, 1, 1, 1]
    result.stdout.no_fnmatch_line("passed on the second try*")
