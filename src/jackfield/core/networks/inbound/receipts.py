"""Receipts of messages that another program sends through the same number: the newest are kept, the others counted.

Whoever sends through a number beside us has each message's receipts sent to us too, three of them. Kept one by one they
would soon push out of the kept problems what a person has to look at, and every one of them would be an event. A receipt
may also come before the echo of its message, so the newest are kept: they are applied when that comes.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import delete, select, update

from ...ground.unit import Unit
from ...ledger.submit import insert_ignoring
from ...models import InboundProblem
from ..source import Source
from . import payload

REASON: Final = "unknown_message"
KIND: Final = "Receipts"
"""The kind of the row that counts them."""
MAX_RECEIPTS: Final = 500
"""Receipts of unknown messages that are kept of a channel; the oldest go first."""


async def count_older(unit: Unit, source: Source) -> tuple[bool, int | None]:
    """Take the receipts of a channel that are beyond the newest and count them in a row of their own.

    Gives whether there were any, and the id of that row when it is new.
    """
    kept = (
        select(InboundProblem.id, InboundProblem.resolved_at)
        .where(
            InboundProblem.channel_id == source.channel_id,
            InboundProblem.subject.is_not(None),
            InboundProblem.reason == REASON,
        )
        .order_by(InboundProblem.id.desc())
    )
    beyond = (await unit.conn.execute(kept.offset(MAX_RECEIPTS).limit(100_000))).all()
    if not beyond:
        return False, None
    last = max(row.id for row in beyond)
    await unit.conn.execute(
        delete(InboundProblem).where(
            InboundProblem.channel_id == source.channel_id,
            InboundProblem.subject.is_not(None),
            InboundProblem.reason == REASON,
            InboundProblem.id <= last,
        )
    )
    return True, await _count(unit, source, sum(row.resolved_at is None for row in beyond))


async def _count(unit: Unit, source: Source, number: int) -> int | None:
    digest = hashlib.sha256(f"{source.channel_id}\0{KIND}".encode()).hexdigest()
    query = (
        select(InboundProblem.id, InboundProblem.payload)
        .where(InboundProblem.workspace_id == source.workspace_id, InboundProblem.digest == digest)
        .with_for_update()
    )
    row = (await unit.conn.execute(query)).first()
    fresh = row is None
    if row is None:
        made = _values(0, unit.now)
        await insert_ignoring(
            unit,
            InboundProblem,
            [
                {
                    "workspace_id": source.workspace_id,
                    "channel_id": source.channel_id,
                    "reason": REASON,
                    "kind": KIND,
                    "digest": digest,
                    "attempts": 0,
                    "created_at": unit.now,
                    **made,
                }
            ],
        )
        row = (await unit.conn.execute(query)).one()
    known = payload.opened(row.payload)
    assert isinstance(known, payload.Counted)
    await unit.conn.execute(
        update(InboundProblem)
        .where(InboundProblem.id == row.id)
        .values(resolved_at=None, **_values(known.count + number, known.since))
    )
    return int(row.id) if fresh else None


def _values(count: int, since: int) -> dict[str, Any]:
    kept = payload.of_count(payload.Counted(count=count, since=since))
    when = datetime.fromtimestamp(since / 1000, UTC).strftime("%Y-%m-%d %H:%M UTC")
    detail = (
        f"{count:,} more receipts of messages that were not sent from here, since {when}. Another program sends through "
        f"this number; the newest {MAX_RECEIPTS} receipts are kept, the others are counted here."
    )
    return {"payload": kept, "size": len(kept), "detail": detail}
