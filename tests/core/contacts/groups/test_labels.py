"""Lists, tags, attributes, segments and suppressions."""

from __future__ import annotations

import io
from typing import Any

import pytest
from sqlalchemy import func, select

from jackfield.core.contacts.groups import labels as labels_module
from jackfield.core.ground.errors import Conflict, Invalid, NotFound
from jackfield.core.models import Contact, ContactAttribute, ContactListMember, ContactTag, Suppression

NAMES = ("lists", "tags", "attributes")


@pytest.mark.parametrize("name", NAMES)
async def test_made_found_renamed_deleted(small: Any, ws: int, name: str) -> None:
    service = getattr(small.contacts, name)
    word = service.word.upper()
    made = await service.create(ws, "  Spring   Sale ")
    assert (made.name, made.contacts) == ("Spring Sale", 0)
    with pytest.raises(Conflict) as caught:
        await service.create(ws, "spring SALE")
    assert (caught.value.code, caught.value.details) == (f"{word}_EXISTS", {"id": made.id})
    assert (await service.create(ws, "SPRING sale", exist_ok=True)).id == made.id
    other = await service.create(ws, "Other")
    with pytest.raises(Conflict):
        await service.rename(ws, other.id, "Spring sale")
    assert (await service.rename(ws, made.id, "SPRING SALE")).name == "SPRING SALE"
    assert (await service.find(ws, "spring sale")).id == made.id
    assert await service.find(ws, "nope") is None
    page = await service.list(ws, limit=1, total=True)
    assert ([one.name for one in page.items], page.total) == (["SPRING SALE"], 2)
    assert [one.name for one in (await service.list(ws, cursor=page.cursor)).items] == ["Other"]
    assert [one.name for one in (await service.list(ws, q="sPrInG")).items] == ["SPRING SALE"]
    assert [one.name for one in await service.all(ws)] == ["Other", "SPRING SALE"]
    await service.delete(ws, made.id)
    with pytest.raises(NotFound) as missing:
        await service.get(ws, made.id)
    assert missing.value.code == f"{word}_NOT_FOUND"


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("wrong", ["", "  ", "a\0b", "x" * 101, None, 7])
async def test_names_that_will_not_do(small: Any, ws: int, name: str, wrong: Any) -> None:
    with pytest.raises(Invalid):
        await getattr(small.contacts, name).create(ws, wrong)


@pytest.mark.parametrize("name", NAMES)
async def test_another_workspace_has_its_own_names(small: Any, ws: int, name: str) -> None:
    service = getattr(small.contacts, name)
    made = await service.create(ws, "Mine")
    foreign = await small.workspace("Other")
    for call in (
        service.get(foreign, made.id),
        service.rename(foreign, made.id, "X"),
        service.update(foreign, made.id, name="X") if name != "lists" else service.get(foreign, made.id),
        service.delete(foreign, made.id),
    ):
        with pytest.raises(NotFound):
            await call
    assert await service.all(foreign) == []
    assert await service.find(foreign, "Mine") is None
    assert (await service.list(foreign, counts=True, total=True)).total == 0
    assert (await service.create(foreign, "mine")).id != made.id
    assert (await service.get(ws, made.id)).name == "Mine"


async def test_what_only_some_have(small: Any, ws: int) -> None:
    tag = await small.contacts.tags.create(ws, "T", color="#ff0000")
    assert (await small.contacts.tags.update(ws, tag.id, color="blue")).color == "blue"
    attribute = await small.contacts.attributes.create(ws, "Age", kind="number")
    assert (await small.contacts.attributes.update(ws, attribute.id, kind="text")).kind == "text"
    with pytest.raises(Invalid):
        await small.contacts.attributes.create(ws, "B", kind="colour")


async def test_members(small: Any, ws: int) -> None:
    lists = small.contacts.lists
    made = await lists.create(ws, "L")
    ids = [(await small.contacts.create(ws, name=f"C{i}", tags=["T"] if i else [])).id for i in range(4)]
    assert await lists.add_members(ws, made.id, ids[:2]) == 2
    assert await lists.add_members(ws, made.id, ids[:3]) == 1
    assert (await lists.get(ws, made.id)).contacts == 3
    assert await lists.remove_members(ws, made.id, [ids[0], ids[3]]) == 1
    assert await lists.add_matching(ws, made.id, {"tags": ["t"]}) == 1
    assert {view.id for view in (await small.contacts.list(ws, {"lists": [made.id]})).items} == set(ids[1:])
    foreign = await small.workspace("Other")
    theirs = await small.contacts.create(foreign, name="X")
    with pytest.raises(NotFound) as caught:
        await lists.add_members(ws, made.id, [theirs.id])
    assert caught.value.code == "CONTACT_NOT_FOUND"
    for call in (lists.add_members, lists.remove_members):
        with pytest.raises(NotFound):
            await call(foreign, made.id, [theirs.id])
    with pytest.raises(NotFound):
        await lists.add_matching(foreign, made.id, {})
    assert (await lists.list(ws, counts=True)).items[0].contacts == 3


async def test_deleted_in_steps(small: Any, ws: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(labels_module, "CHUNK", 3)
    for i in range(8):
        await small.contacts.create(ws, name=f"C{i}", tags=["T", "Kept"], lists=["L"], attributes={"A": str(i)})
    for service, table in (("tags", ContactTag), ("lists", ContactListMember), ("attributes", ContactAttribute)):
        view = await getattr(small.contacts, service).find(ws, {"tags": "T", "lists": "L", "attributes": "A"}[service])
        await getattr(small.contacts, service).delete(ws, view.id)
        left = await small.scalar(select(func.count()).select_from(table))
        assert left == (8 if service == "tags" else 0)
    assert await small.scalar(select(func.count()).select_from(Contact)) == 8


async def test_tagged_by_filter_in_steps(small: Any, ws: int, monkeypatch: pytest.MonkeyPatch) -> None:
    from jackfield.core.contacts.groups import bulk

    monkeypatch.setattr(bulk, "CHUNK", 3)
    for i in range(10):
        await small.contacts.create(ws, name=f"C{i}", tags=["Even"] if i % 2 == 0 else ["Odd"])
    foreign = await small.workspace("Other")
    theirs = await small.contacts.create(foreign, name="C", tags=["Even"])
    assert await small.contacts.tag_all(ws, {"tags": ["even"]}, add=["New"], remove=["EVEN"]) == 5
    assert (await small.contacts.list(ws, {"tags": ["New"]}, total=True)).total == 5
    assert (await small.contacts.list(ws, {"tags": ["Even"]}, total=True)).total == 0
    assert (await small.contacts.list(ws, {"not_tags": ["New"]}, total=True)).total == 5
    assert (await small.contacts.get(foreign, theirs.id)).tags == ["Even"]
    with pytest.raises(Invalid):
        await small.contacts.tag_all(ws, {}, add=["Unknown"], strict=True)
    with pytest.raises(Invalid):
        await small.contacts.tag_all(ws, {"nope": 1}, add=["X"])


async def test_segments(small: Any, ws: int) -> None:
    segments = small.contacts.segments
    for i in range(5):
        await small.contacts.create(ws, name=f"C{i}", attributes={"City": "Pune" if i < 3 else "Goa"})
    made = await segments.create(ws, "Pune people", {"attributes": {"city": "Pune"}})
    assert (await segments.get(ws, made.id)).contacts == 3
    assert (await segments.preview(ws, made.filter, limit=2)).count == 3
    assert len((await segments.preview(ws, made.filter, limit=2)).contacts) == 2
    with pytest.raises(Conflict):
        await segments.create(ws, "PUNE people", {})
    for wrong in ({"nope": 1}, {"attributes": 1}, [], {"created_since": "x"}, {"tags": [{}]}):
        with pytest.raises(Invalid):
            await segments.create(ws, "Wrong", wrong)
    changed = await segments.update(ws, made.id, filter={"attributes": {"City": "Goa"}})
    assert changed.contacts == 2
    assert (await segments.rename(ws, made.id, "Goa people")).name == "Goa people"
    foreign = await small.workspace("Other")
    for call in (
        segments.get(foreign, made.id),
        segments.rename(foreign, made.id, "X"),
        segments.delete(foreign, made.id),
    ):
        with pytest.raises(NotFound):
            await call
    assert (await segments.list(foreign)).items == []
    assert [one.name for one in (await segments.list(ws, total=True)).items] == ["Goa people"]
    await segments.delete(ws, made.id)
    assert (await segments.list(ws, total=True)).total == 0


async def test_suppressions(small: Any, ws: int) -> None:
    suppressions = small.contacts.suppressions
    made = await suppressions.add(ws, "098450 12345", reason="asked on the phone")
    assert (made.address, made.source) == ("919845012345", "manual")
    again = await suppressions.add(ws, "+919845012345", reason="again")
    assert (again.id, again.reason) == (made.id, "asked on the phone")
    assert [event.type for event in small.told] == ["contact.opted_out"]
    assert (await suppressions.add(ws, "12345678@lid")).address == "12345678@lid"
    for wrong in ("nobody", "", "a\0", "x@y"):
        with pytest.raises(Invalid):
            await suppressions.add(ws, wrong)
    report = await suppressions.import_file(
        ws, io.BytesIO(b"phone\n+919845012345\n+4915111749965\n+4915111749965\nnope\n")
    )
    assert (report.added, report.known, report.refused_total) == (1, 1, 1)
    assert await suppressions.among(ws, ["4915111749965", "1"]) == {"4915111749965"}
    assert [one.address for one in (await suppressions.list(ws, q="4915")).items] == ["4915111749965"]
    out = b"".join([piece async for piece in suppressions.export(ws)]).decode("utf-8-sig")
    assert "+4915111749965" in out
    assert len(out.strip().splitlines()) == 4
    foreign = await small.workspace("Other")
    assert (await suppressions.list(foreign)).items == []
    assert await suppressions.among(foreign, ["4915111749965"]) == set()
    with pytest.raises(NotFound):
        await suppressions.remove(foreign, "+4915111749965")
    await suppressions.remove(ws, "+49 151 11749965")
    assert await small.scalar(select(func.count()).select_from(Suppression)) == 2
