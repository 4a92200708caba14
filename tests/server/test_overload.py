"""Overload is answered in the words of the API that was called, and health checks are answered in any case."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from jackfield.core import Overloaded
from jackfield.dialects import DIALECTS
from jackfield.server.connections import CROWDED, OVERSIZED
from jackfield.server.front import refuse
from jackfield.server.overload import MOST_LOGINS, Overload

HOSTS = {"pabbly.example": next(one for one in DIALECTS if one.name == "pabbly")}
PATHS = {
    "native": "/api/contacts",
    "pabbly": "/pabbly/api/v1/contacts",
    "chitchatlabs": "/chitchatlabs/chat-service/apis/messages",
    "chattu": "/chattu/api/clients",
    "chatly": "/chatly/auth/api/tags",
    "": "/hooks/1",
}


class Slow:
    """An app that takes the body, and answers once it may."""

    def __init__(self) -> None:
        self.go_on = asyncio.Event()
        self.inside = 0
        self.came = asyncio.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        answer = PlainTextResponse("ok")
        if scope["path"] not in ("/healthz", "/readyz"):
            try:
                await Request(scope, receive).body()
            except Overloaded:
                answer = PlainTextResponse("too much", 503)
            self.inside += 1
            self.came.set()
            await self.go_on.wait()
        await answer(scope, receive, send)


class World:
    """A client of a guarded app. `marks` are put into the scope of each request, as the connection does."""

    def __init__(self, **limits: int) -> None:
        self.app = Slow()
        self.marks: dict[str, Any] = {}
        settings = {"maximum": 3, "per_key": 2, "memory": 100_000, **limits}
        self.guard = Overload(self.app, refuse=lambda scope, refusal: refuse(scope, refusal, HOSTS), **settings)
        self.client = httpx.AsyncClient(transport=httpx.ASGITransport(app=self._marked), base_url="http://x")

    async def _marked(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.guard({**scope, **self.marks}, receive, send)

    async def busy(self, count: int, **headers: str) -> list[asyncio.Task[httpx.Response]]:
        """So many requests that are being worked on."""
        jobs = []
        for _ in range(count):
            wanted = self.app.inside + 1
            jobs.append(asyncio.create_task(self.client.get("/api/contacts", headers=headers)))
            async with asyncio.timeout(30):
                while self.app.inside < wanted:
                    self.app.came.clear()
                    await self.app.came.wait()
        return jobs


@pytest.fixture
async def world() -> AsyncIterator[World]:
    world = World()
    async with world.client:
        yield world
        world.app.go_on.set()


def told(name: str, answer: httpx.Response) -> str:
    """The words of a failure, wherever the API has them."""
    body = answer.json()
    assert body["success"] is False
    if name == "chatly":
        return str(body["data"]["error"][0])
    if name in ("pabbly", "chattu"):
        assert body["code"]
        return str(body["error"])
    return str(body["error"]["message"])


async def test_beyond_the_bound_every_api_says_so_in_its_words(world: World) -> None:
    jobs = await world.busy(3)
    for name, path in PATHS.items():
        answer = await world.client.get(path)
        assert answer.status_code == 503, name
        assert answer.headers["retry-after"] == "1"
        assert "overloaded" in told(name, answer)
    by_host = await world.client.get("/api/v1/contacts", headers={"host": "Pabbly.example:443"})
    assert "status" in by_host.json()
    for path in ("/healthz", "/readyz"):
        assert (await world.client.get(path)).status_code == 200
    world.app.go_on.set()
    assert [(await job).status_code for job in jobs] == [200] * 3
    assert world.guard.running == 0
    assert (await world.client.get(PATHS["native"])).status_code == 200


async def test_one_key_leaves_room_for_others(world: World) -> None:
    await world.busy(2, **{"X-API-Key": "one"})
    refused = await world.client.get(PATHS["chatly"], headers={"X-API-Key": "one"})
    assert refused.status_code == 429
    assert refused.headers["retry-after"] == "1"
    assert "key" in told("chatly", refused)
    (other,) = await world.busy(1, **{"X-API-Key": "another"})
    world.app.go_on.set()
    assert (await other).status_code == 200
    assert (await world.client.get(PATHS["chatly"], headers={"X-API-Key": "one"})).status_code == 200


@pytest.mark.parametrize(
    "path", ["/api/auth/login", "/api/v1/auth/login/", "/chattu/login", "/chatly/auth/en/api/login"]
)
async def test_logins_leave_room_for_those_who_are_in(path: str) -> None:
    world = World(maximum=1000, per_key=500)
    async with world.client:
        jobs = [asyncio.create_task(world.client.post(path)) for _ in range(MOST_LOGINS)]
        async with asyncio.timeout(30):
            while world.app.inside < MOST_LOGINS:
                world.app.came.clear()
                await world.app.came.wait()
        refused = await world.client.post(path, headers={"apikey": "one"})
        assert refused.status_code == 503
        assert refused.headers["retry-after"] == "1"
        (other,) = await world.busy(1, **{"X-API-Key": "one"})
        world.app.go_on.set()
        assert (await other).status_code == 200
        assert {(await job).status_code for job in jobs} == {200}
        assert (await world.client.post(path)).status_code == 200


async def test_bodies_in_memory_are_bounded_and_given_back() -> None:
    world = World(memory=100_000)
    async with world.client:
        first = asyncio.create_task(world.client.post("/api/contacts", content=bytes(60_000)))
        async with asyncio.timeout(30):
            await world.app.came.wait()
        assert world.guard.held == 60_000
        world.app.go_on.set()
        assert (await first).status_code == 200
        assert world.guard.held == 0
        again = await world.client.post("/api/contacts", content=bytes(100_001))
        assert again.status_code == 503
        assert world.guard.held == 0

        async def chunks() -> AsyncIterator[bytes]:
            for _ in range(11):
                yield bytes(10_000)

        assert (await world.client.post("/api/contacts", content=chunks())).status_code == 503
        files = {"Content-Type": "multipart/form-data; boundary=x"}
        spooled = await world.client.post("/api/contacts/import", content=bytes(200_000), headers=files)
        assert spooled.status_code == 200, "files are kept on the disk"


@pytest.mark.parametrize(("mark", "status"), [(OVERSIZED, 431), (CROWDED, 503)])
async def test_what_the_connection_found_is_told_in_every_api_s_words(world: World, mark: str, status: int) -> None:
    world.marks = {mark: True}
    for name, path in PATHS.items():
        answer = await world.client.get(path)
        assert answer.status_code == status, name
        assert told(name, answer)
    assert world.app.inside == 0
    assert (await world.client.get("/healthz")).status_code == 200


async def test_streams_are_not_counted(world: World) -> None:
    jobs = [asyncio.create_task(world.client.get("/api/events")) for _ in range(5)]
    async with asyncio.timeout(30):
        while world.app.inside < 5:
            world.app.came.clear()
            await world.app.came.wait()
    assert world.guard.running == 0
    world.app.go_on.set()
    assert {(await job).status_code for job in jobs} == {200}
