"""A core of storage and contacts, on SQLite and on PostgreSQL."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from sqlalchemy import create_engine, text

from jackfield.core.bus import LocalBus
from jackfield.core.contacts import Contacts
from jackfield.core.core import Options
from jackfield.core.models import Workspace
from jackfield.core.unit import Unit, unit_of_work
from jackfield.db.base import Base
from jackfield.db.database import Database, sqlite_url
from jackfield.db.groupcommit import GroupCommit
from jackfield.db.secrets import use_key


class SmallCore:
    """`db`, `bus`, `unit()`, `writer`, `options` and the contacts."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self.options = Options()
        self.bus = LocalBus()
        self.writer: GroupCommit[Unit] = GroupCommit(self.unit)
        self.told: list[Any] = []
        self.bus.subscribe("events", self.told.extend)
        core: Any = self
        self.contacts = Contacts(core)

    def unit(self) -> AbstractAsyncContextManager[Unit]:
        return unit_of_work(self.db, self.bus)

    async def workspace(self, name: str = "Acme", country: str | None = "IN") -> int:
        async with self.unit() as unit:
            row = Workspace(name=name, default_country=country, settings={}, created_at=unit.now)
            unit.session.add(row)
            await unit.session.flush()
            return row.id

    async def add(self, row: Any) -> int:
        async with self.unit() as unit:
            unit.session.add(row)
            await unit.session.flush()
            number: int = row.id
        return number

    async def scalar(self, statement: Any) -> Any:
        async with self.db.read() as session:
            return await session.scalar(statement)

    async def rows(self, statement: Any) -> list[Any]:
        async with self.db.read() as session:
            return list((await session.execute(statement)).all())


@pytest.fixture(scope="session")
def contacts_postgres(postgres_server: str) -> str:
    """A database of these tests' own, emptied between them instead of made anew."""
    name = f"contacts_{os.getpid()}"

    async def make() -> None:
        connection = await asyncpg.connect(postgres_server)
        await connection.execute(f'CREATE DATABASE "{name}"')
        await connection.close()

    asyncio.run(make())
    base, _, query = postgres_server.partition("?")
    return base.rsplit("/", 1)[0] + f"/{name}" + (f"?{query}" if query else "")


@pytest.fixture(scope="session")
def empty_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database file with the tables and nothing in them, to be copied."""
    path = tmp_path_factory.mktemp("empty") / "empty.db"
    engine = create_engine(f"sqlite:///{path}")
    Base.metadata.create_all(engine)
    engine.dispose()
    return path


_prepared: set[str] = set()


async def _empty_postgres(db: Database) -> None:
    async with db.transaction() as session:
        connection = await session.connection()
        if str(db.url) not in _prepared:
            await connection.run_sync(Base.metadata.create_all)
            _prepared.add(str(db.url))
        names = ", ".join(f'"{table.name}"' for table in Base.metadata.sorted_tables)
        await connection.execute(text(f"TRUNCATE {names} RESTART IDENTITY CASCADE"))


@pytest.fixture(params=["sqlite", "postgresql"])
def contacts_url(request: pytest.FixtureRequest, tmp_path: Path, empty_sqlite: Path) -> str:
    """A database with tables of each kind."""
    if request.param == "postgresql":
        return str(request.getfixturevalue("contacts_postgres"))
    path = tmp_path / "test.db"
    shutil.copy(empty_sqlite, path)
    return sqlite_url(path)


@pytest.fixture
async def core(contacts_url: str) -> AsyncIterator[SmallCore]:
    use_key("a key for tests")
    db = Database(contacts_url)
    if not db.is_sqlite:
        await _empty_postgres(db)
    small = SmallCore(db)
    small.writer.start()
    yield small
    await small.writer.close()
    await db.close()


@pytest.fixture(scope="session")
def small_core(empty_sqlite: Path) -> Callable[[Path], SmallCore]:
    """Makes a core on a new SQLite database in a folder: for tests that need many."""

    def make(folder: Path) -> SmallCore:
        path = folder / "small.db"
        shutil.copy(empty_sqlite, path)
        return SmallCore(Database(sqlite_url(path)))

    return make


@pytest.fixture
async def ws(core: SmallCore) -> int:
    return await core.workspace()
