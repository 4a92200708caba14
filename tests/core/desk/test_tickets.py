from __future__ import annotations

import asyncio
from typing import Any

import pytest

from jackfield.core.desk.tickets import GENERAL
from jackfield.core.ground.errors import Conflict, Invalid, NotFound
from jackfield.core.ground.events import TicketCreated, load

from .conftest import SmallCore, on_both

PASSWORD = "correct horse"
WRONG = (10**6, 10**30, 0, -1)


async def test_departments(core: SmallCore) -> None:
    ours, theirs = await core.workspace(), await core.workspace()
    assert [one.name for one in await core.tickets.departments(ours)] == [GENERAL]
    sales = await core.tickets.create_department(ours, "Sales")
    with pytest.raises(Conflict) as caught:
        await core.tickets.create_department(ours, "  SALES ")
    assert caught.value.code == "DEPARTMENT_EXISTS"
    assert (await core.tickets.create_department(theirs, "Sales")).id != sales.id
    assert [one.name for one in await core.tickets.departments(theirs)] == ["Sales"]
    assert (await core.tickets.rename_department(ours, sales.id, "Sales EU")).name == "Sales EU"
    with pytest.raises(Conflict):
        await core.tickets.rename_department(ours, sales.id, GENERAL)
    with pytest.raises(Invalid):
        await core.tickets.create_department(ours, " ")
    assert [one.name for one in await core.tickets.departments(ours)] == [GENERAL, "Sales EU"]
    for wrong in (*WRONG, sales.id):
        for attempt in (
            core.tickets.department(theirs, wrong),
            core.tickets.rename_department(theirs, wrong, "X"),
            core.tickets.delete_department(theirs, wrong),
        ):
            with pytest.raises(NotFound):
                await attempt
    actions = [one.action for one in (await core.audit.list(ours, action="department.*")).items]
    assert actions == ["department.renamed", "department.created"]


@on_both
async def test_first_tickets_at_once_share_the_general_department(core: SmallCore) -> None:
    workspace_id = await core.workspace()
    made = await asyncio.gather(*(core.tickets.create(workspace_id, f"T{n}") for n in range(5)))
    assert len({one.department_id for one in made}) == 1
    assert [one.name for one in await core.tickets.departments(workspace_id)] == [GENERAL]


async def test_a_ticket_is_told_of(core: SmallCore) -> None:
    workspace_id = await core.workspace()
    channel_id = await core.channel(workspace_id)
    contact_id = await core.contact(workspace_id)
    chat_id = await core.chat(workspace_id, channel_id, contact_id=contact_id)
    told: list[Any] = []
    core.bus.subscribe("events", told.extend)
    ticket = await core.tickets.create(
        workspace_id, " Broken ", body="It smokes.", priority="urgent", chat_id=chat_id, source="chatly"
    )
    assert (ticket.subject, ticket.status, ticket.contact_id) == ("Broken", "open", contact_id)
    (stored,) = told
    assert (stored.channel_id, stored.type) == (channel_id, "ticket.created")
    assert load(stored.type, stored.data) == TicketCreated(
        id=ticket.id,
        subject="Broken",
        priority="urgent",
        department_id=ticket.department_id,
        contact_id=contact_id,
        source="chatly",
    )


async def test_answers_move_the_ticket(core: SmallCore) -> None:
    workspace_id = await core.workspace()
    member = await core.accounts.create_member(workspace_id, "ann@example.org", PASSWORD)
    ticket = await core.tickets.create(workspace_id, "Broken")

    async def status() -> str:
        return (await core.tickets.get(workspace_id, ticket.id)).status

    await core.tickets.reply(workspace_id, ticket.id, "Have you tried...", member_id=member.id)
    assert await status() == "answered"
    await core.tickets.reply(workspace_id, ticket.id, "Yes.")
    assert await status() == "open"
    closed = await core.tickets.update(workspace_id, ticket.id, status="closed")
    assert closed.closed_at is not None
    await core.tickets.reply(workspace_id, ticket.id, "Bye.", member_id=member.id)
    assert await status() == "closed"
    await core.tickets.reply(workspace_id, ticket.id, "It smokes again!")
    again = await core.tickets.get(workspace_id, ticket.id)
    assert (again.status, again.closed_at) == ("open", None)
    await core.tickets.reply(workspace_id, ticket.id, "We look.", member_id=member.id, status="pending")
    assert await status() == "pending"
    replies = await core.tickets.replies(workspace_id, ticket.id, total=True)
    assert [one.member_id for one in replies.items] == [member.id, None, member.id, None, member.id]
    assert replies.total == 5


@on_both
async def test_change_and_list(core: SmallCore) -> None:
    workspace_id = await core.workspace()
    ann = await core.accounts.create_member(workspace_id, "ann@example.org", PASSWORD)
    contact_id = await core.contact(workspace_id)
    channel_id = await core.channel(workspace_id)
    chat_id = await core.chat(workspace_id, channel_id)
    await core.tickets.departments(workspace_id)
    sales = await core.tickets.create_department(workspace_id, "Sales")
    one = await core.tickets.create(workspace_id, "One 100%", contact_id=contact_id)
    two = await core.tickets.create(workspace_id, "Two", chat_id=chat_id, priority="high")
    three = await core.tickets.create(workspace_id, "Three", assignee_id=ann.id)
    changed = await core.tickets.update(
        workspace_id,
        one.id,
        subject="Uno 100%",
        body="More",
        priority="low",
        status="pending",
        department_id=sales.id,
        assignee_id=ann.id,
        contact_id=None,
    )
    assert (changed.subject, changed.body, changed.priority, changed.status) == ("Uno 100%", "More", "low", "pending")
    assert (changed.department_id, changed.assignee_id, changed.contact_id) == (sales.id, ann.id, None)

    async def listed(**filters: Any) -> list[int]:
        return [ticket.id for ticket in (await core.tickets.list(workspace_id, **filters)).items]

    assert await listed() == [three.id, two.id, one.id]
    assert await listed(status="open") == [three.id, two.id]
    assert await listed(status=["pending", "open"]) == [three.id, two.id, one.id]
    assert await listed(priority=["low", "high"]) == [two.id, one.id]
    assert await listed(department_id=sales.id) == [one.id]
    assert await listed(assignee_id=ann.id) == [three.id, one.id]
    assert await listed(assignee_id=None) == [two.id]
    assert await listed(chat_id=chat_id) == [two.id]
    assert await listed(channel_id=channel_id) == [two.id]
    assert await listed(contact_id=contact_id) == []
    assert await listed(search="0%") == [one.id]
    assert await listed(assignee_id=10**30) == []
    page = await core.tickets.list(workspace_id, limit=2, total=True)
    assert page.total == 3
    assert await listed(limit=2, cursor=page.cursor) == [one.id]
    assert await listed(limit=2, page=2) == [one.id]
    for wrong in ({"status": "done"}, {"priority": ["low", "huge"]}, {"limit": 0}, {"cursor": "?"}):
        with pytest.raises(Invalid):
            await core.tickets.list(workspace_id, **wrong)  # type: ignore[arg-type]

    await core.tickets.delete_department(workspace_id, sales.id)
    await core.accounts.delete_member(workspace_id, ann.id)
    left = await core.tickets.get(workspace_id, one.id)
    assert (left.department_id, left.assignee_id) == (None, None)
    await core.tickets.delete(workspace_id, one.id)
    with pytest.raises(NotFound):
        await core.tickets.get(workspace_id, one.id)


@pytest.mark.parametrize(
    ("field", "given"),
    [
        ("subject", {"subject": ""}),
        ("subject", {"subject": "x" * 301}),
        ("body", {"body": "x" * 20_001}),
        ("body", {"body": "a\x00b"}),
        ("priority", {"priority": "huge"}),
        ("priority", {"priority": 1}),
    ],
)
async def test_wrong_fields_are_named(core: SmallCore, field: str, given: dict[str, Any]) -> None:
    workspace_id = await core.workspace()
    ticket = await core.tickets.create(workspace_id, "Fine")
    for attempt in (
        core.tickets.create(workspace_id, **{"subject": "Fine", **given}),
        core.tickets.update(workspace_id, ticket.id, **given),
    ):
        with pytest.raises(Invalid) as caught:
            await attempt
        assert list(caught.value.details) == [field]
    for bad in (
        core.tickets.update(workspace_id, ticket.id, status="done"),
        core.tickets.reply(workspace_id, ticket.id, ""),
        core.tickets.reply(workspace_id, ticket.id, "Fine", status="done"),
    ):
        with pytest.raises(Invalid):
            await bad
    assert (await core.tickets.replies(workspace_id, ticket.id)).items == []


@on_both
async def test_nothing_of_another_workspace_is_found_or_taken(core: SmallCore) -> None:
    ours, theirs = await core.workspace(), await core.workspace()
    ticket = await core.tickets.create(ours, "Ours")
    foreign = await core.tickets.create(theirs, "Theirs")
    ids = {
        "contact_id": await core.contact(theirs),
        "chat_id": await core.chat(theirs, await core.channel(theirs)),
        "assignee_id": (await core.accounts.create_member(theirs, "o@example.org", PASSWORD)).id,
        "department_id": (await core.tickets.create_department(theirs, "Sales")).id,
    }
    for name, value in ids.items():
        for wrong in (value, *WRONG):
            with pytest.raises(NotFound):
                await core.tickets.create(ours, "X", **{name: wrong})
            if name != "chat_id":
                with pytest.raises(NotFound):
                    await core.tickets.update(ours, ticket.id, **{name: wrong})
    with pytest.raises(NotFound):
        await core.tickets.reply(ours, ticket.id, "X", member_id=ids["assignee_id"])
    for wrong in (foreign.id, *WRONG):
        for attempt in (
            core.tickets.get(ours, wrong),
            core.tickets.replies(ours, wrong),
            core.tickets.update(ours, wrong, subject="X"),
            core.tickets.reply(ours, wrong, "X"),
            core.tickets.delete(ours, wrong),
        ):
            with pytest.raises(NotFound):
                await attempt
    assert [one.id for one in (await core.tickets.list(ours)).items] == [ticket.id]
    for name, value in ids.items():
        assert (await core.tickets.list(ours, **{name: value})).items == []
