"""Assignment rules: which chats they give away, to whom, once, and never what is somebody's."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from sqlalchemy import select, update

from jackfield.core import ChatChanges, now_ms
from jackfield.core.ground.errors import Invalid, NotFound
from jackfield.core.models import ChatAssignment, Session
from jackfield.core.networks.intake.clean import clean
from jackfield.core.port.content import System
from jackfield.core.service import assigning
from jackfield.core.service.rules import NextView, RuleInput

from .conftest import Desk


async def rules(desk: Desk, *given: RuleInput) -> None:
    await desk.core.assignments.put(desk.workspace, given)


async def got(desk: Desk, *peers: str) -> list[int | None]:
    """Whose the chats are after a message in each, by the place in `agents`."""
    owners = [(await desk.write(one)).chat.assignee_id for one in peers]
    return [None if one is None else desk.agents.index(one) for one in owners]


def turn(desk: Desk, **fields: Any) -> RuleInput:
    """A rule for the three agents."""
    return RuleInput(**{"name": "In turn", "member_ids": desk.agents, **fields})


async def test_chats_go_round_and_what_is_somebodys_stays(desk: Desk) -> None:
    assert (await desk.write("490")).chat.assignee_id is None
    await rules(desk, turn(desk))
    # One that is open already is not given away by what comes in.
    assert await got(desk, "490", "491", "492", "493", "494") == [None, 0, 1, 2, 0]
    assert await got(desk, "491", "492") == [0, 1]
    # Somebody comes back to whom they had, also where a person gave it.
    view = await desk.chat("492")
    await desk.core.chats.update_chat(desk.workspace, view.chat.id, ChatChanges(assignee_id=desk.agents[2]))
    await desk.done("492")
    assert await got(desk, "492") == [2]
    # What was put aside as nobody's is given away when it opens again.
    await desk.done("491", assignee_id=None)
    assert await got(desk, "491") == [1]
    told = await desk.events("chat.assigned")
    assert [(one.peer, desk.agents.index(one.member_id)) for one in told] == [
        ("491", 0), ("492", 1), ("493", 2), ("494", 0), ("491", 1),
    ]  # fmt: skip
    assert {(one.rule_name, one.member_name) for one in told} == {
        ("In turn", "A0"), ("In turn", "A1"), ("In turn", "A2"),
    }  # fmt: skip
    updates = [one for one in await desk.events("chat.updated") if one.peer == "494"]
    assert [(one.assignee_id, one.became) for one in updates] == [(desk.agents[0], ["opened", "assigned"])]
    history = await desk.core.assignments.history(desk.workspace, (await desk.chat("491")).chat.id)
    assert [(one.member_id, one.rule_name) for one in history.items] == [
        (desk.agents[1], "In turn"),
        (desk.agents[0], "In turn"),
    ]


async def test_a_callback_told_twice_and_two_at_once_give_each_chat_once(desk: Desk) -> None:
    await rules(desk, turn(desk, how="least_busy"))
    messages = [desk.said(f"49{n}") for n in range(30)]
    batches = [messages[start : start + 10] for start in (0, 10, 20, 0)]
    await asyncio.gather(*(desk.core.intake.receive(desk.channel, batch) for batch in batches))
    async with desk.core.db.read() as session:
        given = list(await session.scalars(select(ChatAssignment.member_id)))
    assert sorted(given) == sorted(desk.agents * 10)
    assert len(await desk.events("chat.assigned")) == 30


async def test_what_rules_ask_and_their_order(desk: Desk) -> None:
    core, first, second, third = desk.core, *desk.agents
    other = await core.channels.create(desk.workspace, name="Other")
    await core.contacts.create(desk.workspace, phone="+491701234567", name="Ann", tags=["VIP"])
    sales = (await core.tickets.create_department(desk.workspace, "Sales")).id
    await core.accounts.update_member(desk.workspace, second, department_id=sales)
    await rules(
        desk,
        RuleInput(name="Elsewhere", channel_ids=[other.id], member_ids=[third]),
        RuleInput(name="Off", enabled=False, member_ids=[third]),
        RuleInput(name="VIP", tags=["vip"], department_id=sales),
        RuleInput(name="Closed", hours="closed", member_ids=[third]),
        RuleInput(name="New", visit="first", member_ids=[first]),
    )
    assert await got(desk, "491701234567", "492") == [1, 0]
    await desk.done("492", assignee_id=None)
    # Somebody who comes back is meant by no rule.
    assert await got(desk, "492") == [None]
    await core.working_times.put(desk.workspace, days={})
    assert await got(desk, "493") == [2]
    # A department that is gone means nobody, and not everybody.
    await core.tickets.delete_department(desk.workspace, sales)
    await desk.done("491701234567", assignee_id=None)
    assert await got(desk, "491701234567") == [2]


async def test_rules_keep_the_team_of_a_chat(desk: Desk) -> None:
    core, (first, second, third) = desk.core, desk.agents
    sales, support = [(await core.tickets.create_department(desk.workspace, name)).id for name in ("Sales", "Support")]
    await core.accounts.update_member(desk.workspace, second, department_id=sales)
    await core.accounts.update_member(desk.workspace, third, department_id=support)
    await rules(desk, RuleInput(name="Sales", department_id=sales))
    assert await got(desk, "491") == [1]
    assert (await desk.chat("491")).chat.department_id == sales
    (told,) = [one for one in await desk.events("chat.updated") if one.peer == "491"]
    assert (told.department_id, told.assignee_id) == (sales, second)
    # A chat of another team is not theirs, and a rule for everybody means its team.
    await desk.done("491", assignee_id=None, department_id=support)
    assert await got(desk, "491") == [None]
    await rules(desk, RuleInput(name="Sales", department_id=sales), RuleInput(name="Everybody"))
    await desk.done("491")
    assert await got(desk, "491", "492") == [2, 1]
    assert (await desk.chat("491")).chat.department_id == support
    # Who is named by a rule gets it, whatever the team.
    await rules(desk, RuleInput(name="Ann", member_ids=[first]))
    await desk.done("491", assignee_id=None)
    assert await got(desk, "491") == [0]
    assert (await desk.chat("491")).chat.department_id == support


async def test_who_is_away_offline_or_full_gets_nothing(desk: Desk) -> None:
    core, (first, second, third) = desk.core, desk.agents
    await core.accounts.update_member(desk.workspace, first, settings={"away": True})
    await core.accounts.login("a1@example.com", "correct horse", ip="127.0.0.1")
    async with core.unit() as unit:
        await unit.conn.execute(update(Session).values(last_used_at=unit.now))
    await rules(desk, turn(desk, online_only=True, max_open=2), RuleInput(name="Rest", member_ids=[third], max_open=1))
    assert refusals(await core.assignments.next(desk.workspace)) == {
        "In turn": (second, ["away", None, "offline"]),
        "Rest": (third, [None]),
    }
    assert await got(desk, "491", "492", "493", "494") == [1, 1, 2, None]
    # What is snoozed or done counts no more.
    view = await desk.chat("491")
    later = now_ms() + 3_600_000
    await core.chats.update_chat(desk.workspace, view.chat.id, ChatChanges(snoozed_until=later))
    await desk.done("493")
    assert await got(desk, "495", "496", "497") == [1, 2, None]
    async with core.unit() as unit:
        await unit.conn.execute(update(Session).values(last_used_at=unit.now - 16 * 60_000))
    found = refusals(await core.assignments.next(desk.workspace))
    assert found == {"In turn": (None, ["offline", "away", "offline"]), "Rest": (None, ["full"])}
    await core.accounts.update_member(desk.workspace, third, disabled=True)
    assert refusals(await core.assignments.next(desk.workspace))["Rest"] == (None, [])


def refusals(found: list[NextView]) -> dict[str, tuple[int | None, list[str | None]]]:
    names = ("In turn", "Rest")
    return {
        name: (one.member_id, [who.refusal for who in one.candidates]) for name, one in zip(names, found, strict=True)
    }


@pytest.mark.parametrize(
    "fields",
    [
        {"from_me": True},
        {"history": True},
        {"content": System(text="New key")},
        {"chat_kind": "group"},
    ],
)
async def test_what_no_person_said_to_us_gives_nothing_away(lite_desk: Desk, fields: dict[str, Any]) -> None:
    desk = lite_desk
    await rules(desk, RuleInput(name="Everybody"))
    message = clean(desk.said("491", **fields))
    await desk.core.intake.receive(desk.channel, [message])
    assert (await desk.chat("491")).chat.assignee_id is None
    assert (await desk.write("492")).chat.assignee_id is not None


async def test_a_rule_that_breaks_costs_no_message(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    await rules(desk, turn(desk))

    async def broken(*_: Any) -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr(assigning, "_give", broken)
    view = await desk.write("491")
    assert (view.chat.assignee_id, view.chat.unread) == (None, 1)
    problems = await desk.core.inbound.list(desk.workspace)
    assert problems.items == []
    monkeypatch.undo()
    assert await got(desk, "492") == [0]


async def test_rules_are_checked_and_kept(desk: Desk) -> None:
    core, ours = desk.core, desk.workspace
    service = core.assignments
    await rules(desk, turn(desk, name="A"), turn(desk, name="B"))
    assert await got(desk, "491", "492") == [0, 1]
    a, b = await service.rules(ours)
    # Whose turn it is stays with the rule.
    changed = [RuleInput(id=b.id, name="B"), RuleInput(id=a.id, name="A2", member_ids=desk.agents)]
    assert [(one.id, one.name) for one in await service.put(ours, changed)] == [(b.id, "B"), (a.id, "A2")]
    assert [one.name for one in await service.put(ours, changed[1:])] == ["A2"]
    assert await got(desk, "493") == [2]
    for place, wrong, field in (
        (0, RuleInput(name=""), "name"),
        (1, RuleInput(name="x", member_ids=[10**9]), "memberIds.0"),
        (0, RuleInput(name="x", channel_ids=[10**9]), "profileIds.0"),
        (0, RuleInput(name="x", department_id=10**9), "departmentId"),
        (0, RuleInput(name="x", max_open=0), "maxOpen"),
        (0, RuleInput(name="x", how="by luck"), "how"),
        (0, RuleInput(name="x", hours="always"), "hours"),
        (0, RuleInput(name="x", visit="often"), "visit"),
        (0, RuleInput(id=b.id, name="x"), "id"),
    ):
        given = [changed[1], wrong] if place else [wrong]
        with pytest.raises(Invalid) as told:
            await service.put(ours, given)
        assert list(told.value.details) == [f"rules.{place}.{field}"]
    with pytest.raises(Invalid):
        await service.put(ours, [RuleInput(name="x")] * 51)
    with pytest.raises(NotFound):
        await service.history(ours, 10**9)
    entries = (await core.audit.list(ours, action="assignment_rules.*")).items
    assert [one.data["rules"] for one in entries] == [1, 2, 2]
