"""Mutated callbacks of every network: none is answered 500, and none 200 without a stored trace."""

from __future__ import annotations

import copy
import itertools
import json
from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from jackfield.app import build_app
from jackfield.core import ChannelView, Core
from jackfield.core.models import Event, Identity, InboundProblem, Message
from jackfield.core.networks.inbound.problems import of_report
from jackfield.core.networks.intake.clean import clean
from jackfield.core.port import (
    CanReread,
    Incoming,
    MessageDeleted,
    MessageEdited,
    PeerKnown,
    Report,
    Status,
    UnknownReport,
)
from jackfield.core.port.content import Image, Text
from jackfield.settings import Settings

from .conftest import NUMBER, PERSON, WABA, Door, text, value, webhook

EXAMPLES = 60
"""For each network; about 2 s on two idle cores."""


def message(kind: str, **part: Any) -> dict[str, Any]:
    """A message of any kind."""
    return {"from": PERSON, "id": "wamid.ID", "timestamp": "1790000000", "type": kind, **part}


METADATA = {"display_phone_number": "15550783881", "phone_number_id": NUMBER}
CLOUD = [
    webhook(value(text("wamid.ID", context={"id": "wamid.X", "from": "15550783881", "forwarded": True}))),
    webhook(value(message("image", image={"id": "1", "mime_type": "image/jpeg", "sha256": "a", "caption": "c"}))),
    webhook(value(message("location", location={"latitude": 1.5, "longitude": 2.5, "name": "n", "url": "https://x.y"}))),
    webhook(value(message("contacts", contacts=[{"name": {"formatted_name": "A"}, "phones": [{"phone": "+1 650"}]}]))),
    webhook(value(message("reaction", reaction={"message_id": "wamid.X", "emoji": "x"}))),
    webhook(value(message("interactive", interactive={"type": "list_reply", "list_reply": {"id": "1", "title": "t"}}))),
    webhook(value(message("order", order={"catalog_id": "1", "product_items": [
        {"product_retailer_id": "p", "quantity": "1", "item_price": "2.5", "currency": "EUR"}]}))),
    webhook(value(message("system", system={"type": "user_changed_number", "body": "b", "wa_id": "16505550000"}))),
    webhook(value(message("edit", edit={"original_message_id": "wamid.X", "message": {
        "type": "text", "text": {"body": "b"}}}))),
    webhook(value(message("revoke", revoke={"original_message_id": "wamid.X"}))),
    webhook(value(statuses=[{"id": "wamid.ID", "status": "failed", "timestamp": "1790000000", "recipient_id": PERSON,
        "errors": [{"code": 131049, "title": "t", "error_data": {"details": "d"}}]}])),
    webhook({"metadata": METADATA, "message_echoes": [message("text", to=PERSON, text={"body": "b"})]},
        field="smb_message_echoes"),
    webhook({"metadata": METADATA, "history": [{"metadata": {"phase": 0}, "threads": [
        {"id": PERSON, "messages": [text("wamid.ID")]}]}]}, field="history"),
    webhook({"metadata": METADATA, "state_sync": [{"type": "contact", "action": "add", "contact": {
        "full_name": "A", "phone_number": PERSON}}]}, field="smb_app_state_sync"),
    webhook({"metadata": METADATA, "user_preferences": [{"wa_id": PERSON, "category": "marketing_messages",
        "value": "stop", "timestamp": 1790000000}]}, field="user_preferences"),
    webhook({"metadata": METADATA, "calls": [{"id": "c.ID", "from": PERSON, "event": "connect",
        "timestamp": "1790000000", "direction": "USER_INITIATED"}]}, field="calls"),
    webhook({"event": "APPROVED", "message_template_id": 1, "message_template_name": "n",
        "message_template_language": "en"}, field="message_template_status_update"),
    webhook({"event": "DISABLED_UPDATE", "ban_info": {"waba_ban_state": "x"}}, field="account_update"),
    webhook({"display_phone_number": "15550783881", "event": "FLAGGED"}, field="phone_number_quality_update"),
    webhook({"something": ["new"]}, field="of_next_year"),
    webhook(value(text("wamid.ID"), text("wamid.OTHER")), value(text("wamid.ID"), number="999")),
]  # fmt: skip
USER = {"id": 7, "is_bot": False, "first_name": "Kim", "username": "kim"}
CHAT = {"id": 7, "type": "private", "first_name": "Kim"}
GROUP = {"id": -1001, "type": "supergroup", "title": "Group"}
SAID = {"message_id": 4711, "date": 1_790_000_000, "chat": CHAT, "from": USER}
TELEGRAM = [
    {"update_id": 1, "message": {**SAID, "text": "Hi", "reply_to_message": {**SAID, "message_id": 3, "text": "q"}}},
    {"update_id": 1, "message": {**SAID, "chat": GROUP, "text": "Hi", "message_thread_id": 5}},
    {"update_id": 1, "message": {**SAID, "photo": [{"file_id": "a", "width": 1, "height": 2}], "caption": "c"}},
    {"update_id": 1, "message": {**SAID, "contact": {"phone_number": "+1650", "first_name": "K", "user_id": 7}}},
    {"update_id": 1, "message": {**SAID, "chat": GROUP, "new_chat_members": [USER]}},
    {"update_id": 1, "edited_message": {**SAID, "text": "Ho", "edit_date": 1_790_000_100}},
    {"update_id": 1, "channel_post": {**SAID, "chat": {"id": -1002, "type": "channel", "title": "News"}, "text": "x"}},
    {"update_id": 1, "callback_query": {"id": "9", "from": USER, "message": SAID, "data": "d"}},
    {"update_id": 1, "message_reaction": {"chat": CHAT, "message_id": 1, "user": USER, "date": 1_790_000_000,
        "old_reaction": [], "new_reaction": [{"type": "emoji", "emoji": "x"}]}},
    {"update_id": 1, "poll_answer": {"poll_id": "1", "user": USER, "option_ids": [0]}},
    {"update_id": 1, "my_chat_member": {"chat": CHAT, "from": USER, "date": 1_790_000_000,
        "old_chat_member": {"user": USER, "status": "member"}, "new_chat_member": {"user": USER, "status": "kicked"}}},
    {"update_id": 1, "of_next_year": {"x": 1}},
]  # fmt: skip
PHONE = [
    Incoming(provider_id="ID", chat=PERSON, sender=PERSON, content=Text(text="Hi"), timestamp=1, raw={"a": [1]}),
    Incoming(
        provider_id="ID", chat="1@g.us", sender=PERSON, content=Image(media_id="m"), timestamp=1, chat_kind="group"
    ),
    Status(provider_id="ID", state="read", timestamp=1, recipient=PERSON),
    MessageEdited(provider_id="ID", content=Text(text="Ho"), timestamp=2, chat=PERSON),
    MessageDeleted(provider_id="ID", timestamp=2),
    PeerKnown(identities={"phone": PERSON, "lid": "99"}, name="Kim"),
]

STRANGE: list[Any] = [
    None, "", "x", 0, -1, 10**30, 1e308, True, [], {}, [None], {"a": 1}, "\x00", "cut \ud83d", "9" * 400, "a" * 5000,
]  # fmt: skip


def places(data: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place in JSON."""
    items = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, one in items:
        yield (*path, key)
        yield from places(one, (*path, key))


def mutated(sample: Any, data: st.DataObject) -> Any:
    """A sample with up to three places deleted, doubled, or filled with something strange."""
    changed = copy.deepcopy(sample)
    for _ in range(data.draw(st.integers(0, 3))):
        known = list(places(changed))
        if not known:
            break
        *path, last = data.draw(st.sampled_from(known))
        holder = changed
        for key in path:
            holder = holder[key]
        how = data.draw(st.integers(0, len(STRANGE) + 1))
        if how == 0:
            del holder[last]
        elif how == 1:
            holder[last] = [holder[last], holder[last]]
        else:
            holder[last] = copy.deepcopy(STRANGE[how - 2])
    return changed


_numbers = itertools.count(100_000)


def of_its_own(sample: Any) -> Any:
    """The sample with ids that no earlier example had: what an earlier one stored is no trace of this one."""
    number = next(_numbers)
    told = (
        json.dumps(sample)
        .replace("wamid.ID", f"wamid.{number}")
        .replace("c.ID", f"c.{number}")
        .replace("4711", str(number))
    )
    return json.loads(told)


@pytest.fixture
async def door(lite: Core) -> AsyncIterator[Door]:
    """The door, on SQLite only: what is tried here is what Python makes of JSON."""
    made = await lite.accounts.bootstrap("Test", "owner@example.com", "correct horse battery", "test-key-0123456789")
    assert made is not None
    transport = httpx.ASGITransport(app=build_app(lite, Settings()), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://jackfield.test") as client:
        yield Door(lite, client, made.workspace_id)


async def missing_traces(core: Core, channel: ChannelView, reports: list[Report]) -> list[Report]:
    """The reports of which nothing is stored."""
    found: list[Report] = []
    source = core.intake.source(channel.id, channel.workspace_id, channel.engine)
    async with core.db.read() as session:
        problems = set(await session.scalars(select(InboundProblem.digest)))
        applied = {
            (row.provider_id, row.channel_id)
            for row in await session.execute(select(Message.provider_id, Message.channel_id))
        }
        people = (await session.scalar(select(func.count()).select_from(Identity))) or 0
        events = (await session.scalar(select(func.count()).select_from(Event))) or 0
    reasons = ("not_understood", "not_applied", "unknown_message", "waits_for_original")
    for report in map(clean, reports):
        try:
            kept = {of_report(source, report, reason).digest for reason in reasons}
        except (UnicodeEncodeError, TypeError):
            kept = problems
        if isinstance(report, Incoming | Status | MessageEdited | MessageDeleted):
            traced = (report.provider_id, channel.id) in applied
        else:
            traced = not isinstance(report, UnknownReport) and (people > 0 or events > 0)
        if not traced and not kept & problems:
            found.append(report)
    return found


async def check(door: Door, channel: ChannelView, payload: Any, post: Any) -> None:
    """Post a callback, and look for its traces."""
    try:
        body = json.dumps(payload).encode()
    except ValueError:
        return
    answer = await post(body)
    assert answer.status_code == 200, (answer.status_code, answer.text, body)
    engine = await door.core.channels.loaded(channel.engine)
    assert isinstance(engine, CanReread)
    read = engine.reread(door.core.channels.config_of(channel), body)
    assert read.reports or read.elsewhere, body
    for part in read.elsewhere:
        async with door.core.db.read() as session:
            kinds = set(await session.scalars(select(InboundProblem.kind)))
        assert part.account[:100] in kinds or part.group or part.phone, part
    assert await missing_traces(door.core, channel, read.reports) == [], body


TRIED = settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.mark.parametrize("hook", ["own", "whatsapp"])
@TRIED
@given(data=st.data())
async def test_whatever_meta_sends_leaves_a_trace(door: Door, hook: str, data: st.DataObject) -> None:
    channel = await first_channel(door) or await door.number(waba=WABA)
    payload = mutated(of_its_own(data.draw(st.sampled_from(CLOUD))), data)
    await check(door, channel, payload, lambda body: door.post(channel.id if hook == "own" else hook, body))


@TRIED
@given(data=st.data())
async def test_whatever_telegram_sends_leaves_a_trace(door: Door, data: st.DataObject) -> None:
    channel = await first_channel(door) or (await door.bot())[0]
    secret = door.core.channels.config_of(channel).callback_secret()  # type: ignore[attr-defined]
    headers = {"x-telegram-bot-api-secret-token": secret}
    payload = mutated(of_its_own(data.draw(st.sampled_from(TELEGRAM))), data)
    await check(
        door, channel, payload, lambda body: door.client.post(f"/hooks/{channel.id}", content=body, headers=headers)
    )


@TRIED
@given(data=st.data())
async def test_whatever_a_phone_reports_leaves_a_trace(door: Door, data: st.DataObject) -> None:
    """A paired phone reports through its session and not by HTTP; its reports are no tidier."""
    channel = await first_channel(door) or await door.core.channels.create(door.workspace_id, name="Phone")
    sample = data.draw(st.sampled_from(PHONE))
    if hasattr(sample, "provider_id"):
        sample = msgspec.structs.replace(sample, provider_id=f"ID{next(_numbers)}")
    plain = mutated(msgspec.to_builtins(sample), data)
    try:
        report: Any = msgspec.convert(plain, type=type(sample))
    except (msgspec.ValidationError, UnicodeEncodeError):
        return
    await door.core.intake.ingest(channel.id, channel.workspace_id, channel.engine, [report])
    assert await missing_traces(door.core, channel, [report]) == [], report


async def first_channel(door: Door) -> ChannelView | None:
    """The channel that an earlier example has made."""
    return next(iter(await door.core.channels.list(door.workspace_id)), None)
