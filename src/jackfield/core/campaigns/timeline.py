"""When a campaign's messages were sent, delivered, read and failed: counts by spans of time."""

from __future__ import annotations

from functools import partial
from typing import Any, Final

import msgspec
from sqlalchemy import Select, func, select

from ..ground import fields
from ..ledger.archive import of_all
from ..models import AnyMessage, of_campaign
from .base import Part
from .views import CampaignView

BUCKETS: Final = {"minute": 60_000, "hour": 3_600_000, "day": 86_400_000}
"""Spans by name, in ms."""
MAX_BUCKETS: Final = 2000
_TIMES: Final = ("sent", "delivered", "read", "failed")


class TimelineRow(msgspec.Struct, kw_only=True):
    """What happened in the span that begins `at` (Unix ms)."""

    at: int
    sent: int = 0
    delivered: int = 0
    read: int = 0
    failed: int = 0


class Timeline(Part):
    """The part that tells when."""

    async def timeline(self, campaign: CampaignView, bucket: str = "hour") -> list[TimelineRow]:
        """Counts by minute, hour or day (UTC), the spans in their order; those in which nothing happened are left out.
        Each message counts once for each thing that happened to it. Raises Invalid for an unknown bucket, and for one that
        makes more than 2,000 spans."""
        size = BUCKETS[fields.choice("bucket", bucket, BUCKETS)]
        found: dict[int, TimelineRow] = {}
        async with self._store.db.read() as session:
            for name in _TIMES:
                query = of_all(partial(_spans, campaign.id, f"{name}_at", size))
                for at, count in await session.execute(query):
                    row = found.setdefault(int(at), TimelineRow(at=int(at)))
                    setattr(row, name, getattr(row, name) + int(count))
        if len(found) > MAX_BUCKETS:
            raise fields.refuse("bucket", f"Makes more than {MAX_BUCKETS} spans; choose a larger one.")
        return [found[at] for at in sorted(found)]


def _spans(campaign_id: int, column_name: str, size: int, model: AnyMessage) -> Select[Any]:
    column = getattr(model, column_name)
    span: Any = (column - column % size).label("at")
    query = select(span, func.count()).where(of_campaign(campaign_id, model), column.is_not(None)).group_by(span)
    return select(*query.limit(MAX_BUCKETS + 1).subquery().columns)
