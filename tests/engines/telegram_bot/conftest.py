"""A Bot API server of its own on loopback, its controls, and the engine opened against it."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import uvicorn

from jackfield.core.egress import LOOPBACK
from jackfield.core.ground.errors import NotFound
from jackfield.core.port import ChannelInfo, Incoming, Outgoing, Report
from jackfield.engines.simulator.bot import build
from jackfield.engines.simulator.bot.app import BotApi
from jackfield.engines.simulator.world import World
from jackfield.engines.telegram_bot.config import TelegramBotConfig
from jackfield.engines.telegram_bot.engine import TelegramBotEngine
from jackfield.engines.telegram_bot.session import TelegramSession

TOKEN = "4242:AAH-simulated_token"
BOT = 4242
ANA = 111
GROUP = -1001


class Served:
    """An ASGI application on a loopback port, in this event loop."""

    def __init__(self, app: Any) -> None:
        self._socket = socket.socket()
        self._socket.bind(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        config = uvicorn.Config(app, log_level="critical", access_log=False, timeout_graceful_shutdown=1)
        self._server = uvicorn.Server(config)
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self._task = asyncio.create_task(self._server.serve([self._socket]))
        while not self._server.started:
            await asyncio.sleep(0.005)

    async def stop(self) -> None:
        self._server.should_exit = True
        assert self._task is not None
        await self._task
        self._socket.close()


class Network:
    """The served Bot API with its controls."""

    def __init__(self, api: BotApi, url: str, client: aiohttp.ClientSession) -> None:
        self.api, self.url, self._client = api, url, client

    @property
    def bot(self) -> Any:
        return self.api.bot(TOKEN)

    async def control(self, what: str = "", **body: Any) -> Any:
        path = f"{self.url}/control/bot/{TOKEN}" + (f"/{what}" if what else "")
        async with self._client.post(path, json=body) as response:
            answer = await response.json()
            assert response.status == 200, answer
            return answer

    async def outbox(self) -> list[dict[str, Any]]:
        async with self._client.get(f"{self.url}/control/bot/{TOKEN}/outbox") as response:
            found: list[dict[str, Any]] = await response.json()
            return found


class Heard:
    """A sink that keeps what it is told, and can be made to fail."""

    def __init__(self) -> None:
        self.reports: list[Report] = []
        self.failing = False
        self._news = asyncio.Event()

    async def __call__(self, reports: Sequence[Report]) -> None:
        if self.failing:
            raise RuntimeError("the database is away")
        self.reports += reports
        self._news.set()

    def of(self, kind: type) -> list[Any]:
        return [report for report in self.reports if isinstance(report, kind)]

    async def until(self, kind: type, count: int = 1, seconds: float = 60.0) -> list[Any]:
        """The reports of a kind, once there are that many."""
        async with asyncio.timeout(seconds):
            while len(self.of(kind)) < count:
                self._news.clear()
                await self._news.wait()
        return self.of(kind)

    async def incoming(self, count: int = 1) -> Any:
        """The last incoming message, once there are that many."""
        return (await self.until(Incoming, count))[-1]


class Store:
    """Stored files of the product, in memory."""

    def __init__(self) -> None:
        self.files: dict[str, tuple[bytes, str, str | None]] = {}

    async def read(self, media_id: str) -> tuple[bytes, str, str | None]:
        if media_id not in self.files:
            raise NotFound("There is no such file.")
        return self.files[media_id]

    async def store(self, data: bytes, *, mime: str, filename: str | None = None) -> str:
        media_id = f"m{len(self.files) + 1}"
        self.files[media_id] = (data, mime, filename)
        return media_id


class Line:
    """A channel on the engine: its saved state and how to open it."""

    def __init__(self, url: str, folder: Path) -> None:
        self.url, self.folder = url, folder
        self.state = b""
        self.states: list[bytes] = []
        self.heard = Heard()
        self.store = Store()
        self.engine = TelegramBotEngine(poll_seconds=5)
        self.sessions: list[TelegramSession] = []
        self._count = 0

    def config(self, **extra: Any) -> TelegramBotConfig:
        return TelegramBotConfig.model_validate({"baseUrl": self.url, "token": TOKEN, **extra})

    async def _save(self, state: bytes) -> None:
        self.state = state
        self.states.append(state)

    async def open(self, *, public_url: str | None = None, **config: Any) -> TelegramSession:
        channel = ChannelInfo(
            id=7,
            name="Test bot",
            config=self.config(**config),
            save_state=self._save,
            state=self.state,
            data_dir=str(self.folder),
            public_url=public_url,
            media=self.store,
            egress_allow=LOOPBACK,
        )
        session = await self.engine.open(channel, self.heard)
        self.sessions.append(session)
        return session

    def message(self, content: Any, to: str = str(ANA), **extra: Any) -> Outgoing:
        self._count += 1
        return Outgoing(id=self._count, ref=str(self._count), to=to, content=content, **extra)


@pytest.fixture
async def serve() -> AsyncIterator[Callable[[Any], Awaitable[Served]]]:
    servers: list[Served] = []

    async def start(app: Any) -> Served:
        served = Served(app)
        await served.start()
        servers.append(served)
        return served

    yield start
    for served in servers:
        await served.stop()


@pytest.fixture
async def network(serve: Callable[[Any], Awaitable[Served]]) -> AsyncIterator[Network]:
    api = build(World(seed=1, scale=0))
    served = await serve(api)
    async with aiohttp.ClientSession() as client:
        network = Network(api, served.url, client)
        people = [{"id": ANA, "name": "Ana", "username": "ana"}, {"id": 222, "name": "Ben"}]
        group = {"id": GROUP, "type": "supergroup", "title": "Team", "members": {"111": "creator", "222": "member"}}
        await network.control(people=people, groups=[group])
        yield network
        await api.close()


@pytest.fixture
async def line(network: Network, tmp_path: Path) -> AsyncIterator[Line]:
    line = Line(network.url, tmp_path)
    yield line
    for session in line.sessions:
        await session.close()
