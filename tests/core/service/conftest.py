"""A channel at which people write, and agents who answer; the clock of targets is the test's."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from sqlalchemy import select

from jackfield.core import ChannelView, ChatChanges, ChatView, Core, Outcome, Submission, now_ms
from jackfield.core.ground.events import load
from jackfield.core.ledger import states
from jackfield.core.ledger.record import record_batch
from jackfield.core.ledger.transition import Move, load_by_id, transition
from jackfield.core.models import Event
from jackfield.core.port import Incoming
from jackfield.core.port.content import Text

_numbers = itertools.count(1)


class Desk:
    """The stage."""

    def __init__(self, core: Core, workspace: int, channel: ChannelView, agents: list[int]) -> None:
        self.core, self.workspace, self.channel, self.agents = core, workspace, channel, agents

    def said(self, peer: str, **fields: Any) -> Incoming:
        fields = {"content": Text(text="Hello"), "timestamp": now_ms(), **fields}
        return Incoming(provider_id=f"in-{next(_numbers)}", chat=peer, sender=peer, sender_name="Ann", **fields)

    async def write(self, peer: str, **fields: Any) -> ChatView:
        """Somebody writes."""
        await self.core.intake.receive(self.channel, [self.said(peer, **fields)])
        return await self.chat(peer)

    async def chat(self, peer: str) -> ChatView:
        view = await self.core.chats.chat_by_peer(self.workspace, self.channel.id, peer)
        assert view is not None
        return view

    async def change(self, peer: str, **changes: Any) -> None:
        view = await self.chat(peer)
        await self.core.chats.update_chat(self.workspace, view.chat.id, ChatChanges(**changes))

    async def done(self, peer: str, **more: Any) -> None:
        await self.change(peer, status="done", **more)

    async def answer(self, peer: str, text: str = "Hi", **fields: Any) -> int:
        """An agent (the first one unless `member_id` says otherwise) writes, and it goes out."""
        fields = {"member_id": self.agents[0], **fields}
        made = await self.core.messages.submit(
            Submission(
                workspace_id=self.workspace, channel_id=self.channel.id, peer=peer, content=Text(text=text), **fields
            )
        )
        outcome = Outcome(
            id=made.id, channel_id=self.channel.id, token=1, state="sent", at=now_ms(), provider_id=f"out-{made.id}"
        )
        async with self.core.unit() as unit:
            move = Move(to=states.SENDING, at=unit.now, claim=1)
            await transition(unit, [(row, move) for row in await load_by_id(unit, [made.id])])
            await record_batch(unit, [outcome])
        return made.id

    async def events(self, type_: str) -> list[Any]:
        async with self.core.db.read() as session:
            query = select(Event.type, Event.data).where(Event.type == type_).order_by(Event.id)
            return [load(row.type, row.data) for row in await session.execute(query)]


async def make_desk(core: Core, workspace: int) -> Desk:
    channel = await core.channels.create(workspace, name="Line")
    agents = [
        (await core.accounts.create_member(workspace, f"a{n}@example.com", "correct horse", first_name=f"A{n}")).id
        for n in range(3)
    ]
    return Desk(core, workspace, channel, agents)


@pytest.fixture
async def desk(core: Core, workspace: int) -> Desk:
    return await make_desk(core, workspace)


@pytest.fixture
async def lite_desk(lite: Core) -> Desk:
    """As `desk`, on SQLite only."""
    made = await lite.accounts.bootstrap("Test", "owner@example.com", "correct horse battery", "test-key-0123456789")
    assert made is not None
    return await make_desk(lite, made.workspace_id)
