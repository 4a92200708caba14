"""A table is read up to where nothing can come before any more."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from pathlib import Path

import pytest

from jackfield.core import Core
from jackfield.core.ground.commit_order import CommitOrder
from jackfield.core.ground.events import ContactCreated
from jackfield.core.models import Event
from jackfield.db.bulk import take_ids

from ...conftest import make_core


async def reach(core: Core, order: CommitOrder, position: int) -> int:
    """How far may be read now."""
    async with core.db.read() as session:
        return await order.reach(session, position)


async def test_in_order(core: Core, workspace: int) -> None:
    order = CommitOrder(core.db, Event)
    start = await reach(core, order, 0)
    assert await reach(core, order, start) == start
    async with core.unit() as unit:
        for number in range(3):
            unit.emit(workspace, ContactCreated(id=number))
    assert await reach(core, order, start) == start + 3
    assert not order.waits


@pytest.mark.parametrize("commits", [True, False])
async def test_an_id_that_was_drawn_is_waited_for(migrated_postgres: str, tmp_path: Path, commits: bool) -> None:
    core = make_core(migrated_postgres, tmp_path)
    async with core:
        made = await core.accounts.bootstrap("T", "o@example.com", "correct horse battery", "test-key-0123456789")
        assert made is not None
        order = CommitOrder(core.db, Event)
        start = await reach(core, order, 0)
        drawn, go_on = asyncio.Event(), asyncio.Event()

        async def slow() -> None:
            async with core.unit() as unit:
                # Nothing is inserted yet: the id alone must be known to be out.
                await take_ids(unit.conn, "events", 1)
                drawn.set()
                await go_on.wait()
                if not commits:
                    raise ZeroDivisionError

        writing = asyncio.create_task(slow())
        await drawn.wait()
        async with core.unit() as unit:
            unit.emit(made.workspace_id, ContactCreated(id=1))
        for _ in range(3):
            assert await reach(core, order, start) == start
            assert order.waits
        # Who draws later ids does not matter.
        async with core.unit() as unit:
            await take_ids(unit.conn, "events", 1)
            go_on.set()
            with suppress(ZeroDivisionError):
                await writing
            assert await reach(core, order, start) == start + 2
        assert not order.waits
