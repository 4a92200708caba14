"""The database at one moment, while others write to it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, Final

import msgspec
from sqlalchemy import MetaData, text

from ...db.database import Database
from ...db.postgres import UNLIMITED
from .archive import SQLITE, TablePart
from .sealed import BackupError

_LISTED: Final = "SELECT DISTINCT workspace_id, sha256 FROM media"
_OURS: Final = "alembic_version"


class Snapshot(msgspec.Struct):
    """A copy of the database in a folder: `parts` by their names in the archive, `media` a file that lists the files which
    the copy speaks of."""

    revision: str
    counts: dict[str, int]
    parts: dict[str, Path]
    media: Path
    tables: list[TablePart] = []

    def files(self) -> Iterator[tuple[int, str]]:
        """Workspace and SHA-256 of each file."""
        with open(self.media, encoding="ascii") as lines:
            for line in lines:
                workspace_id, digest = line.split()
                yield int(workspace_id), digest


async def take_snapshot(db: Database, folder: Path) -> Snapshot:
    """Copy the database into a folder. Writers go on meanwhile, and none of what they write is in it.

    Raises BackupError for a database without a schema.
    """
    return _of_sqlite(db, folder) if db.is_sqlite else await _of_postgres(db, folder)


def copy_sqlite(source: Path, target: Path) -> None:
    """Copy a SQLite database that others may have open, as it is at one moment, by SQLite's own means.

    Not for a file that this process has open itself: closing one of two handles would drop the locks of both. Raises
    sqlite3.Error.
    """
    with (
        closing(sqlite3.connect(f"{source.absolute().as_uri()}?mode=rw", uri=True, timeout=30)) as old,
        closing(sqlite3.connect(target)) as new,
    ):
        # In one step: one that is taken in several begins anew whenever somebody writes in between.
        old.backup(new)
        # One file, without a companion.
        new.execute("PRAGMA journal_mode=DELETE")


def _of_sqlite(db: Database, folder: Path) -> Snapshot:
    path, media = folder / "jackfield.db", folder / "media"
    copy_sqlite(Path(db.url.database or ""), path)
    with closing(sqlite3.connect(path)) as copy, open(media, "w", encoding="ascii") as listed:
        names = [name for (name,) in copy.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")]
        if _OURS not in names:
            raise BackupError("The database is empty.")
        (revision,) = copy.execute("SELECT version_num FROM alembic_version").fetchone()
        tables = [name for name in names if name != _OURS and not name.startswith("sqlite_")]
        counts = {name: copy.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in tables}  # noqa: S608
        for workspace_id, digest in copy.execute(_LISTED):
            listed.write(f"{workspace_id}\t{digest}\n")
    return Snapshot(revision=revision, counts=counts, parts={SQLITE: path}, media=media)


async def _of_postgres(db: Database, folder: Path) -> Snapshot:
    """Each table by COPY, all in one transaction that sees one moment; no tool of the server's version is needed."""
    async with db.reader.connect() as plain:
        conn = await plain.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        await conn.execute(text(f"SELECT {UNLIMITED}"))
        metadata = MetaData()
        await conn.run_sync(metadata.reflect)
        if _OURS not in metadata.tables:
            raise BackupError("The database is empty.")
        revision = (await conn.execute(text("SELECT version_num FROM alembic_version"))).scalar_one()
        driver: Any = (await conn.get_raw_connection()).driver_connection
        made = Snapshot(revision=revision, counts={}, parts={}, media=folder / "media")
        # In the order of their references, so that they can be filled in it again.
        for number, table in enumerate(one for one in metadata.sorted_tables if one.name != _OURS):
            name, columns = str(table.name), [str(column.name) for column in table.columns]
            part = TablePart(table=name, member=f"database/{number}.copy", columns=columns)
            path = folder / f"{number}.copy"
            told = await driver.copy_from_table(name, output=str(path), columns=columns)
            made.counts[name] = int(told.split()[-1])
            sequence = (
                await driver.fetchval("SELECT pg_get_serial_sequence($1, 'id')", name) if ("id" in columns) else None
            )
            if sequence is not None:
                part.last_id = await driver.fetchval(
                    f"SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM {sequence}"  # noqa: S608
                )
            made.parts[part.member] = path
            made.tables.append(part)
        await driver.copy_from_query(_LISTED, output=str(made.media))
    return made


async def fill_postgres(db: Database, part: TablePart, source: Any) -> None:
    """Fill an empty table from what COPY wrote."""
    async with db.writer.begin() as conn:
        driver: Any = (await conn.get_raw_connection()).driver_connection
        await conn.execute(text(f"SELECT {UNLIMITED}"))
        await driver.copy_to_table(part.table, source=source, columns=part.columns)
        if part.last_id:
            sequence = await driver.fetchval("SELECT pg_get_serial_sequence($1, 'id')", part.table)
            await driver.execute("SELECT setval($1::text::regclass, $2)", sequence, part.last_id)
