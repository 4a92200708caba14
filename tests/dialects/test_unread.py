"""No key, no parsing: who has not proved who they are is answered before anything of the body has been read."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from starlette.types import ASGIApp, Message

from jackfield.app import build_app
from jackfield.core import Core
from jackfield.dialects import DIALECTS, DialectOptions
from jackfield.dialects._access import PUBLIC, api_routes
from jackfield.server.startup import bootstrap, open_core
from jackfield.settings import Settings

MB = 1024 * 1024


@pytest.fixture
async def core(migrated_sqlite: str, tmp_path: Path) -> AsyncIterator[Core]:
    settings = Settings(data_dir=tmp_path, database_url=migrated_sqlite)
    async with open_core(settings) as core:
        await bootstrap(core, settings)
        yield core


@pytest.fixture
def app(core: Core, tmp_path: Path) -> ASGIApp:
    return build_app(core, Settings(data_dir=tmp_path))


class Body:
    """A body in pieces; `read` bytes of it were taken."""

    def __init__(self, piece: int, count: int) -> None:
        self.piece, self.left, self.read = bytes(piece), count, 0

    async def receive(self) -> Message:
        assert self.left, "the body was read to its end"
        self.left -= 1
        self.read += len(self.piece)
        return {"type": "http.request", "body": self.piece, "more_body": True}


async def call(
    app: ASGIApp, method: str, path: str, headers: dict[str, str], body: Body, *, length: int | None = None
) -> int:
    """The status of the answer."""
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    every = {
        "host": "x",
        **headers,
        **({"content-length": str(length)} if length else {"transfer-encoding": "chunked"}),
    }
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "root_path": "",
        "query_string": b"",
        "headers": [(name.encode(), value.encode()) for name, value in every.items()],
        "client": ("127.0.0.1", 1),
        "server": ("x", 80),
    }
    await app(scope, body.receive, send)
    return int(sent[0]["status"])


def operations(core: Core, *, public: bool) -> Iterator[tuple[str, str]]:
    for dialect in DIALECTS:
        for path, route in api_routes(dialect.build(core, DialectOptions()).router.routes):
            if bool((route.openapi_extra or {}).get(PUBLIC)) is public and "/chatflow" not in path:
                for method in sorted(route.methods or ()):
                    yield method, dialect.prefixes[0] + re.sub(r"\{[^}]+\}", "1", path)


async def test_nothing_is_read_of_a_request_with_a_wrong_key(core: Core, app: ASGIApp) -> None:
    wrong = {"x-api-key": "wrong", "x-tenant-api-key": "wrong", "apikey": "wrong", "authorization": "Bearer wrong"}
    seen = 0
    for method, path in operations(core, public=False):
        for kind, credentials in (("application/json", wrong), ("multipart/form-data; boundary=x", {})):
            body = Body(MB, 100)
            status = await call(app, method, path, {**credentials, "content-type": kind}, body)
            assert status in (401, 403, 429), (method, path, status)
            assert body.read == 0, (method, path)
            seen += 1
    assert seen > 500


async def test_who_is_not_known_may_send_little(core: Core, app: ASGIApp) -> None:
    seen = 0
    for method, path in operations(core, public=True):
        if method != "POST" or path.endswith("/logout"):
            continue
        body = Body(1024, 1000)
        assert await call(app, method, path, {"content-type": "application/json"}, body) in (413, 429), path
        assert body.read <= 66 * 1024, path
        announced = Body(1024, 1000)
        headers = {"content-type": "application/json"}
        assert await call(app, method, path, headers, announced, length=MB) in (413, 429), path
        assert announced.read == 0, path
        seen += 1
    assert seen >= 3
