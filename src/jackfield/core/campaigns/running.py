"""What the owner of a channel and the clock do with campaigns that run: expand, finish, release, empty."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import func, or_, select, text

from ...db.base import now_ms
from ..ground.store import Store
from ..ledger.states import OPEN, QUEUED, SCHEDULED
from ..ledger.waiting import CHUNK, cancel_of_campaign
from ..models import Campaign, Message, of_campaign
from ..port import Networks
from ..port.content import Content, decode
from .expand import Step, expand_step
from .finish import finish_done
from .state import release_due

LEFTOVER_MS = 7 * 86_400_000
"""How long after its end a cancelled campaign is still looked at for messages that wait."""
CAMPAIGNS_PER_SWEEP = 20


class RunningCampaigns:
    """The service."""

    def __init__(self, store: Store, networks: Networks) -> None:
        self._store = store
        self._networks = networks

    async def contents(self, campaign_ids: Iterable[int]) -> dict[int, Content]:
        """What campaigns send, by id; those without a content of their own are left out."""
        query = select(Campaign.id, Campaign.content).where(Campaign.id.in_(list(campaign_ids)))
        async with self._store.db.read() as session:
            rows = (await session.execute(query)).all()
        return {row.id: decode(row.content) for row in rows if row.content is not None}

    async def expanding(self, channel_id: int) -> list[int]:
        """Running campaigns of a channel whose audience is not in the ledger yet."""
        query = select(Campaign.id).where(
            Campaign.channel_id == channel_id, Campaign.state == "running", Campaign.expanding.is_(True)
        )
        async with self._store.db.read() as session:
            return list((await session.execute(query)).scalars())

    async def expand(self, campaign_id: int, token: int) -> Step:
        """Write the next contacts of a campaign's audience, under the token of the channel's lease."""
        async with self._store.unit() as unit:
            return await expand_step(
                unit, self._networks, campaign_id, token, public_url=self._store.options.public_url
            )

    async def finish_done(self, channel_id: int) -> None:
        """Finish the channel's running campaigns that have nothing left to do."""
        if await self._any_done(channel_id):
            async with self._store.unit() as unit:
                await finish_done(unit, channel_id)

    async def _any_done(self, channel_id: int) -> bool:
        query = select(Campaign.id).where(
            Campaign.channel_id == channel_id,
            Campaign.state == "running",
            Campaign.expanding.is_(False),
            Campaign.kind != "api",
        )
        async with self._store.db.read() as session:
            for campaign_id in (await session.execute(query)).scalars().all():
                left = await session.execute(
                    select(Message.id).where(of_campaign(campaign_id), Message.state.in_(OPEN)).limit(1)
                )
                if left.first() is None:
                    return True
        return False

    async def release_due(self) -> int | None:
        """Scheduled campaigns whose time has come start. Gives when the next one's comes (Unix ms)."""
        next_due = await self._next_scheduled()
        if next_due is None or next_due > now_ms():
            return next_due
        async with self._store.unit() as unit:
            await release_due(unit)
        return await self._next_scheduled()

    async def _next_scheduled(self) -> int | None:
        query = select(func.min(Campaign.scheduled_at)).where(
            Campaign.state == "scheduled", text("campaigns.state IN ('running', 'scheduled')")
        )
        async with self._store.db.read() as session:
            return await session.scalar(query)

    async def empty_cancelled(self) -> None:
        """Cancel what still waits of cancelled campaigns, a piece of each."""
        waits = select(Message.id).where(
            of_campaign(Campaign.id), or_(Message.state == QUEUED, Message.state == SCHEDULED)
        )
        query = (
            select(Campaign.id)
            .where(Campaign.state == "cancelled", Campaign.finished_at > now_ms() - LEFTOVER_MS, waits.exists())
            .limit(CAMPAIGNS_PER_SWEEP)
        )
        async with self._store.db.read() as session:
            leftovers = list((await session.execute(query)).scalars())
        for campaign_id in leftovers:
            async with self._store.unit() as unit:
                await cancel_of_campaign(unit, campaign_id, CHUNK * 5)
