"""Targets for replies and resolutions: when clocks start, what ends them, who is told, and what is reported."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select, update

from jackfield.core import ChatFilter, now_ms
from jackfield.core.ground.errors import Invalid
from jackfield.core.models import Chat, ChatTarget
from jackfield.core.port.content import System
from jackfield.core.service.reading import ServiceReader
from jackfield.core.service.target_report import TargetFigures
from jackfield.core.service.targets import TargetView

from .conftest import Desk

MINUTE = 60_000
HOURS = TargetView(first_reply=10, next_reply=20, resolution=120, working_hours=False)


async def targets(desk: Desk, *given: TargetView) -> None:
    await desk.core.reply_targets.put(desk.workspace, given)
    # Nothing is read before the first look; from here on everything is.
    await settle(desk)


async def settle(desk: Desk) -> None:
    while await desk.core.reply_targets.reader.step():
        pass


async def clocks(desk: Desk, peer: str) -> list[tuple[str, str]]:
    """The clocks of a chat that have a target, in the order in which they began, with their states."""
    await settle(desk)
    chat_id = (await desk.chat(peer)).chat.id
    async with desk.core.db.read() as session:
        query = select(ChatTarget.kind, ChatTarget.state).where(
            ChatTarget.chat_id == chat_id, ChatTarget.due_at.is_not(None)
        )
        return [(row.kind, row.state) for row in await session.execute(query.order_by(ChatTarget.id))]


async def later(desk: Desk, minutes: float) -> None:
    """So much time passes for the clocks that run, and what is due is told."""
    span = int(minutes * MINUTE)
    await settle(desk)
    async with desk.core.unit() as unit:
        row = ChatTarget
        columns = ("started_at", "warn_at", "due_at", "wake_at")
        moved = {name: getattr(row, name) - span for name in columns}
        await unit.conn.execute(update(row).where(row.ended_at.is_(None)).values(moved))
        shown = {name: getattr(Chat, name) - span for name in ("target_warn_at", "target_due_at")}
        await unit.conn.execute(update(Chat).where(Chat.target_due_at > 0).values(shown))
    while (due := await desk.core.reply_targets.step()) is not None and due <= now_ms():
        pass


async def told(desk: Desk) -> list[tuple[str, str]]:
    """Warnings and misses, by kind."""
    return [
        (one.type, one.kind)
        for one in [*await desk.events("chat.target_warning"), *await desk.events("chat.target_missed")]
    ]


async def test_a_conversation_from_its_first_message_to_its_end(desk: Desk) -> None:
    await targets(desk, HOURS)
    await desk.write("491", content=System(text="New key"))
    assert await clocks(desk, "491") == []
    await desk.write("491")
    await desk.write("491")
    assert await clocks(desk, "491") == [("resolution", "running"), ("first_reply", "running")]
    chat = (await desk.chat("491")).chat
    assert (chat.target_kind, chat.target_due_at - chat.target_warn_at) == ("first_reply", 2 * MINUTE)
    # What a program sends is no answer.
    await desk.answer("491", member_id=None)
    assert (await clocks(desk, "491"))[1] == ("first_reply", "running")
    await desk.answer("491")
    assert (await clocks(desk, "491"))[1] == ("first_reply", "met")
    assert (await desk.chat("491")).chat.target_kind == "resolution"
    await desk.write("491")
    await desk.write("491", from_me=True)
    assert await clocks(desk, "491") == [("resolution", "running"), ("first_reply", "met"), ("next_reply", "met")]
    await desk.write("491")
    await desk.done("491")
    assert await clocks(desk, "491") == [
        ("resolution", "met"), ("first_reply", "met"), ("next_reply", "met"), ("next_reply", "dropped"),
    ]  # fmt: skip
    chat = (await desk.chat("491")).chat
    assert (chat.target_kind, chat.target_warn_at, chat.target_due_at) == (None, 0, 0)
    await desk.write("491")
    assert (await clocks(desk, "491"))[4:] == [("resolution", "running"), ("first_reply", "running")]
    updates = [one.target_kind for one in await desk.events("chat.updated") if one.peer == "491"]
    assert updates[-1] == "first_reply"
    assert await told(desk) == []


async def test_what_is_due_is_told_once_and_counted(desk: Desk) -> None:
    core = desk.core
    await targets(desk, HOURS)
    await desk.write("491")
    await later(desk, 7.9)
    assert await told(desk) == []
    await later(desk, 0.2)
    assert await told(desk) == [("chat.target_warning", "first_reply")]
    assert [one.chat.peer for one in (await core.chats.chats(desk.workspace, ChatFilter(urgent=True))).items] == ["491"]
    assert (await core.chats.chats(desk.workspace, ChatFilter(missed=True))).items == []
    await later(desk, 2)
    await later(desk, 1)
    assert await told(desk) == [("chat.target_warning", "first_reply"), ("chat.target_missed", "first_reply")]
    (counts,) = (await core.chats.counts(desk.workspace)).values()
    assert (counts.urgent, counts.missed) == (1, 1)
    (missed,) = await desk.events("chat.target_missed")
    assert (missed.chat_id, missed.minutes) == ((await desk.chat("491")).chat.id, 10)
    await desk.answer("491")
    assert await clocks(desk, "491") == [("resolution", "running"), ("first_reply", "missed")]
    # What was due while nothing ran is told as missed alone.
    await later(desk, 200)
    assert (await told(desk))[1:] == [("chat.target_missed", "first_reply"), ("chat.target_missed", "resolution")]
    assert await core.reply_targets.step() is None


async def test_what_came_in_time_is_no_miss_however_late_it_is_read(desk: Desk) -> None:
    await targets(desk, HOURS)
    await desk.write("491")
    await desk.answer("491")
    # Another process takes over; the first one has not read yet.
    desk.core.reply_targets.reader = ServiceReader(desk.core.store, desk.core.surveys)
    assert await clocks(desk, "491") == [("resolution", "running"), ("first_reply", "met")]
    # And reads on where it was.
    old, desk.core.reply_targets.reader = (
        desk.core.reply_targets.reader,
        ServiceReader(desk.core.store, desk.core.surveys),
    )
    await desk.write("491")
    await settle(desk)
    while await old.step():
        pass
    assert (await clocks(desk, "491"))[2:] == [("next_reply", "running")]


async def test_whose_targets_hold(desk: Desk) -> None:
    core, (first, second, _) = desk.core, desk.agents
    sales = (await core.tickets.create_department(desk.workspace, "Sales")).id
    await core.accounts.update_member(desk.workspace, second, department_id=sales)
    await targets(
        desk,
        TargetView(first_reply=60, working_hours=False),
        TargetView(channel_id=desk.channel.id, first_reply=30, working_hours=False),
        TargetView(department_id=sales, first_reply=5, next_reply=5, working_hours=False, warn_percent=50),
    )

    async def due(peer: str) -> tuple[int, int]:
        await settle(desk)
        async with core.db.read() as session:
            row = (
                await session.execute(
                    select(ChatTarget.__table__).where(
                        ChatTarget.chat_id == (await desk.chat(peer)).chat.id, ChatTarget.due_at.is_not(None)
                    )
                )
            ).one()
        return (row.due_at - row.started_at) // MINUTE, (row.warn_at - row.started_at) // MINUTE

    await desk.write("491")
    assert await due("491") == (30, 24)
    await desk.change("491", assignee_id=first)
    assert await due("491") == (30, 24)
    await desk.change("491", assignee_id=second)
    assert await due("491") == (5, 2)
    await later(desk, 6)
    assert await told(desk) == [("chat.target_missed", "first_reply")]
    await desk.answer("491")
    await settle(desk)
    found = await core.reply_targets.report(desk.workspace, by="team", since=now_ms() - 3_600_000, until=now_ms() + 1)
    (row,) = found.rows
    assert (row.key, row.name) == (str(sales), "Sales")
    assert (row.first_reply.count, row.first_reply.met, row.next_reply) == (1, 0, TargetFigures())
    # Without targets nothing is left that runs.
    await targets(desk)
    assert (await desk.chat("491")).chat.target_due_at == 0
    await desk.write("492")
    assert await clocks(desk, "492") == []


async def test_the_targets_of_a_chat_s_own_team_hold(desk: Desk) -> None:
    core, (first, *_) = desk.core, desk.agents
    sales, support = [(await core.tickets.create_department(desk.workspace, name)).id for name in ("Sales", "Support")]
    await core.accounts.update_member(desk.workspace, first, department_id=support)
    await targets(
        desk,
        TargetView(first_reply=60, working_hours=False),
        TargetView(department_id=sales, first_reply=5, working_hours=False),
        TargetView(department_id=support, first_reply=20, working_hours=False),
    )

    async def due() -> tuple[int, int | None]:
        await settle(desk)
        async with core.db.read() as session:
            query = select(ChatTarget.started_at, ChatTarget.due_at, ChatTarget.department_id)
            row = (await session.execute(query.where(ChatTarget.due_at.is_not(None)))).one()
        return (row.due_at - row.started_at) // MINUTE, row.department_id

    await desk.write("491")
    assert await due() == (60, None)
    await desk.change("491", department_id=sales)
    assert await due() == (5, sales)
    # Whoever of another team has it: the chat's own team counts.
    await desk.change("491", assignee_id=first)
    assert await due() == (5, sales)
    await core.tickets.delete_department(desk.workspace, sales)
    assert await due() == (20, support)


async def test_working_hours_count_alone(desk: Desk) -> None:
    core = desk.core
    await core.working_times.put(desk.workspace, timezone="UTC", days={})
    await targets(desk, TargetView(first_reply=10))
    await desk.write("491")
    # There are no hours at all: nothing is ever due.
    assert await clocks(desk, "491") == []
    week = {day: [{"start": "09:00", "end": "10:00"}] for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")}
    await core.working_times.put(desk.workspace, timezone="UTC", days=week)
    await targets(desk, TargetView(first_reply=90))
    await desk.write("492")
    assert await clocks(desk, "492") == [("first_reply", "running")]
    chat = (await desk.chat("492")).chat
    day = 24 * 60 * MINUTE
    assert day < chat.target_due_at - now_ms() <= 2 * day
    # An hour and a half of two days of one hour each: due half an hour after the second one begins, or later.
    assert 0 <= chat.target_due_at % day - 9 * 60 * MINUTE <= 60 * MINUTE


async def test_the_report(desk: Desk) -> None:
    core = desk.core
    await targets(desk, HOURS)
    for peer, minutes, agent in (("491", 2, 0), ("492", 4, 0), ("493", 12, 1)):
        await desk.write(peer)
        await later(desk, minutes)
        await desk.change(peer, assignee_id=desk.agents[agent])
        await desk.answer(peer)
        await settle(desk)
    await desk.write("494")
    await later(desk, 11)
    span: dict[str, Any] = {"since": now_ms() - 24 * 60 * MINUTE, "until": now_ms() + 1}
    found = await core.reply_targets.report(desk.workspace, by="agent", **span)
    assert [(one.name, one.first_reply.count, one.first_reply.met, one.first_reply.late) for one in found.rows] == [
        ("A0", 2, 2, 0), ("A1", 1, 0, 0), (None, 0, 0, 1),
    ]  # fmt: skip
    whole = found.sum.first_reply
    assert (whole.count, whole.met, (whole.median or 0) // MINUTE) == (3, 2, 4)
    assert found.sum.resolution == TargetFigures()
    by_channel = await core.reply_targets.report(desk.workspace, by="channel", **span)
    assert [(one.key, one.name) for one in by_channel.rows] == [(str(desk.channel.id), "Line")]
    by_day = await core.reply_targets.report(desk.workspace, by="day", **span)
    assert sum(one.first_reply.count for one in by_day.rows) == 3
    other = await core.channels.create(desk.workspace, name="Other")
    elsewhere = await core.reply_targets.report(desk.workspace, by="agent", channel_id=other.id, **span)
    assert elsewhere.rows == []
    with pytest.raises(Invalid):
        await core.reply_targets.report(desk.workspace, by="luck", **span)


async def test_targets_are_checked(lite_desk: Desk) -> None:
    service, ours = lite_desk.core.reply_targets, lite_desk.workspace
    kept = await service.put(ours, [HOURS])
    assert kept == await service.targets(ours) == [HOURS]
    for wrong, field in (
        (TargetView(first_reply=0), ".firstReplyMinutes"),
        (TargetView(next_reply=10**9), ".nextReplyMinutes"),
        (TargetView(resolution=-1), ".resolutionMinutes"),
        (TargetView(warn_percent=101), ".warnPercent"),
        (TargetView(channel_id=10**9), ".profileId"),
        (TargetView(department_id=10**9), ".departmentId"),
        (HOURS, ""),
    ):
        with pytest.raises(Invalid) as refused:
            await service.put(ours, [HOURS, wrong])
        assert list(refused.value.details) == [f"targets.1{field}"]
    assert await service.targets(ours) == [HOURS]
    assert (await lite_desk.core.audit.list(ours, action="reply_targets.*")).items[0].data["targets"] == 1
