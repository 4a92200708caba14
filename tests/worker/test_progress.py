"""Campaigns' progress is told now and then, not with each message."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from types import SimpleNamespace
from typing import Any

from jackfield.core import Settled
from jackfield.core.ground.bus import LocalBus
from jackfield.worker.progress import ProgressTeller


def settled(campaign_id: int) -> Settled:
    return Settled(id=1, state="sent", provider_id=None, code=None, error=None, campaign_id=campaign_id)


class Watch:
    """What is asked to tell; `told` has the campaigns of each time."""

    def __init__(self) -> None:
        self.told: list[set[int]] = []
        self.heard = asyncio.Event()

    async def tell(self, campaign_ids: Collection[int]) -> None:
        self.told.append(set(campaign_ids))
        self.heard.set()


async def test_many_messages_are_one_telling() -> None:
    bus, watch = LocalBus(), Watch()
    core: Any = SimpleNamespace(bus=bus, campaign_watch=watch)
    teller = ProgressTeller(core, every_s=3600)
    teller.start()
    for _ in range(100):
        bus.publish("settled", [settled(7), settled(0)])
    bus.publish("settled", [settled(8)])
    async with asyncio.timeout(60):
        await watch.heard.wait()
    assert watch.told == [{7, 8}]
    # The next one waits for its time; the end waits for nothing.
    for _ in range(100):
        bus.publish("settled", [settled(7)])
    bus.publish("settled", [settled(0)])
    await asyncio.sleep(0)
    assert len(watch.told) == 1
    await teller.close()
    assert watch.told == [{7, 8}, {7}]
    bus.publish("settled", [settled(9)])
    await teller.close()
    assert len(watch.told) == 2
