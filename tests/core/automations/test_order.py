"""Events that commit out of the order of their ids are read all the same, each once."""

from __future__ import annotations

import asyncio
from pathlib import Path

from jackfield.core.ground.events import ContactCreated

from ...conftest import make_core
from .conftest import Play


async def test_an_event_that_commits_late_starts_its_rule(migrated_postgres: str, tmp_path: Path) -> None:
    core = make_core(migrated_postgres, tmp_path)
    async with core:
        made = await core.accounts.bootstrap("T", "o@example.com", "correct horse battery", "test-key-0123456789")
        assert made is not None
        play = Play(core, made.workspace_id, await core.channels.create(made.workspace_id, name="Line"))
        late, early = [(await core.contacts.create(play.workspace, name=name)).id for name in ("Late", "Early")]
        rule = await play.rule({"type": "end"}, trigger={"type": "contact_created"})
        began, go_on = asyncio.Event(), asyncio.Event()

        async def slow() -> None:
            async with core.unit() as unit:
                unit.emit(play.workspace, ContactCreated(id=late))
                # The id is taken; the event shows itself when this commits.
                await unit.append_events()
                unit._events.clear()
                began.set()
                await go_on.wait()

        writing = asyncio.create_task(slow())
        await began.wait()
        async with core.unit() as unit:
            unit.emit(play.workspace, ContactCreated(id=early))
            # More than was ever looked at twice.
            for _ in range(1500):
                unit.emit(play.workspace, ContactCreated(id=0))
        await play.settle()
        assert core.automation_events.waits
        assert await play.runs(rule) == []
        go_on.set()
        await writing
        await play.settle()
        assert [one.contact_id for one in await play.runs(rule)] == [late, early]
        assert not core.automation_events.waits
