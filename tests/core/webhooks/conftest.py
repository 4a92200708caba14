"""The service on a SQLite file of its own, with two workspaces."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select

from jackfield.core.bus import LocalBus
from jackfield.core.core import Options
from jackfield.core.events import EventData
from jackfield.core.models import Channel, Delivery, Workspace
from jackfield.core.unit import Unit, unit_of_work
from jackfield.core.webhooks import Webhooks
from jackfield.db.base import Base
from jackfield.db.database import Database, sqlite_url
from jackfield.db.groupcommit import GroupCommit
from jackfield.db.secrets import use_key


class Home:
    """What of the core webhooks need."""

    def __init__(self, url: str, **options: Any) -> None:
        self.db = Database(url)
        self.bus = LocalBus()
        self.options = Options(allow_private_webhooks=True, poll_seconds=0.02, **options)
        self.writer: GroupCommit[Unit] = GroupCommit(self.unit)
        self.webhooks = Webhooks(self)  # type: ignore[arg-type]

    def unit(self) -> AbstractAsyncContextManager[Unit]:
        return unit_of_work(self.db, self.bus)

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


@pytest.fixture
async def home(tmp_path: Path) -> AsyncIterator[Home]:
    use_key("test")
    home = Home(os.environ.get("WEBHOOK_TEST_DATABASE") or sqlite_url(tmp_path / "test.db"))
    async with home.db.writer.begin() as connection:
        await connection.run_sync(Base.metadata.drop_all)
        await connection.run_sync(Base.metadata.create_all)
    home.writer.start()
    yield home
    await home.writer.close()
    await home.db.close()


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
