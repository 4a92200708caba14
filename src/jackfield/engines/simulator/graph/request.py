"""HTTP as the Graph API reads and writes it, on bare ASGI."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import parse_qsl

import msgspec

from .errors import GraphProblem
from .messages import decode

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

MAX_BODY = 110 * 1024 * 1024
"""Largest body, in bytes: a document of 100 MB with what surrounds it."""

_VERSION = re.compile(r"v\d+(\.\d+)?")


class Request:
    """One request: its path without the version, its query, token and body."""

    __slots__ = ("_receive", "_scope", "body", "method", "parts", "query", "token")

    def __init__(self, scope: Scope, receive: Receive) -> None:
        self._scope = scope
        self._receive = receive
        self.method: str = scope["method"]
        path: str = scope["path"]
        root: str = scope.get("root_path") or ""
        if root and path.startswith(root):
            path = path[len(root) :]
        parts = [part for part in path.split("/") if part]
        if parts and _VERSION.fullmatch(parts[0]):
            del parts[0]
        self.parts = parts
        raw = scope["query_string"]
        self.query: dict[str, str] = dict(parse_qsl(raw.decode("latin-1"), keep_blank_values=True)) if raw else {}
        token = b""
        for name, value in scope["headers"]:
            if name == b"authorization":
                token = value
                break
        words = token.decode("latin-1").split(None, 1)
        self.token = words[1].strip() if len(words) == 2 and words[0].lower() in ("bearer", "oauth") else ""
        if not self.token:
            self.token = self.query.get("access_token", "")
        self.body = b""

    @property
    def origin(self) -> str:
        """Scheme and host by which we were called."""
        return f"{self._scope.get('scheme', 'http')}://{self.header(b'host') or 'localhost'}"

    @property
    def url(self) -> str:
        """The address that was called, without the query."""
        return f"{self.origin}{self._scope['path']}"

    async def read(self) -> None:
        """Read the body. Raises GraphProblem when it is too large."""
        message = await self._receive()
        body: bytes = message.get("body", b"")
        if message.get("more_body"):
            parts, size = [body], len(body)
            while message.get("more_body"):
                message = await self._receive()
                parts.append(message.get("body", b""))
                size += len(parts[-1])
                if size > MAX_BODY:
                    raise GraphProblem(100, http=413, message="The request is too large")
            body = b"".join(parts)
        self.body = body

    def header(self, name: bytes) -> str:
        """A header's value; empty when it is not there."""
        return next((value.decode("latin-1") for key, value in self._scope["headers"] if key == name), "")

    def fields(self) -> dict[str, Any]:
        """The parameters of a POST: JSON, a form, or the query, as Graph takes them all. Raises GraphProblem."""
        kind = self.header(b"content-type")
        # JSON under a form's type is what a bare `curl -d` sends.
        if "application/x-www-form-urlencoded" in kind and self.body[:1] != b"{":
            found = dict(parse_qsl(self.body.decode("utf-8", "replace"), keep_blank_values=True))
            return {**self.query, **{key: _maybe_json(value) for key, value in found.items()}}
        if self.body.strip():
            return {**self.query, **decode(self.body)}
        return {key: _maybe_json(value) for key, value in self.query.items()}

    async def form(self) -> tuple[dict[str, str], bytes | None, str, str]:
        """A multipart form: its fields, and the file's bytes, MIME type and name. Raises GraphProblem."""
        from starlette.datastructures import UploadFile
        from starlette.requests import Request as Multipart

        sent = False

        async def replay() -> MutableMapping[str, Any]:
            nonlocal sent
            if sent:
                return {"type": "http.disconnect"}
            sent = True
            return {"type": "http.request", "body": self.body}

        fields: dict[str, str] = {}
        data, mime, filename = None, "", "file"
        try:
            async with Multipart(self._scope, replay).form() as form:
                for key, value in form.multi_items():
                    if isinstance(value, UploadFile):
                        data = await value.read()
                        mime, filename = value.content_type or "", value.filename or "file"
                    else:
                        fields[key] = value
        except Exception as error:
            raise GraphProblem(100, message="(#100) The multipart form cannot be read.") from error
        return fields, data, mime, filename


def _maybe_json(value: str) -> Any:
    """Graph takes objects and lists as JSON inside forms and queries."""
    if value[:1] in ("[", "{") or value in ("true", "false"):
        try:
            return msgspec.json.decode(value)
        except msgspec.DecodeError:
            return value
    return value


async def answer(
    send: Send, status: int, body: bytes, content_type: bytes = b"application/json", retry_after: float | None = None
) -> None:
    """Send a whole answer."""
    headers = [
        (b"content-type", content_type),
        (b"content-length", b"%d" % len(body)),
        (b"facebook-api-version", b"v23.0"),
    ]
    if retry_after is not None:
        headers.append((b"retry-after", b"%d" % max(1, round(retry_after))))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def cut(receive: Receive, send: Send) -> None:
    """Break the connection before the answer, as a network does that loses it.

    The server's transport is closed where it can be reached (uvicorn's `send` is a method of its request cycle);
    elsewhere the answer begins and never ends, which no client takes for a success either.
    """
    transport = getattr(getattr(send, "__self__", None), "transport", None)
    if transport is not None:
        transport.abort()
        while (await receive())["type"] != "http.disconnect":
            pass
        return
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"4096")]})
