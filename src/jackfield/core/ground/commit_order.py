"""Tables read behind their writers, in the order of their ids, without missing a row.

Ids may commit out of their order on PostgreSQL: a row is there, and one before it comes later. Read is only what nothing can come
before any more. Where ids are missing, a reader waits for the transactions that had drawn ids when it saw the gap: each holds
a lock on the table's sequence from its first id to its end, so that it is known who may still fill the gap, and when nobody
can. On SQLite one transaction writes at a time, and ids commit in their order.
"""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import func, literal_column, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from ...db.database import Database

SPAN: Final = 2000
"""Ids that are looked through at once."""
_WRITERS: Final = text(
    "SELECT virtualtransaction FROM pg_locks WHERE locktype = 'relation' AND mode = 'RowExclusiveLock' AND granted"
    " AND relation = CAST(pg_get_serial_sequence(:name, 'id') AS regclass)"
    " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
)


class CommitOrder:
    """How far one reader of a table may read."""

    def __init__(self, db: Database, model: Any) -> None:
        self._db = db
        self._id = model.id
        self._name: str = model.__tablename__
        self._gap: tuple[int, int] | None = None
        self._writers: set[str] = set()

    @property
    def waits(self) -> bool:
        """Whether there are rows that others may still come before."""
        return self._gap is not None

    def begin(self) -> None:
        """Forget what was seen: another reader was at work meanwhile."""
        self._gap = None

    async def reach(self, session: AsyncSession, position: int) -> int:
        """Up to which id after `position` all rows that there will ever be can be read now; `position` itself while there are
        none, or others may still come before them (`waits`). On PostgreSQL `session` sees each commit at once, as READ
        COMMITTED does."""
        if self._db.is_sqlite:
            return max(int(await session.scalar(select(func.max(self._id))) or 0), position)
        number = func.row_number().over(order_by=self._id).label("number")
        some = select(self._id.label("id"), number).where(self._id > position).order_by(self._id).limit(SPAN).subquery()
        unbroken = func.max(some.c.id).filter(some.c.id == some.c.number + literal_column(str(int(position))))
        newest, run = (await session.execute(select(func.max(some.c.id), unbroken))).one()
        if newest is None or run is not None:
            self._gap = None
            return position if newest is None else int(run)
        # Asked after the rows were: who had drawn an id before them holds the lock, or has committed what the next look sees.
        writers = set((await session.execute(_WRITERS, {"name": self._name})).scalars())
        if self._gap is None or self._gap[0] != position:
            self._gap, self._writers = (position, int(newest)), writers
        else:
            self._writers &= writers
        if self._writers:
            return position
        # Whoever could have filled the gap has ended: what is missing now was rolled back, or pruned.
        reached = self._gap[1]
        self._gap = None
        return reached
