"""What waits at each channel: columns of one statement for all of them, so that no channel asks for itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import and_, exists, or_, text

from ..ledger.states import QUEUED, UNCERTAIN
from ..models import Campaign, Channel, Message, OwnerRequest, unsettled


class Pending(msgspec.Struct, frozen=True, kw_only=True):
    """Which work of a channel there is in the database: messages in the queue (due or not), sends whose outcome is
    unknown, campaigns to be expanded or finished, requests of other processes for the session."""

    queued: bool
    uncertain: bool
    campaigns: bool
    requests: bool = False


# Each literal says in the words of a partial index what the condition beside it implies; see `models.of_campaign`.
_queued = exists().where(Message.channel_id == Channel.id, Message.state == QUEUED, text("messages.state = 'queued'"))
_uncertain = exists().where(Message.channel_id == Channel.id, unsettled(UNCERTAIN))
_campaigns = exists().where(
    Campaign.channel_id == Channel.id,
    and_(Campaign.state == "running", text("campaigns.state IN ('running', 'scheduled')")),
    or_(Campaign.expanding.is_(True), Campaign.kind != "api"),
)
_requests = exists().where(
    OwnerRequest.channel_id == Channel.id, OwnerRequest.taken_at.is_(None), text("owner_requests.taken_at IS NULL")
)
PENDING = (
    _queued.label("queued"),
    _uncertain.label("uncertain"),
    _campaigns.label("campaigns"),
    _requests.label("requests"),
)
"""Columns beside those of a channel, each at the price of one look into an index."""


_NOTHING = Pending(queued=False, uncertain=False, campaigns=False)


def pending_of(values: Sequence[Any]) -> Pending:
    """What the values of these columns tell."""
    if not any(values):
        return _NOTHING
    queued, uncertain, campaigns, requests = values
    return Pending(queued=bool(queued), uncertain=bool(uncertain), campaigns=bool(campaigns), requests=bool(requests))
