"""What the service hands out: a campaign, and its figures."""

from __future__ import annotations

from typing import Any

import msgspec

from ..ground.views import view_of
from ..models import Campaign


class CampaignView(msgspec.Struct, frozen=True, kw_only=True):
    """A campaign; times in Unix ms. `content` is stored JSON, None for a bulk campaign, whose messages have their own.

    `expanding`: recipients of the audience are still being written to the ledger. `pause_reason` says who or what paused
    it. `options` has the pauses between messages, fallbacks of placeholders, and what dialects keep with it.
    """

    id: int
    workspace_id: int
    channel_id: int
    name: str
    kind: str
    state: str
    category: str
    content: str | None
    audience: dict[str, Any]
    options: dict[str, Any]
    tag: str | None
    template: str | None
    source: str | None
    expanding: bool
    total: int
    pause_reason: str | None
    scheduled_at: int | None
    started_at: int | None
    finished_at: int | None
    created_at: int
    updated_at: int


class Preview(msgspec.Struct, kw_only=True):
    """What a campaign would reach: contacts of the audience and groups; `lacking` says by placeholder how many contacts have
    no value for it, `incomplete` how many lack one that has no fallback either: `missing` is done for these."""

    contacts: int
    groups: int
    lacking: dict[str, int]
    incomplete: int
    missing: str


class Counts(msgspec.Struct, kw_only=True):
    """A campaign's rows by state. `was_uncertain` counts those whose outcome was unknown for a while, however settled."""

    by_state: dict[str, int]
    total: int
    was_uncertain: int


def campaign_view(row: Campaign) -> CampaignView:
    """The view of a row."""
    return view_of(CampaignView, row)
