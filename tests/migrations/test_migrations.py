"""A fresh schema equals a migrated one, on both databases; and migrations go down again."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Table, text

import jackfield.core.models  # noqa: F401 - registers the tables
from jackfield.db.base import Base
from jackfield.db.database import Database
from jackfield.db.secrets import use_key
from jackfield.migrations import config, current, head, upgrade


async def test_migrated_equals_declared(database_url: str) -> None:
    use_key("k")
    db = Database(database_url)
    await upgrade(db)

    def differences(connection: Any) -> Any:
        # The full-text index is a database's own: a virtual table with its tables here, an index of an expression there.
        ours = {
            "compare_type": True,
            "include_object": lambda _, name, *__: (
                not str(name).startswith(("search_messages", "search_names", "search_knowledge"))
            ),
        }
        context = MigrationContext.configure(connection, opts=ours)
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
        remembers = "SELECT name FROM sqlite_master WHERE type = 'table' AND sql LIKE '%AUTOINCREMENT%'"
        if db.is_sqlite:
            remembering = set((await connection.execute(text(remembers))).scalars())
            assert remembering == {name for name, table in Base.metadata.tables.items() if _remembers(table)}
    assert found == []
    assert {str(index.name) for table in Base.metadata.tables.values() for index in table.indexes} <= there
    await upgrade(db)
    assert await current(db) == head() == ScriptDirectory.from_config(config()).get_current_head()
    await db.close()


def _remembers(table: Table) -> bool:
    """Whether SQLite never gives an id of the table twice."""
    return bool(table.dialect_options["sqlite"]["autoincrement"])


async def test_an_id_that_was_deleted_is_never_given_again(database_url: str) -> None:
    use_key("k")
    db = Database(database_url)
    await upgrade(db, "0100")
    workspaces = Base.metadata.tables["workspaces"]
    row = {"name": "W", "created_at": 1, "settings": {}}

    async def insert() -> int:
        async with db.writer.begin() as connection:
            made = await connection.execute(workspaces.insert().values(row).returning(workspaces.c.id))
            return int(made.scalar_one())

    await insert()
    last = await insert()
    await upgrade(db)
    async with db.writer.begin() as connection:
        await connection.execute(workspaces.delete().where(workspaces.c.id == last))
    assert await insert() == last + 1
    async with db.writer.begin() as connection:
        await connection.execute(workspaces.delete().where(workspaces.c.id == last + 1))
        if db.is_sqlite:
            assert (await connection.execute(text("PRAGMA integrity_check"))).scalar_one() == "ok"
    await db.close()
    db = Database(database_url)
    assert await insert() == last + 2, "a new connection knows it too"
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


def test_the_file_with_the_largest_number_is_the_last() -> None:
    """Whoever adds a migration goes on from there."""
    script = ScriptDirectory.from_config(config())
    assert head() == script.get_current_head() == max(revision.revision for revision in script.walk_revisions())


def test_one_head() -> None:
    heads = ScriptDirectory.from_config(config()).get_heads()
    assert len(heads) == 1
    assert Path(config().get_main_option("script_location") or "").is_dir()
