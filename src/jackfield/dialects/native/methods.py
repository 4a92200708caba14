"""HEAD, OPTIONS, trailing slashes, and methods that an address does not take: HTTP's own rules, before any route."""

from __future__ import annotations

from collections.abc import Sequence

from fastapi import FastAPI, Request, Response
from starlette._utils import get_route_path
from starlette.exceptions import HTTPException
from starlette.routing import Match
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .._kit import failure_of
from .envelope import fail

HEAD = "jackfield.head"
"""Key of the scope of a request that came as HEAD."""
_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


class Methods:
    """ASGI middleware of an app: HEAD is answered as GET without the body, OPTIONS with `Allow`, `/contacts/` as
    `/contacts`; an address without a place in it (`/messages/image`) is never taken for an id."""

    def __init__(self, app: ASGIApp, *, of: FastAPI) -> None:
        self._app = app
        self._of = of
        self._fixed: dict[str, frozenset[str]] | None = None

    def allowed(self, scope: Scope) -> list[str]:
        """The methods of an address, in their usual order; none where there is nothing."""
        fixed = self._places().get(get_route_path(scope))
        found = set(fixed) if fixed is not None else set()
        if not found:
            for route in self._of.router.routes:
                methods = getattr(route, "methods", None)
                if methods and route.matches(scope)[0] is not Match.NONE:
                    found |= methods
        if found:
            found.add("OPTIONS")
        if "GET" in found:
            found.add("HEAD")
        return [one for one in _METHODS if one in found]

    def _places(self) -> dict[str, frozenset[str]]:
        """Addresses without a place in them, and their methods."""
        if self._fixed is None:
            found: dict[str, set[str]] = {}
            for route in self._of.router.routes:
                methods, path = getattr(route, "methods", None), getattr(route, "path", "{")
                if methods and "{" not in path:
                    found.setdefault(path, set()).update(methods)
            self._fixed = {path: frozenset(methods) for path, methods in found.items()}
        return self._fixed

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if scope["path"].endswith("/") and get_route_path(scope) not in ("", "/"):
            scope = {**scope, "path": scope["path"].rstrip("/")}
        method = scope["method"]
        if method == "HEAD":
            scope = {**scope, "method": "GET", HEAD: True}
            send = _without_body(send)
        fixed = self._places().get(get_route_path(scope))
        if method == "OPTIONS" or (fixed is not None and scope["method"] not in fixed):
            allowed = self.allowed(scope)
            if method == "OPTIONS" and allowed:
                await Response(status_code=204, headers=_allow(allowed))(scope, receive, send)
                return
            problem = HTTPException(405 if allowed else 404, headers=_allow(allowed) if allowed else None)
            await fail(Request(scope), failure_of(problem))(scope, receive, send)
            return

        async def told(message: Message) -> None:
            """A 405 of one route names the methods of all routes of the address."""
            if message["type"] == "http.response.start" and message["status"] == 405:
                headers = [one for one in message["headers"] if one[0] != b"allow"]
                message = {**message, "headers": [*headers, (b"allow", ", ".join(self.allowed(scope)).encode())]}
            await send(message)

        await self._app(scope, receive, told)


def _allow(methods: Sequence[str]) -> dict[str, str]:
    return {"Allow": ", ".join(methods)}


def _without_body(send: Send) -> Send:
    async def sent(message: Message) -> None:
        if message["type"] == "http.response.body":
            message = {**message, "body": b""}
        await send(message)

    return sent
