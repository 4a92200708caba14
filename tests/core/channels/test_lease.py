"""Leases: what an owner that stalled past its lease still knows, and what the owner of a channel reads."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from jackfield.core import ClaimRequest, Core, Lease, Outcome, Submission, now_ms
from jackfield.core.channels.lease import acquire
from jackfield.core.models import Event
from jackfield.core.port.content import Text


@pytest.fixture
async def channel(core: Core, workspace: int) -> int:
    return (await core.channels.create(workspace, name="One", config={"autoScan": True})).id


async def submit(core: Core, workspace: int, channel: int) -> int:
    item = Submission(workspace_id=workspace, channel_id=channel, peer="628111111111", content=Text(text="hi"))
    return (await core.messages.submit(item)).id


async def own(core: Core, channel: int, owner: str) -> Lease:
    """Take the lease as `owner`, whoever holds it."""
    async with core.unit() as unit:
        lease = await acquire(unit, channel, owner, 60, force=True)
    assert lease is not None
    return lease


async def claim(core: Core, channel: int, token: int) -> list[int]:
    return [one.id for one in (await core.queue.claim(ClaimRequest(channel_id=channel, token=token, limit=9))).messages]


def unsent(id_: int, channel: int, token: int) -> Outcome:
    return Outcome(id=id_, channel_id=channel, token=token, state="queued", at=now_ms(), free=True)


async def test_what_a_stalled_owner_did_not_hand_over_goes_back_at_once(
    core: Core, workspace: int, channel: int
) -> None:
    unsent_one, handed_over = [await submit(core, workspace, channel) for _ in range(2)]
    stalled = await own(core, channel, "stalled")
    assert await claim(core, channel, stalled.token) == [unsent_one, handed_over]
    heard: list[object] = []
    core.bus.subscribe(f"channel:{channel}", heard.append)
    other = await own(core, channel, "other")
    assert other.taken_over == 2
    assert await core.queue.record(unsent(unsent_one, channel, stalled.token))
    assert heard, "the new owner is woken"
    message = await core.messages.get(workspace, unsent_one)
    assert (message.state, message.attempts, message.error_code) == ("queued", 0, None)
    assert (await core.messages.get(workspace, handed_over)).state == "uncertain"
    assert await claim(core, channel, other.token) == [unsent_one]


async def test_a_message_that_was_settled_meanwhile_is_left_alone(core: Core, workspace: int, channel: int) -> None:
    id_ = await submit(core, workspace, channel)
    stalled = await own(core, channel, "stalled")
    await claim(core, channel, stalled.token)
    other = await own(core, channel, "other")
    # The new owner asked the network, put it back and has it in hand again.
    assert await core.queue.record(unsent(id_, channel, stalled.token))
    assert await claim(core, channel, other.token) == [id_]
    assert not await core.queue.record(unsent(id_, channel, stalled.token))
    assert (await core.messages.get(workspace, id_)).state == "sending"


async def test_a_refusal_that_a_stalled_owner_heard_is_recorded(core: Core, workspace: int, channel: int) -> None:
    id_ = await submit(core, workspace, channel)
    stalled = await own(core, channel, "stalled")
    await claim(core, channel, stalled.token)
    await own(core, channel, "other")
    refused = Outcome(id=id_, channel_id=channel, token=stalled.token, state="failed", at=now_ms(), code="131026")
    assert await core.queue.record(refused)
    message = await core.messages.get(workspace, id_)
    assert (message.state, message.error_code) == ("failed", "131026")


async def test_uncertain_twice_is_uncertain_once(core: Core, workspace: int, channel: int) -> None:
    id_ = await submit(core, workspace, channel)
    stalled = await own(core, channel, "stalled")
    await claim(core, channel, stalled.token)
    await own(core, channel, "other")
    since = (await core.messages.get(workspace, id_)).uncertain_at
    unknown = Outcome(id=id_, channel_id=channel, token=stalled.token, state="uncertain", at=now_ms() + 5000)
    assert not await core.queue.record(unknown)
    assert (await core.messages.get(workspace, id_)).uncertain_at == since


async def test_a_lease_is_taken_renewed_and_given_back(core: Core, workspace: int, channel: int) -> None:
    lease = await core.leases.acquire(channel)
    assert lease is not None
    assert await core.leases.acquire(channel) is None, "it is taken"
    assert await core.leases.renew({channel: lease.token, channel + 1: 1}) == {channel}
    assert await core.leases.renew({channel: lease.token + 1}) == frozenset()
    (standing,) = await core.leases.channels()
    assert (standing.lease_owner, standing.wanted) == (core.options.node, "down")
    await core.channels.set_status(channel, "connected")
    await core.leases.release(channel, lease.token)
    (standing,) = await core.leases.channels()
    assert (standing.lease_owner, standing.status) == (None, "disconnected")
    # Told once, and not of a channel that never was up.
    again = await core.leases.acquire(channel)
    assert again is not None
    await core.channels.set_status(channel, "pairing")
    await core.leases.release(channel, again.token)
    async with core.db.read() as session:
        told = await session.execute(select(Event.channel_id, Event.data).where(Event.type == "session.disconnected"))
    assert [(row.channel_id, row.data) for row in told] == [(channel, '{"reason":"Disconnected on request."}')]


async def test_the_setup_changes_only_with_what_concerns_the_owner(core: Core, workspace: int, channel: int) -> None:
    before = await core.leases.setup(channel)
    assert before is not None
    assert "autoScan" not in repr(before), "the configuration may hold secrets"
    await core.channels.set_status(channel, "connecting", "again")
    assert await core.leases.setup(channel) == before
    await core.channels.update(workspace, channel, pacing={"rate": 3})
    after = await core.leases.setup(channel)
    assert after is not None
    assert (after != before, after.pacing) == (True, {"rate": 3})
    assert await core.leases.setup(channel + 1) is None


async def test_channels_are_told_as_they_are_now(core: Core, workspace: int) -> None:
    """What did not change is not decoded again, what did is."""
    one, two = [(await core.channels.create(workspace, name=name, config={"autoScan": True})).id for name in "AB"]
    first = {standing.setup.id: standing for standing in await core.leases.channels()}
    assert first.keys() == {one, two}
    await core.channels.update(workspace, two, pacing={"rate": 3}, config={"autoScan": False})
    await core.channels.set_status(one, "connecting")
    second = {standing.setup.id: standing for standing in await core.leases.channels()}
    assert second[one].setup is first[one].setup
    assert second[one].status == "connecting"
    assert second[two].setup == await core.leases.setup(two)
    assert second[two].setup.pacing == {"rate": 3}
    await core.channels.delete(workspace, one)
    assert [standing.setup.id for standing in await core.leases.channels()] == [two]


async def test_who_works_alone_renews_seldom(core: Core, workspace: int, channel: int) -> None:
    shared = core.leases.seconds
    core.options.exclusive = True
    assert core.leases.seconds >= 10 * shared
    before = now_ms()
    lease = await core.leases.acquire(channel)
    assert lease is not None
    assert lease.until >= before + 10 * shared * 1000
    assert await core.leases.renew({channel: lease.token}) == {channel}


async def test_many_leases_are_renewed_together_each_by_its_own_token(core: Core, workspace: int) -> None:
    ids = [(await core.channels.create(workspace, name=f"C{n}")).id for n in range(4)]
    leases = [await core.leases.acquire(id_) for id_ in ids]
    tokens = {lease.channel_id: lease.token for lease in leases if lease is not None}
    await own(core, ids[0], "other")
    # Taken again under the same name, by a process that was started anew: the token tells them apart.
    await own(core, ids[1], core.options.node)
    before = {one.setup.id: one.lease_until for one in await core.leases.channels()}
    assert await core.leases.renew(tokens) == set(ids[2:])
    after = {one.setup.id: one.lease_until for one in await core.leases.channels()}
    assert [after[id_] == before[id_] for id_ in ids[:2]] == [True, True]


async def test_a_session_keeps_its_state(core: Core, channel: int) -> None:
    assert await core.leases.session_state(channel) == b""
    await core.leases.keep_session_state(channel, b"keys")
    assert await core.leases.session_state(channel) == b"keys"
