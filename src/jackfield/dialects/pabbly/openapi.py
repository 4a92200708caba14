"""The OpenAPI document's bodies, parameters and answers, from the same reference as the markdown."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from fastapi import FastAPI

from .context import BASE
from .reference import Entry, Param, entries

FAILURE = {
    "type": "object",
    "required": ["success", "status", "error", "code"],
    "properties": {
        "success": {"type": "boolean", "const": False},
        "status": {"type": "string", "const": "error"},
        "error": {"type": "string", "description": "For people."},
        "code": {"type": "string", "description": "Stable."},
    },
}


def document(app: FastAPI) -> None:
    """Add what the routes, which read their bodies liberally, do not say themselves."""
    plain = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema:
            return app.openapi_schema
        schema = plain()
        schema.setdefault("components", {})["securitySchemes"] = {"Bearer": {"type": "http", "scheme": "bearer"}}
        schema["components"].setdefault("schemas", {})["Failure"] = FAILURE
        schema["security"] = [{"Bearer": []}]
        for path, operations in schema["paths"].items():
            for method, operation in operations.items():
                mine = [
                    one
                    for one in entries()
                    if one.method == method.upper() and one.path.rstrip("/") == path.removeprefix(BASE).rstrip("/")
                ]
                _describe(operation, mine)
        app.openapi_schema = schema
        return schema

    app.openapi = openapi  # type: ignore[method-assign]


def _describe(operation: dict[str, Any], mine: list[Entry]) -> None:
    params = _unique(param for one in mine for param in one.query)
    if params:
        known = operation.setdefault("parameters", [])
        known += [
            {"name": one.name, "in": "query", "required": False, "schema": {"type": "string"}, "description": one.about}
            for one in params
        ]
    bodies = [one for one in mine if one.request is not None]
    if bodies:
        always = [name for name in _names(bodies[0]) if all(name in _names(one) for one in bodies)]
        operation["requestBody"] = {
            "required": True,
            "content": {
                "application/json": {
                    "schema": {
                        "type": "object",
                        **({"required": always} if always else {}),
                        "properties": {
                            one.name: _schema(one)
                            for one in _unique(param for entry in bodies for param in entry.params)
                            if "." not in one.name and "[" not in one.name
                        },
                    },
                    "examples": {one.slug: {"summary": one.title, "value": one.request} for one in bodies},
                }
            },
        }
    answers = operation.setdefault("responses", {})
    answers.pop("422", None)
    failure = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Failure"}}}}
    answers["4XX"] = {"description": "The request was refused; `error` says why.", **failure}
    answers["5XX"] = {"description": "Something is wrong here, or at the provider.", **failure}
    shown = {one.slug: {"value": one.response} for one in mine if one.response is not None}
    if shown:
        answers["200"] = {
            "description": "Success",
            "content": {"application/json": {"schema": {"type": "object"}, "examples": shown}},
        }


def _names(entry: Entry) -> list[str]:
    return [one.name for one in entry.params if one.required and "." not in one.name and "[" not in one.name]


def _unique(params: Iterable[Param]) -> list[Param]:
    found: dict[str, Param] = {}
    for one in params:
        found.setdefault(one.name, one)
    return list(found.values())


def _schema(param: Param) -> dict[str, Any]:
    kinds = [kind.strip() for kind in param.type.split("|")]
    return {"type": kinds if len(kinds) > 1 else kinds[0], "description": param.about}
