"""Migrations, run by Alembic on either database from the same files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import text

from jackfield.db.database import Database

_LOCK = 7_265_001
"""Key of the advisory lock under which PostgreSQL is migrated, so that several processes may start at once."""


def config() -> Config:
    """Alembic's configuration, made here because the package may live anywhere."""
    made = Config()
    made.set_main_option("script_location", str(Path(__file__).parent))
    return made


async def upgrade(db: Database, revision: str = "head") -> None:
    """Bring the database to a revision; nothing happens when it is there."""

    def run(connection: Any) -> None:
        made = config()
        made.attributes["connection"] = connection
        command.upgrade(made, revision)

    async with db.writer.begin() as connection:
        if not db.is_sqlite:
            await connection.execute(text(f"SELECT pg_advisory_xact_lock({_LOCK})"))
        await connection.run_sync(run)


async def current(db: Database) -> str | None:
    """The revision that the database is at; None when it is empty."""
    from alembic.runtime.migration import MigrationContext

    def read(connection: Any) -> str | None:
        return MigrationContext.configure(connection).get_current_revision()

    async with db.reader.connect() as connection:
        return await connection.run_sync(read)
