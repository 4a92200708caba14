"""Migrations, run by Alembic on either database from the same files.

A database whose schema is newer than this version may still be worked on: the newer version notes the first revision
whose code bears what it did (`schema_facts`), and who knows that revision goes on.
"""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
from sqlalchemy import inspect, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from jackfield.db.database import Database
from jackfield.db.postgres import UNLIMITED

from . import chain
from .chain import Step, borne, needed, pending, steps

if TYPE_CHECKING:
    from alembic.config import Config

_LOCK = 7_265_001
"""Key of the advisory lock under which PostgreSQL is migrated, so that several processes may start at once."""
_WAIT_FOR_TABLES = "3s"
"""How long a step waits for a table that is in use. Whoever comes later to that table waits behind it, so not for long."""
_TRIES = 20
_CLIENT = re.compile(r"^jackfield/(\w+)")


class SchemaRefused(Exception):
    """The database's schema and this version do not go together as asked. `message` says why and what to do."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class Schema(msgspec.Struct, frozen=True, kw_only=True):
    """How a database stands to this version."""

    revision: str | None
    """Where it stands; None: it is empty."""
    newest: str
    """The revision that this version brings it to."""
    waiting: tuple[Step, ...]
    """Steps that have not run, in their order."""
    is_ahead: bool
    """Whether it was migrated by a newer version."""
    is_usable: bool
    """Whether this version works on it as it is."""
    older: int
    """Open connections of older versions, as far as PostgreSQL tells; a pooler between hides some."""

    @property
    def is_current(self) -> bool:
        """Whether there is nothing to do."""
        return self.revision == self.newest

    @property
    def safe(self) -> tuple[Step, ...]:
        """Steps that may run while older servers work."""
        return borne(self.waiting)

    @property
    def unsafe(self) -> tuple[Step, ...]:
        """Steps for which older servers must have stopped."""
        return self.waiting[len(self.safe) :]


def config() -> Config:
    """Alembic's configuration, made here because the package may live anywhere."""
    from alembic.config import Config

    made = Config()
    made.set_main_option("path_separator", "newline")
    for name, path in (("script_location", Path(__file__).parent), ("version_locations", chain.VERSIONS)):
        made.set_main_option(name, str(path).replace("%", "%%"))
    return made


def head() -> str:
    """The newest revision: the one that no other comes after."""
    return steps()[-1].revision


def revisions() -> frozenset[str]:
    """All revisions that this version knows."""
    return frozenset(step.revision for step in steps())


async def upgrade(db: Database, revision: str = "head") -> None:
    """Bring the database to a revision; nothing happens when it is there, or was brought further by a newer version whose
    schema this one works with. Raises SchemaRefused.

    Alembic is imported only when there is something to do: it takes 5 MB and a tenth of each start.
    """
    target = head() if revision == "head" else revision
    at = await current(db)
    if at == target:
        return
    if at is not None and at not in revisions():
        if not await _bears(db):
            raise SchemaRefused(AHEAD.format(at=at, newest=head()))
        return
    if db.is_sqlite or at is None:
        await _migrate(db, target)
        return
    # One transaction each: what is locked is free again before the next step.
    wanted = pending(at)
    for step in wanted:
        await _migrate_patiently(db, step.revision)
        if step.revision == target:
            return


AHEAD = (
    "The database was migrated by a newer version of Jackfield (its schema is at {at}, this version ends with {newest}) in a"
    " way that this version cannot work with. Install the newer version, or restore the backup from before."
)


async def _migrate_patiently(db: Database, target: str) -> None:
    """One step on PostgreSQL, tried again while a table that it changes is in use. Raises SchemaRefused."""
    for trial in range(_TRIES):
        try:
            await _migrate(db, target)
            return
        except DBAPIError as error:
            if getattr(error.orig, "sqlstate", None) != "55P03":
                raise
            await asyncio.sleep(min(0.1 * 2**trial, 5.0))
    raise SchemaRefused(
        f"Step {target} could not get a table for itself: a transaction holds it for minutes (pg_stat_activity shows which)."
        " What ran before it stays; end that transaction and run the migration again."
    )


async def _migrate(db: Database, target: str) -> None:
    """Bring the database to a revision, in one transaction."""
    from alembic import command

    def run(connection: Any) -> None:
        made = config()
        made.attributes["connection"] = connection
        command.upgrade(made, target)

    async with db.writer.begin() as connection:
        if not db.is_sqlite:
            # Set for this transaction alone, which holds behind a pooler too. Steps may take long, and wait for each other.
            await connection.execute(text(f"SELECT {UNLIMITED}"))
            await connection.execute(text(f"SELECT pg_advisory_xact_lock({_LOCK})"))
        before = await _revision(connection)
        if before is not None and (
            before not in revisions() or target not in {step.revision for step in pending(before)}
        ):
            return  # another process was faster
        if not db.is_sqlite and before is not None:
            await connection.execute(text(f"SET LOCAL lock_timeout = '{_WAIT_FOR_TABLES}'"))
        await connection.run_sync(run)
        await _note(connection, before, target)


async def _note(connection: AsyncConnection, before: str | None, target: str) -> None:
    """Note from which revision on code works with what was done."""
    barrier = None
    for step in pending(before):
        if step.kind != "pre":
            barrier = step.revision
        if step.revision == target:
            break
    if barrier is not None and await connection.run_sync(lambda sync: inspect(sync).has_table("schema_facts")):
        await connection.execute(
            text("UPDATE schema_facts SET revision = :barrier WHERE name = 'works_from'"), {"barrier": barrier}
        )


async def current(db: Database) -> str | None:
    """The revision that the database is at; None when it is empty."""
    async with db.reader.connect() as connection:
        return await _revision(connection)


async def _revision(connection: AsyncConnection) -> str | None:
    def read(sync: Any) -> str | None:
        if not inspect(sync).has_table("alembic_version"):
            return None
        found: str | None = sync.execute(text("SELECT version_num FROM alembic_version")).scalar()
        return found

    return await connection.run_sync(read)


async def _bears(db: Database) -> bool:
    """Whether this version works on a database that a newer one migrated."""

    def read(sync: Any) -> str | None:
        if not inspect(sync).has_table("schema_facts"):
            return None
        found: str | None = sync.execute(text("SELECT revision FROM schema_facts WHERE name = 'works_from'")).scalar()
        return found

    async with db.reader.connect() as connection:
        return await connection.run_sync(read) in revisions()


async def inspected(db: Database) -> Schema:
    """How the database stands to this version; nothing is changed."""
    at = await current(db)
    is_ahead = at is not None and at not in revisions()
    waiting = () if is_ahead else pending(at)
    enough = next(place for place, step in enumerate(steps()) if step.revision == needed())
    return Schema(
        revision=at,
        newest=head(),
        waiting=waiting,
        is_ahead=is_ahead,
        is_usable=await _bears(db) if is_ahead else at in {step.revision for step in steps()[enough:]},
        older=await _older(db) if waiting else 0,
    )


async def _older(db: Database) -> int:
    """Open connections of older versions to this database. Each names the newest revision that it knows."""
    if db.is_sqlite:
        return 0
    async with db.reader.connect() as connection:
        names = await connection.execute(
            text(
                "SELECT application_name FROM pg_stat_activity WHERE datname = current_database()"
                " AND application_name LIKE 'jackfield/%'"
            )
        )
        known = {step.before for step in steps()}
        return sum((found := _CLIENT.match(name)) is not None and found[1] in known for name in names.scalars())
