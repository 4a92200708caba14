"""A person hears no more marketing than the workspace allows, of all campaigns and addresses together."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import update

from jackfield.core import Core, Invalid
from jackfield.core.ledger import states
from jackfield.core.models import Message

from .test_may_send import BSUID, OTHER, PHONE, House

DAY_MS = 86_400_000
LEFT_OUT = (states.SKIPPED, "heard_enough")
TAKEN = (states.SENDING, None)


@pytest.fixture
async def capped(core: Core, workspace: int) -> House:
    """A workspace that sends nobody more than two in a week."""
    cap = {"marketing_cap": {"messages": 2, "days": 7}}
    await core.accounts.update_workspace(workspace, settings=cap)
    return House(core, workspace, (await core.channels.create(workspace, name="One")).id)


async def after_claim(house: House, *peers: str, category: str = "marketing") -> list[tuple[str, str | None]]:
    """What became of a campaign's messages when they were due."""
    messages = await house.bulk(*peers, category=category)
    assert {state for state, _ in messages} == {states.QUEUED}
    await house.claim()
    return (await _rows(house))[-len(peers) :]


async def _rows(house: House) -> list[tuple[str, str | None]]:
    page = await house.core.messages.list(house.workspace, limit=200, newest_first=False)
    return [(one.state, one.error_code) for one in page.items]


async def test_the_third_in_a_week_is_left_out(capped: House) -> None:
    assert await after_claim(capped, PHONE, OTHER) == [TAKEN, TAKEN]
    assert await after_claim(capped, PHONE) == [TAKEN]
    assert await after_claim(capped, PHONE, OTHER) == [LEFT_OUT, TAKEN]
    assert await after_claim(capped, PHONE, category="utility") == [TAKEN]
    async with capped.core.unit() as unit:
        older = {"created_at": Message.created_at - 7 * DAY_MS, "sent_at": None}
        await unit.conn.execute(update(Message).values(**older))
    assert await after_claim(capped, PHONE) == [TAKEN]


async def test_three_in_one_claim(capped: House) -> None:
    for _ in range(3):
        await capped.bulk(PHONE)
    await capped.single()
    await capped.claim()
    assert sorted(await _rows(capped), key=str) == sorted([TAKEN, TAKEN, LEFT_OUT, LEFT_OUT], key=str)


async def test_what_failed_was_not_heard(capped: House) -> None:
    await after_claim(capped, PHONE)
    await after_claim(capped, PHONE)
    async with capped.core.unit() as unit:
        await unit.conn.execute(update(Message).values(state=states.FAILED))
    assert await after_claim(capped, PHONE) == [TAKEN]


async def test_all_addresses_of_a_person_count_together(capped: House) -> None:
    await capped.says("Hello", PHONE, phone=PHONE, bsuid=BSUID)
    other = (await capped.core.channels.create(capped.workspace, name="Two")).id
    house = House(capped.core, capped.workspace, other)
    id_ = await capped.found(PHONE)
    await house.single(PHONE, contact_id=id_)
    await house.claim()
    await capped.single(BSUID, contact_id=id_)
    await capped.single(PHONE, contact_id=id_)
    await capped.claim()
    assert [one for one in await _rows(capped) if one[0] != states.RECEIVED] == [TAKEN, TAKEN, LEFT_OUT]


async def test_without_a_cap_nobody_is_left_out(core: Core, workspace: int) -> None:
    house = House(core, workspace, (await core.channels.create(workspace, name="One")).id)
    for _ in range(5):
        assert await after_claim(house, PHONE) == [TAKEN]


@pytest.mark.parametrize(
    ("cap", "field"),
    [
        (3, "settings.marketing_cap"),
        ({"messages": 3}, "settings.marketing_cap"),
        ({"messages": 0, "days": 7}, "settings.marketing_cap.messages"),
        ({"messages": True, "days": 7}, "settings.marketing_cap.messages"),
        ({"messages": 3, "days": 31}, "settings.marketing_cap.days"),
    ],
)
async def test_a_cap_that_is_none_is_refused(core: Core, workspace: int, cap: Any, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        await core.accounts.update_workspace(workspace, settings={"marketing_cap": cap})
    assert [*refused.value.details] == [field]
