"""Messages of an api campaign, triggered one by one."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import update

from jackfield.core import Core
from jackfield.core.campaigns.trigger import TRY_AGAIN_MS
from jackfield.core.ground.errors import Conflict, Forbidden
from jackfield.core.models import Campaign
from jackfield.core.port.content import Text, decode


async def test_rows_belong_to_the_campaign_and_are_filled(core: Core, workspace: int) -> None:
    channel = await core.channels.create(workspace, name="One")
    campaign = await core.campaigns.create(
        workspace, channel.id, name="welcome", content=Text(text="unused"), kind="api", category="marketing"
    )
    known = await core.contacts.create(workspace, name="Ana Kos", phone="38640700001", attributes={"shop": "S1"})
    other = await core.contacts.create(workspace, phone="38640700002")
    content = Text(text="{FirstName}, {{shop}}, {{Country}}, {{email}}")
    fallbacks = {"Country": "Slovenia", "shop": "any", "firstname": "friend"}
    made = await asyncio.gather(
        *(core.campaigns.trigger(campaign, one, content, fallbacks=fallbacks) for one in (known, other, known))
    )
    rows = [await core.messages.get(workspace, one.id) for one in made]
    assert [row.campaign_id for row in rows] == [campaign.id] * 3
    texts = [decode(row.content or "") for row in rows]
    assert texts[0] == Text(text="Ana, S1, Slovenia, ")
    assert texts[1] == Text(text="friend, any, Slovenia, ")
    assert (await core.campaigns.get(workspace, campaign.id)).total == 3


async def test_who_must_not_be_written_to(core: Core, workspace: int) -> None:
    channel = await core.channels.create(workspace, name="One")
    campaign = await core.campaigns.create(
        workspace, channel.id, name="welcome", content=Text(text="x"), kind="api", category="marketing"
    )
    refused = {
        "blocked": await core.contacts.create(workspace, phone="38640700001", blocked=True),
        "opted_out": await core.contacts.create(workspace, phone="38640700002", optin=False),
        "no_address": await core.contacts.create(workspace, name="Nobody"),
    }
    for reason, contact in refused.items():
        with pytest.raises(Forbidden) as caught:
            await core.campaigns.trigger(campaign, contact, Text(text="x"))
        assert caught.value.details == {"reason": reason}
    fine = await core.contacts.create(workspace, phone="38640700004")
    await core.campaigns.cancel(workspace, campaign.id)
    over = await core.campaigns.get(workspace, campaign.id)
    with pytest.raises(Conflict):
        await core.campaigns.trigger(over, fine, Text(text="x"))


async def test_a_pause_by_the_breaker_ends_by_itself_and_a_persons_does_not(core: Core, workspace: int) -> None:
    channel = await core.channels.create(workspace, name="One")
    campaign = await core.campaigns.create(
        workspace, channel.id, name="welcome", content=Text(text="x"), kind="api", category="utility"
    )
    person = await core.contacts.create(workspace, phone="38640700001")

    async def paused(*, by_breaker: bool, ago_ms: int) -> None:
        made = await core.campaigns.pause(workspace, campaign.id, "too many failures", by_breaker=by_breaker)
        options = {**made.options, "paused_at": made.options["paused_at"] - ago_ms}
        async with core.unit() as unit:
            await unit.conn.execute(update(Campaign).where(Campaign.id == campaign.id).values(options=options))

    async def trigger() -> None:
        await core.campaigns.trigger(await core.campaigns.get(workspace, campaign.id), person, Text(text="x"))

    await paused(by_breaker=True, ago_ms=TRY_AGAIN_MS - 10_000)
    with pytest.raises(Conflict, match="too many failures") as early:
        await trigger()
    assert early.value.code == "CAMPAIGN_PAUSED"
    await core.campaigns.resume(workspace, campaign.id)
    await paused(by_breaker=True, ago_ms=TRY_AGAIN_MS)
    await trigger()
    assert (await core.campaigns.get(workspace, campaign.id)).state == "running"
    await paused(by_breaker=False, ago_ms=10 * TRY_AGAIN_MS)
    with pytest.raises(Conflict, match="too many failures"):
        await trigger()
    assert (await core.campaigns.get(workspace, campaign.id)).state == "paused"
