"""What FastAPI does not say of itself in the OpenAPI document: security, the envelope, the answers all share."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI

FAILURE: dict[str, Any] = {
    "type": "object",
    "required": ["success", "error", "message"],
    "properties": {
        "success": {"type": "boolean", "const": False},
        "message": {"type": "string"},
        "error": {
            "type": "object",
            "required": ["code", "message"],
            "properties": {"code": {"type": "string"}, "message": {"type": "string"}, "details": {}},
        },
        "meta": {"$ref": "#/components/schemas/Meta"},
    },
}
META: dict[str, Any] = {
    "type": "object",
    "properties": {
        "timestamp": {"type": "string", "format": "date-time"},
        "cursor": {"type": ["string", "null"], "description": "Opens the next page."},
        "hasMore": {"type": "boolean"},
        "total": {"type": "integer"},
    },
}
SUCCESS: dict[str, Any] = {
    "type": "object",
    "required": ["success", "data"],
    "properties": {
        "success": {"type": "boolean", "const": True},
        "data": {},
        "meta": {"$ref": "#/components/schemas/Meta"},
    },
}


def document(app: FastAPI) -> None:
    """Complete the app's OpenAPI document."""
    plain = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema:
            return app.openapi_schema
        schema = plain()
        components = schema.setdefault("components", {})
        components["securitySchemes"] = {
            "ApiKey": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
            "Bearer": {"type": "http", "scheme": "bearer"},
        }
        schemas = components.setdefault("schemas", {})
        schemas |= {"Failure": FAILURE, "Success": SUCCESS, "Meta": META}
        for unused in ("HTTPValidationError", "ValidationError"):
            schemas.pop(unused, None)
        for operations in schema["paths"].values():
            for operation in operations.values():
                _complete(operation)
        app.openapi_schema = schema
        return schema

    app.openapi = openapi  # type: ignore[method-assign]


def _complete(operation: dict[str, Any]) -> None:
    failure = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Failure"}}}}
    answers = operation.setdefault("responses", {})
    answers.pop("422", None)
    for status, answer in answers.items():
        if status.startswith("2"):
            content = answer.setdefault("content", {"application/json": {}})
            if "application/json" in content:
                content["application/json"] = {"schema": {"$ref": "#/components/schemas/Success"}}
    answers["4XX"] = {"description": "The request was refused; `error.code` says why.", **failure}
    answers["5XX"] = {"description": "Something is wrong here, or the network refused.", **failure}
    if not operation.get("x-public"):
        operation["security"] = [{"ApiKey": []}, {"Bearer": []}]
    else:
        operation["security"] = []
