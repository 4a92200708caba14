"""Rules are started by events, once each, and take their steps."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from sqlalchemy import update

from jackfield.core import Invalid
from jackfield.core.models import AutomationRun
from jackfield.core.port.content import ButtonReply, Image, System

from .conftest import Play

HELLO = {"type": "send", "text": "Hello {first_name}!"}


async def test_a_message_is_answered_once_and_says_by_what(play: Play) -> None:
    rule = await play.rule(HELLO)
    await play.says("Good morning")
    assert await play.sent() == ["Hello Ann!"]
    (message,) = await play.messages()
    (run,) = await play.runs(rule)
    assert (run.state, run.visit, run.peer) == ("done", 1, "491701234567")
    assert message.source == "automation"
    assert message.extra == {"automation": {"id": rule.id, "step": "s1", "run": run.id}}
    (told,) = [json.loads(one) for one in await play.events("message.queued")]
    assert (told["automation_id"], told["automation_step"]) == (rule.id, "s1")
    figures = await play.core.automations.statistics(play.workspace, rule.id)
    assert (figures.runs["done"], figures.steps[0].done) == (1, 1)


async def test_events_that_are_read_again_start_nothing_twice(play: Play) -> None:
    await play.rule(HELLO)
    await play.says("Hi")
    core = play.core
    again = type(core.automation_events)(core.store, core.networks, core.consent, core.rulebook)
    again._at = again._kept = 0
    while await again.step():
        pass
    await play.settle()
    assert await play.sent() == ["Hello Ann!"]


async def test_what_happened_before_it_was_on_starts_nothing(play: Play) -> None:
    rule = await play.rule(HELLO)
    await play.core.automations.update(play.workspace, rule.id, enabled=False)
    await play.says("Early")
    await play.core.automations.update(play.workspace, rule.id, enabled=True)
    await play.settle()
    assert await play.sent() == []
    await play.says("Late")
    assert await play.sent() == ["Hello Ann!"]


@pytest.mark.parametrize(
    ("trigger", "yes", "no"),
    [
        ({"match": "exact", "words": ["menu", "Menü"]}, [" MENU! ", "menu", "Menü"], ["the menu", "men"]),
        ({"match": "contains", "words": ["opening hours"]}, ["What are your Opening-Hours?"], ["opening", "hours"]),
        ({"match": "contains", "words": ["营业"]}, ["你们什么时候营业呢"], ["你好"]),
        ({"match": "starts", "words": ["order"]}, ["Order 12 please"], ["my order", "orders"]),
        ({"match": "pattern", "pattern": "^#[0-9]{4}$"}, ["#1234"], ["#12345", "1234"]),
        ({"buttons": ["yes"]}, [ButtonReply(id="yes", title="Sure"), ButtonReply(id="x", title="Yes")], ["yes"]),
        ({"kinds": ["image"]}, [Image(url="media:1")], ["image"]),
    ],
)
async def test_messages_that_start_a_rule(lite_play: Play, trigger: Any, yes: list[Any], no: list[Any]) -> None:
    await lite_play.rule({"type": "send", "text": "!"}, trigger={"type": "message", **trigger})
    for one in no:
        await lite_play.says(one)
    assert await lite_play.sent() == []
    for one in yes:
        await lite_play.says(one)
    assert await lite_play.sent() == ["!"] * len(yes)


async def test_echoes_groups_and_notices_start_nothing(play: Play) -> None:
    await play.rule(HELLO)
    await play.says("from the phone", from_me=True)
    await play.says("in a group", peer="12036304@g.us", chat_kind="group")
    await play.says(System(text="Ann changed her number"))
    assert not await play.events("message.queued")


async def test_the_first_message_of_somebody(play: Play) -> None:
    await play.rule({"type": "send", "text": "Welcome"}, trigger={"type": "message", "first": "ever"})
    for _ in range(2):
        await play.says("Hi")
    await play.says("Hi", peer="491700000000")
    assert await play.sent() == ["Welcome"]
    assert await play.sent("491700000000") == ["Welcome"]


async def test_tags_lists_and_attributes_that_people_change(play: Play) -> None:
    contact = await play.core.contacts.create(play.workspace, name="Bo", phone="+491701234567")
    for trigger, text in (
        ({"type": "tag", "tag": "VIP"}, "tag {name}"),
        ({"type": "tag", "tag": "vip", "given": False}, "untag"),
        ({"type": "list", "list": "News"}, "list"),
        ({"type": "attribute", "attribute": "city"}, "city {city}"),
    ):
        await play.rule({"type": "send", "text": text, "category": "utility"}, trigger=trigger)
    change = play.core.contacts.update
    await change(play.workspace, contact.id, tags_to_add=["vip"])
    await change(play.workspace, contact.id, tags_to_add=["vip"])
    await play.settle()
    await change(play.workspace, contact.id, tags_to_remove=["VIP"], attributes={"City": "Pune"})
    await play.settle()
    news = await play.core.contacts.lists.create(play.workspace, "News")
    await play.core.contacts.lists.add_members(play.workspace, news.id, [contact.id])
    await play.settle()
    assert sorted(await play.sent()) == ["city Pune", "list", "tag Bo", "untag"]


async def test_a_contact_that_is_new_and_consent(play: Play) -> None:
    await play.rule({"type": "tag", "add": ["new"]}, trigger={"type": "contact_created", "sources": ["api"]})
    await play.rule({"type": "tag", "add": ["left"]}, trigger={"type": "consent", "given": False})
    made = await play.core.contacts.create(play.workspace, phone="+491701234567")
    await play.says("STOP")
    tags = (await play.core.contacts.get(play.workspace, made.id)).tags
    assert tags == ["left", "new"]


async def test_contacts_of_a_file(play: Play) -> None:
    off = await play.rule({"type": "tag", "add": ["off"]}, trigger={"type": "contact_created"})
    await play.core.automations.update(play.workspace, off.id, enabled=False)
    await play.rule({"type": "tag", "add": ["new"]}, trigger={"type": "contact_created", "sources": ["csv"]})
    old = await play.core.contacts.create(play.workspace, phone="+491701234567")
    await play.core.contacts.import_file(play.workspace, io.BytesIO(b"phone\n+491701234567\n+491701234568\n"))
    await play.settle()
    tags = {one.phone: one.tags for one in (await play.core.contacts.list(play.workspace)).items}
    assert tags == {old.phone: [], "491701234568": ["new"]}


async def test_nobody_answers_for_a_while(play: Play) -> None:
    rule = await play.rule(
        {"type": "send", "text": "We are busy, one moment."}, trigger={"type": "no_answer", "by": "us", "minutes": 10}
    )
    await play.says("Hello?")
    assert [one.waits_for for one in await play.runs(rule)] == ["silence"]
    await play.later(660)
    assert await play.sent() == ["We are busy, one moment."]
    await play.says("Thanks")
    async with play.core.unit() as unit:
        from sqlalchemy import insert

        from jackfield.core.models import Message

        row = {"workspace_id": play.workspace, "channel_id": play.channel.id, "peer": "491701234567", "state": "sent"}
        await unit.conn.execute(insert(Message).values(**row, direction="out", content="{}", created_at=unit.now))
    await play.later(660)
    assert [(one.state, one.reason) for one in await play.runs(rule)] == [("done", None), ("stopped", "answered")]


async def test_conditions(play: Play) -> None:
    """All must hold; `negate` turns one round."""
    await play.rule({"type": "send", "text": "vip"}, conditions=[{"type": "tag", "tag": "vip"}])
    await play.rule({"type": "send", "text": "other"}, conditions=[{"type": "tag", "tag": "vip", "negate": True}])
    await play.rule({"type": "send", "text": "elsewhere"}, conditions=[{"type": "channel", "channelIds": ["999"]}])
    await play.rule({"type": "send", "text": "here"}, conditions=[{"type": "channel", "channelIds": [play.channel.id]}])
    always = {"start": "00:00", "end": "00:00"}
    await play.rule({"type": "send", "text": "open"}, conditions=[{"type": "hours", "hours": always}])
    await play.rule({"type": "send", "text": "away"}, conditions=[{"type": "hours", "hours": always, "negate": True}])
    await play.says("Hi")
    assert await play.sent() == ["other", "here", "open"]
    contact = await play.core.contacts.find(play.workspace, "phone", "491701234567")
    assert contact is not None
    await play.core.contacts.update(play.workspace, contact.id, tags_to_add=["VIP"])
    await play.says("Hi")
    assert "vip" in (await play.sent())[3:]


async def _tags(play: Play) -> list[str]:
    (person,) = (await play.core.contacts.list(play.workspace, {})).items
    return list(person.tags)


async def test_words_of_a_tag_give_it_while_a_question_is_open_and_a_person_has_the_chat(play: Play) -> None:
    tags = play.core.contacts.tags
    await play.rule({"type": "ask", "text": "Which colour?"}, {"type": "hand_over"})
    made = await tags.create(play.workspace, "red", keywords=["Red wine", "red wine", "rosé"])
    assert made.keywords == ["Red wine", "rosé"]
    await play.says("Hi")
    assert await _tags(play) == []
    await play.says("ROSE!")
    assert await _tags(play) == ["red"]
    told = [json.loads(one) for one in await play.events("contact.updated")]
    assert [(one["tags_added"], one["automatic"]) for one in told] == [(["red"], True)]
    await play.says("red wine")
    assert len(await play.events("contact.updated")) == 1
    await tags.create(play.workspace, "late", keywords=["rest"])
    await play.says("What is the rest?")
    assert await _tags(play) == ["late", "red"]


async def test_echoes_groups_and_earlier_messages_give_no_tag(play: Play) -> None:
    await play.core.automation_events.step()
    await play.says("tea")
    await play.core.contacts.tags.create(play.workspace, "tea", keywords=["tea"], first_message=True)
    await play.says("tea", from_me=True)
    await play.says("tea", peer="12036304@g.us", chat_kind="group")
    assert await _tags(play) == []
    await play.says("coffee")
    assert await _tags(play) == []
    await play.says("tea")
    assert await _tags(play) == ["tea"]


@pytest.mark.parametrize(
    ("words", "field"),
    [(["a", ""], "keywords.1"), (["🔥"], "keywords.0"), ("tea", "keywords"), (["x" * 101], "keywords.0"),
     ([str(one) for one in range(101)], "keywords"), ([7], "keywords.0")],
)  # fmt: skip
async def test_words_that_nobody_could_write_are_refused(lite_play: Play, words: Any, field: str) -> None:
    with pytest.raises(Invalid) as caught:
        await lite_play.core.contacts.tags.create(lite_play.workspace, "t", keywords=words)
    assert list(caught.value.details or {}) == [field]


async def test_somebody_comes_in_again_after_some_seconds(play: Play) -> None:
    rule = await play.rule(HELLO, limits={"againAfterSeconds": 60})
    await play.says("Hi")
    await play.says("Hi")
    assert len(await play.runs(rule)) == 1
    async with play.core.unit() as unit:
        await unit.conn.execute(update(AutomationRun).values(created_at=AutomationRun.created_at - 61_000))
    await play.says("Hi")
    assert len(await play.runs(rule)) == 2


async def test_no_more_people_come_in_within_a_day_than_may(play: Play) -> None:
    rule = await play.rule(HELLO, limits={"startsPerDay": 2})
    for peer in ("491700000001", "491700000002", "491700000003"):
        await play.says("Hi", peer=peer)
    assert len(await play.runs(rule)) == 2
    assert await play.sent("491700000003") == []
    async with play.core.unit() as unit:
        await unit.conn.execute(update(AutomationRun).values(created_at=AutomationRun.created_at - 86_401_000))
    await play.says("Hi", peer="491700000003")
    assert await play.sent("491700000003") == ["Hello Ann!"]


async def test_the_lowest_priority_begins_first(play: Play) -> None:
    first = await play.rule({"type": "send", "text": "first made"})
    second = await play.rule({"type": "send", "text": "second made"}, limits={"priority": 0})
    await play.says("Hi")
    await play.core.automations.reorder(play.workspace, [second.id, first.id])
    assert (await play.core.automations.get(play.workspace, first.id)).version == 2
    await play.says("Hi")
    assert await play.sent() == ["first made", "second made", "second made", "first made"]
