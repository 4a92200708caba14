"""Names, numbers and addresses are found by any part of them, from an index that follows what is written."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, func, select, text, update

from jackfield.core import Core, Submission, now_ms
from jackfield.core.models import Chat, Contact, NameChange, NameText
from jackfield.core.names import find as find_names
from jackfield.core.names.grams import CHAT, CONTACT, index_words, scope
from jackfield.core.port.content import Text
from jackfield.core.port.reports import Incoming

from ..conftest import make_core


class Desk:
    """A workspace with a channel, and what is found there."""

    def __init__(self, core: Core, workspace: int, channel: int) -> None:
        self.core, self.workspace, self.channel = core, workspace, channel

    async def index(self) -> None:
        """Keep the names of all."""
        while await self.core.search_index.step():
            pass

    async def contacts(self, q: str, **more: Any) -> list[str]:
        """Names of the contacts that are found."""
        return [one.name for one in (await self.core.search.find(self.workspace, q, ["contacts"], **more)).contacts]

    async def chats(self, q: str, **more: Any) -> list[str]:
        """Addresses of the chats that are found."""
        return [one.chat.peer for one in (await self.core.search.find(self.workspace, q, ["chats"], **more)).chats]

    async def came(self, peer: str, name: str) -> None:
        """Somebody writes."""
        message = Incoming(
            provider_id=f"in-{peer}", chat=peer, sender=peer, sender_name=name, content=Text(text="hi"),
            timestamp=now_ms(), identities={"phone": peer},
        )  # fmt: skip
        await self.core.intake.ingest(self.channel, self.workspace, "simulator", [message])


@pytest.fixture
async def desk(core: Core, workspace: int) -> Desk:
    channel = await core.channels.create(workspace, name="Phone", engine="simulator", config=None)
    return Desk(core, workspace, channel.id)


def test_words_of_the_index() -> None:
    before = scope(31, CONTACT)
    assert index_words(31, CONTACT, "ana") == " ".join(
        before + gram for gram in ("\ue120an", "ana", "na\ue004", "a\ue004\ue004")
    )
    assert scope(31, CHAT) != before
    # No sign is left that a database could read as something else.
    said = index_words(1, CHAT, 'o\'hara & "sons" *(x)* :a|b\\c')
    assert not set(said) & set("'\"*():|&\\")


async def test_any_part_of_a_name_a_number_or_an_address(desk: Desk) -> None:
    create = desk.core.contacts.create
    await create(desk.workspace, name="Jos\u00e9 O'Hara-Okafor", phone="4915112345678", email="jose_1@zebra.example")
    await create(desk.workspace, name="\u738b\u5c0f\u660e", phone="8613812345678")
    await create(desk.workspace, name="\u0418\u0432\u0430\u043d\u043e\u0432 100%", phone="79161234567")
    jose, wang, ivanov = "Jos\u00e9 O'Hara-Okafor", "\u738b\u5c0f\u660e", "\u0418\u0432\u0430\u043d\u043e\u0432 100%"
    cases = {
        "jose": [jose], "OSE O'": [jose], "okaf": [jose], "or": [jose], "e_1@ZEB": [jose], "'": [jose],
        "\u738b": [wang], "\u5c0f\u660e": [wang], "\u660e": [wang], "\u738b\u660e": [],
        "\u0418\u0412\u0410\u041d": [ivanov], "0%": [ivanov], "00_": [],
        "+49 151 123": [jose], "12345678": [wang, jose], "3456": [ivanov, wang, jose], "999": [],
        "ojsee": [], "okafro": [jose], "oakfor": [jose], "ohar": [jose],
    }  # fmt: skip
    # As they are before they are in the index, and from it.
    for _ in range(2):
        for q, names in cases.items():
            assert await desk.contacts(q) == names, q
        await desk.index()
    for q in ('"', "a AND", "NOT b", "c*", "d:e", "' | x", "NEAR(a b)", "\\", "(z", "{y} : x", "%"):
        await desk.contacts(q)


async def test_short_words_with_an_error(desk: Desk) -> None:
    await desk.core.contacts.create(desk.workspace, name="Sita Budi", phone="4915112345678")
    await desk.index()
    for q in ("bdui", "buid", "xudi", "bxdi", "budx", "bbudi", "budii", "bud", "udi", "buddi", "ubdi", "bdui sitta"):
        assert await desk.contacts(q) == ["Sita Budi"], q
    for q in ("bxxi", "budi1", "4915112345679"):
        assert await desk.contacts(q) == [], q


async def test_the_index_follows_what_is_written(desk: Desk) -> None:
    core, workspace = desk.core, desk.workspace
    await desk.came("628123456789", "Ottilie Zebrafink")
    await desk.index()
    (contact,) = (await core.search.find(workspace, "zebrafink", ["contacts"])).contacts
    await core.contacts.update(workspace, contact.id, name="Ottilie Okapi")
    # What somebody was called is forgotten at once, what they are called now is known at once.
    for _ in range(2):
        assert (await desk.contacts("zebrafink"), await desk.chats("zebrafink")) == ([], [])
        assert (await desk.contacts("okapi"), await desk.chats("okapi")) == (["Ottilie Okapi"], ["628123456789"])
        await desk.index()
    async with core.db.read() as session:
        assert await session.scalar(select(func.count()).select_from(NameChange)) == 0
    async with core.unit() as unit:
        # Who was only seen is not written anew.
        await unit.conn.execute(update(Contact).values(last_seen_at=7, name=Contact.name))
        await unit.conn.execute(update(Chat).values(last_at=7))
        assert await unit.session.scalar(select(func.count()).select_from(NameChange)) == 0
        await unit.conn.execute(update(Chat).values(name="Family"))
    assert await desk.chats("famil") == ["628123456789"]
    async with core.unit() as unit:
        await unit.conn.execute(delete(Contact).where(Contact.id == contact.id))
    await desk.index()
    assert (await desk.contacts("okapi"), await desk.chats("okapi")) == ([], [])
    assert await desk.chats("famil") == ["628123456789"]
    async with core.db.read() as session:
        assert (await session.scalars(select(NameText.text))).all() == ["family\n628123456789"]
    await core.search_index.forget_deleted()
    if core.db.is_sqlite:
        async with core.unit() as unit:
            await unit.conn.execute(text("INSERT INTO search_names(search_names) VALUES ('integrity-check')"))


async def test_chats_begun_from_here_are_found_by_their_contact(desk: Desk) -> None:
    core, workspace = desk.core, desk.workspace
    await core.contacts.create(workspace, name="Thekla Okapi", phone="4915112345678")
    content = Text(text="Hello")
    await core.messages.submit(
        Submission(workspace_id=workspace, channel_id=desk.channel, peer="4915112345678", content=content)
    )
    other = await core.channels.create(workspace, name="Other", engine="simulator", config=None)
    for _ in range(2):
        for q in ("okapi", "thekal", "151123"):
            assert await desk.chats(q) == ["4915112345678"], q
            assert await desk.chats(q, channel_id=other.id) == [], q
        await desk.index()


async def test_what_many_are_called_is_found_on_the_way(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(find_names, "FEW", 2)
    for number in range(6):
        await desk.came(f"62812345678{number}", f"Lynx {number}")
    await desk.core.contacts.create(desk.workspace, name="Lynx 6", phone="628123456786")
    await desk.index()
    await desk.core.contacts.create(desk.workspace, name="Lynx 7", phone="628123456787")
    found = await desk.core.search.find(desk.workspace, "lynx", limit=3)
    assert [one.name for one in found.contacts] == ["Lynx 7", "Lynx 6", "Lynx 5"]
    assert [one.chat.peer[-1] for one in found.chats] == ["5", "4", "3"]
    assert await desk.contacts("lynx", limit=5, cursor=found.cursors["contacts"]) == [
        f"Lynx {n}" for n in (4, 3, 2, 1, 0)
    ]
    assert await desk.chats("lynx", limit=5, cursor=found.cursors["chats"]) == [f"62812345678{n}" for n in (2, 1, 0)]


async def test_who_is_just_being_changed_is_left_to_the_next_step(migrated_postgres: str, tmp_path: Path) -> None:
    async with make_core(migrated_postgres, tmp_path) as core:
        made = await core.accounts.bootstrap("T", "o@example.com", "correct horse battery", "test-key-0123456789")
        assert made is not None
        first = await core.contacts.create(made.workspace_id, name="Ottilie Okapi", phone="4915112345678")
        await core.contacts.create(made.workspace_id, name="Thekla Okapi", phone="4915112345679")
        texts, notes = select(NameText.text), select(func.count()).select_from(NameChange)
        async with core.unit() as unit:
            await unit.conn.execute(delete(Contact).where(Contact.id == first.id))
            # It waits for nobody, and leaves out what is locked.
            assert not await core.search_index.step()
            async with core.db.read() as session:
                assert (await session.scalars(texts)).all() == ["thekla okapi\n4915112345679"]
                assert await session.scalar(notes) == 1
        await core.search_index.step()
        async with core.db.read() as session:
            assert (await session.scalars(texts)).all() == ["thekla okapi\n4915112345679"]
            assert await session.scalar(notes) == 0
