"""Expansion: audiences are written in steps while the lease holds, and campaigns with nothing left are finished."""

from __future__ import annotations

import asyncio

from jackfield.core.campaigns.expand import Step
from jackfield.worker.channel.expansion import Expansion
from jackfield.worker.channel.tenure import Tenure

from .conftest import virtual, virtual_loop


class Campaigns:
    """Audiences by campaign, counted down in steps."""

    def __init__(self, **left: int) -> None:
        self.left = {int(key[1:]): steps for key, steps in left.items()}
        self.tokens: list[int] = []
        self.looks = 0
        self.finished: list[int] = []
        self.on_step = lambda: None

    async def expanding(self, channel_id: int) -> list[int]:
        self.looks += 1
        return [id_ for id_, steps in self.left.items() if steps > 0]

    async def expand(self, campaign_id: int, token: int) -> Step:
        self.tokens.append(token)
        self.left[campaign_id] -= 1
        self.on_step()
        return Step(written=500, done=self.left[campaign_id] == 0)

    async def finish_done(self, channel_id: int) -> None:
        self.finished.append(channel_id)


def expansion(campaigns: Campaigns, lease: float = 60) -> tuple[Expansion, Tenure]:
    clock = virtual_loop().time
    tenure = Tenure(7, clock() + lease, clock)
    return Expansion(campaigns, 5, tenure), tenure  # type: ignore[arg-type]


@virtual
async def test_all_audiences_are_written_under_the_token() -> None:
    campaigns = Campaigns(c1=3, c2=2)
    one, _ = expansion(campaigns)
    await one.step()
    assert campaigns.left == {1: 0, 2: 0}
    assert campaigns.tokens == [7] * 5
    assert campaigns.finished == [5]


@virtual
async def test_writing_ends_with_the_lease() -> None:
    campaigns = Campaigns(c1=100)
    one, _ = expansion(campaigns, lease=6)
    campaigns.on_step = lambda: virtual_loop().stall(2)
    await one.step()
    assert campaigns.left == {1: 97}


@virtual
async def test_writing_ends_when_the_channel_stops() -> None:
    campaigns = Campaigns(c1=100)
    one, tenure = expansion(campaigns)
    campaigns.on_step = tenure.stop
    await asyncio.wait_for(one.run(), 5)
    assert campaigns.left == {1: 99}


@virtual
async def test_a_new_campaign_is_seen_at_once_and_nobody_looks_without_one() -> None:
    campaigns = Campaigns()
    one, tenure = expansion(campaigns, lease=7200)
    task = asyncio.create_task(one.run())
    await asyncio.sleep(3600)
    assert campaigns.looks == 1, "at the start, for what was there before"
    campaigns.left[1] = 1
    one.wake.set()
    await asyncio.sleep(0.01)
    assert campaigns.left == {1: 0}
    tenure.stop()
    await asyncio.wait_for(task, 5)


@virtual
async def test_one_look_follows_many_messages_that_are_settled() -> None:
    campaigns = Campaigns()
    one, tenure = expansion(campaigns)
    task = asyncio.create_task(one.run())
    await asyncio.sleep(1)
    for _ in range(100):
        one.settled()
        await asyncio.sleep(0.001)
    await asyncio.sleep(1)
    assert campaigns.finished == [5, 5], "at the start, and once for all"
    one.settled()
    await asyncio.sleep(0.3)
    assert campaigns.finished == [5, 5, 5]
    tenure.stop()
    await asyncio.wait_for(task, 5)
