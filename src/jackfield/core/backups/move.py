"""Moving an installation's database to another one: SQLite to PostgreSQL, and back.

Rows travel as they are stored, what is sealed stays sealed, and files stay where they are. Both sides have the same schema,
made by the same migrations. Then every row is read on both
sides and compared.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

import msgspec
from sqlalchemy import (
    Column,
    MetaData,
    Table,
    Text,
    TypeDecorator,
    collate,
    func,
    inspect,
    literal,
    select,
    text,
    tuple_,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from ...db.base import Base
from ...db.database import Database, sqlite_url
from ...db.postgres import UNLIMITED, parse_address
from ...migrations import current, head, upgrade
from .restore import empty_database, settle_file
from .sealed import BackupError

PAGE: Final = 2000
"""Rows in memory at once."""
CLIENT: Final = "jackfield-move"
"""How these connections call themselves to PostgreSQL: servers call themselves jackfield/..."""

Progress = Callable[[str, str, int, int], None]
"""Told of a table after each page: `copy` or `compare`, the table, rows done, rows in all."""


class MovedTable(msgspec.Struct, frozen=True):
    """A table that was copied and compared."""

    name: str
    rows: int


async def move_database(source: str | Path, target: str | Path, progress: Progress) -> list[MovedTable]:
    """Copy everything from one database into an empty one, and compare it row by row. A database is the path of a SQLite
    file, or the address of one in PostgreSQL.

    Nobody may write to the source meanwhile. When it fails, the target is as empty as it was. A SQLite file that was moved is
    renamed (`.moved` at its end): a server that starts on it again would send once more what waits in it. Raises
    BackupError where the source is of another version or in use, the target is not empty, a row cannot be stored there, or
    a row differs; ValueError for an address.
    """
    working = target
    if isinstance(target, Path):
        if target.exists():
            raise BackupError(f"There is a database in {target}: a move overwrites nothing.")
        # It has its name when it is whole.
        working = target.with_name(f"{target.name}.moving")
        working.unlink(missing_ok=True)
    else:
        parse_address(target, name="--to")
    old, new = (
        Database(str(sqlite_url(one)) if isinstance(one, Path) else one, name=CLIENT) for one in (source, working)
    )
    try:
        moved = await _move(old, new, progress)
    finally:
        await old.close()
        await new.close()
    if isinstance(target, Path) and isinstance(working, Path):
        settle_file(working)
        working.rename(target)
    if isinstance(source, Path):
        settle_file(source)
        source.rename(source.with_name(f"{source.name}.moved"))
    return moved


async def _move(source: Database, target: Database, progress: Progress) -> list[MovedTable]:
    await _check(source, target)
    try:
        await upgrade(target, head())
        async with _reading(source) as old:
            # Twice the same moment: what is compared is what was copied.
            totals = {table.name: await _count(old, table) for table in _tables()}
            lasts = await _last_ids(source, old)
            await _clear(target)
            for table in _tables():
                await _copy(old, target, table, totals[table.name], progress)
            await _copy_again(old, target, totals, progress)
            await _index_words(target)
            await _set_last_ids(target, lasts)
            async with _reading(target) as new:
                for table in _tables():
                    await _compare(old, new, table, totals[table.name], progress)
    except BaseException:
        await empty_database(target)
        raise
    return [MovedTable(str(name), rows) for name, rows in totals.items()]


async def _check(source: Database, target: Database) -> None:
    revision = await current(source)
    if revision is None:
        raise BackupError("There is nothing to move: the database is empty.")
    if revision != head():
        raise BackupError(
            f"The database is at schema {revision}, this version works with {head()}: run `jackfield migrate`."
        )
    async with target.reader.connect() as conn:
        if await conn.run_sync(lambda sync: inspect(sync).get_table_names()):
            raise BackupError("The database to move to is not empty.")
    for one, which in ((source, "to move"), (target, "to move to")):
        if not one.is_sqlite:
            others = await _connections(one)
            if others:
                raise BackupError(
                    f"Servers are connected to the database {which} ({others} connections): stop them first."
                )


async def _connections(db: Database) -> int:
    """Connections of Jackfield's servers and commands, as far as PostgreSQL tells; a pooler between hides some."""
    async with db.reader.connect() as conn:
        found = await conn.execute(
            text(
                "SELECT count(*) FROM pg_stat_activity"
                " WHERE datname = current_database() AND application_name LIKE 'jackfield/%'"
            )
        )
        return int(found.scalar_one())


@asynccontextmanager
async def _reading(db: Database) -> AsyncIterator[AsyncConnection]:
    """A connection that sees one moment."""
    async with db.reader.connect() as conn:
        if not db.is_sqlite:
            conn = await conn.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            await conn.execute(text(f"SELECT {UNLIMITED}"))
        yield conn


def _tables() -> Sequence[Table]:
    """All tables in the order of their references, their columns as the databases have them."""
    plain = MetaData()
    return [
        Table(
            table.name,
            plain,
            *(
                Column(
                    column.name,
                    column.type.impl_instance if isinstance(column.type, TypeDecorator) else column.type,
                    primary_key=column.primary_key,
                )
                for column in table.columns
            ),
        )
        for table in Base.metadata.sorted_tables
    ]


async def _count(conn: AsyncConnection, table: Table) -> int:
    return int((await conn.execute(select(func.count()).select_from(table))).scalar_one())


async def _pages(conn: AsyncConnection, table: Table) -> AsyncIterator[Sequence[Any]]:
    """A table's rows in the order of its key, which is the same on both databases: texts by their bytes."""
    binary = "BINARY" if conn.dialect.name == "sqlite" else "C"
    key = list(table.primary_key.columns)
    order = [collate(one, binary) if isinstance(one.type, Text) else one for one in key]
    query = select(table).order_by(*order).limit(PAGE)
    places = [list(table.columns).index(one) for one in key]
    after: list[Any] | None = None
    while True:
        more = query if after is None else query.where(tuple_(*order) > tuple_(*after))
        rows = (await conn.execute(more)).all()
        if rows:
            yield rows
        if len(rows) < PAGE:
            return
        after = [literal(rows[-1][place], one.type) for place, one in zip(places, key, strict=True)]


async def _copy(old: AsyncConnection, target: Database, table: Table, total: int, progress: Progress) -> None:
    done = 0
    async for rows in _pages(old, table):
        async with target.writer.begin() as new:
            if target.is_sqlite:
                await new.execute(table.insert(), [row._asdict() for row in rows])
            else:
                _refuse_nul(table, rows)
                driver: Any = (await new.get_raw_connection()).driver_connection
                await new.execute(text(f"SELECT {UNLIMITED}"))
                names = [column.name for column in table.columns]
                await driver.copy_records_to_table(table.name, records=[tuple(row) for row in rows], columns=names)
        done += len(rows)
        progress("copy", table.name, done, total)


async def _copy_again(old: AsyncConnection, target: Database, totals: dict[str, int], progress: Progress) -> None:
    """Tables into which a trigger wrote while others were filled, such as the list of names that have changed."""
    for table in _tables():
        async with target.writer.begin() as new:
            if await _count(new, table) == totals[table.name]:
                continue
            await new.execute(table.delete())
        await _copy(old, target, table, totals[table.name], progress)


async def _index_words(target: Database) -> None:
    """Make the full-text indexes of SQLite, which stand on tables of ours; PostgreSQL's were filled with their tables."""
    if target.is_sqlite:
        async with target.writer.begin() as new:
            found = await new.execute(
                text("SELECT name FROM sqlite_master WHERE sql LIKE 'CREATE VIRTUAL TABLE%fts5%'")
            )
            for name in found.scalars().all():
                await new.execute(text(f"INSERT INTO {name}({name}) VALUES ('rebuild')"))  # noqa: S608 - one of ours


def _refuse_nul(table: Table, rows: Sequence[Any]) -> None:
    """PostgreSQL has no text with a NUL in it, and its own error would show the text."""
    for row in rows:
        for column, value in zip(table.columns, row, strict=True):
            if isinstance(value, str) and "\x00" in value:
                raise BackupError(
                    f"{_named(table, row)}: {column.name} holds a NUL character, which PostgreSQL cannot store. Mend that row"
                    " first."
                )


def _named(table: Table, row: Any) -> str:
    """A row by its number; a key that is a text may tell of a person."""
    key = [row[place] for place, column in enumerate(table.columns) if column.primary_key]
    return f"{table.name} {', '.join(str(one) if isinstance(one, int) else '...' for one in key)}"


async def _last_ids(source: Database, old: AsyncConnection) -> dict[str, int]:
    """The largest id that each table ever gave: none is given again, also after the move."""
    found: dict[str, int] = {}
    if source.is_sqlite:
        for name, number in await old.execute(text("SELECT name, seq FROM sqlite_sequence")):
            found[name] = number
    for table in _tables():
        if "id" not in table.columns:
            continue
        largest = (await old.execute(select(func.max(table.c.id)))).scalar()
        found[table.name] = max(found.get(table.name, 0), largest if isinstance(largest, int) else 0)
        if not source.is_sqlite:
            sequence = await _sequence(old, table.name)
            if sequence is not None:
                used = await old.execute(text(f"SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM {sequence}"))  # noqa: S608
                found[table.name] = max(found[table.name], used.scalar_one())
    return {name: number for name, number in found.items() if number}


async def _sequence(conn: AsyncConnection, table: str) -> str | None:
    found = await conn.execute(text("SELECT pg_get_serial_sequence(:name, 'id')"), {"name": table})
    name: str | None = found.scalar()
    return name


async def _set_last_ids(target: Database, lasts: dict[str, int]) -> None:
    async with target.writer.begin() as new:
        if target.is_sqlite:
            kept = {name for (name,) in await new.execute(text("SELECT name FROM sqlite_sequence"))}
            declared = "SELECT name FROM sqlite_master WHERE type = 'table' AND sql LIKE '%AUTOINCREMENT%'"
            for (name,) in (await new.execute(text(declared))).all():
                if name in lasts:
                    change = (
                        "UPDATE sqlite_sequence SET seq = :seq WHERE name = :name"
                        if name in kept
                        else "INSERT INTO sqlite_sequence (name, seq) VALUES (:name, :seq)"
                    )
                    await new.execute(text(change), {"name": name, "seq": lasts[name]})
            return
        for name, number in lasts.items():
            sequence = await _sequence(new, name)
            if sequence is not None:
                await new.execute(
                    text("SELECT setval(CAST(:one AS regclass), :last)"), {"one": sequence, "last": number}
                )


async def _compare(old: AsyncConnection, new: AsyncConnection, table: Table, total: int, progress: Progress) -> None:
    done = 0
    theirs = _pages(new, table)
    async for rows in _pages(old, table):
        others: Sequence[Any] = await anext(theirs, [])
        for mine, other in zip(rows, others, strict=False):
            if tuple(mine) != tuple(other):
                raise BackupError(f"{_named(table, mine)} is not the same after the move.")
        if len(rows) != len(others):
            raise BackupError(f"{table.name} has not as many rows after the move as before.")
        done += len(rows)
        progress("compare", table.name, done, total)
    if await anext(theirs, []):
        raise BackupError(f"{table.name} has more rows after the move than before.")


async def _clear(target: Database) -> None:
    """Remove what the migrations themselves wrote."""
    async with target.writer.begin() as new:
        if target.is_sqlite:
            for table in reversed(_tables()):
                await new.execute(table.delete())
        else:
            names = ", ".join(f'"{table.name}"' for table in _tables())
            await new.execute(text(f"TRUNCATE {names} CASCADE"))
