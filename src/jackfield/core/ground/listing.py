"""One page of a table by its id: by cursor (fast at any depth) or by page number."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from .errors import Invalid
from .paging import Page, check_limit, decode_cursor, encode_cursor

T = TypeVar("T")


async def page_by_id(
    session: AsyncSession,
    statement: Select[Any],
    key: InstrumentedAttribute[int],
    convert: Callable[[Any], T],
    *,
    limit: int = 50,
    cursor: str | None = None,
    page: int | None = None,
    newest_first: bool = True,
    total: bool = False,
) -> Page[T]:
    """A page of `statement`, ordered by `key`.

    `page` (from 1) jumps by offset and wins over `cursor`; `total` counts all that match, which reads them all.
    Raises Invalid for a bad limit, page or cursor.
    """
    limit = check_limit(limit)
    counted: int | None = None
    if total:
        counted = await session.scalar(select(func.count()).select_from(statement.order_by(None).subquery()))
    if page is not None:
        if not 1 <= page <= 10_000_000:
            raise Invalid("page: must be at least 1", details={"page": ["Must be at least 1."]})
        statement = statement.offset((page - 1) * limit)
    elif cursor:
        (after,) = decode_cursor(cursor, tuple[int])
        after = max(0, after)
        statement = statement.where(key < after if newest_first else key > after)
    statement = statement.order_by(key.desc() if newest_first else key.asc()).limit(limit + 1)
    rows: list[Any] = list((await session.scalars(statement)).all())
    following = encode_cursor(getattr(rows[limit - 1], key.key)) if len(rows) > limit else None
    return Page(items=[convert(row) for row in rows[:limit]], cursor=following, total=counted)
