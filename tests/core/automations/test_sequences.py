"""Sequences write over days: with consent at every step, once for each person, and not after their goal."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import update

from jackfield.core import Text, now_ms
from jackfield.core.automations.hours import Hours
from jackfield.core.campaigns.create import BulkMessage
from jackfield.core.models import AutomationRun, Contact, Message

from .conftest import Play

PEER = "491701234567"
DAY = 86_400
TWO = (
    {"type": "send", "text": "One"},
    {"type": "wait", "seconds": DAY},
    {"type": "send", "text": "Two"},
)
GO = {"type": "tag", "tag": "go"}


async def tagged(play: Play, *tags: str) -> int:
    """A contact with these tags, one after the other; gives its id."""
    found = await play.core.contacts.find(play.workspace, "phone", PEER)
    id_ = found.id if found else (await play.core.contacts.create(play.workspace, name="Bo", phone=f"+{PEER}")).id
    for tag in tags:
        await play.core.contacts.update(play.workspace, id_, tags_to_add=[tag])
        await play.settle()
    return id_


async def states(play: Play, rule: Any) -> list[tuple[str, str | None]]:
    return [(one.state, one.reason) for one in await play.runs(rule)]


async def test_one_step_after_the_other_and_one_run_for_each_person(play: Play) -> None:
    rule = await play.rule(*TWO, kind="sequence", trigger=GO)
    id_ = await tagged(play, "go")
    await play.core.contacts.update(play.workspace, id_, tags_to_remove=["go"])
    await tagged(play, "go")
    assert await states(play, rule) == [("waiting", None)]
    await play.later(DAY - 60)
    assert await play.sent() == ["One"]
    await play.later(120)
    assert await play.sent() == ["One", "Two"]
    assert {one.category for one in await play.messages()} == {"marketing"}
    assert await states(play, rule) == [("done", None)]


async def test_the_goal_ends_it(play: Play) -> None:
    replied = await play.rule(*TWO, kind="sequence", trigger=GO, goal={"replied": True})
    bought = await play.rule(*TWO, kind="sequence", trigger=GO, goal={"replied": False, "tags": ["Bought"]})
    await tagged(play, "go")
    await play.says("I am interested")
    assert await states(play, replied) == [("stopped", "replied")]
    assert await states(play, bought) == [("waiting", None)]
    await tagged(play, "bought")
    assert await states(play, bought) == [("stopped", "tagged")]
    await play.later(2 * DAY)
    assert await play.sent() == ["One", "One"]


async def test_who_refuses_gets_nothing_more(play: Play) -> None:
    rule = await play.rule(*TWO, kind="sequence", trigger=GO)
    other = await play.rule(*TWO, kind="sequence", trigger=GO)
    id_ = await tagged(play, "go")
    await play.says("STOP")
    assert await states(play, rule) == [("stopped", "refused")]
    async with play.core.unit() as unit:
        # A refusal that no event told: the sequence asks for consent itself.
        await unit.conn.execute(update(Contact).where(Contact.id == id_).values(optin=False))
    assert await states(play, other) == [("stopped", "refused")]
    await play.core.contacts.update(play.workspace, id_, tags_to_remove=["go"])
    await tagged(play, "go")
    assert (await states(play, rule))[1:] == [("stopped", "opted_out")]
    assert [one for one in await play.sent() if one in ("One", "Two")] == ["One", "One"]


async def test_when_somebody_may_come_again(play: Play) -> None:
    never = await play.rule({"type": "end"}, kind="sequence", trigger=GO, limits={"againAfterHours": None})
    always = await play.rule({"type": "end"}, kind="sequence", trigger=GO)
    later = await play.rule({"type": "end"}, kind="sequence", trigger=GO, limits={"againAfterHours": 24})
    for _ in range(3):
        id_ = await tagged(play, "go")
        await play.core.contacts.update(play.workspace, id_, tags_to_remove=["go"])
    assert [len(await play.runs(one)) for one in (never, always, later)] == [1, 3, 1]


async def test_quiet_hours_and_the_cap_of_the_day(play: Play) -> None:
    now = datetime.now(UTC)
    around = {"start": f"{(now.hour - 2) % 24:02}:00", "end": f"{(now.hour + 3) % 24:02}:00"}
    quiet = await play.rule({"type": "send", "text": "Q"}, kind="sequence", trigger=GO, limits={"quietHours": around})
    await tagged(play, "go")
    (run,) = await play.runs(quiet)
    end = Hours(**around).next_end(now_ms())
    assert (run.state, run.due_at, await play.sent()) == ("waiting", end, [])
    lots = [{"type": "send", "text": str(number)} for number in range(5)]
    capped = await play.rule(*lots, kind="sequence", trigger={"type": "tag", "tag": "lots"})
    await tagged(play, "lots")
    assert await play.sent() == ["0", "1", "2"]
    (run,) = await play.runs(capped)
    assert run.state == "waiting"
    assert run.due_at is not None
    assert run.due_at > now_ms() + 23 * 3_600_000
    async with play.core.unit() as unit:
        await unit.conn.execute(update(Message).values(created_at=Message.created_at - DAY * 1000))
    await play.later(DAY + 1)
    assert (await play.sent())[:5] == ["0", "1", "2", "3", "4"]


async def test_what_campaigns_sent_counts_in_the_cap_of_the_day(play: Play) -> None:
    id_ = await tagged(play)
    for state in ("read", "sent", "failed"):
        content = BulkMessage(peer=PEER, content=Text(text="News"))
        made = await play.core.campaigns.create_bulk(play.workspace, play.channel.id, [content], name=state)
        async with play.core.unit() as unit:
            await unit.conn.execute(update(Message).where(Message.campaign_id == made.id).values(state=state))
    before = len(await play.sent())
    lots = [{"type": "send", "text": str(number)} for number in range(2)]
    rule = await play.rule(*lots, kind="sequence", trigger=GO)
    await play.core.contacts.update(play.workspace, id_, tags_to_add=["go"])
    await play.settle()
    # Two were heard and one failed: one is left for the day.
    assert (await play.sent())[before:] == ["0"]
    assert await states(play, rule) == [("waiting", None)]


async def test_a_sequence_waits_while_a_person_has_heard_enough(play: Play) -> None:
    cap = {"marketing_cap": {"messages": 1, "days": 7}}
    await play.core.accounts.update_workspace(play.workspace, settings=cap)
    lots = [{"type": "send", "text": str(number)} for number in range(2)]
    rule = await play.rule(*lots, kind="sequence", trigger=GO)
    await tagged(play, "go")
    assert await play.sent() == ["0"]
    async with play.core.unit() as unit:
        await unit.conn.execute(update(Message).values(state="sent", sent_at=Message.created_at))
        # It looks again as if for the first time.
        await unit.conn.execute(update(AutomationRun).values(due_at=1))
    await play.settle()
    (run,) = await play.runs(rule)
    assert (run.state, await play.sent()) == ("waiting", ["0"])
    assert run.due_at is not None
    assert run.due_at > now_ms() + 6 * DAY * 1000
    async with play.core.unit() as unit:
        await unit.conn.execute(update(Message).values(sent_at=Message.sent_at - 8 * DAY * 1000))
    await play.later(8 * DAY)
    assert await play.sent() == ["0", "1"]


async def test_waits_for_hours_and_for_a_reply(play: Play) -> None:
    now = datetime.now(UTC)
    start, end = (now.hour + 2) % 24, (now.hour + 4) % 24
    until = await play.rule(
        {"type": "wait", "until": {"start": f"{start:02}:00", "end": f"{end:02}:00"}},
        {"type": "send", "text": "In hours"},
        kind="sequence",
        trigger=GO,
    )
    reply = await play.rule(
        {"type": "wait", "seconds": 600, "reply": True, "onReply": "thanks"},
        {"type": "send", "text": "Still there?", "next": "end"},
        {"type": "send", "id": "thanks", "text": "Thanks"},
        kind="sequence",
        trigger=GO,
    )
    await tagged(play, "go")
    (run,) = await play.runs(until)
    assert run.due_at is not None
    assert datetime.fromtimestamp(run.due_at / 1000, UTC).hour == start
    await play.says("yes")
    assert await play.sent() == ["Thanks"]
    assert [one.step for one in await play.runs(reply)] == ["end"]


async def test_people_wait_while_it_is_off_and_go_on_by_their_version(play: Play) -> None:
    rule = await play.rule(*TWO, kind="sequence", trigger=GO)
    await tagged(play, "go")
    change = play.core.automations.update
    await change(play.workspace, rule.id, enabled=False)
    await play.later(2 * DAY)
    assert await play.sent() == ["One"]
    new = {"trigger": GO, "steps": [{"type": "send", "text": "New"}]}
    await change(play.workspace, rule.id, enabled=True, document=new)
    await play.settle()
    assert await play.sent() == ["One", "Two"]
    stopped = await play.core.automations.stop_all(play.workspace, rule.id)
    assert stopped == 0


async def test_two_contacts_that_become_one_go_on_once(play: Play) -> None:
    rule = await play.rule(*TWO, kind="sequence", trigger=GO)
    one = await tagged(play, "go")
    other = (await play.core.contacts.create(play.workspace, name="Bob", phone="+491700000002", tags=["go"])).id
    await play.core.contacts.update(play.workspace, other, tags_to_remove=["go"])
    await play.core.contacts.update(play.workspace, other, tags_to_add=["go"])
    await play.settle()
    assert len(await play.runs(rule)) == 2
    await play.core.contacts.merge(play.workspace, one, other)
    assert sorted(await states(play, rule)) == [("stopped", "merged"), ("waiting", None)]
    await play.later(DAY + 60)
    assert await play.sent() == ["One", "Two"]


def test_hours() -> None:
    """Over midnight, on some days, and where the clock changes."""
    day = int(datetime(2026, 11, 27, 12, tzinfo=UTC).timestamp() * 1000)  # a Friday
    hour = 3_600_000
    work = Hours(start="09:00", end="17:00", days=["mon", "fri"])
    assert work.contains(day)
    assert work.next_end(day) == day + 5 * hour
    assert work.next_start(day + 6 * hour) == day + 2 * DAY * 1000 + 21 * hour
    night = Hours(start="22:00", end="07:00")
    assert not night.contains(day)
    assert night.contains(day + 11 * hour)
    assert night.next_end(day + 15 * hour) == day + 19 * hour
    assert Hours(start="09:00", end="17:00", zone="Asia/Jakarta").contains(day - 4 * hour)
