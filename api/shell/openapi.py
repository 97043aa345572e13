"""The API's description made true: bodies that handlers decode themselves, refusals, strictness.

Litestar knows the routes and their parameters; a handler names its body in `opt["body"]`. Here the document gets
those bodies (with `additionalProperties: false`), the problem document as the answer to every refusal, and who may
call without a session.
"""

import inspect
from copy import deepcopy
from typing import Any

import msgspec
from litestar import Litestar, Request
from litestar.handlers import HTTPRouteHandler
from litestar.openapi.plugins import OpenAPIRenderPlugin

from api.orders.commands import COMMANDS
from api.orders.model import STATES
from api.orders.routes import COLOURS
from api.shell.answers import JSON, KINDS, ORDER, OTHER

PROBLEM = {
    "type": "object",
    "required": ["type", "title", "status", "code", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string"},
        "detail": {"type": "string"},
        "why": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"path": {"type": "string"}, "why": {"type": "string"}},
            },
        },
    },
}
_REF = "#/components/schemas/{name}"
# Refusals by status: on every route, on those that read a body, that name something, that ask who you are.
ALWAYS, BODY, PATH, SESSION = (400, 429), (409, 413, 422), (404,), (401, 403)
WORDS = {
    400: "The input is wrong: `errors` name each field.",
    401: "Not signed in.",
    403: "No right to this, or X-CSRF-Token differs from the cookie.",
    404: "There is no such thing.",
    409: "Not as things stand; `code` and `why` say what stands in the way.",
    413: "Too large.",
    415: "This format is not known.",
    422: "Well-formed, but it names something that does not exist, or a used Idempotency-Key.",
    429: "Too many; `Retry-After` says when.",
}
# What handlers check by themselves.
PARAMETERS: dict[str, dict[str, Any]] = {
    "limit": {"type": "integer", "minimum": 1, "maximum": 200},
    "cursor": {"type": "string", "maxLength": 200},
    "state": {"enum": ["", *STATES]},
    "colour": {"enum": ["", *COLOURS]},
    "skip": {"type": "integer", "minimum": 0},
    "copies": {"type": "integer", "minimum": 1},
}
ONCE = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "The same key and body within 24 h gets the stored first answer.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[!-~]+$"},
}
# Not for login, devices, uploads; nor where asking twice does no harm.
NOT_ONCE = frozenset(
    ("/api/login", "/api/logout", "/api/me/password", "/api/devices", "/api/devices/enrol", "/api/channels/suggest",
     "/api/places/read", "/api/lines/price", "/api/channels/{code}/try", "/api/channels/{code}/import",
     "/api/channels/{code}/preview", "/api/channels/{code}/rehearse", "/api/orders/{order_no}/attachments",
     "/api/orders/{order_no}/tracking-link", "/api/inbox/{number}/replay", "/api/inbox/replay",
     *(f"/api/{kind}/import" for kind in KINDS))
)  # fmt: skip
COMMAND = "/api/orders/{order_no}/{name}"


def describe(app: Litestar) -> dict[str, Any]:
    """The whole document, OpenAPI 3.1."""
    doc: dict[str, Any] = app.openapi_schema.to_schema()
    parts = doc.setdefault("components", {})
    bodies, schemas = _bodies(app)
    parts["schemas"] = {**parts.get("schemas", {}), **schemas, "Problem": PROBLEM, "Order": ORDER}
    parts["securitySchemes"] = {
        "bearer": {"type": "http", "scheme": "bearer"},
        "cookie": {"type": "apiKey", "in": "cookie", "name": "session"},
    }
    for route in app.routes:
        for handler in getattr(route, "route_handlers", []):
            if isinstance(handler, HTTPRouteHandler):
                for method in handler.http_methods:
                    operation = doc["paths"].get(route.path_format, {}).get(method.lower())
                    if operation is not None:
                        said = inspect.getdoc(handler.fn)
                        if said:
                            operation["description"] = said
                        _complete(operation, method, route.path_format, handler.opt, bodies)
    _commands(doc, bodies)
    return doc


def _bodies(app: Litestar) -> tuple[dict[Any, dict[str, Any]], dict[str, Any]]:
    """A reference for each body that a handler reads, and the schemas referred to."""
    kinds = {spec.body for spec in COMMANDS.values()}
    for route in app.routes:
        for handler in getattr(route, "route_handlers", []):
            if isinstance(handler.opt.get("body"), type):
                kinds.add(handler.opt["body"])
    ordered = sorted(kinds, key=lambda kind: (kind.__name__, kind.__module__))
    references, components = msgspec.json.schema_components(ordered, ref_template=_REF)
    return dict(zip(ordered, references, strict=True)), components


def _complete(
    operation: dict[str, Any], method: str, path: str, opt: dict[str, Any], bodies: dict[Any, dict[str, Any]]
) -> None:
    body, is_public = opt.get("body"), opt.get("public", False)
    if body is not None and body != "command":
        operation["requestBody"] = _body(body, bodies)
    parameters = operation.setdefault("parameters", [])
    own = {name: {"enum": ["", *words]} for name, words in opt.get("among", {}).items()}
    for one in parameters:
        one["schema"] = {**(PARAMETERS | own).get(one["name"], one["schema"])}
        one.pop("deprecated", None)
    if method == "POST" and path.startswith("/api/") and path not in NOT_ONCE:
        parameters.append(ONCE)
    good = next(status for status in operation["responses"] if status.startswith("2"))
    operation["responses"] = {good: _good(method, path)}
    statuses = {*ALWAYS, *(() if is_public else SESSION), *(PATH if "{" in path else ())}
    statuses |= {*BODY} if method in ("POST", "PUT", "DELETE") else set()
    statuses |= {415, *BODY} if body in ("multipart", "picture") or path.startswith("/qr/{") else set()
    statuses |= (
        {401, 403, 409} if path in ("/api/login", "/api/devices/enrol") or path.startswith("/in/") else set()
    )
    statuses |= {422} if path == "/sync/pull" else set()
    for status in sorted(statuses):
        operation["responses"][str(status)] = _refusal(WORDS[status])
    operation["responses"]["default"] = _refusal("A refusal: RFC 9457 with a stable `code`.")
    if path.startswith("/t/"):
        operation["responses"]["404"] = {
            "description": "Gone.",
            "content": {"text/html": {"schema": {"type": "string"}}},
        }
    if not is_public:
        operation["security"] = [{"bearer": []}, {"cookie": []}]


def _good(method: str, path: str) -> dict[str, Any]:
    media = OTHER.get((method, path))
    if media is not None:
        return {"description": "Done.", "content": {one: {"schema": {}} for one in media}}
    schema = JSON.get((method, path), {"type": "object"})
    return {"description": "Done.", "content": {"application/json": {"schema": schema}}}


def _refusal(words: str) -> dict[str, Any]:
    schema = {"$ref": _REF.format(name="Problem")}
    return {"description": words, "content": {"application/problem+json": {"schema": schema}}}


def _commands(doc: dict[str, Any], bodies: dict[Any, dict[str, Any]]) -> None:
    """One path a command, each with its own body, in place of the one route that serves them all."""
    route = doc["paths"].pop(COMMAND, None)
    if route is None:
        return
    for name, spec in COMMANDS.items():
        operation = deepcopy(route["post"])
        operation["operationId"] = f"Order{name.title().replace('_', '')}"
        operation["summary"] = name
        operation["description"] = (spec.run.__doc__ or f"Right: {spec.right}.").strip()
        operation["parameters"] = [one for one in operation["parameters"] if one["name"] != "name"]
        is_empty = not spec.body.__struct_fields__
        operation["requestBody"] = {
            "required": not is_empty,
            "content": {"application/json": {"schema": bodies[spec.body]}},
        }
        doc["paths"][COMMAND.replace("{name}", name)] = {"post": operation}


def _body(body: Any, bodies: dict[Any, dict[str, Any]]) -> dict[str, Any]:
    if body == "multipart":
        file = {"type": "string", "format": "binary"}
        fields = {
            "file": file,
            "kind": {"enum": ["receipt", "photo", "document"]},
            "paid_on": {"type": "string", "format": "date"},
            "amount_fen": {"type": "integer", "minimum": 0, "maximum": 10**12 - 1},
        }
        schema: dict[str, Any] = {"type": "object", "required": ["file"], "properties": fields}
        return {"required": True, "content": {"multipart/form-data": {"schema": schema}}}
    if body == "picture":
        images = ("image/jpeg", "image/png", "image/webp")
        return {"required": True, "content": {one: {"schema": {}} for one in images}}
    if body == "raw":
        return {"content": {"application/json": {"schema": {}}, "application/xml": {"schema": {}}}}
    if body == "push":
        schema = {
            "type": "object",
            "required": ["device", "ops"],
            "additionalProperties": False,
            "properties": {
                "device": {"type": "string", "pattern": "^[0-9A-Z]{8}$"},
                "ops": {"type": "array", "maxItems": 500, "items": {}},
            },
        }
        return {"required": True, "content": {"application/json": {"schema": schema}}}
    return {"required": True, "content": {"application/json": {"schema": bodies[body]}}}


class TrueDocument(OpenAPIRenderPlugin):
    """Litestar's own pages load scripts from outside hosts; in their place stands this document alone."""

    def render(self, request: Request[Any, Any, Any], openapi_schema: dict[str, Any]) -> bytes:
        del openapi_schema  # it knows neither bodies nor refusals
        return msgspec.json.encode(describe(request.app))
