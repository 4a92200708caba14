"""How far a reader of a table has read: a row, which commits with what came of it."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from ..models import AutomationPosition, Event
from .store import Store
from .unit import Unit

KEEP_AFTER: Final = 2000
"""The position of a reader of events is stored after so many ids in any case."""


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


class EventPosition:
    """Where a reader of the events is. One object for each reader and process; several processes may read by one name.

    `at` is after which event to read on, `kept` what this process stored last (-1: nothing yet).
    """

    def __init__(self, store: Store, name: str) -> None:
        self._is_alone = store.db.is_sqlite
        self._name = name
        self.at: int | None = None
        self.kept = 0

    async def find(self, session: AsyncSession) -> int:
        """After which event to read on. The first time there is nothing to be made up for."""
        if self.at is not None and self._is_alone:
            return self.at
        stored = await stored_position(session, self._name)
        if self.at is None:
            newest = int(await session.scalar(select(func.max(Event.id))) or 0)
            self.at = newest if stored is None else min(stored, newest)
            self.kept = -1 if stored is None else self.at
        elif stored is not None:
            # Another process may have read on.
            self.at = max(self.at, stored)
        return self.at

    def is_due(self, last: int) -> bool:
        """Whether the position is to be stored, though nothing came of the events up to `last`."""
        return last - self.kept >= KEEP_AFTER or self.kept < 0

    async def hold(self, unit: Unit) -> bool:
        """As `hold_position`."""
        return await hold_position(unit, self._name, self.at or 0)
