"""A core with a worker and a paired simulator channel."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import TypeVar

import pytest

from jackfield.core import Core
from jackfield.core.models import Channel
from jackfield.engines.simulator.account import Account
from jackfield.engines.simulator.config import SimulatorConfig
from jackfield.engines.simulator.engine import account_for
from jackfield.worker.worker import Worker

T = TypeVar("T")


async def until(check: Callable[[], Awaitable[T]], seconds: float = 60.0) -> T:
    """Ask until the answer is true; gives it."""
    async with asyncio.timeout(seconds):
        while not (found := await check()):
            await asyncio.sleep(0.01)
    return found


@pytest.fixture
async def channel(core: Core, workspace: int) -> AsyncIterator[Channel]:
    """A connected channel, with a worker that runs it."""
    worker = Worker(core)
    worker.start()
    made = await core.channels.create(workspace, name="Phone", engine="simulator", config={"autoScan": True})
    await core.channels.connect(workspace, made.id)

    async def connected() -> Channel | None:
        row = await core.channels.get(workspace, made.id)
        return row if row.status == "connected" and made.id in core.channels.live else None

    yield await until(connected)
    await worker.close()


@pytest.fixture
def phone(core: Core, channel: Channel) -> Account:
    """The simulated account behind the channel."""
    config = core.channels.config_of(channel)
    assert isinstance(config, SimulatorConfig)
    return account_for(channel.id, config)
