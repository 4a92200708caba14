"""The service on a database of its own, with two workspaces."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import insert, select

from jackfield.core import Core
from jackfield.core.ground.events import EventData
from jackfield.core.models import Channel, Delivery, Workspace


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


@pytest.fixture
async def home(core: Core) -> Home:
    return Home(core)


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
