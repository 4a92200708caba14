"""The engine on its own child processes, whose phones are fakes on a network in this process."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from jackfield.core.egress import NOTHING
from jackfield.core.ground.errors import NotFound
from jackfield.core.port import ChannelInfo, Done, Incoming, LoginChanged, Outgoing, Report
from jackfield.engines.whatsapp_web.config import WhatsAppWebConfig
from jackfield.engines.whatsapp_web.engine import WhatsAppWebEngine
from jackfield.engines.whatsapp_web.fake import SOCKET
from jackfield.engines.whatsapp_web.fake_network import Device, FakeNetwork
from jackfield.engines.whatsapp_web.keeper import Keeper
from jackfield.engines.whatsapp_web.options import Pulse
from jackfield.engines.whatsapp_web.session import WhatsAppWebSession

FAKE = "jackfield.engines.whatsapp_web.fake:make"
ANA = "4915120000001"


class Heard:
    """A sink that keeps what it is told, and can be made to fail."""

    def __init__(self) -> None:
        self.reports: list[Report] = []
        self.failing = False
        self.refused = 0
        self._news = asyncio.Event()

    async def __call__(self, reports: Sequence[Report]) -> None:
        self._news.set()
        if self.failing:
            self.refused += 1
            raise RuntimeError("the database is away")
        self.reports += reports

    def of(self, kind: type) -> list[Any]:
        return [report for report in self.reports if isinstance(report, kind)]

    async def until(self, kind: type, count: int = 1, seconds: float = 60.0) -> list[Any]:
        """The reports of a kind, once there are that many."""
        async with asyncio.timeout(seconds):
            while len(self.of(kind)) < count:
                self._news.clear()
                await self._news.wait()
        return self.of(kind)

    async def refusal(self) -> None:
        """Return once the failing sink was asked."""
        async with asyncio.timeout(60):
            while not self.refused:
                self._news.clear()
                await self._news.wait()

    async def done(self, count: int = 1) -> None:
        """Return once the number was connected that many times."""
        async with asyncio.timeout(60):
            while sum(isinstance(report.step, Done) for report in self.of(LoginChanged)) < count:
                self._news.clear()
                await self._news.wait()

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
        raise AssertionError("the engine stores nothing")


class Line:
    """A channel on the engine: its saved state and how to open it."""

    def __init__(self, engine: WhatsAppWebEngine, network: FakeNetwork, folder: Path, number: int = 7) -> None:
        self.engine, self.network, self.folder, self.number = engine, network, folder, number
        self.state = b""
        self.heard = Heard()
        self.store = Store()
        self.sessions: list[WhatsAppWebSession] = []
        self.egress_allow = NOTHING
        self._count = 0

    async def _save(self, state: bytes) -> None:
        self.state = state

    async def open(self, **config: Any) -> WhatsAppWebSession:
        channel = ChannelInfo(
            id=self.number,
            name="Test phone",
            config=WhatsAppWebConfig.model_validate(config),
            save_state=self._save,
            state=self.state,
            data_dir=str(self.folder),
            media=self.store,
            egress_allow=self.egress_allow,
        )
        session = await self.engine.open(channel, self.heard)
        self.sessions.append(session)
        return session

    async def pair(self, **config: Any) -> tuple[WhatsAppWebSession, Device]:
        """Open, show a QR, scan it, and wait until connected."""
        before = len(self.network.devices)
        session = await self.open(**config)
        await session.start_login()
        device = await self.network.device(before + 1)
        device.scan()
        await self.heard.done()
        return session, device

    def message(self, content: Any, to: str = ANA, **extra: Any) -> Outgoing:
        self._count += 1
        return Outgoing(id=self._count, ref=str(self._count), to=to, content=content, **extra)


@pytest.fixture
async def network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[FakeNetwork]:
    made = FakeNetwork(tmp_path / "network.sock")
    monkeypatch.setenv(SOCKET, str(made.socket))
    await made.start()
    yield made
    await made.stop()


@pytest.fixture
def pulse() -> Pulse:
    return Pulse()


@pytest.fixture
async def engine(network: FakeNetwork, pulse: Pulse) -> WhatsAppWebEngine:
    keeper = Keeper(FAKE, back_off=(0.05,), ping=(0.5, 2.0))
    return WhatsAppWebEngine(maker=FAKE, keeper=keeper, pulse=pulse)


@pytest.fixture
async def line(engine: WhatsAppWebEngine, network: FakeNetwork, tmp_path: Path) -> AsyncIterator[Line]:
    made = Line(engine, network, tmp_path / "channel")
    yield made
    for session in made.sessions:
        await session.close()
