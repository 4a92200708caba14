"""The one shape of an error outside the dialects, which have their own."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.responses import JSONResponse, Response


def error_response(status: int, code: str, message: str, headers: Mapping[str, str] | None = None) -> Response:
    """An error as JSON. `code` is stable, `message` is for people; clients of the native API find both twice."""
    body = {"success": False, "error": {"code": code, "message": message}, "message": message}
    return JSONResponse(body, status, headers=dict(headers or {}))
