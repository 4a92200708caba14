"""Tenure: acting ends with the lease, by our own clock."""

from __future__ import annotations

import asyncio

from jackfield.worker.channel.tenure import Tenure

from .conftest import virtual, virtual_loop


@virtual
async def test_acting_ends_with_the_lease() -> None:
    clock = virtual_loop().time
    tenure = Tenure(1, clock() + 6, clock)
    assert tenure.may_act()
    await asyncio.sleep(5.9)
    assert tenure.may_act()
    await asyncio.sleep(0.1)
    assert not tenure.may_act()
    tenure.renewed(clock() + 6)
    assert tenure.may_act(), "nobody took it meanwhile"


@virtual
async def test_a_lost_lease_is_not_regained_by_a_late_renewal() -> None:
    clock = virtual_loop().time
    tenure = Tenure(1, clock() + 6, clock)
    tenure.stop(lost=True)
    tenure.renewed(clock() + 6)
    assert not tenure.may_act()


@virtual
async def test_stopping_wakes_who_waits_and_lets_sends_end() -> None:
    clock = virtual_loop().time
    tenure = Tenure(1, clock() + 6, clock)
    waiting = asyncio.create_task(tenure.stopped())
    await asyncio.sleep(1)
    assert not waiting.done()
    tenure.stop()
    await asyncio.wait_for(waiting, 1)
    assert tenure.stopping
    assert tenure.may_act()
