"""A core on a database of its own with a workspace, an account of what its receivers got, and a worker with a short pace."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from sqlalchemy import insert, select

from jackfield.core import Core, Options
from jackfield.core.egress import LOOPBACK
from jackfield.core.ground.events import EventData, MessageReceived
from jackfield.core.models import Channel, Delivery, Workspace
from jackfield.db.database import Database
from jackfield.db.secrets import use_key
from jackfield.dialects.native.webhook import NativeFormat
from jackfield.worker.deliveries import DeliveryWorker, Pace

FAST = Pace(
    retries=(0, 0.05, 0.1, 0.15),
    probes=(0.02, 0.04, 0.05),
    most_wait=2,
    proof=0.0,
    claim=40,
    jitter=0.0,
)
"""The shape of the real schedule in milliseconds; four attempts."""


class Home:
    """The core, with what these tests ask of it time and again."""

    def __init__(self, core: Core) -> None:
        self.core = core
        self.db, self.options, self.webhooks, self.writer, self.unit = (
            core.db,
            core.options,
            core.webhooks,
            core.writer,
            core.unit,
        )

    async def happen(self, workspace_id: int, *events: EventData, channel_id: int | None = None) -> None:
        """Let facts come true."""
        async with self.unit() as unit:
            for event in events:
                unit.emit(workspace_id, event, channel_id)

    async def rows(self, **conditions: Any) -> list[Delivery]:
        """Deliveries, oldest first."""
        async with self.db.read() as session:
            query = select(Delivery).filter_by(**conditions).order_by(Delivery.id)
            return list((await session.scalars(query)).all())

    async def until(self, condition: Callable[[], Awaitable[Any]], timeout: float = 60) -> Any:
        """Wait for something in the database to be true."""
        async with asyncio.timeout(timeout):
            while not (value := await condition()):
                await asyncio.sleep(0.005)
            return value

    async def settled(self, timeout: float = 20) -> list[Delivery]:
        """Wait until nothing is pending."""

        async def none_pending() -> list[Delivery]:
            rows = await self.rows()
            return rows if all(row.state != "pending" for row in rows) else []

        return await self.until(none_pending, timeout)


class Receiver:
    """An HTTP server on loopback that notes what it gets and answers what it is told."""

    def __init__(self, port: int = 0) -> None:
        self.got: list[tuple[dict[str, str], bytes]] = []
        self.reply: Callable[[web.Request, dict[str, Any]], Awaitable[web.StreamResponse] | web.StreamResponse] = (
            lambda request, body: web.Response(text="ok")
        )
        self.news = asyncio.Condition()
        self.flying = 0
        self.most_flying = 0
        self._port = port
        self._server: TestServer | None = None

    async def start(self) -> Receiver:
        app = web.Application()
        app.router.add_post("/{rest:.*}", self._take)
        self._server = TestServer(app, port=self._port)
        await self._server.start_server(shutdown_timeout=0.01)
        self._port = self._server.port or 0
        return self

    async def stop(self) -> None:
        if self._server is not None:
            await self._server.close()
            self._server = None

    @property
    def port(self) -> int:
        return self._port

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}/hook"

    @property
    def bodies(self) -> list[dict[str, Any]]:
        return [msgspec.json.decode(body) for _, body in self.got]

    async def _take(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        self.flying += 1
        self.most_flying = max(self.most_flying, self.flying)
        try:
            async with self.news:
                self.got.append(({key.lower(): value for key, value in request.headers.items()}, body))
                self.news.notify_all()
            answer = self.reply(request, msgspec.json.decode(body))
            return await answer if isinstance(answer, Awaitable) else answer
        finally:
            self.flying -= 1

    async def wait(self, count: int, timeout: float = 60) -> list[dict[str, Any]]:
        """Wait until so many requests came."""
        async with asyncio.timeout(timeout), self.news:
            await self.news.wait_for(lambda: len(self.got) >= count)
        return self.bodies


@pytest.fixture
def home_url(request: pytest.FixtureRequest) -> str:
    """A migrated database: SQLite, or what the test asks for by `@BOTH`."""
    sqlite = getattr(request, "param", "sqlite") == "sqlite"
    return str(request.getfixturevalue("migrated_sqlite" if sqlite else "migrated_postgres"))


@pytest.fixture
async def home(home_url: str, tmp_path: Path) -> AsyncIterator[Home]:
    use_key("test")
    options = Options(data_dir=tmp_path, egress_allow=LOOPBACK, poll_seconds=0.02)
    async with Core(Database(home_url), options=options) as core:
        yield Home(core)


@pytest.fixture
async def second_core(home_url: str, home: Home, tmp_path: Path) -> AsyncIterator[Core]:
    """What another process would have: a core of its own on the same database, with a bus and a writer of its own."""
    async with Core(Database(home_url), options=home.options) as core:
        yield core


async def _workspace(home: Home, name: str) -> int:
    async with home.unit() as unit:
        id_ = await unit.session.scalar(
            insert(Workspace).values(name=name, settings={}, created_at=1).returning(Workspace.id)
        )
    assert id_ is not None
    return id_


@pytest.fixture
async def ws(home: Home) -> int:
    return await _workspace(home, "ours")


@pytest.fixture
async def other_ws(home: Home) -> int:
    return await _workspace(home, "theirs")


@pytest.fixture
async def channel(home: Home, ws: int) -> int:
    async with home.unit() as unit:
        id_ = await unit.session.scalar(
            insert(Channel)
            .values(
                workspace_id=ws,
                name="Shop",
                engine="simulator",
                config="{}",
                settings={},
                pacing={},
                address="491700000001",
                created_at=1,
            )
            .returning(Channel.id)
        )
    assert id_ is not None
    return id_


@pytest.fixture
async def receivers() -> AsyncIterator[Callable[..., Awaitable[Receiver]]]:
    """Makes receivers; a port brings one up where another was."""
    made: list[Receiver] = []

    async def make(port: int = 0) -> Receiver:
        one = await Receiver(port).start()
        made.append(one)
        return one

    yield make
    for one in made:
        await one.stop()


@pytest.fixture
async def receiver(receivers: Callable[..., Awaitable[Receiver]]) -> Receiver:
    return await receivers()


@pytest.fixture
def pace() -> Pace:
    return FAST


@pytest.fixture
async def make_worker(home: Home) -> AsyncIterator[Callable[..., Awaitable[DeliveryWorker]]]:
    workers: list[DeliveryWorker] = []

    async def make(pace: Pace = FAST, formats: Any = None, core: Core | None = None, **options: Any) -> DeliveryWorker:
        worker = DeliveryWorker(core or home.core, formats or {"native": NativeFormat()}, pace=pace, **options)
        workers.append(worker)
        await worker.start()
        return worker

    yield make
    for worker in workers:
        await worker.close(timeout=2)


@pytest.fixture(name="message")
def _message() -> Callable[..., MessageReceived]:
    return message


def message(number: int, peer: str = "4915112345678", **more: Any) -> MessageReceived:
    """A message that came in."""
    return MessageReceived(
        id=number,
        peer=peer,
        sender=peer,
        kind="text",
        timestamp=1_700_000_000_000 + number,
        body=f"message {number}",
        direction="in",
        state="received",
        content={"type": "text", "text": f"message {number}"},
        **more,
    )
