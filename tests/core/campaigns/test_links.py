"""Short links: made once for each recipient, followed by people and machines, and gone with the person."""

from __future__ import annotations

from typing import Any

import httpx
import msgspec
import pytest
from sqlalchemy import select, update

from jackfield.app import build_app
from jackfield.core import Core, Filter, Invalid, Text
from jackfield.core.campaigns.expand import expand_step
from jackfield.core.campaigns.links import Click, target_of
from jackfield.core.models import Campaign, Event, Message, ShortLink
from jackfield.core.port.content import CtaUrl, Entity, Image, Param, Template, decode, links_in, with_links
from jackfield.settings import Settings

PUBLIC = "https://short.example"
PERSON = {"user-agent": "Mozilla/5.0 (Linux; Android 14; CUBOT X70) AppleWebKit/537.36 Chrome/126 Mobile Safari/537.36"}
PHONES = ("38640700001", "38640700002")


def client_of(core: Core) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app=build_app(core, Settings()))
    return httpx.AsyncClient(transport=transport, base_url=PUBLIC)


async def expanded(core: Core, workspace: int, text: str, **fields: Any) -> int:
    """A campaign to two people whose rows are in the ledger; its id."""
    core.options.public_url = PUBLIC
    for number, phone in enumerate(PHONES):
        await core.contacts.create(
            workspace, phone=phone, name=f"P{number}", attributes={"page": f"https://own.example/{number}"}
        )
    channel = await core.channels.create(workspace, name="One")
    made = await core.campaigns.create(
        workspace, channel.id, name="All", content=Text(text=text), options={"track_links": True, **fields}
    )
    await expand(core, made.id)
    return made.id


async def expand(core: Core, campaign: int) -> None:
    async with core.unit() as unit:
        await expand_step(unit, core.networks, campaign, public_url=PUBLIC)


async def short_of(core: Core, campaign: int) -> dict[str, list[str]]:
    """The links in each recipient's message, by their number."""
    async with core.db.read() as session:
        rows = (
            await session.scalars(select(Message).where(Message.campaign_id == campaign).order_by(Message.id))
        ).all()
    return {row.peer: links_in(decode(row.content or "")) for row in rows}


async def test_each_recipient_has_links_of_their_own_and_keeps_them(core: Core, workspace: int) -> None:
    text = "Hi {name}: https://shop.example/sale?u={name}&a=1, or (https://shop.example/help). Yours: {page}"
    campaign = await expanded(core, workspace, text)
    found = await short_of(core, campaign)
    codes = [link for links in found.values() for link in links]
    assert list(found) == list(PHONES)
    assert len(set(codes)) == 6
    assert all(code.startswith(f"{PUBLIC}/l/") and len(code) == len(PUBLIC) + 13 for code in codes)
    async with core.db.read() as session:
        targets = (await session.scalars(select(ShortLink.target).order_by(ShortLink.id))).all()
    assert list(targets) == [
        "https://shop.example/sale?u=P0&a=1",
        "https://shop.example/help",
        "https://own.example/0",
        "https://shop.example/sale?u=P1&a=1",
        "https://shop.example/help",
        "https://own.example/1",
    ]
    # A step that is repeated after a crash makes no second link, and the messages keep theirs.
    async with core.unit() as unit:
        await unit.conn.execute(update(Campaign).where(Campaign.id == campaign).values(cursor=0, expanding=True))
    await expand(core, campaign)
    assert await short_of(core, campaign) == found
    async with core.db.read() as session:
        assert sorted(f"{PUBLIC}/l/{code}" for code in await session.scalars(select(ShortLink.code))) == sorted(codes)
    view = await core.campaigns.get(workspace, campaign)
    assert [(one.url, one.recipients, one.clicked) for one in await core.campaigns.links(view)] == [
        ("https://shop.example/sale?u={name}&a=1", 2, 0),
        ("https://shop.example/help", 2, 0),
        ("{page}", 2, 0),
    ]


async def test_people_are_counted_and_machines_apart(core: Core, workspace: int) -> None:
    campaign = await expanded(core, workspace, "See https://shop.example/ü?q=%2F")
    (first,), (second,) = (await short_of(core, campaign)).values()
    async with client_of(core) as client:
        for headers in (PERSON, PERSON, {"user-agent": "WhatsApp/2.23.20.0 A"}, {**PERSON, "sec-purpose": "prefetch"}):
            answer = await client.get(first, headers=headers)
            assert (answer.status_code, answer.headers["location"]) == (302, "https://shop.example/%C3%BC?q=%2F")
            assert answer.headers["cache-control"] == "no-store"
            assert answer.headers["referrer-policy"] == "no-referrer"
        for agent in (
            "facebookexternalhit/1.1",
            "TelegramBot (like TwitterBot)",
            "Slackbot-LinkExpanding 1.0",
            "curl/8.0",
            "",
        ):
            assert (await client.get(second, headers={"user-agent": agent})).status_code == 302
        # A look at the head counts for nothing.
        assert (await client.head(second, headers=PERSON)).status_code == 302
        for path in ("/l/0000000000", "/l/x", "/l/" + "a" * 300, f"/l/{first[-10:]}x"):
            missing = await client.get(path)
            assert (missing.status_code, missing.headers["content-type"]) == (404, "text/plain; charset=utf-8")
            assert "does not exist" in missing.text
        assert (await client.post(first)).status_code == 405
    view = await core.campaigns.get(workspace, campaign)
    (link,) = await core.campaigns.links(view)
    assert (link.recipients, link.clicked, link.clicks, link.machines) == (2, 1, 2, 7)
    assert 0 < (link.first_at or 0) <= (link.last_at or 0)
    assert await core.campaigns.clicked(view) == 1
    for clicked, peers in ((True, [PHONES[0]]), (False, [PHONES[1]])):
        page = await core.messages.list(workspace, Filter(campaign_id=campaign, clicked=clicked))
        assert [one.peer for one in page.items] == peers
    async with core.db.read() as session:
        told = [
            msgspec.json.decode(data)
            for data in await session.scalars(select(Event.data).where(Event.type == "link.clicked"))
        ]
    assert [(one["campaign_id"], one["peer"], one["target"]) for one in told] == [
        (campaign, PHONES[0], "https://shop.example/%C3%BC?q=%2F")
    ]


async def test_many_clicks_at_once_are_one_first(core: Core, workspace: int) -> None:
    campaign = await expanded(core, workspace, "https://shop.example")
    code = (await short_of(core, campaign))[PHONES[0]][0][-10:]
    async with core.db.read() as session:
        (link,) = (await session.scalars(select(ShortLink).where(ShortLink.code == code))).all()
    from jackfield.core.campaigns.links import _count_batch

    clicks = [Click(code=code, at=link.created_at + n, is_machine=n == 1) for n in range(4)]
    async with core.unit() as unit:
        assert await _count_batch(unit, [*clicks, Click(code="unknown000", at=1)]) == [True, False, True, True, False]
    async with core.unit() as unit:
        assert await _count_batch(unit, clicks[:1]) == [False]
    async with core.db.read() as session:
        row = (await session.scalars(select(ShortLink).where(ShortLink.code == code))).one()
    assert (row.clicks, row.machines, row.first_at) == (4, 1, link.created_at)


async def test_the_links_of_an_erased_person_go(core: Core, workspace: int) -> None:
    campaign = await expanded(core, workspace, "https://shop.example")
    found = await short_of(core, campaign)
    person = await core.contacts.find(workspace, "phone", PHONES[0])
    assert person is not None
    told = b"".join([piece async for piece in await core.privacy.export(workspace, person.id)])
    assert found[PHONES[0]][0][-10:].encode() in told
    assert found[PHONES[1]][0][-10:].encode() not in told
    await core.privacy.erase(workspace, person.id)
    async with core.db.read() as session:
        assert list(await session.scalars(select(ShortLink.slot))) == [PHONES[1]]


async def test_they_are_kept_as_long_as_messages(core: Core, workspace: int) -> None:
    await expanded(core, workspace, "https://shop.example")
    core.options.message_retention_days = 1
    async with core.unit() as unit:
        await unit.conn.execute(update(ShortLink).where(ShortLink.slot == PHONES[0]).values(created_at=0))
        await unit.conn.execute(update(Message).where(Message.peer == PHONES[0]).values(created_at=0))
        now = unit.now
    await core.retention.prune(now)
    async with core.db.read() as session:
        assert list(await session.scalars(select(ShortLink.slot))) == [PHONES[1]]


async def test_it_is_refused_where_nobody_could_follow_a_link(core: Core, workspace: int) -> None:
    channel = await core.channels.create(workspace, name="One")
    given: dict[str, Any] = {"name": "All", "content": Text(text="x"), "options": {"track_links": True}}
    core.options.public_url = ""
    with pytest.raises(Invalid, match="JACKFIELD_PUBLIC_URL"):
        await core.campaigns.create(workspace, channel.id, **given)
    core.options.public_url = PUBLIC
    with pytest.raises(Invalid, match="audience"):
        await core.campaigns.create(workspace, channel.id, **given, kind="api")


async def test_without_being_asked_links_stay(core: Core, workspace: int) -> None:
    campaign = await expanded(core, workspace, "https://shop.example", track_links=False)
    async with core.db.read() as session:
        assert list(await session.scalars(select(Message.content).where(Message.campaign_id == campaign))) == [
            None,
            None,
        ]
        assert not (await session.scalars(select(ShortLink.id))).all()


def test_links_are_found_where_people_can_press_them() -> None:
    assert links_in(Text(text="*https://a.example/x_(y)*, HTTP://B.example! (see https://c.example/d). {name}")) == [
        "https://a.example/x_(y)",
        "HTTP://B.example",
        "https://c.example/d",
        "{name}",
    ]
    assert links_in(Text(text="ftp://a.example javascript:alert(1) www.example.com")) == []
    assert links_in(Image(url="https://files.example/a.png", caption="https://a.example")) == ["https://a.example"]
    bold = Text(
        text="https://a.example", entities=[Entity(type="text_link", offset=0, length=3, url="https://b.example")]
    )
    assert links_in(bold) == ["https://b.example"]
    button = with_links(
        CtaUrl(body="x", title="Open", url="https://a.example"), {"https://a.example": "https://s.example"}
    )
    assert isinstance(button, CtaUrl)
    assert button.url == "https://s.example"
    assert links_in(Template(name="t", language="en", body=[Param(text="https://a.example")])) == ["https://a.example"]


def test_what_a_link_may_lead_to() -> None:
    assert target_of("https://münchen.example/ä") == "https://xn--mnchen-3ya.example/%C3%A4"
    assert target_of("https://a.example/?s=%2Fx%7E+y") == "https://a.example/?s=%2Fx%7E+y"
    for bad in (
        "javascript:alert(1)",
        "https://",
        "http:///x",
        "https://a b",
        "https://a\r\nx: y",
        "{page}",
        "//a.example",
    ):
        assert target_of(bad) is None, bad
    assert target_of("https://a.example/" + "x" * 2000) is None
