"""One request over HTTP: to an address that was checked and no other, no redirect followed, bounded in time and size.

The name is resolved once, every address that it leads to is judged, and the connection goes to one of these very
addresses: a name that answers otherwise a moment later changes nothing. TLS is verified for the name. No reason of a
failure holds the address or a header: both may hold a credential.
"""

import contextlib
import http.client
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from urllib.parse import SplitResult, urlsplit

from api.outbound.guard import Allowed, may_reach
from api.outbound.model import Answered, Ask


class Failed(Exception):
    """No answer; the reason is a word that people may read."""


class Unsent(Failed):
    """Nothing has gone out."""


class Unheard(Failed):
    """The other side may have done what it was asked: the answer was lost, cut off or too long."""


def send(ask: Ask, allowed: Allowed, timeout_s: float, most: int) -> Answered:
    """`timeout_s`: for connecting and the whole answer together; `most`: bytes of the answer. Raises Unsent, Unheard."""
    until = time.monotonic() + timeout_s
    try:
        to = urlsplit(ask.address)
        connection = _connected(to, allowed, timeout_s)
    except Failed:
        raise
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise Unsent(type(error).__name__) from None
    try:
        with _ended(connection.sock, until - time.monotonic()) as is_late:
            return _asked(connection, to, ask, most, is_late)
    except ValueError as error:  # a header that cannot be written
        raise Unsent(type(error).__name__) from None
    finally:
        connection.close()


def _connected(to: SplitResult, allowed: Allowed, timeout_s: float) -> http.client.HTTPConnection:
    host, is_tls = to.hostname or "", to.scheme == "https"
    if to.scheme not in ("https", "http") or not host:
        raise Unsent("no address of http or https")
    port = to.port or (443 if is_tls else 80)
    connection: http.client.HTTPConnection
    if is_tls:
        connection = http.client.HTTPSConnection(host, port, timeout=timeout_s, context=_context())
    else:
        connection = http.client.HTTPConnection(host, port, timeout=timeout_s)
    link = _link([str(one[4][0]) for one in _resolved(host, port)], host, port, allowed, timeout_s)
    try:
        connection.sock = _context().wrap_socket(link, server_hostname=host) if is_tls else link
    except BaseException:
        link.close()
        raise
    return connection


def _resolved(host: str, port: int) -> list[tuple[object, object, object, object, tuple[object, ...]]]:
    return list(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))


@lru_cache(1)
def _context() -> ssl.SSLContext:
    return ssl.create_default_context()


def _link(addresses: list[str], host: str, port: int, allowed: Allowed, timeout_s: float) -> socket.socket:
    """One inner address among several refuses them all: an honest name has none."""
    if not all(may_reach(address, host, allowed) for address in addresses):
        raise Unsent("private address")
    trouble: OSError = OSError("no address")
    for address in dict.fromkeys(addresses):
        try:
            return socket.create_connection((address, port), timeout_s)
        except OSError as error:
            trouble = error
    raise trouble


@contextmanager
def _ended(link: socket.socket, seconds: float) -> Iterator[Callable[[], bool]]:
    """Whatever trickles in meanwhile, the conversation is over then."""
    over = threading.Event()

    def end() -> None:
        over.set()
        with contextlib.suppress(OSError):
            link.shutdown(socket.SHUT_RDWR)

    watch = threading.Timer(max(0.0, seconds), end)
    watch.daemon = True
    watch.start()
    try:
        yield over.is_set
    finally:
        watch.cancel()


def _asked(
    connection: http.client.HTTPConnection, to: SplitResult, ask: Ask, most: int, is_late: Callable[[], bool]
) -> Answered:
    path = (to.path or "/") + (f"?{to.query}" if to.query else "")
    try:
        connection.request(ask.method, path, ask.body or None, dict(ask.headers))
        answer = connection.getresponse()
        body = answer.read(most + 1)
    except (OSError, http.client.HTTPException) as error:
        raise Unheard("TimeoutError" if is_late() else type(error).__name__) from None
    if len(body) > most:
        raise Unheard("too long an answer")
    if is_late() or answer.length:
        raise Unheard("TimeoutError" if is_late() else "cut off")
    return Answered(answer.status, {k.lower(): v for k, v in answer.getheaders()}, body)
