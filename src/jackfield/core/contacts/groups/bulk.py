"""Changes of all contacts of a filter, in transactions short enough for replies to go on between them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import delete

from ...ground.attempt import attempt
from ...ground.store import Store
from ...ground.unit import Unit
from ...models import ContactTag, Tag
from ..find.filters import conditions
from ..find.matching import matching
from ..people import write

CHUNK = 2000
"""Contacts per transaction: about 20 ms on SQLite."""


async def each_chunk(
    store: Store,
    workspace_id: int,
    filter_: Mapping[str, Any],
    work: Callable[[Unit, Sequence[int]], Awaitable[int]],
) -> int:
    """Change the filter's contacts, oldest first, chunk by chunk, each in a unit of its own; gives the sum of `work`.

    Nobody is visited twice, also when the change takes them out of the filter. What a chunk committed stays when a
    later one fails; repeating the whole does no harm. Raises Invalid for a bad filter.
    """
    after, sum_ = 0, 0
    while True:

        async def chunk(unit: Unit, after: int = after) -> tuple[int, int, int]:
            query, id_ = (await matching(unit.conn, workspace_id, filter_)).ids()
            query = query.where(id_ > after).order_by(id_).limit(CHUNK)
            ids = list((await unit.conn.execute(query)).scalars())
            return (len(ids), ids[-1], await work(unit, ids)) if ids else (0, after, 0)

        found, after, done = await attempt(store, chunk)
        sum_ += done
        if found < CHUNK:
            return sum_


async def tag_all(
    store: Store, workspace_id: int, filter_: Mapping[str, Any], add: Sequence[str], remove: Sequence[str], strict: bool
) -> int:
    """See `Contacts.tag_all`."""
    conditions(workspace_id, filter_)

    async def labels(unit: Unit) -> tuple[list[int], list[int]]:
        added = await write.ensure(unit, Tag, workspace_id, add, strict=strict)
        return list(added.values()), list((await write.named(unit, Tag, workspace_id, remove)).values())

    added, removed = await attempt(store, labels)

    async def work(unit: Unit, ids: Sequence[int]) -> int:
        await write.add_tags(unit, ((one, tag) for one in ids for tag in added))
        if removed:
            await unit.conn.execute(
                delete(ContactTag).where(ContactTag.contact_id.in_(ids), ContactTag.tag_id.in_(removed))
            )
        return len(ids)

    return await each_chunk(store, workspace_id, filter_, work)
