"""Many rows at once: inserting those whose ids are needed, and finding those of many keys.

`INSERT ... RETURNING` in the order of the parameters falls back to one statement per row on SQLite (measured: 2.2
statements and 130 us per message instead of one statement per batch), so the ids are taken first and sent along.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Table, and_, text, tuple_
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import AsyncConnection

from .prepared import insert_into


def upsert(backend: str, model: Any) -> Any:
    """An insert of the database's own kind (`sqlite` or `postgresql`), which knows ON CONFLICT."""
    return sqlite_insert(model) if backend == "sqlite" else postgresql_insert(model)


def among(columns: Sequence[Any], keys: Collection[tuple[Any, ...]]) -> ColumnElement[bool]:
    """That the columns of an index together have one of these values.

    `(a, b) IN (VALUES ...)` alone makes SQLite read the whole table, index or not (3.40; 75 ms for a million chats where
    the index takes 0.05): each column's own values are asked for too, which lead it to the rows, and the pairs then
    choose among them.
    """
    values = [sorted({key[place] for key in keys}) for place in range(len(columns))]
    one_by_one = [
        column == few[0] if len(few) == 1 else column.in_(few) for column, few in zip(columns, values, strict=True)
    ]
    if sum(len(few) > 1 for few in values) < 2:
        # At most one of the columns varies: its values are the keys.
        return and_(*one_by_one)
    return and_(*one_by_one, tuple_(*columns).in_(list(keys)))


_last_id = text("SELECT seq FROM sqlite_sequence WHERE name = :name")
_keeps_ids = text("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = :name AND sql LIKE '%AUTOINCREMENT%'")
_next_ids = text("SELECT nextval(pg_get_serial_sequence(:name, 'id')) FROM generate_series(1, :count)")


async def take_ids(conn: AsyncConnection, table: str, count: int) -> list[int]:
    """Ids for so many new rows of a table whose key is `id`, rising; none was ever given to another row.

    PostgreSQL's come from the sequence. On SQLite they follow the highest that the table ever had, which AUTOINCREMENT
    remembers also when that row is deleted; the caller holds the write lock (every write transaction begins
    IMMEDIATE), so nobody else takes them. Raises ValueError for a table without AUTOINCREMENT, where an id that was
    deleted would be given again.
    """
    if conn.dialect.name == "sqlite":
        last = (await conn.execute(_last_id, {"name": table})).scalar()
        if last is None:
            if (await conn.execute(_keeps_ids, {"name": table})).scalar() is None:
                raise ValueError(f"table {table} has no AUTOINCREMENT")
            last = 0
        return list(range(int(last) + 1, int(last) + 1 + count))
    taken = await conn.execute(_next_ids, {"name": table, "count": count})
    return sorted(taken.scalars())


async def insert_many(conn: AsyncConnection, model: Any, rows: list[dict[str, Any]]) -> list[int]:
    """Insert rows into a model's table; gives their ids in order. The table's key is `id`; all rows have the same keys."""
    if not rows:
        return []
    table: Table = model.__table__
    ids = await take_ids(conn, table.name, len(rows))
    await insert_into(table).run(conn, [{"id": id_, **row} for id_, row in zip(ids, rows, strict=True)])
    return ids
