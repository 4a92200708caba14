"""`X-Request-Id`: in every answer, taken over when it is well-formed, and in the log lines of the request."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest
import structlog
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from jackfield.app import build_app
from jackfield.core import Core
from jackfield.server.log import configure_logging
from jackfield.server.request_ids import RequestIds, current_request_id
from jackfield.server.startup import open_core
from jackfield.settings import Settings

HEADER = "X-Request-Id"


@pytest.fixture
async def client(migrated_sqlite: str, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    settings = Settings(data_dir=tmp_path, database_url=migrated_sqlite, cors_origins="https://app.example")
    async with open_core(settings) as core:
        core_: Core = core
        transport = httpx.ASGITransport(app=build_app(core_, settings))
        async with httpx.AsyncClient(transport=transport, base_url="http://jackfield.test") as client:
            yield client


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/contacts"),
        ("POST", "/api/messages/text"),
        ("HEAD", "/api/contacts/"),
        ("OPTIONS", "/api/contacts"),
        ("GET", "/pabbly/messages"),
        ("GET", "/chitchatlabs/nowhere"),
        ("GET", "/chattu/api/clients"),
        ("POST", "/chatly/api/x"),
        ("GET", "/hooks/nobody"),
        ("GET", "/healthz"),
        ("HEAD", "/healthz"),
        ("GET", "/nowhere"),
        ("GET", "/healthz?x=%00"),
    ],
)
async def test_every_answer_has_one(client: httpx.AsyncClient, method: str, path: str) -> None:
    first = await client.request(method, path)
    second = await client.request(method, path)
    made = first.headers.get_list(HEADER)
    assert len(made) == 1
    assert len(made[0]) == 32
    assert made != second.headers.get_list(HEADER)
    named = await client.request(method, path, headers={HEADER: "job-7/retry.2"})
    assert named.headers.get_list(HEADER) == ["job-7/retry.2"]
    assert named.status_code == first.status_code


@pytest.mark.parametrize("given", ["", "a b", "x" * 129, 'a"b', "a\u00e9", "a,b", "<x>"])
async def test_an_id_that_is_not_well_formed_is_replaced(client: httpx.AsyncClient, given: str) -> None:
    answer = await client.get("/healthz", headers=[(HEADER.encode(), given.encode())])
    assert answer.headers[HEADER] != given
    assert len(answer.headers[HEADER]) == 32
    longest = "x" * 128
    assert (await client.get("/healthz", headers={HEADER: longest})).headers[HEADER] == longest


async def test_other_origins_may_send_and_read_it(client: httpx.AsyncClient) -> None:
    asked = {"Origin": "https://app.example", "Access-Control-Request-Method": "GET"}
    preflight = await client.options("/api/contacts", headers={**asked, "Access-Control-Request-Headers": HEADER})
    assert preflight.status_code == 200
    assert HEADER in preflight.headers
    answer = await client.get("/api/contacts", headers={"Origin": "https://app.example"})
    assert HEADER in answer.headers["Access-Control-Expose-Headers"]


@pytest.fixture
def logging_as_served() -> Iterator[None]:
    """The process's own logging, taken back afterwards."""
    before, handlers = structlog.get_config(), logging.getLogger().handlers[:]
    yield
    structlog.configure(**before)
    for handler in handlers:
        handler.filters = [one for one in handler.filters if getattr(one, "__name__", "") != "mark_record"]


async def test_log_lines_of_a_request_name_it(logging_as_served: None, capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging(Settings(log_format="json"))
    log = structlog.get_logger("test")
    late = asyncio.Event()
    tasks: list[asyncio.Task[None]] = []
    seen: list[str | None] = []

    async def after_the_answer() -> None:
        await late.wait()
        seen.append(current_request_id())
        log.warning("later")

    async def endpoint(_: Request) -> Response:
        log.warning("here")
        await asyncio.to_thread(log.warning, "in a thread")
        tasks.append(asyncio.create_task(after_the_answer()))
        return Response("x")

    transport = httpx.ASGITransport(app=RequestIds(Starlette(routes=[Route("/", endpoint)])))
    async with httpx.AsyncClient(transport=transport, base_url="http://jackfield.test") as client:
        await client.get("/", headers={HEADER: "one"})
        await client.get("/", headers={HEADER: "two"})
    late.set()
    await asyncio.gather(*tasks)
    log.warning("outside")
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines() if line.startswith("{")]
    assert [(line["event"], line.get("request_id")) for line in lines] == [
        ("here", "one"),
        ("in a thread", "one"),
        ("here", "two"),
        ("in a thread", "two"),
        # What a request leaves running belongs to no request.
        ("later", None),
        ("later", None),
        ("outside", None),
    ]
    assert seen == [None, None]
