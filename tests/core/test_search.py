"""Search: what was said and who is called so, in every script; and what is deleted is found no more."""

from __future__ import annotations

import asyncio
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import delete, func, select, text, update

from jackfield.core import BulkMessage, ChatChanges, Core, Image, Submission, Text, decode, now_ms, summary
from jackfield.core.ground.errors import Invalid
from jackfield.core.models import Message, MessageText
from jackfield.core.names.words import MAX_WORDS, words_of
from jackfield.core.networks.intake.changes import media_fetched
from jackfield.core.port.reports import Incoming, MessageEdited
from jackfield.core.search.service import KINDS
from jackfield.core.search.snippets import snippet
from jackfield.db.bulk import take_ids

from ..conftest import make_core


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("Hello, hello WORLD! 24/7", ["hello", "world", "24", "7"]),
        ("Crème Brûlée \uff21\uff22", ["creme", "brulee", "ab"]),
        ("Straße", ["strasse"]),
        ("\u6771\u4eac\u90fd x", ["\u6771\u4eac", "\u4eac\u90fd", "x"]),
        ("\u6771", ["\u6771"]),
        ("iPhone\u3092\u8cb7\u3046", ["iphone", "\u3092\u8cb7", "\u8cb7\u3046"]),
        ("\u0e2a\u0e27\u0e31", ["\u0e2a\u0e27", "\u0e27\u0e31"]),
        ("\ud55c\uad6d\uc5b4 \ubb38", ["\ud55c\uad6d\uc5b4", "\ubb38"]),
        (
            "\u0928\u092e\u0938\u094d\u0924\u0947 \u0926\u0941\u0928",
            ["\u0928\u092e\u0938\u094d\u0924\u0947", "\u0926\u0941\u0928"],
        ),
        ("\u041f\u0440\u0438\u0432\u0435\u0442", ["\u043f\u0440\u0438\u0432\u0435\u0442"]),
        ("\U0001f600 !?", []),
    ],
)  # fmt: skip
def test_texts_as_words(said: str, words: list[str]) -> None:
    assert words_of(said) == words


def test_long_texts_are_bounded() -> None:
    assert len(words_of(" ".join(f"word{n}" for n in range(5000)))) == MAX_WORDS
    assert max(map(len, words_of("x" * 5000 + " \u0451" + "\u0451" * 5000))) == 40


@pytest.mark.parametrize(
    ("said", "q", "shown", "found"),
    [
        ("Hello, World", "world", "Hello, World", ["World"]),
        ("Delivered late\nat night", "deliv night", "Delivered late at night", ["Delivered", "night"]),
        ("Cr\u00e8me br\u00fbl\u00e9e", "BRULEE", "Cr\u00e8me br\u00fbl\u00e9e", ["br\u00fbl\u00e9e"]),
        ("\U0001f600 <b>late</b>", "late", "\U0001f600 <b>late</b>", ["late"]),
        ("\u6771\u4eac\u90fd\u306b", "\u4eac\u90fd\u306b", "\u6771\u4eac\u90fd\u306b", ["\u4eac\u90fd\u306b"]),
        ("\u6771\u4eac", "\u6771", "\u6771\u4eac", ["\u6771\u4eac"]),
        ("iPhone\u3092\u8cb7\u3046", "iphone", "iPhone\u3092\u8cb7\u3046", ["iPhone"]),
        ("a " * 100 + "late " + "b " * 100, "late", "\u2026" + "a " * 20 + "late " + "b " * 57 + "b\u2026", ["late"]),
        ("late " + "b " * 100, "late", "late " + "b " * 77 + "b\u2026", ["late"]),
        ("x" * 500, "late", "x" * 160 + "\u2026", []),
        ("", "late", "", []),
    ],
)  # fmt: skip
def test_snippets_say_where_the_words_are(said: str, q: str, shown: str, found: list[str]) -> None:
    made = snippet(said, words_of(q))
    assert made.text == shown
    assert [made.text[start:end] for start, end in made.ranges] == found


class Inbox:
    """A channel whose chats are searched."""

    def __init__(self, core: Core, workspace: int, channel: int) -> None:
        self.core, self.workspace, self.channel = core, workspace, channel
        self._count = 0

    async def came(self, said: Any, peer: str = "628123456789", name: str = "Budi") -> str:
        """A message comes in; gives its provider's id."""
        self._count += 1
        message = Incoming(
            provider_id=f"in-{self.channel}-{self._count}",
            chat=peer,
            sender=peer,
            sender_name=name,
            content=Text(text=said) if isinstance(said, str) else said,
            timestamp=now_ms(),
            identities={"phone": peer},
        )
        await self.core.intake.ingest(self.channel, self.workspace, "simulator", [message])
        return message.provider_id

    async def index(self) -> None:
        """Keep the words of all that is there."""
        while await self.core.search_index.step():
            pass

    async def said(self, q: str, **more: Any) -> list[str]:
        """The texts that are found, the newest first."""
        found = await self.core.search.find(self.workspace, q, ["messages"], **more)
        return [summary(decode(one.message.content or "")) for one in found.messages]


@pytest.fixture
async def inbox(core: Core, workspace: int) -> Inbox:
    channel = await core.channels.create(workspace, name="Phone", engine="simulator", config=None)
    return Inbox(core, workspace, channel.id)


async def test_messages_are_found_by_their_words(inbox: Inbox) -> None:
    for said in (
        "The delivery is late",
        "Delivered on Friday",
        "\u6771\u4eac\u90fd\u306b\u4f4f\u3093\u3067\u3044\u307e\u3059",
        "Crème brûlée at 7",
    ):
        await inbox.came(said)
    await inbox.came(Image(media_id="p-1", caption="delivery note"))
    await inbox.came(Image(media_id="p-2"))
    assert await inbox.said("delivery") == []
    await inbox.index()
    cases = {
        "delivery": ["delivery note", "The delivery is late"],
        "DELIV": ["delivery note", "Delivered on Friday", "The delivery is late"],
        "late delivery": ["The delivery is late"],
        "late friday": [],
        "de": [],
        "creme BRULEE": ["Crème brûlée at 7"],
        "7": ["Crème brûlée at 7"],
        "\u4eac\u90fd": ["\u6771\u4eac\u90fd\u306b\u4f4f\u3093\u3067\u3044\u307e\u3059"],
        "\u6771": ["\u6771\u4eac\u90fd\u306b\u4f4f\u3093\u3067\u3044\u307e\u3059"],
        "\u4f4f\u3093\u3067\u3044": ["\u6771\u4eac\u90fd\u306b\u4f4f\u3093\u3067\u3044\u307e\u3059"],
        "\u90fd\u6771": [],
        "image": [],
        "!?": [],
    }
    for q, texts in cases.items():
        assert await inbox.said(q) == texts, q
    # Nothing that somebody types is an operator.
    for q in ('"', "delivery AND", "NOT late", "late*", "a:b", "' | x", "NEAR(a b)", "\\", "(late", "{late} : x"):
        await inbox.said(q)
    assert await inbox.said("deliv", limit=1) == ["delivery note"]


async def test_only_what_is_in_the_caller_s_chats_is_found(inbox: Inbox) -> None:
    core, workspace = inbox.core, inbox.workspace
    other = await core.channels.create(workspace, name="Other", engine="simulator", config=None)
    await inbox.came("a walrus")
    await Inbox(core, workspace, other.id).came("another walrus", peer="628123456780")
    messages = [BulkMessage(peer="628123456789", content=Text(text="walrus for sale"))]
    await core.campaigns.create_bulk(workspace, inbox.channel, messages, name="Walrus sale")
    made, _ = await core.accounts.create_tenant("Else")
    foreign = await core.channels.create(made.id, name="F", engine="simulator", config=None)
    await Inbox(core, made.id, foreign.id).came("a foreign walrus")
    await inbox.index()
    assert await inbox.said("walrus") == ["another walrus", "a walrus"]
    assert await inbox.said("walrus", channel_id=inbox.channel) == ["a walrus"]
    found = await core.search.find(workspace, "walrus", channel_id=other.id)
    assert (found.contacts, found.campaigns) == ([], [])
    found = await core.search.find(workspace, "walrus")
    assert [one.name for one in found.campaigns] == ["Walrus sale"]


async def test_names_and_numbers_are_found(inbox: Inbox) -> None:
    core = inbox.core
    await inbox.came("hi", name="Ottilie Zebrafink")
    await core.contacts.create(
        inbox.workspace, name="Zebrafink GmbH", phone="4915112345678", email="info@zebra.example"
    )
    chat = await core.chats.chat_by_peer(inbox.workspace, inbox.channel, "628123456789")
    assert chat is not None
    await core.chats.update_chat(inbox.workspace, chat.chat.id, ChatChanges(archived=True))
    found = await core.search.find(inbox.workspace, "zebraFINK")
    assert [one.name for one in found.contacts] == ["Zebrafink GmbH", "Ottilie Zebrafink"]
    assert [one.chat.id for one in found.chats] == [chat.chat.id]
    for q in ("+49 151 123", "zebra.example"):
        assert [one.name for one in (await core.search.find(inbox.workspace, q)).contacts] == ["Zebrafink GmbH"]
    assert (await core.search.find(inbox.workspace, "zebrafink", ["chats"])).contacts == []
    for wrong in (" ", "x" * 201):
        with pytest.raises(Invalid):
            await core.search.find(inbox.workspace, wrong)


async def test_all_that_is_found_is_reached_page_by_page(inbox: Inbox) -> None:
    core, workspace = inbox.core, inbox.workspace
    for number in range(5):
        phone = f"62812345678{number}"
        await inbox.came(f"lynx {number}", peer=phone, name=f"Lynx {number}")
        messages = [BulkMessage(peer=phone, content=Text(text="sale"))]
        await core.campaigns.create_bulk(workspace, inbox.channel, messages, name=f"Lynx {number}")
    await inbox.index()

    async def pages(kind: str) -> list[list[str]]:
        found, cursor = [], None
        while True:
            page = await core.search.find(workspace, "lynx", [kind], limit=2, cursor=cursor)
            rows: list[Any] = getattr(page, kind)
            names = {
                "contacts": lambda one: one.name,
                "campaigns": lambda one: one.name,
                "chats": lambda one: one.contact.name,
                "messages": lambda one: one.chat_name,
            }
            found.append([names[kind](one)[-1] for one in rows])
            cursor = page.cursors[kind]
            if cursor is None:
                return found

    for kind in KINDS:
        assert await pages(kind) == [["4", "3"], ["2", "1"], ["0"]], kind
    ids = [one.message.id for one in (await core.search.find(workspace, "lynx", ["messages"], limit=50)).messages]
    # What is hidden makes a page shorter, and the pages after it are still reached.
    for number in ids[1:4]:
        await core.chats.hide(workspace, number)
    assert [row for page in await pages("messages") for row in page] == ["4", "0"]
    for cursor in ("x", "WzFd" * 3):
        with pytest.raises(Invalid):
            await core.search.find(workspace, "lynx", ["messages"], cursor=cursor)
    with pytest.raises(Invalid):
        await core.search.find(workspace, "lynx", cursor="WzFd")


async def test_the_chat_of_a_merged_contact_keeps_its_words(inbox: Inbox) -> None:
    core, workspace = inbox.core, inbox.workspace
    await inbox.came("a tapir", name="Tilda Tapir")
    await inbox.index()
    (one,) = (await core.search.find(workspace, "tilda", ["contacts"])).contacts
    kept = await core.contacts.create(workspace, name="Thekla Okapi", phone="4915112345670")
    await core.contacts.merge(workspace, kept.id, one.id)
    found = await core.search.find(workspace, "tapir", ["contacts", "messages"])
    assert (found.contacts, [row.chat_name for row in found.messages]) == ([], ["Thekla Okapi"])


async def test_names_are_found_despite_typing_errors(inbox: Inbox) -> None:
    core, workspace = inbox.core, inbox.workspace
    await inbox.came("hi", name="Ottilie Zebrafink")
    await core.contacts.create(workspace, name="\u0418\u0432\u0430\u043d\u043e\u0432", phone="4915112345670")
    await core.contacts.create(workspace, name="Walrus & Sons", phone="4915112345678")
    await core.contacts.create(workspace, name="Walras", phone="4915112345679")
    other, _ = await core.accounts.create_tenant("Else")
    await core.contacts.create(other.id, name="Walrus Abroad", phone="4915112345671")
    messages = [BulkMessage(peer="628123456789", content=Text(text="sale"))]
    await core.campaigns.create_bulk(workspace, inbox.channel, messages, name="Walrus sale")
    cases = {
        "zebrafnik": ["Ottilie Zebrafink"],  # neighbours
        "zebarfikn": ["Ottilie Zebrafink"],  # two errors
        "zebra otilie": ["Ottilie Zebrafink"],  # one too few, in another order
        "zebrxfi": ["Ottilie Zebrafink"],  # a wrong one, and the last letters missing
        "warlus": ["Walrus & Sons"],  # neighbours on both sides of the cut
        "walrs": ["Walrus & Sons", "Walras"],
        "waaaus": [],
        "wlr": [],
        "\u0438\u0432\u0430\u043d\u0430\u0432": ["\u0418\u0432\u0430\u043d\u043e\u0432"],
        "\u4eac\u90fd": [],
    }
    # As they are before they are in the index, and from it.
    for _ in range(2):
        for q, names in cases.items():
            found = await core.search.find(workspace, q, ["contacts"])
            assert sorted(one.name for one in found.contacts) == sorted(names), q
        await inbox.index()
    found = await core.search.find(workspace, "warlus sael")
    assert [one.name for one in found.campaigns] == ["Walrus sale"]
    found = await core.search.find(workspace, "zebrafnik", channel_id=inbox.channel)
    assert (len(found.chats), found.contacts) == (1, [])
    elsewhere = await core.channels.create(workspace, name="Other", engine="simulator", config=None)
    found = await core.search.find(workspace, "zebrafnik", channel_id=elsewhere.id)
    assert (found.chats, found.contacts) == ([], [])


async def test_what_changes_or_goes_is_found_no_more(inbox: Inbox) -> None:
    core = inbox.core
    edited = await inbox.came("the old badger")
    await inbox.came("a hidden badger")
    await inbox.came("a deleted badger")
    item = Submission(
        workspace_id=inbox.workspace, channel_id=inbox.channel, peer="628123456789", content=Text(text="our badger")
    )
    waiting = (await core.messages.submit(item)).id
    await inbox.index()
    ids = [one.message.id for one in (await core.search.find(inbox.workspace, "badger", ["messages"])).messages]
    assert len(ids) == 4
    change = MessageEdited(
        provider_id=edited, chat="628123456789", timestamp=now_ms(), content=Text(text="the new otter")
    )
    await core.intake.ingest(inbox.channel, inbox.workspace, "simulator", [change])
    await core.actions.edit(inbox.workspace, waiting, Text(text="our otter"))
    await core.chats.hide(inbox.workspace, ids[2])
    async with core.unit() as unit:
        await unit.conn.execute(delete(Message).where(Message.id == ids[1]))
    assert await inbox.said("badger") == []
    assert await inbox.said("otter") == ["our otter", "the new otter"]
    async with core.unit() as unit:
        await unit.conn.execute(
            update(Message).where(Message.id == waiting).values(content='{"type":"text","text":""}')
        )
    assert await inbox.said("otter") == ["the new otter"]
    chat = await core.chats.chat_by_peer(inbox.workspace, inbox.channel, "628123456789")
    assert chat is not None
    await core.chats.clear(inbox.workspace, chat.chat.id)
    assert await inbox.said("otter") == []


async def test_a_caption_is_found_after_its_file_was_fetched(inbox: Inbox) -> None:
    came = await inbox.came(Image(media_id="p-1", caption="a marmot"))
    await inbox.index()
    fetched: Any = SimpleNamespace(id=7, mime="image/png", size=3, sha256="00", provider_media_id="p-1")
    async with inbox.core.unit() as unit:
        await media_fetched(unit, inbox.channel, came, fetched)
    found = (await inbox.core.search.find(inbox.workspace, "marmot", ["messages"])).messages
    assert [decode(one.message.content or "").url for one in found] == ["media:7"]  # type: ignore[union-attr]


async def test_what_is_being_changed_is_indexed_once_it_has_changed(inbox: Inbox) -> None:
    core = inbox.core
    await inbox.came("a first numbat")
    await inbox.came("a second numbat")
    ours = Message.workspace_id == inbox.workspace
    async with core.unit() as unit:
        last = await unit.session.scalar(select(func.max(Message.id)).where(ours))
        await unit.conn.execute(update(Message).where(Message.id == last).values(content=None))
        beside = asyncio.create_task(core.search_index.step())
        if not core.db.is_sqlite:
            # Not one writer after the other: it waits for nothing, and leaves out what is locked.
            await beside
            async with core.db.read() as session:
                assert await session.scalar(select(func.count()).select_from(MessageText)) == 1
    await beside
    await inbox.index()
    assert await inbox.said("numbat") == ["a first numbat"]
    async with core.db.read() as session:
        assert await session.scalar(select(func.count()).select_from(MessageText)) == 1


async def test_a_message_that_commits_late_is_found(migrated_postgres: str, tmp_path: Path) -> None:
    core = make_core(migrated_postgres, tmp_path)
    async with core:
        made = await core.accounts.bootstrap("T", "o@example.com", "correct horse battery", "test-key-0123456789")
        assert made is not None
        channel = await core.channels.create(made.workspace_id, name="Phone", engine="simulator", config=None)
        inbox = Inbox(core, made.workspace_id, channel.id)
        began, go_on = asyncio.Event(), asyncio.Event()

        async def slow() -> None:
            async with core.transaction():
                await core.messages.submit(
                    Submission(
                        workspace_id=inbox.workspace,
                        channel_id=channel.id,
                        peer="628123",
                        content=Text(text="a late numbat"),
                    )
                )
                began.set()
                await go_on.wait()

        writing = asyncio.create_task(slow())
        await began.wait()
        await inbox.came("an early numbat", peer="628999")
        await inbox.index()
        assert core.search_index.waits
        # Ids that are only drawn make more than was ever looked at twice.
        async with core.unit() as unit:
            await take_ids(unit.conn, "messages", 1500)
        await inbox.came("a numbat after that", peer="628999")
        await inbox.index()
        go_on.set()
        await writing
        await inbox.index()
        assert sorted(await inbox.said("numbat")) == ["a late numbat", "a numbat after that", "an early numbat"]
        assert not core.search_index.waits


async def test_the_index_holds_what_the_words_say(inbox: Inbox) -> None:
    core = inbox.core
    for number in range(30):
        await inbox.came(f"message number{number} of many")
    await inbox.index()
    async with core.unit() as unit:
        some = select(MessageText.message_id).where(MessageText.message_id % 2 == 0)
        await unit.conn.execute(delete(Message).where(Message.id.in_(some)))
    await core.search_index.forget_deleted()
    async with core.db.read() as session:
        kept = (await session.scalars(select(MessageText.words))).all()
    assert 0 < len(kept) < 30
    found = await core.search.find(inbox.workspace, "number", ["messages"], limit=50)
    assert len(found.messages) == len(kept)
    if core.db.is_sqlite:
        # FTS5 compares its own files with the table that they are of.
        async with core.unit() as unit:
            await unit.conn.execute(text("INSERT INTO search_messages(search_messages) VALUES ('integrity-check')"))
