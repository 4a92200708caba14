"""Budgets of new people: who costs something, who waits, and that channels of one budget stay inside it together."""

from __future__ import annotations

import asyncio

import msgspec
import pytest
from sqlalchemy import update

from jackfield.core import Core
from jackfield.core.models import BudgetUse, Channel, Chat
from jackfield.core.quotas import budgets
from jackfield.core.quotas.budgets import Budget, budget_of
from jackfield.db.base import now_ms

THREE = Budget(3, "channel:1")


@pytest.fixture
async def channel(core: Core, workspace: int) -> Channel:
    return await core.channels.create(workspace, name="Shop", pacing={"uniquePer24h": 3})


async def take(core: Core, channel: Channel, *peers: str, budget: Budget = THREE, anyway: bool = False) -> set[str]:
    """Who is refused."""
    taken = await core.budgets.take(
        budget, workspace_id=channel.workspace_id, channel_id=channel.id, peers=dict.fromkeys(peers, anyway)
    )
    return taken.refused


async def test_new_people_cost_and_others_do_not(core: Core, channel: Channel) -> None:
    assert await take(core, channel, "1", "2") == set()
    assert await take(core, channel, "1", "2") == set(), "who was written to costs nothing"
    assert await take(core, channel, "3", "4", "5") == {"4", "5"}
    assert await take(core, channel, "2", "6") == {"6"}
    async with core.unit() as unit:
        unit.session.add(
            Chat(
                workspace_id=channel.workspace_id,
                channel_id=channel.id,
                peer="7",
                window_until=now_ms() + 60_000,
                created_at=1,
            )
        )
    assert await take(core, channel, "7", "8") == {"8"}, "inside the service window it is an answer"
    assert await take(core, channel, "9", anyway=True) == set(), "a code goes, and counts"
    standing = await core.budgets.standing(channel)
    assert standing is not None
    assert (standing.limit, standing.used) == (3, 4)


async def test_room_comes_back_as_the_time_moves_on(core: Core, channel: Channel) -> None:
    assert await take(core, channel, "1", "2", "3", "4") == {"4"}
    day = budgets.WINDOW_MS
    now = now_ms()
    async with core.unit() as unit:
        await unit.session.execute(update(BudgetUse).where(BudgetUse.peer == "2").values(used_at=now - day + 5000))
    taken = await core.budgets.take(THREE, workspace_id=channel.workspace_id, channel_id=channel.id, peers={"4": False})
    assert taken.refused == {"4"}
    assert taken.free_at == now + 5000
    standing = await core.budgets.standing(channel)
    assert standing is not None
    assert standing.free_at == now + 5000
    async with core.unit() as unit:
        await unit.session.execute(update(BudgetUse).where(BudgetUse.peer == "2").values(used_at=now - day))
    assert await take(core, channel, "4") == set()
    assert await take(core, channel, "2") == {"2"}, "it is new again"
    await core.budgets.prune()
    standing = await core.budgets.standing(channel)
    assert standing is not None
    assert standing.used == 3


async def test_channels_share_a_budget(core: Core, workspace: int, channel: Channel) -> None:
    other = await core.channels.create(workspace, name="Other")
    group = Budget(25, "group:portfolio")
    numbers = [str(number) for number in range(40)]
    answers = await asyncio.gather(
        *(
            take(core, one, *numbers[start : start + 5], budget=group)
            for start in range(0, 40, 5)
            for one in (channel, other)
        )
    )
    written = set(numbers) - set().union(*answers)
    assert len(written) == 25
    assert await take(core, other, "fresh", budget=Budget(25, f"channel:{other.id}")) == set()


async def test_whose_limit_it_is(core: Core, workspace: int, channel: Channel) -> None:
    assert budget_of(channel) == Budget(3, f"channel:{channel.id}")
    plain = await core.channels.create(workspace, name="Plain")
    assert budget_of(plain) is None
    assert await core.budgets.standing(plain) is None
    plain = msgspec.structs.replace(plain, account={"messaging_limit": 250})
    assert budget_of(plain) == Budget(250, f"channel:{plain.id}"), "what the provider told"
    plain = msgspec.structs.replace(plain, account={"messaging_limit": -1})
    assert budget_of(plain) is None, "no limit"
    plain = msgspec.structs.replace(plain, pacing={"uniquePer24h": 10, "budgetGroup": "P"})
    assert budget_of(plain) == Budget(10, "group:P")
