"""A campaign that has not started is changed: what it says, to whom, when it starts. All of a request or nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from ..egress.links import check_links
from ..ground.errors import Conflict, Invalid
from ..ground.unit import Unit
from ..models import Campaign
from ..port.content import Content, Template, encode
from .audience import checked
from .base import Part, check_category, check_name, locked
from .links import OPTION, check_public_url
from .recipients import check_placeholders, missing_of
from .state import move, shift_rows
from .views import CampaignView, campaign_view


class CampaignChanges(msgspec.Struct, kw_only=True, frozen=True):
    """What is to be changed; None leaves it as it is. `scheduled_at` (Unix ms) is when it starts: None makes it a draft,
    left out it stays. `start` starts a scheduled campaign now. `fallbacks`, `missing` and `track_links` as for a new one."""

    name: str | None = None
    content: Content | None = None
    audience: Mapping[str, Any] | None = None
    category: str | None = None
    tag: str | None = None
    scheduled_at: int | msgspec.UnsetType | None = msgspec.UNSET
    start: bool = False
    fallbacks: Mapping[str, Any] | None = None
    missing: str | None = None
    track_links: bool | None = None


class Changes(Part):
    """The part that changes campaigns."""

    async def update(
        self,
        workspace_id: int,
        campaign_id: int,
        changes: CampaignChanges,
        *,
        client_data: Mapping[str, Any] | None = None,
    ) -> CampaignView:
        """Change a campaign that has not started, in one transaction. `client_data` is put into its options: what a
        dialect keeps to show the request again.

        Raises NotFound, Invalid, Conflict (CAMPAIGN_STATE) when it has started, or is a bulk campaign whose messages are
        written already.
        """
        if changes.name is not None:
            check_name(changes.name)
        if changes.category is not None:
            check_category(changes.category)
        if changes.content is not None:
            check_links(changes.content, self._store.options.egress_allow)
        async with self._store.unit() as unit:
            row = await locked(unit, workspace_id, campaign_id)
            if row.state not in ("draft", "scheduled"):
                raise Conflict(f"The campaign is {row.state} and can no longer be changed.", code="CAMPAIGN_STATE")
            if row.kind == "bulk" and (changes.content is not None or changes.audience is not None):
                raise Conflict("The messages of a bulk campaign are written already.", code="CAMPAIGN_STATE")
            if changes.audience is not None:
                audience = await checked(unit.conn, workspace_id, row.channel_id, changes.audience)
                changes = msgspec.structs.replace(changes, audience=audience)
            _apply(row, changes)
            if client_data is not None:
                row.options = {**row.options, **client_data}
            missing_of(row.options)
            if changes.track_links:
                check_public_url(row.options, row.kind, self._store.options.public_url)
            filling = changes.content is not None or changes.fallbacks is not None or changes.missing is not None
            if filling and row.kind != "api" and row.content is not None:
                await check_placeholders(unit.conn, workspace_id, row.content, row.options)
            row.updated_at = unit.now
            if changes.scheduled_at is not msgspec.UNSET:
                await _schedule(unit, row, changes.scheduled_at)
            if changes.start and row.state == "scheduled":
                await move(unit, row, "running")
        return campaign_view(row)

    async def delete(self, workspace_id: int, campaign_id: int) -> None:
        """Delete a campaign that has not started. Raises NotFound, and Conflict (CAMPAIGN_STATE) when it has: its messages
        stay in the ledger, and so it does."""
        async with self._store.unit() as unit:
            row = await locked(unit, workspace_id, campaign_id)
            if row.state not in ("draft", "scheduled") or row.kind == "bulk":
                raise Conflict(
                    "Only a campaign that has not started can be deleted. Cancel this one: its messages stay in the ledger.",
                    code="CAMPAIGN_STATE",
                )
            await unit.session.delete(row)

    async def schedule(self, workspace_id: int, campaign_id: int, at: int | None) -> CampaignView:
        """Have a draft start at a time (Unix ms), or at another one; None makes it a draft again.

        Raises NotFound, Invalid (not in the future), Conflict (it has started).
        """
        async with self._store.unit() as unit:
            row = await locked(unit, workspace_id, campaign_id)
            await _schedule(unit, row, at)
        return campaign_view(row)


def _apply(row: Campaign, changes: CampaignChanges) -> None:
    if changes.name is not None:
        row.name = check_name(changes.name)
    if changes.content is not None:
        row.content = encode(changes.content)
        row.template = changes.content.name if isinstance(changes.content, Template) else None
    if changes.audience is not None:
        row.audience = dict(changes.audience)
    if changes.fallbacks is not None:
        row.options = {**row.options, "fallbacks": dict(changes.fallbacks)}
    if changes.missing is not None:
        row.options = {**row.options, "missing": changes.missing}
    if changes.track_links is not None:
        row.options = {**row.options, OPTION: changes.track_links}
    row.category = changes.category or row.category
    row.tag = changes.tag if changes.tag is not None else row.tag


async def _schedule(unit: Unit, row: Campaign, at: int | None) -> None:
    if row.state not in ("draft", "scheduled"):
        raise Conflict(f"The campaign is {row.state} and can no longer be scheduled.", code="CAMPAIGN_STATE")
    if at is not None and at <= unit.now:
        raise Invalid("scheduledAt: must be in the future", details={"scheduledAt": ["Must be in the future."]})
    if row.scheduled_at is not None:
        await shift_rows(unit, row, (at or unit.now) - row.scheduled_at)
    row.state = "draft" if at is None else "scheduled"
    row.scheduled_at = at
    row.updated_at = unit.now
    unit.notify(f"channel:{row.channel_id}")
    unit.notify("scheduled")
