"""Contacts made, read, changed and deleted."""

from __future__ import annotations

import asyncio
import io
from typing import Any

import pytest
from sqlalchemy import func, select

from jackfield.core.contacts import ContactInput
from jackfield.core.contacts.people.merging import saw
from jackfield.core.ground.errors import Conflict, Invalid, NotFound
from jackfield.core.models import Channel, Chat, Contact, Identity, Message


async def test_made_with_all_that_can_be_said(small: Any, ws: int) -> None:
    made = await small.contacts.create(
        ws,
        name="  Asha   Rao ",
        phone="+91 98450 12345",
        email="Asha@Example.COM",
        tags=["VIP", "vip", "Leads"],
        attributes={"City": "Pune", "age": 31, "Empty": ""},
        lists=["Spring"],
        optin=True,
        identities={"telegram": "77", "username": "@AshaR"},
    )
    again = await small.contacts.get(ws, made.id)
    assert again == made
    assert (made.name, made.phone, made.email, made.country) == ("Asha Rao", "919845012345", "asha@example.com", "IN")
    assert made.tags == ["Leads", "VIP"]
    assert made.attributes == {"City": "Pune", "age": "31"}
    assert made.lists == ["Spring"]
    assert [(one.kind, one.value) for one in made.identities] == [
        ("phone", "919845012345"),
        ("telegram", "77"),
        ("username", "ashar"),
    ]
    assert [event.type for event in small.told] == ["contact.created"]


@pytest.mark.parametrize(
    ("given", "digits"),
    [
        ("098450 12345", "919845012345"),
        ("9845012345", "919845012345"),
        ("+49 (151) 1174-9965", "4915111749965"),
        ("004915111749965", "4915111749965"),
        ("4915111749965", "4915111749965"),
        ("628123456789@c.us", "628123456789"),
        (919845012345, "919845012345"),
        ("15550001111", "15550001111"),
    ],
)
async def test_phone_in_any_spelling(small: Any, ws: int, given: Any, digits: str) -> None:
    assert (await small.contacts.create(ws, phone=given)).phone == digits


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"phone": "call me"}, "phone"),
        ({"phone": "+999 555 010 010"}, "phone"),
        ({"phone": True}, "phone"),
        ({"phone": {"a": 1}}, "phone"),
        ({"name": "a\0b"}, "name"),
        ({"name": "x" * 201}, "name"),
        ({"name": 7}, "name"),
        ({"name": "A", "email": "nobody"}, "email"),
        ({"name": "A", "tags": "VIP"}, "tags"),
        ({"name": "A", "tags": ["a\0"]}, "tags"),
        ({"name": "A", "tags": [None]}, "tags"),
        ({"name": "A", "tags": [str(i) for i in range(101)]}, "tags"),
        ({"name": "A", "lists": [12345]}, "lists"),
        ({"name": "A", "lists": [2**70]}, "lists"),
        ({"name": "A", "attributes": ["a"]}, "attributes"),
        ({"name": "A", "attributes": {"a": {"b": 1}}}, "attributes.a"),
        ({"name": "A", "attributes": {"a": "\ud800"}}, "attributes.a"),
        ({"name": "A", "attributes": {"a": "x" * 2001}}, "attributes.a"),
        ({"name": "A", "optin": "yes"}, "optin"),
        ({"name": "A", "country": "XX"}, "country"),
        ({"name": "A", "identities": {"fax": "1"}}, "identities"),
        ({"name": "A", "identities": {"lid": 1.5}}, "identities.lid"),
        ({}, "phone"),
    ],
)
async def test_wrong_input_names_its_field(small: Any, ws: int, wrong: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as caught:
        await small.contacts.create(ws, **wrong)
    assert field in caught.value.details
    assert await small.scalar(select(func.count()).select_from(Contact)) == 0


async def test_a_duplicate_is_refused_with_the_id(small: Any, ws: int) -> None:
    made = await small.contacts.create(ws, name="Asha", phone="919845012345")
    with pytest.raises(Conflict) as caught:
        await small.contacts.create(ws, name="Other", phone="+91 98450 12345")
    assert caught.value.code == "CONTACT_EXISTS"
    assert caught.value.details == {"id": made.id}


async def test_skip_overwrite_merge(small: Any, ws: int) -> None:
    first = await small.contacts.create(
        ws, name="Asha", phone="919845012345", tags=["A"], attributes={"City": "Pune"}, optin=False
    )

    def given(**more: Any) -> ContactInput:
        return ContactInput(phone="919845012345", **more)

    save = small.contacts.save
    skipped = await save(ws, given(name="X", tags=["S"]), on_duplicate="skip")
    assert (skipped.outcome, skipped.contact) == ("skipped", first)
    merged = await save(
        ws,
        given(name="Y", email="y@example.com", tags=["B"], attributes={"city": "Goa", "Team": "Red"}, optin=True),
        on_duplicate="merge",
    )
    assert merged.outcome == "merged"
    assert (merged.contact.name, merged.contact.email) == ("Asha", "y@example.com")
    assert (merged.contact.tags, merged.contact.attributes) == (["A", "B"], {"City": "Pune", "Team": "Red"})
    assert merged.contact.optin is False, "a merge takes no refusal back"
    over = await save(ws, given(name="Z", tags=["C"], attributes={"CITY": "Goa"}, optin=True), on_duplicate="overwrite")
    assert over.outcome == "overwritten"
    assert (over.contact.name, over.contact.email, over.contact.optin) == ("Z", "y@example.com", True)
    assert (over.contact.tags, over.contact.attributes) == (["C"], {"City": "Goa", "Team": "Red"})
    assert over.contact.id == first.id
    with pytest.raises(Invalid):
        await save(ws, given(), on_duplicate="replace")


async def test_strict_knows_only_what_exists(small: Any, ws: int) -> None:
    await small.contacts.create(ws, name="A", tags=["VIP"], attributes={"City": "Pune"}, lists=["L"])
    for wrong in ({"tags": ["Nope"]}, {"attributes": {"Nope": "1"}}, {"lists": ["Nope"]}):
        with pytest.raises(Invalid) as caught:
            await small.contacts.create(ws, name="B", strict=True, **wrong)
        assert list(caught.value.details) == list(wrong)
    made = await small.contacts.create(ws, name="B", strict=True, tags=["vip"], attributes={"CITY": "Goa"}, lists=["l"])
    assert (made.tags, made.attributes, made.lists) == (["VIP"], {"City": "Goa"}, ["L"])
    with pytest.raises(Invalid):
        await small.contacts.update(ws, made.id, tags_to_add=["Nope"], strict=True)
    with pytest.raises(Invalid):
        await small.contacts.update(ws, made.id, attributes={"Nope": ""}, strict=True)


async def test_update_changes_what_is_given_and_no_more(small: Any, ws: int) -> None:
    made = await small.contacts.create(
        ws, name="Asha", phone="919845012345", tags=["A", "B"], attributes={"City": "Pune", "Age": "3"}, lists=["L"]
    )
    update = small.contacts.update
    changed = await update(ws, made.id, attributes={"city": "", "Team": "Red"}, tags_to_add=["C"], tags_to_remove=["a"])
    assert (changed.name, changed.phone) == ("Asha", "919845012345")
    assert (changed.tags, changed.attributes) == (["B", "C"], {"Age": "3", "Team": "Red"})
    changed = await update(ws, made.id, tags=["X"], optin=True, blocked=True, email="a@example.com", lists=["M"])
    assert (changed.tags, changed.lists) == (["X"], ["M"])
    assert (changed.optin, changed.blocked, changed.email) == (True, True, "a@example.com")
    changed = await update(ws, made.id, email=None, optin=None, tags=[], lists_to_add=["N"], lists_to_remove=["m"])
    assert (changed.email, changed.optin, changed.tags, changed.lists) == (None, None, [], ["N"])
    assert changed.updated_at >= made.updated_at


async def test_a_new_phone_frees_the_old_one(small: Any, ws: int) -> None:
    made = await small.contacts.create(ws, name="Asha", phone="919845012345")
    other = await small.contacts.create(ws, name="Bo", phone="4915111749965")
    with pytest.raises(Conflict) as caught:
        await small.contacts.update(ws, made.id, phone="4915111749965")
    assert caught.value.details == {"id": other.id}
    changed = await small.contacts.update(ws, made.id, phone="+49 151 11749966")
    assert (changed.phone, changed.country) == ("4915111749966", "DE")
    assert [(one.kind, one.value) for one in changed.identities] == [("phone", "4915111749966")]
    again = await small.contacts.create(ws, name="Somebody", phone="919845012345")
    assert again.id != made.id
    cleared = await small.contacts.update(ws, made.id, phone=None)
    assert (cleared.phone, cleared.identities) == (None, [])


async def test_deleted_is_gone_and_its_messages_stay(small: Any, ws: int) -> None:
    channel = await small.add(
        Channel(workspace_id=ws, name="L", engine="simulator", config="{}", settings={}, pacing={}, created_at=1)
    )
    kept = await small.contacts.create(ws, name="Kept", phone="4915111749965")
    made = await small.contacts.create(ws, name="Asha", phone="919845012345", tags=["A"], lists=["L"])

    def row(peer: str, contact: int) -> Message:
        return Message(
            workspace_id=ws, channel_id=channel, peer=peer, contact_id=contact, direction="in", state="received",
            created_at=1,
        )  # fmt: skip

    await small.add(row("919845012345", made.id))
    await small.add(row("1-2@g.us", made.id))
    await small.add(row("4915111749965", kept.id))
    await small.add(Chat(workspace_id=ws, channel_id=channel, peer="919845012345", contact_id=made.id, created_at=1))
    await small.contacts.delete(ws, made.id)
    with pytest.raises(NotFound) as caught:
        await small.contacts.get(ws, made.id)
    assert caught.value.code == "CONTACT_NOT_FOUND"
    with pytest.raises(NotFound):
        await small.contacts.delete(ws, made.id)
    assert await small.scalar(select(func.count()).select_from(Message)) == 3
    assert await small.scalar(select(func.count()).select_from(Identity)) == 1
    new = await small.contacts.create(ws, name="New", phone="4915111749977")
    assert await small.scalar(select(func.count()).where(Message.contact_id == new.id)) == 0, "nobody inherits messages"
    assert await small.scalar(select(func.count()).where(Message.contact_id == kept.id)) == 1


async def test_another_workspace_sees_nothing(small: Any, ws: int) -> None:
    made = await small.contacts.create(ws, name="Asha", phone="919845012345", tags=["A"], lists=["L"])
    foreign = await small.workspace("Other")
    for call in (
        small.contacts.get(foreign, made.id),
        small.contacts.update(foreign, made.id, name="X"),
        small.contacts.delete(foreign, made.id),
        small.contacts.add_tags(foreign, made.id, ["X"]),
        small.contacts.remove_tags(foreign, made.id, ["A"]),
    ):
        with pytest.raises(NotFound) as caught:
            await call
        assert caught.value.code == "CONTACT_NOT_FOUND"
    assert await small.contacts.get_many(foreign, [made.id]) == []
    assert await small.contacts.find(foreign, "phone", "919845012345") is None
    assert (await small.contacts.list(foreign)).items == []
    twin = await small.contacts.create(foreign, name="Asha", phone="919845012345", tags=["a"])
    assert (twin.tags, twin.lists) == (["a"], [])
    assert await small.contacts.get(ws, made.id) == made


@pytest.mark.parametrize("wrong", [0, -1, 2**63, "x", "", "1'; --", None, True])
async def test_ids_that_can_be_none(small: Any, ws: int, wrong: Any) -> None:
    with pytest.raises(NotFound):
        await small.contacts.get(ws, wrong)


async def test_find_by_any_spelling(small: Any, ws: int) -> None:
    made = await small.contacts.create(ws, phone="919845012345", identities={"username": "Asha"})
    assert (await small.contacts.find(ws, "phone", "098450-12345")).id == made.id
    assert (await small.contacts.find(ws, "username", "@ASHA")).id == made.id
    assert await small.contacts.find(ws, "phone", "919845012346") is None


async def test_two_who_create_the_same_make_one(small: Any, ws: int) -> None:
    answers = await asyncio.gather(
        *(small.contacts.create(ws, name=f"N{i}", phone="919845012345", tags=[f"T{i}", "All"]) for i in range(8)),
        return_exceptions=True,
    )
    assert sum(isinstance(one, Conflict) for one in answers) == 7
    merged = await asyncio.gather(
        *(
            small.contacts.save(
                ws, ContactInput(phone="4915111749965", tags=[f"T{i}", "New"], lists=["L"]), on_duplicate="merge"
            )
            for i in range(8)
        )
    )
    assert len({one.contact.id for one in merged}) == 1
    assert await small.scalar(select(func.count()).select_from(Contact)) == 2
    assert set((await small.contacts.get(ws, merged[0].contact.id)).tags) == {"New", *(f"T{i}" for i in range(8))}


async def test_many_at_once_each_with_its_own_answer(small: Any, ws: int) -> None:
    answers = await small.contacts.create_many(
        ws,
        [ContactInput(phone="919845012345"), ContactInput(phone="nope"), ContactInput(phone="+91 98450 12345")],
    )
    assert [getattr(one, "outcome", None) or one.code for one in answers] == ["created", "INVALID_PHONE", "skipped"]


async def test_an_id_is_never_given_twice(small: Any, ws: int) -> None:
    first = await small.contacts.create(ws, phone="+919845012345")
    newest = await small.contacts.create(ws, phone="+919845012346")
    await small.contacts.delete(ws, newest.id)
    await small.contacts.import_file(ws, io.BytesIO(b"phone\n+919845012347\n+919845012348\n"))
    imported = [(await small.contacts.find(ws, "phone", f"91984501234{last}")).id for last in (7, 8)]
    assert len({first.id, newest.id, *imported}) == 4
    await small.contacts.delete(ws, imported[-1])
    again = await small.contacts.create(ws, phone="+919845012349")
    assert again.id not in {first.id, newest.id, *imported}


@pytest.mark.parametrize("times", [(9_000, 2_000), (2_000, 9_000), (0, 9_000)])
async def test_last_seen_never_goes_back(small: Any, ws: int, times: tuple[int, int]) -> None:
    """A phone's history arrives after the messages of today, in one batch with them or later."""
    one = await small.contacts.create(ws, phone="+919845012345")
    for at in times:
        async with small.unit() as unit:
            await saw(unit, [(one.id, at)])
    assert (await small.contacts.get(ws, one.id)).last_seen_at == 9_000
    async with small.unit() as unit:
        await saw(unit, [(one.id, 9_500), (one.id, 9_200)])
    assert (await small.contacts.get(ws, one.id)).last_seen_at == 9_500
