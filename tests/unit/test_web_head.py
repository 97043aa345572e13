"""Who asks from where and in which language, read from the head; and what never reaches the log."""

import logging
from ipaddress import ip_network
from types import SimpleNamespace

import pytest
from structlog.testing import capture_logs

from api.kernel.log import Log
from api.web.head import head_of, language
from api.web.logs import configure, hide


def head(peer: str, forwarded: str | None = None, trusted: tuple[str, ...] = (), **headers: str):
    given = {**headers, **({"x-forwarded-for": forwarded} if forwarded is not None else {})}
    scope = {
        "method": "GET", "path": "/", "query_string": b"", "client": (peer, 1),
        "headers": [(k.encode(), v.encode("latin-1")) for k, v in given.items()],
    }  # fmt: skip
    return head_of(scope, SimpleNamespace(trusted_proxies=tuple(ip_network(net) for net in trusted)))


@pytest.mark.parametrize(
    ("peer", "forwarded", "trusted", "ip"),
    [
        ("203.0.113.7", None, (), "203.0.113.7"),
        ("203.0.113.7", "127.0.0.1", (), "203.0.113.7"),  # nobody is trusted
        ("203.0.113.7", "127.0.0.1", ("10.0.0.0/8",), "203.0.113.7"),  # not by a proxy of ours
        ("10.0.0.1", "203.0.113.7", ("10.0.0.0/8",), "203.0.113.7"),
        (
            "10.0.0.1",
            "127.0.0.1, 203.0.113.7",
            ("10.0.0.0/8",),
            "203.0.113.7",
        ),  # what the client wrote itself
        ("10.0.0.1", "203.0.113.7, 10.0.0.2", ("10.0.0.0/8",), "203.0.113.7"),
        ("10.0.0.1", "", ("10.0.0.0/8",), "10.0.0.1"),
        ("10.0.0.1", "rubbish", ("10.0.0.0/8",), "10.0.0.1"),
        ("10.0.0.1", "203.0.113.7, rubbish", ("10.0.0.0/8",), "10.0.0.1"),
        ("::1", None, (), "::1"),
        ("testclient", "203.0.113.7", ("10.0.0.0/8",), "testclient"),
    ],
)
def test_the_clients_address(peer, forwarded, trusted, ip):
    assert head(peer, forwarded, trusted).ip == ip


@pytest.mark.parametrize(("ip", "is_loopback"), [("127.0.0.1", True), ("127.9.9.9", True), ("::1", True), ("10.0.0.1", False), ("", False), ("localhost", False)])  # fmt: skip
def test_this_machine(ip, is_loopback):
    assert head(ip).is_loopback is is_loopback


@pytest.mark.parametrize(
    ("accept", "lang"),
    [
        ("", "zh"), ("zh-CN", "zh"), ("en", "en"), ("en-GB,en;q=0.9", "en"), ("zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        ("en;q=0.3,zh;q=0.4", "zh"), ("EN-us", "en"), ("de,en;q=0.5", "en"), ("en;q=x", "zh"), ("*", "zh"),
        ("en;q=0", "zh"), (";;;,,,", "zh"), ("q=1", "zh"),
    ],
)  # fmt: skip
def test_the_language(accept, lang):
    assert language(accept) == lang


def test_cookies_are_read_by_name():
    found = head("127.0.0.1", cookie="a=1; session=abc ; csrf=x=y; session2=no")
    assert (found.cookie("session"), found.cookie("csrf"), found.cookie("sess"), found.cookie("b")) == ("abc", "x=y", "", "")  # fmt: skip


def test_no_secret_and_no_phone_reaches_the_log():
    event = {
        "event": "fault", "token": "t-123", "password": "hunter2", "authorization": "Bearer t-123", "cookie": "session=1",
        "path": "/api/orders", "error": "no customer 13800001234 or +8613900005678", "code": "held", "raw": b"x",
    }  # fmt: skip
    told = str(hide(None, "error", dict(event)))
    for secret in ("t-123", "hunter2", "session=1", "13800001234", "13900005678"):
        assert secret not in told
    assert "held" in told
    assert "/api/orders" in told
    assert "138****1234" in told


def test_the_log_is_prepared_once_before_its_first_line():
    log, told = Log(), []
    with capture_logs() as lines:
        log.prepare = lambda: told.append(len(lines))
        log.info("one", n=1)
        log.warning("two")
        log.error("three", why="x")
    assert told == [0]
    assert [(one["log_level"], one["event"]) for one in lines] == [
        ("info", "one"), ("warning", "two"), ("error", "three"),
    ]  # fmt: skip
    assert (lines[0]["n"], lines[2]["why"]) == (1, "x")


def test_the_database_driver_adds_no_line_to_the_log(caplog: pytest.LogCaptureFixture):
    """It warns of a pipeline that a lost connection ended, in words that are no JSON."""
    configure()
    with caplog.at_level(logging.WARNING):
        logging.getLogger("psycopg").warning("error ignored terminating")
    assert caplog.records == []
