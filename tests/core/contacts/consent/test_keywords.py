"""Opt-out and opt-in by keyword, per language and workspace; campaigns and bulk sends skip and say so."""

from __future__ import annotations

import itertools

from sqlalchemy import select

from jackfield.core import Core
from jackfield.core.campaigns import BulkMessage
from jackfield.core.contacts.consent import keywords as optout
from jackfield.core.ledger import states
from jackfield.core.models import Channel, Contact, Event, Message, Suppression
from jackfield.core.port import Incoming
from jackfield.core.port.content import ButtonReply, Text
from jackfield.db.base import now_ms

_ids = itertools.count(1)


async def channel_of(core: Core, workspace: int) -> Channel:
    return await core.channels.create(workspace, name="One")


async def say(core: Core, channel: Channel, text: str, sender: str = "628111111111", **fields: object) -> None:
    message = Incoming(
        provider_id=f"in-{next(_ids)}",
        chat=sender,
        sender=sender,
        content=Text(text=text),
        timestamp=now_ms(),
        **fields,  # type: ignore[arg-type]
    )
    await core.intake.ingest(channel.id, channel.workspace_id, "simulator", [message])


async def state(core: Core, phone: str = "628111111111") -> tuple[bool | None, str | None]:
    """The contact's opt-in, and the reason of its suppression."""
    async with core.db.read() as session:
        optin = await session.scalar(select(Contact.optin).where(Contact.phone == phone))
        reason = await session.scalar(select(Suppression.reason).where(Suppression.address == phone))
    return optin, reason


async def told(core: Core) -> list[str]:
    async with core.db.read() as session:
        rows = await session.scalars(select(Event.type).where(Event.type.like("contact.opted%")).order_by(Event.id))
        return list(rows)


async def test_stop_in_any_language_and_start_again(core: Core, workspace: int) -> None:
    channel = await channel_of(core, workspace)
    await say(core, channel, "stop talking about it")
    assert await state(core) == (None, None)
    for stop, start in (("STOP", "start"), (" Berhenti. ", "MULAI"), ("стоп!", "Старт"), ("退订", "订阅")):
        await say(core, channel, stop)
        optin, reason = await state(core)
        assert optin is False
        assert reason is not None
        assert reason.startswith("keyword ")
        await say(core, channel, start)
        assert await state(core) == (True, None)
    assert await told(core) == ["contact.opted_out", "contact.opted_in"] * 4
    # Saying it again is no news.
    await say(core, channel, "start")
    assert len(await told(core)) == 8


async def test_start_lifts_what_was_done_by_hand(core: Core, workspace: int) -> None:
    channel = await channel_of(core, workspace)
    await core.contacts.suppressions.add(workspace, "628111111111", reason="by hand")
    await say(core, channel, "START")
    assert await state(core) == (True, None)


async def test_a_workspace_has_words_and_answers_of_its_own(core: Core, workspace: int) -> None:
    channel = await channel_of(core, workspace)
    settings = {
        optout.STOP_KEY: {"de": ["Schluss"], "*": ["no more"]},
        optout.STOP_REPLY_KEY: "As you wish.",
        optout.START_REPLY_KEY: "Welcome back.",
    }
    await core.accounts.update_workspace(workspace, settings=settings)
    await say(core, channel, "stop")
    assert await state(core) == (None, None)
    await say(core, channel, "schluss!")
    assert (await state(core))[0] is False
    await say(core, channel, "start")
    await say(core, channel, "No More")
    async with core.db.read() as session:
        query = select(Message).where(Message.direction == "out").order_by(Message.id)
        answers = list(await session.scalars(query))
    assert [(row.content or "").count("As you wish.") for row in answers] == [1, 0, 1]
    assert {(row.category, row.source, row.state) for row in answers} == {("service", "keyword", states.QUEUED)}
    # A plain list, as older settings have it, still holds for every language.
    await core.accounts.update_workspace(workspace, settings={optout.STOP_KEY: ["halt"]})
    await say(core, channel, "start")
    await say(core, channel, "HALT")
    assert (await state(core))[0] is False


async def test_echoes_history_and_groups_do_not_count(core: Core, workspace: int) -> None:
    channel = await channel_of(core, workspace)
    await say(core, channel, "stop", from_me=True)
    await say(core, channel, "stop", history=True)
    await say(core, channel, "stop", chat_kind="group")
    assert (await state(core))[1] is None
    assert await told(core) == []


async def test_bulk_sends_skip_who_opted_out(core: Core, workspace: int) -> None:
    channel = await channel_of(core, workspace)
    await say(core, channel, "stop")
    people = ("628111111111", "628222222222")
    messages = [BulkMessage(peer=one, content=Text(text="x")) for one in people]
    marketing = await core.campaigns.create_bulk(workspace, channel.id, messages)
    utility = await core.campaigns.create_bulk(workspace, channel.id, messages, category="utility")
    assert (await core.campaigns.counts(marketing)).by_state["skipped"] == 1
    assert (await core.campaigns.counts(utility)).by_state["skipped"] == 0


async def test_a_button_that_says_stop_is_the_person_s_word(core: Core, workspace: int) -> None:
    """As under marketing templates: the title counts, whatever the payload behind it is."""
    channel = await channel_of(core, workspace)
    for title, optin in (("More news", None), ("Stop", False), ("Start", True)):
        pressed = Incoming(
            provider_id=f"in-{next(_ids)}",
            chat="628111111111",
            sender="628111111111",
            content=ButtonReply(id="payload", title=title),
            timestamp=now_ms(),
        )
        await core.intake.ingest(channel.id, workspace, "simulator", [pressed])
        assert (await state(core))[0] is optin
    assert await told(core) == ["contact.opted_out", "contact.opted_in"]
