"""A person's data is handed over whole, and erased so that a search of everything finds nothing."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select, update

from jackfield.core import Accepted, BulkMessage, Core, Image, NotFound, Submission, Text
from jackfield.core.contacts.consent.may_send import ConsentQuestion
from jackfield.core.ground.errors import Conflict
from jackfield.core.ledger import states
from jackfield.core.models import (
    AuditEntry,
    BudgetUse,
    Campaign,
    ChatSurvey,
    Delivery,
    Event,
    Identity,
    Message,
    Suppression,
)
from jackfield.core.port.descriptions import GroupInfo, GroupParticipant
from jackfield.core.port.reports import GroupChanged, Incoming, IncomingCall
from jackfield.core.privacy.person import pattern
from jackfield.core.privacy.scrub import cleaned
from jackfield.db.base import Base

NEW = "4915155555555"
PHONE, FORMER, LID, OTHER = "4915112345678", "4915187654321", "987654321012345", "4930111222333"
EMAIL = "ottilie@zebrafink.example"
WORDS = (PHONE, FORMER, LID, EMAIL, "Zebrafink", "quagga")
"""Numbers, names, and what was said."""
GROUP = "120363000000000001@g.us"


class World:
    """What a person leaves behind."""

    def __init__(self, core: Core, workspace: int, channel: int, contact: int, campaign: int) -> None:
        self.core, self.workspace, self.channel = core, workspace, channel
        self.contact, self.campaign = contact, campaign


@pytest.fixture
async def world(core: Core, workspace: int) -> World:
    channel = await core.channels.create(workspace, name="Line", engine="simulator")
    hook = await core.webhooks.create(workspace, url="https://example.com/hook", events=["*"])
    made = await core.contacts.create(
        workspace,
        name="Ottilie Zebrafink",
        phone=PHONE,
        email=EMAIL,
        tags=["vip"],
        lists=["Customers"],
        attributes={"animal": "quagga"},
        identities={"lid": LID},
    )
    former = await core.contacts.create(workspace, name="Tilly Zebrafink", phone=FORMER, attributes={"pet": "quagga"})
    await core.contacts.merge(workspace, made.id, former.id)

    async def came(provider_id: str, content: Any, chat: str = PHONE, sender: str = PHONE, **more: Any) -> None:
        message = Incoming(
            provider_id=provider_id,
            chat=chat,
            sender=sender,
            content=content,
            timestamp=1_700_000_000_000,
            identities={"phone": sender},
            **more,
        )
        await core.intake.ingest(channel.id, workspace, "simulator", [message])

    await came("in-1", Text(text="the quagga speaks"), sender_name="Ottilie Zebrafink")
    await came("in-2", Image(media_id="provider-7", caption="quagga"), sender_name="Ottilie Zebrafink")
    file = await core.media.store(
        workspace,
        b"\x89PNG\r\n\x1a\nquagga",
        filename="quagga.png",
        channel_id=channel.id,
        provider_media_id="provider-7",
    )
    await core.intake.attach_media(channel.id, "in-2", file)  # type: ignore[arg-type]
    people = [
        GroupParticipant(address=PHONE, name="Ottilie Zebrafink"),
        GroupParticipant(address=OTHER, name="Somebody else"),
    ]
    await core.intake.ingest(
        channel.id,
        workspace,
        "simulator",
        [GroupChanged(group=GroupInfo(address=GROUP, name="Zoo", participants=people))],
    )
    await came("in-3", Text(text="quagga for all"), chat=GROUP, chat_kind="group", sender_name="Ottilie Zebrafink")
    await came("in-4", Text(text=f"ask +{PHONE} about it"), chat=OTHER, sender=OTHER, sender_name="Somebody else")
    call = IncomingCall(call_id="call-1", caller=PHONE, started_at=1, identities={"phone": PHONE})
    await core.intake.ingest(channel.id, workspace, "simulator", [call])

    upload = await core.media.store(workspace, b"%PDF-1.4 quagga", filename="quagga.pdf")
    item = Submission(
        workspace_id=workspace,
        channel_id=channel.id,
        peer=PHONE,
        chat_kind="private",
        content=Image(url=f"media:{upload.id}", caption="a quagga"),
    )
    accepted = await core.messages.submit(item)
    assert isinstance(accepted, Accepted)
    campaign = await core.campaigns.create_bulk(
        workspace,
        channel.id,
        [
            BulkMessage(peer=PHONE, content=Text(text="Dear Zebrafink, quagga!"), contact_id=made.id),
            BulkMessage(peer=OTHER, content=Text(text="Dear somebody!")),
        ],
        name="Spring",
    )
    (chat,) = await core.chats.of_contact(workspace, made.id)
    await core.notes.add_chat_note(workspace, chat.id, "likes quagga")
    owner = (await core.accounts.members(workspace)).items[0]
    await core.drafts.save(workspace, chat.id, owner.id, "Dear Zebrafink, the quagga")
    await core.notes.add_contact_note(workspace, made.id, "Zebrafink of the quagga")
    ticket = await core.tickets.create(workspace, "A quagga is missing", body="Zebrafink", contact_id=made.id)
    await core.tickets.reply(workspace, ticket.id, "no quagga")
    await core.contacts.suppressions.add(workspace, PHONE)
    await core.audit.record(
        None, workspace, "system", "contact.updated", f"contact:{made.id}", None, {"name": "quagga", "phone": PHONE}
    )
    await core.audit.record(None, workspace, "system", "list.changed", "list:1", None, {"added": "Ottilie Zebrafink"})
    await core.media.store(workspace, f"line,phone\n3,{PHONE}\n".encode(), mime="text/csv", filename="refused.csv")

    async def answer() -> tuple[str, int]:
        return json.dumps({"name": "Ottilie Zebrafink", "phone": PHONE, "note": "quagga"}), 200

    await core.accounts.once(workspace, "key-1", "mark", answer)
    while await core.search_index.step():
        pass
    async with core.unit() as unit:
        theirs = select(Event.id).where(Event.data.contains(f'"peer":"{PHONE}"'))
        seen = update(Delivery).where(Delivery.endpoint_id == hook.id, Delivery.event_id.in_(theirs))
        await unit.conn.execute(seen.values(excerpt=f"seen quagga {PHONE}"))
        await unit.conn.execute(insert(BudgetUse).values(workspace_id=workspace, key="new", peer=PHONE, used_at=1))
        asked = {"chat_id": chat.id, "contact_id": made.id, "channel_id": channel.id, "scale": "stars", "created_at": 1}
        await unit.conn.execute(
            insert(ChatSurvey).values(workspace_id=workspace, rating=1, comment="no quagga", **asked)
        )
    return World(core, workspace, channel.id, made.id, campaign.id)


async def tables_with(core: Core, word: str) -> set[str]:
    """The tables in which a text is, in any column of any row; what is sealed is opened for it."""
    found = set()
    for table in Base.metadata.sorted_tables:
        async with core.db.read() as session:
            for row in await session.execute(select(*table.c)):
                if any(word in (one.decode("latin-1") if isinstance(one, bytes) else str(one)) for one in row):
                    found.add(table.name)
    return found


def files_with(folder: Path, word: str) -> set[str]:
    return {
        str(path.relative_to(folder))
        for path in folder.rglob("*")
        if path.is_file() and (word.encode() in path.read_bytes() or word in path.name)
    }


async def test_a_search_of_everything_finds_nothing(world: World, tmp_path: Path) -> None:
    core = world.core
    before = {word: await tables_with(core, word) for word in WORDS}
    assert before[PHONE] >= {
        "contacts", "identities", "chats", "messages", "events", "deliveries", "calls", "suppressions", "budget_uses",
        "group_members", "audit_entries", "idempotency_keys",
    }  # fmt: skip
    assert before["quagga"] >= {
        "messages", "message_texts", "events", "contact_attributes", "contact_merges", "chat_notes", "chat_drafts", "tickets",
        "ticket_replies", "media", "contact_notes", "audit_entries", "idempotency_keys", "deliveries", "chat_surveys",
    }  # fmt: skip
    assert all(before.values())
    assert len(files_with(tmp_path / "media", "quagga")) == 2

    done = await core.privacy.erase(world.workspace, world.contact)

    assert done.messages == 5
    assert {word: await tables_with(core, word) for word in WORDS} == {key: set() for key in WORDS}
    assert {word: files_with(tmp_path, word) for word in WORDS} == {key: set() for key in WORDS}
    with pytest.raises(NotFound):
        await core.contacts.get(world.workspace, world.contact)
    with pytest.raises(NotFound):
        await core.privacy.erase(world.workspace, world.contact)


async def test_what_is_other_peoples_stays(world: World) -> None:
    core = world.core
    await core.privacy.erase(world.workspace, world.contact)
    others = list((await core.contacts.list(world.workspace)).items)
    assert [one.name for one in others] == ["Somebody else"]
    async with core.db.read() as session:
        kept = (await session.execute(select(Message.content, Message.peer).where(Message.provider_id == "in-4"))).one()
        assert kept == ('{"type":"text","text":"ask +[erased] about it"}', OTHER)
        rows = (await session.execute(select(Message).where(Message.campaign_id == world.campaign))).scalars().all()
        campaign = await session.get_one(Campaign, world.campaign)
        entries = (await session.scalars(select(AuditEntry.action))).all()
    assert [row.peer for row in rows][1] == OTHER
    assert rows[0].peer.startswith("erased:")
    assert campaign.name == "Spring"
    view = await core.campaigns.get(world.workspace, world.campaign)
    counts = await core.campaigns.counts(view)
    assert (counts.total, counts.by_state[states.QUEUED], counts.by_state[states.SKIPPED]) == (2, 1, 1)
    assert rows[0].state == states.SKIPPED
    assert {"contact.updated", "contact.erased"} <= set(entries)


async def test_nobody_writes_to_them_again(world: World) -> None:
    core = world.core
    await core.privacy.erase(world.workspace, world.contact)
    async with core.db.read() as session:
        listed = (await session.scalars(select(Suppression.address))).all()
    assert listed
    assert all(one.startswith("erased:") for one in listed)
    again = await core.contacts.create(world.workspace, name="Ottilie", phone=PHONE, optin=True)

    async def refused(peer: str, contact_id: int | None = None) -> str | None:
        asked = ConsentQuestion(
            workspace_id=world.workspace,
            channel_id=world.channel,
            peer=peer,
            category="marketing",
            contact_id=contact_id,
        )
        async with core.db.read() as session:
            (reason,) = await core.consent.refusals(session, [asked])
        return reason

    assert [await refused(PHONE, again.id), await refused(FORMER), await refused(OTHER)] == [
        "suppressed",
        "suppressed",
        None,
    ]
    assert await core.contacts.suppressions.among(world.workspace, [PHONE, OTHER]) == {PHONE}
    # The refusal shows on the contact, and follows them to an address that nobody knew before.
    view = await core.contacts.get(world.workspace, again.id)
    assert view.refusal is not None
    assert view.refusal.source == "erased"
    async with core.unit() as unit:
        known = {"workspace_id": world.workspace, "contact_id": again.id, "created_at": unit.now}
        await unit.conn.execute(insert(Identity).values(kind="phone", value=NEW, **known))
    assert await refused(NEW) == "suppressed"
    assert await refused(NEW, again.id) == "suppressed"
    await core.contacts.suppressions.remove(world.workspace, PHONE)
    assert [await refused(PHONE, again.id), await refused(NEW)] == [None, None]
    assert (await core.contacts.get(world.workspace, again.id)).refusal is None


async def test_a_file_does_not_bring_them_back(world: World) -> None:
    """Whoever was erased and comes in again with a file, the consent column filled, still gets no marketing."""
    core = world.core
    await core.privacy.erase(world.workspace, world.contact)
    file = io.BytesIO(f"Name,Phone,Opt-in\nOttilie,+{PHONE},yes\nOther,+{OTHER},yes\n".encode())
    report = await core.contacts.import_file(world.workspace, file, filename="again.csv")
    assert (report.created, report.merged) == (1, 1)
    found = {one.phone: one for one in (await core.contacts.list(world.workspace)).items}
    back = found[PHONE].refusal
    assert back is not None
    assert back.source == "erased"
    assert found[OTHER].refusal is None
    campaign = ConsentQuestion(workspace_id=world.workspace, channel_id=world.channel, peer=PHONE, category="marketing")
    async with core.db.read() as session:
        assert await core.consent.refusals(session, [campaign]) == ["suppressed"]


async def test_a_message_on_its_way_holds_an_erasure_up(world: World) -> None:
    core = world.core
    async with core.unit() as unit:
        mine = (Message.peer == PHONE, Message.campaign_id == world.campaign)
        await unit.conn.execute(update(Message).where(*mine).values(state=states.SENDING))
    with pytest.raises(Conflict, match="being sent now"):
        await core.privacy.erase(world.workspace, world.contact)
    async with core.unit() as unit:
        await unit.conn.execute(update(Message).where(*mine).values(state=states.SENT, provider_id="w-1"))
    await core.privacy.erase(world.workspace, world.contact)
    async with core.db.read() as session:
        row = (
            await session.execute(select(Message).where(Message.campaign_id == world.campaign).limit(1))
        ).scalar_one()
    assert (row.state, row.provider_id) == (states.SENT, None)


async def test_an_erasure_that_was_cut_off_goes_on(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    core = world.core

    async def cut(*_: Any) -> int:
        raise OSError("the power is gone")

    monkeypatch.setattr("jackfield.core.privacy.service.scrub", cut)
    with pytest.raises(OSError, match="power"):
        await core.privacy.erase(world.workspace, world.contact)
    monkeypatch.undo()
    await core.privacy.erase(world.workspace, world.contact)
    assert {word: await tables_with(core, word) for word in WORDS} == {key: set() for key in WORDS}


async def test_everything_that_is_known_is_handed_over(world: World) -> None:
    core = world.core
    pieces = [piece async for piece in await core.privacy.export(world.workspace, world.contact)]
    told = json.loads(b"".join(pieces))
    assert told["contact"][0]["name"] == "Ottilie Zebrafink"
    assert {one["value"] for one in told["identities"]} >= {PHONE, FORMER, LID}
    assert [one["value"] for one in told["attributes"]].count("quagga") == 2
    assert told["merges"][0]["data"]["name"] == "Tilly Zebrafink"
    assert {one.get("providerId") for one in told["messages"]} >= {"in-1", "in-2", "in-3"}
    assert "in-4" not in {one.get("providerId") for one in told["messages"]}
    assert {one["filename"] for one in told["media"]} == {"quagga.png", "quagga.pdf"}
    assert told["campaigns"][0]["name"] == "Spring"
    for section in ("chats", "chatNotes", "chatDrafts", "chatSurveys", "notes", "tickets", "ticketReplies", "calls", "events",
                    "deliveries", "suppressions", "groups", "budgetUses", "auditEntries", "tags", "lists"):  # fmt: skip
        assert told[section], section
    entries = (await core.audit.list(world.workspace, action="contact.exported")).items
    assert [one.target for one in entries] == [f"contact:{world.contact}"]
    without = [piece async for piece in await core.privacy.export(world.workspace, world.contact, audit=False)]
    assert "auditEntries" not in json.loads(b"".join(without))


def test_words_are_found_where_they_stand_alone() -> None:
    words = pattern(["12345", "ann@b.example"])
    assert words is not None
    assert cleaned("call +12345 or 12345@c.us, not 123456", words) == "call +[erased] or [erased]@c.us, not 123456"
    assert (
        cleaned('{"to":12345,"cc":["ann@b.example"],"n":123456}', words)
        == '{"to":"[erased]","cc":["[erased]"],"n":123456}'
    )
    assert cleaned("{not json 12345", words) == "{not json [erased]"
    assert pattern([]) is None
