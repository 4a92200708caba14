"""Contacts made, read, changed and deleted."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from sqlalchemy import func, select

from jackfield.core.contacts import ContactInput
from jackfield.core.ground.errors import Conflict, Invalid, NotFound
from jackfield.core.models import Channel, Chat, Contact, Identity, Message


async def test_made_with_all_that_can_be_said(core: Any, ws: int) -> None:
    made = await core.contacts.create(
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
    again = await core.contacts.get(ws, made.id)
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
    assert [event.type for event in core.told] == ["contact.created"]


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
async def test_phone_in_any_spelling(core: Any, ws: int, given: Any, digits: str) -> None:
    assert (await core.contacts.create(ws, phone=given)).phone == digits


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
async def test_wrong_input_names_its_field(core: Any, ws: int, wrong: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as caught:
        await core.contacts.create(ws, **wrong)
    assert field in caught.value.details
    assert await core.scalar(select(func.count()).select_from(Contact)) == 0


async def test_a_duplicate_is_refused_with_the_id(core: Any, ws: int) -> None:
    made = await core.contacts.create(ws, name="Asha", phone="919845012345")
    with pytest.raises(Conflict) as caught:
        await core.contacts.create(ws, name="Other", phone="+91 98450 12345")
    assert caught.value.code == "CONTACT_EXISTS"
    assert caught.value.details == {"id": made.id}


async def test_skip_overwrite_merge(core: Any, ws: int) -> None:
    first = await core.contacts.create(
        ws, name="Asha", phone="919845012345", tags=["A"], attributes={"City": "Pune"}, optin=False
    )

    def given(**more: Any) -> ContactInput:
        return ContactInput(phone="919845012345", **more)

    save = core.contacts.save
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


async def test_strict_knows_only_what_exists(core: Any, ws: int) -> None:
    await core.contacts.create(ws, name="A", tags=["VIP"], attributes={"City": "Pune"}, lists=["L"])
    for wrong in ({"tags": ["Nope"]}, {"attributes": {"Nope": "1"}}, {"lists": ["Nope"]}):
        with pytest.raises(Invalid) as caught:
            await core.contacts.create(ws, name="B", strict=True, **wrong)
        assert list(caught.value.details) == list(wrong)
    made = await core.contacts.create(ws, name="B", strict=True, tags=["vip"], attributes={"CITY": "Goa"}, lists=["l"])
    assert (made.tags, made.attributes, made.lists) == (["VIP"], {"City": "Goa"}, ["L"])
    with pytest.raises(Invalid):
        await core.contacts.update(ws, made.id, tags_to_add=["Nope"], strict=True)
    with pytest.raises(Invalid):
        await core.contacts.update(ws, made.id, attributes={"Nope": ""}, strict=True)


async def test_update_changes_what_is_given_and_no_more(core: Any, ws: int) -> None:
    made = await core.contacts.create(
        ws, name="Asha", phone="919845012345", tags=["A", "B"], attributes={"City": "Pune", "Age": "3"}, lists=["L"]
    )
    update = core.contacts.update
    changed = await update(ws, made.id, attributes={"city": "", "Team": "Red"}, tags_to_add=["C"], tags_to_remove=["a"])
    assert (changed.name, changed.phone) == ("Asha", "919845012345")
    assert (changed.tags, changed.attributes) == (["B", "C"], {"Age": "3", "Team": "Red"})
    changed = await update(ws, made.id, tags=["X"], optin=True, blocked=True, email="a@example.com", lists=["M"])
    assert (changed.tags, changed.lists) == (["X"], ["M"])
    assert (changed.optin, changed.blocked, changed.email) == (True, True, "a@example.com")
    changed = await update(ws, made.id, email=None, optin=None, tags=[], lists_to_add=["N"], lists_to_remove=["m"])
    assert (changed.email, changed.optin, changed.tags, changed.lists) == (None, None, [], ["N"])
    assert changed.updated_at >= made.updated_at


async def test_a_new_phone_frees_the_old_one(core: Any, ws: int) -> None:
    made = await core.contacts.create(ws, name="Asha", phone="919845012345")
    other = await core.contacts.create(ws, name="Bo", phone="4915111749965")
    with pytest.raises(Conflict) as caught:
        await core.contacts.update(ws, made.id, phone="4915111749965")
    assert caught.value.details == {"id": other.id}
    changed = await core.contacts.update(ws, made.id, phone="+49 151 11749966")
    assert (changed.phone, changed.country) == ("4915111749966", "DE")
    assert [(one.kind, one.value) for one in changed.identities] == [("phone", "4915111749966")]
    again = await core.contacts.create(ws, name="Somebody", phone="919845012345")
    assert again.id != made.id
    cleared = await core.contacts.update(ws, made.id, phone=None)
    assert (cleared.phone, cleared.identities) == (None, [])


async def test_deleted_is_gone_and_its_messages_stay(core: Any, ws: int) -> None:
    channel = await core.add(
        Channel(workspace_id=ws, name="L", engine="simulator", config="{}", settings={}, pacing={}, created_at=1)
    )
    kept = await core.contacts.create(ws, name="Kept", phone="4915111749965")
    made = await core.contacts.create(ws, name="Asha", phone="919845012345", tags=["A"], lists=["L"])

    def row(peer: str, contact: int) -> Message:
        return Message(
            workspace_id=ws, channel_id=channel, peer=peer, contact_id=contact, direction="in", state="received",
            created_at=1,
        )  # fmt: skip

    await core.add(row("919845012345", made.id))
    await core.add(row("1-2@g.us", made.id))
    await core.add(row("4915111749965", kept.id))
    await core.add(Chat(workspace_id=ws, channel_id=channel, peer="919845012345", contact_id=made.id, created_at=1))
    await core.contacts.delete(ws, made.id)
    with pytest.raises(NotFound) as caught:
        await core.contacts.get(ws, made.id)
    assert caught.value.code == "CONTACT_NOT_FOUND"
    with pytest.raises(NotFound):
        await core.contacts.delete(ws, made.id)
    assert await core.scalar(select(func.count()).select_from(Message)) == 3
    assert await core.scalar(select(func.count()).select_from(Identity)) == 1
    new = await core.contacts.create(ws, name="New", phone="4915111749977")
    assert await core.scalar(select(func.count()).where(Message.contact_id == new.id)) == 0, "nobody inherits messages"
    assert await core.scalar(select(func.count()).where(Message.contact_id == kept.id)) == 1


async def test_another_workspace_sees_nothing(core: Any, ws: int) -> None:
    made = await core.contacts.create(ws, name="Asha", phone="919845012345", tags=["A"], lists=["L"])
    foreign = await core.workspace("Other")
    for call in (
        core.contacts.get(foreign, made.id),
        core.contacts.update(foreign, made.id, name="X"),
        core.contacts.delete(foreign, made.id),
        core.contacts.add_tags(foreign, made.id, ["X"]),
        core.contacts.remove_tags(foreign, made.id, ["A"]),
    ):
        with pytest.raises(NotFound) as caught:
            await call
        assert caught.value.code == "CONTACT_NOT_FOUND"
    assert await core.contacts.get_many(foreign, [made.id]) == []
    assert await core.contacts.find(foreign, "phone", "919845012345") is None
    assert (await core.contacts.list(foreign)).items == []
    twin = await core.contacts.create(foreign, name="Asha", phone="919845012345", tags=["a"])
    assert (twin.tags, twin.lists) == (["a"], [])
    assert await core.contacts.get(ws, made.id) == made


@pytest.mark.parametrize("wrong", [0, -1, 2**63, "x", "", "1'; --", None, True])
async def test_ids_that_can_be_none(core: Any, ws: int, wrong: Any) -> None:
    with pytest.raises(NotFound):
        await core.contacts.get(ws, wrong)


async def test_find_by_any_spelling(core: Any, ws: int) -> None:
    made = await core.contacts.create(ws, phone="919845012345", identities={"username": "Asha"})
    assert (await core.contacts.find(ws, "phone", "098450-12345")).id == made.id
    assert (await core.contacts.find(ws, "username", "@ASHA")).id == made.id
    assert await core.contacts.find(ws, "phone", "919845012346") is None


async def test_two_who_create_the_same_make_one(core: Any, ws: int) -> None:
    answers = await asyncio.gather(
        *(core.contacts.create(ws, name=f"N{i}", phone="919845012345", tags=[f"T{i}", "All"]) for i in range(8)),
        return_exceptions=True,
    )
    assert sum(isinstance(one, Conflict) for one in answers) == 7
    merged = await asyncio.gather(
        *(
            core.contacts.save(
                ws, ContactInput(phone="4915111749965", tags=[f"T{i}", "New"], lists=["L"]), on_duplicate="merge"
            )
            for i in range(8)
        )
    )
    assert len({one.contact.id for one in merged}) == 1
    assert await core.scalar(select(func.count()).select_from(Contact)) == 2
    assert set((await core.contacts.get(ws, merged[0].contact.id)).tags) == {"New", *(f"T{i}" for i in range(8))}


async def test_many_at_once_each_with_its_own_answer(core: Any, ws: int) -> None:
    answers = await core.contacts.create_many(
        ws,
        [ContactInput(phone="919845012345"), ContactInput(phone="nope"), ContactInput(phone="+91 98450 12345")],
    )
    assert [getattr(one, "outcome", None) or one.code for one in answers] == ["created", "INVALID_PHONE", "skipped"]
