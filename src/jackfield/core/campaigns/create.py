"""Campaigns are made: to an audience, to explicit recipients, or as a copy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from random import Random
from typing import Any

import msgspec
from sqlalchemy import insert

from ..contacts.consent.may_send import ConsentQuestion
from ..egress.links import check_links
from ..ground.errors import Conflict, Invalid, UnknownPlaceholders
from ..ground.events import CampaignStarted
from ..ground.times import must_lie_ahead
from ..ground.unit import Unit
from ..ledger import states
from ..ledger.waiting import CHUNK
from ..models import Campaign, Message
from ..port.content import Content, Template, decode, encode, kind_of, personalise
from .audience import checked
from .base import Part, check_category, check_name
from .links import check_public_url
from .recipients import check_placeholders, missing_of, placeholders
from .views import CampaignView, campaign_view

MAX_DELAY_MS = 24 * 3600 * 1000


class BulkMessage(msgspec.Struct, kw_only=True):
    """One explicit recipient of a bulk campaign, with content that may hold placeholders."""

    peer: str
    content: Content
    variables: Mapping[str, Any] = {}
    contact_id: int | None = None


class Creation(Part):
    """The part that makes campaigns."""

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
        client_data: Mapping[str, Any] | None = None,
    ) -> CampaignView:
        """A campaign to explicit recipients; every row is in the ledger when this returns.

        `delay_ms` is the pause between two messages; with `randomize` each pause is drawn between it and one and a half
        of it, never less. `client_data` is kept in the campaign's options, for a dialect. Raises Invalid.
        """
        if not messages:
            raise Invalid("messages: at least one is needed", details={"messages": ["Must not be empty."]})
        check_category(category)
        must_lie_ahead(scheduled_at)
        if not 0 <= delay_ms <= MAX_DELAY_MS:
            raise Invalid(
                "options.delayBetweenMessages: 0 to 86400000 ms",
                details={"options.delayBetweenMessages": ["Must be 0 to 86400000 ms."]},
            )
        async with self._store.unit() as unit:
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
                options={**(client_data or {}), "delay_ms": delay_ms, "randomize": randomize},
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
            _tell_start(unit, campaign)
            if later:
                unit.notify("scheduled")
            pauses = Random(campaign.id)
            refused = await self._consent.refusals(
                unit.conn,
                [
                    ConsentQuestion(
                        workspace_id=workspace_id,
                        channel_id=channel_id,
                        peer=message.peer,
                        category=category,
                        contact_id=message.contact_id,
                    )
                    for message in messages
                ],
            )
            due = scheduled_at if later and scheduled_at is not None else now
            rows: list[dict[str, Any]] = []
            for index, (message, reason) in enumerate(zip(messages, refused, strict=True)):
                content = _filled(message, index)
                check_links(content, self._store.options.egress_allow)
                rows.append(
                    {
                        "workspace_id": workspace_id,
                        "channel_id": channel_id,
                        "direction": "out",
                        "state": states.QUEUED if reason is None else states.SKIPPED,
                        "error_code": reason,
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
                due += round(delay_ms * pauses.uniform(1.0, 1.5)) if randomize else delay_ms
            for start in range(0, len(rows), CHUNK):
                await unit.conn.execute(insert(Message), rows[start : start + CHUNK])
            unit.notify(f"channel:{channel_id}")
        return campaign_view(campaign)

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
    ) -> CampaignView:
        """A campaign to an audience (kind broadcast), or one to be triggered singly (kind api).

        `audience` is a filter over contacts (core.contacts.find.filters), and groups by name as `groups`; recipients are
        written to the ledger in the background. `options` has `fallbacks` of placeholders and `missing` (see `recipients`), and
        `track_links`: recipients get short links, so that it is known who pressed one.
        Without `start` it is a draft; with `scheduled_at` (Unix ms) it starts then. Raises Invalid.
        """
        name = check_name(name)
        check_category(category)
        must_lie_ahead(scheduled_at)
        if kind not in ("broadcast", "api"):
            raise Invalid("kind: broadcast or api", details={"kind": ["Must be broadcast or api."]})
        check_links(content, self._store.options.egress_allow)
        missing_of(options or {})
        check_public_url(options or {}, kind, self._store.options.public_url)
        async with self._store.unit() as unit:
            audience = await checked(unit.conn, workspace_id, channel_id, audience or {})
            if kind != "api":
                # An api campaign is told values with each of its messages.
                await check_placeholders(unit.conn, workspace_id, encode(content), options or {})
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
                audience=audience,
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
            _tell_start(unit, campaign)
            if later:
                unit.notify("scheduled")
            unit.notify(f"channel:{channel_id}")
        return campaign_view(campaign)

    async def duplicate(self, workspace_id: int, campaign_id: int, name: str | None = None) -> CampaignView:
        """A draft of the same content, audience and options. Raises NotFound, Conflict for a bulk campaign."""
        row = await self.get(workspace_id, campaign_id)
        if row.content is None:
            raise Conflict("A bulk campaign cannot be duplicated: it has no audience.", code="CAMPAIGN_STATE")
        options = {key: value for key, value in row.options.items() if not key.startswith("paused_")}
        return await self.create(
            workspace_id,
            row.channel_id,
            name=name or f"{row.name[:193]} (copy)",
            content=decode(row.content),
            audience=row.audience,
            kind=row.kind,
            category=row.category,
            start=False,
            tag=row.tag,
            source=row.source,
            options=options,
        )


def _filled(message: BulkMessage, index: int) -> Content:
    """A message with its values. Raises UnknownPlaceholders for a placeholder that has no value among those given: nobody
    reads one."""
    wanted = placeholders(encode(message.content)) - {str(name).casefold() for name in message.variables}
    if wanted:
        error = UnknownPlaceholders([f"{{{name}}}" for name in sorted(wanted)], "no value of this name was given.")
        error.index = index
        raise error
    return personalise(message.content, message.variables)


def _tell_start(unit: Unit, campaign: Campaign) -> None:
    if campaign.state == "running":
        unit.emit(campaign.workspace_id, CampaignStarted(id=campaign.id, name=campaign.name), campaign.channel_id)
