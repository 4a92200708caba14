"""When a campaign's messages were sent, delivered, read and failed."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from jackfield.core import BulkMessage, Core, Text
from jackfield.core.campaigns import timeline
from jackfield.core.ground.errors import Invalid
from jackfield.core.models import Message

BEGIN = 1_700_000_000_000 // 86_400_000 * 86_400_000
MINUTE, HOUR = 60_000, 3_600_000


async def test_counts_by_span(core: Core, workspace: int, monkeypatch: pytest.MonkeyPatch) -> None:
    channel = await core.channels.create(workspace, name="Phone", engine="simulator", config=None)
    messages = [BulkMessage(peer=f"62812345678{n}", content=Text(text="x")) for n in range(4)]
    campaign = await core.campaigns.create_bulk(workspace, channel.id, messages, name="Sale")
    other = await core.campaigns.create_bulk(workspace, channel.id, messages[:1], name="Other")
    assert await core.campaigns.timeline(campaign) == []
    times = (
        {"sent_at": BEGIN, "delivered_at": BEGIN + MINUTE, "read_at": BEGIN + 2 * HOUR},
        {"sent_at": BEGIN + MINUTE - 1, "delivered_at": BEGIN + HOUR},
        {"failed_at": BEGIN + HOUR + 1},
        {},
    )
    async with core.unit() as unit:
        for n, values in enumerate(times):
            if values:
                mine = (Message.campaign_id == campaign.id, Message.peer == f"62812345678{n}")
                await unit.conn.execute(update(Message).where(*mine).values(values))
        await unit.conn.execute(update(Message).where(Message.campaign_id == other.id).values(sent_at=BEGIN))

    async def rows(bucket: str) -> list[tuple[int, int, int, int, int]]:
        found = await core.campaigns.timeline(campaign, bucket)
        return [(one.at - BEGIN, one.sent, one.delivered, one.read, one.failed) for one in found]

    assert await rows("day") == [(0, 2, 2, 1, 1)]
    assert await rows("hour") == [(0, 2, 1, 0, 0), (HOUR, 0, 1, 0, 1), (2 * HOUR, 0, 0, 1, 0)]
    assert [one[0] for one in await rows("minute")] == [0, MINUTE, HOUR, 2 * HOUR]
    with pytest.raises(Invalid):
        await rows("year")
    monkeypatch.setattr(timeline, "MAX_BUCKETS", 3)
    with pytest.raises(Invalid, match="larger"):
        await rows("minute")
