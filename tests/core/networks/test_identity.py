"""One person stays one person, in whichever form a network names them."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from typing import Any

import pytest
from sqlalchemy import func, select, update

from jackfield.core import Core
from jackfield.core.ground.errors import Conflict
from jackfield.core.ledger.submit import Submission
from jackfield.core.models import Channel, Chat, Contact, ContactMerge, Event, Identity, Message, Suppression
from jackfield.core.port import Incoming, MessageEdited, PeerKnown, Report, Status
from jackfield.core.port.content import Document, Image, Media, Reaction, System, Text, decode
from jackfield.db.base import now_ms
from jackfield.engines._whatsapp.wamid import message_token

PAIRS = {
    "Brazil": ("5511987654321", "551187654321"),
    "Mexico": ("5215512345678", "525512345678"),
    "Argentina": ("5491123456789", "541123456789"),
    "Benin, lengthened in 2024": ("2290197123456", "22997123456"),
    "Ivory Coast, lengthened in 2021": ("2250748123456", "22548123456"),
}
"""Numbers as an address book and as the network may have them."""

NOON = 1_790_000_000_000


class Line:
    """A channel of a workspace, and what its network reports."""

    def __init__(self, core: Core, workspace: int, channel: Channel) -> None:
        self.core, self.workspace, self.channel = core, workspace, channel

    async def tell(self, *reports: Report) -> None:
        """The network reports."""
        await self.core.intake.ingest(self.channel.id, self.workspace, self.channel.engine, reports)

    async def say(self, sender: str, id_: str, text: str = "Hello", **fields: Any) -> None:
        """A person writes."""
        fields = {"chat": sender, "sender": sender, "content": Text(text=text), **fields}
        await self.tell(Incoming(provider_id=id_, timestamp=NOON, **fields))

    async def rows(self, query: Any) -> Sequence[Any]:
        """What the database has."""
        async with self.core.db.read() as session:
            return (await session.execute(query)).all()

    async def contacts(self) -> int:
        """How many contacts there are."""
        return int((await self.rows(select(func.count(Contact.id))))[0][0])

    async def events(self, type_: str) -> list[Any]:
        """The data of events of a type."""
        return [
            json.loads(row[0])
            for row in await self.rows(select(Event.data).where(Event.type == type_).order_by(Event.id))
        ]


@pytest.fixture
async def line(core: Core, workspace: int) -> Line:
    channel = await core.channels.create(
        workspace, name="One", engine="whatsapp_cloud", config={"phoneNumberId": "1", "accessToken": "t" * 20}
    )
    return Line(core, workspace, channel)  # type: ignore[arg-type]


@pytest.mark.parametrize("country", PAIRS)
@pytest.mark.parametrize("turned", [False, True])
async def test_spellings_of_one_number_are_one_contact_and_one_chat(line: Line, country: str, turned: bool) -> None:
    book, network = reversed(PAIRS[country]) if turned else PAIRS[country]
    made = await line.core.contacts.create(line.workspace, name="Ana", phone=book)
    sent = await line.core.messages.submit(
        Submission(workspace_id=line.workspace, channel_id=line.channel.id, peer=book, content=Text(text="Oi"))
    )
    await line.say(network, "in-1")
    assert await line.contacts() == 1
    chats = await line.rows(select(Chat.peer, Chat.contact_id, Chat.window_until > 0, Chat.unread))
    assert [tuple(row) for row in chats] == [(book, made.id, True, 1)]
    peers = await line.rows(select(Message.peer).distinct())
    assert [row[0] for row in peers] == [book], "history and answer are in the same chat"
    for spelling in (book, network):
        found = await line.core.contacts.find(line.workspace, "phone", spelling)
        assert found is not None
        assert found.id == made.id
    with pytest.raises(Conflict):
        await line.core.contacts.create(line.workspace, name="Again", phone=network)
    assert sent.id


async def test_a_send_goes_into_the_chat_that_stands_under_another_spelling(line: Line) -> None:
    book, network = PAIRS["Brazil"]
    await line.say(network, "in-1")
    sent = await line.core.messages.submit(
        Submission(workspace_id=line.workspace, channel_id=line.channel.id, peer=book, content=Text(text="Oi"))
    )
    assert (await line.core.messages.get(line.workspace, sent.id)).peer == network
    assert len(await line.rows(select(Chat.id))) == 1


async def test_two_contacts_of_one_number_become_one_and_the_refusal_stays(line: Line) -> None:
    book, network = PAIRS["Mexico"]
    first = await line.core.contacts.create(line.workspace, name="Ana", phone=book)
    async with line.core.unit() as unit:
        unit.session.add(
            Contact(
                workspace_id=line.workspace, name="A", phone=network, optin=False, source="csv", blocked=False,
                created_at=1, updated_at=1,
            )
        )  # fmt: skip
    async with line.core.db.read() as session:
        other = (await session.execute(select(Contact.id).where(Contact.phone == network))).scalar_one()
    await line.tell(PeerKnown(identities={"lid": "99"}, also={"phone": book}))
    async with line.core.unit() as unit:
        unit.session.add(
            Identity(workspace_id=line.workspace, contact_id=other, kind="phone", value=network, created_at=1)
        )
    await line.say(network, "in-1")
    assert await line.contacts() == 1
    one = await line.core.contacts.get(line.workspace, first.id)
    assert (one.name, one.optin) == ("Ana", False)
    assert len(await line.events("contact.merged")) == 1


async def test_a_new_user_id_is_the_same_person_with_tags_refusal_and_chat(line: Line) -> None:
    await line.say("US.1111", "in-1", identities={"bsuid": "US.1111", "username": "kim_s"}, sender_name="Kim")
    (contact,) = await line.rows(select(Contact.id))
    await line.core.contacts.update(line.workspace, contact.id, tags=["vip"], optin=False)
    await line.core.contacts.suppressions.add(line.workspace, "US.1111", reason="STOP")
    await line.tell(PeerKnown(identities={"bsuid": "US.2222"}, previous={"bsuid": "US.1111"}))
    await line.say("US.2222", "in-2", identities={"bsuid": "US.2222"})
    assert await line.contacts() == 1
    one = await line.core.contacts.get(line.workspace, contact.id)
    assert (one.name, one.tags, one.optin) == ("Kim", ["vip"], False)
    assert [row[0] for row in await line.rows(select(Chat.peer))] == ["US.2222"]
    assert {row[0] for row in await line.rows(select(Message.peer))} == {"US.2222"}
    assert {row[0] for row in await line.rows(select(Suppression.address))} == {"US.1111", "US.2222"}


async def test_a_number_that_was_given_up_is_free_for_somebody_else(line: Line) -> None:
    await line.say("447700900001", "in-1", identities={"phone": "447700900001"}, sender_name="Kim")
    await line.core.contacts.suppressions.add(line.workspace, "447700900001", reason="STOP")
    await line.tell(PeerKnown(identities={"phone": "447700900002"}, previous={"phone": "447700900001"}))
    (kim,) = await line.rows(select(Contact.id, Contact.phone))
    assert kim.phone == "447700900002"
    assert "447700900002" in {row[0] for row in await line.rows(select(Suppression.address))}
    await line.say("447700900001", "in-2", identities={"phone": "447700900001"}, sender_name="Another")
    assert await line.contacts() == 2


async def test_a_receipt_tells_the_network_s_form_and_the_user_id(line: Line) -> None:
    book, network = PAIRS["Argentina"]
    made = await line.core.contacts.create(line.workspace, name="Ana", phone=book)
    sent = await line.core.messages.submit(
        Submission(workspace_id=line.workspace, channel_id=line.channel.id, peer=book, content=Text(text="Hola"))
    )
    await line.tell(
        Status(
            provider_id="w-1",
            state="sent",
            timestamp=NOON,
            ref=str(sent.id),
            identities={"phone": network, "bsuid": "AR.77"},
        )
    )
    one = await line.core.contacts.get(line.workspace, made.id)
    assert {(item.kind, item.value) for item in one.identities} == {
        ("phone", book),
        ("phone", network),
        ("bsuid", "AR.77"),
    }
    assert one.phone == book


async def test_a_receipt_makes_no_contact_of_a_stranger(line: Line) -> None:
    sent = await line.core.messages.submit(
        Submission(
            workspace_id=line.workspace, channel_id=line.channel.id, peer="447700900003", content=Text(text="Hi")
        )
    )
    await line.tell(
        Status(provider_id="w-1", state="sent", timestamp=NOON, ref=str(sent.id), identities={"bsuid": "GB.1"})
    )
    assert await line.contacts() == 0


async def test_receipts_of_a_group_s_participants_are_kept_and_leave_the_message_alone(line: Line) -> None:
    sent = await line.core.messages.submit(
        Submission(
            workspace_id=line.workspace, channel_id=line.channel.id, peer="120363@g.us", chat_kind="group",
            content=Text(text="Hi"),
        )
    )  # fmt: skip
    ref = str(sent.id)
    async with line.core.unit() as unit:
        await unit.conn.execute(update(Message).values(state="sent", provider_id="w-1"))
    await line.tell(Status(provider_id="w-1", state="delivered", timestamp=NOON, ref=ref))
    for who, state in (("447700900001", "read"), ("447700900002", "failed"), ("GB.9", "delivered")):
        await line.tell(Status(provider_id="w-1", state=state, timestamp=NOON, ref=ref, participant=who, code="131026"))
    (row,) = await line.rows(select(Message.state, Message.extra))
    assert row.state == "delivered"
    assert set(row.extra["participants"]) == {"447700900001", "447700900002", "GB.9"}


def wamid(person: str, token: str) -> str:
    """An id as the Cloud API makes it, for a person by number or by user id."""
    data = b"\x1c\x18" + bytes([len(person)]) + person.encode() + b"\x15\x02\x00\x11\x18"
    return "wamid." + base64.b64encode(data + bytes([len(token)]) + token.encode() + b"\x00").decode()


@pytest.mark.parametrize("person", ["447700900001", "US.13491208655302741918", "US.ENT.11815799212886844830"])
def test_forms_of_a_message_id_share_the_token(person: str) -> None:
    assert message_token(wamid(person, "3EB0C767D26A1D1D27A0")) == "3EB0C767D26A1D1D27A0"


@pytest.mark.parametrize("other", ["wamid.x", "wamid.", "3EB0", "wamid.HBgM====", "wamid.\ud800"])
def test_an_id_without_a_token_is_no_error(other: str) -> None:
    assert message_token(other) is None


async def test_what_refers_to_the_other_form_of_a_message_finds_it(line: Line) -> None:
    token = "3EB0C767D26A1D1D27A0"
    phone, user = wamid("447700900001", token), wamid("GB.1349", token)
    who = {"phone": "447700900001", "bsuid": "GB.1349"}
    await line.say("447700900001", phone, identities=who)
    await line.say("447700900001", "r-1", identities=who, reply_to=user)
    await line.say("447700900001", "r-2", identities=who, content=Reaction(target=user, emoji="👍"))
    assert (await line.rows(select(Message.reply_to).where(Message.provider_id == "r-1")))[0][0] == phone
    (reaction,) = await line.events("message.reaction")
    assert reaction["target"] == phone
    await line.tell(MessageEdited(provider_id=user, content=Text(text="changed"), timestamp=NOON, chat="447700900001"))
    (edited,) = await line.events("message.edited")
    assert (edited["body"], edited["content"]) == ("changed", {"type": "text", "text": "changed"})
    # Of another person's message nothing is taken, whatever it says.
    other = wamid("GB.1349", "AAAAAAAAAAAAAAAAAAAA")
    await line.say("447700900001", "r-3", identities=who, reply_to=other)
    assert (await line.rows(select(Message.reply_to).where(Message.provider_id == "r-3")))[0][0] == other


async def test_a_person_is_found_by_user_name_and_by_user_id(line: Line) -> None:
    await line.say("US.4711", "in-1", identities={"bsuid": "US.4711", "username": "@Kim_S"})
    await line.say("447700900001", "in-2", identities={"phone": "447700900001", "username": "kimxs"})
    for search in ("kim_s", "@kim_s", "Kim_S", "US.4711", "us.4711"):
        page = await line.core.contacts.list(line.workspace, q=search)
        assert [one.identities[0].value for one in page.items] == ["US.4711"], search


async def test_a_merge_is_told_and_can_be_undone(line: Line) -> None:
    winner = await line.core.contacts.create(
        line.workspace, name="Asha", phone="919845012345", tags=["A"], attributes={"City": "Pune"}
    )
    loser = await line.core.contacts.create(
        line.workspace, name="Rao", email="r@example.com", tags=["A", "B"], lists=["L"], phone="919845012346"
    )
    await line.say("919845012346", "in-1")
    await line.core.contacts.merge(line.workspace, winner.id, loser.id)
    (told,) = await line.events("contact.merged")
    assert (told["id"], told["merged_id"]) == (winner.id, loser.id)
    await line.say("919845012346", "in-2")
    await line.core.contacts.update(line.workspace, winner.id, name="Asha R.")
    assert list(await line.core.contacts.unmerge(line.workspace, winner.id)) == [winner.id, loser.id]
    first, second = await line.core.contacts.get_many(line.workspace, [winner.id, loser.id])
    assert (first.name, first.email, first.tags, first.lists, first.attributes) == (
        "Asha R.", None, ["A"], [], {"City": "Pune"},
    )  # fmt: skip
    assert (second.name, second.email, second.tags, second.lists) == ("Rao", "r@example.com", ["A", "B"], ["L"])
    assert [(one.kind, one.value) for one in second.identities] == [("phone", "919845012346")]
    assert {row[0] for row in await line.rows(select(Chat.contact_id))} == {loser.id}
    assert {row[0] for row in await line.rows(select(Message.contact_id))} == {loser.id}
    assert len(await line.events("contact.unmerged")) == 1


async def test_a_refusal_outlives_the_undoing_of_a_merge_on_both_sides(line: Line) -> None:
    winner = await line.core.contacts.create(line.workspace, name="One", phone="919845012345")
    loser = await line.core.contacts.create(line.workspace, name="Two", phone="919845012346", optin=False)
    await line.core.contacts.merge(line.workspace, winner.id, loser.id)
    await line.core.contacts.unmerge(line.workspace, winner.id)
    both = await line.core.contacts.get_many(line.workspace, [winner.id, loser.id])
    assert [one.optin for one in both] == [False, False]


async def test_a_merge_of_long_ago_is_not_undone(line: Line) -> None:
    winner = await line.core.contacts.create(line.workspace, name="One", phone="919845012345")
    loser = await line.core.contacts.create(line.workspace, name="Two", phone="919845012346")
    await line.core.contacts.merge(line.workspace, winner.id, loser.id)
    async with line.core.unit() as unit:
        await unit.conn.execute(update(ContactMerge).values(created_at=now_ms() - 31 * 24 * 3600 * 1000))
    with pytest.raises(Conflict):
        await line.core.contacts.unmerge(line.workspace, winner.id)


async def test_a_merge_of_what_was_merged_before_is_taken_apart_step_by_step(line: Line) -> None:
    ids = [
        (await line.core.contacts.create(line.workspace, name=name, phone=f"91984501234{i}")).id
        for i, name in enumerate("ABC")
    ]
    await line.core.contacts.merge(line.workspace, ids[1], ids[2])
    await line.core.contacts.merge(line.workspace, ids[0], ids[1])
    await line.core.contacts.unmerge(line.workspace, ids[0])
    await line.core.contacts.unmerge(line.workspace, ids[1])
    back = await line.core.contacts.get_many(line.workspace, ids)
    assert [(one.name, [item.value for item in one.identities]) for one in back] == [
        (name, [f"91984501234{i}"]) for i, name in enumerate("ABC")
    ]


async def test_a_profile_name_that_no_database_takes_is_cleaned(line: Line) -> None:
    for i, name in enumerate(("Ki\x00m", "Kim \ud83d", "\x00")):
        await line.say(f"44770090001{i}", f"in-{i}", sender_name=name)
    names = {row[0] for row in await line.rows(select(Contact.name))}
    assert names == {"Kim", "Kim \ufffd", ""}


@pytest.mark.parametrize("kind", ["user_changed_user_id", "customer_identity_changed", "call_permission_reply"])
async def test_a_notice_of_the_network_is_neither_unread_nor_opens_the_window(line: Line, kind: str) -> None:
    await line.say("447700900001", "n-1", content=System(text="Something changed", kind=kind))
    (chat,) = await line.rows(select(Chat.unread, Chat.window_until, Chat.last_in_id, Chat.last_at))
    assert tuple(chat) == (0, 0, None, NOON)
    assert (await line.rows(select(Contact.last_seen_at)))[0][0] is None
    (told,) = await line.events("message.received")
    assert (told["kind"], told["body"]) == ("system", "Something changed")


@pytest.mark.parametrize("old", [Image(media_id="1", caption="old"), Document(url="media:7", filename="a.pdf")])
async def test_an_edit_of_the_caption_keeps_the_file(line: Line, old: Media) -> None:
    await line.say("447700900001", "m-1", content=old)
    edited = type(old)(caption="new")
    await line.tell(MessageEdited(provider_id="m-1", content=edited, timestamp=NOON, chat="447700900001"))
    stored = decode((await line.rows(select(Message.content)))[0][0])
    assert isinstance(stored, Media)
    assert (stored.caption, stored.media_id, stored.url, stored.filename) == (
        "new", old.media_id, old.url, old.filename,
    )  # fmt: skip
