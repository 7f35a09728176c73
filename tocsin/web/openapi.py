"""``GET /openapi.json``: the API's description, derived from the endpoints and the dataclasses behind them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

import msgspec

from tocsin import __version__, wire
from tocsin.web.endpoints import Call, Endpoint, give
from tocsin.web.problems import KINDS

_PARAMETER = re.compile(r"\{(\w+)(?::\w+)?\}")
_REF = "#/components/schemas/{name}"

PROBLEM: Mapping[str, Any] = {
    "type": "object",
    "description": "A fault, as RFC 9457 shapes it.",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string", "enum": [f"urn:tocsin:problem:{word}" for word, _ in KINDS.values()]},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "A sentence that says what is wrong."},
        "hint": {"type": "string", "description": "A sentence that says what to do about it."},
        "request_id": {"type": "string"},
    },
}
SECURITY: Mapping[str, Any] = {
    "bearer": {"type": "http", "scheme": "bearer", "description": "A token."},
    "basic": {"type": "http", "scheme": "basic", "description": "A token as the password; any name."},
    "session": {"type": "apiKey", "in": "cookie", "name": "tocsin_session", "description": "A signed-in browser."},
    "url": {"type": "apiKey", "in": "query", "name": "token", "description": "For senders that can set no header."},
}
DOORS: Mapping[str, tuple[str, ...]] = {
    "open": (),
    "api": ("bearer", "session"),
    "intake": ("bearer", "basic"),
    "webhook": ("bearer", "basic", "url"),
}


def document(endpoints: Sequence[Endpoint]) -> dict[str, Any]:
    """The OpenAPI 3.1 document."""
    types = [kind for endpoint in endpoints for kind in (endpoint.takes, endpoint.gives) if kind is not None]
    for kind in types:
        wire.prepare(kind)
    schemas, components = msgspec.json.schema_components(types, ref_template=_REF)
    of_type = {repr(kind): schema for kind, schema in zip(types, schemas, strict=True)}
    paths: dict[str, dict[str, Any]] = {}
    for endpoint in endpoints:
        path = _PARAMETER.sub(r"{\1}", endpoint.path)
        paths.setdefault(path, {})[endpoint.method.lower()] = _operation(endpoint, of_type)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Tocsin",
            "version": __version__,
            "description": "Your team's Markdown incident runbook, running. Faults are application/problem+json.",
        },
        "paths": paths,
        "components": {"schemas": {**components, "Problem": PROBLEM}, "securitySchemes": SECURITY},
    }


def endpoint(others: Sequence[Endpoint]) -> Endpoint:
    """The endpoint that gives the document; the document is made once."""

    def serve(_: Call) -> Any:
        return give(described)

    own = Endpoint(
        method="GET", path="/openapi.json", says="This description.", serve=serve, door="open", gives=dict[str, Any]
    )
    described = document([*others, own])
    return own


def _operation(endpoint: Endpoint, schemas: Mapping[str, Any]) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": _operation_id(endpoint),
        "summary": endpoint.says,
        "parameters": _parameters(endpoint),
        "responses": {str(endpoint.status): _good(endpoint, schemas), "default": _fault()},
        "security": [{scheme: []} for scheme in DOORS[endpoint.door]],
    }
    if endpoint.role:
        operation["description"] = f"Needs a token of the role {endpoint.role} or a higher one."
    if endpoint.takes is not None:
        content = {"application/json": {"schema": schemas[repr(endpoint.takes)]}}
        operation["requestBody"] = {"content": content, "required": _must_have_body(endpoint.takes)}
    return operation


def _operation_id(endpoint: Endpoint) -> str:
    words = _PARAMETER.sub(r"\1", endpoint.path).removeprefix("/api/v1")
    return "_".join([endpoint.method.lower(), *re.findall(r"\w+", words)])


def _parameters(endpoint: Endpoint) -> list[dict[str, Any]]:
    in_path = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in _PARAMETER.findall(endpoint.path)
    ]
    in_query = [
        {"name": query.name, "in": "query", "description": query.says, "schema": {"type": query.kind}}
        for query in endpoint.query
        if query.name != "token"
    ]
    return in_path + in_query


def _good(endpoint: Endpoint, schemas: Mapping[str, Any]) -> dict[str, Any]:
    described: dict[str, Any] = {"description": HTTPStatus(endpoint.status).phrase}
    if endpoint.gives is not None:
        described["content"] = {"application/json": {"schema": schemas[repr(endpoint.gives)]}}
    return described


def _fault() -> dict[str, Any]:
    schema = {"$ref": _REF.format(name="Problem")}
    return {"description": "A fault.", "content": {"application/problem+json": {"schema": schema}}}


def _must_have_body(kind: Any) -> bool:
    fields = getattr(kind, "__dataclass_fields__", None)
    if fields is None:
        return True
    return any(field.default is field.default_factory for field in fields.values())
