"""`Archive`: which messages go into the archive and when, and how they are found there."""

from __future__ import annotations

import asyncio
from time import monotonic
from typing import Any, Final

import msgspec
from sqlalchemy import func, select, union

from ...db.base import now_ms
from ..accounts import Principal
from ..accounts.audit import Audit
from ..accounts.base import find_workspace
from ..ground import fields
from ..ground.listing import page_by_id
from ..ground.paging import Page
from ..ground.store import Store
from ..ledger.archive import BATCH, is_settled, put_away
from ..ledger.views import MessageView, message_views
from ..models import ArchivedMessage, Message, Workspace, of_campaign
from ..port import Networks
from ..quotas.daily import DAY_MS, id_at
from .person import find

LEAST_DAYS: Final = 30
"""What is younger stays in the ledger: networks report on it, daily limits and automations look at it."""
MOST_DAYS: Final = 36_500
PAUSE_S: Final = 0.02
"""Between two batches, so that those who send hardly wait for us."""
PASS_S: Final = 1200.0
"""How long one pass over all workspaces may go on; the next one goes on from there."""
MOST_COUNTED: Final = 2_000
"""What is due is counted up to here."""
SETTING: Final = "archive_after_days"
"""Where a workspace's own choice is, in its settings."""


class ArchiveFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which archived messages to list. Times of making, Unix ms, `until` is exclusive."""

    id: int | None = None
    contact_id: int | None = None
    campaign_id: int | None = None
    channel_id: int | None = None
    since: int | None = None
    until: int | None = None


class Due(msgspec.Struct, frozen=True, kw_only=True):
    """What could be archived now: how many (counted up to 2,000), and when the oldest was made (Unix ms, 0: none)."""

    messages: int = 0
    oldest: int = 0


class ArchiveStatus(msgspec.Struct, frozen=True, kw_only=True):
    """A workspace's archive. `after_days` is what holds (0: nothing is archived), `own_days` the workspace's own choice.
    `messages` are in the archive, made from `oldest` to `newest` (Unix ms, None: there are none)."""

    after_days: int
    own_days: int | None
    messages: int
    oldest: int | None
    newest: int | None
    due: Due


class Archive:
    """The service."""

    def __init__(self, store: Store, networks: Networks, audit: Audit) -> None:
        self._store = store
        self._networks = networks
        self._audit = audit
        self.left = Due()
        """What the last pass over all workspaces left."""

    def days(self, own: Any) -> int:
        """After how many days messages of a workspace are archived; 0: never. `own` is its setting, if it has one."""
        valid = isinstance(own, int) and not isinstance(own, bool) and (own == 0 or LEAST_DAYS <= own <= MOST_DAYS)
        chosen = own if valid else self._store.options.archive_after_days
        # A message as the network sent it goes with the message's row.
        return max(chosen, LEAST_DAYS, self._store.options.raw_retention_days) if chosen else 0

    async def choose(
        self, workspace_id: int, after_days: int | None, *, by: Principal | None = None, ip: str | None = None
    ) -> ArchiveStatus:
        """Set when a workspace's messages are archived: 0 never, None as the server does. Raises NotFound, Invalid."""
        if after_days is not None and after_days != 0 and not LEAST_DAYS <= after_days <= MOST_DAYS:
            raise fields.refuse("afterDays", f"Must be 0, or {LEAST_DAYS} to {MOST_DAYS} days.")
        async with self._store.unit() as unit:
            workspace = await find_workspace(unit.session, workspace_id)
            workspace.settings = fields.settings(workspace.settings, {SETTING: after_days})
            await self._audit.record(
                unit,
                workspace_id,
                by.actor if by is not None else "system",
                "archive.changed",
                f"workspace:{workspace_id}",
                ip,
                {"afterDays": after_days},
            )
        return await self.status(workspace_id)

    async def status(self, workspace_id: int) -> ArchiveStatus:
        """How the archive of a workspace stands. Raises NotFound."""
        mine = ArchivedMessage.workspace_id == workspace_id
        made = select(ArchivedMessage.created_at).where(mine).limit(1)
        async with self._store.db.read() as session:
            own = (await find_workspace(session, workspace_id)).settings.get(SETTING)
            messages = await session.scalar(select(func.count()).select_from(ArchivedMessage).where(mine))
            oldest = await session.scalar(made.order_by(ArchivedMessage.id))
            newest = await session.scalar(made.order_by(ArchivedMessage.id.desc()))
        days = self.days(own)
        return ArchiveStatus(
            after_days=days,
            own_days=own if isinstance(own, int) else None,
            messages=int(messages or 0),
            oldest=oldest,
            newest=newest,
            due=await self._due(workspace_id, now_ms() - days * DAY_MS) if days else Due(),
        )

    async def run(self, workspace_id: int, *, now: int | None = None, limit: int | None = None) -> int:
        """Archive what is due in a workspace, at most `limit` messages (None: all). Gives how many. Raises NotFound."""
        async with self._store.db.read() as session:
            own = (await find_workspace(session, workspace_id)).settings.get(SETTING)
        return await self._run(workspace_id, own, now_ms() if now is None else now, limit=limit)

    async def run_all(self, now: int) -> int:
        """Archive what is due at `now` (Unix ms) in every workspace, for 20 minutes at most. Gives how many."""
        until, done, left = monotonic() + PASS_S, 0, Due()
        async with self._store.db.read() as session:
            found = (await session.execute(select(Workspace.id, Workspace.settings).order_by(Workspace.id))).all()
        for workspace_id, settings in found:
            own = settings.get(SETTING)
            days = self.days(own)
            if not days:
                continue
            done += await self._run(workspace_id, own, now, stop_at=until)
            due = await self._due(workspace_id, now - days * DAY_MS)
            oldest = min((one for one in (left.oldest, due.oldest) if one), default=0)
            left = Due(messages=left.messages + due.messages, oldest=oldest)
        self.left = left
        return done

    async def find(
        self, workspace_id: int, filter_: ArchiveFilter, *, limit: int = 50, cursor: str | None = None
    ) -> Page[MessageView]:
        """Archived messages, newest first. Raises NotFound for a contact that is not there, Invalid."""
        query = select(ArchivedMessage).where(ArchivedMessage.workspace_id == workspace_id)
        for column, value in ((ArchivedMessage.id, filter_.id), (ArchivedMessage.channel_id, filter_.channel_id)):
            if value is not None:
                query = query.where(column == value)
        if filter_.campaign_id is not None:
            query = query.where(of_campaign(filter_.campaign_id, ArchivedMessage))
        if filter_.since is not None:
            query = query.where(ArchivedMessage.created_at >= filter_.since)
        if filter_.until is not None:
            query = query.where(ArchivedMessage.created_at < filter_.until)
        async with self._store.db.read() as session:
            if filter_.contact_id is not None:
                person = await find(session, self._networks, workspace_id, filter_.contact_id)
                # Each by its own index; together they would be looked for among all of the workspace's.
                theirs = union(
                    select(ArchivedMessage.id).where(person.chats_in(ArchivedMessage)),
                    select(ArchivedMessage.id).where(ArchivedMessage.contact_id.in_(person.ids)),
                )
                query = query.where(ArchivedMessage.id.in_(select(theirs.subquery().c.id)))
            page: Page[Any] = await page_by_id(
                session, query, ArchivedMessage.id, lambda row: row, limit=limit, cursor=cursor
            )
            return Page(items=await message_views(session, self._networks, page.items), cursor=page.cursor)

    async def _run(
        self, workspace_id: int, own: Any, now: int, *, limit: int | None = None, stop_at: float | None = None
    ) -> int:
        days = self.days(own)
        if not days:
            return 0
        before = now - days * DAY_MS
        which = is_settled(workspace_id, before)
        done, after = 0, 0
        async with self._store.db.read() as session:
            end = await id_at(session, before)
        while (limit is None or done < limit) and (stop_at is None or monotonic() < stop_at):
            size = BATCH if limit is None else min(BATCH, limit - done)
            query = select(Message.id).where(which, Message.id > after, Message.id < end)
            # Chosen in a read, so that the transaction is short; `put_away` asks again.
            async with self._store.db.read() as session:
                ids = [*await session.scalars(query.order_by(Message.id).limit(size))]
            if ids:
                async with self._store.unit() as unit:
                    moved = await put_away(unit, ids, which)
                done += moved
                self._store.meters.archived.add((), moved)
                after = ids[-1]
            if len(ids) < size:
                break
            await asyncio.sleep(PAUSE_S)
        return done

    async def _due(self, workspace_id: int, before: int) -> Due:
        async with self._store.db.read() as session:
            end = await id_at(session, before)
            query = (
                select(Message.created_at)
                .where(is_settled(workspace_id, before), Message.id < end)
                .order_by(Message.id)
                .limit(MOST_COUNTED)
            )
            found = [*await session.scalars(query)]
        return Due(messages=len(found), oldest=found[0] if found else 0)
