"""What waits, as the database tells it: depth and age of every queue, on both databases, by looks into indexes."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import insert, update

from jackfield.core import Core, Waiting
from jackfield.core import backlog as backlogs
from jackfield.core.backlog import OTHERS, Backlog
from jackfield.core.models import Campaign, Channel, Delivery, Endpoint, Event, Message
from jackfield.db.base import now_ms

from .test_plans import statements, whole_readings


async def put(core: Core, model: Any, **values: Any) -> int:
    async with core.unit() as unit:
        made = await unit.conn.execute(insert(model).values(**values))
        return int(made.inserted_primary_key[0])


@pytest.fixture
async def home(core: Core) -> tuple[Core, int, int]:
    """A core with a workspace and a channel."""
    made = await core.accounts.bootstrap("T", "o@example.com", "correct horse battery", "test-key-0123456789")
    assert made is not None
    channel = await core.channels.create(made.workspace_id, name="One")
    return core, made.workspace_id, channel.id


class Filled:
    """Rows as they are when something waits. `ago` is in seconds."""

    def __init__(self, core: Core, workspace_id: int, channel_id: int) -> None:
        self.core, self.workspace_id, self.channel_id = core, workspace_id, channel_id
        self.now = now_ms()
        self.slot = 0

    async def message(self, state: str = "queued", *, ago: float = 0, lane: int = 0, **values: Any) -> None:
        self.slot += 1
        given = {"peer": "62812", "slot": str(self.slot), "created_at": self.now, "due_at": self.now - int(ago * 1000)}
        await put(
            self.core, Message, workspace_id=self.workspace_id, channel_id=self.channel_id, state=state, lane=lane,
            **{**given, **values},
        )  # fmt: skip

    async def campaign(self, state: str) -> int:
        return await put(
            self.core, Campaign, workspace_id=self.workspace_id, channel_id=self.channel_id, name="C", kind="bulk",
            state=state, audience={}, options={}, created_at=self.now, updated_at=self.now,
        )  # fmt: skip

    async def endpoint(self, **values: Any) -> int:
        return await put(
            self.core, Endpoint, workspace_id=self.workspace_id, url="https://example.com", secret="s", events=["*"],
            settings={}, created_at=self.now, **values,
        )  # fmt: skip

    async def delivery(self, endpoint_id: int, *, due_at: int, state: str = "pending") -> None:
        event = await put(
            self.core, Event, workspace_id=self.workspace_id, type="message.sent", data="{}", created_at=self.now
        )
        await put(
            self.core, Delivery, workspace_id=self.workspace_id, endpoint_id=endpoint_id, event_id=event, state=state,
            due_at=due_at, created_at=self.now,
        )  # fmt: skip


def about(waiting: Waiting, items: int, oldest: float) -> bool:
    """As many, and for as long: within what the test itself took."""
    return waiting.items == items and oldest <= waiting.oldest < oldest + 60


async def test_nothing_waits_in_an_empty_database(core: Core) -> None:
    seen = await core.backlog.look()
    assert set(seen.others) == set(OTHERS)
    assert set(seen.lanes) == {"service", "authentication", "utility", "marketing"}
    assert {*seen.lanes.values(), *seen.others.values()} == {Waiting()}
    assert (seen.channels, seen.endpoints, seen.states, seen.failing, seen.disabled) == ({}, {}, {}, 0, 0)


async def test_messages_wait_in_lanes_and_those_of_paused_campaigns_do_not(home: tuple[Core, int, int]) -> None:
    core, _, channel_id = home
    filled = Filled(*home)
    running, paused = await filled.campaign("running"), await filled.campaign("paused")
    await filled.message(ago=100)
    await filled.message(ago=5)
    await filled.message(ago=5, lane=1)
    await filled.message(ago=300, lane=3, campaign_id=running)
    await filled.message(ago=900, lane=3, campaign_id=paused)
    await filled.message(ago=900, lane=100)  # a person must release it
    await filled.message("sent", ago=900)
    await filled.message(ago=-3600, lane=2)
    seen = await core.backlog.look()
    assert about(seen.lanes["service"], 2, 100)
    assert about(seen.lanes["authentication"], 1, 5)
    assert about(seen.lanes["marketing"], 1, 300)
    assert seen.lanes["utility"] == Waiting(1, 0.0)
    assert seen.channels.keys() == {channel_id}
    assert about(seen.channels[channel_id], 5, 300)


async def test_a_long_queue_is_told_to_be_as_long_as_is_counted(
    home: tuple[Core, int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backlogs, "MOST_COUNTED", 3)
    filled = Filled(*home)
    for _ in range(5):
        await filled.message(ago=10)
    assert about((await home[0].backlog.look()).lanes["service"], 3, 10)


async def test_what_is_owed_to_endpoints(home: tuple[Core, int, int]) -> None:
    core = home[0]
    filled = Filled(*home)
    works, fails = await filled.endpoint(), await filled.endpoint(failing_since=1)
    off = await filled.endpoint(enabled=False, disabled_reason="it only failed for 5 days")
    await filled.delivery(works, due_at=filled.now - 40_000)
    await filled.delivery(works, due_at=filled.now + 40_000)
    await filled.delivery(works, due_at=filled.now - 90_000, state="delivered")
    await filled.delivery(fails, due_at=0)  # asked for again by a person, whose wait began just now
    await filled.delivery(off, due_at=filled.now - 90_000)
    seen = await core.backlog.look()
    assert seen.endpoints.keys() == {works, fails}
    assert about(seen.endpoints[works], 2, 40)
    assert seen.endpoints[fails] == Waiting(1, 0.0)
    assert about(seen.others["webhooks"], 3, 40)
    assert (seen.failing, seen.disabled) == (1, 1)


async def test_the_other_queues(home: tuple[Core, int, int]) -> None:
    core, _, channel_id = home
    filled = Filled(*home)
    await filled.message("scheduled", ago=20)
    await filled.message("scheduled", ago=-20)
    await filled.message("sending")
    await filled.message("uncertain", uncertain_at=filled.now - 70_000)
    async with core.unit() as unit:
        await unit.conn.execute(update(Channel).where(Channel.id == channel_id).values(wanted="up", status="pairing"))
    seen = await core.backlog.look()
    assert about(seen.others["scheduled"], 1, 20)
    assert seen.others["sending"] == Waiting(1, 0.0)
    assert about(seen.others["uncertain"], 1, 70)
    assert seen.others["search"] == Waiting(4)
    assert seen.states == {("simulator", "pairing"): 1}


async def test_a_channel_that_was_logged_out_is_not_forgotten(home: tuple[Core, int, int]) -> None:
    core, workspace_id, channel_id = home
    await core.channels.create(workspace_id, name="Not wanted")
    async with core.unit() as unit:
        values = {"wanted": "down", "status": "logged_out"}
        await unit.conn.execute(update(Channel).where(Channel.id == channel_id).values(**values))
    assert (await core.backlog.look()).states == {("simulator", "logged_out"): 1}


async def test_many_who_ask_are_told_what_one_saw(home: tuple[Core, int, int], monkeypatch: pytest.MonkeyPatch) -> None:
    core = home[0]
    with statements(core) as seen:
        first = await core.backlog.look()
        assert seen
        seen.clear()
        assert await core.backlog.look() is first
        assert not seen
    monkeypatch.setattr(backlogs, "FRESH_S", 0.0)
    monkeypatch.setattr(backlogs, "SHARE", 1e9)
    again = Backlog(core.store)
    assert await again.look() is not await again.look()


async def test_a_look_reads_no_table_from_end_to_end(lite: Core) -> None:
    with statements(lite) as seen:
        await lite.backlog.look()
        assert len(seen) > 8
        assert await whole_readings(lite, seen) == []
