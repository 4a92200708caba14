"""`X-Request-Id`: one name for a request in its answer, in every log line written for it, and at whoever asked."""

from __future__ import annotations

import logging
import re
import secrets
from collections.abc import Callable, MutableMapping
from contextvars import ContextVar
from time import perf_counter
from typing import Any, Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from jackfield.dialects import LABEL

HEADER: Final = b"x-request-id"
WELL_FORMED: Final = re.compile(rb"[A-Za-z0-9._:=+/@-]{1,128}")
"""Ids that are taken over from a request. Others could forge log lines or fill them."""
_STARTS: Final = frozenset({"http.response.start", "websocket.accept", "websocket.http.response.start"})


class _Label:
    """A request's id while it is being answered; tasks that outlive the request share the object, not the id."""

    __slots__ = ("id", "trace_id", "workspace_id")

    def __init__(self, id_: str) -> None:
        self.id: str | None = id_
        self.trace_id: str | None = None
        self.workspace_id: int | None = None
        """Set by the dialect once it knows who calls."""


_label: ContextVar[_Label | None] = ContextVar("request_label", default=None)


def new_request_id() -> str:
    """An id of our own: 32 hexadecimal digits."""
    return secrets.token_hex(16)


def current_request_id() -> str | None:
    """The id of the request that the present task answers; None outside of requests."""
    label = _label.get()
    return None if label is None else label.id


Seen = Callable[[Scope, int, float], None]
"""Told of each HTTP request that was answered, or dropped: its scope, the answer's status (0: none), and its seconds."""


class RequestIds:
    """ASGI middleware, the outermost: takes a request's well-formed `X-Request-Id` over or makes one, and answers with it.
    `seen` is told of each HTTP request at its end, while its id is still that of the task."""

    def __init__(self, app: ASGIApp, seen: Seen | None = None) -> None:
        self._app = app
        self._seen = seen

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer an HTTP request or a WebSocket's handshake with its id."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        given = next((value for name, value in scope["headers"] if name == HEADER), None)
        id_ = given if given is not None and WELL_FORMED.fullmatch(given) else new_request_id().encode()
        label = _Label(id_.decode())
        _label.set(label)
        scope[LABEL] = label

        status = 0
        began = perf_counter()

        async def named(message: Message) -> None:
            nonlocal status
            if message["type"] in _STARTS:
                status = message.get("status", 101)
                message = {**message, "headers": [*message.get("headers", ()), (HEADER, id_)]}
            await send(message)

        if self._seen is None or scope["type"] != "http":
            await self._app(scope, receive, named)
        else:
            try:
                await self._app(scope, receive, named)
            except BaseException:
                # The server answers 500 where nothing was answered yet.
                self._seen(scope, status or 500, perf_counter() - began)
                raise
            self._seen(scope, status, perf_counter() - began)
        # Not after a failure: the server logs that one when this has returned.
        label.id = None


def add_request_id(_logger: Any, _name: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A structlog processor: the request's id, its trace's where there is one, and whose workspace it is about, where the
    line does not say that itself."""
    label = _label.get()
    if label is not None and label.id is not None:
        line["request_id"] = label.id
        if label.workspace_id is not None:
            line.setdefault("workspace", label.workspace_id)
        if label.trace_id is not None:
            line["trace_id"] = label.trace_id
    return line


def mark_record(record: logging.LogRecord) -> bool:
    """A filter for handlers of the standard library's logging: gives records `request`, which formats may show."""
    id_ = current_request_id()
    record.request = "" if id_ is None else f" request_id={id_}"
    return True
