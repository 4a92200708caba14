"""The engine on the real library: neonize in child processes, paired with a WhatsApp server on loopback."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from jackfield.core.egress import AllowList
from jackfield.core.port import LoginChanged, ShowQr
from jackfield.engines.whatsapp_web.engine import WhatsAppWebEngine
from jackfield.engines.whatsapp_web.keeper import NEONIZE, Keeper
from jackfield.engines.whatsapp_web.options import Pulse
from jackfield.engines.whatsapp_web.session import WhatsAppWebSession
from jackfield.testing.whatsapp import WhatsAppServer, patched

from .conftest import Line

PING = (1.0, 60.0)


class RealLine(Line):
    """A channel whose number is known to the server on loopback."""

    def __init__(self, engine: WhatsAppWebEngine, server: WhatsAppServer, folder: Path, number: int = 7) -> None:
        super().__init__(engine, None, folder, number)  # type: ignore[arg-type]
        self.server = server
        self.phone = f"49151{number:08d}"
        self.egress_allow = AllowList.parse("127.0.0.1")

    async def open(self, **config: Any) -> WhatsAppWebSession:
        return await super().open(proxy=self.server.proxy, **config)

    async def code(self) -> str:
        """The last QR shown."""
        async with asyncio.timeout(60):
            while True:
                shown = [one.step.code for one in self.heard.of(LoginChanged) if isinstance(one.step, ShowQr)]
                if shown:
                    return shown[-1]
                self.heard._news.clear()
                await self.heard._news.wait()

    async def pair_real(self, **config: Any) -> WhatsAppWebSession:
        """Open, scan the QR, and wait until connected."""
        session = await self.open(**config)
        before = {id(one) for one in self.server.connections}
        await session.start_login()
        code = await self.code()
        unpaired = [one for one in self.server.connections if one.jid is None and id(one) not in before]
        self.server.scan(unpaired[-1], code, self.phone)
        await self.heard.done()
        return session


@pytest.fixture(scope="session")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of neonize that trusts our server."""
    return patched(tmp_path_factory.mktemp("neonize"))


@pytest.fixture
async def server(library: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[WhatsAppServer]:
    made = WhatsAppServer(tmp_path)
    await made.start()
    monkeypatch.setenv("SSL_CERT_FILE", str(made.authority))
    monkeypatch.syspath_prepend(str(library))
    yield made
    await made.stop()


@pytest.fixture
def real_engine(server: WhatsAppServer, pulse: Pulse) -> WhatsAppWebEngine:
    return WhatsAppWebEngine(keeper=Keeper(NEONIZE, back_off=(0.05,), ping=PING), pulse=pulse)


@pytest.fixture
async def number(real_engine: WhatsAppWebEngine, server: WhatsAppServer, tmp_path: Path) -> AsyncIterator[RealLine]:
    made = RealLine(real_engine, server, tmp_path / "channel")
    yield made
    for session in made.sessions:
        await session.close()
