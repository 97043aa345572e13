"""What every route shares: its dependencies by name, and refusals turned into problem documents.

A handler names what it needs (`hub`, `head`, `actor`) and returns an `Answer`'s response. Whatever it raises
ends here: a `Refused` as its problem, Litestar's own refusals as ours, anything else as one fixed 500.
"""

from collections.abc import Callable
from typing import Any, TypeVar

from litestar import Request
from litestar.datastructures import State
from litestar.exceptions import HTTPException
from litestar.response import Response

from api.kernel.errors import Invalid, Refused, Why, WrongField
from api.kernel.log import log
from api.kernel.time import text
from api.web.answer import problem
from api.web.body import size
from api.web.head import Head, head_of
from api.web.hub import Hub

Req = Request[Any, Any, State]
MOST = 200
DEEPEST = 1_000  # hits of a search; who looks further types another letter
R = TypeVar("R")


async def provide_hub(request: Req) -> Hub:
    hub: Hub = request.app.state.hub
    return hub


async def provide_head(request: Req) -> Head:
    return head_of(request.scope, request.app.state.hub)


def refused(request: Req, error: Exception) -> Response[bytes]:
    """Any exception of a handler as its problem document."""
    head = head_of(request.scope, request.app.state.hub)
    if isinstance(error, Refused):
        return problem(error, head).response()
    if isinstance(error, HTTPException):
        answer = problem(_translated(error, request), head).response()
        if error.headers and "allow" in {name.lower() for name in error.headers}:
            answer.headers["allow"] = {k.lower(): v for k, v in error.headers.items()}["allow"]
        return answer
    log.error("fault", path=head.path, method=head.method, error=repr(error), exc_info=error)
    return problem(Refused("fault"), head).response()


def _translated(error: HTTPException, request: Req) -> Refused:
    code = {404: "no_such_path", 405: "wrong_method", 413: "too_large", 401: "signed_out"}.get(
        error.status_code
    )
    if code == "too_large":
        limit = request.route_handler.resolve_request_max_body_size()
        return Refused(code, limit=size(limit or request.app.state.hub.body_limit))
    if code is not None:
        return Refused(code)
    if error.status_code >= 500:
        return Refused("fault")
    extra = error.extra if isinstance(error.extra, list) else []
    wrong = [
        WrongField(f"{_where(one)}.{one.get('key', '')}", Why(_zh(one), f"{one.get('message')}."))
        for one in extra
        if isinstance(one, dict)
    ]
    return Invalid(wrong or [WrongField("$", Why("请求不对。", f"{error.detail}."))])


def _where(one: dict[str, Any]) -> str:
    """`query`, `path` or `body`."""
    return str(getattr(one.get("source"), "value", one.get("source", "body")))


def _zh(one: dict[str, Any]) -> str:
    """The commonest: a number that is none."""
    if str(one.get("message", "")).startswith("Expected `int`"):
        return f"{one.get('key', '')} 要整数。"
    return f"{one.get('key', '')} 不对：{one.get('message')}。"


def page_limit(limit: int) -> int:
    if not 1 <= limit <= MOST:
        raise Invalid([WrongField("query.limit", Why("1 到 200。", "From 1 to 200."))])
    return limit


def whole_cursor(cursor: str) -> int | None:
    """A cursor that is a number; empty: from the start."""
    if not cursor:
        return None
    if not (cursor.isascii() and cursor.isdigit() and len(cursor) < 19):
        raise Invalid(
            [WrongField("query.cursor", Why("游标不对，从头再来。", "Not a cursor of ours; start anew."))]
        )
    return int(cursor)


def one_of(name: str, value: str, among: tuple[str, ...]) -> None:
    """A query's word among those that it takes; empty: not asked."""
    if value and value not in among:
        names = ", ".join(among)
        raise Invalid([WrongField(f"query.{name}", Why(f"只能是：{names}。", f"One of: {names}."))])


def clean(value: str, name: str, most: int = 200) -> str:
    """A query's text: no U+0000, not endless."""
    if "\0" in value or len(value) > most:
        raise Invalid([WrongField(f"query.{name}", Why("太长，或有 U+0000。", "Too long, or holds U+0000."))])
    return value


def page(items: list[Any], following: Any) -> dict[str, Any]:
    return {"items": items, "next": None if following is None else str(following)}


def cut(rows: list[R], count: int) -> tuple[list[R], R | None]:
    """Of rows asked for with one more than `count`: the page, and its last row where another page follows."""
    return rows[:count], rows[count - 1] if len(rows) > count else None


def sliced(items: list[Any], limit: int, cursor: str) -> dict[str, Any]:
    """A page of a short list that is read whole; its cursor is a position."""
    count, start = page_limit(limit), whole_cursor(cursor) or 0
    return page(items[start : start + count], start + count if len(items) > start + count else None)


def ranked(best: Callable[[int], list[Any]], limit: int, cursor: str) -> dict[str, Any]:
    """A page of a search's hits, of which `best(n)` gives the first n; its cursor is a position, up to `DEEPEST`."""
    count, start = page_limit(limit), min(whole_cursor(cursor) or 0, DEEPEST)
    return sliced(best(start + count + 1), limit, str(start))


def shown_time(at: int | None, hub: Hub) -> str | None:
    return None if at is None else text(at, hub.timezone)
