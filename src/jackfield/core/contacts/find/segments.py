"""`Segments`: saved filters over contacts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec import UNSET, UnsetType
from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError

from ...ground import fields
from ...ground.errors import Conflict
from ...ground.listing import page_by_id
from ...ground.paging import Page
from ...ground.store import Store
from ...models import Segment
from ..people import validate as inputs
from ..people.views import ContactView
from .filters import conditions
from .listing import count_contacts, list_contacts

NOT_FOUND = "SEGMENT_NOT_FOUND"


class SegmentView(msgspec.Struct, kw_only=True):
    """A saved filter; `contacts` is how many match now (None: not counted)."""

    id: int
    name: str
    filter: dict[str, Any]
    created_at: int
    contacts: int | None = None


class Preview(msgspec.Struct, kw_only=True):
    """What a filter would give: how many, and the newest few."""

    count: int
    contacts: list[ContactView]


class Segments:
    """The service."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def create(self, workspace_id: int, name: str, filter: Mapping[str, Any]) -> SegmentView:
        """Save a filter. Raises Invalid for a bad one, and Conflict (SEGMENT_EXISTS)."""
        name = inputs.label("name", name)
        clean = check_filter(workspace_id, filter)
        try:
            async with self._store.unit() as unit:
                row = Segment(
                    workspace_id=workspace_id, name=name, folded=name.casefold(), filter=clean, created_at=unit.now
                )
                unit.session.add(row)
                await unit.session.flush()
                return _view(row)
        except IntegrityError:
            raise _taken(name) from None

    async def list(
        self,
        workspace_id: int,
        *,
        limit: int = 50,
        cursor: str | None = None,
        page: int | None = None,
        total: bool = False,
    ) -> Page[SegmentView]:
        """In the order in which they were made, uncounted."""
        query = select(Segment).where(Segment.workspace_id == workspace_id)
        async with self._store.db.read() as session:
            return await page_by_id(
                session,
                query,
                Segment.id,
                _view,
                limit=limit,
                cursor=cursor,
                page=page,
                newest_first=False,
                total=total,
            )

    async def get(self, workspace_id: int, segment_id: int | str, *, count: bool = True) -> SegmentView:
        """One, counted unless told not to. Raises NotFound."""
        number = inputs.known_id(segment_id, "Segment", NOT_FOUND)
        async with self._store.db.read() as session:
            row = await session.scalar(
                select(Segment).where(Segment.id == number, Segment.workspace_id == workspace_id)
            )
            if row is None:
                raise inputs.not_found("Segment", segment_id, NOT_FOUND)
            view = _view(row)
            if count:
                view.contacts = await count_contacts(session, workspace_id, view.filter)
        return view

    async def update(
        self,
        workspace_id: int,
        segment_id: int | str,
        *,
        name: str | UnsetType = UNSET,
        filter: Mapping[str, Any] | UnsetType = UNSET,
    ) -> SegmentView:
        """Change name or filter. Raises NotFound, Invalid, and Conflict when the name is taken."""
        number = inputs.known_id(segment_id, "Segment", NOT_FOUND)
        values: dict[str, Any] = {}
        if name is not UNSET:
            values["name"] = inputs.label("name", name)
            values["folded"] = values["name"].casefold()
        if filter is not UNSET:
            values["filter"] = check_filter(workspace_id, filter)
        mine = (Segment.id == number, Segment.workspace_id == workspace_id)
        try:
            async with self._store.unit() as unit:
                if await unit.conn.scalar(select(Segment.id).where(*mine)) is None:
                    raise inputs.not_found("Segment", segment_id, NOT_FOUND)
                if values:
                    await unit.conn.execute(update(Segment).where(*mine).values(**values))
        except IntegrityError:
            raise _taken(values.get("name", "")) from None
        return await self.get(workspace_id, number)

    async def rename(self, workspace_id: int, segment_id: int | str, name: str) -> SegmentView:
        """Give it another name. Raises as `update`."""
        return await self.update(workspace_id, segment_id, name=name)

    async def delete(self, workspace_id: int, segment_id: int | str) -> None:
        """Delete it; campaigns made from it keep their audience. Raises NotFound."""
        number = inputs.known_id(segment_id, "Segment", NOT_FOUND)
        async with self._store.unit() as unit:
            gone = await unit.conn.execute(
                delete(Segment).where(Segment.id == number, Segment.workspace_id == workspace_id)
            )
            if not gone.rowcount:
                raise inputs.not_found("Segment", segment_id, NOT_FOUND)

    async def preview(self, workspace_id: int, filter: Mapping[str, Any], *, limit: int = 10) -> Preview:
        """How many a filter gives now, and the newest of them. Raises Invalid."""
        async with self._store.db.read() as session:
            found = await list_contacts(
                session,
                workspace_id,
                filter,
                q=None,
                sort="created",
                descending=True,
                limit=limit,
                cursor=None,
                page=None,
                total=True,
            )
        return Preview(count=found.total or 0, contacts=found.items)


def check_filter(workspace_id: int, filter_: Any) -> dict[str, Any]:
    """A filter as it is stored. Raises Invalid for one that `filters` does not understand."""
    if not isinstance(filter_, Mapping):
        raise fields.refuse("filter", "Must be an object.")
    clean = fields.settings({}, filter_, "filter")
    conditions(workspace_id, clean)
    return clean


def _taken(name: str) -> Conflict:
    return Conflict(f"A segment called {name!r} exists already.", code="SEGMENT_EXISTS")


def _view(row: Segment) -> SegmentView:
    return SegmentView(id=row.id, name=row.name, filter=row.filter, created_at=row.created_at)
