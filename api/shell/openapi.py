"""The API's description made true: bodies that handlers decode themselves, refusals, strictness.

Litestar knows the routes and their parameters; a handler names its body in `opt["body"]`. Here the document gets
those bodies (with `additionalProperties: false`), the problem document as the answer to every refusal, and who may
call without a session.
"""

from typing import Any

import msgspec
from litestar import Litestar
from litestar.handlers import HTTPRouteHandler

from api.orders.commands import COMMANDS

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


def describe(app: Litestar) -> dict[str, Any]:
    doc: dict[str, Any] = app.openapi_schema.to_schema()
    schemas = doc.setdefault("components", {}).setdefault("schemas", {})
    schemas["Problem"] = PROBLEM
    kinds = {spec.body for spec in COMMANDS.values()}
    for route in app.routes:
        for handler in getattr(route, "route_handlers", []):
            body = handler.opt.get("body")
            if isinstance(body, type):
                kinds.add(body)
    (_, components) = msgspec.json.schema_components(
        sorted(kinds, key=lambda k: k.__name__), ref_template=_REF
    )
    schemas.update(components)
    for route in app.routes:
        for handler in getattr(route, "route_handlers", []):
            if isinstance(handler, HTTPRouteHandler):
                _complete(doc, route.path_format, handler)
    return doc


def _complete(doc: dict[str, Any], path: str, handler: HTTPRouteHandler) -> None:
    for method in handler.http_methods:
        operation = doc["paths"].get(path, {}).get(method.lower())
        if operation is None:
            continue
        body = handler.opt.get("body")
        if body is not None:
            operation["requestBody"] = _body(body)
        operation["responses"] = {
            status: answer
            for status, answer in operation.get("responses", {}).items()
            if status.startswith("2")
        }
        operation["responses"]["default"] = {
            "description": "A refusal: RFC 9457 with a stable `code`.",
            "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }


def _body(body: Any) -> dict[str, Any]:
    if body == "multipart":
        schema: dict[str, Any] = {
            "type": "object",
            "properties": {"file": {"type": "string", "format": "binary"}},
        }
        return {"required": True, "content": {"multipart/form-data": {"schema": schema}}}
    if body == "raw":
        return {"content": {"application/json": {"schema": {}}, "application/xml": {"schema": {}}}}
    if body == "push":
        schema = {
            "type": "object",
            "required": ["device", "ops"],
            "additionalProperties": False,
            "properties": {
                "device": {"type": "string"},
                "ops": {"type": "array", "maxItems": 500, "items": {}},
            },
        }
        return {"required": True, "content": {"application/json": {"schema": schema}}}
    if body == "command":
        among = sorted({spec.body.__name__ for spec in COMMANDS.values()})
        schema = {"anyOf": [{"$ref": _REF.format(name=name)} for name in among]}
        return {"content": {"application/json": {"schema": schema}}}
    return {
        "required": True,
        "content": {"application/json": {"schema": {"$ref": _REF.format(name=body.__name__)}}},
    }
