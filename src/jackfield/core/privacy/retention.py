"""How long things are kept: messages, files that came in, the audit log, ended runs of automations. Deleted in small batches,
oldest first."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any, Final

import msgspec
from sqlalchemy import ColumnElement, and_, delete, select

from ..automations.prune import prune as prune_runs
from ..ground.errors import NotFound
from ..ground.store import Store
from ..ledger import states
from ..media import MediaFiles
from ..models import ArchivedMessage, AuditEntry, Media, Message, ShortLink
from ..search.index import SearchIndex

DAY_MS: Final = 86_400_000
BATCH: Final = 500
PAUSE_S: Final = 0.02
"""Between two batches, so that those who send hardly wait for us."""
REFUSED_LISTS_DAYS: Final = 1
"""How long the list of an import's refused rows is kept: its link works for an hour."""


class Pruned(msgspec.Struct, kw_only=True):
    """How many rows went."""

    messages: int = 0
    files: int = 0
    audit_entries: int = 0
    automation_runs: int = 0


class Retention:
    """The service. The times are in the options; 0 days means for ever."""

    def __init__(self, store: Store, media: MediaFiles, search_index: SearchIndex) -> None:
        self._store = store
        self._search_index = search_index
        self._media = media

    async def prune(self, now: int) -> Pruned:
        """Delete what has been kept long enough at `now` (Unix ms).

        What still waits to be sent stays, however old. A file that came in goes with its message, if not before.
        """
        options, done = self._store.options, Pruned()
        if options.message_retention_days:
            settled = Message.state.in_([*states.SETTLED, states.RECEIVED])
            done.messages = await self._rows(Message, now - options.message_retention_days * DAY_MS, settled)
            done.messages += await self._rows(ArchivedMessage, now - options.message_retention_days * DAY_MS)
            await self._rows(ShortLink, now - options.message_retention_days * DAY_MS)
            if done.messages:
                await self._search_index.forget_deleted()
        if options.audit_retention_days:
            done.audit_entries = await self._rows(AuditEntry, now - options.audit_retention_days * DAY_MS)
        if options.automation_retention_days:
            older_than = now - options.automation_retention_days * DAY_MS
            done.automation_runs = await prune_runs(self._store, now, older_than)
        days = [one for one in (options.media_retention_days, options.message_retention_days) if one]
        if days:
            done.files = await self._files(now - min(days) * DAY_MS, Media.channel_id.is_not(None))
        lists = and_(Media.channel_id.is_(None), Media.mime == "text/csv", Media.filename == "refused.csv")
        done.files += await self._files(now - REFUSED_LISTS_DAYS * DAY_MS, lists)
        return done

    async def _rows(self, model: Any, older_than: int, also: ColumnElement[bool] | None = None) -> int:
        """Walked in order of id, which is order of time, up to the first batch that is young."""
        gone, after = 0, 0
        query = select(model.id, model.created_at).order_by(model.id).limit(BATCH)
        while True:
            async with self._store.unit() as unit:
                rows = (await unit.conn.execute(query.where(model.id > after))).all()
                old = [row.id for row in rows if row.created_at < older_than]
                if old:
                    some = delete(model).where(model.id.in_(old))
                    gone += (await unit.conn.execute(some if also is None else some.where(also))).rowcount
            if len(rows) < BATCH or not old:
                return gone
            after = rows[-1].id
            await asyncio.sleep(PAUSE_S)

    async def _files(self, older_than: int, which: ColumnElement[bool]) -> int:
        gone, after = 0, 0
        while True:
            query = (
                select(Media.id, Media.workspace_id)
                .where(which, Media.created_at < older_than, Media.id > after)
                .order_by(Media.id)
                .limit(BATCH)
            )
            async with self._store.db.read() as session:
                rows: Sequence[Any] = (await session.execute(query)).all()
            for row in rows:
                try:
                    await self._media.delete(row.workspace_id, row.id)
                except NotFound:
                    continue  # Somebody deleted it meanwhile.
                gone += 1
            if len(rows) < BATCH:
                return gone
            after = rows[-1].id
            await asyncio.sleep(PAUSE_S)
