"""Changing a campaign: all of a request or nothing, and never over the head of somebody who has paused it."""

from __future__ import annotations

import itertools

import pytest
from sqlalchemy import select

from jackfield.core import CampaignChanges, CampaignView, Core
from jackfield.core.campaigns import BulkMessage
from jackfield.core.ground.errors import Conflict, Invalid, NotFound
from jackfield.core.models import Message
from jackfield.core.port.content import Text, decode
from jackfield.db.base import now_ms

HOUR = 3_600_000


async def scheduled(core: Core, workspace: int) -> CampaignView:
    channel = await core.channels.create(workspace, name="One")
    return await core.campaigns.create(
        workspace, channel.id, name="June", content=Text(text="Hi"), scheduled_at=now_ms() + HOUR
    )


async def test_a_request_is_carried_out_whole(core: Core, workspace: int) -> None:
    before = await scheduled(core, workspace)
    later = now_ms() + 2 * HOUR
    changes = CampaignChanges(
        name=" July ", content=Text(text="Hello"), category="utility", tag="t", scheduled_at=later
    )
    row = await core.campaigns.update(workspace, before.id, changes, client_data={"seed": {"list": 7}})
    assert row == await core.campaigns.get(workspace, before.id)
    assert (row.name, row.category, row.tag, row.scheduled_at) == ("July", "utility", "t", later)
    assert decode(row.content or "") == Text(text="Hello")
    assert row.options["seed"] == {"list": 7}
    started = await core.campaigns.update(workspace, before.id, CampaignChanges(start=True))
    assert (started.state, started.name) == ("running", "July")


async def test_a_request_that_fails_leaves_nothing(core: Core, workspace: int) -> None:
    before = await scheduled(core, workspace)
    past = CampaignChanges(name="July", tag="t", scheduled_at=now_ms() - HOUR)
    with pytest.raises(Invalid, match="in the future"):
        await core.campaigns.update(workspace, before.id, past, client_data={"seed": {"list": 7}})
    assert await core.campaigns.get(workspace, before.id) == before


async def test_a_pause_meanwhile_stands(core: Core, workspace: int) -> None:
    read_before = await scheduled(core, workspace)
    await core.campaigns.pause(workspace, read_before.id, "by the operator")
    with pytest.raises(Conflict):
        await core.campaigns.update(workspace, read_before.id, CampaignChanges(start=True), client_data={"seed": 1})
    now = await core.campaigns.get(workspace, read_before.id)
    assert (now.state, now.pause_reason, "seed" in now.options) == ("paused", "by the operator", False)


async def test_what_a_dialect_keeps_is_there_from_the_first(core: Core, workspace: int) -> None:
    channel = await core.channels.create(workspace, name="One")
    row = await core.campaigns.create_bulk(
        workspace,
        channel.id,
        [BulkMessage(peer="49151", content=Text(text="Hi"))],
        delay_ms=5,
        client_data={"seed": {"list": 7}},
    )
    assert row.options == {"seed": {"list": 7}, "delay_ms": 5, "randomize": False}
    with pytest.raises(Conflict):
        await core.campaigns.update(workspace, row.id, CampaignChanges(content=Text(text="Other")))


async def test_a_random_pause_is_never_below_the_one_that_was_asked_for(core: Core, workspace: int) -> None:
    channel = await core.channels.create(workspace, name="One")
    people = [BulkMessage(peer=f"62811{n:07d}", content=Text(text="Hi")) for n in range(60)]
    row = await core.campaigns.create_bulk(workspace, channel.id, people, delay_ms=1000, randomize=True)
    async with core.db.read() as session:
        query = select(Message.due_at).where(Message.campaign_id == row.id).order_by(Message.id)
        due = (await session.scalars(query)).all()
    pauses = {later - one for one, later in itertools.pairwise(due)}
    assert 1000 <= min(pauses) < max(pauses) <= 1500


async def test_only_what_has_not_started_is_deleted(core: Core, workspace: int) -> None:
    row = await scheduled(core, workspace)
    with pytest.raises(NotFound):
        await core.campaigns.delete(workspace + 1, row.id)
    draft = await core.campaigns.duplicate(workspace, row.id)
    await core.campaigns.delete(workspace, draft.id)
    with pytest.raises(NotFound):
        await core.campaigns.get(workspace, draft.id)
    await core.campaigns.start(workspace, row.id)
    bulk = await core.campaigns.create_bulk(
        workspace, row.channel_id, [BulkMessage(peer="6281", content=Text(text="Hi"))], scheduled_at=now_ms() + HOUR
    )
    for kept in (row, bulk):
        with pytest.raises(Conflict, match="messages stay in the ledger"):
            await core.campaigns.delete(workspace, kept.id)
        assert (await core.campaigns.get(workspace, kept.id)).id == kept.id
