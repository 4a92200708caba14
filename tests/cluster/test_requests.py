"""What needs a channel's session works at every node: the process that owns the channel is asked, with NATS or without."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from jackfield.core import (
    Bus,
    ChannelView,
    Conflict,
    Core,
    Forbidden,
    Invalid,
    NatsBus,
    OutcomeUnknown,
    Rejected,
    Unavailable,
    Unsupported,
)
from jackfield.core.channels.remote import RemoteSession, carry_out
from jackfield.core.models import Message, OwnerRequest
from jackfield.core.port import (
    CAPABILITIES,
    CanCatalog,
    CanCheckContacts,
    CanDownload,
    CanGroup,
    CanShowPicture,
    Incoming,
)
from jackfield.core.port.content import Image, decode
from jackfield.engines.simulator.config import SimulatorConfig
from jackfield.engines.simulator.engine import account_for, forget_worlds
from jackfield.engines.simulator.session import SimulatorSession
from jackfield.testing.nats import connected, eventually, nats_server
from jackfield.worker.worker import Worker

from ..conftest import make_core

SELDOM_S = 5.0
"""The poll where there is NATS: what it told must not wait for this, and what it lost must not wait for ever."""


class Pair:
    """A node that answers requests, and one that owns the channel."""

    def __init__(self, api: Core, owner: Core, channel: ChannelView) -> None:
        self.api, self.owner, self.channel = api, owner, channel

    async def left(self) -> int:
        """How many requests are in the database."""
        async with self.api.db.read() as session:
            return int(await session.scalar(select(func.count()).select_from(OwnerRequest)) or 0)


@pytest.fixture(params=["nats", "polling"])
async def pair(request: pytest.FixtureRequest, migrated_postgres: str, tmp_path: Path) -> AsyncIterator[Pair]:
    """Two nodes: joined by NATS and seldom polling, and polling without NATS."""
    async with AsyncExitStack() as stack:
        buses: list[Bus | None] = [None, None]
        if request.param == "nats":
            nats = stack.enter_context(nats_server(tmp_path / "nats"))
            buses = [NatsBus(nats.url), NatsBus(nats.url)]
        poll = SELDOM_S if request.param == "nats" else 0.05
        cores = [
            make_core(migrated_postgres, tmp_path / name, bus=bus, poll_seconds=poll, lease_seconds=30.0, node=name)
            for name, bus in zip(("api", "owner"), buses, strict=True)
        ]
        for core in cores:
            await core.open()
            stack.push_async_callback(core.close)
        await connected(*[bus for bus in buses if bus is not None])
        api, owner = cores
        worker = Worker(owner)
        worker.start()
        stack.push_async_callback(worker.close)
        made = await api.accounts.bootstrap("Test", "owner@example.com", "correct horse battery", "test-key-0123456789")
        assert made is not None
        channel = await api.channels.create(
            made.workspace_id, name="Sim", engine="simulator", config={"autoScan": True}
        )
        await api.channels.connect(made.workspace_id, channel.id)
        channel = await api.channels.wait_for(channel, ("connected",), 60)
        assert channel.lease_owner == "owner"
        # A status is told a moment before the session is registered.
        await eventually(lambda: channel.id in owner.channels.live)
        yield Pair(api, owner, channel)
    forget_worlds()


async def test_what_needs_the_session_works_at_the_other_node(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    api, channel = pair.api, pair.channel
    assert channel.id not in api.channels.live
    group = await api.groups.create(channel, "From afar", ["628123456789"])
    assert group.address in {one.address for one in await pair.owner.groups.list(channel)}
    assert (await api.groups.update(channel, group.address, name="Renamed")).name == "Renamed"
    assert (await api.groups.invite_link(channel, group.address)).startswith("https://")

    config = api.channels.config_of(channel)
    assert isinstance(config, SimulatorConfig)
    numbers = await api.channels.session(channel, CanCheckContacts).check_contacts(["628123456789"])  # type: ignore[type-abstract]
    assert numbers == await pair.owner.channels.live[channel.id].check_contacts(["628123456789"])  # type: ignore[attr-defined]
    session = api.channels.session(channel, CanShowPicture)  # type: ignore[type-abstract]
    assert await session.picture("628123456789") == await pair.owner.channels.live[channel.id].picture("628123456789")  # type: ignore[attr-defined]
    # One that gives its results one after the other.
    catalogs = api.channels.session(channel, CanCatalog)  # type: ignore[type-abstract]
    every = await catalogs.list_catalogs()
    assert [one for catalog in every async for one in catalogs.list_products(catalog.provider_id)]
    assert await api.catalogs.sync_channel(channel.id) >= 1
    assert await api.templates.sync_channel(channel.id) >= 1

    # A refusal is the same as at the owner.
    closed = next(one for one in await api.groups.list(channel) if one.name == "Team Jakarta")
    with pytest.raises(Forbidden) as refused:
        await api.groups.update(channel, closed.address, name="Mine")
    assert refused.value.code == "GROUP_FORBIDDEN"

    async def broken(*_: Any) -> None:
        raise ZeroDivisionError("a secret")

    monkeypatch.setattr(SimulatorSession, "picture", broken)
    with pytest.raises(OutcomeUnknown) as unknown:
        await session.picture("628123456789")
    assert "ZeroDivisionError" in unknown.value.message
    assert "secret" not in unknown.value.message
    assert await pair.left() == 0

    # The paired phone is logged out through its owner.
    account = account_for(channel.id, config)
    assert account.paired
    await api.channels.unlink(channel.workspace_id, channel.id)
    await eventually(lambda: not account.paired)


async def test_a_file_is_fetched_by_the_owner_whoever_took_the_message_in(
    pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    fetched = asyncio.Event()

    async def download(_self: object, media_id: str) -> tuple[bytes, str]:
        assert media_id == "111"
        fetched.set()
        return b"picture", "image/jpeg"

    monkeypatch.setattr(SimulatorSession, "download", download)
    came = Incoming(
        provider_id="in-1", chat="628123456789", sender="628123456789", timestamp=1, content=Image(media_id="111")
    )
    await pair.api.intake.receive(pair.channel, [came])
    async with asyncio.timeout(60):
        await fetched.wait()

    async def url() -> str | None:
        async with pair.api.db.read() as session:
            stored = await session.scalar(select(Message.content).where(Message.provider_id == "in-1"))
        content = decode(stored)
        assert isinstance(content, Image)
        return content.url

    async with asyncio.timeout(60):
        while await url() is None or await pair.left():
            await asyncio.sleep(0.01)
    # A file that is asked for comes through the database.
    session = pair.api.channels.session(pair.channel, CanDownload)  # type: ignore[type-abstract]
    assert await session.download("111") == (b"picture", "image/jpeg")


async def test_a_request_that_nobody_takes_is_withdrawn(core: Core, workspace: int) -> None:
    channel = await core.channels.create(workspace, name="Nobody")
    with pytest.raises(Unavailable, match="nothing was done"):
        await core.owner_requests.ask(channel.id, "CanGroup.list_groups", b"{}", seconds=0.05)
    assert await core.owner_requests.take(channel.id) == []


async def test_a_request_that_was_taken_and_not_answered_may_have_been_done(core: Core, workspace: int) -> None:
    channel = await core.channels.create(workspace, name="Silent")
    asked = asyncio.create_task(core.owner_requests.ask(channel.id, "CanGroup.list_groups", b"{}", seconds=1.0))
    async with asyncio.timeout(60):
        while not (taken := await core.owner_requests.take(channel.id)):
            await asyncio.sleep(0.01)
    assert await core.owner_requests.take(channel.id) == [], "one takes it"
    assert "{}" not in repr(taken)
    with pytest.raises(OutcomeUnknown):
        await asked


async def test_arguments_and_answers_are_sealed(core: Core, workspace: int) -> None:
    channel = await core.channels.create(workspace, name="Sealed")
    await core.owner_requests.leave(channel.id, "CanEdit.edit", b'{"content": "SECRET"}')
    (taken,) = await core.owner_requests.take(channel.id)
    assert taken.arguments == b'{"content": "SECRET"}'
    await core.owner_requests.answer(taken.id, b'"SECRET"')
    async with core.db.read() as session:
        stored = (await session.execute(select(OwnerRequest.__table__))).one()
        raw = (await session.connection()).exec_driver_sql("SELECT arguments, answer FROM owner_requests")
        assert "SECRET" in stored.arguments
        assert not any(b"SECRET" in bytes(value) for value in (await raw).one())
    await core.owner_requests.prune()
    await core.owner_requests.done(taken.id)


async def test_a_channel_that_nobody_owns_is_not_connected(core: Core, workspace: int) -> None:
    channel = await core.channels.create(workspace, name="Down")
    with pytest.raises(Conflict) as down:
        core.channels.session(channel, CanGroup)  # type: ignore[type-abstract]
    assert down.value.code == "PROFILE_NOT_CONNECTED"


class _Given:
    """A session that has what the test sets."""

    def __init__(self, **methods: Any) -> None:
        self.__dict__.update(methods)


@pytest.mark.parametrize(
    "error",
    [
        Rejected("131026", "No."),
        Unavailable("timeout", "Later."),
        Unsupported("It cannot.", details={"capability": "pictures"}),
        Invalid("Wrong.", code="TEMPLATE_PARAMS", details={"name": ["Wrong."]}),
    ],
)
async def test_errors_cross_as_they_are(error: Exception) -> None:
    async def picture(_address: str) -> None:
        raise error

    async def ask(method: str, arguments: bytes) -> bytes:
        return await carry_out(_Given(picture=picture), method, arguments)

    remote: Any = RemoteSession(CanShowPicture, ask)
    with pytest.raises(type(error)) as raised:
        await remote.picture("628123456789")
    for name in ("code", "message", "details"):
        assert getattr(raised.value, name, None) == getattr(error, name, None)


async def test_what_no_capability_has_is_not_called() -> None:
    called: list[str] = []
    session = _Given(close=lambda: called.append("close"), __class__=object)
    for method in ("CanGroup.close", "Session.close", "CanGroup.__init__", "", "CanGroup.list_groups"):
        answer = await carry_out(session, method, b"{}")
        assert b'"failure"' in answer
    assert called == []
    with pytest.raises(AttributeError):
        RemoteSession(CanGroup, None).close  # type: ignore[arg-type]  # noqa: B018


def test_every_capability_that_is_asked_for_can_cross() -> None:
    for protocol in CAPABILITIES.values():
        remote = RemoteSession(protocol, None)  # type: ignore[arg-type]
        for name, member in vars(protocol).items():
            if callable(member) and not name.startswith("_"):
                assert callable(getattr(remote, name)), name
