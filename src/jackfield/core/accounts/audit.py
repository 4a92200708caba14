"""Audit: who did what, and from where. Entries are appended and never changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from sqlalchemy import insert, select

from ..ground import fields
from ..ground.audited import PendingEntry
from ..ground.listing import page_by_id
from ..ground.paging import Page
from ..ground.store import Store
from ..ground.unit import Unit
from ..ground.views import view_of
from ..models import AuditEntry
from .views import AuditEntryView


class Audit:
    """The log of security events and of changes by people or keys."""

    def __init__(self, store: Store) -> None:
        self._store = store
        # One object for good: the group commit tells handlers apart by identity.
        self._append_handler = self._append

    async def record(
        self,
        unit: Unit | None,
        workspace_id: int,
        actor: str,
        action: str,
        target: str | None = None,
        ip: str | None = None,
        data: Mapping[str, Any] | None = None,
    ) -> None:
        """Append an entry, in the caller's unit or (None) one of its own. `data` must hold no secrets.

        `actor` as Principal.actor gives it, "system", or "anonymous"; `action` is noun.verb; `target` noun:id.
        """
        if unit is None:
            async with self._store.unit() as own:
                await self.record(own, workspace_id, actor, action, target, ip, data)
            return
        unit.session.add(
            AuditEntry(
                workspace_id=workspace_id,
                actor=actor[:300],
                action=action,
                target=target,
                ip=None if ip is None else ip[:64],
                data=dict(data or {}),
                created_at=unit.now,
            )
        )

    async def finish(self, entry: PendingEntry) -> None:
        """Append an entry that no transaction has written: of what the group commit stored, or an export. Raises
        LimitReached."""
        if not entry.written:
            await self._store.submit(self._append_handler, entry.values())
            entry.written = True

    async def _append(self, unit: Unit, items: Sequence[dict[str, Any]]) -> Sequence[None]:
        await unit.conn.execute(insert(AuditEntry), [{**one, "created_at": unit.now} for one in items])
        return [None] * len(items)

    async def list(
        self,
        workspace_id: int,
        *,
        actor: str | None = None,
        action: str | None = None,
        target: str | None = None,
        since: int | None = None,
        until: int | None = None,
        limit: int = 50,
        cursor: str | None = None,
        page: int | None = None,
        total: bool = False,
    ) -> Page[AuditEntryView]:
        """Entries, newest first. `action` also takes a noun with a star ("key.*"); times in ms, `until` excluded."""
        query = select(AuditEntry).where(AuditEntry.workspace_id == workspace_id)
        if actor is not None:
            query = query.where(AuditEntry.actor == actor)
        if action is not None:
            if action.endswith(".*"):
                query = query.where(AuditEntry.action.startswith(action[:-1], autoescape=True))
            else:
                query = query.where(AuditEntry.action == action)
        if target is not None:
            query = query.where(AuditEntry.target == target)
        if since is not None:
            query = query.where(AuditEntry.created_at >= fields.timestamp("since", since))
        if until is not None:
            query = query.where(AuditEntry.created_at < fields.timestamp("until", until))
        async with self._store.db.read() as session:
            return await page_by_id(
                session,
                query,
                AuditEntry.id,
                partial(view_of, AuditEntryView),
                limit=limit,
                cursor=cursor,
                page=page,
                total=total,
            )
