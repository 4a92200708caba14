"""Headers that tell browsers what not to do with our answers."""

from __future__ import annotations

from typing import Final

from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

ALWAYS: Final = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"content-security-policy", b"frame-ancestors 'none'"),
)
"""Added to each answer that does not say otherwise itself."""
NO_STORE: Final = (b"cache-control", b"no-store")
"""What an API answers belongs to its caller: no cache on the way, and none in the browser, keeps it."""


class SafetyHeaders:
    """ASGI middleware. `cached` are path prefixes whose answers may be kept by caches."""

    def __init__(self, app: ASGIApp, *, cached: tuple[str, ...]) -> None:
        self._app = app
        self._cached = cached

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Add the headers to the answer of an HTTP request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        added = ALWAYS if scope["path"].startswith(self._cached) else (*ALWAYS, NO_STORE)

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = list(message.get("headers", ()))
                present = {name.lower() for name, _ in headers}
                headers += [header for header in added if header[0] not in present]
                message = {**message, "headers": headers}
            await send(message)

        await self._app(scope, receive, with_headers)


def allow_origins(app: ASGIApp, origins: frozenset[str]) -> ASGIApp:
    """Let scripts of these origins (`*`: all) call with a key or token. Cookies stay out: they are for our own pages."""
    return CORSMiddleware(
        app,
        allow_origins=sorted(origins),
        allow_methods=["GET", "POST", "PUT", "PATCH", "DELETE"],
        allow_headers=[
            "Authorization",
            "Content-Type",
            "Idempotency-Key",
            "Last-Event-ID",
            "X-API-Key",
            "X-Request-Id",
            "apikey",
        ],
        expose_headers=["Retry-After", "X-Request-Id"],
        allow_credentials=False,
        max_age=600,
    )
