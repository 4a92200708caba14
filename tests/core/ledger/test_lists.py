"""The ledger's short lists: what was sent, received and planned; a message by either id. On both databases."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from sqlalchemy import update

from jackfield.core import Content, Core, Reaction, Submission, Text
from jackfield.core.models import Message
from jackfield.core.port import Incoming
from jackfield.db.base import now_ms

ANN, BOB = "628111111111", "628222222222"
_ids = itertools.count(1)


@pytest.fixture
async def channels(core: Core, workspace: int) -> tuple[int, int]:
    return (
        (await core.channels.create(workspace, name="One")).id,
        (await core.channels.create(workspace, name="Two")).id,
    )


async def put(core: Core, workspace: int, channel: int, state: str | None = None, **fields: Any) -> int:
    item = Submission(workspace_id=workspace, channel_id=channel, peer=ANN, content=Text(text="hi"), **fields)
    made = await core.messages.submit(item)
    if state is not None:
        async with core.unit() as unit:
            await unit.conn.execute(
                update(Message).where(Message.id == made.id).values(state=state, provider_id=f"net-{made.id}")
            )
    return made.id


async def hear(core: Core, workspace: int, channel: int, sender: str, content: Content) -> None:
    report = Incoming(provider_id=f"in-{next(_ids)}", chat=sender, sender=sender, content=content, timestamp=now_ms())
    await core.intake.ingest(channel, workspace, "simulator", [report])


async def test_sent_are_those_that_the_network_took(core: Core, workspace: int, channels: tuple[int, int]) -> None:
    one, two = channels
    made = [await put(core, workspace, one, state) for state in ("sent", "queued", "read", "failed", "delivered")]
    other = await put(core, workspace, two, "sent")
    await hear(core, workspace, one, ANN, Text(text="hello"))
    assert [row.id for row in await core.messages.sent(workspace)] == [other, made[4], made[2], made[0]]
    assert [row.id for row in await core.messages.sent(workspace, channel_id=one, limit=2)] == [made[4], made[2]]
    assert [*await core.messages.sent(workspace + 1)] == []


async def test_received_are_messages_and_no_reactions(core: Core, workspace: int, channels: tuple[int, int]) -> None:
    one, two = channels
    await hear(core, workspace, one, ANN, Text(text="first"))
    await hear(core, workspace, one, BOB, Text(text="second"))
    await hear(core, workspace, one, BOB, Reaction(target="in-1", emoji="+"))
    await hear(core, workspace, two, ANN, Text(text="elsewhere"))
    await put(core, workspace, one, "sent")
    assert [row.peer for row in await core.messages.received(workspace, one)] == [BOB, ANN]


async def test_planned_are_those_of_a_schedule_whatever_became_of_them(
    core: Core, workspace: int, channels: tuple[int, int]
) -> None:
    one, two = channels
    first = await put(core, workspace, one, source="schedule", due_at=now_ms() + 60_000)
    second = await put(core, workspace, two, source="schedule", due_at=now_ms() + 60_000)
    await put(core, workspace, one, source="api", due_at=now_ms() + 60_000)
    await core.messages.cancel(workspace, first)
    assert [(row.id, row.state) for row in await core.messages.planned(workspace)] == [
        (second, "scheduled"),
        (first, "cancelled"),
    ]
    assert [row.id for row in await core.messages.planned(workspace, channel_id=one)] == [first]


async def test_a_message_is_found_by_the_network_s_id_and_by_ours(
    core: Core, workspace: int, channels: tuple[int, int]
) -> None:
    one, two = channels
    made = await put(core, workspace, one, "sent")
    for name in (f"net-{made}", str(made)):
        found = await core.messages.find(workspace, one, name)
        assert found is not None
        assert found.id == made
        assert await core.messages.find(workspace, two, name) is None
        assert await core.messages.find(workspace + 1, one, name) is None
    for name in ("", "x", "0", "9" * 19, "²"):
        assert await core.messages.find(workspace, one, name) is None
