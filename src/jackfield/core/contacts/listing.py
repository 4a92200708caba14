"""Pages of contacts: filtered, searched, sorted, by cursor or page number."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from .. import fields
from ..models import Contact
from ..page import Page, check_limit, decode_cursor, encode_cursor
from .filters import conditions, like
from .views import ContactView, load_views

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
) -> Page[ContactView]:
    """See `Contacts.list`."""
    limit = check_limit(limit)
    fields.choice("sort", sort, SORTS)
    where = conditions(workspace_id, filter_ or {})
    if q:
        where.append(searched(q))
    counted = None
    if total:
        counted = await session.scalar(select(func.count()).select_from(Contact).where(*where))
    key: ColumnElement[Any] | None = None
    if sort == "name":
        key = Contact.name.expression
    elif sort == "last_seen":
        key = func.coalesce(Contact.last_seen_at, 0)
    query = select(Contact.id, *([] if key is None else [key.label("sorted")])).where(*where)
    if page is not None:
        if not 1 <= page <= 10_000_000:
            raise fields.refuse("page", "Must be at least 1.")
        query = query.offset((page - 1) * limit)
    elif cursor:
        if key is None:
            (after,) = decode_cursor(cursor, tuple[int])
            query = query.where(Contact.id < after if descending else Contact.id > after)
        else:
            value, after = decode_cursor(cursor, tuple[str, int] if sort == "name" else tuple[int, int])
            pair = tuple_(key, Contact.id)
            query = query.where(pair < (value, after) if descending else pair > (value, after))
    order = [Contact.id] if key is None else [key, Contact.id]
    query = query.order_by(*(one.desc() if descending else one.asc() for one in order)).limit(limit + 1)
    rows = (await session.execute(query)).all()
    following = None
    if len(rows) > limit:
        last = rows[limit - 1]
        following = encode_cursor(last.id) if key is None else encode_cursor(last.sorted, last.id)
    views = await load_views(session, workspace_id, [row.id for row in rows[:limit]])
    return Page(items=views, cursor=following, total=counted)


async def count_contacts(session: AsyncSession, workspace_id: int, filter_: Mapping[str, Any]) -> int:
    """How many contacts a filter gives. Raises Invalid."""
    where = conditions(workspace_id, filter_)
    return int(await session.scalar(select(func.count()).select_from(Contact).where(*where)) or 0)


def searched(q: str) -> ColumnElement[bool]:
    """The condition of a search text: in the name, the e-mail address or the phone number."""
    text = fields.text("q", q, most=200, required=False)
    pattern = like(text)
    found: list[ColumnElement[bool]] = [
        Contact.name.ilike(pattern, escape="\\"),
        Contact.email.ilike(pattern, escape="\\"),
    ]
    digits = "".join(char for char in text if char.isdigit())
    if len(digits) >= 3 and not any(char.isalpha() for char in text):
        found.append(Contact.phone.like(like(digits), escape="\\"))
    return or_(*found)
