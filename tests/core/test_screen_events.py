"""What changes a screen is told: contacts that change, campaigns that start, pause, go on and end."""

from __future__ import annotations

import io
from typing import Any

import msgspec
from sqlalchemy import select

from jackfield.core import BulkMessage, Core, Submission, budget_for, now_ms, parse_pacing
from jackfield.core.models import Event
from jackfield.core.port.content import Text
from jackfield.core.port.reports import Incoming


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
        (
            "contact.updated",
            {"id": first.id, "name": "Budi Santoso", "phone": "628123456780", "tags_added": ["vip"]},
        ),
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


async def submitted(core: Core, workspace: int, channel: int, peer: str, **more: Any) -> int:
    """A single text, put into the ledger."""
    item = Submission(workspace_id=workspace, channel_id=channel, peer=peer, content=Text(text="hello"), **more)
    return (await core.messages.submit(item)).id


async def test_single_messages_are_told_from_the_queue_on_with_their_chat(core: Core, workspace: int) -> None:
    channel = (await core.channels.create(workspace, name="Phone", engine="simulator", config=None)).id
    peer = "628123456789"
    at = now_ms() + 3_600_000
    first = await submitted(core, workspace, channel, peer)
    second = await submitted(core, workspace, channel, peer, due_at=at)
    await core.messages.cancel(workspace, second)
    chat = (await core.chats.chat_by_peer(workspace, channel, peer)).chat  # type: ignore[union-attr]
    found = [
        (type_, data["id"], data["state"], data["chat_id"], data["unread"])
        for type_, data in await told(core, "message")
    ]
    assert found == [
        ("message.queued", first, "queued", chat.id, 0),
        ("message.scheduled", second, "scheduled", chat.id, 0),
        ("message.cancelled", second, "cancelled", chat.id, 0),
    ]
    (_, queued), (_, scheduled), _ = await told(core, "message")
    assert (queued["body"], queued["peer"], scheduled["due_at"]) == ("hello", peer, at)
    # A list knows a chat from its first message on; later ones are told by the messages alone.
    (_, new) = (await told(core, "chat"))[0]
    assert (new["id"], new["last_message_id"], len(await told(core, "chat"))) == (chat.id, first, 1)


async def test_what_comes_in_tells_whose_it_is_and_what_is_unread(core: Core, workspace: int) -> None:
    channel = (await core.channels.create(workspace, name="Phone", engine="simulator", config=None)).id
    person = "628123456789"
    for number in (1, 2):
        message = Incoming(
            provider_id=f"in-{number}",
            chat=person,
            sender=person,
            sender_name="Budi",
            content=Text(text="hi"),
            timestamp=now_ms(),
            identities={"phone": person},
        )
        await core.intake.ingest(channel, workspace, "simulator", [message])
    chat = (await core.chats.chat_by_peer(workspace, channel, person)).chat  # type: ignore[union-attr]
    found = await told(core, "message")
    assert [(data["chat_id"], data["contact_name"], data["unread"]) for _, data in found] == [
        (chat.id, "Budi", 1),
        (chat.id, "Budi", 2),
    ]


async def test_a_campaign_s_messages_are_told_together(core: Core, workspace: int) -> None:
    channel = await core.channels.create(
        workspace, name="Phone", engine="simulator", config=None, pacing={"uniquePer24h": 1}
    )
    messages = [BulkMessage(peer=f"62812345678{n}", content=Text(text="x")) for n in range(3)]
    campaign = await core.campaigns.create_bulk(workspace, channel.id, messages, name="Sale")
    assert await told(core, "message") == []
    await core.campaign_watch.tell([campaign.id])
    progress = {"id": campaign.id, "name": "Sale", "state": "running", "counts": {"queued": 3}}
    assert [one for one in await told(core, "campaign") if one[0] == "campaign.progress"] == [
        ("campaign.progress", progress)
    ]
    budget = budget_for(channel.id, parse_pacing(channel.pacing), None)
    assert budget is not None
    await core.budgets.take(budget, workspace_id=workspace, channel_id=channel.id, peers={"628123456780": False})
    await core.campaign_watch.tell([campaign.id, campaign.id + 1000])
    await core.campaign_watch.tell([campaign.id])
    (held,) = [data for type_, data in await told(core, "campaign") if type_ == "campaign.held"]
    assert (held["id"], held["code"]) == (campaign.id, "BUDGET_USED")
    assert held["until"] > now_ms()


async def test_an_import_tells_how_it_ended(core: Core, workspace: int) -> None:
    file = io.BytesIO(b"Name,Phone\nBudi,+628123456780\nSiti,+628123456781\nNobody,12\n")
    await core.contacts.import_file(workspace, file, filename="people.csv")
    assert await told(core, "import") == [
        ("import.progress", {"filename": "people.csv", "rows": 3, "created": 2, "refused": 1, "done": True})
    ]
