"""What waits at the channels of a process is told by one statement."""

from __future__ import annotations

from sqlalchemy import update

from jackfield.core import ClaimRequest, Core, Pending, Submission, now_ms
from jackfield.core.campaigns import BulkMessage
from jackfield.core.models import Campaign, Message
from jackfield.core.port.content import Text


def pending(**what: bool) -> Pending:
    return Pending(**{"queued": False, "uncertain": False, "campaigns": False, **what})


async def found(core: Core) -> dict[int, Pending]:
    """What waits, by channel; those at which nothing waits are left out."""
    return {one.setup.id: one.pending for one in await core.leases.channels() if one.pending != pending()}


async def test_what_waits_is_told_of_its_own_channel(core: Core, workspace: int) -> None:
    _, busy = [(await core.channels.create(workspace, name=name)).id for name in ("A", "B")]
    assert await found(core) == {}
    item = Submission(workspace_id=workspace, channel_id=busy, peer="628111111111", content=Text(text="hi"))
    await core.messages.submit(item)
    assert await found(core) == {busy: pending(queued=True)}


async def test_each_kind_of_work_is_told_until_it_is_done(core: Core, workspace: int) -> None:
    channel = (await core.channels.create(workspace, name="A")).id
    lease = await core.leases.acquire(channel)
    assert lease is not None
    people = [BulkMessage(peer="628111111111", content=Text(text="Hi"))]
    campaign = await core.campaigns.create_bulk(workspace, channel, people)
    assert await found(core) == {channel: pending(queued=True, campaigns=True)}
    await core.queue.claim(ClaimRequest(channel_id=channel, token=lease.token, limit=9))
    assert await found(core) == {channel: pending(campaigns=True)}
    async with core.unit() as unit:
        await unit.conn.execute(update(Message).values(state="uncertain", uncertain_at=now_ms()))
    assert await found(core) == {channel: pending(uncertain=True, campaigns=True)}
    async with core.unit() as unit:
        await unit.conn.execute(update(Message).values(state="sent"))
    await core.running_campaigns.finish_done(channel)
    assert (await core.campaigns.get(workspace, campaign.id)).state == "finished"
    assert await found(core) == {}


async def test_a_campaign_of_single_calls_waits_for_nobody(core: Core, workspace: int) -> None:
    channel = (await core.channels.create(workspace, name="A")).id
    await core.leases.acquire(channel)
    people = [BulkMessage(peer="628111111111", content=Text(text="Hi"))]
    campaign = await core.campaigns.create_bulk(workspace, channel, people)
    async with core.unit() as unit:
        await unit.conn.execute(update(Message).values(state="sent"))
        await unit.conn.execute(update(Campaign).where(Campaign.id == campaign.id).values(kind="api"))
    assert await found(core) == {}
