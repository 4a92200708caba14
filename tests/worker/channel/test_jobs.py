"""Jobs: what runs beside the loops ends with the channel, and a loop outlives its faults."""

from __future__ import annotations

import asyncio

from jackfield.worker.channel.jobs import Jobs, keep_running
from jackfield.worker.channel.tenure import Tenure

from .conftest import virtual, virtual_loop


@virtual
async def test_jobs_are_waited_for_and_then_cancelled() -> None:
    jobs = Jobs(5)
    ended: list[str] = []

    async def job(name: str, seconds: float) -> None:
        try:
            await asyncio.sleep(seconds)
            ended.append(name)
        except asyncio.CancelledError:
            ended.append(f"{name} cancelled")
            raise

    jobs.spawn(job("short", 5))
    jobs.spawn(job("long", 500))
    began = virtual_loop().time()
    await jobs.finish(10)
    assert ended == ["short", "long cancelled"]
    assert virtual_loop().time() - began == 10


@virtual
async def test_a_job_that_fails_harms_nobody() -> None:
    jobs = Jobs(5)

    async def fail() -> None:
        raise ValueError("bug")

    jobs.spawn(fail())
    await jobs.finish(1)


@virtual
async def test_a_loop_that_fails_begins_again() -> None:
    clock = virtual_loop().time
    tenure = Tenure(1, clock() + 60, clock)
    began: list[float] = []

    async def loop() -> None:
        began.append(clock())
        if len(began) < 3:
            raise ValueError("bug")

    await keep_running(loop, tenure, "test")
    assert [at - began[0] for at in began] == [0, 1, 2]


@virtual
async def test_a_loop_that_fails_while_stopping_ends() -> None:
    clock = virtual_loop().time
    tenure = Tenure(1, clock() + 60, clock)
    calls = 0

    async def loop() -> None:
        nonlocal calls
        calls += 1
        tenure.stop()
        raise ValueError("bug")

    await keep_running(loop, tenure, "test")
    assert calls == 1
