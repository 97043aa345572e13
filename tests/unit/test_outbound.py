"""Requests of ours reach public addresses and what the operator named: judged by where a name leads, when it is used."""

import socket
import ssl
import threading
from contextlib import closing, contextmanager

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.outbound import sending
from api.outbound.guard import ANYWHERE, PUBLIC_ONLY, may_reach, read
from api.outbound.model import Ask
from api.outbound.sending import Unheard, Unsent, send

HIDDEN = (
    "127.0.0.1", "10.0.0.8", "172.16.3.4", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",
    "255.255.255.255", "::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "ff02::1", "::ffff:127.0.0.1",
    "::ffff:10.0.0.8", "64:ff9b::7f00:1", "2002:7f00:1::", "::10.0.0.8", "2001:0:4136:e378:8000:63bf:80ff:fffe",
)  # fmt: skip
OPEN = ("8.8.8.8", "2606:4700:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808")


def test_private_addresses_are_reached_by_no_spelling_and_public_ones_are():
    assert [one for one in HIDDEN if may_reach(one, "wms.example.cn", PUBLIC_ONLY)] == []
    assert [one for one in OPEN if not may_reach(one, "wms.example.cn", PUBLIC_ONLY)] == []


def test_what_the_operator_names_is_reached_and_its_neighbour_is_not():
    allowed = read(" 10.1.0.0/16, 192.168.1.5 ,WMS.lan., fd00::/8")
    assert may_reach("10.1.2.3", "x", allowed)
    assert may_reach("::ffff:10.1.2.3", "x", allowed)
    assert may_reach("192.168.1.5", "x", allowed)
    assert may_reach("fd12::1", "x", allowed)
    assert may_reach("192.168.7.7", "wms.LAN", allowed)
    assert not may_reach("10.2.0.1", "x", allowed)
    assert not may_reach("192.168.7.7", "other.lan", allowed)


@pytest.mark.parametrize("text", ["http://wms.lan", "10.0.0.1/8/8", "a b", "999.1.1.1", "10.0.0.1/8"])
def test_a_wrong_list_is_named(text):
    with pytest.raises(ValueError, match="not a host name"):
        read(text)


@given(st.ip_addresses(v=4))
def test_an_ipv4_address_is_judged_alike_in_every_form(ip):
    plain = may_reach(str(ip), "x", PUBLIC_ONLY)
    n = int(ip)
    forms = [f"::ffff:{ip}", f"64:ff9b::{n >> 16:x}:{n & 0xFFFF:x}", f"2002:{n >> 16:x}:{n & 0xFFFF:x}::"]
    assert [may_reach(form, "x", PUBLIC_ONLY) for form in forms] == [plain] * 3


# Over the wire --------------------------------------------------------------------------------------------


@contextmanager
def saying(*parts: bytes, then_wait: threading.Event | None = None):
    """A port that answers each connection with these bytes; `heard` has what came."""
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        heard: list[bytes] = []

        def serve() -> None:
            while True:
                try:
                    link, _ = server.accept()
                except OSError:
                    return
                with link:
                    heard.append(link.recv(65_536))
                    for part in parts:
                        link.sendall(part)
                    if then_wait is not None:
                        then_wait.wait(5)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield server.getsockname()[1], heard
        server.shutdown(socket.SHUT_RDWR)
    thread.join(5)


OK = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nX-Of: it\r\n\r\nok"


def test_an_answer_comes_back_and_the_name_is_the_one_that_was_asked_for():
    with saying(OK) as (port, heard):
        found = send(Ask("POST", f"http://localhost:{port}/a?b=1", {"x-key": "k"}, b"{}"), ANYWHERE, 5, 100)
    assert (found.status, found.headers["x-of"], found.body) == (200, "it", b"ok")
    assert heard[0].startswith(b"POST /a?b=1 HTTP/1.1\r\n")
    assert b"Host: localhost:" in heard[0]


def test_nothing_goes_to_a_private_address_also_where_only_one_of_several_is(monkeypatch):
    with saying(OK) as (port, heard):
        for host in ("127.0.0.1", "localhost", "2130706433", "0x7f.1", "[::ffff:127.0.0.1]"):
            with pytest.raises(Unsent):
                send(Ask("GET", f"http://{host}:{port}/"), PUBLIC_ONLY, 5, 100)
        mixed = [(0, 0, 0, "", ("8.8.8.8", port)), (0, 0, 0, "", ("127.0.0.1", port))]
        monkeypatch.setattr(sending, "_resolved", lambda host, port: mixed)
        with pytest.raises(Unsent, match="private address"):
            send(Ask("GET", f"http://wms.example.cn:{port}/"), PUBLIC_ONLY, 5, 100)
    assert heard == []


def test_a_name_that_answers_otherwise_a_moment_later_is_connected_to_where_it_was_judged(monkeypatch):
    """What rebinds: the first answer is public, every later one is the machine itself."""
    asked, went = [], []

    def resolved(host, port):
        asked.append(host)
        return [(0, 0, 0, "", ("8.8.8.8" if len(asked) == 1 else "127.0.0.1", port))]

    def connect(place, *_):
        went.append(place[0])
        raise ConnectionRefusedError

    monkeypatch.setattr(sending, "_resolved", resolved)
    monkeypatch.setattr(socket, "create_connection", connect)
    with pytest.raises(Unsent, match="ConnectionRefusedError"):
        send(Ask("GET", "http://rebind.example.cn/"), PUBLIC_ONLY, 5, 100)
    assert (asked, went) == (["rebind.example.cn"], ["8.8.8.8"])


def test_a_redirect_is_an_answer_and_not_followed():
    with saying(OK) as (inner, heard):
        there = (
            f"HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:{inner}/\r\ncontent-length: 0\r\n\r\n".encode()
        )
        with saying(there) as (port, _):
            assert send(Ask("GET", f"http://127.0.0.1:{port}/"), ANYWHERE, 5, 100).status == 302
    assert heard == []


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (b"HTTP/1.1 200 OK\r\ncontent-length: 200\r\n\r\n" + b"x" * 200, "too long"),
        (b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 200, "too long"),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 20\r\n\r\nhalf", "cut off|IncompleteRead"),
        (b"", "RemoteDisconnected|BadStatusLine"),
        (b"\x00\x01 garbage\r\n\r\n", "BadStatusLine"),
    ],
)
def test_an_answer_that_is_none_may_have_been_acted_upon(answer, why):
    with saying(answer) as (port, _), pytest.raises(Unheard, match=why):
        send(Ask("POST", f"http://127.0.0.1:{port}/"), ANYWHERE, 5, 100)


def test_what_trickles_in_for_ever_ends_in_time():
    forever = threading.Event()
    with saying(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nx", then_wait=forever) as (port, _):
        with pytest.raises(Unheard, match="TimeoutError"):
            send(Ask("GET", f"http://127.0.0.1:{port}/"), ANYWHERE, 0.2, 100)
        forever.set()


def test_tls_is_verified_and_a_reason_holds_no_address():
    with saying(b"no handshake") as (port, _), pytest.raises(Unsent) as told:
        send(Ask("GET", f"https://127.0.0.1:{port}/secret-path"), ANYWHERE, 5, 100)
    assert "secret" not in str(told.value)
    context = sending._context()
    assert (context.check_hostname, context.verify_mode) == (True, ssl.CERT_REQUIRED)


@pytest.mark.parametrize("address", ["ftp://x/", "http:///a", "nothing", "http://a:99999/", "http://[::1/"])
def test_no_address_sends_nothing(address):
    with pytest.raises(Unsent):
        send(Ask("GET", address), ANYWHERE, 1, 100)


def test_a_header_that_cannot_be_written_sends_nothing():
    with saying(OK) as (port, _), pytest.raises(Unsent):
        send(Ask("GET", f"http://127.0.0.1:{port}/", {"x-key": "键"}), ANYWHERE, 1, 100)
