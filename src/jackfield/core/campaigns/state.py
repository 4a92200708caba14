"""A campaign is started, paused, resumed, cancelled; one that was scheduled starts when its time has come."""

from __future__ import annotations

from sqlalchemy import update

from ..ground.errors import Conflict
from ..ground.events import CampaignCancelled, CampaignPaused, CampaignResumed, CampaignStarted
from ..ground.unit import Unit
from ..ledger import states
from ..ledger.waiting import CHUNK, cancel_of_campaign
from ..models import Campaign, Message, of_campaign
from .base import Part, locked
from .views import CampaignView, campaign_view

CANCELLED_AT_ONCE = 5 * CHUNK
"""Messages that are cancelled with their campaign; the worker cancels the rest in steps."""


class States(Part):
    """The part that moves campaigns from state to state."""

    async def start(self, workspace_id: int, campaign_id: int) -> CampaignView:
        """Start a draft or scheduled campaign now; one that is paused goes on. Raises NotFound, Conflict."""
        return await self._move(workspace_id, campaign_id, "running", over=False)

    async def pause(
        self, workspace_id: int, campaign_id: int, reason: str | None = None, *, by_breaker: bool = False
    ) -> CampaignView:
        """Stop claiming its messages; effective with the next claim, well within a second. `by_breaker`: nobody decided
        it, so that an api campaign may try again by itself. Raises NotFound, Conflict."""
        return await self._move(workspace_id, campaign_id, "paused", reason, by_breaker=by_breaker)

    async def resume(self, workspace_id: int, campaign_id: int) -> CampaignView:
        """Go on where it was paused: one that was paused before its time is scheduled again. Raises NotFound, Conflict."""
        return await self._move(workspace_id, campaign_id, "running", over=False, resume=True)

    async def cancel(self, workspace_id: int, campaign_id: int) -> CampaignView:
        """Never send what has not gone out yet. Raises NotFound, Conflict when it is over."""
        return await self._move(workspace_id, campaign_id, "cancelled")

    async def _move(
        self,
        workspace_id: int,
        campaign_id: int,
        new: str,
        reason: str | None = None,
        *,
        over: bool = True,
        resume: bool = False,
        by_breaker: bool = False,
    ) -> CampaignView:
        """Into another state; without `over` not out of a finished one; with `resume` back into the schedule, when the
        time has not come yet."""
        async with self._store.unit() as unit:
            campaign = await locked(unit, workspace_id, campaign_id)
            if resume and campaign.state in ("paused", "scheduled") and _waits_for_its_time(unit, campaign):
                new = "scheduled"
            if campaign.state != new or new in states.CAMPAIGN_MOVES[campaign.state]:
                if campaign.state == "finished" and not over:
                    raise _forbidden(campaign, new)
                await move(unit, campaign, new, reason, by_breaker=by_breaker)
        return campaign_view(campaign)


async def move(
    unit: Unit, campaign: Campaign, new: str, reason: str | None = None, *, by_breaker: bool = False
) -> None:
    """Move a locked campaign into another state, with what follows for its messages. Raises Conflict."""
    old = campaign.state
    if new not in states.CAMPAIGN_MOVES[old]:
        raise _forbidden(campaign, new)
    campaign.state = new
    campaign.updated_at = unit.now
    if new == "running":
        await _shift(unit, campaign, "scheduled" if _waits_for_its_time(unit, campaign) else old)
        campaign.started_at = campaign.started_at or unit.now
        campaign.pause_reason = None
        if old != "finished":
            # An api campaign that had run dry and is triggered again has been going on all the time.
            event = CampaignResumed if old == "paused" else CampaignStarted
            unit.emit(campaign.workspace_id, event(id=campaign.id, name=campaign.name), campaign.channel_id)
    elif new == "scheduled":
        campaign.pause_reason = None
        unit.emit(campaign.workspace_id, CampaignResumed(id=campaign.id, name=campaign.name), campaign.channel_id)
    elif new == "paused":
        campaign.pause_reason = reason or "by hand"
        campaign.options = {**campaign.options, "paused_at": unit.now, "paused_by_breaker": by_breaker}
        unit.emit(
            campaign.workspace_id,
            CampaignPaused(id=campaign.id, name=campaign.name, reason=campaign.pause_reason),
            campaign.channel_id,
        )
    elif new == "cancelled":
        campaign.expanding = False
        campaign.finished_at = unit.now
        told = CampaignCancelled(id=campaign.id, name=campaign.name)
        unit.emit(campaign.workspace_id, told, campaign.channel_id)
        await unit.session.flush()
        await cancel_of_campaign(unit, campaign.id, CANCELLED_AT_ONCE)
    await unit.session.flush()
    unit.notify(f"channel:{campaign.channel_id}")
    if new == "scheduled":
        unit.notify("scheduled")


def _waits_for_its_time(unit: Unit, campaign: Campaign) -> bool:
    """Whether a campaign that has never run is meant for later."""
    return campaign.started_at is None and campaign.scheduled_at is not None and campaign.scheduled_at > unit.now


def _forbidden(campaign: Campaign, new: str) -> Conflict:
    return Conflict(f"The campaign is {campaign.state} and cannot become {new}.", code="CAMPAIGN_STATE")


async def _shift(unit: Unit, campaign: Campaign, old: str) -> None:
    """What was still to come moves along: by the pause, when the campaign has pauses between its messages; to now,
    when it was scheduled for later."""
    if old == "scheduled":
        await shift_rows(unit, campaign, unit.now - (campaign.scheduled_at or unit.now))
        return
    paused_at = campaign.options.get("paused_at")
    if not paused_at or not campaign.options.get("delay_ms"):
        return
    await unit.conn.execute(
        update(Message)
        .where(of_campaign(campaign.id), Message.state == states.QUEUED, Message.due_at >= paused_at)
        .values(due_at=Message.due_at + (unit.now - int(paused_at)))
    )


async def shift_rows(unit: Unit, campaign: Campaign, by: int) -> None:
    """Move the times at which a bulk campaign's waiting messages are due by `by` ms (negative: earlier)."""
    if by and campaign.kind == "bulk":
        await unit.conn.execute(
            update(Message)
            .where(of_campaign(campaign.id), Message.state == states.QUEUED)
            .values(due_at=Message.due_at + by)
        )


async def release_due(unit: Unit) -> int:
    """Scheduled campaigns whose time has come start. Gives how many."""
    rows = (
        await unit.conn.execute(
            update(Campaign)
            .where(Campaign.state == "scheduled", Campaign.scheduled_at <= unit.now)
            .values(state="running", started_at=unit.now, updated_at=unit.now)
            .returning(Campaign.id, Campaign.workspace_id, Campaign.channel_id, Campaign.name)
        )
    ).all()
    for row in rows:
        unit.emit(row.workspace_id, CampaignStarted(id=row.id, name=row.name), row.channel_id)
        unit.notify(f"channel:{row.channel_id}")
    return len(rows)
