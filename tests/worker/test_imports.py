"""Engines are imported beside the event loop, and one that cannot be loaded costs only its own channels."""

from __future__ import annotations

import asyncio
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import update

from jackfield.core import Core
from jackfield.core.models import Channel
from jackfield.engines import ENGINES, Engines
from jackfield.worker.worker import Worker

SLOW = '''
import threading
from jackfield.engines.simulator.engine import SimulatorEngine

THREAD = threading.current_thread()
GATE = threading.Event()
GATE.wait(20)


class SlowEngine(SimulatorEngine):
    """Takes long to import."""

    name = "slow"


ENGINE = SlowEngine
'''


async def _status(core: Core, channel: Channel, reached: Callable[[Channel], bool]) -> Channel:
    """The channel once it is as wanted."""
    changed = asyncio.Event()
    end = core.bus.subscribe("channel-status", lambda _: changed.set())
    try:
        async with asyncio.timeout(60):
            while not reached(row := await core.channels.get(channel.workspace_id, channel.id)):
                await changed.wait()
                changed.clear()
    finally:
        end()
    return row


def _with(core: Core, packages: dict[str, str]) -> Core:
    """A core on the same database, with more engines."""
    made = Core(core.db, engines=Engines({**ENGINES, **packages}), options=core.options)
    made.writer.start()
    return made


async def _channels(core: Core) -> tuple[Channel, Channel]:
    """One simulator channel that pairs by itself, and one to be spoilt."""
    made = await core.accounts.bootstrap("Test", "owner@example.com", "correct horse battery", "test-key-0123456789")
    assert made is not None
    config = {"autoScan": True}
    one, two = [await core.channels.create(made.workspace_id, name=name, config=config) for name in ("One", "Two")]
    for channel in (one, two):
        await core.channels.connect(made.workspace_id, channel.id)
    return one, two


async def test_an_engine_is_imported_beside_the_loop(
    lite: Core, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "slow_engine"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "network.py").write_text("from jackfield.engines.simulator.network import NETWORK\n")
    (package / "engine.py").write_text(SLOW)
    monkeypatch.syspath_prepend(str(tmp_path))
    lite = _with(lite, {"slow": "slow_engine"})
    well, slow = await _channels(lite)
    async with lite.unit() as unit:
        await unit.conn.execute(update(Channel).where(Channel.id == slow.id).values(engine="slow"))
    worker = Worker(lite)
    worker.start()
    try:
        # While the import stands still, the loop and the other channel do not.
        await _status(lite, well, lambda row: row.status == "connected")
        module = sys.modules["slow_engine.engine"]
        assert module.THREAD is not threading.main_thread()
        module.GATE.set()
        await _status(lite, slow, lambda row: row.status == "connected")
        assert await lite.channels.loaded("slow") is lite.channels.engine("slow")
    finally:
        await worker.close()
        await lite.writer.close()


async def test_an_engine_that_cannot_be_loaded_says_so(lite: Core) -> None:
    lite = _with(lite, {"broken": "no_such_module"})
    broken, well = await _channels(lite)
    async with lite.unit() as unit:
        await unit.conn.execute(update(Channel).where(Channel.id == broken.id).values(engine="broken"))
    worker = Worker(lite)
    worker.start()
    try:
        # The spoilt one has the lower id: it comes first in every round.
        await _status(lite, well, lambda row: row.status == "connected")
        row = await _status(lite, broken, lambda row: row.status == "failed")
        assert "no_such_module" in (row.status_reason or "")
        async with lite.unit() as unit:
            values = {"engine": "gone", "status": "connecting"}
            await unit.conn.execute(update(Channel).where(Channel.id == broken.id).values(**values))
        row = await _status(lite, broken, lambda row: row.status == "failed" and "'gone'" in (row.status_reason or ""))
        assert "simulator" in (row.status_reason or ""), "the engines that there are"
    finally:
        await worker.close()
        await lite.writer.close()
