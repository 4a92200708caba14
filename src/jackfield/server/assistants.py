"""`/mcp`, where assistants call: the native API's callers, and its refusals."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from jackfield.assistants.endpoint import Assistants
from jackfield.core import Core, JackfieldError
from jackfield.dialects._kit import failure_of, principal

from .envelope import error_response


def assistants_route(core: Core, native: ASGIApp, most: int) -> Route:
    """The route, whose tools call `native`; bodies have at most `most` bytes."""

    async def check(request: Request) -> Response | None:
        try:
            await principal(core, request)
        except JackfieldError as error:
            failure = failure_of(error)
            headers = {**failure.headers, "WWW-Authenticate": "Bearer"} if failure.status == 401 else failure.headers
            return error_response(failure.status, failure.code, failure.message, headers)
        return None

    return Route("/mcp", Assistants(native, check, most))
