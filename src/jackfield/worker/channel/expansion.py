"""Expansion: audiences of running campaigns are written to the ledger, and campaigns with nothing left are finished."""

from __future__ import annotations

import asyncio

from jackfield.core import RunningCampaigns, Wake

from .tenure import Tenure

LOOK_EVERY_S = 0.25
"""How often a channel looks for campaigns to expand when nobody wakes it."""
GAP_S = 0.05
"""Least pause between two looks."""


class Expansion:
    """The campaigns of one channel."""

    def __init__(self, campaigns: RunningCampaigns, channel_id: int, tenure: Tenure) -> None:
        self.wake = Wake()
        self._campaigns = campaigns
        self._channel_id = channel_id
        self._tenure = tenure

    async def run(self) -> None:
        """Look again and again until stopped."""
        while not self._tenure.stopping:
            await self.step()
            await self.wake.wait(LOOK_EVERY_S)
            await asyncio.sleep(GAP_S)

    async def step(self) -> None:
        """Write all audiences that are due, in steps between which the channel's sends go on; finish what is done."""
        for campaign_id in await self._campaigns.expanding(self._channel_id):
            while not self._tenure.stopping and self._tenure.may_act():
                step = await self._campaigns.expand(campaign_id, self._tenure.token)
                if step.done:
                    break
                await asyncio.sleep(0)
        await self._campaigns.finish_done(self._channel_id)
