"""The worker looks for all its channels at once, and wakes those that have something to do."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

from jackfield.core import Options, Pending, Settled
from jackfield.core.ground.bus import LocalBus
from jackfield.worker.worker import Worker

from .channel.conftest import START_MS, now, virtual


class Runner:
    """Notes what it is told."""

    def __init__(self) -> None:
        self.tenure = SimpleNamespace(token=1)
        self.woken: list[Pending] = []
        self.settled: list[int] = []
        self.stopped = False

    def wake(self, pending: Pending) -> None:
        self.woken.append(pending)

    def hear_settled(self, one: Settled) -> None:
        self.settled.append(one.id)

    def stop(self) -> None:
        self.stopped = True

    async def reload(self, setup: Any) -> None:
        pass


def standing(channel: int, **fields: Any) -> Any:
    """A channel as it is found in the database."""
    pending = Pending(queued=fields.pop("queued", False), uncertain=False, campaigns=False)
    setup = SimpleNamespace(id=channel)
    return SimpleNamespace(setup=setup, wanted=fields.pop("wanted", "up"), pending=pending)


class Leases:
    """Counts the questions."""

    def __init__(self, *standings: Any) -> None:
        self.asked: list[int] = []
        self.standings = list(standings)

    async def channels(self) -> list[Any]:
        self.asked.append(now() - START_MS)
        return self.standings


async def working(leases: Leases, *channels: int) -> tuple[Worker, dict[int, Runner]]:
    """A worker whose channels run already."""
    options = Options(poll_seconds=1.0, lease_seconds=6.0, node="test")
    core: Any = SimpleNamespace(bus=LocalBus(), leases=leases, options=options)
    worker = Worker(core, now=now)
    runners = {id_: Runner() for id_ in channels}
    for_ever = asyncio.create_task(asyncio.sleep(1e6))
    worker._runners = {id_: (runner, for_ever) for id_, runner in runners.items()}  # type: ignore[misc]
    return worker, runners


@virtual
async def test_one_question_a_second_is_asked_for_all_channels() -> None:
    leases = Leases(standing(1), standing(2, queued=True), standing(3))
    worker, runners = await working(leases, 1, 2, 3)
    for _ in range(3):
        await worker._watch()
    assert leases.asked == [0, 1000, 2000]
    assert [sum(one.queued for one in runner.woken) for runner in runners.values()] == [0, 3, 0]


@virtual
async def test_a_channel_that_is_to_end_is_stopped_not_woken() -> None:
    worker, runners = await working(Leases(standing(1, queued=True, wanted="down")), 1, 2)
    await worker._watch()
    assert [(runner.stopped, runner.woken) for runner in runners.values()] == [(True, []), (True, [])]


@virtual
async def test_what_was_settled_is_told_to_its_own_channel() -> None:
    worker, runners = await working(Leases(), 1, 2)
    worker._hear_settled(
        [
            Settled(id=id_, state="sent", provider_id=None, code=None, error=None, channel_id=channel)
            for id_, channel in ((11, 1), (12, 2), (13, 1), (14, 9))
        ]
    )
    assert {id_: one.settled for id_, one in runners.items()} == {1: [11, 13], 2: [12]}
