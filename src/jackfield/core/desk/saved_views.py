"""Saved views of the inbox: filters under a name, a member's own or everybody's."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any, Final

import msgspec
from msgspec import UNSET, UnsetType
from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from ..ground import fields
from ..ground.errors import LimitReached, NotFound
from ..ground.listing import page_by_id
from ..ground.paging import Page
from ..ground.store import Store
from ..ground.views import view_of
from ..models import SavedView

MAX_VIEWS: Final = 200
"""Views that one member, or all together, may keep."""


class SavedViewView(msgspec.Struct, frozen=True, kw_only=True):
    """A saved view. `member_id` None: everybody's. `filter` has what the list of chats is filtered by."""

    id: int
    workspace_id: int
    member_id: int | None
    name: str
    filter: dict[str, Any]
    created_at: int


class SavedViews:
    """The service. A member (`member_id`; None: a program) sees their own views and those of everybody."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def list(
        self,
        workspace_id: int,
        member_id: int | None,
        *,
        limit: int = 50,
        cursor: str | None = None,
        page: int | None = None,
        total: bool = False,
    ) -> Page[SavedViewView]:
        """In the order in which they were made."""
        async with self._store.db.read() as session:
            return await page_by_id(
                session, select(SavedView).where(*_visible_to(workspace_id, member_id)), SavedView.id,
                partial(view_of, SavedViewView),
                limit=limit, cursor=cursor, page=page, newest_first=False, total=total,
            )  # fmt: skip

    async def get(self, workspace_id: int, view_id: int, member_id: int | None) -> SavedViewView:
        """One. Raises NotFound, also for another member's."""
        async with self._store.db.read() as session:
            return view_of(SavedViewView, await _get(session, workspace_id, view_id, member_id))

    async def create(
        self, workspace_id: int, name: str, filter: Mapping[str, Any], *, member_id: int | None
    ) -> SavedViewView:
        """Keep a view; `member_id` None makes it everybody's. Raises Invalid, LimitReached."""
        name = fields.text("name", name, maximum=100)
        async with self._store.unit() as unit:
            owner = SavedView.member_id.is_(None) if member_id is None else SavedView.member_id == member_id
            query = select(func.count()).select_from(SavedView).where(SavedView.workspace_id == workspace_id, owner)
            if int(await unit.session.scalar(query) or 0) >= MAX_VIEWS:
                raise LimitReached(
                    f"There are {MAX_VIEWS} saved views already; delete one first.", code="TOO_MANY_VIEWS"
                )
            row = SavedView(
                workspace_id=workspace_id, member_id=member_id, name=name, filter=dict(filter), created_at=unit.now
            )
            unit.session.add(row)
            await unit.session.flush()
        return view_of(SavedViewView, row)

    async def update(
        self,
        workspace_id: int,
        view_id: int,
        member_id: int | None,
        *,
        name: str | UnsetType = UNSET,
        filter: Mapping[str, Any] | UnsetType = UNSET,
    ) -> SavedViewView:
        """Change what is given. Raises NotFound, Invalid."""
        async with self._store.unit() as unit:
            row = await _get(unit.session, workspace_id, view_id, member_id)
            if not isinstance(name, UnsetType):
                row.name = fields.text("name", name, maximum=100)
            if not isinstance(filter, UnsetType):
                row.filter = dict(filter)
            await unit.session.flush()
        return view_of(SavedViewView, row)

    async def delete(self, workspace_id: int, view_id: int, member_id: int | None) -> None:
        """Take a view away. Raises NotFound."""
        async with self._store.unit() as unit:
            await unit.session.delete(await _get(unit.session, workspace_id, view_id, member_id))


def _visible_to(workspace_id: int, member_id: int | None) -> tuple[ColumnElement[bool], ...]:
    everybody = SavedView.member_id.is_(None)
    mine = everybody if member_id is None else or_(everybody, SavedView.member_id == member_id)
    return SavedView.workspace_id == workspace_id, mine


async def _get(session: AsyncSession, workspace_id: int, view_id: int, member_id: int | None) -> SavedView:
    query = select(SavedView).where(*_visible_to(workspace_id, member_id), SavedView.id == fields.row_id(view_id))
    row = await session.scalar(query)
    if row is None:
        raise NotFound("There is no such view.", code="VIEW_NOT_FOUND")
    return row
