"""Messages that wait for their time: released into the queue, or cancelled before they go out."""

from __future__ import annotations

from typing import Final

from sqlalchemy import select

from ..ground.unit import Unit
from ..models import Message, of_campaign
from . import states
from .transition import Move, load, transition

WAITING: Final = (states.SCHEDULED, states.QUEUED)
"""States of a message that has not gone out and is in nobody's hands."""
CHUNK: Final = 2000
"""Rows per statement when many are written."""


async def release_due(unit: Unit, limit: int = 1000) -> int:
    """Scheduled messages whose time has come join the queue, without those that are held. Gives how many."""
    query = (
        select(Message.id, Message.channel_id, Message.state, Message.attempts)
        .where(Message.state == states.SCHEDULED, Message.due_at <= unit.now, Message.lane < states.HELD)
        .order_by(Message.due_at)
        .limit(limit)
        .with_for_update()
    )
    rows = [dict(row._mapping) for row in await unit.conn.execute(query)]
    move = Move(to=states.QUEUED, at=unit.now)
    await transition(unit, [(row, move) for row in rows])
    for channel_id in {row["channel_id"] for row in rows}:
        unit.notify(f"channel:{channel_id}")
    return len(rows)


async def cancel_of_campaign(unit: Unit, campaign_id: int, limit: int) -> int:
    """Cancel messages of a campaign that have not gone out, at most `limit`; gives how many."""
    cancelled = 0
    move = Move(to=states.CANCELLED, at=unit.now)
    while cancelled < limit:
        wanted = min(CHUNK, limit - cancelled)
        rows = await load(unit, of_campaign(campaign_id), Message.state.in_(WAITING), limit=wanted)
        await transition(unit, [(row, move) for row in rows])
        cancelled += len(rows)
        if len(rows) < wanted:
            break
    return cancelled
