"""`Campaigns`: content x audience, one message row per recipient. Each of its parts has a module of its own."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from ..ground.errors import Invalid
from ..ground.listing import page_by_id
from ..ground.paging import Page
from ..ledger import states
from ..models import Campaign
from .change import Changes
from .create import Creation
from .report import Reports
from .state import States
from .timeline import Timeline
from .trigger import Singles
from .views import CampaignView, campaign_view


class Campaigns(Creation, Changes, States, Reports, Timeline, Singles):
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
