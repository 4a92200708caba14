"""Usage: how many messages went out and came in, by day, channel, template, tag, campaign or category."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from typing import Any, Final

import msgspec
from sqlalchemy import Select, case, func, select

from ..ground import fields
from ..ground.errors import Invalid
from ..ground.store import Store
from ..ledger import states
from ..models import LEDGER, AnyMessage, Campaign, Channel, Message
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
        counted: dict[Any, Counter[str]] = {}
        async with self._store.db.read() as session:
            for model in LEDGER:
                low, high = await id_at(session, since, model), await id_at(session, until, model)
                query = _counts(model, by).where(
                    model.workspace_id == workspace_id,
                    model.id >= low,
                    model.id < high,
                    model.created_at >= since,
                    model.created_at < until,
                )
                if channel_id is not None:
                    query = query.where(model.channel_id == channel_id)
                for row in (await session.execute(query)).mappings():
                    group = counted.setdefault(row["key"], Counter())
                    group.update({name: int(row[name]) for name in ("total", "received", *(name for name, _ in _SUMS))})
            if by in _TIMES:
                found = sorted(counted)[-MAX_ROWS:]
            else:
                found = sorted(counted, key=lambda key: -counted[key]["total"])[:MAX_ROWS]
            names = await _names(session, by, found)
        return [
            UsageRow(
                key=datetime.fromtimestamp(key / 1000, UTC).strftime(_TIMES[by]) if by in _TIMES else str(key),
                name=names.get(key),
                total=counted[key]["total"],
                received=counted[key]["received"],
                **{name: counted[key][name] for name, _ in _SUMS},
            )
            for key in found
        ]


def _counts(model: AnyMessage, by: str) -> Select[Any]:
    """Counts of each group; at most 1,000 groups, the largest or the latest."""
    keys: dict[str, Any] = {
        "day": model.created_at - model.created_at % DAY_MS,
        "hour": model.created_at - model.created_at % HOUR_MS,
        "channel": model.channel_id,
        "template": model.template,
        "tag": model.tag,
        "campaign": model.campaign_id,
        "category": model.category,
        "state": model.state,
    }
    key = keys[by].label("key")
    outgoing = model.direction == "out"
    columns = [func.sum(case((outgoing & model.state.in_(wanted), 1), else_=0)).label(name) for name, wanted in _SUMS]
    received = func.sum(case((outgoing, 0), else_=1)).label("received")
    query = select(key, func.count().label("total"), received, *columns).group_by(key).limit(MAX_ROWS)
    if by in ("template", "tag"):
        query = query.where(key.is_not(None))
    elif by == "campaign":
        query = query.where(model.campaign_id > 0)
    return query.order_by(key.desc() if by in _TIMES else func.count().desc())


async def _names(session: Any, by: str, keys: list[Any]) -> dict[Any, str]:
    if by == "channel":
        query = select(Channel.id, Channel.name).where(Channel.id.in_(keys))
    elif by == "campaign":
        query = select(Campaign.id, Campaign.name).where(Campaign.id.in_(keys))
    else:
        return {}
    return {row[0]: row[1] for row in await session.execute(query)}
