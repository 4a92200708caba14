"""A person's addresses taken out of every table, whatever it is: what other people's rows say of them too.

Tables are not listed here but read from the schema, so that a new one is covered the day it is made.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final

import msgspec
from sqlalchemy import ColumnElement, Table, Text, delete, or_, select, type_coerce, update

from ...db.base import Base, Json, Sealed
from ..ground.store import Store
from ..models import Message
from ..search.index import reindex
from .person import Person, pattern

BATCH: Final = 500
ERASED: Final = "[erased]"

KEPT: Final = frozenset(
    {
        # The installation's own: an employee may have the same number as a contact, and must still be able to log in.
        "workspaces", "members", "sessions", "api_keys", "invitations", "channels", "endpoints", "instance_secrets",
        "templates", "catalogs", "products", "departments", "tags", "contact_lists", "attributes", "api_uses",
        # Limits of requests and logins; they expire by themselves within hours.
        "rate_windows",
        # Other contacts are other people. The person's own rows are deleted by id.
        "contacts", "identities", "suppressions",
    }
)  # fmt: skip
"""Tables that are left alone."""
DROPPED: Final = frozenset({"events", "calls", "budget_uses", "group_members"})
"""Tables whose rows go as a whole when they name the person."""


async def scrub(store: Store, person: Person) -> int:
    """Take the person's addresses out of the workspace's tables, in small transactions. Gives how many rows changed."""
    words = pattern(person.needles)
    if words is None:
        return 0
    changed = 0
    for table in Base.metadata.sorted_tables:
        scope = _scope(table, person.workspace_id)
        if table.name in KEPT or scope is None:
            continue
        names = pattern([*person.needles, *person.full_names])
        if any(isinstance(column.type, Sealed) for column in table.columns):
            changed += await _sealed(store, table, scope, names or words)
            continue
        texts = [column for column in table.columns if isinstance(column.type, Text | Json)]
        if texts:
            audit = table.name == "audit_entries"
            sought = [*person.needles, *(person.full_names if audit else ())]
            changed += await _texts(store, table, scope, texts, sought, (names if audit else words) or words)
    return changed


def _scope(table: Table, workspace_id: int) -> ColumnElement[bool] | None:
    """The rows of a workspace; None for a table that has nothing to do with one."""
    if "workspace_id" in table.c:
        return table.c.workspace_id == workspace_id
    for key in table.foreign_keys:
        parent = key.column.table
        if "workspace_id" in parent.c:
            return key.parent.in_(select(key.column).where(parent.c.workspace_id == workspace_id))
    return None


async def _texts(
    store: Store,
    table: Table,
    scope: ColumnElement[bool],
    texts: Sequence[Any],
    sought: Sequence[str],
    words: re.Pattern[str],
) -> int:
    keys = list(table.primary_key.columns)
    has = or_(*(type_coerce(one, Text).contains(word, autoescape=True) for one in texts for word in sought))
    query = select(*keys, *(one for one in texts if one not in keys)).where(scope, has).order_by(*keys).limit(BATCH)
    changed, after = 0, 0
    while True:
        # By the last column of the key, which in a table with a key of its own is the id.
        paged = query.where(keys[0] > after) if len(keys) == 1 and keys[0].name == "id" else query
        async with store.db.read() as session:
            rows = (await session.execute(paged)).mappings().all()
        done = 0
        async with store.unit() as unit:
            for row in rows:
                mine = [key == row[key.name] for key in keys]
                news = {one.name: cleaned(row[one.name], words) for one in texts if one not in keys}
                news = {name: value for name, value in news.items() if value != row[name]}
                if table.name in DROPPED or any(
                    isinstance(row[key.name], str) and words.search(row[key.name]) for key in keys
                ):
                    if news or any(isinstance(row[key.name], str) for key in keys):
                        await unit.conn.execute(delete(table).where(*mine))
                        done += 1
                elif news:
                    await unit.conn.execute(update(table).where(*mine).values(news))
                    if table is Message.__table__:
                        await reindex(unit, row["id"])
                    done += 1
        changed += done
        if len(rows) < BATCH:
            return changed
        if len(keys) == 1 and keys[0].name == "id":
            after = rows[-1]["id"]
        elif not done:
            return changed


async def _sealed(store: Store, table: Table, scope: ColumnElement[bool], words: re.Pattern[str]) -> int:
    """Rows that can only be read with the key: those that name the person go."""
    gone, after = 0, 0
    (key,) = table.primary_key.columns
    columns = [one for one in table.columns if isinstance(one.type, Text | Json | Sealed)]
    while True:
        query = select(key, *columns).where(scope, key > after).order_by(key).limit(BATCH)
        async with store.db.read() as session:
            rows = (await session.execute(query)).all()
        ids = [row[0] for row in rows if any(value is not None and words.search(_text(value)) for value in row[1:])]
        if ids:
            async with store.unit() as unit:
                await unit.conn.execute(delete(table).where(key.in_(ids)))
        gone += len(ids)
        if len(rows) < BATCH:
            return gone
        after = rows[-1][0]


def _text(value: Any) -> str:
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


def cleaned(value: Any, words: re.Pattern[str]) -> Any:
    """A value without the words. A text that holds JSON stays JSON of the same shape."""
    if isinstance(value, str):
        if not words.search(value):
            return value
        if value[:1] in "{[":
            try:
                return msgspec.json.encode(cleaned(msgspec.json.decode(value), words)).decode()
            except msgspec.DecodeError:
                pass
        return words.sub(ERASED, value)
    if isinstance(value, dict):
        return {cleaned(key, words): cleaned(one, words) for key, one in value.items()}
    if isinstance(value, list):
        return [cleaned(one, words) for one in value]
    if isinstance(value, int) and not isinstance(value, bool) and words.fullmatch(str(value)):
        return ERASED
    return value
