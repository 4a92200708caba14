"""Contacts without a phone number, which no file of contacts holds: made once by the native API."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from jackfield.cli._local import Local
from jackfield.core import Core
from jackfield.moving import Batch, Mover, Person, Report, State
from jackfield.moving.pabbly import Pabbly
from jackfield.moving.records import Labels, Template

PEOPLE = [
    Person(id="a", name="Asha", email="shared@example.com", tags=["vip"], optin=False),
    Person(id="b", name="Budi", email="shared@example.com"),
    Person(id="c", identities={"telegram": ["12345678"]}, attributes={"city": "Pune"}),
    Person(id="d", name="Nobody can reach them"),
    Person(id="e", phone="+62812340000001"),
]


class Book(Pabbly):
    """Somebody's address book, already read."""

    async def labels(self) -> Labels:
        return Labels()

    async def templates(self) -> list[Template]:
        return []

    async def people(self, cursor: str | None) -> AsyncIterator[Batch[Person]]:
        yield Batch(rows=PEOPLE, cursor="1")


@asynccontextmanager
async def nothing_to_connect(_: str) -> AsyncIterator[str | None]:
    """There is no template that a channel would be needed for."""
    yield None


async def test_they_come_once(lite: Core, tmp_path: Path) -> None:
    made = await lite.accounts.bootstrap("Test", "owner@example.com", "correct horse battery", "test-key-0123456789")
    assert made is not None

    async def move() -> Report:
        state = State(tmp_path / "state.json", "http://book")
        mover = Mover(Book("http://book", "key"), Local(lite, made.workspace_id), state, ready=nothing_to_connect)
        try:
            return await mover.run()
        finally:
            state.close()

    first, second = await move(), await move()
    counts = first.of("contacts"), second.of("contacts")
    assert [(one.created, one.known, one.refused) for one in counts] == [(4, 0, 1), (0, 4, 1)]
    assert [one.id for one in first.refusals] == ["d"]
    rows = (await lite.contacts.list(made.workspace_id)).items
    assert {(one.name, one.email, one.phone) for one in rows} == {
        ("Asha", "shared@example.com", None),
        ("Budi", "shared@example.com", None),
        ("", None, None),
        ("", None, "62812340000001"),
    }
    (asha,) = [one for one in rows if one.name == "Asha"]
    assert (asha.tags, asha.optin) == (["vip"], False)
