"""Every event is copied to a JetStream stream: once, in order, by one process, and again where NATS has lost some."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import msgspec
import pytest
from nats.aio.client import Client
from nats.js.errors import NotFoundError
from sqlalchemy import select

from jackfield.core import Core, NatsBus, Stored
from jackfield.core.ground.events import ContactCreated
from jackfield.core.models import Event
from jackfield.dialects.native.live_writer import Writer
from jackfield.testing.nats import NatsServer, eventually
from jackfield.worker.relay import EventRelay

from ..conftest import make_core

PAGE = Path(__file__).parents[2] / "docs" / "scaling.md"


@asynccontextmanager
async def relaying(url: str, nats_url: str, folder: Path) -> AsyncIterator[Core]:
    """A node that copies events when it may."""
    core = make_core(url, folder, bus=NatsBus(nats_url), node=folder.name)
    await core.open()
    assert isinstance(core.bus, NatsBus)
    relay = EventRelay(core, core.bus, "events", Writer(core).encode)
    relay.start()
    try:
        yield core
    finally:
        await relay.close()
        await core.close()


async def workspace_of(core: Core) -> int:
    """A workspace; gives its id once the relay has begun."""
    made = await core.accounts.bootstrap("Test", "owner@example.com", "correct horse battery", "test-key-0123456789")
    assert made is not None
    return made.workspace_id


async def happen(core: Core, workspace: int, names: Sequence[str]) -> None:
    """Append an event of each name."""
    for name in names:
        async with core.unit() as unit:
            unit.emit(workspace, ContactCreated(id=1, name=name))


async def copied(url: str) -> list[tuple[int, str, str]]:
    """What the stream has, in its order: id, subject and name."""
    client = Client()
    await client.connect(url)
    try:
        stream = client.jetstream()
        info = await stream.stream_info("events")
        found = []
        for place in range(max(info.state.first_seq, 1), info.state.last_seq + 1):
            try:
                message = await stream.get_msg("events", place)
            except NotFoundError:
                continue
            assert message.headers is not None
            assert message.data is not None
            body = msgspec.json.decode(message.data)
            assert message.headers["Nats-Msg-Id"] == body["id"]
            found.append((int(body["id"]), str(message.subject), body["data"]["name"]))
        return found
    except NotFoundError:
        return []
    finally:
        await client.close()


async def expect(url: str, names: Sequence[str]) -> list[tuple[int, str, str]]:
    """Wait until the stream has events of these names, in this order and no others."""
    async with asyncio.timeout(60):
        while len(found := await copied(url)) < len(names):
            await asyncio.sleep(0.02)
    assert [name for _, _, name in found] == list(names)
    ids = [id_ for id_, _, _ in found]
    assert ids == sorted(ids)
    return found


async def test_events_are_copied_in_order_and_once(migrated_url: str, nats: NatsServer, tmp_path: Path) -> None:
    async with AsyncExitStack() as stack:
        first = await stack.enter_async_context(relaying(migrated_url, nats.url, tmp_path / "a"))
        workspace = await workspace_of(first)
        await eventually(lambda: first.event_log.copies)
        second_stack = await stack.enter_async_context(AsyncExitStack())
        second = await second_stack.enter_async_context(relaying(migrated_url, nats.url, tmp_path / "b"))
        names = [f"n{i}" for i in range(30)]
        await happen(first, workspace, names[:10])
        await happen(second, workspace, names[10:])
        found = await expect(nats.url, names)
        assert {subject for _, subject, _ in found} == {f"jackfield.events.{workspace}.contact.created"}
        assert (first.event_log.copied, second.event_log.copied) == (30, 0)
        assert not second.event_log.copies


async def test_another_goes_on_where_one_ends(migrated_postgres: str, nats: NatsServer, tmp_path: Path) -> None:
    async with relaying(migrated_postgres, nats.url, tmp_path / "a") as first:
        workspace = await workspace_of(first)
        await eventually(lambda: first.event_log.copies)
        await happen(first, workspace, ["one"])
        await expect(nats.url, ["one"])
    async with relaying(migrated_postgres, nats.url, tmp_path / "b") as second:
        await happen(second, workspace, ["two"])
        await expect(nats.url, ["one", "two"])


async def test_what_nats_has_missed_or_lost_is_copied_again(
    migrated_sqlite: str, nats: NatsServer, tmp_path: Path
) -> None:
    async with relaying(migrated_sqlite, nats.url, tmp_path / "a") as core:
        workspace = await workspace_of(core)
        await eventually(lambda: core.event_log.copies)
        await happen(core, workspace, ["before"])
        await expect(nats.url, ["before"])
        nats.stop()
        await eventually(lambda: not core.bus.state.connected)
        await happen(core, workspace, ["meanwhile"])
        nats.start()
        await happen(core, workspace, ["after"])
        await expect(nats.url, ["before", "meanwhile", "after"])

        # The last one is lost, as by a power cut before it reached the disk.
        client = Client()
        await client.connect(nats.url)
        info = await client.jetstream().stream_info("events")
        await client.jetstream().delete_msg("events", info.state.last_seq)
        await client.close()
        nats.stop()
        await eventually(lambda: not core.bus.state.connected)
        nats.start()
        await expect(nats.url, ["before", "meanwhile", "after"])

        # All of it is lost.
        nats.stop()
        shutil.rmtree(nats.folder / "jetstream")
        await eventually(lambda: not core.bus.state.connected)
        nats.start()
        await expect(nats.url, ["before", "meanwhile", "after"])


async def test_nothing_is_copied_before_what_may_still_come_before_it(migrated_postgres: str, tmp_path: Path) -> None:
    core = make_core(migrated_postgres, tmp_path)
    await core.open()
    try:
        workspace = await workspace_of(core)
        await happen(core, workspace, ["first"])
        (first,) = await core.event_log.after(0)

        async def late(fails: bool) -> None:
            async with core.unit() as unit:
                unit.emit(workspace, ContactCreated(id=1, name="late"))
                # The id is taken; the event shows itself when this commits.
                await unit.append_events()
                unit._events.clear()
                began.set()
                await go_on.wait()
                if fails:
                    raise ZeroDivisionError

        position = first.id
        for fails in (False, True):
            began, go_on = asyncio.Event(), asyncio.Event()
            writing = asyncio.create_task(late(fails))
            await began.wait()
            await happen(core, workspace, ["early"])
            for _ in range(3):
                assert await core.event_log.after(position) == []
                assert core.event_log.waits
            go_on.set()
            await asyncio.gather(writing, return_exceptions=True)
            # Another transaction that writes events now does not matter: its ids are later ones.
            told: list[Stored] = []
            async with asyncio.timeout(60):
                while not told:
                    told = await core.event_log.after(position)
            names = [msgspec.json.decode(one.data)["name"] for one in told]
            assert names == (["early"] if fails else ["late", "early"])
            position = told[-1].id
        assert not core.event_log.waits
    finally:
        await core.close()


async def test_the_consumer_of_the_documentation_reads_them(
    migrated_sqlite: str, nats: NatsServer, tmp_path: Path
) -> None:
    (program,) = re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)
    async with relaying(migrated_sqlite, nats.url, tmp_path / "a") as core:
        workspace = await workspace_of(core)
        await eventually(lambda: core.event_log.copies)
        await happen(core, workspace, ["Ann"])
        await expect(nats.url, ["Ann"])
        reader = await asyncio.create_subprocess_exec(
            sys.executable, "-c", program, stdout=subprocess.PIPE, env={**os.environ, "NATS_URL": nats.url}
        )
        try:
            assert reader.stdout is not None
            async with asyncio.timeout(60):
                line = (await reader.stdout.readline()).decode()
                async with core.db.read() as session:
                    id_ = await session.scalar(select(Event.id).where(Event.type == "contact.created"))
                assert line.startswith(f"{id_} contact.created {{")
                assert "'name': 'Ann'" in line
                await happen(core, workspace, ["Ben"])
                assert "'name': 'Ben'" in (await reader.stdout.readline()).decode()
        finally:
            reader.kill()
            await reader.wait()


@pytest.mark.parametrize("name", ["a.b", "a b", "events>"])
def test_a_stream_s_name_is_checked(name: str) -> None:
    from jackfield.settings import Settings

    with pytest.raises(ValueError, match="cannot be a stream's name"):
        Settings(nats_stream=name)
