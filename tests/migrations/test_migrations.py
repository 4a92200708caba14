"""A fresh schema equals a migrated one, on both databases; and migrations go down again."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text

import jackfield.core.models  # noqa: F401 - registers the tables
from jackfield.db.base import Base
from jackfield.db.database import Database
from jackfield.db.secrets import use_key
from jackfield.migrations import config, current, upgrade


async def test_migrated_equals_declared(database_url: str) -> None:
    use_key("k")
    db = Database(database_url)
    await upgrade(db)

    def differences(connection: Any) -> Any:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        with warnings.catch_warnings():
            # SQLite's indexes over expressions are not reflected: their names are compared below.
            warnings.filterwarnings("ignore", "Skipped unsupported reflection of expression-based index")
            return compare_metadata(context, Base.metadata)

    async with db.reader.connect() as connection:
        found = await connection.run_sync(differences)
        names = "SELECT name FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
        if not db.is_sqlite:
            names = "SELECT indexname FROM pg_indexes WHERE schemaname = 'public'"
        there = set((await connection.execute(text(names))).scalars())
    assert found == []
    assert {str(index.name) for table in Base.metadata.tables.values() for index in table.indexes} <= there
    await upgrade(db)
    assert await current(db) == ScriptDirectory.from_config(config()).get_current_head()
    await db.close()


async def test_down_and_up_again(database_url: str) -> None:
    use_key("k")
    db = Database(database_url)
    await upgrade(db)

    def down(connection: Any) -> None:
        made = config()
        made.attributes["connection"] = connection
        command.downgrade(made, "base")

    async with db.writer.begin() as connection:
        await connection.run_sync(down)
    assert await current(db) is None
    await upgrade(db)
    await db.close()


def test_one_head() -> None:
    heads = ScriptDirectory.from_config(config()).get_heads()
    assert len(heads) == 1
    assert Path(config().get_main_option("script_location") or "").is_dir()
