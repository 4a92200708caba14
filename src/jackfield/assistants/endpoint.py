"""`/mcp`: the tools over HTTP, without sessions. Whoever calls proves by a key or token who they are, as at the native API."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

CREDENTIALS = ("x-api-key", "authorization")
"""The headers that prove who calls. The dashboard's cookie is none of them: another site could have it sent."""


class Assistants:
    """The endpoint. `native` is the native API's app, `check` proves a caller and gives the refusal of a wrong one.

    The `mcp` package is imported at the first call of a caller who is let in.
    """

    def __init__(self, native: ASGIApp, check: Callable[[Request], Awaitable[Response | None]], most: int) -> None:
        self._native = native
        self._check = check
        self._most = most
        self._app: ASGIApp | None = None
        self._starting = asyncio.Lock()
        self._task: asyncio.Task[None] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        refused = await self._check(Request(scope, receive))
        if refused is not None:
            await refused(scope, receive, send)
            return
        async with self._starting:
            if self._app is None:
                self._app = await self._start()
        await self._app(scope, receive, send)

    async def _start(self) -> ASGIApp:
        from mcp.server.transport_security import TransportSecuritySettings

        from .tools import build

        server = await asyncio.to_thread(build, self._api)
        app = server.streamable_http_app(
            json_response=True,
            stateless_http=True,
            max_request_body_size=self._most,
            # It guards servers without credentials against pages in a browser; here every call needs a key.
            transport_security=TransportSecuritySettings(enable_dns_rebinding_protection=False),
        )
        started = asyncio.Event()

        async def run() -> None:
            async with server.session_manager.run():
                started.set()
                await asyncio.Event().wait()

        # It ends with the loop; what is at work then is answered as any request is while the server drains.
        self._task = asyncio.create_task(run(), name="assistants")
        await started.wait()
        return app

    def _api(self, ctx: Any) -> _Inside:
        return _Inside(self._native, ctx.request_context.request)


class _Inside:
    """The native API as the caller of a request, without a network between."""

    def __init__(self, native: ASGIApp, request: Request) -> None:
        self._native = native
        self._request = request

    async def __call__(self, method: str, path: str, query: Mapping[str, Any], body: Any) -> Any:
        """See Api."""
        import httpx2

        from .tools import Refused

        given = self._request.headers
        headers = {name: given[name] for name in (*CREDENTIALS, "x-forwarded-for") if name in given}
        client = self._request.client
        transport = httpx2.ASGITransport(self._native, client=(client.host, client.port) if client else ("", 0))
        async with httpx2.AsyncClient(transport=transport, base_url="http://inside", headers=headers) as http:
            answer = await http.request(method, path, params=dict(query), json=body)
        told = msgspec.json.decode(answer.content)
        if answer.status_code >= 400:
            raise Refused(told["error"]["code"], told["error"]["message"])
        return told["data"]
