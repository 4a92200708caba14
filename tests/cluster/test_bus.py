"""Two cores on one PostgreSQL, joined by NATS: what one does the other knows at once, long before it would poll."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from jackfield.core import Core, NatsBus, Submission, Subscription, Text
from jackfield.engines.simulator.engine import forget_worlds
from jackfield.testing.nats import NatsServer, connected, eventually
from jackfield.worker.worker import Worker

from ..conftest import make_core

NEVER_S = 3600.0
"""A time that does not come during the test."""
SELDOM_S = 5.0
"""The poll: a wake-up that is lost delays a test, as it would a server, and does not break it."""


@asynccontextmanager
async def node(url: str, nats_url: str, folder: Path, *, poll_seconds: float = SELDOM_S) -> AsyncIterator[Core]:
    """A process of the cluster, as far as the core knows; two of them share this process's event loop."""
    core = make_core(
        url, folder, bus=NatsBus(nats_url), poll_seconds=poll_seconds, lease_seconds=30.0, node=folder.name
    )
    await core.open()
    try:
        yield core
    finally:
        await core.close()


@pytest.fixture
async def two(migrated_postgres: str, nats: NatsServer, tmp_path: Path) -> AsyncIterator[tuple[Core, Core]]:
    """Two nodes that are connected."""
    async with (
        node(migrated_postgres, nats.url, tmp_path / "a") as first,
        node(migrated_postgres, nats.url, tmp_path / "b") as second,
    ):
        await connected(first.bus, second.bus)
        yield first, second
    forget_worlds()


async def bootstrapped(core: Core) -> int:
    """A workspace; gives its id."""
    made = await core.accounts.bootstrap("Test", "owner@example.com", "correct horse battery", "test-key-0123456789")
    assert made is not None
    return made.workspace_id


async def test_a_listener_hears_what_happens_at_another_node(two: tuple[Core, Core]) -> None:
    first, second = two
    workspace = await bootstrapped(first)
    told: asyncio.Queue[str] = asyncio.Queue()
    subscription = Subscription(
        second.live, workspace, lambda events: [told.put_nowait(one.stored.type) for one in events]
    )
    async for _ in subscription.follow():
        pass
    await first.contacts.create(workspace, name="Ann", phone="+628123456789")
    async with asyncio.timeout(60):
        assert await told.get() == "contact.created"
    subscription.close()


async def test_a_worker_sends_at_once_what_another_node_accepted(two: tuple[Core, Core]) -> None:
    api, worker_node = two
    workspace = await bootstrapped(api)
    worker = Worker(worker_node)
    worker.start()
    try:
        channel = await api.channels.create(workspace, name="Sim", engine="simulator", config={"autoScan": True})
        await api.channels.connect(workspace, channel.id)
        # The status is told too: nobody here polls.
        up = await api.channels.wait_for(channel, ("connected",), 60)
        assert up.status == "connected"
        sent = Submission(
            workspace_id=workspace,
            channel_id=channel.id,
            peer="628123456789",
            content=Text(text="Hello"),
            category="service",
        )
        _, settled = await api.messages.submit_and_wait(sent, 60)
        assert settled is not None
        assert settled.state == "sent"
    finally:
        await worker.close()


async def test_a_revoked_key_is_refused_at_once_everywhere(
    two: tuple[Core, Core], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jackfield.core.accounts.keys.CACHE_SECONDS", NEVER_S)
    first, second = two
    workspace = await bootstrapped(first)
    new = await first.accounts.create_key(workspace, "Till", scopes=["messages:read"])
    while second.accounts.cached_key(new.secret) is None:
        # The news of the key itself may still be on its way, and then makes the cache forget.
        await second.accounts.authenticate_key(new.secret)
    await connected(first.bus, second.bus)
    await second.accounts.authenticate_key(new.secret)
    assert second.accounts.cached_key(new.secret) is not None
    await first.accounts.revoke_key(workspace, new.key.id)
    await eventually(lambda: second.accounts.cached_key(new.secret) is None)


async def test_what_happened_while_nats_was_away_is_heard_when_it_is_back(
    two: tuple[Core, Core], nats: NatsServer
) -> None:
    first, second = two
    workspace = await bootstrapped(first)
    told: asyncio.Queue[str] = asyncio.Queue()
    subscription = Subscription(
        second.live, workspace, lambda events: [told.put_nowait(one.stored.type) for one in events]
    )
    async for _ in subscription.follow():
        pass
    nats.stop()
    await eventually(lambda: not first.bus.state.connected and not second.bus.state.connected)
    await first.contacts.create(workspace, name="Ann", phone="+628123456789")
    nats.start()
    async with asyncio.timeout(60):
        assert await told.get() == "contact.created"
    subscription.close()


async def test_another_takes_a_channel_over_at_once_where_its_owner_stops(two: tuple[Core, Core]) -> None:
    workspace = await bootstrapped(two[0])
    workers = {core.options.node: Worker(core) for core in two}
    for worker in workers.values():
        worker.start()
    try:
        channel = await two[0].channels.create(workspace, name="Sim", engine="simulator", config={"autoScan": True})
        await two[0].channels.connect(workspace, channel.id)
        channel = await two[0].channels.wait_for(channel, ("connected",), 60)
        first = channel.lease_owner
        assert first is not None
        (other,) = workers.keys() - {first}
        await workers.pop(first).close()
        async with asyncio.timeout(60):
            while (channel := await two[0].channels.get(workspace, channel.id)).lease_owner != other:
                await asyncio.sleep(0.01)
        sent = Submission(
            workspace_id=workspace, channel_id=channel.id, peer="628123456789", content=Text(text="Hello")
        )
        _, settled = await two[1].messages.submit_and_wait(sent, 60)
        assert settled is not None
        assert settled.state == "sent"
    finally:
        for worker in workers.values():
            await worker.close()
