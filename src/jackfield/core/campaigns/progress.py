"""How far running campaigns are, told to those who watch: the one event for all that their messages go through."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import msgspec
from sqlalchemy import select

from ..channels.service import Channels
from ..ground.events import CampaignHeld, CampaignProgress
from ..ground.store import Store
from ..ground.views import view_of
from ..models import Campaign
from ..quotas.budgets import Budgets, budget_of
from ..quotas.daily import DailyCaps
from .report import count_states

BUDGET_USED = "BUDGET_USED"
DAILY_CAP_REACHED = "DAILY_CAP_REACHED"


class Progress(msgspec.Struct, frozen=True):
    """A campaign as it stands: its messages by state, and whether it has something to send."""

    id: int
    workspace_id: int
    channel_id: int
    name: str
    state: str
    counts: dict[str, int]

    @property
    def waits(self) -> bool:
        """Whether it runs and has messages in the queue."""
        return self.state == "running" and self.counts.get("queued", 0) > 0


class CampaignWatch:
    """The service. One per process remembers which campaigns it has told to be held, so that this is told once."""

    def __init__(self, store: Store, channels: Channels, budgets: Budgets, caps: DailyCaps) -> None:
        self._store = store
        self._channels = channels
        self._budgets = budgets
        self._caps = caps
        self._held: dict[int, int] = {}
        """Campaigns that were told to be held, and until when (Unix ms)."""

    async def tell(self, campaign_ids: Collection[int]) -> None:
        """Count these campaigns and tell how far they are; of one that has come to wait, also why."""
        found = await self._count(campaign_ids)
        held = [(one, told) for one in found if (told := await self._news_of_hold(one)) is not None]
        if not found:
            return
        async with self._store.unit() as unit:
            for one in found:
                event = CampaignProgress(id=one.id, name=one.name, state=one.state, counts=one.counts)
                unit.emit(one.workspace_id, event, one.channel_id)
            for one, told in held:
                unit.emit(one.workspace_id, told, one.channel_id)

    async def _count(self, campaign_ids: Collection[int]) -> list[Progress]:
        columns: tuple[Any, ...] = (
            Campaign.id, Campaign.workspace_id, Campaign.channel_id, Campaign.name, Campaign.state,
        )  # fmt: skip
        async with self._store.db.read() as session:
            rows = (await session.execute(select(*columns).where(Campaign.id.in_(sorted(campaign_ids))))).all()
            found = []
            for row in rows:
                found.append(view_of(Progress, row, counts=await count_states(session, row.id)))
        return found

    async def _news_of_hold(self, one: Progress) -> CampaignHeld | None:
        """Why a campaign has begun to wait; None while it goes on, or when this was told already."""
        reason = await self._hold(one) if one.waits else None
        if reason is None:
            self._held.pop(one.id, None)
            return None
        code, until = reason
        if self._held.get(one.id) == until:
            return None
        self._held[one.id] = until
        return CampaignHeld(id=one.id, name=one.name, code=code, until=until)

    async def _hold(self, one: Progress) -> tuple[str, int] | None:
        channel = await self._channels.get(one.workspace_id, one.channel_id)
        if budget_of(channel) is not None:
            standing = await self._budgets.standing(channel)
            if standing is not None and standing.free_at is not None:
                return BUDGET_USED, standing.free_at
        used = await self._caps.used_up(one.channel_id)
        return None if used is None else (DAILY_CAP_REACHED, used.until)
