"""A pytest plugin: a journey that fails by nothing but a browser's time-out is run once more, and the summary names it.

A browser on a crowded machine may miss once; more than `MOST` such in a run fail the run, since a habit of it is a bug
(docs/decisions/0007). A refuted assert, a page's complaint, an answer of the API or any other exception is never tried
again, nor is anything that is no journey. Registered by tests/conftest.py, so that the summary also stands under xdist.
"""

from collections.abc import Generator
from types import TracebackType

import playwright.sync_api
import pytest
from _pytest.runner import runtestprotocol

MOST = 2
SAID = "second try"
ERRORS = pytest.StashKey[list[BaseException]]()


def is_late(error: BaseException) -> bool:
    """Whether the browser did not do in time what it was asked, or an `expect` waited in vain."""
    if isinstance(error, playwright.sync_api.TimeoutError):
        return True
    return isinstance(error, AssertionError) and _raised_in(error.__traceback__).startswith("playwright.")


def _raised_in(trace: TracebackType | None) -> str:
    """The module of the innermost frame."""
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return "" if trace is None else str(trace.tb_frame.f_globals["__name__"])


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.failed and call.excinfo is not None:
        item.stash.setdefault(ERRORS, []).append(call.excinfo.value)
    return report


def pytest_runtest_protocol(item: pytest.Item, nextitem: pytest.Item | None) -> bool | None:
    if item.get_closest_marker("journey") is None:
        return None
    item.ihook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
    reports = runtestprotocol(item, log=False, nextitem=nextitem)
    errors = item.stash.get(ERRORS, [])
    if errors and all(map(is_late, errors)):
        first = "\n".join(report.longreprtext for report in reports if report.failed)
        item.user_properties.append((SAID, str(errors[0]).partition("\n")[0]))
        reports = runtestprotocol(item, log=False, nextitem=nextitem)
        for report in reports:
            if report.failed:
                report.sections.append(("the first try", first))
    for report in reports:
        item.ihook.pytest_runtest_logreport(report=report)
    item.ihook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
    return True


class Tally:
    """What needed a second try, kept where the results of all runners come together."""

    def __init__(self) -> None:
        self.tried: dict[str, str] = {}
        self.failed: set[str] = set()

    @property
    def passed(self) -> list[str]:
        return [name for name in self.tried if name not in self.failed]

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        why = dict(report.user_properties).get(SAID)
        if why is not None:
            self.tried[report.nodeid] = str(why)
            if report.failed:
                self.failed.add(report.nodeid)

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if len(self.passed) > MOST and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        for name in self.passed:
            terminalreporter.line(f"passed on the second try: {name}: {self.tried[name]}", yellow=True)
        if len(self.passed) > MOST:
            said = f"{len(self.passed)} journeys needed a second try, {MOST} are borne: the run has failed"
            terminalreporter.line(said, red=True)


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(Tally(), "second-try-tally")
