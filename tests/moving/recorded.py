"""A program that answers as its documentation shows, and a move from it into a database."""

from __future__ import annotations

import json
import threading
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from jackfield.cli._local import Local
from jackfield.core import Core
from jackfield.moving import SOURCES, Mover, Report, State

KEY = "the-secret-key"

Answer = Callable[[dict[str, str], Any], Any]
"""Of a query and a body, what is answered; a tuple is a status and a body."""


class Peer:
    """Answers `calls`, by "METHOD path", for whoever shows the key in `header`."""

    def __init__(self, header: str, calls: Mapping[str, Answer], refusal: Any) -> None:
        self.asked: list[str] = []
        self.once: dict[str, list[tuple[int, dict[str, str]]]] = {}
        """Answers that come first, once each, by a part of the address."""
        peer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                sent = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                peer.asked.append(f"{self.command} {self.path}")
                status, headers, body = peer.answer(
                    f"{self.command} {self.path}", self.headers.get(header), json.loads(sent or b"null")
                )
                written = json.dumps(body).encode()
                self.send_response(status)
                for name, value in {**headers, "Content-Length": str(len(written))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(written)

            do_POST = do_GET

            def log_message(self, *_: Any) -> None:
                pass

        self._calls, self._refusal = calls, refusal
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def answer(self, asked: str, key: str | None, body: Any) -> tuple[int, dict[str, str], Any]:
        """What one call gets."""
        for part, answers in self.once.items():
            if part in asked and answers:
                status, headers = answers.pop(0)
                return status, headers, {"message": "Not now."}
        if key != KEY:
            return 401, {}, self._refusal
        method, _, place = asked.partition(" ")
        parts = urlsplit(place)
        call = self._calls.get(f"{method} {parts.path}")
        if call is None:
            return 404, {}, {"message": f"Cannot {asked}", "statusCode": 404}
        found = call(dict(parse_qsl(parts.query)), body)
        status, found = found if isinstance(found, tuple) else (200, found)
        return status, {}, found

    def close(self) -> None:
        """End it."""
        self._server.shutdown()
        self._server.server_close()


def paged(rows: list[Any]) -> Answer:
    """A list by `limit` and `offset`."""
    return lambda query, _: rows[int(query.get("offset", 0)) :][: int(query.get("limit", len(rows)))]


@asynccontextmanager
async def not_connected(_: str) -> AsyncIterator[str | None]:
    """No template is moved, so that no channel need be."""
    yield None


class Home:
    """An installation with one workspace, which is moved into."""

    def __init__(self, core: Core, workspace_id: int, folder: Path) -> None:
        self.core, self.workspace_id = core, workspace_id
        self.desk = Local(core, workspace_id)
        self.file = folder / "state.json"

    async def move(self, dialect: str, url: str, key: str = KEY, **options: Any) -> Report:
        """One run of the command, without its options' parsing. Raises what a run is ended by."""
        dry = options.pop("dry", False)
        source = SOURCES[dialect](url, key)
        state = None
        try:
            await source.begin()
            state = None if dry else State(self.file, source.web.base)
            report = await Mover(source, self.desk, state, ready=not_connected, **options).run()
        finally:
            if state is not None:
                state.close()
            await source.close()
        written = json.dumps(report.told()) + (self.file.read_text() if self.file.exists() else "")
        assert KEY not in written + repr(source) + repr(source.web)
        return report

    async def beside(self, folder: Path) -> Home:
        """Another workspace, with nothing in it."""
        made, _ = await self.core.accounts.create_tenant("Beside")
        return Home(self.core, made.id, folder)

    async def rows(self, path: str) -> list[dict[str, Any]]:
        """A list of the native API."""
        return [one async for one in self.desk.api.pages(path, limit=200)]

    async def contacts(self) -> dict[str, tuple[Any, ...]]:
        """By phone, else e-mail or first identity: name, tags, blocked."""
        found = {}
        for one in await self.rows("/contacts"):
            others = [row["value"] for row in one["identities"]]
            found[one["phone"] or one["email"] or others[0]] = (one["name"], sorted(one["tags"]), one["blocked"])
        return found

    async def everything(self) -> list[Any]:
        """What was moved, without ids and times: two that are equal ended alike."""
        contacts = await self.rows("/contacts")
        kept = ("name", "phone", "email", "optin", "blocked", "attributes", "tags", "country")
        return [
            sorted([repr({name: one.get(name) for name in kept}) for one in contacts]),
            sorted(one["name"] for one in await self.rows("/tags")),
            sorted([repr((one["url"], one["events"], one["enabled"])) for one in await self.rows("/webhooks")]),
            sorted([repr((one["shortcut"], one["text"])) for one in await self.rows("/canned-replies")]),
        ]


async def home(core: Core, folder: Path) -> Home:
    """A new installation."""
    made = await core.accounts.bootstrap("Test", "owner@example.com", "correct horse battery", "test-key-0123456789")
    assert made is not None
    return Home(core, made.workspace_id, folder)


def outcome(report: Report) -> dict[str, Any]:
    """What a report tells; its notes in no order, since a run that was cut short notes some of them earlier."""
    told = report.told()
    return {**told, "notMoved": sorted(told["notMoved"])}


def counted(report: Report, kind: str) -> tuple[int, int, int, int]:
    """Seen, new, known and refused."""
    one = report.of(kind)
    return one.seen, one.created, one.known, one.refused
