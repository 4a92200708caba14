"""The client at the database here: its calls go to the native API within this process, without a server or a key."""

from __future__ import annotations

import asyncio

import msgspec
from starlette.types import ASGIApp, Message

from jackfield.client import Client
from jackfield.client._call import Request
from jackfield.client._http import Answer, Http, encoded_query, failure_of
from jackfield.core import Core, Principal
from jackfield.dialects import DialectOptions
from jackfield.dialects.native import build
from jackfield.dialects.native.callers import OPERATOR

NAME = "the command line"
"""Who did it, as the audit log says."""


class Inside(Http):
    """The native API as a function. Whoever may read the database may do everything with it."""

    def __init__(self, app: ASGIApp, operator: Principal) -> None:
        super().__init__("http://inside", "")
        self._app = app
        self._operator = operator

    async def ask(self, request: Request) -> Answer:
        """See Http. Nothing is lost on the way, so nothing is asked twice. Files are not sent this way."""
        body = b"" if request.body is None else msgspec.json.encode(request.body)
        headers = [(b"host", b"inside"), (b"content-type", b"application/json")]
        if request.key is not None:
            headers.append((b"idempotency-key", request.key.encode()))
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": request.method.upper(),
            "scheme": "http",
            "path": request.path,
            "raw_path": request.path.encode(),
            "root_path": "",
            "query_string": encoded_query(request.query).encode(),
            "headers": headers,
            "client": None,
            "server": None,
            "state": {},
            OPERATOR: self._operator,
        }
        parts: list[Message] = []

        asked = False

        async def receive() -> Message:
            nonlocal asked
            if asked:
                # What follows a request is that its caller hangs up, which this one does not.
                await asyncio.Event().wait()
            asked = True
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(part: Message) -> None:
            parts.append(part)

        await self._app(scope, receive, send)
        start = next(part for part in parts if part["type"] == "http.response.start")
        told = {name.decode().lower(): value.decode("latin-1") for name, value in start["headers"]}
        content = b"".join(part.get("body", b"") for part in parts if part["type"] == "http.response.body")
        if start["status"] >= 400:
            raise failure_of(start["status"], told.get("retry-after"), content)
        return Answer(content, told.get("content-type", ""))


class InsideClient(Client):
    """A client that works on one workspace of the core's database."""

    def __init__(self, core: Core, workspace_id: int) -> None:
        super().__init__("http://inside", "")
        operator = Principal(workspace_id=workspace_id, role="admin", scopes=frozenset({"*"}), name=NAME)
        self._http = Inside(build(core, DialectOptions()), operator)
