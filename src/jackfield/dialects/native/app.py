"""The native app: route files by noun, one error shape, the hot route in the same OpenAPI document."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI

from jackfield import __version__
from jackfield.core.core import Core

from .. import DialectOptions
from .._kit import build_app
from .context import Context
from .envelope import fail
from .hot import hot_routes
from .routes import REGISTER

__all__ = ["build_native", "hot_routes"]

DESCRIPTION = """The native API of Jackfield. Authenticate with `X-API-Key`, or `Authorization: Bearer` with a key or
a token from `POST /auth/login`. Every answer is `{success, data, meta}`, every failure `{success: false, error: {code,
message, details?}}`. `Idempotency-Key` on sends makes a repeat within 24 hours give the first answer."""


def build_native(core: Core, options: DialectOptions) -> FastAPI:
    """The app to be mounted under /api and /api/v1."""
    app = build_app(title="Jackfield", render=fail, description=DESCRIPTION, version=__version__)
    context = Context(core, options)
    for register in REGISTER:
        register(app, context)
    _document(app)
    return app


def _document(app: FastAPI) -> None:
    """Security schemes and the answers that every operation shares, in the OpenAPI document."""
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
        components.setdefault("schemas", {})["Failure"] = {
            "type": "object",
            "required": ["success", "error"],
            "properties": {
                "success": {"type": "boolean", "const": False},
                "message": {"type": "string"},
                "error": {
                    "type": "object",
                    "required": ["code", "message"],
                    "properties": {"code": {"type": "string"}, "message": {"type": "string"}, "details": {}},
                },
            },
        }
        failure = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Failure"}}}}
        for operations in schema["paths"].values():
            for operation in operations.values():
                answers = operation.setdefault("responses", {})
                answers.pop("422", None)
                answers["4XX"] = {"description": "The request was refused; `error.code` says why.", **failure}
                answers["5XX"] = {"description": "Something is wrong here, or the network refused.", **failure}
                if not operation.get("x-public"):
                    operation["security"] = [{"ApiKey": []}, {"Bearer": []}]
        app.openapi_schema = schema
        return schema

    app.openapi = openapi  # type: ignore[method-assign]
