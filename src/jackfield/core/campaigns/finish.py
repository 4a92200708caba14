"""Campaigns with nothing left to do are finished."""

from __future__ import annotations

from sqlalchemy import select

from ..ground.events import CampaignFinished
from ..ground.unit import Unit
from ..ledger import states
from ..models import Campaign, Message, of_campaign
from .report import count_rows


async def finish_done(unit: Unit, channel_id: int) -> int:
    """Running campaigns of a channel with nothing left to do are finished, with their counts. Gives how many."""
    running = list(
        (
            await unit.session.execute(
                select(Campaign).where(
                    Campaign.channel_id == channel_id,
                    Campaign.state == "running",
                    Campaign.expanding.is_(False),
                    Campaign.kind != "api",
                )
            )
        ).scalars()
    )
    finished = 0
    for campaign in running:
        left = (
            await unit.conn.execute(
                select(Message.id).where(of_campaign(campaign.id), Message.state.in_(states.OPEN)).limit(1)
            )
        ).first()
        if left is not None:
            continue
        counts = await count_rows(unit.session, campaign.id)
        campaign.state = "finished"
        campaign.finished_at = campaign.updated_at = unit.now
        unit.emit(
            campaign.workspace_id,
            CampaignFinished(
                id=campaign.id,
                name=campaign.name,
                state="finished",
                counts={key: value for key, value in counts.by_state.items() if value},
            ),
            channel_id,
        )
        finished += 1
    await unit.session.flush()
    return finished
