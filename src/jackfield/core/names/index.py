"""The index of names: kept beside the writers, not by them.

Triggers note whose name, number or address was written, and take what is no longer so out of the index. A step keeps the
next of those that were noted. Until then they are compared one by one (`NameFinder`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import delete, select

from ..ground.store import Store
from ..ground.unit import Unit
from ..models import Chat, Contact, NameChange, NameText
from .grams import CHAT, CONTACT, index_words, text_of_name

BATCH: Final = 200
"""Names that one step keeps."""

NAMED: Final[tuple[tuple[int, Any, tuple[Any, ...]], ...]] = (
    (CONTACT, Contact, (Contact.name, Contact.email, Contact.phone)),
    (CHAT, Chat, (Chat.name, Chat.peer)),
)
"""What has a name: its kind, its table, and the columns that are kept, as the triggers know them."""


class NameIndex:
    """The service that keeps the index."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def step(self) -> bool:
        """Keep the next names. Gives whether more may be left."""
        noted = select(NameChange.id, NameChange.key).order_by(NameChange.id).limit(BATCH)
        async with self._store.db.read() as session:
            if await session.scalar(select(NameChange.id).limit(1)) is None:
                return False
        async with self._store.unit() as unit:
            rows = (await unit.conn.execute(noted)).all()
            names, busy = await read_names(unit, {row.key for row in rows})
            done = [row for row in rows if row.key not in busy]
            await _put(unit, sorted({row.key for row in done}), names)
            await unit.conn.execute(delete(NameChange).where(NameChange.id.in_([row.id for row in done])))
        return len(rows) == BATCH and bool(done)


async def read_names(unit: Unit, keys: set[int]) -> tuple[dict[int, tuple[int, str]], set[int]]:
    """Workspaces and texts of names by key, without those that are gone; and the keys that somebody is just changing.

    What is read stays as it is until the unit's end, else the name of somebody who is erased meanwhile would be stored after
    that. On SQLite nobody else writes; on PostgreSQL the rows are locked, and this waits for nobody.
    """
    found: dict[int, tuple[int, str]] = {}
    busy: set[int] = set()
    for kind, model, columns in NAMED:
        ids = [key // 2 for key in keys if key % 2 == kind]
        if not ids:
            continue
        mine: Any = model.id.in_(ids)
        query = select(model.id, model.workspace_id, *columns).where(mine)
        if unit.conn.dialect.name != "sqlite":
            query = query.with_for_update(read=True, skip_locked=True)
        there = {row.id * 2 + kind: (row.workspace_id, text_of_name(row[2:])) for row in await unit.conn.execute(query)}
        if unit.conn.dialect.name != "sqlite" and len(there) < len(ids):
            existing = (await unit.conn.execute(select(model.id).where(mine))).scalars()
            busy |= {id_ * 2 + kind for id_ in existing} - there.keys()
        found |= there
    return found, busy


async def _put(unit: Unit, keys: Sequence[int], names: dict[int, tuple[int, str]]) -> None:
    if not keys:
        return
    await unit.conn.execute(delete(NameText).where(NameText.key.in_(keys)))
    new = [
        (key, workspace_id, text, index_words(workspace_id, key % 2, text))
        for key, (workspace_id, text) in sorted(names.items())
        if text
    ]
    if not new:
        return
    if unit.conn.dialect.name != "sqlite":
        fields = ("key", "workspace_id", "text", "words")
        await unit.conn.execute(
            unit.upsert(NameText).on_conflict_do_nothing(), [dict(zip(fields, one, strict=True)) for one in new]
        )
        return
    # By the driver, and without a trigger for the index, as messages are.
    await unit.conn.exec_driver_sql(_INSERT_TEXT, new)
    await unit.conn.exec_driver_sql(_INSERT_WORDS, [(key, words) for key, _, _, words in new])


_INSERT_TEXT: Final = "INSERT INTO name_texts (key, workspace_id, text, words) VALUES (?, ?, ?, ?)"
_INSERT_WORDS: Final = "INSERT INTO search_names (rowid, words) VALUES (?, ?)"
