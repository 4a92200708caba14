"""Response times: which answers count, for whom, and how long the waits were."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import insert

from jackfield.core import Core
from jackfield.core.ground.errors import Invalid
from jackfield.core.models import Chat, Message
from jackfield.core.quotas.daily import DAY_MS
from jackfield.core.quotas.response_times import ResponseRow, ResponseTimes, Waits

BEGIN = 1_700_000_000_000 // DAY_MS * DAY_MS
MINUTE, HOUR = 60_000, 3_600_000


class Story:
    """Writes a channel's ledger: who said what, when (ms after BEGIN)."""

    def __init__(self, core: Core, workspace: int, channel: int) -> None:
        self.core, self.workspace, self.channel = core, workspace, channel

    async def chat(self, peer: str, *said: tuple[Any, ...], **columns: Any) -> None:
        """`said`: a time, and for an answer who gave it: a member's id or a source; a third is columns of the row."""
        async with self.core.unit() as unit:
            values = {"workspace_id": self.workspace, "channel_id": self.channel, "peer": peer}
            for at, *more in said:
                by, given = (more[0] if more else None), (more[1] if len(more) > 1 else {})
                row: dict[str, Any] = {"direction": "in", "state": "received", "source": None, "member_id": None}
                if by is not None:
                    row = {"direction": "out", "state": "sent", "source": "api", "member_id": by}
                    row |= {"source": by, "member_id": None} if isinstance(by, str) else {}
                row |= {"kind": "text", "campaign_id": 0, "created_at": BEGIN + at, "sent_at": BEGIN + at, **given}
                await unit.conn.execute(insert(Message), [values | row])
            await unit.conn.execute(insert(Chat), [{**values, "kind": "private", "created_at": BEGIN, **columns}])

    async def told(self, by: str = "channel", **given: Any) -> ResponseTimes:
        span = {"since": BEGIN, "until": BEGIN + 10 * DAY_MS} | given
        return await self.core.responses.report(self.workspace, by=by, **span)


@pytest.fixture
async def story(core: Core, workspace: int) -> Story:
    channel = await core.channels.create(workspace, name="Shop")
    return Story(core, workspace, channel.id)


def same(*waits: int) -> Waits:
    """What is told of waits of the same length."""
    return Waits(count=len(waits), median=waits[0], p90=waits[0]) if waits else Waits()


async def test_a_wait_ends_with_the_answer_of_a_person(story: Story) -> None:
    await story.chat(
        "621",
        *((0,), (MINUTE,)),
        *((2 * MINUTE, "automation"), (3 * MINUTE, "api"), (3 * MINUTE, 7, {"state": "failed", "sent_at": None})),
        *((3 * MINUTE, 7, {"campaign_id": 5}), (4 * MINUTE, 7, {"kind": "reaction"}), (4 * MINUTE, 7)),
        *((5 * MINUTE, 8), (10 * MINUTE, None, {"kind": "reaction"})),
    )
    (row,) = (await story.told()).rows
    assert (row.key, row.name) == (str(story.channel), "Shop")
    assert (row.first, row.all, row.waiting, row.unanswered) == (same(4 * MINUTE), same(4 * MINUTE), 0, 0)
    (agent,) = (await story.told("agent")).rows
    assert (agent.key, agent.all) == ("7", same(4 * MINUTE))
    (program,) = (await story.told("agent", programs=True)).rows
    assert (program.key, program.all) == ("program", same(3 * MINUTE))


async def test_first_answers_and_all_of_them(story: Story) -> None:
    await story.chat("621", (0,), (MINUTE, 7), (HOUR,), (HOUR + 3 * MINUTE, 7), (30 * HOUR,), (30 * HOUR + MINUTE, 7))
    (row,) = (await story.told()).rows
    assert row.first == same(MINUTE, MINUTE)
    assert row.all == Waits(count=3, median=MINUTE, p90=3 * MINUTE)


async def test_what_has_no_answer(story: Story) -> None:
    await story.chat("621", (0,), (HOUR,), (26 * HOUR,), (26 * HOUR + MINUTE,))
    await story.chat("622", (0,), status="done")
    await story.chat("623", (0,), assignee_id=None, kind="group")
    await story.chat("624", (0,), (5 * MINUTE, "phone"), (HOUR,))
    whole = (await story.told()).sum
    assert (whole.key, whole.all, whole.waiting, whole.unanswered) == ("", same(5 * MINUTE), 2, 2)
    rows = {row.key: row for row in (await story.told("agent")).rows}
    assert (rows["none"].waiting, rows["none"].unanswered, rows["none"].all) == (2, 2, Waits())
    assert rows["phone"] == ResponseRow(key="phone", first=same(5 * MINUTE), all=same(5 * MINUTE))


async def test_quantiles_are_waits_that_were(story: Story) -> None:
    for n in range(1, 11):
        await story.chat(f"62{n}", (0,), (n * MINUTE, 7))
    whole = (await story.told()).sum
    assert whole.all == whole.first == Waits(count=10, median=5 * MINUTE, p90=9 * MINUTE)


async def test_by_team_and_agent(core: Core, workspace: int, story: Story) -> None:
    ayu = await core.accounts.create_member(workspace, "ayu@example.com", "a long password", first_name="Ayu")
    ben = await core.accounts.create_member(workspace, "ben@example.com", "a long password")
    sales = await core.tickets.create_department(workspace, "Sales")
    changed = await core.accounts.update_member(workspace, ayu.id, department_id=sales.id)
    assert changed.department_id == sales.id
    await story.chat("621", (0,), (MINUTE, ayu.id))
    await story.chat("622", (0,), (2 * MINUTE, ben.id))
    await story.chat("623", (0,), assignee_id=ayu.id)
    agents = {row.name: row for row in (await story.told("agent")).rows}
    assert (agents["Ayu"].all, agents["Ayu"].waiting) == (same(MINUTE), 1)
    assert agents["ben@example.com"].all == same(2 * MINUTE)
    teams = {row.key: row for row in (await story.told("team")).rows}
    assert (teams[str(sales.id)].name, teams[str(sales.id)].waiting) == ("Sales", 1)
    assert teams["none"].all == same(2 * MINUTE)
    await core.tickets.delete_department(workspace, sales.id)
    assert (await core.accounts.member(workspace, ayu.id)).department_id is None
    assert [row.key for row in (await story.told("team")).rows] == ["none"]


async def test_days_are_those_of_a_zone(story: Story) -> None:
    # The clock goes back on 5 November, at 06:00 UTC: 04:30 UTC is half past midnight before, and 23:30 after.
    hour = 1_699_074_000_000  # 2023-11-04T05:00Z
    await story.chat("622", *((at - BEGIN,) for at in (hour - HOUR // 2, hour + 2 * DAY_MS - HOUR // 2)))
    new_york = await story.told("day", zone="America/New_York", since=hour - DAY_MS, until=hour + 3 * DAY_MS)
    assert [row.key for row in new_york.rows] == ["2023-11-04", "2023-11-05"]
    await story.chat("621", (23 * HOUR,), (23 * HOUR + MINUTE, 7), (24 * HOUR,), (24 * HOUR + 2 * MINUTE, 7))
    assert [(row.key, row.all) for row in (await story.told("day")).rows] == [
        ("2023-11-14", same(MINUTE)),
        ("2023-11-15", same(2 * MINUTE)),
    ]
    (jakarta,) = (await story.told("day", zone="Asia/Jakarta")).rows
    assert (jakarta.key, jakarta.all.count) == ("2023-11-15", 2)


async def test_the_span_bounds_what_began_and_not_its_end(story: Story) -> None:
    await story.chat("621", (-HOUR,), (-HOUR // 2, 7), (0,), (3 * DAY_MS, 7))
    await story.chat("622", (-HOUR,), (HOUR,), (2 * HOUR, 7))
    # A phone's history comes late, and in no order.
    await story.chat("623", (0, None, {"created_at": BEGIN + 2 * DAY_MS}))
    whole = (await story.told(until=BEGIN + DAY_MS)).sum
    assert (whole.all, whole.first.count, whole.waiting) == (same(3 * DAY_MS), 0, 0)
    assert (await story.told(channel_id=story.channel + 1)).rows == []
    assert (
        await story.core.responses.report(story.workspace + 1, since=BEGIN, until=BEGIN + DAY_MS)
    ).sum.all == Waits()
    for wrong in ({"by": "hour"}, {"zone": "Mars/Base"}, {"until": BEGIN}, {"until": BEGIN + 401 * DAY_MS}):
        with pytest.raises(Invalid):
            await story.told(**wrong)
