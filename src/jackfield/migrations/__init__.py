"""Migrations, run by Alembic on either database from the same files."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import inspect, text

from jackfield.db.database import Database

if TYPE_CHECKING:
    from alembic.config import Config

_LOCK = 7_265_001
"""Key of the advisory lock under which PostgreSQL is migrated, so that several processes may start at once."""

_REVISION = re.compile(r'^(revision|down_revision)(?:: [^=]+)? = "(\w+)"$', re.MULTILINE)


def config() -> Config:
    """Alembic's configuration, made here because the package may live anywhere."""
    from alembic.config import Config

    made = Config()
    made.set_main_option("script_location", str(Path(__file__).parent))
    return made


def head() -> str:
    """The newest revision: the one that no other comes after."""
    chain = _chain()
    (newest,) = chain.keys() - chain.values()
    return newest


def revisions() -> frozenset[str]:
    """All revisions that this version knows."""
    return frozenset(_chain())


def _chain() -> dict[str, str]:
    """Each revision with the one before it."""
    chain: dict[str, str] = {}
    for path in (Path(__file__).parent / "versions").glob("[0-9]*.py"):
        named = dict(_REVISION.findall(path.read_text()))
        chain[named["revision"]] = named.get("down_revision", "")
    return chain


async def upgrade(db: Database, revision: str = "head") -> None:
    """Bring the database to a revision; nothing happens when it is there.

    Alembic is imported only when there is something to do: it takes 5 MB and a tenth of each start.
    """
    if revision == "head" and await current(db) == head():
        return
    from alembic import command

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

    def read(connection: Any) -> str | None:
        if not inspect(connection).has_table("alembic_version"):
            return None
        found: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
        return found

    async with db.reader.connect() as connection:
        return await connection.run_sync(read)
