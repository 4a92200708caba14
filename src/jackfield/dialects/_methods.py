"""HEAD, OPTIONS, trailing slashes, and methods that an address does not take: HTTP's own rules, before any route."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from fastapi import FastAPI, Request, Response
from starlette._utils import get_route_path
from starlette.exceptions import HTTPException
from starlette.routing import Route, compile_path
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ._access import api_routes

HEAD = "jackfield.head"
"""Key of the scope of a request that came as HEAD."""
_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


class Methods:
    """ASGI middleware of an app: HEAD is answered as GET without the body, OPTIONS with `Allow`, `/contacts/` as
    `/contacts`; an address without a place in it (`/messages/image`) is never taken for an id."""

    def __init__(self, app: ASGIApp, *, of: FastAPI, refuse: Callable[[Request, Exception], Response]) -> None:
        self._app = app
        self._of = of
        self._refuse = refuse
        self._fixed: dict[str, frozenset[str]] | None = None
        self._patterns: list[tuple[re.Pattern[str], frozenset[str]]] = []

    def allowed(self, path: str) -> list[str]:
        """The methods of an address, in their usual order; none where there is nothing."""
        found = set(self._places().get(path, ()))
        if not found:
            found = {one for pattern, methods in self._patterns if pattern.match(path) for one in methods}
        if found:
            found.add("OPTIONS")
        if "GET" in found:
            found.add("HEAD")
        return [one for one in _METHODS if one in found]

    def _places(self) -> dict[str, frozenset[str]]:
        """Addresses without a place in them, and their methods. Read once, when all routes are there."""
        if self._fixed is None:
            found: dict[str, set[str]] = {}
            for path, methods in _addresses(self._of):
                if "{" in path:
                    self._patterns.append((compile_path(path)[0], frozenset(methods)))
                else:
                    found.setdefault(path, set()).update(methods)
            self._fixed = {path: frozenset(methods) for path, methods in found.items()}
        return self._fixed

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        given = scope
        if scope["path"].endswith("/") and get_route_path(scope) not in ("", "/"):
            scope = {**scope, "path": scope["path"].rstrip("/")}
        method = scope["method"]
        if method == "HEAD":
            scope = {**scope, "method": "GET", HEAD: True}
            send = _without_body(send)
        path = get_route_path(scope)
        fixed = self._places().get(path)
        if method == "OPTIONS" or (fixed is not None and scope["method"] not in fixed):
            allowed = self.allowed(path)
            if method == "OPTIONS" and allowed:
                await Response(status_code=204, headers=_allow(allowed))(scope, receive, send)
                return
            problem = HTTPException(405 if allowed else 404, headers=_allow(allowed) if allowed else None)
            await self._refuse(Request(scope), problem)(scope, receive, send)
            return

        async def send_with_allow(message: Message) -> None:
            """A 405 of one route names the methods of all routes of the address."""
            if message["type"] == "http.response.start" and message["status"] == 405:
                headers = [one for one in message["headers"] if one[0] != b"allow"]
                message = {**message, "headers": [*headers, (b"allow", ", ".join(self.allowed(path)).encode())]}
            await send(message)

        await self._app(scope, receive, send_with_allow)
        if scope is not given and "route" in scope:
            # Who counts requests looks into the scope that it handed in.
            given["route"] = scope["route"]


def _addresses(app: FastAPI) -> Iterator[tuple[str, set[str]]]:
    """Every address of an app with its methods, those of its included routers too."""
    for path, route in api_routes(app.router.routes):
        yield path, set(route.methods or ())
    for other in app.router.routes:
        if type(other) is Route:
            yield other.path, set(other.methods or ())


def _allow(methods: Sequence[str]) -> dict[str, str]:
    return {"Allow": ", ".join(methods)}


def _without_body(send: Send) -> Send:
    async def sent(message: Message) -> None:
        if message["type"] == "http.response.body":
            message = {**message, "body": b""}
        await send(message)

    return sent
