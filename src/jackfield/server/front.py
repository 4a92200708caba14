"""The outermost layer of the ASGI app: host names that mean a dialect, and addresses that lead nowhere."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from jackfield.dialects import DIALECTS, Dialect, Refusal

from .envelope import error_response


class Front:
    """Sends a request to the dialect that its host name means, or to the root app.

    `hosts` maps host names, in lower case and without a port, to apps. `refuse` makes the answer to a request that is let
    in nowhere, in the words of the dialect that it means.
    """

    def __init__(
        self, root: ASGIApp, hosts: Mapping[str, ASGIApp], refuse: Callable[[Scope, Refusal], Response]
    ) -> None:
        self._root = root
        self._hosts = hosts
        self._refuse = refuse

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] in ("http", "websocket"):
            if "\x00" in scope["path"] or b"%00" in scope.get("query_string", b""):
                # No database and no file system takes a NUL; no application should have to meet one.
                refusal = Refusal(
                    status=400, code="BAD_REQUEST", message="The address contains a NUL character.", headers={}
                )
                await self._refuse(scope, refusal)(scope, receive, send)
                return
            # Links to files are the same under every host name.
            if self._hosts and not scope["path"].startswith("/media/"):
                app = self._app_for(scope)
                if app is not None:
                    await app(scope, receive, send)
                    return
        await self._root(scope, receive, send)

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
        return error_response(405, "METHOD_NOT_ALLOWED", "This address does not accept this method.")
    return error_response(404, "NOT_FOUND", "There is nothing at this address.")
