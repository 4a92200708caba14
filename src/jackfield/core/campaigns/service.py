"""`Campaigns`: made, scheduled, started, paused, resumed, cancelled, counted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from random import Random
from typing import Any

import msgspec
from sqlalchemy import func, insert, select, update

from ..contacts.find.filters import conditions
from ..ground.errors import Conflict, Invalid, NotFound
from ..ground.events import CampaignFinished, CampaignPaused
from ..ground.listing import page_by_id
from ..ground.paging import Page
from ..ground.store import Store
from ..ground.unit import Unit
from ..ledger import states
from ..ledger.waiting import CHUNK, cancel_of_campaign
from ..models import Campaign, Contact, Message, Suppression, of_campaign
from ..port.content import Content, Template, encode, kind_of, personalise

CANCELLED_AT_ONCE = 5 * CHUNK
"""Messages that are cancelled with their campaign; the worker cancels the rest in steps."""
MAX_DELAY_MS = 24 * 3600 * 1000


class BulkMessage(msgspec.Struct, kw_only=True):
    """One explicit recipient of a bulk campaign, with content that may hold placeholders."""

    peer: str
    content: Content
    variables: Mapping[str, Any] = {}
    contact_id: int | None = None


class Counts(msgspec.Struct, kw_only=True):
    """A campaign's rows by state. `was_uncertain` counts those whose outcome was unknown for a while, however settled."""

    by_state: dict[str, int]
    total: int
    was_uncertain: int


class Campaigns:
    """The service."""

    def __init__(self, store: Store) -> None:
        self._store = store

    # -- making --------------------------------------------------------------------------------------

    async def create_bulk(
        self,
        workspace_id: int,
        channel_id: int,
        messages: Sequence[BulkMessage],
        *,
        name: str | None = None,
        category: str = "marketing",
        delay_ms: int = 0,
        randomize: bool = False,
        scheduled_at: int | None = None,
        tag: str | None = None,
        source: str | None = None,
        unit: Unit | None = None,
    ) -> Campaign:
        """A campaign to explicit recipients; every row is in the ledger when this returns.

        `delay_ms` is the pause between two messages; with `randomize` each pause is drawn between half and one and a half
        of it. Raises Invalid.
        """
        if not messages:
            raise Invalid("messages: at least one is needed", details={"messages": ["Must not be empty."]})
        if category not in states.LANES:
            raise _bad_category()
        if not 0 <= delay_ms <= MAX_DELAY_MS:
            raise Invalid(
                "options.delayBetweenMessages: 0 to 86400000 ms",
                details={"options.delayBetweenMessages": ["Must be 0 to 86400000 ms."]},
            )
        if unit is None:
            async with self._store.unit() as unit:
                return await self._write_bulk(
                    unit,
                    workspace_id,
                    channel_id,
                    messages,
                    name,
                    category,
                    delay_ms,
                    randomize,
                    scheduled_at,
                    tag,
                    source,
                )
        return await self._write_bulk(
            unit, workspace_id, channel_id, messages, name, category, delay_ms, randomize, scheduled_at, tag, source
        )

    async def _write_bulk(
        self,
        unit: Unit,
        workspace_id: int,
        channel_id: int,
        messages: Sequence[BulkMessage],
        name: str | None,
        category: str,
        delay_ms: int,
        randomize: bool,
        scheduled_at: int | None,
        tag: str | None,
        source: str | None,
    ) -> Campaign:
        now = unit.now
        later = scheduled_at is not None and scheduled_at > now
        campaign = Campaign(
            workspace_id=workspace_id,
            channel_id=channel_id,
            name=name or f"Bulk of {len(messages)}",
            kind="bulk",
            state="scheduled" if later else "running",
            category=category,
            audience={},
            options={"delay_ms": delay_ms, "randomize": randomize},
            tag=tag,
            source=source,
            total=len(messages),
            scheduled_at=scheduled_at,
            started_at=None if later else now,
            created_at=now,
            updated_at=now,
        )
        unit.session.add(campaign)
        await unit.session.flush()
        pauses = Random(campaign.id)
        suppressed = await _suppressed(unit, workspace_id, messages) if category == "marketing" else frozenset()
        due = scheduled_at if later and scheduled_at is not None else now
        rows: list[dict[str, Any]] = []
        for index, message in enumerate(messages):
            content = personalise(message.content, message.variables) if message.variables else message.content
            rows.append(
                {
                    "workspace_id": workspace_id,
                    "channel_id": channel_id,
                    "direction": "out",
                    "state": states.SKIPPED if message.peer in suppressed else states.QUEUED,
                    "error_code": "suppressed" if message.peer in suppressed else None,
                    "lane": states.LANES[category],
                    "campaign_id": campaign.id,
                    "slot": f"{index}",
                    "due_at": due,
                    "peer": message.peer,
                    "contact_id": message.contact_id,
                    "kind": kind_of(content),
                    "content": encode(content),
                    "category": category,
                    "tag": tag,
                    "template": content.name if isinstance(content, Template) else None,
                    "source": source,
                    "attempts": 0,
                    "created_at": now,
                }
            )
            due += round(delay_ms * pauses.uniform(0.5, 1.5)) if randomize else delay_ms
        for start in range(0, len(rows), CHUNK):
            await unit.conn.execute(insert(Message), rows[start : start + CHUNK])
        unit.notify(f"channel:{channel_id}")
        return campaign

    async def create(
        self,
        workspace_id: int,
        channel_id: int,
        *,
        name: str,
        content: Content,
        audience: Mapping[str, Any] | None = None,
        kind: str = "broadcast",
        category: str = "marketing",
        scheduled_at: int | None = None,
        start: bool = True,
        tag: str | None = None,
        source: str | None = None,
        options: Mapping[str, Any] | None = None,
    ) -> Campaign:
        """A campaign to an audience (kind broadcast), or one to be triggered singly (kind api).

        `audience` is a filter over contacts (core.contacts.filters); recipients are written to the ledger in the
        background. Without `start` it is a draft; with `scheduled_at` (Unix ms) it starts then. Raises Invalid.
        """
        name = name.strip()
        if not name or len(name) > 200:
            raise Invalid("name: 1 to 200 characters", details={"name": ["Must be 1 to 200 characters."]})
        if category not in states.LANES:
            raise _bad_category()
        if kind not in ("broadcast", "api"):
            raise Invalid("kind: broadcast or api", details={"kind": ["Must be broadcast or api."]})
        conditions(workspace_id, audience or {})
        async with self._store.unit() as unit:
            now = unit.now
            later = scheduled_at is not None and scheduled_at > now
            running = start and not later
            campaign = Campaign(
                workspace_id=workspace_id,
                channel_id=channel_id,
                name=name,
                kind=kind,
                state="running" if running else "scheduled" if later else "draft",
                category=category,
                content=encode(content),
                audience=dict(audience or {}),
                options=dict(options or {}),
                tag=tag,
                template=content.name if isinstance(content, Template) else None,
                source=source,
                expanding=kind == "broadcast",
                scheduled_at=scheduled_at,
                started_at=now if running else None,
                created_at=now,
                updated_at=now,
            )
            unit.session.add(campaign)
            await unit.session.flush()
            unit.notify(f"channel:{channel_id}")
        return campaign

    # -- moving --------------------------------------------------------------------------------------

    async def _move(
        self, workspace_id: int, campaign_id: int, new: str, reason: str | None = None, *, over: bool = True
    ) -> Campaign:
        """Into another state; without `over` not out of a finished one."""
        async with self._store.unit() as unit:
            campaign = await self._locked(unit, workspace_id, campaign_id)
            old = campaign.state
            if new not in states.CAMPAIGN_MOVES[old] or (old == "finished" and not over):
                if new == old:
                    return campaign
                raise Conflict(f"The campaign is {old} and cannot become {new}.", code="CAMPAIGN_STATE")
            campaign.state = new
            campaign.updated_at = unit.now
            if new == "running":
                await self._shift(unit, campaign, old)
                campaign.started_at = campaign.started_at or unit.now
                campaign.pause_reason = None
            elif new == "paused":
                campaign.pause_reason = reason or "by hand"
                campaign.options = {**campaign.options, "paused_at": unit.now}
                unit.emit(
                    workspace_id,
                    CampaignPaused(id=campaign.id, name=campaign.name, reason=campaign.pause_reason),
                    campaign.channel_id,
                )
            elif new == "cancelled":
                campaign.expanding = False
                campaign.finished_at = unit.now
                await unit.session.flush()
                await cancel_of_campaign(unit, campaign.id, CANCELLED_AT_ONCE)
            await unit.session.flush()
            unit.notify(f"channel:{campaign.channel_id}")
        return campaign

    @staticmethod
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

    async def start(self, workspace_id: int, campaign_id: int) -> Campaign:
        """Start a draft or scheduled campaign now; one that is paused goes on. Raises NotFound, Conflict."""
        return await self._move(workspace_id, campaign_id, "running", over=False)

    async def pause(self, workspace_id: int, campaign_id: int, reason: str | None = None) -> Campaign:
        """Stop claiming its messages; effective with the next claim, well within a second. Raises NotFound, Conflict."""
        return await self._move(workspace_id, campaign_id, "paused", reason)

    async def resume(self, workspace_id: int, campaign_id: int) -> Campaign:
        """Go on where it was paused. Raises NotFound, Conflict."""
        return await self._move(workspace_id, campaign_id, "running", over=False)

    async def cancel(self, workspace_id: int, campaign_id: int) -> Campaign:
        """Never send what has not gone out yet. Raises NotFound, Conflict when it is over."""
        return await self._move(workspace_id, campaign_id, "cancelled")

    # -- reading -------------------------------------------------------------------------------------

    @staticmethod
    async def _locked(unit: Unit, workspace_id: int, campaign_id: int) -> Campaign:
        campaign = (
            await unit.session.execute(select(Campaign).where(Campaign.id == campaign_id).with_for_update())
        ).scalar_one_or_none()
        if campaign is None or campaign.workspace_id != workspace_id:
            raise NotFound(f"There is no campaign {campaign_id}.", code="CAMPAIGN_NOT_FOUND")
        return campaign

    async def get(self, workspace_id: int, campaign_id: int) -> Campaign:
        """One campaign. Raises NotFound."""
        async with self._store.db.read() as session:
            campaign = await session.get(Campaign, campaign_id)
        if campaign is None or campaign.workspace_id != workspace_id:
            raise NotFound(f"There is no campaign {campaign_id}.", code="CAMPAIGN_NOT_FOUND")
        return campaign

    async def list(
        self,
        workspace_id: int,
        *,
        kind: str | None = None,
        state: str | None = None,
        name: str | None = None,
        channel_id: int | None = None,
        limit: int = 50,
        cursor: str | None = None,
        page: int | None = None,
        newest_first: bool = True,
        total: bool = False,
    ) -> Page[Campaign]:
        """Campaigns, newest first, by cursor or by page number (see `page_by_id`). Raises Invalid."""
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
        async with self._store.db.read() as session:
            return await page_by_id(
                session,
                query,
                Campaign.id,
                lambda row: row,
                limit=limit,
                cursor=cursor,
                page=page,
                newest_first=newest_first,
                total=total,
            )

    async def counts(self, campaign: Campaign) -> Counts:
        """A campaign's rows by state, counted now."""
        async with self._store.db.read() as session:
            return await count_rows(session, campaign)

    async def reach(self, workspace_id: int, audience: Mapping[str, Any]) -> int:
        """How many contacts an audience has now."""
        async with self._store.db.read() as session:
            query = select(func.count()).select_from(Contact).where(*conditions(workspace_id, audience))
            return int((await session.execute(query)).scalar_one())


async def count_rows(session: Any, campaign: Campaign) -> Counts:
    """Rows by state, from the index."""
    rows = (
        await session.execute(
            select(Message.state, func.count()).where(of_campaign(campaign.id)).group_by(Message.state)
        )
    ).all()
    by_state = dict.fromkeys(states.OUTGOING, 0) | {row[0]: row[1] for row in rows}
    uncertain = (
        await session.execute(
            select(func.count()).select_from(Message).where(of_campaign(campaign.id), Message.uncertain_at.is_not(None))
        )
    ).scalar_one()
    return Counts(by_state=by_state, total=sum(by_state.values()), was_uncertain=uncertain)


async def _suppressed(unit: Unit, workspace_id: int, messages: Sequence[BulkMessage]) -> frozenset[str]:
    """Which of these recipients want no marketing."""
    peers = sorted({message.peer for message in messages})
    found: set[str] = set()
    for start in range(0, len(peers), CHUNK):
        query = select(Suppression.address).where(
            Suppression.workspace_id == workspace_id, Suppression.address.in_(peers[start : start + CHUNK])
        )
        found.update((await unit.conn.execute(query)).scalars())
    return frozenset(found)


def _bad_category() -> Invalid:
    known = ", ".join(states.LANES)
    return Invalid(f"category: one of {known}", details={"category": [f"Must be one of {known}."]})


# -- what the worker does ------------------------------------------------------------------------------


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
            .returning(Campaign.channel_id)
        )
    ).all()
    for row in rows:
        unit.notify(f"channel:{row.channel_id}")
    return len(rows)


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
        counts = await count_rows(unit.session, campaign)
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
        unit.notify("campaign-finished", campaign.id)
        finished += 1
    await unit.session.flush()
    return finished
