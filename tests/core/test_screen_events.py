"""What changes a screen is told: contacts that change, campaigns that start, pause, go on and end."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import select

from jackfield.core import Core, now_ms
from jackfield.core.models import Event
from jackfield.core.port.content import Text


async def told(core: Core, family: str) -> list[tuple[str, dict[str, Any]]]:
    """The events of a family, oldest first, with what they say."""
    async with core.db.read() as session:
        query = select(Event).where(Event.type.like(f"{family}.%")).order_by(Event.id)
        return [(row.type, msgspec.json.decode(row.data)) for row in await session.scalars(query)]


async def test_a_contact_s_life_is_told(core: Core, workspace: int) -> None:
    first = await core.contacts.create(workspace, name="Budi", phone="628123456780")
    second = await core.contacts.create(workspace, name="Budi S.", phone="628123456781")
    await core.contacts.update(workspace, first.id, name="Budi Santoso")
    await core.contacts.add_tags(workspace, first.id, ["vip"])
    await core.contacts.merge(workspace, first.id, second.id, reason="the same person")
    await core.contacts.delete(workspace, first.id)
    (merge_id,) = [data["merge_id"] for type_, data in await told(core, "contact") if type_ == "contact.merged"]
    assert (await told(core, "contact"))[2:] == [
        ("contact.updated", {"id": first.id, "name": "Budi Santoso", "phone": "628123456780"}),
        ("contact.updated", {"id": first.id, "name": "Budi Santoso", "phone": "628123456780"}),
        (
            "contact.merged",
            {"id": first.id, "merged_id": second.id, "merge_id": merge_id, "reason": "the same person"},
        ),
        ("contact.deleted", {"id": first.id}),
    ]


async def test_a_campaign_s_life_is_told(core: Core, workspace: int) -> None:
    channel = await core.channels.create(workspace, name="Phone", engine="simulator", config=None)
    draft = await core.campaigns.create(workspace, channel.id, name="Sale", content=Text(text="x"), start=False)
    assert await told(core, "campaign") == []
    for step in (core.campaigns.start, core.campaigns.pause, core.campaigns.resume, core.campaigns.cancel):
        await step(workspace, draft.id)
    await core.campaigns.create(workspace, channel.id, name="At once", content=Text(text="x"))
    found = await told(core, "campaign")
    assert [type_ for type_, _ in found] == [
        "campaign.started",
        "campaign.paused",
        "campaign.resumed",
        "campaign.cancelled",
        "campaign.started",
    ]
    assert [data["name"] for _, data in found] == ["Sale"] * 4 + ["At once"]


async def test_a_scheduled_campaign_is_told_when_its_time_has_come(core: Core, workspace: int) -> None:
    from jackfield.core.campaigns.state import release_due

    channel = await core.channels.create(workspace, name="Phone", engine="simulator", config=None)
    at = now_ms() + 60_000
    made = await core.campaigns.create(workspace, channel.id, name="Later", content=Text(text="x"), scheduled_at=at)
    assert await told(core, "campaign") == []
    async with core.unit() as unit:
        unit.now = at
        assert await release_due(unit) == 1
    assert await told(core, "campaign") == [("campaign.started", {"id": made.id, "name": "Later"})]
