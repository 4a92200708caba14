"""Several commands in one transaction: all of them or nothing, on both databases."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from jackfield.core import ContactInput, Core, Submission, Text
from jackfield.core.ground.errors import Conflict, NotFound

PHONE = "+6281234567890"


@pytest.fixture
async def channel(core: Core, workspace: int) -> int:
    return (await core.channels.create(workspace, name="One")).id


@pytest.fixture
def told(core: Core) -> list[str]:
    """Types of the events that were published."""
    types: list[str] = []
    core.bus.subscribe("events", lambda stored: types.extend(one.type for one in stored))
    return types


def message(workspace: int, channel: int, **fields: Any) -> Submission:
    return Submission(workspace_id=workspace, channel_id=channel, peer=PHONE[1:], content=Text(text="hi"), **fields)


async def test_commands_commit_together_and_events_follow_the_commit(
    core: Core, workspace: int, channel: int, told: list[str]
) -> None:
    async with core.transaction():
        saved = await core.contacts.save(workspace, ContactInput(phone=PHONE))
        # A later command reads what an earlier one wrote, though nobody else does.
        assert (await core.contacts.get(workspace, saved.contact.id)).phone == PHONE[1:]
        accepted = await core.messages.submit(message(workspace, channel, contact_id=saved.contact.id))
        assert (await core.messages.get(workspace, accepted.id)).contact_id == saved.contact.id
        assert told == []
    assert "contact.created" in told
    assert (await core.messages.get(workspace, accepted.id)).peer == PHONE[1:]


async def test_a_failure_leaves_nothing(core: Core, workspace: int, channel: int, told: list[str]) -> None:
    async def several() -> None:
        async with core.transaction():
            await core.contacts.save(workspace, ContactInput(phone=PHONE))
            await core.messages.submit(message(workspace, channel))
            await core.contacts.get(workspace, 4711)

    with pytest.raises(NotFound):
        await several()
    assert await core.contacts.find(workspace, "phone", PHONE) is None
    assert (await core.messages.list(workspace)).items == []
    assert told == []


async def test_a_command_that_fails_and_is_caught_leaves_nothing_of_its_own(
    core: Core, workspace: int, told: list[str]
) -> None:
    async with core.transaction():
        await core.contacts.lists.create(workspace, "Customers")
        with pytest.raises(Conflict):
            await core.contacts.lists.create(workspace, "Customers")
        await core.contacts.create(workspace, phone=PHONE, lists=["Customers"])
        with pytest.raises(Conflict):
            await core.contacts.create(workspace, phone=PHONE)
    contact = await core.contacts.find(workspace, "phone", PHONE)
    assert contact is not None
    assert contact.lists == ["Customers"]
    assert told.count("contact.created") == 1


async def test_a_repeat_under_an_idempotency_key_is_answered_inside(core: Core, workspace: int, channel: int) -> None:
    keyed = message(workspace, channel, idempotency_key="k", fingerprint="f")
    first = await core.messages.submit(keyed)
    async with core.transaction():
        assert (await core.messages.submit(keyed)).id == first.id
        with pytest.raises(Conflict):
            await core.messages.submit(message(workspace, channel, idempotency_key="k", fingerprint="other"))


async def test_other_tasks_are_outside(core: Core, workspace: int) -> None:
    async with core.transaction():
        made = await core.contacts.create(workspace, phone=PHONE)

        async def elsewhere() -> None:
            with pytest.raises(NotFound):
                await core.contacts.get(workspace, made.id)

        await asyncio.create_task(elsewhere())
    assert (await core.contacts.get(workspace, made.id)).id == made.id


async def test_inside_another_it_is_the_same(core: Core, workspace: int) -> None:
    async def nested() -> None:
        async with core.transaction():
            async with core.transaction():
                await core.contacts.create(workspace, phone=PHONE)
            await core.contacts.get(workspace, 4711)

    with pytest.raises(NotFound):
        await nested()
    assert await core.contacts.find(workspace, "phone", PHONE) is None
