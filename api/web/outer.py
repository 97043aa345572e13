"""The outermost layer: security headers on every answer, and the fast lane for the hottest routes.

A lane is a plain async function `(hub, head, actor, body) -> Answer`; it serves its route without Litestar's
router, decoding and dependency machinery, which measured two to three times an order's own cost. The same
function stands behind Litestar's handler, so both ways give the same bytes.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, NamedTuple

from litestar import Litestar
from litestar.types import Message

from api.kernel.actor import Actor
from api.kernel.errors import Refused
from api.kernel.log import log
from api.web.answer import Answer, problem
from api.web.body import size
from api.web.head import Head, head_of
from api.web.hub import Hub


class Lane(NamedTuple):
    """`limit`: bytes of a body; None: the house's own. `is_public`: whoever asks is nobody in particular. A lane whose path
    ends with a slash serves what is beneath it."""

    run: Callable[[Hub, Head, Actor, bytes], Awaitable[Answer]]
    limit: int | None = None
    is_public: bool = False


NOBODY = Actor(name="", role="")
Who = Callable[[Head], Awaitable[Actor]]

CSP = (
    "default-src 'self'; img-src 'self' data: blob:; object-src 'none'; base-uri 'none'; "
    "frame-ancestors 'none'; form-action 'self'"
)
HEADERS: tuple[tuple[bytes, bytes], ...] = (
    (b"content-security-policy", CSP.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"permissions-policy", b"geolocation=(), microphone=(), payment=()"),
)
NO_STORE = (b"cache-control", b"no-store")
CLOSED = ("/api", "/in/", "/sync/")  # no pages: HEAD is refused there, and a stream would never end


class Outer(Litestar):
    """Litestar with the two things above; `open_lanes` is called once, by `create_app`."""

    _lanes: Mapping[tuple[str, str], Lane]
    _who: Who

    def open_lanes(self, lanes: Mapping[tuple[str, str], Lane], who: Who) -> None:
        self._lanes, self._who = lanes, who

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            await super().__call__(scope, receive, send)
            return
        if scope["method"] == "HEAD" and not scope["path"].startswith(CLOSED):
            # Link previews and uptime checks ask for a page's head: its GET without the body.
            scope, send = {**scope, "method": "GET"}, _without_body(send)
        method, path = scope["method"], scope["path"]
        if "\0" in path:  # nothing is called so, and not every engine may be asked for it
            path = path.replace("\0", "\ufffd")
            scope = {**scope, "path": path}
        lane = self._lanes.get((method, path)) or self._lanes.get((method, path[: path.find("/", 1) + 1]))
        if lane is None:
            await super().__call__(scope, receive, _with_headers(send, scope["path"]))
        else:
            await self._serve(lane, scope, receive, send)

    async def _serve(self, lane: Lane, scope: Any, receive: Any, send: Any) -> None:
        hub: Hub = self.state.hub
        head = head_of(scope, hub)
        try:
            body = await _read(receive, lane.limit or hub.body_limit, head)
            actor = NOBODY if lane.is_public else await self._who(head)
            answer = await lane.run(hub, head, actor, body)
        except Refused as refused:
            answer = problem(refused, head)
        except Exception as error:  # the last wall: no stack trace leaves the server
            log.error("fault", path=head.path, method=head.method, error=repr(error), exc_info=error)
            answer = problem(Refused("fault"), head)
        await reply(send, answer)


async def _read(receive: Any, limit: int, head: Head) -> bytes:
    length = head.headers.get("content-length", "")
    if length.isdecimal() and int(length) > limit:
        raise Refused("too_large", limit=size(limit))
    body, more = b"", True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
        if len(body) > limit:
            raise Refused("too_large", limit=size(limit))
    return body


async def reply(send: Any, answer: Answer) -> None:
    headers = [
        (b"content-type", answer.media.encode()),
        (b"content-length", b"%d" % len(answer.body)),
        *((name.encode(), value.encode()) for name, value in answer.headers),
        *HEADERS,
        NO_STORE,
    ]
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.body})


def _without_body(send: Any) -> Any:
    async def wrapped(message: Message) -> None:
        await send({**message, "body": b""} if message["type"] == "http.response.body" else message)

    return wrapped


def _with_headers(send: Any, path: str) -> Any:
    is_private = path.startswith(("/api", "/in/", "/sync/", "/t/", "/T/"))

    async def wrapped(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = list(message.get("headers", []))
            present = {name for name, _ in headers}
            # A refusal is about now: the path may be there after the next start.
            extra = (*HEADERS, NO_STORE) if is_private or message["status"] >= 400 else HEADERS
            message["headers"] = [*headers, *(one for one in extra if one[0] not in present)]
        await send(message)

    return wrapped
