"""The one sender: a POST over HTTP, no redirect followed, a few seconds and a few kilobytes at most.

The address is the operator's own word (a setting), so private addresses are allowed. Raises `Undelivered` with a reason
that holds neither the address (it is a credential) nor what the other side wrote; `Unheard` where it may have been taken.
"""

import http.client
import ssl
from urllib.parse import urlsplit

from api.robots.kinds import KINDS
from api.robots.model import Message, Post, Robot, Undelivered, Unheard

TIMEOUT_S = 10.0
ANSWER_BYTES = 65_536
# A gateway says that it has not heard the answer.
UNHEARD = (502, 504)


def send(robot: Robot, message: Message, now: int, timeout: float = TIMEOUT_S) -> None:
    kind = KINDS[robot.kind]
    try:
        status, body = _posted(kind.build(robot, message, now), timeout)
    except Undelivered:
        raise
    except (OSError, http.client.HTTPException, ValueError) as error:
        # The type alone: some of these quote the address.
        raise Undelivered(type(error).__name__) from None
    if not 200 <= status < 300:
        raise (Unheard if status in UNHEARD else Undelivered)(f"status {status}")
    is_taken = kind.is_taken(body)
    if is_taken is None:
        raise Unheard("no answer of the platform")
    if not is_taken:
        raise Undelivered("refused by the platform")


def _posted(post: Post, timeout: float) -> tuple[int, bytes]:
    to = urlsplit(post.address)
    connection: http.client.HTTPConnection
    if to.scheme == "https":
        secure = ssl.create_default_context()
        connection = http.client.HTTPSConnection(to.hostname or "", to.port, timeout=timeout, context=secure)
    else:
        connection = http.client.HTTPConnection(to.hostname or "", to.port, timeout=timeout)
    path = (to.path or "/") + (f"?{to.query}" if to.query else "")
    try:
        connection.connect()
        try:
            connection.request("POST", path, post.body, post.headers)
            answer = connection.getresponse()
            return answer.status, answer.read(ANSWER_BYTES)
        except (OSError, http.client.HTTPException) as error:
            raise Unheard(type(error).__name__) from None
    finally:
        connection.close()
