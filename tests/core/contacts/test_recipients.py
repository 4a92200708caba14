"""Contacts as messages reach them: by kind of identity, by several filters at once. On both databases."""

from __future__ import annotations

import pytest

from jackfield.core.contacts import ContactInput
from jackfield.core.ground.errors import Invalid

from .conftest import SmallCore


async def person(core: SmallCore, ws: int, name: str, telegram: str | None = None, **fields: object) -> int:
    identities = {"telegram": telegram} if telegram is not None else None
    saved = await core.contacts.save(ws, ContactInput(name=name, identities=identities, **fields))  # type: ignore[arg-type]
    return saved.contact.id


async def test_contacts_with_an_identity_of_a_kind_come_by_pages(core: SmallCore, ws: int) -> None:
    ids = [await person(core, ws, f"P{n}", telegram=str(1000 + n)) for n in range(3)]
    await person(core, ws, "Phone only", phone="+919800000001")
    page = await core.contacts.with_identity(ws, "telegram", limit=2)
    assert ([one.id for one in page.items], page.total) == ([ids[2], ids[1]], 3)
    assert page.cursor is not None
    page = await core.contacts.with_identity(ws, "telegram", limit=2, page=2)
    assert ([one.id for one in page.items], page.total, page.cursor) == ([ids[0]], 3, None)
    assert (await core.contacts.with_identity(ws + 1, "telegram")).items == []


async def test_recipients_match_every_filter_and_say_who_refuses(core: SmallCore, ws: int) -> None:
    ann = await person(core, ws, "Ann Lee", telegram="1", tags=["vip"], lists=["A"], phone="+919800000001")
    bob = await person(core, ws, "Bob", telegram="2", tags=["vip"], lists=["A"], optin=False)
    cat = await person(core, ws, "Cat", telegram="3", tags=["vip"], lists=["A"], blocked=True)
    await person(core, ws, "Dan", telegram="4", tags=["vip"])
    await person(core, ws, "Eve", tags=["vip"], lists=["A"], phone="+919800000002")
    filters = [{"tags": ["vip"]}, {"lists": ["A"]}]
    rows = await core.contacts.recipients(ws, filters, "telegram", limit=10)
    assert [(row.contact_id, row.address, row.refuses_marketing) for row in rows] == [
        (ann, "1", False),
        (bob, "2", True),
        (cat, "3", True),
    ]
    assert (rows[0].name, rows[0].phone) == ("Ann Lee", "919800000001")
    assert len(await core.contacts.recipients(ws, filters, "telegram", limit=2)) == 2
    assert [*await core.contacts.matching_ids(ws, filters, limit=2)] == [ann, bob]
    assert len(await core.contacts.matching_ids(ws, filters, limit=10)) == 4
    with pytest.raises(Invalid):
        await core.contacts.recipients(ws, [{"nonsense": 1}], "telegram", limit=10)


async def test_assignments_say_which_contact_has_which_tag(core: SmallCore, ws: int) -> None:
    red = await core.contacts.tags.create(ws, "Red", color="#f00")
    blue = await core.contacts.tags.create(ws, "Blue")
    ann = await person(core, ws, "Ann", tags=["Red", "Blue"], phone="+919800000001")
    bob = await person(core, ws, "Bob", tags=["Red"], phone="+919800000002")
    page = await core.contacts.tags.assignments(ws, limit=2)
    assert [(one.tag_id, one.contact_id, one.name, one.color) for one in page.items] == [
        (red.id, ann, "Red", "#f00"),
        (red.id, bob, "Red", "#f00"),
    ]
    assert page.cursor is not None
    rest = await core.contacts.tags.assignments(ws, limit=2, page=2)
    assert [(one.tag_id, one.contact_id) for one in rest.items] == [(blue.id, ann)]
    assert rest.cursor is None
    assert len((await core.contacts.tags.assignments(ws, contact_id=bob)).items) == 1
    assert (await core.contacts.tags.assignments(ws + 1)).items == []
