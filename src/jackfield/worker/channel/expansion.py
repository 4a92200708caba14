"""Expansion: audiences of running campaigns are written to the ledger, and campaigns with nothing left are finished."""

from __future__ import annotations

import asyncio

from jackfield.core import RunningCampaigns, Wake

from .tenure import Tenure

GAP_S = 0.05
"""Least pause between two looks."""
SETTLED_S = 0.25
"""How long after a campaign's message was settled the channel looks whether that was the last one."""


class Expansion:
    """The campaigns of one channel."""

    def __init__(self, campaigns: RunningCampaigns, channel_id: int, tenure: Tenure) -> None:
        self.wake = Wake()
        self._campaigns = campaigns
        self._channel_id = channel_id
        self._tenure = tenure
        self._later: asyncio.TimerHandle | None = None
        tenure.on_stop(self.wake.set)

    async def run(self) -> None:
        """Look whenever woken, until stopped."""
        while not self._tenure.stopping:
            await self.step()
            await asyncio.sleep(GAP_S)
            await self.wake.wait()

    def settled(self) -> None:
        """A message of a campaign was settled: look soon, once for all that are settled meanwhile."""
        if self._later is None:
            self._later = asyncio.get_running_loop().call_later(SETTLED_S, self._look)

    def _look(self) -> None:
        self._later = None
        self.wake.set()

    async def step(self) -> None:
        """Write all audiences that are due, in steps between which the channel's sends go on; finish what is done."""
        for campaign_id in await self._campaigns.expanding(self._channel_id):
            while not self._tenure.stopping and self._tenure.may_act():
                step = await self._campaigns.expand(campaign_id, self._tenure.token)
                if step.done:
                    break
                await asyncio.sleep(0)
        await self._campaigns.finish_done(self._channel_id)
