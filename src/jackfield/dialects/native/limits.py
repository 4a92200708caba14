"""How large a request may be: refused as soon as it shows, before any of it is parsed."""

from __future__ import annotations

from typing import Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .._kit import failure_of
from .envelope import fail

BULK: Final = 16
"""Bulk messages may be so many times as large as other bodies: 100,000 messages of some 300 bytes."""
SLACK: Final = 1024 * 1024
"""What a multipart body holds beside its file, in bytes."""


class LimitBody:
    """ASGI middleware. Sizes in bytes."""

    def __init__(self, app: ASGIApp, *, most: int, upload: int) -> None:
        self._app = app
        self._most = most
        self._upload = upload

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = {name: value for name, value in scope["headers"] if name in (b"content-type", b"content-length")}
        most = self._most
        if headers.get(b"content-type", b"").lower().startswith(b"multipart/"):
            most = self._upload + SLACK
        elif scope["path"].rstrip("/").endswith("/bulk/send"):
            most *= BULK
        problem = HTTPException(413, f"The body is larger than {most // 1024} KiB.")
        length = headers.get(b"content-length", b"")
        if length.isdigit() and int(length) > most:
            await fail(Request(scope), failure_of(problem))(scope, receive, send)
            return
        seen = 0

        async def limited() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > most:
                raise problem
            return message

        await self._app(scope, limited, send)
