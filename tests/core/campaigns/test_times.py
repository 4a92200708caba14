"""Campaigns and their times: what was planned for later stays for later, and nothing is planned for the past."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from jackfield.core import Core, Invalid, unix_ms
from jackfield.core.campaigns import BulkMessage, CampaignView
from jackfield.core.ledger.submit import Submission
from jackfield.core.models import Message
from jackfield.core.port.content import Text
from jackfield.db.base import now_ms

HOUR = 3_600_000
PAST = 1_577_872_800_000
PHONE = "628111111111"


async def scheduled(core: Core, workspace: int, at: int, kind: str = "broadcast") -> CampaignView:
    channel = await core.channels.create(workspace, name="One")
    if kind == "bulk":
        messages = [BulkMessage(peer=PHONE, content=Text(text="Hi"))]
        return await core.campaigns.create_bulk(workspace, channel.id, messages, scheduled_at=at)
    return await core.campaigns.create(workspace, channel.id, name="June", content=Text(text="Hi"), scheduled_at=at)


@pytest.mark.parametrize("kind", ["broadcast", "bulk"])
async def test_a_campaign_paused_before_its_time_is_scheduled_again(core: Core, workspace: int, kind: str) -> None:
    at = now_ms() + HOUR
    row = await scheduled(core, workspace, at, kind)
    assert (await core.campaigns.pause(workspace, row.id)).state == "paused"
    row = await core.campaigns.resume(workspace, row.id)
    assert (row.state, row.scheduled_at, row.started_at, row.pause_reason) == ("scheduled", at, None, None)
    # To resume what waits for its time does not start it either; to start it does.
    assert (await core.campaigns.resume(workspace, row.id)).state == "scheduled"
    await core.campaigns.pause(workspace, row.id)
    row = await core.campaigns.start(workspace, row.id)
    assert row.state == "running"
    if kind == "bulk":
        async with core.db.read() as session:
            message = await session.get(Message, 1)
        assert message is not None
        assert message.due_at <= now_ms()


async def test_a_campaign_that_has_run_goes_on_when_resumed(core: Core, workspace: int) -> None:
    row = await scheduled(core, workspace, now_ms() + HOUR)
    await core.campaigns.start(workspace, row.id)
    await core.campaigns.pause(workspace, row.id)
    assert (await core.campaigns.resume(workspace, row.id)).state == "running"


@pytest.mark.parametrize("kind", ["broadcast", "bulk"])
async def test_a_time_in_the_past_is_refused(core: Core, workspace: int, kind: str) -> None:
    with pytest.raises(Invalid, match="must be in the future"):
        await scheduled(core, workspace, PAST, kind)


async def test_a_single_message_for_the_past_is_refused(core: Core, workspace: int) -> None:
    channel = await core.channels.create(workspace, name="One")
    item = Submission(workspace_id=workspace, channel_id=channel.id, peer=PHONE, content=Text(text="Hi"), due_at=PAST)
    with pytest.raises(Invalid, match="must be in the future"):
        await core.messages.submit(item)


@pytest.mark.parametrize(
    ("text", "zone", "utc"),
    [
        ("2027-01-01T10:00:00", "Europe/Berlin", "2027-01-01T09:00"),
        ("2027-07-01T10:00:00", "Europe/Berlin", "2027-07-01T08:00"),
        ("2027-01-01 10:00", "Asia/Kolkata", "2027-01-01T04:30"),
        # 02:30 is left out on that night; 03:30 is meant.
        ("2027-03-28T02:30:00", "Europe/Berlin", "2027-03-28T01:30"),
        ("2027-03-14T02:30:00", "America/New_York", "2027-03-14T07:30"),
        # 02:30 comes twice; the first is meant.
        ("2027-10-31T02:30:00", "Europe/Berlin", "2027-10-31T00:30"),
        ("2027-11-07T01:30:00", "America/New_York", "2027-11-07T05:30"),
        # A zone of its own counts.
        ("2027-01-01T10:00:00Z", "Europe/Berlin", "2027-01-01T10:00"),
        ("2027-01-01T10:00:00+07:00", "Europe/Berlin", "2027-01-01T03:00"),
    ],
)
def test_times_are_read_in_the_workspaces_zone(text: str, zone: str, utc: str) -> None:
    shown = datetime.fromtimestamp(unix_ms(text, ZoneInfo(zone)) / 1000, UTC)
    assert shown.strftime("%Y-%m-%dT%H:%M") == utc


async def test_a_daily_cap_that_is_reached_says_until_when(core: Core, workspace: int) -> None:
    channel = await core.channels.create(workspace, name="One", pacing={"dailyCap": 1})
    assert await core.caps.used_up(channel.id) is None
    await core.messages.submit(
        Submission(workspace_id=workspace, channel_id=channel.id, peer=PHONE, content=Text(text="Hi"))
    )
    used = await core.caps.used_up(channel.id)
    assert used is not None
    assert used.limit == 1
    assert 0 < used.until - now_ms() <= 24 * HOUR
