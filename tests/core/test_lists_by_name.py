"""Lists of contacts and chats that are searched find what the index of names has, in their own order, page by page."""

from __future__ import annotations

from typing import Any

import pytest

from jackfield.core import ChatFilter, Core, Submission, now_ms
from jackfield.core.contacts.find import searching
from jackfield.core.desk import selection
from jackfield.core.names import find as find_names
from jackfield.core.port.content import Text
from jackfield.core.port.reports import Incoming

PEOPLE = (
    ("Jos\u00e9 O'Hara", "628120000001", "jose_1@zebra.example"),
    ("Ottilie Zebrafink", "628120000002", None),
    ("\u738b\u5c0f\u660e", "8613812345678", None),
    ("\u0418\u0432\u0430\u043d\u043e\u0432 100%", "79161234567", "ivan@example.com"),
    ("Budi", "628120000005", None),
)
JOSE, OTTILIE, WANG, IVANOV, BUDI = (name for name, _, _ in PEOPLE)


class Desk:
    """A workspace where each of the people has a chat, and what its lists give."""

    def __init__(self, core: Core, workspace: int, channels: list[int]) -> None:
        self.core, self.workspace, self.channels = core, workspace, channels

    async def index(self) -> None:
        """Keep the names of all."""
        while await self.core.search_index.step():
            pass

    async def contacts(self, filter_: dict[str, Any] | None = None, **more: Any) -> list[str]:
        """Names, page by page of two, and as many as the total says."""
        names: list[str] = []
        cursor = None
        while True:
            page = await self.core.contacts.list(
                self.workspace, filter_, limit=2, total=True, cursor=cursor, **{"sort": "name", **more}
            )
            names += [one.name for one in page.items]
            cursor = page.cursor
            if cursor is None:
                assert page.total == len(names)
                return names

    async def chats(self, search: str, **more: Any) -> list[str]:
        """Numbers of the chats, page by page of two, the most recent first."""
        peers: list[str] = []
        cursor = None
        while True:
            chosen = ChatFilter(search=search, **more)
            page = await self.core.chats.chats(
                self.workspace, chosen, limit=2, total=True, cursor=cursor, pinned_first=True
            )
            peers += [one.chat.peer for one in page.items]
            cursor = page.cursor
            if cursor is None:
                assert page.total == len(peers)
                return peers


@pytest.fixture
async def desk(core: Core, workspace: int) -> Desk:
    channels = [
        (await core.channels.create(workspace, name=name, engine="simulator", config=None)).id for name in ("A", "B")
    ]
    known = {WANG: {"username": "wang_ming"}, BUDI: {"bsuid": "US.13491208655302741918"}}
    for number, (name, phone, email) in enumerate(PEOPLE):
        await core.contacts.create(workspace, name=name, phone=phone, email=email, identities=known.get(name))
        if number % 2:
            # Begun from here: this chat knows its contact by the address alone.
            await core.messages.submit(
                Submission(workspace_id=workspace, channel_id=channels[1], peer=phone, content=Text(text="Hello"))
            )
        else:
            came = Incoming(
                provider_id=f"in-{phone}", chat=phone, sender=phone, content=Text(text="hi"), timestamp=now_ms(),
                identities={"phone": phone},
            )  # fmt: skip
            await core.intake.ingest(channels[0], workspace, "simulator", [came])
    return Desk(core, workspace, channels)


@pytest.fixture(params=["few", "many", "behind"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Few match; more match than are asked for by id; more names wait for the index than are compared."""
    if request.param == "many":
        monkeypatch.setattr(searching, "FEW", 0)
        monkeypatch.setattr(selection, "FEW", 0)
    if request.param == "behind":
        monkeypatch.setattr(find_names, "PENDING", 0)
    return str(request.param)


CONTACTS = {
    "o'hara": [JOSE], "ZEBRA": [JOSE, OTTILIE], "\u5c0f": [WANG], "\u0438\u0432\u0410\u043d": [IVANOV], "100%": [IVANOV],
    "+62 812-0000": [BUDI, JOSE, OTTILIE], "3812345": [WANG], "i": [BUDI, OTTILIE, WANG, IVANOV], "nobody": [], "00_": [],
    "wang_ming": [WANG], "@Wang": [WANG], "US.13491208655302741918": [BUDI],
}  # fmt: skip


async def test_contacts(desk: Desk, way: str) -> None:
    people = {one.name: one.id for one in (await desk.core.contacts.list(desk.workspace)).items}
    await desk.core.contacts.update(desk.workspace, people[JOSE], tags=["VIP"])
    for indexed in (False, True):
        if indexed:
            await desk.index()
            # One that is not in it as it is now.
            await desk.core.contacts.update(desk.workspace, people[BUDI], name="Budi Sr.")
            await desk.core.contacts.update(desk.workspace, people[BUDI], name="Budi")
        for q, names in CONTACTS.items():
            assert sorted(await desk.contacts(q=q)) == sorted(names), q
        assert await desk.contacts({"tags": ["VIP"]}, q="zebra") == [JOSE]
        assert await desk.contacts(q="zebra", descending=False) == [JOSE, OTTILIE]
        assert await desk.contacts(q="zebra", sort="created") == [OTTILIE, JOSE]
        if way != "behind" or indexed:
            # Case, width and accents do not count for what is in the index.
            assert await desk.contacts(q="jose o") == [JOSE]
        # A filter is a part of one field.
        assert await desk.contacts({"name": "zebra"}) == [OTTILIE]
        assert await desk.contacts({"email": "ZEBRA"}) == [JOSE]
        assert sorted(await desk.contacts({"phone": "20000"})) == sorted([BUDI, JOSE, OTTILIE])
        assert await desk.contacts({"phone": "20000", "name": "u"}) == [BUDI]
        assert await desk.contacts({"phone": "628120000005"}) == [BUDI]
        assert await desk.contacts({"phone": "5555"}) == []


async def test_chats(desk: Desk, way: str) -> None:
    for indexed in (False, True):
        if indexed:
            await desk.index()
        for search, people in {
            "zebrafink": [OTTILIE], "HARA": [JOSE], "\u738b": [WANG], "8120000": [BUDI, OTTILIE, JOSE], "nobody": [],
            "%": [IVANOV],
        }.items():  # fmt: skip
            phones = [phone for name, phone, _ in PEOPLE if name in people]
            assert sorted(await desk.chats(search)) == sorted(phones), search
        # The other filters hold beside it, and so does the channel of a caller.
        assert await desk.chats("8120000", channel_id=desk.channels[1]) == ["628120000002"]
        assert await desk.chats("8120000", archived=True) == []
        (ottilie,) = (await desk.core.chats.chats(desk.workspace, ChatFilter(search="zebrafink"))).items
        assert ottilie.contact is not None
        assert ottilie.contact.name == OTTILIE


async def test_another_workspace_finds_nothing(desk: Desk, way: str) -> None:
    await desk.index()
    other, _ = await desk.core.accounts.create_tenant("Another")
    elsewhere = Desk(desk.core, other.id, [])
    for q in ("zebrafink", "8120000", "i"):
        assert await elsewhere.contacts(q=q) == []
        assert await elsewhere.chats(q) == []
    assert await elsewhere.contacts({"phone": "8120000"}) == []
