"""The journeys' proxy: requests in turn, answers as they come, a dead node passed over, nothing asked twice that may not."""

import http.server
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest

from tests.support.proxy import Proxy
from tests.support.server import free_port


class Node(http.server.BaseHTTPRequestHandler):
    """Tells who it is and what it heard; `/slow` sends half, waits to be let, and sends the rest; `/die` says nothing."""

    def do_GET(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        self.server.heard.append(
            (self.path, body, self.headers["x-forwarded-for"], self.headers["connection"])
        )
        if self.path == "/die" and self.server.is_frail:
            return
        self.send_response(200)
        self.end_headers()
        self.wfile.write(self.server.name)
        if self.path == "/slow":
            self.wfile.flush()
            self.server.let.wait(10)
            self.wfile.write(b" over")

    do_POST = do_GET

    def log_message(self, *_: object) -> None: ...


@contextmanager
def node(name: bytes, is_frail: bool = False) -> Iterator[http.server.ThreadingHTTPServer]:
    made = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Node)
    made.name, made.is_frail, made.heard, made.let = name, is_frail, [], threading.Event()
    thread = threading.Thread(target=made.serve_forever, args=(0.01,))
    thread.start()
    yield made
    made.shutdown()
    made.server_close()
    thread.join()


@pytest.fixture
def two() -> Iterator[tuple[httpx.Client, list[http.server.ThreadingHTTPServer], Proxy]]:
    with node(b"one", is_frail=True) as one, node(b"two") as other:
        port = free_port()
        proxy = Proxy(port, [one.server_port, other.server_port])
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=10, verify=False) as client:
            yield client, [one, other], proxy
        proxy.close()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port))


def test_requests_of_one_client_go_to_the_nodes_in_turn(two):
    client, nodes, proxy = two
    assert [client.post("/", content=b"x" * 200_000).text for _ in range(4)] == ["one", "two"] * 2
    assert proxy.answered == [2, 2]
    assert [len(body) for one in nodes for _, body, _, _ in one.heard] == [200_000] * 4
    assert {told[2:] for one in nodes for told in one.heard} == {("127.0.0.1", "close")}


def test_an_answer_passes_as_it_comes(two):
    client, nodes, _ = two
    with client.stream("GET", "/slow") as answer:
        pieces = answer.iter_raw()
        assert next(pieces) == b"one"
        nodes[0].let.set()
        assert b"".join(pieces) == b" over"


@pytest.mark.parametrize(("given", "status"), [({}, 200), ({"content": b"an order"}, 502)])
def test_only_what_may_be_asked_twice_is(two, given, status):
    client, nodes, _ = two
    assert client.request("POST" if given else "GET", "/die", **given).status_code == status
    assert [len(one.heard) for one in nodes] == [1, int(status == 200)]


def test_a_dead_node_is_passed_over_and_two_are_told():
    with node(b"two") as other:
        port = free_port()
        proxy = Proxy(port, [free_port(), other.server_port])
        url = f"http://127.0.0.1:{port}"
        assert [httpx.post(url, content=b"x", verify=False).text for _ in range(3)] == ["two"] * 3
    assert httpx.get(url, verify=False).status_code == 502
    proxy.close()
