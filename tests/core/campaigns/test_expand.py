"""Expansion: who of an audience gets a row, by which address, with which values; in steps that can be repeated."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select, update

from jackfield.core import Core
from jackfield.core.campaigns import expand
from jackfield.core.campaigns.expand import expand_step
from jackfield.core.campaigns.recipients import placeholders, skip_reason, variables_of
from jackfield.core.models import Campaign, Channel, Contact, Message
from jackfield.core.port.content import Text


def contact(**fields: Any) -> Contact:
    return Contact(**{"name": "", "blocked": False, "optin": None, **fields})


async def rows_of(core: Core, campaign_id: int) -> list[Message]:
    async with core.db.read() as session:
        query = select(Message).where(Message.campaign_id == campaign_id).order_by(Message.id)
        return [*await session.scalars(query)]


async def campaign_to_all(core: Core, workspace: int, text: str = "Hi", **fields: Any) -> tuple[int, int]:
    channel = await core.channels.create(workspace, name="One")
    made = await core.campaigns.create(workspace, channel.id, name="All", content=Text(text=text), **fields)
    return made.id, channel.id


async def step(core: Core, campaign_id: int, token: int | None = None) -> expand.Step:
    async with core.unit() as unit:
        return await expand_step(unit, core.networks, campaign_id, token)


async def test_steps_go_on_where_the_last_one_ended(
    core: Core, workspace: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(expand, "STEP", 2)
    for number in range(5):
        await core.contacts.create(workspace, phone=f"3864070000{number}")
    campaign, _ = await campaign_to_all(core, workspace)
    assert [(one.written, one.done) for one in [await step(core, campaign) for _ in range(4)]] == [
        (2, False),
        (2, False),
        (1, True),
        (0, True),
    ]
    assert [row.peer for row in await rows_of(core, campaign)] == [f"3864070000{number}" for number in range(5)]
    made = await core.campaigns.get(workspace, campaign)
    assert (made.total, made.expanding) == (5, False)


async def test_a_repeated_step_makes_no_second_row(core: Core, workspace: int) -> None:
    await core.contacts.create(workspace, phone="38640700001")
    campaign, _ = await campaign_to_all(core, workspace)
    await step(core, campaign)
    async with core.unit() as unit:
        await unit.conn.execute(update(Campaign).where(Campaign.id == campaign).values(cursor=0, expanding=True))
    await step(core, campaign)
    assert len(await rows_of(core, campaign)) == 1


async def test_only_the_owner_of_the_channel_expands(core: Core, workspace: int) -> None:
    await core.contacts.create(workspace, phone="38640700001")
    campaign, channel = await campaign_to_all(core, workspace)
    async with core.unit() as unit:
        await unit.conn.execute(update(Channel).where(Channel.id == channel).values(lease_token=4))
    assert (await step(core, campaign, 3)).written == 0
    assert (await step(core, campaign, 4)).written == 1


async def test_a_draft_is_not_expanded(core: Core, workspace: int) -> None:
    await core.contacts.create(workspace, phone="38640700001")
    campaign, _ = await campaign_to_all(core, workspace, start=False)
    assert (await step(core, campaign)).done
    assert await rows_of(core, campaign) == []


async def test_who_is_left_out_gets_a_row_with_the_reason(core: Core, workspace: int) -> None:
    await core.contacts.create(workspace, phone="38640700001")
    await core.contacts.create(workspace, phone="38640700002", blocked=True)
    await core.contacts.create(workspace, phone="38640700003", optin=False)
    await core.contacts.create(workspace, name="Nobody", email="a@example.org")
    campaign, _ = await campaign_to_all(core, workspace)
    await step(core, campaign)
    assert [(row.state, row.error_code) for row in await rows_of(core, campaign)] == [
        ("queued", None),
        ("skipped", "blocked"),
        ("skipped", "opted_out"),
        ("skipped", "no_address"),
    ]


async def test_values_are_kept_and_not_texts(core: Core, workspace: int) -> None:
    await core.contacts.create(workspace, name="Ana Kos", phone="38640700001", attributes={"Shop": "S1"})
    options = {"fallbacks": {"City": "Graz"}}
    campaign, _ = await campaign_to_all(core, workspace, "{First_Name}, {{shop}} in {city}, {email}", options=options)
    await step(core, campaign)
    (row,) = await rows_of(core, campaign)
    assert (row.content, row.variables) == (None, {"first_name": "Ana", "shop": "S1", "city": "Graz", "email": ""})
    assert '"Ana, S1 in Graz, "' in ((await core.messages.get(workspace, row.id)).content or "")


def test_placeholders_are_found_in_both_spellings() -> None:
    assert placeholders("{Name} {{ Shop Name }} {x.y} {a\nb}") == {"name", "shop name", "x.y"}


@pytest.mark.parametrize(
    ("fields", "peer", "category", "reason"),
    [
        ({}, None, "utility", "no_address"),
        ({"blocked": True}, "1", "utility", "blocked"),
        ({"optin": False}, "1", "marketing", "opted_out"),
        ({"optin": False}, "1", "utility", None),
        ({"optin": True}, "2", "marketing", "suppressed"),
        ({}, "2", "utility", None),
        ({}, "1", "marketing", None),
    ],
)
def test_reasons(fields: dict[str, Any], peer: str | None, category: str, reason: str | None) -> None:
    assert skip_reason(contact(**fields), peer, {"2"}, category) == reason


def test_an_own_value_goes_before_a_fallback() -> None:
    someone = contact(name="Ana Kos", phone="386", email=None)
    wanted = {"name", "first_name", "email", "city"}
    assert variables_of(someone, {"city": "Ptuj"}, wanted, {"City": "Graz", "email": "?", "name": "friend"}) == {
        "name": "Ana Kos",
        "first_name": "Ana",
        "email": "?",
        "city": "Ptuj",
    }
