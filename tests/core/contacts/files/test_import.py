"""Contact files in: counts, duplicates, refusals, memory of what was there, and two at once."""

from __future__ import annotations

import asyncio
import io
import threading
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, insert, select

from jackfield.core.contacts import ContactInput
from jackfield.core.contacts.files import UnreadableFile, importing, parse_contacts
from jackfield.core.contacts.files.sample import SAMPLE_PATH
from jackfield.core.contacts.people import bulk_write
from jackfield.core.ground.errors import Invalid
from jackfield.core.models import Contact, ContactTag, Endpoint, Event, Identity, Tag


def file(text: str) -> io.BytesIO:
    return io.BytesIO(text.encode())


async def take_in(small: Any, ws: int, text: str) -> Any:
    return await small.contacts.import_file(ws, file(text))


async def by_phone(small: Any, ws: int, phone: str) -> Any:
    return await small.contacts.find(ws, "phone", phone)


async def test_the_sample_comes_in_whole_and_again_changes_nothing(small: Any, ws: int) -> None:
    report = await small.contacts.import_file(ws, SAMPLE_PATH, filename="sample.csv", list_name="Fair", tags=["2026"])
    total = sum(1 for _ in parse_contacts(SAMPLE_PATH, default_country="IN"))
    assert report.rows == total
    assert report.created > 300
    assert report.refused_total == len(report.refused) > 0
    assert all(row.reason and row.code and row.line > 1 for row in report.refused)
    assert await small.scalar(select(func.count()).select_from(Contact)) == report.created
    (fair,) = (await small.contacts.lists.list(ws, counts=True)).items
    assert (fair.name, fair.contacts) == ("Fair", report.created)
    page = await small.contacts.list(ws, {"tags": ["2026"], "lists": ["fair"]}, total=True, limit=200)
    assert page.total == report.created
    assert any("Leads" in view.tags for view in page.items)
    assert {view.source for view in page.items} == {"csv"}
    before = {row.id: row for row in await small.rows(select(*Contact.__table__.columns))}
    again = await small.contacts.import_file(ws, SAMPLE_PATH, list_name="Fair", tags=["2026"])
    assert (again.created, again.merged, again.refused_total) == (
        0, report.created + report.merged, report.refused_total,
    )  # fmt: skip
    assert {row.id: row for row in await small.rows(select(*Contact.__table__.columns))} == before
    refused = b"".join(report.refused_csv())
    assert refused.count(b"\r\n") == report.refused_total + 1


async def test_merge_fills_adds_and_takes_no_refusal_back(small: Any, ws: int) -> None:
    old = await small.contacts.create(
        ws, name="Asha", phone="919845012345", optin=False, tags=["A"], attributes={"City": "Pune"}
    )
    report = await small.contacts.import_file(
        ws,
        file(
            "Name,Phone,Email,Tags,City,Team,Opt-in\n"
            "Other,+919845012345,asha@example.com,B,Goa,Red,yes\n"
            "Bo,+4915111749965,,,,,yes\n"
            "Bo again,+4915111749965 ::: +4915111749966,bo@example.com,C,,,no\n"
        ),
        list_name="L",
    )
    assert (report.created, report.merged, report.skipped) == (1, 2, 0)
    asha = await small.contacts.get(ws, old.id)
    assert (asha.name, asha.email, asha.optin, asha.country) == ("Asha", "asha@example.com", False, "IN")
    assert (asha.tags, asha.lists, asha.attributes) == (["A", "B"], ["L"], {"City": "Pune", "Team": "Red"})
    bo = await by_phone(small, ws, "4915111749966")
    assert (bo.name, bo.phone, bo.email, bo.optin, bo.tags) == ("Bo", "4915111749965", "bo@example.com", False, ["C"])


async def test_skip_leaves_the_known_alone(small: Any, ws: int) -> None:
    old = await small.contacts.create(ws, name="Asha", phone="919845012345")
    report = await small.contacts.import_file(
        ws,
        file("Name,Phone,Email\nX,+919845012345,x@example.com\nBo,+4915111749965,\nY,+4915111749965,y@example.com\n"),
        on_duplicate="skip",
        list_name="L",
    )
    assert (report.created, report.merged, report.skipped) == (1, 0, 2)
    assert await small.contacts.get(ws, old.id) == old
    assert (await by_phone(small, ws, "4915111749965")).email is None


async def test_a_shared_landline_makes_nobody_one(small: Any, ws: int) -> None:
    report = await small.contacts.import_file(
        ws,
        file(
            "Name,Phone 1 - Value,Phone 2 - Value\n"
            "Ann,+4915111749965,+493012345678\n"
            "Bob,+4915111749966,+493012345678\n"
            "Ann,+4915111749967,+4915111749965\n"
        ),
    )
    assert (report.created, report.merged) == (2, 1)
    ann, bob = await by_phone(small, ws, "4915111749965"), await by_phone(small, ws, "4915111749966")
    assert ann.id != bob.id
    assert [one.value for one in ann.identities] == ["4915111749965", "493012345678", "4915111749967"]
    assert [one.value for one in bob.identities] == ["4915111749966"]


async def test_the_default_country_is_the_workspaces_unless_given(small: Any, ws: int) -> None:
    await small.contacts.import_file(ws, file("Name,Phone\nAsha,098450 12345\n"))
    assert await by_phone(small, ws, "919845012345")
    await small.contacts.import_file(ws, file("Name,Phone\nJan,0151 11749965\n"), default_country="de")
    jan = await by_phone(small, ws, "4915111749965")
    assert jan.country == "DE"


async def test_a_mapping_and_what_was_dropped(small: Any, ws: int) -> None:
    report = await small.contacts.import_file(
        ws,
        file("Wer,Womit,Rufnr\nAsha,x,+919845012345 / 12\nBo,y,nope\n"),
        mapping={"name": "Wer", "phone": "Rufnr", "Device": "Womit"},
    )
    assert (report.created, report.refused_total) == (1, 1)
    assert report.refused[0].line == 3
    asha = await by_phone(small, ws, "919845012345")
    assert (asha.name, asha.attributes) == ("Asha", {"Device": "x"})


@pytest.mark.parametrize(
    ("content", "more", "code"),
    [
        (b"", {}, "empty_file"),
        (b"Name,City\nAsha,Pune\n", {}, "no_phone_column"),
        (b"Name,Phone\nA,+919845012345\n", {"default_country": "Utopia"}, "unknown_country"),
        (b"Name,Phone\nA,+919845012345\n", {"mapping": {"phone": "Nope"}}, "unknown_column"),
        (b"Name,Phone\nA,+919845012345\n", {"on_duplicate": "explode"}, "VALIDATION_ERROR"),
        (b"Name,Phone\nA,+919845012345\n", {"list_name": "a\0b"}, "VALIDATION_ERROR"),
    ],
)
async def test_what_cannot_be_imported_says_why(
    small: Any, ws: int, content: bytes, more: dict[str, Any], code: str
) -> None:
    with pytest.raises(Invalid) as caught:
        await small.contacts.import_file(ws, io.BytesIO(content), **more)
    assert caught.value.code == code
    assert await small.scalar(select(func.count()).select_from(Contact)) == 0


async def test_more_attributes_than_anybody_wants(small: Any, ws: int) -> None:
    wide = [f"Column {i}" for i in range(importing.MAX_ATTRIBUTES + 1)]
    with pytest.raises(UnreadableFile):
        await small.contacts.import_file(
            ws, file("Phone," + ",".join(wide) + "\n+919845012345," + ",".join("x" for _ in wide) + "\n")
        )
    assert await small.scalar(select(func.count()).select_from(Contact)) == 0


def many(rows: int, start: int = 0) -> str:
    lines = [
        f"Person {i},+91{9800000000 + i},{'VIP' if i % 7 == 0 else 'Leads'},City {i % 5}"
        for i in range(start, start + rows)
    ]
    return "Name,Phone,Tags,City\n" + "\n".join(lines) + "\n"


@pytest.mark.slow
async def test_twenty_thousand_rows_with_the_loop_free(small: Any, ws: int) -> None:
    seen: list[int] = []
    ticks = 0

    async def tick() -> None:
        nonlocal ticks
        while True:
            ticks += 1
            await asyncio.sleep(0.005)

    ticking = asyncio.create_task(tick())
    report = await small.contacts.import_file(ws, file(many(20_000)), progress=lambda one: seen.append(one.rows))
    ticking.cancel()
    assert (report.created, report.refused_total) == (20_000, 0)
    assert seen == sorted(seen)
    assert seen[-1] == 20_000
    assert ticks > 40, "the event loop went on"
    page = await small.contacts.list(ws, {"tags": ["vip"], "attributes": {"city": "City 3"}}, total=True)
    assert page.total == sum(1 for i in range(20_000) if i % 7 == 0 and i % 5 == 3)


@pytest.mark.slow
async def test_two_imports_of_one_file_at_once_make_each_contact_once(small: Any, ws: int) -> None:
    reports = await asyncio.gather(
        *(small.contacts.import_file(ws, file(many(3_000)), list_name="L") for _ in range(3)),
        *(small.contacts.save(ws, ContactInput(phone=f"+91{9800000000 + i}"), on_duplicate="merge") for i in range(40)),
    )
    assert await small.scalar(select(func.count()).select_from(Contact)) == 3_000
    assert await small.scalar(select(func.count()).select_from(Identity)) == 3_000
    assert all(report.rows == 3_000 for report in reports[:3])
    assert (await small.contacts.lists.all(ws))[0].name == "L"
    assert (await small.contacts.lists.list(ws, counts=True)).items[0].contacts == 3_000


@pytest.mark.slow
async def test_an_import_cut_short_can_be_repeated(small: Any, ws: int) -> None:
    begun = asyncio.Event()
    task = asyncio.create_task(
        small.contacts.import_file(ws, file(many(8_000)), tags=["T"], progress=lambda _: begun.set())
    )
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    some = await small.scalar(select(func.count()).select_from(Contact))
    assert 0 < some < 8_000
    report = await small.contacts.import_file(ws, file(many(8_000)), tags=["T"])
    assert (report.created, report.merged) == (8_000 - some, some)
    assert (await small.contacts.list(ws, {"tags": ["t"]}, total=True, limit=1)).total == 8_000


async def test_a_cancelled_import_reads_no_more_of_the_file(small: Any, ws: int) -> None:
    source = file(many(8_000))
    begun = asyncio.Event()
    task = asyncio.create_task(small.contacts.import_file(ws, source, progress=lambda _: begun.set()))
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    place = source.tell()
    threads = [one for one in threading.enumerate() if one.name.startswith("asyncio")]
    assert source.tell() == place, threads


async def test_created_is_told_when_somebody_asked(small: Any, ws: int) -> None:
    count = select(func.count()).select_from(Event).where(Event.type == "contact.created")
    await small.contacts.import_file(ws, file(many(10)))
    assert await small.scalar(count) == 0
    await small.add(
        Endpoint(
            workspace_id=ws, url="https://example.com/", secret="s", events=["contact.created"], enabled=True,
            created_at=1,
        )
    )  # fmt: skip
    await small.contacts.import_file(ws, file(many(20)))
    assert await small.scalar(count) == 10


async def test_another_workspace_has_its_own(small: Any, ws: int) -> None:
    other = await small.workspace("Other")
    await small.contacts.import_file(ws, file(many(5)), tags=["T"])
    report = await small.contacts.import_file(other, file(many(5)), tags=["T"])
    assert report.created == 5
    assert await small.scalar(select(func.count()).select_from(Tag).where(Tag.name == "T")) == 2


async def test_refused_rows_are_counted_beyond_what_is_listed(
    small: Any, ws: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "LISTED", 3)
    report = await small.contacts.import_file(ws, file("Name,Phone\nA,+919845012345\n" + "B,nope\n" * 10))
    assert (len(report.refused), report.refused_total, report.created) == (3, 10, 1)


async def test_what_goes_out_comes_in_the_same(small: Any, ws: int, tmp_path: Path) -> None:
    made = await small.contacts.create(
        ws,
        name="=cmd|'/c calc'!A1",
        phone="919845012345",
        email="a@example.com",
        tags=["VIP", "Leads"],
        attributes={"Formula": "=1+1", "Note": 'two\nlines; "quoted"', "phone": "collides"},
        optin=False,
    )
    second = await small.contacts.create(ws, name="Élodie 陈", identities={"phone": ["4915111749965", "4915111749966"]})
    data = b"".join([piece async for piece in small.contacts.export(ws)])
    cells = data.decode("utf-8-sig")
    assert "\"'=cmd" in cells
    assert '"=' not in cells
    other = await small.workspace("Other")
    report = await small.contacts.import_file(other, io.BytesIO(data))
    assert (report.created, report.refused_total) == (2, 0)
    came = await small.contacts.find(other, "phone", "919845012345")
    assert (came.name, came.email, came.tags, came.optin) == (made.name, made.email, made.tags, False)
    assert {name: came.attributes[name] for name in ("Formula", "Note")} == {
        "Formula": "=1+1", "Note": 'two\nlines; "quoted"',
    }  # fmt: skip
    came = await small.contacts.find(other, "phone", "4915111749966")
    assert (came.name, came.phone) == (second.name, second.phone)


async def test_export_goes_through_pages_and_filters(small: Any, ws: int, monkeypatch: pytest.MonkeyPatch) -> None:
    from jackfield.core.contacts.files import exporting

    monkeypatch.setattr(exporting, "PAGE", 7)
    await small.contacts.import_file(ws, file(many(50)))
    pieces = [piece async for piece in small.contacts.export(ws, {"tags": ["VIP"]})]
    lines = b"".join(pieces).decode("utf-8-sig").strip().splitlines()
    assert len(lines) == 1 + sum(1 for i in range(50) if i % 7 == 0)
    assert len(set(lines)) == len(lines)
    foreign = await small.workspace("Other")
    assert len(b"".join([piece async for piece in small.contacts.export(foreign)]).splitlines()) == 1
    with pytest.raises(Invalid):
        [piece async for piece in small.contacts.export(ws, {"nope": 1})]


async def test_a_switchboard_number_takes_over_nobodys_data(small: Any, ws: int) -> None:
    """Two colleagues share one number: who has no number of their own is reported, in one file and in a later one."""
    both = "Name,Phone,Phone 2,E-mail,Tags\n"
    eva = "Eva,+4915135905159,+493012345678,,\n"
    tom = "Tom,+493012345678,,tom@example.com,Sales\n"
    report = await take_in(small, ws, both + eva + tom)
    again = await take_in(small, ws, both + tom)
    for one in (report, again):
        assert [(row.code, row.cells[0]) for row in one.refused] == [("number_of_another", "Tom")]
    assert report.rows == 2
    found = await by_phone(small, ws, "4915135905159")
    assert (found.name, found.email, found.tags) == ("Eva", None, [])


@pytest.mark.parametrize("name", ["Eva", "", "EVA "])
async def test_the_same_person_under_a_further_number_is_merged(small: Any, ws: int, name: str) -> None:
    await take_in(small, ws, "Name,Phone,Phone 2\nEva,+4915135905159,+493012345678\n")
    report = await take_in(small, ws, f"Name,Phone,E-mail\n{name},+493012345678,eva@example.com\n")
    assert (report.merged, report.refused_total) == (1, 0)
    assert (await by_phone(small, ws, "4915135905159")).email == "eva@example.com"


async def test_our_own_export_comes_in_as_it_went_out(small: Any, ws: int) -> None:
    made = await small.contacts.create(
        ws, name="Anna", phone="+4915135905159", country="AT", email="anna@example.com", tags=["VIP"], lists=["Spring"],
        attributes={"source": "fair", "City": "Wien"}, optin=False, blocked=True, source="shop",
    )  # fmt: skip
    data = b"".join([piece async for piece in small.contacts.export(ws)])
    there = await small.workspace("Other", "IN")
    report = await small.contacts.import_file(there, io.BytesIO(data))
    assert (report.created, report.rows, report.refused_total) == (1, 1, 0)
    came = (await small.contacts.list(there)).items[0]
    same = ("name", "phone", "country", "email", "tags", "lists", "attributes", "optin", "blocked", "source")
    assert {name: getattr(came, name) for name in same} == {name: getattr(made, name) for name in same}


async def test_refused_rows_come_in_again_once_corrected(small: Any, ws: int) -> None:
    report = await take_in(small, ws, "Name,Phone,City\nAnna,12,Köln\nBo,+4915135905159,Bonn\n")
    corrected = b"".join(report.refused_csv()).replace(b'"12"', b'"+4917135905159"')
    again = await small.contacts.import_file(ws, io.BytesIO(corrected))
    assert (again.created, again.rows) == (1, 1)
    anna = await by_phone(small, ws, "4917135905159")
    assert (anna.name, anna.attributes) == ("Anna", {"City": "Köln"})


async def test_every_row_is_written_once_whatever_their_number(small: Any, ws: int) -> None:
    """Rows go in by the hundreds, the rest by fifties, and what is left one by one."""
    async with small.unit() as unit:
        tag, ids = 7, range(1, 1171)
        await unit.conn.execute(
            insert(Contact), [{"id": n, "workspace_id": ws, "created_at": 1, "updated_at": 1} for n in ids]
        )
        label = {"id": tag, "workspace_id": ws, "name": "VIP", "folded": "vip", "created_at": 1}
        await unit.conn.execute(insert(Tag), [label])
        for count in (0, 1, 49, 550, 557, 1170):
            await bulk_write.insert(unit, (bulk_write.TAGS, [(n, tag) for n in ids[:count]]))
            found = await unit.conn.execute(select(ContactTag.contact_id).order_by(ContactTag.contact_id))
            assert list(found.scalars()) == list(ids[:count])
