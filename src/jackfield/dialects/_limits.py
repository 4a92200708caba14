"""How large a request may be: refused as soon as it shows, before any of it is parsed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MOST_BODY: Final = 2 * 1024 * 1024
MOST_UPLOAD: Final = 100 * 1024 * 1024
MOST_UNKNOWN: Final = 64 * 1024
"""Bytes of a body whose sender has not proved who they are: a login, a reset."""
SLACK: Final = 1024 * 1024
"""What a multipart body holds beside its file, in bytes."""
MOST_FILES: Final = 20
"""Files in one multipart body; they are kept on the disk while they come in."""
MOST_FIELDS: Final = 1000
"""Other parts of a multipart body."""


class LimitBody:
    """ASGI middleware. Sizes in bytes; `larger`: the end of an address, and how many times `most` its bodies may have."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        maximum: int,
        upload: int,
        refuse: Callable[[Request, Exception], Response],
        larger: Mapping[str, int] | None = None,
    ) -> None:
        self._app = app
        self._most = maximum
        self._upload = upload
        self._refuse = refuse
        self._larger = dict(larger or {})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        kind = next((value for name, value in scope["headers"] if name == b"content-type"), b"")
        maximum = self._most
        if kind.lower().startswith(b"multipart/"):
            maximum = self._upload + SLACK
        else:
            path = scope["path"].rstrip("/")
            maximum *= next((times for end, times in self._larger.items() if path.endswith(end)), 1)
        try:
            check_length(scope, maximum)
        except HTTPException as problem:
            await self._refuse(Request(scope), problem)(scope, receive, send)
            return
        await self._app(scope, limited(receive, maximum), send)


def check_length(scope: Scope, maximum: int) -> None:
    """Raises HTTPException 413 where the headers tell of a body of more than `most` bytes."""
    length = next((value for name, value in scope["headers"] if name == b"content-length"), b"")
    if length.isdigit() and int(length) > maximum:
        raise too_large(maximum)


def limited(receive: Receive, maximum: int) -> Receive:
    """The same messages; HTTPException 413 is raised as soon as the body has more than `most` bytes, chunked or not."""
    seen = 0

    async def counted() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > maximum:
            raise too_large(maximum)
        return message

    return counted


def too_large(maximum: int) -> HTTPException:
    """The error for a body of more than `most` bytes."""
    return HTTPException(413, f"The body is larger than {maximum // 1024} KiB.")
