"""How far a reader of a table has read: a row, which commits with what came of it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from ..models import AutomationPosition
from .unit import Unit


async def stored_position(reads: Any, name: str) -> int | None:
    """After which id a reader goes on; None for one that never read."""
    kept = await reads.scalar(select(AutomationPosition.event_id).where(AutomationPosition.name == name))
    return None if kept is None else int(kept)


async def hold_position(unit: Unit, name: str, at: int) -> bool:
    """Take the position, so that one process reads at a time; `at` where there is none yet. Gives whether it was free."""
    made = unit.upsert(AutomationPosition).values(name=name, event_id=at)
    await unit.conn.execute(made.on_conflict_do_nothing())
    query = select(AutomationPosition.event_id).where(AutomationPosition.name == name)
    if unit.conn.dialect.name == "postgresql":
        query = query.with_for_update(skip_locked=True)
    return (await unit.conn.execute(query)).first() is not None


async def keep_position(unit: Unit, name: str, at: int) -> None:
    """What comes up to here is done; a position never goes back."""
    row = unit.upsert(AutomationPosition).values(name=name, event_id=at)
    await unit.conn.execute(
        row.on_conflict_do_update(
            index_elements=["name"], set_={"event_id": at}, where=AutomationPosition.event_id < at
        )
    )
