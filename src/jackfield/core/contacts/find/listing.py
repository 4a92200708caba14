"""Pages of contacts: filtered, searched, sorted, by cursor or page number."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, func, literal_column, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from ...ground import fields
from ...ground.paging import Page, check_limit, decode_cursor, encode_cursor
from ...models import Contact, Identity
from ..people.views import ContactView, load_views
from .filters import contains, like
from .matching import exact_phone, matching

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
    text = fields.text("q", q, maximum=200, required=False) if q else ""
    more = searched(workspace_id, text) if text else None
    if text and not any(char.isalpha() for char in text) and any(char.isdigit() for char in text):
        exact = await exact_phone(session, workspace_id, text)
        more = more if exact is None else exact
    found = await matching(session, workspace_id, filter_ or {}, more)
    counted = await session.scalar(found.count()) if total else None
    key: ColumnElement[Any] | None = None
    if sort == "name":
        key = Contact.name.expression
    elif sort == "last_seen":
        # A literal, not a parameter: only then is it the index's expression.
        key = func.coalesce(Contact.last_seen_at, literal_column("0"))
    query, id_ = found.ids(key)
    if page is not None:
        if not 1 <= page <= 10_000_000:
            raise fields.refuse("page", "Must be at least 1.")
        query = query.offset((page - 1) * limit)
    elif cursor:
        if key is None:
            (after,) = decode_cursor(cursor, tuple[int])
            after = max(0, after)
            query = query.where(id_ < after if descending else id_ > after)
        else:
            value, after = decode_cursor(cursor, tuple[str, int] if sort == "name" else tuple[int, int])
            after = max(0, after)
            if isinstance(value, int):
                value = max(0, value)
            else:
                value = fields.text("cursor", value, maximum=1000, required=False)
            pair = tuple_(key, id_)
            query = query.where(pair < (value, after) if descending else pair > (value, after))
    order = [id_] if key is None else [key, id_]
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
    found = await matching(session, workspace_id, filter_)
    return int(await session.scalar(found.count()) or 0)


def searched(workspace_id: int, text: str) -> ColumnElement[bool]:
    """The condition of a search text: in the name, the e-mail address, the phone number or the user name, or a whole
    identity of another kind (a business-scoped user id, a Telegram id, ...)."""
    name = text.removeprefix("@").casefold()
    names = (Identity.kind == "username") & Identity.value.like(like(name), escape="\\")
    ids = Identity.kind.not_in(("username", "phone", "email")) & Identity.value.in_(
        {text, text.upper(), text.removesuffix("@lid"), text[:2].upper() + text[2:]}
    )
    named = select(Identity.contact_id).where(Identity.workspace_id == workspace_id, or_(names, ids))
    found: list[ColumnElement[bool]] = [
        contains(Contact.name, text),
        contains(Contact.email, text),
        Contact.id.in_(named),
    ]
    digits = "".join(char for char in text if char.isdigit())
    if len(digits) >= 3 and not any(char.isalpha() for char in text):
        found.append(Contact.phone.like(like(digits), escape="\\"))
    return or_(*found)
