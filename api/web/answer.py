"""Answers as values: status, body, headers. Commands return them, so that they can be stored and repeated."""

from typing import Any

import msgspec
from litestar.response import Response

from api.kernel.errors import Refused
from api.web.head import Head

JSON = "application/json"
PROBLEM = "application/problem+json"
_encode = msgspec.json.Encoder().encode


class Answer(msgspec.Struct, frozen=True):
    status: int
    body: bytes
    media: str = JSON
    headers: tuple[tuple[str, str], ...] = ()

    def response(self) -> Response[bytes]:
        return Response(self.body, status_code=self.status, media_type=self.media, headers=dict(self.headers))


def ok(value: Any, status: int = 200) -> Answer:
    return Answer(status, _encode(value))


def problem(refused: Refused, head: Head) -> Answer:
    """RFC 9457; `Retry-After` where waiting helps."""
    headers: tuple[tuple[str, str], ...] = (("content-language", head.lang),)
    if "seconds" in refused.facts:
        headers += (("retry-after", str(refused.facts["seconds"])),)
    return Answer(refused.status, _encode(refused.problem(head.lang, head.path)), PROBLEM, headers)
