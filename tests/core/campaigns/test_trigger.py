"""Messages of an api campaign, triggered one by one."""

from __future__ import annotations

import asyncio

import pytest

from jackfield.core import Core
from jackfield.core.ground.errors import Conflict, Forbidden
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
