"""`ApiUses`: how often each operation of a dialect is called, per workspace and day.

Counted in memory and written every few seconds, so that counting costs a request nothing; a crash loses the last
seconds of counts.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any, Final

import msgspec
import structlog
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from ...db.base import now_ms
from ...db.errors import CommitUnknown, StorageUnavailable
from ..ground.store import Store
from ..ground.views import view_of
from ..models import ApiUse, Workspace

log = structlog.get_logger(__name__)

DAY_MS: Final = 86_400_000
WRITE_S: Final = 2.0

Key = tuple[int, int, str, str]


class ApiUseView(msgspec.Struct, frozen=True, kw_only=True):
    """How often an operation of a dialect was called on a day (its midnight UTC, Unix ms)."""

    workspace_id: int
    day: int
    dialect: str
    operation: str
    count: int


Views = list[ApiUseView]


class ApiUses:
    """The service."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._waiting: Counter[Key] = Counter()
        self._task: asyncio.Task[None] | None = None

    def count(self, workspace_id: int, dialect: str, operation: str) -> None:
        """Count one request."""
        self._waiting[workspace_id, now_ms() // DAY_MS * DAY_MS, dialect, operation] += 1
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._later(), name="api-use")

    async def _later(self) -> None:
        await asyncio.sleep(WRITE_S)
        await self.flush()

    async def flush(self) -> None:
        """Write what was counted; where that fails, such as on a full disk, it waits for the next time."""
        waiting, self._waiting = self._waiting, Counter()
        if not waiting:
            return
        try:
            async with self._store.unit() as unit:
                known = set((await unit.conn.execute(_workspaces({key[0] for key in waiting}))).scalars())
                # In one order everywhere, so that two processes that write at once cannot wait for each other.
                for (workspace_id, day, dialect, operation), count in sorted(waiting.items()):
                    if workspace_id not in known:
                        continue
                    row = unit.upsert(ApiUse).values(
                        workspace_id=workspace_id, day=day, dialect=dialect, operation=operation, count=count
                    )
                    await unit.conn.execute(
                        row.on_conflict_do_update(
                            index_elements=[ApiUse.workspace_id, ApiUse.day, ApiUse.dialect, ApiUse.operation],
                            set_={"count": ApiUse.count + count},
                        )
                    )
        except CommitUnknown:
            # Better a minute too few than the same minute twice.
            log.warning("use of the API may not have been counted", exc_info=True)
        except (SQLAlchemyError, StorageUnavailable) as error:
            self._waiting += waiting
            # With the failure itself the log tells a full disk once a minute, not with each attempt.
            full = error if isinstance(error, StorageUnavailable) else None
            log.warning("use of the API could not be counted", error=type(error).__name__, exc_info=full)

    async def close(self) -> None:
        """Write the rest."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        await self.flush()

    async def list(
        self, workspace_id: int, *, since: int | None = None, until: int | None = None, dialect: str | None = None
    ) -> Views:
        """Counts per day and operation, the latest day first; times in ms, `until` excluded."""
        query = select(ApiUse).where(ApiUse.workspace_id == workspace_id)
        if since is not None:
            query = query.where(ApiUse.day >= since // DAY_MS * DAY_MS)
        if until is not None:
            query = query.where(ApiUse.day < until)
        if dialect is not None:
            query = query.where(ApiUse.dialect == dialect)
        async with self._store.db.read() as session:
            rows = await session.scalars(query.order_by(ApiUse.day.desc(), ApiUse.dialect, ApiUse.operation))
            return [view_of(ApiUseView, row) for row in rows]


def _workspaces(ids: set[int]) -> Any:
    return select(Workspace.id).where(Workspace.id.in_(ids))
