"""Two contacts that are one: nothing that hung on either is lost; and who is never taken for one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from jackfield.core.contacts import Person
from jackfield.core.contacts.columns import combined
from jackfield.core.contacts.people import merging
from jackfield.core.contacts.people.resolve import resolve
from jackfield.core.ground.errors import Invalid, NotFound
from jackfield.core.models import (
    AutomationRun,
    Channel,
    Chat,
    ChatSurvey,
    Contact,
    ContactMerge,
    ContactNote,
    Identity,
    Message,
)
from jackfield.db.base import Base


async def meet(small: Any, ws: int, create: bool = True, name: str | None = None, **identities: str) -> Any:
    async with small.unit() as unit:
        (known,) = await resolve(unit, [Person(workspace_id=ws, identities=identities, name=name)], create=create)
    return known


def test_every_table_that_a_contact_would_take_along_is_moved_by_a_merge() -> None:
    """The loser's row is deleted at the end, and takes what still hangs on it with it."""
    taken = {
        table.name
        for table in Base.metadata.sorted_tables
        for key in table.foreign_keys
        if key.column.table is Contact.__table__ and key.ondelete == "CASCADE"
    }
    moved = {*merging._OWNED, *(model for model, _ in merging._LABELLED), ContactMerge, AutomationRun}
    assert ChatSurvey.__tablename__ in taken
    assert taken <= {model.__tablename__ for model in moved}


async def test_merged_by_hand_with_history(small: Any, ws: int) -> None:
    channel = await small.add(
        Channel(workspace_id=ws, name="L", engine="simulator", config="{}", settings={}, pacing={}, created_at=1)
    )
    winner = await small.contacts.create(
        ws, name="Asha", phone="919845012345", tags=["A", "B"], lists=["L"], attributes={"City": "Pune"}, optin=True
    )
    loser = await small.contacts.create(
        ws, name="A. Rao", email="a@example.com", tags=["b", "C"], lists=["L", "M"], optin=False,
        attributes={"City": "Goa", "Team": "Red"}, identities={"lid": "777", "phone": "4915111749965"},
    )  # fmt: skip
    older = await small.contacts.create(ws, name="Older", phone="4915111749966")
    await small.contacts.merge(ws, loser.id, older.id, reason="before")
    for peer in ("4915111749965", "777@lid"):
        chat = await small.add(Chat(workspace_id=ws, channel_id=channel, peer=peer, contact_id=loser.id, created_at=1))
        await small.add(
            Message(workspace_id=ws, channel_id=channel, peer=peer, contact_id=loser.id, state="sent", created_at=1)
        )
    await small.add(ContactNote(workspace_id=ws, contact_id=loser.id, text="note", created_at=1))
    rated = {"chat_id": chat, "contact_id": loser.id, "channel_id": channel, "scale": "stars", "rating": 5}
    await small.add(ChatSurvey(workspace_id=ws, created_at=1, **rated))
    one = await small.contacts.merge(ws, winner.id, loser.id)
    assert (one.id, one.name, one.email, one.optin) == (winner.id, "Asha", "a@example.com", False)
    assert (one.tags, one.lists) == (["A", "B", "C"], ["L", "M"])
    assert one.attributes == {"City": "Pune", "Team": "Red"}
    assert {(item.kind, item.value) for item in one.identities} == {
        ("phone", "919845012345"), ("lid", "777"), ("phone", "4915111749965"), ("phone", "4915111749966"),
    }  # fmt: skip
    for table in (Message, Chat, ContactNote, ChatSurvey):
        owners = {row[0] for row in await small.rows(select(table.contact_id))}
        assert owners == {winner.id}, table
    history = await small.contacts.history(ws, winner.id)
    assert [(item.merged_id, item.reason) for item in history] == [(loser.id, "by hand"), (older.id, "before")]
    assert history[0].data["name"] == "A. Rao"
    with pytest.raises(NotFound):
        await small.contacts.get(ws, loser.id)
    with pytest.raises(Invalid):
        await small.contacts.merge(ws, winner.id, winner.id)
    foreign = await small.workspace("Other")
    theirs = await small.contacts.create(foreign, name="X")
    for call in (
        small.contacts.merge(ws, winner.id, theirs.id),
        small.contacts.merge(foreign, theirs.id, winner.id),
        small.contacts.merge(foreign, winner.id, theirs.id),
        small.contacts.history(foreign, winner.id),
    ):
        with pytest.raises(NotFound):
            await call


async def test_a_change_of_phone_is_history(small: Any, ws: int) -> None:
    made = await small.contacts.create(ws, name="Asha", phone="919845012345")
    await small.contacts.update(ws, made.id, phone="4915111749965")
    (entry,) = await small.contacts.history(ws, made.id)
    assert (entry.merged_id, entry.data, entry.reason) == (None, {"phone": "919845012345"}, "phone changed")


async def test_the_new_phone_stays_the_first(small: Any, ws: int) -> None:
    made = await small.contacts.create(ws, identities={"phone": ["919845012345", "919845012346"]})
    changed = await small.contacts.update(ws, made.id, phone="4915111749965")
    assert [one.value for one in changed.identities] == ["4915111749965", "919845012346"]
    changed = await small.contacts.update(ws, made.id, phone="919845012346")
    assert [one.value for one in changed.identities] == ["919845012346"]
    more = await small.contacts.create(ws, identities={"phone": ["15550001111", "15550001112"]})
    assert (await small.contacts.update(ws, more.id, phone=None)).phone == "15550001112"


async def test_identities_meet_in_a_message(small: Any, ws: int) -> None:
    by_phone = await meet(small, ws, phone="919845012345", name="Asha")
    by_lid = await meet(small, ws, lid="777")
    assert by_phone.id != by_lid.id
    one = await meet(small, ws, phone="919845012345", lid="777")
    assert one.id == by_phone.id
    assert await small.scalar(select(func.count()).select_from(Contact)) == 1
    assert await meet(small, ws, create=False, lid="888") is None
    assert (await meet(small, ws, create=False, lid="777")).id == one.id


async def test_a_user_name_that_changed_hands_merges_nobody(small: Any, ws: int) -> None:
    first = await meet(small, ws, telegram="1", username="asha")
    second = await meet(small, ws, telegram="2", username="Asha")
    assert second.id != first.id
    assert [(row.contact_id, row.value) for row in await small.rows(
        select(Identity.contact_id, Identity.value).where(Identity.kind == "username")
    )] == [(second.id, "asha")]  # fmt: skip
    # Both known, and the name goes back.
    third = await meet(small, ws, telegram="1", username="@ASHA")
    assert third.id == first.id
    assert await small.scalar(select(func.count()).select_from(Contact)) == 2
    # Known by nothing but the name so far: the same person.
    imported = await small.contacts.create(ws, name="Bo", identities={"username": "bo"})
    assert (await meet(small, ws, telegram="3", username="Bo")).id == imported.id


async def test_many_meet_one_new_person_at_once(small: Any, ws: int) -> None:
    known = await asyncio.gather(
        *(meet(small, ws, phone="919845012345", lid="777") for _ in range(6)),
        *(meet(small, ws, phone="919845012345") for _ in range(6)),
        small.contacts.create(ws, phone="919845012345", on_duplicate="merge"),
    )
    assert len({one.id for one in known}) == 1
    assert await small.scalar(select(func.count()).select_from(Contact)) == 1


async def test_several_people_in_one_batch(small: Any, ws: int) -> None:
    async with small.unit() as unit:
        known = await resolve(
            unit,
            [
                Person(workspace_id=ws, identities={"phone": "1"}),
                Person(workspace_id=ws, identities={"lid": "2"}),
                Person(workspace_id=ws, identities={"phone": "1", "lid": "2"}),
                Person(workspace_id=ws, identities={}),
                Person(workspace_id=ws, identities={"phone": "1"}, name="Asha"),
            ],
        )
    assert known[3] is None
    assert known[2].id == known[0].id == known[4].id
    assert await small.scalar(select(func.count()).select_from(Contact)) == 1
    assert await small.scalar(select(Contact.name)) == "Asha"


@given(answers=st.lists(st.sampled_from([True, False, None]), max_size=6))
def test_a_refusal_holds_in_any_order(answers: list[bool | None]) -> None:
    result: bool | None = None
    for one in answers:
        result = combined("optin", result, one)
    assert result == (False if False in answers else True if True in answers else None)


kinds = st.dictionaries(
    st.sampled_from(["phone", "lid", "bsuid", "telegram"]), st.sampled_from(["1", "2", "3"]), min_size=1, max_size=3
)


@pytest.mark.slow
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(meetings=st.lists(kinds, min_size=1, max_size=8), cuts=st.sets(st.integers(1, 7)))
def test_who_is_one_does_not_depend_on_order_or_batches(
    tmp_path_factory: pytest.TempPathFactory,
    small_core: Callable[[Path], Any],
    meetings: list[dict[str, str]],
    cuts: set[int],
) -> None:
    """Contacts are the connected components of identities that were seen together, however they came in."""
    asyncio.run(_components(small_core(tmp_path_factory.mktemp("p")), meetings, cuts))


async def _components(small: Any, meetings: list[dict[str, str]], cuts: set[int]) -> None:
    ws = await small.workspace()
    batch: list[Person] = []
    for i, identities in enumerate(meetings):
        batch.append(Person(workspace_id=ws, identities=identities, name=f"N{i}"))
        if i + 1 in cuts or i + 1 == len(meetings):
            async with small.unit() as unit:
                await resolve(unit, batch)
            batch = []
    groups: list[set[tuple[str, str]]] = []
    for identities in meetings:
        pairs = set(identities.items())
        touching = [group for group in groups if group & pairs]
        groups = [group for group in groups if not group & pairs] + [pairs.union(*touching)]
    rows = await small.rows(select(Identity.contact_id, Identity.kind, Identity.value))
    found: dict[int, set[tuple[str, str]]] = {}
    for row in rows:
        found.setdefault(row.contact_id, set()).add((row.kind, row.value))
    assert sorted(map(sorted, found.values())) == sorted(map(sorted, groups))
    assert {row.id for row in await small.rows(select(Contact.id))} == set(found)
    names = {row.name for row in await small.rows(select(Contact.name))}
    assert "" not in names
    await small.db.close()
