"""Pages of contacts: filtered, searched, sorted, by cursor or page number."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, func, literal_column, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from ...ground import fields
from ...ground.paging import Page, check_limit, decode_cursor, encode_cursor
from ...models import Contact
from ..people.views import ContactView, load_views
from .filters import check_keys
from .matching import Matching, exact_phone, matching
from .searching import WALKED, Narrowed, narrowed, searched

SORTS = ("created", "name", "last_seen")


async def list_contacts(
    session: AsyncSession,
    workspace_id: int,
    filter_: Mapping[str, Any] | None,
    *,
    q: str | None,
    sort: str,
    descending: bool,
    limit: int,
    cursor: str | None,
    page: int | None,
    total: bool,
    kinds: Collection[str] = (),
) -> Page[ContactView]:
    """See `Contacts.list`. `kinds` are the kinds of identities that there are."""
    limit = check_limit(limit)
    fields.choice("sort", sort, SORTS)
    text = fields.text("q", q, maximum=200, required=False) if q else ""
    filter_, narrow = await _narrow(session, workspace_id, filter_ or {}, text, kinds)
    found = await matching(session, workspace_id, filter_, [one.condition for one in narrow])
    counted = await session.scalar(found.count()) if total else None
    if page is not None and not 1 <= page <= 10_000_000:
        raise fields.refuse("page", "Must be at least 1.")
    place = _Place(sort, descending=descending, limit=limit, cursor=cursor if page is None else None, page=page)
    rows: Sequence[Any] = []
    near = [one.near for one in narrow if one.near is not None]
    if near:
        asked = await matching(session, workspace_id, filter_, [one.condition for one in narrow if one.near is None])
        rows = (await session.execute(place.first(asked, near))).all()
    if len(rows) <= limit:
        rows = (await session.execute(place.all(found))).all()
    following = None
    if len(rows) > limit:
        last = rows[limit - 1]
        following = encode_cursor(last.id) if sort == "created" else encode_cursor(last.sorted, last.id)
    views = await load_views(session, workspace_id, [row.id for row in rows[:limit]])
    return Page(items=views, cursor=following, total=counted)


class _Place:
    """Which page of a list it is. Raises Invalid for a cursor that is none."""

    def __init__(self, sort: str, *, descending: bool, limit: int, cursor: str | None, page: int | None) -> None:
        self._key: ColumnElement[Any] | None = None
        if sort == "name":
            self._key = Contact.name.expression
        elif sort == "last_seen":
            # A literal, not a parameter: only then is it the index's expression.
            self._key = func.coalesce(Contact.last_seen_at, literal_column("0"))
        self._descending = descending
        self._limit = limit
        self._skip = 0 if page is None else (page - 1) * limit
        self._after: tuple[Any, ...] = ()
        if cursor and self._key is None:
            (after,) = decode_cursor(cursor, tuple[int])
            self._after = (max(0, after),)
        elif cursor:
            value, after = decode_cursor(cursor, tuple[str, int] if sort == "name" else tuple[int, int])
            if isinstance(value, int):
                value = max(0, value)
            else:
                value = fields.text("cursor", value, maximum=1000, required=False)
            self._after = (value, max(0, after))

    def all(self, found: Matching) -> Select[Any]:
        """The page and one more of all that match."""
        return self._ordered(*found.ids(self._key), self._skip, self._limit + 1)

    def first(
        self, found: Matching, near: Sequence[Callable[[ColumnElement[int]], ColumnElement[bool]]]
    ) -> Select[Any]:
        """The same of the first `WALKED` that match, and are asked one by one."""
        walked = self._ordered(*found.ids(self._key), 0, WALKED).subquery()
        asked = select(walked).where(*(one(walked.c.id) for one in near))
        order = [walked.c.id] if self._key is None else [walked.c.sorted, walked.c.id]
        return asked.order_by(*map(self._direction, order)).offset(self._skip).limit(self._limit + 1)

    def _ordered(self, query: Select[Any], id_: ColumnElement[int], skip: int, most: int) -> Select[Any]:
        order = [id_] if self._key is None else [self._key, id_]
        if self._after:
            place = tuple_(*order)
            query = query.where(place < self._after if self._descending else place > self._after)
        return query.order_by(*map(self._direction, order)).offset(skip).limit(most)

    def _direction(self, one: ColumnElement[Any]) -> ColumnElement[Any]:
        return one.desc() if self._descending else one.asc()


async def count_contacts(session: AsyncSession, workspace_id: int, filter_: Mapping[str, Any]) -> int:
    """How many contacts a filter gives. Raises Invalid."""
    found = await matching(session, workspace_id, filter_)
    return int(await session.scalar(found.count()) or 0)


async def _narrow(
    session: AsyncSession, workspace_id: int, filter_: Mapping[str, Any], text: str, kinds: Collection[str]
) -> tuple[Mapping[str, Any], list[Narrowed]]:
    """The filter as it is left, and the conditions of what the index of names answers."""
    check_keys(filter_)
    exact = None if filter_.get("phone") is None else await exact_phone(session, workspace_id, filter_["phone"])
    if exact is not None:
        filter_ = {key: value for key, value in filter_.items() if key != "phone"}
    filter_, found = await narrowed(session, workspace_id, filter_)
    if exact is not None:
        found.append(Narrowed(exact))
    if text:
        exact = None
        if not any(char.isalpha() for char in text) and any(char.isdigit() for char in text):
            exact = await exact_phone(session, workspace_id, text)
        found.append(await searched(session, workspace_id, text, kinds) if exact is None else Narrowed(exact))
    return filter_, found
