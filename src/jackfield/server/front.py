"""The outermost layer of the ASGI app: host names that mean a dialect, and addresses that lead nowhere."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from jackfield.dialects import DIALECTS, Dialect, Refusal

from .envelope import error_response

HOOKS = "/hooks/"
CALLBACKS: Final = "/hooks/{profile}"
ROUTE: Final = "jackfield.route"
"""Key of the scope: the template of the route that a request was answered by, where no router says it."""
Endpoint = Callable[[Request], Awaitable[Response]]


class Front:
    """Sends a request to the dialect that its host name means, or to the root app.

    `hosts` maps host names, in lower case and without a port, to apps. `refuse` makes the answer to a request that is let
    in nowhere, in the words of the dialect that it means. `hot` are routes without parameters that are answered here,
    and `callbacks` is the endpoint of `POST /hooks/{profile}`.
    """

    def __init__(
        self,
        root: ASGIApp,
        hosts: Mapping[str, ASGIApp],
        refuse: Callable[[Scope, Refusal], Response],
        hot: Sequence[Route] = (),
        callbacks: Endpoint | None = None,
    ) -> None:
        self._root = root
        self._hosts = hosts
        self._refuse = refuse
        self._hot = {(method, route.path): route.endpoint for route in hot for method in route.methods or ()}
        self._callbacks = callbacks

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] in ("http", "websocket"):
            if "\x00" in scope["path"] or b"%00" in scope.get("query_string", b""):
                # No database and no file system takes a NUL; no application should have to meet one.
                refusal = Refusal(
                    status=400, code="BAD_REQUEST", message="The address contains a NUL character.", headers={}
                )
                await self._refuse(scope, refusal)(scope, receive, send)
                return
            # Links to files and of campaigns are the same under every host name.
            if self._hosts and not scope["path"].startswith(("/media/", "/l/")):
                app = self._app_for(scope)
                if app is not None:
                    await app(scope, receive, send)
                    return
            endpoint = self._endpoint_for(scope)
            if endpoint is not None:
                answer = await endpoint(Request(scope, receive, send))
                await answer(scope, receive, send)
                return
        await self._root(scope, receive, send)

    def _endpoint_for(self, scope: Scope) -> Endpoint | None:
        """The endpoint of a request that comes in masses, which answers its own failures: a message to be sent, and the
        callback of a provider. Starlette's two layers of error handling, its router and its request wrappers took
        90 us of CPU per request, as much as what the endpoint does; the routes stay in the root for all other methods.
        """
        if scope["type"] != "http" or scope.get("root_path"):
            return None
        path: str = scope["path"]
        if self._callbacks is not None and path.startswith(HOOKS) and scope["method"] == "POST":
            # A slash too many in the console of a provider, which follows no redirect, would lose all that it sends.
            name = path[len(HOOKS) :].removesuffix("/")
            if not name or "/" in name:
                return None
            scope["path_params"] = {"profile": name}
            scope[ROUTE] = CALLBACKS
            return self._callbacks
        endpoint = self._hot.get((scope["method"], path))
        if endpoint is not None:
            scope[ROUTE] = path
        return endpoint

    def _app_for(self, scope: Scope) -> ASGIApp | None:
        host = next((value for name, value in scope["headers"] if name == b"host"), b"").decode("latin-1").lower()
        return self._hosts.get(host) or self._hosts.get(host.partition(":")[0].rstrip("."))


def refuse(scope: Scope, refusal: Refusal, hosts: Mapping[str, Dialect]) -> Response:
    """A refusal in the envelope of the dialect that a request means, by its host name or its path; else in ours."""
    host = next((value for name, value in scope["headers"] if name == b"host"), b"").decode("latin-1").lower()
    dialect = hosts.get(host.partition(":")[0].rstrip("."))
    if dialect is None:
        path = scope["path"]
        dialect = next(
            (one for one in DIALECTS if any(path == at or path.startswith(f"{at}/") for at in one.prefixes)), None
        )
    answer = dialect.refuse(scope, refusal) if dialect is not None and scope["type"] == "http" else None
    return answer or error_response(refusal.status, refusal.code, refusal.message, refusal.headers)


async def nothing_here(_: Request, error: Exception) -> Response:
    """The answer where no route is, or none for the method."""
    if getattr(error, "status_code", 404) == 405:
        # The router tells what the address does accept.
        headers = getattr(error, "headers", None)
        return error_response(405, "METHOD_NOT_ALLOWED", "This address does not accept this method.", headers)
    return error_response(404, "NOT_FOUND", "There is nothing at this address.")
