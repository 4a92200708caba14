"""Retention: finished deliveries and events to which nothing is owed, deleted in small batches."""

from __future__ import annotations

import asyncio

from sqlalchemy import delete, exists, func, select

from ..ground.store import Store
from ..models import AutomationMatch, Delivery, Endpoint, Event


async def prune(store: Store, older_than: int, *, batch: int = 500, pause: float = 0.02) -> int:
    """Delete from before `older_than` (Unix ms); gives how many rows went.

    Both tables are walked in order of id, which is order of time, so that a run ends at the first young row and reads
    nothing twice. Deliveries that still wait for an endpoint that is switched off go too. `batch` rows at a time, which
    hold SQLite's writer for some 10 ms, with a `pause` in seconds between, so that those who send hardly wait for us.
    """
    gone = 0
    after = 0
    while True:
        async with store.unit() as unit:
            rows = (
                await unit.conn.execute(
                    select(
                        Delivery.id,
                        Delivery.state,
                        Delivery.created_at,
                        func.coalesce(Delivery.finished_at, Delivery.created_at).label("last_at"),
                        Endpoint.enabled,
                    )
                    .join(Endpoint, Endpoint.id == Delivery.endpoint_id)
                    .where(Delivery.id > after)
                    .order_by(Delivery.id)
                    .limit(batch)
                )
            ).all()
            old = [row for row in rows if row.created_at < older_than]
            ids = [row.id for row in old if row.last_at < older_than and (row.state != "pending" or not row.enabled)]
            if ids:
                await unit.conn.execute(delete(Delivery).where(Delivery.id.in_(ids)))
        gone += len(ids)
        if len(old) < batch:
            break
        after = rows[-1].id
        await asyncio.sleep(pause)
    after = 0
    while True:
        async with store.unit() as unit:
            events = (
                await unit.conn.execute(
                    select(Event.id, exists().where(Delivery.event_id == Event.id).label("owed"))
                    .where(Event.id > after, Event.created_at < older_than)
                    .order_by(Event.id)
                    .limit(batch)
                )
            ).all()
            free = [row.id for row in events if not row.owed]
            if free:
                await unit.conn.execute(delete(Event).where(Event.id.in_(free)))
                # What is gone is not read again, so nobody needs to know whom it has met.
                await unit.conn.execute(delete(AutomationMatch).where(AutomationMatch.event_id.in_(free)))
        gone += len(free)
        if len(events) < batch:
            return gone
        after = events[-1].id
        await asyncio.sleep(pause)
