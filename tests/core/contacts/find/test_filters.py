"""Filters: each way of finding gives what asking every contact gives."""

from __future__ import annotations

import random
from typing import Any

import pytest
from sqlalchemy import select

from jackfield.core.contacts.find import matching as matching_module
from jackfield.core.contacts.find.filters import conditions
from jackfield.core.ground.errors import Invalid
from jackfield.core.models import Campaign, Channel, Contact, Message


async def people(small: Any, ws: int, count: int = 60) -> None:
    """Contacts with every combination of this and that, the same ones each time."""
    chance = random.Random(5)
    for i in range(count):
        await small.contacts.create(
            ws,
            name=f"Person {i}" if i % 3 else f"élodie {i}",
            phone=f"+9198450{10000 + i}" if i % 10 else None,
            email=f"p{i}@Example.com" if i % 2 else None,
            tags=chance.sample(["A", "B", "C"], chance.randrange(3)),
            lists=chance.sample(["L", "M"], chance.randrange(3)),
            attributes={"City": chance.choice(["Pune", "Goa"]), "Plan": chance.choice(["x", "y", ""])},
            optin=chance.choice([True, False, None]),
            blocked=chance.choice([True, False]),
            source=chance.choice(["csv", "api"]),
        )


FILTERS: list[dict[str, Any]] = [
    {},
    {"all": True},
    {"ids": [1, "2", "x", 99999999999999999999]},
    {"name": "PERSON 1"},
    {"name": "ÉLODIE"},
    {"name": "100%_\\"},
    {"email": "example.COM"},
    {"phone": "5010"},
    {"phone": "+91 98450 10011"},
    {"phone": "9845010011"},
    {"tags": ["a"]},
    {"tags": ["a", "B"]},
    {"any_tags": ["a", "b"]},
    {"any_tags": ["C"]},
    {"not_tags": ["A"]},
    {"lists": ["l"]},
    {"lists": ["L", "M"]},
    {"lists": [1]},
    {"unassigned": True},
    {"unassigned": False},
    {"lists_or_unassigned": ["M"]},
    {"optin": True},
    {"optin": False},
    {"blocked": True},
    {"has_phone": False},
    {"source": "csv"},
    {"source": ["csv", "api"]},
    {"attributes": {"city": "Pune"}},
    {"attributes": {"CITY": "Goa", "Plan": "x"}},
    {"attributes": {"City": "Goa", "plan": None}},
    {"attributes": {"City": "Goa", "Plan": "x"}, "tags": ["A"], "lists": ["L"], "optin": True},
    {"attributes": {"Unknown": "x"}},
    {"tags": ["Unknown"]},
    {"equals": {"name": "person 7"}},
    {"equals": {"name": "Élodie 3"}},
    {"equals": {"phone": "+91 98450 10011", "country": "in"}},
    {"created_since": 1, "seen_before": 5},
    {"created_before": 1},
    {"seen_since": 1},
    {"optin": None, "tags": None},
]


@pytest.mark.slow
@pytest.mark.parametrize("few", [0, 20_000])
async def test_every_way_finds_the_same(small: Any, ws: int, few: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(matching_module, "FEW", few)
    foreign = await small.workspace("Other")
    await people(small, ws)
    await people(small, foreign, 10)
    for filter_ in FILTERS:
        slow = [row.id for row in await small.rows(select(Contact.id).where(*conditions(ws, filter_)))]
        if filter_ == {"phone": "+91 98450 10011"}:
            assert len(slow) == 1
        for sort in ("created", "name", "last_seen"):
            for descending in (True, False):
                page = await small.contacts.list(ws, filter_, sort=sort, descending=descending, limit=200, total=True)
                found = [view.id for view in page.items]
                assert sorted(found) == sorted(slow), (filter_, sort)
                assert page.total == len(slow), filter_
                if sort == "created":
                    assert found == sorted(found, reverse=descending)
    # The same filter by cursor and by page number, a few at a time.
    for sort in ("created", "name", "last_seen"):
        whole = [view.id for view in (await small.contacts.list(ws, {"tags": ["A"]}, sort=sort, limit=200)).items]
        walked, cursor = [], None
        while True:
            page = await small.contacts.list(ws, {"tags": ["A"]}, sort=sort, limit=3, cursor=cursor)
            walked += [view.id for view in page.items]
            cursor = page.cursor
            if cursor is None:
                break
        assert walked == whole
        paged = [
            view.id
            for number in range(1, 30)
            for view in (await small.contacts.list(ws, {"tags": ["A"]}, sort=sort, limit=3, page=number)).items
        ]
        assert paged == whole


@pytest.mark.parametrize(
    "wrong",
    [
        {"nope": 1},
        {"all": False},
        {"all": "x"},
        {"optin": "true"},
        {"blocked": 1},
        {"tags": "a\0"},
        {"tags": [{}]},
        {"tags": {"a": 1}},
        {"name": {"a": 1}},
        {"name": "x\0"},
        {"phone": "abc"},
        {"attributes": ["a"]},
        {"attributes": {"a": []}},
        {"attributes": {"a\0": "x"}},
        {"equals": {"id": 1}},
        {"equals": "x"},
        {"created_since": "yesterday"},
        {"created_since": 2**63},
        {"campaign": 3},
        {"campaign": {"id": "x"}},
        {"ids": [True]},
        {"ids": list(range(20_001))},
    ],
)
async def test_a_wrong_filter_names_its_key(small: Any, ws: int, wrong: Any) -> None:
    for call in (
        small.contacts.list(ws, wrong, total=True),
        small.contacts.tag_all(ws, wrong, add=["x"]),
        small.contacts.segments.create(ws, "S", wrong),
    ):
        with pytest.raises(Invalid) as caught:
            await call
        assert all(key.startswith("filter") for key in caught.value.details), caught.value.details


@pytest.mark.parametrize(
    "wrong",
    [
        {"limit": 0},
        {"page": 0},
        {"page": 10**9},
        {"sort": "age"},
        {"cursor": "nonsense"},
        {"cursor": "W10", "sort": "name"},
        {"q": "a\0"},
    ],
)
async def test_wrong_pages(small: Any, ws: int, wrong: Any) -> None:
    with pytest.raises(Invalid):
        await small.contacts.list(ws, **wrong)


async def test_search_text(small: Any, ws: int) -> None:
    made = await small.contacts.create(ws, name="Élodie O'Hara", phone="919845012345", email="eo@example.com")
    await small.contacts.create(ws, name="Other", phone="4915111749965")
    for q in ("élodie", "ÉLODIE", "o'hara", "EO@", "98450 123", "+91 98450"):
        assert [view.id for view in (await small.contacts.list(ws, q=q, total=True)).items] == [made.id], q
    assert (await small.contacts.list(ws, q="%", total=True)).total == 0


async def test_reached_by_a_campaign(small: Any, ws: int) -> None:
    one = await small.contacts.create(ws, name="A", phone="919845012345")
    two = await small.contacts.create(ws, name="B", phone="919845012346")
    channel = await small.add(
        Channel(workspace_id=ws, name="L", engine="simulator", config="{}", settings={}, pacing={}, created_at=1)
    )
    campaign = await small.add(
        Campaign(workspace_id=ws, channel_id=channel, name="C", kind="bulk", state="running", audience={}, options={},
                 created_at=1, updated_at=1)
    )  # fmt: skip
    for contact, state in ((one, "read"), (two, "failed")):
        await small.add(
            Message(workspace_id=ws, channel_id=channel, campaign_id=campaign, slot=contact.phone, peer=contact.phone,
                    contact_id=contact.id, state=state, created_at=1)
        )  # fmt: skip

    async def found(filter_: Any, workspace: int = ws) -> list[int]:
        return [view.id for view in (await small.contacts.list(workspace, {"campaign": filter_})).items]

    assert await found({"id": campaign}) == [two.id, one.id]
    assert await found({"id": str(campaign), "state": ["read"]}) == [one.id]
    assert await found({"id": campaign}, await small.workspace("Other")) == []


async def test_a_page_costs_the_same_queries_however_long(small: Any, ws: int) -> None:
    from sqlalchemy import event

    await people(small, ws, 40)
    engine = small.db.reader.sync_engine
    counts = []
    for limit in (2, 40):
        seen: list[str] = []

        def note(_c: Any, _k: Any, statement: str, *_: Any, seen: list[str] = seen) -> None:
            seen.append(statement)

        event.listen(engine, "before_cursor_execute", note)
        await small.contacts.list(ws, {"tags": ["A"]}, limit=limit, total=True)
        event.remove(engine, "before_cursor_execute", note)
        counts.append(len(seen))
    # Ten for the page and its total; three for the refusals: on the suppression list, and of people who were erased.
    assert counts[0] == counts[1] <= 13
