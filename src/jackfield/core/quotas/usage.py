"""Usage: how many messages went out and came in, by day, channel, template, tag, campaign or category."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

import msgspec
from sqlalchemy import ColumnElement, case, func, select

from ..ground import fields
from ..ground.errors import Invalid
from ..ground.store import Store
from ..ledger import states
from ..models import Campaign, Channel, Message
from .daily import DAY_MS, id_at

GROUPS: Final = ("day", "hour", "channel", "template", "tag", "campaign", "category", "state")
MAX_ROWS: Final = 1000
HOUR_MS: Final = 3_600_000
_TIMES: Final = {"day": "%Y-%m-%d", "hour": "%Y-%m-%dT%H:00Z"}
"""Groups of time, and how their keys are written."""
MAX_DAYS: Final = 400


def check_span(since: int, until: int) -> None:
    """That a report's span (Unix ms) has an end after its start, and not too long after. Raises Invalid."""
    if not since < until or until - since > MAX_DAYS * DAY_MS:
        raise fields.refuse("from", f"Must be a span of at most {MAX_DAYS} days.")


class UsageRow(msgspec.Struct, kw_only=True):
    """Counts of one group. `key` is a day (YYYY-MM-DD, UTC), an hour (YYYY-MM-DDTHH:00Z), an id, or a name; `name` what
    people call it.

    `sent` contains delivered and read, and `delivered` contains read, as in a funnel.
    """

    key: str
    name: str | None = None
    total: int = 0
    received: int = 0
    sent: int = 0
    delivered: int = 0
    read: int = 0
    failed: int = 0
    skipped: int = 0
    pending: int = 0


_SUMS: Final[tuple[tuple[str, tuple[str, ...]], ...]] = (
    ("sent", (states.SENT, states.DELIVERED, states.READ)),
    ("delivered", (states.DELIVERED, states.READ)),
    ("read", (states.READ,)),
    ("failed", (states.FAILED,)),
    ("skipped", (states.SKIPPED, states.CANCELLED)),
    ("pending", (states.SCHEDULED, states.QUEUED, states.SENDING, states.UNCERTAIN)),
)


class Usage:
    """The service. It counts the ledger's rows of a span of time; ids bound what is read."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def people_who_wrote(self, channel_id: int) -> int:
        """How many people have sent a message to this channel; reactions do not count."""
        query = select(func.count(func.distinct(Message.peer))).where(
            Message.channel_id == channel_id, Message.direction == "in", Message.kind != "reaction"
        )
        async with self._store.db.read() as session:
            return int((await session.execute(query)).scalar_one())

    async def report(
        self, workspace_id: int, *, by: str = "day", since: int, until: int, channel_id: int | None = None
    ) -> list[UsageRow]:
        """Counts of messages made from `since` until before `until` (Unix ms), at most 1,000 groups, the largest first
        (days and hours in their order, the latest 1,000 of them). Raises Invalid."""
        if by not in GROUPS:
            message = f"Must be one of {', '.join(GROUPS)}."
            raise Invalid(f"by: {message}", details={"by": [message]})
        check_span(since, until)
        keys: dict[str, ColumnElement[Any]] = {
            "day": (Message.created_at - Message.created_at % DAY_MS).label("key"),
            "hour": (Message.created_at - Message.created_at % HOUR_MS).label("key"),
            "channel": Message.channel_id.label("key"),
            "template": Message.template.label("key"),
            "tag": Message.tag.label("key"),
            "campaign": Message.campaign_id.label("key"),
            "category": Message.category.label("key"),
            "state": Message.state.label("key"),
        }
        key = keys[by]
        outgoing = Message.direction == "out"
        columns = [
            func.sum(case((outgoing & Message.state.in_(wanted), 1), else_=0)).label(name) for name, wanted in _SUMS
        ]
        received = func.sum(case((outgoing, 0), else_=1)).label("received")
        async with self._store.db.read() as session:
            low, high = await id_at(session, since), await id_at(session, until)
            query = (
                select(key, func.count().label("total"), received, *columns)
                .where(
                    Message.workspace_id == workspace_id,
                    Message.id >= low,
                    Message.id < high,
                    Message.created_at >= since,
                    Message.created_at < until,
                )
                .group_by(key)
                .limit(MAX_ROWS)
            )
            if channel_id is not None:
                query = query.where(Message.channel_id == channel_id)
            if by in ("template", "tag"):
                query = query.where(key.is_not(None))
            elif by == "campaign":
                query = query.where(Message.campaign_id > 0)
            query = query.order_by(key.desc() if by in _TIMES else func.count().desc())
            rows = list((await session.execute(query)).all())
            if by in _TIMES:
                rows.reverse()
            names = await _names(session, by, [row.key for row in rows])
        return [
            UsageRow(
                key=datetime.fromtimestamp(row.key / 1000, UTC).strftime(_TIMES[by]) if by in _TIMES else str(row.key),
                name=names.get(row.key),
                total=row.total,
                received=int(row.received),
                **{name: int(getattr(row, name)) for name, _ in _SUMS},
            )
            for row in rows
        ]


async def _names(session: Any, by: str, keys: list[Any]) -> dict[Any, str]:
    if by == "channel":
        query = select(Channel.id, Channel.name).where(Channel.id.in_(keys))
    elif by == "campaign":
        query = select(Campaign.id, Campaign.name).where(Campaign.id.in_(keys))
    else:
        return {}
    return {row[0]: row[1] for row in await session.execute(query)}
