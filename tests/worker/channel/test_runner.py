"""The runner: settings are taken when they change, what the bus tells reaches the parts, and the end is orderly."""

from __future__ import annotations

import asyncio
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest

from jackfield.core import Lease, Meters, Options, Settled
from jackfield.core.ground.bus import LocalBus
from jackfield.core.port import Limits, Sent
from jackfield.engines.whatsapp_cloud.network import NETWORK
from jackfield.worker.channel import runner as runner_module
from jackfield.worker.channel.runner import ChannelRunner

from .conftest import FakeQueue, claimed, now, virtual, virtual_loop
from .test_connection import SETUP, Engine
from .test_expansion import Campaigns


class Queue(FakeQueue):
    """With what settling and the day's count ask."""

    counted = 0

    async def find_uncertain(self, channel_id: int, before: int) -> list[Any]:
        return []

    async def sent_today(self, channel_id: int) -> int:
        self.counted += 1
        return 3


class House:
    """A runner with a core in memory."""

    def __init__(self, data_dir: Path, setup: Any = SETUP) -> None:
        self.engine = Engine()
        self.engine.limits = Limits(rate=100, burst=100, concurrency=4)  # type: ignore[attr-defined]
        self.engine.network = NETWORK  # type: ignore[attr-defined]
        self.queue = Queue()
        self.bus = LocalBus()
        self.paused: list[tuple[int, int, str]] = []
        self.setup = setup
        core: Any = SimpleNamespace(
            bus=self.bus,
            queue=self.queue,
            running_campaigns=Campaigns(),
            budgets=None,
            options=Options(data_dir=data_dir, poll_seconds=0.5, uncertain_wait_seconds=600, lease_seconds=6),
            channels=SimpleNamespace(
                live={}, set_status=self._ignore, config_of=lambda one: one.config, engine=lambda _: self.engine
            ),
            leases=SimpleNamespace(session_state=self._state, setup=self._setup),
            intake=SimpleNamespace(ingest=self._ignore),
            campaigns=SimpleNamespace(pause=self._pause),
            media_store=lambda *_: None,
            meters=Meters(),
            store=SimpleNamespace(tracer=None),
        )
        lease = Lease(channel_id=5, token=7, until=0)
        self.runner = ChannelRunner(core, setup, lease, virtual_loop().time() + 3600, now=now)

    async def _ignore(self, *_: Any, **__: Any) -> None:
        pass

    async def _state(self, channel_id: int) -> bytes:
        return b""

    async def _setup(self, channel_id: int) -> Any:
        return self.setup

    async def _pause(self, *campaign: Any, by_breaker: bool) -> None:
        assert by_breaker
        self.paused.append(campaign)


@virtual
async def test_it_connects_sends_and_ends(tmp_path: Path) -> None:
    house = House(tmp_path)
    house.queue.put([claimed(1), claimed(2)])
    task = asyncio.create_task(house.runner.run())
    await asyncio.sleep(2)
    assert house.queue.states() == [(1, "sent"), (2, "sent")]
    house.runner.stop()
    await asyncio.wait_for(task, 5)
    ((_, session),) = house.engine.opened
    assert session.closed
    assert not house.bus._listeners["channel:5"]


def test_settings_are_parsed_only_when_they_change(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    parsed: list[Any] = []
    real = runner_module.parse_pacing
    monkeypatch.setattr(runner_module, "parse_pacing", lambda data: parsed.append(data) or real(data))

    @virtual
    async def run() -> None:
        house = House(tmp_path)
        for _ in range(5):
            await house.runner.reload(msgspec.structs.replace(SETUP))
        assert parsed == [{}]
        await house.runner.reload(msgspec.structs.replace(SETUP, pacing={"rate": 3}))
        await house.runner.reload(msgspec.structs.replace(SETUP, pacing={"rate": 3}))
        assert parsed == [{}, {"rate": 3}]

    run()


@virtual
async def test_a_slower_pace_holds_for_the_very_next_claim(tmp_path: Path) -> None:
    house = House(tmp_path)
    task = asyncio.create_task(house.runner.run())
    await asyncio.sleep(1)
    house.setup = msgspec.structs.replace(SETUP, pacing={"rate": 1, "burst": 1})
    house.bus.publish("channel:5", "changed")
    house.queue.put(claimed(id_) for id_ in range(1, 50))
    await asyncio.sleep(3)
    # What was saved up before is what the old pace allowed; the first claim already asks for one at a time.
    assert house.queue.requests[-1].limit == 1
    assert len(house.queue.outcomes) <= 5
    house.runner.stop()
    await asyncio.wait_for(task, 15)


@virtual
async def test_the_provider_says_how_fast_a_number_may_send(tmp_path: Path) -> None:
    house = House(tmp_path, msgspec.structs.replace(SETUP, account={"throughput": 1000}))
    assert house.runner._pacer.limits.rate == 1000


@virtual
async def test_the_day_is_counted_only_under_a_cap(tmp_path: Path) -> None:
    for pacing, counted in (({}, 0), ({"dailyCap": 10}, 1)):
        house = House(tmp_path, msgspec.structs.replace(SETUP, pacing=pacing))
        task = asyncio.create_task(house.runner.run())
        await asyncio.sleep(1)
        assert house.queue.counted == counted
        house.runner.stop()
        await asyncio.wait_for(task, 5)


@virtual
async def test_campaigns_that_fail_later_are_paused(tmp_path: Path) -> None:
    house = House(tmp_path)
    task = asyncio.create_task(house.runner.run())
    await asyncio.sleep(1)
    failed = Settled(
        id=1, state="failed", provider_id="w", code="131042", error="unpaid", workspace_id=1, channel_id=5,
        campaign_id=9, reported=True,
    )  # fmt: skip
    house.runner.hear_settled(msgspec.structs.replace(failed, campaign_id=0))
    house.runner.hear_settled(failed)
    await asyncio.sleep(0.1)
    assert [one[:2] for one in house.paused] == [(1, 9)]
    house.runner.stop()
    await asyncio.wait_for(task, 5)


@virtual
async def test_a_lost_lease_hands_nothing_more_over(tmp_path: Path) -> None:
    house = House(tmp_path)
    task = asyncio.create_task(house.runner.run())
    await asyncio.sleep(1)
    house.queue.lost = True
    house.queue.put([claimed(1)])
    house.bus.publish("channel:5")
    await asyncio.wait_for(task, 15)
    assert house.runner.tenure.lost
    ((_, session),) = house.engine.opened
    assert session.begun == []
    assert house.queue.outcomes == []


@virtual
async def test_what_an_answer_tells_of_the_recipient_is_reported_once_it_is_news(tmp_path: Path) -> None:
    house = House(tmp_path)
    reported: list[Any] = []

    async def ingest(_channel: int, _workspace: int, _engine: str, reports: list[Any]) -> None:
        reported.extend(reports)

    house.runner._core.intake.ingest = ingest  # type: ignore[method-assign]
    message = msgspec.structs.replace(claimed(1), peer="5511987654321")
    for known in ({"phone": "5511987654321"}, {"phone": "551187654321"}, {"phone": "5511987654321", "bsuid": "BR.1"}):
        house.runner._tell_recipient(message, Sent(provider_id="w-1", identities=known))
    await house.runner._jobs.finish(5)
    assert [one.identities for one in reported] == [
        {"phone": "551187654321"},
        {"phone": "5511987654321", "bsuid": "BR.1"},
    ]
    assert {(one.ref, one.state) for one in reported} == {("1", "sent")}
