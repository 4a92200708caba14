"""Calls: logged, refused by hand and at once, and what the caller is told."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from sqlalchemy import select

from jackfield.core import Core
from jackfield.core.ground.errors import Conflict, Invalid, NotFound
from jackfield.core.ground.events import CallRejected
from jackfield.core.models import Call, Channel, Event
from jackfield.core.networks.calls import duration
from jackfield.engines.simulator.account import Account

from .conftest import until

CALLER = "628123456789"


async def ringing(core: Core, channel: Channel) -> Call:
    async def look() -> Call | None:
        rows = (await core.calls.list(channel.workspace_id)).items
        return rows[0] if rows else None

    return await until(look)


async def status_is(core: Core, call: Call, status: str) -> Call:
    async def look() -> Call | None:
        row = await core.calls.get(call.workspace_id, call.id)
        return row if row.status == status else None

    return await until(look)


async def rejections(core: Core) -> list[dict[str, Any]]:
    async with core.db.read() as session:
        rows = await session.scalars(select(Event.data).where(Event.type == CallRejected.type))
        return [json.loads(row) for row in rows]


def told(phone: Account) -> list[str]:
    return [json.loads(entry.payload)["text"] for entry in phone.outbox.page(0, None) if entry.to == CALLER]


async def test_a_call_is_logged_and_refused_by_hand_once(core: Core, channel: Channel, phone: Account) -> None:
    phone.call(CALLER, is_video=True)
    call = await ringing(core, channel)
    assert (call.caller, call.is_video, call.status, duration(call)) == (CALLER, True, "ringing", None)

    first, second = await asyncio.gather(
        core.calls.reject(call.workspace_id, call.id, message="Please write."),
        core.calls.reject(call.workspace_id, call.id, message="Please write."),
    )
    assert first.status == second.status == "rejected"
    again = await core.calls.reject(call.workspace_id, call.id)
    assert again.status == "rejected"
    assert 0 <= duration(again) < 60
    assert [one["id"] for one in await rejections(core)] == [call.id]

    async def heard() -> list[str]:
        return told(phone)

    assert await until(heard) == ["Please write."]
    listed = await core.calls.list(call.workspace_id, channel_id=channel.id, status="rejected", caller=CALLER)
    assert [row.id for row in listed.items] == [call.id]


async def test_calls_are_refused_at_once_when_set(core: Core, channel: Channel, phone: Account) -> None:
    await core.calls.configure(channel.workspace_id, channel.id, auto_reject=True, message="אינני זמין כעת.")
    phone.call(CALLER)
    call = await status_is(core, await ringing(core, channel), "rejected")
    assert call.ended_at is not None

    async def heard() -> list[str]:
        return told(phone)

    assert await until(heard) == ["אינני זמין כעת."]
    # Told twice of the same call, nothing happens twice.
    core.bus.publish("calls", (channel.id, call.id))
    await core.calls.close()
    assert len(await rejections(core)) == 1
    assert len(told(phone)) == 1


async def test_a_webhook_may_choose_the_words(core: Core, channel: Channel, phone: Account) -> None:
    await core.channels.update(
        channel.workspace_id,
        channel.id,
        settings={"auto_reject_calls": True, "auto_reject_message": "default", "auto_reject_wait_s": 60},
    )
    phone.call(CALLER)
    call = await status_is(core, await ringing(core, channel), "rejected")
    assert await core.calls.answer(call.workspace_id, call.id, "From the webhook")

    async def heard() -> list[str]:
        return told(phone)

    assert await until(heard) == ["From the webhook"]
    assert not await core.calls.answer(call.workspace_id, call.id, "Too late")
    assert told(phone) == ["From the webhook"]


async def test_what_cannot_be_refused(core: Core, channel: Channel, phone: Account) -> None:
    with pytest.raises(NotFound):
        await core.calls.get(channel.workspace_id, 999)
    with pytest.raises(Invalid):
        await core.calls.list(channel.workspace_id, status="sung")
    phone.call(CALLER)
    call = await ringing(core, channel)
    phone.calls.end(call.provider_id, "missed")
    call = await status_is(core, call, "missed")
    with pytest.raises(Conflict):
        await core.calls.reject(call.workspace_id, call.id)
    with pytest.raises(Invalid):
        await core.calls.configure(channel.workspace_id, channel.id, message="x" * 5000)
    assert await rejections(core) == []
