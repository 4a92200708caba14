"""A run waits until something happens to the person, or to their chat, and goes on then; or when the time is over."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sqlalchemy import update

from jackfield.core import ChatChanges, Invalid, now_ms
from jackfield.core.models import Message
from jackfield.core.port import Referral, Status
from jackfield.core.port.content import Order, OrderItem

from .conftest import Play

PEER = "491701234567"
DAY = 86_400


def waits(**event: Any) -> tuple[dict[str, Any], ...]:
    """One, then a day for an event; Yes where it comes, No where it does not."""
    return (
        {"type": "send", "text": "One"},
        {"type": "wait", "id": "w", "seconds": DAY, "onEvent": "yes", **event},
        {"type": "send", "id": "no", "text": "No", "next": "end"},
        {"type": "send", "id": "yes", "text": "Yes"},
    )


async def begun(play: Play, **event: Any) -> tuple[Any, int]:
    """A run that waits for an event; gives its automation and its contact."""
    rule = await play.rule(*waits(**event), trigger={"type": "message", "match": "exact", "words": ["go"]})
    await play.says("go")
    (run,) = await play.runs(rule)
    assert (run.state, run.waits_for) == ("waiting", "event")
    assert await play.sent() == ["One"]
    return rule, run.contact_id


async def test_a_tag_that_is_given(play: Play) -> None:
    rule, contact = await begun(play, event="tag", name="Paid")
    await play.core.contacts.update(play.workspace, contact, tags_to_add=["other"])
    await play.settle()
    assert await play.sent() == ["One"]
    await play.core.contacts.update(play.workspace, contact, tags_to_add=["paid"])
    await play.settle()
    assert await play.sent() == ["One", "Yes"]
    (run,) = await play.runs(rule)
    assert (run.state, run.waits_for) == ("done", None)
    # Who has it already does not wait for it.
    await play.says("go")
    assert await play.sent() == ["One", "Yes", "One", "Yes"]


async def test_a_tag_that_another_automation_gives(play: Play) -> None:
    await begun(play, event="tag", name="paid")
    await play.rule(
        {"type": "tag", "add": ["paid"]}, trigger={"type": "message", "match": "exact", "words": ["thanks"]}
    )
    await play.says("thanks")
    assert await play.sent() == ["One", "Yes"]


async def test_an_attribute_and_its_value(play: Play) -> None:
    _, contact = await begun(play, event="attribute", name="plan", value="Gold")
    for value in ("silver", "gold"):
        assert await play.sent() == ["One"]
        await play.core.contacts.update(play.workspace, contact, attributes={"plan": value})
        await play.settle()
    assert await play.sent() == ["One", "Yes"]


async def test_the_last_message_of_the_run_is_read(play: Play) -> None:
    await begun(play, event="read")
    (message,) = await play.messages()
    async with play.core.unit() as unit:
        taken = update(Message).where(Message.id == message.id)
        await unit.conn.execute(taken.values(state="sent", provider_id="wamid.1", sent_at=unit.now))
    for state, sent in (("delivered", ["One"]), ("read", ["One", "Yes"])):
        await play.core.intake.receive(play.channel, [Status(provider_id="wamid.1", state=state, timestamp=now_ms())])
        await play.settle()
        assert await play.sent() == sent


async def test_an_order(play: Play) -> None:
    await begun(play, event="ordered")
    await play.says("not yet")
    assert await play.sent() == ["One"]
    await play.says(Order(catalog_id="1", items=[OrderItem(product_id="a", quantity=1, price="5", currency="EUR")]))
    assert await play.sent() == ["One", "Yes"]


async def test_the_chat_is_done(play: Play) -> None:
    await begun(play, event="done")
    (found,) = (await play.core.chats.chats(play.workspace)).items
    await play.core.chats.update_chats(play.workspace, [found.chat.id], ChatChanges(status="done"))
    await play.settle()
    assert await play.sent() == ["One", "Yes"]


async def test_the_time_is_over(play: Play) -> None:
    rule, contact = await begun(play, event="list", name="buyers")
    await play.later(DAY + 60)
    assert await play.sent() == ["One", "No"]
    await play.core.contacts.update(play.workspace, contact, lists_to_add=["buyers"])
    await play.settle()
    assert await play.sent() == ["One", "No"]
    assert [one.state for one in await play.runs(rule)] == ["done"]


async def test_what_happens_to_somebody_else_is_not_it(play: Play) -> None:
    await begun(play, event="tag", name="paid")
    other = await play.core.contacts.create(play.workspace, name="Bo", phone="+491709999999")
    await play.core.contacts.update(play.workspace, other.id, tags_to_add=["paid"])
    await play.settle()
    assert await play.sent() == ["One"]


@pytest.mark.parametrize(
    ("step", "field"),
    [
        ({"event": "tag"}, "steps.0.name"),
        ({"event": "read", "reply": True}, "steps.0.event"),
        ({"event": "eclipse"}, "steps.0.event"),
        ({"event": "read", "onEvent": "nowhere"}, "steps.0.onEvent"),
    ],
)
async def test_a_wait_that_cannot_end_is_refused(lite_play: Play, step: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        await lite_play.rule({"type": "wait", "seconds": 60, **step})
    assert [*refused.value.details] == [field]


async def test_an_order_is_a_goal(play: Play) -> None:
    steps = ({"type": "send", "text": "One"}, {"type": "wait", "seconds": DAY}, {"type": "send", "text": "Two"})
    goal = {"replied": False, "ordered": True}
    go = {"type": "message", "match": "exact", "words": ["go"]}
    rule = await play.rule(*steps, kind="sequence", trigger=go, goal=goal)
    await play.says("go")
    await play.says("only asking")
    assert [one.state for one in await play.runs(rule)] == ["waiting"]
    await play.says(Order(catalog_id="1", items=[]))
    assert [(one.state, one.reason) for one in await play.runs(rule)] == [("stopped", "ordered")]


async def test_who_comes_by_an_advertisement(play: Play) -> None:
    every = await play.rule({"type": "end"}, trigger={"type": "message", "match": "any", "fromAd": True})
    one = await play.rule({"type": "end"}, trigger={"type": "message", "match": "any", "adIds": ["77"]})
    counts = []
    for referral in (None, Referral(source_type="ad", source_id="76"), Referral(source_type="ad", source_id="77")):
        await play.says("Hello", referral=referral)
        counts.append([len(await play.runs(rule)) for rule in (every, one)])
    assert counts == [[0, 0], [1, 0], [2, 1]]


async def test_members_are_told(play: Play) -> None:
    member = await play.core.accounts.create_member(play.workspace, "ann@example.com", "correct horse")
    rule = await play.rule({"type": "notify", "text": "{name} asked: {message}", "memberIds": [str(member.id)]})
    await play.says("Is it open?")
    (told,) = [json.loads(one) for one in await play.events("automation.notified")]
    assert told["text"] == "Ann Lee asked: Is it open?"
    assert (told["id"], told["name"], told["member_ids"]) == (rule.id, rule.name, [member.id])
    assert told["contact_name"] == "Ann Lee"
    assert told["chat_id"] is not None
