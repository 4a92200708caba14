"""A core whose automations run by hand, on a channel where people write and are written to; the clock is the test's."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from sqlalchemy import select, update

from jackfield.core import ChannelView, Core, MessageView, SafeClient, now_ms
from jackfield.core.automations.views import AutomationView, RunView
from jackfield.core.models import AutomationRun, Event
from jackfield.core.port import Incoming
from jackfield.core.port.content import ButtonReply, Content, Text

_numbers = itertools.count(1)


class Play:
    """People who write, and automations that answer."""

    def __init__(self, core: Core, workspace: int, channel: ChannelView) -> None:
        self.core = core
        self.workspace = workspace
        self.channel = channel
        self.client: SafeClient | None = None
        """Who makes the calls that runs wait for; None: nobody does."""

    async def rule(self, *steps: dict[str, Any], kind: str = "rule", **fields: Any) -> AutomationView:
        """An automation that is on."""
        document = {"trigger": {"type": "message"}, "steps": [*steps], **fields}
        name = f"A{next(_numbers)}"
        made = await self.core.automations.create(self.workspace, name, kind, document, enabled=True)
        # Nothing is read before the first look; from here on everything is.
        await self.core.automation_events.step()
        return made

    async def says(self, content: str | Content, peer: str = "491701234567", **fields: Any) -> None:
        """Somebody writes, and what is due is done."""
        message = Incoming(
            provider_id=f"in-{next(_numbers)}",
            chat=peer,
            sender=peer,
            sender_name="Ann Lee",
            content=Text(text=content) if isinstance(content, str) else content,
            timestamp=now_ms(),
            **fields,
        )
        await self.core.intake.receive(self.channel, [message])
        await self.settle()

    async def presses(self, title: str, id_: str = "") -> None:
        """Somebody presses a button."""
        await self.says(ButtonReply(id=id_ or title, title=title))

    async def settle(self) -> None:
        """Until nothing is due: bounded, so that a circle shows."""
        for _ in range(400):
            more = await self.core.automation_events.step()
            turn = await self.core.automation_runs.step()
            for call in turn.calls if self.client is not None else ():
                await self.core.automation_runs.call(self.client, call)
            if not more and not turn.taken:
                return
        raise AssertionError("the automations do not come to rest")

    async def later(self, seconds: float) -> None:
        """So much time passes for those who wait."""
        async with self.core.unit() as unit:
            await unit.conn.execute(
                update(AutomationRun)
                .where(AutomationRun.due_at.is_not(None))
                .values(due_at=AutomationRun.due_at - int(seconds * 1000))
            )
            for row in await unit.session.scalars(select(AutomationRun).where(AutomationRun.due_at.is_not(None))):
                if "_until" in row.variables:
                    row.variables = {**row.variables, "_until": row.variables["_until"] - int(seconds * 1000)}
        await self.settle()

    async def sent(self, peer: str = "491701234567") -> list[str | None]:
        """What was written to somebody, oldest first."""
        return [self.text_of(one) for one in await self.messages(peer)]

    async def messages(self, peer: str = "491701234567") -> list[MessageView]:
        """The messages written to somebody, oldest first."""
        page = await self.core.messages.list(self.workspace, limit=200)
        return [one for one in page.items[::-1] if one.direction == "out" and one.peer == peer]

    @staticmethod
    def text_of(view: MessageView) -> str:
        """What a message says."""
        from jackfield.core import decode, summary

        assert view.content is not None
        return summary(decode(view.content))

    async def runs(self, automation: AutomationView) -> list[RunView]:
        """The runs of an automation, oldest first."""
        return (await self.core.automations.runs(self.workspace, automation.id)).items[::-1]

    async def events(self, type_: str) -> list[str]:
        """The data of the events of a type."""
        async with self.core.db.read() as session:
            return [*await session.scalars(select(Event.data).where(Event.type == type_).order_by(Event.id))]


@pytest.fixture
async def play(core: Core, workspace: int) -> Play:
    """The stage: a channel of the simulator, which is not connected: messages stay in the queue."""
    return Play(core, workspace, await core.channels.create(workspace, name="Line"))


@pytest.fixture
async def lite_play(lite: Core) -> Play:
    """As `play`, on SQLite only."""
    made = await lite.accounts.bootstrap("Test", "owner@example.com", "correct horse battery", "test-key-0123456789")
    assert made is not None
    return Play(lite, made.workspace_id, await lite.channels.create(made.workspace_id, name="Line"))
