"""The clock: schedules at their time, sweeps every two seconds, pruning once an hour."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

from jackfield.core import Options
from jackfield.core.ground.bus import LocalBus
from jackfield.worker.clock import Clock

from .channel.conftest import START_MS, now, virtual


class Times:
    """Counts what the clock asks for."""

    def __init__(self) -> None:
        self.calls: dict[str, list[int]] = {}
        self.pruned_before: list[int] = []
        self.problems_before: list[int] = []
        self.raw_before: list[int] = []
        self.bus = LocalBus()
        self.retained_at: list[int] = []
        self.archived_at: list[int] = []
        self.failing = False
        self.next_due: int | None = None
        self.core: Any = SimpleNamespace(
            bus=self.bus,
            options=Options(poll_seconds=1.0, event_retention_days=30, raw_retention_days=7),
            queue=SimpleNamespace(release_due=self._note("messages")),
            running_campaigns=SimpleNamespace(
                release_due=self._note("campaigns"), empty_cancelled=self._note("cancelled")
            ),
            accounts=SimpleNamespace(prune=self._note("prune")),
            budgets=SimpleNamespace(prune=self._note("budgets")),
            owner_requests=SimpleNamespace(prune=self._note("requests")),
            webhooks=SimpleNamespace(prune=self._prune),
            retention=SimpleNamespace(prune=self._retain),
            archive=SimpleNamespace(run_all=self._archive),
            inbound=SimpleNamespace(prune=self._problems, prune_raw=self._raw),
        )

    def _note(self, name: str) -> Any:
        async def call() -> int | None:
            self.calls.setdefault(name, []).append(now())
            if self.failing and name == "messages":
                raise OSError("no database")
            if self.next_due is not None and self.next_due <= now():
                self.next_due = None
            return self.next_due

        return call

    async def _prune(self, before: int) -> None:
        self.pruned_before.append(before)

    async def _retain(self, at: int) -> None:
        self.retained_at.append(at)

    async def _archive(self, at: int) -> int:
        self.archived_at.append(at)
        return 0

    async def _problems(self, before: int) -> None:
        self.problems_before.append(before)

    async def _raw(self, before: int) -> None:
        self.raw_before.append(before)


@virtual
async def test_schedules_and_sweeps_have_their_times() -> None:
    times = Times()
    clock = Clock(times.core, now=now)
    clock.start()
    await asyncio.sleep(10.1)
    assert len(times.calls["messages"]) == len(times.calls["campaigns"]) == 9
    assert len(times.calls["cancelled"]) == 5
    assert "prune" not in times.calls
    await clock.close()


@virtual
async def test_what_is_scheduled_meanwhile_is_looked_at_at_once() -> None:
    times = Times()
    clock = Clock(times.core, now=now)
    clock.start()
    await asyncio.sleep(0.1)
    times.bus.publish("scheduled")
    await asyncio.sleep(0.1)
    assert [at - START_MS for at in times.calls["messages"]] == [100]
    await clock.close()


@virtual
async def test_what_is_due_next_is_released_at_its_time() -> None:
    times = Times()
    times.next_due = START_MS + 1500
    clock = Clock(times.core, now=now)
    clock.start()
    await asyncio.sleep(1.6)
    assert [at - START_MS for at in times.calls["messages"]] == [1000, 1502]
    times.next_due = now() + 200
    times.bus.publish("scheduled")
    await asyncio.sleep(0.3)
    assert times.next_due is None, "also when it was scheduled for a moment before the next look"
    await clock.close()


@virtual
async def test_many_that_schedule_at_once_are_one_look() -> None:
    times = Times()
    clock = Clock(times.core, now=now)
    clock.start()
    for _ in range(100):
        times.bus.publish("scheduled")
        await asyncio.sleep(0.001)
    await asyncio.sleep(0.1)
    assert len(times.calls["messages"]) <= 4
    await clock.close()


@virtual
async def test_what_is_out_of_date_goes_once_an_hour() -> None:
    times = Times()
    clock = Clock(times.core, now=now)
    clock.start()
    await asyncio.sleep(59)
    assert "prune" not in times.calls
    await asyncio.sleep(3)
    assert len(times.calls["prune"]) == 1
    await asyncio.sleep(3602)
    assert len(times.calls["prune"]) == 2
    assert now() - 30 * 86_400_000 - times.pruned_before[-1] < 3600_000
    assert len(times.retained_at) == len(times.archived_at) == 2
    assert len(times.calls["requests"]) == 2
    assert now() - 30 * 86_400_000 - times.problems_before[-1] < 3600_000, "as events"
    assert 0 <= now() - 7 * 86_400_000 - times.raw_before[-1] < 3600_000
    await clock.close()


@virtual
async def test_a_failure_is_survived() -> None:
    times = Times()
    times.failing = True
    clock = Clock(times.core, now=now)
    clock.start()
    await asyncio.sleep(6.1)
    assert len(times.calls["messages"]) == 3, "a second of pause after each"
    times.failing = False
    await asyncio.sleep(2)
    assert times.calls["campaigns"]
    await clock.close()


@virtual
async def test_a_close_that_comes_with_a_wake_up_ends_the_clock() -> None:
    times = Times()
    clock = Clock(times.core, now=now)
    clock.start()
    await asyncio.sleep(0.1)
    times.bus.publish("scheduled")
    # One turn of the loop: the wait has ended, the step has not gone on yet.
    await asyncio.sleep(0)
    await asyncio.wait_for(clock.close(), 5)
