"""Overload is answered, not suffered: only so many requests are worked on at once, and the rest hear 503 or 429."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from jackfield.core import Overloaded
from jackfield.dialects import Refusal

from .connections import CROWDED, OVERSIZED

ALWAYS: Final = frozenset({"/healthz", "/readyz"})
"""Answered whatever else is going on."""
OPEN_ENDED: Final = "/events"
"""How the addresses of streams end: they stay open and do nothing most of the time."""
LOGIN: Final = "/login"
"""How the addresses of logins end, in every API."""
MOST_LOGINS: Final = 32
"""Logins worked on at once: each counts its attempt in the database and may cost a hash, before anybody is known."""
COUNTED_DIGITS: Final = 5
"""Bodies of less than 10,000 bytes are not counted: there are never enough of them."""
CREDENTIALS: Final = frozenset({b"x-api-key", b"authorization", b"apikey", b"x-tenant-api-key"})
LOGINS: Final = b" logins"
"""Stands for the key of all logins; no header has a space in front."""
_BUSY = Refusal(503, "OVERLOADED", "The server is overloaded; try again in a moment.", {"Retry-After": "1"})
_KEY_BUSY = Refusal(
    429,
    "RATE_LIMITED",
    "Too many requests of this key are being worked on; try again in a moment.",
    {"Retry-After": "1"},
)
_OVERSIZED = Refusal(431, "HEADERS_TOO_LARGE", "The headers are too many or too large.", {"Connection": "close"})


class Overload:
    """ASGI middleware. `most` requests at once, `per_key` of them with one key; `memory` bytes of their bodies.

    `refuse` makes the answer, in the words of the dialect that is called.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        maximum: int,
        per_key: int,
        memory: int,
        refuse: Callable[[Scope, Refusal], Response],
    ) -> None:
        self._app = app
        self._most = maximum
        self._per_key = per_key
        self._memory = memory
        self._refuse = refuse
        self.running = 0
        """Requests that are being worked on."""
        self.held = 0
        """Bytes of bodies that they have read so far."""
        self._by_key: dict[bytes, int] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or refuse it."""
        if scope["type"] != "http" or scope["path"] in ALWAYS:
            await self._app(scope, receive, send)
            return
        if OVERSIZED in scope:
            await self._refuse(scope, _OVERSIZED)(scope, receive, send)
            return
        if self.running >= self._most or CROWDED in scope:
            await self._refuse(scope, _BUSY)(scope, receive, send)
            return
        key, counts, spooled = b"", False, False
        for name, value in scope["headers"]:
            if name in CREDENTIALS:
                key = value
            elif name == b"content-length":
                counts = len(value) >= COUNTED_DIGITS
            elif name == b"transfer-encoding":
                counts = True
            elif name == b"content-type":
                # Files are kept on the disk while they come in.
                spooled = value[:10].lower() == b"multipart/"
        if scope["method"] == "GET" and scope["path"].endswith(OPEN_ENDED):
            await self._app(scope, receive, send)
            return
        if scope["method"] == "POST" and scope["path"].rstrip("/").endswith(LOGIN):
            key = LOGINS
            if self._by_key.get(key, 0) >= MOST_LOGINS:
                await self._refuse(scope, _BUSY)(scope, receive, send)
                return
        of_key = self._by_key.get(key, 0)
        if key and key is not LOGINS and of_key >= self._per_key:
            await self._refuse(scope, _KEY_BUSY)(scope, receive, send)
            return
        held = 0

        async def counted() -> Message:
            nonlocal held
            message = await receive()
            size = len(message.get("body", b""))
            if size:
                if self.held + size > self._memory:
                    raise Overloaded("bodies in memory")
                held += size
                self.held += size
            return message

        self.running += 1
        self._by_key[key] = of_key + 1
        try:
            await self._app(scope, counted if counts and not spooled else receive, send)
        finally:
            self.running -= 1
            self.held -= held
            of_key = self._by_key[key] - 1
            if of_key:
                self._by_key[key] = of_key
            else:
                del self._by_key[key]
