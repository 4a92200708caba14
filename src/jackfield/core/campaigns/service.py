"""`Campaigns`: content x audience, one message row per recipient. Each of its parts has a module of its own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sqlalchemy import select

from ..ground.errors import Invalid
from ..ground.listing import page_by_id
from ..ground.paging import Page
from ..ledger import states
from ..ledger.archive import of_all
from ..models import Campaign, Channel
from .change import Changes
from .create import Creation
from .links import Links
from .report import Reports
from .state import States
from .timeline import Timeline
from .trigger import Singles
from .views import CampaignView, campaign_view

REACHED: Final = (states.SENT, states.DELIVERED, states.READ)
"""States of a message that the network took."""


class Campaigns(Creation, Changes, States, Reports, Timeline, Links, Singles):
    """The service."""

    async def list(
        self,
        workspace_id: int,
        *,
        kind: str | None = None,
        state: str | None = None,
        name: str | None = None,
        channel_id: int | None = None,
        channel_ids: Sequence[int] | None = None,
        limit: int = 50,
        cursor: str | None = None,
        page: int | None = None,
        newest_first: bool = True,
        total: bool = False,
    ) -> Page[CampaignView]:
        """Campaigns of a channel or of any of several, newest first, by cursor or by page number (see `page_by_id`).

        Raises Invalid.
        """
        if state is not None and state not in states.CAMPAIGN_MOVES:
            known = ", ".join(states.CAMPAIGN_MOVES)
            raise Invalid(f"status: one of {known}", details={"status": [f"Must be one of {known}."]})
        query = select(Campaign).where(Campaign.workspace_id == workspace_id)
        for column, value in (
            (Campaign.kind, kind),
            (Campaign.state, state),
            (Campaign.name, name),
            (Campaign.channel_id, channel_id),
        ):
            if value is not None:
                query = query.where(column == value)
        if channel_ids is not None:
            query = query.where(Campaign.channel_id.in_(channel_ids))
        async with self._store.db.read() as session:
            return await page_by_id(
                session,
                query,
                Campaign.id,
                campaign_view,
                limit=limit,
                cursor=cursor,
                page=page,
                newest_first=newest_first,
                total=total,
            )

    async def that_reached(self, workspace_id: int, peers: Sequence[str]) -> dict[str, Sequence[tuple[int, int]]]:
        """Which campaigns reached each of these addresses: when each was made (Unix ms) and its id, the oldest first."""
        ours = select(Channel.id).where(Channel.workspace_id == workspace_id)
        query = of_all(
            lambda model: (
                select(model.peer, Campaign.created_at, Campaign.id)
                .join(Campaign, Campaign.id == model.campaign_id)
                # By channel, because the index of a conversation begins with it.
                .where(model.channel_id.in_(ours), model.peer.in_(peers), model.state.in_(REACHED))
            )
        )
        found: dict[str, Sequence[tuple[int, int]]] = {}
        if peers:
            async with self._store.db.read() as session:
                rows = {(id_, peer, created_at) for peer, created_at, id_ in await session.execute(query)}
                for id_, peer, created_at in sorted(rows):
                    found[peer] = (*found.get(peer, ()), (created_at, id_))
        return found
