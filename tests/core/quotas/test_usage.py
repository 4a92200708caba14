"""Usage reports, the search for ids by time, and daily caps."""

from __future__ import annotations

import pytest
from sqlalchemy import insert

from jackfield.core import Core
from jackfield.core.ground.errors import Invalid, LimitReached
from jackfield.core.models import Channel, Chat, Message
from jackfield.core.quotas.daily import DAY_MS, count_today, id_at
from jackfield.core.quotas.usage import HOUR_MS
from jackfield.db.base import now_ms


async def fill(core: Core, channel: Channel, rows: list[dict[str, object]]) -> None:
    common = {"workspace_id": channel.workspace_id, "channel_id": channel.id, "peer": "628", "direction": "out"}
    columns = {"tag": None, "template": None, "campaign_id": 0, "category": "service", "sent_at": None}
    async with core.unit() as unit:
        for row in rows:
            await unit.conn.execute(insert(Message), [{**common, **columns, **row}])


async def test_counts_by_day_and_tag(core: Core, workspace: int) -> None:
    channel = await core.channels.create(workspace, name="One")
    today = now_ms() // DAY_MS * DAY_MS
    await fill(
        core,
        channel,
        [
            {"state": "read", "created_at": today - 2 * DAY_MS + 5, "tag": "a"},
            {"state": "delivered", "created_at": today - DAY_MS, "tag": "a"},
            {"state": "failed", "created_at": today - DAY_MS + 1, "tag": "b"},
            {"state": "received", "direction": "in", "created_at": today},
            {"state": "queued", "created_at": today + 1, "tag": "a"},
        ],
    )
    usage = core.usage
    days = await usage.report(workspace, since=today - DAY_MS, until=today + DAY_MS)
    assert [(row.total, row.sent, row.delivered, row.failed, row.received, row.pending) for row in days] == [
        (2, 1, 1, 1, 0, 0),
        (2, 0, 0, 0, 1, 1),
    ]
    tags = await usage.report(workspace, by="tag", since=today - 3 * DAY_MS, until=today + DAY_MS)
    assert [(row.key, row.total, row.read) for row in tags] == [("a", 3, 1), ("b", 1, 0)]
    (named,) = await usage.report(workspace, by="channel", since=today - 3 * DAY_MS, until=today + DAY_MS)
    assert named.name == "One"
    assert await usage.report(workspace + 1, since=0, until=1) == []
    with pytest.raises(Invalid):
        await usage.report(workspace, by="nonsense", since=0, until=1)


async def test_counts_by_hour(core: Core, workspace: int) -> None:
    channel = await core.channels.create(workspace, name="One")
    begin = 1_700_000_000_000 // DAY_MS * DAY_MS
    times = (begin + 5, begin + HOUR_MS - 1, begin + HOUR_MS, begin + 30 * HOUR_MS)
    await fill(core, channel, [{"state": "sent", "created_at": at} for at in times])
    rows = await core.usage.report(workspace, by="hour", since=begin, until=begin + 2 * DAY_MS)
    assert [(row.key, row.sent) for row in rows] == [
        ("2023-11-14T00:00Z", 2),
        ("2023-11-14T01:00Z", 1),
        ("2023-11-15T06:00Z", 1),
    ]


async def test_an_id_is_found_by_its_time(core: Core, workspace: int) -> None:
    channel = await core.channels.create(workspace, name="One")
    await fill(core, channel, [{"state": "sent", "created_at": at} for at in (10, 20, 20, 30, 50)])
    async with core.db.read() as session:
        found = [await id_at(session, at) for at in (0, 10, 11, 20, 21, 50, 51)]
    assert found == [0, 0, 2, 2, 4, 5, 6]


async def test_the_daily_cap_and_who_may_pass(core: Core, workspace: int) -> None:
    channel = await core.channels.create(workspace, name="One", pacing={"dailyCap": 3})
    today = now_ms() // DAY_MS * DAY_MS
    await fill(
        core,
        channel,
        [
            {"state": "sent", "created_at": today - 5, "sent_at": today},
            {"state": "sent", "created_at": today - 5, "sent_at": today - 1},
            {"state": "queued", "created_at": today},
            {"state": "cancelled", "created_at": today},
        ],
    )
    async with core.db.read() as session:
        assert await count_today(session, channel.id, today) == 2
    await core.caps.check(channel.id, "628", "utility")
    for category in ("utility", "marketing", "service"):
        with pytest.raises(LimitReached) as refused:
            await core.caps.check(channel.id, "628", category)
        assert refused.value.code == "DAILY_LIMIT_REACHED"
        assert (refused.value.details["limit"], refused.value.details["count"]) == (3, 3)
    await core.caps.check(channel.id, "628", "authentication")
    async with core.unit() as unit:
        window = {"window_until": now_ms() + 60_000, "peer": "628", "channel_id": channel.id, "created_at": 1}
        await unit.conn.execute(insert(Chat), [{"workspace_id": workspace, **window}])
    await core.caps.check(channel.id, "628", "service")
    # Another cap counts at once, a warm-up's first day too.
    await core.channels.update(workspace, channel.id, pacing={"dailyCap": 100})
    await core.caps.check(channel.id, "629", "utility")
    assert not core.caps.free(channel.id)
    await core.channels.update(workspace, channel.id, pacing={"warmUpStart": 2, "warmUpGrowth": 2})
    with pytest.raises(LimitReached):
        await core.caps.check(channel.id, "629", "utility")
    await core.channels.update(workspace, channel.id, pacing={})
    await core.caps.check(channel.id, "629", "utility")
    assert core.caps.free(channel.id)
