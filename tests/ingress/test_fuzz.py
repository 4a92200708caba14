"""Mutated callbacks of every network: none is answered 500, and none 200 without a stored trace."""

from __future__ import annotations

import contextlib
import copy
import itertools
import json
import os
from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
import msgspec
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from jackfield.app import build_app
from jackfield.core import ChannelView, Core
from jackfield.core.models import Call, Event, Identity, InboundProblem, Message
from jackfield.core.networks.inbound.problems import of_report
from jackfield.core.networks.intake.clean import clean
from jackfield.core.port import (
    AccountNotice,
    CanReread,
    Disconnected,
    Done,
    GroupChanged,
    GroupInfo,
    GroupParticipant,
    Incoming,
    IncomingCall,
    LoginChanged,
    MarketingPreference,
    MessageDeleted,
    MessageEdited,
    PeerKnown,
    Report,
    ShowQr,
    Status,
    TemplateChanged,
    UnknownReport,
)
from jackfield.core.port.content import Image, Text
from jackfield.settings import Settings

from .conftest import KEY, NUMBER, PERSON, WABA, Door, text, value, webhook

EXAMPLES = 3000 if os.environ.get("JACKFIELD_CHAOS") else 40
"""For each network; 40 take about 2 s."""
READ_EVERY = 8
"""After so many examples the lists are read: that costs as much as the example."""


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
    webhook(value(statuses=[{"id": "wamid.ID", "status": "read", "timestamp": "1790000000", "recipient_id": "1@g.us",
        "recipient_type": "group", "recipient_participant_id": PERSON, "biz_opaque_callback_data": "1",
        "pricing": {"billable": True, "pricing_model": "PMP", "category": "marketing", "type": "regular"},
        "conversation": {"id": "c", "expiration_timestamp": "1790000000", "origin": {"type": "marketing"}}}])),
    webhook(value(statuses=[{"id": "wamid.ID", "status": "warning", "timestamp": "1790000000"}])),
    webhook({"metadata": METADATA, "errors": [{"code": 130429, "title": "t", "error_data": {"details": "d"}}]}),
    webhook(value(message("unsupported", errors=[{"code": 131051, "title": "t", "error_data": {"details": "d"}}]))),
    webhook(value(message("interactive", interactive={"type": "nfm_reply", "nfm_reply": {
        "name": "flow", "body": "Sent", "response_json": '{"flow_token": "t"}'}}))),
    webhook(value(message("button", button={"text": "t", "payload": "p"}, group_id="1@g.us",
        referral={"source_type": "ad", "source_id": "1", "ctwa_clid": "c", "welcome_message": {"text": "w"}}))),
    webhook({"metadata": METADATA, "history": [{"errors": [{"code": 2593109, "title": "declined"}]}]}, field="history"),
    webhook({"metadata": METADATA, "message_echoes": [message("revoke", to=PERSON, revoke={
        "original_message_id": "wamid.X"})]}, field="smb_message_echoes"),
    webhook({"metadata": METADATA, "calls": [{"id": "c.ID", "from": PERSON, "to": "15550783881", "event": "terminate",
        "timestamp": "1790000000", "start_time": "1789999900", "end_time": "1790000000", "duration": 100}]}, field="calls"),
    webhook({"metadata": METADATA, "statuses": [{"id": "c.ID", "type": "call", "status": "RINGING", "recipient_id": PERSON,
        "timestamp": "1790000000"}]}, field="calls"),
    webhook({"metadata": METADATA, "user_id_update": [{"wa_id": PERSON, "user_id": {"previous": "US.1", "current": "US.2"},
        "timestamp": 1790000000}]}, field="user_id_update"),
    webhook({"event": "REJECTED", "message_template_id": 1, "message_template_name": "n", "message_template_language": "en",
        "reason": "INVALID_FORMAT", "rejection_info": {"reason": "r", "recommendation": "x"},
        "message_template_category": "MARKETING"}, field="message_template_status_update"),
    webhook({"previous_quality_score": "GREEN", "new_quality_score": "RED", "message_template_id": 1,
        "message_template_name": "n", "message_template_language": "en"}, field="message_template_quality_update"),
    webhook({"message_template_id": 1, "message_template_name": "n", "message_template_language": "en",
        "message_template_element": "body"}, field="message_template_components_update"),
    webhook({"message_template_id": 1, "message_template_name": "n", "message_template_language": "en",
        "previous_category": "UTILITY", "new_category": "UTILITY", "correct_category": "MARKETING"},
        field="template_category_update"),
    webhook({"event": "ACCOUNT_VIOLATION", "violation_info": {"violation_type": "SCAM"}}, field="account_update"),
    webhook({"event": "ACCOUNT_RESTRICTION", "restriction_info": [
        {"restriction_type": "RESTRICTED_BIZ_INITIATED_MESSAGING", "expiration": 1790000000}]}, field="account_update"),
    webhook({"event": "DISABLED_UPDATE", "ban_info": {"waba_ban_state": "DISABLE", "waba_ban_date": "x"}},
        field="account_update"),
    webhook({"max_daily_conversations_per_business": "TIER_10K", "max_phone_numbers_per_waba": 2},
        field="business_capability_update"),
    webhook({"display_phone_number": "15550783881", "event": "UPGRADE", "current_limit": "TIER_UNLIMITED",
        "max_daily_conversations_per_business": -1}, field="phone_number_quality_update"),
    webhook({"display_phone_number": "15550783881", "decision": "APPROVED", "requested_verified_name": "n"},
        field="phone_number_name_update"),
    webhook({"entity_type": "BUSINESS", "alert_type": "a", "alert_severity": "b", "alert_description": "c"},
        field="account_alerts"),
    webhook({"display_phone_number": "15550783881", "event": "PIN_CHANGED", "requester": "1"}, field="security"),
    webhook({"event": "FLOW_STATUS_CHANGE", "message": "m", "flow_id": "1", "old_status": "DRAFT", "new_status": "PUBLISHED"},
        field="flows"),
    *(webhook({"metadata": METADATA, "groups": [{"timestamp": "1790000000", "group_id": "1@g.us", "type": kind,
        "added_participants": [{"wa_id": PERSON}], "group_subject": {"text": "t", "update_successful": True}}]},
        field=f"group_{field}_update")
      for field, kind in (("lifecycle", "group_create"), ("participants", "group_participants_add"),
                          ("settings", "group_settings_update"), ("status", "group_suspend"))),
    webhook({"control_passed": {"metadata": "m"}, "sender": {"phone_number": PERSON}}, field="messaging_handovers"),
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
    {"update_id": 1, "edited_channel_post": {**SAID, "chat": {"id": -1002, "type": "channel", "title": "News"},
        "text": "y", "edit_date": 1_790_000_100}},
    {"update_id": 1, "pre_checkout_query": {"id": "9", "from": USER, "currency": "EUR", "total_amount": 100,
        "invoice_payload": "p"}},
    {"update_id": 1, "shipping_query": {"id": "9", "from": USER, "invoice_payload": "p", "shipping_address": {"city": "B"}}},
    {"update_id": 1, "business_connection": {"id": "b", "user": USER, "user_chat_id": 7, "date": 1_790_000_000,
        "rights": {"can_reply": True}, "is_enabled": True}},
    {"update_id": 1, "business_message": {**SAID, "business_connection_id": "b", "text": "Hi"}},
    {"update_id": 1, "edited_business_message": {**SAID, "business_connection_id": "b", "text": "Ho",
        "edit_date": 1_790_000_100}},
    {"update_id": 1, "deleted_business_messages": {"business_connection_id": "b", "chat": CHAT, "message_ids": [4711]}},
    {"update_id": 1, "message": {**SAID, "successful_payment": {"currency": "EUR", "total_amount": 100,
        "invoice_payload": "p", "telegram_payment_charge_id": "t", "provider_payment_charge_id": "q"}}},
    {"update_id": 1, "message": {**SAID, "web_app_data": {"data": "d", "button_text": "b"}}},
    {"update_id": 1, "message": {**SAID, "chat": GROUP, "pinned_message": {**SAID, "chat": GROUP, "text": "x"}}},
    {"update_id": 1, "message": {**SAID, "chat": GROUP, "is_topic_message": True, "message_thread_id": 5,
        "forum_topic_created": {"name": "Topic", "icon_color": 1}}},
    {"update_id": 1, "message": {**SAID, "chat": {**GROUP, "type": "group"}, "migrate_to_chat_id": -1009}},
    {"update_id": 1, "message": {**SAID, "video_chat_started": {}}},
    {"update_id": 1, "message": {**SAID, "text": "Hi", "entities": [
        {"type": "text_link", "offset": 0, "length": 2, "url": "https://x.y"}]}},
    {"update_id": 1, "my_chat_member": {"chat": GROUP, "from": USER, "date": 1_790_000_000,
        "old_chat_member": {"user": USER, "status": "left"}, "new_chat_member": {
            "user": USER, "status": "restricted", "is_member": True, "can_send_messages": False}}},
    {"update_id": 1, "chat_member": {"chat": GROUP, "from": USER, "date": 1_790_000_000,
        "old_chat_member": {"user": USER, "status": "member"}, "new_chat_member": {"user": USER, "status": "left"}}},
    {"update_id": 1, "message_reaction_count": {"chat": GROUP, "message_id": 1, "date": 1_790_000_000, "reactions": []}},
    {"update_id": 1, "inline_query": {"id": "9", "from": USER, "query": "q", "offset": ""}},
    {"update_id": 1, "chat_join_request": {"chat": GROUP, "from": USER, "user_chat_id": 7, "date": 1_790_000_000}},
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
    Status(provider_id="ID", state="delivered", timestamp=1, ref="1", recipient="1@g.us", participant=PERSON),
    IncomingCall(call_id="ID", caller=PERSON, started_at=1, identities={"phone": PERSON, "lid": "99"}),
    IncomingCall(call_id="ID", caller=PERSON, started_at=1, ended_at=2, status="missed", is_video=True),
    GroupChanged(group=GroupInfo(address="1@g.us", name="Team", participants=[GroupParticipant(address=PERSON)])),
    GroupChanged(group=GroupInfo(address="1@newsletter", name="News", kind="newsletter", left=True)),
    LoginChanged(step=ShowQr(code="2@x", expires_at=1)),
    LoginChanged(step=Done(address=PERSON, name="Kim")),
    Disconnected(reason="Unlinked.", permanent=True),
    AccountNotice(kind="undecryptable", message="m", throughput=80, messaging_limit=-1, quality="GREEN", raw={"a": 1}),
    TemplateChanged(name="n", language="en", status="APPROVED", quality="GREEN", category="UTILITY", reason="r"),
    MarketingPreference(identities={"phone": PERSON}, opted_in=False, timestamp=1),
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
_examples = itertools.count(1)


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


async def newest_event(core: Core) -> int:
    """The id of the newest event."""
    async with core.db.read() as session:
        return (await session.scalar(select(func.max(Event.id)))) or 0


async def missing_traces(core: Core, channel: ChannelView, reports: list[Report], before: int) -> list[Report]:
    """The reports of which nothing is stored: no row of their own, no event since `before`, and no problem."""
    found: list[Report] = []
    source = core.intake.source(channel.id, channel.workspace_id, channel.engine)
    async with core.db.read() as session:
        problems = set(await session.scalars(select(InboundProblem.digest)))
        waiting = set(await session.scalars(select(InboundProblem.subject)))
        applied = set(await session.scalars(select(Message.provider_id).where(Message.channel_id == channel.id)))
        calls = set(await session.scalars(select(Call.provider_id)))
        people = set(await session.scalars(select(Identity.value)))
    told = await newest_event(core) > before
    reasons = ("not_understood", "not_applied", "unknown_message", "waits_for_original")
    for report in reports:
        kept: set[str] = set()
        # What could not be cleaned is kept as it came.
        with contextlib.suppress(msgspec.ValidationError):
            report = clean(report)
        for reason in reasons:
            with contextlib.suppress(UnicodeEncodeError):
                kept.add(of_report(source, report, reason).digest)
        if isinstance(report, Incoming | Status | MessageEdited | MessageDeleted):
            traced = report.provider_id in applied or source.network.message_key(report.provider_id) in waiting
        elif isinstance(report, IncomingCall):
            traced = report.call_id in calls
        elif isinstance(report, PeerKnown | MarketingPreference):
            traced = not people.isdisjoint(report.identities.values())
        else:
            traced = not isinstance(report, UnknownReport) and told
        if not traced and not kept & problems:
            found.append(report)
    return found


async def lists_can_be_read(door: Door) -> None:
    """What was stored spoils no list for those who look at it."""
    if next(_examples) % READ_EVERY:
        return
    for path in ("messages?limit=20", "chats?limit=20", "contacts?limit=20", "inbound/problems?limit=20", "profiles"):
        answer = await door.client.get(f"/api/{path}", headers={"X-API-Key": KEY})
        assert answer.status_code == 200, (path, answer.text)


async def check(door: Door, channel: ChannelView, payload: Any, post: Any) -> None:
    """Post a callback, and look for its traces."""
    try:
        body = json.dumps(payload).encode()
    except ValueError:
        return
    before = await newest_event(door.core)
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
    assert await missing_traces(door.core, channel, read.reports, before) == [], body
    await lists_can_be_read(door)


TRIED = settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=EXAMPLES == 40,
    # Not shrunk: a failing example is small as it is, and shrinking it takes minutes.
    phases=(Phase.explicit, Phase.generate),
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
    for name in ("provider_id", "call_id"):
        if hasattr(sample, name):
            sample = msgspec.structs.replace(sample, **{name: f"ID{next(_numbers)}"})
    plain = mutated(msgspec.to_builtins(sample), data)
    try:
        report: Any = msgspec.convert(plain, type=type(sample))
    except (msgspec.ValidationError, UnicodeEncodeError):
        return
    before = await newest_event(door.core)
    await door.core.intake.ingest(channel.id, channel.workspace_id, channel.engine, [report])
    assert await missing_traces(door.core, channel, [report], before) == [], report
    await lists_can_be_read(door)


async def first_channel(door: Door) -> ChannelView | None:
    """The channel that an earlier example has made."""
    return next(iter(await door.core.channels.list(door.workspace_id)), None)
