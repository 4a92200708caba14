"""Retention: runs that have ended, with their steps. What matched goes with its event (`webhooks.prune`)."""

from __future__ import annotations

import asyncio
from typing import Any, Final

from sqlalchemy import delete, select, update

from ..ground.store import Store
from ..models import Automation, AutomationRun, AutomationStep
from .states import LIVE
from .views import document_of

BATCH: Final = 500
PAUSE_S: Final = 0.02
"""Between two batches, so that those who send hardly wait for us."""
HOUR_MS: Final = 3_600_000


async def prune(store: Store, now: int, older_than: int) -> int:
    """Delete what ended before `older_than` (Unix ms); gives how many runs went.

    A run that says that somebody may not come again stays as long as it says so, without its steps and its variables.
    """
    async with store.db.read() as session:
        rows = await session.execute(select(Automation.id, Automation.document))
        again = {row.id: document_of(row.document).limits.again_after_hours for row in rows}
    gone, after = 0, 0
    runs = AutomationRun
    while True:
        query = (
            select(runs.id, runs.automation_id, runs.created_at)
            .where(runs.id > after, runs.state.not_in(LIVE), runs.ended_at < older_than)
            .order_by(runs.id)
            .limit(BATCH)
        )
        async with store.db.read() as session:
            ended = (await session.execute(query)).all()
        ids = [row.id for row in ended]
        if ids:
            free = [row.id for row in ended if not _is_needed(row, again, now)]
            kept = set(ids).difference(free)
            async with store.unit() as unit:
                told = select(AutomationStep.run_id).where(AutomationStep.run_id.in_(kept)).distinct()
                emptied = list((await unit.conn.execute(told)).scalars()) if kept else []
                if emptied:
                    await unit.conn.execute(update(runs).where(runs.id.in_(emptied)).values(variables={}))
                await unit.conn.execute(delete(AutomationStep).where(AutomationStep.run_id.in_(ids)))
                await unit.conn.execute(delete(runs).where(runs.id.in_(free)))
            gone += len(free)
        if len(ended) < BATCH:
            return gone
        after = ended[-1].id
        await asyncio.sleep(PAUSE_S)


def _is_needed(row: Any, again: dict[int, int | None], now: int) -> bool:
    """Whether a run keeps somebody from coming in again."""
    hours = again.get(row.automation_id, 0)
    return hours is None or row.created_at > now - hours * HOUR_MS
