"""What starts an automation beside messages and labels: chats, campaigns, calls, and a time table."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select, update

from jackfield.core import ChatChanges, Click, Invalid, Text, now_ms
from jackfield.core.automations.hours import next_time
from jackfield.core.campaigns.create import BulkMessage
from jackfield.core.campaigns.expand import expand_step
from jackfield.core.models import Automation, AutomationPosition, ChatTarget, Message, ShortLink
from jackfield.core.port import IncomingCall
from jackfield.core.service.targets import TargetView

from .conftest import Play

PEER = "491701234567"
END = {"type": "end"}
HOUR = 3_600_000


async def count(play: Play, rule: Any) -> int:
    return len(await play.runs(rule))


async def test_a_target_is_near_and_missed(play: Play) -> None:
    core, ours = play.core, play.workspace
    sales = (await core.tickets.create_department(ours, "Sales")).id
    other = (await core.tickets.create_department(ours, "Other")).id
    await core.reply_targets.put(ours, [TargetView(first_reply=30, resolution=600, working_hours=False)])
    while await core.reply_targets.reader.step():
        pass

    async def rule(**trigger: Any) -> Any:
        return await play.rule(END, trigger={"type": "target", **trigger})

    soon, late, first, end = (
        await rule(what="due_soon"), await rule(), await rule(target="first_reply"), await rule(target="resolution")
    )  # fmt: skip
    ours_only, theirs = await rule(departmentId=str(sales)), await rule(departmentId=str(other))
    rules = (soon, late, first, end, ours_only, theirs)
    await play.says("Hello")
    view = await core.chats.chat_by_peer(ours, play.channel.id, PEER)
    assert view is not None
    await core.chats.update_chat(ours, view.chat.id, ChatChanges(department_id=sales))

    async def after(minutes: int) -> list[int]:
        while await core.reply_targets.reader.step():
            pass
        async with core.unit() as unit:
            moved = {name: getattr(ChatTarget, name) - minutes * 60_000 for name in ("warn_at", "due_at", "wake_at")}
            await unit.conn.execute(update(ChatTarget).where(ChatTarget.ended_at.is_(None)).values(moved))
        while (due := await core.reply_targets.step()) is not None and due <= now_ms():
            pass
        await play.settle()
        return [await count(play, one) for one in rules]

    assert await after(1) == [0, 0, 0, 0, 0, 0]
    assert await after(25) == [1, 0, 0, 0, 0, 0]
    assert await after(5) == [1, 1, 1, 0, 1, 0]
    document = {"trigger": {"type": "target", "departmentId": sales}, "steps": [END]}
    past = await core.automation_tests.past(ours, "rule", document)
    assert (past.looked_at, past.matched, [one.contact_name for one in past.found]) == (1, 1, ["Ann Lee"])
    with pytest.raises(Invalid) as refused:
        await rule(departmentId="sales")
    assert list(refused.value.details) == ["trigger.departmentId"]


async def test_a_chat_is_opened_assigned_snoozed_and_done(play: Play) -> None:
    names = ("opened", "assigned", "snoozed", "done")
    rules = {what: await play.rule(END, trigger={"type": "chat", "what": what}) for what in names}
    await play.says("Hello")
    await play.says("Are you there?")
    assert [await count(play, rules[what]) for what in names] == [1, 0, 0, 0]
    contact = await play.core.contacts.find(play.workspace, "phone", PEER)
    assert contact is not None
    (chat,) = await play.core.chats.of_contact(play.workspace, contact.id)
    member = (await play.core.accounts.members(play.workspace)).items[0]
    only = await play.rule(END, trigger={"type": "chat", "what": "assigned", "memberIds": [str(member.id)]})
    other = await play.rule(END, trigger={"type": "chat", "what": "assigned", "memberIds": [str(member.id + 1)]})

    async def change(**changes: Any) -> list[int]:
        await play.core.chats.update_chat(play.workspace, chat.id, ChatChanges(**changes))
        await play.settle()
        return [await count(play, rules[what]) for what in names]

    assert await change(assignee_id=member.id) == [1, 1, 0, 0]
    assert [await count(play, one) for one in (only, other)] == [1, 0]
    # What stays as it is starts nothing.
    assert await change(assignee_id=member.id, pinned=True) == [1, 1, 0, 0]
    assert await change(snoozed_until=now_ms() + HOUR) == [1, 1, 1, 0]
    assert await change(status="done", snoozed_until=0) == [1, 1, 1, 1]
    await play.says("One more thing")
    assert await count(play, rules["opened"]) == 2
    # An automation's own change starts no other.
    await play.rule({"type": "chat", "status": "done"}, trigger={"type": "message", "match": "exact", "words": ["bye"]})
    await play.says("bye")
    assert await count(play, rules["done"]) == 1


async def test_the_first_answer_to_a_campaign(play: Play) -> None:
    trigger = {"type": "campaign", "what": "replied"}
    rule = await play.rule(END, trigger=trigger)
    other = await play.rule(END, trigger={**trigger, "campaignIds": ["999999"]})
    await play.says("Hello")
    campaign = await play.core.campaigns.create_bulk(
        play.workspace, play.channel.id, [BulkMessage(peer=PEER, content=Text(text="News!"))], name="News"
    )
    await play.says("Not about that: it has not gone out")
    assert await count(play, rule) == 0
    async with play.core.unit() as unit:
        ours = update(Message).where(Message.campaign_id == campaign.id)
        await unit.conn.execute(ours.values(state="sent", sent_at=unit.now))
    await play.says("I want one")
    await play.says("Or two")
    assert [await count(play, one) for one in (rule, other)] == [1, 0]


async def test_a_call_that_nobody_answered(play: Play) -> None:
    rule = await play.rule(
        {"type": "send", "text": "Sorry, we missed you.", "category": "utility"}, trigger={"type": "call_missed"}
    )
    for call, statuses in (("c1", ("ringing", "ended")), ("c2", ("ringing", "missed"))):
        for status in statuses:
            report = IncomingCall(
                call_id=call,
                caller=PEER,
                started_at=now_ms(),
                ended_at=None if status == "ringing" else now_ms(),
                status=status,
                identities={"phone": PEER},
            )
            await play.core.intake.receive(play.channel, [report])
            await play.settle()
    assert await count(play, rule) == 1
    assert await play.sent() == ["Sorry, we missed you."]


async def test_a_link_of_a_campaign_is_followed(play: Play) -> None:
    play.core.options.public_url = "https://short.example"
    await play.core.contacts.create(play.workspace, phone=PEER)
    made = await play.core.campaigns.create(
        play.workspace,
        play.channel.id,
        name="Sale",
        content=Text(text="https://shop.example/Shoes or https://shop.example/hats"),
        options={"track_links": True},
    )
    async with play.core.unit() as unit:
        await expand_step(unit, play.core.networks, made.id, public_url="https://short.example")
    async with play.core.db.read() as session:
        shoes, hats = [*await session.scalars(select(ShortLink.code).order_by(ShortLink.id))]
    trigger = {"type": "link_clicked"}
    every = await play.rule(END, trigger=trigger)
    ours = await play.rule(END, trigger={**trigger, "contains": "/shoes", "campaignIds": [str(made.id)]})
    other = await play.rule(END, trigger={**trigger, "campaignIds": [str(made.id + 1)]})
    seen = []
    for code, is_machine in ((hats, True), (hats, False), (shoes, False), (shoes, False)):
        await play.core.campaigns.count_click(Click(code=code, at=now_ms(), is_machine=is_machine))
        await play.settle()
        seen.append([await count(play, one) for one in (every, ours, other)])
    assert seen == [[0, 0, 0], [1, 0, 0], [2, 1, 0], [2, 1, 0]]


async def test_a_time_table_starts_everybody_of_a_list_once(play: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jackfield.core.automations.schedules.BATCH", 2)
    for number in range(5):
        await play.core.contacts.create(play.workspace, phone=f"+49170000000{number}", lists=["Guests"])
    await play.core.contacts.create(play.workspace, phone="+491700000009")
    trigger = {"type": "schedule", "times": ["09:00"], "zone": "Europe/Berlin", "list": "guests"}
    rule = await play.rule(END, trigger=trigger)
    schedules = play.core.automation_schedules
    due = await schedules.step()
    assert due is not None
    assert due == next_time(now_ms(), ["09:00"], [], "Europe/Berlin")
    assert await count(play, rule) == 0

    async def at(time: int) -> None:
        async with play.core.unit() as unit:
            await unit.conn.execute(update(Automation).values(next_at=time))
        for _ in range(20):
            following = await schedules.step()
            await play.settle()
            if following is None or following > now_ms():
                return
        raise AssertionError("it does not come to an end")

    await at(now_ms())
    assert await count(play, rule) == 5
    async with play.core.db.read() as session:
        assert (await session.scalar(select(Automation.next_at))) == due
        assert not [*await session.scalars(select(AutomationPosition).where(AutomationPosition.name != "events"))]
    # Too late to be made up for.
    await at(now_ms() - 7 * HOUR)
    assert await count(play, rule) == 5
    await play.core.automations.update(play.workspace, rule.id, enabled=False)
    assert await schedules.step() is None


def test_times_are_those_of_the_zone_through_the_change_of_the_clock() -> None:
    zone = ZoneInfo("Europe/Berlin")

    def at(*when: int) -> int:
        return int(datetime(*when, tzinfo=zone).timestamp() * 1000)  # type: ignore[arg-type, misc]

    def following(after: int, *times: str, days: tuple[str, ...] = ()) -> int:
        return next_time(after, times, days, "Europe/Berlin")

    # A Friday; nine o'clock is nine o'clock on either side of the change.
    assert following(at(2026, 3, 27, 9), "09:00") == at(2026, 3, 28, 9)
    assert following(at(2026, 3, 28, 9), "09:00") == at(2026, 3, 29, 9) == at(2026, 3, 28, 9) + 23 * HOUR
    # 02:30 is left out on 29 March: it comes at 03:30, once.
    skipped = following(at(2026, 3, 28, 12), "02:30")
    assert datetime.fromtimestamp(skipped / 1000, zone).strftime("%d %H:%M") == "29 03:30"
    assert following(skipped, "02:30") == at(2026, 3, 30, 2, 30)
    # 02:30 is struck twice on 25 October: it comes the first time.
    twice = following(at(2026, 10, 24, 12), "02:30")
    assert following(twice, "02:30") == at(2026, 10, 26, 2, 30) == twice + 25 * HOUR
    assert following(at(2026, 3, 27, 9), "08:00", "17:30") == at(2026, 3, 27, 17, 30)
    assert following(at(2026, 3, 27, 9), "08:00", days=("thu",)) == at(2026, 4, 2, 8)
