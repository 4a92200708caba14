"""What the owner of a channel does with campaigns that run: contents, audiences, ends, starts, what was cancelled."""

from __future__ import annotations

from sqlalchemy import func, select, update

from jackfield.core import Core
from jackfield.core.campaigns import running
from jackfield.core.models import Campaign, Message
from jackfield.core.port.content import Text
from jackfield.db.base import now_ms

from ..ledger.test_ledger import channel, own

__all__ = ["channel"]


async def campaign(core: Core, workspace: int, channel: int, text: str = "Hi", **fields: object) -> int:
    made = await core.campaigns.create(workspace, channel, name=text, content=Text(text=text), **fields)  # type: ignore[arg-type]
    return made.id


async def in_state(core: Core, campaign_id: int, state: str) -> int:
    async with core.db.read() as session:
        query = select(func.count()).select_from(Message)
        return int(await session.scalar(query.where(Message.campaign_id == campaign_id, Message.state == state)) or 0)


async def test_contents_are_read_together(core: Core, workspace: int, channel: int) -> None:
    one, two = [await campaign(core, workspace, channel, text) for text in ("One", "Two")]
    assert await core.running_campaigns.contents([one, two, 999]) == {one: Text(text="One"), two: Text(text="Two")}


async def test_an_audience_is_written_and_the_campaign_finished_when_nothing_is_left(
    core: Core, workspace: int, channel: int
) -> None:
    await core.contacts.create(workspace, phone="38640700001")
    id_ = await campaign(core, workspace, channel)
    token = await own(core, channel)
    assert await core.running_campaigns.expanding(channel) == [id_]
    step = await core.running_campaigns.expand(id_, token)
    assert (step.written, step.done) == (1, True)
    assert await core.running_campaigns.expanding(channel) == []
    await core.running_campaigns.finish_done(channel)
    assert (await core.campaigns.get(workspace, id_)).state == "running", "a message waits"
    async with core.unit() as unit:
        await unit.conn.execute(update(Message).values(state="sent"))
    await core.running_campaigns.finish_done(channel)
    assert (await core.campaigns.get(workspace, id_)).state == "finished"


async def test_a_campaign_starts_when_its_time_has_come(core: Core, workspace: int, channel: int) -> None:
    assert await core.running_campaigns.release_due() is None
    later = now_ms() + 3_600_000
    first, second = [await campaign(core, workspace, channel, scheduled_at=later + n) for n in range(2)]
    assert await core.running_campaigns.release_due() == later
    async with core.unit() as unit:
        await unit.conn.execute(update(Campaign).where(Campaign.id == first).values(scheduled_at=now_ms() - 1))
    assert await core.running_campaigns.release_due() == later + 1
    states = [(await core.campaigns.get(workspace, id_)).state for id_ in (first, second)]
    assert states == ["running", "scheduled"]


async def test_what_waits_of_a_cancelled_campaign_is_cancelled(core: Core, workspace: int, channel: int) -> None:
    await core.contacts.create(workspace, phone="38640700001")
    lately, long_ago = [await campaign(core, workspace, channel, text) for text in ("One", "Two")]
    token = await own(core, channel)
    for id_ in (lately, long_ago):
        await core.running_campaigns.expand(id_, token)
    ended = {lately: now_ms(), long_ago: now_ms() - running.LEFTOVER_MS - 1}
    async with core.unit() as unit:
        for id_, at in ended.items():
            values = {"state": "cancelled", "finished_at": at}
            await unit.conn.execute(update(Campaign).where(Campaign.id == id_).values(**values))
    await core.running_campaigns.empty_cancelled()
    assert [await in_state(core, lately, state) for state in ("queued", "cancelled")] == [0, 1]
    assert await in_state(core, long_ago, "queued") == 1, "looked at no more"
