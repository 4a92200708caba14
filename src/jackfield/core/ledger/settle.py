"""Settling: what becomes of messages whose outcome is unknown (design, decision 6).

Best is the network's own word: a status that carries our id, or a look-up where the network has one. Without it, a policy
decides after a wait: marketing is not sent again, the rest once.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from ..ground.unit import Unit
from ..models import Message, unsettled
from . import states
from .transition import Move, Row, load, transition

RESENT = "resent"


class UncertainMessage(msgspec.Struct, kw_only=True):
    """A message whose outcome is unknown since `since` (Unix ms)."""

    id: int
    since: int
    category: str
    resent: bool


class Verdict(msgspec.Struct, kw_only=True):
    """What was found out: `provider_id` (the network has it), or `absent` (it surely has not), or neither (policy)."""

    id: int
    provider_id: str | None = None
    absent: bool = False


async def find_uncertain(
    session: AsyncSession, channel_id: int, before: int, limit: int = 500
) -> list[UncertainMessage]:
    """Uncertain messages of a channel since before `before` (Unix ms)."""
    rows = await session.execute(
        select(Message.id, Message.uncertain_at, Message.category, Message.extra)
        .where(Message.channel_id == channel_id, unsettled(states.UNCERTAIN), Message.uncertain_at <= before)
        .order_by(Message.id)
        .limit(limit)
    )
    return [
        UncertainMessage(
            id=row.id, since=row.uncertain_at, category=row.category, resent=bool((row.extra or {}).get(RESENT))
        )
        for row in rows
    ]


async def settle(unit: Unit, channel_id: int, verdicts: Sequence[Verdict]) -> int:
    """Apply what was found out to messages that are still uncertain; gives how many were settled."""
    rows = {
        row["id"]: row
        for row in await load(unit, Message.id.in_([one.id for one in verdicts]), Message.state == states.UNCERTAIN)
    }
    steps = [(rows[one.id], _move_of(unit, rows[one.id], one)) for one in verdicts if one.id in rows]
    await transition(unit, steps)
    if steps:
        unit.notify(f"channel:{channel_id}")
    return len(steps)


def _move_of(unit: Unit, row: Row, verdict: Verdict) -> Move:
    now = unit.now
    if verdict.provider_id is not None:
        return Move(to=states.SENT, at=now, provider_id=verdict.provider_id)
    if verdict.absent:
        # Surely not sent, so this is no resend: the attempt never happened.
        return Move(to=states.QUEUED, at=now, due_at=now, attempts=-1, forget_provider_id=True)
    if row["category"] == "marketing" or (row["extra"] or {}).get(RESENT):
        return Move(
            to=states.FAILED,
            at=now,
            code="outcome_unknown",
            error="It may have been sent, but the network never confirmed it, so it is not sent again.",
        )
    return Move(to=states.QUEUED, at=now, due_at=now, code=row["error_code"], error=row["error"], extra={RESENT: True})
