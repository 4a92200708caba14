"""The OpenAPI document's bodies, parameters and answers, from the same reference as the markdown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from fastapi import FastAPI

from .._openapi import Documented
from . import answers
from .context import BASE
from .reference import Entry, Param, entries

DOCUMENTED = Documented(
    envelope=answers.envelope,
    failure=answers.Failure,
    schemes={
        "Bearer": {"type": "http", "scheme": "bearer", "description": "An API key, or the token of a login."},
        "ApiKey": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
    },
    security={"key or login": [{"Bearer": []}, {"ApiKey": []}]},
)


def document(app: FastAPI) -> None:
    """Add what the routes, which read their bodies liberally, do not say themselves."""
    plain = app.openapi

    def openapi() -> dict[str, Any]:
        schema = plain()
        for path, operations in schema["paths"].items():
            for method, operation in operations.items():
                mine = [
                    one
                    for one in entries()
                    if one.method == method.upper() and one.path.rstrip("/") == path.removeprefix(BASE).rstrip("/")
                ]
                _describe(operation, mine)
        return schema

    app.openapi = openapi  # type: ignore[method-assign]
    DOCUMENTED.document(app)


def _describe(operation: dict[str, Any], mine: list[Entry]) -> None:
    params = _merged(param for one in mine for param in one.query)
    if params:
        known = operation.setdefault("parameters", [])
        known += [
            {"name": name, "in": "query", "required": found[0].required, **_described(_schema(found, ()))}
            for name, found in params.items()
        ]
    bodies = [one for one in mine if one.request is not None]
    if bodies:
        always = [name for name in _names(bodies[0]) if all(name in _names(one) for one in bodies)]
        fields = _merged(param for entry in bodies for param in entry.params)
        operation["requestBody"] = {
            "required": True,
            "content": {
                "application/json": {
                    "schema": {
                        "type": "object",
                        **({"required": always} if always else {}),
                        "properties": {
                            name: _schema(found, [one.request[name] for one in bodies if name in one.request])
                            for name, found in fields.items()
                            if "." not in name and "[" not in name
                        },
                        "example": bodies[0].request,
                    },
                    "examples": {one.slug: {"summary": one.title, "value": one.request} for one in bodies},
                }
            },
        }
    shown = {one.slug: {"value": one.response} for one in mine if one.response is not None}
    if shown:
        content = operation["responses"]["200"].setdefault("content", {}).setdefault("application/json", {})
        content["examples"] = shown


def _names(entry: Entry) -> list[str]:
    return [one.name for one in entry.params if one.required and "." not in one.name and "[" not in one.name]


def _merged(params: Iterable[Param]) -> dict[str, list[Param]]:
    """The parameters by name; several messages may have one of the same name, perhaps of another type."""
    found: dict[str, list[Param]] = {}
    for one in params:
        found.setdefault(one.name, []).append(one)
    return found


def _schema(params: Sequence[Param], examples: Sequence[Any]) -> dict[str, Any]:
    """The type of a parameter; what a list holds is known by the examples."""
    kinds = list(dict.fromkeys(kind.strip() for one in params for kind in one.type.split("|")))
    schema: dict[str, Any] = {"type": kinds if len(kinds) > 1 else kinds[0], "description": params[0].about}
    if "array" in kinds:
        objects = any(isinstance(item, dict) for one in examples for item in one)
        schema["items"] = {"type": "object" if objects else "string"}
    return schema


def _described(schema: dict[str, Any]) -> dict[str, Any]:
    """A parameter's schema with its description beside it."""
    return {"description": schema.pop("description"), "schema": schema}
